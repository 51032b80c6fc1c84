//! What carries out a socket's outputs: by WebSockets, by inproc, by timers.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use wasm_bindgen::prelude::*;

use super::host::{Array, Uint8Array, WebSocket};
use super::inproc::Names;
use super::payload::JsPayload;
use super::{host, inproc};
use crate::arena::{DialerId, PeerId};
use crate::endpoint::Endpoint;
use crate::engine::{Engine, Event, EventValue, Flow, Heartbeat, Output, Protocol, Role, Transport};
use crate::error::Misbehaviour;
use crate::message::Frame;
use crate::time::Instant;
use crate::wire::command::readable;
use crate::wire::zws;

/// A socket: its engine, and where its peers are.
pub(super) struct Shared {
    id: u32,
    pub(super) engine: RefCell<Engine<JsPayload>>,
    pub(super) names: Rc<RefCell<Names>>,
    targets: RefCell<Vec<(PeerId, Target)>>,
    dials: RefCell<Vec<Dial>>,
    /// What `connect` was given beside an endpoint.
    extras: RefCell<Vec<(DialerId, Extras)>>,
    /// When the timer is set to.
    wake: Cell<Option<Instant>>,
}

/// Where a peer's frames go.
#[derive(Clone)]
pub(super) enum Target {
    /// By the WebSocket of this number.
    Link(u32),
    /// To a socket of this context.
    Inproc(Weak<Shared>, PeerId),
}

/// A WebSocket that is being opened, and the number that JavaScript knows it by.
struct Dial {
    dialer: DialerId,
    link: u32,
    socket: WebSocket,
}

thread_local! {
    static NEXT_LINK: Cell<u32> = const { Cell::new(0) };
}

/// Beside the endpoint: sub-protocols to offer in place of ours, and headers where a runtime can send some.
struct Extras {
    protocols: JsValue,
    headers: JsValue,
}

impl Shared {
    pub(super) fn new(id: u32, engine: Engine<JsPayload>, names: Rc<RefCell<Names>>) -> Self {
        Self {
            id,
            engine: RefCell::new(engine),
            names,
            targets: RefCell::default(),
            dials: RefCell::default(),
            extras: RefCell::default(),
            wake: Cell::default(),
        }
    }

    pub(super) fn add_extras(&self, dialer: DialerId, protocols: JsValue, headers: JsValue) {
        if !protocols.is_undefined() || !headers.is_undefined() {
            self.extras.borrow_mut().push((dialer, Extras { protocols, headers }));
        }
    }

    pub(super) fn now(&self) -> Instant {
        Instant::from_micros((host::now() * 1000.0) as u64)
    }

    pub(super) fn set_target(&self, peer: PeerId, target: Target) {
        self.targets.borrow_mut().push((peer, target));
    }

    pub(super) fn drop_target(&self, peer: PeerId) -> Option<Target> {
        let mut targets = self.targets.borrow_mut();
        let at = targets.iter().position(|(known, _)| *known == peer)?;
        Some(targets.swap_remove(at).1)
    }

    fn target(&self, peer: PeerId) -> Option<Target> {
        let targets = self.targets.borrow();
        targets.iter().find(|(known, _)| *known == peer).map(|(_, target)| target.clone())
    }

    /// Lets pending calls look whether they can go on.
    pub(super) fn wake(&self) {
        host::ready(self.id);
    }

    pub(super) fn receive(self: &Rc<Self>, peer: PeerId, frame: Frame<JsPayload>) {
        let now = self.now();
        let flow = self.engine.borrow_mut().handle_frame(peer, frame, now);
        // A WebSocket can't be told to wait; another socket of this context can.
        if flow == Flow::Pause
            && let Some(Target::Inproc(other, there)) = self.target(peer)
            && let Some(other) = other.upgrade()
        {
            other.engine.borrow_mut().handle_writable(there, 0);
        }
        self.pump();
        self.wake();
    }

    /// The timer has run out.
    pub(super) fn timeout(self: &Rc<Self>) {
        let now = self.now();
        self.wake.set(None);
        self.engine.borrow_mut().handle_timeout(now);
        self.pump();
        self.wake();
    }

    /// A WebSocket that `dial` asked for is open.
    pub(super) fn opened(self: &Rc<Self>, link: u32, credit: u32) -> Option<PeerId> {
        let Dial { dialer, socket, .. } = self.take_dial(|dial| dial.link == link)?;
        let (protocol, now) = (socket.protocol(), self.now());
        let Some(dialect) = zws::dialect(&protocol) else {
            host::shut(link);
            let reason = format!(
                "the server chose the WebSocket sub-protocol \"{protocol}\", which is none of ZeroMQ's (ZWS2.0)"
            );
            self.engine.borrow_mut().handle_dial_failed(dialer, reason, now);
            self.pump();
            return None;
        };
        let is_ours = zws::is_ours(&protocol);
        let frame_limit = (!is_ours).then(|| host::piece_limit() as usize).filter(|&limit| limit > 0);
        if frame_limit.is_some() {
            host::keep_whole(link);
        }
        let transport = Transport {
            protocol: Protocol::Zws(dialect),
            // JavaScript can't send WebSocket PINGs, and only our own listeners answer PING commands.
            heartbeat: if is_ours { Heartbeat::Command } else { Heartbeat::None },
            frame_limit,
            address: socket.url(),
        };
        let peer = self.engine.borrow_mut().handle_connected(Role::Connecting(dialer), transport, now);
        let Some(peer) = peer else {
            host::shut(link);
            return None;
        };
        self.set_target(peer, Target::Link(link));
        self.engine.borrow_mut().handle_writable(peer, credit as usize);
        self.pump();
        self.wake();
        Some(peer)
    }

