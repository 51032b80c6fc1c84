//! Frames, as the wire knows them, and messages, as applications know them.

use core::fmt;

use bytes::Bytes;

use crate::payload::Payload;

/// What a frame costs on a wire beside its body, at the most.
pub(crate) const FRAME_OVERHEAD: usize = 9;

/// What kind of frame this is: the flags of RFC 37 that are left when the length is known.
///
/// ```
/// use bytes::Bytes;
/// use zmq_wasm::{Flag, Frame};
///
/// let parts = [Frame::new(Flag::More, Bytes::from("topic")), Frame::new(Flag::Last, Bytes::from("news"))];
/// assert!(parts.iter().all(|frame| frame.flag != Flag::Command));
/// ```
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
///
/// ```
/// use bytes::Bytes;
/// use zmq_wasm::{Flag, Frame};
///
/// let frame = Frame { flag: Flag::Last, body: Bytes::from("hello") };
/// assert_eq!(frame, Frame::new(Flag::Last, Bytes::from("hello")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame<P> {
    /// Its kind.
    pub flag: Flag,
    /// Its body.
    pub body: P,
}

impl<P> Frame<P> {
    /// A frame of this kind with this body.
    ///
    /// ```
    /// # use bytes::Bytes;
    /// # use zmq_wasm::{Flag, Frame};
    /// assert_eq!(Frame::new(Flag::More, Bytes::new()).flag, Flag::More);
    /// ```
    pub fn new(flag: Flag, body: P) -> Self {
        Self { flag, body }
    }
}

/// A whole message: one part or more, sent and received all together or not at all.
///
/// ```
/// use bytes::Bytes;
/// use zmq_wasm::Message;
///
/// let mut message: Message<Bytes> = Message::from("body");
/// message.push_front("topic");
/// assert_eq!(message.parts(), ["topic", "body"]);
/// let parts: Vec<Bytes> = message.into_iter().collect();
/// assert_eq!(parts.len(), 2);
/// ```
#[derive(Clone)]
pub struct Message<P>(Store<P>);

/// Most messages have one part, which is not worth an allocation.
#[derive(Clone)]
enum Store<P> {
    One(P),
    Many(Vec<P>),
}

impl<P> Message<P> {
    /// A message without parts yet. It can't be sent before it has one.
    ///
    /// ```
    /// # use bytes::Bytes;
    /// # use zmq_wasm::Message;
    /// let mut message: Message<Bytes> = Message::new();
    /// message.push("the first part");
    /// ```
    pub const fn new() -> Self {
        Self(Store::Many(Vec::new()))
    }

    /// The number of parts.
    ///
    /// ```
    /// # use bytes::Bytes;
    /// # use zmq_wasm::Message;
    /// assert_eq!(Message::<Bytes>::from(["two".into(), "parts".into()]).len(), 2);
    /// ```
    pub fn len(&self) -> usize {
        self.parts().len()
    }

    /// Whether it has no part.
    ///
    /// ```
    /// # use bytes::Bytes;
    /// # use zmq_wasm::Message;
    /// assert!(Message::<Bytes>::new().is_empty());
    /// assert!(!Message::<Bytes>::from("").is_empty(), "it has a part, which is empty");
    /// ```
    pub fn is_empty(&self) -> bool {
        self.parts().is_empty()
    }

    /// Its parts, in order.
    ///
    /// ```
    /// # use bytes::Bytes;
    /// # use zmq_wasm::Message;
    /// assert_eq!(Message::<Bytes>::from("hello").parts(), ["hello"]);
    /// ```
    #[inline]
    pub fn parts(&self) -> &[P] {
        match &self.0 {
            Store::One(part) => core::slice::from_ref(part),
            Store::Many(parts) => parts,
        }
    }

    /// Adds a part behind the others.
    ///
    /// ```
    /// # use bytes::Bytes;
    /// # use zmq_wasm::Message;
    /// let mut message: Message<Bytes> = Message::from("one");
    /// message.push("two");
    /// assert_eq!(message.parts(), ["one", "two"]);
    /// ```
    pub fn push(&mut self, part: impl Into<P>) {
        self.insert(self.len(), part.into());
    }

    /// Adds a part before the others, as ROUTER does with the routing id.
    ///
    /// ```
    /// # use bytes::Bytes;
    /// # use zmq_wasm::Message;
    /// let mut message: Message<Bytes> = Message::from("body");
    /// message.push_front("routing id");
    /// assert_eq!(message.parts(), ["routing id", "body"]);
    /// ```
    pub fn push_front(&mut self, part: impl Into<P>) {
        self.insert(0, part.into());
    }

    fn insert(&mut self, at: usize, part: P) {
        if self.is_empty() {
            self.0 = Store::One(part);
        } else {
            self.many().insert(at, part);
        }
    }

    /// Takes the first part away.
    ///
    /// ```
    /// # use bytes::Bytes;
    /// # use zmq_wasm::Message;
    /// let mut message: Message<Bytes> = Message::from("one");
    /// assert_eq!(message.pop_front(), Some(Bytes::from("one")));
    /// assert_eq!(message.pop_front(), None);
    /// ```
    pub fn pop_front(&mut self) -> Option<P> {
        match core::mem::replace(&mut self.0, Store::Many(Vec::new())) {
            Store::One(part) => Some(part),
            Store::Many(mut parts) => {
                let first = (!parts.is_empty()).then(|| parts.remove(0));
                self.0 = Store::Many(parts);
                first
            }
        }
    }

