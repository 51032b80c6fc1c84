//! One connection over a byte stream: a task that reads, and an outbox that the driver writes from.
//!
//! The task takes all that one read gave, tells the engine frame by frame, and has the driver do what
//! follows once. What the engine transmits gathers in the outbox and is written in one go, by the driver
//! at once or, when the stream takes no more for now, by the task as soon as it does.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::{Duration, Instant as Deadline, Sleep, sleep_until};

use super::driver::Shell;
use super::outbox::Outbox;
use super::ws::frames;
use crate::arena::PeerId;
use crate::engine::{Flow, Role, Transport};
use crate::error::{CloseReason, Misbehaviour};
use crate::message::{Flag, Frame};
use crate::wire::{zmtp, zws};

/// How many octets of messages the engine hands out before some are written.
const CREDIT: usize = 256 * 1024;

/// How much is read at a time.
const READ: usize = 64 * 1024;

/// How far ahead of its octets the length of a frame is believed.
const TRUST: usize = 1024 * 1024;

/// The most octets of answers to PINGs that wait for a peer who goes on asking but does not read.
const MAX_ANSWERS: usize = 64 * 1024;

/// How long a closed connection waits for the peer to close its side too.
const FAREWELL: Duration = Duration::from_secs(1);

/// What a connection carries, with the state of both directions.
pub(super) enum Wire {
    Zmtp(zmtp::Codec),
    Ws(frames::Side, u64),
}

/// The sending side of a connection.
pub(super) struct Connection {
    peer: PeerId,
    writer: OwnedWriteHalf,
    encoder: RefCell<Encoder>,
    outbox: RefCell<Outbox>,
    /// Octets of answers to PINGs in the outbox.
    answers: Cell<usize>,
    /// The stream takes no more for now; the task waits until it does.
    is_blocked: Cell<bool>,
    /// The stream takes nothing any more. What it still has to read is read all the same.
    is_broken: Cell<bool>,
    /// Whether the driver is told already that there is something to write.
    pub(super) is_touched: Cell<bool>,
    is_paused: Cell<bool>,
    /// Closed by this side, with this much time to send the rest.
    farewell: Cell<Option<Farewell>>,
    task: RefCell<Option<Waker>>,
}

/// How long a closed connection may go on writing; `None` for ever.
type Farewell = Option<Deadline>;

enum Encoder {
    Zmtp,
    Ws(frames::Encoder),
}

enum Decoder {
    Zmtp(zmtp::Codec),
    Ws(frames::Decoder),
}

/// Gives a new connection to the engine and starts its task. `early` is what was read from it already.
pub(super) fn start(
    shell: &Rc<Shell>,
    stream: TcpStream,
    role: Role,
    transport: Transport,
    wire: Wire,
    early: BytesMut,
) {
    let now = shell.now();
    let Some(peer) = shell.engine(|engine| engine.handle_connected(role, transport, now)) else { return };
    let (reader, writer) = stream.into_split();
    let mut outbox = Outbox::default();
    let (encoder, decoder) = match wire {
        Wire::Zmtp(codec) => {
            codec.start(outbox.tail());
            (Encoder::Zmtp, Decoder::Zmtp(codec))
        }
        Wire::Ws(side, max) => {
            (Encoder::Ws(frames::Encoder::new(side)), Decoder::Ws(frames::Decoder::new(side, max)))
        }
    };
    let connection = Rc::new(Connection {
        peer,
        writer,
        encoder: RefCell::new(encoder),
        outbox: RefCell::new(outbox),
        answers: Cell::new(0),
        is_blocked: Cell::new(false),
        is_broken: Cell::new(false),
        is_touched: Cell::new(false),
        is_paused: Cell::new(false),
        farewell: Cell::new(None),
        task: RefCell::new(None),
    });
    shell.add_connection(peer, Rc::clone(&connection));
    let task = Task { shell: Rc::clone(shell), connection, reader, decoder, input: early, limit: None };
    tokio::task::spawn_local(task.run());
    shell.pump();
}

