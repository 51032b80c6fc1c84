//! The class that JavaScript's `Socket` is made around: its calls, turned into the engine's.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::context::ContextCore;
use super::driver::{Shared, pairs};
use super::host::Uint8Array;
use super::payload::JsPayload;
use super::{host, inproc};
use crate::SendError;
use crate::arena::PeerId;
use crate::endpoint::Endpoint;
use crate::engine::Engine;
use crate::error::{ApiMisuse, CloseReason, Error, Misbehaviour};
use crate::message::{Frame, Message, Parts};
use crate::options::{OptionValue, SocketOption};
use crate::socket_type::SocketType;
use crate::wire::zws;

/// What the JavaScript class `Socket` is made around.
#[wasm_bindgen]
pub struct SocketCore {
    shared: Rc<Shared>,
    /// The parts of the message that is being handed over for sending.
    building: RefCell<Message<JsPayload>>,
    /// The rest of the message that is being handed over as received.
    taking: RefCell<Option<Parts<JsPayload>>>,
    failure: Cell<Option<Error>>,
}

/// What `send` and `recv` give in place of a number that is not negative.
const WOULD_BLOCK: i32 = -1;
const REPLY_PENDING: i32 = -2;
const FAILED: i32 = -3;

#[wasm_bindgen]
impl SocketCore {
    /// A socket of the type with libzmq's number. JavaScript knows it by `id`.
    #[wasm_bindgen(constructor)]
    pub fn new(context: &ContextCore, socket_type: i32, id: u32, seed: f64) -> Result<SocketCore, JsValue> {
        let Some(socket_type) = SocketType::from_number(socket_type) else {
            return Err(to_js(ApiMisuse::InvalidArgument("there is no such type of socket").into()));
        };
        let mut engine = Engine::new(socket_type, context.defaults(), seed.to_bits());
        match host::piece_limit() {
            0 => {}
            limit => engine.limit_frames(limit as usize),
        }
        Ok(Self {
            shared: Rc::new(Shared::new(id, engine, context.names())),
            building: RefCell::default(),
            taking: RefCell::default(),
            failure: Cell::default(),
        })
    }

    /// Sets an option to a number.
    #[wasm_bindgen(js_name = setNumber)]
    pub fn set_number(&self, option: i32, value: f64) -> Result<(), JsValue> {
        let value = OptionValue::Int(value as i64);
        self.set(option, &value)
    }

    /// Sets an option to octets.
    #[wasm_bindgen(js_name = setBytes)]
    pub fn set_bytes(&self, option: i32, value: Vec<u8>) -> Result<(), JsValue> {
        self.set(option, &OptionValue::Bytes(value))
    }

    /// Reads an option: a number, or a `Uint8Array`.
    pub fn get(&self, option: i32) -> Result<JsValue, JsValue> {
        let option = known(option).map_err(to_js)?;
        match self.shared.engine.borrow().option(option).map_err(to_js)? {
            OptionValue::Int(value) => Ok(JsValue::from_f64(value as f64)),
            OptionValue::Bytes(octets) => Ok(Uint8Array::new(&octets).into()),
        }
    }

    /// Subscribes, or takes a subscription back.
    pub fn subscribe(&self, topic: &[u8], on: bool) -> Result<(), JsValue> {
        self.shared.engine.borrow_mut().subscribe(topic, on).map_err(to_js)?;
        self.shared.pump();
        Ok(())
    }

    /// Connects. `protocols` are offered in place of ours; `headers` go where the runtime can send them.
    pub fn connect(&self, text: &str, protocols: JsValue, headers: JsValue) -> Result<(), JsValue> {
        let endpoint: Endpoint = text.parse().map_err(misuse_to_js)?;
        if matches!(endpoint, Endpoint::Tcp(_) | Endpoint::Ipc(_)) {
            let supported = "this runtime connects to ws://, wss:// and inproc://";
            return Err(misuse_to_js(ApiMisuse::UnsupportedScheme { endpoint: text.to_owned(), supported }));
        }
        let now = self.shared.now();
        let dialer = self.shared.engine.borrow_mut().connect(endpoint, text, now).map_err(to_js)?;
        self.shared.add_extras(dialer, protocols, headers);
        self.shared.pump();
        Ok(())
    }

