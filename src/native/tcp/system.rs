//! What only Linux can do, or does its own way.

use std::io;
use std::time::Duration;

use socket2::Socket;

/// Lets a port be bound while connections that it had before wait to be forgotten.
pub(super) fn reuse_address(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_address(true)
}

/// Lets others bind the port too, and shares the connections out among them.
pub(super) fn reuse_port(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_port(true)
}

pub(super) fn set_tos(socket: &Socket, is_ipv6: bool, tos: u32) -> io::Result<()> {
    if is_ipv6 {
        socket.set_tclass_v6(tos)?;
    }
    // An IPv6 socket may carry IPv4 too.
    socket.set_tos_v4(tos)
}

pub(super) fn set_priority(socket: &Socket, priority: u32) -> io::Result<()> {
    socket.set_priority(priority)
}

pub(super) fn bind_to_device(socket: &Socket, device: &str) -> io::Result<()> {
    socket.bind_device(Some(device.as_bytes()))
}

/// How long sent octets may stay without acknowledgement.
pub(super) fn set_user_timeout(socket: &Socket, limit: Duration) -> io::Result<()> {
    socket.set_tcp_user_timeout(Some(limit))
}

#[cfg(test)]
mod tests {
    use socket2::SockRef;

    use super::super::socket::tests::{loopbacks, pair, run, with};
    use super::*;
    use crate::options::SocketOption as O;

    #[test]
    fn both_ends_have_the_options_that_only_linux_has() {
        run(async {
            let mut options = with(&[(O::Tos, 0x28), (O::Priority, 5), (O::TcpMaxRt, 4_000)]);
            options.bind_to_device = "lo".to_owned();
            for any in loopbacks() {
                let Some(ends) = pair(any, &options).await else { continue };
                for end in ends.iter().map(SockRef::from) {
                    let tos = if any.is_ipv6() { end.tclass_v6() } else { end.tos_v4() };
                    assert_eq!(tos.ok(), Some(0x28));
                    assert_eq!(end.priority().ok(), Some(5));
                    assert_eq!(end.tcp_user_timeout().ok(), Some(Some(Duration::from_secs(4))));
                    assert_eq!(end.device().ok(), Some(Some(b"lo".to_vec())));
                }
            }
        });
    }
}
