//! One socket and all its peers as one state machine, without I/O and without a clock.

mod close;
mod dial;
mod event;
mod handshake;
#[cfg(feature = "security")]
mod judgement;
mod link;
mod notices;
mod output;
mod security;
mod settings;
mod timers;
mod traffic;
#[cfg(feature = "security")]
pub mod zap;

use core::fmt;
use std::collections::VecDeque;

pub use self::event::{Event, EventKind, EventValue, PeerInfo};
pub use self::link::{Heartbeat, Protocol, Role, Transport};
#[cfg(feature = "security")]
pub use self::output::Verdict;
pub use self::output::{Flow, Output};

use self::close::Closing;
use self::dial::{Dialer, Rng};
use self::link::{Link, Phase};
use self::timers::{Owner, Timers};
use crate::arena::{Arena, DialerId, ListenerId, PeerId, PipeId};
use crate::endpoint::Endpoint;
use crate::error::{CloseReason, Error, TransportError, TransportErrorKind};
use crate::message::Parts;
use crate::options::{HAS_SECURITY, Options, SocketOption};
use crate::pattern::{Action, Core, Pattern, pattern};
use crate::payload::Payload;
use crate::socket_type::SocketType;
use crate::time::{Instant, earliest};
use crate::wire::mechanism::Keeper;

/// One ZeroMQ socket.
///
/// It is told what happened (`handle_*`, `send`, `recv`, …) and says what to do. **The drain contract:**
/// after each call that takes `&mut self`, call [`poll_output`](Self::poll_output) and do what it says
/// until it gives [`Output::Idle`]; at the time that `Idle` names, call
/// [`handle_timeout`](Self::handle_timeout). Two engines joined by nothing but that:
///
/// ```
/// use bytes::Bytes;
/// use zmq_wasm::engine::{Engine, Heartbeat, Output, Protocol, Role, Transport};
/// use zmq_wasm::{Instant, Message, Options, PeerId, SocketType};
///
/// let now = Instant::default();
/// let inproc = || Transport {
///     protocol: Protocol::Inproc, heartbeat: Heartbeat::None, frame_limit: None, address: String::new(),
/// };
/// let mut push: Engine<Bytes> = Engine::new(SocketType::Push, Options::default(), 1);
/// let mut pull: Engine<Bytes> = Engine::new(SocketType::Pull, Options::default(), 2);
/// let listener = pull.listening("inproc://work".parse()?)?;
/// let dialer = push.connect("inproc://work".parse()?, "inproc://work", now)?;
/// while !matches!(push.poll_output(), Output::Dial { .. }) {}
/// let to_pull = push.handle_connected(Role::Connecting(dialer), inproc(), now).expect("it was asked for");
/// let to_push = pull.handle_connected(Role::Accepted(listener), inproc(), now).expect("it listens");
///
/// push.send(Message::from(Bytes::from_static(b"hello")))?;
/// // What every shell does: carry what one engine says to the other until both are idle.
/// while !carry(&mut push, &mut pull, to_push) | !carry(&mut pull, &mut push, to_pull) {}
/// fn carry(from: &mut Engine<Bytes>, to: &mut Engine<Bytes>, peer: PeerId) -> bool {
///     let mut idle = true;
///     loop {
///         match from.poll_output() {
///             Output::Transmit { frame, .. } => {
///                 to.handle_frame(peer, frame, Instant::default());
///                 idle = false;
///             }
///             Output::Idle { .. } => return idle,
///             _ => {}
///         }
///     }
/// }
/// assert_eq!(pull.recv()?, Some(Message::from(Bytes::from_static(b"hello"))));
/// # Ok::<(), zmq_wasm::Error>(())
/// ```
pub struct Engine<P> {
    core: Core<P>,
    pattern: Box<dyn Pattern<P>>,
    links: Arena<PeerId, Link<P>>,
    dialers: Arena<DialerId, Dialer>,
    listeners: Arena<ListenerId, Listener>,
    /// Peers that are gone while messages of theirs are still to be received.
    departed: Vec<(PipeId, PeerInfo)>,
    outputs: VecDeque<Output<P>>,
    /// The rest of a message that is being transmitted. Nothing comes between the parts of one.
    sending: Option<(PeerId, Parts<P>)>,
    closing: Closing,
    timers: Timers,
    rng: Rng,
    /// How many peers were told to stop.
    paused_peers: usize,
    /// Where the last message came from. Its pipe may be gone but for this.
    last_received: Option<PipeId>,
    last_endpoint: String,
    keeper: Keeper,
    /// How many connections are encrypted.
    ciphers: usize,
    /// The longest body that reaches every WebSocket peer in one piece, where that is not any.
    frame_limit: Option<usize>,
}

