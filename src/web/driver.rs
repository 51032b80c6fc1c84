//! What carries out a socket's outputs: by WebSockets, byte streams and inproc, by timers.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::payload::JsPayload;
use super::streams::{CAN_PING, Farewell, Stream};
#[cfg(feature = "security")]
use super::zap;
use super::{host, inproc};
use crate::arena::{DialerId, PeerId};
use crate::endpoint::Endpoint;
use crate::engine::{
    Engine, Event, EventValue, Flow, Heartbeat, Output, PeerInfo, Protocol, Role, Transport,
};
use crate::error::CloseReason;
use crate::message::{Frame, Message, Parts};
use crate::sorted::SortedMap;
use crate::text::concat;
use crate::time::{Clock, Instant};
use crate::wire::zws;

/// A socket: its engine, and where its peers are.
pub(super) struct Shared {
    pub(super) id: u32,
    pub(super) context: u32,
    pub(super) engine: RefCell<Engine<JsPayload>>,
    /// The parts of the message that is being handed over for sending.
    pub(super) building: RefCell<Message<JsPayload>>,
    /// The rest of the message that is being handed over as received.
    pub(super) taking: RefCell<Option<Parts<JsPayload>>>,
    targets: RefCell<Vec<(PeerId, Target)>>,
    dials: RefCell<Vec<Dial>>,
    /// What `connect` was given beside an endpoint, for the transport.
    options: RefCell<Vec<(DialerId, JsPayload)>>,
    /// When the timer is set to.
    wake: Cell<Option<Instant>>,
    /// How long what is on its way may take when the socket is closed.
    pub(super) farewell: Farewell,
    /// Whether it is one of ours that asks a handler of ZAP's, which JavaScript does not know.
    #[cfg(feature = "security")]
    is_asking: bool,
}

/// Where a peer's frames go.
#[derive(Clone)]
pub(super) enum Target {
    /// By the link of this number, frame by frame.
    Link(u32),
    /// By a link that carries octets.
    Stream(Stream),
    /// To a socket of this context, where it is known as this peer.
    Inproc(u32, PeerId),
}

/// A link that is being opened, and the number that JavaScript knows it by.
struct Dial {
    dialer: DialerId,
    link: u32,
}

impl From<Stream> for Target {
    fn from(stream: Stream) -> Self {
        Self::Stream(stream)
    }
}

thread_local! {
    static SOCKETS: RefCell<SortedMap<u32, Rc<Shared>>> = const { RefCell::new(SortedMap::new()) };
}

/// Enters a socket under its number.
pub(super) fn add(socket: Shared) {
    let socket = Rc::new(socket);
    SOCKETS.with_borrow_mut(|sockets| {
        sockets.get_or_insert_with::<u32>(socket.id, || socket);
    });
}

/// The socket of this number, until it is finished.
pub(super) fn find(id: u32) -> Option<Rc<Shared>> {
    SOCKETS.with_borrow(|sockets| sockets.get(&id).cloned())
}

impl Clock for &Shared {
    fn now(self) -> Instant {
        Shared::now(self)
    }
}

impl Shared {
    pub(super) fn new(id: u32, context: u32, engine: Engine<JsPayload>) -> Self {
        Self {
            id,
            context,
            engine: RefCell::new(engine),
            building: RefCell::default(),
            taking: RefCell::default(),
            targets: RefCell::default(),
            dials: RefCell::default(),
            options: RefCell::default(),
            wake: Cell::default(),
            farewell: Farewell::new(),
            #[cfg(feature = "security")]
            is_asking: false,
        }
    }

    #[cfg(feature = "security")]
    pub(super) fn asking(id: u32, context: u32, engine: Engine<JsPayload>) -> Self {
        Self { is_asking: true, ..Self::new(id, context, engine) }
    }

    /// Whether it has no connection.
    #[cfg(feature = "security")]
    pub(super) fn is_alone(&self) -> bool {
        self.targets.borrow().is_empty()
    }

    /// Keeps what `connect` was given for the next time that the dialer dials. The last word stands.
    pub(super) fn keep_options(&self, dialer: DialerId, given: JsPayload) {
        if given.is_nothing() {
            return;
        }
        let engine = self.engine.borrow();
        let mut options = self.options.borrow_mut();
        let is_past = |(known, _): &(DialerId, _)| *known == dialer || !engine.has_dialer(*known);
        while let Some(at) = options.iter().position(is_past) {
            options.swap_remove(at);
        }
        options.push((dialer, given));
    }

    fn options_of(&self, dialer: DialerId) -> u32 {
        let options = self.options.borrow();
        options.iter().find(|(known, _)| *known == dialer).map_or(0, |(_, given)| given.number())
    }

    pub(super) fn now(&self) -> Instant {
        Instant::from_micros((host::now() * 1000.0) as u64)
    }

    pub(super) fn set_target(&self, peer: PeerId, target: Target) {
        self.targets.borrow_mut().push((peer, target));
    }

