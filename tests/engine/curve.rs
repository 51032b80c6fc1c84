//! CURVE (RFC 26) between engines: both sides are right, one of them is wrong, or somebody sits between.

use bytes::Bytes;
use proptest::prelude::*;
use zmq_wasm::SocketType::{Dealer, Pull, Push, Router, Sub, Xpub};
use zmq_wasm::engine::{Engine, EventKind, Verdict};
use zmq_wasm::{
    Credentials, Endpoint, Instant, OptionValue, Options, SocketOption, SocketType, curve_public, z85,
};

use crate::net::{CURVE, End, Net, Sock, TCP, at, ms, msg};
use crate::raw::{COMMAND, LAST, command, frame, frames, greeting};

/// Secret keys.
const SERVER: &str = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6";
const CLIENT: &str = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs";
const OTHER: &str = "HelloWorldHelloWorldHelloWorldHelloWorld";

const TRANSPORTS: [&str; 2] = [TCP, CURVE];

fn public(secret: &str) -> OptionValue {
    curve_public(secret).expect("it is a key").as_str().into()
}

fn server(net: &mut Net, kind: SocketType) -> Sock {
    net.open_with(
        kind,
        &[(SocketOption::CurveServer, true.into()), (SocketOption::CurveSecretKey, SERVER.into())],
    )
}

/// A client with these secret keys: of the server that it means, of its own public key and of its own.
fn client_with(net: &mut Net, kind: SocketType, keys: [&str; 3]) -> Sock {
    net.open_with(
        kind,
        &[
            (SocketOption::CurveServerKey, public(keys[0])),
            (SocketOption::CurvePublicKey, public(keys[1])),
            (SocketOption::CurveSecretKey, keys[2].into()),
        ],
    )
}

fn client(net: &mut Net, kind: SocketType) -> Sock {
    client_with(net, kind, [SERVER, CLIENT, CLIENT])
}

fn codes(net: &mut Net, sock: Sock, kind: EventKind) -> Vec<u32> {
    net.events(sock).into_iter().filter(|event| event.kind == kind).map(|event| event.code).collect()
}

/// What somebody between the two does to each unit: by whom it is sent (0 the one who connects), which of his it is, and the
/// unit, which goes on as it is left.
type Tampering<'a> = &'a mut dyn FnMut(usize, usize, &mut Vec<u8>) -> Vec<Vec<u8>>;

/// A client and a server who reach each other only through somebody.
struct Between {
    net: Net,
    pull: Sock,
    push: Sock,
    ends: [End; 2],
    counts: [usize; 2],
}

impl Between {
    /// They have yet to greet.
    fn new() -> Self {
        let mut net = Net::new();
        let pull = server(&mut net, Pull);
        let push = client(&mut net, Push);
        net.bind(pull, CURVE);
        net.raw_listen(&at(CURVE, 2));
        net.connect(push, &at(CURVE, 2));
        let to_client = net.raw_accept();
        let to_server = net.raw_connect(CURVE);
        Self { net, pull, push, ends: [to_client, to_server], counts: [0, 0] }
    }

    /// Carries on until nobody says anything more.
    fn carry(&mut self, tamper: Tampering<'_>) {
        loop {
            let mut any = false;
            for side in [0, 1] {
                for mut unit in self.net.heard_units(self.ends[side]) {
                    any = true;
                    let number = self.counts[side];
                    self.counts[side] += 1;
                    for unit in tamper(side, number, &mut unit) {
                        let to = self.ends[1 - side];
                        if !self.net.is_closed(to) {
                            self.net.tell(to, unit);
                        }
                    }
                }
            }
            if !any {
                return;
            }
        }
    }

    fn carry_as_it_is(&mut self) {
        self.carry(&mut |_, _, unit| vec![unit.clone()]);
    }
}

/// RFC 26: either side may bind; messages of all shapes and lengths.
#[test]
fn messages_go_both_ways_by_either_side_and_every_transport() {
    for endpoint in TRANSPORTS {
        for server_binds in [true, false] {
            let mut net = Net::new();
            let (router, dealer) = (server(&mut net, Router), client(&mut net, Dealer));
            net.set(dealer, SocketOption::RoutingId, "me");
            let (binds, connects) = if server_binds { (router, dealer) } else { (dealer, router) };
            net.join(binds, connects, endpoint);
            for length in [0, 1, 31, 32, 33, 255, 256, 65_535, 65_536, 200_000] {
                let body: Vec<u8> = (0..length).map(|at| at as u8).collect();
                net.send(dealer, [&b"first"[..], b"", &body]);
                assert_eq!(net.recv(router), Some(msg([&b"me"[..], b"first", b"", &body])), "{length}");
                net.send(router, [&b"me"[..], &body]);
                assert_eq!(net.recv(dealer), Some(msg([&body])));
            }
        }
    }
}

