//! RFC 28: DEALER and ROUTER.

use zmq_wasm::SocketType::{Dealer, Rep, Req, Router};
use zmq_wasm::{Error, SocketOption, SocketType};

use crate::net::{Net, Parts, Sock, TCP, TRANSPORTS, at, ms, msg};
use crate::raw::{COMMAND, LAST, MORE, ready_with};

/// A bound ROUTER.
fn router(net: &mut Net) -> Sock {
    let router = net.open(Router);
    net.bind(router, TCP);
    router
}

/// A peer with this routing id that is connected to the bound ROUTER.
fn named(net: &mut Net, kind: SocketType, name: &str) -> Sock {
    let peer = net.open_with(kind, &[(SocketOption::RoutingId, name.into())]);
    net.connect(peer, TCP);
    net.run();
    peer
}

/// RFC 28, DEALER: "SHALL not filter or modify outgoing or incoming messages in any way", "MAY both send and
/// receive messages", "SHALL deliver these to its calling application".
#[test]
fn dealers_change_nothing() {
    let messages = [msg([""]), msg(["", "a"]), msg(["a", ""]), msg(["\0", "\x01", "\x02"])];
    for endpoint in TRANSPORTS {
        let mut net = Net::new();
        let (a, b) = net.pair(Dealer, Dealer, endpoint);
        for (from, to) in [(a, b), (b, a)] {
            for message in &messages {
                net.send(from, message);
            }
            assert_eq!(net.recv_all(to), messages, "{endpoint}");
        }
    }
}

/// RFC 28, DEALER: "SHALL route outgoing messages to available peers using a round-robin strategy", "SHALL
/// consider a peer as available only when it has a outgoing queue that is not full".
#[test]
fn dealer_goes_round_the_peers_with_room() {
    let mut net = Net::new();
    let dealer = net.open_with(Dealer, &[(SocketOption::SndHwm, 2.into())]);
    let peers = [Dealer, Router, Rep].map(|kind| {
        let peer = net.open(kind);
        net.join(peer, dealer, &at(TCP, kind as usize));
        peer
    });
    for number in 0..6 {
        net.send(dealer, ["", &number.to_string()]);
    }
    assert_eq!(peers.map(|peer| recv_and_reply(&mut net, peer)), [2, 2, 2]);
    net.credit(dealer, peers[1], 0);
    for number in 0..8 {
        net.send(dealer, ["", &number.to_string()]);
        net.run();
    }
    assert_eq!(peers.map(|peer| recv_and_reply(&mut net, peer)), [3, 0, 3]);
    net.credit(dealer, peers[1], usize::MAX);
    assert_eq!(net.recv_all(peers[1]).len(), 2, "what was queued while there was room");
}

/// Receives all there is, as a REP must: with a reply to each. Gives their number.
fn recv_and_reply(net: &mut Net, peer: Sock) -> usize {
    let mut count = 0;
    while net.recv(peer).is_some() {
        count += 1;
        if net.engine(peer).socket_type() == Rep {
            net.send(peer, ["reply"]);
        }
    }
    count
}

/// RFC 28, DEALER: "SHALL block on sending, or return a suitable error, when it has no available peers",
/// "SHALL not accept further messages when it has no available peers", "SHALL NOT discard messages that it
/// cannot queue".
#[test]
fn dealer_blocks_when_every_peer_is_full_and_loses_nothing() {
    let mut net = Net::new();
    let lone = net.open(Dealer);
    net.bind(lone, &at(TCP, 9));
    assert_eq!(net.try_send(lone, ["nobody is there"]), Err(Error::WouldBlock));

    let dealer = net.open_with(Dealer, &[(SocketOption::SndHwm, 3.into())]);
    let peer = net.open(Dealer);
    net.join(peer, dealer, TCP);
    net.credit(dealer, peer, 0);
    let sent: Vec<Parts> = (0..3).map(|number| msg([number.to_string()])).collect();
    for message in &sent {
        net.send(dealer, message);
    }
    assert_eq!(net.try_send(dealer, ["3"]), Err(Error::WouldBlock));
    net.credit(dealer, peer, usize::MAX);
    assert_eq!(net.recv_all(peer), sent);
}

