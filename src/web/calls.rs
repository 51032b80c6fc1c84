//! What JavaScript calls: functions on a socket's number, turned into the engine's calls. Most of them go by one
//! that is exported, [`call`], as each exported one costs octets and microseconds of its own.
//!
//! Text and octets come as a body and its length. A call that failed has told so by `host::fail`; what it gives
//! means nothing then.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::driver::{Shared, say_properties};
use super::payload::JsPayload;
use super::{driver, host, inproc};
use crate::SendError;
use crate::arena::{ListenerId, PeerId};
use crate::endpoint::Endpoint;
use crate::engine::{Engine, Role};
use crate::error::{ApiMisuse, CloseReason, Error, Misbehaviour};
use crate::message::{Frame, Parts};
use crate::options::{OptionValue, Options, SocketOption};
use crate::payload::Payload;
use crate::socket_type::SocketType;
use crate::wire::zws;

/// What [`send`] and [`recv`] give in place of a number that is not negative.
const WOULD_BLOCK: i32 = -1;
const REPLY_PENDING: i32 = -2;
const FAILED: i32 = -3;

/// Does what has this number (`js/core.js` has their names) with a socket.
#[wasm_bindgen]
pub fn call(what: u32, socket: u32, a: u32, b: u32, c: u32, d: u32) -> i32 {
    match what {
        0 => return send(socket, a, b),
        1 => return recv(socket),
        2 => frame(socket, a, b, c, d),
        3 => part(socket, a, b),
        4 => return next_part(socket),
        5 => return events(socket),
        6 => writable(socket, a, b),
        7 => timeout(socket, a),
        8 => create(socket, a, b, c, d),
        9 => set_bytes(socket, a, b, c),
        10 => subscribe(socket, a, b, c),
        11 => return connect(socket, a, b, c),
        12 => disconnect(socket, a, b),
        13 => return bind(socket, a, b, c),
        14 => unbind(socket, a),
        15 => last_peer(socket),
        16 => return opened(socket, a, b, c, d),
        17 => dial_failed(socket, a, b, c),
        18 => bad_frame(socket, a, b),
        19 => lost(socket, a, b, c),
        20 => join(socket, a, b, c),
        21 => return accepted(socket, a, b, c, d),
        _ => close(socket),
    }
    0
}

/// Makes a socket of the type with libzmq's number. JavaScript chooses its number, which is none that was ever
/// chosen before, and that of its context, whose sockets find each other by inproc. A body of up to `limit` octets
/// surely reaches any peer in one piece (0: any).
pub fn create(id: u32, context: u32, socket_type: u32, seed: u32, limit: u32) {
    let Some(socket_type) = SocketType::from_number(socket_type as i32) else {
        return host::fail(&ApiMisuse::InvalidArgument("there is no such type of socket").into());
    };
    let mut engine = Engine::new(socket_type, Options::default(), seed.into());
    if limit > 0 {
        engine.limit_frames(limit as usize);
    }
    #[cfg(feature = "security")]
    engine.draw_from(super::security::draw);
    driver::add(Shared::new(id, context, engine));
}

/// Sets an option to a number.
#[wasm_bindgen(js_name = setNumber)]
pub fn set_number(socket: u32, option: u32, value: f64) {
    set(socket, option, OptionValue::Int(value as i64));
}

/// Sets an option to octets.
pub fn set_bytes(socket: u32, option: u32, body: u32, len: u32) {
    set(socket, option, OptionValue::Bytes(octets(body, len)));
}

/// Sets an option. A value for the socket 0, which there is not, is only checked.
fn set(socket: u32, option: u32, value: OptionValue) {
    if socket == 0 {
        let checked = known(option).and_then(|option| Ok(Options::default().set_named(option, "", &value)?));
        return checked.unwrap_or_else(|error| host::fail(&error));
    }
    with(socket, |socket| {
        socket.engine.borrow_mut().set_option_named(known(option)?, "", &value)?;
        socket.pump();
        Ok(())
    });
}

/// Reads an option: a number, or octets that are said.
#[wasm_bindgen]
pub fn get(socket: u32, option: u32) -> f64 {
    with(socket, |socket| match socket.engine.borrow().option(known(option)?)? {
        OptionValue::Int(value) => Ok(value as f64),
        OptionValue::Bytes(octets) => {
            host::say(&octets);
            Ok(0.0)
        }
    })
}

/// Subscribes, or takes a subscription back.
pub fn subscribe(socket: u32, body: u32, len: u32, on: u32) {
    with(socket, |socket| {
        socket.engine.borrow_mut().subscribe(&octets(body, len), on != 0)?;
        socket.pump();
        Ok(())
    });
}

