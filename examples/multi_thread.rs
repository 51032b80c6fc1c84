//! A socket for the tasks of a multi-thread runtime: it lives on a thread of its own, and the tasks have a
//! handle to it.
//!
//! ```sh
//! cargo run --features native --example multi_thread
//! ```

use tokio::task::JoinSet;
use zmq_wasm::native::{Context, Error, SocketType};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let (server, endpoint) = Context::spawn_thread(async |context| {
        let socket = context.socket(SocketType::Rep)?;
        let endpoint = socket.bind("tcp://127.0.0.1:*").await?;
        Ok((socket.remote(), endpoint))
    })
    .await?;
    tokio::spawn(async move {
        while let Ok(request) = server.recv().await {
            server.send(request).await.expect("a request was received");
        }
    });

    let client = Context::spawn_thread(async move |context| {
        let socket = context.socket(SocketType::Req)?;
        socket.connect(&endpoint)?;
        Ok(socket.remote())
    })
    .await?;
    let mut tasks = JoinSet::new();
    for number in 1..=10 {
        let client = client.clone();
        // Each gets the reply to its own request.
        tasks.spawn(async move {
            let reply = client.request(format!("request {number}")).await?;
            Ok::<_, Error>(format!("{number}: {}", String::from_utf8_lossy(&reply.parts()[0])))
        });
    }
    while let Some(line) = tasks.join_next().await {
        println!("{}", line.expect("no task panics")?);
    }
    Ok(())
}
