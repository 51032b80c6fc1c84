//! The receiving side of a connection, and its task.
//!
//! The task takes all that one read gave, tells the engine frame by frame, and has the driver do what
//! follows once.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use tokio::task::yield_now;
use tokio::time::{Duration, Instant as Deadline, Sleep, sleep_until};

use super::body::Body;
use super::connection::Connection;
use super::driver::Shell;
use super::guests::Seat;
use super::input::{Input, LONG};
use super::pool::Pool;
use super::stream::ReadHalf;
use super::ws::frames;
use crate::arena::PeerId;
use crate::engine::{Engine, Flow};
use crate::error::{CloseReason, Misbehaviour};
use crate::message::Frame;
use crate::time::Instant;
use crate::wire::zmtp::{self, Header};
use crate::wire::zws;

/// How many octets are read before others have a turn. What is received soon is still in the cache.
const TURN: usize = 256 * 1024;

/// How long a closed connection waits for the peer to close its side too.
const FAREWELL: Duration = Duration::from_secs(1);

/// The receiving side of a connection.
pub(super) struct Reader {
    shell: Rc<Shell>,
    connection: Rc<Connection>,
    stream: ReadHalf,
    decoder: Decoder,
    input: Input,
    /// Octets read since others had a turn.
    turn: usize,
    /// After the end: all is sent, and this side's end was announced.
    is_finished: bool,
    /// When a closed connection is given up.
    limit: Option<Pin<Box<Sleep>>>,
    _seat: Option<Seat>,
}

impl Reader {
    pub(super) fn new(
        shell: Rc<Shell>,
        connection: Rc<Connection>,
        stream: ReadHalf,
        decoder: Decoder,
        early: BytesMut,
        seat: Option<Seat>,
    ) -> Self {
        Self {
            shell,
            connection,
            stream,
            decoder,
            input: Input::new(early),
            turn: 0,
            is_finished: false,
            limit: None,
            _seat: seat,
        }
    }

    pub(super) async fn run(mut self) {
        let end = poll_fn(|cx| self.poll(cx)).await;
        if let Some(reason) = end {
            self.say_why(&reason);
            self.shell.lost(self.connection.peer(), reason);
        } else {
            poll_fn(|cx| self.poll_farewell(cx)).await;
        }
        self.shell.connection_gone();
    }

    /// Carries octets both ways until the connection ends (then why) or this side closes it (`None`).
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<CloseReason>> {
        let connection = Rc::clone(&self.connection);
        // Who wakes the task while it is polled has it polled again.
        connection.park(cx);
        loop {
            if connection.farewell().is_some() {
                return Poll::Ready(None);
            }
            if connection.is_blocked() && connection.poll_write(cx).is_ready() {
                self.shell.has_room(connection.peer(), connection.flush());
                continue;
            }
            if connection.is_paused() {
                return Poll::Pending;
            }
            if !self.input.is_empty() {
                if let Err(reason) = self.decode() {
                    return Poll::Ready(Some(reason));
                }
                if connection.farewell().is_some() || connection.is_paused() {
                    continue;
                }
                if self.turn >= TURN {
                    self.turn = 0;
                    // Wakes this task when others have had their turn: who receives, before all.
                    let _ = pin!(yield_now()).poll(cx);
                    return Poll::Pending;
                }
            }
            match self.poll_read(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(0)) => {
                    return Poll::Ready(Some(CloseReason::Remote(
                        "the peer closed the connection".to_owned(),
                    )));
                }
                Poll::Ready(Ok(read)) => self.turn += read,
                Poll::Ready(Err(error)) => return Poll::Ready(Some(CloseReason::Remote(error.to_string()))),
            }
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let missing = self.decoder.missing(self.input.octets());
        self.input.poll_read(&mut self.stream, missing, &self.shell.context.buffers, cx)
    }

    /// Decodes all that was read, or as much as the engine wants now.
    fn decode(&mut self) -> Result<(), CloseReason> {
        let Self { shell, connection, decoder, input, .. } = self;
        let input = input.octets();
        let (peer, now, pool) = (connection.peer(), shell.now(), &shell.context.buffers.pool);
        let decoded = shell.engine(|engine| match decoder {
            Decoder::Zmtp(codec) => decode_zmtp(engine, peer, codec, connection, input, pool, now),
            Decoder::Ws(decoder) => decode_ws(engine, peer, decoder, connection, input, pool, now),
        });
        if decoded == Ok(Flow::Pause) {
            connection.pause();
        }
        shell.touch(connection);
        shell.pump();
        if connection.is_flooded() {
            return Err(CloseReason::Refused("it asks for more PONGs than it reads"));
        }
        decoded.map(|_| ())
    }

    /// Tells the peer what was wrong, as far as it takes it now.
    fn say_why(&self, reason: &CloseReason) {
        if !matches!(reason, CloseReason::Remote(_)) {
            self.connection.close(reason, None);
            self.connection.write();
        }
    }