/// Joins a group, or leaves it.
pub fn join(socket: u32, body: u32, len: u32, on: u32) {
    with(socket, |socket| {
        socket.engine.borrow_mut().join(&octets(body, len), on != 0)?;
        socket.pump();
        Ok(())
    });
}

/// Connects, and gives a PEER the number of who is there. What the endpoint does not tell, JavaScript has put where
/// bodies are, under the number `options`.
pub fn connect(socket: u32, body: u32, len: u32, options: u32) -> i32 {
    let options = JsPayload::from_raw(options, 0);
    with(socket, |socket| {
        let text = text(body, len);
        let endpoint: Endpoint = text.parse()?;
        let dialer = socket.engine.borrow_mut().connect(endpoint, &text, socket.now())?;
        socket.keep_options(dialer, options);
        let number = socket.engine.borrow().peer_number(dialer).unwrap_or_default();
        socket.pump();
        Ok(number as i32)
    })
}

/// Gives up an endpoint that was connected to.
pub fn disconnect(socket: u32, body: u32, len: u32) {
    with(socket, |socket| {
        let text = text(body, len);
        text.parse::<Endpoint>()?;
        socket.engine.borrow_mut().disconnect(&text, socket.now())?;
        socket.pump();
        Ok(())
    });
}

/// Binds inproc; any other endpoint is one that JavaScript has bound. Says the endpoint in full, and gives the
/// listener's number. `only_check` has it say no more than what is wrong with the endpoint.
pub fn bind(socket: u32, body: u32, len: u32, only_check: u32) -> i32 {
    with(socket, |socket| {
        let endpoint: Endpoint = text(body, len).parse()?;
        if only_check != 0 {
            return Ok(0);
        }
        let listener = match endpoint {
            Endpoint::Inproc(name) => inproc::bind(socket, name)?,
            endpoint => {
                let text = endpoint.text();
                let listener = socket.engine.borrow_mut().listening(endpoint)?;
                // What comes of it has words of its own to say.
                socket.pump();
                host::say(text.as_bytes());
                listener
            }
        };
        Ok(listener.to_raw() as i32)
    })
}

/// Gives up a listener.
pub fn unbind(socket: u32, listener: u32) {
    let Some(socket) = driver::find(socket) else { return };
    let listener = ListenerId::from_raw(listener);
    inproc::unbind(socket.id, listener);
    socket.engine.borrow_mut().unbind(listener, socket.now());
    socket.pump();
}

/// Adds a part to the message that [`send`] will complete.
pub fn part(socket: u32, body: u32, len: u32) {
    let part = JsPayload::from_raw(body, len);
    if let Some(socket) = driver::find(socket) {
        socket.building.borrow_mut().push(part);
    }
}

/// Sends the parts added so far and this last one. 0, or a negative number that says why not; the references are
/// given back in either case.
pub fn send(socket: u32, body: u32, len: u32) -> i32 {
    let last = JsPayload::from_raw(body, len);
    let Some(socket) = driver::find(socket) else { return refuse(&Error::Closed) };
    let mut message = socket.building.take();
    message.push(last);
    let sent = socket.engine.borrow_mut().send(message);
    match sent {
        Ok(()) => {
            socket.pump();
            0
        }
        Err(SendError { error, .. }) => refuse(&error),
    }
}

/// Takes the first part of the next message: twice its body's number, and one more when parts follow, which
/// [`next_part`] gives. Or a negative number that says why not.
pub fn recv(socket: u32) -> i32 {
    let Some(socket) = driver::find(socket) else { return refuse(&Error::Closed) };
    let received = socket.engine.borrow_mut().recv();
    match received {
        Ok(None) => WOULD_BLOCK,
        Err(error) => refuse(&error),
        Ok(Some(message)) => {
            socket.pump();
            hand_over(&socket, message.into_iter())
        }
    }
}

/// Takes the next part of the message that [`recv`] began.
pub fn next_part(socket: u32) -> i32 {
    let Some(socket) = driver::find(socket) else { return refuse(&Error::Closed) };
    match socket.taking.take() {
        Some(parts) => hand_over(&socket, parts),
        None => WOULD_BLOCK,
    }
}

/// POLLIN and POLLOUT, as they are now.
pub fn events(socket: u32) -> i32 {
    driver::find(socket).map_or(0, |socket| {
        let engine = socket.engine.borrow();
        i32::from(engine.can_recv()) | i32::from(engine.can_send()) << 1
    })
}

/// Says the metadata of the peer that sent the last message: names and values in turn.
pub fn last_peer(socket: u32) {
    let Some(socket) = driver::find(socket) else { return };
    if let Some(peer) = socket.engine.borrow().last_peer() {
        say_properties(peer);
        host::say(b"Peer-Address");
        host::say(peer.address.as_bytes());
    }
}

