//! A socket is a `Stream` of what it receives and a `Sink` for what it sends, so all of the futures crate's
//! adapters are for it.
//!
//! ```sh
//! cargo run --features native --example stream_and_sink
//! ```

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::task::spawn_local;
use tokio::time::timeout;
use zmq_wasm::native::{Context, Error, Message, SocketType};

#[tokio::main(flavor = "local")]
async fn main() -> Result<(), Error> {
    let context = Context::new();
    let (push, pull) = (context.socket(SocketType::Push)?, context.socket(SocketType::Pull)?);
    push.connect(&pull.bind("tcp://127.0.0.1:*").await?)?;

    // The sink waits while the queue is full, and closes the socket behind the last message.
    let words = stream::iter(["so", "many", "words"]).map(|word| {
        println!("sending {word}");
        Ok(Message::from(word))
    });
    spawn_local(words.forward(push));

    let lengths = pull.clone().map_ok(|message| message.parts()[0].len()).take(3);
    println!("lengths: {:?}", lengths.try_collect::<Vec<_>>().await?);

    // A stream may be dropped or left at any time, and takes no message with it.
    let mut rest = pull.clone();
    assert!(timeout(Duration::from_millis(10), rest.next()).await.is_err());
    pull.close();
    assert!(rest.next().await.is_none());
    println!("closed");
    Ok(())
}
