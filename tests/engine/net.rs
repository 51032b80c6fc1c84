//! The rig: engines on simulated links under a fake clock.
//!
//! A link carries octets through the codec (`tcp://`), WebSocket messages (`ws://…/bare`, `ws://…/null`)
//! or frames (`inproc://`), in order, after its latency. It has a window, so that a sender runs out of
//! credit; it can be held, cut, and made of a stuff that can't pause. Nothing moves but by [`Net::run`] and
//! [`Net::advance`], and nothing is random.

mod calls;
mod links;

use core::cell::Cell;
use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::{Bytes, BytesMut};
use zmq_wasm::engine::{Engine, Event, Protocol};
use zmq_wasm::wire::zmtp::Codec;
use zmq_wasm::{
    CloseReason, DialerId, Endpoint, Error, Frame, Instant, ListenerId, OptionValue, Options, PeerId,
    SocketOption, SocketType,
};
#[cfg(feature = "security")]
use zmq_wasm::{Credentials, engine::Verdict};

pub(crate) const TCP: &str = "tcp://host:1";
pub(crate) const BARE: &str = "ws://host:1/bare";
pub(crate) const NULL: &str = "ws://host:1/null";
pub(crate) const PLAIN: &str = "ws://host:1/plain";
pub(crate) const CURVE: &str = "ws://host:1/curve";
pub(crate) const INPROC: &str = "inproc://host";

/// An endpoint of each kind of link.
pub(crate) const TRANSPORTS: [&str; 4] = [TCP, BARE, NULL, INPROC];

/// The endpoint of the same kind on another host.
pub(crate) fn at(endpoint: &str, host: usize) -> String {
    endpoint.replace("host", &format!("host{host}"))
}

/// A message as the tests write it.
pub(crate) type Parts = Vec<Vec<u8>>;

/// The message with these parts.
pub(crate) fn msg<T: AsRef<[u8]>>(parts: impl IntoIterator<Item = T>) -> Parts {
    parts.into_iter().map(|part| part.as_ref().to_vec()).collect()
}

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A socket of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sock(usize);

/// One end of a link. [`raw`](crate::raw) peers are ends without an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) wire: usize,
    side: usize,
}

impl End {
    pub(crate) fn other(self) -> Self {
        Self { side: 1 - self.side, ..self }
    }
}

/// What goes over a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A piece of a byte stream, or one binary WebSocket message.
    Octets(Vec<u8>),
    /// A WebSocket message that is text.
    Text,
    Frame(Frame<Bytes>),
    Ping,
    Pong,
    Close,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Engine(Sock, PeerId),
    Raw,
}

pub(crate) struct EndState {
    owner: Owner,
    codec: Option<Codec>,
    input: BytesMut,
    inbox: VecDeque<(Instant, Unit)>,
    pub(crate) open: bool,
    paused: bool,
    held: bool,
    /// What a raw peer heard.
    pub(crate) heard: Vec<Unit>,
}

/// What links are made of from now on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinkPlan {
    pub(crate) latency: Duration,
    /// How many octets may be under way before the sender has no more credit.
    pub(crate) window: Option<usize>,
    pub(crate) can_pause: bool,
    /// Byte streams arrive in pieces of this size.
    pub(crate) chunk: usize,
    /// What the shell of the connecting side tells of the longest body that a WebSocket peer takes.
    pub(crate) frame_limit: Option<usize>,
}

struct Wire {
    protocol: Protocol,
    plan: LinkPlan,
    ends: [EndState; 2],
}

struct Node {
    engine: Engine<Bytes>,
    events: Vec<Event>,
    wake: Option<Instant>,
    finished: bool,
    listeners: BTreeMap<String, ListenerId>,
    ends: BTreeMap<PeerId, End>,
    dials: usize,
    cancelled: usize,
    #[cfg(feature = "security")]
    judge: Judge,
    /// About whom nothing is decided yet.
    #[cfg(feature = "security")]
    judged: Vec<(PeerId, Credentials)>,
}

/// Decides about a peer, or leaves it for later.
#[cfg(feature = "security")]
pub(crate) type Judge = fn(&Credentials) -> Option<Verdict>;

#[derive(Clone, Copy)]
enum Listening {
    Engine(Sock, ListenerId),
    Raw,
}

