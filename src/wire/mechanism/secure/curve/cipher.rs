//! The traffic of a connection (RFC 26, "The MESSAGE Command"): each frame, its flags and all, is a box with a number.

use super::boxes::{self, Key, TAG, long_key};
use crate::error::Misbehaviour;
use crate::message::{Flag, Frame};
use crate::payload::Payload;

const NAME: &[u8; 8] = b"\x07MESSAGE";
const NONCE: usize = 8;

/// What a frame grows by: the command's name, the number, what proves that all is as it was, and the flags.
pub(crate) const OVERHEAD: usize = TEXT + 1;
const BOX: usize = NAME.len() + NONCE;
const TEXT: usize = BOX + TAG;

/// The flags within. Those without are nobody's word: anybody on the way could have changed them.
const MORE: u8 = 1;
const COMMAND: u8 = 2;

const FROM_CLIENT: &[u8; 16] = b"CurveZMQMESSAGEC";
const FROM_SERVER: &[u8; 16] = b"CurveZMQMESSAGES";

/// What one side encrypts with, and decrypts with.
pub(crate) struct Cipher(Box<Ways>);

struct Ways {
    ours: Numbered,
    theirs: Numbered,
}

/// One way.
struct Numbered {
    key: Key,
    /// The last number that was used.
    last: u64,
}

impl Cipher {
    /// By the key that both sides share, and the last numbers of the handshake.
    pub(super) fn new(key: &Key, is_server: bool, ours: u64, theirs: u64) -> Self {
        let (to, from) = if is_server { (FROM_SERVER, FROM_CLIENT) } else { (FROM_CLIENT, FROM_SERVER) };
        Self(Box::new(Ways {
            ours: Numbered { key: long_key(key, to), last: ours },
            theirs: Numbered { key: long_key(key, from), last: theirs },
        }))
    }

    /// Encrypts a frame, with one copy of its body.
    pub(crate) fn seal<P: Payload>(&mut self, frame: Frame<P>) -> Frame<P> {
        let flags = match frame.flag {
            Flag::Last => 0,
            Flag::More => MORE,
            Flag::Command => COMMAND,
        };
        let ours = &mut self.0.ours;
        let number = ours.last.checked_add(1).expect("nobody sends 2^64 frames by one connection");
        ours.last = number;
        let nonce = number.to_be_bytes();
        let mut octets = Vec::with_capacity(OVERHEAD + frame.body.len());
        octets.extend_from_slice(NAME);
        octets.extend_from_slice(&nonce);
        octets.extend_from_slice(&[0; TAG]);
        octets.push(flags);
        frame.body.append_to(&mut octets);
        let tag = boxes::seal_in_place(&ours.key, nonce, &mut octets[TEXT..]);
        octets[BOX..TEXT].copy_from_slice(&tag);
        // As libzmq: no command to the framing, whatever it is within.
        Frame::new(Flag::Last, P::from_vec(octets, 0))
    }

    /// Decrypts a frame that [`seal`](Self::seal) has encrypted and that has not come before, with one copy of its body.
    pub(crate) fn open<P: Payload>(&mut self, body: P) -> Result<Frame<P>, Misbehaviour> {
        let mut octets = body.to_vec();
        if !octets.starts_with(NAME) {
            return Err(Misbehaviour::OutOfOrder);
        }
        if octets.len() < OVERHEAD {
            return Err(Misbehaviour::MalformedCommand);
        }
        let (head, text) = octets.split_at_mut(TEXT);
        let (head, tag) = head.split_at(BOX);
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&head[NAME.len()..]);
        let number = u64::from_be_bytes(nonce);
        let theirs = &mut self.0.theirs;
        if number <= theirs.last {
            return Err(Misbehaviour::Replayed);
        }
        boxes::open_in_place(&theirs.key, nonce, tag, text)?;
        theirs.last = number;
        let flag = match text[0] {
            0 => Flag::Last,
            MORE => Flag::More,
            COMMAND => Flag::Command,
            _ => return Err(Misbehaviour::ReservedBits),
        };
        Ok(Frame::new(flag, P::from_vec(octets, OVERHEAD)))
    }
}