    /// Sends the rest, says goodbye and waits until the peer has closed too: closing with something unread
    /// would take back what the peer has not read yet.
    fn poll_farewell(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = self.connection.farewell().flatten();
        if !self.is_finished {
            if self.connection.poll_finish(cx).is_ready() {
                self.is_finished = true;
                let limit = Deadline::now() + FAREWELL;
                let limit = deadline.map_or(limit, |deadline| deadline.min(limit));
                self.limit = Some(Box::pin(sleep_until(limit)));
            } else if self.limit.is_none() {
                self.limit = deadline.map(|deadline| Box::pin(sleep_until(deadline)));
            }
        }
        // Also while there is something to send: who makes no room may be waiting for us to read.
        if self.poll_discard(cx).is_ready() {
            return Poll::Ready(());
        }
        self.poll_limit(cx)
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
            self.input.octets().clear();
            match ready!(self.poll_read(cx)) {
                Ok(0) | Err(_) => return Poll::Ready(()),
                Ok(_) => {}
            }
        }
    }
}

/// How what was read becomes frames.
pub(super) enum Decoder {
    Zmtp(zmtp::Codec),
    Ws(frames::Decoder),
}

impl Decoder {
    /// How many more octets the frame at the beginning of `input` needs, where that is known.
    fn missing(&self, input: &[u8]) -> usize {
        match self {
            Self::Zmtp(codec) if codec.is_greeted() => match codec.header(input) {
                Ok(Some(header)) => header.length.saturating_sub(input.len() - header.size),
                _ => 0,
            },
            Self::Zmtp(_) => 0,
            Self::Ws(decoder) => decoder.missing(input),
        }
    }
}

/// Tells the engine all frames that `input` begins with, until it wants no more.
fn decode_zmtp(
    engine: &mut Engine<Body>,
    peer: PeerId,
    codec: &mut zmtp::Codec,
    connection: &Connection,
    input: &mut BytesMut,
    pool: &Pool,
    now: Instant,
) -> Result<Flow, CloseReason> {
    if !codec.is_greeted() {
        match connection.append(|out| codec.greet(input, out))? {
            Some(greeting) => engine.handle_greeting(peer, greeting, now),
            None => return Ok(Flow::Continue),
        }
    }
    // Short frames are copied out one after the other, and their octets given up together.
    let mut done = 0;
    let outcome = loop {
        let rest = &input[done..];
        let Header { flag, size, length } = match codec.header(rest) {
            Ok(Some(header)) if rest.len() - header.size >= header.length => header,
            Ok(_) => break Ok(Flow::Continue),
            Err(fault) => break Err(fault.into()),
        };
        let body = match Body::inline(&rest[size..size + length]) {
            Some(body) => {
                done += size + length;
                body
            }
            None => {
                input.advance(done + size);
                done = 0;
                body(input.split_to(length), pool)
            }
        };
        if engine.handle_frame(peer, Frame::new(flag, body), now) == Flow::Pause {
            break Ok(Flow::Pause);
        }
    };
    input.advance(done);
    outcome
}

/// A body in the buffer that it was read into.
fn body(octets: BytesMut, pool: &Pool) -> Body {
    if octets.len() < LONG { octets.into() } else { pool.lend(octets).into() }
}

/// The same for WebSocket messages.
fn decode_ws(
    engine: &mut Engine<Body>,
    peer: PeerId,
    decoder: &mut frames::Decoder,
    connection: &Connection,
    input: &mut BytesMut,
    pool: &Pool,
    now: Instant,
) -> Result<Flow, CloseReason> {
    loop {
        // As with ZMTP, the octets of short messages are given up together.
        let mut done = 0;
        while let Some((length, octet, body)) = decoder.short(&input[done..]) {
            done += length;
            if engine.handle_frame(peer, Frame::new(zws::parse_flag(octet)?, body), now) == Flow::Pause {
                input.advance(done);
                return Ok(Flow::Pause);
            }
        }
        input.advance(done);
        match decoder.decode(input)? {
            None => return Ok(Flow::Continue),
            Some(frames::Received::Binary(mut message)) => {
                let Some(&octet) = message.first() else { return Err(Misbehaviour::EmptyFrame.into()) };
                let flag = zws::parse_flag(octet)?;
                message.advance(1);
                if engine.handle_frame(peer, Frame::new(flag, body(message, pool)), now) == Flow::Pause {
                    return Ok(Flow::Pause);
                }
            }
            Some(frames::Received::Text) => return Err(Misbehaviour::TextFrame.into()),
            Some(frames::Received::Ping(context)) => {
                connection.pong(&context);
                engine.handle_activity(peer, now);
            }
            Some(frames::Received::Pong) => engine.handle_activity(peer, now),
            Some(frames::Received::Close(payload)) => {
                return Err(CloseReason::Remote(describe_close(&payload)));
            }
        }
    }
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
