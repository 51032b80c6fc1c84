//! Sockets of every type on links that are slow, full, cut and held, with options and endpoints that change
//! meanwhile. Whatever happens: what arrives was sent, it arrives whole and once, nothing goes round for ever,
//! and when all are closed nothing is left.
#![no_main]

/// The rig of the engine's own tests.
#[path = "../../tests/engine"]
#[allow(dead_code)]
mod rig {
    pub(crate) mod net;
}

use std::collections::{BTreeMap, BTreeSet};

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use zmq_wasm::SocketOption::{RcvHwm, SndHwm};
use zmq_wasm::{OptionValue, SocketOption, SocketType};

use rig::net;

use self::net::{LinkPlan, Net, Parts, Sock, TRANSPORTS, at, ms};

#[derive(Arbitrary, Debug)]
struct Plan {
    kind: u8,
    matching: u8,
    counts: (u8, u8),
    left_binds: bool,
    transport: u8,
    hwm: u8,
    latency: u8,
    window: u8,
    chunk: u8,
    options: Vec<(u8, i16)>,
    acts: Vec<Act>,
}

#[derive(Arbitrary, Debug)]
enum Act {
    Send(u8, u8),
    Recv(u8),
    Credit(u8, u8, u16),
    Hold(u8, u8, bool),
    Cut(u8, u8),
    CutAtRest(u8, u8),
    Wait(u16),
    Subscribe(u8, bool, u8),
    Set(u8, u8, i16),
    Disconnect(u8, u8),
    Connect(u8, u8),
    Close(u8, u16),
}

struct Scene {
    net: Net,
    socks: Vec<Sock>,
    /// Those of them that connect. Who connects to its like is not told so over bare `ZWS2.0`.
    connecting: Vec<Sock>,
    kinds: BTreeMap<Sock, SocketType>,
    /// Where who is bound.
    endpoints: Vec<String>,
    closed: BTreeSet<Sock>,
    /// What was received last, to be answered.
    envelopes: BTreeMap<Sock, Parts>,
    sent: u32,
    /// Which receiver has got which message.
    got: BTreeSet<(Sock, u32)>,
}

impl Scene {
    fn new(plan: &Plan) -> Self {
        let mut net = Net::new();
        net.plan = LinkPlan {
            latency: ms((plan.latency % 30).into()),
            window: [None, Some(1), Some(40)][usize::from(plan.window % 3)],
            can_pause: plan.window & 4 == 0,
            chunk: usize::from(plan.chunk).max(1),
            frame_limit: None,
        };
        let left = SocketType::ALL[usize::from(plan.kind) % SocketType::ALL.len()];
        let matches: Vec<_> = SocketType::ALL.into_iter().filter(|kind| left.is_compatible(*kind)).collect();
        let right = matches[usize::from(plan.matching) % matches.len()];
        let hwm = i32::from(plan.hwm % 4);
        let limits = [(SndHwm, hwm.into()), (RcvHwm, hwm.into())];
        let mut kinds = BTreeMap::new();
        let mut row = |net: &mut Net, kind, count: u8| -> Vec<Sock> {
            (0..=count % 3)
                .map(|_| net.open_with(kind, &limits))
                .inspect(|sock| _ = kinds.insert(*sock, kind))
                .collect()
        };
        let (left, right) = (row(&mut net, left, plan.counts.0), row(&mut net, right, plan.counts.1));
        let socks = [&left[..], &right[..]].concat();
        for sock in &socks {
            for &(option, value) in &plan.options {
                set(&mut net, *sock, option, value);
            }
        }
        let (binds, connects) = if plan.left_binds { (&left, &right) } else { (&right, &left) };
        let mut endpoints = Vec::new();
        for (host, &sock) in binds.iter().enumerate() {
            let endpoint = at(TRANSPORTS[usize::from(plan.transport) % 4], host);
            net.bind(sock, &endpoint);
            for &other in connects {
                net.connect(other, &endpoint);
            }
            endpoints.push(endpoint);
        }
        net.advance(ms(100));
        let (closed, envelopes, got) = (BTreeSet::new(), BTreeMap::new(), BTreeSet::new());
        let connecting = connects.clone();
        Self { net, socks, connecting, kinds, endpoints, closed, envelopes, sent: 0, got }
    }

    fn pick(&self, index: u8) -> Sock {
        self.socks[usize::from(index) % self.socks.len()]
    }

    fn publishes(&self) -> bool {
        use SocketType::{Pub, Radio, Xpub};
        self.kinds.values().any(|kind| matches!(kind, Pub | Radio | Xpub))
    }

