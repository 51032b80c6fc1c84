//! What PLAIN and CURVE need of JavaScript, and what JavaScript gets beside them: keys.

use wasm_bindgen::prelude::*;

use super::host;
use super::payload::JsPayload;
use crate::error::Error;
use crate::payload::Payload;
use crate::wire::mechanism::curve;

#[wasm_bindgen(module = "/src/web/js/security/chance.js")]
extern "C" {
    /// Fills octets with what nobody can guess.
    fn chance(dst: &mut [u8]);
}

pub(super) fn draw(octets: &mut [u8]) {
    chance(octets);
}

/// Says a new public key, and the secret one that belongs to it, in Z85.
#[wasm_bindgen(js_name = curveKeypair)]
pub fn curve_keypair() {
    let (public, secret) = curve::curve_keypair(draw);
    host::say(public.as_bytes());
    host::say(secret.as_bytes());
}

/// Says the public key that belongs to a secret one.
#[wasm_bindgen(js_name = curvePublic)]
pub fn curve_public(body: u32, len: u32) {
    let secret = String::from_utf8(JsPayload::from_raw(body, len).to_vec()).unwrap_or_default();
    match curve::curve_public(&secret) {
        Ok(public) => host::say(public.as_bytes()),
        Err(misuse) => host::fail(&Error::from(misuse)),
    }
}
