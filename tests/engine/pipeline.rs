//! RFC 30: PUSH and PULL.

use zmq_wasm::SocketType::{Pull, Push};
use zmq_wasm::{ApiMisuse, Error, SocketOption};

use crate::net::{Net, Parts, Sock, TCP, TRANSPORTS, at, ms, msg};
use crate::raw::{LAST, MORE};

/// A PUSH that is connected to this many bound PULLs.
fn fan_out(net: &mut Net, pulls: usize, limit: i32) -> (Sock, Vec<Sock>) {
    let limits = [(SocketOption::SndHwm, limit.into()), (SocketOption::RcvHwm, limit.into())];
    let push = net.open_with(Push, &limits);
    let pulls = (0..pulls).map(|host| {
        let pull = net.open_with(Pull, &limits);
        net.join(pull, push, &at(TCP, host));
        pull
    });
    let pulls = pulls.collect();
    (push, pulls)
}

/// A bound PULL that this many PUSHes are connected to.
fn fan_in(net: &mut Net, pushes: usize, limit: i32) -> (Sock, Vec<Sock>) {
    let pull = net.open_with(Pull, &[(SocketOption::RcvHwm, limit.into())]);
    net.bind(pull, TCP);
    let pushes = (0..pushes).map(|_| {
        let push = net.open(Push);
        net.connect(push, TCP);
        push
    });
    let pushes = pushes.collect();
    net.run();
    (pull, pushes)
}

fn numbers(range: core::ops::Range<usize>) -> Vec<Parts> {
    range.map(|number| msg([number.to_string()])).collect()
}

/// RFC 30, PUSH: "SHALL only send messages"; PULL: "SHALL only receive messages".
#[test]
fn push_only_sends_and_pull_only_receives() {
    let mut net = Net::new();
    let (pull, push) = net.pair(Pull, Push, TCP);
    let not_supported =
        |operation, socket_type| Error::Misuse(ApiMisuse::NotSupported { operation, socket_type });
    assert_eq!(net.try_send(pull, ["x"]), Err(not_supported("send", Pull)));
    assert_eq!(net.try_recv(push), Err(not_supported("receive", Push)));
    assert!(!net.can_send(pull) && !net.engine(push).can_recv());
    assert_eq!(net.try_recv(push).expect_err("it can't").code(), "ENOTSUP");
}

/// RFC 30, PUSH: "SHALL only send messages". What a peer sends it all the same is of no interest and
/// does no harm.
#[test]
fn what_is_sent_to_a_push_is_dropped() {
    let mut net = Net::new();
    let push = net.open(Push);
    net.bind(push, TCP);
    let raw = net.raw_peer(TCP, "PULL");
    net.tell_frame(raw, MORE, "un");
    net.tell_frame(raw, LAST, "asked");
    net.send(push, ["work"]);
    assert_eq!(net.heard_frames(raw), [(LAST, b"work".to_vec())]);
    assert!(!net.is_closed(raw));
}

/// RFC 30, PUSH: "SHALL not filter or modify outgoing messages in any way"; PULL: "SHALL not filter or
/// modify incoming messages in any way", "SHALL deliver these to its calling application".
#[test]
fn messages_arrive_as_they_were() {
    let messages = [msg([""]), msg(["", "", ""]), msg(["\x01looks like a subscription"]), msg(["a", "b"])];
    for endpoint in TRANSPORTS {
        let mut net = Net::new();
        let (pull, push) = net.pair(Pull, Push, endpoint);
        for message in &messages {
            net.send(push, message);
        }
        assert_eq!(net.recv_all(pull), messages, "{endpoint}");
    }
}

/// RFC 30, PUSH: "SHALL route outgoing messages to available peers using a round-robin strategy".
#[test]
fn push_goes_round_its_peers() {
    let mut net = Net::new();
    let (push, pulls) = fan_out(&mut net, 3, 1000);
    for message in numbers(0..9) {
        net.send(push, message);
    }
    let mut received = pulls.iter().map(|&pull| net.recv_all(pull)).collect::<Vec<_>>();
    received.sort();
    let each = |first: usize| [first, first + 3, first + 6].map(|number| msg([number.to_string()])).to_vec();
    assert_eq!(received, [each(0), each(1), each(2)]);
}

