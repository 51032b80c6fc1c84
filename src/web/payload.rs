//! Bodies that stay in JavaScript.

use super::host;
use crate::payload::Payload;

/// A reference to a body that `js/bodies.js` keeps. Cloning and dropping count references; nothing is copied.
#[derive(Default)]
pub(super) struct JsPayload {
    body: u32,
    len: u32,
}

/// The number that every empty body the engine makes has. It is never released.
const EMPTY: u32 = 0;

impl JsPayload {
    /// Takes over a reference that JavaScript made.
    pub(super) fn from_raw(body: u32, len: u32) -> Self {
        Self { body, len }
    }

    /// The number, and JavaScript's reference remains here.
    pub(super) fn number(&self) -> u32 {
        self.body
    }

    /// Whether this is the number of nothing.
    pub(super) fn is_nothing(&self) -> bool {
        self.body == EMPTY
    }

    /// Hands the reference to JavaScript.
    pub(super) fn into_raw(self) -> u32 {
        let body = self.body;
        core::mem::forget(self);
        body
    }
}

impl Payload for JsPayload {
    fn len(&self) -> usize {
        self.len as usize
    }

    fn copy_to(&self, at: usize, dst: &mut [u8]) {
        if !dst.is_empty() {
            host::read(self.body, at as u32, dst);
        }
    }

    fn from_bytes(src: &[u8]) -> Self {
        let body = if src.is_empty() { EMPTY } else { host::make(src) };
        Self { body, len: src.len() as u32 }
    }
}

impl Clone for JsPayload {
    fn clone(&self) -> Self {
        if self.body != EMPTY {
            host::retain(self.body);
        }
        Self { ..*self }
    }
}

impl Drop for JsPayload {
    fn drop(&mut self) {
        if self.body != EMPTY {
            host::release(self.body);
        }
    }
}
