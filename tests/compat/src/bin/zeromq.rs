//! A peer on the crate zeromq (zmq.rs).

use bytes::Bytes;
use zeromq::prelude::*;
use zeromq::{
    DealerSocket, PubSocket, PullSocket, PushSocket, RepSocket, ReqSocket, RouterSocket, SubSocket,
    ZmqMessage,
};
use zmq_wasm_compat_peers::{Result, run};

fn main() {
    run::<Handle>("zeromq 0.7");
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

impl zmq_wasm_compat_peers::Socket for Handle {
    fn open(socket_type: &str) -> Result<Self> {
        Ok(match socket_type {
            "PUSH" => Self::Push(PushSocket::new()),
            "PULL" => Self::Pull(PullSocket::new()),
            "REQ" => Self::Req(ReqSocket::new()),
            "REP" => Self::Rep(RepSocket::new()),
            "PUB" => Self::Pub(PubSocket::new()),
            "SUB" => Self::Sub(SubSocket::new()),
            "DEALER" => Self::Dealer(DealerSocket::new()),
            "ROUTER" => Self::Router(RouterSocket::new()),
            other => return Err(format!("no socket type {other}").into()),
        })
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

    async fn subscribe(&mut self, topic: &[u8]) -> Result {
        let topic = std::str::from_utf8(topic)?;
        each!(self, [Sub], socket => socket.subscribe(topic).await?);
        Ok(())
    }

    async fn send(&mut self, parts: Vec<Bytes>) -> Result {
        let message = ZmqMessage::try_from(parts).map_err(|_| "a message has at least one part")?;
        each!(self, [Push Req Rep Pub Dealer Router], socket => socket.send(message).await?);
        Ok(())
    }

    async fn recv(&mut self) -> Result<Vec<Bytes>> {
        let message = each!(self, [Pull Req Rep Sub Dealer Router], socket => socket.recv().await?);
        Ok(message.into_vec())
    }
}
