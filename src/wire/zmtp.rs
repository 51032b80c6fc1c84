//! ZMTP over byte streams: the greeting with its fall-back to older peers, and the framing (RFC 37, 23, 15).

use bytes::{Buf, BufMut, BytesMut};

use crate::error::{CloseReason, Misbehaviour};
use crate::message::Flag;
use crate::options::{Mechanism, Options};
use crate::socket_type::SocketType;
use crate::wire::command::{MAX_COMMAND, readable};
use crate::wire::mechanism::{longest_frame, mismatch};

/// What the peer said of itself before the first frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Greeting {
    /// ZMTP 3.x and later. The handshake of the mechanism follows.
    V3 {
        /// The minor version: 0 has no SUBSCRIBE and CANCEL commands. Version 4 and later are spoken to in ours.
        minor: u8,
    },
    /// ZMTP 2.0. The peer's routing id follows, as a frame.
    V2 {
        /// The peer's socket type.
        socket_type: SocketType,
    },
}

/// What goes before a frame's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What kind of frame it is.
    pub flag: Flag,
    /// The length of the header itself, in octets.
    pub size: usize,
    /// The length of the body, in octets.
    pub length: usize,
}

/// Greeting and framing of one connection. It sees no socket: octets in, headers out, and back.
///
/// ```
/// use bytes::BytesMut;
/// use zmq_wasm::wire::zmtp::{Codec, Greeting, Header};
/// use zmq_wasm::{Flag, Options, SocketType};
///
/// let options = Options::default();
/// let (mut one, mut other) = (Codec::new(SocketType::Req, &options), Codec::new(SocketType::Rep, &options));
/// let (mut to_other, mut to_one) = (BytesMut::new(), BytesMut::new());
/// one.start(&mut to_other);
/// other.start(&mut to_one);
/// // Each sends the rest of its greeting when it has seen that the other speaks version 3.
/// assert_eq!(other.greet(&mut to_other, &mut to_one)?, None);
/// assert_eq!(one.greet(&mut to_one, &mut to_other)?, Some(Greeting::V3 { minor: 1 }));
/// // After it there are frames.
/// Codec::encode_header(Flag::Last, 5, &mut to_one);
/// to_one.extend_from_slice(b"hello");
/// assert_eq!(one.header(&to_one)?, Some(Header { flag: Flag::Last, size: 2, length: 5 }));
/// # Ok::<(), zmq_wasm::CloseReason>(())
/// ```
#[derive(Debug)]
pub struct Codec {
    socket_type: SocketType,
    mechanism: Mechanism,
    is_server: bool,
    max_frame: u64,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Waits for the signature and the major version: 11 octets.
    Version,
    /// Waits for the rest of the 64 octets of the greeting of this version, 3 or later.
    V3(u8),
    /// Waits for the socket type octet of a version 2 greeting.
    V2,
    Frames,
    /// Frames of version 2.0, which has no commands: their flag is a reserved bit there (RFC 15, "Framing").
    FramesV2,
}

/// The signature, and the version that we speak.
const OPENING: [u8; 11] = [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3];
const MINOR: u8 = 1;
const V3_REST: usize = 64 - OPENING.len();
const MECHANISM: core::ops::Range<usize> = 1..21;
const AS_SERVER: usize = 21;

const MORE: u8 = 0x01;
const LONG: u8 = 0x02;
const COMMAND: u8 = 0x04;

impl Codec {
    /// A codec for a connection of a socket of this type with these options, which say how it is to be secured and how
    /// long a frame may be.
    pub fn new(socket_type: SocketType, options: &Options) -> Self {
        let (mechanism, is_server) = (options.mechanism(), options.is_server());
        Self { socket_type, mechanism, is_server, max_frame: longest_frame(options), state: State::Version }
    }

    /// Writes what must go out first: just enough of the greeting to learn the peer's version.
    pub fn start(&self, out: &mut BytesMut) {
        out.extend_from_slice(&OPENING);
    }

    /// Whether the greeting is done, and frames follow.
    #[inline]
    pub fn is_greeted(&self) -> bool {
        matches!(self.state, State::Frames | State::FramesV2)
    }

