//! PLAIN (RFC 24) between engines, and who decides about a peer.

use zmq_wasm::SocketType::{Dealer, Pull, Push, Router, Sub};
use zmq_wasm::engine::{EventKind, Verdict};
use zmq_wasm::{Credentials, OptionValue, SocketOption, SocketType};

use crate::net::{End, INPROC, NULL, Net, PLAIN, Sock, TCP, ms, msg};
use crate::raw::{COMMAND, LAST, command, frames, greeting, opening, ready_with};

fn judge(credentials: &Credentials) -> Option<Verdict> {
    let Credentials::Plain { username, password } = credentials else { return Some(Verdict::Fail) };
    match (&username[..], &password[..]) {
        (b"admin", b"secret") => Some(Verdict::allow("the admin")),
        (b"late", _) => None,
        (b"soon", _) => Some(Verdict::TryLater),
        (b"", b"") => Some(Verdict::allow("")),
        _ => Some(Verdict::Deny),
    }
}

fn server(net: &mut Net, kind: SocketType) -> Sock {
    let server = net.open_with(kind, &[(SocketOption::PlainServer, true.into())]);
    net.judge(server, judge);
    server
}

fn client(net: &mut Net, kind: SocketType, username: &str, password: &str) -> Sock {
    let options: [(SocketOption, OptionValue); 2] =
        [(SocketOption::PlainUsername, username.into()), (SocketOption::PlainPassword, password.into())];
    net.open_with(kind, &options)
}

fn codes(net: &mut Net, sock: Sock, kind: EventKind) -> Vec<u32> {
    net.events(sock).into_iter().filter(|event| event.kind == kind).map(|event| event.code).collect()
}

/// RFC 24: either side may bind.
#[test]
fn the_right_name_and_password_let_in_by_either_side_and_every_transport() {
    for endpoint in [TCP, PLAIN] {
        for server_binds in [true, false] {
            let mut net = Net::new();
            let (router, dealer) = (server(&mut net, Router), client(&mut net, Dealer, "admin", "secret"));
            net.set(dealer, SocketOption::RoutingId, "me");
            let (binds, connects) = if server_binds { (router, dealer) } else { (dealer, router) };
            net.join(binds, connects, endpoint);
            net.send(dealer, ["hello", "there"]);
            assert_eq!(net.recv(router), Some(msg(["me", "hello", "there"])));
            let peer = net.engine(router).last_peer().expect("it is there");
            assert_eq!(peer.properties.find("User-Id"), Some(&b"the admin"[..]));
            net.send(router, ["me", "welcome"]);
            assert_eq!(net.recv(dealer), Some(msg(["welcome"])));
        }
    }
}

/// RFC 24, "ERROR"; RFC 27, "Status codes". A client that is refused does not try again.
#[test]
fn a_wrong_password_is_told_and_not_tried_again() {
    for endpoint in [TCP, PLAIN] {
        let mut net = Net::new();
        let (pull, push) = (server(&mut net, Pull), client(&mut net, Push, "admin", "guess"));
        net.join(pull, push, endpoint);
        assert_eq!(codes(&mut net, pull, EventKind::HandshakeFailedAuth), [400]);
        assert_eq!(codes(&mut net, push, EventKind::HandshakeFailedAuth), [400]);
        net.advance(ms(10_000));
        assert_eq!((net.dials(push).0, net.connections(pull), net.connections(push)), (1, 0, 0));
    }
}

/// RFC 27, "Status codes": 300 is temporary, and the client is not told but closed.
#[test]
fn who_may_try_later_does() {
    let mut net = Net::new();
    let (pull, push) = (server(&mut net, Pull), client(&mut net, Push, "soon", "x"));
    net.join(pull, push, TCP);
    assert_eq!(codes(&mut net, pull, EventKind::HandshakeFailedAuth), [300]);
    assert_eq!(codes(&mut net, push, EventKind::HandshakeFailedAuth), [0; 0]);
    net.judge(pull, |_| Some(Verdict::allow("")));
    net.advance(ms(1000));
    net.send(push, ["again"]);
    assert_eq!(net.recv(pull), Some(msg(["again"])));
}

