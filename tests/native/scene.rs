//! Two sockets, ours and a peer's, and what their types have to say to each other.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;
use zmq_wasm::native::{Message, Socket, SocketType};

use crate::peer::Handle;
use crate::support::messages;

/// One end of a connection.
#[derive(Clone)]
pub(crate) enum End {
    Ours(Socket),
    Theirs(Handle, SocketType),
}

impl End {
    fn kind(&self) -> SocketType {
        match self {
            Self::Ours(socket) => socket.socket_type(),
            Self::Theirs(_, kind) => *kind,
        }
    }

    async fn send(&self, message: &Message) {
        match self {
            Self::Ours(socket) => socket.send(message.clone()).await.unwrap(),
            Self::Theirs(handle, _) => handle.send(message).await,
        }
    }

    async fn recv(&self) -> Message {
        match self {
            Self::Ours(socket) => socket.recv().await.unwrap(),
            Self::Theirs(handle, _) => handle.recv().await,
        }
    }

    /// A message, or `None` after a while.
    async fn recv_soon(&self) -> Option<Message> {
        match self {
            Self::Ours(socket) => {
                timeout(Duration::from_millis(20), socket.recv()).await.ok().map(Result::unwrap)
            }
            Self::Theirs(handle, _) => handle.recv_within(20).await,
        }
    }

    async fn subscribe(&self, topic: &str) {
        match self {
            Self::Ours(socket) if socket.socket_type() == SocketType::Xsub => {
                socket.send(format!("\u{1}{topic}")).await.unwrap();
            }
            Self::Ours(socket) => socket.subscribe(topic).unwrap(),
            Self::Theirs(handle, _) => handle.subscribe(topic).await,
        }
    }
}

/// Has the two exchange every kind of message, each way that their types allow.
pub(crate) async fn converse(one: &End, other: &End) {
    use SocketType::*;
    match (one.kind(), other.kind()) {
        (Pub | Xpub, Sub | Xsub) => publish(one, other).await,
        (Sub | Xsub, Pub | Xpub) => publish(other, one).await,
        (Push, Pull) => flow(one, other).await,
        (Pull, Push) => flow(other, one).await,
        (Pair, Pair) | (Dealer, Dealer) => {
            flow(one, other).await;
            flow(other, one).await;
        }
        (Req | Dealer, Rep | Router) => ask(one, other).await,
        (Rep | Router, Req | Dealer) => ask(other, one).await,
        (Router, Router) => route(one, other).await,
        (one, other) => unreachable!("{one:?} and {other:?} have nothing to say to each other"),
    }
}

async fn flow(from: &End, to: &End) {
    for message in messages() {
        from.send(&message).await;
        assert_eq!(to.recv().await, message);
    }
}

/// A request, and back what the server received.
async fn ask(client: &End, server: &End) {
    let (client_kind, server_kind) = (client.kind(), server.kind());
    for message in messages() {
        // A REP answers only what has an empty delimiter in front, which a REQ puts there and a DEALER must.
        let mut request = message.clone();
        if (client_kind, server_kind) == (SocketType::Dealer, SocketType::Rep) {
            request.push_front(Bytes::new());
        }
        client.send(&request).await;
        let received = server.recv().await;
        let mut body = received.clone();
        if server_kind == SocketType::Router {
            assert!(body.pop_front().is_some_and(|routing_id| !routing_id.is_empty()));
            if client_kind == SocketType::Req {
                assert_eq!(body.pop_front().as_deref(), Some(&[][..]));
            }
        }
        assert_eq!(body, message);
        server.send(&received).await;
        assert_eq!(client.recv().await, request);
    }
}

/// Two ROUTERs named "ours" and "theirs".
async fn route(one: &End, other: &End) {
    let (ours, theirs) = if matches!(one, End::Ours(_)) { (one, other) } else { (other, one) };
    let addressed = |name: &'static str, message: &Message| {
        let mut message = message.clone();
        message.push_front(name);
        message
    };
    for message in messages() {
        ours.send(&addressed("theirs", &message)).await;
        assert_eq!(theirs.recv().await, addressed("ours", &message));
        theirs.send(&addressed("ours", &message)).await;
        assert_eq!(ours.recv().await, addressed("theirs", &message));
    }
}

async fn publish(publisher: &End, subscriber: &End) {
    const NEWS: Bytes = Bytes::from_static(b"news");
    subscriber.subscribe("ne").await;
    if publisher.kind() == SocketType::Xpub {
        assert_eq!(publisher.recv().await.parts(), ["\u{1}ne"]);
    } else {
        // A PUB does not tell when a subscription has come.
        let sync = Message::from([NEWS, "sync".into()]);
        loop {
            publisher.send(&sync).await;
            if subscriber.recv_soon().await.is_some() {
                break;
            }
        }
    }
    for mut message in messages() {
        message.push_front(NEWS);
        publisher.send(&Message::from("other news")).await;
        publisher.send(&message).await;
        let mut received = subscriber.recv().await;
        while received.parts().get(1).is_some_and(|part| part == "sync") {
            received = subscriber.recv().await;
        }
        assert_eq!(received, message);
    }
    if (publisher.kind(), subscriber.kind()) == (SocketType::Xpub, SocketType::Xsub) {
        subscriber.send(&Message::from("upstream")).await;
        assert_eq!(publisher.recv().await.parts(), ["upstream"]);
    }
}
