//! RFC 41, 48, 49, 51 and 52: SERVER and CLIENT, RADIO and DISH, SCATTER and GATHER, PEER, CHANNEL. What they
//! share with ROUTER, PUB, PUSH, DEALER and PAIR is theirs to test.

use zmq_wasm::SocketOption::{SndHwm, XpubNodrop};
use zmq_wasm::SocketType::{self, Channel, Client, Dish, Gather, Peer, Radio, Scatter, Server, Sub};
use zmq_wasm::{Error, Message};

use crate::net::{BARE, NULL, Net, Parts, Sock, TCP, TRANSPORTS, at, msg};
use crate::raw::{COMMAND, LAST, MORE, ZWS_COMMAND, command, frame, greeting, ready};

/// The code of the error that a send ends with.
fn refusal(net: &mut Net, sock: Sock, parts: &[&str]) -> &'static str {
    net.try_send(sock, parts).expect_err("it is refused").code()
}

/// The routing id in front of a message, and its body.
fn open(message: Option<Parts>) -> (Vec<u8>, Vec<u8>) {
    let [routing_id, body] = <[_; 2]>::try_from(message.expect("one came")).expect("it has two parts");
    assert_eq!(routing_id.len(), 4);
    assert_ne!(routing_id, [0; 4], "RFC 41: a non-zero 32-bit unsigned integer");
    (routing_id, body)
}

fn join(net: &mut Net, dish: Sock, group: &str) {
    net.with(dish, |engine, _| engine.join(group.as_bytes(), true)).expect("it can be joined");
    net.run();
}

/// RFC 41, SERVER: "SHALL identify each double queue using a unique routing id"; CLIENT: "SHALL receive
/// incoming messages from its peers".
#[test]
fn a_server_answers_each_client_by_its_number() {
    for endpoint in TRANSPORTS {
        let mut net = Net::new();
        let server = net.open(Server);
        net.bind(server, endpoint);
        let clients = [(); 3].map(|()| net.open(Client));
        for client in clients {
            net.connect(client, endpoint);
        }
        net.run();
        let mut numbers = Vec::new();
        for (at, &client) in clients.iter().enumerate() {
            net.send(client, [at.to_string()]);
            let (number, body) = open(net.recv(server));
            assert_eq!(body, at.to_string().into_bytes(), "{endpoint}");
            numbers.push(number);
        }
        for (number, &client) in numbers.iter().zip(&clients).rev() {
            net.send(server, [&number[..], b"for you"]);
            net.send(server, [&number[..], b""]);
            assert_eq!(net.recv_all(client), [msg(["for you"]), msg([""])], "{endpoint}");
        }
        numbers.sort();
        numbers.dedup();
        assert_eq!(numbers.len(), 3);
    }
}

/// RFC 41, SERVER: "SHALL return an error if the queue does not exist", "SHALL block on sending, if the queue
/// is full", "SHALL NOT discard messages that it cannot queue".
#[test]
fn a_server_says_whom_it_can_not_reach_and_waits_for_whom_is_busy() {
    let mut net = Net::new();
    let server = net.open_with(Server, &[(SndHwm, 2.into())]);
    let client = net.open(Client);
    net.join(server, client, TCP);
    net.send(client, ["hello"]);
    let (number, _) = open(net.recv(server));
    for nobody in [&[9, 9, 9, 9][..], b"", b"five!", &[0; 300]] {
        let error = net.try_send(server, [nobody, b"x"]).expect_err("there is no such peer");
        assert_eq!(error.code(), "EHOSTUNREACH");
    }
    net.credit(server, client, 0);
    for _ in 0..2 {
        net.send(server, [&number[..], b"queued"]);
    }
    assert_eq!(net.try_send(server, [&number[..], b"one too many"]), Err(Error::WouldBlock));
    net.credit(server, client, usize::MAX);
    net.send(server, [&number[..], b"goes again"]);
    assert_eq!(net.recv_all(client).len(), 3);
    // RFC 41, SERVER: "If this peer disconnects, the SERVER socket SHALL destroy its double queue".
    net.close(client, None);
    net.run();
    let error = net.try_send(server, [&number[..], b"gone"]).expect_err("it went");
    assert_eq!(error.code(), "EHOSTUNREACH");
}

/// RFC 41, CLIENT: "SHALL route outgoing messages to available peers using a round-robin strategy", "SHALL
/// receive incoming messages from its peers using a fair-queuing strategy", "SHALL block on sending, or return
/// a suitable error, when it has no available peers".
#[test]
fn a_client_takes_its_servers_in_turn() {
    let mut net = Net::new();
    let client = net.open(Client);
    assert_eq!(net.try_send(client, ["x"]), Err(Error::WouldBlock));
    let servers = [0, 1].map(|host| {
        let server = net.open(Server);
        net.join(server, client, &at(TCP, host));
        server
    });
    for _ in 0..4 {
        net.send(client, ["ask"]);
    }
    for server in servers {
        for _ in 0..2 {
            let (number, _) = open(net.recv(server));
            net.send(server, [&number[..], format!("{server:?}").as_bytes()]);
        }
    }
    let [first, second, third, _] = &net.recv_all(client)[..] else { panic!("four replies") };
    assert!(first != second && first == third);
}

