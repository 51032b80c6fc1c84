//! The values that a pickle can hold, and what belongs to them on the way.

use std::borrow::Cow;

use super::names::Name;
use super::source::Int;

/// Where in the list of nodes a value is.
pub(super) type Id = u32;

/// One value. It refers to others by number, so that they may be shared, and may contain themselves.
#[derive(Clone, Debug)]
pub(super) enum Node<'a> {
    None,
    Bool(bool),
    Int(i128),
    Unsigned(u128),
    /// An int for which Rust has no type.
    Larger,
    Float(f64),
    Str(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
    List(Vec<Id>),
    Tuple(Vec<Id>),
    Set(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// A timedelta, in microseconds.
    Delta(i128),
    /// A timezone, in microseconds to the east; no value, only a part of a datetime.
    Zone(i128),
    Name(Name),
}

impl From<Int> for Node<'_> {
    fn from(int: Int) -> Self {
        match int {
            Int::Signed(int) => Self::Int(int),
            Int::Unsigned(int) => Self::Unsigned(int),
            Int::Larger => Self::Larger,
        }
    }
}
