//! Z85 (RFC 32): octets as text, five characters for each four. CURVE keys are written so.

use crate::error::ApiMisuse;

const DIGITS: &[u8; 85] =
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/// Writes octets, whose number is a multiple of four, as text.
///
/// ```
/// use zmq_wasm::z85;
///
/// let text = z85::encode(&[0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b])?;
/// assert_eq!(text, "HelloWorld");
/// # Ok::<(), zmq_wasm::ApiMisuse>(())
/// ```
///
/// # Errors
///
/// `EINVAL` for any other number of octets.
pub fn encode(octets: &[u8]) -> Result<String, ApiMisuse> {
    let (fours, []) = octets.as_chunks::<4>() else {
        return Err(ApiMisuse::InvalidArgument("Z85 encodes a number of octets that is a multiple of 4"));
    };
    let five = |four: &[u8; 4]| {
        let number = u32::from_be_bytes(*four);
        [4, 3, 2, 1, 0].map(|place| DIGITS[(number / 85_u32.pow(place) % 85) as usize] as char)
    };
    Ok(fours.iter().flat_map(five).collect())
}

/// Reads the octets that [`encode`] has written.
///
/// ```
/// use zmq_wasm::z85;
///
/// assert_eq!(z85::decode("HelloWorld")?, [0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b]);
/// assert!(z85::decode("#####").is_err());
/// # Ok::<(), zmq_wasm::ApiMisuse>(())
/// ```
///
/// # Errors
///
/// `EINVAL` when the number of characters is no multiple of five, for characters that Z85 has not, and for five that
/// stand for more than four octets hold.
pub fn decode(text: &str) -> Result<Vec<u8>, ApiMisuse> {
    let (fives, []) = text.as_bytes().as_chunks::<5>() else {
        return Err(ApiMisuse::InvalidArgument(
            "Z85 text has a number of characters that is a multiple of 5",
        ));
    };
    let mut octets = Vec::with_capacity(fives.len() * 4);
    for five in fives {
        let mut number = 0_u64;
        for character in five {
            let Some(digit) = DIGITS.iter().position(|digit| digit == character) else {
                return Err(ApiMisuse::InvalidArgument("the text has a character that Z85 has not"));
            };
            number = number * 85 + digit as u64;
        }
        let Ok(number) = u32::try_from(number) else {
            return Err(ApiMisuse::InvalidArgument(
                "five characters of Z85 stand for more than four octets hold",
            ));
        };
        octets.extend(number.to_be_bytes());
    }
    Ok(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_32_and_the_edges() {
        let key = [
            0x8e, 0x0b, 0xdd, 0x69, 0x76, 0x28, 0xb9, 0x1d, 0x8f, 0x24, 0x55, 0x87, 0xee, 0x95, 0xc5, 0xb0,
            0x4d, 0x48, 0x96, 0x3f, 0x79, 0x25, 0x98, 0x77, 0xb4, 0x9c, 0xd9, 0x06, 0x3a, 0xea, 0xd3, 0xb7,
        ];
        for (octets, text) in [
            (&key[..], "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"),
            (&[0, 0, 0, 0], "00000"),
            (&[0xff, 0xff, 0xff, 0xff], "%nSc0"),
            (&[], ""),
        ] {
            assert_eq!(encode(octets), Ok(text.to_owned()));
            assert_eq!(decode(text), Ok(octets.to_vec()));
        }
    }

    #[test]
    fn what_is_no_z85_is_refused() {
        for length in [1, 2, 3, 5] {
            assert!(encode(&vec![0; length]).is_err());
        }
        for text in ["1234", "123456", "abc\"d", "ab~cd", "abc\u{e9}", "%nSc1", "#####"] {
            assert!(decode(text).is_err(), "{text}");
        }
    }
}
