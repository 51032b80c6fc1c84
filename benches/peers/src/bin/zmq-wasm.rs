//! The program on zmq-wasm.

use zmq_wasm::native::{Context, Message, Socket, SocketOption, SocketType};
use zmq_wasm_bench_peers::{Contender, KEYS, Kind, Result, is_by_curve, run};

fn main() {
    run::<ZmqWasm>();
}

struct ZmqWasm(Context);

impl Contender for ZmqWasm {
    type Socket = Handle;

    fn new() -> Self {
        Self(Context::new())
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
            Kind::Pub => socket.set(SocketOption::XpubNodrop, true)?,
            Kind::Sub => socket.subscribe("")?,
            Kind::Push | Kind::Pull if is_by_curve() => encrypt(&socket, kind == Kind::Pull)?,
            _ => {}
        }
        Ok(Handle(socket))
    }
}

/// Has CURVE encrypt, as its server or as a client of one who has the same keys.
fn encrypt(socket: &Socket, is_server: bool) -> Result {
    let (public, secret) = KEYS;
    socket.set_string(SocketOption::CurveSecretKey, secret)?;
    if is_server {
        socket.set(SocketOption::CurveServer, true)?;
    } else {
        socket.set_string(SocketOption::CurvePublicKey, public)?;
        socket.set_string(SocketOption::CurveServerKey, public)?;
    }
    Ok(())
}

struct Handle(Socket);

impl zmq_wasm_bench_peers::Socket for Handle {
    type Message = Message;

    fn message(octets: Vec<u8>) -> Message {
        octets.into()
    }

    async fn bind(&mut self, endpoint: &str) -> Result<String> {
        Ok(self.0.bind(endpoint).await?)
    }

    async fn connect(&mut self, endpoint: &str) -> Result {
        Ok(self.0.connect(endpoint)?)
    }

    async fn send(&mut self, message: &Message) -> Result {
        Ok(self.0.send(message.clone()).await?)
    }

    async fn recv(&mut self) -> Result<usize> {
        Ok(self.0.recv().await?.parts().last().map_or(0, |body| body.len()))
    }

    async fn echo(&mut self) -> Result {
        let message = self.0.recv().await?;
        Ok(self.0.send(message).await?)
    }
}
