//! RFC 6455 framing, without I/O: octets to WebSocket messages and back.
//!
//! The frames' headers are tungstenite's. What goes around them is ours, because its own `WebSocket` wants
//! each message in one piece and gives memory to whatever length a peer announces: here a ZWS frame's flag
//! octet and body are written straight behind one another, many short ones share one read and one write,
//! and a message grows no faster than its octets come.

use std::io::Cursor;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{CloseCode, Control, Data, OpCode};

use crate::error::{CloseReason, Misbehaviour};
use crate::native::body::Body;
use crate::native::outbox::{APART, Outbox};

/// Which side of the connection this is. Clients mask what they send, servers don't.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::native) enum Side {
    Client,
    Server,
}

/// What the peer sent: a message put together from its fragments, or a control frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::native) enum Received {
    Binary(BytesMut),
    Text,
    Ping(Bytes),
    Pong,
    Close(Bytes),
}

/// Octets in, messages out.
#[derive(Debug)]
pub(in crate::native) struct Decoder {
    side: Side,
    /// The longest message, in octets.
    max: u64,
    /// The fragments that have come of a message that is not complete.
    partial: Option<(Data, BytesMut)>,
}

struct Header {
    frame: FrameHeader,
    /// Its own length, and that of the payload behind it.
    length: usize,
    payload: usize,
}

/// The first octet of a binary message in one frame, and the bit of the second that says that a key
/// follows (RFC 6455, 5.2).
const WHOLE_BINARY: u8 = 0x82;
const MASKED: u8 = 0x80;

/// The longest payload of a short message: its flag octet and an inline body.
const SHORT: usize = 1 + Body::INLINE;

/// The longest payload of a control frame (RFC 6455, 5.5).
const MAX_CONTROL: usize = 125;

impl Decoder {
    pub(in crate::native) fn new(side: Side, max: u64) -> Self {
        Self { side, max, partial: None }
    }

    /// Takes the next thing from `input`; `None` when it needs more octets.
    pub(in crate::native) fn decode(
        &mut self,
        input: &mut BytesMut,
    ) -> Result<Option<Received>, CloseReason> {
        loop {
            let Some(header) = self.header(input)? else { return Ok(None) };
            if input.len() - header.length < header.payload {
                return Ok(None);
            }
            input.advance(header.length);
            let mut payload = input.split_to(header.payload);
            if let Some(key) = header.frame.mask {
                mask(&mut payload, key, 0);
            }
            let data = match header.frame.opcode {
                OpCode::Control(Control::Close) => return Ok(Some(Received::Close(payload.freeze()))),
                OpCode::Control(Control::Ping) => return Ok(Some(Received::Ping(payload.freeze()))),
                OpCode::Control(_) => return Ok(Some(Received::Pong)),
                OpCode::Data(data) => data,
            };
            let (kind, whole) = match (data, self.partial.take()) {
                (Data::Continue, Some((kind, mut whole))) => {
                    whole.extend_from_slice(&payload);
                    (kind, whole)
                }
                (Data::Text | Data::Binary, None) => (data, payload),
                _ => return Err(Misbehaviour::BadWebSocketFrame.into()),
            };
            if header.frame.is_final {
                let message = if kind == Data::Binary { Received::Binary(whole) } else { Received::Text };
                return Ok(Some(message));
            }
            self.partial = Some((kind, whole));
        }
    }

    /// The message that `input` begins with, and its length on the wire, if it is whole and so short that
    /// its body is [inline](Body::INLINE): nothing else is worth so many of a busy connection's frames.
    #[inline]
    pub(in crate::native) fn short(&self, input: &[u8]) -> Option<(usize, u8, Body)> {
        let (&[WHOLE_BINARY, second], rest) = input.split_first_chunk::<2>()? else { return None };
        let (is_masked, len) = (second & MASKED != 0, usize::from(second & !MASKED));
        if is_masked != (self.side == Side::Server)
            || self.partial.is_some()
            || !(1..=SHORT).contains(&len)
            || len as u64 > self.max
        {
            return None;
        }
        let mut payload = [0; SHORT];
        let header = if is_masked {
            let (key, masked) = rest.split_first_chunk::<4>()?;
            payload[..len].copy_from_slice(masked.get(..len)?);
            mask(&mut payload, *key, 0);
            6
        } else {
            payload[..len].copy_from_slice(rest.get(..len)?);
            2
        };
        Some((header + len, payload[0], Body::inline(&payload[1..len])?))
    }

