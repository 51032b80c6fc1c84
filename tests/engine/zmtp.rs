//! RFC 37: greeting, NULL handshake, commands, and peers of other versions.

use zmq_wasm::SocketType::{Dealer, Pub, Pull, Push, Req, Router, Sub, Xpub};
use zmq_wasm::engine::EventKind;
use zmq_wasm::{SocketOption, SocketType};

use crate::net::{End, Net, Sock, TCP, TRANSPORTS, at, msg};
use crate::raw::{COMMAND, LAST, MORE, command, frame, frames, greeting, opening, ready, ready_with};

/// A bound socket and a raw connection to it that has said nothing.
fn listener(net: &mut Net, kind: SocketType) -> (Sock, End) {
    let sock = net.open(kind);
    net.bind(sock, TCP);
    (sock, net.raw_connect(TCP))
}

/// RFC 37, "Version Negotiation": "the peer SHALL send to the other a partial greeting sufficient to trigger
/// version detection. This is the first 11 octets of the greeting". "Authentication and Confidentiality": "A
/// peer that reads a full greeting, including mechanism, MUST also send a full greeting". "The NULL
/// Security Mechanism": "the as-server field MUST be zero".
#[test]
fn eleven_octets_first_and_the_rest_of_the_64_to_a_peer_of_version_3() {
    let mut net = Net::new();
    let (_, raw) = listener(&mut net, Pull);
    let first = net.heard(raw);
    assert_eq!((first.len(), first[0], first[9], first[10]), (11, 0xff, 0x7f, 3));
    net.tell(raw, opening(3));
    let rest = net.heard(raw);
    assert_eq!([first, rest].concat(), greeting(3, 1, "NULL"), "it does not wait for the peer's rest");
}

/// RFC 37, "Version Negotiation": "A peer SHALL NOT assign any significance to the padding field and MUST NOT
/// validate this nor interpret it in any way whatsoever". Nor have as-server and filler any under NULL.
#[test]
fn padding_as_server_and_filler_mean_nothing() {
    let mut net = Net::new();
    let (pull, raw) = listener(&mut net, Pull);
    let mut octets = greeting(3, 1, "NULL");
    octets[1..9].fill(0xee);
    octets[32..].fill(1);
    net.tell(raw, octets);
    net.tell_frame(raw, COMMAND, ready("PUSH"));
    net.tell_frame(raw, LAST, "hello");
    assert_eq!(net.recv(pull), Some(msg(["hello"])));
}

/// RFC 37, "Version Negotiation": "A peer MUST accept higher protocol versions as valid", "A peer SHALL
/// always use its own protocol (including framing) when talking to an equal or higher protocol peer".
#[test]
fn higher_versions_are_spoken_to_in_our_own() {
    for (major, minor) in [(3, 1), (3, 2), (3, 255), (4, 0), (200, 7)] {
        let mut net = Net::new();
        let (sub, raw) = listener(&mut net, Sub);
        net.subscribe(sub, "topic");
        net.tell(raw, greeting(major, minor, "NULL"));
        net.tell_frame(raw, COMMAND, ready("PUB"));
        let heard = net.heard(raw);
        let subscribe = frames(&heard[64..]).pop();
        assert_eq!(subscribe, Some((COMMAND, command("SUBSCRIBE", b"topic"))), "{major}.{minor}");
    }
}

/// RFC 37, "Authentication and Confidentiality": "If the mechanism that the peer received does not exactly
/// match the mechanism it sent, it MUST close the connection".
#[test]
fn another_mechanism_closes_the_connection() {
    for mechanism in ["CURVE", "PLAIN", "NULLX", "NUL", "", "null"] {
        let mut net = Net::new();
        let (pull, raw) = listener(&mut net, Pull);
        net.tell(raw, greeting(3, 1, mechanism));
        assert!(net.is_closed(raw), "{mechanism:?}");
        let told = net.told(pull, EventKind::HandshakeFailedProtocol);
        assert_eq!(told, [format!("incompatible peer: its security mechanism is {mechanism}, ours is NULL")]);
        let heard = net.heard(raw);
        assert_eq!(heard, greeting(3, 1, "NULL"), "ours was told in full before");
    }
}

