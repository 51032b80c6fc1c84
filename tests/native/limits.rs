//! What one peer, or all of them together, can make a listener hold.

use std::future::Future;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::interval;
use zmq_wasm::native::engine::{EventKind, EventValue};
use zmq_wasm::native::{Context, Monitor, SocketOption, SocketType};

use crate::raw_ws::{RawWs, address, ask};
use crate::support::{joined, octets, run, socket, wait_for};

async fn cause(monitor: &mut Monitor, kind: EventKind) -> String {
    match wait_for(monitor, kind).await.value {
        EventValue::Text(text) => text,
        EventValue::Number(_) => panic!("the event names no cause"),
    }
}

/// Connects from one of this machine's addresses.
async fn connect_from(source: &str, endpoint: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{source}:0").parse().unwrap()).unwrap();
    socket.connect(address(endpoint)).await.unwrap()
}

/// Waits until the other side has ended it, in whichever way.
async fn ended(mut stream: TcpStream) {
    // Refused with something unread, it ends by an error.
    let _ = stream.read_to_end(&mut Vec::new()).await;
}

#[test]
fn a_listener_takes_no_more_than_max_connections_and_again_when_one_has_gone() {
    run(async {
        for scheme in ["tcp", "ws", "wss"] {
            let context = Context::new();
            let pull = socket(&context, SocketType::Pull);
            pull.set(SocketOption::MaxConnections, 2).unwrap();
            let endpoint = pull.bind(&format!("{scheme}://127.0.0.1:*")).await.unwrap();
            let mut monitor = pull.monitor();
            // They need not say anything to have their places.
            let first = TcpStream::connect(address(&endpoint)).await.unwrap();
            let _second = TcpStream::connect(address(&endpoint)).await.unwrap();
            for refused in 1..=3 {
                ended(TcpStream::connect(address(&endpoint)).await.unwrap()).await;
                let reason = cause(&mut monitor, EventKind::AcceptFailed).await;
                assert!(reason.contains("2 connections") && reason.contains("MAX_CONNECTIONS"), "{reason}");
                assert_eq!(pull.refused(), refused);
            }
            drop(first);
            // Gone, it is a peer lost or a handshake that was never made.
            let kinds =
                [EventKind::AcceptFailed, EventKind::Disconnected, EventKind::HandshakeFailedNoDetail];
            while !kinds.contains(&monitor.recv().await.unwrap().kind) {}
            let push = socket(&context, SocketType::Push);
            push.connect(&endpoint).unwrap();
            push.send("there is room").await.unwrap();
            assert_eq!(pull.recv_string().await.unwrap(), "there is room");
        }
    });
}

#[cfg(target_os = "linux")]
#[test]
fn one_address_has_no_more_than_its_part_and_leaves_room_for_others() {
    run(async {
        let context = Context::new();
        let pull = context.socket(SocketType::Pull).unwrap();
        pull.set(SocketOption::MaxConnectionsPerAddress, 2).unwrap();
        for scheme in ["tcp", "ws"] {
            let endpoint = pull.bind(&format!("{scheme}://127.0.0.1:*")).await.unwrap();
            let mut monitor = pull.monitor();
            let _greedy =
                [connect_from("127.0.0.2", &endpoint).await, connect_from("127.0.0.2", &endpoint).await];
            ended(connect_from("127.0.0.2", &endpoint).await).await;
            let reason = cause(&mut monitor, EventKind::AcceptFailed).await;
            assert!(reason.contains("from 127.0.0.2") && reason.contains("PER_ADDRESS"), "{reason}");
            let push = context.socket(SocketType::Push).unwrap();
            push.connect(&endpoint).unwrap();
            push.send("from another").await.unwrap();
            assert_eq!(pull.recv_string().await.unwrap(), "from another");
        }
    });
}

/// Says this, and then one octet now and then until the other side has enough.
async fn drip(mut stream: TcpStream, said: &[u8]) {
    let mut ticks = interval(Duration::from_millis(20));
    stream.write_all(said).await.unwrap();
    while stream.write_all(b"N").await.is_ok() {
        ticks.tick().await;
    }
}

/// Does both, whichever ends first.
async fn meanwhile<T>(wanted: impl Future<Output = T>, other: impl Future<Output = ()>) -> T {
    tokio::pin!(wanted);
    tokio::select! {
        wanted = &mut wanted => return wanted,
        () = other => {}
    }
    wanted.await
}

#[test]
fn who_says_one_octet_now_and_then_has_no_more_time_for_the_handshake() {
    run(async {
        let http = b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ";
        // A record of TLS's that goes on for 16 KiB, a greeting up to its mechanism, and a command of 32 KiB.
        let hello = [0x16, 3, 1, 0x3f, 0xff, 1, 0, 0x3f, 0xfb, 3, 3];
        let greeting = [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1];
        let ready =
            [&greeting[..], b"NULL", &[0; 48], &[6, 0, 0, 0, 0, 0, 0, 0x80, 0], b"\x05READY"].concat();
        for (scheme, said, kind) in [
            ("ws", &http[..], EventKind::AcceptFailed),
            ("wss", &hello, EventKind::AcceptFailed),
            ("tcp", &greeting, EventKind::HandshakeFailedNoDetail),
            ("tcp", &ready, EventKind::HandshakeFailedNoDetail),
        ] {
            let context = Context::new();
            let (pull, push) = joined(&context, scheme, (SocketType::Pull, SocketType::Push)).await;
            pull.set(SocketOption::HandshakeIvl, 400).unwrap();
            let mut monitor = pull.monitor();
            let stream = TcpStream::connect(address(&pull.last_endpoint())).await.unwrap();
            let reason = meanwhile(cause(&mut monitor, kind), drip(stream, said)).await;
            assert!(
                reason.contains("HANDSHAKE_IVL") || reason.contains("handshake took too long"),
                "{scheme}: {reason}"
            );
            push.send("still here").await.unwrap();
            assert_eq!(pull.recv_string().await.unwrap(), "still here");
        }
    });
}