    /// How many more octets the frame at the beginning of `input` needs, where that is known.
    pub(in crate::native) fn missing(&self, input: &[u8]) -> usize {
        match self.header(input) {
            Ok(Some(header)) => (header.length + header.payload).saturating_sub(input.len()),
            _ => 0,
        }
    }

    #[inline]
    fn header(&self, input: &[u8]) -> Result<Option<Header>, CloseReason> {
        let bad = || CloseReason::from(Misbehaviour::BadWebSocketFrame);
        let mut cursor = Cursor::new(input);
        let Some((frame, payload)) = FrameHeader::parse(&mut cursor).map_err(|_| bad())? else {
            return Ok(None);
        };
        // RFC 6455, 5.2: no extension was agreed on that gives the bits a meaning.
        let is_reserved = frame.rsv1 || frame.rsv2 || frame.rsv3;
        // RFC 6455, 5.1: clients mask, and servers must not.
        let is_masked_wrongly = frame.mask.is_some() != (self.side == Side::Server);
        let is_control = matches!(frame.opcode, OpCode::Control(_));
        let is_bad_control = is_control && (payload > MAX_CONTROL as u64 || !frame.is_final);
        if is_reserved || is_masked_wrongly || is_bad_control {
            return Err(bad());
        }
        // Refused by its header: the octets of a message that is too long are never waited for.
        let before = match (&self.partial, frame.opcode) {
            (Some((_, whole)), OpCode::Data(Data::Continue)) => whole.len(),
            _ => 0,
        };
        if !is_control && payload > self.max.saturating_sub(before as u64) {
            return Err(Misbehaviour::Oversized.into());
        }
        let payload = usize::try_from(payload).ok().filter(|&payload| payload <= isize::MAX as usize - 16);
        let payload = payload.ok_or(Misbehaviour::Oversized)?;
        Ok(Some(Header { frame, length: cursor.position() as usize, payload }))
    }
}

/// Messages in, octets out.
#[derive(Debug)]
pub(in crate::native) struct Encoder {
    side: Side,
    keys: Keys,
}

impl Encoder {
    pub(in crate::native) fn new(side: Side) -> Self {
        Self { side, keys: Keys::default() }
    }

    /// Queues a ZWS frame: its flag octet and its body.
    #[inline]
    pub(in crate::native) fn frame(&mut self, flag: u8, body: Body, out: &mut Outbox) {
        let tail = out.tail();
        if body.len() < SHORT {
            let mut payload = [0; SHORT];
            payload[0] = flag;
            payload[1..=body.len()].copy_from_slice(&body);
            let len = 1 + body.len();
            if self.side == Side::Client {
                let [a, b, c, d] = self.keys.next();
                mask(&mut payload, [a, b, c, d], 0);
                tail.extend_from_slice(&[WHOLE_BINARY, MASKED | len as u8, a, b, c, d]);
            } else {
                tail.extend_from_slice(&[WHOLE_BINARY, len as u8]);
            }
            return tail.extend_from_slice(&payload[..len]);
        }
        match self.header(OpCode::Data(Data::Binary), 1 + body.len(), tail) {
            None => {
                tail.put_u8(flag);
                out.push_body(body);
            }
            Some(key) => {
                tail.put_u8(flag ^ key[0]);
                self.masked(&body, key, 1, out);
            }
        }
    }

    pub(in crate::native) fn ping(&mut self, out: &mut Outbox) {
        self.control(Control::Ping, &[], out);
    }

    pub(in crate::native) fn pong(&mut self, context: &[u8], out: &mut Outbox) {
        self.control(Control::Pong, context, out);
    }

