//! The system's sockets, with the options that they are made with.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::Duration;

use super::system;
use crate::native::options::TransportOptions;
use crate::options::SocketOption as O;

/// A socket that listens at this address.
pub(super) fn listening(address: SocketAddr, options: &TransportOptions) -> io::Result<TcpListener> {
    let socket = new(address, options)?;
    system::reuse_address(&socket)?;
    if options.is_on(O::ReusePort) {
        system::reuse_port(&socket).map_err(|error| explain(error, "REUSE_PORT"))?;
    }
    if address.is_ipv6() {
        // `[::]` stands for IPv4 addresses too, whatever the system makes of it otherwise.
        socket.set_only_v6(false)?;
    }
    socket.bind(&address.into())?;
    socket.listen(options.number(O::Backlog))?;
    TcpListener::from_std(socket.into())
}

/// A connection to this address, from this source if there is one.
pub(super) async fn connected(
    source: Option<SocketAddr>,
    target: SocketAddr,
    options: &TransportOptions,
) -> io::Result<TcpStream> {
    let socket = new(target, options)?;
    if let Some(source) = source {
        // One source may have connections to many targets.
        system::reuse_address(&socket)?;
        socket
            .bind(&source.into())
            .map_err(|error| explain(error, &format!("can't connect from {source}")))?;
    }
    let stream = TcpSocket::from_std_stream(socket.into()).connect(target).await?;
    // With nobody listening on a port of the ephemeral range, TCP may connect to itself.
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    stream.set_nodelay(true)?;
    tune(&stream, options)?;
    Ok(stream)
}

/// Gives a connection the options that are its own.
pub(in crate::native) fn tune(stream: &TcpStream, options: &TransportOptions) -> io::Result<()> {
    let socket = SockRef::from(stream);
    let seconds = |of| u64::try_from(options.number(of)).ok().map(Duration::from_secs);
    let set = match options.number(O::TcpKeepalive) {
        -1 => Ok(()),
        0 => socket.set_keepalive(false),
        _ => {
            let mut keepalive = TcpKeepalive::new();
            if let Some(idle) = seconds(O::TcpKeepaliveIdle) {
                keepalive = keepalive.with_time(idle);
            }
            if let Some(interval) = seconds(O::TcpKeepaliveIntvl) {
                keepalive = keepalive.with_interval(interval);
            }
            if let Ok(count) = u32::try_from(options.number(O::TcpKeepaliveCnt)) {
                keepalive = keepalive.with_retries(count);
            }
            socket.set_tcp_keepalive(&keepalive)
        }
    };
    set.map_err(|error| explain(error, "TCP_KEEPALIVE"))?;
    if let Some(limit) = options.limit(O::TcpMaxRt) {
        system::set_user_timeout(&socket, limit).map_err(|error| explain(error, "TCP_MAXRT"))?;
    }
    // Of all that a listener has, Linux does not hand this on to what it accepts.
    set_priority(&socket, options)
}

fn new(address: SocketAddr, options: &TransportOptions) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    let size = |option| usize::try_from(options.number(option)).ok();
    let tos = options.number(O::Tos).unsigned_abs();
    if tos > 0 {
        system::set_tos(&socket, address.is_ipv6(), tos).map_err(|error| explain(error, "TOS"))?;
    }
    set_priority(&socket, options)?;
    if !options.bind_to_device.is_empty() {
        system::bind_to_device(&socket, &options.bind_to_device)
            .map_err(|error| explain(error, &format!("BINDTODEVICE {}", options.bind_to_device)))?;
    }
    if let Some(octets) = size(O::SndBuf) {
        socket.set_send_buffer_size(octets).map_err(|error| explain(error, "SNDBUF"))?;
    }
    if let Some(octets) = size(O::RcvBuf) {
        socket.set_recv_buffer_size(octets).map_err(|error| explain(error, "RCVBUF"))?;
    }
    Ok(socket)
}

