//! Judged by libzmq: every compatible pair of socket types, either side bound, both ways, in every shape.

use serde_json::json;
use zmq_wasm::native::engine::EventKind;
use zmq_wasm::native::{Context, Message, SocketOption, SocketType};

use crate::peer::{Library, Peer};
use crate::scene::{End, converse};
use crate::support::{run, wait_for};

/// pyzmq's libzmq has no draft types, and npm `zeromq` has no PEER.
fn has_type(library: Library, kind: SocketType) -> bool {
    kind.number() <= SocketType::Xsub.number() || (library == Library::Node && kind != SocketType::Peer)
}

/// `anywhere`: what to bind.
async fn every_pair(library: Library, anywhere: &str) {
    let Some(peer) = Peer::start(library).await else { return };
    for ours in SocketType::ALL.into_iter().filter(|ours| has_type(library, *ours)) {
        for theirs in SocketType::ALL.into_iter().filter(|theirs| ours.is_compatible(*theirs)) {
            for we_bind in [true, false] {
                println!("{} and {}, {anywhere}, we bind: {we_bind}", ours.name(), theirs.name());
                let context = Context::new();
                let socket = context.socket(ours).unwrap();
                if ours == SocketType::Router {
                    socket.set_string(SocketOption::RoutingId, "ours").unwrap();
                }
                let mut options = json!({ "linger": 0 });
                if theirs == SocketType::Router {
                    options["routingId"] = "theirs".into();
                }
                let handle = peer.socket(theirs, options).await;
                let mut monitor = socket.monitor();
                if we_bind {
                    handle.connect(&socket.bind(anywhere).await.unwrap()).await;
                } else {
                    socket.connect(&handle.bind(anywhere).await).unwrap();
                }
                let event = wait_for(&mut monitor, EventKind::HandshakeSucceeded).await;
                let properties = event.peer.unwrap().properties;
                assert_eq!(properties.find("Socket-Type"), Some(theirs.name().as_bytes()));
                converse(&End::Ours(socket.clone()), &End::Theirs(handle.clone(), theirs)).await;
                handle.close().await;
                context.destroy(Some(std::time::Duration::ZERO)).await;
            }
        }
    }
}

#[test]
fn every_pair_of_types_with_npm_zeromq_over_ws() {
    run(every_pair(Library::Node, "ws://127.0.0.1:*"));
}

#[test]
fn every_pair_of_types_with_npm_zeromq_over_tcp() {
    run(every_pair(Library::Node, "tcp://127.0.0.1:*"));
}

#[test]
fn every_pair_of_types_with_pyzmq_over_tcp() {
    run(every_pair(Library::Python, "tcp://127.0.0.1:*"));
}

#[test]
fn every_pair_of_types_with_pyzmq_over_ipc() {
    run(every_pair(Library::Python, "ipc://*"));
}

/// npm `zeromq` tells the bodies of what its PEER receives, and can't send by it.
#[test]
fn a_peer_sends_to_a_peer_of_npm_zeromq() {
    run(async {
        let Some(peer) = Peer::start(Library::Node).await else { return };
        for anywhere in ["tcp://127.0.0.1:*", "ws://127.0.0.1:*"] {
            let socket = Context::new().socket(SocketType::Peer).unwrap();
            let theirs = peer.socket(SocketType::Peer, json!({ "linger": 0 })).await;
            let number = socket.connect_peer(&theirs.bind(anywhere).await).unwrap();
            for body in ["hello", "", "again"] {
                socket.send(Message::to_peer(number, body)).await.unwrap();
                assert_eq!(theirs.recv().await.parts(), [body]);
            }
        }
    });
}

/// The number that messages carry in front, and what they are filled with: see `tests/peers/messages.mjs`.
fn numbered(number: u32, size: usize) -> Message {
    let mut body = vec![number as u8; size];
    body[..4].copy_from_slice(&number.to_be_bytes());
    Message::from(body)
}

async fn floods(library: Library, anywhere: &str) {
    let Some(peer) = Peer::start(library).await else { return };
    for (count, size) in [(20_000, 16), (2_000, 5_000), (200, 200_000)] {
        let context = Context::new();
        let push = context.socket(SocketType::Push).unwrap();
        let drain = peer.socket(SocketType::Pull, json!({ "linger": 0 })).await;
        push.connect(&drain.bind(anywhere).await).unwrap();
        let sending = async {
            for number in 0..count {
                push.send(numbered(number, size)).await.unwrap();
            }
        };
        let (tally, ()) = tokio::join!(drain.drain(count), sending);
        assert_eq!((tally["count"].as_u64(), tally["gaps"].as_u64()), (Some(count.into()), Some(0)));
        assert_eq!(tally["octets"].as_u64(), Some(u64::from(count) * size as u64));

        let pull = context.socket(SocketType::Pull).unwrap();
        let flood = peer.socket(SocketType::Push, json!({ "linger": -1 })).await;
        flood.connect(&pull.bind(anywhere).await.unwrap()).await;
        let receiving = async {
            for number in 0..count {
                assert_eq!(pull.recv().await.unwrap(), numbered(number, size));
            }
        };
        tokio::join!(flood.flood(count, size), receiving);
        drain.close().await;
        flood.close().await;
    }
}

#[test]
fn floods_of_messages_both_ways_with_npm_zeromq_over_ws() {
    run(floods(Library::Node, "ws://127.0.0.1:*"));
}

#[test]
fn floods_of_messages_both_ways_with_pyzmq_over_tcp() {
    run(floods(Library::Python, "tcp://127.0.0.1:*"));
}

#[test]
fn floods_of_messages_both_ways_with_pyzmq_over_ipc() {
    run(floods(Library::Python, "ipc://*"));
}

#[test]
fn a_path_leads_to_its_socket_for_libzmq_too() {
    run(async {
        let Some(peer) = Peer::start(Library::Node).await else { return };
        let context = Context::new();
        let pull = context.socket(SocketType::Pull).unwrap();
        let endpoint = pull.bind("ws://127.0.0.1:*/some/path").await.unwrap();
        let push = peer.socket(SocketType::Push, json!({ "linger": 0 })).await;
        push.connect(&endpoint).await;
        push.send(&Message::from("found")).await;
        assert_eq!(pull.recv_string().await.unwrap(), "found");
    });
}
