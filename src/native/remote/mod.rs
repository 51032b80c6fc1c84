//! A socket's handle for other threads.
//!
//! Queues on both sides of the thread's border are emptied in batches, so that a stream of messages costs a
//! wake per batch, not one per message.

mod serve;

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::task::spawn_local;

use self::serve::serve;
use super::body::Body;
use super::socket::Socket;
use super::{Error, Message, Result, SendError, SocketOption, SocketType};
use crate::error::ApiMisuse;

/// A socket's handle for tasks on any thread, of any runtime: `Send`, `Sync`, cheap to clone.
///
/// [`Socket::remote`] makes it, and a task on the socket's own thread serves it. It keeps the socket open as
/// a clone of the socket would. Two queues lie in between, one each way, with room for SNDHWM and RCVHWM
/// messages as they were then (1000 where those are 0), beside what the socket itself queues; as many again,
/// but 256 at the most, may be on their way out of each.
///
/// # What holds when a future is dropped
///
/// - [`send`](Self::send): the message was given as a whole or not at all, and is never sent twice. From a
///   PUSH, PUB, DEALER, PAIR, XPUB or XSUB socket it is given in the moment in which the future is ready, so
///   a send that was dropped before has done nothing. From the others it is given when there was room for it,
///   after which the future waits for the socket's answer: one dropped there may still be sent.
/// - [`recv`](Self::recv) takes no message unless it is ready.
/// - [`request`](Self::request): as `send` in a REQ, and the reply is received and dropped.
///
/// When the last handle is dropped, what was given is still sent, with the LINGER option's time to find room
/// in the socket and once more the same time to go out; what was received and not taken is gone, as it is
/// with a socket that is closed.
///
/// ```
/// use zmq_wasm::native::{Context, SocketType};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), zmq_wasm::Error> {
/// let replier = Context::spawn_thread(async |context| {
///     let socket = context.socket(SocketType::Rep)?;
///     socket.bind("tcp://127.0.0.1:*").await?;
///     Ok(socket.remote())
/// })
/// .await?;
/// let endpoint = replier.with(async |socket| Ok(socket.last_endpoint())).await?;
/// // A `Send` task, on whichever thread of the runtime.
/// tokio::spawn(async move {
///     while let Ok(request) = replier.recv().await {
///         replier.send(request).await.expect("a request was received");
///     }
/// });
///
/// let requester = Context::spawn_thread(async move |context| {
///     let socket = context.socket(SocketType::Req)?;
///     socket.connect(&endpoint)?;
///     Ok(socket.remote())
/// })
/// .await?;
/// assert_eq!(requester.request("hello").await?.parts(), ["hello"]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "the socket is closed when its last handle is dropped"]
pub struct Remote(Arc<Shared>);

struct Shared {
    socket_type: SocketType,
    commands: mpsc::Sender<Command>,
    jobs: mpsc::Sender<Job>,
    inbox: Mutex<Inbox>,
    /// Told to close; dropped with the last handle.
    closing: watch::Sender<bool>,
}

/// What came from the socket, and what of it one batch brought over.
struct Inbox {
    queue: mpsc::Receiver<Result<Message>>,
    batch: Vec<Result<Message>>,
    ready: VecDeque<Result<Message>>,
}

enum Command {
    Send(Message),
    /// A send whose outcome somebody waits for.
    Confirm(Message, oneshot::Sender<Result<()>>),
    Request(Message, oneshot::Sender<Result<Message>>),
}

type Job = Box<dyn FnOnce(Socket) + Send>;

/// The most that crosses the border in one go.
const BATCH: usize = 256;

impl Socket {
    /// A handle for tasks on other threads. What it receives, no other clone of the socket does.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let pull = Context::new().socket(SocketType::Pull)?;
    /// let remote = pull.remote();
    /// let anywhere = std::thread::spawn(move || remote.socket_type());
    /// assert_eq!(anywhere.join().expect("it does not panic"), SocketType::Pull);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn remote(&self) -> Remote {
        let room = |option| match self.shell().engine(|engine| engine.option(option)) {
            Ok(super::OptionValue::Int(hwm @ 1..)) => usize::try_from(hwm).unwrap_or(DEFAULT_ROOM),
            _ => DEFAULT_ROOM,
        };
        let (commands, given) = mpsc::channel(room(SocketOption::SndHwm));
        let (inbox, queue) = mpsc::channel(room(SocketOption::RcvHwm));
        let (jobs, to_do) = mpsc::channel(JOBS);
        let (closing, closed) = watch::channel(false);
        let socket_type = self.socket_type();
        spawn_local(serve(self.clone(), given, to_do, inbox, closed));
        let inbox = Mutex::new(Inbox { queue, batch: Vec::new(), ready: VecDeque::new() });
        Remote(Arc::new(Shared { socket_type, commands, jobs, inbox, closing }))
    }
}

