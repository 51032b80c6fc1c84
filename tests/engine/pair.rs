//! RFC 31: PAIR.

use zmq_wasm::engine::EventKind;
use zmq_wasm::{Error, SocketOption, SocketType::Pair};

use crate::net::{Net, Sock, TCP, TRANSPORTS, ms, msg};

/// RFC 31, PAIR: "MAY both send and receive messages", "SHALL not filter or modify outgoing or incoming
/// messages in any way", "SHALL deliver these to its calling application".
#[test]
fn messages_go_both_ways_and_arrive_as_they_were() {
    let messages = [
        msg([""]),
        msg(["", ""]),
        msg(["a", "", "b"]),
        vec![(0..=255).collect()],
        vec![vec![0; 256], vec![1; 65_535], vec![2; 65_536], vec![3; 1 << 20]],
    ];
    for endpoint in TRANSPORTS {
        let mut net = Net::new();
        let (bound, connected) = net.pair(Pair, Pair, endpoint);
        for (from, to) in [(bound, connected), (connected, bound)] {
            for message in &messages {
                net.send(from, message);
            }
            assert!(net.recv_all(to) == messages, "{endpoint}");
        }
    }
}

/// RFC 31, PAIR: "MAY be connected to at most one PAIR peers". The second is told by a closed connection,
/// the monitor names the cause, the first does not notice.
#[test]
fn a_second_peer_is_refused_while_the_first_is_there() {
    let mut net = Net::new();
    let (bound, first) = net.pair(Pair, Pair, TCP);
    net.events(bound);
    let second = net.open(Pair);
    net.connect(second, TCP);
    let events = net.events(bound);
    let cause = "this socket has a peer already";
    assert!(events.iter().any(|event| format!("{:?}", event.value).contains(cause)), "{events:?}");
    assert_eq!((net.connections(bound), net.connections(second)), (1, 0));
    net.send(first, ["from the first"]);
    net.send(second, ["from the second"]);
    assert_eq!(net.recv_all(bound), [msg(["from the first"])]);
    net.send(bound, ["to the first"]);
    assert_eq!(net.recv(second), None);
    assert_eq!(net.recv_all(first), [msg(["to the first"])]);
}

/// RFC 31, PAIR: "SHALL receive incoming messages from its single peer if it has one". When the single peer
/// is gone, the next may come.
#[test]
fn the_place_of_a_peer_that_left_is_free() {
    let mut net = Net::new();
    let (bound, first) = net.pair(Pair, Pair, TCP);
    let second = net.open(Pair);
    net.connect(second, TCP);
    net.run();
    net.close(first, Some(ms(0)));
    net.send(second, ["now it is my turn"]);
    assert_eq!(net.recv(bound), None);
    net.advance(ms(1000));
    assert_eq!(net.recv(bound), Some(msg(["now it is my turn"])));
}

/// RFC 31, PAIR: "MAY be connected to at most one PAIR peers", on the connecting side too.
#[test]
fn a_pair_that_connects_twice_talks_to_the_first_only() {
    let mut net = Net::new();
    let (first, second, pair) = (net.open(Pair), net.open(Pair), net.open(Pair));
    net.bind(first, "tcp://first:1");
    net.bind(second, "tcp://second:1");
    net.connect(pair, "tcp://first:1");
    net.connect(pair, "tcp://second:1");
    for _ in 0..4 {
        net.send(pair, ["to the first"]);
    }
    assert_eq!((net.recv_all(first).len(), net.recv_all(second).len()), (4, 0));
}

/// RFC 31, PAIR: "SHALL maintain a double queue for its peer, allowing outgoing and incoming messages to be
/// queued independently".
#[test]
fn a_full_queue_one_way_does_not_stop_the_other_way() {
    let mut net = Net::new();
    let (a, b) = small_pair(&mut net);
    net.credit(a, b, 0);
    fill(&mut net, a);
    net.send(b, ["still"]);
    assert_eq!(net.recv(a), Some(msg(["still"])));
    assert_eq!(net.recv(b), None);
}

/// RFC 31, PAIR: "SHALL create a double queue when initiating an outgoing connection to a peer, and SHALL
/// maintain the double queue whether or not the connection is established".
#[test]
fn the_connecting_side_queues_before_and_between_connections() {
    let mut net = Net::new();
    let (bound, connecting) = (net.open(Pair), net.open(Pair));
    net.connect(connecting, TCP);
    net.send(connecting, ["before"]);
    net.bind(bound, TCP);
    net.advance(ms(1000));
    assert_eq!(net.recv(bound), Some(msg(["before"])));
    net.credit(connecting, bound, 0);
    net.send(connecting, ["queued"]);
    net.cut(bound, connecting);
    net.send(connecting, ["between"]);
    net.advance(ms(1000));
    assert_eq!(net.recv_all(bound), [msg(["queued"]), msg(["between"])]);
}

