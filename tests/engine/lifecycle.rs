//! Connections come, fail, go and come back: dialling, back-off, time-outs, high-water marks, monitor events.
//! [`closing`](crate::closing) has how endpoints and sockets end.

use zmq_wasm::SocketOption::{HandshakeIvl, Immediate, RcvHwm, ReconnectIvl, ReconnectIvlMax, SndHwm};
use zmq_wasm::SocketType::{Dealer, Pair, Pub, Pull, Push, Rep, Req, Router, Sub, Xpub, Xsub};
use zmq_wasm::engine::EventKind::{self, *};
use zmq_wasm::engine::{Flow, Heartbeat, Protocol, Role, Transport};
use zmq_wasm::{CloseReason, Error, Flag, Frame};

use crate::net::{INPROC, NULL, Net, Parts, Sock, TCP, TRANSPORTS, at, ms, msg};
use crate::raw::{COMMAND, command, greeting, opening};

/// The pauses in milliseconds that the monitor told, checked against when the next try really comes.
fn pauses(net: &mut Net, sock: Sock, tries: usize) -> Vec<u64> {
    let one = |_| {
        let told = net.told(sock, ConnectRetried);
        let [pause] = &told[..] else { panic!("one try, one pause: {told:?}") };
        let pause = pause.parse().expect("a number");
        let dials = net.dials(sock).0;
        net.advance(ms(pause - 1));
        assert_eq!(net.dials(sock).0, dials);
        net.advance(ms(1));
        assert_eq!(net.dials(sock).0, dials + 1);
        pause
    };
    (0..tries).map(one).collect()
}

/// RFC 37, "Error Handling": "peers should reconnect after a short and possibly randomized interval. Further,
/// if a peer reconnects more than once, it should increase the delay between reconnects".
#[test]
fn pauses_between_tries_double_up_to_the_maximum_and_differ() {
    let mut net = Net::new();
    let two = [0; 2].map(|_| {
        let options = [(ReconnectIvl, 100.into()), (ReconnectIvlMax, 800.into())];
        let push = net.open_with(Push, &options);
        net.connect(push, TCP);
        let found = pauses(&mut net, push, 6);
        for (pause, base) in found.iter().zip([100, 200, 400, 800, 800, 800]) {
            assert!((base..base + 100).contains(pause), "{found:?}");
        }
        net.close(push, Some(ms(0)));
        found
    });
    assert_ne!(two[0], two[1], "not all come back at the same time");
}

/// RECONNECT_IVL_MAX 0, libzmq's default: the pause stays. A connection that came about begins anew.
#[test]
fn pauses_stay_without_a_maximum_and_begin_anew_after_success() {
    let mut net = Net::new();
    let push = net.open(Push);
    net.connect(push, TCP);
    assert!(pauses(&mut net, push, 5).into_iter().all(|pause| (100..200).contains(&pause)));
    net.set(push, ReconnectIvlMax, 10_000);
    assert!(pauses(&mut net, push, 5).into_iter().any(|pause| pause > 1000));
    let pull = net.open(Pull);
    net.bind(pull, TCP);
    net.advance(ms(20_000));
    net.events(push);
    net.cut(push, pull);
    assert!(pauses(&mut net, push, 1)[0] < 200);
}

/// RFC 37, "Error Handling": "The peer SHALL treat an unexpected connection close as a temporary error, and
/// SHOULD reconnect". Within the handshake and after it, over each kind of link.
#[test]
fn a_lost_connection_is_made_again() {
    for endpoint in TRANSPORTS {
        let mut net = Net::new();
        net.raw_listen(endpoint);
        let push = net.open(Push);
        net.connect(push, endpoint);
        for _ in 0..3 {
            let raw = net.raw_accept();
            net.hang_up(raw);
            assert_eq!(net.told(push, HandshakeFailedNoDetail), ["closed by the peer"], "{endpoint}");
            net.advance(ms(1000));
        }
        let pull = net.open(Pull);
        net.join(pull, push, &at(endpoint, 2));
        for _ in 0..3 {
            net.cut(push, pull);
            assert_eq!(net.told(push, Disconnected), ["connection reset"]);
            net.advance(ms(1000));
            assert_eq!(net.connections(pull), 1);
        }
    }
}