/// RFC 37, "The NULL Security Mechanism": "To complete a NULL security handshake, the client SHALL send a
/// READY command"; its octets are those of RFC 37's worked example. "The Identity Property": "A REQ, DEALER,
/// or ROUTER peer connecting to a ROUTER MAY announce its identity".
#[test]
fn ready_has_the_octets_of_the_worked_example() {
    let mut net = Net::new();
    net.raw_listen(TCP);
    let dealer = net.open(Dealer);
    net.connect(dealer, TCP);
    let raw = net.raw_accept();
    net.tell(raw, greeting(3, 1, "NULL"));
    let expected = b"\x04\x29\x05READY\x0bSocket-Type\0\0\0\x06DEALER\x08Identity\0\0\0\0";
    assert_eq!(net.heard(raw)[64..], expected[..]);

    let push = net.open(Push);
    net.connect(push, TCP);
    let raw = net.raw_accept();
    net.tell(raw, greeting(3, 1, "NULL"));
    assert_eq!(net.heard(raw)[64..], *b"\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04PUSH");

    let named = net.open_with(Req, &[(SocketOption::RoutingId, "me".into())]);
    net.connect(named, TCP);
    let raw = net.raw_accept();
    net.tell(raw, greeting(3, 1, "NULL"));
    assert!(net.heard(raw).ends_with(b"\x08Identity\0\0\0\x02me"));
}

/// RFC 37, "The NULL Security Mechanism": "A peer MAY start to send messages immediately after completing its
/// handshake, that is, having both sent and received a READY command".
#[test]
fn no_message_goes_out_before_the_peers_ready() {
    let mut net = Net::new();
    net.raw_listen(TCP);
    let push = net.open(Push);
    net.connect(push, TCP);
    net.send(push, ["work"]);
    let raw = net.raw_accept();
    net.tell(raw, greeting(3, 1, "NULL"));
    let heard = net.heard(raw);
    assert_eq!(frames(&heard[64..]).len(), 1, "READY alone");
    net.tell_frame(raw, COMMAND, ready("PULL"));
    assert_eq!(net.heard_frames(raw), [(LAST, b"work".to_vec())]);
}

/// RFC 37, "Connection Metadata": "Metadata names SHALL be case-insensitive", "Zero-sized values are
/// allowed"; "Metadata names starting with "X-" SHALL be reserved for application use"; "The Resource
/// Property": "The implementation SHALL accept all resource requests".
#[test]
fn metadata_of_any_kind_is_taken_and_told() {
    let mut net = Net::new();
    let (router, raw) = listener(&mut net, Router);
    net.tell(raw, greeting(3, 1, "NULL"));
    let properties: [(&str, &[u8]); 5] = [
        ("sOCKET-tYPE", b"DEALER"),
        ("IDENTITY", b"me"),
        ("X-Empty", b""),
        ("Resource", b"system/name-service"),
        ("X-Long", &[7; 3000]),
    ];
    net.tell_frame(raw, COMMAND, ready_with(&properties));
    let peer = net.events(router).pop().and_then(|event| event.peer).expect("the handshake is done");
    assert_eq!(peer.routing_id, b"me");
    for (name, value) in properties {
        assert_eq!(peer.properties.find(&name.to_uppercase()), Some(value), "{name}");
    }
    net.send(router, ["me", "hello"]);
    assert!(net.heard(raw).ends_with(b"\0\x05hello"));
}

/// RFC 37, "The Identity Property": "For all other socket types, the Identity property shall be ignored".
#[test]
fn an_identity_means_nothing_to_other_types() {
    for identity in [&b"name"[..], b"\0reserved", b""] {
        let mut net = Net::new();
        let pull = net.open(Pull);
        net.bind(pull, TCP);
        for _ in 0..2 {
            let raw = net.raw_connect(TCP);
            net.tell(raw, greeting(3, 1, "NULL"));
            let properties = [("Socket-Type", &b"PUSH"[..]), ("Identity", identity)];
            net.tell_frame(raw, COMMAND, ready_with(&properties));
            net.tell_frame(raw, LAST, "hello");
        }
        assert_eq!(net.recv_all(pull), [msg(["hello"]), msg(["hello"])]);
    }
}

