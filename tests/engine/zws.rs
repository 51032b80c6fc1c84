//! RFC 45: ZeroMQ over WebSocket, bare and with the NULL mechanism.

use zmq_wasm::SocketType::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, Xpub};
use zmq_wasm::engine::EventKind;
use zmq_wasm::{Error, SocketOption};

use crate::net::{BARE, End, NULL, Net, at, ms, msg};
use crate::raw::{LAST, MORE, ZWS_COMMAND, command, ready, ready_with};

/// A WebSocket message.
fn zws(flag: u8, body: impl AsRef<[u8]>) -> Vec<u8> {
    [&[flag], body.as_ref()].concat()
}

/// A raw listener's connection from a socket of this type.
fn dialled(net: &mut Net, endpoint: &str, kind: zmq_wasm::SocketType) -> (crate::net::Sock, End) {
    net.raw_listen(endpoint);
    let sock = net.open(kind);
    net.connect(sock, endpoint);
    let raw = net.raw_accept();
    (sock, raw)
}

/// RFC 45, "No Mechanism": "the first message of each side of the connection must be the Routing Id
/// (Identity), the rest are regular messages".
#[test]
fn bare_begins_with_each_sides_routing_id() {
    for name in ["", "our name"] {
        let mut net = Net::new();
        net.raw_listen(BARE);
        let dealer = net.open(Dealer);
        if !name.is_empty() {
            net.set(dealer, SocketOption::RoutingId, name);
        }
        net.connect(dealer, BARE);
        let raw = net.raw_accept();
        net.send(dealer, ["a", "b"]);
        assert_eq!(net.heard_units(raw), [zws(LAST, name)], "no message before the peer's routing id");
        net.tell_zws(raw, LAST, "your name");
        assert_eq!(net.heard_units(raw), [zws(MORE, "a"), zws(LAST, "b")]);
        net.tell_zws(raw, LAST, "c");
        assert_eq!(net.recv(dealer), Some(msg(["c"])));
    }
}

/// RFC 45, "No Mechanism", seen from the listener, which hears the client out first; a ROUTER knows the
/// client by the routing id, and makes one up for who gives none.
#[test]
fn a_bare_listener_answers_the_clients_routing_id() {
    let mut net = Net::new();
    let router = net.open(Router);
    net.bind(router, BARE);
    let named = net.raw_connect(BARE);
    assert!(net.heard_units(named).is_empty());
    net.tell_zws(named, LAST, "client");
    assert_eq!(net.heard_units(named), [zws(LAST, "")]);
    net.tell_zws(named, LAST, "hello");
    assert_eq!(net.recv(router), Some(msg(["client", "hello"])));
    net.send(router, ["client", "", "world"]);
    assert_eq!(net.heard_units(named), [zws(MORE, ""), zws(LAST, "world")]);

    let nameless = net.raw_connect(BARE);
    net.tell_zws(nameless, LAST, "");
    net.tell_zws(nameless, LAST, "hello");
    let message = net.recv(router).expect("it came");
    assert_eq!((message[0][0], &message[1][..]), (0, &b"hello"[..]));
}

/// RFC 45, "No Mechanism": there is no READY and so no socket type. Any two sockets connect, and a message
/// that the pattern has no use for does no harm.
#[test]
fn bare_checks_no_socket_type() {
    let mut net = Net::new();
    let (push, rep) = net.pair(Push, Rep, BARE);
    net.send(push, ["no request"]);
    assert_eq!(net.recv(rep), None);
    assert_eq!(net.connections(rep), 1);
}