    /// Queues a CLOSE frame with the status code that tells why (RFC 6455, 7.4).
    pub(in crate::native) fn close(&mut self, reason: &CloseReason, out: &mut Outbox) {
        let code: u16 = match reason {
            CloseReason::Local => CloseCode::Normal,
            CloseReason::PeerMisbehaved(Misbehaviour::Oversized) => CloseCode::Size,
            CloseReason::PeerMisbehaved(Misbehaviour::TextFrame) => CloseCode::Unsupported,
            CloseReason::PeerMisbehaved(_) => CloseCode::Protocol,
            _ => CloseCode::Policy,
        }
        .into();
        let text = reason.to_string();
        let text = text.get(..MAX_CONTROL - 2).unwrap_or(&text);
        self.control(Control::Close, &[&code.to_be_bytes(), text.as_bytes()].concat(), out);
    }

    fn control(&mut self, kind: Control, payload: &[u8], out: &mut Outbox) {
        let payload = &payload[..payload.len().min(MAX_CONTROL)];
        match self.header(OpCode::Control(kind), payload.len(), out.tail()) {
            None => out.tail().put_slice(payload),
            Some(key) => self.masked(payload, key, 0, out),
        }
    }

    /// Writes a header, and gives the key to mask with.
    #[inline]
    fn header(&mut self, opcode: OpCode, payload: usize, tail: &mut BytesMut) -> Option<[u8; 4]> {
        let mask = (self.side == Side::Client).then(|| self.keys.next());
        tail.reserve(16 + payload.min(APART));
        FrameHeader { opcode, mask, ..FrameHeader::default() }
            .format(payload as u64, &mut tail.writer())
            .expect("a BytesMut takes any number of octets");
        mask
    }

    /// Copies and masks, block by block: what was just copied is still in the cache when it is masked.
    fn masked(&mut self, body: &[u8], key: [u8; 4], mut offset: usize, out: &mut Outbox) {
        let tail = out.tail();
        tail.reserve(body.len());
        for block in body.chunks(MASK_BLOCK) {
            let at = tail.len();
            tail.extend_from_slice(block);
            mask(&mut tail[at..], key, offset);
            offset += block.len();
        }
    }
}

const MASK_BLOCK: usize = 2 * 1024;

/// Masking keys from the system's generator, many for each call into the kernel. They must not be
/// predictable (RFC 6455, 10.3).
#[derive(Debug, Default)]
struct Keys {
    block: Vec<u8>,
    used: usize,
}

const KEY_BLOCK: usize = 512;

impl Keys {
    #[inline]
    fn next(&mut self) -> [u8; 4] {
        let found = self.block.get(self.used..).and_then(|rest| rest.first_chunk::<4>());
        if let Some(key) = found {
            self.used += 4;
            return *key;
        }
        self.block.resize(KEY_BLOCK, 0);
        getrandom::fill(&mut self.block).expect("the system has a random number generator");
        self.used = 4;
        let [a, b, c, d, ..] = self.block[..] else { unreachable!("a block holds many keys") };
        [a, b, c, d]
    }
}

/// XORs `key` over `data`, whose first octet is number `offset` of the payload.
#[inline]
fn mask(data: &mut [u8], key: [u8; 4], offset: usize) {
    let mut turned = key;
    turned.rotate_left(offset % 4);
    let [a, b, c, d] = turned;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = data.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (octet, key) in rest.iter_mut().zip([a, b, c, d, a, b, c]) {
        *octet ^= key;
    }
}

#[cfg(test)]
mod tests {
    use std::io::IoSlice;

    use proptest::prelude::*;

    use super::*;

    fn written(out: &mut Outbox) -> Vec<u8> {
        let mut octets = Vec::new();
        let all = |pieces: &[IoSlice<'_>]| {
            pieces.iter().for_each(|piece| octets.extend_from_slice(piece));
            Ok(pieces.iter().map(|piece| piece.len()).sum())
        };
        out.write(all).expect("all is taken");
        octets
    }

