//! The NULL mechanism (RFC 37, "The NULL Security Mechanism"): each side sends one READY with its metadata.

use crate::error::{CloseReason, Misbehaviour};
use crate::options::{Options, SocketOption};
use crate::socket_type::SocketType;
use crate::text::concat;
use crate::wire::command::{Command, Properties, readable};

/// The name in the greeting.
pub(crate) const NAME: &str = "NULL";

/// The READY command of a socket of this type.
pub(crate) fn ready(socket_type: SocketType, options: &Options) -> Command {
    let mut properties = Properties::default();
    properties.push("Socket-Type", socket_type.name().as_bytes());
    if socket_type.has_routing_id() {
        properties.push("Identity", options.octets(SocketOption::RoutingId));
    }
    for (name, value) in options.metadata() {
        properties.push(name, value);
    }
    Command::Ready(properties)
}

/// Reads the peer's handshake command: its metadata, or why the connection must close.
pub(crate) fn read(command: Command, ours: SocketType) -> Result<Properties, CloseReason> {
    match command {
        Command::Ready(properties) => {
            check_socket_type(&properties, ours)?;
            check_routing_id(properties.find("Identity").unwrap_or_default())?;
            Ok(properties)
        }
        Command::Error(reason) => Err(CloseReason::AuthRefused(reason)),
        _ => Err(Misbehaviour::OutOfOrder.into()),
    }
}

fn check_socket_type(properties: &Properties, ours: SocketType) -> Result<(), CloseReason> {
    let name = properties.find("Socket-Type").ok_or(Misbehaviour::MalformedCommand)?;
    match SocketType::from_name(name) {
        Some(theirs) if ours.is_compatible(theirs) => Ok(()),
        _ => Err(incompatible(ours, &readable(name))),
    }
}

/// A peer whose type does not fit ours.
pub(crate) fn incompatible(ours: SocketType, theirs: &str) -> CloseReason {
    CloseReason::Incompatible(concat(&["a ", ours.name(), " socket can't talk to a ", theirs]))
}

/// A routing id must fit where RFC 37 puts it, and nowhere is there room for more than 255 octets.
pub(crate) fn check_routing_id(routing_id: &[u8]) -> Result<(), CloseReason> {
    if routing_id.len() > 255 { Err(Misbehaviour::RoutingIdTooLong.into()) } else { Ok(()) }
}
