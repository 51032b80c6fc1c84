//! What the options about peers that come and go change: what is said to them, what the application is told of
//! them, and when no more is tried to reach them. All of it is libzmq's.

use zmq_wasm::SocketOption::{
    DisconnectMsg, HelloMsg, HiccupMsg, Metadata, ProbeRouter, RcvHwm, ReconnectStop, RouterHandover,
    RouterNotify, RoutingId, SndHwm, Subscribe,
};
use zmq_wasm::SocketType::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub};
use zmq_wasm::engine::EventKind;
use zmq_wasm::{Error, OptionValue, SocketOption};

use crate::net::{BARE, INPROC, NULL, Net, Sock, TCP, TRANSPORTS, ms, msg};
use crate::raw::{LAST, greeting, ready_with};

fn with(option: SocketOption, value: impl Into<OptionValue>) -> [(SocketOption, OptionValue); 1] {
    [(option, value.into())]
}

/// A ROUTER with these options, bound, and a DEALER "d" that has connected to it.
fn router_and_dealer(
    options: &[(SocketOption, OptionValue)],
    dealers: &[(SocketOption, OptionValue)],
) -> (Net, Sock, Sock) {
    let mut net = Net::new();
    let router = net.open_with(Router, options);
    let dealer = net.open_with(Dealer, &[dealers, &with(RoutingId, "d")].concat());
    net.join(router, dealer, TCP);
    (net, router, dealer)
}

/// HELLO_MSG, from either end over everything, before what was queued, and anew with each connection.
#[test]
fn hello_msg_is_the_first_message_on_each_connection() {
    for endpoint in TRANSPORTS {
        let mut net = Net::new();
        let router = net.open_with(Router, &with(HelloMsg, "welcome"));
        let dealer = net.open_with(Dealer, &[(HelloMsg, "hello".into()), (RoutingId, "d".into())]);
        net.connect(dealer, endpoint);
        net.send(dealer, ["queued"]);
        net.bind(router, endpoint);
        net.advance(ms(1000));
        assert_eq!(net.recv_all(router), [msg(["d", "hello"]), msg(["d", "queued"])], "{endpoint}");
        assert_eq!(net.recv_all(dealer), [msg(["welcome"])], "{endpoint}");
        net.cut(router, dealer);
        net.advance(ms(1000));
        assert_eq!(net.recv_all(router), [msg(["d", "hello"])], "{endpoint}");
        assert_eq!(net.recv_all(dealer), [msg(["welcome"])], "{endpoint}");
    }
}

/// HELLO_MSG before PROBE_ROUTER's empty message; neither of them with sockets that have no use for it.
#[test]
fn hello_msg_is_of_dealers_and_routers() {
    let probing = [(HelloMsg, "hello".into()), (ProbeRouter, true.into())];
    let (mut net, router, _) = router_and_dealer(&[], &probing);
    assert_eq!(net.recv_all(router), [msg(["d", "hello"]), msg(["d", ""])]);
    let mut net = Net::new();
    let (push, pull) = (net.open_with(Push, &with(HelloMsg, "hello")), net.open(Pull));
    net.join(push, pull, TCP);
    let (rep, req) =
        (net.open_with(Rep, &with(HelloMsg, "hello")), net.open_with(Req, &with(HelloMsg, "hello")));
    net.join(rep, req, "tcp://other:1");
    assert_eq!((net.recv(pull), net.recv(rep)), (None, None));
}

/// DISCONNECT_MSG: a ROUTER receives it in place of a peer that is gone, with its routing id and metadata, behind
/// what it had sent. Not when it is the ROUTER that goes.
#[test]
fn disconnect_msg_comes_when_an_accepted_peer_is_gone() {
    for endpoint in [TCP, NULL, BARE, INPROC] {
        let mut net = Net::new();
        let router = net.open_with(Router, &with(DisconnectMsg, "gone"));
        let dealer = net.open_with(Dealer, &with(RoutingId, "d"));
        net.join(router, dealer, endpoint);
        net.send(dealer, ["last words"]);
        net.run();
        net.close(dealer, Some(ms(0)));
        net.run();
        assert_eq!(net.recv(router), Some(msg(["d", "last words"])), "{endpoint}");
        assert_eq!(net.recv(router), Some(msg(["d", "gone"])), "{endpoint}");
        let peer = net.engine(router).last_peer().expect("who it was is known").routing_id.clone();
        assert_eq!(peer, b"d", "{endpoint}");
    }
    let (mut net, router, _) = router_and_dealer(&with(DisconnectMsg, "gone"), &[]);
    net.unbind(router, TCP);
    net.advance(ms(1000));
    assert_eq!(net.recv(router), None, "it was the ROUTER that went");
    // A ROUTER that connects is told by no one: it connects again.
    let mut net = Net::new();
    let (dealer, router) = (net.open(Dealer), net.open_with(Router, &with(DisconnectMsg, "gone")));
    net.join(dealer, router, TCP);
    net.cut(dealer, router);
    assert_eq!(net.recv(router), None);
}

