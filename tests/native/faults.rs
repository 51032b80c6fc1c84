//! What goes wrong beneath the sockets: each is an event or an error, and leaves nothing behind, neither
//! descriptors nor memory nor work.

use std::io::Write;
use std::time::Duration;

use serde_json::json;
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::yield_now;
use zmq_wasm::native::engine::{EventKind, EventValue};
use zmq_wasm::native::{Context, Message, Monitor, SocketOption, SocketType};

use crate::peer::{Peer, program};
use crate::proc::{descriptors, leave_alone, resident};
use crate::raw_ws::address;
use crate::support::{joined, run, unused_path, wait_for};

const GREETING: &[u8; 64] =
    b"\xff\0\0\0\0\0\0\0\x01\x7f\x03\x01NULL\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// The READY of a socket of this type.
fn ready(socket_type: &str) -> Vec<u8> {
    let mut body = b"\x05READY\x0bSocket-Type\0\0\0".to_vec();
    body.push(socket_type.len() as u8);
    body.extend(socket_type.as_bytes());
    [&[4, body.len() as u8], &body[..]].concat()
}

fn handshake(socket_type: &str) -> Vec<u8> {
    [&GREETING[..], &ready(socket_type)].concat()
}

/// Connects and shakes hands by hand.
async fn raw_peer(endpoint: &str, socket_type: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address(endpoint)).await.unwrap();
    stream.write_all(&handshake(socket_type)).await.unwrap();
    let mut head = [0; 66];
    stream.read_exact(&mut head).await.unwrap();
    stream.read_exact(&mut vec![0; head[65].into()]).await.unwrap();
    stream
}

/// Ends a connection with a RST.
fn reset(stream: TcpStream) {
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
}

async fn cause(monitor: &mut Monitor, kind: EventKind) -> String {
    match wait_for(monitor, kind).await.value {
        EventValue::Text(text) => text,
        EventValue::Number(_) => panic!("the event names no cause"),
    }
}

#[test]
fn a_reset_at_any_point_is_an_event_and_hurts_nobody_else() {
    run(async {
        let context = Context::new();
        let (pull, push) = joined(&context, "tcp", (SocketType::Pull, SocketType::Push)).await;
        let mut monitor = pull.monitor();
        let greeted = handshake("PUSH");
        for length in [0, 5, 11, 40, 64, 66, greeted.len() - 1] {
            let mut stream = TcpStream::connect(address(&pull.last_endpoint())).await.unwrap();
            stream.write_all(&greeted[..length]).await.unwrap();
            wait_for(&mut monitor, EventKind::Accepted).await;
            reset(stream);
            assert!(!cause(&mut monitor, EventKind::HandshakeFailedNoDetail).await.is_empty());
        }
        // Within the header of a frame, within its body, and between the parts of a message.
        for octets in
            [&[0][..], &[2, 0, 0], &[0, 100, 1, 2, 3], &[2, 0, 0, 0, 0, 0x10, 0, 0, 0, 7], b"\x01\x01a"]
        {
            let mut stream = raw_peer(&pull.last_endpoint(), "PUSH").await;
            wait_for(&mut monitor, EventKind::HandshakeSucceeded).await;
            stream.write_all(octets).await.unwrap();
            reset(stream);
            assert!(!cause(&mut monitor, EventKind::Disconnected).await.is_empty());
        }
        let endpoint = pull.bind("ws://127.0.0.1:*").await.unwrap();
        let mut stream = TcpStream::connect(address(&endpoint)).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nUpgr").await.unwrap();
        reset(stream);
        push.send("still here").await.unwrap();
        assert_eq!(pull.recv_string().await.unwrap(), "still here");
    });
}

#[test]
fn a_peer_that_vanished_is_found_by_heartbeats_over_tcp_too() {
    run(async {
        let context = Context::new();
        let pull = context.socket(SocketType::Pull).unwrap();
        pull.set(SocketOption::HeartbeatIvl, 10).unwrap();
        pull.set(SocketOption::HeartbeatTimeout, 50).unwrap();
        let endpoint = pull.bind("tcp://127.0.0.1:*").await.unwrap();
        let mut monitor = pull.monitor();
        // It shakes hands and is never heard of again, without a FIN.
        let mut vanished = raw_peer(&endpoint, "PUSH").await;
        assert!(cause(&mut monitor, EventKind::Disconnected).await.contains("heartbeat"));
        // It was asked before, and its connection is closed.
        let mut heard = Vec::new();
        let _ = vanished.read_to_end(&mut heard).await;
        assert!(heard.windows(5).any(|octets| octets == b"\x04PING"));
    });
}