/// RFC 28, DEALER: "SHALL maintain a double queue for each connected peer, allowing outgoing and incoming
/// messages to be queued independently"; ROUTER has the same.
#[test]
fn a_full_queue_one_way_does_not_stop_the_other_way() {
    let mut net = Net::new();
    let router = router(&mut net);
    let dealer = named(&mut net, Dealer, "d");
    net.credit(dealer, router, 0);
    net.send(dealer, ["stuck"]);
    net.send(router, ["d", "down"]);
    assert_eq!((net.recv(router), net.recv(dealer)), (None, Some(msg(["down"]))));
    net.credit(router, dealer, 0);
    net.credit(dealer, router, usize::MAX);
    net.send(router, ["d", "stuck too"]);
    assert_eq!((net.recv(router), net.recv(dealer)), (Some(msg(["d", "stuck"])), None));
}

/// RFC 28, DEALER: "SHALL create a double queue when initiating an outgoing connection to a peer, and SHALL
/// maintain the double queue whether or not the connection is established".
#[test]
fn a_connecting_dealer_queues_before_and_between_connections() {
    let mut net = Net::new();
    let (bound, dealer) = (net.open(Dealer), net.open(Dealer));
    net.connect(dealer, TCP);
    net.send(dealer, ["before"]);
    net.bind(bound, TCP);
    net.advance(ms(1000));
    assert_eq!(net.recv(bound), Some(msg(["before"])));
    net.credit(dealer, bound, 0);
    net.send(dealer, ["queued"]);
    net.cut(bound, dealer);
    net.send(dealer, ["between"]);
    net.advance(ms(1000));
    assert_eq!(net.recv_all(bound), [msg(["queued"]), msg(["between"])]);
}

/// RFC 28, DEALER: "SHALL create a double queue when a peer connects to it. If this peer disconnects, the
/// DEALER socket SHALL destroy its double queue and SHALL discard any messages it contains"; ROUTER has
/// the same.
#[test]
fn the_binding_sides_queue_dies_with_the_peer() {
    for (kind, message) in [(Dealer, msg(["lost"])), (Router, msg(["d", "lost"]))] {
        let mut net = Net::new();
        let bound = net.open(kind);
        net.bind(bound, TCP);
        let peer = named(&mut net, Dealer, "d");
        net.credit(bound, peer, 0);
        net.send(bound, message);
        net.cut(bound, peer);
        net.advance(ms(1000));
        assert_eq!(net.recv(peer), None, "{kind:?}");
        assert_eq!(net.connections(bound), 1, "it is back, and its old messages are not");
    }
}

/// RFC 28, DEALER: "SHALL receive incoming messages from its peers using a fair-queuing strategy"; ROUTER has
/// the same.
#[test]
fn one_message_from_each_peer_in_turn() {
    for kind in [Dealer, Router] {
        let mut net = Net::new();
        let bound = net.open(kind);
        net.bind(bound, TCP);
        let (busy, quiet) = (named(&mut net, Dealer, "busy"), named(&mut net, Dealer, "quiet"));
        for _ in 0..3 {
            net.send(busy, ["busy"]);
        }
        net.send(quiet, ["quiet"]);
        net.run();
        let last = |parts: Parts| String::from_utf8_lossy(&parts[parts.len() - 1]).into_owned();
        let order: Vec<_> = net.recv_all(bound).into_iter().map(last).collect();
        assert_eq!(order, ["busy", "quiet", "busy", "busy"], "{kind:?}");
    }
}

