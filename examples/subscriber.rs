//! A subscriber to the topic `weather`. It ends after five messages.
//!
//! ```sh
//! cargo run --features native --example publisher -- tcp://127.0.0.1:5556
//! cargo run --features native --example subscriber -- tcp://127.0.0.1:5556
//! ```

use zmq_wasm::native::{Context, Error, SocketOption, SocketType};

#[tokio::main(flavor = "local")]
async fn main() -> Result<(), Error> {
    let endpoint = std::env::args().nth(1).unwrap_or("tcp://127.0.0.1:5556".to_owned());
    let context = Context::new();
    let socket = context.socket(SocketType::Sub)?;
    socket.set_string(SocketOption::Subscribe, "weather")?;
    socket.connect(&endpoint)?;
    for _ in 0..5 {
        let message = socket.recv().await?;
        let parts: Vec<_> = message.parts().iter().map(|part| String::from_utf8_lossy(part)).collect();
        println!("{}", parts.join(": "));
    }
    Ok(())
}