pub(crate) struct Net {
    pub(crate) now: Instant,
    pub(crate) plan: LinkPlan,
    nodes: Vec<Node>,
    wires: Vec<Wire>,
    listening: BTreeMap<String, Listening>,
    /// Dials there are neither accepted nor refused.
    pub(crate) silent: BTreeSet<String>,
    dialing: VecDeque<(Sock, DialerId, Endpoint)>,
    resumed: VecDeque<End>,
    accepted_raw: VecDeque<End>,
}

/// No chance at all: the same octets in each run, and others each time.
fn chance(octets: &mut [u8]) {
    thread_local!(static NEXT: Cell<u64> = const { Cell::new(1) });
    for eight in octets.chunks_mut(8) {
        let number = NEXT.replace(NEXT.get().wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1));
        eight.copy_from_slice(&number.to_be_bytes()[..eight.len()]);
    }
}

/// More steps than this without time going on is a livelock.
const MAX_STEPS: usize = 1_000_000;

impl Net {
    pub(crate) fn new() -> Self {
        Self {
            now: Instant::from_micros(1_000_000),
            plan: LinkPlan {
                latency: Duration::ZERO,
                window: None,
                can_pause: true,
                chunk: usize::MAX,
                frame_limit: None,
            },
            nodes: Vec::new(),
            wires: Vec::new(),
            listening: BTreeMap::new(),
            silent: BTreeSet::new(),
            dialing: VecDeque::new(),
            resumed: VecDeque::new(),
            accepted_raw: VecDeque::new(),
        }
    }

    pub(crate) fn open(&mut self, socket_type: SocketType) -> Sock {
        self.open_with(socket_type, &[])
    }

    pub(crate) fn open_with(&mut self, kind: SocketType, options: &[(SocketOption, OptionValue)]) -> Sock {
        let sock = Sock(self.nodes.len());
        let mut engine = Engine::new(kind, Options::default(), 1 + sock.0 as u64);
        engine.draw_from(chance);
        for (option, value) in options {
            engine.set_option(*option, value).expect("the test sets options that exist");
        }
        self.nodes.push(Node {
            engine,
            events: Vec::new(),
            wake: None,
            finished: false,
            listeners: BTreeMap::new(),
            ends: BTreeMap::new(),
            dials: 0,
            cancelled: 0,
            #[cfg(feature = "security")]
            judge: |_| Some(Verdict::Nobody),
            #[cfg(feature = "security")]
            judged: Vec::new(),
        });
        sock
    }

    /// Calls the engine and does what it says then.
    pub(crate) fn with<R>(&mut self, sock: Sock, call: impl FnOnce(&mut Engine<Bytes>, Instant) -> R) -> R {
        let result = call(&mut self.nodes[sock.0].engine, self.now);
        self.drain(sock);
        result
    }

    pub(crate) fn bind(&mut self, sock: Sock, endpoint: &str) {
        let parsed: Endpoint = endpoint.parse().expect("the test's endpoints are sound");
        let key = parsed.to_string();
        let id = self.with(sock, |engine, _| engine.listening(parsed)).expect("the socket is open");
        self.nodes[sock.0].listeners.insert(key.clone(), id);
        let former = self.listening.insert(key, Listening::Engine(sock, id));
        assert!(former.is_none(), "{endpoint} is bound twice");
    }

    pub(crate) fn unbind(&mut self, sock: Sock, endpoint: &str) -> ListenerId {
        let id = self.nodes[sock.0].listeners.remove(endpoint).expect("it was bound");
        self.listening.remove(endpoint);
        self.with(sock, |engine, now| engine.unbind(id, now));
        id
    }

    pub(crate) fn raw_listen(&mut self, endpoint: &str) {
        self.listening.insert(endpoint.to_owned(), Listening::Raw);
    }

    /// The connection that an engine made last to a raw listener.
    pub(crate) fn raw_accept(&mut self) -> End {
        self.run();
        self.accepted_raw.pop_back().expect("somebody connected to the raw listener")
    }

    pub(crate) fn raw_connect(&mut self, endpoint: &str) -> End {
        let parsed: Endpoint = endpoint.parse().expect("the test's endpoints are sound");
        let wire = self.new_wire(&parsed);
        self.accept(wire, &parsed.to_string());
        self.run();
        End { wire, side: 0 }
    }

    pub(crate) fn connect(&mut self, sock: Sock, endpoint: &str) -> DialerId {
        let parsed = endpoint.parse().expect("the test's endpoints are sound");
        self.with(sock, |engine, now| engine.connect(parsed, endpoint, now)).expect("the socket is open")
    }