/// Who hears that the network is back needs not wait for the end of a long pause, and tries in short ones again.
#[test]
fn redialling_tries_what_waits_now_and_begins_pauses_anew() {
    let mut net = Net::new();
    let push = net.open_with(Push, &[(ReconnectIvl, 100.into()), (ReconnectIvlMax, 3_600_000.into())]);
    net.connect(push, TCP);
    net.advance(ms(1_000_000));
    net.events(push);
    let (dials, _) = net.dials(push);
    net.redial(push);
    assert_eq!(net.dials(push).0, dials + 1);
    assert!(pauses(&mut net, push, 1)[0] < 200);
    // What is being dialled, or is there, is left alone.
    let pull = net.open(Pull);
    net.bind(pull, TCP);
    net.redial(push);
    assert_eq!(net.connections(push), 1);
    let (dials, _) = net.dials(push);
    net.redial(push);
    assert_eq!((net.dials(push).0, net.connections(push)), (dials, 1));
}

/// RECONNECT_IVL -1: one try and no more.
#[test]
fn no_second_try_when_reconnecting_is_off() {
    let mut net = Net::new();
    let push = net.open_with(Push, &[(ReconnectIvl, (-1).into())]);
    net.connect(push, TCP);
    net.advance(ms(100_000));
    assert_eq!((net.dials(push), net.next_due()), ((1, 0), None));
    assert_eq!(net.kinds(push), [ConnectDelayed, Closed]);
}

/// A try that is neither accepted nor refused is given up after HANDSHAKE_IVL, and made again.
#[test]
fn a_dial_without_an_answer_is_given_up() {
    let mut net = Net::new();
    net.silent.insert(TCP.to_owned());
    let push = net.open_with(Push, &[(HandshakeIvl, 5000.into())]);
    net.connect(push, TCP);
    net.advance(ms(4999));
    assert_eq!(net.dials(push), (1, 0));
    net.advance(ms(1));
    assert_eq!(net.dials(push), (1, 1));
    assert_eq!(net.told(push, Closed), ["the handshake took longer than HANDSHAKE_IVL"]);
    net.advance(ms(200));
    assert_eq!(net.dials(push), (2, 1));
}

/// Nobody is woken for what is over: a timer keeps a shell's whole program alive.
#[test]
fn a_connection_at_rest_waits_for_no_time() {
    for endpoint in TRANSPORTS {
        let mut net = Net::new();
        let (pull, push) = net.pair(Pull, Push, endpoint);
        net.send(push, ["a message"]);
        assert_eq!(net.recv(pull), Some(msg(["a message"])));
        assert_eq!(net.next_due(), None, "{endpoint}");
        net.close(pull, Some(ms(60_000)));
        let retry = net.next_due();
        assert!(
            retry.is_some_and(|at| at < net.now + ms(1000)),
            "{endpoint}: no longer than the pause before the next try"
        );
        net.disconnect(push, endpoint).expect("it is connected there");
        assert_eq!(net.next_due(), None, "{endpoint}");
    }
}

/// Names within the process are bound at any time, or never: there is nothing to try again.
#[test]
fn a_name_that_nobody_has_bound_is_waited_for_without_a_limit() {
    let mut net = Net::new();
    net.silent.insert(INPROC.to_owned());
    let push = net.open(Push);
    net.connect(push, INPROC);
    net.advance(ms(100_000));
    assert_eq!((net.dials(push), net.next_due()), ((1, 0), None));
}

