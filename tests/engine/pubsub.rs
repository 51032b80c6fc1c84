//! RFC 29: PUB, XPUB, SUB and XSUB. [`zmtp`](crate::zmtp) and [`zws`](crate::zws) have how subscriptions go
//! over the wire.

use zmq_wasm::SocketType::{Pub, Sub, Xpub, Xsub};
use zmq_wasm::{ApiMisuse, Error, SocketOption, SocketType};

use crate::net::{Net, Parts, Sock, TCP, TRANSPORTS, at, ms, msg};
use crate::raw::{COMMAND, LAST, command};

/// A bound publisher with connected subscribers of these types and topics.
pub(crate) fn fan_out<const N: usize>(
    net: &mut Net,
    publisher: SocketType,
    subs: [(SocketType, &str); N],
) -> (Sock, [Sock; N]) {
    let publisher = net.open_with(publisher, &[(SocketOption::SndHwm, 3.into())]);
    net.bind(publisher, TCP);
    let subs = subs.map(|(kind, topic)| {
        let sub = net.open(kind);
        ask_for(net, sub, topic);
        net.connect(sub, TCP);
        sub
    });
    net.run();
    (publisher, subs)
}

/// Subscribes, the way that the socket's type has.
pub(crate) fn ask_for(net: &mut Net, sub: Sock, topic: &str) {
    if net.engine(sub).socket_type() == Sub {
        net.subscribe(sub, topic);
    } else {
        net.send(sub, [format!("\x01{topic}")]);
    }
}

fn no_longer(net: &mut Net, sub: Sock, topic: &str) {
    if net.engine(sub).socket_type() == Sub {
        net.unsubscribe(sub, topic);
    } else {
        net.send(sub, [format!("\0{topic}")]);
    }
}

fn not_supported<T>(operation: &'static str, socket_type: SocketType) -> Result<T, Error> {
    Err(Error::Misuse(ApiMisuse::NotSupported { operation, socket_type }))
}

/// RFC 29, PUB: "SHALL only send messages"; SUB: "SHALL only receive messages".
#[test]
fn pub_only_sends_and_sub_only_receives() {
    let mut net = Net::new();
    let (publisher, sub) = net.pair(Pub, Sub, TCP);
    assert_eq!(net.try_recv(publisher), not_supported("receive", Pub));
    assert_eq!(net.try_send(sub, ["x"]), not_supported("send", Sub));
}

/// RFC 29, PUB and XPUB: "SHALL perform a binary comparison of the subscription against the start of the
/// first frame of the message". RFC 37: "A subscription of "A" SHALL match all messages starting with "A". An
/// empty subscription SHALL match all messages".
#[test]
fn a_message_goes_to_those_who_subscribed_to_a_prefix_of_its_first_frame() {
    let messages = [msg(["a"]), msg(["ab", "c"]), msg(["b", "a"]), msg(["", "a"]), msg(["A"]), msg(["a\0"])];
    let cases: [(&str, &[usize]); 5] =
        [("", &[0, 1, 2, 3, 4, 5]), ("a", &[0, 1, 5]), ("ab", &[1]), ("abc", &[]), ("a\0", &[5])];
    for endpoint in TRANSPORTS {
        for (publisher, subscriber) in [(Pub, Sub), (Pub, Xsub), (Xpub, Sub), (Xpub, Xsub)] {
            let mut net = Net::new();
            let publisher = net.open(publisher);
            net.bind(publisher, endpoint);
            let subs = cases.map(|(topic, _)| {
                let sub = net.open(subscriber);
                net.connect(sub, endpoint);
                ask_for(&mut net, sub, topic);
                sub
            });
            net.run();
            for message in &messages {
                net.send(publisher, message);
            }
            for (sub, (topic, matching)) in subs.into_iter().zip(cases) {
                let expected: Vec<Parts> = matching.iter().map(|&index| messages[index].clone()).collect();
                assert_eq!(net.recv_all(sub), expected, "{endpoint} {subscriber:?} {topic:?}");
            }
        }
    }
}

/// RFC 29, PUB and SUB: "SHALL not modify outgoing messages in any way", "SHALL not modify incoming messages
/// in any way", "SHALL deliver messages to its calling application". Nor is one delivered twice to whom
/// two subscriptions match.
#[test]
fn a_message_arrives_once_and_as_it_was() {
    let mut net = Net::new();
    let (publisher, [sub]) = fan_out(&mut net, Pub, [(Sub, "")]);
    ask_for(&mut net, sub, "t");
    ask_for(&mut net, sub, "topic");
    net.run();
    net.send(publisher, ["topic", "", "\x01\0"]);
    assert_eq!(net.recv_all(sub), [msg(["topic", "", "\x01\0"])]);
}