/// An endpoint that the socket is bound to, or was while connections that came by it are left.
struct Listener {
    text: String,
    is_open: bool,
}

impl<P: Payload> Engine<P> {
    /// A socket of this type. The seed makes its pauses and routing ids different from its neighbours'.
    pub fn new(socket_type: SocketType, mut options: Options, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let first_routing_id = rng.next() as u32;
        let topic = options.take(SocketOption::Subscribe).filter(|_| socket_type == SocketType::Sub);
        options.make_default_of(socket_type);
        let mut engine = Self {
            core: Core::new(socket_type, options, first_routing_id),
            pattern: pattern(socket_type),
            links: Arena::new(),
            dialers: Arena::new(),
            listeners: Arena::new(),
            departed: Vec::new(),
            outputs: VecDeque::new(),
            sending: None,
            closing: Closing::default(),
            timers: Timers::default(),
            rng,
            paused_peers: 0,
            last_received: None,
            last_endpoint: String::new(),
            keeper: Keeper::default(),
            ciphers: 0,
            frame_limit: None,
        };
        if let Some(topic) = topic {
            // One that is longer than publishers accept matches nothing.
            let _ = engine.subscribe(&topic, true);
        }
        engine
    }

    /// The socket's type.
    pub fn socket_type(&self) -> SocketType {
        self.core.socket_type
    }

    /// The shell can't be sure to send a longer body in one piece before it knows the peer.
    pub fn limit_frames(&mut self, limit: usize) {
        self.frame_limit = Some(limit);
    }

    /// The shell has bound this endpoint, its port filled in.
    pub fn listening(&mut self, endpoint: Endpoint) -> Result<ListenerId, Error> {
        self.check_keys(&endpoint)?;
        let text = endpoint.text();
        let id = self.adopting(&text)?;
        self.last_endpoint.clone_from(&text);
        self.event(EventKind::Listening, EventValue::Number(0), text);
        Ok(id)
    }

    /// The shell will let in connections that somebody else has accepted. The text stands for an endpoint in their events.
    pub fn adopting(&mut self, text: &str) -> Result<ListenerId, Error> {
        self.check_open()?;
        let listener = Listener { text: text.to_owned(), is_open: true };
        self.listeners.insert(listener).ok_or_else(|| too_many(text))
    }

    /// Something about an endpoint that only the shell knows, for the monitor.
    pub fn report(&mut self, kind: EventKind, endpoint: &str, reason: String) {
        self.event(kind, EventValue::Text(reason), endpoint.to_owned());
    }

    /// Anything was heard from a peer that is no frame: a WebSocket PONG.
    pub fn handle_activity(&mut self, peer: PeerId, now: Instant) {
        if let Some(link) = self.links.get_mut(peer) {
            link.clock.heard(now);
        }
    }

    /// The shell can take `credit` more octets for this peer. New connections take any number until told.
    pub fn handle_writable(&mut self, peer: PeerId, credit: usize) {
        let Some(link) = self.links.get_mut(peer) else { return };
        link.credit = isize::try_from(credit).unwrap_or(isize::MAX);
        if let Phase::Active(pipe) = link.phase {
            self.core.wake(pipe);
        }
    }

    /// A connection has ended, by the peer's doing or because of what the shell found on it.
    pub fn handle_disconnected(&mut self, peer: PeerId, reason: CloseReason, now: Instant) {
        self.lose(peer, reason, now);
    }

