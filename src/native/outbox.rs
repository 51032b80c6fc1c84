//! What waits to be written to one connection.

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
        if self.tail.capacity() > KEEP {
            self.tail = BytesMut::new();
        }
        Ok(())
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
