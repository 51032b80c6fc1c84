//! `ws://`: hyper reads and writes the HTTP, [`frames`] what comes after it.

pub(super) mod frames;
pub(super) mod handshake;
