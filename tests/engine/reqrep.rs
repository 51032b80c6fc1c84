//! RFC 28: REQ and REP. [`router`](crate::router) has DEALER and ROUTER.

use zmq_wasm::SocketType::{Dealer, Rep, Req, Router};
use zmq_wasm::{Error, SocketOption};

use crate::net::{End, NULL, Net, Sock, TCP, TRANSPORTS, at, ms, msg};
use crate::raw::{LAST, MORE};

/// A raw peer sends a message over its byte stream.
fn tell_message(net: &mut Net, raw: End, parts: &[&str]) {
    for (index, part) in parts.iter().enumerate() {
        net.tell_frame(raw, if index + 1 < parts.len() { MORE } else { LAST }, part);
    }
}

/// A bound REQ and raw peers that say they are ROUTERs.
fn req_and_routers<const N: usize>(net: &mut Net) -> (Sock, [End; N]) {
    let req = net.open(Req);
    net.bind(req, TCP);
    (req, core::array::from_fn(|_| net.raw_peer(TCP, "ROUTER")))
}

/// RFC 28, REQ: "SHALL prefix the outgoing message with an empty delimiter frame"; the request has "one or
/// more data frames, comprising the message visible to the application".
#[test]
fn a_request_is_a_delimiter_and_the_message() {
    let mut net = Net::new();
    let (req, [raw]) = req_and_routers(&mut net);
    net.send(req, ["two", "parts"]);
    let expected = [(MORE, b"".to_vec()), (MORE, b"two".to_vec()), (LAST, b"parts".to_vec())];
    assert_eq!(net.heard_frames(raw), expected);
    tell_message(&mut net, raw, &["", "the", "reply"]);
    assert_eq!(net.recv(req), Some(msg(["the", "reply"])));
}

/// RFC 28, REQ: "SHALL send and then receive exactly one message at a time".
#[test]
fn req_sends_then_receives_one_message_at_a_time() {
    let mut net = Net::new();
    let (rep, req) = net.pair(Rep, Req, TCP);
    let early = net.try_recv(req).expect_err("nothing was asked");
    assert_eq!((early.code(), matches!(early, Error::WrongState(_))), ("EFSM", true));
    net.send(req, ["first"]);
    assert!(!net.can_send(req));
    let second = net.try_send(req, ["second"]).expect_err("the reply is to come first");
    assert_eq!((second.code(), second), ("EFSM", Error::ReplyPending));
    assert_eq!(net.recv(req), None);
    assert_eq!(net.recv(rep), Some(msg(["first"])));
    net.send(rep, ["reply"]);
    net.run();
    assert_eq!(net.try_send(req, ["second"]), Err(Error::ReplyPending), "it came, but was not received");
    assert_eq!(net.recv(req), Some(msg(["reply"])));
    assert!(net.try_recv(req).is_err(), "one reply to one request");
    net.send(req, ["second"]);
}

/// RFC 28, REQ: "SHALL route outgoing messages to connected peers using a round-robin strategy", "MAY be
/// connected to any number of REP or ROUTER peers".
#[test]
fn req_asks_its_peers_in_turn() {
    let mut net = Net::new();
    let req = net.open(Req);
    let reps = [0, 1, 2].map(|host| {
        let rep = net.open(Rep);
        net.join(rep, req, &at(TCP, host));
        rep
    });
    let mut asked = Vec::new();
    for _ in 0..6 {
        net.send(req, ["who?"]);
        net.run();
        let rep = *reps.iter().find(|&&rep| net.engine(rep).can_recv()).expect("one was asked");
        net.recv(rep);
        net.send(rep, ["me"]);
        assert_eq!(net.recv(req), Some(msg(["me"])));
        asked.push(rep);
    }
    assert_eq!(asked[..3], asked[3..]);
    asked.sort();
    asked.dedup();
    assert_eq!(asked, reps);
}

/// RFC 28, REQ: "SHALL block on sending, or return a suitable error, when it has no connected peers",
/// "SHALL NOT discard messages that it cannot send to a connected peer".
#[test]
fn req_without_peers_blocks_and_keeps_the_message() {
    let mut net = Net::new();
    let req = net.open(Req);
    net.bind(req, TCP);
    assert!(!net.can_send(req));
    assert_eq!(net.try_send(req, ["anybody?"]), Err(Error::WouldBlock));
    assert!(net.try_recv(req).is_err(), "a refused request is no request");
    // Towards an endpoint that it connects to, it queues.
    let (rep, req) = (net.open(Rep), net.open(Req));
    net.connect(req, &at(TCP, 2));
    net.send(req, ["later"]);
    net.bind(rep, &at(TCP, 2));
    net.advance(ms(1000));
    assert_eq!(net.recv(rep), Some(msg(["later"])));
}