/// RFC 26: "MESSAGE": nothing of what is sent can be read on the way, and each frame has the next number.
#[test]
fn nothing_shows_on_the_way_and_numbers_go_up() {
    let mut between = Between::new();
    between.carry_as_it_is();
    between.net.send(between.push, ["the secret plan", "for all of us"]);
    between.net.send(between.push, ["another"]);
    let mut numbers = Vec::new();
    between.carry(&mut |side, _, unit| {
        assert_eq!(side, 0);
        assert_eq!((unit[0], &unit[1..9]), (LAST, &b"\x07MESSAGE"[..]));
        assert!(!unit.windows(6).any(|window| window == b"secret"));
        numbers.push(u64::from_be_bytes(*unit[9..].first_chunk().expect("it is there")));
        vec![unit.clone()]
    });
    assert_eq!(numbers, [3, 4, 5], "HELLO and INITIATE had 1 and 2");
    assert_eq!(between.net.recv(between.pull), Some(msg(["the secret plan", "for all of us"])));
    assert_eq!(between.net.recv(between.pull), Some(msg(["another"])));
}

/// RFC 26: subscriptions and heartbeats, which are commands, are encrypted as messages are.
#[test]
fn subscriptions_and_heartbeats_go_encrypted() {
    for endpoint in TRANSPORTS {
        let mut net = Net::new();
        let (xpub, sub) = (server(&mut net, Xpub), client(&mut net, Sub));
        net.set(sub, SocketOption::HeartbeatIvl, 1000);
        net.set(xpub, SocketOption::HeartbeatIvl, 700);
        net.subscribe(sub, "topic");
        net.join(xpub, sub, endpoint);
        assert_eq!(net.recv(xpub), Some(msg(["\x01topic"])));
        net.advance(ms(20_000));
        net.send(xpub, ["topic", "news"]);
        assert_eq!(net.recv(sub), Some(msg(["topic", "news"])));
        assert_eq!(net.connections(sub), 1);
        net.unsubscribe(sub, "topic");
        assert_eq!(net.recv(xpub), Some(msg(["\0topic"])));
    }
}

/// Who asks for PONGs and reads nothing does not have them pile up here.
#[test]
fn a_ping_is_not_answered_where_there_is_no_room_for_it() {
    for (credit, connections) in [(1 << 20, 1), (0, 0)] {
        let mut net = Net::new();
        let (pull, push) = (server(&mut net, Pull), client(&mut net, Push));
        net.set(push, SocketOption::HeartbeatIvl, 1000);
        net.set(push, SocketOption::ReconnectIvl, -1);
        net.join(pull, push, TCP);
        net.credit(pull, push, credit);
        net.advance(ms(10_000));
        assert_eq!(net.connections(push), connections, "{credit}");
    }
}

/// RFC 27: who is let in by its key, and who is not.
#[test]
fn somebody_decides_by_the_key() {
    let judge = |credentials: &Credentials| {
        let Credentials::Curve { public_key } = credentials else { return Some(Verdict::Fail) };
        let known = curve_public(CLIENT).expect("it is a key");
        Some(match z85::encode(public_key).expect("32 octets") == known {
            true => Verdict::allow("a friend"),
            false => Verdict::Deny,
        })
    };
    for endpoint in TRANSPORTS {
        let mut net = Net::new();
        let pull = server(&mut net, Pull);
        net.judge(pull, judge);
        let friend = client(&mut net, Push);
        net.join(pull, friend, endpoint);
        net.send(friend, ["hello"]);
        assert_eq!(net.recv(pull), Some(msg(["hello"])));
        let peer = net.engine(pull).last_peer().expect("it is there");
        assert_eq!(peer.properties.find("User-Id"), Some(&b"a friend"[..]));

        let stranger = client_with(&mut net, Push, [SERVER, OTHER, OTHER]);
        net.connect(stranger, endpoint);
        assert_eq!(codes(&mut net, pull, EventKind::HandshakeFailedAuth), [400]);
        assert_eq!(codes(&mut net, stranger, EventKind::HandshakeFailedAuth), [400]);
        net.advance(ms(5000));
        assert_eq!(net.dials(stranger).0, 1, "it does not try again");
    }
}

