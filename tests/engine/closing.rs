//! How endpoints and sockets end: close with LINGER, disconnect, unbind.

use core::time::Duration;

use zmq_wasm::SocketOption::{Linger, RcvHwm, ReconnectIvl, SndHwm, XpubNodrop};
use zmq_wasm::SocketType::{Dealer, Pub, Pull, Push, Req, Router, Sub};
use zmq_wasm::engine::EventKind::{Closed, Disconnected, MonitorStopped};
use zmq_wasm::{ApiMisuse, Error, SocketType};

use crate::net::{Net, Sock, TCP, TRANSPORTS, at, ms, msg};
use crate::raw::{COMMAND, command, greeting};

const FOREVER: Option<Duration> = None;

/// A sender with three messages that its connection has no credit for, and its receiver. Either may bind.
fn stuck(net: &mut Net, binds: SocketType, connects: SocketType) -> (Sock, Sock) {
    let (a, b) = net.pair(binds, connects, TCP);
    let (sender, receiver) = if binds == Push { (a, b) } else { (b, a) };
    net.credit(sender, receiver, 0);
    for number in ["1", "2", "3"] {
        net.send(sender, [number]);
    }
    (sender, receiver)
}

/// LINGER 0: what is queued is dropped, and the socket ends at once.
#[test]
fn linger_0_drops_what_is_queued() {
    for (binds, connects) in [(Pull, Push), (Push, Pull)] {
        let mut net = Net::new();
        let (push, pull) = stuck(&mut net, binds, connects);
        net.close(push, Some(ms(0)));
        assert!(net.is_finished(push));
        assert_eq!(net.recv(pull), None);
        assert_eq!(net.connections(pull), 0);
    }
}

/// LINGER > 0: so long, and not longer than it takes.
#[test]
fn a_finite_linger_waits_so_long() {
    for (binds, connects) in [(Pull, Push), (Push, Pull)] {
        let mut net = Net::new();
        let (push, pull) = stuck(&mut net, binds, connects);
        net.close(push, Some(ms(500)));
        net.advance(ms(499));
        assert!(!net.is_finished(push));
        net.advance(ms(1));
        assert!(net.is_finished(push));
        assert_eq!(net.recv(pull), None);

        let mut net = Net::new();
        let (push, pull) = stuck(&mut net, binds, connects);
        net.close(push, Some(ms(500)));
        net.advance(ms(300));
        net.credit(push, pull, usize::MAX);
        assert!(net.is_finished(push), "as soon as it is sent");
        assert_eq!(net.recv_all(pull), [msg(["1"]), msg(["2"]), msg(["3"])]);
    }
}

/// LINGER -1: for ever. Towards an endpoint that was never reached yet, too.
#[test]
fn an_endless_linger_waits_until_all_is_sent() {
    let mut net = Net::new();
    let (push, pull) = stuck(&mut net, Pull, Push);
    net.close(push, FOREVER);
    net.advance(ms(1_000_000));
    assert!(!net.is_finished(push));
    net.credit(push, pull, usize::MAX);
    assert!(net.is_finished(push));
    assert_eq!(net.recv_all(pull).len(), 3);

    let (push, pull) = (net.open(Push), net.open(Pull));
    net.connect(push, &at(TCP, 2));
    net.send(push, ["some day"]);
    net.close(push, FOREVER);
    net.advance(ms(10_000));
    assert!(!net.is_finished(push));
    net.bind(pull, &at(TCP, 2));
    net.advance(ms(1000));
    assert!(net.is_finished(push));
    assert_eq!(net.recv(pull), Some(msg(["some day"])));
}