/// HANDSHAKE_IVL holds for the whole handshake: a peer that says nothing, stops half-way or comes out with
/// one octet at a time. On both sides; the connecting side tries again.
#[test]
fn a_handshake_that_takes_too_long_is_ended() {
    let whole = greeting(3, 1, "NULL");
    for said in [0, 1, 10, 11, 63, 64] {
        let mut net = Net::new();
        let (pull, push) = (net.open(Pull), net.open(Push));
        net.bind(pull, TCP);
        net.raw_listen(&at(TCP, 2));
        net.connect(push, &at(TCP, 2));
        let raws = [net.raw_connect(TCP), net.raw_accept()];
        for octet in &whole[..said] {
            for raw in raws {
                net.tell(raw, [*octet]);
            }
            net.advance(ms(400));
        }
        net.advance(ms(30_000 - 400 * said as u64 - 1));
        assert!(raws.iter().all(|&raw| !net.is_closed(raw)), "{said}");
        net.advance(ms(1));
        assert!(raws.iter().all(|&raw| net.is_closed(raw)), "{said}");
        for sock in [pull, push] {
            let told = net.told(sock, HandshakeFailedNoDetail);
            assert_eq!(told, ["the handshake took longer than HANDSHAKE_IVL"]);
        }
        net.advance(ms(200));
        assert_eq!(net.dials(push).0, 2);
    }
    let mut net = Net::new();
    let pull = net.open_with(Pull, &[(HandshakeIvl, 0.into())]);
    net.bind(pull, TCP);
    let raw = net.raw_connect(TCP);
    net.advance(ms(1_000_000_000));
    assert!(!net.is_closed(raw), "0 is for ever");
}

/// RFC 37, "Error Handling": "The peer SHALL treat an incoming ERROR command as fatal, and act by closing the
/// connection, and not re-connecting using the same security credentials".
#[test]
fn an_error_command_ends_the_tries() {
    let mut net = Net::new();
    net.raw_listen(TCP);
    let push = net.open(Push);
    net.connect(push, TCP);
    let raw = net.raw_accept();
    net.tell(raw, greeting(3, 1, "NULL"));
    net.tell_frame(raw, COMMAND, command("ERROR", b"\x0bnot welcome"));
    assert!(net.is_closed(raw));
    assert_eq!(net.told(push, HandshakeFailedAuth), ["refused by the peer: not welcome"]);
    net.advance(ms(100_000));
    assert_eq!(net.dials(push), (1, 0));
    // Another endpoint, and the same one told anew, are tried.
    let pull = net.open(Pull);
    net.join(pull, push, &at(TCP, 2));
    assert_eq!(net.connections(push), 1);
    net.disconnect(push, TCP).expect("it is still an endpoint of ours");
    net.connect(push, TCP);
    let raw = net.raw_accept();
    net.shake(raw, 1, "PULL");
}

/// The life of a connection as both monitors tell it, by the endpoints' names.
#[test]
fn the_monitor_tells_a_connections_life() {
    for endpoint in TRANSPORTS {
        let mut net = Net::new();
        let (pull, push) = (net.open(Pull), net.open(Push));
        net.connect(push, endpoint);
        net.run();
        net.bind(pull, endpoint);
        net.advance(ms(200));
        net.cut(push, pull);
        net.close(pull, Some(ms(0)));
        net.close(push, Some(ms(0)));
        let kinds = |events: &[zmq_wasm::engine::Event]| -> Vec<EventKind> {
            assert!(events[..events.len() - 1].iter().all(|event| event.endpoint == endpoint), "{events:?}");
            events.iter().map(|event| event.kind).collect()
        };
        let pushes = net.events(push);
        let tried = [ConnectDelayed, Closed, ConnectRetried];
        let connected = [ConnectDelayed, Connected, HandshakeSucceeded, Disconnected, ConnectRetried];
        assert_eq!(kinds(&pushes), [&tried[..], &connected, &[Closed, MonitorStopped]].concat());
        let pulls = net.events(pull);
        let expected = [Listening, Accepted, HandshakeSucceeded, Disconnected, Closed, MonitorStopped];
        assert_eq!(kinds(&pulls), expected);
        let said = |events: &[zmq_wasm::engine::Event], at: usize| format!("{:?}", events[at].value);
        assert_eq!(said(&pushes, 1), "Text(\"connection refused\")");
        assert_eq!(said(&pulls, 3), "Text(\"connection reset\")");
        let peer = pulls[2].peer.clone().expect("the handshake told who it is");
        let kind = (endpoint != crate::net::BARE).then_some(&b"PUSH"[..]);
        assert_eq!((peer.address.as_str(), peer.properties.find("Socket-Type")), ("10.0.0.1", kind));
    }
}

