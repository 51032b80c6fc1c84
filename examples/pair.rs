//! Two tasks of one program and a PAIR between them.
//!
//! ```sh
//! cargo run --features native --example pair
//! ```

use tokio::task::spawn_local;
use zmq_wasm::native::{Context, Error, Socket, SocketType};

#[tokio::main(flavor = "local")]
async fn main() -> Result<(), Error> {
    let context = Context::new();
    let (socket, other) = (context.socket(SocketType::Pair)?, context.socket(SocketType::Pair)?);
    // On inproc:// it does not matter which is first.
    other.connect("inproc://errands")?;
    socket.bind("inproc://errands").await?;
    spawn_local(run_errands(other));
    for errand in ["bread", "milk", "done"] {
        socket.send(errand).await?;
        println!("{}", socket.recv_string().await?);
    }
    Ok(())
}

async fn run_errands(socket: Socket) -> Result<(), Error> {
    loop {
        let errand = socket.recv_string().await?;
        if errand == "done" {
            return socket.send("you are welcome").await;
        }
        socket.send(format!("got {errand}")).await?;
    }
}
