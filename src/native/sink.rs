//! A socket as a [`Stream`] of what it receives and a [`Sink`] of what it sends.

use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_sink::Sink;

use super::driver::Shell;
use super::socket::Socket;
use super::waiters::{Attempt, Line, Place};
use super::{Error, Message, Result, SocketType};

/// What a handle's stream and sink keep from one poll to the next. Clones of the handle begin anew.
#[derive(Default)]
pub(super) struct Adapter(Option<Box<State>>);

struct State {
    shell: Rc<Shell>,
    /// Places in the shell's lines of streams and sinks.
    reading: Option<u64>,
    writing: Option<u64>,
    /// A message that the sink has taken and the socket had no room for.
    held: Option<Message>,
    /// The stream has said that this socket can't receive.
    is_mute: bool,
}

impl Clone for Adapter {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Drop for State {
    fn drop(&mut self) {
        leave(&self.shell.streams, &mut self.reading);
        leave(&self.shell.sinks, &mut self.writing);
    }
}

/// The messages that the socket receives, until it or its context is closed.
///
/// A stream has no place in the order of [`recv`](Socket::recv) calls: it takes what none of them waits for,
/// and RCVTIMEO is not for it. Nothing is lost when a future on it, such as `next()`, is dropped. Where
/// `recv` fails with [`Error::WrongState`] (a REQ that has asked nothing, a REP that owes a reply), the stream
/// waits for the state to change. An error is an item, and other items may follow it.
///
/// ```
/// use futures_util::{SinkExt, StreamExt};
/// use zmq_wasm::native::{Context, Message, SocketType};
///
/// # #[tokio::main(flavor = "local")]
/// # async fn main() -> Result<(), zmq_wasm::Error> {
/// let context = Context::new();
/// let (mut push, mut pull) = (context.socket(SocketType::Push)?, context.socket(SocketType::Pull)?);
/// push.connect(&pull.bind("inproc://numbers").await?)?;
/// let numbers = (0..3).map(|number| Ok(Message::from(number.to_string())));
/// push.send_all(&mut futures_util::stream::iter(numbers)).await?;
/// let received: Vec<_> = pull.by_ref().take(3).map(|message| message.unwrap().parts()[0].to_vec()).collect().await;
/// assert_eq!(received, [b"0", b"1", b"2"]);
/// pull.close();
/// assert!(pull.next().await.is_none());
/// # Ok(())
/// # }
/// ```
impl Stream for Socket {
    type Item = Result<Message>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let shell = Rc::clone(self.shell());
        if shell.check().is_err() {
            return Poll::Ready(None);
        }
        if self.1.0.as_ref().is_some_and(|state| state.is_mute) {
            return Poll::Ready(None);
        }
        // Left before an attempt, which wakes those who wait when there is more.
        if let Some(state) = &mut self.1.0 {
            leave(&shell.streams, &mut state.reading);
        }
        if shell.receivers.is_empty() {
            match shell.attempt_recv(Attempt::First) {
                Some(Err(Error::WrongState(_))) | None => {}
                Some(item) => {
                    if let Err(Error::Misuse(_)) = item {
                        self.state().is_mute = true;
                    }
                    return Poll::Ready(Some(item));
                }
            }
        }
        let state = self.state();
        state.reading = Some(shell.streams.enter(cx.waker()));
        Poll::Pending
    }
}

/// Sends messages, waiting while there is no room for them.
///
/// It is ready when the socket has room ([`POLLOUT`](super::POLLOUT)) and no [`send`](Socket::send) waits;
/// SNDTIMEO is not for it. Where somebody else filled the room after that, or a ROUTER refuses for now, this
/// handle holds the one message it took until there is room again, and flushing waits for that. So a message
/// once taken is neither lost nor sent twice when futures on the sink, such as `send()` or `flush()`, are
/// dropped; flush before dropping the handle itself. Closing the sink flushes it and closes the socket, all
/// its clones too.
impl Sink<Message> for Socket {
    type Error = Error;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.poll_held(cx))?;
        if self.is_burst() {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let shell = Rc::clone(self.shell());
        shell.check()?;
        // Where a message can never be sent, starting to send one says so.
        use SocketType::{Dish, Gather, Pull, Sub};
        let is_mute = matches!(self.socket_type(), Pull | Sub | Gather | Dish);
        let has_room = shell.senders.is_empty() && shell.engine(|engine| engine.can_send());
        if has_room || is_mute {
            self.leave_sinks();
            return Poll::Ready(Ok(()));
        }
        self.enter_sinks(cx);
        Poll::Pending
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<()> {
        self.count(&message);
        let mut message = Some(message);
        let sent = self.shell().attempt_send(&mut message, Attempt::First);
        if sent.is_none() {
            self.state().held = message;
        }
        sent.unwrap_or(Ok(()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.poll_held(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.poll_held(cx))?;
        self.close();
        Poll::Ready(Ok(()))
    }
}

impl Socket {
    /// Waits until the socket or its context is closed.
    pub(super) async fn closed(&self) {
        let shell = self.shell();
        let mut place = Place::new(&shell.streams, || ());
        poll_fn(|cx| place.watch(cx, |_| shell.check().err().map(drop))).await;
    }

    /// Ready when the sink holds no message, or what it held was refused for good.
    fn poll_held(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let Some(state) = &mut self.1.0 else { return Poll::Ready(Ok(())) };
        let mut held = state.held.take();
        if held.is_none() {
            return Poll::Ready(Ok(()));
        }
        let sent = if self.shell().senders.is_empty() {
            self.shell().attempt_send(&mut held, Attempt::Again)
        } else {
            self.shell().check().err().map(Err)
        };
        match sent {
            Some(sent) => {
                self.leave_sinks();
                Poll::Ready(sent)
            }
            None => {
                self.state().held = held;
                self.enter_sinks(cx);
                Poll::Pending
            }
        }
    }

    fn enter_sinks(&mut self, cx: &Context<'_>) {
        let state = self.state();
        match state.writing {
            Some(ticket) => state.shell.sinks.refresh(ticket, cx.waker()),
            None => state.writing = Some(state.shell.sinks.enter(cx.waker())),
        }
    }

    fn leave_sinks(&mut self) {
        if let Some(state) = &mut self.1.0 {
            leave(&state.shell.sinks, &mut state.writing);
        }
    }

    fn state(&mut self) -> &mut State {
        let shell = Rc::clone(self.shell());
        let state = || State { shell, reading: None, writing: None, held: None, is_mute: false };
        self.1.0.get_or_insert_with(|| Box::new(state()))
    }
}

fn leave(line: &Line, ticket: &mut Option<u64>) {
    if let Some(ticket) = ticket.take() {
        line.leave(ticket);
    }
}