/// RFC 45, "Mechanisms": NULL is "as specified by ZMTP3.0", in frames of flag 2: "0x02 - Command message". No
/// greeting comes before.
#[test]
fn null_begins_with_each_sides_ready() {
    let mut net = Net::new();
    let (push, raw) = dialled(&mut net, NULL, Push);
    net.send(push, ["work"]);
    assert_eq!(net.heard_units(raw), [zws(ZWS_COMMAND, ready("PUSH"))]);
    net.tell_zws(raw, ZWS_COMMAND, ready("PULL"));
    assert_eq!(net.heard_units(raw), [zws(LAST, "work")]);

    let router = net.open(Router);
    net.bind(router, &at(NULL, 2));
    let raw = net.raw_connect(&at(NULL, 2));
    let expected = ready_with(&[("Socket-Type", b"ROUTER"), ("Identity", b"")]);
    assert_eq!(net.heard_units(raw), [zws(ZWS_COMMAND, expected)]);
    let us = [("Socket-Type", &b"REQ"[..]), ("Identity", b"me")];
    net.tell_zws(raw, ZWS_COMMAND, ready_with(&us));
    net.tell_zws(raw, MORE, "");
    net.tell_zws(raw, LAST, "question");
    assert_eq!(net.recv(router), Some(msg(["me", "", "question"])));
}

/// RFC 45, "Socket Compatibility": "The implementation SHOULD enforce that an incoming connection has a valid
/// socket type".
#[test]
fn null_checks_the_socket_type() {
    let mut net = Net::new();
    let pull = net.open(Pull);
    net.bind(pull, NULL);
    let raw = net.raw_connect(NULL);
    net.tell_zws(raw, ZWS_COMMAND, ready("PULL"));
    assert!(net.is_closed(raw));
    let told = net.told(pull, EventKind::HandshakeFailedProtocol);
    assert_eq!(told, ["incompatible peer: a PULL socket can't talk to a PULL"]);
}

/// Some peers agree on bare `ZWS2.0` and then begin with a READY command. The first octet tells them from RFC
/// 45's identity, so our listener speaks both.
#[test]
fn a_ready_after_a_bare_agreement_is_understood() {
    let mut net = Net::new();
    let rep = net.open(Rep);
    net.bind(rep, BARE);
    let raw = net.raw_connect(BARE);
    let req = [("Socket-Type", &b"REQ"[..]), ("Identity", b"")];
    net.tell_zws(raw, ZWS_COMMAND, ready_with(&req));
    assert_eq!(net.heard_units(raw), [zws(ZWS_COMMAND, ready("REP"))]);
    net.tell_zws(raw, MORE, "");
    net.tell_zws(raw, LAST, "question");
    assert_eq!(net.recv(rep), Some(msg(["question"])));
    net.send(rep, ["answer"]);
    assert_eq!(net.heard_units(raw), [zws(MORE, ""), zws(LAST, "answer")]);

    let misfit = net.raw_connect(BARE);
    net.tell_zws(misfit, ZWS_COMMAND, ready("SUB"));
    assert!(net.is_closed(misfit), "its socket type is known, and checked");
}

/// RFC 45, "Publish-Subscribe": "A SUB socket sends a subscription message as 0x01 byte followed by the
/// subscription body, and unsubscription messages as 0x00 byte". In both dialects.
#[test]
fn subscriptions_are_messages() {
    for endpoint in [BARE, NULL] {
        let mut net = Net::new();
        let (sub, raw) = dialled(&mut net, endpoint, Sub);
        net.subscribe(sub, "early");
        if endpoint == BARE {
            net.tell_zws(raw, LAST, "");
        } else {
            net.tell_zws(raw, ZWS_COMMAND, ready("PUB"));
        }
        net.subscribe(sub, "late");
        net.unsubscribe(sub, "early");
        let heard = net.heard_units(raw);
        let expected = [zws(LAST, b"\x01early"), zws(LAST, b"\x01late"), zws(LAST, b"\0early")];
        assert_eq!(heard[1..], expected, "{endpoint}");
        net.tell_zws(raw, LAST, "early news");
        assert_eq!(net.recv(sub), None);
        net.tell_zws(raw, LAST, "late news");
        assert_eq!(net.recv(sub), Some(msg(["late news"])));
    }
}