/// While it lingers, a connecting socket reconnects; a binding one has nobody to wait for when its peer is
/// gone.
#[test]
fn a_lingering_socket_whose_peer_is_lost() {
    let mut net = Net::new();
    let (push, pull) = stuck(&mut net, Pull, Push);
    net.close(push, FOREVER);
    net.cut(push, pull);
    net.advance(ms(1000));
    assert!(net.is_finished(push));
    assert_eq!(net.recv_all(pull).len(), 3);

    let mut net = Net::new();
    let (push, pull) = stuck(&mut net, Push, Pull);
    net.close(push, FOREVER);
    net.cut(push, pull);
    assert!(net.is_finished(push));
}

/// A lingering socket reads on, if only to see its peer's end: one that it had stopped at RCVHWM as well.
#[test]
fn a_lingering_socket_sees_the_end_of_a_peer_that_it_had_stopped() {
    let mut net = Net::new();
    let bound = net.open_with(Dealer, &[(RcvHwm, 1.into())]);
    net.bind(bound, TCP);
    let peer = net.open(Dealer);
    net.connect(peer, TCP);
    for _ in 0..5 {
        net.send(peer, ["more than it takes"]);
    }
    net.run();
    net.credit(bound, peer, 0);
    net.send(bound, ["stuck"]);
    net.close(bound, FOREVER);
    assert!(!net.is_finished(bound));
    net.close(peer, Some(ms(0)));
    assert!(net.is_finished(bound));
}

/// Nothing is lost that was sent before a close with time enough, over any kind of link, however slow.
#[test]
fn a_close_with_time_enough_loses_nothing() {
    for endpoint in TRANSPORTS {
        for (binds, connects) in [(Pull, Push), (Push, Pull)] {
            let mut net = Net::new();
            net.plan.latency = ms(20);
            net.plan.window = Some(30);
            let (a, b) = (net.open(binds), net.open(connects));
            net.bind(a, endpoint);
            net.connect(b, endpoint);
            net.advance(ms(200));
            let (push, pull) = if binds == Push { (a, b) } else { (b, a) };
            for number in 0..50 {
                net.send(push, [number.to_string()]);
            }
            net.close(push, Some(ms(60_000)));
            net.advance(ms(10_000));
            assert!(net.is_finished(push));
            assert_eq!(net.recv_all(pull).len(), 50, "{endpoint} {binds:?}");
        }
    }
}

/// What a closed socket says and answers: it ends once, tells of each endpoint, and refuses every call.
#[test]
fn a_closed_socket_refuses_every_call() {
    let mut net = Net::new();
    let (pull, push) = net.pair(Pull, Push, TCP);
    net.connect(push, &at(TCP, 2));
    net.bind(push, &at(TCP, 3));
    net.send(push, ["x"]);
    net.events(push);
    net.close(push, FOREVER);
    net.close(push, Some(ms(0)));
    net.run();
    let events = net.events(push);
    let closed = events.iter().filter(|event| event.kind == Closed).map(|event| event.endpoint.clone());
    let mut closed = closed.collect::<Vec<_>>();
    closed.sort();
    assert_eq!(closed, [at(TCP, 2), at(TCP, 3), TCP.to_owned()]);
    assert_eq!(events.last().map(|event| event.kind), Some(MonitorStopped));
    assert!(net.is_finished(push));

    assert_eq!(net.try_send(push, ["x"]), Err(Error::Closed));
    assert_eq!(net.try_recv(pull).map(|message| message.is_some()), Ok(true));
    assert_eq!(net.with(push, |engine, _| engine.recv()).err(), Some(Error::Closed));
    assert_eq!(net.disconnect(push, TCP), Err(Error::Closed));
    let endpoint = || TCP.parse().expect("it is sound");
    assert_eq!(net.with(push, |engine, now| engine.connect(endpoint(), TCP, now)).err(), Some(Error::Closed));
    assert_eq!(net.with(push, |engine, _| engine.listening(endpoint())).err(), Some(Error::Closed));
    assert_eq!(net.with(push, |engine, _| engine.subscribe(b"", true)).err(), Some(Error::Closed));
    assert!(!net.can_send(push) && !net.engine(push).can_recv());
    net.close(push, Some(ms(0)));
    assert_eq!((net.kinds(push), Error::Closed.code()), (vec![], "ENOTSOCK"));
}