/// A process of our own with one PULL, and how many descriptors it has before anybody has come.
async fn pull_process(
    preparation: &str,
    anywhere: &str,
) -> (std::rc::Rc<Peer>, crate::peer::Handle, String, usize) {
    let peer = Peer::ours_after(preparation).await;
    let pull = peer.socket(SocketType::Pull, json!({})).await;
    let endpoint = pull.bind(anywhere).await;
    let open = descriptors(peer.id().await);
    (peer, pull, endpoint, open)
}

/// A sound peer's message comes through.
async fn is_served(pull: &crate::peer::Handle, endpoint: &str) {
    let push = Context::new().socket(SocketType::Push).unwrap();
    push.connect(endpoint).unwrap();
    push.send("still here").await.unwrap();
    assert_eq!(pull.recv().await, Message::from("still here"));
}

/// Until a process has no more descriptors than before. Should it keep some, the test's time runs out.
async fn until_closed(process: u32, open: usize) {
    while descriptors(process) > open {
        yield_now().await;
    }
}

#[test]
fn thousands_that_connect_and_go_leave_nothing() {
    run(async {
        for anywhere in ["tcp://127.0.0.1:*", "ws://127.0.0.1:*"] {
            let (peer, pull, endpoint, open) = pull_process("", anywhere).await;
            let process = peer.id().await;
            for lot in 0..30 {
                let mut streams = Vec::new();
                for _ in 0..100 {
                    streams.push(TcpStream::connect(address(&endpoint)).await.unwrap());
                }
                for (number, mut stream) in streams.into_iter().enumerate() {
                    match (lot + number) % 4 {
                        0 => reset(stream),
                        1 => stream.write_all(&GREETING[..40]).await.unwrap(),
                        2 => stream.write_all(&handshake("PUSH")).await.unwrap(),
                        _ => {}
                    }
                }
            }
            is_served(&pull, &endpoint).await;
            until_closed(process, open).await;
        }
    });
}

#[test]
fn a_listener_without_descriptors_waits_and_goes_on() {
    run(async {
        for anywhere in ["tcp://127.0.0.1:*", "ws://127.0.0.1:*", &format!("ipc://{}", unused_path())] {
            let (peer, pull, endpoint, open) = pull_process("ulimit -n 40", anywhere).await;
            let process = peer.id().await;
            let failed = pull.event("accept_failed");
            // More than there are descriptors, and fewer than the backlog takes besides.
            let crowd = async {
                let mut crowd: Vec<Box<dyn std::any::Any>> = Vec::new();
                for _ in 0..80 {
                    match endpoint.strip_prefix("ipc://") {
                        Some(path) => {
                            crowd.push(Box::new(tokio::net::UnixStream::connect(path).await.unwrap()))
                        }
                        None => crowd.push(Box::new(TcpStream::connect(address(&endpoint)).await.unwrap())),
                    }
                }
                crowd
            };
            let (why, crowd) = tokio::join!(failed, crowd);
            assert!(why.contains("open files"), "{why}");
            let rest = leave_alone(process).await;
            assert!(rest.ticks < 10 && rest.wakes < 200, "it does not spin: {rest:?}");
            drop(crowd);
            is_served(&pull, &endpoint).await;
            until_closed(process, open).await;
        }
    });
}

