//! A publisher of two topics, ten times a second.
//!
//! ```sh
//! cargo run --features native --example publisher -- tcp://127.0.0.1:5556
//! cargo run --features native --example subscriber -- tcp://127.0.0.1:5556
//! ```

use std::time::Duration;

use tokio::time::interval;
use zmq_wasm::native::{Context, Error, SocketType};

#[tokio::main(flavor = "local")]
async fn main() -> Result<(), Error> {
    let endpoint = std::env::args().nth(1).unwrap_or("tcp://127.0.0.1:5556".to_owned());
    let context = Context::new();
    let socket = context.socket(SocketType::Pub)?;
    println!("listening on {}", socket.bind(&endpoint).await?);
    let mut ticks = interval(Duration::from_millis(100));
    for number in 1.. {
        ticks.tick().await;
        // Who is not subscribed to a topic does not get it; who comes late has missed what was before.
        for topic in ["weather", "sports"] {
            socket.send([topic.to_owned(), format!("{topic} report {number}")]).await?;
        }
    }
    Ok(())
}
