//! What a monitor tells while a peer comes and goes.
//!
//! ```sh
//! cargo run --features native --example monitor
//! ```

use zmq_wasm::native::engine::{EventKind, EventValue};
use zmq_wasm::native::{Context, Error, SocketType};

#[tokio::main(flavor = "local")]
async fn main() -> Result<(), Error> {
    let context = Context::new();
    let socket = context.socket(SocketType::Pull)?;
    let mut monitor = socket.monitor();
    let endpoint = socket.bind("tcp://127.0.0.1:*").await?;
    let peer = context.socket(SocketType::Push)?;
    peer.connect(&endpoint)?;
    while let Some(event) = monitor.recv().await {
        print!("{} at {}", event.kind.name(), event.endpoint);
        if let EventValue::Text(why) = &event.value {
            print!(": {why}");
        }
        println!();
        match event.kind {
            EventKind::HandshakeSucceeded => peer.close(),
            EventKind::Disconnected => socket.close(),
            _ => {}
        }
    }
    Ok(())
}
