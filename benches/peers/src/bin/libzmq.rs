//! The program on libzmq, in the manner of its own perf programs: blocking calls, each message made anew and not filled.
//! libzmq has a thread of its own for input and output.

use std::thread;

use zmq_wasm_bench_peers::libzmq::{self, Context, Socket};
use zmq_wasm_bench_peers::{Beside, Contender, KEYS, Kind, Result, is_by_curve, run};

fn main() {
    run::<Libzmq>();
}

/// So many messages in a row from one socket, when others may have some too.
const TURN: usize = 64;

struct Libzmq(Context);

impl Contender for Libzmq {
    type Socket = Handle;

    fn new() -> Self {
        Self(Context::new())
    }

    async fn socket(&self, kind: Kind, _size: usize) -> Result<Handle> {
        let socket = self.0.socket(match kind {
            Kind::Push => libzmq::PUSH,
            Kind::Pull => libzmq::PULL,
            Kind::Req => libzmq::REQ,
            Kind::Rep => libzmq::REP,
            Kind::Pub => libzmq::PUB,
            Kind::Sub => libzmq::SUB,
            Kind::Dealer => libzmq::DEALER,
            Kind::Router => libzmq::ROUTER,
        });
        match kind {
            Kind::Pub => socket.drop_nothing(),
            Kind::Sub => socket.subscribe_all(),
            Kind::Push | Kind::Pull if is_by_curve() => socket.encrypt(kind == Kind::Pull, KEYS),
            _ => {}
        }
        Ok(Handle(socket))
    }
}

struct Handle(Socket);

impl zmq_wasm_bench_peers::Socket for Handle {
    /// How long it is.
    type Message = usize;

    fn message(octets: Vec<u8>) -> usize {
        octets.len()
    }

    async fn bind(&mut self, endpoint: &str) -> Result<String> {
        Ok(self.0.bind(endpoint))
    }

    async fn connect(&mut self, endpoint: &str) -> Result {
        self.0.connect(endpoint);
        Ok(())
    }

    async fn send(&mut self, size: &usize) -> Result {
        self.0.send(*size);
        Ok(())
    }

    async fn recv(&mut self) -> Result<usize> {
        Ok(self.0.recv())
    }

    async fn echo(&mut self) -> Result {
        self.0.echo();
        Ok(())
    }

    fn work_beside(mut self, work: Beside<usize>) {
        thread::spawn(move || {
            loop {
                match work {
                    Beside::Push(size) => self.0.send(size),
                    Beside::Echo => self.0.echo(),
                }
            }
        });
    }

    async fn hear_all(sockets: Vec<Self>, request: Option<usize>, mut hear: impl FnMut(usize)) {
        let mut sockets: Vec<Socket> = sockets.into_iter().map(|handle| handle.0).collect();
        libzmq::poll(&mut sockets, |socket| {
            for _ in 0..TURN {
                let Some(length) = socket.try_recv() else { return };
                hear(length);
                if let Some(size) = request {
                    socket.send(size);
                }
            }
        })
    }
}