/// The one who decides may take its time: until HANDSHAKE_IVL has passed.
#[test]
fn a_verdict_may_come_later_or_never() {
    let mut net = Net::new();
    let (pull, push) = (server(&mut net, Pull), client(&mut net, Push, "late", "x"));
    net.join(pull, push, TCP);
    net.advance(ms(20_000));
    let (peer, credentials) = net.judged(pull).pop().expect("it is asked");
    assert_eq!(credentials, Credentials::Plain { username: b"late".to_vec(), password: b"x".to_vec() });
    net.with(pull, |engine, now| {
        engine.handle_verdict(peer, Verdict::allow(""), now);
        // Once is enough.
        engine.handle_verdict(peer, Verdict::Deny, now);
    });
    net.send(push, ["patience"]);
    assert_eq!(net.recv(pull), Some(msg(["patience"])));

    let never = client(&mut net, Push, "late", "y");
    net.connect(never, TCP);
    net.run();
    let (peer, _) = net.judged(pull).pop().expect("it is asked");
    net.events(pull);
    net.advance(ms(30_000));
    assert!(net.kinds(pull).contains(&EventKind::HandshakeFailedNoDetail));
    net.with(pull, |engine, now| engine.handle_verdict(peer, Verdict::Deny, now));
    assert!(!net.kinds(pull).contains(&EventKind::HandshakeFailedAuth), "it is too late");
}

/// As libzmq: without a ZAP handler, a PLAIN server lets nobody in, and tells nobody why.
#[test]
fn where_nobody_decides_plain_lets_nobody_in() {
    let mut net = Net::new();
    let pull = net.open_with(Pull, &[(SocketOption::PlainServer, true.into())]);
    let push = client(&mut net, Push, "admin", "secret");
    net.join(pull, push, TCP);
    assert_eq!(
        net.told(pull, EventKind::HandshakeFailedNoDetail),
        ["there is nobody to decide whether it is let in"]
    );
    assert!(!net.kinds(push).contains(&EventKind::HandshakeSucceeded));
}

/// RFC 27: with NULL, the handler decides by the address alone; where there is no domain, it is not asked.
#[test]
fn a_domain_has_somebody_decide_under_null_too_but_not_within_a_process() {
    for endpoint in [TCP, NULL] {
        let mut net = Net::new();
        let pull = net.open_with(Pull, &[(SocketOption::ZapDomain, "global".into())]);
        net.judge(pull, |_| None);
        let push = net.open(Push);
        net.join(pull, push, endpoint);
        let (peer, credentials) = net.judged(pull).pop().expect("it is asked");
        assert_eq!(credentials, Credentials::Null);
        assert!(!net.kinds(push).contains(&EventKind::HandshakeSucceeded));
        net.with(pull, |engine, now| engine.handle_verdict(peer, Verdict::allow("local"), now));
        net.send(push, ["hello"]);
        assert_eq!(net.recv(pull), Some(msg(["hello"])));
    }
    let mut net = Net::new();
    let pull = net.open_with(Pull, &[(SocketOption::ZapDomain, "global".into())]);
    let push = net.open_with(Push, &[(SocketOption::PlainServer, true.into())]);
    net.join(pull, push, INPROC);
    net.send(push, ["hello"]);
    assert_eq!(net.recv(pull), Some(msg(["hello"])));
}