/// RFC 37, "The Publish-Subscribe Pattern": "Subscriptions SHALL be additive and SHALL NOT be idempotent.
/// [...] Subscribing to "A" and "A" counts as two subscriptions".
#[test]
fn each_subscription_is_taken_back_once() {
    for subscriber in [Sub, Xsub] {
        let mut net = Net::new();
        let (publisher, [sub]) = fan_out(&mut net, Pub, [(subscriber, "A")]);
        ask_for(&mut net, sub, "A");
        ask_for(&mut net, sub, "");
        let arrives = |net: &mut Net, text: &str| {
            net.run();
            net.send(publisher, [text]);
            net.recv(sub).is_some()
        };
        assert!(arrives(&mut net, "Axel") && arrives(&mut net, "Bo"), "additive");
        no_longer(&mut net, sub, "");
        assert!(arrives(&mut net, "Axel") && !arrives(&mut net, "Bo"));
        no_longer(&mut net, sub, "A");
        assert!(arrives(&mut net, "Axel"), "one of two is left");
        no_longer(&mut net, sub, "A");
        assert!(!arrives(&mut net, "Axel"));
        no_longer(&mut net, sub, "A");
        ask_for(&mut net, sub, "A");
        assert!(arrives(&mut net, "Axel"), "one too many taken back counts for nothing");
    }
}

/// The same of subscribers that count nothing themselves: each SUBSCRIBE is undone by a CANCEL of its own, and a
/// CANCEL of what was not subscribed to undoes nothing.
#[test]
fn a_publisher_counts_the_subscriptions_of_a_peer() {
    for kind in [Pub, Xpub] {
        let mut net = Net::new();
        let publisher = net.open(kind);
        net.bind(publisher, TCP);
        let raw = net.raw_peer(TCP, "SUB");
        let mut arrives = |name: &str, topic: &str| {
            net.tell_frame(raw, COMMAND, command(name, topic.as_bytes()));
            net.send(publisher, ["A"]);
            !net.heard_frames(raw).is_empty()
        };
        assert!(!arrives("CANCEL", "A"));
        assert!(arrives("SUBSCRIBE", "A") && arrives("SUBSCRIBE", "A"));
        assert!(arrives("CANCEL", "A") && arrives("CANCEL", "B"), "one of two is left");
        assert!(!arrives("CANCEL", "A") && !arrives("CANCEL", "A"));
        assert!(arrives("SUBSCRIBE", ""));
    }
}

/// RFC 29, PUB: "SHALL NOT block on sending", also with nobody there or nobody interested.
#[test]
fn a_publisher_without_subscribers_drops() {
    for kind in [Pub, Xpub] {
        let mut net = Net::new();
        let (publisher, [sub]) = fan_out(&mut net, kind, [(Sub, "other")]);
        net.send(publisher, ["topic"]);
        assert_eq!(net.recv(sub), None);
    }
}

/// RFC 29, PUB: "SHALL silently discard any messages that subscribers send it", "SHALL NOT deliver these
/// commands to its calling application".
#[test]
fn pub_discards_what_subscribers_send() {
    let mut net = Net::new();
    let (publisher, [xsub]) = fan_out(&mut net, Pub, [(Xsub, "")]);
    net.send(xsub, ["up", "stream"]);
    net.run();
    assert!(!net.engine(publisher).can_recv());
    net.send(publisher, ["down"]);
    assert_eq!(net.recv(xsub), Some(msg(["down"])));
}

/// RFC 29, XPUB: "SHALL deliver these commands to its calling application", "MAY, depending on configuration,
/// normalize commands [...] so that multiple identical subscriptions result in a single command only".
#[test]
fn xpub_delivers_subscriptions() {
    for endpoint in TRANSPORTS {
        let mut net = Net::new();
        let (xpub, sub) = net.pair(Xpub, Sub, endpoint);
        let other = net.open(Xsub);
        net.connect(other, endpoint);
        net.run();
        for topic in ["a", "", "a"] {
            net.subscribe(sub, topic);
            ask_for(&mut net, other, topic);
        }
        assert_eq!(net.recv_all(xpub), [msg(["\x01a"]), msg(["\x01"])], "{endpoint}");
        for topic in ["a", "", "a"] {
            net.unsubscribe(sub, topic);
            net.run();
            no_longer(&mut net, other, topic);
            net.run();
        }
        assert_eq!(net.recv_all(xpub), [msg(["\0"]), msg(["\0a"])], "{endpoint}");
    }
}

