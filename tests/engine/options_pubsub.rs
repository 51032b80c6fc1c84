//! What the options of publishers and subscribers change. RFC 29 leaves some of it to "configuration"; the
//! rest is libzmq's.

use zmq_wasm::SocketOption::{
    InvertMatching, OnlyFirstSubscribe, SndHwm, TopicsCount, XpubManual, XpubManualLastValue, XpubNodrop,
    XpubVerbose, XpubVerboser, XpubWelcomeMsg, XsubVerboseUnsubscribe,
};
use zmq_wasm::SocketType::{Pub, Sub, Xpub, Xsub};
use zmq_wasm::{Error, SocketOption};

use crate::net::{Net, Parts, Sock, TCP, ms, msg};
use crate::options::on;
use crate::raw::{COMMAND, command};

/// XPUB_VERBOSE and XPUB_VERBOSER: every subscription reaches the application, and with the latter every
/// unsubscription, too. RFC 29, XPUB: "MAY, depending on configuration, normalize commands".
#[test]
fn xpub_verbose_and_verboser_tell_of_duplicates() {
    let subscribe = || msg(["\x01a"]);
    let cancel = || msg(["\0a"]);
    let expected: [(&[_], Vec<Parts>); 3] = [
        (&[], vec![subscribe(), cancel()]),
        (&on(XpubVerbose), vec![subscribe(), subscribe(), cancel()]),
        (&on(XpubVerboser), vec![subscribe(), subscribe(), cancel(), cancel()]),
    ];
    for (options, expected) in expected {
        let mut net = Net::new();
        let xpub = net.open_with(Xpub, options);
        net.bind(xpub, TCP);
        let subs = [net.open(Sub), net.open(Xsub)];
        for sub in subs {
            net.connect(sub, TCP);
        }
        net.subscribe(subs[0], "a");
        net.run();
        net.send(subs[1], ["\x01a"]);
        net.run();
        net.unsubscribe(subs[0], "a");
        net.run();
        net.send(subs[1], ["\0a"]);
        assert_eq!(net.recv_all(xpub), expected, "{options:?}");
    }
}

/// XPUB_MANUAL: the application answers each subscription with the ones that the peer shall have; what it is
/// told at the end is what the peer had asked for.
#[test]
fn xpub_manual_leaves_subscriptions_to_the_application() {
    let mut net = Net::new();
    let xpub = net.open_with(Xpub, &on(XpubManual));
    net.bind(xpub, TCP);
    let subs = ["a", "b"].map(|topic| {
        let xsub = net.open(Xsub);
        net.connect(xsub, TCP);
        net.send(xsub, [format!("\x01{topic}")]);
        assert_eq!(net.recv(xpub), Some(msg([format!("\x01{topic}")])));
        net.subscribe(xpub, &format!("x{topic}"));
        xsub
    });
    for text in ["a", "b", "xa", "xb"] {
        net.send(xpub, [text]);
    }
    assert_eq!((net.recv_all(subs[0]), net.recv_all(subs[1])), (vec![msg(["xa"])], vec![msg(["xb"])]));
    net.send(subs[0], ["\0a"]);
    assert_eq!(net.recv(xpub), Some(msg(["\0a"])));
    net.unsubscribe(xpub, "xa");
    net.send(xpub, ["xa"]);
    assert_eq!(net.recv(subs[0]), None);
    net.close(subs[1], Some(ms(0)));
    assert_eq!(net.recv_all(xpub), [msg(["\0b"])], "what it had asked for");
    net.send(xpub, ["xb"]);
}

/// XPUB_MANUAL: an answer that comes when the peer is gone is for nobody, even when it comes back by the same
/// endpoint of ours.
#[test]
fn xpub_manual_answers_nobody_when_the_peer_is_gone() {
    let mut net = Net::new();
    let (sub, xpub) = (net.open(Sub), net.open_with(Xpub, &on(XpubManual)));
    net.join(sub, xpub, TCP);
    net.subscribe(sub, "a");
    assert_eq!(net.recv(xpub), Some(msg(["\x01a"])));
    net.cut(sub, xpub);
    net.subscribe(xpub, "a");
    net.send(xpub, ["a, for nobody"]);
    assert_eq!(net.recv(xpub), Some(msg(["\0a"])), "read when the peer is gone");
    net.subscribe(xpub, "a");
    net.send(xpub, ["a, for nobody"]);
    net.advance(ms(1000));
    let mut told = net.recv_all(xpub);
    assert_eq!(told.pop(), Some(msg(["\x01a"])), "it is back");
    net.unsubscribe(xpub, "a");
    net.unsubscribe(xpub, "a");
    net.send(xpub, ["a"]);
    assert_eq!(net.recv(sub), None);
    net.subscribe(xpub, "a");
    net.send(xpub, ["a"]);
    assert_eq!(net.recv(sub), Some(msg(["a"])));
}

