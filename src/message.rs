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

#[derive(Clone)]
enum Store<P> {
    Few(Few<P>),
    Any(Vec<P>),
}

/// Most messages have one part or two, and those are not worth an allocation.
#[derive(Clone, Debug, Default)]
struct Few<P> {
    len: usize,
    /// Behind `len` there are empty bodies.
    parts: [P; 2],
}

impl<P: Default> Few<P> {
    fn pop_front(&mut self) -> Option<P> {
        self.len = self.len.checked_sub(1)?;
        self.parts.swap(0, 1);
        Some(core::mem::take(&mut self.parts[1]))
    }
}

impl<P> Message<P> {
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
            Store::Few(few) => &few.parts[..few.len],
            Store::Any(parts) => parts,
        }
    }
}

impl<P: Default> Message<P> {
    /// A message without parts yet. It can't be sent before it has one.
    pub fn new() -> Self {
        Self(Store::Few(Few::default()))
    }

    /// Adds a part behind the others.
    pub fn push(&mut self, part: P) {
        match &mut self.0 {
            Store::Few(few) if few.len < 2 => {
                few.parts[few.len] = part;
                few.len += 1;
            }
            Store::Few(few) => {
                let [first, second] = core::mem::take(&mut few.parts);
                *self = Self::of_three(first, second, part);
            }
            Store::Any(parts) => parts.push(part),
        }
    }

    /// Adds a part before the others, as ROUTER does with the routing id.
    pub fn push_front(&mut self, part: P) {
        match &mut self.0 {
            Store::Few(few) if few.len < 2 => {
                few.parts.swap(0, 1);
                few.parts[0] = part;
                few.len += 1;
            }
            Store::Few(few) => {
                let [second, third] = core::mem::take(&mut few.parts);
                *self = Self::of_three(part, second, third);
            }
            Store::Any(parts) => parts.insert(0, part),
        }
    }

    /// Where three are, a fourth often comes: an envelope before them, or one more behind.
    fn of_three(first: P, second: P, third: P) -> Self {
        let mut parts = Vec::with_capacity(4);
        parts.push(first);
        parts.push(second);
        parts.push(third);
        Self(Store::Any(parts))
    }

    /// Takes the first part away.
    pub fn pop_front(&mut self) -> Option<P> {
        match &mut self.0 {
            Store::Few(few) => few.pop_front(),
            Store::Any(parts) => (!parts.is_empty()).then(|| parts.remove(0)),
        }
    }

    /// Takes the first `count` parts away and gives them as a message of their own.
    pub(crate) fn split_front(&mut self, count: usize) -> Self {
        match &mut self.0 {
            Store::Few(few) => core::iter::from_fn(|| few.pop_front()).take(count).collect(),
            Store::Any(parts) => parts.drain(..count).collect(),
        }
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

impl<P: Default> Default for Message<P> {
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

impl<P: Default> From<P> for Message<P> {
    fn from(part: P) -> Self {
        Self(Store::Few(Few { len: 1, parts: [part, P::default()] }))
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

impl<P: Default, const N: usize> From<[P; N]> for Message<P> {
    fn from(parts: [P; N]) -> Self {
        parts.into_iter().collect()
    }
}

impl<P: Default> FromIterator<P> for Message<P> {
    fn from_iter<I: IntoIterator<Item = P>>(parts: I) -> Self {
        let parts = parts.into_iter();
        let mut message = match parts.size_hint().0 {
            0..=2 => Self::new(),
            several => Self(Store::Any(Vec::with_capacity(several))),
        };
        for part in parts {
            message.push(part);
        }
        message
    }
}

impl<P: Default> IntoIterator for Message<P> {
    type Item = P;
    type IntoIter = Parts<P>;

    fn into_iter(self) -> Parts<P> {
        Parts(match self.0 {
            Store::Few(few) => Rest::Few(0, few),
            Store::Any(parts) => Rest::Any(parts.into_iter()),
        })
    }
}

/// The parts of a message, one after the other.
#[derive(Debug)]
pub struct Parts<P>(Rest<P>);

#[derive(Debug)]
enum Rest<P> {
    /// From this one on.
    Few(usize, Few<P>),
    Any(std::vec::IntoIter<P>),
}

impl<P: Default> Iterator for Parts<P> {
    type Item = P;

    fn next(&mut self) -> Option<P> {
        match &mut self.0 {
            Rest::Few(next, few) => {
                let part = few.parts[..few.len].get_mut(*next)?;
                *next += 1;
                Some(core::mem::take(part))
            }
            Rest::Any(parts) => parts.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = match &self.0 {
            Rest::Few(next, few) => few.len - next,
            Rest::Any(parts) => parts.len(),
        };
        (len, Some(len))
    }
}

impl<P: Default> ExactSizeIterator for Parts<P> {}
