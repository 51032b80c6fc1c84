//! One connection over a byte stream, from its start: its sending side.
//!
//! What the engine transmits gathers in an outbox and is written in one go: by the driver at once or, when
//! the stream takes no more for now, by the connection's task ([`Reader`]) as soon as it does.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use bytes::BytesMut;
use tokio::time::Instant as Deadline;

use super::body::Body;
use super::context::Core;
use super::driver::Shell;
use super::guests::Seat;
use super::outbox::Outbox;
use super::reader::{Decoder, Reader};
use super::stream::{Stream, WriteHalf};
use super::ws::frames;
use crate::arena::PeerId;
use crate::engine::{Flow, Role, Transport};
use crate::error::CloseReason;
use crate::message::{Flag, Frame};
use crate::time::Instant;
use crate::wire::{zmtp, zws};

/// How many octets of messages the engine hands out before some are written.
const CREDIT: usize = 256 * 1024;

/// The most octets of answers to PINGs that wait for a peer who goes on asking but does not read.
const MAX_ANSWERS: usize = 64 * 1024;

/// What a new connection carries: ZMTP, or ZWS as this side of a WebSocket, with the longest message to take.
pub(super) enum Wire {
    Zmtp(zmtp::Codec),
    Ws(frames::Side, u64),
}

/// A connection, ready for the engine.
pub(super) struct Opened {
    pub(super) stream: Stream,
    pub(super) transport: Transport,
    pub(super) wire: Wire,
    /// What was read from it already.
    pub(super) early: BytesMut,
}

/// The sending side of a connection.
pub(super) struct Connection {
    context: Rc<Core>,
    peer: PeerId,
    writer: WriteHalf,
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
pub(super) type Farewell = Option<Deadline>;

enum Encoder {
    Zmtp,
    Ws(frames::Encoder),
}

/// Gives a new connection to the engine and starts its task, which holds the peer's seat at a listener of ours. The
/// time for the handshake has begun at `since`.
pub(super) fn start(shell: &Rc<Shell>, role: Role, opened: Opened, since: Instant, seat: Option<Seat>) {
    let Opened { stream, transport, wire, early } = opened;
    let Some(peer) = shell.engine(|engine| engine.handle_connected(role, transport, since)) else { return };
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
        context: Rc::clone(&shell.context),
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
    let reader = Reader::new(Rc::clone(shell), connection, reader, decoder, early, seat);
    tokio::task::spawn_local(reader.run());
    shell.pump();
}

impl Connection {
    pub(super) fn peer(&self) -> PeerId {
        self.peer
    }

    /// Queues a frame to be written at the next [`flush`](Self::flush).
    pub(super) fn queue(&self, frame: Frame<Body>) {
        if frame.flag == Flag::Command && frame.body.starts_with(b"\x04PONG") {
            self.answers.set(self.answers.get() + frame.body.len());
        }
        self.queue_all(|put| {
            put(frame);
        });
    }

    /// Queues all the frames that `give` puts.
    #[inline]
    pub(super) fn queue_all(&self, give: impl FnOnce(&mut dyn FnMut(Frame<Body>) -> Flow)) {
        if self.is_broken.get() {
            return give(&mut |_| Flow::Continue);
        }
        let outbox = &mut *self.outbox.borrow_mut();
        outbox.borrow(&self.context.buffers.outgoing);
        match &mut *self.encoder.borrow_mut() {
            Encoder::Zmtp => give(&mut |Frame { flag, body }| {
                zmtp::Codec::encode_header(flag, body.len(), outbox.tail());
                outbox.push_body(body);
                Flow::Continue
            }),
            Encoder::Ws(encoder) => give(&mut |Frame { flag, body }| {
                encoder.frame(zws::flag_octet(flag), body, outbox);
                Flow::Continue
            }),
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
        let could_write = !self.is_blocked.get() && !self.is_broken.get();
        self.write();
        if could_write && (self.is_blocked.get() || self.is_broken.get()) {
            self.wake();
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

    /// When a connection that this side closed is to be given up; `None` while it is open.
    pub(super) fn farewell(&self) -> Option<Farewell> {
        self.farewell.get()
    }

    pub(super) fn is_paused(&self) -> bool {
        self.is_paused.get()
    }

    pub(super) fn pause(&self) {
        self.is_paused.set(true);
    }

    pub(super) fn is_blocked(&self) -> bool {
        self.is_blocked.get()
    }

    /// Has `cx` woken when the driver wants something of the task.
    pub(super) fn park(&self, cx: &Context<'_>) {
        let mut task = self.task.borrow_mut();
        match &mut *task {
            Some(waker) => waker.clone_from(cx.waker()),
            None => *task = Some(cx.waker().clone()),
        }
    }

    /// Writes on as soon as the stream takes more. Ready when it is not blocked.
    pub(super) fn poll_write(&self, cx: &mut Context<'_>) -> Poll<()> {
        while self.is_blocked.get() {
            // An error shows again when writing.
            let _ = ready!(self.writer.poll_write_ready(cx));
            self.is_blocked.set(false);
            self.write();
        }
        Poll::Ready(())
    }

    /// Writes all there is, and after it says that nothing else will come.
    pub(super) fn poll_finish(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.write();
        ready!(self.poll_write(cx));
        if !self.is_broken.replace(true) {
            self.writer.finish();
        }
        Poll::Ready(())
    }

    /// Queues what `write` puts behind all others.
    #[inline]
    pub(super) fn append<T>(&self, write: impl FnOnce(&mut BytesMut) -> T) -> T {
        write(self.outbox.borrow_mut().tail())
    }

    /// Answers a WebSocket's PING.
    pub(super) fn pong(&self, context: &[u8]) {
        self.answers.set(self.answers.get() + context.len() + 2);
        if let Encoder::Ws(encoder) = &mut *self.encoder.borrow_mut() {
            encoder.pong(context, &mut self.outbox.borrow_mut());
        }
    }

    /// Whether the peer asks for more answers than it reads.
    pub(super) fn is_flooded(&self) -> bool {
        self.answers.get() > MAX_ANSWERS
    }

    /// Writes what the stream takes now.
    pub(super) fn write(&self) {
        if self.is_blocked.get() || self.is_broken.get() {
            return;
        }
        let outbox = &mut *self.outbox.borrow_mut();
        let written = outbox.write(|pieces| self.writer.try_write_vectored(pieces));
        match written.and_then(|()| self.writer.try_flush()) {
            Ok(()) => {
                self.answers.set(0);
                outbox.give_back(&self.context.buffers.outgoing);
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                self.is_blocked.set(true);
            }
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