fn set_priority(socket: &Socket, options: &TransportOptions) -> io::Result<()> {
    match options.number(O::Priority).unsigned_abs() {
        0 => Ok(()),
        priority => system::set_priority(socket, priority).map_err(|error| explain(error, "PRIORITY")),
    }
}

/// An error of the system's with what it is about.
fn explain(error: io::Error, about: &str) -> io::Error {
    io::Error::new(error.kind(), format!("{about}: {error}"))
}

#[cfg(test)]
pub(super) mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    /// Both ends of a connection that were made with these options, where the machine has this kind of address.
    pub(crate) async fn pair(any: SocketAddr, options: &TransportOptions) -> Option<[TcpStream; 2]> {
        let Ok(listener) = listening(any, options) else {
            println!("skipped: this machine has no {any}");
            return None;
        };
        let target = listener.local_addr().expect("it is bound");
        let connected = connected(None, target, options).await.expect("somebody listens");
        let (accepted, _) = listener.accept().await.expect("somebody has connected");
        tune(&accepted, options).expect("the options are good");
        Some([connected, accepted])
    }

    pub(crate) fn with(set: &[(O, i32)]) -> TransportOptions {
        let mut options = TransportOptions::default();
        for (option, number) in set {
            options.set(*option, &(*number).into()).expect("it is in range");
        }
        options
    }

    pub(crate) fn run(test: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("it can be made").block_on(test);
    }

    pub(crate) fn loopbacks() -> [SocketAddr; 2] {
        [(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()]
    }

    #[test]
    fn both_ends_have_the_options_that_are_set_and_the_systems_where_none_are() {
        run(async {
            let options = with(&[
                (O::TcpKeepalive, 1),
                (O::TcpKeepaliveIdle, 70),
                (O::TcpKeepaliveIntvl, 7),
                (O::TcpKeepaliveCnt, 3),
                (O::SndBuf, 40_000),
                (O::RcvBuf, 50_000),
            ]);
            for any in loopbacks() {
                let Some(ends) = pair(any, &options).await else { continue };
                let Some(plain) = pair(any, &TransportOptions::default()).await else { continue };
                for (set, plain) in ends.iter().map(SockRef::from).zip(plain.iter().map(SockRef::from)) {
                    assert_eq!((set.keepalive().ok(), plain.keepalive().ok()), (Some(true), Some(false)));
                    assert_eq!(set.tcp_keepalive_time().ok(), Some(Duration::from_secs(70)));
                    assert_eq!(set.tcp_keepalive_interval().ok(), Some(Duration::from_secs(7)));
                    assert_eq!(set.tcp_keepalive_retries().ok(), Some(3));
                    assert_ne!(plain.tcp_keepalive_time().ok(), Some(Duration::from_secs(70)));
                    // Linux takes twice as much, for what it keeps beside the octets.
                    assert!([40_000, 80_000].contains(&set.send_buffer_size().expect("it has one")));
                    assert!([50_000, 100_000].contains(&set.recv_buffer_size().expect("it has one")));
                    assert!(set.tcp_nodelay().is_ok());
                }
                tune(&ends[0], &with(&[(O::TcpKeepalive, 0)])).expect("the options are good");
                assert_eq!(SockRef::from(&ends[0]).keepalive().ok(), Some(false));
            }
        });
    }

    #[test]
    fn what_the_system_does_not_take_is_named() {
        run(async {
            let any = loopbacks()[0];
            let mut device = TransportOptions::default();
            device.bind_to_device = "no-such-device".to_owned();
            let error = listening(any, &device).expect_err("there is none");
            assert!(error.to_string().starts_with("BINDTODEVICE no-such-device: "), "{error}");
            let never = with(&[(O::TcpKeepalive, 1), (O::TcpKeepaliveIdle, 0)]);
            let listener = listening(any, &TransportOptions::default()).expect("it can be had");
            let target = listener.local_addr().expect("it is bound");
            let error = connected(None, target, &never).await.expect_err("0 is no time");
            assert!(error.to_string().starts_with("TCP_KEEPALIVE: "), "{error}");
        });
    }
}
