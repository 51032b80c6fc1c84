//! A peer on the crate omq-tokio.

use bytes::Bytes;
use omq_tokio::{Context, Message, Options, SocketType};
use zmq_wasm_compat_peers::{Result, Socket, run};

fn main() {
    run::<Handle>("omq-tokio 0.33");
}

struct Handle(omq_tokio::Socket);

impl Socket for Handle {
    fn open(socket_type: &str) -> Result<Self> {
        let socket_type = match socket_type {
            "PUSH" => SocketType::Push,
            "PULL" => SocketType::Pull,
            "REQ" => SocketType::Req,
            "REP" => SocketType::Rep,
            "PUB" => SocketType::Pub,
            "SUB" => SocketType::Sub,
            "DEALER" => SocketType::Dealer,
            "ROUTER" => SocketType::Router,
            other => return Err(format!("no socket type {other}").into()),
        };
        Ok(Self(Context::current().socket(socket_type, Options::default())))
    }

    async fn bind(&mut self, endpoint: &str) -> Result<String> {
        Ok(self.0.bind(endpoint.replace(":*", ":0").as_str()).await?.to_string())
    }

    async fn connect(&mut self, endpoint: &str) -> Result {
        Ok(self.0.connect(endpoint).await?)
    }

    async fn subscribe(&mut self, topic: &[u8]) -> Result {
        Ok(self.0.subscribe(Bytes::copy_from_slice(topic)).await?)
    }

    async fn send(&mut self, parts: Vec<Bytes>) -> Result {
        Ok(self.0.send(Message::multipart(parts)).await?)
    }

    async fn recv(&mut self) -> Result<Vec<Bytes>> {
        let message = self.0.recv().await?;
        Ok(message.iter().collect())
    }
}
