//! Where security is not compiled in, options refuse it. This is what is left: types without values, so that nothing of
//! what would be done with them is left either.

use super::{Entropy, Move, Scene, Step};
use crate::error::{CloseReason, Misbehaviour};
use crate::message::Frame;
use crate::options::Options;
use crate::time::Instant;

/// What a frame grows by on its way.
pub(crate) const OVERHEAD: usize = 0;

/// Nobody is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {}

/// There is none but NULL's.
pub(crate) enum Handshake {}

/// No option asks for one.
pub(super) fn handshake(_options: &Options) -> Option<Handshake> {
    None
}

/// Nor for somebody to decide.
pub(super) fn asks_about_anybody(_options: &Options) -> Option<Credentials> {
    None
}

impl Handshake {
    pub(super) fn go_on(&mut self, _event: Move<'_>, _scene: &mut Scene<'_>) -> Result<Step, CloseReason> {
        match *self {}
    }

    pub(super) fn cipher(self) -> Option<Cipher> {
        match self {}
    }
}

/// Nothing is encrypted.
pub(crate) enum Cipher {}

impl Cipher {
    pub(crate) fn seal<P>(&mut self, _frame: Frame<P>) -> Frame<P> {
        match *self {}
    }

    pub(crate) fn open<P>(&mut self, _body: P) -> Result<Frame<P>, Misbehaviour> {
        match *self {}
    }
}

/// There are no keys to keep.
#[derive(Default)]
pub(crate) struct Keeper {}

impl Keeper {
    pub(crate) fn draw_from(&mut self, _source: Entropy) {}

    pub(crate) fn forget(&mut self, _now: Instant) {}

    pub(crate) fn deadline(&self) -> Option<Instant> {
        None
    }
}