#[test]
fn the_time_for_the_handshake_is_one_for_http_and_zmtp() {
    run(async {
        let context = Context::new();
        let pull = context.socket(SocketType::Pull).unwrap();
        // HTTP has the time of the port's most patient socket, and by then that of this one is over.
        let patient = context.socket(SocketType::Pull).unwrap();
        pull.set(SocketOption::HandshakeIvl, 50).unwrap();
        let endpoint = pull.bind("ws://127.0.0.1:*/quick").await.unwrap();
        patient.bind(&endpoint.replace("/quick", "/patient")).await.unwrap();
        let mut monitor = pull.monitor();
        let mut stream = TcpStream::connect(address(&endpoint)).await.unwrap();
        let head = "GET /quick HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        stream.write_all(b"Sec-WebSocket-Protocol: ZWS2.0\r\n\r\n").await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 101");
        // It may be closed by now.
        let _ = RawWs(stream).try_frame(0x82, &[0]).await;
        let outcomes = [EventKind::HandshakeSucceeded, EventKind::HandshakeFailedNoDetail];
        let outcome = loop {
            let event = monitor.recv().await.unwrap();
            if outcomes.contains(&event.kind) {
                break event.kind;
            }
        };
        assert_eq!(outcome, EventKind::HandshakeFailedNoDetail);
    });
}

#[test]
fn messages_to_a_websocket_listener_have_a_limit_unless_there_is_to_be_none() {
    const LIMIT: u64 = 64 << 20;
    run(async {
        let context = Context::new();
        let (usual, any) =
            (context.socket(SocketType::Pull).unwrap(), context.socket(SocketType::Pull).unwrap());
        any.set(SocketOption::MaxMsgSize, -1).unwrap();
        for (socket, length, is_refused) in [
            (&usual, LIMIT, false),
            (&usual, LIMIT + 1, true),
            (&any, LIMIT + 1, false),
            (&any, 1 << 40, false),
        ] {
            let endpoint = socket.bind("ws://127.0.0.1:*").await.unwrap();
            let mut monitor = socket.monitor();
            let mut raw = RawWs::push(&endpoint).await;
            // The flag octet is not the frame's. Only the header comes: what is refused, is by that alone.
            let header = [&[0x82, 0x80 | 127][..], &(length + 1).to_be_bytes(), &[0; 5]].concat();
            raw.0.write_all(&header).await.unwrap();
            if is_refused {
                assert_eq!(raw.close_code().await, 1009);
            }
            drop(raw);
            let reason = cause(&mut monitor, EventKind::Disconnected).await;
            assert_eq!(reason.contains("MAXMSGSIZE"), is_refused, "{length}: {reason}");
            assert_eq!(socket.get(SocketOption::MaxMsgSize).unwrap(), (-1).into());
        }
    });
}

/// The system sees that a window stays closed. A peer that only pauses for less is not cut off, and without the
/// option none is.
#[cfg(target_os = "linux")]
#[test]
fn a_peer_that_never_reads_is_cut_off_after_tcp_maxrt() {
    run(async {
        for scheme in ["tcp", "ws"] {
            let context = Context::new();
            let push = context.socket(SocketType::Push).unwrap();
            push.set(SocketOption::TcpMaxRt, 500).unwrap();
            let endpoint = push.bind(&format!("{scheme}://127.0.0.1:*")).await.unwrap();
            let mut monitor = push.monitor();
            let (mut stream, handshake) = match scheme {
                "tcp" => {
                    let mut greeting = vec![0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1];
                    greeting.extend(b"NULL");
                    greeting.resize(64, 0);
                    let ready = b"\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04PULL";
                    let stream = TcpStream::connect(address(&endpoint)).await.unwrap();
                    (stream, [&greeting[..], ready].concat())
                }
                _ => {
                    let lines = "Host: x\r\nSec-WebSocket-Protocol: ZWS2.0\r\n";
                    (ask(&endpoint, "/", lines).await.0, vec![0x82, 0x81, 0, 0, 0, 0, 0])
                }
            };
            stream.write_all(&handshake).await.unwrap();
            wait_for(&mut monitor, EventKind::HandshakeSucceeded).await;
            let flood = async {
                loop {
                    push.send(octets(1 << 20)).await.unwrap();
                }
            };
            meanwhile(cause(&mut monitor, EventKind::Disconnected), flood).await;
            push.close_with(Some(Duration::ZERO));
        }
    });
}