/// RFC 37, "Authentication and Confidentiality": mechanisms must match; and nobody gets around them by being old, by
/// bare ZWS, or by both being the server.
#[test]
fn no_way_around_the_mechanism() {
    let mut net = Net::new();
    let pull = server(&mut net, Pull);
    net.bind(pull, TCP);
    for (octets, code) in [
        (greeting(3, 1, "NULL"), 0x1100_0002),
        (greeting(3, 1, "CURVE"), 0x1100_0002),
        ([opening(1), vec![8, 0, 0]].concat(), 0x1100_0002),
        (
            {
                let mut server = greeting(3, 1, "PLAIN");
                server[32] = 1;
                server
            },
            0x1000_0018,
        ),
    ] {
        let raw = net.raw_connect(TCP);
        net.tell(raw, octets);
        assert_eq!(codes(&mut net, pull, EventKind::HandshakeFailedProtocol), [code]);
        assert!(net.is_closed(raw));
    }
    for endpoint in ["ws://host:1/bare", NULL] {
        net.bind(pull, endpoint);
        let raw = net.raw_connect(endpoint);
        assert!(net.is_closed(raw), "{endpoint}");
        assert_eq!(codes(&mut net, pull, EventKind::HandshakeFailedProtocol), [0x1100_0002]);
    }
}

/// RFC 37: "as-server".
#[test]
fn the_greeting_says_who_is_the_server() {
    for (is_server, option) in [(1, SocketOption::PlainServer), (0, SocketOption::PlainUsername)] {
        let mut net = Net::new();
        let value: OptionValue = if is_server == 1 { true.into() } else { "me".into() };
        let pull = net.open_with(Pull, &[(option, value)]);
        net.bind(pull, TCP);
        let raw = net.raw_connect(TCP);
        net.tell(raw, greeting(3, 1, "PLAIN"));
        let heard = net.heard(raw);
        assert_eq!((&heard[12..18], heard[32]), (&b"PLAIN\0"[..], is_server));
    }
}

fn plain_server(net: &mut Net) -> (Sock, End) {
    let pull = server(net, Pull);
    net.bind(pull, TCP);
    let raw = net.raw_connect(TCP);
    net.tell(raw, greeting(3, 1, "PLAIN"));
    net.heard(raw);
    (pull, raw)
}

fn push() -> Vec<u8> {
    ready_with(&[("Socket-Type", b"PUSH")])[6..].to_vec()
}

/// RFC 24, "Formal Grammar".
#[test]
fn commands_have_the_octets_of_the_grammar() {
    let mut net = Net::new();
    let (pull, raw) = plain_server(&mut net);
    net.tell_frame(raw, COMMAND, command("HELLO", b"\x05admin\x06secret"));
    assert_eq!(net.heard_frames(raw), [(COMMAND, command("WELCOME", b""))]);
    net.tell_frame(raw, COMMAND, command("INITIATE", &push()));
    assert_eq!(net.heard_frames(raw), [(COMMAND, ready_with(&[("Socket-Type", b"PULL")]))]);
    net.tell_frame(raw, LAST, "hello");
    assert_eq!(net.recv(pull), Some(msg(["hello"])));

    net.raw_listen("tcp://host:2");
    let sub = client(&mut net, Sub, "admin", "secret");
    net.connect(sub, "tcp://host:2");
    let raw = net.raw_accept();
    net.tell(raw, greeting(3, 1, "PLAIN"));
    assert_eq!(frames(&net.heard(raw)[64..]), [(COMMAND, command("HELLO", b"\x05admin\x06secret"))]);
    net.tell_frame(raw, COMMAND, command("WELCOME", b""));
    let initiate = command("INITIATE", &ready_with(&[("Socket-Type", b"SUB")])[6..]);
    assert_eq!(net.heard_frames(raw), [(COMMAND, initiate)]);
    net.tell_frame(raw, COMMAND, ready_with(&[("Socket-Type", b"PUB")]));
    assert!(net.kinds(sub).contains(&EventKind::HandshakeSucceeded));
}

