//! Links that carry octets, and ZMTP's greeting and framing in them. The octets stay in JavaScript, as a body for each chunk
//! that came: headers are read out of it, and a frame's body is a view on it.

mod input;
pub mod websockets;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use bytes::BytesMut;
use wasm_bindgen::prelude::*;

use self::input::Input;
use super::driver::{Shared, Target, find};
use super::host;
use super::payload::JsPayload;
use crate::arena::{ListenerId, PeerId};
use crate::engine::{Flow, Heartbeat, Protocol, Role, Transport};
use crate::error::CloseReason;
use crate::message::{Flag, Frame};
use crate::payload::Payload;
use crate::time::Instant;
use crate::wire::zmtp::Codec;

#[wasm_bindgen(module = "/src/web/js/server/chunks.js")]
extern "C" {
    /// Sends a body behind the first `size` octets of the twelve that these numbers make, and gives the reference back.
    /// Tells whether the peer has yet to take what was sent before.
    fn write(link: u32, size: u32, first: u32, second: u32, third: u32, body: u32) -> bool;

    /// Closes a link when all that was handed over is sent, for which it has so many milliseconds (-1: any number).
    fn finish(link: u32, patience: f64);
}

/// There are WebSockets that send PINGs.
pub(super) const CAN_PING: bool = true;

/// The most octets of answers to PINGs that wait for a peer who goes on asking but does not read.
const MAX_ANSWERS: usize = 1 << 20;

/// A link that carries octets.
#[derive(Clone)]
pub(super) struct Stream(Rc<Wire>);

struct Wire {
    link: u32,
    /// Octets of answers to PINGs that are on their way.
    answers: Cell<usize>,
    input: RefCell<Input>,
}

/// A byte stream that was dialled is open. The text is the peer's address. Gives the peer's number, or -1, which is no peer's,
/// when the link is not wanted and was shut.
#[wasm_bindgen(js_name = streamOpened)]
pub fn stream_opened(socket: u32, link: u32, body: u32, len: u32) -> i32 {
    start(socket, link, JsPayload::from_raw(body, len), |socket| socket.dialled(link))
}

/// The same of one that a listener has let in.
#[wasm_bindgen(js_name = streamAccepted)]
pub fn stream_accepted(socket: u32, link: u32, listener: u32, body: u32, len: u32) -> i32 {
    let role = Role::Accepted(ListenerId::from_raw(listener));
    start(socket, link, JsPayload::from_raw(body, len), |_| Some(role))
}

fn start(socket: u32, link: u32, address: JsPayload, role: impl FnOnce(&Shared) -> Option<Role>) -> i32 {
    let peer = find(socket).and_then(|socket| {
        let role = role(&socket)?;
        let address = String::from_utf8(address.to_vec()).unwrap_or_default();
        Stream::start(&socket, role, link, address)
    });
    peer.map_or(-1, |peer| peer.to_raw() as i32)
}

/// Octets came.
#[wasm_bindgen(js_name = streamRead)]
pub fn stream_read(socket: u32, peer: u32, body: u32, len: u32) {
    let chunk = JsPayload::from_raw(body, len);
    let Some(socket) = find(socket) else { return };
    let peer = PeerId::from_raw(peer);
    if let Some(Target::Stream(stream)) = socket.target(peer) {
        stream.read(&socket, peer, chunk);
    }
}

/// No more octets will come, and why.
#[wasm_bindgen(js_name = streamEnded)]
pub fn stream_ended(socket: u32, peer: u32, body: u32, len: u32) {
    let reason = JsPayload::from_raw(body, len).to_vec();
    let Some(socket) = find(socket) else { return };
    let peer = PeerId::from_raw(peer);
    if let Some(Target::Stream(stream)) = socket.target(peer) {
        let reason = CloseReason::Remote(String::from_utf8(reason).unwrap_or_default());
        stream.0.input.borrow_mut().end = Some(reason);
        stream.go_on(&socket, peer);
    }
}

impl Stream {
    fn start(socket: &Shared, role: Role, link: u32, address: String) -> Option<PeerId> {
        let codec = {
            let engine = socket.engine.borrow();
            Codec::new(engine.socket_type(), engine.options())
        };
        let mut opening = BytesMut::new();
        codec.start(&mut opening);
        let stream =
            Self(Rc::new(Wire { link, answers: Cell::new(0), input: RefCell::new(Input::new(codec)) }));
        let transport =
            Transport { protocol: Protocol::Zmtp, heartbeat: Heartbeat::Command, frame_limit: None, address };
        let peer = socket.join(role, transport, link, stream.clone().into())?;
        stream.write_octets(&opening);
        Some(peer)
    }

