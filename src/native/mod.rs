//! The native shell: ZeroMQ sockets on tokio.
//!
//! One [`Context`] and its [`Socket`]s live on one thread, inside a [`LocalSet`](tokio::task::LocalSet) of
//! a runtime with I/O and time enabled. Sockets are cheap to clone, and any number of tasks may use one.
//! The API is that of pyzmq's `zmq.asyncio`, in Rust's words: a call tries at once when nothing of its kind
//! is pending on the socket, and else waits its turn; a dropped future takes no message with it.
//!
//! ```
//! use zmq_wasm::native::{Context, SocketType};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! runtime.block_on(tokio::task::LocalSet::new().run_until(async {
//!     let context = Context::new();
//!     let replier = context.socket(SocketType::Rep)?;
//!     let endpoint = replier.bind("tcp://127.0.0.1:*").await?;
//!     tokio::task::spawn_local(async move {
//!         while let Ok(request) = replier.recv().await {
//!             if replier.send(request).await.is_err() {
//!                 break;
//!             }
//!         }
//!     });
//!
//!     let requester = context.socket(SocketType::Req)?;
//!     requester.connect(&endpoint)?;
//!     requester.send("hello").await?;
//!     assert_eq!(requester.recv_string().await?, "hello");
//!     Ok(())
//! }))
//! # }
//! ```
//!
//! Transports: `tcp://`, `ws://`, `ipc://` (Unix; paths, and Linux's abstract names as `ipc://@name`) and, within
//! one context, `inproc://`. Each can be bound and connected.

mod accept;
mod alarm;
mod body;
mod calls;
mod connection;
mod context;
mod dial;
mod driver;
pub mod http;
mod inproc;
mod input;
#[cfg_attr(not(unix), path = "no_ipc.rs")]
mod ipc;
mod links;
mod listen;
mod monitor;
mod options;
mod outbox;
mod poller;
mod reader;
mod remote;
mod sink;
mod socket;
mod stream;
mod thread;
mod trace;
mod waiters;
mod ws;

pub use self::body::Body;
pub use self::context::Context;
pub use self::monitor::Monitor;
pub use self::options::Options;
pub use self::poller::Poller;
pub use self::remote::Remote;
pub use self::socket::Socket;
pub use crate::SendError;
pub use crate::engine::{self, POLLIN, POLLOUT};
pub use crate::error::Error;
pub use crate::options::{OptionValue, SocketOption};
pub use crate::socket_type::SocketType;

/// A whole message: one part or more. Text, octets, a [`bytes::Bytes`], or a list of parts turn into one by
/// `into()`.
///
/// ```
/// use zmq_wasm::native::{Body, Message};
///
/// let message = Message::from("hello");
/// assert_eq!(message.parts(), ["hello"]);
/// let message = Message::from(["weather.oslo", "-3"]);
/// assert_eq!(message.len(), 2);
/// let message = Message::from([Body::from("weather.oslo"), Body::from(vec![0, 3])]);
/// assert_eq!(message.len(), 2);
/// ```
pub type Message = crate::message::Message<Body>;

/// What a call on a socket or context gives.
pub type Result<T, E = Error> = core::result::Result<T, E>;
