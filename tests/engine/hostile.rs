//! Peers that break the protocol: the peer is closed, the monitor names the cause, the others don't notice.

use zmq_wasm::SocketType::{Dealer, Pub, Pull, Push, Rep, Router, Sub, Xpub};
use zmq_wasm::engine::EventKind;
use zmq_wasm::{Misbehaviour, SocketOption, SocketType};

use crate::net::{BARE, End, INPROC, NULL, Net, Sock, TCP, Unit, ms, msg};
use crate::raw::{COMMAND, LAST, MORE, ZWS_COMMAND, command, frame, greeting, opening, ready, ready_with};

/// A bound PULL, MAXMSGSIZE 1000, with a well-behaved PUSH that it hears before and after the deed.
struct Scene {
    net: Net,
    pull: Sock,
    bystander: Sock,
}

impl Scene {
    fn new(endpoint: &str) -> Self {
        let mut net = Net::new();
        let pull = net.open_with(Pull, &[(SocketOption::MaxMsgSize, 1000.into())]);
        let bystander = net.open(Push);
        net.join(pull, bystander, endpoint);
        let mut scene = Self { net, pull, bystander };
        scene.bystander_is_heard();
        scene.net.events(scene.pull);
        scene
    }

    fn bystander_is_heard(&mut self) {
        self.net.send(self.bystander, ["I am", "well"]);
        assert_eq!(self.net.recv(self.pull), Some(msg(["I am", "well"])));
    }

    /// What the monitor says of the raw peer's end; the bystander is as well as ever.
    fn caught(&mut self, raw: End, kind: EventKind, cause: &str) {
        let told = self.net.told(self.pull, kind);
        assert_eq!(told, [cause.to_owned()]);
        assert!(self.net.is_closed(raw), "{cause}");
        assert_eq!(self.net.connections(self.pull), 1);
        self.bystander_is_heard();
        assert_eq!(self.net.kinds(self.bystander).last(), Some(&EventKind::HandshakeSucceeded));
    }
}

fn ready_named(id: &[u8]) -> Vec<u8> {
    ready_with(&[("Socket-Type", b"PUSH"), ("Identity", id)])
}

/// RFC 37, "Version Negotiation": "If a peer cannot downgrade its protocol to match its peer, it MUST close
/// the connection". Every way to begin wrong.
#[test]
fn a_wrong_greeting() {
    use Misbehaviour::{BadGreeting, ObsoleteVersion};
    let cases = [
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), BadGreeting),
        (b"\xff\0\0\0\0\0\0\0\x01\x7e\x03".to_vec(), BadGreeting),
        (b"\x01\0".to_vec(), BadGreeting),
        ([opening(2), vec![200]].concat(), BadGreeting),
        (opening(0), ObsoleteVersion),
    ];
    for (octets, expected) in cases {
        let mut scene = Scene::new(TCP);
        let raw = scene.net.raw_connect(TCP);
        scene.net.tell(raw, octets);
        scene.caught(raw, EventKind::HandshakeFailedProtocol, expected.describe());
    }
}