/// RFC 31, PAIR: "SHALL create a double queue when a peer connects to it. If this peer disconnects, the PAIR
/// socket SHALL destroy its double queue and SHALL discard any messages it contains".
#[test]
fn the_binding_sides_queue_dies_with_the_peer() {
    let mut net = Net::new();
    let (bound, connecting) = net.pair(Pair, Pair, TCP);
    net.credit(bound, connecting, 0);
    net.send(bound, ["for the one that leaves"]);
    net.cut(bound, connecting);
    assert_eq!(net.try_send(bound, ["nobody is there"]), Err(Error::WouldBlock));
    net.advance(ms(1000));
    net.send(bound, ["for the one that is back"]);
    assert_eq!(net.recv_all(connecting), [msg(["for the one that is back"])]);
}

/// RFC 31, PAIR: "SHALL consider its peer as available only when it has a outgoing queue that is not full",
/// "SHALL NOT discard messages that it cannot queue", "SHOULD constrain incoming and outgoing queue sizes to
/// a runtime-configurable limit".
#[test]
fn a_full_queue_blocks_and_loses_nothing() {
    let mut net = Net::new();
    let (a, b) = small_pair(&mut net);
    net.credit(a, b, 0);
    fill(&mut net, a);
    net.credit(a, b, usize::MAX);
    assert!(net.can_send(a));
    assert_eq!(net.recv_all(b), [msg(["0"]), msg(["1"])]);
}

/// RFC 31, PAIR: "SHALL block on sending, or return a suitable error, when it has no available peer", "SHALL
/// not accept further messages when it has no available peer".
#[test]
fn without_a_peer_it_blocks() {
    let mut net = Net::new();
    let bound = net.open(Pair);
    net.bind(bound, TCP);
    assert!(!net.can_send(bound));
    assert_eq!(net.try_send(bound, ["nobody is there"]), Err(Error::WouldBlock));
    let connecting = net.open(Pair);
    net.connect(connecting, TCP);
    net.run();
    assert!(net.can_send(bound));
}

/// A monitor that counts peers must come out even: a peer that was refused was never let in.
#[test]
fn each_disconnected_event_follows_a_handshake_that_succeeded() {
    let mut net = Net::new();
    let (bound, _) = net.pair(Pair, Pair, TCP);
    let second = net.open(Pair);
    net.connect(second, TCP);
    net.advance(ms(1000));
    let kinds = net.kinds(bound);
    let count = |kind| kinds.iter().filter(|&&other| other == kind).count();
    assert!(count(EventKind::Accepted) > 2, "the second tries again and again");
    let (let_in, left) = (count(EventKind::HandshakeSucceeded), count(EventKind::Disconnected));
    assert_eq!(let_in - left, net.connections(bound), "{let_in} were let in, {left} left");
}

/// RFC 31, PAIR: "MAY be connected to at most one PAIR peers": an endpoint that is given up and only waits
/// for its last messages to go is none of them, even when its connection comes about in the meantime.
#[test]
fn an_endpoint_that_was_given_up_is_not_the_peer_again() {
    let mut net = Net::new();
    let (old, new, pair) = (net.open(Pair), net.open(Pair), net.open(Pair));
    net.connect(pair, "tcp://old:1");
    net.send(pair, ["the last"]);
    net.disconnect(pair, "tcp://old:1").expect("it was connected");
    net.connect(pair, "tcp://new:1");
    net.plan.window = Some(0);
    net.bind(old, "tcp://old:1");
    net.advance(ms(1000));
    net.plan.window = None;
    net.bind(new, "tcp://new:1");
    net.advance(ms(1000));
    net.send(pair, ["the first"]);
    assert_eq!(net.recv_all(new), [msg(["the first"])]);
    net.credit(pair, old, usize::MAX);
    assert_eq!(net.recv_all(old), [msg(["the last"])]);
    assert_eq!(net.connections(old), 0);
}

/// Two PAIRs whose queues hold two messages.
fn small_pair(net: &mut Net) -> (Sock, Sock) {
    let limits = [(SocketOption::SndHwm, 2.into()), (SocketOption::RcvHwm, 2.into())];
    let (a, b) = (net.open_with(Pair, &limits), net.open_with(Pair, &limits));
    net.join(a, b, TCP);
    (a, b)
}

/// Sends until it blocks.
fn fill(net: &mut Net, sock: Sock) {
    net.send(sock, ["0"]);
    net.send(sock, ["1"]);
    assert!(!net.can_send(sock));
    assert_eq!(net.try_send(sock, ["2"]), Err(Error::WouldBlock));
}
