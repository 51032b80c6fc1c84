//! The socket, as applications know it.

use std::cell::Cell;
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;

use tokio::time::{Duration, timeout};

use super::body::Body;
use super::driver::Shell;
use super::sink::Adapter;
use super::waiters::{Attempt, Place};
use super::{Context, Error, Message, Result, SocketType};
use crate::SendError;
use crate::engine::PeerInfo;

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
