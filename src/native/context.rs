//! The context: what the sockets of one thread share.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::rc::{Rc, Weak};

use bytes::Bytes;
use hyper::body::Body;
use hyper::service::Service;
use tokio::runtime::Handle;
use tokio::time::{Duration, Instant as Deadline};

use super::curve::chance;
use super::driver::Shell;
use super::http::{self, Doorkeeper, HttpPorts, Incoming, Mount, Request, Response};
use super::inproc::Registry;
use super::judge::Judge;
use super::pool::Buffers;
use super::socket::Socket;
use super::waiters::{Line, Place};
use super::{Error, OptionValue, Options, Result, SocketOption, SocketType};
use crate::engine::Engine;
use crate::error::ApiMisuse;
use crate::time::Instant;

/// Makes sockets, joins those that meet on `inproc://`, and ends them together. Clones are the same context.
///
/// ```
/// # use zmq_wasm::native::{Context, Error, SocketType};
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
/// # tokio::task::LocalSet::new().run_until(async {
/// let context = Context::new();
/// let socket = context.socket(SocketType::Pub)?;
/// socket.bind("inproc://news").await?;
/// drop(socket);
/// context.term().await;
/// assert_eq!(context.socket(SocketType::Pub).err(), Some(Error::Terminated));
/// # Ok::<(), Error>(()) }))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A context and its sockets are `!Send`: they stay on the thread they were made on. That thread runs a
/// [`LocalRuntime`](tokio::runtime::LocalRuntime), which is what `#[tokio::main(flavor = "local")]` makes, or
/// any runtime with a [`LocalSet`](tokio::task::LocalSet); in both cases with I/O and time enabled.
#[derive(Clone)]
#[must_use = "it does nothing without sockets"]
pub struct Context(pub(super) Rc<Core>);

/// What a context's sockets see of it.
pub(super) struct Core {
    epoch: Deadline,
    pub(super) buffers: Buffers,
    pub(super) inproc: Registry,
    pub(super) http: HttpPorts,
    sockets: RefCell<Vec<Weak<Shell>>>,
    /// Sockets whose task has not ended.
    running: Cell<usize>,
    is_terminated: Cell<bool>,
    terminating: Line,
    /// What sockets begin with.
    defaults: RefCell<Options>,
    pub(super) judge: RefCell<Option<Judge>>,
    pub(super) doorkeeper: RefCell<Option<Doorkeeper>>,
}

thread_local! {
    static SHARED: RefCell<Weak<Core>> = const { RefCell::new(Weak::new()) };
}

