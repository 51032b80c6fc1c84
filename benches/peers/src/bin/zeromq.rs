//! The program on the crate zeromq (zmq.rs), on the runtime of its own benchmarks. Its PUB drops what is too much.

use bytes::Bytes;
use tokio::runtime::{Builder, Runtime};
use zeromq::prelude::*;
use zeromq::{
    DealerSocket, PubSocket, PullSocket, PushSocket, RepSocket, ReqSocket, RouterSocket, SubSocket,
    ZmqMessage,
};
use zmq_wasm_bench_peers::{Contender, Kind, Result, run};

fn main() {
    run::<Zeromq>();
}

struct Zeromq;

impl Contender for Zeromq {
    type Socket = Handle;

    fn runtime() -> Runtime {
        Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("the system has epoll and threads")
    }

    fn new() -> Self {
        Self
    }

    async fn socket(&self, kind: Kind, _size: usize) -> Result<Handle> {
        Ok(match kind {
            Kind::Push => Handle::Push(PushSocket::new()),
            Kind::Pull => Handle::Pull(PullSocket::new()),
            Kind::Req => Handle::Req(ReqSocket::new()),
            Kind::Rep => Handle::Rep(RepSocket::new()),
            Kind::Pub => Handle::Pub(PubSocket::new()),
            Kind::Sub => {
                let mut socket = SubSocket::new();
                socket.subscribe("").await?;
                Handle::Sub(socket)
            }
            Kind::Dealer => Handle::Dealer(DealerSocket::new()),
            Kind::Router => Handle::Router(RouterSocket::new()),
        })
    }
}

/// Each type of socket is a type of its own.
enum Handle {
    Push(PushSocket),
    Pull(PullSocket),
    Req(ReqSocket),
    Rep(RepSocket),
    Pub(PubSocket),
    Sub(SubSocket),
    Dealer(DealerSocket),
    Router(RouterSocket),
}

/// The same call on whichever it is.
macro_rules! each {
    ($handle:expr, [$($kind:ident)*], $socket:ident => $call:expr) => {
        match $handle {
            $(Handle::$kind($socket) => $call,)*
            #[allow(unreachable_patterns)]
            _ => return Err("not a call for this type of socket".into()),
        }
    };
}

impl Handle {
    async fn receive(&mut self) -> Result<ZmqMessage> {
        Ok(each!(self, [Pull Req Rep Sub Dealer Router], socket => socket.recv().await?))
    }
}

impl zmq_wasm_bench_peers::Socket for Handle {
    type Message = ZmqMessage;

    fn message(octets: Vec<u8>) -> ZmqMessage {
        Bytes::from(octets).into()
    }

    async fn bind(&mut self, endpoint: &str) -> Result<String> {
        let endpoint = endpoint.replace(":*", ":0");
        let bound =
            each!(self, [Push Pull Req Rep Pub Sub Dealer Router], socket => socket.bind(&endpoint).await?);
        Ok(bound.to_string())
    }

    async fn connect(&mut self, endpoint: &str) -> Result {
        each!(self, [Push Pull Req Rep Pub Sub Dealer Router], socket => socket.connect(endpoint).await?);
        Ok(())
    }

    async fn send(&mut self, message: &ZmqMessage) -> Result {
        let message = message.clone();
        each!(self, [Push Req Rep Pub Dealer Router], socket => socket.send(message).await?);
        Ok(())
    }

    async fn recv(&mut self) -> Result<usize> {
        let message = self.receive().await?;
        Ok(message.iter().last().map_or(0, Bytes::len))
    }

    async fn echo(&mut self) -> Result {
        let message = self.receive().await?;
        each!(self, [Rep Router], socket => socket.send(message).await?);
        Ok(())
    }
}