impl Connection {
    pub(super) fn peer(&self) -> PeerId {
        self.peer
    }

    /// Queues a frame to be written at the next [`flush`](Self::flush).
    #[inline]
    pub(super) fn queue(&self, frame: Frame<Bytes>) {
        if self.is_broken.get() {
            return;
        }
        let Frame { flag, body } = frame;
        if flag == Flag::Command && body.starts_with(b"\x04PONG") {
            self.answers.set(self.answers.get() + body.len());
        }
        let outbox = &mut *self.outbox.borrow_mut();
        match &mut *self.encoder.borrow_mut() {
            Encoder::Zmtp => {
                zmtp::Codec::encode_header(flag, body.len(), outbox.tail());
                outbox.push_body(body);
            }
            Encoder::Ws(encoder) => encoder.frame(zws::flag_octet(flag), body, outbox),
        }
    }

    /// Queues a PING of the WebSocket's own.
    pub(super) fn ping(&self) {
        if let Encoder::Ws(encoder) = &mut *self.encoder.borrow_mut() {
            encoder.ping(&mut self.outbox.borrow_mut());
        }
    }

    /// Writes what the stream takes now, and tells how many octets more it could be given.
    pub(super) fn flush(&self) -> usize {
        if !self.is_blocked.get() && !self.is_broken.get() {
            self.write();
            if self.is_blocked.get() || self.is_broken.get() {
                self.wake();
            }
        }
        if self.is_broken.get() { 0 } else { CREDIT.saturating_sub(self.outbox.borrow().len()) }
    }

    /// The engine is ready for more from this peer.
    pub(super) fn resume(&self) {
        self.is_paused.set(false);
        self.wake();
    }

    /// The engine has forgotten the peer. What is queued may still go out until `deadline`.
    pub(super) fn close(&self, reason: &CloseReason, deadline: Farewell) {
        if let Encoder::Ws(encoder) = &mut *self.encoder.borrow_mut() {
            encoder.close(reason, &mut self.outbox.borrow_mut());
        }
        self.farewell.set(Some(deadline));
        self.wake();
    }

    fn write(&self) {
        let outbox = &mut *self.outbox.borrow_mut();
        match outbox.write(|pieces| self.writer.try_write_vectored(pieces)) {
            Ok(()) => self.answers.set(0),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.is_blocked.set(true),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => self.is_blocked.set(true),
            Err(_) => {
                self.is_broken.set(true);
                outbox.clear();
            }
        }
    }

    fn wake(&self) {
        if let Some(task) = self.task.take() {
            task.wake();
        }
    }
}

/// The receiving side of a connection.
struct Task {
    shell: Rc<Shell>,
    connection: Rc<Connection>,
    reader: OwnedReadHalf,
    decoder: Decoder,
    /// What was read and is not decoded yet.
    input: BytesMut,
    /// When a closed connection is given up.
    limit: Option<Pin<Box<Sleep>>>,
}

impl Task {
    async fn run(mut self) {
        let end = poll_fn(|cx| self.poll(cx)).await;
        if let Some(reason) = end {
            self.say_why(&reason);
            self.shell.lost(self.connection.peer, reason);
        } else {
            poll_fn(|cx| self.poll_farewell(cx)).await;
        }
        self.shell.connection_gone();
    }