/// RFC 28, ROUTER: "SHALL prefix each incoming message with a frame containing the identity of the
/// originating double queue", "SHOULD allow the peer to specify its identity explicitly through the Identity
/// metadata property", "SHALL deliver the resulting messages to its calling application".
#[test]
fn router_puts_the_identity_in_front() {
    for endpoint in TRANSPORTS {
        let mut net = Net::new();
        let router = net.open(Router);
        let dealer = net.open_with(Dealer, &[(SocketOption::RoutingId, "my name".into())]);
        net.join(router, dealer, endpoint);
        net.send(dealer, ["", "a", ""]);
        assert_eq!(net.recv(router), Some(msg(["my name", "", "a", ""])), "{endpoint}");
        let peer = net.engine(router).last_peer().expect("a message came").clone();
        assert_eq!((peer.routing_id, peer.address), (b"my name".to_vec(), "10.0.0.1".to_owned()));
    }
}

/// RFC 28, ROUTER: "SHALL remove the first frame from each outgoing message and use this as the identity of
/// a double queue", "SHALL route the message to the outgoing queue if that queue exists, and has space".
#[test]
fn router_sends_to_whom_the_first_frame_names() {
    let mut net = Net::new();
    let router = router(&mut net);
    let peers = [("a", Dealer), ("b", Req), ("c", Router)].map(|(name, kind)| named(&mut net, kind, name));
    net.send(peers[1], ["question"]);
    assert_eq!(net.recv(router), Some(msg(["b", "", "question"])));
    net.send(router, ["b", "", "answer"]);
    net.send(router, ["a", "x", "y"]);
    assert_eq!(net.recv(peers[0]), Some(msg(["x", "y"])));
    assert_eq!(net.recv(peers[1]), Some(msg(["answer"])));
    assert_eq!(net.recv(peers[2]), None);
}

/// RFC 28, ROUTER: "SHALL identify each double queue using a unique "identity" binary string". RFC 37, "The
/// Identity Property": "identities starting with a zero octet are reserved for implementations' internal
/// use".
#[test]
fn router_makes_up_unique_identities() {
    let mut net = Net::new();
    let router = router(&mut net);
    let dealers = [0; 20].map(|_| {
        let dealer = net.open(Dealer);
        net.connect(dealer, TCP);
        dealer
    });
    let mut ids = Vec::new();
    for dealer in dealers {
        net.send(dealer, [format!("{dealer:?}")]);
        let [id, text] = &net.recv(router).expect("it came")[..] else { panic!("an id and a text") };
        assert_eq!((id[0], id.len()), (0, 5), "a zero and four octets, as libzmq has it");
        net.send(router, [&id[..], b"to ", text]);
        assert_eq!(net.recv(dealer), Some(msg([&b"to "[..], text])));
        ids.push(id.clone());
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 20);
}

/// RFC 37, "The Identity Property": "The first octet of the Identity SHALL NOT be zero". A peer that says so
/// all the same could take over an identity that the ROUTER made up for another.
#[test]
fn router_refuses_an_identity_that_begins_with_zero() {
    let mut net = Net::new();
    let router = net.open_with(Router, &[(SocketOption::RouterHandover, true.into())]);
    net.bind(router, TCP);
    let victim = net.open(Dealer);
    net.connect(victim, TCP);
    net.send(victim, ["hello"]);
    let id = net.recv(router).expect("it came").remove(0);
    net.events(router);

    let thief = net.raw_connect(TCP);
    net.tell(thief, crate::raw::greeting(3, 1, "NULL"));
    net.tell_frame(thief, COMMAND, ready_with(&[("Socket-Type", b"DEALER"), ("Identity", &id)]));
    assert!(net.is_closed(thief));
    let events = format!("{:?}", net.events(router));
    assert!(events.contains("zero"), "the cause is named: {events}");
    net.send(router, [&id[..], b"still yours"]);
    assert_eq!(net.recv(victim), Some(msg(["still yours"])));
}

/// RFC 28, ROUTER: "SHALL either silently drop the message, or return an error, depending on configuration,
/// if the queue does not exist, or is full", "SHALL NOT block on sending". [`options`](crate::options) has
/// the other configuration.
#[test]
fn router_drops_what_it_cannot_route() {
    let mut net = Net::new();
    let router = net.open_with(Router, &[(SocketOption::SndHwm, 1.into())]);
    assert!(net.can_send(router), "even without peers");
    net.send(router, ["nobody", "x"]);
    net.bind(router, TCP);
    let dealer = named(&mut net, Dealer, "d");
    net.credit(router, dealer, 0);
    for text in ["kept", "dropped", "dropped"] {
        assert!(net.can_send(router));
        net.send(router, ["d", text]);
    }
    let too_long = vec![b'x'; 300];
    net.send(router, [&too_long[..], b"x"]);
    net.send(router, ["d"]);
    net.credit(router, dealer, usize::MAX);
    assert_eq!(net.recv_all(dealer), [msg(["kept"])]);
}

