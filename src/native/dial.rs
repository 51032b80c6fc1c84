//! Connecting: names to addresses, addresses to connections.

use std::rc::Rc;

use bytes::BytesMut;

use super::connection::{self, Opened, Wire};
use super::driver::Shell;
use super::ipc;
use super::stream::Stream;
use super::tcp;
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
        Ok(opened) => {
            let now = shell.now();
            connection::start(&shell, Role::Connecting(dialer), opened, now, None);
        }
        Err(reason) => {
            let now = shell.now();
            shell.engine(|engine| engine.handle_dial_failed(dialer, reason, now));
            shell.pump();
        }
    }
}

async fn connect(shell: &Shell, dialer: DialerId, endpoint: &Endpoint) -> Result<Opened, String> {
    match endpoint {
        Endpoint::Tcp(address) => {
            let stream = open(shell, dialer, address).await?;
            let (transport, wire) = zmtp(shell, stream.peer_address());
            Ok(Opened { stream, transport, wire, early: BytesMut::new() })
        }
        Endpoint::Ipc(name) => {
            let stream = Stream::Unix(ipc::connect(name).await.map_err(|error| error.to_string())?);
            let (transport, wire) = zmtp(shell, stream.peer_address());
            Ok(Opened { stream, transport, wire, early: BytesMut::new() })
        }
        Endpoint::Ws { address, path, .. } => {
            let mut stream = open(shell, dialer, address).await?;
            if let Some(client) = shell.tls_clients.find(dialer) {
                stream = client.connect(stream).await?;
            }
            ws::handshake::ask(shell, stream, address, path).await
        }
        Endpoint::Inproc(_) => unreachable!("the driver joins inproc endpoints by itself"),
        Endpoint::Port(_) => unreachable!("the socket refuses port endpoints"),
    }
}

/// What the engine and the connection must know of a connection that carries ZMTP.
pub(super) fn zmtp(shell: &Shell, address: String) -> (Transport, Wire) {
    let codec = shell.engine(|engine| Codec::new(engine.socket_type(), engine.options()));
    let transport =
        Transport { protocol: Protocol::Zmtp, heartbeat: Heartbeat::Command, frame_limit: None, address };
    (transport, Wire::Zmtp(codec))
}

async fn open(shell: &Shell, dialer: DialerId, address: &Address) -> Result<Stream, String> {
    let options = Rc::clone(&shell.transport.borrow());
    let text = shell.engine(|engine| engine.endpoint_of(Role::Connecting(dialer)));
    tcp::connect(&options, &text, address).await.map(Stream::Tcp)
}
