//! The native shell: ZeroMQ sockets on tokio.
//!
//! The API is that of pyzmq's `zmq.asyncio`, in Rust's words. A [`Context`] and its [`Socket`]s live on one
//! thread; sockets are cheap to clone, and any number of tasks may use one.
//!
//! ```
//! use zmq_wasm::native::{Context, Error, SocketType};
//!
//! #[tokio::main(flavor = "local")]
//! async fn main() -> Result<(), Error> {
//!     let context = Context::new();
//!     let replier = context.socket(SocketType::Rep)?;
//!     let endpoint = replier.bind("tcp://127.0.0.1:*").await?;
//!     tokio::task::spawn_local(async move {
//!         while let Ok(request) = replier.recv().await {
//!             replier.send(request).await.expect("a request was received");
//!         }
//!     });
//!
//!     let requester = context.socket(SocketType::Req)?;
//!     requester.connect(&endpoint)?;
//!     requester.send("hello").await?;
//!     assert_eq!(requester.recv_string().await?, "hello");
//!     Ok(())
//! }
//! ```
//!
//! # What is where
//!
//! | for | see |
//! |---|---|
//! | making sockets, ending them together | [`Context`] |
//! | binding, connecting, sending, receiving, text and JSON, options | [`Socket`], [`SocketOption`] |
//! | messages of one part or several | [`Message`], [`Body`] |
//! | `Stream` and `Sink` of messages | [`Socket`](Socket#impl-Stream-for-Socket) |
//! | waiting for many sockets at once | `tokio::select!`, or [`Poller`] |
//! | plain HTTP on the ports of `ws://` sockets | [`Context::mount`], [`http`] |
//! | joining two sockets | [`proxy`](proxy()), [`proxy_steerable`] |
//! | what happens to connections | [`Socket::monitor`], or `tracing` events |
//! | HTTP on the port of `ws://` sockets | [`Context::mount`] |
//! | who may connect | [`Context::admit`], [`Context::authenticate`], [`SocketOption::Origins`] |
//! | tasks on other threads | [`Socket::remote`], [`Remote`], [`Context::spawn_thread`] |
//! | what there is | [`has`] |
//! | errors, with libzmq's codes | [`Error::code`], [`Error::errno`] |
//! | a program for each pattern | [`examples/`](https://github.com/zmq-wasm/zmq-wasm/tree/main/examples) |
//!
//! Transports: `tcp://`, `ws://`, `wss://`, `ipc://` (Unix; paths, and Linux's abstract names as `ipc://@name`) and,
//! within one context, `inproc://`. Each can be bound and connected.
//!
//! # Certificates for `wss://`
//!
//! A `wss://` endpoint is bound with a certificate ([`WSS_CERT_PEM`](SocketOption::WssCertPem)) and its key
//! ([`WSS_KEY_PEM`](SocketOption::WssKeyPem)), and connected with somebody to trust: whom the system trusts
//! ([`WSS_TRUST_SYSTEM`](SocketOption::WssTrustSystem)), or the issuers of
//! [`WSS_TRUST_PEM`](SocketOption::WssTrustPem). They are set before `bind` and `connect`, as text:
//!
//! ```
//! # use zmq_wasm::native::{Context, SocketOption, SocketType};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
//! # let folder = std::env::temp_dir().join(format!("zmq-wasm-doc-{}", std::process::id()));
//! # std::fs::create_dir(&folder)?;
//! # let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
//! # std::fs::write(&cert, made.cert.pem())?;
//! # std::fs::write(&key, made.signing_key.serialize_pem())?;
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
//! # tokio::task::LocalSet::new().run_until(async {
//! # let context = Context::new();
//! let server = context.socket(SocketType::Pull)?;
//! server.set_string(SocketOption::WssCertPem, &std::fs::read_to_string(&cert)?)?;
//! server.set_string(SocketOption::WssKeyPem, &std::fs::read_to_string(&key)?)?;
//! let endpoint = server.bind("wss://127.0.0.1:*").await?;
//!
//! let client = context.socket(SocketType::Push)?;
//! client.set_string(SocketOption::WssTrustPem, &std::fs::read_to_string(&cert)?)?;
//! client.connect(&endpoint.replace("127.0.0.1", "localhost"))?;
//! client.send("sealed").await?;
//! assert_eq!(server.recv_string().await?, "sealed");
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(()) }))?;
//! # Ok(())
//! # }
//! ```
//!
//! For a name that the world can reach, [Let's Encrypt](https://letsencrypt.org/getting-started/) gives
//! certificates: `fullchain.pem` and `privkey.pem` of certbot are the two files, and clients set `WSS_TRUST_SYSTEM`,
//! as browsers do by themselves. For a machine of one's own, openssl makes a certificate that clients are told to
//! trust:
//!
//! ```sh
//! openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 \
//!   -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
//!   -addext basicConstraints=critical,CA:FALSE -keyout key.pem -out cert.pem
//! ```
//!
//! A page trusts it after `mkcert -install`, if [mkcert](https://github.com/FiloSottile/mkcert) makes it.
//!
//! # Dropping futures
//!
//! Every future of this module may be dropped at any time, as `select!` and time-outs do. A receive that was
//! dropped takes no message; a send that was dropped has done nothing, and once it is ready the message is in
//! the queue. Calls of one kind on one socket are served in the order in which they were first polled, and a
//! call that is dropped gives its place to the next. [`Remote`] says what holds across threads.
//!
//! # Threads
//!
//! Contexts and sockets are `!Send`. They want a runtime that runs `!Send` tasks:
//! `#[tokio::main(flavor = "local")]`, a [`LocalRuntime`](tokio::runtime::LocalRuntime), or any runtime with a
//! [`LocalSet`](tokio::task::LocalSet); with I/O and time enabled. A call that starts something in the
//! background (`socket`, `bind`, `remote`) panics elsewhere, as [`tokio::task::spawn_local`] does.
//!
//! In a program on a multi-thread runtime, [`Context::spawn_thread`] starts a thread for the sockets and gives
//! [`Remote`] handles, which any task may use:
//!
//! ```
//! use zmq_wasm::native::{Context, Error, SocketType};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Error> {
//!     let pull = Context::spawn_thread(async |context| {
//!         let socket = context.socket(SocketType::Pull)?;
//!         socket.bind("tcp://127.0.0.1:*").await?;
//!         Ok(socket.remote())
//!     })
//!     .await?;
//!     let waiting = tokio::spawn(async move { pull.recv().await });
//! #   waiting.abort();
//!     Ok(())
//! }
//! ```
//!
//! One context serves what one core can. For more, on Linux, start one context per core with
//! [`Context::spawn_thread`], each with sockets of its own on the same port:
//! [`SocketOption::ReusePort`] has the system share the connections out among them.
//!
//! ```
//! use tokio::task::spawn_local;
//! use zmq_wasm::native::{Context, Error, Socket, SocketOption, SocketType};
//!
//! async fn serve(socket: Socket) -> Result<(), Error> {
//!     loop {
//!         let request = socket.recv().await?;
//!         socket.send(request).await?;
//!     }
//! }
//!
//! #[tokio::main(flavor = "local")]
//! async fn main() -> Result<(), Error> {
//!     let mut endpoint = "tcp://127.0.0.1:*".to_owned();
//!     for _core in 0..std::thread::available_parallelism().map_or(1, usize::from) {
//!         endpoint = Context::spawn_thread(async move |context| {
//!             let socket = context.socket(SocketType::Rep)?;
//!             socket.set(SocketOption::ReusePort, true)?;
//!             let endpoint = socket.bind(&endpoint).await?;
//!             spawn_local(serve(socket));
//!             Ok(endpoint)
//!         })
//!         .await?;
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # Logs
//!
//! Connections tell their life by [`tracing`] events with the target `zmq_wasm` and the fields `socket` (its
//! type), `endpoint`, `peer` (its address), `reason` and `pause_ms`, where they are known. INFO: listening,
//! handshake done, disconnected. DEBUG: connecting, connected, accepted, tries and their failures, ends. WARN:
//! what could not be bound, accepted or agreed. There are none for messages.

