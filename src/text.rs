//! Text made without `core::fmt`, whose machinery is some kilobytes that every page would load.

/// A number as people write it.
pub(crate) fn decimal(number: i64) -> String {
    let mut text = String::new();
    let mut rest = number.unsigned_abs();
    while rest > 0 || text.is_empty() {
        text.insert(0, char::from(b'0' + (rest % 10) as u8));
        rest /= 10;
    }
    if number < 0 {
        text.insert(0, '-');
    }
    text
}

/// Octets in hexadecimal.
pub(crate) fn hexadecimal(octets: &[u8]) -> String {
    let mut text = String::new();
    for octet in octets {
        for value in [octet >> 4, octet & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(value)]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_standard_library_writes_them() {
        for number in [0, 7, 10, -1, 65_535, i64::MAX, i64::MIN] {
            assert_eq!(decimal(number), number.to_string());
        }
        assert_eq!(hexadecimal(&[0, 0x1f, 0xff]), "001fff");
    }
}
