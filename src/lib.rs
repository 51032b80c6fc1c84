//! ZeroMQ sockets for the browser, the edge and native tokio: one pure-Rust ZMTP 3.1 engine without I/O.
//!
//! ```toml
//! [dependencies]
//! zmq-wasm = { version = "0.1", features = ["native"] }
//! tokio = { version = "1", features = ["macros", "rt"] }
//! ```
//!
#![cfg_attr(feature = "native", doc = "```no_run")]
#![cfg_attr(not(feature = "native"), doc = "```ignore")]
//! use zmq_wasm::native::{Context, Error, SocketType};
//!
//! #[tokio::main(flavor = "local")]
//! async fn main() -> Result<(), Error> {
//!     let socket = Context::new().socket(SocketType::Sub)?;
//!     socket.subscribe("weather")?;
//!     socket.connect("tcp://127.0.0.1:5556")?;
//!     loop {
//!         let message = socket.recv().await?;
//!         println!("{}", String::from_utf8_lossy(&message.parts()[0]));
//!     }
//! }
//! ```
//!
//! # What is where
//!
//! | | |
//! |---|---|
//! | [`native`] | sockets on tokio: `tcp://`, `ipc://`, `ws://`, `wss://`, `inproc://` (feature `native`, off by default) |
//! | [`engine`] | one socket and all its peers as a state machine without I/O, for runtimes of your own |
//! | [`wire`] | octets to frames and back: ZMTP, ZWS, commands |
//! | [`Message`], [`Frame`], [`Payload`] | what is carried; generic over what a body is |
//! | [`Options`], [`SocketOption`], [`SocketType`], [`Endpoint`] | libzmq's names, numbers and ranges |
//! | [`Error`], [`CloseReason`] | errors by whose fault they are |
//! | [`z85`] | octets as text, as CURVE keys are written |
//!
//! Compiled to `wasm32-unknown-unknown` it is the npm package `zmq-wasm`, whose API is JavaScript's.
//!
//! # Layers
//!
//! `web`, `native` → `engine` → `pattern`, `wire` → `message` → `payload`. `pattern` never sees `wire`,
//! `wire` never sees `engine`, and nothing below the shells knows of wasm-bindgen, tokio or a clock.
//!
#![cfg_attr(not(feature = "native"), doc = "[`native`]: https://docs.rs/zmq-wasm/latest/zmq_wasm/native/")]

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
mod text;
mod time;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub mod web;
pub mod wire;
pub mod z85;

pub use crate::arena::{DialerId, ListenerId, PeerId, PipeId};
pub use crate::endpoint::{Address, Endpoint};
pub use crate::error::{ApiMisuse, CloseReason, Error, Misbehaviour, TransportError, TransportErrorKind};
pub use crate::message::{Flag, Frame, Message, Parts};
pub use crate::options::{Mechanism, OptionValue, Options, SocketOption};
pub use crate::pattern::SendError;
pub use crate::payload::Payload;
pub use crate::socket_type::SocketType;
pub use crate::time::{Clock, Instant};
pub use crate::wire::command::Properties;
#[cfg(feature = "security")]
pub use crate::wire::mechanism::curve::{curve_keypair, curve_public};
pub use crate::wire::mechanism::{Credentials, Entropy};

/// This crate's version.
///
/// ```
/// println!("zmq-wasm {}", zmq_wasm::VERSION);
/// ```
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The revision of ZMTP that is spoken, major and minor. Older peers are met with theirs, from 2.0 on.
///
/// ```
/// let (major, minor) = zmq_wasm::ZMTP_VERSION;
/// assert!((major, minor) >= (3, 0));
/// ```
pub const ZMTP_VERSION: (u8, u8) = (3, 1);
