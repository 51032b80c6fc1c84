//! NaCl's boxes: X25519 for the key that two sides share, XSalsa20 and Poly1305 to encrypt with it.

use salsa20::cipher::consts::U10;
use salsa20::cipher::{KeyIvInit, StreamCipher};
use salsa20::{Salsa20, hsalsa};
use subtle::ConstantTimeEq;
use x25519_dalek::{X25519_BASEPOINT_BYTES, x25519};
use zeroize::Zeroizing;

use super::{mac, wide};
use crate::error::Misbehaviour;

/// 32 octets that are wiped when they are given up.
pub(crate) type Key = Zeroizing<[u8; 32]>;

/// What tells whether a box is as it was packed.
pub(super) const TAG: usize = 16;

/// The public key that goes with a secret one.
pub(super) fn public_key(secret: &[u8; 32]) -> [u8; 32] {
    x25519(*secret, X25519_BASEPOINT_BYTES)
}

/// The key that the owner of this secret key shares with the owner of this public one (`crypto_box_beforenm`). There is
/// none for the few public keys that would make it a known one.
pub(super) fn shared_key(secret: &[u8; 32], public: &[u8; 32]) -> Result<Key, Misbehaviour> {
    let point = Zeroizing::new(x25519(*secret, *public));
    if is_same(&*point, &[0; 32]) {
        return Err(Misbehaviour::Forged);
    }
    Ok(long_key(&point, &[0; 16]))
}

/// The key for all nonces of 24 octets that begin with these 16 (XSalsa20's first half). Where they are the same for each
/// message, this is to be done once.
pub(super) fn long_key(key: &[u8; 32], beginning: &[u8; 16]) -> Key {
    Zeroizing::new(hsalsa::<U10>(key.into(), beginning.into()).into())
}

/// Encrypts in place, by a [`long_key`] and the rest of the nonce.
pub(super) fn seal_in_place(key: &[u8; 32], nonce: [u8; 8], text: &mut [u8]) -> [u8; TAG] {
    let mut stream = Salsa20::new(key.into(), &nonce.into());
    let mac_key = mac_key(&mut stream);
    apply(stream, key, nonce, text);
    mac::tag(&mac_key, text)
}

/// Decrypts in place what [`seal_in_place`] has encrypted and nobody changed since.
pub(super) fn open_in_place(
    key: &[u8; 32],
    nonce: [u8; 8],
    tag: &[u8],
    text: &mut [u8],
) -> Result<(), Misbehaviour> {
    let mut stream = Salsa20::new(key.into(), &nonce.into());
    if !is_same(&mac::tag(&mac_key(&mut stream), text), tag) {
        return Err(Misbehaviour::Forged);
    }
    apply(stream, key, nonce, text);
    Ok(())
}

/// The first half of the first block, with which no text is encrypted.
fn mac_key(stream: &mut Salsa20) -> Key {
    let mut first = Key::new([0; 32]);
    stream.apply_keystream(&mut *first);
    first
}

/// Encrypts or decrypts with what comes behind the [`mac_key`].
fn apply(mut stream: Salsa20, key: &[u8; 32], nonce: [u8; 8], text: &mut [u8]) {
    if text.len() < wide::LEAST {
        return stream.apply_keystream(text);
    }
    let (first, rest) = text.split_at_mut(32);
    stream.apply_keystream(first);
    if !wide::apply(key, nonce, 1, rest) {
        stream.apply_keystream(rest);
    }
}

/// A nonce of 24 octets, which are given in two parts.
pub(super) fn nonce(beginning: &[u8], rest: &[u8]) -> [u8; 24] {
    let mut nonce = [0; 24];
    let (head, tail) = nonce.split_at_mut(beginning.len());
    head.copy_from_slice(beginning);
    tail.copy_from_slice(rest);
    nonce
}

/// Packs a box (`crypto_box_afternm`, `crypto_secretbox`) behind what is in `out`.
pub(super) fn seal(key: &Key, nonce: &[u8; 24], text: &[u8], out: &mut Vec<u8>) {
    let (key, nonce) = split(key, nonce);
    let at = out.len();
    out.extend_from_slice(&[0; TAG]);
    out.extend_from_slice(text);
    let tag = seal_in_place(&key, nonce, &mut out[at + TAG..]);
    out[at..at + TAG].copy_from_slice(&tag);
}