mod accept;
mod alarm;
pub mod auth;
mod body;
mod calls;
mod connection;
mod context;
mod curve;
mod dial;
mod driver;
mod endpoints;
mod guests;
pub mod http;
mod inproc;
mod input;
#[cfg_attr(not(unix), path = "no_ipc.rs")]
mod ipc;
mod judge;
mod links;
mod listen;
mod monitor;
mod options;
mod outbox;
pub mod pickle;
mod poller;
mod pool;
mod proxy;
mod reader;
mod remote;
mod request;
mod settings;
mod sink;
mod socket;
mod stream;
mod tcp;
mod thread;
mod tls;
mod trace;
mod values;
mod waiters;
mod ws;

pub use self::body::Body;
pub use self::context::Context;
pub use self::curve::curve_keypair;
pub use self::judge::Applicant;
pub use self::monitor::Monitor;
pub use self::options::Options;
pub use self::poller::Poller;
pub use self::proxy::{proxy, proxy_steerable};
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
///
/// ```
/// use zmq_wasm::native::{Context, Result, Socket, SocketType};
///
/// fn subscriber(context: &Context, topic: &str) -> Result<Socket> {
///     let socket = context.socket(SocketType::Sub)?;
///     socket.subscribe(topic)?;
///     Ok(socket)
/// }
/// # let _ = subscriber;
/// ```
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// Whether this build and this system have a transport (`tcp`, `ipc`, …), a mechanism (`null`, `plain`, `curve`) or the `draft` types of
/// sockets, in upper or lower case. What it never heard of, it has not.
///
/// ```
/// use zmq_wasm::native;
///
/// assert!(native::has("ws") && native::has("inproc"));
/// assert_eq!(native::has("ipc"), cfg!(unix));
/// assert!(native::has("curve") && !native::has("gssapi"));
/// ```
pub fn has(capability: &str) -> bool {
    let everywhere = ["tcp", "ws", "wss", "inproc", "null", "plain", "curve", "draft"].iter();
    let unix = ["ipc"].iter().filter(|_| cfg!(unix));
    everywhere.chain(unix).any(|known| known.eq_ignore_ascii_case(capability))
}
