//! RFC 37, "Connection Heartbeating", over byte streams and over WebSocket.

use bytes::Bytes;
use zmq_wasm::SocketOption::{HeartbeatIvl, HeartbeatTimeout, HeartbeatTtl};
use zmq_wasm::SocketType::{Pull, Push};
use zmq_wasm::engine::{Engine, EventKind, Heartbeat, Output, Protocol, Role, Transport};
use zmq_wasm::wire::zws::Dialect;
use zmq_wasm::{Flag, Frame, Instant, Message, OptionValue, Options, SocketOption};

use crate::net::{End, INPROC, NULL, Net, Sock, TCP, Unit, ms, msg};
use crate::raw::{COMMAND, LAST, ZWS_COMMAND, command, ready};

/// A bound PULL and a raw PUSH that has shaken hands with it.
fn pull_and_raw(net: &mut Net, options: &[(SocketOption, OptionValue)]) -> (Sock, End) {
    let pull = net.open_with(Pull, options);
    net.bind(pull, TCP);
    let raw = net.raw_peer(TCP, "PUSH");
    net.events(pull);
    (pull, raw)
}

const TIMED_OUT: &str = "nothing was heard from the peer within its heartbeat time";

/// RFC 37: "When a peer receives a PING command it SHALL respond with a PONG command that echoes the
/// ping-context, which may be empty and MUST not exceed 16 octets".
#[test]
fn a_ping_is_answered_by_a_pong_with_its_context() {
    let mut net = Net::new();
    let (_, raw) = pull_and_raw(&mut net, &[]);
    for context in [&b""[..], b"x", b"sixteen octets!!"] {
        net.tell_frame(raw, COMMAND, command("PING", &[&[0, 0], context].concat()));
        assert_eq!(net.heard_frames(raw), [(COMMAND, command("PONG", context))]);
    }
    net.tell_frame(raw, COMMAND, command("PING", b"\0\0seventeen octets!"));
    assert_eq!(net.heard_frames(raw), [(COMMAND, command("PONG", b"seventeen octets"))]);
}

/// RFC 37, "Formal Grammar": "message = *message-more message-last": the answer to a PING that comes while a
/// message is being transmitted waits for the rest of it.
#[test]
fn a_pong_does_not_come_between_the_parts_of_a_message() {
    let transport = Transport {
        protocol: Protocol::Zws(Dialect::Null),
        heartbeat: Heartbeat::Transport,
        frame_limit: None,
        address: String::new(),
    };
    let now = Instant::default();
    let frame = |body: Vec<u8>| Frame::new(Flag::Command, Bytes::from(body));
    let mut push: Engine<Bytes> = Engine::new(Push, Options::default(), 1);
    let listener = push.listening(NULL.parse().expect("it is sound")).expect("it is open");
    let peer = push.handle_connected(Role::Accepted(listener), transport, now).expect("it listens");
    push.handle_frame(peer, frame(ready("PULL")), now);
    push.send(Message::from([Bytes::from("a"), Bytes::from("b")])).expect("it has a peer");
    let mut flags = Vec::new();
    loop {
        match push.poll_output() {
            Output::Transmit { frame: transmitted, .. } => {
                if transmitted.flag == Flag::More {
                    push.handle_frame(peer, frame(command("PING", b"\0\0")), now);
                }
                flags.push(transmitted.flag);
            }
            Output::Idle { .. } => break,
            _ => {}
        }
    }
    assert_eq!(flags, [Flag::Command, Flag::More, Flag::Last, Flag::Command]);
}

/// RFC 37: a peer SHOULD consider the connection dead "if it receives a PING command with a non-zero TTL and
/// then does not receive any further traffic within that TTL"; the TTL is "measured in tenths of seconds".
#[test]
fn the_ttl_of_a_ping_ends_a_silent_connection() {
    let mut net = Net::new();
    let (pull, raw) = pull_and_raw(&mut net, &[]);
    net.tell_frame(raw, COMMAND, command("PING", &[0, 12]));
    net.advance(ms(1199));
    assert!(!net.is_closed(raw));
    net.tell_frame(raw, LAST, "any traffic is a sign of life");
    net.advance(ms(1199));
    assert!(!net.is_closed(raw));
    net.advance(ms(1));
    assert!(net.is_closed(raw));
    assert_eq!(net.told(pull, EventKind::Disconnected), [TIMED_OUT]);
}

