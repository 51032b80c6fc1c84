//! The program on libzmq.

use zmq_wasm_bench_peers::libzmq::{self, Socket};
use zmq_wasm_bench_peers::{Role, Task, tell_endpoint};

fn main() {
    if std::env::args().nth(1).as_deref() == Some("version") {
        return println!("{}", libzmq::version());
    }
    let task = Task::begin();
    let mut socket = Socket::new(match task.role {
        Role::Push => libzmq::PUSH,
        Role::Pull | Role::Sink => libzmq::PULL,
        Role::Rep => libzmq::REP,
        Role::Req => libzmq::REQ,
        Role::Echo => libzmq::ROUTER,
    });
    if task.binds {
        tell_endpoint(&socket.bind(&task.endpoint));
    } else {
        socket.connect(&task.endpoint);
    }
    let body = task.body();
    match task.role {
        Role::Push => loop {
            socket.send(&body);
        },
        Role::Pull => {
            let mut throughput = task.throughput();
            while !throughput.hear(socket.recv()) {}
        }
        Role::Sink => {
            let mut lots = task.lots();
            loop {
                lots.hear(socket.recv());
            }
        }
        Role::Rep | Role::Echo => loop {
            socket.echo();
        },
        Role::Req => {
            let mut round_trips = task.round_trips();
            loop {
                round_trips.ask();
                socket.send(&body);
                if round_trips.hear(socket.recv()) {
                    return;
                }
            }
        }
    }
}