/// RFC 37, "Socket Semantics": "All sockets SHALL establish connections opportunistically, that is: they
/// connect to an endpoint asynchronously". IMMEDIATE is libzmq's exception: only what is connected is sent
/// to.
#[test]
fn immediate_queues_only_to_connections_that_are_up() {
    for kind in [Push, Dealer, Req, Pair] {
        let mut net = Net::new();
        let eager = net.open(kind);
        net.connect(eager, TCP);
        assert!(net.can_send(eager), "{kind:?}: it queues");
        let sock = net.open_with(kind, &[(Immediate, true.into())]);
        net.connect(sock, TCP);
        assert_eq!(net.try_send(sock, ["too early"]), Err(Error::WouldBlock), "{kind:?}");
    }
    let mut net = Net::new();
    let push = net.open_with(Push, &[(Immediate, true.into())]);
    let pull = net.open(Pull);
    net.connect(push, &at(TCP, 1));
    net.join(pull, push, &at(TCP, 2));
    for _ in 0..4 {
        net.send(push, ["all to the one that is there"]);
    }
    assert_eq!(net.recv_all(pull).len(), 4);
    net.cut(push, pull);
    assert_eq!(net.try_send(push, ["too late"]), Err(Error::WouldBlock));
}

/// What each type does at SNDHWM. RFC 28, 30 and 31: PAIR, PUSH, DEALER and REQ block; RFC 28 and 29: ROUTER,
/// PUB, XPUB and XSUB drop; REP has its own rule, in [`reqrep`](crate::reqrep).
#[test]
fn full_queues_block_or_drop_by_type() {
    let cases = [(Pair, Pair, true), (Push, Pull, true), (Dealer, Dealer, true), (Req, Rep, true)];
    let cases = cases.into_iter().chain([(Pub, Sub, false), (Xpub, Sub, false), (Xsub, Xpub, false)]);
    for (from, to, blocks) in cases {
        let mut net = Net::new();
        let (receiver, sender) = (net.open(to), net.open_with(from, &[(SndHwm, 2.into())]));
        if to == Sub {
            net.subscribe(receiver, "");
        }
        if from == Req {
            net.set(sender, zmq_wasm::SocketOption::ReqRelaxed, true);
        }
        net.join(receiver, sender, TCP);
        net.credit(sender, receiver, 0);
        for number in ["2", "3"] {
            net.send(sender, [number]);
        }
        let third = net.try_send(sender, ["4"]);
        assert_eq!(third, if blocks { Err(Error::WouldBlock) } else { Ok(()) }, "{from:?}");
        net.credit(sender, receiver, usize::MAX);
        let first = net.recv(receiver);
        assert_eq!(first, Some(msg(["2"])), "{from:?}");
        if to != Rep {
            assert_eq!(net.recv_all(receiver), [msg(["3"])], "{from:?}");
        }
    }
}

/// RCVHWM: a receiver that takes nothing stops the sender in the end, however long the way, and nothing is
/// lost when it takes again.
#[test]
fn a_receiver_at_rest_stops_the_sender() {
    for (from, to) in [(Push, Pull), (Dealer, Router), (Pair, Pair)] {
        for endpoint in [TCP, NULL, INPROC] {
            let mut net = Net::new();
            net.plan.window = Some(10);
            net.plan.latency = ms(3);
            let limits = [(SndHwm, 5.into()), (RcvHwm, 5.into())];
            let (receiver, sender) = (net.open_with(to, &limits), net.open_with(from, &limits));
            net.bind(receiver, endpoint);
            net.connect(sender, endpoint);
            net.advance(ms(100));
            let mut sent: Vec<Parts> = Vec::new();
            while net.can_send(sender) {
                net.send(sender, [sent.len().to_string()]);
                sent.push(msg([sent.len().to_string()]));
                net.advance(ms(10));
            }
            assert!((10..20).contains(&sent.len()), "{} {endpoint}", sent.len());
            let mut received = Vec::new();
            for _ in 0..100 {
                received.extend(
                    net.recv_all(receiver).into_iter().map(|parts| parts[parts.len() - 1..].to_vec()),
                );
                net.advance(ms(10));
            }
            assert_eq!(received, sent, "{from:?} {endpoint}");
            assert!(net.can_send(sender));
        }
    }
}

