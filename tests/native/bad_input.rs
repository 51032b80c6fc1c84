//! What peers get wrong, or mean ill: that peer is closed with an event that names the cause, and the
//! others don't notice.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use zmq_wasm::native::engine::{EventKind, EventValue};
use zmq_wasm::native::{Context, Monitor, Socket, SocketOption, SocketType};

use crate::raw_ws::{RawWs, address, upgrade};
use crate::support::{joined, octets, run, wait_for};

async fn cause(monitor: &mut Monitor, kind: EventKind) -> String {
    match wait_for(monitor, kind).await.value {
        EventValue::Text(text) => text,
        EventValue::Number(_) => panic!("the event names no cause"),
    }
}

/// A PULL socket, a sound PUSH that is connected to it, and the endpoint.
async fn pull_with_a_sound_peer(context: &Context, scheme: &str) -> (Socket, Socket, String) {
    let (pull, push) = joined(context, scheme, (SocketType::Pull, SocketType::Push)).await;
    let endpoint = pull.last_endpoint();
    (pull, push, endpoint)
}

async fn still_sound(pull: &Socket, push: &Socket) {
    push.send("still here").await.unwrap();
    assert_eq!(pull.recv_string().await.unwrap(), "still here");
}

#[test]
fn what_is_no_zmtp_is_closed_and_named() {
    let greeting = |mechanism: &[u8]| {
        let mut greeting = vec![0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1];
        greeting.extend(mechanism);
        greeting.resize(64, 0);
        greeting
    };
    let ready = |socket_type: &str| {
        let mut body = b"\x05READY\x0bSocket-Type\0\0\0".to_vec();
        body.push(socket_type.len() as u8);
        body.extend(socket_type.as_bytes());
        [&greeting(b"NULL")[..], &[4, body.len() as u8], &body].concat()
    };
    let after_ready = |frames: &[u8]| [&ready("PUSH")[..], frames].concat();
    let cases = [
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), EventKind::HandshakeFailedProtocol, "greeting"),
        (greeting(b"CURVE"), EventKind::HandshakeFailedProtocol, "CURVE"),
        (ready("SUB"), EventKind::HandshakeFailedProtocol, "SUB"),
        ([&greeting(b"NULL")[..], b"\x00\x01x"].concat(), EventKind::HandshakeFailedProtocol, "out of order"),
        (
            [&greeting(b"NULL")[..], b"\x04\x03\x05REA"].concat(),
            EventKind::HandshakeFailedProtocol,
            "command",
        ),
        (after_ready(&[0x08, 0]), EventKind::Disconnected, "reserved bits"),
        (after_ready(&[0x02, 0xff, 0, 0, 0, 0, 0, 0, 0]), EventKind::Disconnected, "MAXMSGSIZE"),
        (after_ready(&[0x04, 0]), EventKind::Disconnected, "command"),
    ];
    run(async move {
        let context = Context::new();
        let (pull, push, endpoint) = pull_with_a_sound_peer(&context, "tcp").await;
        pull.set(SocketOption::MaxMsgSize, 1000).unwrap();
        let mut monitor = pull.monitor();
        for (octets, kind, word) in cases {
            let mut stream = TcpStream::connect(address(&endpoint)).await.unwrap();
            stream.write_all(&octets).await.unwrap();
            let cause = cause(&mut monitor, kind).await;
            assert!(cause.contains(word), "{cause:?} does not say {word:?}");
            // Closed from the other side; what it said before is of no interest, nor how it ended.
            let _ = stream.read_to_end(&mut Vec::new()).await;
            still_sound(&pull, &push).await;
        }
    });
}

#[test]
fn a_peer_cut_off_in_the_middle_of_a_frame_leaves_nothing_behind() {
    run(async {
        let context = Context::new();
        let (pull, push, endpoint) = pull_with_a_sound_peer(&context, "ws").await;
        let mut monitor = pull.monitor();
        let mut raw = RawWs::push(&endpoint).await;
        raw.frame(0x82, b"\x01first part of two").await;
        raw.0.write_all(&[0x82, 0x80 | 100, 1, 2]).await.unwrap();
        drop(raw);
        wait_for(&mut monitor, EventKind::Disconnected).await;
        still_sound(&pull, &push).await;
    });
}