    /// Gives up an endpoint that was connected to.
    pub fn disconnect(&self, text: &str) -> Result<(), JsValue> {
        text.parse::<Endpoint>().map_err(misuse_to_js)?;
        let now = self.shared.now();
        self.shared.engine.borrow_mut().disconnect(text, now).map_err(to_js)?;
        self.shared.pump();
        Ok(())
    }

    /// Binds, and gives the endpoint in full.
    pub fn bind(&self, text: &str) -> Result<String, JsValue> {
        match text.parse().map_err(misuse_to_js)? {
            Endpoint::Inproc(name) => inproc::bind(&self.shared, &name).map_err(to_js),
            _ => {
                let supported = "this runtime binds inproc:// only";
                Err(misuse_to_js(ApiMisuse::UnsupportedScheme { endpoint: text.to_owned(), supported }))
            }
        }
    }

    /// Gives up an endpoint that was bound.
    pub fn unbind(&self, text: &str) -> Result<(), JsValue> {
        let listener = match text.parse().map_err(misuse_to_js)? {
            Endpoint::Inproc(name) => inproc::unbind(&self.shared, &name),
            _ => None,
        };
        let Some(listener) = listener else {
            return Err(misuse_to_js(ApiMisuse::UnknownEndpoint(text.to_owned())));
        };
        let now = self.shared.now();
        self.shared.engine.borrow_mut().unbind(listener, now);
        self.shared.pump();
        Ok(())
    }

    /// Adds a part to the message that [`send`](Self::send) will complete.
    pub fn part(&self, body: u32, len: u32) {
        self.building.borrow_mut().push(JsPayload::from_raw(body, len));
    }

    /// Sends the parts added so far and this last one. 0, or a negative number that says why not; the
    /// references are given back in either case.
    pub fn send(&self, body: u32, len: u32) -> i32 {
        let mut message = self.building.take();
        message.push(JsPayload::from_raw(body, len));
        let sent = self.shared.engine.borrow_mut().send(message);
        match sent {
            Ok(()) => {
                self.shared.pump();
                0
            }
            Err(SendError { error, .. }) => self.refuse(error),
        }
    }

    /// Takes the first part of the next message: twice its body's number, and one more when parts follow,
    /// which [`next_part`](Self::next_part) gives. Or a negative number that says why not.
    pub fn recv(&self) -> i32 {
        let received = self.shared.engine.borrow_mut().recv();
        match received {
            Ok(None) => WOULD_BLOCK,
            Err(error) => self.refuse(error),
            Ok(Some(message)) => {
                self.shared.pump();
                self.hand_over(message.into_iter())
            }
        }
    }

    /// Takes the next part of the message that [`recv`](Self::recv) began.
    #[wasm_bindgen(js_name = nextPart)]
    pub fn next_part(&self) -> i32 {
        match self.taking.take() {
            Some(parts) => self.hand_over(parts),
            None => WOULD_BLOCK,
        }
    }

    /// The error behind the last negative number that was neither of the two for waiting.
    #[wasm_bindgen(js_name = takeError)]
    pub fn take_error(&self) -> JsValue {
        self.failure.take().map_or(JsValue::UNDEFINED, to_js)
    }

    /// POLLIN and POLLOUT, as they are now.
    pub fn events(&self) -> u8 {
        let engine = self.shared.engine.borrow();
        u8::from(engine.can_recv()) | u8::from(engine.can_send()) << 1
    }

    /// The metadata of the peer that sent the last message: names and values in turn.
    #[wasm_bindgen(js_name = lastPeer)]
    pub fn last_peer(&self) -> Option<JsValue> {
        let engine = self.shared.engine.borrow();
        let info = engine.last_peer()?;
        let pairs = pairs(info.properties.iter());
        pairs.push("Peer-Address");
        pairs.push(&info.address);
        Some(pairs.into())
    }