/// RFC 28, REQ: "SHALL accept an incoming message only from the last peer that it sent a request to", "SHALL
/// discard silently any messages received from other peers".
#[test]
fn req_takes_the_reply_only_from_whom_it_asked() {
    let mut net = Net::new();
    let (req, routers) = req_and_routers::<2>(&mut net);
    net.send(req, ["question"]);
    let asked = routers.map(|raw| !net.heard(raw).is_empty());
    assert_ne!(asked[0], asked[1]);
    let (asked, other) = if asked[0] { (routers[0], routers[1]) } else { (routers[1], routers[0]) };
    tell_message(&mut net, other, &["", "not from whom you asked"]);
    assert_eq!(net.recv(req), None);
    tell_message(&mut net, asked, &["", "answer"]);
    assert_eq!(net.recv(req), Some(msg(["answer"])));
    // The next goes to the other, and what the first says then is out of place.
    net.send(req, ["next question"]);
    tell_message(&mut net, asked, &["", "too late"]);
    assert_eq!(net.recv(req), None);
    tell_message(&mut net, other, &["", "next answer"]);
    assert_eq!(net.recv(req), Some(msg(["next answer"])));
    assert!(!net.is_closed(asked) && !net.is_closed(other), "silently");
}

/// RFC 28, REQ: "SHALL accept an incoming message only from the last peer that it sent a request to":
/// what comes before any request, or after its reply, is discarded.
#[test]
fn req_discards_what_it_did_not_ask_for() {
    let mut net = Net::new();
    let (req, [raw]) = req_and_routers(&mut net);
    tell_message(&mut net, raw, &["", "unasked"]);
    net.send(req, ["question"]);
    assert_eq!(net.recv(req), None);
    tell_message(&mut net, raw, &["", "answer"]);
    tell_message(&mut net, raw, &["", "and another"]);
    assert_eq!(net.recv(req), Some(msg(["answer"])));
    net.send(req, ["question"]);
    assert_eq!(net.recv(req), None);
}

/// RFC 28, REQ: "The request and reply messages SHALL have this format on the wire": what lacks the
/// delimiter, or anything behind it, is no reply.
#[test]
fn req_discards_what_is_no_reply_by_its_format() {
    let mut net = Net::new();
    let (req, [raw]) = req_and_routers(&mut net);
    net.send(req, ["question"]);
    tell_message(&mut net, raw, &["no delimiter"]);
    tell_message(&mut net, raw, &["no", "delimiter"]);
    tell_message(&mut net, raw, &[""]);
    assert_eq!(net.recv(req), None);
    tell_message(&mut net, raw, &["", "", "answer"]);
    assert_eq!(net.recv(req), Some(msg(["", "answer"])));
    assert!(!net.is_closed(raw));
}

/// The house's rule where RFC 28 leaves a REQ waiting for ever: a request that went out on a connection that
/// is lost is not sent again, since the peer may have acted on it. The receive says so, once.
#[test]
fn a_req_whose_peer_is_lost_with_the_request_is_told() {
    for (bind, connect) in [(Rep, Req), (Req, Rep)] {
        let mut net = Net::new();
        let (a, b) = net.pair(bind, connect, TCP);
        let (rep, req) = if bind == Rep { (a, b) } else { (b, a) };
        net.send(req, ["question"]);
        net.run();
        net.cut(req, rep);
        assert_eq!(net.try_send(req, ["next"]), Err(Error::ReplyPending));
        assert_eq!(net.try_recv(req), Err(Error::ReplyLost));
        assert_eq!(Error::ReplyLost.code(), "ECONNRESET");
        assert!(matches!(net.try_recv(req), Err(Error::WrongState(_))), "once");
        net.recv(rep);
        net.send(rep, ["the answer to the lost one"]);
        net.advance(ms(1000));
        net.send(req, ["next"]);
        assert_eq!(net.recv(rep), Some(msg(["next"])));
        net.send(rep, ["answer to the next"]);
        assert_eq!(net.recv(req), Some(msg(["answer to the next"])));
    }
}