fn transport() -> Transport {
    Transport {
        protocol: Protocol::Zmtp,
        heartbeat: Heartbeat::Command,
        frame_limit: None,
        address: String::new(),
    }
}

/// A shell may speak of what the engine has forgotten: connections that were closed, endpoints that were
/// given up.
#[test]
fn late_reports_are_of_no_consequence() {
    let mut net = Net::new();
    let (pull, push) = net.pair(Pull, Push, TCP);
    let dialer = net.connect(push, &at(TCP, 2));
    net.disconnect(push, &at(TCP, 2)).expect("it was connected");
    net.run();
    let gone = net.with(push, |engine, now| {
        engine.handle_dial_failed(dialer, "too late".to_owned(), now);
        engine.handle_connected(Role::Connecting(dialer), transport(), now)
    });
    assert_eq!(gone, None);
    let stale = zmq_wasm::PeerId::from_raw(77);
    let flow = net.with(pull, |engine, now| {
        engine.handle_writable(stale, 5);
        engine.handle_activity(stale, now);
        engine.handle_greeting(stale, zmq_wasm::wire::zmtp::Greeting::V3 { minor: 1 }, now);
        engine.handle_disconnected(stale, CloseReason::Remote(String::new()), now);
        engine.handle_frame(stale, Frame::new(Flag::Last, bytes::Bytes::new()), now)
    });
    assert_eq!(flow, Flow::Continue);
    net.send(push, ["all is well"]);
    assert_eq!(net.recv(pull), Some(msg(["all is well"])));
}

/// A connection to an endpoint that was unbound meanwhile, or of a socket that closes, is not wanted.
#[test]
fn a_connection_to_what_is_no_more_is_not_taken() {
    let mut net = Net::new();
    let pull = net.open(Pull);
    net.bind(pull, TCP);
    let raw = net.raw_connect(TCP);
    net.tell(raw, opening(3));
    net.unbind(pull, TCP);
    assert!(net.is_closed(raw), "a handshake that was under way ends");
    assert_eq!(net.connections(pull), 0);

    // Not even while another connection that came by it has still to send.
    let (push, pull) = net.pair(Push, Pull, &at(TCP, 2));
    net.credit(push, pull, 0);
    net.send(push, ["still to be sent"]);
    let listener = net.unbind(push, &at(TCP, 2));
    let late =
        net.with(push, |engine, now| engine.handle_connected(Role::Accepted(listener), transport(), now));
    assert_eq!((late, net.connections(push)), (None, 1));
}

/// libzmq's connect: a second one to the same endpoint is none, for these types of socket, but by inproc.
#[test]
fn dealer_pub_req_and_sub_connect_once_to_an_endpoint() {
    for (binds, connects, endpoint, expected) in [
        (Router, Dealer, TCP, 1),
        (Sub, Pub, TCP, 1),
        (Rep, Req, TCP, 1),
        (Pub, Sub, TCP, 1),
        (Pull, Push, TCP, 2),
        (Pub, Sub, INPROC, 2),
    ] {
        let mut net = Net::new();
        let (bound, connecting) = (net.open(binds), net.open(connects));
        net.join(bound, connecting, endpoint);
        net.connect(connecting, endpoint);
        assert_eq!(net.connections(bound), expected, "{connects:?} by {endpoint}");
        // Taken back, it can be given anew.
        for _ in 0..expected {
            net.disconnect(connecting, endpoint).expect("it is connected");
        }
        assert!(net.disconnect(connecting, endpoint).is_err());
        net.connect(connecting, endpoint);
        assert_eq!(net.connections(bound), 1, "{connects:?} by {endpoint}");
    }
}