/// RFC 30, PUSH: "SHALL consider a peer as available only when it has a outgoing queue that is not full".
#[test]
fn a_full_peer_is_passed_over() {
    let mut net = Net::new();
    let (push, pulls) = fan_out(&mut net, 2, 2);
    net.credit(push, pulls[0], 0);
    for message in numbers(0..8) {
        net.send(push, message);
        net.recv_all(pulls[1]);
    }
    net.credit(push, pulls[0], usize::MAX);
    assert_eq!(net.recv_all(pulls[0]).len(), 2, "its queue holds two");
}

/// RFC 30, PUSH: "SHALL block on sending, or return a suitable error, when it has no available peers",
/// "SHALL not accept further messages when it has no available peers", "SHALL NOT discard messages that it
/// cannot queue", "SHOULD constrain queue sizes to a runtime-configurable limit".
#[test]
fn push_blocks_when_every_peer_is_full_and_loses_nothing() {
    let mut net = Net::new();
    let (push, pulls) = fan_out(&mut net, 2, 3);
    assert!(net.can_send(push));
    for &pull in &pulls {
        net.credit(push, pull, 0);
    }
    for message in numbers(0..6) {
        net.send(push, message);
    }
    assert_eq!(net.try_send(push, ["too much"]), Err(Error::WouldBlock));
    assert_eq!(net.try_send(push, ["too much"]).expect_err("still").code(), "EAGAIN");
    for &pull in &pulls {
        net.credit(push, pull, usize::MAX);
    }
    let mut received = [net.recv_all(pulls[0]), net.recv_all(pulls[1])].concat();
    received.sort();
    assert_eq!(received, numbers(0..6));
}

/// RFC 30, PUSH: "SHALL block on sending, or return a suitable error, when it has no available peers".
#[test]
fn a_bound_push_without_peers_blocks_until_one_comes() {
    let mut net = Net::new();
    let push = net.open(Push);
    net.bind(push, TCP);
    assert_eq!(net.try_send(push, ["work"]), Err(Error::WouldBlock));
    let pull = net.open(Pull);
    net.connect(pull, TCP);
    net.run();
    net.send(push, ["work"]);
    assert_eq!(net.recv(pull), Some(msg(["work"])));
}

/// RFC 30, PUSH: "SHALL create this queue when initiating an outgoing connection to a peer, and SHALL
/// maintain the queue whether or not the connection is established".
#[test]
fn a_connecting_push_queues_before_and_between_connections() {
    let mut net = Net::new();
    let (pull, push) = (net.open(Pull), net.open(Push));
    net.connect(push, TCP);
    net.send(push, ["before"]);
    net.bind(pull, TCP);
    net.advance(ms(1000));
    assert_eq!(net.recv(pull), Some(msg(["before"])));
    net.credit(push, pull, 0);
    net.send(push, ["queued"]);
    net.cut(push, pull);
    net.send(push, ["between"]);
    net.advance(ms(1000));
    assert_eq!(net.recv_all(pull), [msg(["queued"]), msg(["between"])]);
}

/// RFC 30, PUSH: "SHALL create this queue when a peer connects to it. If this peer disconnects, the PUSH
/// socket SHALL destroy its queue and SHALL discard any messages it contains". The queues of other peers
/// stay.
#[test]
fn a_binding_pushs_queue_dies_with_its_peer_only() {
    let mut net = Net::new();
    let push = net.open(Push);
    net.bind(push, TCP);
    let pulls = [net.open(Pull), net.open(Pull)];
    for pull in pulls {
        net.connect(pull, TCP);
        net.run();
        net.credit(push, pull, 0);
    }
    net.send(push, ["for the first"]);
    net.send(push, ["for the second"]);
    net.cut(push, pulls[0]);
    net.credit(push, pulls[1], usize::MAX);
    net.advance(ms(1000));
    assert_eq!(net.recv_all(pulls[0]), numbers(0..0));
    assert_eq!(net.recv_all(pulls[1]), [msg(["for the second"])]);
}