/// RFC 28, REQ: "SHALL NOT discard messages that it cannot send to a connected peer": a request that was
/// still queued goes out on the next connection.
#[test]
fn a_request_that_was_not_sent_yet_survives_the_connection() {
    let mut net = Net::new();
    let (rep, req) = net.pair(Rep, Req, TCP);
    net.credit(req, rep, 0);
    net.send(req, ["question"]);
    net.cut(req, rep);
    assert_eq!(net.recv(req), None);
    net.advance(ms(1000));
    assert_eq!(net.recv(rep), Some(msg(["question"])));
    net.send(rep, ["answer"]);
    assert_eq!(net.recv(req), Some(msg(["answer"])));
}

/// RFC 28, REP: "SHALL receive and then send exactly one message at a time", "SHALL wait for a single reply
/// message from its calling application".
#[test]
fn rep_receives_then_sends_one_message_at_a_time() {
    let mut net = Net::new();
    let rep = net.open(Rep);
    net.bind(rep, TCP);
    let reqs = [net.open(Req), net.open(Req)];
    for req in reqs {
        net.connect(req, TCP);
        net.send(req, [format!("{req:?}")]);
    }
    assert!(matches!(net.try_send(rep, ["to nobody"]), Err(Error::WrongState(_))));
    for _ in 0..2 {
        let request = net.recv(rep).expect("two have asked");
        assert!(!net.engine(rep).can_recv());
        assert!(matches!(net.try_recv(rep), Err(Error::WrongState(_))));
        net.send(rep, request);
        assert!(matches!(net.try_send(rep, ["again"]), Err(Error::WrongState(_))));
    }
    for req in reqs {
        assert_eq!(net.recv(req), Some(msg([format!("{req:?}")])), "each its own");
    }
}

/// RFC 28, REP: "An address envelope consisting of zero or more frames", "A delimiter, consisting of an empty
/// frame", "SHALL remove and store the address envelope, including the delimiter", "SHALL pass the remaining
/// data frames to its calling application", "SHALL prepend the address envelope and delimiter".
#[test]
fn rep_keeps_the_envelope_to_itself_and_sends_it_back() {
    for envelope in [&[""][..], &["hop", ""], &["hop", "another hop", ""]] {
        let mut net = Net::new();
        let rep = net.open(Rep);
        net.bind(rep, TCP);
        let raw = net.raw_peer(TCP, "DEALER");
        tell_message(&mut net, raw, &[envelope, &["data", "", "more data"]].concat());
        assert_eq!(net.recv(rep), Some(msg(["data", "", "more data"])));
        net.send(rep, ["reply", ""]);
        let bodies = net.heard_frames(raw).into_iter().map(|(_, body)| body).collect::<Vec<_>>();
        assert_eq!(bodies, msg([envelope, &["reply", ""]].concat()));
    }
}

/// RFC 28, REP: "SHALL deliver this message back to the originating peer", "SHALL receive incoming messages
/// from its peers using a fair-queuing strategy".
#[test]
fn rep_is_fair_and_answers_whom_it_heard() {
    let mut net = Net::new();
    let rep = net.open(Rep);
    net.bind(rep, TCP);
    let dealers = [net.raw_peer(TCP, "DEALER"), net.raw_peer(TCP, "DEALER")];
    for _ in 0..3 {
        tell_message(&mut net, dealers[0], &["", "from the busy one"]);
    }
    tell_message(&mut net, dealers[1], &["", "from the quiet one"]);
    let mut order = Vec::new();
    while let Some(request) = net.recv(rep) {
        net.send(rep, &request);
        let answered = dealers.map(|dealer| net.heard_frames(dealer).into_iter().any(|f| f.1 == request[0]));
        let is_quiet = request == msg(["from the quiet one"]);
        assert_eq!(answered, [!is_quiet, is_quiet]);
        order.push(is_quiet);
    }
    assert_eq!(order, [false, true, false, false]);
}

/// RFC 28, REP: "SHALL silently discard the reply, or return an error, if the originating peer is no longer
/// connected", "SHALL not block on sending".
#[test]
fn a_reply_to_a_peer_that_left_is_discarded() {
    let mut net = Net::new();
    let (rep, req) = net.pair(Rep, Req, TCP);
    net.send(req, ["question"]);
    assert_eq!(net.recv(rep), Some(msg(["question"])));
    net.close(req, Some(ms(0)));
    net.run();
    assert!(net.can_send(rep));
    net.send(rep, ["to nobody"]);
    let other = net.open(Req);
    net.connect(other, TCP);
    net.send(other, ["question"]);
    assert_eq!(net.recv(rep), Some(msg(["question"])));
    net.send(rep, ["answer"]);
    assert_eq!(net.recv(other), Some(msg(["answer"])));
}

