//! A broker: clients ask its ROUTER, and its DEALER shares the requests out among servers.
//!
//! ```sh
//! cargo run --features native --example request_reply_server -- tcp://127.0.0.1:5560
//! cargo run --features native --example request_reply_server -- tcp://127.0.0.1:5561
//! cargo run --features native --example broker -- tcp://127.0.0.1:5555 tcp://127.0.0.1:5560 tcp://127.0.0.1:5561
//! cargo run --features native --example ten_requests -- tcp://127.0.0.1:5555
//! ```

use zmq_wasm::native::{Context, Error, SocketType, proxy};

#[tokio::main(flavor = "local")]
async fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let context = Context::new();
    let (clients, servers) = (context.socket(SocketType::Router)?, context.socket(SocketType::Dealer)?);
    println!("listening on {}", clients.bind(&arguments.next().expect("where to listen")).await?);
    for server in arguments {
        servers.connect(&server)?;
    }
    // The part that the ROUTER put in front of a request brings the reply back to who asked.
    match proxy(&clients, &servers, None).await? {}
}