/// HICCUP_MSG: a DEALER that has connected receives it when the connection is lost.
#[test]
fn hiccup_msg_comes_when_a_connection_is_lost() {
    let (mut net, router, dealer) = router_and_dealer(&[], &with(HiccupMsg, "hiccup"));
    assert_eq!(net.recv(dealer), None);
    net.cut(router, dealer);
    assert_eq!(net.recv_all(dealer), [msg(["hiccup"])]);
    net.advance(ms(1000));
    net.send(router, ["d", "again"]);
    assert_eq!(net.recv_all(dealer), [msg(["again"])]);
    net.disconnect(dealer, TCP).expect("it is connected");
    net.run();
    assert_eq!(net.recv(dealer), None, "it was the DEALER that went");
    // The side that was connected to has no use for it: its peer is gone, and its pipe with it.
    let mut net = Net::new();
    let (dealer, router) = (net.open_with(Dealer, &with(HiccupMsg, "hiccup")), net.open(Router));
    net.join(dealer, router, TCP);
    net.cut(dealer, router);
    assert_eq!(net.recv(dealer), None);
}

/// ROUTER_NOTIFY: an empty message from each peer that comes, and from each that goes, on either side.
#[test]
fn router_notify_tells_of_peers() {
    for (notify, comes, goes) in [(0, 0, 0), (1, 1, 0), (2, 0, 1), (3, 1, 1)] {
        for router_binds in [true, false] {
            let mut net = Net::new();
            let router = net.open_with(Router, &with(RouterNotify, notify));
            let dealer = net.open_with(Dealer, &with(RoutingId, "d"));
            let (binds, connects) = if router_binds { (router, dealer) } else { (dealer, router) };
            net.join(binds, connects, TCP);
            let notice = || msg(["d", ""]);
            assert_eq!(net.recv_all(router), vec![notice(); comes], "{notify}, {router_binds}");
            net.cut(binds, connects);
            assert_eq!(net.recv_all(router), vec![notice(); goes], "{notify}, {router_binds}");
        }
    }
}

/// ROUTER_NOTIFY tells of nobody who was not let in, nor of one whose routing id has gone to another.
#[test]
fn router_notify_tells_of_known_peers_only() {
    for handover in [false, true] {
        let options = [(RouterNotify, 3.into()), (RouterHandover, handover.into())];
        let (mut net, router, _) = router_and_dealer(&options, &[]);
        assert_eq!(net.recv_all(router), [msg(["d", ""])]);
        let twin = net.open_with(Dealer, &with(RoutingId, "d"));
        net.connect(twin, TCP);
        net.run();
        let told = if handover { vec![msg(["d", ""])] } else { vec![] };
        assert_eq!(net.recv_all(router), told, "handover: {handover}");
    }
}

/// METADATA goes out in READY, and the peer sees it with each message.
#[test]
fn metadata_is_seen_by_the_peer() {
    for endpoint in [TCP, NULL, INPROC] {
        let mut net = Net::new();
        let push = net.open(Push);
        for property in ["X-colour:blue", "X-shape:round: very", "X-colour:red"] {
            net.set(push, Metadata, property);
        }
        let pull = net.open(Pull);
        net.join(pull, push, endpoint);
        net.send(push, ["message"]);
        assert_eq!(net.recv(pull), Some(msg(["message"])));
        let peer = net.engine(pull).last_peer().expect("somebody sent it");
        assert_eq!(peer.properties.find("X-colour"), Some(&b"blue"[..]), "{endpoint}");
        assert_eq!(peer.properties.find("X-shape"), Some(&b"round: very"[..]), "{endpoint}");
    }
    let mut net = Net::new();
    let push = net.open_with(Push, &with(Metadata, "X-a:b"));
    net.bind(push, TCP);
    let raw = net.raw_connect(TCP);
    net.tell(raw, greeting(3, 1, "NULL"));
    net.run();
    let ready = ready_with(&[("Socket-Type", b"PUSH"), ("X-a", b"b")]);
    assert!(net.heard(raw).ends_with(&ready));
}

