//! Connecting: names to addresses, addresses to connections.

use std::io;
use std::rc::Rc;

use bytes::BytesMut;
use tokio::net::{TcpStream, lookup_host};

use super::connection::{self, Wire};
use super::driver::Shell;
use super::ipc;
use super::stream::Stream;
use super::ws;
use crate::arena::DialerId;
use crate::endpoint::{Address, Endpoint};
use crate::engine::{Heartbeat, Protocol, Role, Transport};
use crate::wire::zmtp::Codec;

/// Connects, and tells the engine how that went.
pub(super) async fn run(shell: Rc<Shell>, dialer: DialerId, endpoint: Endpoint) {
    let outcome = connect(&shell, dialer, &endpoint).await;
    shell.dialled(dialer);
    match outcome {
        Ok(Dialled { stream, transport, wire, early }) => {
            connection::start(&shell, stream, Role::Connecting(dialer), transport, wire, early);
        }
        Err(reason) => {
            let now = shell.now();
            shell.engine(|engine| engine.handle_dial_failed(dialer, reason, now));
            shell.pump();
        }
    }
}

/// A connection, ready for the engine.
pub(super) struct Dialled {
    pub(super) stream: Stream,
    pub(super) transport: Transport,
    pub(super) wire: Wire,
    pub(super) early: BytesMut,
}

async fn connect(shell: &Shell, dialer: DialerId, endpoint: &Endpoint) -> Result<Dialled, String> {
    match endpoint {
        Endpoint::Tcp(address) => {
            let stream = open(address).await?;
            let (transport, wire) = zmtp(shell, stream.peer_address());
            Ok(Dialled { stream, transport, wire, early: BytesMut::new() })
        }
        Endpoint::Ipc(name) => {
            let stream = Stream::Unix(ipc::connect(name).await.map_err(|error| error.to_string())?);
            let (transport, wire) = zmtp(shell, stream.peer_address());
            Ok(Dialled { stream, transport, wire, early: BytesMut::new() })
        }
        Endpoint::Ws { address, path, .. } => {
            let mut stream = open(address).await?;
            if let Some(client) = shell.tls_clients.find(dialer) {
                stream = client.connect(stream).await?;
            }
            ws::handshake::ask(shell, stream, address, path).await
        }
        Endpoint::Inproc(_) => unreachable!("the driver joins inproc endpoints by itself"),
    }
}

/// What the engine and the connection must know of a connection that carries ZMTP.
pub(super) fn zmtp(shell: &Shell, address: String) -> (Transport, Wire) {
    let codec = shell.engine(|engine| Codec::new(engine.socket_type(), engine.options().max_frame()));
    let transport =
        Transport { protocol: Protocol::Zmtp, heartbeat: Heartbeat::Command, frame_limit: None, address };
    (transport, Wire::Zmtp(codec))
}

/// Tries every address that the name has, and gives the system's words about the last.
async fn open(address: &Address) -> Result<Stream, String> {
    let found = lookup_host((address.host.as_str(), address.port)).await;
    let found = found.map_err(|error| format!("{} can't be resolved: {error}", address.host))?;
    let mut last = format!("{} has no address", address.host);
    for candidate in found {
        match TcpStream::connect(candidate).await.and_then(ready) {
            Ok(stream) => return Ok(Stream::Tcp(stream)),
            Err(error) => last = error.to_string(),
        }
    }
    Err(last)
}

fn ready(stream: TcpStream) -> io::Result<TcpStream> {
    // With nobody listening on a port of the ephemeral range, TCP may connect to itself.
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    stream.set_nodelay(true)?;
    Ok(stream)
}
