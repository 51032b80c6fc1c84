//! Judged by other implementations in Rust, and by libzmq's own performance tools: see `tests/compat`.

use std::process::Stdio;

use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use zmq_wasm::native::engine::EventKind;
use zmq_wasm::native::{Context, Socket, SocketType};

use crate::peer::{Library, Peer, compat, do_without};
use crate::scene::{End, converse};
use crate::support::{octets, run, wait_for};

/// The pairs of types that all of them have.
async fn common_pairs(library: Library, anywhere: &str) {
    use SocketType::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub};
    let Some(peer) = Peer::start(library).await else { return };
    for (one, other) in [(Push, Pull), (Req, Rep), (Pub, Sub), (Dealer, Router), (Req, Router), (Dealer, Rep)]
    {
        for (ours, theirs) in [(one, other), (other, one)] {
            for we_bind in [true, false] {
                println!("{} and {}, {anywhere}, we bind: {we_bind}", ours.name(), theirs.name());
                let context = Context::new();
                let socket = context.socket(ours).unwrap();
                let mut monitor = socket.monitor();
                let handle = peer.socket(theirs, json!({})).await;
                if we_bind {
                    handle.connect(&socket.bind(anywhere).await.unwrap()).await;
                } else {
                    socket.connect(&handle.bind(anywhere).await).unwrap();
                }
                wait_for(&mut monitor, EventKind::HandshakeSucceeded).await;
                converse(&End::Ours(socket), &End::Theirs(handle.clone(), theirs)).await;
                handle.close().await;
                context.destroy(Some(std::time::Duration::ZERO)).await;
            }
        }
    }
}

#[test]
fn the_crate_zeromq_over_tcp() {
    run(common_pairs(Library::Zeromq, "tcp://127.0.0.1:*"));
}

#[test]
fn the_crate_omq_tokio_over_tcp() {
    run(common_pairs(Library::Omq, "tcp://127.0.0.1:*"));
}

#[test]
fn the_crate_omq_tokio_over_ws() {
    run(common_pairs(Library::Omq, "ws://127.0.0.1:*"));
}

/// Starts one of libzmq's tools, unless there is none.
fn tool(name: &str, endpoint: &str, size: usize, count: usize) -> Option<Child> {
    let mut command = Command::new(compat("perf"));
    command.args([name, endpoint, &size.to_string(), &count.to_string()]);
    match command.stdout(Stdio::piped()).kill_on_drop(true).spawn() {
        Ok(child) => Some(child),
        Err(error) => {
            do_without(command, &error.to_string());
            None
        }
    }
}

/// What a tool had to say when it was content.
async fn report(mut tool: Child) -> String {
    let mut said = String::new();
    tool.stdout.take().unwrap().read_to_string(&mut said).await.unwrap();
    assert!(tool.wait().await.unwrap().success(), "{said}");
    said
}

/// An endpoint that a tool can be told to bind.
async fn free_endpoint(scheme: &str) -> String {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("{scheme}://{}", port.local_addr().unwrap())
}

const SCHEMES: [&str; 2] = ["tcp", "ws"];
const SIZES: [(usize, usize); 3] = [(1, 10_000), (300, 10_000), (100_000, 200)];

async fn open(kind: SocketType) -> Socket {
    Context::new().socket(kind).unwrap()
}

#[test]
fn local_thr_is_sent_to() {
    run(async {
        for scheme in SCHEMES {
            for (size, count) in SIZES {
                let endpoint = free_endpoint(scheme).await;
                let Some(local) = tool("local_thr", &endpoint, size, count) else { return };
                let push = open(SocketType::Push).await;
                push.connect(&endpoint).unwrap();
                for _ in 0..count {
                    push.send(octets(size)).await.unwrap();
                }
                assert!(report(local).await.contains(&format!("message count: {count}")));
            }
        }
    });
}

#[test]
fn remote_thr_is_heard() {
    run(async {
        for scheme in SCHEMES {
            for (size, count) in SIZES {
                let pull = open(SocketType::Pull).await;
                let endpoint = pull.bind(&format!("{scheme}://127.0.0.1:*")).await.unwrap();
                let Some(remote) = tool("remote_thr", &endpoint, size, count) else { return };
                for _ in 0..count {
                    assert_eq!(pull.recv().await.unwrap().parts()[0].len(), size);
                }
                report(remote).await;
            }
        }
    });
}

#[test]
fn local_lat_answers() {
    run(async {
        for scheme in SCHEMES {
            let endpoint = free_endpoint(scheme).await;
            let Some(local) = tool("local_lat", &endpoint, 64, 1000) else { return };
            let req = open(SocketType::Req).await;
            req.connect(&endpoint).unwrap();
            for _ in 0..1000 {
                req.send(octets(64)).await.unwrap();
                assert_eq!(req.recv().await.unwrap().parts()[0].len(), 64);
            }
            report(local).await;
        }
    });
}

#[test]
fn remote_lat_is_answered() {
    run(async {
        for scheme in SCHEMES {
            let rep = open(SocketType::Rep).await;
            let endpoint = rep.bind(&format!("{scheme}://127.0.0.1:*")).await.unwrap();
            let Some(remote) = tool("remote_lat", &endpoint, 64, 1000) else { return };
            for _ in 0..1000 {
                let request = rep.recv().await.unwrap();
                rep.send(request).await.unwrap();
            }
            assert!(report(remote).await.contains("roundtrip count: 1000"));
        }
    });
}
