//! A pipeline: a ventilator gives out jobs by PUSH, workers do them, and a sink collects by PULL what comes of
//! them. All three would be programs of their own on as many machines as there are.
//!
//! ```sh
//! cargo run --features native --example pipeline
//! ```

use tokio::task::spawn_local;
use zmq_wasm::native::{Context, Error, Socket, SocketType};

const JOBS: u64 = 20;

#[tokio::main(flavor = "local")]
async fn main() -> Result<(), Error> {
    let context = Context::new();
    let (ventilator, sink) = (context.socket(SocketType::Push)?, context.socket(SocketType::Pull)?);
    let jobs = ventilator.bind("tcp://127.0.0.1:*").await?;
    let results = sink.bind("tcp://127.0.0.1:*").await?;
    for name in ["Ada", "Bob", "Cy"] {
        let (from, to) = (context.socket(SocketType::Pull)?, context.socket(SocketType::Push)?);
        from.connect(&jobs)?;
        to.connect(&results)?;
        spawn_local(work(name, from, to));
    }
    // Jobs go to the workers in turn; while all have enough, the send waits.
    for number in 1..=JOBS {
        ventilator.send(number.to_string()).await?;
    }
    let mut sum = 0;
    for _ in 0..JOBS {
        let (worker, square): (String, u64) = sink.recv_json().await?;
        println!("{worker}: {square}");
        sum += square;
    }
    println!("sum of squares: {sum}");
    Ok(())
}

async fn work(name: &str, from: Socket, to: Socket) -> Result<(), Error> {
    loop {
        let number: u64 = from.recv_json().await?;
        to.send_json(&(name, number * number)).await?;
    }
}
