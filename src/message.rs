//! Frames, as the wire knows them, and messages, as applications know them.

use bytes::Bytes;
use smallvec::SmallVec;

use crate::payload::Payload;

/// What kind of frame this is: the flags of RFC 37 that are left when the length is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// The last (or only) part of a message.
    Last,
    /// A part of a message, with more to follow.
    More,
    /// A command to the peer's engine; the application never sees it.
    Command,
}

/// One frame on a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame<P> {
    /// Its kind.
    pub flag: Flag,
    /// Its body.
    pub body: P,
}

impl<P> Frame<P> {
    /// A frame of this kind with this body.
    pub fn new(flag: Flag, body: P) -> Self {
        Self { flag, body }
    }
}

/// A whole message: one part or more, sent and received all together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<P>(SmallVec<[P; 2]>);

impl<P> Message<P> {
    /// A message without parts yet. It can't be sent before it has one.
    pub fn new() -> Self {
        Self(SmallVec::new())
    }

    /// The number of parts.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has no part.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its parts, in order.
    pub fn parts(&self) -> &[P] {
        &self.0
    }

    /// Adds a part behind the others.
    pub fn push(&mut self, part: P) {
        self.0.push(part);
    }

    /// Adds a part before the others, as ROUTER does with the routing id.
    pub fn push_front(&mut self, part: P) {
        self.0.insert(0, part);
    }

    /// Takes the first part away.
    pub fn pop_front(&mut self) -> Option<P> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }

    /// Takes the first `count` parts away and gives them as a message of their own.
    pub(crate) fn split_front(&mut self, count: usize) -> Self {
        Self(self.0.drain(..count).collect())
    }
}

impl<P> Default for Message<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Payload> Message<P> {
    /// The length of the longest part.
    pub(crate) fn longest_part(&self) -> usize {
        self.0.iter().map(P::len).max().unwrap_or(0)
    }
}

impl<P> From<P> for Message<P> {
    fn from(part: P) -> Self {
        Self(SmallVec::from_iter([part]))
    }
}

macro_rules! message_from {
    ($($from:ty),+) => {$(
        impl From<$from> for Message<Bytes> {
            fn from(part: $from) -> Self {
                Bytes::from(part).into()
            }
        }
    )+};
}

message_from!(&'static str, &'static [u8], String, Vec<u8>, Box<[u8]>, bytes::BytesMut);

impl<P> From<Vec<P>> for Message<P> {
    fn from(parts: Vec<P>) -> Self {
        Self(parts.into())
    }
}

impl<P, const N: usize> From<[P; N]> for Message<P> {
    fn from(parts: [P; N]) -> Self {
        Self(parts.into_iter().collect())
    }
}

impl<P> FromIterator<P> for Message<P> {
    fn from_iter<I: IntoIterator<Item = P>>(parts: I) -> Self {
        Self(parts.into_iter().collect())
    }
}

impl<P> IntoIterator for Message<P> {
    type Item = P;
    type IntoIter = Parts<P>;

    fn into_iter(self) -> Parts<P> {
        Parts(self.0.into_iter())
    }
}

/// The parts of a message, one after the other.
#[derive(Debug)]
pub struct Parts<P>(smallvec::IntoIter<[P; 2]>);

impl<P> Iterator for Parts<P> {
    type Item = P;

    fn next(&mut self) -> Option<P> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<P> ExactSizeIterator for Parts<P> {}