impl Context {
    /// A context without sockets.
    ///
    /// ```
    /// # use zmq_wasm::native::Context;
    /// assert!(!Context::new().is_closed());
    /// ```
    #[expect(
        clippy::new_without_default,
        reason = "each context is one of its own; a default suggests a shared one"
    )]
    pub fn new() -> Self {
        Self(Rc::new(Core {
            epoch: Deadline::now(),
            buffers: Buffers::default(),
            inproc: Registry::default(),
            http: HttpPorts::default(),
            sockets: RefCell::default(),
            running: Cell::new(0),
            is_terminated: Cell::new(false),
            terminating: Line::default(),
            defaults: RefCell::default(),
            judge: RefCell::default(),
            doorkeeper: RefCell::default(),
        }))
    }

    /// The context that all share who ask here on this thread. It lives as long as somebody has it, or a socket of it;
    /// then, or after its end, there is a new one.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::instance().socket(SocketType::Pull)?;
    /// socket.bind("inproc://everywhere").await?;
    /// Context::instance().socket(SocketType::Push)?.connect("inproc://everywhere")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn instance() -> Self {
        SHARED.with_borrow_mut(|shared| {
            let living = shared.upgrade().filter(|core| !core.is_terminated()).map(Self);
            living.unwrap_or_else(|| {
                let context = Self::new();
                *shared = Rc::downgrade(&context.0);
                context
            })
        })
    }

    /// Sets an option for all sockets that are made later.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, OptionValue, SocketOption, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let context = Context::new();
    /// context.set(SocketOption::Linger, 0)?;
    /// let socket = context.socket(SocketType::Push)?;
    /// assert_eq!(socket.get(SocketOption::Linger)?, OptionValue::Int(0));
    /// # Ok(())
    /// # }
    /// ```
    pub fn set(&self, option: SocketOption, value: impl Into<OptionValue>) -> Result<()> {
        Ok(self.0.defaults.borrow_mut().set(option, &value.into())?)
    }

    /// Reads an option that sockets made later will have.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, OptionValue, SocketOption};
    /// assert_eq!(Context::new().get(SocketOption::SndHwm)?, OptionValue::Int(1000));
    /// # Ok::<(), zmq_wasm::Error>(())
    /// ```
    pub fn get(&self, option: SocketOption) -> Result<OptionValue> {
        Ok(self.0.defaults.borrow().get(option)?)
    }

    /// Makes a socket with the context's options, which are libzmq's defaults until they are [set](Self::set).
    ///
    /// Without any tokio runtime around the call it is an error.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let context = Context::new();
    /// let socket = context.socket(SocketType::Router)?;
    /// assert_eq!(socket.socket_type(), SocketType::Router);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// In a runtime that can't run `!Send` tasks, being neither a
    /// [`LocalRuntime`](tokio::runtime::LocalRuntime) nor in a [`LocalSet`](tokio::task::LocalSet), as
    /// [`tokio::task::spawn_local`] does: tokio has no way to ask beforehand.
    #[track_caller]
    pub fn socket(&self, socket_type: SocketType) -> Result<Socket> {
        let options = self.0.defaults.borrow().clone();
        self.socket_with(socket_type, options)
    }

    /// Makes a socket with these options, whatever the context's are.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, OptionValue, Options, SocketOption, SocketType};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
    /// # tokio::task::LocalSet::new().run_until(async {
    /// let mut options = Options::default();
    /// options.set(SocketOption::Linger, &0.into())?;
    /// let socket = Context::new().socket_with(SocketType::Push, options)?;
    /// assert_eq!(socket.get(SocketOption::Linger)?, OptionValue::Int(0));
    /// # Ok::<(), zmq_wasm::Error>(()) }))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// As [`socket`](Self::socket) does.
    #[track_caller]
    pub fn socket_with(&self, socket_type: SocketType, options: Options) -> Result<Socket> {
        if self.0.is_terminated() {
            return Err(Error::Terminated);
        }
        if Handle::try_current().is_err() {
            return Err(ApiMisuse::InvalidArgument("a socket is made inside of a tokio runtime").into());
        }
        let mut seed = [0; 8];
        getrandom::fill(&mut seed).expect("the system has a random number generator");
        let mut engine = Engine::new(socket_type, options.engine, u64::from_ne_bytes(seed));
        engine.draw_from(chance);
        let shell = Shell::new(Rc::clone(&self.0), engine, options.transport);
        self.0.running.set(self.0.running.get() + 1);
        let mut sockets = self.0.sockets.borrow_mut();
        if sockets.len() == sockets.capacity() {
            sockets.retain(|socket| socket.strong_count() > 0);
        }
        sockets.push(Rc::downgrade(&shell));
        drop(sockets);
        Ok(Socket::new(shell))
    }

    /// Has an HTTP service answer on a port what is no WebSocket of a socket: plain requests, and those that
    /// ask for a WebSocket where no socket is bound. The port is this context's and may be shared with any
    /// number of its `ws://` sockets, bound before or after. A `wss://` port is bound by a socket first, which
    /// has the certificate. A port has one service, until the [`Mount`] is dropped; without one, such requests
    /// get a sentence with the status 404 or 426.
    ///
    /// ```
    /// # use std::convert::Infallible;
    /// # use zmq_wasm::native::{Context, SocketType};
    /// use zmq_wasm::native::http::{Incoming, Request, Response, service_fn};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
    /// # tokio::task::LocalSet::new().run_until(async {
    /// let context = Context::new();
    /// let page = service_fn(async |request: Request<Incoming>| {
    ///     Ok::<_, Infallible>(Response::new(format!("this is {}", request.uri())))
    /// });
    /// let page = context.mount("ws://127.0.0.1:*", page).await?;
    /// let clock = context.socket(SocketType::Pub)?;
    /// clock.bind(&format!("ws://{}/clock", page.local_addr())).await?;
    /// # Ok::<(), zmq_wasm::Error>(()) }))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// A tower service, such as an axum `Router`, goes in as
    /// [`TowerToHyperService::new(router)`](super::http::TowerToHyperService).
    ///
    /// A `wss://` port has a socket's certificate, so that the socket is to be bound there first.
    ///
    /// # Errors
    ///
    /// `EINVAL` for what is no `ws://host:port` or `wss://host:port`, `EADDRINUSE` where the port is somebody
    /// else's or has a service already, and what the system says when it gives no such port.
    pub async fn mount<S, B>(&self, endpoint: &str, service: S) -> Result<Mount>
    where
        S: Service<Request<Incoming>, Response = Response<B>> + 'static,
        S::Future: 'static,
        S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        http::mount(&self.0, endpoint, service).await
    }

    /// Ends the context: calls on its open sockets fail with [`Error::Terminated`] from now on, the pending
    /// ones too. Gives back when every socket is closed and its lingering messages are gone.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, Error, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let context = Context::new();
    /// let socket = context.socket(SocketType::Pull)?;
    /// let receive = async move {
    ///     // Without the socket, which goes with this block, the context would wait for ever.
    ///     assert_eq!(socket.recv().await, Err(Error::Terminated));
    /// };
    /// tokio::join!(receive, context.term());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn term(&self) {
        self.0.is_terminated.set(true);
        for socket in self.0.sockets() {
            socket.wake_all();
        }
        self.emptied().await;
    }

    /// Closes every socket, giving queued messages `linger` to go out (`None`: each socket's LINGER
    /// option), and ends the context.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let context = Context::new();
    /// let socket = context.socket(SocketType::Push)?;
    /// socket.connect("tcp://localhost:5555")?;
    /// socket.send("for whoever comes within a moment").await?;
    /// context.destroy(Some(std::time::Duration::from_millis(1))).await;
    /// assert!(socket.is_closed());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn destroy(&self, linger: Option<Duration>) {
        for socket in self.0.sockets() {
            let linger = linger.or_else(|| socket.engine(|engine| engine.options().linger()));
            socket.close(linger);
        }
        self.term().await;
    }

    /// The context of a socket.
    pub(super) fn of(core: &Rc<Core>) -> Self {
        Self(Rc::clone(core))
    }

    /// Waits until no socket is left.
    pub(super) async fn emptied(&self) {
        let mut place = Place::new(&self.0.terminating, || ());
        poll_fn(|cx| place.watch(cx, |_| (self.0.running.get() == 0).then_some(()))).await;
    }

    /// Whether the context was ended.
    ///
    /// ```
    /// # use zmq_wasm::native::Context;
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let context = Context::new();
    /// context.term().await;
    /// assert!(context.is_closed());
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_closed(&self) -> bool {
        self.0.is_terminated()
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sockets = self.0.running.get();
        f.debug_struct("Context").field("sockets", &sockets).field("is_closed", &self.is_closed()).finish()
    }
}

impl Core {
    pub(super) fn now(&self) -> Instant {
        self.instant(Deadline::now())
    }

    /// tokio's time as the engine's.
    pub(super) fn instant(&self, at: Deadline) -> Instant {
        let since = at.saturating_duration_since(self.epoch);
        Instant::from_micros(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
    }

    /// The engine's time as tokio's.
    pub(super) fn deadline(&self, at: Instant) -> Deadline {
        let since = Duration::from_micros(at.as_micros());
        // A deadline that tokio can't count to is one that nobody lives to see.
        self.epoch.checked_add(since).unwrap_or_else(|| Deadline::now() + FAR)
    }

    pub(super) fn is_terminated(&self) -> bool {
        self.is_terminated.get()
    }

    /// A socket's task has ended.
    pub(super) fn socket_gone(&self) {
        self.running.set(self.running.get() - 1);
        self.terminating.wake_all();
    }

    fn sockets(&self) -> Vec<Rc<Shell>> {
        self.sockets.borrow().iter().filter_map(Weak::upgrade).collect()
    }
}

const FAR: Duration = Duration::from_secs(60 * 60 * 24 * 365);