/// RFC 51, PEER: "SHALL provide the application with an API to connect and retrieve the routing id of the
/// double queue in atomic manner", and RFC 41's rules.
#[test]
fn a_peer_knows_whom_it_connects_to_by_number_before_it_is_there() {
    for endpoint in TRANSPORTS {
        let mut net = Net::new();
        let (one, other) = (net.open(Peer), net.open(Peer));
        let dialer = net.connect(one, endpoint);
        let number = net.engine(one).peer_number(dialer).expect("a PEER has numbers").to_be_bytes();
        net.send(one, [&number[..], b"waits"]);
        net.bind(other, endpoint);
        net.advance(crate::net::ms(1000));
        let (back, body) = open(net.recv(other));
        assert_eq!(body, b"waits", "{endpoint}");
        net.send(other, [&back[..], b"answer"]);
        assert_eq!(open(net.recv(one)), (number.to_vec(), b"answer".to_vec()));
        // The number holds for the endpoint, whatever becomes of the connection.
        net.cut(one, other);
        net.send(one, [&number[..], b"again"]);
        net.advance(crate::net::ms(1000));
        let (anew, body) = open(net.recv(other));
        assert_eq!(body, b"again");
        assert_ne!(anew, back, "for who was connected to, it is another peer");
    }
    let mut net = Net::new();
    let client = net.open(Client);
    let dialer = net.connect(client, TCP);
    assert_eq!(net.engine(client).peer_number(dialer), None);
}

/// RFC 48, RADIO: "SHALL perform a group membership check using exact matching algorithm"; DISH: "SHALL attach
/// the group to the message".
#[test]
fn a_dish_hears_the_groups_it_joined_and_no_others() {
    for endpoint in TRANSPORTS {
        let mut net = Net::new();
        let (radio, dish) = (net.open(Radio), net.open(Dish));
        join(&mut net, dish, "before");
        net.join(radio, dish, endpoint);
        for group in ["after", "", "fifteen octets."] {
            join(&mut net, dish, group);
        }
        let joined = ["before", "after", "", "fifteen octets."];
        for group in ["befor", "before!", "x", "afte", "fifteen octets", "BEFORE"].iter().chain(&joined) {
            net.send(radio, [group, &"body"]);
        }
        assert_eq!(net.recv_all(dish), joined.map(|group| msg([group, "body"])), "{endpoint}");
        net.with(dish, |engine, _| engine.join(b"after", false)).expect("it was joined");
        net.run();
        net.send(radio, ["after", "gone"]);
        net.send(radio, ["before", "stays"]);
        assert_eq!(net.recv_all(dish), [msg(["before", "stays"])], "{endpoint}");
    }
}

/// RFC 48, RADIO: "SHALL receive join and leave commands": as commands on every kind of connection, and no
/// other.
#[test]
fn groups_are_joined_by_commands() {
    for endpoint in [TCP, BARE, NULL] {
        let mut net = Net::new();
        let radio = net.open(Radio);
        net.bind(radio, endpoint);
        let raw = net.raw_connect(endpoint);
        match endpoint {
            TCP => {
                // ZMTP 3.0, whose peers take subscriptions as messages.
                net.tell(raw, greeting(3, 0, "NULL"));
                net.tell_frame(raw, COMMAND, ready("DISH"));
            }
            BARE => net.tell_zws(raw, LAST, ""),
            _ => net.tell_zws(raw, ZWS_COMMAND, ready("DISH")),
        }
        let say = |net: &mut Net, name, group: &str| match endpoint {
            TCP => net.tell_frame(raw, COMMAND, command(name, group.as_bytes())),
            _ => net.tell_zws(raw, ZWS_COMMAND, command(name, group.as_bytes())),
        };
        say(&mut net, "JOIN", "a");
        say(&mut net, "JOIN", &"b".repeat(300));
        say(&mut net, "LEAVE", "never joined");
        net.heard(raw);
        net.send(radio, ["a", "1"]);
        let expected = match endpoint {
            TCP => [frame(MORE, b"a"), frame(LAST, b"1")],
            _ => [[&[MORE], &b"a"[..]].concat(), [&[LAST], &b"1"[..]].concat()],
        };
        assert_eq!(net.heard(raw), expected.concat(), "{endpoint}");
        say(&mut net, "LEAVE", "a");
        net.send(radio, ["a", "2"]);
        assert_eq!(net.heard(raw), b"", "{endpoint}");
        assert!(!net.is_closed(raw));
        say(&mut net, "SUBSCRIBE", "a");
        assert!(net.is_closed(raw), "{endpoint}: RADIO has no topics");
    }
}

