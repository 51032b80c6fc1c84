//! What `system.rs` does on Linux, as far as other systems can.

use std::env::consts::FAMILY;
use std::io;
use std::time::Duration;

use socket2::Socket;

/// Lets a port be bound while connections that it had before wait to be forgotten. On Windows the flag of
/// this name would let others take it over.
pub(super) fn reuse_address(socket: &Socket) -> io::Result<()> {
    if FAMILY == "unix" { socket.set_reuse_address(true) } else { Ok(()) }
}

/// Elsewhere the option exists, but does not share connections out.
pub(super) fn reuse_port(_socket: &Socket) -> io::Result<()> {
    unsupported()
}

pub(super) fn set_tos(socket: &Socket, is_ipv6: bool, tos: u32) -> io::Result<()> {
    if is_ipv6 { unsupported() } else { socket.set_tos_v4(tos) }
}

pub(super) fn set_priority(_socket: &Socket, _priority: u32) -> io::Result<()> {
    unsupported()
}

pub(super) fn bind_to_device(_socket: &Socket, _device: &str) -> io::Result<()> {
    unsupported()
}

pub(super) fn set_user_timeout(_socket: &Socket, _limit: Duration) -> io::Result<()> {
    unsupported()
}

fn unsupported() -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "this system has nothing of the kind"))
}