    fn drop_target(&self, peer: PeerId) -> Option<Target> {
        let mut targets = self.targets.borrow_mut();
        let at = targets.iter().position(|(known, _)| *known == peer)?;
        Some(targets.swap_remove(at).1)
    }

    pub(super) fn target(&self, peer: PeerId) -> Option<Target> {
        let targets = self.targets.borrow();
        targets.iter().find(|(known, _)| *known == peer).map(|(_, target)| target.clone())
    }

    /// Something happened that no call of the socket's own did: carries it out, and lets pending calls look
    /// whether they can go on.
    pub(super) fn happened(self: &Rc<Self>) {
        self.pump();
        #[cfg(feature = "security")]
        if self.is_asking {
            return zap::heard(self);
        }
        host::ready(self.id);
    }

    pub(super) fn receive(self: &Rc<Self>, peer: PeerId, frame: Frame<JsPayload>) {
        let flow = self.engine.borrow_mut().handle_frame(peer, frame, &**self);
        if flow == Flow::Pause {
            match self.target(peer) {
                Some(Target::Link(link)) => host::pause(link, true),
                Some(Target::Inproc(other, there)) => {
                    if let Some(other) = find(other) {
                        other.engine.borrow_mut().handle_writable(there, 0);
                    }
                }
                // It takes its frames out of the octets itself.
                Some(Target::Stream(_)) | None => {}
            }
        }
        self.happened();
    }

    /// The timer has run out.
    pub(super) fn timeout(self: &Rc<Self>) {
        self.wake.set(None);
        self.engine.borrow_mut().handle_timeout(self.now());
        self.happened();
    }

    /// A connection can take so many more octets.
    pub(super) fn writable(self: &Rc<Self>, peer: PeerId, credit: usize) {
        self.engine.borrow_mut().handle_writable(peer, credit);
        self.happened();
    }

    /// A link that `dial` asked for is open.
    pub(super) fn opened(self: &Rc<Self>, link: u32, limit: usize, text: &str) -> Option<PeerId> {
        self.connected(self.dialled(link)?, link, limit, text)
    }

    /// What a link is to the engine that `dial` asked for, and that is open now.
    pub(super) fn dialled(&self, link: u32) -> Option<Role> {
        self.take_dial(|dial| dial.link == link).map(|dial| Role::Connecting(dial.dialer))
    }

    /// A link is open. The text is the protocol that it carries and, behind a space, the address.
    pub(super) fn connected(
        self: &Rc<Self>,
        role: Role,
        link: u32,
        limit: usize,
        text: &str,
    ) -> Option<PeerId> {
        let (name, address) =
            text.split_at(text.bytes().position(|octet| octet == b' ').unwrap_or(text.len()));
        let Some(dialect) = zws::dialect(name) else {
            host::shut(link);
            if let Role::Connecting(dialer) = role {
                let reason = [
                    "the server chose the WebSocket sub-protocol \"",
                    name,
                    "\", which is none of ZeroMQ's (ZWS2.0)",
                ];
                self.engine.borrow_mut().handle_dial_failed(dialer, concat(&reason), self.now());
                self.pump();
            }
            return None;
        };
        let transport = Transport {
            protocol: Protocol::Zws(dialect),
            heartbeat: heartbeat(link, name),
            frame_limit: Some(limit).filter(|&limit| limit > 0),
            address: address.get(1..).unwrap_or_default().to_owned(),
        };
        self.join(role, transport, link, Target::Link(link))
    }

    /// Gives an open link to the engine, or shuts it where that has no use for it.
    pub(super) fn join(&self, role: Role, transport: Transport, link: u32, target: Target) -> Option<PeerId> {
        let peer = self.engine.borrow_mut().handle_connected(role, transport, self.now());
        match peer {
            Some(peer) => self.set_target(peer, target),
            None => host::shut(link),
        }
        peer
    }

    /// A link that `dial` asked for could not be opened.
    pub(super) fn dial_failed(self: &Rc<Self>, link: u32, reason: String) {
        if let Some(dial) = self.take_dial(|dial| dial.link == link) {
            self.engine.borrow_mut().handle_dial_failed(dial.dialer, reason, self.now());
            self.pump();
        }
    }

    /// A connection has ended, or must: its peer broke the rules in a way that only the shell sees.
    pub(super) fn lost(self: &Rc<Self>, peer: PeerId, reason: CloseReason) {
        self.hang_up(peer, &reason);
        self.engine.borrow_mut().handle_disconnected(peer, reason, self.now());
        self.happened();
    }

