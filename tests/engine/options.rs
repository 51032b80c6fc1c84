//! What the options of requests, routers and queues change. RFC 28 leaves some of it to "configuration"; the
//! rest is libzmq's.

use zmq_wasm::SocketOption::{
    Conflate, ConnectRoutingId, ProbeRouter, RcvHwm, ReqCorrelate, ReqRelaxed, RouterHandover,
    RouterMandatory, RoutingId, SndHwm,
};
use zmq_wasm::SocketType::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub};
use zmq_wasm::engine::EventKind;
use zmq_wasm::{Error, OptionValue, SocketOption};

use crate::net::{INPROC, Net, Sock, TCP, at, ms, msg};
use crate::raw::{LAST, MORE};

pub(crate) fn on(option: SocketOption) -> [(SocketOption, OptionValue); 1] {
    [(option, true.into())]
}

/// A REQ with these options, bound, and a raw ROUTER to it.
fn req_and_raw(options: &[(SocketOption, OptionValue)]) -> (Net, Sock, crate::net::End) {
    let mut net = Net::new();
    let req = net.open_with(Req, options);
    net.bind(req, TCP);
    let raw = net.raw_peer(TCP, "ROUTER");
    (net, req, raw)
}

/// REQ_RELAXED: a new request may be sent before the reply to the last; the reply that is received is one to
/// the new request, from whom it was sent to.
#[test]
fn req_relaxed_asks_again_without_a_reply() {
    let mut net = Net::new();
    let req = net.open_with(Req, &on(ReqRelaxed));
    let reps = [0, 1].map(|host| {
        let rep = net.open(Rep);
        net.join(rep, req, &at(TCP, host));
        rep
    });
    net.send(req, ["first"]);
    assert!(net.can_send(req));
    net.send(req, ["second"]);
    let requests = reps.map(|rep| net.recv(rep).expect("each was asked"));
    for (rep, request) in reps.into_iter().zip(&requests) {
        net.send(rep, [&b"to "[..], &request[0]]);
        net.run();
    }
    assert_eq!(net.recv(req), Some(msg(["to ", "second"])));
    // A reply that has come already gives way to the next request, too.
    net.send(req, ["third"]);
    let rep = *reps.iter().find(|&&rep| net.recv(rep).is_some()).expect("one was asked");
    net.send(rep, ["to third"]);
    net.run();
    net.send(req, ["fourth"]);
    assert_eq!(net.recv(req), None);
}

/// REQ_RELAXED: a send that is refused changes nothing. The reply that came is still to be received.
#[test]
fn req_relaxed_keeps_the_reply_when_the_next_request_is_refused() {
    let (mut net, req, raw) = req_and_raw(&on(ReqRelaxed));
    net.send(req, ["question"]);
    net.tell_frame(raw, MORE, "");
    net.tell_frame(raw, LAST, "answer");
    net.hang_up(raw);
    assert_eq!(net.try_send(req, ["nobody is there"]), Err(Error::WouldBlock));
    assert_eq!(net.recv(req), Some(msg(["answer"])));
}

/// REQ_RELAXED with RCVHWM 1: a reply that is given up makes room like one that is received.
#[test]
fn req_relaxed_reads_on_after_a_reply_was_given_up() {
    let options = [(ReqRelaxed, true.into()), (RcvHwm, 1.into())];
    let mut net = Net::new();
    let (rep, req) = (net.open(Rep), net.open_with(Req, &options));
    net.join(rep, req, TCP);
    for number in ["1", "2", "3"] {
        net.send(req, [number]);
        assert_eq!(net.recv(rep), Some(msg([number])));
        net.send(rep, [number]);
        net.run();
    }
    assert_eq!(net.recv(req), Some(msg(["3"])));
}

