//! Salsa20 for long texts where the processor has AVX2: eight blocks at a time, four times as quick as one after the other.
//!
//! `salsa20`, the crate, makes one block at a time on every processor.

use pulp::x86::V3;
use pulp::{NullaryFnOnce, cast, u32x8};

/// Shorter texts are not worth it.
pub(super) const LEAST: usize = 256;

const BLOCK: usize = 64;
const LANES: usize = 8;

/// Encrypts or decrypts in place with the blocks from the one of this number on, or says that it can't.
pub(super) fn apply(key: &[u8; 32], nonce: [u8; 8], first: u64, text: &mut [u8]) -> bool {
    let Some(simd) = V3::try_new() else { return false };
    simd.vectorize(Stream { simd, state: state(key, nonce), counter: first, text });
    true
}

/// What each block is made of, but for its number (Bernstein, "Salsa20 specification", 10).
fn state(key: &[u8; 32], nonce: [u8; 8]) -> [u32; 16] {
    let (key, _) = key.as_chunks::<4>();
    let (nonce, _) = nonce.as_chunks::<4>();
    let [k, n] = [key, nonce].map(|words| words.iter().map(|word| u32::from_le_bytes(*word)));
    let (k, n): (Vec<_>, Vec<_>) = (k.collect(), n.collect());
    let sigma = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];
    [sigma[0], k[0], k[1], k[2], k[3], sigma[1], n[0], n[1], 0, 0, sigma[2], k[4], k[5], k[6], k[7], sigma[3]]
}

struct Stream<'a> {
    simd: V3,
    state: [u32; 16],
    counter: u64,
    text: &'a mut [u8],
}

impl NullaryFnOnce for Stream<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { simd, state, mut counter, text } = self;
        for piece in text.chunks_mut(BLOCK * LANES) {
            let words = blocks(simd, &state, counter);
            counter += LANES as u64;
            let (whole, rest) = piece.as_chunks_mut::<BLOCK>();
            let count = whole.len();
            for (lane, block) in whole.iter_mut().enumerate() {
                for (octets, word) in block.as_chunks_mut::<4>().0.iter_mut().zip(&words) {
                    *octets = (u32::from_le_bytes(*octets) ^ word[lane]).to_le_bytes();
                }
            }
            let last = words.iter().flat_map(|word| word.get(count).copied().unwrap_or(0).to_le_bytes());
            for (octet, key) in rest.iter_mut().zip(last) {
                *octet ^= key;
            }
        }
    }
}

/// Eight blocks, word by word.
#[inline(always)]
fn blocks(simd: V3, state: &[u32; 16], counter: u64) -> [[u32; LANES]; 16] {
    let mut start = state.map(|word| simd.splat_u32x8(word));
    let low: [u32; LANES] = core::array::from_fn(|lane| (counter + lane as u64) as u32);
    let high: [u32; LANES] = core::array::from_fn(|lane| ((counter + lane as u64) >> 32) as u32);
    (start[8], start[9]) = (cast(low), cast(high));
    let mut x: [u32x8; 16] = start;
    macro_rules! step {
        ($to:expr, $one:expr, $other:expr, $left:literal, $right:literal) => {
            let sum = simd.wrapping_add_u32x8(x[$one], x[$other]);
            let turned =
                simd.or_u32x8(simd.shl_const_u32x8::<$left>(sum), simd.shr_const_u32x8::<$right>(sum));
            x[$to] = simd.xor_u32x8(x[$to], turned);
        };
    }
    macro_rules! quarter {
        ($a:expr, $b:expr, $c:expr, $d:expr) => {
            step!($b, $a, $d, 7, 25);
            step!($c, $b, $a, 9, 23);
            step!($d, $c, $b, 13, 19);
            step!($a, $d, $c, 18, 14);
        };
    }
    for _ in 0..10 {
        quarter!(0, 4, 8, 12);
        quarter!(5, 9, 13, 1);
        quarter!(10, 14, 2, 6);
        quarter!(15, 3, 7, 11);
        quarter!(0, 1, 2, 3);
        quarter!(5, 6, 7, 4);
        quarter!(10, 11, 8, 9);
        quarter!(15, 12, 13, 14);
    }
    let mut words = [[0; LANES]; 16];
    for ((words, x), start) in words.iter_mut().zip(x).zip(start) {
        *words = cast(simd.wrapping_add_u32x8(x, start));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use salsa20::Salsa20;
    use salsa20::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};

    #[test]
    fn eight_blocks_at_a_time_are_those_that_come_one_after_the_other() {
        let key = core::array::from_fn(|at| at as u8 * 7);
        for length in [0, 1, 63, 64, 65, 511, 512, 513, 576, 1000, 5000] {
            for first in [0_u64, 1, u64::from(u32::MAX) - 3] {
                let text: Vec<u8> = (0..length).map(|at| at as u8).collect();
                let (mut ours, mut theirs) = (text.clone(), text);
                let mut stream = Salsa20::new(&key.into(), &[9; 8].into());
                stream.seek(first * BLOCK as u64);
                stream.apply_keystream(&mut theirs);
                if apply(&key, [9; 8], first, &mut ours) {
                    assert!(ours == theirs, "{length} octets from block {first}");
                }
            }
        }
    }
}