/// XPUB_NODROP: a message that a subscriber has no room for is refused for all, and sent to nobody.
#[test]
fn xpub_nodrop_waits_for_the_slowest() {
    for kind in [Pub, Xpub] {
        let mut net = Net::new();
        let publisher = net.open_with(kind, &[(XpubNodrop, true.into()), (SndHwm, 1.into())]);
        net.bind(publisher, TCP);
        let subs = ["a", ""].map(|topic| {
            let sub = net.open(Sub);
            net.subscribe(sub, topic);
            net.connect(sub, TCP);
            sub
        });
        net.run();
        net.credit(publisher, subs[0], 0);
        net.send(publisher, ["a1"]);
        assert!(!net.can_send(publisher));
        assert_eq!(net.try_send(publisher, ["a2"]), Err(Error::WouldBlock));
        net.send(publisher, ["b, which the slow one does not want"]);
        net.credit(publisher, subs[0], usize::MAX);
        net.send(publisher, ["a2"]);
        assert_eq!(net.recv_all(subs[0]), [msg(["a1"]), msg(["a2"])]);
        assert_eq!(net.recv_all(subs[1]).len(), 3);
    }
}

/// XPUB_WELCOME_MSG: the first that each subscriber gets, if it subscribed to it.
#[test]
fn xpub_welcome_msg_greets_each_subscriber() {
    let mut net = Net::new();
    let xpub = net.open_with(Xpub, &[(XpubWelcomeMsg, "welcome".into())]);
    net.bind(xpub, TCP);
    let subs = ["w", "other"].map(|topic| {
        let sub = net.open(Sub);
        net.subscribe(sub, topic);
        net.connect(sub, TCP);
        net.run();
        sub
    });
    net.send(xpub, ["w"]);
    assert_eq!(net.recv_all(subs[0]), [msg(["welcome"]), msg(["w"])]);
    assert_eq!(net.recv(subs[1]), None);
    net.cut(xpub, subs[0]);
    net.advance(ms(1000));
    assert_eq!(net.recv_all(subs[0]), [msg(["welcome"])]);
}

/// INVERT_MATCHING, on both sides: what would have matched does not, and the reverse.
#[test]
fn invert_matching_turns_the_filter_around() {
    let mut net = Net::new();
    let (publisher, sub) = (net.open_with(Pub, &on(InvertMatching)), net.open_with(Sub, &on(InvertMatching)));
    net.subscribe(sub, "a");
    net.subscribe(sub, "b");
    net.join(publisher, sub, TCP);
    for text in ["a", "b1", "c", ""] {
        net.send(publisher, [text]);
    }
    assert_eq!(net.recv_all(sub), [msg(["c"]), msg([""])]);
}

/// Options of RFC 29's sockets that other types don't have: subscriptions.
#[test]
fn only_subscribers_and_manual_publishers_subscribe() {
    for kind in zmq_wasm::SocketType::ALL {
        let mut net = Net::new();
        let sock = net.open(kind);
        let outcome = net.with(sock, |engine, _| engine.set_option(SocketOption::Subscribe, &"a".into()));
        assert_eq!(outcome.map_err(|error| error.code()), if kind == Sub { Ok(()) } else { Err("EINVAL") });
    }
    let mut net = Net::new();
    let xpub = net.open_with(Xpub, &on(XpubManual));
    net.bind(xpub, TCP);
    let raw = net.raw_peer(TCP, "SUB");
    net.subscribe(xpub, "for nobody: no subscription was received");
    net.tell_frame(raw, COMMAND, command("SUBSCRIBE", b"a"));
    net.send(xpub, ["for nobody"]);
    assert_eq!(net.heard_frames(raw), []);
}

/// A SUB that the XPUB, which is XPUB_MANUAL, has given the subscription to "a" that it asked for.
fn manual_subscriber(net: &mut Net, xpub: Sock) -> Sock {
    let sub = net.open(Sub);
    net.subscribe(sub, "a");
    net.connect(sub, TCP);
    assert_eq!(net.recv(xpub), Some(msg(["\x01a"])));
    net.subscribe(xpub, "a");
    sub
}

/// XPUB_MANUAL_LAST_VALUE: as XPUB_MANUAL, and what is sent right after a subscription was received goes to whom it
/// came from, if it has subscribed to it.
#[test]
fn xpub_manual_last_value_answers_the_new_subscriber_only() {
    let mut net = Net::new();
    let xpub = net.open_with(Xpub, &on(XpubManualLastValue));
    net.bind(xpub, TCP);
    let subs = [0, 1].map(|_| {
        let sub = manual_subscriber(&mut net, xpub);
        net.send(xpub, ["a: last value"]);
        sub
    });
    net.send(xpub, ["a: to all"]);
    for sub in subs {
        assert_eq!(net.recv_all(sub), [msg(["a: last value"]), msg(["a: to all"])]);
    }
    net.unsubscribe(subs[0], "a");
    assert_eq!(net.recv(xpub), Some(msg(["\0a"])));
    net.unsubscribe(xpub, "a");
    net.send(xpub, ["a: to whom it does not want it"]);
    net.send(xpub, ["a: to the other"]);
    assert_eq!(net.recv_all(subs[0]), Vec::<Parts>::new());
    assert_eq!(net.recv_all(subs[1]), [msg(["a: to the other"])]);
}