/// How the DISH tells its groups, and that what it did not join is dropped, whoever sends it.
#[test]
fn a_dish_joins_by_commands_and_takes_no_more_than_it_joined() {
    for endpoint in [TCP, BARE, NULL] {
        let mut net = Net::new();
        let dish = net.open(Dish);
        join(&mut net, dish, "a");
        net.bind(dish, endpoint);
        let raw = net.raw_connect(endpoint);
        match endpoint {
            TCP => net.shake_and_keep(raw, "RADIO"),
            BARE => net.tell_zws(raw, LAST, ""),
            _ => net.tell_zws(raw, ZWS_COMMAND, ready("RADIO")),
        }
        net.with(dish, |engine, _| engine.join(b"a", false)).expect("it was joined");
        join(&mut net, dish, "b");
        let say = |name, group: &[u8]| match endpoint {
            TCP => frame(COMMAND, &command(name, group)),
            _ => [&[ZWS_COMMAND], &command(name, group)[..]].concat(),
        };
        let expected = [say("JOIN", b"a"), say("LEAVE", b"a"), say("JOIN", b"b")].concat();
        let heard = net.heard(raw);
        assert!(heard.ends_with(&expected), "{endpoint}: {heard:?}");
        let parts: [&[&[u8]]; 7] = [
            &[b"b"],
            &[b"b", b"1", b"2"],
            &[b"a", b"1"],
            &[b"", b"1"],
            &[&[b'b'; 300], b"1"],
            &[b"bb", b"1"],
            &[b"b", b"1"],
        ];
        for message in parts {
            for (at, part) in message.iter().enumerate() {
                let flag = if at + 1 < message.len() { MORE } else { LAST };
                match endpoint {
                    TCP => net.tell_frame(raw, flag, part),
                    _ => net.tell_zws(raw, flag, part),
                }
            }
        }
        assert_eq!(net.recv_all(dish), [msg(["b", "1"])], "{endpoint}");
        assert!(!net.is_closed(raw));
    }
}

/// As libzmq has it: a group is joined once and left once, and is a string of at most 15 octets.
#[test]
fn groups_that_can_not_be_are_refused() {
    let mut net = Net::new();
    let (radio, dish) = net.pair(Radio, Dish, TCP);
    let mut change = |sock, group: &[u8], on| {
        net.with(sock, |engine, _| engine.join(group, on)).map_or_else(|error| error.code(), |()| "")
    };
    assert_eq!(change(dish, b"a", true), "");
    assert_eq!(change(dish, b"a", true), "EINVAL");
    assert_eq!(change(dish, b"a", false), "");
    assert_eq!(change(dish, b"a", false), "EINVAL");
    for group in [&b"sixteen octets.."[..], b"a\0b"] {
        assert_eq!((change(dish, group, true), change(dish, group, false)), ("EINVAL", "EINVAL"));
    }
    assert_eq!(change(radio, b"a", true), "ENOTSUP");
    assert_eq!(refusal(&mut net, radio, &["sixteen octets..", "x"]), "EINVAL");
    assert_eq!(refusal(&mut net, radio, &["a\0b", "x"]), "EINVAL");
    for sock in [radio, dish] {
        let error = net.with(sock, |engine, _| engine.subscribe(b"a", true)).expect_err("it has groups");
        assert_eq!(error.code(), "EINVAL");
    }
    let sub = net.open(Sub);
    let error = net.with(sub, |engine, _| engine.join(b"a", true)).expect_err("it has topics");
    assert_eq!(error.code(), "ENOTSUP");
}

/// RFC 48, RADIO: "SHALL silently drop the message if the queue for a dish is full", "SHALL NOT block on
/// sending"; under XPUB_NODROP it does, in libzmq.
#[test]
fn a_radio_drops_what_a_full_dish_can_not_take_unless_told_otherwise() {
    for nodrop in [false, true] {
        let mut net = Net::new();
        let limit = [(SndHwm, 2.into()), (XpubNodrop, nodrop.into())];
        let radio = net.open_with(Radio, &limit);
        net.bind(radio, TCP);
        let dishes = ["slow", "quick"].map(|group| {
            let dish = net.open(Dish);
            net.connect(dish, TCP);
            join(&mut net, dish, group);
            join(&mut net, dish, "all");
            dish
        });
        net.credit(radio, dishes[0], 0);
        let mut sent = 0;
        for _ in 0..5 {
            sent += usize::from(net.try_send(radio, ["all", "x"]).is_ok());
        }
        assert_eq!(sent, if nodrop { 2 } else { 5 });
        assert_eq!(net.try_send(radio, ["nobody", "x"]), Ok(()));
        net.credit(radio, dishes[0], usize::MAX);
        assert_eq!(net.recv_all(dishes[0]).len(), 2);
    }
}

