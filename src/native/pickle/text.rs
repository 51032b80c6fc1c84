//! Text as the older protocols have it: on one line, with escapes.

use super::source::{Read, unreadable};

/// Protocol 0's `raw-unicode-escape`: Latin-1, and `\u` with four hexadecimal digits or `\U` with eight.
pub(super) fn unescaped(line: &[u8]) -> Read<String> {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((&octet, behind)) = rest.split_first() {
        let digits = match behind.first() {
            Some(b'u') if octet == b'\\' => 4,
            Some(b'U') if octet == b'\\' => 8,
            _ => {
                // A pair of backslashes stands as it is, and begins no escape.
                let pair = octet == b'\\' && behind.first() == Some(&b'\\');
                text.push_str(if pair { "\\" } else { "" });
                text.push(char::from(octet));
                rest = &behind[usize::from(pair)..];
                continue;
            }
        };
        let Some((hex, behind)) = behind[1..].split_at_checked(digits) else { return broken() };
        let Some(character) = number(hex, 16).and_then(char::from_u32) else { return broken() };
        text.push(character);
        rest = behind;
    }
    Ok(text)
}

/// Python 2's str in quotes, which Python 3 too reads only where it is ASCII.
pub(super) fn unquoted(line: &[u8]) -> Read<String> {
    let inner = match line {
        [first @ (b'\'' | b'"'), inner @ .., last] if first == last => inner,
        _ => return unreadable("the pickle has a str without its quotes"),
    };
    let mut octets = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((&octet, behind)) = rest.split_first() {
        rest = behind;
        let Some((&escape, behind)) = behind.split_first().filter(|_| octet == b'\\') else {
            octets.push(octet);
            continue;
        };
        rest = behind;
        match escape {
            b'\\' | b'\'' | b'"' => octets.push(escape),
            b'a' => octets.push(7),
            b'b' => octets.push(8),
            b't' => octets.push(b'\t'),
            b'n' => octets.push(b'\n'),
            b'v' => octets.push(11),
            b'f' => octets.push(12),
            b'r' => octets.push(b'\r'),
            b'x' => {
                let Some((hex, behind)) = behind.split_at_checked(2) else { return broken() };
                let Some(value) = number(hex, 16) else { return broken() };
                octets.push(value as u8);
                rest = behind;
            }
            b'0'..=b'7' => {
                let more = behind.iter().take(2).take_while(|digit| matches!(digit, b'0'..=b'7')).count();
                let value = behind[..more]
                    .iter()
                    .fold(u32::from(escape - b'0'), |value, digit| value * 8 + u32::from(digit - b'0'));
                octets.push(value as u8);
                rest = &behind[more..];
            }
            other => octets.extend([b'\\', other]),
        }
    }
    ascii(&octets).map(str::to_owned)
}

pub(super) fn ascii(octets: &[u8]) -> Read<&str> {
    match std::str::from_utf8(octets) {
        Ok(text) if text.is_ascii() => Ok(text),
        _ => unreadable("the pickle has a str of Python 2's that is not ASCII"),
    }
}

pub(super) fn utf8(octets: &[u8]) -> Read<&str> {
    std::str::from_utf8(octets)
        .or_else(|_| unreadable("the pickle has a str that is not UTF-8, or has lone surrogates"))
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let digits = std::str::from_utf8(digits).ok()?;
    // Rust would take a sign.
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, radix).ok())?
}

fn broken<T>() -> Read<T> {
    unreadable("the pickle has a str with a broken escape")
}