    /// Carries out what the engine says until it is idle. Calls may come back here by way of inproc peers
    /// and JavaScript; each takes the next output, so the order holds.
    pub(super) fn pump(self: &Rc<Self>) {
        loop {
            let output = self.engine.borrow_mut().poll_output();
            match output {
                Output::Transmit { peer, frame } => self.transmit(peer, frame),
                Output::Resume { peer } => self.resume(peer),
                Output::Ping { peer } => self.ping(peer),
                Output::Close { peer, reason } => self.hang_up(peer, &reason),
                #[cfg(feature = "security")]
                Output::Judge { peer, address, credentials } => {
                    zap::judge(self, peer, &address, &credentials);
                }
                Output::Dial { dialer, endpoint } => self.dial(dialer, endpoint),
                Output::CancelDial { dialer } => self.cancel_dial(dialer),
                Output::Event(event) => self.emit(event),
                Output::Finished => {
                    SOCKETS.with_borrow_mut(|sockets| sockets.remove(&self.id));
                    host::finished(self.id);
                }
                Output::Idle { wake } => return self.set_timer(wake),
            }
        }
    }

    fn transmit(self: &Rc<Self>, peer: PeerId, frame: Frame<JsPayload>) {
        match self.target(peer) {
            Some(Target::Link(link)) => {
                host::transmit(link, zws::flag_octet(frame.flag), frame.body.into_raw());
            }
            Some(Target::Stream(stream)) => {
                if let Err(reason) = stream.transmit(frame) {
                    self.lost(peer, reason);
                }
            }
            Some(Target::Inproc(other, there)) => {
                if let Some(other) = find(other) {
                    other.receive(there, frame);
                }
            }
            None => {}
        }
    }

    fn resume(self: &Rc<Self>, peer: PeerId) {
        match self.target(peer) {
            Some(Target::Link(link)) => host::pause(link, false),
            Some(Target::Stream(stream)) => stream.resume(self, peer),
            Some(Target::Inproc(other, there)) => {
                if let Some(other) = find(other) {
                    other.writable(there, usize::MAX);
                }
            }
            None => {}
        }
    }

    fn ping(&self, peer: PeerId) {
        if CAN_PING && let Some(Target::Link(link)) = self.target(peer) {
            host::ping(link);
        }
    }

    /// Ends a connection, of which the engine knows.
    fn hang_up(&self, peer: PeerId, reason: &CloseReason) {
        #[cfg(feature = "security")]
        zap::forget(self.id, peer);
        match self.drop_target(peer) {
            Some(Target::Link(link)) => host::shut(link),
            Some(Target::Stream(stream)) => stream.shut(self, reason),
            Some(Target::Inproc(other, there)) => {
                if let Some(other) = find(other) {
                    other.drop_target(there);
                    other.lost(there, CloseReason::Remote("the peer closed the connection".to_owned()));
                }
            }
            None => {}
        }
    }

    fn dial(self: &Rc<Self>, dialer: DialerId, endpoint: Endpoint) {
        let url = match endpoint {
            Endpoint::Inproc(name) => return inproc::dial(self, dialer, name),
            endpoint => endpoint.text(),
        };
        let options = self.options_of(dialer);
        host::say(url.as_bytes());
        let link = host::open(self.id, options);
        self.dials.borrow_mut().push(Dial { dialer, link });
    }

    fn cancel_dial(&self, dialer: DialerId) {
        inproc::cancel(self.id, dialer);
        if let Some(dial) = self.take_dial(|dial| dial.dialer == dialer) {
            host::shut(dial.link);
        }
    }

    fn take_dial(&self, is_it: impl Fn(&Dial) -> bool) -> Option<Dial> {
        let mut dials = self.dials.borrow_mut();
        let at = dials.iter().position(is_it)?;
        Some(dials.swap_remove(at))
    }

    fn emit(&self, event: Event) {
        host::say(event.endpoint.as_bytes());
        let value = match event.value {
            EventValue::Number(number) => number as f64,
            EventValue::Text(text) => {
                host::say(text.as_bytes());
                f64::NAN
            }
        };
        if let Some(peer) = event.peer {
            host::say(peer.address.as_bytes());
            host::say(&peer.routing_id);
            say_properties(&peer);
        }
        host::emit(self.id, event.kind.number(), value);
    }

    fn set_timer(&self, wake: Option<Instant>) {
        if wake != self.wake.replace(wake) {
            let delay = wake.map(|at| at.saturating_since(self.now()).as_secs_f64() * 1000.0);
            host::set_timer(self.id, delay.unwrap_or(f64::INFINITY));
        }
    }
}

/// How a peer is asked for a sign of life: where its WebSocket can't, by commands, which our own peers answer.
fn heartbeat(link: u32, protocol: &str) -> Heartbeat {
    if CAN_PING && host::can_ping(link) {
        Heartbeat::Transport
    } else if zws::is_ours(protocol) {
        Heartbeat::Command
    } else {
        Heartbeat::None
    }
}

/// Names and values in turn.
pub(super) fn say_properties(peer: &PeerInfo) {
    for (name, value) in peer.properties.iter() {
        host::say(name.as_bytes());
        host::say(value);
    }
}
