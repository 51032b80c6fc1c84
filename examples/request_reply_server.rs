//! A server that answers each request.
//!
//! ```sh
//! cargo run --features native --example request_reply_server -- tcp://127.0.0.1:5555
//! cargo run --features native --example ten_requests -- tcp://127.0.0.1:5555
//! ```

use zmq_wasm::native::{Context, Error, SocketType};

#[tokio::main(flavor = "local")]
async fn main() -> Result<(), Error> {
    let endpoint = std::env::args().nth(1).unwrap_or("tcp://127.0.0.1:5555".to_owned());
    let context = Context::new();
    let socket = context.socket(SocketType::Rep)?;
    println!("listening on {}", socket.bind(&endpoint).await?);
    loop {
        let request = socket.recv_string().await?;
        socket.send(format!("reply to {request}")).await?;
    }
}
