//! Python's pickles, as data: what [`Socket::send_pyobj`](super::Socket::send_pyobj) and
//! [`recv_pyobj`](super::Socket::recv_pyobj) exchange with pyzmq.
//!
//! Pickles of the protocols 0 to 5 are read into any type that serde deserialises; those written are of protocol 4, which
//! Python reads from 3.4 on. Nothing in a pickle is ever run. One that names a class or function, other than those by which
//! Python itself writes the types below, is refused by that name.
//!
//! | Python | serde |
//! |---|---|
//! | None | `()`, `None` |
//! | bool, int, float, str | the same; ints of up to 128 bits |
//! | bytes, bytearray | octets (as `serde_bytes` has them), or a sequence of `u8` |
//! | list, tuple, set, frozenset | a sequence; a sequence is written as list, a tuple as tuple, a sequence in a key as tuple |
//! | dict | a map or a struct; enums as serde_json has them: `"Variant"`, `{"Variant": …}` |
//! | date, time, datetime | read only: the text that isoformat() gives |
//! | timedelta | read only: seconds, as `f64` |
//!
//! What a pickle refers to several times is read as often. So that a small message can't become a large value, it may not
//! become larger than 16 MiB and 16 times its own length; and no value may be nested deeper than 128 times.

mod names;
mod node;
mod reader;
mod ser;
mod source;
mod text;
mod value;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Error, Result};
use crate::error::ApiMisuse;

/// Writes a value as a pickle of protocol 4.
///
/// Fails with [`Error::Misuse`] where Python has no such value: a map as key.
///
/// ```
/// use zmq_wasm::native::pickle;
///
/// assert_eq!(pickle::dumps(&("oslo", 1))?, b"\x80\x04(\x8c\x04osloK\x01t.");
/// # Ok::<(), zmq_wasm::Error>(())
/// ```
pub fn dumps<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>> {
    ser::write(value).map_err(|ser::Unwritable(why)| Error::Misuse(ApiMisuse::InvalidArgument(why)))
}

/// Reads a pickle. Octets behind its end are ignored, as in Python.
///
/// Fails with [`Error::Undecodable`], for what is no pickle, is no data, or is not the type asked for.
///
/// ```
/// use zmq_wasm::native::pickle;
///
/// let value: (String, f64) = pickle::loads(b"\x80\x04X\x04\0\0\0osloG@\x0c\0\0\0\0\0\0\x86.")?;
/// assert_eq!(value, ("oslo".to_owned(), 3.5));
/// let refused = pickle::loads::<()>(b"cos\nsystem\n(S'rm -r /'\ntR.").expect_err("it is no data");
/// assert_eq!(refused.to_string(), "the pickle names os.system, which is not data");
/// # Ok::<(), zmq_wasm::Error>(())
/// ```
pub fn loads<T: DeserializeOwned>(pickle: &[u8]) -> Result<T> {
    value::read(pickle).map_err(|source::Unreadable(why)| Error::Undecodable(why))
}
