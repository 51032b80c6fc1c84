//! The security that a socket's options ask for.
//!
//! As in libzmq, no option names the mechanism: who sets one of a mechanism's own chooses that mechanism and, where the
//! option says so, the side, and the last choice stands.

#[cfg(feature = "security")]
use core::fmt;

#[cfg(feature = "security")]
use zeroize::Zeroize;

use super::table::index;
use super::{Options, SocketOption};
#[cfg(feature = "security")]
use crate::error::ApiMisuse;

/// Whether PLAIN and CURVE are compiled in.
pub(crate) const HAS_SECURITY: bool = cfg!(feature = "security");

/// How peers prove who they are, and whether others can read along. The numbers are those of the option MECHANISM.
///
/// ```
/// use zmq_wasm::{Mechanism, Options, SocketOption};
///
/// let mut options = Options::default();
/// assert_eq!(options.mechanism(), Mechanism::Null);
/// options.set(SocketOption::PlainUsername, &"admin".into())?;
/// assert_eq!(options.mechanism(), Mechanism::Plain);
/// # Ok::<(), zmq_wasm::ApiMisuse>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mechanism {
    /// None (RFC 37).
    Null,
    /// A name and a password, for all to read on the way (RFC 24).
    Plain,
    /// Keys on both sides, and everything encrypted (RFC 26).
    Curve,
}

impl Mechanism {
    /// The name in greetings.
    ///
    /// ```
    /// assert_eq!(zmq_wasm::Mechanism::Curve.name(), "CURVE");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Plain => "PLAIN",
            Self::Curve => "CURVE",
        }
    }
}

impl Options {
    /// The mechanism that the options ask for.
    ///
    /// ```
    /// # use zmq_wasm::{Mechanism, Options};
    /// assert_eq!(Options::default().mechanism().name(), "NULL");
    /// ```
    pub fn mechanism(&self) -> Mechanism {
        match self.mechanism_number() {
            // No number but 0 gets here where there is no security, which the compiler is to know.
            1 if HAS_SECURITY => Mechanism::Plain,
            2 if HAS_SECURITY => Mechanism::Curve,
            _ => Mechanism::Null,
        }
    }

    /// Whether this is the side that asks the other who it is. NULL has none.
    ///
    /// ```
    /// # use zmq_wasm::{Options, SocketOption};
    /// let mut options = Options::default();
    /// options.set(SocketOption::PlainServer, &true.into())?;
    /// assert!(options.is_server());
    /// # Ok::<(), zmq_wasm::ApiMisuse>(())
    /// ```
    pub fn is_server(&self) -> bool {
        self.plain_server() || self.curve_server()
    }

    /// What an option that was set means for the mechanism and the side.
    pub(super) fn choose(&mut self, option: SocketOption) {
        use SocketOption as O;
        if !HAS_SECURITY {
            return;
        }
        let was_server = self.is_server();
        let (mechanism, is_server) = match option {
            O::PlainServer if self.plain_server() => (Mechanism::Plain, true),
            O::CurveServer if self.curve_server() => (Mechanism::Curve, true),
            O::PlainServer | O::CurveServer => (Mechanism::Null, false),
            O::PlainUsername | O::PlainPassword if self.octets(option).is_empty() => (Mechanism::Null, false),
            O::PlainUsername | O::PlainPassword => (Mechanism::Plain, false),
            O::CurveServerKey => (Mechanism::Curve, false),
            O::CurvePublicKey | O::CurveSecretKey => (Mechanism::Curve, was_server),
            _ => return,
        };
        let mut put = |option, number: bool| self.numbers[index(option)] = number.into();
        put(O::PlainServer, is_server && mechanism == Mechanism::Plain);
        put(O::CurveServer, is_server && mechanism == Mechanism::Curve);
        self.numbers[const { index(O::Mechanism) }] = mechanism as i64;
    }

    /// Whether the keys are there that CURVE's side needs.
    #[cfg(feature = "security")]
    pub(crate) fn check_keys(&self) -> Result<(), ApiMisuse> {
        use SocketOption::{CurvePublicKey, CurveSecretKey, CurveServerKey};
        let needed: &[SocketOption] = match self.mechanism() {
            Mechanism::Curve if self.curve_server() => &[CurveSecretKey],
            Mechanism::Curve => &[CurveServerKey, CurvePublicKey, CurveSecretKey],
            Mechanism::Null | Mechanism::Plain => &[],
        };
        match needed.iter().find(|option| self.key(**option) == [0; 32]) {
            Some(option) => Err(ApiMisuse::MissingKey(option.name())),
            None => Ok(()),
        }
    }

    /// A key; all zero when it was not set.
    pub(crate) fn key(&self, option: SocketOption) -> [u8; 32] {
        self.octets(option).try_into().unwrap_or_default()
    }
}