    /// A WebSocket that `dial` asked for could not be opened.
    pub(super) fn dial_failed(self: &Rc<Self>, link: u32, reason: String) {
        if let Some(dial) = self.take_dial(|dial| dial.link == link) {
            let now = self.now();
            self.engine.borrow_mut().handle_dial_failed(dial.dialer, reason, now);
            self.pump();
        }
    }

    /// A peer broke the rules in a way that only the shell sees.
    pub(super) fn abort(self: &Rc<Self>, peer: PeerId, reason: Misbehaviour) {
        let now = self.now();
        if let Some(target) = self.drop_target(peer) {
            hang_up(&target);
        }
        self.engine.borrow_mut().handle_disconnected(peer, reason.into(), now);
        self.pump();
        self.wake();
    }

    /// Carries out what the engine says until it is idle. Calls may come back here by way of inproc peers
    /// and JavaScript; each takes the next output, so the order holds.
    pub(super) fn pump(self: &Rc<Self>) {
        loop {
            let output = self.engine.borrow_mut().poll_output();
            match output {
                Output::Transmit { peer, frame } => self.transmit(peer, frame),
                Output::Resume { peer } => self.resume(peer),
                // Heartbeat::Transport is never asked for here.
                Output::Ping { .. } => {}
                Output::Close { peer, .. } => {
                    if let Some(target) = self.drop_target(peer) {
                        hang_up(&target);
                    }
                }
                Output::Dial { dialer, endpoint } => self.dial(dialer, endpoint),
                Output::CancelDial { dialer } => self.cancel_dial(dialer),
                Output::Event(event) => self.emit(event),
                Output::Finished => host::finished(self.id),
                Output::Idle { wake } => return self.set_timer(wake),
            }
        }
    }

    fn transmit(&self, peer: PeerId, frame: Frame<JsPayload>) {
        match self.target(peer) {
            Some(Target::Link(link)) => {
                host::transmit(link, zws::flag_octet(frame.flag), frame.body.into_raw());
            }
            Some(Target::Inproc(other, there)) => {
                if let Some(other) = other.upgrade() {
                    other.receive(there, frame);
                }
            }
            None => {}
        }
    }

    fn resume(&self, peer: PeerId) {
        if let Some(Target::Inproc(other, there)) = self.target(peer)
            && let Some(other) = other.upgrade()
        {
            other.engine.borrow_mut().handle_writable(there, usize::MAX);
            other.pump();
            other.wake();
        }
    }

    fn dial(self: &Rc<Self>, dialer: DialerId, endpoint: Endpoint) {
        let url = match endpoint {
            Endpoint::Inproc(name) => return inproc::dial(self, dialer, &name),
            endpoint => endpoint.to_string(),
        };
        let (mut protocols, headers) = {
            let extras = self.extras.borrow();
            let found = extras.iter().find(|(known, _)| *known == dialer);
            found.map(|(_, extras)| (extras.protocols.clone(), extras.headers.clone())).unwrap_or_default()
        };
        if protocols.is_undefined() {
            let ours = Array::new();
            for name in zws::BROWSER_OFFER {
                ours.push(name);
            }
            protocols = ours.into();
        }
        let link = NEXT_LINK.replace(NEXT_LINK.get().wrapping_add(1));
        match host::open(self.id, link, &url, &protocols, &headers) {
            Ok(socket) => self.dials.borrow_mut().push(Dial { dialer, link, socket }),
            Err(error) => {
                let now = self.now();
                self.engine.borrow_mut().handle_dial_failed(dialer, host::describe(&error), now);
            }
        }
    }

    fn cancel_dial(self: &Rc<Self>, dialer: DialerId) {
        inproc::cancel(self, dialer);
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
        let value = match event.value {
            EventValue::Number(number) => JsValue::from_f64(number as f64),
            EventValue::Text(text) => JsValue::from_str(&text),
        };
        let (mut address, mut routing_id, mut properties) = (None, None, None);
        if let Some(peer) = event.peer {
            properties = Some(pairs(peer.properties.iter()));
            routing_id = Some(Uint8Array::new(&peer.routing_id));
            address = Some(peer.address);
        }
        let (number, name) = (event.kind.number(), event.kind.name());
        host::emit(self.id, number, name, value, &event.endpoint, address, routing_id, properties);
    }

    fn set_timer(&self, wake: Option<Instant>) {
        let Some(at) = wake.filter(|_| wake != self.wake.get()) else { return };
        self.wake.set(wake);
        host::set_timer(self.id, at.saturating_since(self.now()).as_secs_f64() * 1000.0);
    }
}

fn hang_up(target: &Target) {
    match target {
        Target::Link(link) => host::shut(*link),
        Target::Inproc(other, there) => inproc::hang_up(other, *there),
    }
}

/// Names and values in turn, as text.
pub(super) fn pairs<'a>(properties: impl Iterator<Item = (&'a str, &'a [u8])>) -> Array {
    let pairs = Array::new();
    for (name, value) in properties {
        pairs.push(name);
        pairs.push(&readable(value));
    }
    pairs
}
