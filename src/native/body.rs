//! The body of one part of a message, as the native shell keeps it.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use bytes::{Bytes, BytesMut};

use crate::message::Message;
use crate::payload::Payload;

/// The octets of one part of a message. It reads as a slice, and clones without copying what is long.
///
/// Up to [`INLINE`](Self::INLINE) octets live in the body itself: they cost no allocation, and a routing id
/// or a topic that is kept does not keep the buffer alive that it came in. Longer ones are a shared
/// [`Bytes`], which goes in and out by `into()` without a copy.
///
/// ```
/// use bytes::Bytes;
/// use zmq_wasm::native::Body;
///
/// let body = Body::from("weather.oslo");
/// assert!(body.starts_with(b"weather."));
/// assert_eq!(body, "weather.oslo");
/// assert_eq!(Bytes::from(body), "weather.oslo");
/// ```
#[derive(Clone)]
pub struct Body(Octets);

#[derive(Clone)]
enum Octets {
    /// So many octets, of these.
    Inline(u8, [u8; Body::INLINE]),
    Shared(Bytes),
}

impl Body {
    /// The longest body, in octets, that needs no memory of its own: what fits beside the length where a
    /// [`Bytes`] would be.
    pub const INLINE: usize = 23;

    /// A body with a copy of these octets.
    ///
    /// ```
    /// # use zmq_wasm::native::Body;
    /// let buffer = [1, 2, 3, 4];
    /// assert_eq!(Body::copy_from_slice(&buffer[1..3]).as_slice(), [2, 3]);
    /// ```
    #[inline]
    pub fn copy_from_slice(octets: &[u8]) -> Self {
        Self::inline(octets).unwrap_or_else(|| Self(Octets::Shared(Bytes::copy_from_slice(octets))))
    }

    /// A body that holds these octets itself, if they are few enough.
    #[inline]
    pub(super) fn inline(octets: &[u8]) -> Option<Self> {
        let mut inline = [0; Self::INLINE];
        inline.get_mut(..octets.len())?.copy_from_slice(octets);
        Some(Self(Octets::Inline(octets.len() as u8, inline)))
    }

    /// Its octets.
    ///
    /// ```
    /// # use zmq_wasm::native::Body;
    /// assert_eq!(Body::from("hello").as_slice(), b"hello");
    /// ```
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        match &self.0 {
            Octets::Inline(len, octets) => octets.get(..usize::from(*len)).unwrap_or_default(),
            Octets::Shared(octets) => octets,
        }
    }
}

impl Deref for Body {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Default for Body {
    #[inline]
    fn default() -> Self {
        Self(Octets::Inline(0, [0; Self::INLINE]))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.escape_ascii())
    }
}

impl<T: AsRef<[u8]> + ?Sized> PartialEq<T> for Body {
    fn eq(&self, other: &T) -> bool {
        self.as_slice() == other.as_ref()
    }
}

impl Eq for Body {}

impl Hash for Body {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

impl Borrow<[u8]> for Body {
    fn borrow(&self) -> &[u8] {
        self
    }
}

impl From<Bytes> for Body {
    /// Takes it over as it is, however short: whoever has a [`Bytes`] has paid for it.
    #[inline]
    fn from(octets: Bytes) -> Self {
        Self(Octets::Shared(octets))
    }
}

impl From<BytesMut> for Body {
    fn from(octets: BytesMut) -> Self {
        octets.freeze().into()
    }
}

impl From<Body> for Bytes {
    fn from(body: Body) -> Self {
        match body.0 {
            Octets::Inline(..) => Self::copy_from_slice(&body),
            Octets::Shared(octets) => octets,
        }
    }
}

impl From<Body> for Vec<u8> {
    fn from(body: Body) -> Self {
        match body.0 {
            Octets::Inline(..) => body.to_vec(),
            Octets::Shared(octets) => octets.into(),
        }
    }
}

impl From<Vec<u8>> for Body {
    #[inline]
    fn from(octets: Vec<u8>) -> Self {
        Self::inline(&octets).unwrap_or_else(|| Bytes::from(octets).into())
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl From<Box<[u8]>> for Body {
    fn from(octets: Box<[u8]>) -> Self {
        octets.into_vec().into()
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl From<&'static [u8]> for Body {
    fn from(octets: &'static [u8]) -> Self {
        Bytes::from_static(octets).into()
    }
}

impl<const N: usize> From<&'static [u8; N]> for Body {
    fn from(octets: &'static [u8; N]) -> Self {
        octets[..].into()
    }
}

macro_rules! message_from {
    ($($from:ty),+) => {$(
        impl From<$from> for Message<Body> {
            #[inline]
            fn from(part: $from) -> Self {
                Body::from(part).into()
            }
        }
    )+};
}

message_from!(Bytes, BytesMut, Vec<u8>, String, Box<[u8]>, &'static str, &'static [u8]);

impl<T: Into<Body>> From<Vec<T>> for Message<Body> {
    fn from(parts: Vec<T>) -> Self {
        parts.into_iter().map(Into::into).collect()
    }
}

impl<T: Into<Body>, const N: usize> From<[T; N]> for Message<Body> {
    fn from(parts: [T; N]) -> Self {
        parts.into_iter().map(Into::into).collect()
    }
}

impl<const N: usize> From<&'static [u8; N]> for Message<Body> {
    fn from(part: &'static [u8; N]) -> Self {
        Body::from(part).into()
    }
}

impl Payload for Body {
    #[inline]
    fn len(&self) -> usize {
        self.as_slice().len()
    }

    fn copy_to(&self, at: usize, dst: &mut [u8]) {
        dst.copy_from_slice(&self[at..at + dst.len()]);
    }

    fn from_bytes(src: &[u8]) -> Self {
        Self::copy_from_slice(src)
    }

    fn from_vec(octets: Vec<u8>, from: usize) -> Self {
        Self::inline(&octets[from..]).unwrap_or_else(|| Bytes::from(octets).split_off(from).into())
    }

    fn append_to(&self, octets: &mut Vec<u8>) {
        octets.extend_from_slice(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_bodies_are_the_octets_they_were_made_of() {
        for length in [0, 1, Body::INLINE - 1, Body::INLINE, Body::INLINE + 1, 1000] {
            let octets: Vec<u8> = (0..length).map(|at| at as u8).collect();
            for body in [
                Body::copy_from_slice(&octets),
                octets.clone().into(),
                Bytes::from(octets.clone()).into(),
                BytesMut::from(&octets[..]).into(),
                octets.clone().into_boxed_slice().into(),
            ] {
                assert_eq!(body, octets);
                assert_eq!(Payload::len(&body), length);
                assert_eq!(body, body.clone());
                assert_eq!(Bytes::from(body.clone()), octets);
                assert_eq!(Vec::from(body), octets);
            }
        }
    }

    #[test]
    fn what_is_inline_takes_no_more_room_than_what_is_shared() {
        assert_eq!(size_of::<Body>(), size_of::<Bytes>());
    }

    #[test]
    fn a_long_body_goes_through_without_a_copy() {
        let octets = Bytes::from(vec![7; 100]);
        let at = octets.as_ptr();
        assert_eq!(Bytes::from(Body::from(octets)).as_ptr(), at);
    }
}