    /// Takes the first `count` parts away and gives them as a message of their own.
    pub(crate) fn split_front(&mut self, count: usize) -> Self {
        let parts = self.many();
        let rest = parts.split_off(count);
        Self(Store::Many(core::mem::replace(parts, rest)))
    }

    /// Its parts as a list, which has room for an envelope too: where two parts are, more often come.
    fn many(&mut self) -> &mut Vec<P> {
        if let Store::One(_) = self.0
            && let Store::One(part) = core::mem::replace(&mut self.0, Store::Many(Vec::with_capacity(4)))
        {
            self.many().push(part);
        }
        match &mut self.0 {
            Store::Many(parts) => parts,
            Store::One(_) => unreachable!("it was made a list above"),
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

impl<P> Default for Message<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Payload> Message<P> {
    /// What a SERVER or PEER sends to the peer of this number, which is the
    /// [`routing_id`](Self::routing_id) of what came from it.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use zmq_wasm::Message;
    ///
    /// let reply: Message<Bytes> = Message::to_peer(7, "done");
    /// assert_eq!((reply.routing_id(), &reply.parts()[1][..]), (Some(7), &b"done"[..]));
    /// ```
    pub fn to_peer(routing_id: u32, body: impl Into<P>) -> Self {
        [P::from_bytes(&routing_id.to_be_bytes()), body.into()].into_iter().collect()
    }

    /// The number of the peer that sent this to a SERVER or PEER: the first part, if it has four octets. The body
    /// is the second part.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use zmq_wasm::Message;
    ///
    /// let request: Message<Bytes> = [Bytes::from_static(&[0, 0, 0, 7]), Bytes::from("ask")].into();
    /// let reply: Option<Message<Bytes>> = request.routing_id().map(|id| Message::to_peer(id, "answer"));
    /// assert_eq!(reply.expect("it has an id").routing_id(), Some(7));
    /// ```
    pub fn routing_id(&self) -> Option<u32> {
        let first = self.parts().first().filter(|part| part.len() == 4)?;
        let mut octets = [0; 4];
        first.copy_to(0, &mut octets);
        Some(u32::from_be_bytes(octets))
    }

    /// What a RADIO sends to this group, whose name has at most 15 octets.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use zmq_wasm::Message;
    ///
    /// let message: Message<Bytes> = Message::to_group("weather", "sunny");
    /// assert_eq!((message.group().as_deref(), &message.parts()[1][..]), (Some("weather"), &b"sunny"[..]));
    /// ```
    pub fn to_group(group: &str, body: impl Into<P>) -> Self {
        [P::from_bytes(group.as_bytes()), body.into()].into_iter().collect()
    }

    /// The group by which a DISH received this: the first part, if that is text. The body is the second part.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use zmq_wasm::Message;
    ///
    /// let message: Message<Bytes> = [Bytes::from("weather"), Bytes::from("sunny")].into();
    /// assert_eq!(message.group().as_deref(), Some("weather"));
    /// ```
    pub fn group(&self) -> Option<String> {
        String::from_utf8(self.parts().first()?.to_vec()).ok()
    }

    /// What it takes, each part with its frame.
    #[inline(never)]
    pub(crate) fn octets(&self) -> usize {
        self.parts().iter().map(|part| part.len() + FRAME_OVERHEAD).sum()
    }

    /// The length of the longest part.
    pub(crate) fn longest_part(&self) -> usize {
        self.parts().iter().map(P::len).max().unwrap_or(0)
    }
}

impl<P> From<P> for Message<P> {
    #[inline]
    fn from(part: P) -> Self {
        Self(Store::One(part))
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

impl From<Vec<Bytes>> for Message<Bytes> {
    fn from(parts: Vec<Bytes>) -> Self {
        Self(Store::Many(parts))
    }
}

impl<const N: usize> From<[Bytes; N]> for Message<Bytes> {
    fn from(parts: [Bytes; N]) -> Self {
        parts.into_iter().collect()
    }
}

impl<P> FromIterator<P> for Message<P> {
    fn from_iter<I: IntoIterator<Item = P>>(parts: I) -> Self {
        let mut parts = parts.into_iter();
        let mut message = Self::new();
        if let Some(first) = parts.next() {
            message.push(first);
        }
        if let Some(second) = parts.next() {
            message.many().push(second);
            message.many().extend(parts);
        }
        message
    }
}

impl<P> IntoIterator for Message<P> {
    type Item = P;
    type IntoIter = Parts<P>;

    #[inline]
    fn into_iter(self) -> Parts<P> {
        Parts(match self.0 {
            Store::One(part) => Rest::One(Some(part)),
            Store::Many(parts) => Rest::Many(parts.into_iter()),
        })
    }
}

/// The parts of a message, one after the other.
///
/// ```
/// # use bytes::Bytes;
/// # use zmq_wasm::Message;
/// let parts = Message::<Bytes>::from("hello").into_iter();
/// assert_eq!(parts.len(), 1);
/// ```
#[derive(Debug)]
pub struct Parts<P>(Rest<P>);

#[derive(Debug)]
enum Rest<P> {
    One(Option<P>),
    Many(std::vec::IntoIter<P>),
}

impl<P> Iterator for Parts<P> {
    type Item = P;

    #[inline]
    fn next(&mut self) -> Option<P> {
        match &mut self.0 {
            Rest::One(part) => part.take(),
            Rest::Many(parts) => parts.next(),
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = match &self.0 {
            Rest::One(part) => usize::from(part.is_some()),
            Rest::Many(parts) => parts.len(),
        };
        (len, Some(len))
    }
}

impl<P> ExactSizeIterator for Parts<P> {}
