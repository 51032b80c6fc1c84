//! What a server's WebSockets can that a page's can't: be accepted by others, and PING.

use wasm_bindgen::prelude::*;

use crate::arena::PeerId;
use crate::web::calls::{text, with};
use crate::web::driver::find;

/// Connections will be let in that others have accepted. Gives the number of a listener for them, whose endpoint is this
/// text in events.
#[wasm_bindgen]
pub fn adopting(socket: u32, body: u32, len: u32) -> i32 {
    with(socket, |socket| {
        let listener = socket.engine.borrow_mut().adopting(&text(body, len))?;
        Ok(listener.to_raw() as i32)
    })
}

/// A peer's WebSocket has answered a PING.
#[wasm_bindgen]
pub fn activity(socket: u32, peer: u32) {
    if let Some(socket) = find(socket) {
        socket.engine.borrow_mut().handle_activity(PeerId::from_raw(peer), socket.now());
    }
}