/// What is in a box.
pub(super) fn open(key: &Key, nonce: &[u8; 24], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Misbehaviour> {
    let (tag, text) = sealed.split_at_checked(TAG).ok_or(Misbehaviour::MalformedCommand)?;
    let (key, nonce) = split(key, nonce);
    let mut text = Zeroizing::new(text.to_vec());
    open_in_place(&key, nonce, tag, &mut text)?;
    Ok(text)
}

fn split(key: &Key, nonce: &[u8; 24]) -> (Key, [u8; 8]) {
    let (mut beginning, mut rest) = ([0; 16], [0; 8]);
    beginning.copy_from_slice(&nonce[..16]);
    rest.copy_from_slice(&nonce[16..]);
    (long_key(key, &beginning), rest)
}

/// Compares what must not show by the time it takes where it differs.
pub(super) fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn octets<const N: usize>(hex: &str) -> [u8; N] {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        let mut found = [0; N];
        for (octet, pair) in found.iter_mut().zip(digits.chunks(2)) {
            let pair = str::from_utf8(pair).expect("ASCII");
            *octet = u8::from_str_radix(pair, 16).expect("hexadecimal");
        }
        found
    }

    /// What libsodium's `crypto_secretbox_easy`, `crypto_scalarmult_base` and `crypto_box_beforenm` say.
    #[test]
    fn boxes_and_keys_are_those_of_nacl() {
        let text =
            b"the traffic of a connection, longer than the 32 octets that are left of the first block: \
                     64 of them and more";
        let key = Key::new(core::array::from_fn(|at| at as u8));
        let nonce: [u8; 24] = core::array::from_fn(|at| at as u8 + 100);
        let sealed: [u8; 124] = octets(
            "d00effed90ccf3156c450886f3090c7376d1fce94ec4af8fd69440b458e283791ec957c98ac3286fcf632cb82ae7a6e6cf0a8638\
             3b5ffa8ad5627f072020ef45aef3da7d66f5192b6b802724bac0fb442fee2a19e8532eaacde77ad226aa9fe020b7ef6bc89c1038\
             b2adbd071780c5b292ac845b8eb75ee76e140dee",
        );
        let mut out = Vec::new();
        seal(&key, &nonce, text, &mut out);
        assert_eq!(out, sealed);
        assert_eq!(*open(&key, &nonce, &sealed).expect("it is sound"), text);

        let theirs = octets("ce8d3ad1ccb633ec7b70c17814a5c76ecd029685050d344745ba05870e587d59");
        assert_eq!(public_key(&[2; 32]), theirs);
        let shared = shared_key(&[1; 32], &theirs).expect("it is no weak key");
        assert_eq!(*shared, octets("18a99320f3488fa18a04239715d8ee738065e65c3d4b2898522d6c3d4ead588c"));
    }

    #[test]
    fn a_box_with_one_bit_changed_does_not_open_nor_does_a_key_that_everybody_knows_help() {
        let (key, nonce) = (Key::new([7; 32]), [8; 24]);
        let mut sealed = Vec::new();
        seal(&key, &nonce, b"text", &mut sealed);
        for bit in 0..sealed.len() * 8 {
            sealed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&key, &nonce, &sealed).err(), Some(Misbehaviour::Forged), "{bit}");
            sealed[bit / 8] ^= 1 << (bit % 8);
        }
        assert!(open(&key, &nonce, &sealed).is_ok());
        assert_eq!(open(&key, &nonce, &sealed[..15]).err(), Some(Misbehaviour::MalformedCommand));
        // RFC 7748, 6.1: what points of a small order make.
        for weak in [[0; 32], {
            let mut one = [0; 32];
            one[0] = 1;
            one
        }] {
            assert_eq!(shared_key(&[7; 32], &weak).err(), Some(Misbehaviour::Forged));
        }
    }
}