/// RFC 49, SCATTER: "SHALL route outgoing messages to available peers using a round-robin strategy", "SHALL
/// block on sending, or return a suitable error, when it has no available peers".
#[test]
fn scatter_goes_round_and_gather_takes_from_all() {
    for endpoint in TRANSPORTS {
        let mut net = Net::new();
        let scatters = [net.open(Scatter), net.open(Scatter)];
        let gathers = [net.open(Gather), net.open(Gather)];
        assert_eq!(net.try_send(scatters[0], ["x"]), Err(Error::WouldBlock));
        for (host, &gather) in gathers.iter().enumerate() {
            net.bind(gather, &at(endpoint, host));
            for scatter in scatters {
                net.connect(scatter, &at(endpoint, host));
            }
        }
        net.run();
        for number in 0..4 {
            for scatter in scatters {
                net.send(scatter, [number.to_string()]);
            }
        }
        for gather in gathers {
            assert_eq!(net.recv_all(gather).len(), 4, "{endpoint}");
        }
    }
}

/// RFC 52: "MAY be connected to at most one CHANNEL peer", "SHALL not accept further messages when it has no
/// available peer".
#[test]
fn a_channel_has_one_peer() {
    for endpoint in TRANSPORTS {
        let mut net = Net::new();
        let (one, other) = (net.open(Channel), net.open(Channel));
        assert_eq!(net.try_send(one, ["x"]), Err(Error::WouldBlock));
        net.join(one, other, endpoint);
        let third = net.open(Channel);
        net.connect(third, endpoint);
        net.run();
        net.send(one, ["there"]);
        net.send(other, ["back"]);
        assert_eq!(
            (net.recv(one), net.recv(other)),
            (Some(msg(["back"])), Some(msg(["there"]))),
            "{endpoint}"
        );
        assert_eq!(net.recv(third), None);
        assert_eq!(net.connections(third), 0, "{endpoint}: it is turned away");
    }
}

const ALL: [SocketType; 8] = [Server, Client, Radio, Dish, Gather, Scatter, Peer, Channel];

/// RFC 48, 49, 51, 52: "MUST NOT allow multipart messages"; in libzmq such a send is EINVAL, and ENOTSUP from a
/// type that only receives.
#[test]
fn none_of_them_sends_a_message_of_more_parts() {
    for kind in ALL {
        let mut net = Net::new();
        let sock = net.open(kind);
        let peer = SocketType::ALL.into_iter().find(|peer| kind.is_compatible(*peer)).expect("it has one");
        let peer = net.open(peer);
        net.join(sock, peer, TCP);
        let expected = if matches!(kind, Dish | Gather) { "ENOTSUP" } else { "EINVAL" };
        assert_eq!(refusal(&mut net, sock, &["group", "b", "c"]), expected, "{kind:?}");
        let other = if matches!(kind, Server | Peer | Radio) { &["alone"][..] } else { &["a", "b"] };
        assert_eq!(refusal(&mut net, sock, other), expected, "{kind:?}");
    }
}

/// RFC 49, 51, 52: "MUST discard any part of a multipart message".
#[test]
fn a_message_of_more_parts_is_dropped_whole() {
    for (kind, theirs) in
        [(Server, "CLIENT"), (Client, "SERVER"), (Gather, "SCATTER"), (Peer, "PEER"), (Channel, "CHANNEL")]
    {
        let mut net = Net::new();
        let sock = net.open(kind);
        net.bind(sock, TCP);
        let raw = net.raw_peer(TCP, theirs);
        for (flag, part) in [(MORE, "a"), (MORE, "b"), (LAST, "c"), (LAST, "whole"), (MORE, ""), (LAST, "")] {
            net.tell_frame(raw, flag, part);
        }
        let bodies: Vec<_> = net.recv_all(sock).into_iter().filter_map(|mut message| message.pop()).collect();
        assert_eq!(bodies, [b"whole"], "{kind:?}");
        assert!(!net.is_closed(raw));
    }
}

#[test]
fn messages_are_made_and_read_by_what_is_in_front_of_them() {
    let message: Message<bytes::Bytes> = Message::to_peer(0x0102_0304, "body");
    assert_eq!(message.parts(), [&[1, 2, 3, 4][..], b"body"]);
    assert_eq!(message.routing_id(), Some(0x0102_0304));
    let message: Message<bytes::Bytes> = Message::to_group("group", "body");
    assert_eq!((message.group().as_deref(), message.routing_id()), (Some("group"), None));
}