/// RFC 29, XPUB: "SHALL, if the subscriber peer disconnects prematurely, generate a suitable unsubscribe
/// request for the calling application"; once no other peer is left that has the subscription.
#[test]
fn xpub_takes_back_the_subscriptions_of_a_peer_that_left() {
    for (bind, connect) in [(Xpub, Sub), (Sub, Xpub)] {
        let mut net = Net::new();
        let (a, b) = net.pair(bind, connect, TCP);
        let (xpub, sub) = if bind == Xpub { (a, b) } else { (b, a) };
        let other = net.open(Sub);
        net.join(other, xpub, &at(TCP, 2));
        net.subscribe(sub, "only one");
        net.subscribe(sub, "both");
        net.subscribe(other, "both");
        assert_eq!(net.recv_all(xpub).len(), 2);
        net.cut(xpub, sub);
        assert_eq!(net.recv_all(xpub), [msg(["\0only one"])]);
        net.advance(ms(1000));
        assert_eq!(net.recv_all(xpub), [msg(["\x01only one"])], "it is back");
        net.close(other, Some(ms(0)));
        net.close(sub, Some(ms(0)));
        let mut rest = net.recv_all(xpub);
        rest.sort();
        assert_eq!(rest, [msg(["\0both"]), msg(["\0only one"])]);
    }
}

/// RFC 29, XPUB: "SHALL receive incoming messages from its subscribers using a fair-queuing strategy", "SHALL
/// deliver these messages to its calling application". XSUB: "SHALL send all messages to all connected
/// publishers", "SHALL not modify outgoing messages in any way".
#[test]
fn xsub_sends_messages_to_all_publishers() {
    let mut net = Net::new();
    let xsub = net.open(Xsub);
    let xpubs = [0, 1].map(|host| {
        let xpub = net.open(Xpub);
        net.join(xpub, xsub, &at(TCP, host));
        xpub
    });
    let messages = [msg(["up"]), msg(["two", "parts"]), msg([""]), msg(["\x02\x01", "is no subscription"])];
    for message in &messages {
        net.send(xsub, message);
    }
    for xpub in xpubs {
        assert_eq!(net.recv_all(xpub), messages);
    }
    let second = net.open(Xsub);
    net.connect(second, &at(TCP, 0));
    net.run();
    for text in ["busy", "busy", "busy"] {
        net.send(xsub, [text]);
    }
    net.send(second, ["quiet"]);
    let order = net.recv_all(xpubs[0]);
    assert_eq!(order, [msg(["busy"]), msg(["quiet"]), msg(["busy"]), msg(["busy"])]);
}

/// RFC 29, SUB: "SHALL receive incoming messages from its publishers using a fair-queuing strategy".
#[test]
fn a_subscriber_takes_one_message_from_each_publisher_in_turn() {
    let mut net = Net::new();
    let sub = net.open(Sub);
    net.subscribe(sub, "");
    let publishers = [0, 1].map(|host| {
        let publisher = net.open(Pub);
        net.join(publisher, sub, &at(TCP, host));
        publisher
    });
    for text in ["busy", "busy", "busy"] {
        net.send(publishers[0], [text]);
    }
    net.run();
    net.send(publishers[1], ["quiet"]);
    let received = net.recv_all(sub);
    assert_eq!(received, [msg(["busy"]), msg(["quiet"]), msg(["busy"]), msg(["busy"])]);
}

/// RFC 29, XSUB: "SHALL accept subscription commands from its calling application", "SHALL send subscribe and
/// unsubscribe requests to publishers": to all of them, those to come and those that come back too.
#[test]
fn subscriptions_reach_every_publisher_and_again_after_a_reconnect() {
    for kind in [Sub, Xsub] {
        let mut net = Net::new();
        let sub = net.open(kind);
        ask_for(&mut net, sub, "early");
        let publishers = [0, 1].map(|host| {
            let publisher = net.open(Pub);
            net.join(publisher, sub, &at(TCP, host));
            publisher
        });
        ask_for(&mut net, sub, "late");
        ask_for(&mut net, sub, "never mind");
        no_longer(&mut net, sub, "never mind");
        net.cut(publishers[1], sub);
        net.advance(ms(1000));
        for publisher in publishers {
            for text in ["early", "late", "never mind"] {
                net.send(publisher, [text]);
            }
            assert_eq!(net.recv_all(sub), [msg(["early"]), msg(["late"])]);
        }
    }
}

/// RFC 29, SUB: "MAY, depending on the transport, filter messages according to subscriptions": a publisher
/// that filters nothing, or a message that was under way when its subscription ended, is no nuisance.
#[test]
fn sub_filters_by_itself_and_xsub_does_not() {
    for (kind, expected) in [(Sub, vec![msg(["wanted"])]), (Xsub, vec![msg(["unwanted"]), msg(["wanted"])])] {
        let mut net = Net::new();
        let sub = net.open(kind);
        net.bind(sub, TCP);
        ask_for(&mut net, sub, "want");
        let raw = net.raw_peer(TCP, "PUB");
        net.tell_frame(raw, LAST, "unwanted");
        net.tell_frame(raw, LAST, "wanted");
        assert_eq!(net.recv_all(sub), expected);
    }
}
