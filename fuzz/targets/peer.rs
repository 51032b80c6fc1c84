//! A hostile peer, by `tcp://` or WebSocket, before, within and after the handshake. Nothing panics, it gets no
//! more than it gave, no other peer notices, and when it has hung up nothing of it is left.
#![no_main]

/// The rig of the engine's own tests.
#[path = "../../tests/engine"]
#[allow(dead_code)]
mod rig {
    pub(crate) mod net;
    pub(crate) mod raw;
}

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use zmq_wasm::SocketOption::{HeartbeatIvl, MaxMsgSize, RcvHwm, SndHwm};
use zmq_wasm::SocketType;

use rig::{net, raw};

use self::net::{End, INPROC, Net, Sock, TRANSPORTS, Unit, ms};
use self::raw::{COMMAND, LAST, ZWS_COMMAND, greeting, ready};

#[derive(Arbitrary, Debug)]
struct Attack {
    kind: u8,
    transport: u8,
    /// Whether the socket connects to the peer, and not the other way.
    is_dialled: bool,
    /// Whether the transport stops reading from a peer that is ahead of the application.
    can_pause: bool,
    heartbeat: bool,
    /// The peer begins as it ought to, as a peer of this type.
    handshake: Option<u8>,
    moves: Vec<Move>,
}

#[derive(Arbitrary, Debug)]
enum Move {
    Octets(Vec<u8>),
    Frame(u8, Vec<u8>),
    Text,
    Ping,
    Pong,
    Wait(u8),
    /// What the application does meanwhile.
    Send(u8),
    Recv,
}

/// As many octets of heartbeats and handshakes as an attack may bring forth for each move beside an echo.
const BESIDE: usize = 8192;

fuzz_target!(|attack: Attack| {
    let kind = SocketType::ALL[usize::from(attack.kind) % SocketType::ALL.len()];
    let endpoint = TRANSPORTS[usize::from(attack.transport) % 3];
    let mut net = Net::new();
    net.plan.can_pause = attack.can_pause;
    let limits = [(RcvHwm, 2.into()), (SndHwm, 2.into()), (MaxMsgSize, 10_000.into())];
    let sock = net.open_with(kind, &limits);
    if attack.heartbeat {
        net.set(sock, HeartbeatIvl, 50);
    }
    let theirs =
        SocketType::ALL.into_iter().find(|theirs| kind.is_compatible(*theirs)).expect("each has a match");
    let bystander = net.open(theirs);
    // A PAIR has one peer.
    if !matches!(kind, SocketType::Pair | SocketType::Channel) {
        net.join(sock, bystander, INPROC);
    }
    let bystanders = net.connections(bystander);
    let peer = if attack.is_dialled {
        net.raw_listen(endpoint);
        net.connect(sock, endpoint);
        net.raw_accept()
    } else {
        net.bind(sock, endpoint);
        net.raw_connect(endpoint)
    };
    if let Some(theirs) = attack.handshake {
        let theirs = SocketType::ALL[usize::from(theirs) % SocketType::ALL.len()];
        shake_hands(&mut net, peer, endpoint, theirs);
    }
    let (mut told, mut heard) = (0, 0);
    for act in attack.moves {
        told += perform(&mut net, sock, peer, endpoint, act);
        heard += net.heard(peer).len();
        assert!(heard <= 2 * told + BESIDE, "for {told} octets the peer got {heard}");
    }
    net.hang_up(peer);
    assert_eq!(net.connections(bystander), bystanders, "somebody else was cut off");
    // One that is dialled is dialled again, and the end of one that is not read is not seen.
    if !attack.is_dialled && !attack.can_pause {
        assert_eq!(net.connections(sock), bystanders, "something of the peer is left");
    }
    net.close(sock, Some(ms(0)));
    net.advance(ms(1));
    assert_eq!(net.connections(sock), 0, "a closed socket has connections");
});

fn shake_hands(net: &mut Net, peer: End, endpoint: &str, theirs: SocketType) {
    if endpoint == TRANSPORTS[0] {
        net.tell(peer, greeting(3, 1, "NULL"));
        net.tell_frame(peer, COMMAND, ready(theirs.name()));
    } else if endpoint == TRANSPORTS[1] {
        net.tell_zws(peer, LAST, b"");
    } else {
        net.tell_zws(peer, ZWS_COMMAND, ready(theirs.name()));
    }
}

/// Gives how many octets this gives the socket cause to send.
fn perform(net: &mut Net, sock: Sock, peer: End, endpoint: &str, act: Move) -> usize {
    let is_stream = endpoint == TRANSPORTS[0];
    match act {
        Move::Octets(octets) => {
            let length = octets.len();
            net.tell(peer, octets);
            return length;
        }
        Move::Frame(flag, body) => {
            if is_stream {
                net.tell_frame(peer, flag, &body);
            } else {
                net.tell_zws(peer, flag, &body);
            }
            return body.len() + 9;
        }
        Move::Text | Move::Ping | Move::Pong if is_stream => {}
        Move::Text => net.push(peer.other(), Unit::Text),
        Move::Ping => net.push(peer.other(), Unit::Ping),
        Move::Pong => net.push(peer.other(), Unit::Pong),
        Move::Wait(millis) => net.advance(ms(millis.into())),
        Move::Send(length) => {
            net.try_send(sock, [vec![b's'; length.into()]]).ok();
            return usize::from(length) + 300;
        }
        Move::Recv => {
            net.try_recv(sock).ok();
            return 300;
        }
    }
    64
}
