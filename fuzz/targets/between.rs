//! Somebody between two peers who speak CURVE or PLAIN: changes, cuts, repeats, withholds and adds what they say. Nothing panics.
//! Under CURVE what is received is what was sent, in that order and once, however little of it comes through.
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
use zmq_wasm::SocketType::{Pull, Push};
use zmq_wasm::engine::{EventKind, Verdict};
use zmq_wasm::{OptionValue, SocketOption, curve_public};

use rig::net;

use self::net::{CURVE, End, Net, Sock, TCP, at, ms};

#[derive(Arbitrary, Debug)]
struct Attack {
    is_curve: bool,
    /// CURVE's only: else `tcp://`.
    is_ws: bool,
    /// Whether the client binds.
    is_reversed: bool,
    messages: u8,
    changes: Vec<Change>,
}

/// What is done to one unit: a WebSocket message, or what a stream gives at once.
#[derive(Arbitrary, Debug)]
struct Change {
    is_of_server: bool,
    /// The how manyth of that side.
    unit: u8,
    how: How,
}

#[derive(Arbitrary, Debug)]
enum How {
    Flip {
        at: u16,
        bits: u8,
    },
    Cut {
        at: u16,
    },
    Add {
        at: u16,
        octets: Vec<u8>,
    },
    Replace {
        octets: Vec<u8>,
    },
    Repeat,
    Withhold,
    /// It comes behind the next one.
    Delay,
    HangUp,
}

const SERVER: &str = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6";
const CLIENT: &str = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs";

fn open(net: &mut Net, is_curve: bool) -> (Sock, Sock) {
    use SocketOption as O;
    let public = |secret| OptionValue::from(curve_public(secret).expect("it is a key").as_str());
    let (server, client) = if is_curve {
        (
            vec![(O::CurveServer, true.into()), (O::CurveSecretKey, SERVER.into())],
            vec![
                (O::CurveServerKey, public(SERVER)),
                (O::CurvePublicKey, public(CLIENT)),
                (O::CurveSecretKey, CLIENT.into()),
            ],
        )
    } else {
        (
            vec![(O::PlainServer, true.into())],
            vec![(O::PlainUsername, "admin".into()), (O::PlainPassword, "secret".into())],
        )
    };
    // Once cut off, nobody comes back: whoever dials is not who is attacked the second time.
    let client = [client, vec![(O::ReconnectIvl, (-1).into())]].concat();
    let server = [server, vec![(O::ReconnectIvl, (-1).into())]].concat();
    (net.open_with(Pull, &server), net.open_with(Push, &client))
}

fuzz_target!(|attack: Attack| {
    let endpoint = if attack.is_curve && attack.is_ws { CURVE } else { TCP };
    let mut net = Net::new();
    let (pull, push) = open(&mut net, attack.is_curve);
    net.judge(pull, |_| Some(Verdict::allow("")));
    let (binds, connects) = if attack.is_reversed { (push, pull) } else { (pull, push) };
    net.bind(binds, endpoint);
    net.raw_listen(&at(endpoint, 2));
    net.connect(connects, &at(endpoint, 2));
    let (to_connector, to_binder) = (net.raw_accept(), net.raw_connect(endpoint));
    // By the client first.
    let ends = if attack.is_reversed { [to_binder, to_connector] } else { [to_connector, to_binder] };
    let mut between = Between { ends, counts: [0; 2], delayed: [None, None] };
    let mut sent: Vec<Vec<u8>> = Vec::new();
    loop {
        // A PUSH that is bound has nobody to send to before the handshake is done.
        let message = vec![sent.len() as u8; 100];
        let is_sent =
            sent.len() < usize::from(attack.messages % 16) && net.try_send(push, [&message]).is_ok();
        if is_sent {
            sent.push(message);
        }
        if !between.carry(&mut net, &attack.changes) && !is_sent {
            break;
        }
    }
    let received = net.recv_all(pull);
    if attack.changes.is_empty() {
        assert_eq!(
            (sent.len(), received.len()),
            (usize::from(attack.messages % 16), sent.len()),
            "nobody has done anything"
        );
    }
    if attack.is_curve {
        let mut rest = sent.iter();
        for message in &received {
            assert!(rest.any(|sent| message[..] == [sent.clone()]), "{message:?} was not sent, or not then");
        }
        let shaken = [pull, push].map(|sock| net.kinds(sock).contains(&EventKind::HandshakeSucceeded));
        assert!(shaken[0] || received.is_empty(), "messages before the handshake is done");
    }
    for sock in [pull, push] {
        net.close(sock, Some(ms(0)));
    }
    net.advance(ms(1));
    assert_eq!([net.connections(pull), net.connections(push)], [0, 0], "a closed socket has connections");
});

struct Between {
    ends: [End; 2],
    counts: [usize; 2],
    delayed: [Option<Vec<u8>>; 2],
}

impl Between {
    /// Takes to each side what the other has said. Whether that was anything.
    fn carry(&mut self, net: &mut Net, changes: &[Change]) -> bool {
        let mut any = false;
        for side in [0, 1] {
            for unit in net.heard_units(self.ends[side]) {
                any = true;
                let number = self.counts[side];
                self.counts[side] += 1;
                let mut units = vec![unit];
                let here = changes.iter().filter(|change| {
                    usize::from(change.is_of_server) == side && usize::from(change.unit) == number
                });
                for change in here {
                    self.change(net, side, &mut units, &change.how);
                }
                units.extend(self.delayed[side].take().filter(|_| !units.is_empty()));
                for unit in units {
                    let to = self.ends[1 - side];
                    if !net.is_closed(to) {
                        net.tell(to, unit);
                    }
                }
            }
        }
        any
    }

    fn change(&mut self, net: &mut Net, side: usize, units: &mut Vec<Vec<u8>>, how: &How) {
        let place = |at: u16, unit: &[u8]| usize::from(at) % (unit.len() + 1);
        let Some(unit) = units.last_mut() else { return };
        match how {
            How::Flip { at, bits } => {
                let at = place(*at, unit);
                if let Some(octet) = unit.get_mut(at) {
                    *octet ^= bits;
                }
            }
            How::Cut { at } => unit.truncate(place(*at, unit)),
            How::Add { at, octets } => {
                let at = place(*at, unit);
                unit.splice(at..at, octets.iter().copied());
            }
            How::Replace { octets } => unit.clone_from(octets),
            How::Repeat => {
                let unit = unit.clone();
                units.push(unit);
            }
            How::Withhold => units.clear(),
            How::Delay => self.delayed[side] = units.pop(),
            How::HangUp => {
                let end = self.ends[side];
                if !net.is_closed(end) {
                    net.hang_up(end);
                }
            }
        }
    }
}
