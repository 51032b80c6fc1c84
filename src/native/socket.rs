//! The socket, as applications know it.

use std::cell::Cell;
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;

use tokio::time::{Duration, timeout};

use super::body::Body;
use super::driver::Shell;
use super::ipc;
use super::listen;
use super::monitor::Monitor;
use super::options::is_of_transports;
use super::sink::Adapter;
use super::tcp;
use super::waiters::{Attempt, Place};
use super::{Context, Error, Message, OptionValue, Result, SocketOption, SocketType};
use crate::SendError;
use crate::arena::DialerId;
use crate::endpoint::Endpoint;
use crate::engine::PeerInfo;
use crate::error::ApiMisuse;

/// A ZeroMQ socket. Clones are the same socket; dropping the last one closes it with its LINGER option.
///
/// Every future of it may be dropped at any time: a dropped receive takes no message, and a dropped send
/// has either queued its message or done nothing. So they are sound in `select!`.
///
/// A socket is `!Send`: it stays on its context's thread. [`remote`](Self::remote) gives a handle that other
/// threads may have. It is also a [`Stream`](futures_core::Stream) and a [`Sink`](futures_sink::Sink) of
/// messages.
///
/// ```
/// use zmq_wasm::native::{Context, SocketType};
///
/// # #[tokio::main(flavor = "local")]
/// # async fn main() -> Result<(), zmq_wasm::Error> {
/// # let context = Context::new();
/// let (publisher, subscriber) = (context.socket(SocketType::Pub)?, context.socket(SocketType::Sub)?);
/// subscriber.subscribe("weather")?;
/// publisher.connect(&subscriber.bind("tcp://127.0.0.1:*").await?)?;
/// // A PUB drops what nobody has subscribed to yet.
/// let forecast = async {
///     loop {
///         publisher.send(["weather.oslo", "snow"]).await?;
///         tokio::task::yield_now().await;
///     }
/// };
/// let message = tokio::select! {
///     message = subscriber.recv() => message?,
///     ended = forecast => return ended,
/// };
/// assert_eq!(message.parts(), ["weather.oslo", "snow"]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a socket is closed when its last handle is dropped"]
pub struct Socket(Rc<Handle>, pub(super) Adapter);

struct Handle {
    shell: Rc<Shell>,
    /// Messages sent without a pause for the socket's own task.
    burst: Cell<usize>,
}

/// After so many messages in a row a sender lets the socket's task go on, so that a loop of sends, which
/// may never have to wait, does not keep it from writing.
const BURST: usize = 512;

/// A long part counts as one more for each of so many octets.
const LONG: usize = 512;

impl Drop for Handle {
    fn drop(&mut self) {
        let linger = self.shell.engine(|engine| engine.options().linger());
        self.shell.close(linger);
    }
}

impl Socket {
    pub(super) fn new(shell: Rc<Shell>) -> Self {
        Self(Rc::new(Handle { shell, burst: Cell::new(0) }), Adapter::default())
    }

    /// The socket's type.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Push)?;
    /// assert_eq!(socket.socket_type(), SocketType::Push);
    /// # Ok(())
    /// # }
    /// ```
    pub fn socket_type(&self) -> SocketType {
        self.shell().engine(|engine| engine.socket_type())
    }