/// ZAP_ENFORCE_DOMAIN, as in libzmq: with a domain and nobody to ask, nobody gets in; without one, nobody is asked.
#[test]
fn encryption_without_authentication_is_for_who_wants_it() {
    for (domain, is_in) in [("", true), ("global", false)] {
        let mut net = Net::new();
        let (pull, push) = (server(&mut net, Pull), client(&mut net, Push));
        if !domain.is_empty() {
            net.set(pull, SocketOption::ZapDomain, domain);
        }
        net.set(pull, SocketOption::ZapEnforceDomain, true);
        net.join(pull, push, TCP);
        assert_eq!(net.kinds(push).contains(&EventKind::HandshakeSucceeded), is_in, "{domain:?}");
    }
}

/// RFC 26: the client must know the server's key, and each must have its own.
#[test]
fn wrong_keys_open_nothing() {
    const FORGED: u32 = 0x1100_0001;
    for keys in [[OTHER, CLIENT, CLIENT], [SERVER, OTHER, CLIENT], [SERVER, CLIENT, OTHER]] {
        for endpoint in TRANSPORTS {
            let mut net = Net::new();
            let (pull, push) = (server(&mut net, Pull), client_with(&mut net, Push, keys));
            net.join(pull, push, endpoint);
            assert_eq!(codes(&mut net, pull, EventKind::HandshakeFailedProtocol), [FORGED]);
            assert!(!net.kinds(push).contains(&EventKind::HandshakeSucceeded));
        }
    }
}

/// RFC 26, "Replay attacks": a MESSAGE that comes again, or behind one with a higher number, ends the connection; one
/// that never comes does not show.
#[test]
fn what_comes_again_or_out_of_its_turn_ends_the_connection() {
    for (order, received) in [(&[0, 1, 1][..], 2), (&[1, 0], 1), (&[0, 2, 1], 2), (&[0, 1, 0], 2)] {
        let mut between = Between::new();
        between.carry_as_it_is();
        for number in 0..3 {
            between.net.send(between.push, [format!("message {number}")]);
        }
        let mut all = Vec::new();
        between.carry(&mut |_, _, unit| {
            all.push(unit.clone());
            Vec::new()
        });
        let to_server = between.ends[1];
        for &index in order {
            between.net.tell(to_server, &all[index]);
        }
        assert!(between.net.is_closed(to_server), "{order:?}");
        let told = between.net.told(between.pull, EventKind::Disconnected);
        assert_eq!(told, ["the peer sent something encrypted again, or not in its turn"], "{order:?}");
        assert_eq!(between.net.recv_all(between.pull).len(), received, "{order:?}");
    }
}

/// What is recorded of one connection is good for no other: neither the handshake nor the messages.
#[test]
fn what_was_recorded_opens_no_second_connection() {
    let mut between = Between::new();
    let mut recorded = Vec::new();
    between.carry(&mut |side, _, unit| {
        if side == 0 {
            recorded.push(unit.clone());
        }
        vec![unit.clone()]
    });
    between.net.send(between.push, ["pay me"]);
    between.carry(&mut |_, _, unit| {
        recorded.push(unit.clone());
        vec![unit.clone()]
    });
    assert_eq!(between.net.recv(between.pull), Some(msg(["pay me"])));
    assert_eq!(recorded.len(), 3, "HELLO, INITIATE, MESSAGE");
    between.net.events(between.pull);
    let again = between.net.raw_connect(CURVE);
    between.net.tell(again, &recorded[0]);
    assert_eq!(between.net.heard_units(again).len(), 1, "a new WELCOME");
    between.net.tell(again, &recorded[1]);
    assert!(between.net.is_closed(again));
    assert_eq!(codes(&mut between.net, between.pull, EventKind::HandshakeFailedProtocol), [0x1100_0001]);
    assert_eq!(between.net.recv(between.pull), None);
}

