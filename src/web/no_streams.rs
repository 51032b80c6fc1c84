//! Where there are no byte streams, as in pages: a link that never is.

use std::rc::Rc;
use std::time::Duration;

use super::driver::Shared;
use super::payload::JsPayload;
use crate::arena::PeerId;
use crate::error::CloseReason;
use crate::message::Frame;
use crate::time::Instant;

/// No page's WebSocket sends PINGs.
pub(super) const CAN_PING: bool = false;

/// There is none.
#[derive(Clone)]
pub(super) enum Stream {}

impl Stream {
    pub(super) fn transmit(&self, _frame: Frame<JsPayload>) -> Result<(), CloseReason> {
        match *self {}
    }

    pub(super) fn resume(&self, _socket: &Rc<Shared>, _peer: PeerId) {
        match *self {}
    }

    pub(super) fn shut(&self, _socket: &Shared, _reason: &CloseReason) {
        match *self {}
    }
}

/// None is asked for.
pub(super) struct Farewell;

impl Farewell {
    pub(super) fn new() -> Self {
        Self
    }

    pub(super) fn begin(&self, _linger: Option<Duration>, _now: Instant) {}
}
