//! A SERVER that answers each CLIENT by its number, and may do so any number of times.
//!
//! ```sh
//! cargo run --features native --example client_server
//! ```

use tokio::task::spawn_local;
use zmq_wasm::native::{Context, Error, Message, Socket, SocketType};

#[tokio::main(flavor = "local")]
async fn main() -> Result<(), Error> {
    let context = Context::new();
    let (server, client) = (context.socket(SocketType::Server)?, context.socket(SocketType::Client)?);
    client.connect(&server.bind("tcp://127.0.0.1:*").await?)?;
    spawn_local(count(server));
    client.send("3").await?;
    for _ in 0..3 {
        println!("{}", client.recv_string().await?);
    }
    Ok(())
}

/// Counts as far as each request wants.
async fn count(server: Socket) -> Result<(), Error> {
    loop {
        let request = server.recv().await?;
        let Some(client) = request.routing_id() else { continue };
        let limit = String::from_utf8_lossy(&request.parts()[1]).parse().unwrap_or(0);
        for number in 1..=limit {
            server.send(Message::to_peer(client, format!("{number} of {limit}"))).await?;
        }
    }
}
