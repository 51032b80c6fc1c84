//! The program on omq-tokio, in the manner of its own `omq_bench_peer_tokio`: its sockets on the one thread of the
//! application, small messages made anew, others cloned, and what can be done at once is not awaited.

use bytes::Bytes;
use omq_tokio::{
    Context, Error, Message, Options, Socket, SocketType, TrySendError, message::MAX_INLINE_MESSAGE,
};
use zmq_wasm_bench_peers::{Contender, Kind, Result, run};

fn main() {
    run::<Omq>();
}

struct Omq(Context);

impl Contender for Omq {
    type Socket = Handle;

    fn new() -> Self {
        Self(Context::current())
    }

    async fn socket(&self, kind: Kind, _size: usize) -> Result<Handle> {
        let options = Options { xpub_nodrop: kind == Kind::Pub, ..Options::default() };
        let socket_type = match kind {
            Kind::Push => SocketType::Push,
            Kind::Pull => SocketType::Pull,
            Kind::Req => SocketType::Req,
            Kind::Rep => SocketType::Rep,
            Kind::Pub => SocketType::Pub,
            Kind::Sub => SocketType::Sub,
            Kind::Dealer => SocketType::Dealer,
            Kind::Router => SocketType::Router,
        };
        let socket = self.0.socket(socket_type, options);
        if kind == Kind::Sub {
            socket.subscribe(Bytes::new()).await?;
        }
        Ok(Handle(socket))
    }
}

struct Handle(Socket);

impl zmq_wasm_bench_peers::Socket for Handle {
    type Message = Bytes;

    fn message(octets: Vec<u8>) -> Bytes {
        octets.into()
    }

    async fn bind(&mut self, endpoint: &str) -> Result<String> {
        Ok(self.0.bind(endpoint).await?.to_string())
    }

    async fn connect(&mut self, endpoint: &str) -> Result {
        Ok(self.0.connect(endpoint).await?)
    }

    async fn send(&mut self, body: &Bytes) -> Result {
        let message = if body.len() <= MAX_INLINE_MESSAGE {
            Message::from_slice(body)
        } else {
            Message::single(body.clone())
        };
        match self.0.try_send(message) {
            Err(TrySendError::Full(message)) => Ok(self.0.send(message).await?),
            sent => Ok(sent?),
        }
    }

    async fn recv(&mut self) -> Result<usize> {
        match self.0.try_recv() {
            Err(Error::WouldBlock) => Ok(self.0.recv().await?.byte_len()),
            message => Ok(message?.byte_len()),
        }
    }

    async fn echo(&mut self) -> Result {
        let message = self.0.recv().await?;
        Ok(self.0.send(message).await?)
    }
}