/// A link that was dialled is open. A body of up to `limit` octets surely reaches the peer in one piece (0: any). The
/// text is the sub-protocol that the server chose and, behind a space, the address. Gives the peer's number, or -1, which
/// is no peer's, when the link is not wanted and was shut.
pub fn opened(socket: u32, link: u32, limit: u32, body: u32, len: u32) -> i32 {
    let text = text(body, len);
    let peer = driver::find(socket).and_then(|socket| socket.opened(link, limit as usize, &text));
    peer.map_or(-1, |peer| peer.to_raw() as i32)
}

/// The same of a link that a listener has let in.
pub fn accepted(socket: u32, link: u32, listener: u32, body: u32, len: u32) -> i32 {
    let text = text(body, len);
    let role = Role::Accepted(ListenerId::from_raw(listener));
    let peer = driver::find(socket).and_then(|socket| socket.connected(role, link, 0, &text));
    peer.map_or(-1, |peer| peer.to_raw() as i32)
}

/// A WebSocket could not be opened.
pub fn dial_failed(socket: u32, link: u32, reason: u32, len: u32) {
    let reason = text(reason, len);
    if let Some(socket) = driver::find(socket) {
        socket.dial_failed(link, reason);
    }
}

/// A frame came by a WebSocket.
pub fn frame(socket: u32, peer: u32, flag: u32, body: u32, len: u32) {
    let body = JsPayload::from_raw(body, len);
    let Some(socket) = driver::find(socket) else { return };
    let peer = PeerId::from_raw(peer);
    match zws::parse_flag(flag as u8) {
        Ok(flag) => socket.receive(peer, Frame::new(flag, body)),
        Err(reason) => socket.lost(peer, reason.into()),
    }
}

/// A WebSocket message came that is no frame: empty, or text.
pub fn bad_frame(socket: u32, peer: u32, is_text: u32) {
    let reason = if is_text != 0 { Misbehaviour::TextFrame } else { Misbehaviour::EmptyFrame };
    if let Some(socket) = driver::find(socket) {
        socket.lost(PeerId::from_raw(peer), reason.into());
    }
}

/// A WebSocket can take so many more octets.
pub fn writable(socket: u32, peer: u32, credit: u32) {
    if let Some(socket) = driver::find(socket) {
        socket.writable(PeerId::from_raw(peer), credit as usize);
    }
}

/// A WebSocket was closed.
pub fn lost(socket: u32, peer: u32, reason: u32, len: u32) {
    let reason = text(reason, len);
    if let Some(socket) = driver::find(socket) {
        socket.lost(PeerId::from_raw(peer), CloseReason::Remote(reason));
    }
}

/// The timer has run out; or the network has come back, and what waits for a next try is to `redial` now.
pub fn timeout(socket: u32, redial: u32) {
    if let Some(socket) = driver::find(socket) {
        if redial != 0 {
            socket.engine.borrow_mut().redial(socket.now());
        }
        socket.timeout();
    }
}

/// Closes the socket. What is queued has as long as LINGER says.
pub fn close(socket: u32) {
    let Some(socket) = driver::find(socket) else { return };
    inproc::forget(socket.id);
    {
        let mut engine = socket.engine.borrow_mut();
        let (linger, now) = (engine.options().linger(), socket.now());
        socket.farewell.begin(linger, now);
        engine.close(linger, now);
    }
    socket.pump();
}

/// Does something with a socket that may fail.
pub(super) fn with<T: Default>(socket: u32, run: impl FnOnce(&Rc<Shared>) -> Result<T, Error>) -> T {
    driver::find(socket).ok_or(Error::Closed).and_then(|socket| run(&socket)).unwrap_or_else(|error| {
        host::fail(&error);
        T::default()
    })
}

fn refuse(error: &Error) -> i32 {
    match error {
        Error::WouldBlock => WOULD_BLOCK,
        Error::ReplyPending => REPLY_PENDING,
        error => {
            host::fail(error);
            FAILED
        }
    }
}

fn hand_over(socket: &Shared, mut parts: Parts<JsPayload>) -> i32 {
    let body = parts.next().expect("a message has at least one part").into_raw();
    let more = parts.len() > 0;
    if more {
        socket.taking.replace(Some(parts));
    }
    (body as i32) << 1 | i32::from(more)
}

fn known(option: u32) -> Result<SocketOption, Error> {
    let option = option as i32;
    SocketOption::from_number(option)
        .ok_or_else(|| ApiMisuse::InvalidOption { option, reason: "there is no such option" }.into())
}

fn octets(body: u32, len: u32) -> Vec<u8> {
    JsPayload::from_raw(body, len).to_vec()
}

/// What JavaScript had as a string.
pub(super) fn text(body: u32, len: u32) -> String {
    String::from_utf8(octets(body, len)).unwrap_or_default()
}
