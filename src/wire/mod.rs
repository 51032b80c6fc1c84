//! Bytes to frames and back: the greeting and framing of ZMTP over byte streams, ZWS over WebSocket,
//! and the commands that both carry.

pub(crate) mod command;
pub(crate) mod mechanism;
pub mod zmtp;
pub mod zws;
