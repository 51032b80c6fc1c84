//! What `js/*.js` offers to Rust. Only numbers and octets cross: what has more to say than numbers says it before,
//! piece by piece. Objects of JavaScript would bring a table of references and code on both sides of it; js-sys and
//! web-sys a lot that is not used and that no linker can tell from what is.
//!
//! wasm-bindgen carries along the files that are named here, and no others: they import nothing but each other.

use wasm_bindgen::prelude::*;

use crate::error::Error;

#[wasm_bindgen(module = "/src/web/js/bodies.js")]
extern "C" {
    /// Takes one more reference to a body.
    pub(super) fn retain(body: u32);

    /// Gives a reference to a body back.
    pub(super) fn release(body: u32);

    /// Copies octets of a body to wasm memory.
    pub(super) fn read(body: u32, at: u32, dst: &mut [u8]);

    /// A new body with these octets.
    pub(super) fn make(src: &[u8]) -> u32;
}

#[wasm_bindgen(module = "/src/web/js/words.js")]
extern "C" {
    /// Keeps a copy of these octets for the next call that says what they mean.
    pub(super) fn say(octets: &[u8]);
}

#[wasm_bindgen(module = "/src/web/js/sockets.js")]
extern "C" {
    /// Milliseconds by a clock that never goes back.
    pub(super) fn now() -> f64;

    /// Calls `timeout` for the socket after so many milliseconds (infinity: not at all), and no more at the time set before.
    #[wasm_bindgen(js_name = setTimer)]
    pub(super) fn set_timer(socket: u32, delay: f64);

    /// Something other than a call of its own happened to the socket: pending calls may go on.
    pub(super) fn ready(socket: u32);

    /// An event for the socket's monitor. Said before: the endpoint; the value, when that is no number (NaN); of
    /// the peer, if there is one, the address, the routing id, and the names and values of its properties in turn.
    pub(super) fn emit(socket: u32, event: u16, value: f64);

    /// The socket is closed and has sent what it had to send.
    pub(super) fn finished(socket: u32);
}

#[wasm_bindgen(module = "/src/web/js/links.js")]
extern "C" {
    /// Dials for a socket, and gives the link's number, by which the socket will hear of it. `options` is the number of
    /// what `connect` was given beside the endpoint, or 0. Said before: the endpoint.
    pub(super) fn open(socket: u32, options: u32) -> u32;

    /// Sends a body by a link, behind its flag octet, and gives the reference back.
    pub(super) fn transmit(link: u32, flag: u8, body: u32);

    /// Stops reading from a link that can be told so, or goes on.
    pub(super) fn pause(link: u32, on: bool);

    /// Whether a link's WebSocket can send PINGs.
    #[wasm_bindgen(js_name = canPing)]
    pub(super) fn can_ping(link: u32) -> bool;

    /// Sends a PING by a link's WebSocket. `activity` tells of the PONG.
    pub(super) fn ping(link: u32);

    /// Closes a link, behind what was handed over to it. Nothing more will be heard of it.
    pub(super) fn shut(link: u32);
}

#[wasm_bindgen(module = "/src/web/js/errors.js")]
extern "C" {
    /// What the call that is going on will fail with: libzmq's number, and a sentence.
    #[wasm_bindgen(js_name = fail)]
    fn fail_with(errno: i32, message: &[u8]);
}

/// Lets the call that is going on fail.
pub(super) fn fail(error: &Error) {
    fail_with(error.errno(), error.sentence().as_bytes());
}