const DEFAULT_ROOM: usize = 1000;
const JOBS: usize = 16;

impl Remote {
    /// The socket's type.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let remote = Context::new().socket(SocketType::Pull)?.remote();
    /// assert_eq!(remote.socket_type(), SocketType::Pull);
    /// # Ok(())
    /// # }
    /// ```
    pub fn socket_type(&self) -> SocketType {
        self.0.socket_type
    }

    /// Sends a message, waiting until there is room for it.
    ///
    /// On a REQ, REP or ROUTER, and on the draft types, it also waits for the socket to take the message (SNDTIMEO
    /// at most), and fails as [`Socket::send`] does. All other sockets that send can't refuse a message for good,
    /// so there it is ready as soon as the message is in the queue.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// # let context = Context::new();
    /// let (push, pull) = (context.socket(SocketType::Push)?, context.socket(SocketType::Pull)?);
    /// push.connect(&pull.bind("inproc://jobs").await?)?;
    /// let (push, pull) = (push.remote(), pull.remote());
    /// push.send(["two", "parts"]).await?;
    /// assert_eq!(pull.recv().await?.parts(), ["two", "parts"]);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send(&self, message: impl Into<Message>) -> Result<()> {
        let message = message.into();
        if !self.must_confirm() {
            if message.is_empty() {
                return Err(no_parts());
            }
            return self.give(Command::Send(message)).await;
        }
        let (done, outcome) = oneshot::channel();
        self.give(Command::Confirm(message, done)).await?;
        outcome.await.unwrap_or(Err(Error::Canceled))
    }

    /// Sends a message if there is room in the queue now, and else gives it back with
    /// [`Error::WouldBlock`]. What becomes of it then is not told, so it is not for REQ, REP, ROUTER
    /// and the draft types.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// # let context = Context::new();
    /// let (push, pull) = (context.socket(SocketType::Push)?, context.socket(SocketType::Pull)?);
    /// push.connect(&pull.bind("inproc://jobs").await?)?;
    /// let (push, pull) = (push.remote(), pull.remote());
    /// push.try_send("now").expect("there is room");
    /// assert_eq!(pull.recv().await?.parts(), ["now"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_send(&self, message: impl Into<Message>) -> Result<(), SendError<Body>> {
        let message = message.into();
        if self.must_confirm() {
            return Err(SendError::new(self.cannot("send without waiting"), message));
        }
        if message.is_empty() {
            return Err(SendError::new(no_parts(), message));
        }
        if self.is_closed() {
            return Err(SendError::new(Error::Closed, message));
        }
        let refused = match self.0.commands.try_send(Command::Send(message)) {
            Ok(()) => return Ok(()),
            Err(refused) => refused,
        };
        let error = match refused {
            mpsc::error::TrySendError::Full(_) => Error::WouldBlock,
            mpsc::error::TrySendError::Closed(_) => Error::Closed,
        };
        let Command::Send(message) = refused.into_inner() else { unreachable!("it was a message") };
        Err(SendError { error, message })
    }

    /// Receives a message, waiting until there is one. Every message goes to one receiver; those that wait
    /// are served in their order.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// # let context = Context::new();
    /// let (push, pull) = (context.socket(SocketType::Push)?, context.socket(SocketType::Pull)?);
    /// push.connect(&pull.bind("inproc://jobs").await?)?;
    /// let (push, pull) = (push.remote(), pull.remote());
    /// push.send("a job").await?;
    /// assert_eq!(pull.recv().await?.parts(), ["a job"]);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn recv(&self) -> Result<Message> {
        if is_mute(self.0.socket_type) {
            return Err(self.cannot("receive"));
        }
        let inbox = &mut *self.0.inbox.lock().await;
        if inbox.ready.is_empty() {
            inbox.queue.recv_many(&mut inbox.batch, BATCH).await;
            inbox.ready.extend(inbox.batch.drain(..));
        }
        inbox.ready.pop_front().unwrap_or(Err(Error::Closed))
    }

    /// Receives a message if there is one now and nobody waits for it, and is [`Error::WouldBlock`] else.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, Error, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let pull = Context::new().socket(SocketType::Pull)?.remote();
    /// assert_eq!(pull.try_recv(), Err(Error::WouldBlock));
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_recv(&self) -> Result<Message> {
        if is_mute(self.0.socket_type) {
            return Err(self.cannot("receive"));
        }
        let Ok(mut inbox) = self.0.inbox.try_lock() else { return Err(Error::WouldBlock) };
        if let Some(ready) = inbox.ready.pop_front() {
            return ready;
        }
        inbox.queue.try_recv().unwrap_or_else(|empty| match empty {
            mpsc::error::TryRecvError::Empty => Err(Error::WouldBlock),
            mpsc::error::TryRecvError::Disconnected => Err(Error::Closed),
        })
    }

    /// Sends a request by a REQ socket and waits for the reply to it. Any number of tasks may do so; they
    /// take turns. SNDTIMEO and RCVTIMEO limit each turn.
    ///
    /// After a time-out the next request waits for the late reply, as [`Socket::request`] says. (For requests by a
    /// DEALER see [`with`](Self::with).)
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// # let context = Context::new();
    /// let (server, client) = (context.socket(SocketType::Rep)?, context.socket(SocketType::Req)?);
    /// client.connect(&server.bind("inproc://service").await?)?;
    /// let client = client.remote();
    /// let serve = async { server.send(server.recv().await?).await };
    /// let (reply, served) = tokio::join!(client.request("hello"), serve);
    /// served?;
    /// assert_eq!(reply?.parts(), ["hello"]);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn request(&self, message: impl Into<Message>) -> Result<Message> {
        if self.0.socket_type != SocketType::Req {
            return Err(self.cannot("make requests"));
        }
        let (done, reply) = oneshot::channel();
        self.give(Command::Request(message.into(), done)).await?;
        reply.await.unwrap_or(Err(Error::Canceled))
    }

    /// Runs something with the socket on its own thread and gives its outcome: subscribing, connecting,
    /// binding, options. It does not wait for what was sent before.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let remote = Context::new().socket(SocketType::Sub)?.remote();
    /// remote.with(async |socket| socket.subscribe("weather")).await?;
    /// let endpoint = remote.with(async |socket| socket.bind("tcp://127.0.0.1:*").await).await?;
    /// # assert!(endpoint.starts_with("tcp://127.0.0.1:"));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn with<T: Send + 'static>(
        &self,
        run: impl AsyncFnOnce(Socket) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (done, outcome) = oneshot::channel();
        let job: Job = Box::new(move |socket| {
            // Nobody waits for the outcome when the call was dropped.
            spawn_local(async move { done.send(run(socket).await).ok() });
        });
        self.0.jobs.send(job).await.map_err(|_| Error::Closed)?;
        outcome.await.unwrap_or(Err(Error::Canceled))
    }

    /// Closes the socket and all its clones. What was sent before has the LINGER option's time to go out,
    /// requests fail with [`Error::Canceled`], and what was received already can still be taken. Safe to call
    /// twice.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, Error, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let pull = Context::new().socket(SocketType::Pull)?.remote();
    /// pull.close();
    /// assert_eq!(pull.recv().await, Err(Error::Closed));
    /// # Ok(())
    /// # }
    /// ```
    pub fn close(&self) {
        self.0.closing.send_replace(true);
    }

    /// Whether the socket is closed, or about to be.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let pull = Context::new().socket(SocketType::Pull)?.remote();
    /// assert!(!pull.is_closed());
    /// pull.close();
    /// assert!(pull.is_closed());
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_closed(&self) -> bool {
        *self.0.closing.borrow() || self.0.commands.is_closed()
    }

    async fn give(&self, command: Command) -> Result<()> {
        if self.is_closed() {
            return Err(Error::Closed);
        }
        self.0.commands.send(command).await.map_err(|_| Error::Closed)
    }

    /// Whether the socket may refuse a message for good.
    fn must_confirm(&self) -> bool {
        use SocketType::{Dealer, Pair, Pub, Push, Xpub, Xsub};
        !matches!(self.0.socket_type, Push | Pub | Dealer | Pair | Xpub | Xsub)
    }

    fn cannot(&self, operation: &'static str) -> Error {
        ApiMisuse::NotSupported { operation, socket_type: self.0.socket_type }.into()
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Remote({})", self.0.socket_type.name())
    }
}

/// Whether sockets of this type receive nothing.
fn is_mute(socket_type: SocketType) -> bool {
    use SocketType::{Pub, Push, Radio, Scatter};
    matches!(socket_type, Push | Pub | Scatter | Radio)
}

fn no_parts() -> Error {
    ApiMisuse::InvalidArgument("a message has at least one part").into()
}