/// The octets of an option. Where there is no security, there are no secrets.
#[cfg(not(feature = "security"))]
pub(super) type Octets = Vec<u8>;

/// The octets of an option. They may be a secret: they are wiped when they are given up, and don't show.
#[cfg(feature = "security")]
#[derive(Clone)]
pub(super) struct Octets(Vec<u8>);

#[cfg(feature = "security")]
impl Octets {
    pub(super) fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(feature = "security")]
impl From<&[u8]> for Octets {
    fn from(octets: &[u8]) -> Self {
        Self(octets.to_vec())
    }
}

#[cfg(feature = "security")]
impl Drop for Octets {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(feature = "security")]
impl fmt::Debug for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} octets", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::OptionValue;
    use SocketOption::{CurveServer, Mechanism as Chosen, PlainPassword, PlainServer, PlainUsername};

    fn read(options: &Options) -> [i64; 3] {
        [PlainServer, CurveServer, Chosen].map(|option| match options.get(option) {
            Ok(OptionValue::Int(number)) => number,
            other => panic!("{option:?} is a number: {other:?}"),
        })
    }

    #[test]
    fn without_security_what_asks_for_it_is_refused_and_none_is_what_is_read() {
        use SocketOption as O;
        let mut options = Options::default();
        for (option, none) in [
            (O::PlainServer, OptionValue::from(0)),
            (O::CurveServer, 0.into()),
            (O::ZapEnforceDomain, 0.into()),
            (O::PlainUsername, "".into()),
            (O::PlainPassword, "".into()),
            (O::ZapDomain, "".into()),
            (O::CurvePublicKey, "0".repeat(40).as_str().into()),
            (O::CurveSecretKey, "0".repeat(40).as_str().into()),
            (O::CurveServerKey, "0".repeat(40).as_str().into()),
        ] {
            assert_eq!(options.get(option), Ok(none.clone()));
            for asked in [OptionValue::from(1), "x".into(), [7; 32][..].into()] {
                if !HAS_SECURITY {
                    let error = options.set(option, &asked).expect_err("there is none");
                    assert!(error.to_string().contains("not supported here"), "{error}");
                    assert_eq!(options.get(option), Ok(none.clone()));
                }
            }
        }
    }

    #[test]
    fn the_option_set_last_chooses_the_mechanism_and_the_side() {
        if !HAS_SECURITY {
            return;
        }
        let mut options = Options::default();
        assert_eq!(read(&options), [0, 0, 0]);
        for (option, value, expected) in [
            (PlainServer, true.into(), [1, 0, 1]),
            (PlainUsername, "me".into(), [0, 0, 1]),
            (PlainServer, true.into(), [1, 0, 1]),
            (PlainPassword, "secret".into(), [0, 0, 1]),
            (PlainUsername, "".into(), [0, 0, 0]),
            (PlainServer, true.into(), [1, 0, 1]),
            (PlainServer, false.into(), [0, 0, 0]),
        ] {
            options.set(option, &value).expect("it can be");
            assert_eq!(read(&options), expected, "{option:?}");
        }
        assert!(!format!("{options:?}").contains(&format!("{:?}", b"secret")));
    }

    #[test]
    fn a_key_chooses_curve_and_only_the_servers_key_the_side() {
        if !HAS_SECURITY {
            return;
        }
        use SocketOption::{CurvePublicKey, CurveSecretKey, CurveServerKey};
        let mut options = Options::default();
        let key: OptionValue = [7; 32][..].into();
        for (option, value, expected) in [
            (CurveSecretKey, key.clone(), [0, 0, 2]),
            (CurveServer, true.into(), [0, 1, 2]),
            (CurvePublicKey, key.clone(), [0, 1, 2]),
            (CurveServerKey, key.clone(), [0, 0, 2]),
            (PlainServer, true.into(), [1, 0, 1]),
            (CurveSecretKey, key, [0, 1, 2]),
            (CurveServer, false.into(), [0, 0, 0]),
        ] {
            options.set(option, &value).expect("it can be");
            assert_eq!(read(&options), expected, "{option:?}");
        }
        let text = crate::z85::encode(&[7; 32]).expect("a multiple of 4");
        assert_eq!(options.get(CurveSecretKey), Ok(text.as_str().into()));
        options.set(CurveServerKey, &text.as_str().into()).expect("Z85 will do");
        assert_eq!(options.key(CurveServerKey), [7; 32]);
        for bad in ["", "short", &"\"".repeat(40)] {
            let error = options.set(CurveServerKey, &bad.into()).expect_err(bad);
            assert!(error.to_string().starts_with("CURVE_SERVERKEY can't be"), "{error}");
        }
    }
}
