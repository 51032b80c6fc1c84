//! `ipc://` where the system has no Unix domain sockets: refused with a clear error.

use std::io;
use std::task::{Context, Poll};

// Never made, and so never used as what they are.
pub(super) use tokio::net::{TcpStream as UnixStream, tcp as unix};

use crate::error::ApiMisuse;

/// Refuses every name.
pub(super) fn check(endpoint: &str, _name: &str) -> Result<(), ApiMisuse> {
    let supported = "this system has no Unix domain sockets; use tcp, ws, wss or inproc";
    Err(ApiMisuse::UnsupportedScheme { endpoint: endpoint.to_owned(), supported })
}

pub(super) async fn connect(_name: &str) -> io::Result<UnixStream> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(super) fn bind(_name: String) -> io::Result<(Port, String)> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(super) fn peer_address(_stream: &UnixStream) -> String {
    String::new()
}

/// There is none.
pub(super) enum Port {}

impl Port {
    pub(super) fn poll_accept(&self, _cx: &mut Context<'_>) -> Poll<io::Result<UnixStream>> {
        match *self {}
    }
}