/// RFC 37, "The NULL Security Mechanism": the grammar of READY, broken in each place, and what comes at the
/// wrong time. A message before READY is no message.
#[test]
fn a_wrong_handshake() {
    use Misbehaviour::{MalformedCommand, OutOfOrder, Oversized, RoutingIdTooLong};
    let truncated = |cut: usize| frame(COMMAND, &ready("PUSH")[..ready("PUSH").len() - cut]);
    let cases = [
        (frame(LAST, b"a message"), OutOfOrder),
        (frame(MORE, b"a message"), OutOfOrder),
        (frame(COMMAND, &command("PING", b"\0\0")), OutOfOrder),
        (frame(COMMAND, &command("SUBSCRIBE", b"")), OutOfOrder),
        (frame(COMMAND, &command("INITIATE", b"")), OutOfOrder),
        (frame(COMMAND, b""), MalformedCommand),
        (frame(COMMAND, b"\0"), MalformedCommand),
        (frame(COMMAND, b"\x05REA"), MalformedCommand),
        (truncated(1), MalformedCommand),
        (truncated(4), MalformedCommand),
        (truncated(9), MalformedCommand),
        (frame(COMMAND, &ready_with(&[("", b"no name")])), MalformedCommand),
        (frame(COMMAND, &command("READY", b"\x01X\xff\xff\xff\xff")), MalformedCommand),
        (frame(COMMAND, &command("READY", b"\x02\xff\xfe\0\0\0\0")), MalformedCommand),
        (frame(COMMAND, &ready_with(&[("Identity", b"but no type")])), MalformedCommand),
        (frame(COMMAND, &ready_named(&[b'x'; 256])), RoutingIdTooLong),
        (b"\x06\0\0\0\0\0\x01\0\x01".to_vec(), Oversized),
        (b"\x06\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(), Oversized),
    ];
    for (octets, expected) in cases {
        let mut scene = Scene::new(TCP);
        let raw = scene.net.raw_connect(TCP);
        scene.net.tell(raw, greeting(3, 1, "NULL"));
        scene.net.tell(raw, octets);
        scene.caught(raw, EventKind::HandshakeFailedProtocol, expected.describe());
    }
}

/// RFC 37, "Framing": "Bits 7-3 are reserved for future use and MUST be zero", MORE "SHALL be zero on command
/// frames"; and the rest of what a peer can do wrong once it was let in.
#[test]
fn wrong_traffic() {
    use Misbehaviour::{MalformedCommand, OutOfOrder, Oversized, ReservedBits};
    let mut cases = vec![
        (vec![COMMAND | MORE, 0], ReservedBits),
        (frame(LAST, &[0; 1001]), Oversized),
        (frame(MORE, &[0; 1001]), Oversized),
        (b"\x02\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(), Oversized),
        (b"\x02\x80\0\0\0\0\0\0\0".to_vec(), Oversized),
        (frame(COMMAND, b""), MalformedCommand),
        (frame(COMMAND, b"\x04PIN"), MalformedCommand),
        (frame(COMMAND, &command("PING", b"\0")), MalformedCommand),
        (frame(COMMAND, &ready("PUSH")), OutOfOrder),
        (frame(COMMAND, &command("ERROR", b"\x03why")), OutOfOrder),
        (frame(COMMAND, &command("SUBSCRIBE", b"")), OutOfOrder),
        (frame(COMMAND, &command("CANCEL", b"")), OutOfOrder),
    ];
    cases.extend((3..8).map(|bit| (vec![1 << bit, 0], ReservedBits)));
    for (octets, expected) in cases {
        let mut scene = Scene::new(TCP);
        let raw = scene.net.raw_peer(TCP, "PUSH");
        scene.net.tell(raw, octets);
        scene.caught(raw, EventKind::Disconnected, expected.describe());
    }
}

/// RFC 45, "Framing" and "Implementation": a message without a flag, with an unknown one, or that is not
/// binary.
#[test]
fn wrong_websocket_messages() {
    use Misbehaviour::{EmptyFrame, MalformedCommand, OutOfOrder, Oversized, ReservedBits, TextFrame};
    let octets = |flag: u8, body: &[u8]| Unit::Octets([&[flag], body].concat());
    let cases = [
        (Unit::Octets(vec![]), EmptyFrame),
        (Unit::Text, TextFrame),
        (octets(3, b""), ReservedBits),
        (octets(4, b""), ReservedBits),
        (octets(0xff, b""), ReservedBits),
        (octets(LAST, &[0; 1001]), Oversized),
        (octets(MORE, &[0; 1001]), Oversized),
        (octets(ZWS_COMMAND, b"\x09"), MalformedCommand),
        (octets(ZWS_COMMAND, &ready("PUSH")), OutOfOrder),
    ];
    for (unit, expected) in cases {
        for endpoint in [BARE, NULL] {
            let mut scene = Scene::new(endpoint);
            let raw = scene.net.raw_connect(endpoint);
            if endpoint == BARE {
                scene.net.tell_zws(raw, LAST, "");
            } else {
                scene.net.tell_zws(raw, ZWS_COMMAND, ready("PUSH"));
            }
            scene.net.push(raw.other(), unit.clone());
            scene.caught(raw, EventKind::Disconnected, expected.describe());
        }
    }
}

/// RFC 45, "No Mechanism": "identity = message-last". One over 255 octets, or in parts, is none; and under
/// NULL only a command can begin.
#[test]
fn a_wrong_beginning_over_websocket() {
    use Misbehaviour::{EmptyFrame, OutOfOrder, ReservedBits, RoutingIdTooLong, TextFrame};
    let octets = |flag: u8, body: &[u8]| Unit::Octets([&[flag], body].concat());
    let cases = [
        (BARE, octets(LAST, &[b'x'; 256]), RoutingIdTooLong),
        (BARE, octets(MORE, b"part of a name"), OutOfOrder),
        (BARE, octets(ZWS_COMMAND, &command("PING", b"\0\0")), OutOfOrder),
        (BARE, octets(9, b""), ReservedBits),
        (BARE, Unit::Text, TextFrame),
        (NULL, octets(LAST, b"a name"), OutOfOrder),
        (NULL, Unit::Octets(vec![]), EmptyFrame),
        (NULL, octets(ZWS_COMMAND, &ready_named(&[b'x'; 256])), RoutingIdTooLong),
    ];
    for (endpoint, unit, expected) in cases {
        let mut scene = Scene::new(endpoint);
        let raw = scene.net.raw_connect(endpoint);
        scene.net.push(raw.other(), unit);
        scene.caught(raw, EventKind::HandshakeFailedProtocol, expected.describe());
    }
}

/// RFC 37, "The Identity Property": "identity = 0*255OCTET", also where ZMTP 2.0 has it: in its first frame.
#[test]
fn a_routing_id_over_255_octets_in_2_0() {
    let mut scene = Scene::new(TCP);
    let raw = scene.net.raw_connect(TCP);
    scene.net.tell(raw, [opening(1), vec![SocketType::Push.number()], frame(LAST, &[b'x'; 256])].concat());
    let cause = Misbehaviour::RoutingIdTooLong.describe();
    scene.caught(raw, EventKind::HandshakeFailedProtocol, cause);
}

/// RFC 37, "Security Considerations": "Attackers may try to cause memory exhaustion". A message of parts
/// without end is cut off.
#[test]
fn a_message_without_end() {
    let mut scene = Scene::new(TCP);
    let raw = scene.net.raw_peer(TCP, "PUSH");
    scene.net.tell(raw, [MORE, 0].repeat(1 << 16));
    assert!(!scene.net.is_closed(raw), "so many are still taken");
    scene.net.tell(raw, [MORE, 0]);
    scene.caught(raw, EventKind::Disconnected, Misbehaviour::TooManyParts.describe());
}

/// A transport that can't be paused, and a peer that sends on and on while nobody receives.
#[test]
fn an_overrun_of_the_receive_queue() {
    let cause = "it overran the receive high-water mark many times over";
    let frames = |octets: &[u8]| [LAST, octets.len() as u8, octets[0]].repeat(300);
    for (kind, theirs) in [(Pull, "PUSH"), (Dealer, "DEALER"), (Router, "DEALER"), (Xpub, "XSUB")] {
        let mut net = Net::new();
        let sock = net.open_with(kind, &[(SocketOption::RcvHwm, 4.into())]);
        net.bind(sock, TCP);
        let well = net.raw_peer(TCP, theirs);
        net.plan.can_pause = false;
        let raw = net.raw_peer(TCP, theirs);
        net.tell(raw, frames(b"x"));
        assert_eq!(net.told(sock, EventKind::Disconnected), [cause], "{kind:?}");
        assert!(net.is_closed(raw) && !net.is_closed(well));
        net.tell_frame(well, LAST, "the others don't notice");
        let received = net.recv_all(sock);
        assert!(received.len() <= 4 * 64 + 1, "no more than it said was queued");
        assert!(received.iter().any(|message| message.ends_with(&msg(["the others don't notice"]))));
    }
    // The same peer on a transport that can pause has to wait, and nothing is lost.
    let mut net = Net::new();
    let pull = net.open_with(Pull, &[(SocketOption::RcvHwm, 4.into())]);
    net.bind(pull, TCP);
    let raw = net.raw_peer(TCP, "PUSH");
    net.tell(raw, frames(b"x"));
    assert_eq!(net.recv_all(pull).len(), 300);
    assert!(!net.is_closed(raw));
}

/// Large messages on such a transport: they are too much by their octets before they are by their number. What is
/// received makes room for as many again.
#[test]
fn an_overrun_by_octets() {
    const MIB: usize = 1 << 20;
    let mut net = Net::new();
    let pull = net.open_with(Pull, &[(SocketOption::RcvHwm, 4.into())]);
    net.bind(pull, TCP);
    net.plan.can_pause = false;
    let raw = net.raw_peer(TCP, "PUSH");
    // With what a frame costs.
    let body = vec![b'x'; 32 * MIB - 9];
    let last = |net: &mut Net| net.tell_frame(raw, LAST, &body);
    (0..12).for_each(|_| last(&mut net));
    assert!(!net.is_closed(raw), "256 MiB beyond the high-water mark are held");
    for _ in 0..6 {
        assert_eq!(net.recv(pull).map(|message| message[0].len()), Some(body.len()));
    }
    (0..6).for_each(|_| last(&mut net));
    assert!(!net.is_closed(raw), "as many again as were received");
    last(&mut net);
    assert_eq!(
        net.told(pull, EventKind::Disconnected),
        ["it overran the receive high-water mark many times over"]
    );
    assert!(net.is_closed(raw));
    assert_eq!(net.recv_all(pull).len(), 13, "what came before is received");
}

/// The topic of a flood's next subscription.
type Topic = fn(u32) -> Vec<u8>;

/// More subscriptions than anybody means, by number or by size, equal ones too.
#[test]
fn a_flood_of_subscriptions() {
    let by_number = |index: u32| index.to_be_bytes().to_vec();
    let by_size = |index: u32| [&index.to_be_bytes()[..], &[b'x'; 60_000]].concat();
    let equal = |_: u32| b"again".to_vec();
    let floods: [(Topic, u32); 3] = [(by_number, 70_000), (by_size, 100), (equal, 70_000)];
    for kind in [Pub, Xpub] {
        for (topic, count) in floods {
            for by_command in [true, false] {
                let mut net = Net::new();
                let publisher = net.open_with(kind, &[(SocketOption::RcvHwm, 0.into())]);
                let sub = net.open(Sub);
                net.subscribe(sub, "");
                net.join(publisher, sub, TCP);
                let raw = net.raw_peer(TCP, "SUB");
                net.events(publisher);
                let subscribe = |index| match by_command {
                    true => frame(COMMAND, &command("SUBSCRIBE", &topic(index))),
                    false => frame(LAST, &[&[1], &topic(index)[..]].concat()),
                };
                net.tell(raw, (0..count).flat_map(subscribe).collect::<Vec<u8>>());
                let cause = Misbehaviour::TooManySubscriptions.describe();
                assert_eq!(net.told(publisher, EventKind::Disconnected), [cause]);
                assert!(net.is_closed(raw));
                net.send(publisher, ["the others don't notice"]);
                assert_eq!(net.recv(sub), Some(msg(["the others don't notice"])));
            }
        }
    }
}

/// A peer that subscribes and cancels in turn has few subscriptions at any time, but the application of an
/// XPUB is told of each. Those wait in the peer's queue, and RCVHWM holds for them too.
#[test]
fn a_flood_of_subscriptions_taken_back() {
    for (option, both_ways) in [(SocketOption::XpubVerboser, true), (SocketOption::XpubManual, false)] {
        for can_pause in [true, false] {
            let mut net = Net::new();
            net.plan.can_pause = can_pause;
            let options = [(SocketOption::RcvHwm, 4.into()), (option, true.into())];
            let xpub = net.open_with(Xpub, &options);
            net.bind(xpub, TCP);
            let raw = net.raw_peer(TCP, "SUB");
            let change = |name| frame(COMMAND, &command(name, b"topic"));
            let turn = [change("SUBSCRIBE"), if both_ways { change("CANCEL") } else { vec![] }].concat();
            net.tell(raw, turn.repeat(300));
            assert_eq!(net.is_closed(raw), !can_pause, "{option:?}");
            let count = net.recv_all(xpub).len();
            let all = if both_ways { 600 } else { 300 };
            assert!(if can_pause { count == all } else { count < all }, "{option:?}: {count}");
        }
    }
}

/// A connecting socket tries again after a protocol error: whoever answers there next may be better.
#[test]
fn a_dialler_retries_after_a_protocol_error() {
    let mut net = Net::new();
    net.raw_listen(TCP);
    let push = net.open(Push);
    net.connect(push, TCP);
    net.send(push, ["kept"]);
    for octets in [b"HTTP/1.1 400 Bad Request\r\n".to_vec(), greeting(3, 1, "CURVE"), opening(0)] {
        let raw = net.raw_accept();
        net.tell(raw, octets);
        assert!(net.is_closed(raw));
        net.advance(ms(1000));
    }
    let raw = net.raw_accept();
    net.shake_and_keep(raw, "PULL");
    assert!(net.heard(raw).ends_with(b"\0\x04kept"));
}

/// Rubbish within a process can't come from a network, and is refused all the same.
#[test]
fn a_wrong_frame_inproc() {
    let mut scene = Scene::new(INPROC);
    let raw = scene.net.raw_connect(INPROC);
    let message = zmq_wasm::Frame::new(zmq_wasm::Flag::Last, bytes::Bytes::from_static(b"before READY"));
    scene.net.push(raw.other(), Unit::Frame(message));
    scene.caught(raw, EventKind::HandshakeFailedProtocol, Misbehaviour::OutOfOrder.describe());
}

/// What a REP can't read is dropped, but a request as long as MAXMSGSIZE allows, in as many parts as anybody
/// means, is a request.
#[test]
fn the_limits_themselves_are_within_the_law() {
    let mut net = Net::new();
    let rep = net.open_with(Rep, &[(SocketOption::MaxMsgSize, 1000.into())]);
    net.bind(rep, TCP);
    let raw = net.raw_connect(TCP);
    net.tell(raw, greeting(3, 1, "NULL"));
    let ready = ready_with(&[("Socket-Type", b"DEALER"), ("Identity", &[b'x'; 255])]);
    net.tell_frame(raw, COMMAND, ready);
    net.tell_frame(raw, MORE, [b'x'; 255]);
    net.tell_frame(raw, MORE, "");
    net.tell_frame(raw, LAST, [7; 1000]);
    assert_eq!(net.recv(rep), Some(vec![vec![7; 1000]]));
    net.send(rep, [vec![8; 5000]]);
    assert!(net.heard(raw).ends_with(&frame(LAST, &[8; 5000])), "MAXMSGSIZE is for what comes in");
}