    /// Binds the one, connects the other, and lets them shake hands.
    pub(crate) fn join(&mut self, binds: Sock, connects: Sock, endpoint: &str) {
        self.bind(binds, endpoint);
        self.connect(connects, endpoint);
        self.run();
    }

    /// Two sockets that are joined.
    pub(crate) fn pair(&mut self, binds: SocketType, connects: SocketType, endpoint: &str) -> (Sock, Sock) {
        let (a, b) = (self.open(binds), self.open(connects));
        self.join(a, b, endpoint);
        (a, b)
    }

    pub(crate) fn disconnect(&mut self, sock: Sock, endpoint: &str) -> Result<(), Error> {
        self.with(sock, |engine, now| engine.disconnect(endpoint, now))
    }

    pub(crate) fn close(&mut self, sock: Sock, linger: Option<Duration>) {
        for endpoint in core::mem::take(&mut self.nodes[sock.0].listeners).into_keys() {
            self.listening.remove(&endpoint);
        }
        self.with(sock, |engine, now| engine.close(linger, now));
    }

    pub(crate) fn engine(&self, sock: Sock) -> &Engine<Bytes> {
        &self.nodes[sock.0].engine
    }

    /// Loses every connection between the two, and all that is under way on them.
    pub(crate) fn cut(&mut self, a: Sock, b: Sock) {
        for end in self.ends_between(a, b) {
            self.cut_wire(end.wire);
        }
    }

    pub(crate) fn cut_wire(&mut self, wire: usize) {
        for side in [0, 1] {
            let end = &mut self.wires[wire].ends[side];
            end.inbox.clear();
            self.end_of_connection(End { wire, side }, CloseReason::Remote("connection reset".to_owned()));
        }
    }

    /// Loses the connections between the two that have nothing under way.
    pub(crate) fn cut_at_rest(&mut self, a: Sock, b: Sock) {
        for end in self.ends_between(a, b) {
            if self.wires[end.wire].ends.iter().all(EndState::is_at_rest) {
                self.cut_wire(end.wire);
            }
        }
    }

    /// From now on nothing arrives at `to` from `from`, on the connections that there are, or all does again.
    pub(crate) fn hold(&mut self, from: Sock, to: Sock, held: bool) {
        for end in self.ends_between(from, to) {
            self.state(end).held = held;
        }
    }

    /// Tells `from` how many octets more its connections to `to` can take.
    pub(crate) fn credit(&mut self, from: Sock, to: Sock, octets: usize) {
        for end in self.ends_between(to, from) {
            if let Owner::Engine(_, peer) = self.state(end).owner {
                self.with(from, |engine, _| engine.handle_writable(peer, octets));
            }
        }
    }

    /// Runs until nothing is to be done at this time.
    pub(crate) fn run(&mut self) {
        for _ in 0..MAX_STEPS {
            if !self.step() {
                return;
            }
        }
        panic!("a livelock: the network does not come to rest");
    }

    /// Lets time pass, and everything happen that is due meanwhile.
    pub(crate) fn advance(&mut self, duration: Duration) {
        let target = self.now + duration;
        loop {
            self.run();
            match self.next_due() {
                Some(due) if due <= target => self.now = due,
                _ => break,
            }
        }
        self.now = target;
        self.run();
    }

    /// Lets time pass in which nothing runs: a machine that slept, a page that was frozen.
    pub(crate) fn jump(&mut self, duration: Duration) {
        self.now = self.now + duration;
        self.run();
    }

    /// When something is due next.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let wakes = self.nodes.iter().filter_map(|node| node.wake);
        let ends = self.wires.iter().flat_map(|wire| &wire.ends);
        let arrivals = ends.filter(|end| end.is_reading()).filter_map(|end| Some(end.inbox.front()?.0));
        wakes.chain(arrivals).min()
    }

    /// The ends at `to` of the connections that it has with `from`.
    pub(crate) fn ends_between(&self, from: Sock, to: Sock) -> Vec<End> {
        let owner = |end: End| match self.wires[end.wire].ends[end.side].owner {
            Owner::Engine(sock, _) => Some(sock),
            Owner::Raw => None,
        };
        let of_from = |end: &End| owner(end.other()) == Some(from);
        self.nodes[to.0].ends.values().copied().filter(of_from).collect()
    }
}
