//! The program on rzmq with its standard backend, on the runtime of its own benchmarks.

use bytes::Bytes;
use rzmq::socket::{LAST_ENDPOINT, SUBSCRIBE, XPUB_NODROP};
use rzmq::{Context, Msg, Socket, SocketType};
use tokio::runtime::Runtime;
use zmq_wasm_bench_peers::{Contender, Kind, Result, run};

fn main() {
    run::<Rzmq>();
}

struct Rzmq(Context);

impl Contender for Rzmq {
    type Socket = Handle;

    fn runtime() -> Runtime {
        Runtime::new().expect("the system has epoll and threads")
    }

    fn new() -> Self {
        Self(Context::new().expect("nothing else was made before"))
    }

    async fn socket(&self, kind: Kind, _size: usize) -> Result<Handle> {
        let socket = self.0.socket(match kind {
            Kind::Push => SocketType::Push,
            Kind::Pull => SocketType::Pull,
            Kind::Req => SocketType::Req,
            Kind::Rep => SocketType::Rep,
            Kind::Pub => SocketType::Pub,
            Kind::Sub => SocketType::Sub,
            Kind::Dealer => SocketType::Dealer,
            Kind::Router => SocketType::Router,
        })?;
        match kind {
            Kind::Pub => socket.set_option(XPUB_NODROP, 1_i32).await?,
            Kind::Sub => socket.set_option(SUBSCRIBE, "").await?,
            _ => {}
        }
        Ok(Handle { socket, is_routed: kind == Kind::Router })
    }
}

struct Handle {
    socket: Socket,
    /// Messages have their sender's name in front.
    is_routed: bool,
}

impl zmq_wasm_bench_peers::Socket for Handle {
    type Message = Bytes;

    fn message(octets: Vec<u8>) -> Bytes {
        octets.into()
    }

    async fn bind(&mut self, endpoint: &str) -> Result<String> {
        self.socket.bind(&endpoint.replace(":*", ":0")).await?;
        Ok(String::from_utf8(self.socket.get_option(LAST_ENDPOINT).await?)?)
    }

    async fn connect(&mut self, endpoint: &str) -> Result {
        Ok(self.socket.connect(endpoint).await?)
    }

    async fn send(&mut self, body: &Bytes) -> Result {
        Ok(self.socket.send(Msg::from_bytes(body.clone())).await?)
    }

    async fn recv(&mut self) -> Result<usize> {
        Ok(self.socket.recv().await?.size())
    }

    async fn echo(&mut self) -> Result {
        if self.is_routed {
            let parts = self.socket.recv_multipart().await?;
            return Ok(self.socket.send_multipart(parts).await?);
        }
        let message = self.socket.recv().await?;
        Ok(self.socket.send(message).await?)
    }
}