#[test]
fn what_is_no_plain_is_refused_by_the_server() {
    let hello = || command("HELLO", b"\x05admin\x06secret");
    let (order, malformed) = (0x1000_0001, 0x1000_0011);
    for (told, code) in [
        (vec![command("INITIATE", &push())], order),
        (vec![ready_with(&[("Socket-Type", b"PUSH")])], order),
        (vec![command("ERROR", b"\x03400")], order),
        (vec![hello(), hello()], order),
        (vec![hello(), command("WELCOME", b"")], order),
        (vec![command("HELLO", b"")], malformed),
        (vec![command("HELLO", b"\x05admi")], malformed),
        (vec![command("HELLO", b"\x05admin")], malformed),
        (vec![command("HELLO", b"\x05admin\x07secret")], malformed),
        (vec![command("HELLO", b"\x05admin\x06secretly")], malformed),
        (vec![b"\x09HELLO".to_vec()], malformed),
        (vec![Vec::new()], malformed),
        (vec![hello(), command("INITIATE", b"")], malformed),
        (vec![hello(), command("INITIATE", b"\x0bSocket-Type\0\0\0\x09PUSH")], malformed),
        (vec![hello(), command("INITIATE", &ready_with(&[("Socket-Type", b"PUB")])[6..])], 0x1000_0018),
    ] {
        let mut net = Net::new();
        let (pull, raw) = plain_server(&mut net);
        for command in &told {
            net.tell_frame(raw, COMMAND, command);
        }
        assert_eq!(codes(&mut net, pull, EventKind::HandshakeFailedProtocol), [code], "{told:?}");
        assert!(net.is_closed(raw));
    }
    // A message is no command, whatever is in it; nor may one come before the end of the handshake.
    for flag in [LAST, 1] {
        let mut net = Net::new();
        let (pull, raw) = plain_server(&mut net);
        net.tell_frame(raw, flag, hello());
        assert_eq!(codes(&mut net, pull, EventKind::HandshakeFailedProtocol), [order]);
    }
}

#[test]
fn what_is_no_plain_is_refused_by_the_client() {
    for (told, kind, code) in [
        (vec![command("WELCOME", b"x")], EventKind::HandshakeFailedProtocol, 0x1000_0011),
        (vec![command("HELLO", b"\0\0")], EventKind::HandshakeFailedProtocol, 0x1000_0001),
        (vec![ready_with(&[("Socket-Type", b"PULL")])], EventKind::HandshakeFailedProtocol, 0x1000_0001),
        (vec![command("WELCOME", b""); 2], EventKind::HandshakeFailedProtocol, 0x1000_0001),
        (vec![command("ERROR", b"")], EventKind::HandshakeFailedProtocol, 0x1000_0011),
        (vec![command("ERROR", b"\x04400")], EventKind::HandshakeFailedProtocol, 0x1000_0011),
        (vec![command("ERROR", b"\x03400")], EventKind::HandshakeFailedAuth, 400),
        (vec![command("ERROR", b"\x04gone")], EventKind::HandshakeFailedAuth, 0),
        // As libzmq spells it.
        (vec![b"^RROR\x03400".to_vec()], EventKind::HandshakeFailedAuth, 400),
        (vec![command("WELCOME", b""), command("ERROR", b"\x03500")], EventKind::HandshakeFailedAuth, 500),
    ] {
        let mut net = Net::new();
        net.raw_listen(TCP);
        let push = client(&mut net, Push, "admin", "secret");
        net.connect(push, TCP);
        let raw = net.raw_accept();
        net.tell(raw, greeting(3, 1, "PLAIN"));
        for command in &told {
            net.tell_frame(raw, COMMAND, command);
        }
        assert_eq!(codes(&mut net, push, kind), [code], "{told:?}");
        assert!(net.is_closed(raw));
    }
}

/// What a peer says of itself is not what was decided about it.
#[test]
fn nobody_gives_himself_a_user_id() {
    let mut net = Net::new();
    let (pull, raw) = plain_server(&mut net);
    net.tell_frame(raw, COMMAND, command("HELLO", b"\0\0"));
    let properties = ready_with(&[("Socket-Type", b"PUSH"), ("uSER-iD", b"the admin")]);
    net.tell_frame(raw, COMMAND, command("INITIATE", &properties[6..]));
    net.tell_frame(raw, LAST, "hello");
    assert_eq!(net.recv(pull), Some(msg(["hello"])));
    assert_eq!(net.engine(pull).last_peer().expect("it is there").properties.find("User-Id"), None);
}
