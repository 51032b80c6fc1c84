//! Requests: a message, and the reply to just that one.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use tokio::sync::{Mutex, oneshot};
use tokio::task::spawn_local;

use super::driver::Shell;
use super::socket::{Socket, within};
use super::{Body, Error, Message, Result, SocketType};
use crate::error::ApiMisuse;

impl Socket {
    /// Sends a request and gives the reply to it. Any number may be under way; SNDTIMEO and RCVTIMEO limit each.
    /// It is for REQ and DEALER sockets.
    ///
    /// The requests of a REQ take turns. After one that was dropped or timed out, the next waits for the late reply,
    /// which nobody gets, unless REQ_RELAXED and REQ_CORRELATE are set.
    ///
    /// Those of a DEALER go out at once and are answered in any order. Each has an envelope, as a REQ with
    /// REQ_CORRELATE writes it: a number of four octets and an empty part, which REP, and any server that sends
    /// envelopes back, puts before the reply. A reply that nobody waits for any more is dropped; all other messages
    /// are left to [`recv`](Self::recv), RCVHWM of them beside those that the socket queues.
    ///
    /// ```
    /// use zmq_wasm::native::{Context, SocketType};
    ///
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let context = Context::new();
    /// let (server, client) = (context.socket(SocketType::Rep)?, context.socket(SocketType::Dealer)?);
    /// client.connect(&server.bind("inproc://service").await?)?;
    /// tokio::task::spawn_local(async move {
    ///     while let Ok(request) = server.recv().await {
    ///         server.send(request).await.expect("a request was received");
    ///     }
    /// });
    /// let (one, two) = tokio::try_join!(client.request("one"), client.request("two"))?;
    /// assert_eq!((one.parts(), two.parts()), (&["one".into()][..], &["two".into()][..]));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `ENOTSUP` from sockets of other types, `EAGAIN` after a time-out, and what [`send`](Self::send) and
    /// [`recv`](Self::recv) say.
    pub async fn request(&self, message: impl Into<Message>) -> Result<Message> {
        match self.socket_type() {
            SocketType::Req => self.ask_in_turn(message.into()).await,
            SocketType::Dealer => self.ask_at_once(message.into()).await,
            socket_type => Err(ApiMisuse::NotSupported { operation: "make requests", socket_type }.into()),
        }
    }

    async fn ask_in_turn(&self, message: Message) -> Result<Message> {
        let shell = self.shell();
        let limits =
            |shell: &Shell| shell.engine(|engine| (engine.options().sndtimeo(), engine.options().rcvtimeo()));
        let _turn = within(limits(shell).0, async { Ok(shell.requests.turn.lock().await) }).await?;
        self.send(message).await?;
        let limit = limits(shell).1;
        if shell.engine(|engine| engine.options().req_relaxed()) {
            return shell.receive(limit).await.map_err(canceled);
        }
        // It goes on when this future is dropped: the reply is to be received before the next request.
        let receiving = Rc::clone(shell);
        let reply = spawn_local(async move { receiving.receive(None).await });
        within(limit, async { reply.await.unwrap_or(Err(Error::Closed)) }).await.map_err(canceled)
    }

    async fn ask_at_once(&self, mut message: Message) -> Result<Message> {
        if message.is_empty() {
            return Err(ApiMisuse::InvalidArgument("a message has at least one part").into());
        }
        let shell = self.shell();
        let (number, reply) = shell.requests.open();
        let _pending = Pending(shell, number);
        message.push_front(Body::default());
        message.push_front(Body::copy_from_slice(&number.to_be_bytes()));
        self.send(message).await?;
        let limit = shell.engine(|engine| engine.options().rcvtimeo());
        let ended = |_| shell.check().err().unwrap_or(Error::Closed);
        within(limit, async { reply.await.map_err(ended) }).await.map_err(canceled)
    }
}

/// When a socket is closed after it has sent the request, that is within the call.
fn canceled(error: Error) -> Error {
    if error == Error::Closed { Error::Canceled } else { error }
}

/// A request that waits for its reply, until this is dropped.
struct Pending<'a>(&'a Shell, u32);

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        self.0.requests.pending.borrow_mut().remove(&self.1);
    }
}

/// The requests of a socket.
#[derive(Default)]
pub(super) struct Requests {
    /// Whose turn it is with a REQ.
    turn: Mutex<()>,
    /// The numbers that a DEALER gave: the first, and how many. None of its messages passes unseen after that.
    first: Cell<u32>,
    count: Cell<u32>,
    pending: RefCell<HashMap<u32, oneshot::Sender<Message>>>,
    /// Messages that are no replies.
    others: RefCell<VecDeque<Message>>,
}

impl Requests {
    /// A number for a new request, and where its reply will come.
    fn open(&self) -> (u32, oneshot::Receiver<Message>) {
        if self.count.get() == 0 {
            // Replies to whoever had this routing id before are to be strangers.
            let mut first = [0; 4];
            getrandom::fill(&mut first).expect("the system has a random number generator");
            self.first.set(u32::from_ne_bytes(first));
        }
        let number = self.first.get().wrapping_add(self.count.get());
        self.count.set(self.count.get().saturating_add(1));
        let (done, reply) = oneshot::channel();
        self.pending.borrow_mut().insert(number, done);
        (number, reply)
    }

    /// Gives a reply to who waits for it, and keeps any other message.
    fn sort(&self, mut message: Message) {
        match message.parts() {
            [number, delimiter, _, ..] if delimiter.is_empty() => {
                match <[u8; 4]>::try_from(number.as_slice()) {
                    Ok(number) if self.has_issued(u32::from_be_bytes(number)) => {
                        message.pop_front();
                        message.pop_front();
                        let done = self.pending.borrow_mut().remove(&u32::from_be_bytes(number));
                        // Nobody waits for what was dropped or timed out.
                        drop(done.map(|done| done.send(message)));
                    }
                    _ => self.others.borrow_mut().push_back(message),
                }
            }
            _ => self.others.borrow_mut().push_back(message),
        }
    }

    fn has_issued(&self, number: u32) -> bool {
        number.wrapping_sub(self.first.get()) < self.count.get()
    }

    /// Nothing will come any more.
    pub(super) fn cancel(&self) {
        self.pending.borrow_mut().clear();
    }
}

impl Shell {
    /// Whether a receive would find a message.
    pub(super) fn can_recv(&self) -> bool {
        !self.requests.others.borrow().is_empty() || self.engine(|engine| engine.can_recv())
    }

    /// Takes a message for a receive.
    #[inline]
    pub(super) fn take(&self) -> Result<Option<Message>> {
        if self.requests.count.get() > 0 {
            self.sort_replies();
            return Ok(self.requests.others.borrow_mut().pop_front());
        }
        self.take_any()
    }

    #[inline]
    fn take_any(&self) -> Result<Option<Message>> {
        let (received, is_drained) = self.engine(|engine| (engine.recv(), engine.is_drained()));
        if !is_drained {
            self.mark_dirty();
        }
        received
    }

    /// Gives replies that have come to who waits for them.
    pub(super) fn sort_replies(&self) {
        if self.requests.count.get() == 0 {
            return;
        }
        let room = self.engine(|engine| engine.options().receive_limit());
        while self.requests.others.borrow().len() < room {
            match self.take_any() {
                Ok(Some(message)) => self.requests.sort(message),
                _ => break,
            }
        }
    }
}
