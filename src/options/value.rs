//! Values of options, and whether one will do.

use super::SocketOption;
use super::security::HAS_SECURITY;
use super::table::Kind;
use crate::error::ApiMisuse;
use crate::text::decimal;
use crate::z85;

/// An option's value as it crosses an API: a number, or octets.
///
/// ```
/// use zmq_wasm::OptionValue;
///
/// assert_eq!(OptionValue::from(true), OptionValue::Int(1));
/// assert_eq!(OptionValue::from("topic"), OptionValue::Bytes(b"topic".to_vec()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionValue {
    /// A number or a truth value.
    Int(i64),
    /// Octets or text.
    Bytes(Vec<u8>),
}

macro_rules! value_from {
    ($($from:ty => |$it:ident| $to:expr),+ $(,)?) => {$(
        impl From<$from> for OptionValue {
            fn from($it: $from) -> Self {
                $to
            }
        }
    )+};
}

value_from! {
    i32 => |it| Self::Int(it.into()),
    i64 => |it| Self::Int(it),
    bool => |it| Self::Int(it.into()),
    &str => |it| Self::Bytes(it.as_bytes().to_vec()),
    &[u8] => |it| Self::Bytes(it.to_vec()),
    Vec<u8> => |it| Self::Bytes(it),
}

/// A value on its way to an option, which the error will tell.
pub(crate) struct Checked<'a> {
    pub(crate) option: SocketOption,
    /// What to call it.
    pub(crate) name: &'static str,
    pub(crate) value: &'a OptionValue,
}

impl<'a> Checked<'a> {
    /// The number, if the option takes it. What is true is 1.
    pub(crate) fn number(&self) -> Result<i64, ApiMisuse> {
        let kind = self.option.row().kind;
        let (low, high) = kind.range();
        match *self.value {
            OptionValue::Int(number) if low <= number && number <= high => Ok(match kind {
                Kind::Truth | Kind::TruthFromZero | Kind::SecurityTruth => (number != 0).into(),
                Kind::Ttl => number / 100 * 100,
                _ => number,
            }),
            _ => Err(self.refuse(kind.expected())),
        }
    }

    /// The octets, if the option takes them.
    pub(crate) fn octets(&self) -> Result<&'a [u8], ApiMisuse> {
        let kind = self.option.row().kind;
        match (self.value, kind) {
            (OptionValue::Bytes(octets), Kind::Octets) => Ok(octets),
            // RFC 37, "The Identity Property": "The first octet of the Identity SHALL NOT be zero".
            (OptionValue::Bytes(octets), Kind::Id)
                if octets.first().is_some_and(|first| *first != 0) && octets.len() <= 255 =>
            {
                Ok(octets)
            }
            (OptionValue::Bytes(octets), Kind::Credential) if HAS_SECURITY && octets.len() <= 255 => {
                Ok(octets)
            }
            (OptionValue::Bytes(octets), Kind::Domain)
                if HAS_SECURITY && (1..=255).contains(&octets.len()) =>
            {
                Ok(octets)
            }
            (OptionValue::Bytes(octets), Kind::Property) if property(octets).is_some() => Ok(octets),
            (OptionValue::Bytes(octets), Kind::Empty) if octets.is_empty() => Ok(octets),
            _ => Err(self.refuse(kind.expected())),
        }
    }

    /// The octets of a key, which may be written in Z85 and then, as a string of C's, end in a zero.
    pub(super) fn key(&self) -> Result<[u8; 32], ApiMisuse> {
        let key = match self.value {
            OptionValue::Bytes(octets) if HAS_SECURITY => match (octets.len(), octets.strip_suffix(&[0])) {
                (32, _) => Some(octets.clone()),
                (_, text) => {
                    str::from_utf8(text.unwrap_or(octets)).ok().and_then(|text| z85::decode(text).ok())
                }
            },
            _ => None,
        };
        let key = key.and_then(|key| key.try_into().ok());
        key.ok_or_else(|| self.refuse(Kind::Key.expected()))
    }

    pub(crate) fn refuse(&self, expected: &'static str) -> ApiMisuse {
        let value = match self.value {
            OptionValue::Int(value) => decimal(*value),
            OptionValue::Bytes(octets) => decimal(octets.len() as i64) + " octets",
        };
        ApiMisuse::InvalidValue { option: self.name, value, expected }
    }
}

impl Kind {
    pub(crate) fn is_octets(self) -> bool {
        matches!(
            self,
            Self::Octets
                | Self::Id
                | Self::Property
                | Self::Credential
                | Self::Domain
                | Self::Key
                | Self::Empty
                | Self::NoOctets
        )
    }

    /// The least number and the greatest; there is none where the least is the greater.
    fn range(self) -> (i64, i64) {
        let max = i32::MAX.into();
        match self {
            Self::Any | Self::Truth => (i32::MIN.into(), max),
            Self::FromMinusOne => (-1, max),
            Self::FromZero | Self::TruthFromZero => (0, max),
            Self::FromOne => (1, max),
            Self::Flag => (0, 1),
            Self::FlagOrDefault => (-1, 1),
            Self::TwoBits => (0, 3),
            Self::Ttl => (-99, i64::from(u16::MAX) * 100 + 99),
            Self::Long => (i64::MIN, i64::MAX),
            Self::SecurityFlag => (0, HAS_SECURITY.into()),
            Self::SecurityTruth if HAS_SECURITY => (i32::MIN.into(), max),
            Self::SecurityTruth => (0, 0),
            _ => (1, 0),
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Self::SecurityFlag | Self::SecurityTruth if !HAS_SECURITY => {
                "0: anything else is not supported here"
            }
            Self::Credential | Self::Domain | Self::Key if !HAS_SECURITY => NONE,
            Self::Any | Self::Long | Self::Truth | Self::SecurityTruth => "a number",
            Self::FromMinusOne => "-1, 0 or a positive number",
            Self::FromZero | Self::TruthFromZero => "0 or a positive number",
            Self::FromOne => "a positive number",
            Self::Flag | Self::SecurityFlag => "true or false",
            Self::FlagOrDefault => "-1, 0 or 1",
            Self::TwoBits => "0 to 3",
            Self::Ttl => "0 to 6553599 milliseconds",
            Self::Empty => "nothing: anything else is not supported here",
            Self::NoNumber | Self::NoOctets => NONE,
            Self::Key => "32 octets, or 40 characters of Z85",
            Self::Credential => "at most 255 octets",
            Self::Domain => "1 to 255 octets",
            Self::Octets => "octets or a string",
            Self::Id => "1 to 255 octets, the first not zero",
            Self::Property => "X-name:value",
        }
    }
}

/// Where nothing will do.
const NONE: &str = "nothing: it is not supported here";

/// The name and value of `X-name:value`. libzmq takes no such text of four octets, which it has for a number.
pub(super) fn property(octets: &[u8]) -> Option<(&str, &[u8])> {
    let colon = octets.iter().position(|octet| *octet == b':')?;
    let name = str::from_utf8(&octets[..colon]).ok()?;
    let value = &octets[colon + 1..];
    let is_good = name.starts_with("X-") && name.len() <= 255 && !value.is_empty() && octets.len() != 4;
    is_good.then_some((name, value))
}
