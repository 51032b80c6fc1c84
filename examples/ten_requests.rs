//! Ten requests at once on one REQ socket. Each waits its turn and gets its own reply.
//!
//! ```sh
//! cargo run --features native --example request_reply_server -- tcp://127.0.0.1:5555
//! cargo run --features native --example ten_requests -- tcp://127.0.0.1:5555
//! ```

use tokio::task::JoinSet;
use zmq_wasm::native::{Context, Error, Socket, SocketType};

#[tokio::main(flavor = "local")]
async fn main() -> Result<(), Error> {
    let endpoint = std::env::args().nth(1).unwrap_or("tcp://127.0.0.1:5555".to_owned());
    let context = Context::new();
    let socket = context.socket(SocketType::Req)?;
    socket.connect(&endpoint)?;

    let mut requests = JoinSet::new();
    for number in 1..=10 {
        requests.spawn_local(ask(socket.clone(), format!("request {number}")));
    }
    for outcome in requests.join_all().await {
        let (request, reply) = outcome?;
        assert_eq!(reply, format!("reply to {request}"));
        println!("{request}: {reply}");
    }
    Ok(())
}

async fn ask(socket: Socket, request: String) -> Result<(String, String), Error> {
    socket.send_string(&request).await?;
    let reply = socket.recv_string().await?;
    Ok((request, reply))
}