#[test]
fn websocket_handshakes_are_answered_by_the_rules() {
    run(async {
        let context = Context::new();
        let socket = context.socket(SocketType::Pull).unwrap();
        let endpoint = socket.bind("ws://127.0.0.1:*/jobs").await.unwrap();
        let mut monitor = socket.monitor();
        for (path, protocol, answer) in [
            ("/other", Some("ZWS2.0"), "404 Not Found"),
            ("/jobs", None, "400 Bad Request"),
            ("/jobs", Some("chat, ZWS2.0/CURVE"), "400 Bad Request"),
        ] {
            let (_, head) = upgrade(&endpoint, path, protocol).await;
            assert!(head.starts_with(&format!("HTTP/1.1 {answer}\r\n")), "{head}");
            cause(&mut monitor, EventKind::AcceptFailed).await;
        }
        for (protocol, chosen) in [
            ("ZWS2.0", "ZWS2.0"),
            ("chat, ZWS2.0/NULL,ZWS2.0", "ZWS2.0/NULL"),
            ("ZWS2.0-NULL, ZWS2.0", "ZWS2.0-NULL"),
        ] {
            let (_, head) = upgrade(&endpoint, "/jobs?token=1", Some(protocol)).await;
            assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
            assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
            let line = format!("\r\nsec-websocket-protocol: {}\r\n", chosen.to_lowercase());
            assert!(head.to_lowercase().contains(&line), "{head}");
        }

        let mut plain = TcpStream::connect(address(&endpoint)).await.unwrap();
        plain.write_all(b"GET /jobs HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        plain.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 426 Upgrade Required\r\n"), "{answer}");

        let mut endless = TcpStream::connect(address(&endpoint)).await.unwrap();
        // The server may be gone before all is written.
        let _ = endless.write_all(&[b"GET / HTTP/1.1\r\nX: ".to_vec(), vec![b'x'; 100_000]].concat()).await;
        let cause = cause(&mut monitor, EventKind::AcceptFailed).await;
        assert!(!cause.is_empty());
    });
}

#[test]
fn a_handshake_that_goes_nowhere_ends_in_time() {
    run(async {
        for scheme in ["tcp", "ws"] {
            let context = Context::new();
            let socket = context.socket(SocketType::Pull).unwrap();
            socket.set(SocketOption::HandshakeIvl, 20).unwrap();
            let endpoint = socket.bind(&format!("{scheme}://127.0.0.1:*")).await.unwrap();
            let mut monitor = socket.monitor();
            let mut silent = TcpStream::connect(address(&endpoint)).await.unwrap();
            let kind =
                if scheme == "tcp" { EventKind::HandshakeFailedNoDetail } else { EventKind::AcceptFailed };
            assert!(cause(&mut monitor, kind).await.contains("HANDSHAKE_IVL"));
            let _ = silent.read_to_end(&mut Vec::new()).await;
        }
    });
}

/// libzmq waits for ever for a WebSocket's ZMTP, and aborts where its own heartbeats meet a bare ZWS 2.0 peer that stays.
#[test]
fn a_websocket_that_says_nothing_ends_in_time_and_a_bare_peer_that_answers_heartbeats_stays() {
    run(async {
        let context = Context::new();
        let (pull, push, _) = pull_with_a_sound_peer(&context, "ws").await;
        for (option, value) in [
            (SocketOption::HandshakeIvl, 20),
            (SocketOption::HeartbeatIvl, 10),
            (SocketOption::HeartbeatTimeout, 2000),
        ] {
            pull.set(option, value).unwrap();
        }
        // The options are for what is bound from now on.
        let other = pull.bind("ws://127.0.0.1:*").await.unwrap();
        let mut monitor = pull.monitor();
        for protocol in ["ZWS2.0", "ZWS2.0/NULL"] {
            let (mut silent, head) = upgrade(&other, "/", Some(protocol)).await;
            assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
            let cause = cause(&mut monitor, EventKind::HandshakeFailedNoDetail).await;
            assert!(cause.contains("HANDSHAKE_IVL"), "{cause}");
            let _ = silent.read_to_end(&mut Vec::new()).await;
        }
        let mut bare = RawWs::push(&other).await;
        for number in 0..10 {
            assert_eq!(bare.read().await, (0x89, Vec::new()));
            bare.frame(0x8a, b"").await;
            bare.frame(0x82, &[0, number]).await;
            assert_eq!(pull.recv().await.unwrap().parts(), [[number]]);
        }
        still_sound(&pull, &push).await;
    });
}

#[test]
fn fragments_are_put_together_within_maxmsgsize() {
    run(async {
        let context = Context::new();
        let (pull, push, endpoint) = pull_with_a_sound_peer(&context, "ws").await;
        pull.set(SocketOption::MaxMsgSize, 300_000).unwrap();
        let mut monitor = pull.monitor();
        let mut raw = RawWs::push(&endpoint).await;
        let body = octets(200_000);
        let message = [&[0][..], &body].concat();
        raw.frame(0x02, &message[..70_000]).await;
        raw.frame(0x89, b"are you there").await;
        raw.frame(0x00, &message[70_000..70_000]).await;
        raw.frame(0x80, &message[70_000..]).await;
        assert_eq!(pull.recv().await.unwrap().parts(), [body]);
        assert_eq!(raw.read().await, (0x8a, b"are you there".to_vec()));
        raw.frame(0x02, &message).await;
        raw.frame(0x00, &message).await;
        assert!(cause(&mut monitor, EventKind::Disconnected).await.contains("MAXMSGSIZE"));
        still_sound(&pull, &push).await;
    });
}

