//! Peers of older versions, by hand and octet by octet: ZMTP 2.0 (RFC 15) and 3.0 (RFC 23), for every pattern.

use zmq_wasm::SocketType::{self, Pub, Pull, Push, Rep, Req, Router, Sub, Xpub, Xsub};
use zmq_wasm::engine::EventKind;

use crate::net::{End, Net, Sock, TCP, msg};
use crate::raw::{COMMAND, LAST, MORE, command, frame, frames, greeting, opening, ready};

/// What the peer speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    /// ZMTP 2.0, by its revision: RFC 15 has 1, and libzmq 3.x says so.
    V2(u8),
    V3_0,
}

const VERSIONS: [Version; 3] = [Version::V2(1), Version::V2(2), Version::V3_0];

impl Version {
    /// All that a peer of this type says before its first message.
    fn handshake(self, kind: SocketType) -> Vec<u8> {
        match self {
            Self::V2(revision) => [opening(revision), vec![kind.number()], frame(LAST, b"")].concat(),
            Self::V3_0 => [greeting(3, 0, "NULL"), frame(COMMAND, &ready(kind.name()))].concat(),
        }
    }

    /// How many octets ours says before its frames.
    fn greeting_len(self) -> usize {
        match self {
            Self::V2(_) => 12,
            Self::V3_0 => 64,
        }
    }
}

/// A socket of ours, and a raw peer of this version that has shaken hands with it, one octet after the other.
fn met(net: &mut Net, version: Version, ours: SocketType, theirs: SocketType, we_bind: bool) -> (Sock, End) {
    let sock = net.open(ours);
    let raw = if we_bind {
        net.bind(sock, TCP);
        net.raw_connect(TCP)
    } else {
        net.raw_listen(TCP);
        net.connect(sock, TCP);
        net.raw_accept()
    };
    tell_slowly(net, raw, &version.handshake(theirs));
    let heard = net.heard(raw);
    let handshake = &frames(&heard[version.greeting_len()..])[0];
    match version {
        Version::V2(_) => assert_eq!(*handshake, (LAST, vec![]), "the routing id"),
        Version::V3_0 => assert_eq!(handshake.1[..6], *b"\x05READY"),
    }
    assert!(net.kinds(sock).contains(&EventKind::HandshakeSucceeded));
    (sock, raw)
}

fn tell_slowly(net: &mut Net, raw: End, octets: &[u8]) {
    for octet in octets {
        net.tell(raw, [*octet]);
    }
}

/// Does something with a peer of every version, our socket bound and connected.
fn each(ours: SocketType, theirs: SocketType, mut run: impl FnMut(&mut Net, Sock, End)) {
    for version in VERSIONS {
        for we_bind in [true, false] {
            println!("{} and a {} of {version:?}, we bind: {we_bind}", ours.name(), theirs.name());
            let mut net = Net::new();
            let (sock, raw) = met(&mut net, version, ours, theirs, we_bind);
            run(&mut net, sock, raw);
            assert!(!net.is_closed(raw));
        }
    }
}

const LONG: [u8; 300] = [b'x'; 300];

/// What it takes to send and receive two parts, one of them a long frame.
fn flows(net: &mut Net, sock: Sock, raw: End, out: bool) {
    if out {
        net.send(sock, [&b"a"[..], &LONG]);
        assert_eq!(net.heard_frames(raw), [(MORE, b"a".to_vec()), (LAST, LONG.to_vec())]);
    } else {
        tell_slowly(net, raw, &[frame(MORE, b"a"), frame(LAST, &LONG)].concat());
        assert_eq!(net.recv(sock), Some(msg([&b"a"[..], &LONG])));
    }
}

#[test]
fn pipelines_and_pairs() {
    each(Push, Pull, |net, sock, raw| flows(net, sock, raw, true));
    each(Pull, Push, |net, sock, raw| flows(net, sock, raw, false));
    for (ours, theirs) in [(SocketType::Pair, SocketType::Pair), (SocketType::Dealer, SocketType::Dealer)] {
        each(ours, theirs, |net, sock, raw| {
            flows(net, sock, raw, true);
            flows(net, sock, raw, false);
        });
    }
}