/// RFC 37, "The Socket-Type Property": "This table shows the legal combinations". It is written down here
/// from the RFC.
const LEGAL: [(&str, &[&str]); 11] = [
    ("REQ", &["REP", "ROUTER"]),
    ("REP", &["REQ", "DEALER"]),
    ("DEALER", &["REP", "DEALER", "ROUTER"]),
    ("ROUTER", &["REQ", "DEALER", "ROUTER"]),
    ("PUB", &["SUB", "XSUB"]),
    ("XPUB", &["SUB", "XSUB"]),
    ("SUB", &["PUB", "XPUB"]),
    ("XSUB", &["PUB", "XPUB"]),
    ("PUSH", &["PULL"]),
    ("PULL", &["PUSH"]),
    ("PAIR", &["PAIR"]),
];

/// RFC 37, "The Socket-Type Property": "The peer SHOULD enforce that the other peer is using a valid socket
/// type". The draft types, unknown ones and another case of the letters are none of ours.
#[test]
fn the_socket_type_of_the_peer_must_fit() {
    let others =
        ["CLIENT", "SERVER", "RADIO", "DISH", "SCATTER", "GATHER", "PEER", "CHANNEL", "", "req", "REQ "];
    for (ours, legal) in LEGAL {
        let kind = SocketType::from_name(ours.as_bytes()).expect("it is one of the eleven");
        for theirs in LEGAL.map(|(name, _)| name).into_iter().chain(others) {
            let mut net = Net::new();
            let (sock, raw) = listener(&mut net, kind);
            net.tell(raw, greeting(3, 1, "NULL"));
            net.tell_frame(raw, COMMAND, ready(theirs));
            assert_eq!(!net.is_closed(raw), legal.contains(&theirs), "{ours} and {theirs}");
            let told = net.told(sock, EventKind::HandshakeFailedProtocol);
            let cause = format!("incompatible peer: a {ours} socket can't talk to a {theirs}");
            assert_eq!(told, if legal.contains(&theirs) { vec![] } else { vec![cause] });
        }
    }
}

/// RFC 37, "Socket Semantics": "All sockets SHALL accept connections (binding to an address) and make
/// connections". Each legal pair, each side binding, over each kind of link.
#[test]
fn every_legal_pair_connects_either_way() {
    for (a, others) in LEGAL {
        for b in others {
            for endpoint in TRANSPORTS {
                let kind = |name: &str| SocketType::from_name(name.as_bytes()).expect("one of the eleven");
                let mut net = Net::new();
                let (bound, connected) = net.pair(kind(a), kind(b), endpoint);
                for sock in [bound, connected] {
                    assert!(net.kinds(sock).contains(&EventKind::HandshakeSucceeded), "{a} {b} {endpoint}");
                }
            }
        }
    }
}

/// RFC 37, "Framing": "A short frame has a body of 0 to 255 octets. A long frame has a body of 0 to 2^63-1
/// octets". Ours are as short as can be; a long frame with a short body is taken.
#[test]
fn frames_are_long_from_256_octets() {
    let mut net = Net::new();
    let (pull, push) = (net.open(Pull), net.open(Push));
    net.bind(push, TCP);
    let raw = net.raw_peer(TCP, "PULL");
    for length in [0, 1, 255, 256, 65_536] {
        net.send(push, [vec![9; length]]);
        let heard = net.heard(raw);
        assert_eq!(heard, frame(LAST, &vec![9; length]));
        assert_eq!(heard[0], if length < 256 { 0 } else { 2 });
    }
    net.bind(pull, &at(TCP, 2));
    let raw = net.raw_connect(&at(TCP, 2));
    net.tell(raw, greeting(3, 1, "NULL"));
    let body = ready("PUSH");
    let long_command = [&[6, 0, 0, 0, 0, 0, 0, 0, body.len() as u8], &body[..]].concat();
    net.tell(raw, long_command);
    net.tell(raw, b"\x03\0\0\0\0\0\0\0\x01a\x02\0\0\0\0\0\0\0\x00");
    assert_eq!(net.recv(pull), Some(msg(["a", ""])));
}

