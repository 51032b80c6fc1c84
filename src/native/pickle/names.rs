//! The few classes and functions that Python's own pickler names for plain data, and what becomes of each.

use std::borrow::Cow;

use super::node::Node;
use super::source::{Read, unreadable};

/// A name that a pickle has loaded. It is no value: only REDUCE does something with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Encode,
    Bytes,
    ByteArray,
    Set,
    FrozenSet,
    TimeDelta,
    TimeZone,
    Date,
    Time,
    DateTime,
}

/// Under Python 3's names.
const NAMES: [(Name, &str, &str); 10] = [
    (Name::Encode, "_codecs", "encode"),
    (Name::Bytes, "builtins", "bytes"),
    (Name::ByteArray, "builtins", "bytearray"),
    (Name::Set, "builtins", "set"),
    (Name::FrozenSet, "builtins", "frozenset"),
    (Name::TimeDelta, "datetime", "timedelta"),
    (Name::TimeZone, "datetime", "timezone"),
    (Name::Date, "datetime", "date"),
    (Name::Time, "datetime", "time"),
    (Name::DateTime, "datetime", "datetime"),
];

impl Name {
    pub(super) fn find(module: &str, name: &str) -> Read<Self> {
        // Protocols 0 to 2 use Python 2's name of the module.
        let python3 = if module == "__builtin__" { "builtins" } else { module };
        match NAMES.iter().find(|known| (known.1, known.2) == (python3, name)) {
            Some(known) => Ok(known.0),
            None => refuse(&format!("{module}.{name}")),
        }
    }

    pub(super) fn text(self) -> String {
        let known = NAMES.iter().find(|known| known.0 == self).expect("the list has all names");
        format!("{}.{}", known.1, known.2)
    }

    /// What a call with these arguments makes, if it is data.
    pub(super) fn call<'a>(self, args: &[&Node<'a>]) -> Option<Node<'a>> {
        match (self, args) {
            (Self::Encode, [Node::Str(text), Node::Str(encoding)])
                if matches!(&**encoding, "latin1" | "latin-1") =>
            {
                let octets: Option<Vec<u8>> =
                    text.chars().map(|one| u8::try_from(u32::from(one)).ok()).collect();
                Some(Node::Bytes(octets?.into()))
            }
            (Self::Bytes | Self::ByteArray, []) => Some(Node::Bytes(Cow::Borrowed(&[]))),
            (Self::ByteArray, [Node::Bytes(octets)]) => Some(Node::Bytes(octets.clone())),
            (Self::ByteArray, [Node::Str(_), Node::Str(_)]) => Self::Encode.call(args),
            (Self::Set | Self::FrozenSet, [Node::List(items)]) => Some(Node::Set(items.clone())),
            (Self::TimeDelta, [Node::Int(days), Node::Int(seconds), Node::Int(microseconds)]) => {
                let seconds = days.checked_mul(86_400)?.checked_add(*seconds)?;
                Some(Node::Delta(seconds.checked_mul(1_000_000)?.checked_add(*microseconds)?))
            }
            (Self::TimeZone, [Node::Delta(offset), ..]) => Some(Node::Zone(*offset)),
            (Self::Date, [Node::Bytes(state)]) => text(date(state)?),
            (Self::Time, [Node::Bytes(state)]) => text(time(state)?),
            (Self::DateTime, [Node::Bytes(state)]) => text(date_time(state)?),
            (Self::DateTime, [Node::Bytes(state), Node::Zone(offset)]) => {
                text(date_time(state)? + &zone(*offset)?)
            }
            _ => None,
        }
    }
}

pub(super) fn refuse<T>(name: &str) -> Read<T> {
    let short: String = name.chars().take(100).collect();
    let cut = if short.len() < name.len() { "…" } else { "" };
    unreadable(format!("the pickle names {short}{cut}, which is not data"))
}

// ---- Dates and times, as isoformat() writes them ----

fn text<'a>(iso: String) -> Option<Node<'a>> {
    Some(Node::Str(iso.into()))
}

fn date(state: &[u8]) -> Option<String> {
    let [high, low, month, day] = *state else { return None };
    let year = u16::from_be_bytes([high, low]);
    // The month's highest bit is Python's `fold`.
    let month = month & 0x7f;
    let is_date = (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    is_date.then(|| format!("{year:04}-{month:02}-{day:02}"))
}

fn time(state: &[u8]) -> Option<String> {
    let [hour, minute, second, high, middle, low] = *state else { return None };
    let hour = hour & 0x7f;
    let microsecond = u32::from_be_bytes([0, high, middle, low]);
    let is_time = hour < 24 && minute < 60 && second < 60 && microsecond < 1_000_000;
    is_time.then(|| format!("{hour:02}:{minute:02}:{second:02}{}", fraction(microsecond)))
}

fn date_time(state: &[u8]) -> Option<String> {
    let (day, rest) = state.split_at_checked(4)?;
    Some(date(day)? + "T" + &time(rest)?)
}

fn zone(offset: i128) -> Option<String> {
    let sign = if offset < 0 { '-' } else { '+' };
    let microseconds = u64::try_from(offset.checked_abs()?).ok().filter(|offset| *offset < 86_400_000_000)?;
    let (seconds, microsecond) = (microseconds / 1_000_000, (microseconds % 1_000_000) as u32);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let rest = match (second, microsecond) {
        (0, 0) => String::new(),
        _ => format!(":{second:02}{}", fraction(microsecond)),
    };
    Some(format!("{sign}{hour:02}:{minute:02}{rest}"))
}

fn fraction(microsecond: u32) -> String {
    if microsecond == 0 { String::new() } else { format!(".{microsecond:06}") }
}
