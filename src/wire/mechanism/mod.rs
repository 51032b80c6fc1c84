//! Security mechanisms: the commands between the greeting and the traffic, and what CURVE does to the traffic.
//!
//! A mechanism is a state machine without I/O, as everything here is: it takes the peer's commands one by one, and each
//! [`Step`] says what to tell the peer and what comes then. Which mechanism it is and which side this is, the socket's
//! options say (`options/security.rs`); the greeting, or the name of the WebSocket sub-protocol, makes sure that the peer
//! has the same. A mechanism that has found out who the peer is does not decide about it: it asks ([`Then::Ask`]) and stands
//! still until the engine, which asks the shell in turn, has an answer, be that at once or much later.

mod null;
#[cfg_attr(not(feature = "security"), path = "no_security.rs")]
mod secure;

pub use self::secure::Credentials;
pub(crate) use self::secure::{Cipher, Keeper, OVERHEAD};
#[cfg(feature = "security")]
pub(crate) use self::secure::{curve, error};

use super::command::{self, Properties, readable};
use crate::error::{CloseReason, Misbehaviour};
use crate::options::{Mechanism, Options, SocketOption};
use crate::socket_type::SocketType;
use crate::text::concat;
use crate::time::Instant;

/// A handshake that goes on.
pub(crate) enum Handshake {
    Null(null::Handshake),
    Secure(secure::Handshake),
}

/// What a handshake goes on by.
#[derive(Clone, Copy)]
pub(crate) enum Move<'a> {
    /// The connection is up.
    Begin,
    /// A command of the peer's.
    Read(&'a [u8]),
    /// After [`Then::Ask`]: the peer is let in.
    #[cfg_attr(not(feature = "security"), expect(dead_code, reason = "nobody is asked about"))]
    Allow,
}

/// What a handshake may know and use of the socket.
pub(crate) struct Scene<'a> {
    pub(crate) socket_type: SocketType,
    pub(crate) options: &'a Options,
    #[cfg_attr(not(feature = "security"), expect(dead_code, reason = "NULL has use for neither"))]
    pub(crate) keeper: &'a mut Keeper,
    #[cfg_attr(not(feature = "security"), expect(dead_code, reason = "NULL has use for neither"))]
    pub(crate) now: Instant,
}

/// Fills octets with what nobody can guess, as the platform has it.
///
/// ```
/// use zmq_wasm::Entropy;
///
/// // What makes tests the same each time, and a fool of whoever sends secrets by it.
/// let source: Entropy = |octets| octets.fill(4);
/// # let _ = source;
/// ```
pub type Entropy = fn(&mut [u8]);

/// What follows from a command.
#[derive(Debug)]
pub(crate) struct Step {
    /// The body of a command to send.
    pub(crate) say: Option<Vec<u8>>,
    pub(crate) then: Then,
}

#[derive(Debug)]
pub(crate) enum Then {
    /// The peer's next command is to come.
    Wait,
    /// Somebody is to decide about the peer: [`Move::Allow`] goes on.
    Ask(Credentials),
    /// Both know all they must. This is the peer's metadata.
    Ready(Properties),
}

impl Handshake {
    /// The handshake that the options ask for.
    pub(crate) fn new(options: &Options) -> Self {
        let null = || Self::Null(null::Handshake::new(options));
        secure::handshake(options).map_or_else(null, Self::Secure)
    }

    /// What follows from what has happened.
    pub(crate) fn go_on(&mut self, event: Move<'_>, scene: &mut Scene<'_>) -> Result<Step, CloseReason> {
        match self {
            Self::Null(null) => null.go_on(event, scene),
            Self::Secure(secure) => secure.go_on(event, scene),
        }
    }

    /// What the traffic goes through after the handshake, if it does through anything.
    pub(crate) fn cipher(self) -> Option<Cipher> {
        match self {
            Self::Null(_) => None,
            Self::Secure(secure) => secure.cipher(),
        }
    }
}

impl Default for Handshake {
    /// NULL's, which asks nobody, whatever the options say.
    fn default() -> Self {
        Self::Null(null::Handshake::default())
    }
}

/// The longest frame to take from a wire for the longest that MAXMSGSIZE lets in.
pub(crate) fn longest_frame(options: &Options) -> u64 {
    let overhead = if options.mechanism() == Mechanism::Curve { OVERHEAD } else { 0 };
    options.max_frame().saturating_add(overhead as u64)
}

/// The name of a command, and what is behind it.
fn split(command: &[u8]) -> Result<(&[u8], &[u8]), Misbehaviour> {
    let split = command::split(command).filter(|(name, _)| !name.is_empty());
    split.ok_or(Misbehaviour::MalformedCommand)
}

fn read_error(data: &[u8]) -> CloseReason {
    let reason = data.split_first().and_then(|(&len, rest)| rest.get(..len.into()));
    reason.map_or(Misbehaviour::MalformedCommand.into(), |reason| CloseReason::AuthRefused(readable(reason)))
}

/// This side's metadata, behind what the command begins with.
fn write_metadata(mut command: Vec<u8>, scene: &Scene<'_>) -> Vec<u8> {
    let mut properties = Properties::default();
    properties.push("Socket-Type", scene.socket_type.name().as_bytes());
    if scene.socket_type.has_routing_id() {
        properties.push("Identity", scene.options.octets(SocketOption::RoutingId));
    }
    for (name, value) in scene.options.metadata() {
        properties.push(name, value);
    }
    properties.write(&mut command);
    command
}

/// The peer's metadata, if this socket can talk to who has it.
fn read_metadata(data: &[u8], scene: &Scene<'_>) -> Result<Properties, CloseReason> {
    let properties = Properties::parse(data).ok_or(Misbehaviour::MalformedCommand)?;
    let name = properties.find("Socket-Type").ok_or(Misbehaviour::MalformedCommand)?;
    if !SocketType::from_name(name).is_some_and(|theirs| scene.socket_type.is_compatible(theirs)) {
        return Err(incompatible(scene.socket_type, &readable(name)));
    }
    // A routing id must fit where RFC 37 puts it, and nowhere is there room for more than 255 octets.
    if properties.find("Identity").is_some_and(|routing_id| routing_id.len() > 255) {
        return Err(Misbehaviour::RoutingIdTooLong.into());
    }
    Ok(properties)
}

/// A peer whose type does not fit ours.
pub(crate) fn incompatible(ours: SocketType, theirs: &str) -> CloseReason {
    CloseReason::Incompatible(concat(&["a ", ours.name(), " socket can't talk to a ", theirs]))
}

/// A peer whose mechanism, or what it calls so, is not ours.
pub(crate) fn mismatch(ours: Mechanism, theirs: &str) -> CloseReason {
    CloseReason::MechanismMismatch(concat(&["its security mechanism is ", theirs, ", ours is ", ours.name()]))
}