/// RFC 37, "Formal Grammar": "message = *message-more message-last": no command comes between the frames of a
/// message, whatever is due meanwhile.
#[test]
fn nothing_comes_between_the_parts_of_a_message() {
    let mut net = Net::new();
    let (router, raw) = listener(&mut net, Router);
    net.tell(raw, greeting(3, 1, "NULL"));
    net.tell_frame(raw, COMMAND, ready_with(&[("Socket-Type", b"DEALER"), ("Identity", b"me")]));
    net.tell_frame(raw, MORE, "first");
    net.tell_frame(raw, COMMAND, command("PING", &[0, 0, 7]));
    net.heard(raw);
    net.send(router, ["me", "a", "b", "c"]);
    net.tell_frame(raw, LAST, "second");
    net.tell_frame(raw, COMMAND, command("PING", &[0, 0, 8]));
    let flags: Vec<u8> = net.heard_frames(raw).into_iter().map(|(flags, _)| flags).collect();
    assert_eq!(flags, [MORE, MORE, LAST, COMMAND]);
    assert_eq!(net.recv(router), Some(msg(["me", "first", "second"])), "and ours is not torn by one");
}

/// RFC 37, "Commands": mechanisms and successors add some, and "Messages" flow on behind one that is unknown.
#[test]
fn an_unknown_command_is_passed_over() {
    let mut net = Net::new();
    let (pull, raw) = listener(&mut net, Pull);
    net.shake(raw, 1, "PUSH");
    for name in ["JOIN", "LEAVE", "FUTURE", "ready"] {
        net.tell_frame(raw, COMMAND, command(name, b"\0\xff"));
    }
    net.tell_frame(raw, COMMAND, command("PONG", b"unasked"));
    net.tell_frame(raw, LAST, "behind them");
    assert_eq!(net.recv(pull), Some(msg(["behind them"])));
}

/// RFC 37, "The Publish-Subscribe Pattern": "To create a subscription, the SUB or XSUB peer SHALL send a
/// SUBSCRIBE command", "To cancel a subscription, the SUB or XSUB peer SHALL send a CANCEL command"; RFC 23
/// (3.0) knows neither, there it is a message.
#[test]
fn subscriptions_go_by_command_to_3_1_and_by_message_to_3_0() {
    let commands = [(COMMAND, command("SUBSCRIBE", b"a")), (COMMAND, command("CANCEL", b"a"))];
    let messages = [(LAST, b"\x01a".to_vec()), (LAST, b"\0a".to_vec())];
    for (minor, expected) in [(1, commands), (0, messages)] {
        let mut net = Net::new();
        let (sub, raw) = listener(&mut net, Sub);
        net.shake(raw, minor, "PUB");
        net.subscribe(sub, "a");
        net.subscribe(sub, "a");
        net.unsubscribe(sub, "a");
        net.unsubscribe(sub, "a");
        assert_eq!(net.heard_frames(raw), expected);
    }
}

/// RFC 37, "The Publish-Subscribe Pattern": "message filtering SHALL happen at the publisher side". Both
/// forms are taken from both versions, since peers of both exist that mix them.
#[test]
fn a_publisher_takes_both_forms_of_subscription() {
    for (kind, minor) in [(Pub, 0), (Pub, 1), (Xpub, 0), (Xpub, 1)] {
        let mut net = Net::new();
        let (publisher, raw) = listener(&mut net, kind);
        net.shake(raw, minor, "SUB");
        net.tell_frame(raw, COMMAND, command("SUBSCRIBE", b"a"));
        net.tell_frame(raw, LAST, b"\x01b");
        for text in ["a", "b", "c"] {
            net.send(publisher, [text]);
        }
        assert_eq!(net.heard_frames(raw), [(LAST, b"a".to_vec()), (LAST, b"b".to_vec())]);
        net.tell_frame(raw, LAST, b"\0a");
        net.tell_frame(raw, COMMAND, command("CANCEL", b"b"));
        for text in ["a", "b"] {
            net.send(publisher, [text]);
        }
        assert_eq!(net.heard_frames(raw), []);
    }
}

