//! A peer that is killed and started again on the same port, in the middle of things.

use std::rc::Rc;

use serde_json::json;
use zmq_wasm::native::engine::EventKind;
use zmq_wasm::native::{Context, Error, Message, Socket, SocketOption, SocketType};

use crate::peer::{Handle, Library, Peer};
use crate::support::{anywhere, run, wait_for};

/// A socket of ours that is connected to a peer's, which can be killed and started anew.
struct Stage {
    library: Library,
    endpoint: String,
    peer: Rc<Peer>,
    kind: SocketType,
}

impl Stage {
    async fn new(library: Library, scheme: &str, ours: &Socket, kind: SocketType) -> Option<(Self, Handle)> {
        let peer = Peer::start(library).await?;
        let handle = peer.socket(kind, json!({ "linger": 0 })).await;
        let endpoint = handle.bind(&anywhere(scheme)).await;
        let mut monitor = ours.monitor();
        ours.set(SocketOption::ReconnectIvl, 10).unwrap();
        ours.connect(&endpoint).unwrap();
        wait_for(&mut monitor, EventKind::HandshakeSucceeded).await;
        Some((Self { library, endpoint, peer, kind }, handle))
    }

    async fn kill(&self) {
        self.peer.kill().await;
    }

    async fn restart(&mut self) -> Handle {
        self.peer = Peer::start(self.library).await.expect("it could be started before");
        let handle = self.peer.socket(self.kind, json!({ "linger": 0 })).await;
        handle.bind(&self.endpoint).await;
        handle
    }
}

const CASES: [(Library, &str); 3] = [(Library::Node, "ws"), (Library::Node, "tcp"), (Library::Python, "tcp")];

#[test]
fn req_comes_back() {
    run(async {
        for (library, scheme) in CASES {
            let context = Context::new();
            let req = context.socket(SocketType::Req).unwrap();
            let Some((mut stage, rep)) = Stage::new(library, scheme, &req, SocketType::Rep).await else {
                return;
            };
            rep.echo().await;
            for number in 0..100 {
                req.send(number.to_string()).await.unwrap();
                assert_eq!(req.recv_string().await.unwrap(), number.to_string());
            }
            let mut monitor = req.monitor();
            stage.kill().await;
            wait_for(&mut monitor, EventKind::Disconnected).await;
            // Queued while nobody is there, it goes out when somebody is.
            req.send("after").await.unwrap();
            stage.restart().await.echo().await;
            assert_eq!(req.recv_string().await.unwrap(), "after");
        }
    });
}

#[test]
fn a_request_under_way_is_lost_with_its_server_and_said_to_be() {
    run(async {
        let context = Context::new();
        let req = context.socket(SocketType::Req).unwrap();
        let Some((mut stage, rep)) = Stage::new(Library::Node, "ws", &req, SocketType::Rep).await else {
            return;
        };
        req.send("one").await.unwrap();
        assert_eq!(rep.recv().await, Message::from("one"));
        stage.kill().await;
        assert_eq!(req.recv().await, Err(Error::ReplyLost));
        stage.restart().await.echo().await;
        req.send("two").await.unwrap();
        assert_eq!(req.recv_string().await.unwrap(), "two");
    });
}

#[test]
fn sub_comes_back_and_subscribes_again() {
    run(async {
        for (library, scheme) in CASES {
            let context = Context::new();
            let sub = context.socket(SocketType::Sub).unwrap();
            sub.subscribe("news").unwrap();
            let Some((mut stage, mut publisher)) = Stage::new(library, scheme, &sub, SocketType::Xpub).await
            else {
                return;
            };
            for round in 0..2 {
                assert_eq!(publisher.recv().await, Message::from("\u{1}news"), "{library:?} {scheme}");
                publisher.send(&Message::from("other")).await;
                publisher.send(&Message::from("news of the day")).await;
                assert_eq!(sub.recv_string().await.unwrap(), "news of the day");
                if round == 0 {
                    stage.kill().await;
                    publisher = stage.restart().await;
                }
            }
        }
    });
}

#[test]
fn push_comes_back_in_the_middle_of_a_stream() {
    run(async {
        for (library, scheme) in CASES {
            let context = Context::new();
            let push = context.socket(SocketType::Push).unwrap();
            let Some((mut stage, pull)) = Stage::new(library, scheme, &push, SocketType::Pull).await else {
                return;
            };
            let mut monitor = push.monitor();
            let stream = tokio::task::spawn_local(async move {
                for number in 0_u32.. {
                    if push.send(bytes::Bytes::copy_from_slice(&number.to_be_bytes())).await.is_err() {
                        break;
                    }
                    tokio::task::yield_now().await;
                }
            });
            let number = async |pull: &Handle| {
                let message = pull.recv().await;
                u32::from_be_bytes(message.parts()[0][..].try_into().unwrap())
            };
            for expected in 0..100 {
                assert_eq!(number(&pull).await, expected);
            }
            stage.kill().await;
            wait_for(&mut monitor, EventKind::Disconnected).await;
            let pull = stage.restart().await;
            // What was under way to the one that was killed is lost with it; then nothing is.
            let first = number(&pull).await;
            assert!(first > 99, "{library:?} {scheme}: number {first} came twice");
            for expected in first + 1..first + 100 {
                assert_eq!(number(&pull).await, expected, "{library:?} {scheme}");
            }
            stream.abort();
        }
    });
}
