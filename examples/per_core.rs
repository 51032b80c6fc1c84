//! A server with one context per core, all on one port. The system shares the connections out among them.
//!
//! ```sh
//! cargo run --features native --example per_core -- tcp://127.0.0.1:5555
//! cargo run --features native --example ten_requests -- tcp://127.0.0.1:5555
//! ```

use std::thread::available_parallelism;

use tokio::task::spawn_local;
use zmq_wasm::native::{Context, Error, Socket, SocketOption, SocketType};

#[tokio::main(flavor = "local")]
async fn main() -> Result<(), Error> {
    // The first fills in the port, and the others bind the same.
    let mut endpoint = std::env::args().nth(1).unwrap_or("tcp://127.0.0.1:5555".to_owned());
    let cores = available_parallelism().map_or(1, usize::from);
    for _ in 0..cores {
        endpoint = Context::spawn_thread(async move |context| {
            let socket = context.socket(SocketType::Rep)?;
            socket.set(SocketOption::ReusePort, true)?;
            let endpoint = socket.bind(&endpoint).await?;
            spawn_local(serve(socket));
            Ok(endpoint)
        })
        .await?;
    }
    println!("listening on {endpoint}");
    // The threads serve for as long as the program runs.
    std::future::pending().await
}

async fn serve(socket: Socket) -> Result<(), Error> {
    loop {
        let request = socket.recv_string().await?;
        socket.send(format!("reply to {request}")).await?;
    }
}