    /// Carries octets both ways until the connection ends (then why) or this side closes it (`None`).
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<CloseReason>> {
        let connection = Rc::clone(&self.connection);
        connection.task.replace(Some(cx.waker().clone()));
        loop {
            if connection.farewell.get().is_some() {
                return Poll::Ready(None);
            }
            self.poll_write(cx);
            if connection.is_paused.get() {
                return Poll::Pending;
            }
            if !self.input.is_empty()
                && let Err(reason) = self.decode()
            {
                return Poll::Ready(Some(reason));
            }
            if connection.farewell.get().is_some() || connection.is_paused.get() {
                continue;
            }
            match self.poll_read(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(0)) => {
                    return Poll::Ready(Some(CloseReason::Remote(
                        "the peer closed the connection".to_owned(),
                    )));
                }
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Some(CloseReason::Remote(error.to_string()))),
            }
        }
    }

    /// Writes on when the stream was blocked and no longer is.
    fn poll_write(&mut self, cx: &mut Context<'_>) {
        let connection = &self.connection;
        while connection.is_blocked.get() {
            let stream: &TcpStream = connection.writer.as_ref();
            match stream.poll_write_ready(cx) {
                Poll::Pending => return,
                Poll::Ready(_) => {
                    connection.is_blocked.set(false);
                    connection.write();
                    if !connection.is_blocked.get() {
                        self.shell.has_room(connection.peer, connection.flush());
                    }
                }
            }
        }
    }

    /// Reads into the input. An input that is empty is the context's buffer, which its idle connections
    /// thus share.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.input.is_empty() {
            self.input = self.shell.context.buffer.take();
        }
        let missing = match &self.decoder {
            Decoder::Zmtp(codec) => codec.missing(&self.input),
            Decoder::Ws(decoder) => decoder.missing(&self.input),
        };
        // Room doubles with what has come, so that a lie about a length costs the liar as much.
        let room = missing.min(TRUST.max(self.input.len())).max(READ);
        if self.input.capacity() - self.input.len() < room.min(missing.max(READ / 2)) {
            self.input.reserve(room);
        }
        let outcome = pin!(self.reader.read_buf(&mut self.input)).poll(cx);
        if outcome.is_pending() {
            self.shelve_input();
        }
        outcome
    }

    /// Gives the buffer back, and keeps what is left in it in one of its own size.
    fn shelve_input(&mut self) {
        if self.input.len() < READ / 16 {
            let rest = BytesMut::from(&self.input[..]);
            let mut buffer = std::mem::replace(&mut self.input, rest);
            buffer.clear();
            self.shell.context.buffer.replace(buffer);
        }
    }

    /// Decodes all that was read, or as much as the engine wants now.
    fn decode(&mut self) -> Result<(), CloseReason> {
        let now = self.shell.now();
        let Self { shell, connection, decoder, input, .. } = self;
        let peer = connection.peer;
        let mut outcome = Ok(());
        let mut flow = Flow::Continue;
        while flow == Flow::Continue {
            let next = match decoder {
                Decoder::Zmtp(codec) => decode_zmtp(codec, connection, input),
                Decoder::Ws(decoder) => decode_ws(decoder, connection, input),
            };
            match next {
                Ok(None) => break,
                Ok(Some(Arrival::Frame(frame))) => {
                    flow = shell.engine(|engine| engine.handle_frame(peer, frame, now));
                }
                Ok(Some(Arrival::Greeting(greeting))) => {
                    shell.engine(|engine| engine.handle_greeting(peer, greeting, now));
                }
                Ok(Some(Arrival::Life)) => shell.engine(|engine| engine.handle_activity(peer, now)),
                Err(reason) => {
                    outcome = Err(reason);
                    break;
                }
            }
        }
        connection.is_paused.set(flow == Flow::Pause);
        shell.touch(connection);
        shell.pump();
        if connection.answers.get() > MAX_ANSWERS {
            return Err(CloseReason::Refused("it asks for more PONGs than it reads"));
        }
        outcome
    }

    /// Tells the peer what was wrong, as far as it takes it now.
    fn say_why(&self, reason: &CloseReason) {
        if !matches!(reason, CloseReason::Remote(_)) && !self.connection.is_blocked.get() {
            self.connection.close(reason, None);
            self.connection.write();
        }
    }

    /// Sends the rest, says goodbye and waits until the peer has closed too: closing with something unread
    /// would take back what the peer has not read yet.
    fn poll_farewell(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let connection = &self.connection;
        let deadline = connection.farewell.get().flatten();
        if let Some(deadline) = deadline
            && self.limit.is_none()
        {
            self.limit = Some(Box::pin(sleep_until(deadline)));
        }
        while !connection.is_broken.get() && !connection.outbox.borrow().is_empty() {
            connection.write();
            if connection.is_blocked.replace(false) {
                let stream: &TcpStream = connection.writer.as_ref();
                if stream.poll_write_ready(cx).is_pending() {
                    // Who waits for room at the other end may be waiting for us to read.
                    if self.poll_discard(cx).is_ready() {
                        return Poll::Ready(());
                    }
                    return self.poll_limit(cx);
                }
            }
        }
        if !connection.is_broken.get() {
            connection.is_broken.set(true);
            let stream: &TcpStream = connection.writer.as_ref();
            // An error means that there is no connection to say goodbye on.
            let _ = socket2::SockRef::from(stream).shutdown(std::net::Shutdown::Write);
            let limit = Deadline::now() + FAREWELL;
            let limit = deadline.map_or(limit, |deadline| deadline.min(limit));
            self.limit = Some(Box::pin(sleep_until(limit)));
        }
        ready!(self.poll_limit_or_discard(cx));
        Poll::Ready(())
    }

    fn poll_limit_or_discard(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.poll_discard(cx).is_ready() { Poll::Ready(()) } else { self.poll_limit(cx) }
    }

    fn poll_limit(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.limit {
            Some(limit) => limit.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }

    /// Reads and forgets until the peer closes.
    fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.input.clear();
            match ready!(self.poll_read(cx)) {
                Ok(0) | Err(_) => return Poll::Ready(()),
                Ok(_) => {}
            }
        }
    }
}

