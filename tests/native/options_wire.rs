//! What options say on the wire, with libzmq at the other end.

use serde_json::json;
use zmq_wasm::native::engine::EventKind;
use zmq_wasm::native::{Context, Message, SocketOption, SocketType};

use crate::peer::{Handle, Library, Peer};
use crate::support::{run, wait_for};

const ANYWHERE: &str = "tcp://127.0.0.1:*";

fn text(message: &Message) -> Vec<String> {
    message.parts().iter().map(|part| String::from_utf8_lossy(part).into_owned()).collect()
}

async fn heard(peer: &Handle) -> Vec<String> {
    text(&peer.recv().await)
}

/// HELLO_MSG, both ways; and that a DEALER's comes before what it sends.
#[test]
fn hello_msg_is_heard_by_either_side() {
    run(async {
        let Some(peer) = Peer::start(Library::Node).await else { return };
        let context = Context::new();
        let router = context.socket(SocketType::Router).unwrap();
        router.set(SocketOption::HelloMsg, "welcome").unwrap();
        let options = json!({ "linger": 0, "routingId": "theirs", "helloMsg": "hello" });
        let dealer = peer.socket(SocketType::Dealer, options).await;
        dealer.connect(&router.bind(ANYWHERE).await.unwrap()).await;
        assert_eq!(text(&router.recv().await.unwrap()), ["theirs", "hello"]);
        assert_eq!(heard(&dealer).await, ["welcome"]);

        let dealer = context.socket(SocketType::Dealer).unwrap();
        dealer.set(SocketOption::HelloMsg, "hello").unwrap();
        dealer.set(SocketOption::RoutingId, "ours").unwrap();
        let router = peer.socket(SocketType::Router, json!({ "linger": 0, "helloMsg": "welcome" })).await;
        dealer.connect(&router.bind(ANYWHERE).await).unwrap();
        dealer.send("question").await.unwrap();
        assert_eq!(heard(&router).await, ["ours", "hello"]);
        assert_eq!(heard(&router).await, ["ours", "question"]);
        assert_eq!(text(&dealer.recv().await.unwrap()), ["welcome"]);
    });
}

/// ROUTER_NOTIFY and DISCONNECT_MSG: libzmq's ROUTER is told of us as ours is of libzmq's DEALER.
#[test]
fn routers_are_told_of_peers_that_come_and_go() {
    run(async {
        let Some(peer) = Peer::start(Library::Node).await else { return };
        let context = Context::new();
        let router = context.socket(SocketType::Router).unwrap();
        router.set(SocketOption::RouterNotify, 3).unwrap();
        router.set(SocketOption::DisconnectMsg, "gone").unwrap();
        let theirs = peer.socket(SocketType::Dealer, json!({ "linger": 0, "routingId": "d" })).await;
        theirs.connect(&router.bind(ANYWHERE).await.unwrap()).await;
        let ours = [text(&router.recv().await.unwrap())];
        theirs.close().await;
        let ours =
            [&ours[..], &[text(&router.recv().await.unwrap()), text(&router.recv().await.unwrap())]].concat();

        let options = json!({ "linger": 0, "routerNotify": 3, "disconnectMsg": "gone" });
        let router = peer.socket(SocketType::Router, options).await;
        let dealer = context.socket(SocketType::Dealer).unwrap();
        dealer.set(SocketOption::RoutingId, "d").unwrap();
        dealer.connect(&router.bind(ANYWHERE).await).unwrap();
        let theirs = [heard(&router).await];
        dealer.close();
        let theirs = [&theirs[..], &[heard(&router).await, heard(&router).await]].concat();
        assert_eq!(ours, theirs);
        assert_eq!(ours, [vec!["d", ""], vec!["d", ""], vec!["d", "gone"]]);
    });
}

/// HICCUP_MSG: a DEALER of either library is told that the connection it had made is lost.
#[test]
fn dealers_are_told_of_a_lost_connection() {
    run(async {
        let Some(peer) = Peer::start(Library::Node).await else { return };
        let context = Context::new();
        let dealer = context.socket(SocketType::Dealer).unwrap();
        dealer.set(SocketOption::HiccupMsg, "hiccup").unwrap();
        let router = peer.socket(SocketType::Router, json!({ "linger": 0 })).await;
        let mut monitor = dealer.monitor();
        dealer.connect(&router.bind(ANYWHERE).await).unwrap();
        wait_for(&mut monitor, EventKind::HandshakeSucceeded).await;
        router.close().await;
        assert_eq!(text(&dealer.recv().await.unwrap()), ["hiccup"]);

        let router = context.socket(SocketType::Router).unwrap();
        let mut monitor = router.monitor();
        let dealer = peer.socket(SocketType::Dealer, json!({ "linger": 0, "hiccupMsg": "hiccup" })).await;
        dealer.connect(&router.bind(ANYWHERE).await.unwrap()).await;
        wait_for(&mut monitor, EventKind::HandshakeSucceeded).await;
        router.close();
        assert_eq!(heard(&dealer).await, ["hiccup"]);
    });
}

/// METADATA: what libzmq's DEALER says of itself is known with each of its messages.
#[test]
fn metadata_of_libzmq_is_seen() {
    run(async {
        let Some(peer) = Peer::start(Library::Node).await else { return };
        let router = Context::new().socket(SocketType::Router).unwrap();
        let dealer =
            peer.socket(SocketType::Dealer, json!({ "linger": 0, "metadata": "X-colour:blue" })).await;
        let mut monitor = router.monitor();
        dealer.connect(&router.bind(ANYWHERE).await.unwrap()).await;
        let event = wait_for(&mut monitor, EventKind::HandshakeSucceeded).await;
        assert_eq!(event.peer.unwrap().properties.find("X-colour"), Some(&b"blue"[..]));
    });
}

/// XPUB_MANUAL_LAST_VALUE: what is sent right after a subscription goes to the new subscriber only, with
/// subscribers of libzmq's and a publisher of ours, and the reverse.
#[test]
fn xpub_manual_last_value_with_subscribers_of_libzmq() {
    run(async {
        let Some(peer) = Peer::start(Library::Node).await else { return };
        let xpub = Context::new().socket(SocketType::Xpub).unwrap();
        xpub.set(SocketOption::XpubManualLastValue, true).unwrap();
        let endpoint = xpub.bind(ANYWHERE).await.unwrap();
        let mut subs = Vec::new();
        for _ in 0..2 {
            let sub = peer.socket(SocketType::Sub, json!({ "linger": 0 })).await;
            sub.subscribe("a").await;
            sub.connect(&endpoint).await;
            assert_eq!(text(&xpub.recv().await.unwrap()), ["\u{1}a"]);
            xpub.subscribe("a").unwrap();
            xpub.send("a: last value").await.unwrap();
            subs.push(sub);
        }
        xpub.send("a: to all").await.unwrap();
        for sub in subs {
            assert_eq!(heard(&sub).await, ["a: last value"]);
            assert_eq!(heard(&sub).await, ["a: to all"]);
        }
    });
}