    fn perform(&mut self, act: &Act) {
        match *act {
            Act::Send(who, topic) => self.send(self.pick(who), topic),
            Act::Recv(who) => self.recv(self.pick(who)),
            Act::Credit(a, b, octets) => self.net.credit(self.pick(a), self.pick(b), octets.into()),
            Act::Hold(a, b, held) => self.net.hold(self.pick(a), self.pick(b), held),
            Act::Cut(a, b) => self.net.cut(self.pick(a), self.pick(b)),
            Act::CutAtRest(a, b) => self.net.cut_at_rest(self.pick(a), self.pick(b)),
            Act::Wait(millis) => self.net.advance(ms((millis % 2000).into())),
            Act::Subscribe(who, on, topic) => {
                let who = self.pick(who);
                self.net.with(who, |engine, _| match engine.socket_type() {
                    SocketType::Dish => engine.join(&[1 + topic % 4], on).ok(),
                    _ => engine.subscribe(&[topic % 4], on).ok(),
                });
            }
            Act::Set(who, option, value) => {
                let who = self.pick(who);
                set(&mut self.net, who, option, value);
            }
            Act::Disconnect(who, which) => {
                let endpoint = self.endpoints[usize::from(which) % self.endpoints.len()].clone();
                self.net.disconnect(self.pick(who), &endpoint).ok();
            }
            // Of a publisher, two connections bring everything twice.
            Act::Connect(..) if self.publishes() => {}
            Act::Connect(who, which) => {
                let endpoint = self.endpoints[usize::from(which) % self.endpoints.len()].clone();
                let parsed = endpoint.parse().expect("it was parsed before");
                let who = self.connecting[usize::from(who) % self.connecting.len()];
                self.net.with(who, |engine, now| engine.connect(parsed, &endpoint, now).ok());
            }
            Act::Close(who, linger) => {
                let who = self.pick(who);
                if self.closed.insert(who) {
                    self.net.close(who, Some(ms(linger.into())));
                }
            }
        }
    }

    /// A message ends with its number. ROUTERs and REPs send it behind the envelope that they received last.
    fn send(&mut self, who: Sock, topic: u8) {
        let number = self.sent.to_be_bytes().to_vec();
        let message = match self.kinds[&who] {
            SocketType::Router | SocketType::Server | SocketType::Peer => {
                let Some(mut envelope) = self.envelopes.remove(&who) else { return };
                envelope.pop();
                [envelope, vec![number]].concat()
            }
            SocketType::Pub | SocketType::Xpub | SocketType::Radio => vec![vec![topic % 4], number],
            SocketType::Xsub => vec![vec![topic & 1, topic / 2 % 4]],
            SocketType::Dealer => vec![Vec::new(), number],
            _ => vec![number],
        };
        if self.net.try_send(who, message).is_ok() {
            self.sent += 1;
        }
    }

    fn recv(&mut self, who: Sock) {
        if self.closed.contains(&who) {
            return;
        }
        let Ok(Some(message)) = self.net.try_recv(who) else { return };
        self.account(who, message);
    }

    fn account(&mut self, who: Sock, message: Parts) {
        // What an XPUB receives is subscriptions, and a probe is an empty message.
        if self.kinds[&who] == SocketType::Xpub || message.last().is_none_or(Vec::is_empty) {
            return;
        }
        let last = message.last().expect("it is not empty");
        let number = u32::from_be_bytes(last.as_slice().try_into().expect("a torn message"));
        assert!(number < self.sent, "nobody sent {number}");
        assert!(self.got.insert((who, number)), "{number} came twice");
        self.envelopes.insert(who, message);
    }

    /// Closes what is open, and takes the time that all of it needs.
    fn close_all(&mut self) {
        for who in self.socks.clone() {
            if self.closed.insert(who) {
                self.net.close(who, Some(ms(0)));
            }
        }
        self.net.advance(ms(u64::from(u16::MAX) + 1));
        for who in self.socks.clone() {
            assert_eq!(self.net.connections(who), 0, "a closed socket has connections");
        }
    }
}

/// Options that don't make a second of the network's a year of the fuzzer's.
fn set(net: &mut Net, who: Sock, option: u8, value: i16) {
    let Some(option) = SocketOption::from_number(option.into()) else { return };
    // Who asks for security talks to nobody here: `between` is about that.
    if matches!(option, SocketOption::PlainServer | SocketOption::CurveServer) {
        return;
    }
    let is_interval = matches!(
        option,
        SocketOption::HeartbeatIvl
            | SocketOption::HeartbeatTimeout
            | SocketOption::ReconnectIvl
            | SocketOption::HandshakeIvl
    );
    let value = if is_interval && value >= 0 { value.max(20) } else { value };
    net.with(who, |engine, _| engine.set_option(option, &OptionValue::Int(value.into())).ok());
}

fuzz_target!(|plan: Plan| {
    let mut scene = Scene::new(&plan);
    for act in plan.acts.iter().take(300) {
        scene.perform(act);
    }
    scene.close_all();
});