#[test]
fn requests_and_replies() {
    let delimited = |body: &[u8]| [frame(MORE, b""), frame(LAST, body)].concat();
    let heard = |body: &[u8]| [(MORE, vec![]), (LAST, body.to_vec())];
    for theirs in [Rep, Router] {
        each(Req, theirs, |net, sock, raw| {
            net.send(sock, ["question"]);
            assert_eq!(net.heard_frames(raw), heard(b"question"));
            tell_slowly(net, raw, &delimited(b"answer"));
            assert_eq!(net.recv(sock), Some(msg(["answer"])));
        });
    }
    for theirs in [Req, SocketType::Dealer] {
        each(Rep, theirs, |net, sock, raw| {
            tell_slowly(net, raw, &delimited(b"question"));
            assert_eq!(net.recv(sock), Some(msg(["question"])));
            net.send(sock, ["answer"]);
            assert_eq!(net.heard_frames(raw), heard(b"answer"));
        });
        each(Router, theirs, |net, sock, raw| {
            tell_slowly(net, raw, &delimited(b"question"));
            let question = net.recv(sock).expect("it has come");
            assert_eq!(question[1..], msg(["", "question"]));
            net.send(sock, [&question[0][..], b"", b"answer"]);
            assert_eq!(net.heard_frames(raw), heard(b"answer"));
        });
    }
}

/// RFC 37, "The Publish-Subscribe Pattern", has commands for what are messages in RFC 23 and before.
#[test]
fn subscriptions_are_messages_both_ways() {
    for theirs in [Sub, Xsub] {
        for ours in [Pub, Xpub] {
            each(ours, theirs, |net, sock, raw| {
                tell_slowly(net, raw, &frame(LAST, b"\x01a"));
                net.send(sock, ["abc"]);
                net.send(sock, ["bcd"]);
                assert_eq!(net.heard_frames(raw), [(LAST, b"abc".to_vec())]);
                tell_slowly(net, raw, &frame(LAST, b"\0a"));
                net.send(sock, ["abc"]);
                assert_eq!(net.heard_frames(raw), []);
                if ours == Xpub {
                    assert_eq!(net.recv_all(sock), [msg([b"\x01a"]), msg([b"\0a"])]);
                }
            });
        }
    }
    for theirs in [Pub, Xpub] {
        each(Sub, theirs, |net, sock, raw| {
            net.subscribe(sock, "a");
            tell_slowly(net, raw, &[frame(LAST, b"bcd"), frame(LAST, b"abc")].concat());
            assert_eq!(net.recv_all(sock), [msg(["abc"])]);
            net.unsubscribe(sock, "a");
            assert_eq!(net.heard_frames(raw), [(LAST, b"\x01a".to_vec()), (LAST, b"\0a".to_vec())]);
        });
        each(Xsub, theirs, |net, sock, raw| {
            net.send(sock, [b"\x01a"]);
            assert_eq!(net.heard_frames(raw), [(LAST, b"\x01a".to_vec())]);
            flows(net, sock, raw, false);
        });
    }
}

/// RFC 15, "Framing": "Bits 7-2: Reserved [...] SHALL be zero": 2.0 has no commands, so a frame with the
/// flag of one is no sound peer's, and not an engine's business.
#[test]
fn a_command_from_a_peer_of_version_2_breaks_the_protocol() {
    for revision in [1, 2] {
        let mut net = Net::new();
        let (publisher, raw) = met(&mut net, Version::V2(revision), Pub, Sub, true);
        net.tell_frame(raw, COMMAND, command("SUBSCRIBE", b"a"));
        assert!(net.is_closed(raw));
        let told = net.told(publisher, EventKind::Disconnected);
        assert_eq!(told, ["the peer set reserved bits in a frame's flags"]);
    }
}