/// RFC 26, "The WELCOME Command": the key of cookies lives for minutes only.
#[test]
fn a_cookie_that_is_too_old_opens_nothing() {
    for (after, opens) in [(20_000, true), (110_000, true), (121_000, false)] {
        let mut between = Between::new();
        for sock in [between.pull, between.push] {
            between.net.set(sock, SocketOption::HandshakeIvl, 0);
        }
        // HANDSHAKE_IVL holds for the connections made later.
        let push = client(&mut between.net, Push);
        between.net.set(push, SocketOption::HandshakeIvl, 0);
        between.net.raw_listen(&at(CURVE, 3));
        between.net.connect(push, &at(CURVE, 3));
        between.ends = [between.net.raw_accept(), between.net.raw_connect(CURVE)];
        let mut initiate = Vec::new();
        between.carry(&mut |side, number, unit| {
            if (side, number) == (0, 1) {
                initiate.clone_from(unit);
                return Vec::new();
            }
            vec![unit.clone()]
        });
        between.net.events(between.pull);
        between.net.advance(ms(after));
        between.net.tell(between.ends[1], &initiate);
        let shaken = between.net.kinds(between.pull).contains(&EventKind::HandshakeSucceeded);
        assert_eq!(shaken, opens, "{after}");
    }
}

/// A handshake that stops anywhere ends by HANDSHAKE_IVL.
#[test]
fn a_handshake_that_stops_ends_in_time() {
    for stop in 0..4 {
        let mut between = Between::new();
        let mut passed = 0;
        between.carry(&mut |_, _, unit| {
            passed += 1;
            if passed > stop { Vec::new() } else { vec![unit.clone()] }
        });
        between.net.advance(ms(30_000));
        let (pull, push) = (between.pull, between.push);
        let timed_out = |kinds: Vec<EventKind>| kinds.contains(&EventKind::HandshakeFailedNoDetail);
        // Behind INITIATE the server is through: it has sent the last word, which it need not see heard.
        assert_eq!(timed_out(between.net.kinds(pull)), stop < 3, "{stop}");
        assert!(timed_out(between.net.kinds(push)), "{stop}");
    }
}

/// The bare beginnings of every command, and commands at the wrong time.
#[test]
fn what_is_no_curve_is_refused() {
    let (order, malformed) = (0x1000_0001, 0x1000_0011);
    for (told, code) in [
        (command("HELLO", b""), malformed),
        (command("HELLO", &[1; 193]), malformed),
        (command("HELLO", &[1; 194]), malformed),
        (command("HELLO", &[&[1, 0][..], &[0; 192]].concat()), 0x1100_0001),
        (command("INITIATE", &[0; 400]), order),
        (command("READY", b""), order),
        (command("ERROR", b"\x03400"), order),
        (command("MESSAGE", &[0; 40]), order),
        (Vec::new(), malformed),
        (b"\x06HELLO".to_vec(), malformed),
    ] {
        let mut net = Net::new();
        let pull = server(&mut net, Pull);
        net.bind(pull, TCP);
        let raw = net.raw_connect(TCP);
        net.tell(raw, greeting(3, 1, "CURVE"));
        net.tell_frame(raw, COMMAND, &told);
        assert_eq!(codes(&mut net, pull, EventKind::HandshakeFailedProtocol), [code], "{told:?}");
        assert!(net.is_closed(raw));
    }
    for (told, kind, code) in [
        (command("WELCOME", b""), EventKind::HandshakeFailedProtocol, malformed),
        (command("WELCOME", &[0; 15]), EventKind::HandshakeFailedProtocol, malformed),
        (command("WELCOME", &[0; 160]), EventKind::HandshakeFailedProtocol, 0x1100_0001),
        (command("READY", &[0; 60]), EventKind::HandshakeFailedProtocol, order),
        (command("HELLO", &[0; 194]), EventKind::HandshakeFailedProtocol, order),
        (command("ERROR", b"\x03400"), EventKind::HandshakeFailedAuth, 400),
    ] {
        let mut net = Net::new();
        net.raw_listen(TCP);
        let push = client(&mut net, Push);
        net.connect(push, TCP);
        let raw = net.raw_accept();
        net.tell(raw, greeting(3, 1, "CURVE"));
        let heard = frames(&net.heard(raw)[64..]);
        assert_eq!((heard[0].0, heard[0].1.len()), (COMMAND, 200), "RFC 26: \"The HELLO Command\"");
        net.tell_frame(raw, COMMAND, &told);
        assert_eq!(codes(&mut net, push, kind), [code], "{told:?}");
        assert!(net.is_closed(raw));
    }
}