    /// Feeds the octets in pieces of the given sizes, over and over, and gives all that came out.
    fn decode_in_pieces(
        decoder: &mut Decoder,
        octets: &[u8],
        sizes: &[usize],
    ) -> Result<Vec<Received>, CloseReason> {
        let (mut input, mut rest, mut found) = (BytesMut::new(), octets, Vec::new());
        let mut sizes = sizes.iter().cycle();
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(rest.len().min(*sizes.next().expect("cycles")));
            rest = behind;
            input.extend_from_slice(piece);
            while let Some(received) = decoder.decode(&mut input)? {
                found.push(received);
            }
        }
        Ok(found)
    }

    fn body() -> impl Strategy<Value = Vec<u8>> {
        let length = prop_oneof![0_usize..10, 120_usize..130, 4090_usize..4100, 65_530_usize..65_540];
        (length, any::<u8>())
            .prop_map(|(length, fill)| (0..length).map(|at| fill.wrapping_add(at as u8)).collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_one_side_sends_the_other_receives_in_any_split(
            bodies in prop::collection::vec(body(), 1..6),
            sizes in prop::collection::vec(1_usize..9000, 1..10),
            from_client in any::<bool>(),
        ) {
            let sides = if from_client { (Side::Client, Side::Server) } else { (Side::Server, Side::Client) };
            let (mut encoder, mut decoder) = (Encoder::new(sides.0), Decoder::new(sides.1, u64::MAX));
            let mut out = Outbox::default();
            let mut expected = Vec::new();
            for (index, body) in bodies.into_iter().enumerate() {
                encoder.frame(index as u8, Body::copy_from_slice(&body), &mut out);
                encoder.pong(b"context", &mut out);
                let frame = [&[index as u8], &body[..]].concat();
                expected.extend([Received::Binary(frame[..].into()), Received::Pong]);
            }
            prop_assert_eq!(decode_in_pieces(&mut decoder, &written(&mut out), &sizes), Ok(expected));
        }

        #[test]
        fn arbitrary_octets_never_panic(octets in prop::collection::vec(any::<u8>(), 0..300)) {
            for side in [Side::Client, Side::Server] {
                let _ = decode_in_pieces(&mut Decoder::new(side, 1000), &octets, &[7]);
            }
        }
    }

    fn from_server(octets: &[u8]) -> Result<Vec<Received>, CloseReason> {
        decode_in_pieces(&mut Decoder::new(Side::Client, 10), octets, &[1])
    }

    #[test]
    fn fragments_are_put_together_and_control_frames_may_come_between() {
        let octets = [0x02, 2, b'a', b'b', 0x89, 1, b'!', 0x00, 0, 0x80, 1, b'c'];
        let expected = vec![Received::Ping(Bytes::from_static(b"!")), Received::Binary(b"abc"[..].into())];
        assert_eq!(from_server(&octets), Ok(expected));
    }

    #[test]
    fn the_limit_holds_for_a_message_in_fragments_too() {
        let oversized = Err(Misbehaviour::Oversized.into());
        assert_eq!(from_server(&[0x82, 11]), oversized);
        assert_eq!(from_server(&[0x02, 5, 1, 2, 3, 4, 5, 0x80, 6]), oversized);
        assert_eq!(from_server(&[0x82, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255]), oversized);
        let mut unlimited = Decoder::new(Side::Client, u64::MAX);
        let huge = [0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255];
        assert_eq!(decode_in_pieces(&mut unlimited, &huge, &[99]), oversized);
    }

    #[test]
    fn what_rfc_6455_forbids_is_refused() {
        for bad in [
            &[0xc2, 0][..],            // a reserved bit
            &[0x83, 0],                // an unknown opcode
            &[0x80, 0],                // a continuation of nothing
            &[0x02, 0, 0x82, 0],       // a new message within another
            &[0x09, 0],                // a control frame in fragments
            &[0x89, 126, 0, 126],      // a control frame that is too long
            &[0x82, 0x80, 0, 0, 0, 0], // a server that masks
        ] {
            assert_eq!(from_server(bad), Err(Misbehaviour::BadWebSocketFrame.into()), "{bad:x?}");
        }
        let unmasked = decode_in_pieces(&mut Decoder::new(Side::Server, 10), &[0x82, 0], &[1]);
        assert_eq!(unmasked, Err(Misbehaviour::BadWebSocketFrame.into()));
        assert_eq!(from_server(&[0x81, 2, b'h', b'i']), Ok(vec![Received::Text]));
    }

    #[test]
    fn a_close_tells_why() {
        let mut out = Outbox::default();
        Encoder::new(Side::Server).close(&Misbehaviour::TextFrame.into(), &mut out);
        let octets = written(&mut out);
        assert_eq!(octets[..4], [0x88, octets[1], 0x03, 0xeb]);
        assert!(octets.ends_with(b"not binary"));
    }
}