/// RFC 28, REP: "SHALL deliver this message back to the originating peer", "SHALL silently discard the reply
/// [...] if the originating peer is no longer connected". Who is connected next, where a REP connects, asked
/// something else: a REQ would take the old reply for its own.
#[test]
fn a_reply_does_not_outlive_the_connection_that_it_was_asked_on() {
    for stage in ["in the queue", "received", "answered"] {
        let mut net = Net::new();
        net.plan.latency = ms(50);
        let (req, rep) = net.pair(Req, Rep, NULL);
        net.advance(ms(1000));
        net.send(req, ["old"]);
        net.advance(ms(50));
        net.credit(rep, req, 0);
        if stage != "in the queue" {
            net.recv(rep);
        }
        if stage == "answered" {
            net.send(rep, ["reply to old"]);
        }
        net.cut(req, rep);
        assert_eq!(net.try_recv(req), Err(Error::ReplyLost));
        // It asks again as soon as it can, when a reply that was queued is under way already.
        while !net.can_send(req) {
            net.advance(ms(1));
        }
        net.send(req, ["new"]);
        if stage == "in the queue" {
            assert_eq!(net.recv(rep), Some(msg(["old"])));
        }
        if stage != "answered" {
            net.send(rep, ["reply to old"]);
        }
        net.advance(ms(1000));
        assert_eq!(net.recv(req), None, "{stage}");
        assert_eq!(net.recv(rep), Some(msg(["new"])));
        net.send(rep, ["reply to new"]);
        net.advance(ms(1000));
        assert_eq!(net.recv(req), Some(msg(["reply to new"])), "{stage}");
    }
}

/// RFC 28, REP: "SHALL not block on sending". So a request waits until there is room for its reply, and
/// other peers don't wait for it.
#[test]
fn rep_takes_no_request_whose_reply_has_no_room() {
    let mut net = Net::new();
    let rep = net.open_with(Rep, &[(SocketOption::SndHwm, 1.into())]);
    net.bind(rep, TCP);
    let (slow, quick) = (net.open(Dealer), net.open(Dealer));
    for dealer in [slow, quick] {
        net.connect(dealer, TCP);
    }
    net.run();
    net.credit(rep, slow, 0);
    for number in ["1", "2"] {
        net.send(slow, ["", number]);
    }
    assert_eq!(net.recv(rep), Some(msg(["1"])));
    net.send(rep, ["one"]);
    assert_eq!(net.recv(rep), None);
    net.send(quick, ["", "3"]);
    assert_eq!(net.recv(rep), Some(msg(["3"])));
    net.send(rep, ["three"]);
    assert_eq!(net.recv(quick), Some(msg(["", "three"])));
    net.credit(rep, slow, usize::MAX);
    assert_eq!(net.recv(rep), Some(msg(["2"])));
    net.send(rep, ["two"]);
    assert_eq!(net.recv_all(slow), [msg(["", "one"]), msg(["", "two"])]);
}

/// RFC 28, REP: "The request and reply messages SHALL have this format on the wire": what has no delimiter,
/// or nothing behind it, is no request, and whoever sent it may send a sound one next.
#[test]
fn rep_drops_what_is_no_request_by_its_format() {
    let mut net = Net::new();
    let rep = net.open(Rep);
    net.bind(rep, TCP);
    let raw = net.raw_peer(TCP, "DEALER");
    tell_message(&mut net, raw, &["no delimiter", "at all"]);
    tell_message(&mut net, raw, &["nothing behind it", ""]);
    tell_message(&mut net, raw, &["", "sound"]);
    assert_eq!(net.recv(rep), Some(msg(["sound"])));
    assert!(!net.is_closed(raw));
}

/// RFC 28, REP: "SHALL not filter or modify outgoing or incoming messages in any way"; every pair that RFC 28
/// has, over every kind of link.
#[test]
fn requests_and_replies_arrive_as_they_were() {
    for endpoint in TRANSPORTS {
        let mut net = Net::new();
        let (router, req) = net.pair(Router, Req, endpoint);
        let (dealer, rep) = net.pair(Dealer, Rep, &at(endpoint, 2));
        net.send(req, ["", "binary \0", ""]);
        let request = net.recv(router).expect("it was asked");
        assert_eq!(request[1..], msg(["", "", "binary \0", ""]), "{endpoint}");
        net.send(dealer, &request);
        assert_eq!(net.recv(rep), Some(msg(["", "binary \0", ""])));
        net.send(rep, ["", ""]);
        let reply = net.recv(dealer).expect("it was answered");
        net.send(router, &reply);
        assert_eq!(net.recv(req), Some(msg(["", ""])));
    }
}