    /// Takes the peer's greeting from `input`; `None` when it needs more octets. What it wants answered
    /// goes to `out`.
    pub fn greet(
        &mut self,
        input: &mut BytesMut,
        out: &mut BytesMut,
    ) -> Result<Option<Greeting>, CloseReason> {
        loop {
            match self.state {
                State::Frames | State::FramesV2 => return Ok(None),
                State::Version => {
                    if !plausible_opening(input) {
                        return Err(Misbehaviour::BadGreeting.into());
                    }
                    if input.len() < OPENING.len() {
                        return Ok(None);
                    }
                    self.state = match input[10] {
                        0 => return Err(Misbehaviour::ObsoleteVersion.into()),
                        // Nobody gets out of security by being old.
                        1 | 2 if self.mechanism != Mechanism::Null => {
                            return Err(mismatch(self.mechanism, "none"));
                        }
                        1 | 2 => {
                            out.extend_from_slice(&[self.socket_type.number()]);
                            State::V2
                        }
                        major => {
                            out.extend_from_slice(&self.v3_rest());
                            State::V3(major)
                        }
                    };
                    input.advance(OPENING.len());
                }
                State::V3(major) => {
                    if input.len() < V3_REST {
                        return Ok(None);
                    }
                    let rest = input.split_to(V3_REST);
                    let mechanism = rest[MECHANISM].split(|&octet| octet == 0).next().unwrap_or_default();
                    if mechanism != self.mechanism.name().as_bytes() {
                        return Err(mismatch(self.mechanism, &readable(mechanism)));
                    }
                    // libzmq says of none of its sockets that it is a server.
                    if self.is_server && rest[AS_SERVER] == 1 {
                        let how = "both sides are servers of the security mechanism".to_owned();
                        return Err(CloseReason::Incompatible(how));
                    }
                    self.state = State::Frames;
                    // RFC 37: "A peer SHALL always use its own protocol [...] when talking to an equal or
                    // higher protocol peer".
                    let minor = if major > 3 { MINOR } else { rest[0] };
                    return Ok(Some(Greeting::V3 { minor }));
                }
                State::V2 => {
                    let Some(&octet) = input.first() else { return Ok(None) };
                    input.advance(1);
                    // The draft types came later, and want commands.
                    let socket_type = SocketType::from_number(octet.into())
                        .filter(|kind| kind.parts_on_wire().is_none())
                        .ok_or(Misbehaviour::BadGreeting)?;
                    self.state = State::FramesV2;
                    return Ok(Some(Greeting::V2 { socket_type }));
                }
            }
        }
    }

    fn v3_rest(&self) -> [u8; V3_REST] {
        let mut rest = [0; V3_REST];
        rest[0] = MINOR;
        let name = self.mechanism.name().as_bytes();
        rest[MECHANISM][..name.len()].copy_from_slice(name);
        rest[AS_SERVER] = self.is_server.into();
        rest
    }

    /// The header of the frame that `input` begins with; `None` when it needs more octets. Its length is
    /// what the peer claims, within the longest frame: a measure to read by, not to allocate by.
    #[inline]
    pub fn header(&self, input: &[u8]) -> Result<Option<Header>, Misbehaviour> {
        let Some(&flags) = input.first() else { return Ok(None) };
        let flag = match flags & !LONG {
            0 => Flag::Last,
            MORE => Flag::More,
            COMMAND if self.state == State::Frames => Flag::Command,
            _ => return Err(Misbehaviour::ReservedBits),
        };
        let (size, length) = if flags & LONG == 0 {
            let Some(&length) = input.get(1) else { return Ok(None) };
            (2, u64::from(length))
        } else {
            let Some(length) = input.get(1..9).and_then(|octets| octets.first_chunk()) else {
                return Ok(None);
            };
            (9, u64::from_be_bytes(*length))
        };
        // Refused by its header: the octets of a frame that is too long are never waited for.
        if length > self.max_frame || (flag == Flag::Command && length > MAX_COMMAND as u64) {
            return Err(Misbehaviour::Oversized);
        }
        let length = usize::try_from(length).map_err(|_| Misbehaviour::Oversized)?;
        Ok(Some(Header { flag, size, length }))
    }

    /// Writes the flags and the length of a frame. Its body goes behind.
    #[inline]
    pub fn encode_header(flag: Flag, length: usize, out: &mut impl BufMut) {
        let flags = match flag {
            Flag::Last => 0,
            Flag::More => MORE,
            Flag::Command => COMMAND,
        };
        match u8::try_from(length) {
            Ok(length) => out.put_slice(&[flags, length]),
            Err(_) => {
                out.put_u8(flags | LONG);
                out.put_u64(length as u64);
            }
        }
    }
}

