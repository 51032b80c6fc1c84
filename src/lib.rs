//! ZeroMQ sockets for the browser, the edge and native tokio: one pure-Rust ZMTP 3.1 engine without I/O.
//!
//! The [`engine`] is a state machine: one socket and all its peers. Two shells drive it. Compiled to
//! `wasm32-unknown-unknown` it is the npm package `zmq-wasm`; with the feature `native` it has
//! [`native`](crate#the-native-shell) sockets on tokio.
//!
//! # Layers
//!
//! `web`, `native` → `engine` → `pattern`, `wire` → `message` → `payload`. `pattern` never sees `wire`,
//! `wire` never sees `engine`, and nothing below the shells knows of wasm-bindgen, tokio or a clock.

mod arena;
mod endpoint;
pub mod engine;
mod error;
mod message;
#[cfg(feature = "native")]
pub mod native;
mod options;
mod pattern;
mod payload;
mod socket_type;
mod sorted;
mod time;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub mod web;
pub mod wire;

pub use crate::arena::{DialerId, ListenerId, PeerId, PipeId};
pub use crate::endpoint::{Address, Endpoint};
pub use crate::error::{ApiMisuse, CloseReason, Error, Misbehaviour, TransportError, TransportErrorKind};
pub use crate::message::{Flag, Frame, Message, Parts};
pub use crate::options::{OptionValue, Options, SocketOption};
pub use crate::pattern::SendError;
pub use crate::payload::Payload;
pub use crate::socket_type::SocketType;
pub use crate::time::Instant;
pub use crate::wire::command::Properties;