    fn read(&self, socket: &Rc<Shared>, peer: PeerId, chunk: JsPayload) {
        let mut input = self.0.input.borrow_mut();
        input.chunks.push_back(chunk);
        if !input.is_paused {
            drop(input);
            self.go_on(socket, peer);
            socket.happened();
        } else if !input.is_held {
            // Only now: often there is room again before the next chunk comes.
            input.is_held = true;
            drop(input);
            host::pause(self.0.link, true);
        }
    }

    /// Decodes what came, until the engine wants no more.
    fn go_on(&self, socket: &Rc<Shared>, peer: PeerId) {
        let mut answer = BytesMut::new();
        let mut input = self.0.input.borrow_mut();
        if input.is_paused {
            return;
        }
        let decoded = input.decode(&socket.engine, peer, &mut answer, socket.now());
        let end = match decoded {
            Ok(flow) => {
                input.is_paused = flow == Flow::Pause;
                input.end.take_if(|_| flow == Flow::Continue)
            }
            Err(reason) => Some(reason),
        };
        drop(input);
        self.write_octets(&answer);
        if let Some(reason) = end {
            socket.lost(peer, reason);
        }
    }

    /// The engine is ready for more.
    pub(super) fn resume(&self, socket: &Rc<Shared>, peer: PeerId) {
        self.0.input.borrow_mut().is_paused = false;
        self.go_on(socket, peer);
        let mut input = self.0.input.borrow_mut();
        if input.is_held && !input.is_paused {
            input.is_held = false;
            drop(input);
            host::pause(self.0.link, false);
        }
    }

    /// Sends a frame. An error is the peer's fault.
    pub(super) fn transmit(&self, frame: Frame<JsPayload>) -> Result<(), CloseReason> {
        let Frame { flag, body } = frame;
        let answer = if is_answer(flag, &body) { body.len() } else { 0 };
        let mut octets = [0; 12];
        let mut room = &mut octets[..];
        Codec::encode_header(flag, body.len(), &mut room);
        let size = 12 - room.len();
        let waits = self.write(size, octets, body.into_raw());
        let answers = if waits { self.0.answers.get() + answer } else { 0 };
        self.0.answers.set(answers);
        if answers > MAX_ANSWERS {
            return Err(CloseReason::Refused("it asks for more PONGs than it reads"));
        }
        Ok(())
    }

    /// Ends the link, which the engine no longer knows. What is sent already may still go out, if nothing is wrong.
    pub(super) fn shut(&self, socket: &Shared, reason: &CloseReason) {
        let linger = socket.engine.borrow().options().linger();
        let patience = match socket.farewell.left(linger, socket.now()) {
            _ if !reason.is_graceful() => 0.0,
            Some(left) => left.as_secs_f64() * 1000.0,
            None => -1.0,
        };
        finish(self.0.link, patience);
    }

    fn write_octets(&self, octets: &[u8]) {
        if !octets.is_empty() {
            self.write(0, [0; 12], JsPayload::from_bytes(octets).into_raw());
        }
    }

    fn write(&self, size: usize, octets: [u8; 12], body: u32) -> bool {
        let (words, _) = octets.as_chunks::<4>();
        let [first, second, third] = [0, 1, 2].map(|at| u32::from_be_bytes(words[at]));
        write(self.0.link, size as u32, first, second, third, body)
    }
}

/// How long connections may go on sending that their socket has closed.
pub(super) struct Farewell(Cell<Option<Deadline>>);

/// `None` for never.
type Deadline = Option<Instant>;

impl Farewell {
    pub(super) fn new() -> Self {
        Self(Cell::new(None))
    }

    /// The socket is closed, and has so much time for all it has to send.
    pub(super) fn begin(&self, linger: Option<Duration>, now: Instant) {
        self.0.set(Some(linger.map(|linger| now + linger)));
    }

    /// What is left of it, or all of `linger` while the socket is open.
    fn left(&self, linger: Option<Duration>, now: Instant) -> Option<Duration> {
        match self.0.get() {
            Some(deadline) => deadline.map(|deadline| deadline.saturating_since(now)),
            None => linger,
        }
    }
}

/// Whether this is an answer to a PING.
fn is_answer(flag: Flag, body: &JsPayload) -> bool {
    let mut name = [0; 5];
    flag == Flag::Command && body.len() >= name.len() && {
        body.copy_to(0, &mut name);
        &name == b"\x04PONG"
    }
}
