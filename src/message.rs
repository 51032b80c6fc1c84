//! Frames, as the wire knows them, and messages, as applications know them.

use core::fmt;

use bytes::Bytes;

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
#[derive(Clone)]
pub struct Message<P>(Store<P>);

/// Most messages have one part or two, and those are not worth an allocation.
#[derive(Clone)]
enum Store<P> {
    None,
    One([P; 1]),
    Two([P; 2]),
    Any(Vec<P>),
}

impl<P> Message<P> {
    /// A message without parts yet. It can't be sent before it has one.
    pub fn new() -> Self {
        Self(Store::None)
    }

    /// The number of parts.
    pub fn len(&self) -> usize {
        self.parts().len()
    }

    /// Whether it has no part.
    pub fn is_empty(&self) -> bool {
        self.parts().is_empty()
    }

    /// Its parts, in order.
    pub fn parts(&self) -> &[P] {
        match &self.0 {
            Store::None => &[],
            Store::One(part) => part,
            Store::Two(parts) => parts,
            Store::Any(parts) => parts,
        }
    }

    /// Adds a part behind the others.
    pub fn push(&mut self, part: P) {
        self.0 = match core::mem::take(self).0 {
            Store::None => Store::One([part]),
            Store::One([first]) => Store::Two([first, part]),
            Store::Two([first, second]) => Store::Any(vec![first, second, part]),
            Store::Any(mut parts) => {
                parts.push(part);
                Store::Any(parts)
            }
        };
    }

    /// Adds a part before the others, as ROUTER does with the routing id.
    pub fn push_front(&mut self, part: P) {
        self.0 = match core::mem::take(self).0 {
            Store::None => Store::One([part]),
            Store::One([second]) => Store::Two([part, second]),
            Store::Two([second, third]) => Store::Any(vec![part, second, third]),
            Store::Any(mut parts) => {
                parts.insert(0, part);
                Store::Any(parts)
            }
        };
    }

    /// Takes the first part away.
    pub fn pop_front(&mut self) -> Option<P> {
        let (first, rest) = match core::mem::take(self).0 {
            Store::None => return None,
            Store::One([first]) => (first, Store::None),
            Store::Two([first, second]) => (first, Store::One([second])),
            Store::Any(parts) if parts.is_empty() => return None,
            Store::Any(mut parts) => (parts.remove(0), Store::Any(parts)),
        };
        self.0 = rest;
        Some(first)
    }

    /// Takes the first `count` parts away and gives them as a message of their own.
    pub(crate) fn split_front(&mut self, count: usize) -> Self {
        let mut parts = core::mem::take(self).into_iter();
        let front = parts.by_ref().take(count).collect();
        *self = parts.collect();
        front
    }
}

impl<P: PartialEq> PartialEq for Message<P> {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl<P: Eq> Eq for Message<P> {}

impl<P: fmt::Debug> fmt::Debug for Message<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Message").field(&self.parts()).finish()
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
        self.parts().iter().map(P::len).max().unwrap_or(0)
    }
}

impl<P> From<P> for Message<P> {
    fn from(part: P) -> Self {
        Self(Store::One([part]))
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
        Self(Store::Any(parts))
    }
}

impl<P, const N: usize> From<[P; N]> for Message<P> {
    fn from(parts: [P; N]) -> Self {
        parts.into_iter().collect()
    }
}

impl<P> FromIterator<P> for Message<P> {
    fn from_iter<I: IntoIterator<Item = P>>(parts: I) -> Self {
        let mut message = Self::new();
        for part in parts {
            message.push(part);
        }
        message
    }
}

impl<P> IntoIterator for Message<P> {
    type Item = P;
    type IntoIter = Parts<P>;

    fn into_iter(self) -> Parts<P> {
        let (few, any) = match self.0 {
            Store::None => ([None, None], Vec::new()),
            Store::One([first]) => ([Some(first), None], Vec::new()),
            Store::Two([first, second]) => ([Some(first), Some(second)], Vec::new()),
            Store::Any(parts) => ([None, None], parts),
        };
        Parts { few, any: any.into_iter() }
    }
}

/// The parts of a message, one after the other.
#[derive(Debug)]
pub struct Parts<P> {
    few: [Option<P>; 2],
    any: std::vec::IntoIter<P>,
}

impl<P> Iterator for Parts<P> {
    type Item = P;

    fn next(&mut self) -> Option<P> {
        self.few.iter_mut().find_map(Option::take).or_else(|| self.any.next())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = self.few.iter().flatten().count() + self.any.len();
        (len, Some(len))
    }
}

impl<P> ExactSizeIterator for Parts<P> {}
