//! What was read from a stream and is not decoded yet, and how much is read at a time.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::task::{Context, Poll};

use bytes::{BufMut, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::pool::Buffers;

/// How much is read at a time.
const READ: usize = 64 * 1024;

/// A frame that lacks so many octets is read into a buffer of its own, which becomes the message's: it is
/// not worth a copy.
pub(super) const LONG: usize = READ / 2;

/// How far ahead of its octets the length of a frame is believed.
const TRUST: usize = 1024 * 1024;

/// No header is longer: a WebSocket frame's, with its key and the flag octet of ZWS.
const LONGEST_HEADER: usize = 15;

/// What a connection keeps of its own while it waits for the rest.
const KEEP: usize = READ / 16;

/// What waits to be decoded.
#[derive(Default)]
pub(super) struct Input {
    octets: BytesMut,
    /// Whether a long frame was read last. Another one often follows, of which nothing but the header
    /// should be where it has to be copied from.
    is_after_long: bool,
    /// Whether the buffer is one for the long frame that it begins with.
    is_own: bool,
}

impl Input {
    /// An input that begins with what was read before.
    pub(super) fn new(octets: BytesMut) -> Self {
        Self { octets, is_after_long: false, is_own: false }
    }

    /// What is to be decoded.
    pub(super) fn octets(&mut self) -> &mut BytesMut {
        &mut self.octets
    }

    pub(super) fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }

    /// Reads on. The frame that the input begins with lacks `missing` octets, as far as is known.
    pub(super) fn poll_read(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        missing: usize,
        buffers: &Buffers,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        self.is_own &= !self.octets.is_empty();
        let is_long = missing >= LONG || self.is_own;
        let limit = match (is_long, self.is_after_long && self.octets.is_empty()) {
            // In pieces, so that the peer can send on while the first of them are copied.
            (true, _) => missing.min(READ),
            (false, true) => LONGEST_HEADER,
            (false, false) => usize::MAX,
        };
        if is_long {
            self.make_room_of_its_own(missing, buffers);
        } else {
            self.make_room(buffers);
        }
        let outcome = pin!(stream.read_buf(&mut (&mut self.octets).limit(limit))).poll(cx);
        if outcome.is_ready() {
            self.is_after_long = is_long;
        } else if self.octets.len() < KEEP && !is_long {
            self.shelve(buffers);
        }
        outcome
    }

    fn make_room(&mut self, buffers: &Buffers) {
        if self.octets.is_empty() {
            self.octets = buffers.shared.take();
        }
        if self.octets.capacity() - self.octets.len() < READ / 2 {
            self.octets.reserve(READ);
        }
    }

    /// Room for a long frame and nothing else. It doubles with what has come, so that a lie about a length
    /// costs the liar as much.
    fn make_room_of_its_own(&mut self, missing: usize, buffers: &Buffers) {
        let (len, room) = (self.octets.len(), missing.min(TRUST.max(self.octets.len())));
        let spare = self.octets.capacity() - len;
        if spare == 0 || (spare < missing && !self.is_own) {
            let mut own = buffers.pool.take(len + room);
            own.extend_from_slice(&self.octets);
            std::mem::swap(&mut self.octets, &mut own);
            if !std::mem::replace(&mut self.is_own, true) {
                own.clear();
                buffers.shared.replace(own);
            }
        }
    }

    /// Gives the buffer back, and keeps what is left in it in one of its own size.
    fn shelve(&mut self, buffers: &Buffers) {
        let rest = BytesMut::from(&self.octets[..]);
        let mut buffer = std::mem::replace(&mut self.octets, rest);
        buffer.clear();
        buffers.shared.replace(buffer);
    }
}