/// RECONNECT_STOP: each of its bits ends the tries for its cause, and no other.
#[test]
fn reconnect_stop_ends_the_tries_for_its_cause() {
    for (stop, goes_on) in [(0, true), (1, false), (2, true), (4, true)] {
        let mut net = Net::new();
        let push = net.open_with(Push, &with(ReconnectStop, stop));
        net.connect(push, TCP);
        net.advance(ms(1000));
        assert_eq!(net.dials(push).0 > 1, goes_on, "nobody listens, {stop}");
        let told = net.told(push, EventKind::ConnectRetried);
        assert_eq!(!told.is_empty(), goes_on, "{told:?}");
    }
    for (stop, goes_on) in [(0, true), (1, true), (2, false), (4, true)] {
        let mut net = Net::new();
        let push = net.open_with(Push, &with(ReconnectStop, stop));
        net.raw_listen(TCP);
        net.connect(push, TCP);
        net.run();
        let raw = net.raw_accept();
        net.hang_up(raw);
        net.advance(ms(1000));
        assert_eq!(net.dials(push).0 > 1, goes_on, "the handshake failed, {stop}");
    }
    // What had shaken hands is connected again, whatever the option says.
    let mut net = Net::new();
    let (pull, push) = (net.open(Pull), net.open_with(Push, &with(ReconnectStop, 7)));
    net.join(pull, push, TCP);
    net.cut(pull, push);
    net.advance(ms(1000));
    net.send(push, ["again"]);
    assert_eq!(net.recv(pull), Some(msg(["again"])));
}

/// RECONNECT_STOP_AFTER_DISCONNECT: what is queued for an endpoint that was given up is not tried for any more.
#[test]
fn reconnect_stop_after_disconnect_gives_up_at_once() {
    for (stop, arrives) in [(0, true), (4, false)] {
        let mut net = Net::new();
        let (pull, push) = (net.open(Pull), net.open_with(Push, &with(ReconnectStop, stop)));
        net.connect(push, TCP);
        net.send(push, ["queued"]);
        net.run();
        net.disconnect(push, TCP).expect("it was connected");
        net.bind(pull, TCP);
        net.advance(ms(1000));
        assert_eq!(net.recv(pull).is_some(), arrives, "{stop}");
    }
}

/// SNDHWM and RCVHWM hold at once, as in libzmq, for the peers that are there too.
#[test]
fn high_water_marks_may_change_while_peers_are_there() {
    let mut net = Net::new();
    let (pull, push) = (net.open(Pull), net.open_with(Push, &with(SndHwm, 1)));
    net.join(pull, push, TCP);
    net.credit(push, pull, 0);
    net.send(push, ["1"]);
    assert_eq!(net.try_send(push, ["2"]), Err(Error::WouldBlock));
    net.set(push, SndHwm, 2);
    net.send(push, ["2"]);
    assert_eq!(net.try_send(push, ["3"]), Err(Error::WouldBlock));
    net.set(pull, RcvHwm, 1);
    net.credit(push, pull, usize::MAX);
    assert_eq!(net.recv_all(pull), [msg(["1"]), msg(["2"])]);
}

/// What is set before there is a socket: SUBSCRIBE is a SUB's first subscription, and no matter to others.
#[test]
fn options_may_bring_a_subscription() {
    let mut net = Net::new();
    let (publisher, sub) = (net.open_with(Pub, &[]), net.open(Sub));
    net.subscribe(sub, "a");
    net.join(publisher, sub, TCP);
    let mut options = zmq_wasm::Options::default();
    options.set(Subscribe, &"b".into()).expect("it may be set");
    for kind in zmq_wasm::SocketType::ALL {
        let engine = zmq_wasm::engine::Engine::<bytes::Bytes>::new(kind, options.clone(), 1);
        let count = engine.option(SocketOption::TopicsCount);
        match kind {
            Sub => assert_eq!(count, Ok(1.into())),
            _ => assert_ne!(count, Ok(1.into())),
        }
    }
    let raw = net.raw_peer(TCP, "SUB");
    net.tell_frame(raw, LAST, "\x01c");
    assert_eq!(net.engine(publisher).option(SocketOption::TopicsCount), Ok(2.into()));
    assert_eq!(net.engine(sub).option(SocketOption::TopicsCount), Ok(1.into()));
}