/// XPUB_MANUAL_LAST_VALUE with XPUB_NODROP: a refused message has not been sent, so the next try is for the same.
#[test]
fn xpub_manual_last_value_survives_a_refusal() {
    let mut net = Net::new();
    let options = [(XpubManualLastValue, true.into()), (XpubNodrop, true.into()), (SndHwm, 1.into())];
    let xpub = net.open_with(Xpub, &options);
    net.bind(xpub, TCP);
    let subs = [0, 1].map(|_| manual_subscriber(&mut net, xpub));
    net.credit(xpub, subs[1], 0);
    net.send(xpub, ["a1"]);
    net.subscribe(subs[1], "b");
    assert_eq!(net.recv(xpub), Some(msg(["\x01b"])));
    assert_eq!(net.try_send(xpub, ["a2"]), Err(Error::WouldBlock));
    net.credit(xpub, subs[1], usize::MAX);
    net.run();
    net.send(xpub, ["a2"]);
    assert_eq!((net.recv_all(subs[0]), net.recv_all(subs[1])), (vec![], vec![msg(["a1"]), msg(["a2"])]));
}

/// ONLY_FIRST_SUBSCRIBE, on either side: without it any part may be a subscription, with it none is unless the first
/// one is.
#[test]
fn only_first_subscribe_leaves_the_other_parts_alone() {
    let mixed = || msg(["data", "\x01a", "\0"]);
    let subscribing = || msg(["\x01a", "data", "\x01b"]);
    for (at_xsub, at_xpub) in [(false, false), (true, false), (false, true), (true, true)] {
        let mut net = Net::new();
        let xpub = net.open_with(Xpub, &[(OnlyFirstSubscribe, at_xpub.into())]);
        let xsub = net.open_with(Xsub, &[(OnlyFirstSubscribe, at_xsub.into())]);
        net.join(xpub, xsub, TCP);
        net.send(xsub, mixed());
        let expected = match (at_xsub, at_xpub) {
            (true, true) => vec![mixed()],
            _ => vec![msg(["\x01a"]), msg(["data"])],
        };
        assert_eq!(net.recv_all(xpub), expected, "{at_xsub}, {at_xpub}");
        net.send(xsub, subscribing());
        let mut received = net.recv_all(xpub);
        received.retain(|message| *message != msg(["\x01a"]));
        assert_eq!(received, [msg(["\x01b"]), msg(["data"])], "{at_xsub}, {at_xpub}");
    }
}

/// XSUB_VERBOSE_UNSUBSCRIBE: peers hear of every unsubscription. Without it, of the last to a topic.
#[test]
fn xsub_verbose_unsubscribe_tells_of_all() {
    for (verbose, expected) in [(false, vec!["b"]), (true, vec!["a", "b"])] {
        let mut net = Net::new();
        let xsub = net.open_with(Xsub, &[(XsubVerboseUnsubscribe, verbose.into())]);
        net.bind(xsub, TCP);
        let raw = net.raw_peer(TCP, "XPUB");
        for message in ["\x01b", "\0a", "\0b"] {
            net.send(xsub, [message]);
        }
        net.run();
        let heard = net.heard_frames(raw);
        let cancels: Vec<_> =
            expected.iter().map(|topic| (COMMAND, command("CANCEL", topic.as_bytes()))).collect();
        assert_eq!(heard[1..], cancels, "{verbose}");
    }
}

/// TOPICS_COUNT: topics, not subscriptions.
#[test]
fn topics_count_is_that_of_topics() {
    let mut net = Net::new();
    let (xpub, sub, xsub) = (net.open(Xpub), net.open(Sub), net.open(Xsub));
    net.join(xpub, sub, TCP);
    net.connect(xsub, TCP);
    let counts = |net: &Net| [xpub, sub, xsub].map(|sock| net.engine(sock).option(TopicsCount));
    assert_eq!(counts(&net), [0, 0, 0].map(|count| Ok(count.into())));
    for topic in ["a", "b", "a"] {
        net.subscribe(sub, topic);
    }
    net.send(xsub, ["\x01b"]);
    net.send(xsub, ["\x01c"]);
    net.run();
    assert_eq!(counts(&net), [3, 2, 2].map(|count| Ok(count.into())));
    net.close(sub, Some(ms(0)));
    net.run();
    assert_eq!(net.engine(xpub).option(TopicsCount), Ok(2.into()));
}