/// The publisher's side of the same; and a peer that sends ZMTP's SUBSCRIBE command over WebSocket is
/// understood.
#[test]
fn a_publisher_takes_messages_and_commands() {
    for endpoint in [BARE, NULL] {
        let mut net = Net::new();
        let xpub = net.open(Xpub);
        net.bind(xpub, endpoint);
        let raw = net.raw_connect(endpoint);
        if endpoint == BARE {
            net.tell_zws(raw, LAST, "");
        } else {
            net.tell_zws(raw, ZWS_COMMAND, ready("SUB"));
        }
        net.tell_zws(raw, LAST, b"\x01a");
        net.tell_zws(raw, ZWS_COMMAND, command("SUBSCRIBE", b"b"));
        net.tell_zws(raw, ZWS_COMMAND, command("CANCEL", b"a"));
        net.tell_zws(raw, LAST, b"\0b");
        assert_eq!(net.recv_all(xpub), [msg(["\x01a"]), msg(["\x01b"]), msg(["\0a"]), msg(["\0b"])]);
    }
}

/// RFC 45, "Framing": "Each ZeroMQ frame maps to one WebSockets message", of any length, the empty body too.
#[test]
fn each_frame_is_one_message() {
    let mut net = Net::new();
    let (req, raw) = dialled(&mut net, NULL, Req);
    net.tell_zws(raw, ZWS_COMMAND, ready("REP"));
    net.heard_units(raw);
    net.send(req, [vec![], vec![7; 100_000], vec![]]);
    let heard = net.heard_units(raw);
    assert!(heard == [zws(MORE, ""), zws(MORE, ""), zws(MORE, vec![7; 100_000]), zws(LAST, "")]);
}

/// A part that the connected peer may not take in one piece is refused on the send, whole and by name.
#[test]
fn a_part_longer_than_the_peer_takes_is_refused() {
    let mut net = Net::new();
    net.plan.frame_limit = Some(1000);
    let (rep, req) = (net.open(Rep), net.open(Req));
    net.with(req, |engine, _| engine.limit_frames(1000));
    net.join(rep, req, BARE);
    let error = net.try_send(req, [vec![1; 1001]]).expect_err("it is too long");
    assert_eq!((error.code(), &error), ("EMSGSIZE", &Error::MessageTooLarge { length: 1001, limit: 1000 }));
    net.send(req, [vec![1; 1000]]);
    assert!(net.recv(rep).is_some(), "the REQ is free for a shorter one");
}

/// While the peer is unknown, such a part waits; SEND_FRAGMENTED sends it all the same.
#[test]
fn a_long_part_waits_for_a_peer_that_is_known_to_take_it() {
    let mut net = Net::new();
    let (pull, push) = (net.open(Pull), net.open(Push));
    net.with(push, |engine, _| engine.limit_frames(1000));
    net.connect(push, NULL);
    assert_eq!(net.try_send(push, [vec![1; 1001]]), Err(Error::WouldBlock));
    net.send(push, [vec![1; 1000]]);
    net.bind(pull, NULL);
    net.advance(ms(1000));
    net.send(push, [vec![1; 1001]]);
    assert_eq!(net.recv_all(pull).len(), 2);

    let push = net.open_with(Push, &[(SocketOption::SendFragmented, true.into())]);
    net.with(push, |engine, _| engine.limit_frames(1000));
    net.connect(push, NULL);
    net.send(push, [vec![1; 1001]]);
    assert_eq!(net.recv_all(pull).len(), 1);
}

/// What was queued for a peer that takes long parts, while another that does not has come in its place, can't
/// be sent. The monitor says so; the messages behind it go on.
#[test]
fn a_queued_part_that_the_next_peer_cannot_take_is_accounted_for() {
    let mut net = Net::new();
    let (publisher, sub) = (net.open(Pub), net.open(Sub));
    net.subscribe(sub, "");
    net.with(publisher, |engine, _| engine.limit_frames(1000));
    net.join(sub, publisher, NULL);
    net.credit(publisher, sub, 0);
    net.send(publisher, [vec![1; 1001]]);
    net.send(publisher, ["short"]);
    net.plan.frame_limit = Some(1000);
    net.cut(publisher, sub);
    net.events(publisher);
    net.advance(ms(1000));
    assert_eq!(net.recv_all(sub), [msg(["short"])]);
    let events = format!("{:?}", net.events(publisher));
    assert!(events.contains("a message was dropped"), "{events}");
}