/// A close in the middle of a handshake, on both sides, leaves nothing behind.
#[test]
fn a_close_within_the_handshake() {
    let mut net = Net::new();
    net.raw_listen(TCP);
    let (push, pull) = (net.open(Push), net.open(Pull));
    net.connect(push, TCP);
    net.bind(pull, &at(TCP, 2));
    let raws = [net.raw_accept(), net.raw_connect(&at(TCP, 2))];
    for (sock, raw) in [push, pull].into_iter().zip(raws) {
        net.close(sock, FOREVER);
        assert!(net.is_finished(sock) && net.is_closed(raw));
    }
    net.silent.insert(at(TCP, 3));
    let dialling = net.open(Push);
    net.connect(dialling, &at(TCP, 3));
    net.run();
    net.close(dialling, FOREVER);
    assert!(net.is_finished(dialling));
    assert_eq!((net.dials(dialling), net.next_due()), ((1, 1), None));
}

/// `disconnect` knows an endpoint by the text that it was given, once for each connect.
#[test]
fn disconnect_ends_one_endpoint() {
    let mut net = Net::new();
    let (pull, push) = net.pair(Pull, Push, TCP);
    let other = net.open(Pull);
    net.join(other, push, &at(TCP, 2));
    net.connect(push, TCP);
    net.run();
    let unknown = |text: &str| Err(Error::Misuse(ApiMisuse::UnknownEndpoint(text.to_owned())));
    assert_eq!(net.disconnect(push, "tcp://host:1/"), unknown("tcp://host:1/"));
    assert_eq!(net.connections(pull), 2);
    net.disconnect(push, TCP).expect("one of two");
    assert_eq!(net.connections(pull), 1);
    net.disconnect(push, TCP).expect("the other");
    assert_eq!(net.disconnect(push, TCP), unknown(TCP));
    assert_eq!(net.disconnect(push, TCP).expect_err("it is gone").code(), "ENOENT");
    for _ in 0..3 {
        net.send(push, ["to the one that is left"]);
    }
    assert_eq!((net.recv_all(pull).len(), net.recv_all(other).len()), (0, 3));
    assert_eq!(net.told(pull, Disconnected), ["closed by the peer"; 2]);
}

/// A disconnected endpoint sends what it has, as long as LINGER lets it, and takes nothing more.
#[test]
fn disconnect_sends_what_is_queued() {
    for (linger, arrives) in [(-1, 3), (1000, 3), (100, 0), (0, 0)] {
        let mut net = Net::new();
        let (push, pull) = stuck(&mut net, Pull, Push);
        net.set(push, Linger, linger);
        net.disconnect(push, TCP).expect("it was connected");
        assert_eq!(net.try_send(push, ["no more"]), Err(Error::WouldBlock));
        net.advance(ms(500));
        net.credit(push, pull, usize::MAX);
        assert_eq!(net.recv_all(pull).len(), arrives, "LINGER {linger}");
        assert_eq!(net.connections(push), 0);
    }
}

/// What arrives on an endpoint that was given up is nobody's: no late reply reaches a REQ, and a REQ whose
/// request went that way is told.
#[test]
fn what_arrives_after_a_disconnect_is_not_delivered() {
    let mut net = Net::new();
    let (router, req) = net.pair(Router, Req, TCP);
    net.send(req, ["question"]);
    let request = net.recv(router).expect("it was asked");
    net.disconnect(req, TCP).expect("it was connected");
    assert_eq!(net.try_recv(req), Err(Error::ReplyLost));
    net.send(router, request);
    assert!(matches!(net.try_recv(req), Err(Error::WrongState(_))));
}

