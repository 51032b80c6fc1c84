//! RFC 29: the queues of PUB, XPUB, SUB and XSUB: full, one way or the other, and between connections.

use zmq_wasm::SocketOption;
use zmq_wasm::SocketType::{Pub, Sub, Xpub, Xsub};

use crate::net::{Net, Parts, TCP, at, ms, msg};
use crate::pubsub::{ask_for, fan_out};

/// RFC 29, PUB and XPUB: "SHALL silently drop the message if the queue for a subscriber is full", "SHALL NOT
/// block on sending", "SHALL maintain a single outgoing message queue for each connected subscriber".
#[test]
fn a_publisher_drops_for_the_full_subscriber_only() {
    for kind in [Pub, Xpub] {
        let mut net = Net::new();
        let (publisher, [slow, quick]) = fan_out(&mut net, kind, [(Sub, ""), (Sub, "")]);
        net.credit(publisher, slow, 0);
        let sent: Vec<Parts> = (0..8).map(|number| msg([number.to_string()])).collect();
        for message in &sent {
            assert!(net.can_send(publisher));
            net.send(publisher, message);
        }
        net.credit(publisher, slow, usize::MAX);
        assert_eq!(net.recv_all(slow), sent[..3]);
        assert_eq!(net.recv_all(quick), sent);
    }
}

/// RFC 29, XSUB: "SHALL silently drop the message if the outgoing queue for a publisher is full", "SHALL NOT
/// block on sending", "SHALL maintain a double queue for each connected publisher".
#[test]
fn xsub_drops_for_the_full_publisher_only() {
    let mut net = Net::new();
    let xsub = net.open_with(Xsub, &[(SocketOption::SndHwm, 1.into())]);
    let xpubs = [0, 1].map(|host| {
        let xpub = net.open(Xpub);
        net.join(xpub, xsub, &at(TCP, host));
        xpub
    });
    net.credit(xsub, xpubs[0], 0);
    for text in ["2", "3"] {
        assert!(net.can_send(xsub));
        net.send(xsub, [text]);
    }
    net.credit(xsub, xpubs[0], usize::MAX);
    assert_eq!(net.recv_all(xpubs[0]), [msg(["2"])]);
    assert_eq!(net.recv_all(xpubs[1]), [msg(["2"]), msg(["3"])]);
}

/// RFC 29, SUB and XSUB: "SHALL silently discard messages if the queue for a publisher is full", "SHALL
/// maintain a single incoming message queue for each connected publisher". The publisher's link does not
/// pause here; one that can does, and loses nothing.
#[test]
fn a_subscriber_discards_what_its_full_queue_cannot_take() {
    for kind in [Sub, Xsub] {
        for can_pause in [false, true] {
            let mut net = Net::new();
            net.plan.can_pause = can_pause;
            let sub = net.open_with(kind, &[(SocketOption::RcvHwm, 2.into())]);
            ask_for(&mut net, sub, "");
            let publishers = [0, 1].map(|host| {
                let publisher = net.open(Pub);
                net.join(publisher, sub, &at(TCP, host));
                publisher
            });
            let sent: Vec<Parts> = (0..300).map(|number| msg([number.to_string()])).collect();
            for message in &sent {
                net.send(publishers[0], message);
                net.run();
            }
            net.send(publishers[1], ["from the other"]);
            net.run();
            let other = msg(["from the other"]);
            let received = net.recv_all(sub);
            assert!(received.contains(&other));
            let first: Vec<Parts> = received.into_iter().filter(|message| *message != other).collect();
            assert_eq!(first, if can_pause { &sent[..] } else { &sent[..2] });
            assert_eq!(net.connections(sub), 2);
        }
    }
}

/// RFC 29, PUB: "SHALL create a queue when initiating an outgoing connection to a subscriber, and SHALL
/// maintain the queue whether or not the connection is established"; when a subscriber connected to it:
/// "SHALL destroy its queue and SHALL discard any messages it contains".
#[test]
fn a_connecting_publisher_keeps_its_queue_and_a_binding_one_does_not() {
    for (bind, connect, survives) in [(Sub, Pub, true), (Pub, Sub, false)] {
        let mut net = Net::new();
        let (a, b) = net.pair(bind, connect, TCP);
        let (publisher, sub) = if bind == Pub { (a, b) } else { (b, a) };
        net.subscribe(sub, "");
        net.run();
        net.credit(publisher, sub, 0);
        net.send(publisher, ["queued"]);
        net.cut(publisher, sub);
        net.send(publisher, ["nobody is subscribed now"]);
        net.advance(ms(1000));
        let expected = if survives { vec![msg(["queued"])] } else { vec![] };
        assert_eq!(net.recv_all(sub), expected);
    }
}

/// RFC 29, XPUB and XSUB: "SHALL create a double queue when initiating an outgoing connection [...] and SHALL
/// maintain the double queue whether or not the connection is established"; for a peer that connected and
/// left: "SHALL destroy its double queue and SHALL discard any messages it contains".
#[test]
fn a_connecting_xsub_keeps_its_queue_and_a_binding_one_does_not() {
    for (bind, connect, survives) in [(Xpub, Xsub, true), (Xsub, Xpub, false)] {
        let mut net = Net::new();
        let (a, b) = net.pair(bind, connect, TCP);
        let (xpub, xsub) = if bind == Xpub { (a, b) } else { (b, a) };
        net.credit(xsub, xpub, 0);
        net.send(xsub, ["queued"]);
        net.cut(xpub, xsub);
        net.send(xsub, ["between"]);
        net.advance(ms(1000));
        let expected = if survives { vec![msg(["queued"]), msg(["between"])] } else { vec![] };
        assert_eq!(net.recv_all(xpub), expected);
    }
}

/// RFC 29, SUB: "SHALL create a queue when initiating an outgoing connection to a publisher, and SHALL
/// maintain the queue whether or not the connection is established".
#[test]
fn what_a_connecting_subscriber_has_received_survives_the_connection() {
    for kind in [Sub, Xsub] {
        let mut net = Net::new();
        let (publisher, sub) = net.pair(Pub, kind, TCP);
        ask_for(&mut net, sub, "");
        net.run();
        net.send(publisher, ["one"]);
        net.send(publisher, ["two"]);
        net.run();
        net.cut(publisher, sub);
        assert_eq!(net.recv_all(sub), [msg(["one"]), msg(["two"])]);
    }
}

/// RFC 29, XPUB: "SHALL maintain a double queue for each connected subscriber, allowing outgoing and incoming
/// messages to be queued independently"; XSUB has the same.
#[test]
fn a_full_queue_one_way_does_not_stop_the_other_way() {
    let mut net = Net::new();
    let (xpub, xsub) = net.pair(Xpub, Xsub, TCP);
    ask_for(&mut net, xsub, "");
    assert_eq!(net.recv(xpub), Some(msg(["\x01"])));
    net.credit(xpub, xsub, 0);
    net.send(xpub, ["stuck"]);
    net.send(xsub, ["up"]);
    assert_eq!((net.recv(xpub), net.recv(xsub)), (Some(msg(["up"])), None));
    net.credit(xsub, xpub, 0);
    net.credit(xpub, xsub, usize::MAX);
    net.send(xsub, ["stuck too"]);
    assert_eq!((net.recv(xpub), net.recv(xsub)), (None, Some(msg(["stuck"]))));
}
