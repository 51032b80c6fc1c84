//! Two sockets, ours and a peer's, and what their types have to say to each other.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;
use zmq_wasm::native::{Body, Message, Socket, SocketType};

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

    async fn join(&self, group: &str) {
        match self {
            Self::Ours(socket) => socket.join(group).unwrap(),
            Self::Theirs(handle, _) => handle.join(group).await,
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
        (Scatter, Gather) => flow_of_singles(one, other).await,
        (Gather, Scatter) => flow_of_singles(other, one).await,
        (Channel, Channel) => {
            flow_of_singles(one, other).await;
            flow_of_singles(other, one).await;
        }
        (Client, Server) => serve(one, other).await,
        (Server, Client) => serve(other, one).await,
        (Radio, Dish) => broadcast(one, other).await,
        (Dish, Radio) => broadcast(other, one).await,
        (one, other) => unreachable!("{one:?} and {other:?} have nothing to say to each other"),
    }
}

async fn flow(from: &End, to: &End) {
    for message in messages() {
        from.send(&message).await;
        assert_eq!(to.recv().await, message);
    }
}

/// The messages of one part.
fn singles() -> impl Iterator<Item = Body> {
    messages().into_iter().filter(|message| message.len() == 1).filter_map(|mut message| message.pop_front())
}

async fn flow_of_singles(from: &End, to: &End) {
    for body in singles() {
        let message = Message::from(body);
        from.send(&message).await;
        assert_eq!(to.recv().await, message);
    }
}

/// A request, and the same back to the number that it came from.
async fn serve(client: &End, server: &End) {
    for body in singles() {
        client.send(&body.clone().into()).await;
        let received = server.recv().await;
        let number = received.routing_id().expect("a client has a number");
        assert_eq!(received, Message::to_peer(number, body));
        server.send(&received).await;
        assert_eq!(client.recv().await.parts(), &received.parts()[1..]);
    }
}

/// A RADIO does not tell when a DISH has joined.
async fn broadcast(radio: &End, dish: &End) {
    dish.join("group").await;
    loop {
        radio.send(&Message::to_group("group", "sync")).await;
        if dish.recv_soon().await.is_some() {
            break;
        }
    }
    for body in singles() {
        for other in ["", "grou", "groups", "GROUP"] {
            radio.send(&Message::to_group(other, "for others")).await;
        }
        let message = Message::to_group("group", body);
        radio.send(&message).await;
        let mut received = dish.recv().await;
        while received == Message::to_group("group", "sync") {
            received = dish.recv().await;
        }
        assert_eq!(received, message);
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