/// RFC 28, ROUTER: "SHALL create a double queue when initiating an outgoing connection to a peer, and SHALL
/// maintain the double queue whether or not the connection is established".
#[test]
fn a_connecting_router_keeps_queue_and_identity_between_connections() {
    for name in [Some("named"), None] {
        let mut net = Net::new();
        let (dealer, router) = (net.open(Dealer), net.open(Router));
        if let Some(name) = name {
            net.set(dealer, SocketOption::RoutingId, name);
        }
        net.join(dealer, router, TCP);
        net.send(dealer, ["hello"]);
        let id = net.recv(router).expect("it came").remove(0);
        net.cut(router, dealer);
        net.send(router, [&id[..], b"queued"]);
        net.advance(ms(1000));
        assert_eq!(net.recv(dealer), Some(msg(["queued"])));
        net.send(dealer, ["again"]);
        assert_eq!(net.recv(router), Some(msg([&id[..], b"again"])), "{name:?}");
    }
}

/// RFC 28, ROUTER: "SHALL identify each double queue using a unique "identity" binary string": one queue has
/// one identity, also when another peer is at the endpoint after a reconnect.
#[test]
fn a_connecting_router_forgets_the_identity_of_the_peer_before() {
    let mut net = Net::new();
    net.raw_listen(TCP);
    let router = net.open_with(Router, &[(SocketOption::RouterMandatory, true.into())]);
    net.connect(router, TCP);
    for name in ["first", "second"] {
        let raw = net.raw_accept();
        net.tell(raw, crate::raw::greeting(3, 1, "NULL"));
        let ready = ready_with(&[("Socket-Type", b"DEALER"), ("Identity", name.as_bytes())]);
        net.tell_frame(raw, COMMAND, ready);
        net.heard(raw);
        net.send(router, [name, "hello"]);
        assert_eq!(net.heard_frames(raw), [(LAST, b"hello".to_vec())]);
        net.hang_up(raw);
        net.advance(ms(1000));
    }
    let error = net.try_send(router, ["first", "are you there?"]).expect_err("it is gone");
    assert_eq!((error.code(), error), ("EHOSTUNREACH", Error::HostUnreachable("\"first\"".to_owned())));
}

/// Two peers of one name: the ROUTER refuses the second, whose messages it could not tell from the first's.
#[test]
fn router_refuses_a_second_peer_of_the_same_identity() {
    let mut net = Net::new();
    let router = router(&mut net);
    let first = named(&mut net, Dealer, "twin");
    net.events(router);
    let second = named(&mut net, Dealer, "twin");
    let events = format!("{:?}", net.events(router));
    assert!(events.contains("same routing id"), "{events}");
    net.send(second, ["who am I?"]);
    net.send(first, ["I am"]);
    assert_eq!(net.recv_all(router), [msg(["twin", "I am"])]);
    net.send(router, ["twin", "you are"]);
    assert_eq!(net.recv(first), Some(msg(["you are"])));
}

/// RFC 37, "Socket Semantics": "A message SHALL be sent or received atomically". The identity that the ROUTER
/// adds counts for nothing in what the peer sent.
#[test]
fn router_delivers_multipart_messages_whole() {
    let mut net = Net::new();
    let router = router(&mut net);
    let raw = net.raw_peer(TCP, "DEALER");
    net.tell_frame(raw, MORE, "one");
    assert_eq!(net.recv(router), None);
    net.tell_frame(raw, MORE, "");
    net.tell_frame(raw, LAST, "three");
    assert_eq!(net.recv(router).expect("it is whole")[1..], msg(["one", "", "three"]));
}