/// What came, whatever it came by.
enum Arrival {
    Frame(Frame<Bytes>),
    Greeting(zmtp::Greeting),
    /// Nothing but a sign of life.
    Life,
}

#[inline]
fn decode_zmtp(
    codec: &mut zmtp::Codec,
    connection: &Connection,
    input: &mut BytesMut,
) -> Result<Option<Arrival>, CloseReason> {
    let decoded = codec.decode(input, connection.outbox.borrow_mut().tail())?;
    Ok(decoded.map(|decoded| match decoded {
        zmtp::Decoded::Frame(frame) => Arrival::Frame(frame),
        zmtp::Decoded::Greeting(greeting) => Arrival::Greeting(greeting),
    }))
}

#[inline]
fn decode_ws(
    decoder: &mut frames::Decoder,
    connection: &Connection,
    input: &mut BytesMut,
) -> Result<Option<Arrival>, CloseReason> {
    let Some(received) = decoder.decode(input)? else { return Ok(None) };
    Ok(Some(match received {
        frames::Received::Binary(mut message) => {
            let Some(&octet) = message.first() else { return Err(Misbehaviour::EmptyFrame.into()) };
            message.advance(1);
            Arrival::Frame(Frame::new(zws::parse_flag(octet)?, message))
        }
        frames::Received::Text => return Err(Misbehaviour::TextFrame.into()),
        frames::Received::Ping(context) => {
            connection.answers.set(connection.answers.get() + context.len() + 2);
            if let Encoder::Ws(encoder) = &mut *connection.encoder.borrow_mut() {
                encoder.pong(&context, &mut connection.outbox.borrow_mut());
            }
            Arrival::Life
        }
        frames::Received::Pong => Arrival::Life,
        frames::Received::Close(payload) => return Err(CloseReason::Remote(describe_close(&payload))),
    }))
}

fn describe_close(payload: &[u8]) -> String {
    match payload.split_first_chunk::<2>() {
        None => "the peer closed the WebSocket".to_owned(),
        Some((code, reason)) => {
            let (code, reason) = (u16::from_be_bytes(*code), String::from_utf8_lossy(reason));
            format!("the peer closed the WebSocket: {code} {reason}").trim_end().to_owned()
        }
    }
}
