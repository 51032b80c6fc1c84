//! A pickle's octets, taken one item after the other. No length in it is believed beyond the octets there are.

use std::fmt;

use serde::de;

/// What is wrong with a pickle, in a sentence.
#[derive(Debug)]
pub(super) struct Unreadable(pub(super) String);

pub(super) type Read<T> = Result<T, Unreadable>;

pub(super) fn unreadable<T>(why: impl Into<String>) -> Read<T> {
    Err(Unreadable(why.into()))
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreadable {}

impl de::Error for Unreadable {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self(format!("the pickle does not hold what is asked for: {what}"))
    }
}

pub(super) struct Source<'a> {
    octets: &'a [u8],
}

/// An int, as far as Rust has a type for it.
pub(super) enum Int {
    Signed(i128),
    Unsigned(u128),
    Larger,
}

impl<'a> Source<'a> {
    pub(super) fn new(octets: &'a [u8]) -> Self {
        Self { octets }
    }

    pub(super) fn take(&mut self, length: u64) -> Read<&'a [u8]> {
        let taken = usize::try_from(length).ok().and_then(|length| self.octets.split_at_checked(length));
        let Some((taken, rest)) = taken else { return unreadable("the pickle is cut short") };
        self.octets = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        let taken = self.take(N as u64)?;
        Ok(taken.try_into().expect("so many octets were taken"))
    }

    pub(super) fn u8(&mut self) -> Read<u8> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    pub(super) fn u16(&mut self) -> Read<u16> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(super) fn u32(&mut self) -> Read<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(super) fn i32(&mut self) -> Read<i32> {
        Ok(i32::from_le_bytes(self.array()?))
    }

    pub(super) fn u64(&mut self) -> Read<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// The only number whose first octet comes first.
    pub(super) fn f64(&mut self) -> Read<f64> {
        Ok(f64::from_be_bytes(self.array()?))
    }

    /// What is left of the line.
    pub(super) fn line(&mut self) -> Read<&'a [u8]> {
        let Some(end) = self.octets.iter().position(|octet| *octet == b'\n') else {
            return unreadable("the pickle is cut short");
        };
        let (line, rest) = (&self.octets[..end], &self.octets[end + 1..]);
        self.octets = rest;
        Ok(line)
    }

    pub(super) fn decimal(line: &[u8]) -> Read<Int> {
        let text = std::str::from_utf8(line).unwrap_or_default().trim();
        let text = text.strip_suffix('L').unwrap_or(text);
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return unreadable("the pickle has an int that is no number");
        }
        let signed = text.parse().map(Int::Signed);
        Ok(signed.or_else(|_| text.parse().map(Int::Unsigned)).unwrap_or(Int::Larger))
    }

    /// In two's complement, little-endian.
    pub(super) fn long(&mut self, length: u64) -> Read<Int> {
        let octets = self.take(length)?;
        let sign = if octets.last().is_some_and(|last| *last >= 0x80) { 0xff } else { 0 };
        let mut image = [sign; 17];
        let (near, far) = octets.split_at(octets.len().min(17));
        image[..near.len()].copy_from_slice(near);
        let (low, [high]) = image.split_at(16) else { return Ok(Int::Larger) };
        let low: [u8; 16] = low.try_into().expect("it was split there");
        let signed = i128::from_le_bytes(low);
        let fits = far.iter().all(|octet| *octet == sign) && *high == sign;
        Ok(match (fits, sign, signed < 0) {
            (true, 0, true) => Int::Unsigned(u128::from_le_bytes(low)),
            (true, 0xff, false) | (false, ..) => Int::Larger,
            (true, ..) => Int::Signed(signed),
        })
    }

    pub(super) fn float(&mut self) -> Read<f64> {
        let text = std::str::from_utf8(self.line()?).unwrap_or_default();
        text.trim().parse().or_else(|_| unreadable("the pickle has a float that is no number"))
    }
}