    /// The context that the socket was made by.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let pull = Context::new().socket(SocketType::Pull)?;
    /// let push = pull.context().socket(SocketType::Push)?;
    /// push.connect(&pull.bind("inproc://within-one-context").await?)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn context(&self) -> Context {
        Context::of(&self.shell().context)
    }

    /// Whether the socket is closed.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Push)?;
    /// assert!(!socket.is_closed());
    /// socket.close();
    /// assert!(socket.is_closed());
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_closed(&self) -> bool {
        self.shell().is_closed()
    }

    /// Listens, and gives the endpoint bound: its port filled in where it was `0` or `*`, and with the
    /// address that `*` or a name stands for.
    ///
    /// A host is an address, a name, an interface (`tcp://eth0:5555`) or `*`: every IPv4 address or, with the IPV6
    /// option, every address of both kinds. IPv6 addresses stand in brackets, with their zone if they need one
    /// (`tcp://[fe80::1%eth0]:5555`).
    ///
    /// A `ws://` port may carry any number of the context's sockets, told apart by the path. An endpoint whose
    /// path is `/` lets clients in by any that no other has.
    ///
    /// A `wss://` endpoint is bound with the options WSS_CERT_PEM and WSS_KEY_PEM set:
    /// [how to get them](crate::native#certificates-for-wss).
    ///
    /// The file of an `ipc://` endpoint goes with it. One that nobody listens on any more is replaced; any
    /// other is an error (`EADDRINUSE`). `ipc://*` is a path that only this user can reach.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
    /// # tokio::task::LocalSet::new().run_until(async {
    /// let socket = Context::new().socket(SocketType::Router)?;
    /// let endpoint = socket.bind("ws://127.0.0.1:*/rooms").await?;
    /// assert!(endpoint.ends_with("/rooms"));
    /// assert_eq!(socket.last_endpoint(), endpoint);
    /// # Ok::<(), zmq_wasm::Error>(()) }))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn bind(&self, endpoint: &str) -> Result<String> {
        listen::bind(self.shell(), endpoint).await
    }

    /// Stops listening there. Connections that came that way end when what is queued for them is sent.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Pull)?;
    /// let endpoint = socket.bind("tcp://127.0.0.1:*").await?;
    /// socket.unbind(&endpoint)?;
    /// assert_eq!(socket.unbind(&endpoint).unwrap_err().code(), "ENOENT");
    /// # Ok(())
    /// # }
    /// ```
    pub fn unbind(&self, endpoint: &str) -> Result<()> {
        let shell = self.shell();
        shell.check()?;
        let mut listeners = shell.listeners.borrow_mut();
        let known = |bound: &str, given: &str| bound == endpoint || given == endpoint;
        let Some(at) = listeners.iter().position(|listener| known(&listener.bound, &listener.given)) else {
            return Err(ApiMisuse::UnknownEndpoint(endpoint.to_owned()).into());
        };
        let listener = listeners.remove(at);
        drop(listeners);
        let now = shell.now();
        shell.engine(|engine| engine.unbind(listener.id, now));
        shell.mark_dirty();
        Ok(())
    }

    /// Connects in the background, and again whenever the connection is lost. Only an endpoint that can't
    /// be right is an error; what happens to a good one, the [`monitor`](Self::monitor) tells.
    ///
    /// Of a host's addresses each is tried, those of IPv6 only with the IPV6 option. `tcp://source:port;host:port`
    /// connects from a source, an address or interface of this machine; its port may be `*`. SOCKS_PROXY names
    /// a proxy to connect through, `host:port`, which then resolves the host.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
    /// # tokio::task::LocalSet::new().run_until(async {
    /// let socket = Context::new().socket(SocketType::Sub)?;
    /// socket.connect("inproc://not-bound-yet")?;
    /// let error = socket.connect("tcp://127.0.0.1").expect_err("it has no port");
    /// assert_eq!(error.code(), "EINVAL");
    /// # Ok::<(), zmq_wasm::Error>(()) }))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn connect(&self, endpoint: &str) -> Result<()> {
        self.dial(endpoint).map(drop)
    }

    /// As [`connect`](Self::connect), by a PEER, and gives the number of who is there: what it sends has that
    /// [routing id](Message::routing_id), and what is [sent to it](Message::to_peer) may be queued at once. The
    /// number holds as long as the endpoint does, whatever becomes of the connection.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, Message, SocketType};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
    /// # tokio::task::LocalSet::new().run_until(async {
    /// # let context = Context::new();
    /// let (alice, bob) = (context.socket(SocketType::Peer)?, context.socket(SocketType::Peer)?);
    /// let to_bob = alice.connect_peer(&bob.bind("inproc://bob").await?)?;
    /// alice.send(Message::to_peer(to_bob, "hello")).await?;
    /// let hello = bob.recv().await?;
    /// let to_alice = hello.routing_id().expect("a PEER's messages have one");
    /// bob.send(Message::to_peer(to_alice, hello.parts()[1].clone())).await?;
    /// assert_eq!(alice.recv().await?.routing_id(), Some(to_bob));
    /// # Ok::<(), zmq_wasm::Error>(()) }))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Besides those of `connect`: `ENOTSUP` from other types of socket.
    pub fn connect_peer(&self, endpoint: &str) -> Result<u32> {
        let shell = self.shell();
        let socket_type = self.socket_type();
        if socket_type != SocketType::Peer {
            return Err(
                ApiMisuse::NotSupported { operation: "connect to a peer by number", socket_type }.into()
            );
        }
        let dialer = self.dial(endpoint)?;
        Ok(shell.engine(|engine| engine.peer_number(dialer)).expect("a PEER numbers whom it connects to"))
    }

    fn dial(&self, endpoint: &str) -> Result<DialerId> {
        let shell = self.shell();
        shell.check()?;
        let parsed = tcp::check(endpoint)?;
        let mut tls = None;
        match &parsed {
            Endpoint::Ipc(name) if name == "*" => {
                let reason = "a wildcard name is for binding";
                return Err(ApiMisuse::InvalidEndpoint { endpoint: endpoint.to_owned(), reason }.into());
            }
            Endpoint::Ipc(name) => ipc::check(endpoint, name)?,
            Endpoint::Ws { secure: true, address, .. } => {
                tls = Some(shell.transport.borrow().tls.client(endpoint, address)?);
            }
            _ => {}
        }
        let now = shell.now();
        let dialer = shell.engine(|engine| engine.connect(parsed, endpoint, now))?;
        if let Some(client) = tls {
            let is_known = |dialer| shell.engine(|engine| engine.has_dialer(dialer));
            shell.tls_clients.insert(dialer, client, is_known);
        }
        shell.mark_dirty();
        Ok(dialer)
    }

    /// Gives up an endpoint, which is to be written as it was for [`connect`](Self::connect). What is queued
    /// for it has the LINGER option's time to go out.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Push)?;
    /// socket.connect("tcp://localhost:5555")?;
    /// socket.disconnect("tcp://localhost:5555")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn disconnect(&self, endpoint: &str) -> Result<()> {
        let shell = self.shell();
        shell.check()?;
        let now = shell.now();
        shell.engine(|engine| engine.disconnect(endpoint, now))?;
        shell.mark_dirty();
        Ok(())
    }

    /// Sends a message, waiting until there is room for it (SNDTIMEO at most). A REQ socket's send waits
    /// until the reply to the request before has been received, so that any number of tasks may each send
    /// and receive on one REQ socket, and each gets its own reply.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
    /// # tokio::task::LocalSet::new().run_until(async {
    /// # let context = Context::new();
    /// let (push, pull) = (context.socket(SocketType::Push)?, context.socket(SocketType::Pull)?);
    /// push.connect(&pull.bind("inproc://jobs").await?)?;
    /// push.send("one part").await?;
    /// push.send(["two", "parts"]).await?;
    /// assert_eq!(pull.recv().await?.parts(), ["one part"]);
    /// assert_eq!(pull.recv().await?.parts(), ["two", "parts"]);
    /// # Ok::<(), zmq_wasm::Error>(()) }))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn send(&self, message: impl Into<Message>) -> Result<()> {
        let message = message.into();
        if self.is_burst() {
            tokio::task::yield_now().await;
        }
        self.count(&message);
        let mut message = Some(message);
        let shell = self.shell();
        if shell.senders.is_empty()
            && let Some(sent) = shell.attempt_send(&mut message, Attempt::First)
        {
            return sent;
        }
        self.0.burst.set(0);
        let limit = shell.engine(|engine| engine.options().sndtimeo());
        let mut place = Place::new(&shell.senders, || shell.after_send());
        let turn = poll_fn(|cx| place.poll(cx, |attempt| shell.attempt_send(&mut message, attempt)));
        within(limit, turn).await
    }

    /// Sends a message if there is room for it now, and else gives it back with [`Error::WouldBlock`], or
    /// [`Error::ReplyPending`] from a REQ socket that awaits a reply. It never overtakes sends that wait.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, Error, SocketType};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
    /// # tokio::task::LocalSet::new().run_until(async {
    /// let socket = Context::new().socket(SocketType::Push)?;
    /// let refused = socket.try_send("to nobody").expect_err("nobody is there");
    /// assert_eq!(refused.error, Error::WouldBlock);
    /// assert_eq!(refused.message.parts(), ["to nobody"]);
    /// # Ok::<(), Error>(()) }))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_send(&self, message: impl Into<Message>) -> Result<(), SendError<Body>> {
        let shell = self.shell();
        let message = message.into();
        if let Err(error) = shell.check() {
            return Err(SendError { error, message });
        }
        if !shell.senders.is_empty() {
            return Err(SendError { error: Error::WouldBlock, message });
        }
        shell.mark_dirty();
        shell.engine(|engine| engine.send(message))
    }

    /// Receives a message, waiting until there is one (RCVTIMEO at most).
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, Error, SocketOption, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// # let context = Context::new();
    /// let (push, pull) = (context.socket(SocketType::Push)?, context.socket(SocketType::Pull)?);
    /// push.connect(&pull.bind("inproc://jobs").await?)?;
    /// push.send(["a job", "its data"]).await?;
    /// assert_eq!(pull.recv().await?.parts(), ["a job", "its data"]);
    /// pull.set(SocketOption::RcvTimeo, 1)?;
    /// assert_eq!(pull.recv().await, Err(Error::WouldBlock));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn recv(&self) -> Result<Message> {
        let shell = self.shell();
        if shell.receivers.is_empty()
            && let Some(received) = shell.attempt_recv(Attempt::First)
        {
            return received;
        }
        shell.receive(shell.engine(|engine| engine.options().rcvtimeo())).await
    }

    /// Receives a message if there is one now, and is [`Error::WouldBlock`] else. It never overtakes
    /// receives that wait.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, Error, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Pull)?;
    /// assert_eq!(socket.try_recv(), Err(Error::WouldBlock));
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_recv(&self) -> Result<Message> {
        let shell = self.shell();
        shell.check()?;
        if !shell.receivers.is_empty() {
            return Err(Error::WouldBlock);
        }
        shell.attempt_recv(Attempt::First).unwrap_or(Err(Error::WouldBlock))
    }

    /// Subscribes a SUB socket to all messages that begin with `topic`. Subscriptions count.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Sub)?;
    /// socket.subscribe("weather.")?;
    /// socket.subscribe([0, 1])?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn subscribe(&self, topic: impl AsRef<[u8]>) -> Result<()> {
        self.set(SocketOption::Subscribe, topic.as_ref())
    }

    /// Takes one subscription back.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Sub)?;
    /// socket.subscribe("weather.")?;
    /// socket.unsubscribe("weather.")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn unsubscribe(&self, topic: impl AsRef<[u8]>) -> Result<()> {
        self.set(SocketOption::Unsubscribe, topic.as_ref())
    }

    /// Joins a DISH to a group of at most 15 octets: it receives what RADIOs send to exactly that one.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, Message, SocketType};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
    /// # tokio::task::LocalSet::new().run_until(async {
    /// # let context = Context::new();
    /// let (radio, dish) = (context.socket(SocketType::Radio)?, context.socket(SocketType::Dish)?);
    /// dish.join("weather")?;
    /// dish.connect(&radio.bind("inproc://tower").await?)?;
    /// # while dish.try_recv().is_err() {
    /// radio.send(Message::to_group("weather", "sunny")).await?;
    /// # tokio::task::yield_now().await;
    /// # }
    /// # radio.send(Message::to_group("weather", "sunny")).await?;
    /// let message = dish.recv().await?;
    /// assert_eq!((message.group().as_deref(), &message.parts()[1][..]), (Some("weather"), &b"sunny"[..]));
    /// # Ok::<(), zmq_wasm::Error>(()) }))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EINVAL` when it has joined it already or the name can't be; `ENOTSUP` from other types of socket.
    pub fn join(&self, group: impl AsRef<[u8]>) -> Result<()> {
        self.change_group(group.as_ref(), true)
    }

    /// Leaves a group. `EINVAL` when the socket has not joined it.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
    /// # tokio::task::LocalSet::new().run_until(async {
    /// let dish = Context::new().socket(SocketType::Dish)?;
    /// dish.join("weather")?;
    /// dish.leave("weather")?;
    /// assert_eq!(dish.leave("weather").expect_err("it left").code(), "EINVAL");
    /// # Ok::<(), zmq_wasm::Error>(()) }))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn leave(&self, group: impl AsRef<[u8]>) -> Result<()> {
        self.change_group(group.as_ref(), false)
    }

    fn change_group(&self, group: &[u8], on: bool) -> Result<()> {
        let shell = self.shell();
        shell.check()?;
        shell.engine(|engine| engine.join(group, on))?;
        shell.mark_dirty();
        Ok(())
    }

    /// Sets an option. Those about connections hold for the connections made later.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketOption, SocketType};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
    /// # tokio::task::LocalSet::new().run_until(async {
    /// let socket = Context::new().socket(SocketType::Router)?;
    /// socket.set(SocketOption::RouterMandatory, true)?;
    /// socket.set(SocketOption::RcvTimeo, 500)?;
    /// let error = socket.set(SocketOption::SndHwm, -1).expect_err("it is no number of messages");
    /// assert_eq!(error.to_string(), "SNDHWM can't be -1: expected 0 or a positive number");
    /// # Ok::<(), zmq_wasm::Error>(()) }))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set(&self, option: SocketOption, value: impl Into<OptionValue>) -> Result<()> {
        let shell = self.shell();
        shell.check()?;
        if is_of_transports(option) {
            return Ok(Rc::make_mut(&mut shell.transport.borrow_mut()).set(option, &value.into())?);
        }
        shell.engine(|engine| engine.set_option(option, &value.into()))?;
        shell.mark_dirty();
        Ok(())
    }

    /// Sets an option whose value is text: a topic, a routing id.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketOption, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Dealer)?;
    /// socket.set_string(SocketOption::RoutingId, "worker 1")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_string(&self, option: SocketOption, value: &str) -> Result<()> {
        self.set(option, value)
    }

    /// Reads an option.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, OptionValue, SocketOption, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Dealer)?;
    /// assert_eq!(socket.get(SocketOption::SndHwm)?, OptionValue::Int(1000));
    /// assert_eq!(socket.get(SocketOption::RoutingId)?, OptionValue::from(""));
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, option: SocketOption) -> Result<OptionValue> {
        let shell = self.shell();
        shell.check()?;
        if is_of_transports(option) {
            return Ok(shell.transport.borrow().get(option)?);
        }
        if option == SocketOption::Events {
            return Ok(shell.events().into());
        }
        shell.engine(|engine| engine.option(option))
    }

    /// What can be done at once: [`POLLIN`](super::POLLIN), [`POLLOUT`](super::POLLOUT), both or neither (0).
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, POLLOUT, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Dealer)?;
    /// assert_eq!(socket.events()?, 0);
    /// socket.connect("inproc://later")?;
    /// assert_eq!(socket.events()?, POLLOUT);
    /// # Ok(())
    /// # }
    /// ```
    pub fn events(&self) -> Result<i32> {
        let shell = self.shell();
        shell.check()?;
        Ok(shell.events())
    }

    /// What is known of the peer that the last message came from: its address, its routing id, and what it said
    /// of itself, such as `Socket-Type`, `Identity` and its own `X-` properties. To be asked before anybody
    /// receives the next message.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketOption, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// # let context = Context::new();
    /// let (router, dealer) = (context.socket(SocketType::Router)?, context.socket(SocketType::Dealer)?);
    /// dealer.set_string(SocketOption::RoutingId, "ann")?;
    /// dealer.connect(&router.bind("tcp://127.0.0.1:*").await?)?;
    /// dealer.send("hello").await?;
    /// router.recv().await?;
    /// let peer = router.last_peer().expect("a message came");
    /// assert_eq!(peer.routing_id, b"ann");
    /// assert_eq!(peer.properties.find("Socket-Type"), Some(&b"DEALER"[..]));
    /// assert!(peer.address.starts_with("127.0.0.1:"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn last_peer(&self) -> Option<PeerInfo> {
        self.shell().engine(|engine| engine.last_peer().cloned())
    }

    /// The endpoint bound or connected last; empty before the first.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Pull)?;
    /// assert_eq!(socket.last_endpoint(), "");
    /// let endpoint = socket.bind("tcp://127.0.0.1:*").await?;
    /// assert_eq!(socket.last_endpoint(), endpoint);
    /// # Ok(())
    /// # }
    /// ```
    pub fn last_endpoint(&self) -> String {
        match self.shell().engine(|engine| engine.option(SocketOption::LastEndpoint)) {
            Ok(OptionValue::Bytes(text)) => String::from_utf8_lossy(&text).into_owned(),
            _ => String::new(),
        }
    }

    /// Waits until one of `events` ([`POLLIN`](super::POLLIN), [`POLLOUT`](super::POLLOUT)) is there, and gives those that are; 0 after
    /// `timeout` (`None`: no time-out).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use zmq_wasm::native::{Context, POLLIN, POLLOUT, SocketType};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
    /// # tokio::task::LocalSet::new().run_until(async {
    /// let dealer = Context::new().socket(SocketType::Dealer)?;
    /// dealer.connect("inproc://later")?;
    /// assert_eq!(dealer.poll(POLLIN | POLLOUT, None).await?, POLLOUT);
    /// assert_eq!(dealer.poll(POLLIN, Some(Duration::ZERO)).await?, 0);
    /// # Ok::<(), zmq_wasm::Error>(()) }))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn poll(&self, events: i32, timeout: Option<Duration>) -> Result<i32> {
        let shell = self.shell();
        let mut place = Place::new(&shell.pollers, || ());
        let turn = poll_fn(|cx| place.watch(cx, |attempt| shell.attempt_poll(events, attempt)));
        match within(timeout, turn).await {
            Err(Error::WouldBlock) => Ok(0),
            ready => ready,
        }
    }

    /// What happens to the socket's connections and endpoints from now on.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Pull)?;
    /// let mut monitor = socket.monitor();
    /// socket.bind("tcp://127.0.0.1:*").await?;
    /// socket.close();
    /// while let Some(event) = monitor.recv().await {
    ///     println!("{} at {}", event.kind.name(), event.endpoint);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn monitor(&self) -> Monitor {
        self.shell().monitors.open()
    }

    /// Closes the socket and all its clones. Pending calls fail with [`Error::Canceled`]; what is queued has
    /// the LINGER option's time to go out. Safe to call twice.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, Error, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Pull)?;
    /// let (received, ()) = tokio::join!(socket.recv(), async { socket.close() });
    /// assert_eq!(received, Err(Error::Canceled));
    /// assert_eq!(socket.recv().await, Err(Error::Closed));
    /// # Ok(())
    /// # }
    /// ```
    pub fn close(&self) {
        let linger = self.shell().engine(|engine| engine.options().linger());
        self.close_with(linger);
    }

    /// Closes the socket, giving queued messages this long to go out; `None` for ever.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let context = Context::new();
    /// let socket = context.socket(SocketType::Push)?;
    /// socket.connect("tcp://localhost:5555")?;
    /// socket.send("for whoever comes").await?;
    /// // Nobody need come.
    /// socket.close_with(Some(std::time::Duration::ZERO));
    /// context.term().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn close_with(&self, linger: Option<Duration>) {
        self.shell().close(linger);
    }

    pub(super) fn shell(&self) -> &Rc<Shell> {
        &self.0.shell
    }

    /// Counts a message that is about to be sent.
    #[inline]
    pub(super) fn count(&self, message: &Message) {
        let octets: usize = message.parts().iter().map(|part| part.len()).sum();
        let weight = if self.shell().has_streams() { 1 + octets / LONG } else { 1 };
        self.0.burst.set(self.0.burst.get() + weight);
    }

    /// Whether it is time for a pause after many messages in a row; the count begins anew with it.
    #[inline]
    pub(super) fn is_burst(&self) -> bool {
        let is_over = self.0.burst.get() >= BURST;
        if is_over {
            self.0.burst.set(0);
        }
        is_over
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Socket({}, {:?})", self.socket_type().name(), self.last_endpoint())
    }
}

/// A call that may wait so long.
pub(super) async fn within<T>(limit: Option<Duration>, call: impl Future<Output = Result<T>>) -> Result<T> {
    match limit {
        None => call.await,
        Some(limit) => timeout(limit, call).await.unwrap_or(Err(Error::WouldBlock)),
    }
}