/// RFC 37, "The Publish-Subscribe Pattern": "subscription = *OCTET". One as long as a SUB may ask for reaches
/// a publisher of ours; a longer one is refused where it is asked for, not by a lost connection.
#[test]
fn a_topic_that_can_be_subscribed_reaches_the_publisher() {
    for endpoint in TRANSPORTS {
        let mut net = Net::new();
        let (publisher, sub) = net.pair(Pub, Sub, endpoint);
        let topic = (0..24)
            .rev()
            .map(|bits| vec![b't'; (1 << bits) - 16 * (bits / 4)])
            .find(|topic| net.with(sub, |engine, _| engine.subscribe(topic, true)).is_ok());
        let topic = topic.expect("some length is accepted");
        assert!(topic.len() >= 1 << 15);
        net.run();
        net.send(publisher, [&topic]);
        assert!(net.recv(sub) == Some(vec![topic]), "{endpoint}: the topic did not reach the publisher");
    }
}

/// RFC 37, "Detecting ZMTP 2.0 Peers": "If the peer version number is 1 or 2, the peer is using ZMTP 2.0, so
/// send the ZMTP 2.0 socket type and identity and continue with ZMTP 2.0".
#[test]
fn a_peer_of_version_2_is_spoken_to_in_2_0() {
    for revision in [1, 2] {
        let mut net = Net::new();
        let router = net.open_with(Router, &[(SocketOption::RoutingId, "us".into())]);
        net.bind(router, TCP);
        let raw = net.raw_connect(TCP);
        net.tell(raw, opening(revision));
        net.tell(raw, [SocketType::Dealer.number()]);
        net.tell_frame(raw, LAST, "you");
        let expected = [opening(3), vec![SocketType::Router.number()], frame(LAST, b"us")].concat();
        assert_eq!(net.heard(raw), expected);
        net.tell_frame(raw, MORE, "a");
        net.tell_frame(raw, LAST, "b");
        assert_eq!(net.recv(router), Some(msg(["you", "a", "b"])));
        net.send(router, ["you", "c"]);
        assert_eq!(net.heard_frames(raw), [(LAST, b"c".to_vec())]);
    }
}

/// RFC 37, "Detecting ZMTP 2.0 Peers": there are no commands in 2.0, so subscriptions are messages and there
/// is no PING; the socket type is in the greeting and must fit all the same.
#[test]
fn a_peer_of_version_2_hears_no_commands() {
    let mut net = Net::new();
    let sub = net.open_with(Sub, &[(SocketOption::HeartbeatIvl, 100.into())]);
    net.subscribe(sub, "a");
    net.bind(sub, TCP);
    let raw = net.raw_connect(TCP);
    net.tell(raw, opening(1));
    net.tell(raw, [SocketType::Pub.number()]);
    net.tell_frame(raw, LAST, "");
    net.advance(crate::net::ms(60_000));
    let heard = net.heard(raw);
    assert_eq!(frames(&heard[12..]), [(LAST, vec![]), (LAST, b"\x01a".to_vec())]);
    assert!(!net.is_closed(raw));

    let misfit = net.raw_connect(TCP);
    net.tell(misfit, opening(1));
    net.tell(misfit, [SocketType::Pull.number()]);
    assert!(net.is_closed(misfit));
    let told = net.told(sub, EventKind::HandshakeFailedProtocol);
    assert_eq!(told, ["incompatible peer: a SUB socket can't talk to a PULL"]);
}