/// RFC 30, PULL: "SHALL receive incoming messages from its peers using a fair-queuing strategy": a peer
/// that sends much does not keep the others waiting.
#[test]
fn pull_takes_one_message_from_each_peer_in_turn() {
    let mut net = Net::new();
    let (pull, pushes) = fan_in(&mut net, 3, 1000);
    for (count, &push) in [6, 2, 1].iter().zip(&pushes) {
        for _ in 0..*count {
            net.send(push, [format!("{push:?}")]);
        }
    }
    let received = net.recv_all(pull);
    let of = |push: usize| msg([format!("{:?}", pushes[push])]);
    let mut first_three = received[..3].to_vec();
    first_three.sort();
    assert_eq!(first_three, [of(0), of(1), of(2)]);
    let mut next_two = received[3..5].to_vec();
    next_two.sort();
    assert_eq!(next_two, [of(0), of(1)]);
    assert_eq!(received[5..], vec![of(0); 4]);
}

/// RFC 30, PULL: "SHALL maintain an incoming queue for each connected peer", "SHOULD constrain incoming
/// queue sizes to a runtime-configurable limit". One full queue stops one peer; nothing is lost.
#[test]
fn pull_stops_a_peer_whose_queue_is_full_and_no_other() {
    let mut net = Net::new();
    let (pull, pushes) = fan_in(&mut net, 2, 2);
    for message in numbers(0..10) {
        net.send(pushes[0], message);
    }
    net.run();
    net.send(pushes[1], ["from the other"]);
    net.run();
    let received = net.recv_all(pull);
    let others = received.iter().position(|message| *message == msg(["from the other"]));
    assert!(others.is_some_and(|at| at < 2), "it does not wait for the ten");
    let rest = received.iter().filter(|message| **message != msg(["from the other"])).cloned();
    assert_eq!(rest.collect::<Vec<_>>(), numbers(0..10));
}

/// RFC 30, PULL: "SHALL create this queue when initiating an outgoing connection to a peer, and SHALL
/// maintain the queue whether or not the connection is established".
#[test]
fn what_a_connecting_pull_has_received_survives_the_connection() {
    let mut net = Net::new();
    let (push, pull) = net.pair(Push, Pull, TCP);
    net.send(push, ["one"]);
    net.send(push, ["two"]);
    net.run();
    net.cut(push, pull);
    assert_eq!(net.recv_all(pull), [msg(["one"]), msg(["two"])]);
}

/// RFC 30, PULL, says of a peer that connected and left: "SHALL discard any messages it contains". As in
/// libzmq that is what was not yet whole: a worker may send its result and leave, and the result counts.
#[test]
fn what_came_whole_before_a_peer_left_is_still_received() {
    for endpoint in TRANSPORTS {
        let mut net = Net::new();
        let (pull, push) = net.pair(Pull, Push, endpoint);
        net.send(push, ["result", "of a short life"]);
        net.close(push, None);
        assert!(net.is_finished(push));
        assert_eq!(net.recv_all(pull), [msg(["result", "of a short life"])], "{endpoint}");
    }
    let mut net = Net::new();
    let pull = net.open(Pull);
    net.bind(pull, TCP);
    let raw = net.raw_peer(TCP, "PUSH");
    net.tell_frame(raw, LAST, "whole");
    net.tell_frame(raw, MORE, "half of");
    net.hang_up(raw);
    let raw = net.raw_peer(TCP, "PUSH");
    net.tell_frame(raw, LAST, "another");
    assert_eq!(net.recv_all(pull), [msg(["whole"]), msg(["another"])]);
}