/// RFC 37: ping-ttl "MAY be zero". Then nothing is announced, and an earlier announcement is over.
#[test]
fn a_ttl_of_zero_ends_nothing() {
    let mut net = Net::new();
    let (_, raw) = pull_and_raw(&mut net, &[]);
    net.tell_frame(raw, COMMAND, command("PING", &[0, 5]));
    net.tell_frame(raw, COMMAND, command("PING", &[0, 0]));
    net.advance(ms(60_000));
    assert!(!net.is_closed(raw));
}

/// RFC 37: "the peer MAY, at any point after the security handshake is complete, send a PING command", with a
/// TTL that "contain[s] a time-to-live measured in tenths of seconds". HEARTBEAT_IVL says when.
#[test]
fn pings_come_at_the_interval_and_carry_the_ttl() {
    for (ttl, tenths) in [(0, [0, 0]), (1250, [0, 12]), (6_553_599, [0xff, 0xff])] {
        let mut net = Net::new();
        let options = [(HeartbeatIvl, 1000.into()), (HeartbeatTtl, ttl.into())];
        let (_, raw) = pull_and_raw(&mut net, &options);
        net.advance(ms(999));
        assert_eq!(net.heard_frames(raw), []);
        for _ in 0..3 {
            net.advance(ms(1));
            assert_eq!(net.heard_frames(raw), [(COMMAND, command("PING", &tenths))]);
            net.tell_frame(raw, COMMAND, command("PONG", b""));
            net.advance(ms(999));
            assert_eq!(net.heard_frames(raw), []);
        }
    }
}

/// RFC 37: a peer SHOULD consider the connection dead "if it sends a PING command and does not receive any
/// traffic within some timeout". HEARTBEAT_TIMEOUT is that, and HEARTBEAT_IVL where it is not set.
#[test]
fn silence_after_a_ping_ends_the_connection() {
    for (timeout, ends_after) in [(None, 1000), (Some(300), 300), (Some(2500), 2500)] {
        let mut net = Net::new();
        let timeout = timeout.map(|timeout| (HeartbeatTimeout, OptionValue::Int(timeout)));
        let options: Vec<_> = [(HeartbeatIvl, 1000.into())].into_iter().chain(timeout).collect();
        let (pull, raw) = pull_and_raw(&mut net, &options);
        net.advance(ms(1000 + ends_after - 1));
        assert!(!net.is_closed(raw), "{options:?}");
        net.advance(ms(1));
        assert!(net.is_closed(raw), "{options:?}");
        assert_eq!(net.told(pull, EventKind::Disconnected), [TIMED_OUT]);
    }
}

/// After a sleep, what the peer said in the meantime may wait to be heard, and it could not know that it was to speak:
/// it is asked once more. One that is dead is found all the same.
#[test]
fn a_clock_that_jumps_ends_no_connection_before_the_peer_was_asked_again() {
    let heartbeats = [(HeartbeatIvl, 1000.into()), (HeartbeatTimeout, 500.into())];
    for (options, announced) in [(&heartbeats[..], [0, 0]), (&heartbeats[..], [0, 17]), (&[], [0, 7])] {
        let mut net = Net::new();
        let (pull, raw) = pull_and_raw(&mut net, options);
        net.tell_frame(raw, COMMAND, command("PING", &announced));
        if !options.is_empty() {
            net.advance(ms(1000));
        }
        net.heard_frames(raw);
        net.jump(ms(600_000));
        assert_eq!(net.heard_frames(raw), [(COMMAND, command("PING", &[0, 0]))], "{announced:?}");
        net.tell_frame(raw, COMMAND, command("PONG", b""));
        assert!(!net.is_closed(raw), "{announced:?}");
        // It lives, and then it doesn't.
        net.tell_frame(raw, COMMAND, command("PING", &announced));
        net.jump(ms(600_000));
        net.jump(ms(600_000));
        net.jump(ms(600_000));
        assert!(net.is_closed(raw), "{announced:?}");
        assert_eq!(net.told(pull, EventKind::Disconnected), [TIMED_OUT], "{announced:?}");
    }
}

