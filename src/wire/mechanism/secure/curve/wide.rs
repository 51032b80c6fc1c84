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
        // In a loop, as what `map` calls would not have the processor's wide registers.
        let mut start = [simd.splat_u32x8(0); 16];
        for (wide, word) in start.iter_mut().zip(state) {
            *wide = simd.splat_u32x8(word);
        }
        let (pieces, rest) = text.as_chunks_mut::<{ BLOCK * LANES }>();
        for piece in pieces {
            let stream = in_a_row(simd, blocks(simd, start, counter));
            counter += LANES as u64;
            for (octets, words) in piece.as_chunks_mut::<32>().0.iter_mut().zip(stream) {
                *octets = cast(simd.xor_u32x8(cast(*octets), words));
            }
        }
        if !rest.is_empty() {
            let stream: [[u8; 32]; 16] = cast(in_a_row(simd, blocks(simd, start, counter)));
            for (octet, key) in rest.iter_mut().zip(stream.as_flattened()) {
                *octet ^= key;
            }
        }
    }
}

/// The words of the first block, those of the second, and so on, each in two halves.
#[inline(always)]
fn in_a_row(simd: V3, words: [u32x8; 16]) -> [u32x8; 16] {
    let halves: [[u32x8; 8]; 2] = cast(words);
    let ([a, b, c, d, e, f, g, h], [i, j, k, l, m, n, o, p]) = (turn(simd, halves[0]), turn(simd, halves[1]));
    [a, i, b, j, c, k, d, l, e, m, f, n, g, o, h, p]
}

/// Makes rows of columns. (By macros: what is called in between would not have the processor's wide registers.)
#[inline(always)]
fn turn(simd: V3, rows: [u32x8; 8]) -> [u32x8; 8] {
    let avx2 = simd.avx2;
    let [a, b, c, d, e, f, g, h] = cast(rows);
    // Of four rows, those four words that are in columns 0 and 4, 1 and 5, 2 and 6, 3 and 7.
    macro_rules! fours {
        ($a:expr, $b:expr, $c:expr, $d:expr) => {{
            let (ab, cd) = (avx2._mm256_unpacklo_epi32($a, $b), avx2._mm256_unpacklo_epi32($c, $d));
            let (ab_high, cd_high) = (avx2._mm256_unpackhi_epi32($a, $b), avx2._mm256_unpackhi_epi32($c, $d));
            (
                avx2._mm256_unpacklo_epi64(ab, cd),
                avx2._mm256_unpackhi_epi64(ab, cd),
                avx2._mm256_unpacklo_epi64(ab_high, cd_high),
                avx2._mm256_unpackhi_epi64(ab_high, cd_high),
            )
        }};
    }
    let (upper, lower) = (fours!(a, b, c, d), fours!(e, f, g, h));
    macro_rules! column {
        ($at:tt, $half:literal) => {
            avx2._mm256_permute2x128_si256::<$half>(upper.$at, lower.$at)
        };
    }
    let first = [column!(0, 0x20), column!(1, 0x20), column!(2, 0x20), column!(3, 0x20)];
    let last = [column!(0, 0x31), column!(1, 0x31), column!(2, 0x31), column!(3, 0x31)];
    cast([first, last])
}

/// Eight blocks, word by word.
#[inline(always)]
fn blocks(simd: V3, mut start: [u32x8; 16], counter: u64) -> [u32x8; 16] {
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
    for (word, start) in x.iter_mut().zip(start) {
        *word = simd.wrapping_add_u32x8(*word, start);
    }
    x
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
