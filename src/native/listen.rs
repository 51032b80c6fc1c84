//! Binding: a port or a name, and a task that lets peers in.

use std::future::poll_fn;
use std::io;
use std::rc::{Rc, Weak};
use std::task::Poll;

use bytes::BytesMut;
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Duration, sleep};

use super::connection;
use super::dial;
use super::driver::Shell;
use super::ipc;
use super::stream::{Port, Stream};
use super::ws;
use crate::arena::ListenerId;
use crate::endpoint::{Address, Endpoint};
use crate::engine::{EventKind, Role};
use crate::error::{ApiMisuse, Error, TransportError, TransportErrorKind};

/// An endpoint that is bound. Dropped, it is no longer.
pub(super) struct Listener {
    pub(super) id: ListenerId,
    /// The endpoint with its port filled in, and as it was given.
    pub(super) bound: String,
    pub(super) given: String,
    hold: Hold,
}

enum Hold {
    /// The port is closed with the value: its task has only a weak hold of it.
    Port(#[expect(dead_code, reason = "held to be dropped")] Rc<Port>, AbortHandle),
    Name(Rc<Shell>, String),
}

/// Between tries to accept, when the system has no more descriptors.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

impl Drop for Listener {
    fn drop(&mut self) {
        match &self.hold {
            Hold::Port(_, task) => task.abort(),
            Hold::Name(shell, name) => shell.context.inproc.unbind(name),
        }
    }
}

/// Binds an endpoint, and gives it back with its port filled in.
pub(super) async fn bind(shell: &Rc<Shell>, given: &str) -> Result<String, Error> {
    shell.check()?;
    let endpoint: Endpoint = given.parse()?;
    let bound = match endpoint {
        Endpoint::Inproc(name) => bind_name(shell, given, name),
        Endpoint::Ipc(name) => bind_file(shell, given, name),
        Endpoint::Tcp(address) => bind_port(shell, given, address, None).await,
        Endpoint::Ws { secure: false, address, path } => bind_port(shell, given, address, Some(path)).await,
        Endpoint::Ws { .. } => {
            return Err(ApiMisuse::UnsupportedScheme {
                endpoint: given.to_owned(),
                supported: "can be bound: tcp, ipc, ws, inproc",
            }
            .into());
        }
    };
    if let Err(error @ Error::Transport(_)) = &bound {
        shell.engine(|engine| engine.report(EventKind::BindFailed, given, error.to_string()));
        shell.pump();
    }
    bound
}

fn bind_name(shell: &Rc<Shell>, given: &str, name: String) -> Result<String, Error> {
    if shell.context.inproc.is_taken(&name) {
        return Err(Error::Transport(TransportError {
            kind: TransportErrorKind::AddressInUse,
            endpoint: given.to_owned(),
            reason: "a socket of this context is bound to it already".to_owned(),
        }));
    }
    let id = shell.engine(|engine| engine.listening(Endpoint::Inproc(name.clone())))?;
    let hold = Hold::Name(Rc::clone(shell), name.clone());
    let listener = Listener { id, bound: given.to_owned(), given: given.to_owned(), hold };
    shell.listeners.borrow_mut().push(listener);
    shell.context.inproc.bind(&name, shell, id);
    shell.pump();
    Ok(given.to_owned())
}

fn bind_file(shell: &Rc<Shell>, given: &str, name: String) -> Result<String, Error> {
    ipc::check(given, &name)?;
    let (port, name) = ipc::bind(name).map_err(|error| refused(given, &error))?;
    listen(shell, given, Port::Unix(port), Endpoint::Ipc(name), None)
}

async fn bind_port(
    shell: &Rc<Shell>,
    given: &str,
    address: Address,
    path: Option<String>,
) -> Result<String, Error> {
    let refused = |error: io::Error| refused(given, &error);
    let host = if address.host == "*" { "0.0.0.0" } else { &address.host };
    let listener = TcpListener::bind((host, address.port)).await.map_err(refused)?;
    shell.check()?;
    let local = listener.local_addr().map_err(refused)?;
    let address = Address { host: local.ip().to_string(), port: local.port() };
    let endpoint = match &path {
        None => Endpoint::Tcp(address),
        Some(path) => Endpoint::Ws { secure: false, address, path: path.clone() },
    };
    listen(shell, given, Port::Tcp(listener), endpoint, path)
}

/// Lets peers in by a port from now on.
fn listen(
    shell: &Rc<Shell>,
    given: &str,
    port: Port,
    endpoint: Endpoint,
    path: Option<String>,
) -> Result<String, Error> {
    let bound = endpoint.to_string();
    let id = shell.engine(|engine| engine.listening(endpoint))?;
    let port = Rc::new(port);
    let task =
        tokio::task::spawn_local(accept(Rc::clone(shell), Rc::downgrade(&port), id, bound.clone(), path));
    let hold = Hold::Port(port, task.abort_handle());
    let listener = Listener { id, bound: bound.clone(), given: given.to_owned(), hold };
    shell.listeners.borrow_mut().push(listener);
    shell.pump();
    Ok(bound)
}

fn refused(given: &str, error: &io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::AddrInUse => TransportErrorKind::AddressInUse,
        io::ErrorKind::AddrNotAvailable => TransportErrorKind::AddressNotAvailable,
        io::ErrorKind::PermissionDenied => TransportErrorKind::PermissionDenied,
        _ => TransportErrorKind::Other,
    };
    Error::Transport(TransportError { kind, endpoint: given.to_owned(), reason: error.to_string() })
}

/// Lets peers in until it is aborted, which ends the handshakes under way too.
async fn accept(shell: Rc<Shell>, port: Weak<Port>, id: ListenerId, bound: String, path: Option<String>) {
    let bound: Rc<str> = bound.into();
    let path: Option<Rc<str>> = path.map(Into::into);
    let mut handshakes = JoinSet::new();
    let mut pause = FIRST_PAUSE;
    loop {
        let accepted = tokio::select! {
            accepted = poll_fn(|cx| port.upgrade().map_or(Poll::Pending, |port| port.poll_accept(cx))) => accepted,
            Some(_) = handshakes.join_next() => continue,
        };
        match accepted {
            Ok((stream, address)) => {
                pause = FIRST_PAUSE;
                let Some(path) = &path else {
                    start_zmtp(&shell, stream, id, address);
                    continue;
                };
                let (shell, path, bound) = (Rc::clone(&shell), Rc::clone(path), Rc::clone(&bound));
                handshakes.spawn_local(async move {
                    if let Err(reason) = ws::handshake::answer(&shell, stream, id, &path).await {
                        shell.engine(|engine| engine.report(EventKind::AcceptFailed, &bound, reason));
                        shell.pump();
                    }
                });
            }
            Err(error) => {
                shell.engine(|engine| engine.report(EventKind::AcceptFailed, &bound, error.to_string()));
                shell.pump();
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

fn start_zmtp(shell: &Rc<Shell>, stream: Stream, id: ListenerId, address: String) {
    let (transport, wire) = dial::zmtp(shell, address);
    connection::start(shell, stream, Role::Accepted(id), transport, wire, BytesMut::new());
}