    /// A WebSocket is open and can take `credit` octets. Gives the peer's number, or -1 when the WebSocket is
    /// not wanted.
    pub fn opened(&self, link: u32, credit: u32) -> f64 {
        self.shared.opened(link, credit).map_or(-1.0, |peer| peer.to_raw().into())
    }

    /// A WebSocket could not be opened.
    #[wasm_bindgen(js_name = dialFailed)]
    pub fn dial_failed(&self, link: u32, reason: String) {
        self.shared.dial_failed(link, reason);
    }

    /// A frame came by a WebSocket.
    pub fn frame(&self, peer: u32, flag: u8, body: u32, len: u32) {
        let peer = PeerId::from_raw(peer);
        let body = JsPayload::from_raw(body, len);
        match zws::parse_flag(flag) {
            Ok(flag) => self.shared.receive(peer, Frame::new(flag, body)),
            Err(reason) => self.shared.abort(peer, reason),
        }
    }

    /// A WebSocket message came that is no frame: empty, or text.
    #[wasm_bindgen(js_name = badFrame)]
    pub fn bad_frame(&self, peer: u32, is_text: bool) {
        let reason = if is_text { Misbehaviour::TextFrame } else { Misbehaviour::EmptyFrame };
        self.shared.abort(PeerId::from_raw(peer), reason);
    }

    /// A WebSocket can take so many more octets.
    pub fn writable(&self, peer: u32, credit: u32) {
        self.shared.engine.borrow_mut().handle_writable(PeerId::from_raw(peer), credit as usize);
        self.shared.pump();
        self.shared.wake();
    }

    /// A WebSocket was closed.
    pub fn lost(&self, peer: u32, reason: String) {
        let (peer, now) = (PeerId::from_raw(peer), self.shared.now());
        self.shared.drop_target(peer);
        self.shared.engine.borrow_mut().handle_disconnected(peer, CloseReason::Remote(reason), now);
        self.shared.pump();
        self.shared.wake();
    }

    /// The timer has run out.
    pub fn timeout(&self) {
        self.shared.timeout();
    }

    /// Closes the socket. What is queued has `linger` milliseconds; without a number, what LINGER says.
    pub fn close(&self, linger: Option<i32>) -> Result<(), JsValue> {
        if let Some(linger) = linger {
            self.set(SocketOption::Linger as i32, &linger.into())?;
        }
        let now = self.shared.now();
        inproc::forget(&self.shared);
        {
            let mut engine = self.shared.engine.borrow_mut();
            let linger = engine.options().linger();
            engine.close(linger, now);
        }
        self.shared.pump();
        Ok(())
    }
}

impl SocketCore {
    fn set(&self, option: i32, value: &OptionValue) -> Result<(), JsValue> {
        let option = known(option).map_err(to_js)?;
        self.shared.engine.borrow_mut().set_option_named(option, "", value).map_err(to_js)?;
        self.shared.pump();
        Ok(())
    }

    fn refuse(&self, error: Error) -> i32 {
        match error {
            Error::WouldBlock => WOULD_BLOCK,
            Error::ReplyPending => REPLY_PENDING,
            error => {
                self.failure.set(Some(error));
                FAILED
            }
        }
    }

    fn hand_over(&self, mut parts: Parts<JsPayload>) -> i32 {
        let body = parts.next().expect("a message has at least one part").into_raw();
        let more = parts.len() > 0;
        if more {
            self.taking.replace(Some(parts));
        }
        (body as i32) << 1 | i32::from(more)
    }
}

pub(super) fn known(option: i32) -> Result<SocketOption, Error> {
    SocketOption::from_number(option)
        .ok_or_else(|| ApiMisuse::InvalidOption { option, reason: "there is no such option" }.into())
}

fn to_js(error: Error) -> JsValue {
    host::error_to_js(&error)
}

fn misuse_to_js(misuse: ApiMisuse) -> JsValue {
    to_js(misuse.into())
}