/// RFC 37: "a peer SHOULD treat any incoming traffic (not just a PONG reply) as a sign of life".
#[test]
fn any_traffic_is_a_sign_of_life() {
    let mut net = Net::new();
    let (pull, raw) = pull_and_raw(&mut net, &[(HeartbeatIvl, 1000.into())]);
    for _ in 0..10 {
        net.advance(ms(900));
        net.tell_frame(raw, LAST, "busy");
    }
    assert!(!net.is_closed(raw));
    assert_eq!(net.recv_all(pull).len(), 10);
}

/// RFC 37: "After a failed heartbeat, the peer SHOULD reconnect as normal". Both sides notice a link that
/// went dead without a word, and what was queued goes out on the next.
#[test]
fn after_a_failed_heartbeat_it_reconnects() {
    for endpoint in [TCP, NULL] {
        let mut net = Net::new();
        let options = [(HeartbeatIvl, 1000.into()), (HeartbeatTimeout, 500.into())];
        let (pull, push) = (net.open_with(Pull, &options), net.open_with(Push, &options));
        net.join(pull, push, endpoint);
        net.advance(ms(10_000));
        assert_eq!(net.connections(push), 1, "{endpoint}: heartbeats keep it");
        net.hold(push, pull, true);
        net.hold(pull, push, true);
        net.credit(push, pull, 0);
        net.send(push, ["queued"]);
        net.advance(ms(3000));
        for sock in [push, pull] {
            assert_eq!(net.told(sock, EventKind::Disconnected), [TIMED_OUT], "{endpoint}");
        }
        assert_eq!(net.recv(pull), Some(msg(["queued"])));
    }
}

/// Heartbeats also go to peers of ZMTP 3.0, as from libzmq; and a WebSocket is asked by
/// its own PING, which every WebSocket answers, not by the command that libzmq ignores there.
#[test]
fn heartbeats_by_version_and_transport() {
    let mut net = Net::new();
    let pull = net.open_with(Pull, &[(HeartbeatIvl, 1000.into())]);
    net.bind(pull, TCP);
    let old = net.raw_connect(TCP);
    net.shake(old, 0, "PUSH");
    net.advance(ms(1000));
    assert_eq!(net.heard_frames(old), [(COMMAND, command("PING", &[0, 0]))]);

    net.bind(pull, NULL);
    let web = net.raw_connect(NULL);
    net.tell_zws(web, ZWS_COMMAND, ready("PUSH"));
    net.heard(web);
    net.advance(ms(1000));
    assert_eq!(net.state(web).heard, [Unit::Ping]);
    net.push(web.other(), Unit::Pong);
    net.advance(ms(999));
    assert!(!net.is_closed(web), "the PONG was a sign of life");
    net.advance(ms(1001));
    assert!(net.is_closed(web), "the next one did not come");
}

/// A PING command over WebSocket is answered there too: RFC 45 has commands, and peers of other makes send
/// it.
#[test]
fn a_ping_command_over_websocket_is_answered() {
    let mut net = Net::new();
    let pull = net.open(Pull);
    net.bind(pull, NULL);
    let web = net.raw_connect(NULL);
    net.tell_zws(web, ZWS_COMMAND, ready("PUSH"));
    net.heard(web);
    net.tell_zws(web, ZWS_COMMAND, command("PING", b"\0\0me"));
    assert_eq!(net.heard_units(web), [[&[ZWS_COMMAND], &command("PONG", b"me")[..]].concat()]);
}

/// Within a process there is nothing to ask, and without HEARTBEAT_IVL nobody asks.
#[test]
fn no_heartbeats_where_none_are_wanted() {
    for (endpoint, ivl) in [(INPROC, 100), (TCP, 0), (NULL, 0)] {
        let mut net = Net::new();
        let options = [(HeartbeatIvl, ivl.into())];
        let (pull, push) = (net.open_with(Pull, &options), net.open_with(Push, &options));
        net.join(pull, push, endpoint);
        net.hold(push, pull, true);
        net.advance(ms(1_000_000));
        assert_eq!((net.connections(pull), net.next_due()), (1, None), "{endpoint}: nothing is ever due");
    }
}
