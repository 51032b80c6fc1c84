//! The mechanisms by which peers show who they are.

pub(crate) mod curve;
mod plain;

pub(crate) use self::curve::{Cipher, Keeper, OVERHEAD};

use super::{Move, Scene, Step, Then, read_error, read_metadata, split, write_metadata};
use crate::error::CloseReason;
use crate::options::{Mechanism, Options, SocketOption};
use crate::text::decimal;
use crate::wire::command::{Properties, named};

/// PLAIN's or CURVE's.
pub(crate) enum Handshake {
    Plain(plain::Handshake),
    Curve(Box<curve::Handshake>),
}

/// Who a peer says it is; under CURVE, who it is.
///
/// ```
/// use zmq_wasm::Credentials;
///
/// fn knows(credentials: &Credentials) -> bool {
///     match credentials {
///         Credentials::Null => false,
///         Credentials::Plain { username, password } => username == b"admin" && password == b"secret",
///         Credentials::Curve { public_key } => *public_key == [7; 32],
///         _ => false,
///     }
/// }
/// assert!(!knows(&Credentials::Null));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// It says nothing.
    Null,
    /// It says a name and a password, of 255 octets at most.
    Plain {
        /// The name.
        username: Vec<u8>,
        /// The password.
        password: Vec<u8>,
    },
    /// It has shown that it has the secret key of this public one.
    Curve {
        /// The key.
        public_key: [u8; 32],
    },
}

/// How ERROR begins, and how it does from PLAIN servers of libzmq, who write "\x5ERROR" in C++: a `^` (seen in 4.3.5).
const ERROR: [&[u8]; 2] = [b"\x05ERROR", b"^RROR"];

/// The handshake that the options ask for, if that is one by which peers show who they are.
pub(super) fn handshake(options: &Options) -> Option<Handshake> {
    match options.mechanism() {
        Mechanism::Null => None,
        Mechanism::Plain => Some(Handshake::Plain(plain::Handshake::new(options.is_server()))),
        Mechanism::Curve => Some(Handshake::Curve(Box::new(curve::Handshake::new(options.is_server())))),
    }
}

/// Whether somebody is to decide about peers who say nothing: as in libzmq, where there is a domain.
pub(super) fn asks_about_anybody(options: &Options) -> Option<Credentials> {
    (!options.octets(SocketOption::ZapDomain).is_empty()).then_some(Credentials::Null)
}

impl Handshake {
    pub(super) fn go_on(&mut self, event: Move<'_>, scene: &mut Scene<'_>) -> Result<Step, CloseReason> {
        let Move::Read(command) = event else {
            let is_begin = matches!(event, Move::Begin);
            return match self {
                Self::Plain(plain) if is_begin => Ok(plain.begin(scene)),
                Self::Plain(plain) => Ok(plain.allowed()),
                Self::Curve(curve) if is_begin => curve.begin(scene),
                Self::Curve(curve) => Ok(curve.allowed(scene)),
            };
        };
        let error = ERROR.iter().find_map(|name| command.strip_prefix(*name));
        // Who only asks is not told that it was refused.
        if let Some(data) = error.filter(|_| !self.is_server()) {
            return Err(read_error(data));
        }
        let (name, data) = split(command)?;
        match self {
            Self::Plain(plain) => plain.read(name, data, scene),
            Self::Curve(curve) => curve.read(name, data, scene),
        }
    }

    pub(super) fn cipher(self) -> Option<Cipher> {
        match self {
            Self::Plain(_) => None,
            Self::Curve(curve) => curve.cipher(),
        }
    }

    fn is_server(&self) -> bool {
        match self {
            Self::Plain(plain) => plain.is_server(),
            Self::Curve(curve) => curve.is_server(),
        }
    }
}

impl Credentials {
    pub(crate) fn is_curve(&self) -> bool {
        matches!(self, Self::Curve { .. })
    }
}

impl Step {
    fn say(command: Vec<u8>) -> Self {
        Self { say: Some(command), then: Then::Wait }
    }

    fn wait() -> Self {
        Self { say: None, then: Then::Wait }
    }

    fn ask(credentials: Credentials) -> Self {
        Self { say: None, then: Then::Ask(credentials) }
    }

    fn ready(say: Option<Vec<u8>>, properties: Properties) -> Self {
        Self { say, then: Then::Ready(properties) }
    }
}

/// The command that tells a peer that it is not let in.
pub(crate) fn error(status: u16) -> Vec<u8> {
    let reason = decimal(status.into());
    let mut command = named("ERROR");
    command.push(reason.len() as u8);
    command.extend_from_slice(reason.as_bytes());
    command
}