#[test]
fn a_process_at_rest_does_nothing() {
    run(async {
        let peer = Peer::ours_after("").await;
        let mut sockets = Vec::new();
        let ipc = format!("ipc://{}", unused_path());
        for anywhere in ["tcp://127.0.0.1:*", "ws://127.0.0.1:*", &ipc, "inproc://here"] {
            let pull = peer.socket(SocketType::Pull, json!({})).await;
            let push = peer.socket(SocketType::Push, json!({})).await;
            push.connect(&pull.bind(anywhere).await).await;
            push.send(&Message::from("hello")).await;
            assert_eq!(pull.recv().await, Message::from("hello"));
            sockets.push((pull, push));
        }
        let rest = leave_alone(peer.id().await).await;
        assert!(rest.ticks < 3 && rest.wakes < 3, "bound and connected: {rest:?}");

        // Nobody listens there.
        let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        for scheme in ["tcp", "ws"] {
            let push = peer.socket(SocketType::Push, json!({ "reconnectIvl": 100 })).await;
            push.connect(&format!("{scheme}://{dead}")).await;
            assert!(!push.event("closed").await.is_empty());
        }
        let rest = leave_alone(peer.id().await).await;
        assert!(rest.ticks < 10 && rest.wakes < 200, "reconnecting ten times a second: {rest:?}");
    });
}

#[test]
fn a_peer_that_does_not_read_costs_no_more_than_its_high_water_mark() {
    run(async {
        let peer = Peer::ours_after("").await;
        let process = peer.id().await;
        let options = json!({ "sndhwm": 50, "xpubVerbose": true });
        let publisher = peer.socket(SocketType::Xpub, options).await;
        let endpoint = publisher.bind("tcp://127.0.0.1:*").await;
        let mut slow = raw_peer(&endpoint, "SUB").await;
        slow.write_all(b"\x00\x01\x01").await.unwrap();
        let sub = Context::new().socket(SocketType::Sub).unwrap();
        sub.subscribe("").unwrap();
        sub.connect(&endpoint).unwrap();
        assert_eq!(publisher.drain(2).await["count"], 2);
        let before = resident(process);
        // 400 MB, of which 50 messages wait and the rest is dropped.
        publisher.flood(4000, 100_000).await;
        let grown = resident(process).saturating_sub(before);
        assert!(grown < 50 << 20, "{grown} octets more than before");
        // Who reads still hears it, as soon as it has made room for it.
        loop {
            publisher.send(&Message::from("still here")).await;
            if sub.recv().await.unwrap().parts() == ["still here"] {
                break;
            }
        }
        drop(slow);
    });
}

#[test]
fn a_name_that_is_not_known_yet_is_looked_up_again() {
    run(async {
        // Names from a file of our own, and from nowhere else, in a namespace of the child's own.
        let (hosts, switch) = (unused_path(), unused_path());
        std::fs::write(&hosts, "127.0.0.1 localhost\n").unwrap();
        std::fs::write(&switch, "hosts: files\n").unwrap();
        let may = std::process::Command::new("unshare").args(["-rm", "true"]).output();
        if !may.is_ok_and(|output| output.status.success()) {
            println!("skipped: no namespaces of one's own here");
            return;
        }
        let mount = format!(
            "[ -n \"$UNSHARED\" ] || UNSHARED=1 exec unshare -rm sh -c '\
             mount --bind {hosts} /etc/hosts && mount --bind {switch} /etc/nsswitch.conf && exec \"$0\"' \"$0\""
        );
        let peer = Peer::ours_after(&mount).await;
        let context = Context::new();
        let pull = context.socket(SocketType::Pull).unwrap();
        let endpoint = pull.bind("tcp://127.0.0.1:*").await.unwrap();
        let push = peer.socket(SocketType::Push, json!({ "reconnectIvl": 10 })).await;
        push.connect(&endpoint.replace("127.0.0.1", "not-yet.test")).await;
        let why = push.event("closed").await;
        assert!(why.contains("not-yet.test can't be resolved"), "{why}");
        std::fs::OpenOptions::new()
            .append(true)
            .open(&hosts)
            .unwrap()
            .write_all(b"127.0.0.1 not-yet.test\n")
            .unwrap();
        push.send(&Message::from("found")).await;
        assert_eq!(pull.recv_string().await.unwrap(), "found");
        std::fs::remove_file(hosts).unwrap();
        std::fs::remove_file(switch).unwrap();
    });
}

/// What `make faults` does for minutes, in small: libzmq on one side of a proxy that ends, holds up, splits and changes.
#[test]
fn a_short_storm_between_us_and_libzmq() {
    let output = std::process::Command::new(program("faults")).args(["4000", "20", "1"]).output().unwrap();
    println!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success());
}
