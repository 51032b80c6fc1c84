//! Poly1305 (RFC 8439, 2.5), which tells whether a text is as it was.
//!
//! `poly1305`, the crate, is quick with long texts, for which it prepares for most of a microsecond first. Most messages are
//! short; theirs is reckoned here, by limbs of 44 bits as in the reference that all take for 64-bit processors.

use poly1305::universal_hash::{KeyInit, UniversalHash};
use poly1305::{Block, Poly1305};

/// From this length on it is worth to prepare.
const LONG: usize = 4096;

const LOW: u64 = (1 << 44) - 1;
const TOP: u64 = (1 << 42) - 1;

/// The tag of a text by a key that is used for no other.
pub(super) fn tag(key: &[u8; 32], text: &[u8]) -> [u8; 16] {
    if text.len() < LONG {
        return short(key, text);
    }
    let mut mac = Poly1305::new(key.into());
    let (blocks, rest) = Block::slice_as_chunks(text);
    mac.update(blocks);
    mac.compute_unpadded(rest).into()
}

/// A number of 130 bits: limbs of 44, 44 and 42.
struct Number([u64; 3]);

impl Number {
    /// 16 octets, and what is above them.
    fn read(octets: &[u8], above: u64) -> Self {
        let [low, high] = halves(octets);
        Self([low & LOW, (low >> 44 | high << 20) & LOW, high >> 24 | above << 40])
    }

    fn add(&mut self, other: &Self) {
        for (limb, other) in self.0.iter_mut().zip(other.0) {
            *limb += other;
        }
    }

    /// Multiplies modulo 2^130 - 5. `fold` is the factor's upper limbs, where they come in again from below.
    fn multiply(&mut self, by: &Self, fold: [u64; 2]) {
        let product = |a: u64, b: u64| u128::from(a) * u128::from(b);
        let ([h0, h1, h2], [r0, r1, r2], [s1, s2]) = (self.0, by.0, fold);
        let d0 = product(h0, r0) + product(h1, s2) + product(h2, s1);
        let d1 = product(h0, r1) + product(h1, r0) + product(h2, s2) + (d0 >> 44);
        let d2 = product(h0, r2) + product(h1, r1) + product(h2, r0) + (d1 >> 44);
        self.0 = [d0 as u64 & LOW, d1 as u64 & LOW, d2 as u64 & TOP];
        self.0[0] += (d2 >> 42) as u64 * 5;
        self.0[1] += self.0[0] >> 44;
        self.0[0] &= LOW;
    }

    fn carry(&mut self) {
        let [h0, h1, h2] = &mut self.0;
        *h1 += *h0 >> 44;
        *h0 &= LOW;
        *h2 += *h1 >> 44;
        *h1 &= LOW;
        *h0 += (*h2 >> 42) * 5;
        *h2 &= TOP;
    }

    /// What is left modulo 2^130 - 5, without a branch that would tell by time which it was.
    fn reduce(mut self) -> Self {
        for _ in 0..3 {
            self.carry();
        }
        let mut less = Self([self.0[0] + 5, self.0[1], self.0[2]]);
        less.0[1] += less.0[0] >> 44;
        less.0[2] += less.0[1] >> 44;
        // All ones where 5 more make 2^130 or more.
        let mask = (less.0[2] >> 42).wrapping_neg();
        let chosen = |at: usize, bits: u64| (self.0[at] & !mask) | (less.0[at] & bits & mask);
        Self([chosen(0, LOW), chosen(1, LOW), chosen(2, TOP)])
    }
}

fn short(key: &[u8; 32], text: &[u8]) -> [u8; 16] {
    let [low, high] = halves(&key[..16]);
    let r = Number([
        low & 0xffc_0fff_ffff,
        (low >> 44 | high << 20) & 0xfff_ffc0_ffff,
        high >> 24 & 0xf_ffff_fc0f,
    ]);
    let fold = [r.0[1] * 20, r.0[2] * 20];
    let mut sum = Number([0; 3]);
    let (blocks, rest) = text.as_chunks::<16>();
    for block in blocks {
        sum.add(&Number::read(block, 1));
        sum.multiply(&r, fold);
    }
    if !rest.is_empty() {
        let mut last = [0; 16];
        last[..rest.len()].copy_from_slice(rest);
        last[rest.len()] = 1;
        sum.add(&Number::read(&last, 0));
        sum.multiply(&r, fold);
    }
    let [h0, h1, h2] = sum.reduce().0;
    let number = u128::from(h0) | u128::from(h1) << 44 | u128::from(h2) << 88;
    let [low, high] = halves(&key[16..]);
    number.wrapping_add(u128::from(low) | u128::from(high) << 64).to_le_bytes()
}

fn halves(octets: &[u8]) -> [u64; 2] {
    let half = |at: usize| {
        let mut half = [0; 8];
        half.copy_from_slice(&octets[at..at + 8]);
        u64::from_le_bytes(half)
    };
    [half(0), half(8)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_the_crate(key: &[u8; 32], text: &[u8]) -> [u8; 16] {
        Poly1305::new(key.into()).compute_unpadded(text).into()
    }

    proptest! {
        #[test]
        fn short_texts_have_the_tag_that_the_crate_gives_them(
            key in any::<[u8; 32]>(), text in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            prop_assert_eq!(short(&key, &text), by_the_crate(&key, &text));
        }
    }

    /// RFC 8439, A.3: sums at the edges of 2^130 - 5, which chance does not find.
    #[test]
    fn sums_at_the_edge_are_reduced() {
        let key = |r: u8, s: u8| {
            let mut key = [0; 32];
            key[0] = r;
            key[16..].fill(s);
            key
        };
        let edge = |last: u8| {
            let mut block = [0xff; 16];
            block[0] = last;
            block
        };
        for r in [1, 2, 4] {
            for s in [0, 1, 0xff] {
                for first in [0, 1, 0xfa, 0xfb, 0xfc, 0xfe, 0xff] {
                    for second in [&[][..], &[0xff; 16], &[0xf0; 15], &[0; 16], &[1; 1]] {
                        let text = [&edge(first), second].concat();
                        assert_eq!(short(&key(r, s), &text), by_the_crate(&key(r, s), &text), "{text:?}");
                    }
                }
            }
        }
        let text: Vec<u8> = (0..LONG + 40).map(|at| at as u8).collect();
        for length in [LONG - 1, LONG, LONG + 1, LONG + 16, LONG + 33] {
            let text = &text[..length];
            assert_eq!(tag(&[7; 32], text), by_the_crate(&[7; 32], text));
            assert_eq!(short(&[7; 32], text), by_the_crate(&[7; 32], text));
        }
    }
}