    /// The time that [`Output::Idle`] named has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(owner) = self.timers.pop_due(now) {
            match owner {
                Owner::Link(peer) => self.link_due(peer, now),
                Owner::Dialer(id) => self.dialer_due(id, now),
            }
        }
        self.linger_due(now);
        self.keeper.forget(now);
    }

    /// The next thing to do. Drain it to [`Output::Idle`] after every other call.
    pub fn poll_output(&mut self) -> Output<P> {
        if !self.is_drained()
            && let Some(output) =
                self.next_part().or_else(|| self.outputs.pop_front()).or_else(|| self.next_message())
        {
            return if HAS_SECURITY && self.ciphers > 0 { self.seal(output) } else { output };
        }
        self.sweep_closing();
        self.outputs.pop_front().unwrap_or_else(|| {
            let wake = earliest(self.timers.next(), self.closing.deadline());
            Output::Idle { wake: earliest(wake, self.keeper.deadline()) }
        })
    }

    /// Whether [`poll_output`](Self::poll_output) has nothing to say but [`Output::Idle`]. It saves a shell the
    /// draining after each of many calls, such as `recv`, that rarely ask for anything.
    #[inline]
    pub fn is_drained(&self) -> bool {
        self.sending.is_none() && self.outputs.is_empty() && self.core.ready.is_empty()
    }

    /// What is known of the peer that the last message came from.
    pub fn last_peer(&self) -> Option<&PeerInfo> {
        let id = self.last_received?;
        match self.core.pipes.get(id)?.link {
            Some(peer) => self.links.get(peer).map(|link| &link.info),
            None => self.departed.iter().find(|(pipe, _)| *pipe == id).map(|(_, info)| info),
        }
    }

    fn watch_link(&mut self, peer: PeerId) {
        if let Some(link) = self.links.get_mut(peer) {
            self.timers.schedule(link.clock.deadline(), Owner::Link(peer), &mut link.promised);
        }
    }

    /// Does what the pattern asked for.
    #[inline]
    fn run_actions(&mut self, now: Instant) {
        if !self.core.actions.is_empty() {
            self.run_some_actions(now);
        }
    }

    fn run_some_actions(&mut self, now: Instant) {
        while let Some(action) = self.core.actions.pop_front() {
            match action {
                Action::Subscription { topic, on } => {
                    for peer in self.links.keys_where(&|link| matches!(link.phase, Phase::Active(_))) {
                        self.send_subscription(peer, topic.clone(), on);
                    }
                }
                Action::Taken(pipe) => {
                    self.resume(pipe);
                    self.reap(pipe);
                }
                Action::Close(pipe, why) => {
                    if let Some(peer) = self.core.pipes.get(pipe).and_then(|pipe| pipe.link) {
                        if let Some(link) = self.links.get_mut(peer) {
                            link.is_welcome = false;
                        }
                        self.fail(peer, CloseReason::Refused(why), now);
                    }
                }
            }
        }
    }

    fn check_open(&self) -> Result<(), Error> {
        if self.is_open() { Ok(()) } else { Err(Error::Closed) }
    }

    fn event(&mut self, kind: EventKind, value: EventValue, endpoint: String) {
        self.outputs.push_back(Output::Event(Event {
            kind,
            value,
            #[cfg(feature = "security")]
            code: 0,
            endpoint,
            peer: None,
        }));
    }

    fn event_of_peer(&mut self, kind: EventKind, value: EventValue, endpoint: String, peer: PeerInfo) {
        self.outputs.push_back(Output::Event(Event {
            kind,
            value,
            #[cfg(feature = "security")]
            code: 0,
            endpoint,
            peer: Some(peer),
        }));
    }

    /// The endpoint of a connection, as it was given for `connect` or bound.
    pub(crate) fn endpoint_of(&self, role: Role) -> String {
        let known = match role {
            Role::Connecting(id) => self.dialers.get(id).map(|dialer| &dialer.text),
            Role::Accepted(id) => self.listeners.get(id).map(|listener| &listener.text),
        };
        known.cloned().unwrap_or_default()
    }
}

impl<P> fmt::Debug for Engine<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Engine({})", self.core.socket_type.name())
    }
}

/// Bit of EVENTS: a message can be received.
pub const POLLIN: i32 = 1;

/// Bit of EVENTS: a message can be sent.
pub const POLLOUT: i32 = 2;

fn too_many(endpoint: &str) -> Error {
    Error::Transport(TransportError {
        kind: TransportErrorKind::TooMany,
        endpoint: endpoint.to_owned(),
        reason: "this socket has too many endpoints".to_owned(),
    })
}
