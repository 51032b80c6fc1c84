//! What `js/host.js` and JavaScript itself offer to Rust. js-sys and web-sys would bring a lot that is not
//! used and that no linker can tell from what is.

use wasm_bindgen::prelude::*;

use crate::error::Error;

#[wasm_bindgen(module = "/src/web/js/host.js")]
extern "C" {
    /// Takes one more reference to a body.
    pub(super) fn retain(body: u32);

    /// Gives a reference to a body back.
    pub(super) fn release(body: u32);

    /// Copies octets of a body to wasm memory.
    pub(super) fn read(body: u32, at: u32, dst: &mut [u8]);

    /// A new body with these octets.
    pub(super) fn make(src: &[u8]) -> u32;

    /// Sends a body by a WebSocket, behind its flag octet, and gives the reference back.
    pub(super) fn transmit(link: u32, flag: u8, body: u32);

    /// Opens a WebSocket for a socket, which will hear of it by the link's number.
    #[wasm_bindgen(catch)]
    pub(super) fn open(
        socket: u32,
        link: u32,
        url: &str,
        protocols: &JsValue,
        headers: &JsValue,
    ) -> Result<WebSocket, JsValue>;

    /// Closes a link, behind what was handed over to it. Nothing more will be heard of it.
    pub(super) fn shut(link: u32);

    /// Milliseconds by a clock that never goes back.
    pub(super) fn now() -> f64;

    /// Calls the socket's `timeout` after so many milliseconds, and no more at the time set before.
    #[wasm_bindgen(js_name = setTimer)]
    pub(super) fn set_timer(socket: u32, delay: f64);

    /// Something other than a call of its own happened to the socket: pending calls may go on.
    pub(super) fn ready(socket: u32);

    /// An event for the socket's monitor. The peer's details are null when there are none.
    #[allow(clippy::too_many_arguments, reason = "one call, no object to build and take apart")]
    pub(super) fn emit(
        socket: u32,
        event: u16,
        name: &str,
        value: JsValue,
        endpoint: &str,
        address: Option<String>,
        routing_id: Option<Uint8Array>,
        properties: Option<Array>,
    );

    /// The socket is closed and has sent what it had to send.
    pub(super) fn finished(socket: u32);

    /// Makes an error of the contract's class for this code.
    #[wasm_bindgen(js_name = makeError)]
    fn make_error(code: &str, errno: i32, message: &str) -> JsValue;

    /// Messages leave this link in one piece from now on, large ones after a wait.
    #[wasm_bindgen(js_name = keepWhole)]
    pub(super) fn keep_whole(link: u32);

    /// How long a message may be that this runtime surely sends in one piece; 0 for any.
    #[wasm_bindgen(js_name = pieceLimit)]
    pub(super) fn piece_limit() -> u32;
}

#[wasm_bindgen]
extern "C" {
    pub(super) type WebSocket;

    /// The sub-protocol that the server chose.
    #[wasm_bindgen(method, getter)]
    pub(super) fn protocol(this: &WebSocket) -> String;

    #[wasm_bindgen(method, getter)]
    pub(super) fn url(this: &WebSocket) -> String;

    pub(super) type Array;

    #[wasm_bindgen(constructor)]
    pub(super) fn new() -> Array;

    #[wasm_bindgen(method)]
    pub(super) fn push(this: &Array, value: &str);

    pub(super) type Uint8Array;

    /// A copy of these octets.
    #[wasm_bindgen(constructor)]
    pub(super) fn new(octets: &[u8]) -> Uint8Array;

    /// Any value, as text.
    #[wasm_bindgen(js_name = String)]
    pub(super) fn describe(value: &JsValue) -> String;
}

/// An error as JavaScript sees it.
pub(super) fn error_to_js(error: &Error) -> JsValue {
    make_error(error.code(), error.errno(), &error.to_string())
}
