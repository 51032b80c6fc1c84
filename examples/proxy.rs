//! A proxy between publishers and subscribers: messages go one way, subscriptions the other. Each direction is
//! a stream forwarded to a sink.
//!
//! ```sh
//! cargo run --features native --example publisher -- tcp://127.0.0.1:5557
//! cargo run --features native --example proxy -- tcp://127.0.0.1:5556 tcp://127.0.0.1:5557
//! cargo run --features native --example subscriber -- tcp://127.0.0.1:5556
//! ```

use futures_util::StreamExt;
use zmq_wasm::native::{Context, Error, SocketType};

#[tokio::main(flavor = "local")]
async fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let context = Context::new();
    let (subscribers, publishers) = (context.socket(SocketType::Xpub)?, context.socket(SocketType::Xsub)?);
    println!("listening on {}", subscribers.bind(&arguments.next().expect("where to listen")).await?);
    for publisher in arguments {
        publishers.connect(&publisher)?;
    }
    let messages = publishers.clone().forward(subscribers.clone());
    let subscriptions = subscribers.forward(publishers);
    tokio::try_join!(messages, subscriptions)?;
    Ok(())
}