#[test]
fn websocket_messages_that_are_no_frames_close_with_a_code() {
    run(async {
        let context = Context::new();
        let (pull, push, endpoint) = pull_with_a_sound_peer(&context, "ws").await;
        let mut monitor = pull.monitor();
        for (first, payload, word, code) in [
            (0x81, &b"text"[..], "not binary", 1003),
            (0x82, b"", "flag octet", 1002),
            (0x82, b"\x07x", "reserved bits", 1002),
            (0xc2, b"\x00x", "WebSocket protocol", 1002),
        ] {
            let mut raw = RawWs::push(&endpoint).await;
            raw.frame(first, payload).await;
            let cause = cause(&mut monitor, EventKind::Disconnected).await;
            assert!(cause.contains(word), "{cause}");
            assert_eq!(raw.close_code().await, code);
            still_sound(&pull, &push).await;
        }
        let mut raw = RawWs::push(&endpoint).await;
        raw.frame(0x88, &[&1001_u16.to_be_bytes()[..], b"going away"].concat()).await;
        assert!(cause(&mut monitor, EventKind::Disconnected).await.contains("1001 going away"));
        still_sound(&pull, &push).await;
    });
}

#[test]
fn heartbeats_find_a_peer_that_is_silent_and_leave_one_that_answers() {
    run(async {
        let context = Context::new();
        let pull = context.socket(SocketType::Pull).unwrap();
        pull.set(SocketOption::HeartbeatIvl, 10).unwrap();
        // Long enough for a busy machine to answer in time.
        pull.set(SocketOption::HeartbeatTimeout, 2000).unwrap();
        for scheme in ["tcp", "ws"] {
            let endpoint = pull.bind(&format!("{scheme}://127.0.0.1:*")).await.unwrap();
            let mut monitor = pull.monitor();
            let push = context.socket(SocketType::Push).unwrap();
            push.connect(&endpoint).unwrap();
            wait_for(&mut monitor, EventKind::HandshakeSucceeded).await;
            if scheme == "ws" {
                let mut raw = RawWs::push(&endpoint).await;
                wait_for(&mut monitor, EventKind::HandshakeSucceeded).await;
                assert_eq!(raw.read().await, (0x89, Vec::new()));
                assert!(cause(&mut monitor, EventKind::Disconnected).await.contains("heartbeat"));
                // It was not the sound one that was given up.
            }
            still_sound(&pull, &push).await;
            push.close();
            wait_for(&mut monitor, EventKind::Disconnected).await;
        }
    });
}

#[test]
fn a_peer_that_asks_for_pongs_and_never_reads_is_closed() {
    run(async {
        let context = Context::new();
        let (pull, push, endpoint) = pull_with_a_sound_peer(&context, "ws").await;
        let mut monitor = pull.monitor();
        let mut raw = RawWs::push(&endpoint).await;
        let flood = async {
            loop {
                let mut pings = Vec::new();
                for _ in 0..1000 {
                    pings.extend([0x89, 0x80 | 100, 0, 0, 0, 0]);
                    pings.extend([b'p'; 100]);
                }
                if raw.0.write_all(&pings).await.is_err() {
                    break;
                }
            }
        };
        let (cause, ()) = tokio::join!(cause(&mut monitor, EventKind::Disconnected), flood);
        assert!(cause.contains("PONG"), "{cause}");
        still_sound(&pull, &push).await;
    });
}

#[test]
fn a_client_checks_what_the_server_answers() {
    run(async {
        let context = Context::new();
        for (answer, word) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200 OK"),
            (
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
                "prove",
            ),
            ("SSH-2.0-OpenSSH\r\n", "handshake"),
        ] {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let socket = context.socket(SocketType::Push).unwrap();
            let mut monitor = socket.monitor();
            socket.connect(&format!("ws://{}/", listener.local_addr().unwrap())).unwrap();
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1000];
            let length = stream.read(&mut request).await.unwrap();
            let request = String::from_utf8_lossy(&request[..length]).to_lowercase();
            assert!(request.contains("\r\nsec-websocket-protocol: zws2.0/null,zws2.0\r\n"), "{request}");
            stream.write_all(answer.as_bytes()).await.unwrap();
            drop(stream);
            let cause = cause(&mut monitor, EventKind::Closed).await;
            assert!(cause.contains(word), "{cause}");
            socket.close_with(Some(std::time::Duration::ZERO));
        }
    });
}