/// `unbind` ends the connections that came by that endpoint when they have sent what they have, and no other.
#[test]
fn unbind_ends_the_connections_of_that_endpoint() {
    let mut net = Net::new();
    let (push, pull) = stuck(&mut net, Push, Pull);
    let other = net.open(Pull);
    net.join(push, other, &at(TCP, 2));
    net.unbind(push, TCP);
    net.send(push, ["to the other"]);
    assert_eq!(net.connections(pull), 1, "it has still to send");
    net.events(push);
    net.credit(push, pull, usize::MAX);
    assert_eq!(net.recv_all(pull).len(), 3);
    assert_eq!(net.recv_all(other), [msg(["to the other"])]);
    assert_eq!((net.connections(pull), net.connections(other)), (0, 1));
    let events = net.events(push);
    assert_eq!(
        events.iter().map(|event| (event.kind, &event.endpoint[..])).collect::<Vec<_>>(),
        [(Disconnected, TCP)]
    );
    net.advance(ms(1000));
    assert_eq!(net.connections(pull), 0, "nobody listens there any more");
}

/// The close of the socket has the last word on how long an endpoint that was given up before may take.
#[test]
fn a_close_shortens_the_linger_of_a_disconnect() {
    for (first, then, ends_after) in [(-1, 0, 0), (-1, 300, 300), (5000, 300, 300), (1300, 5000, 300)] {
        let mut net = Net::new();
        let (push, _) = stuck(&mut net, Pull, Push);
        net.set(push, Linger, first);
        net.disconnect(push, TCP).expect("it was connected");
        net.advance(ms(1000));
        net.close(push, Some(ms(then)));
        if ends_after > 0 {
            net.advance(ms(ends_after - 1));
            assert!(!net.is_finished(push), "LINGER {first}, then {then}");
            net.advance(ms(1));
        }
        assert!(net.is_finished(push), "LINGER {first}, then {then}");
    }
}

/// An endpoint that will not be tried again keeps nobody waiting: there is no way to send what it has.
#[test]
fn an_endpoint_without_further_tries_does_not_hold_up_the_close() {
    let mut net = Net::new();
    let push = net.open_with(Push, &[(ReconnectIvl, (-1).into())]);
    net.connect(push, TCP);
    net.run();
    net.send(push, ["no way"]);
    net.close(push, FOREVER);
    assert!(net.is_finished(push), "RECONNECT_IVL -1");

    net.raw_listen(TCP);
    for close_first in [false, true] {
        let push = net.open(Push);
        net.connect(push, TCP);
        let raw = net.raw_accept();
        net.send(push, ["no way"]);
        if close_first {
            net.close(push, FOREVER);
        }
        net.tell(raw, greeting(3, 1, "NULL"));
        net.tell_frame(raw, COMMAND, command("ERROR", b"\0"));
        net.close(push, FOREVER);
        assert!(net.is_finished(push), "after an ERROR");
    }
}

/// A publisher goes on publishing while an endpoint that it gave up still has messages to send, and
/// subscriptions that come that way are no longer its own: else the endpoint would never come to its end.
#[test]
fn an_endpoint_that_was_given_up_takes_no_part() {
    let mut net = Net::new();
    let publisher = net.open_with(Pub, &[(XpubNodrop, true.into()), (SndHwm, 1.into())]);
    net.bind(publisher, TCP);
    let sub = net.open(Sub);
    net.connect(sub, TCP);
    net.subscribe(sub, "a");
    net.run();
    net.credit(publisher, sub, 0);
    net.send(publisher, ["a, the last"]);
    assert!(!net.can_send(publisher));
    net.unbind(publisher, TCP);
    net.subscribe(sub, "b");
    net.run();
    assert!(net.can_send(publisher), "nobody is there to wait for");
    for text in ["a", "b"] {
        net.send(publisher, [text]);
    }
    net.credit(publisher, sub, usize::MAX);
    assert_eq!(net.recv_all(sub), [msg(["a, the last"])]);
    assert_eq!(net.connections(publisher), 0);
    assert!(net.can_send(publisher));
}
