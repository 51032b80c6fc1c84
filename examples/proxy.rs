//! A proxy between publishers and subscribers: messages go one way, subscriptions the other.
//!
//! ```sh
//! cargo run --features native --example publisher -- tcp://127.0.0.1:5557
//! cargo run --features native --example proxy -- tcp://127.0.0.1:5556 tcp://127.0.0.1:5557
//! cargo run --features native --example subscriber -- tcp://127.0.0.1:5556
//! ```

use zmq_wasm::native::{Context, Error, SocketType, proxy};

#[tokio::main(flavor = "local")]
async fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let context = Context::new();
    let (subscribers, publishers) = (context.socket(SocketType::Xpub)?, context.socket(SocketType::Xsub)?);
    println!("listening on {}", subscribers.bind(&arguments.next().expect("where to listen")).await?);
    for publisher in arguments {
        publishers.connect(&publisher)?;
    }
    match proxy(&subscribers, &publishers, None).await? {}
}
