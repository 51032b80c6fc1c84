//! What waits to be written to one connection.

use std::cell::Cell;
use std::collections::VecDeque;
use std::io::{self, IoSlice};

use bytes::{Buf, Bytes, BytesMut};

use super::body::Body;

/// Octets in the order they go out: short frames gathered in one buffer, long bodies as they are.
#[derive(Default)]
pub(super) struct Outbox {
    /// Before `tail`, and not to be added to.
    sealed: VecDeque<Bytes>,
    sealed_len: usize,
    /// Where short frames gather.
    tail: BytesMut,
}

/// Bodies from this length on are not copied.
pub(super) const APART: usize = 4 * 1024;

/// How many pieces one system call takes.
const PIECES: usize = 64;

/// A connection that has nothing to write keeps no larger buffer of its own.
const OWN: usize = 4 * 1024;

/// A buffer larger than this is not kept when there is nothing in it.
const KEEP: usize = 256 * 1024;

impl Outbox {
    pub(super) fn len(&self) -> usize {
        self.sealed_len + self.tail.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sealed.is_empty() && self.tail.is_empty()
    }

    /// Where to put octets that go behind all others.
    pub(super) fn tail(&mut self) -> &mut BytesMut {
        &mut self.tail
    }

    /// Puts a body behind what is in the [`tail`](Self::tail), without copying it when it is long.
    #[inline]
    pub(super) fn push_body(&mut self, body: Body) {
        if body.len() < APART {
            self.tail.extend_from_slice(&body);
        } else {
            self.push_apart(body.into());
        }
    }

    fn push_apart(&mut self, body: Bytes) {
        let head = self.tail.split().freeze();
        self.sealed_len += head.len() + body.len();
        if !head.is_empty() {
            self.sealed.push_back(head);
        }
        self.sealed.push_back(body);
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Writes until all is written or `write` fails, as it does with `WouldBlock` when it can take no more.
    pub(super) fn write(
        &mut self,
        mut write: impl FnMut(&[IoSlice<'_>]) -> io::Result<usize>,
    ) -> io::Result<()> {
        while !self.is_empty() {
            let written = if self.sealed.is_empty() {
                write(&[IoSlice::new(&self.tail)])?
            } else {
                let mut pieces = [IoSlice::new(&[]); PIECES];
                let parts = self.sealed.iter().map(|piece| &piece[..]).chain([&self.tail[..]]);
                let mut count = 0;
                for (slot, part) in pieces.iter_mut().zip(parts) {
                    *slot = IoSlice::new(part);
                    count += 1;
                }
                write(&pieces[..count])?
            };
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.advance(written);
        }
        Ok(())
    }

    /// Has frames gather in the buffer that is shared by those who had nothing to write, and not in a new one.
    #[inline]
    pub(super) fn borrow(&mut self, shared: &Cell<BytesMut>) {
        if self.tail.capacity() == 0 {
            self.tail = shared.take();
        }
    }

    /// Gives a large buffer to who writes next, now that all in it is written.
    pub(super) fn give_back(&mut self, shared: &Cell<BytesMut>) {
        if self.tail.try_reclaim(OWN + 1) {
            let buffer = std::mem::take(&mut self.tail);
            if buffer.capacity() <= KEEP {
                shared.set(buffer);
            }
        }
    }

    fn advance(&mut self, mut written: usize) {
        while let Some(front) = self.sealed.front_mut() {
            if written < front.len() {
                front.advance(written);
                self.sealed_len -= written;
                return;
            }
            written -= front.len();
            self.sealed_len -= front.len();
            self.sealed.pop_front();
        }
        if written == self.tail.len() {
            self.tail.clear();
        } else {
            self.tail.advance(written);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a receiver sees when every write takes at most `most` octets.
    fn drain(outbox: &mut Outbox, most: usize) -> Vec<u8> {
        let mut seen = Vec::new();
        let wrote = outbox.write(|pieces| {
            let before = seen.len();
            for piece in pieces {
                let room = most - (seen.len() - before);
                seen.extend_from_slice(&piece[..piece.len().min(room)]);
            }
            Ok(seen.len() - before)
        });
        wrote.expect("never refuses");
        seen
    }

    #[test]
    fn order_and_octets_survive_any_size_of_write() {
        for most in [1, 7, 5000, 1 << 20] {
            let mut outbox = Outbox::default();
            let mut expected = Vec::new();
            for (index, length) in [0, 1, APART - 1, APART, 10, 3 * APART, 0, 5].into_iter().enumerate() {
                let body = vec![index as u8 + 1; length];
                outbox.tail().extend_from_slice(&[0xff]);
                outbox.push_body(body.clone().into());
                expected.push(0xff);
                expected.extend(body);
                assert_eq!(outbox.len(), expected.len());
            }
            assert_eq!(drain(&mut outbox, most), expected);
            assert!(outbox.is_empty());
            assert_eq!(outbox.len(), 0);
        }
    }

    #[test]
    fn a_large_buffer_goes_from_one_that_is_done_to_the_next() {
        let shared = Cell::default();
        let (mut one, mut other) = (Outbox::default(), Outbox::default());
        one.borrow(&shared);
        one.tail().extend_from_slice(&[7; 10 * OWN]);
        // In pieces, as a slow peer takes it.
        drain(&mut one, 1000);
        one.give_back(&shared);
        assert_eq!(one.tail().capacity(), 0);
        other.borrow(&shared);
        assert!(other.tail().capacity() >= 10 * OWN);
        other.give_back(&shared);
        one.borrow(&Cell::default());
        one.tail().extend_from_slice(b"short");
        drain(&mut one, 1000);
        one.give_back(&shared);
        assert!(one.tail().capacity() > 0, "a small one is not worth it");
    }

    #[test]
    fn what_was_not_taken_stays() {
        let mut outbox = Outbox::default();
        outbox.tail().extend_from_slice(b"abc");
        let mut calls = 0;
        let refused = outbox.write(|_| {
            calls += 1;
            if calls == 1 { Ok(1) } else { Err(io::ErrorKind::WouldBlock.into()) }
        });
        assert_eq!(refused.expect_err("the second write").kind(), io::ErrorKind::WouldBlock);
        assert_eq!(drain(&mut outbox, 10), b"bc");
    }
}
