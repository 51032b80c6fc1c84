//! A ROUTER and a DEALER in one loop, by a poller: the ROUTER answers what the DEALER asks.
//!
//! ```sh
//! cargo run --features native --example poller
//! ```

use std::time::Duration;

use zmq_wasm::native::{Context, Error, Message, POLLIN, Poller, SocketType};

#[tokio::main(flavor = "local")]
async fn main() -> Result<(), Error> {
    let context = Context::new();
    let (router, dealer) = (context.socket(SocketType::Router)?, context.socket(SocketType::Dealer)?);
    dealer.connect(&router.bind("tcp://127.0.0.1:*").await?)?;
    for number in 1..=3 {
        dealer.send(format!("question {number}")).await?;
    }

    let mut poller = Poller::new();
    poller.register(&router, POLLIN);
    poller.register(&dealer, POLLIN);
    let mut answers = 0;
    while answers < 3 {
        for (socket, _events) in poller.poll(Some(Duration::from_secs(10))).await? {
            let mut message = socket.recv().await?;
            if socket.socket_type() == SocketType::Router {
                // The first part says who asked, and brings the answer back there.
                let asker = message.pop_front().expect("a ROUTER puts the routing id in front");
                let question = String::from_utf8_lossy(&message.parts()[0]).into_owned();
                println!("ROUTER: {question}");
                socket.send(Message::from([asker, format!("answer to {question}").into()])).await?;
            } else {
                println!("DEALER: {}", String::from_utf8_lossy(&message.parts()[0]));
                answers += 1;
            }
        }
    }
    Ok(())
}