/// Whether these octets may be the beginning of a greeting (RFC 37: the padding is not significant).
fn plausible_opening(input: &[u8]) -> bool {
    input.first().is_none_or(|&octet| octet == 0xff) && input.get(9).is_none_or(|&octet| octet == 0x7f)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;
    use crate::message::Frame;

    fn any_frame() -> impl Strategy<Value = Frame<Bytes>> {
        let flag = prop_oneof![Just(Flag::Last), Just(Flag::More), Just(Flag::Command)];
        let length = prop_oneof![0_usize..4, 250_usize..260, 60_000_usize..MAX_COMMAND];
        (flag, length, any::<u8>())
            .prop_map(|(flag, length, fill)| Frame::new(flag, vec![fill; length].into()))
    }

    fn encode(frames: &[Frame<Bytes>]) -> Vec<u8> {
        let mut out = BytesMut::new();
        for frame in frames {
            Codec::encode_header(frame.flag, frame.body.len(), &mut out);
            out.extend_from_slice(&frame.body);
        }
        out.to_vec()
    }

    fn codec(socket_type: SocketType) -> Codec {
        Codec::new(socket_type, &Options::default())
    }

    fn v3_greeting() -> Vec<u8> {
        [&OPENING[..], &codec(SocketType::Dealer).v3_rest()[..]].concat()
    }

    /// What comes out of a codec.
    #[derive(Clone, Debug, PartialEq, Eq)]
    enum Decoded {
        Greeting(Greeting),
        Frame(Frame<Bytes>),
    }

    /// The next thing in `input`, as a shell takes it.
    fn decode(codec: &mut Codec, input: &mut BytesMut) -> Result<Option<Decoded>, CloseReason> {
        if !codec.is_greeted() {
            return Ok(codec.greet(input, &mut BytesMut::new())?.map(Decoded::Greeting));
        }
        let Some(Header { flag, size, length }) = codec.header(input)? else { return Ok(None) };
        if input.len() - size < length {
            return Ok(None);
        }
        input.advance(size);
        Ok(Some(Decoded::Frame(Frame::new(flag, input.split_to(length).freeze()))))
    }

    /// Feeds the octets in pieces of the given sizes, over and over, and gives all that came out.
    fn decode_in_pieces(octets: &[u8], sizes: &[usize]) -> Result<Vec<Decoded>, CloseReason> {
        let mut codec = codec(SocketType::Dealer);
        let (mut input, mut found) = (BytesMut::new(), Vec::new());
        let mut rest = octets;
        let mut sizes = sizes.iter().cycle();
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(rest.len().min(*sizes.next().expect("cycles")));
            rest = behind;
            input.extend_from_slice(piece);
            while let Some(decoded) = decode(&mut codec, &mut input)? {
                found.push(decoded);
            }
        }
        Ok(found)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_split_of_the_input_gives_the_same_frames(
            frames in prop::collection::vec(any_frame(), 0..8),
            sizes in prop::collection::vec(1_usize..5000, 1..20),
        ) {
            let octets = [v3_greeting(), encode(&frames)].concat();
            let mut expected = vec![Decoded::Greeting(Greeting::V3 { minor: 1 })];
            expected.extend(frames.into_iter().map(Decoded::Frame));
            prop_assert_eq!(decode_in_pieces(&octets, &sizes), Ok(expected));
        }

        #[test]
        fn arbitrary_octets_after_the_greeting_never_panic(octets in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode_in_pieces(&[v3_greeting(), octets].concat(), &[7]);
        }
    }

    #[test]
    fn one_octet_at_a_time_is_a_split_too() {
        let frames = [Frame::new(Flag::More, Bytes::new()), Frame::new(Flag::Last, vec![7; 300].into())];
        let octets = [v3_greeting(), encode(&frames)].concat();
        assert_eq!(decode_in_pieces(&octets, &[1]).expect("sound").len(), 3);
    }

    #[test]
    fn version_2_and_1_peers_are_answered_with_the_socket_type() {
        for revision in [1, 2] {
            let mut codec = codec(SocketType::Pull);
            let (mut input, mut out) = (BytesMut::new(), BytesMut::new());
            input.extend_from_slice(&OPENING[..10]);
            input.extend_from_slice(&[revision, 8, 0, 0]);
            let greeting = Greeting::V2 { socket_type: SocketType::Push };
            assert_eq!(codec.greet(&mut input, &mut out), Ok(Some(greeting)));
            assert_eq!(&out[..], &[SocketType::Pull.number()]);
            let identity = Header { flag: Flag::Last, size: 2, length: 0 };
            assert_eq!(codec.header(&input), Ok(Some(identity)));
        }
    }

    #[test]
    fn what_is_no_greeting_is_refused_at_the_first_octet_that_shows_it() {
        assert_eq!(decode_in_pieces(b"G", &[1]), Err(Misbehaviour::BadGreeting.into()));
        assert_eq!(decode_in_pieces(b"\xff\0\0\0\0\0\0\0\0\0", &[99]), Err(Misbehaviour::BadGreeting.into()));
        let obsolete = [&OPENING[..10], &[0]].concat();
        assert_eq!(decode_in_pieces(&obsolete, &[99]), Err(Misbehaviour::ObsoleteVersion.into()));
        let mut curve = v3_greeting();
        curve[12..17].copy_from_slice(b"CURVE");
        assert!(matches!(decode_in_pieces(&curve, &[99]), Err(CloseReason::MechanismMismatch(_))));
    }

    #[test]
    fn a_frame_that_is_too_long_is_refused_by_its_header() {
        let mut codec = Codec { max_frame: 10, state: State::Frames, ..codec(SocketType::Pull) };
        let long = [LONG, 0xff, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(codec.header(&long), Err(Misbehaviour::Oversized));
        codec.max_frame = u64::MAX;
        let command = [LONG | COMMAND, 0, 0, 0, 0, 0, 1, 0, 1];
        assert_eq!(codec.header(&command), Err(Misbehaviour::Oversized));
        for reserved in [0x08, 0x80, COMMAND | MORE] {
            assert_eq!(codec.header(&[reserved, 0]), Err(Misbehaviour::ReservedBits));
        }
    }
}
