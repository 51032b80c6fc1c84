//! What the protocol must know about a body, and no more.

use bytes::Bytes;

/// The body of a frame, wherever it lives.
///
/// Natively a body is a [`Bytes`]; in a browser it is a handle to an `ArrayBuffer` that never enters
/// wasm memory. The engine moves bodies about and reads only what a protocol must read: commands,
/// routing ids, topics. The default is a body without octets, and costs nothing.
///
/// ```
/// use bytes::Bytes;
/// use zmq_wasm::Payload;
///
/// let body = Bytes::from_bytes(b"hello");
/// let mut middle = [0; 3];
/// body.copy_to(1, &mut middle);
/// assert_eq!(&middle, b"ell");
/// ```
pub trait Payload: Clone + Default + 'static {
    /// Its length in octets.
    fn len(&self) -> usize;

    /// Copies octets from offset `at` into the whole of `dst`. The caller keeps `at + dst.len() <= self.len()`.
    fn copy_to(&self, at: usize, dst: &mut [u8]);

    /// A body with these octets. Used for what the engine itself makes: commands, delimiters, routing ids.
    fn from_bytes(src: &[u8]) -> Self;

    /// A body of these octets but for the first `from`, of which there are no more than octets.
    fn from_vec(octets: Vec<u8>, from: usize) -> Self {
        Self::from_bytes(&octets[from..])
    }

    /// Copies all its octets behind others.
    fn append_to(&self, octets: &mut Vec<u8>) {
        let at = octets.len();
        octets.resize(at + self.len(), 0);
        self.copy_to(0, &mut octets[at..]);
    }

    /// Whether there are no octets.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All its octets, copied. For short bodies only.
    fn to_vec(&self) -> Vec<u8> {
        let mut octets = Vec::with_capacity(self.len());
        self.append_to(&mut octets);
        octets
    }

    /// The first octet, if there is one.
    fn first(&self) -> Option<u8> {
        let mut octet = [0];
        (!self.is_empty()).then(|| {
            self.copy_to(0, &mut octet);
            octet[0]
        })
    }
}

impl Payload for Bytes {
    fn len(&self) -> usize {
        Bytes::len(self)
    }

    fn copy_to(&self, at: usize, dst: &mut [u8]) {
        dst.copy_from_slice(&self[at..at + dst.len()]);
    }

    fn from_bytes(src: &[u8]) -> Self {
        Bytes::copy_from_slice(src)
    }

    fn from_vec(octets: Vec<u8>, from: usize) -> Self {
        Bytes::from(octets).split_off(from)
    }

    fn append_to(&self, octets: &mut Vec<u8>) {
        octets.extend_from_slice(self);
    }
}