/// REQ_CORRELATE: the request begins with a number in front of the delimiter, and only a reply that brings it
/// back is the reply.
#[test]
fn req_correlate_takes_the_reply_of_this_number_only() {
    let (mut net, req, raw) = req_and_raw(&[(ReqRelaxed, true.into()), (ReqCorrelate, true.into())]);
    let ask = |net: &mut Net, text: &str| {
        net.send(req, [text]);
        let frames = net.heard_frames(raw);
        assert_eq!(frames[1..], [(MORE, vec![]), (LAST, text.as_bytes().to_vec())]);
        assert_eq!((frames[0].0, frames[0].1.len()), (MORE, 4));
        frames[0].1.clone()
    };
    let old = ask(&mut net, "old");
    let new = ask(&mut net, "new");
    assert_ne!(old, new);
    let reply = |net: &mut Net, parts: &[&[u8]]| {
        for part in &parts[..parts.len() - 1] {
            net.tell_frame(raw, MORE, part);
        }
        net.tell_frame(raw, LAST, parts[parts.len() - 1]);
    };
    reply(&mut net, &[&old, b"", b"to the old"]);
    reply(&mut net, &[b"", b"without a number"]);
    reply(&mut net, &[&new, b"without a delimiter"]);
    reply(&mut net, &[&[&new[..], b"x"].concat(), b"", b"too long a number"]);
    assert_eq!(net.recv(req), None);
    reply(&mut net, &[&new, b"", b"to the new"]);
    assert_eq!(net.recv(req), Some(msg(["to the new"])));
}

/// REQ_CORRELATE: a REP sends the number back without knowing it: it is part of RFC 28's envelope.
#[test]
fn req_correlate_works_with_any_rep() {
    let mut net = Net::new();
    let (rep, req) = (net.open(Rep), net.open_with(Req, &on(ReqCorrelate)));
    net.join(rep, req, TCP);
    for text in ["one", "two"] {
        net.send(req, [text]);
        assert_eq!(net.recv(rep), Some(msg([text])));
        net.send(rep, [text]);
        assert_eq!(net.recv(req), Some(msg([text])));
    }
}

/// ROUTER_MANDATORY. RFC 28, ROUTER: "SHALL either silently drop the message, or return an error, depending
/// on configuration, if the queue does not exist, or is full".
#[test]
fn router_mandatory_returns_errors() {
    let mut net = Net::new();
    let router = net.open_with(Router, &[(RouterMandatory, true.into()), (SndHwm, 1.into())]);
    net.bind(router, TCP);
    assert!(!net.can_send(router));
    let unreachable = |name: &str| Err(Error::HostUnreachable(name.to_owned()));
    assert_eq!(net.try_send(router, ["nobody", "x"]), unreachable("\"nobody\""));
    assert_eq!(net.try_send(router, [&b"\0\xff"[..], b"x"]), unreachable("00ff"));
    assert_eq!(unreachable("").map_err(|error: Error| error.code()), Err::<(), _>("EHOSTUNREACH"));
    let dealer = net.open_with(Dealer, &[(RoutingId, "d".into())]);
    net.connect(dealer, TCP);
    net.run();
    net.credit(router, dealer, 0);
    net.send(router, ["d", "queued"]);
    assert_eq!(net.try_send(router, ["d", "no room"]), Err(Error::WouldBlock));
    net.credit(router, dealer, usize::MAX);
    assert_eq!(net.recv_all(dealer), [msg(["queued"])]);
    net.close(dealer, Some(ms(0)));
    net.run();
    assert_eq!(net.try_send(router, ["d", "gone"]), unreachable("\"d\""));
}

/// ROUTER_HANDOVER: a new peer takes the identity over, and the old one is closed with the cause.
#[test]
fn router_handover_gives_the_identity_to_the_newcomer() {
    let mut net = Net::new();
    let router = net.open_with(Router, &on(RouterHandover));
    net.bind(router, TCP);
    let named = [(RoutingId, "d".into()), (SocketOption::ReconnectIvl, (-1).into())];
    let [old, new] = [0; 2].map(|_| {
        let dealer = net.open_with(Dealer, &named);
        net.connect(dealer, TCP);
        net.run();
        dealer
    });
    assert_eq!(net.told(router, EventKind::Disconnected), ["a new peer took over its routing id"]);
    assert_eq!((net.connections(old), net.connections(new)), (0, 1));
    net.send(router, ["d", "for the new"]);
    assert_eq!((net.recv(old), net.recv(new)), (None, Some(msg(["for the new"]))));
    net.send(new, ["from the new"]);
    assert_eq!(net.recv(router), Some(msg(["d", "from the new"])));
}