/// MAXMSGSIZE is about what is within, and a frame that is longer than any that holds as much is not waited for.
#[test]
fn the_longest_message_is_that_of_maxmsgsize() {
    let mut net = Net::new();
    let (pull, push) = (server(&mut net, Pull), client(&mut net, Push));
    net.set(pull, SocketOption::MaxMsgSize, 1000);
    net.join(pull, push, TCP);
    net.send(push, [vec![7; 1000]]);
    assert_eq!(net.recv(pull), Some(msg([vec![7; 1000]])));
    net.send(push, [vec![7; 1001]]);
    assert_eq!(net.recv(pull), None);
    let told = net.told(pull, EventKind::Disconnected);
    assert_eq!(told, ["the peer sent a frame longer than MAXMSGSIZE"]);
    let raw = net.raw_connect(TCP);
    net.tell(raw, greeting(3, 1, "CURVE"));
    net.tell(raw, &frame(LAST, &[0; 1034])[..9]);
    assert!(net.is_closed(raw));
}

/// After the handshake nothing goes but MESSAGE: not a message in the clear, nor a command.
#[test]
fn nothing_in_the_clear_is_taken_for_a_message() {
    for (flag, body) in [(0, &b"hello"[..]), (2, b"\x09SUBSCRIBEx"), (0, b"\x07MESSAGE"), (0, b"")] {
        let mut between = Between::new();
        between.carry_as_it_is();
        between.net.tell_zws(between.ends[1], flag, body);
        assert!(between.net.is_closed(between.ends[1]), "{body:?}");
        assert_eq!(between.net.recv(between.pull), None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Any bit of any octet of the handshake or of a message, changed on the way: nobody panics, nothing wrong arrives, and
    /// whoever sees that something is wrong closes. (The padding of HELLO means nothing, nor do, in front of a MESSAGE, the bits
    /// that more parts come and that it is a command: those that count are within.)
    #[test]
    fn no_changed_bit_gets_a_wrong_message_through(
        which in 0_usize..6, at in 0_usize..400, bit in 0_u32..8, cut in any::<bool>(),
    ) {
        let mut between = Between::new();
        between.net.send(between.push, ["the message"]);
        between.net.send(between.push, ["more of it"]);
        let mut count = 0;
        let mut is_idle = false;
        between.carry(&mut |_, _, unit| {
            if count == which {
                let at = at % unit.len();
                is_idle = !cut && (which == 0 && (9..81).contains(&at) || which >= 4 && at == 0 && bit < 2);
                if cut {
                    unit.truncate(at);
                } else {
                    unit[at] ^= 1 << bit;
                }
            }
            count += 1;
            vec![unit.clone()]
        });
        let all = [msg(["the message"]), msg(["more of it"])];
        let received = between.net.recv_all(between.pull);
        prop_assert!(all.starts_with(&received), "{:?}", received);
        let is_whole = received.len() == 2;
        prop_assert!(!is_whole || is_idle || which >= count, "{} {} {}", which, at, bit);
    }
}

#[test]
fn without_its_keys_nobody_connects_or_binds_and_the_error_names_the_key() {
    use SocketOption::{CurvePublicKey, CurveSecretKey, CurveServer, CurveServerKey};
    let (server, client) = (public(SERVER), public(CLIENT));
    let zeros = OptionValue::from(&[0; 32][..]);
    for (set, missing) in [
        (vec![(CurveServer, true.into())], "CURVE_SECRETKEY"),
        (vec![(CurveServer, true.into()), (CurveSecretKey, zeros)], "CURVE_SECRETKEY"),
        (vec![(CurveServerKey, server.clone())], "CURVE_PUBLICKEY"),
        (vec![(CurveServerKey, server), (CurvePublicKey, client.clone())], "CURVE_SECRETKEY"),
        (vec![(CurvePublicKey, client), (CurveSecretKey, CLIENT.into())], "CURVE_SERVERKEY"),
    ] {
        let mut options = Options::default();
        for (option, value) in set {
            options.set(option, &value).expect("it can be");
        }
        let mut engine: Engine<Bytes> = Engine::new(Push, options, 1);
        let endpoint = |text: &str| text.parse::<Endpoint>().expect("it is one");
        let bound = engine.listening(endpoint(TCP)).map(drop);
        let connected = engine.connect(endpoint(TCP), TCP, Instant::default()).map(drop);
        for result in [bound, connected] {
            let error = result.expect_err("a key is missing");
            assert_eq!(
                (error.code(), error.to_string()),
                ("EINVAL", format!("CURVE needs {missing}, which is not set"))
            );
        }
        engine.listening(endpoint("inproc://within")).expect("nobody has to prove anything there");
    }
}
