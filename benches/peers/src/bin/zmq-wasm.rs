//! The program on zmq-wasm.

use bytes::Bytes;
use tokio::runtime::Builder;
use tokio::task::LocalSet;
use zmq_wasm::native::{Context, Message, Result, SocketType};
use zmq_wasm_bench_peers::{Role, Task, tell_endpoint};

fn main() -> Result<()> {
    let task = Task::begin();
    let runtime = Builder::new_current_thread().enable_all().build().expect("the system has epoll");
    runtime.block_on(LocalSet::new().run_until(run(task)))
}

async fn run(task: Task) -> Result<()> {
    let context = Context::new();
    let socket = context.socket(match task.role {
        Role::Push => SocketType::Push,
        Role::Pull | Role::Sink => SocketType::Pull,
        Role::Rep => SocketType::Rep,
        Role::Req => SocketType::Req,
        Role::Echo => SocketType::Router,
    })?;
    if task.binds {
        tell_endpoint(&socket.bind(&task.endpoint).await?);
    } else {
        socket.connect(&task.endpoint)?;
    }
    let body = task.body();
    // As zmq_send does, each send copies the application's octets into a message of its own.
    let message = || Bytes::copy_from_slice(&body);
    match task.role {
        Role::Push => loop {
            socket.send(message()).await?;
        },
        Role::Pull => {
            let mut throughput = task.throughput();
            while !throughput.hear(length(&socket.recv().await?)) {}
        }
        Role::Sink => {
            let mut lots = task.lots();
            loop {
                lots.hear(length(&socket.recv().await?));
            }
        }
        Role::Rep | Role::Echo => loop {
            socket.send(socket.recv().await?).await?;
        },
        Role::Req => {
            let mut round_trips = task.round_trips();
            loop {
                round_trips.ask();
                socket.send(message()).await?;
                if round_trips.hear(length(&socket.recv().await?)) {
                    break;
                }
            }
        }
    }
    // What is still to be sent is of no use to anybody.
    std::process::exit(0)
}

#[inline]
fn length(message: &Message) -> usize {
    message.parts().last().map_or(0, Bytes::len)
}