/// PROBE_ROUTER: each new connection begins with an empty message, by which a ROUTER learns whom it can write
/// to.
#[test]
fn probe_router_is_the_first_that_a_router_hears() {
    for kind in [Req, Dealer, Router] {
        let mut net = Net::new();
        let (router, prober) = (net.open(Router), net.open_with(kind, &on(ProbeRouter)));
        net.set(prober, RoutingId, "p");
        net.connect(prober, TCP);
        if kind != Router {
            net.send(prober, ["behind it"]);
        }
        net.bind(router, TCP);
        net.advance(ms(1000));
        let received = net.recv_all(router);
        assert_eq!(received[0], msg(["p", ""]), "{kind:?}");
        assert_eq!(received.len(), if kind == Router { 1 } else { 2 });
        net.cut(router, prober);
        net.advance(ms(1000));
        assert_eq!(net.recv_all(router), [msg(["p", ""])], "and again on the next");
    }
}

/// CONNECT_ROUTING_ID: the next peer that a ROUTER connects to is known by this name from the start, whatever
/// it calls itself: what is sent to it waits for the connection.
#[test]
fn connect_routing_id_names_the_peer_before_it_is_there() {
    let mut net = Net::new();
    let router = net.open_with(Router, &on(RouterMandatory));
    net.set(router, ConnectRoutingId, "left");
    net.connect(router, &at(TCP, 1));
    net.connect(router, &at(TCP, 2));
    net.send(router, ["left", "hello"]);
    let [left, right] = [1, 2].map(|host| {
        let dealer = net.open_with(Dealer, &[(RoutingId, "own name".into())]);
        net.bind(dealer, &at(TCP, host));
        dealer
    });
    net.advance(ms(1000));
    assert_eq!(net.recv(left), Some(msg(["hello"])));
    net.send(left, ["from left"]);
    assert_eq!(net.recv(router), Some(msg(["left", "from left"])));
    net.send(right, ["from right"]);
    assert_eq!(net.recv(router), Some(msg(["own name", "from right"])), "it is for one connect");
    net.cut(router, left);
    net.send(router, ["left", "still"]);
    net.advance(ms(1000));
    assert_eq!(net.recv(left), Some(msg(["still"])));
}

/// CONFLATE: each queue keeps the newest message only; nobody blocks.
#[test]
fn conflate_keeps_the_newest() {
    for (sender, receiver) in [(Push, Pull), (Pub, Sub), (Dealer, Dealer)] {
        let mut net = Net::new();
        let (to, from) = (net.open_with(receiver, &on(Conflate)), net.open_with(sender, &on(Conflate)));
        if receiver == Sub {
            net.subscribe(to, "");
        }
        net.join(to, from, INPROC);
        for text in ["1", "2", "3"] {
            net.send(from, [text]);
            net.run();
        }
        assert_eq!(net.recv_all(to), [msg(["3"])], "{receiver:?}: inbound");
        net.set(to, Conflate, false);
        net.cut(from, to);
        net.advance(ms(1000));
        net.credit(from, to, 0);
        for text in ["4", "5", "6"] {
            net.send(from, [text]);
        }
        net.credit(from, to, usize::MAX);
        assert_eq!(net.recv_all(to), [msg(["6"])], "{sender:?}: outbound");
    }
}

/// ROUTING_ID: 1 to 255 octets. RFC 37, "The Identity Property": "The first octet of the Identity SHALL NOT
/// be zero".
#[test]
fn routing_ids_are_checked_when_they_are_set() {
    let mut net = Net::new();
    let dealer = net.open(Dealer);
    for bad in [vec![], vec![b'x'; 256], b"\0mine".to_vec()] {
        let value = OptionValue::from(bad);
        let error =
            net.with(dealer, |engine, _| engine.set_option(RoutingId, &value)).expect_err("it is bad");
        assert_eq!(error.code(), "EINVAL");
        assert!(error.to_string().starts_with("ROUTING_ID can't be"), "{error}");
    }
    net.set(dealer, RoutingId, vec![b'x'; 255]);
}
