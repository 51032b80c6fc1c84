//! Binding: a port, a file or a name, by which peers come in.

use std::io;
use std::ops::RangeInclusive;
use std::rc::Rc;

use bytes::BytesMut;
use tokio::task::AbortHandle;

use super::accept::accept;
use super::connection::{self, Opened};
use super::dial;
use super::driver::Shell;
use super::guests::Guests;
use super::http::{self, HttpPort};
use super::ipc;
use super::socket::Socket;
use super::stream::Port;
use super::tcp;
use super::tls::Acceptor;
use crate::arena::ListenerId;
use crate::endpoint::{Address, Endpoint};
use crate::engine::{EventKind, Role};
use crate::error::{ApiMisuse, Error, TransportError, TransportErrorKind};
use crate::options::SocketOption;

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
    /// A path of a port that others may have paths of.
    Path(Rc<HttpPort>, Rc<str>),
    Name(Rc<Shell>, String),
}

impl Drop for Listener {
    fn drop(&mut self) {
        match &self.hold {
            Hold::Port(_, task) => task.abort(),
            Hold::Path(port, path) => port.routes.remove(path),
            Hold::Name(shell, name) => shell.context.inproc.unbind(name),
        }
    }
}

impl Socket {
    /// Binds to a port of `ports` that is free and gives it: one by chance, and if it is not free, those after it. The
    /// endpoint is that of [`bind`](Self::bind) without a port. (Where any port will do, bind to `*`.)
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Rep)?;
    /// let port = socket.bind_to_random_port("ws://127.0.0.1/chat", 49152..=65535).await?;
    /// assert_eq!(socket.last_endpoint(), format!("ws://127.0.0.1:{port}/chat"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `EADDRINUSE` when no port of these is free, `EINVAL` for an endpoint that has a port or can't have one, and what
    /// else [`bind`](Self::bind) says.
    pub async fn bind_to_random_port(
        &self,
        endpoint: &str,
        ports: RangeInclusive<u16>,
    ) -> Result<u16, Error> {
        let invalid = |reason| ApiMisuse::InvalidEndpoint { endpoint: endpoint.to_owned(), reason };
        let (scheme, rest) = endpoint.split_once("://").ok_or_else(|| invalid("it has no scheme"))?;
        if !matches!(scheme, "tcp" | "ws" | "wss") {
            return Err(invalid("only tcp://, ws:// and wss:// have ports").into());
        }
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (first, count) = (*ports.start(), ports.len());
        let mut chance = [0; 4];
        getrandom::fill(&mut chance).expect("the system has a random number generator");
        let chance = u32::from_ne_bytes(chance) as usize;
        for step in 0..count {
            let port = first + ((chance + step) % count) as u16;
            match bind(self.shell(), &format!("{scheme}://{host}:{port}{path}")).await {
                Ok(_) => return Ok(port),
                Err(Error::Transport(refused)) if refused.kind == TransportErrorKind::AddressInUse => {}
                Err(error) => return Err(error),
            }
        }
        Err(in_use(endpoint, &format!("no port from {} to {} is free", ports.start(), ports.end())))
    }
}

/// Refuses `port:`, which is JavaScript's.
pub(super) fn no_threads(endpoint: &str) -> ApiMisuse {
    let supported = "port: leads to threads of JavaScript; those of one process talk by inproc";
    ApiMisuse::UnsupportedScheme { endpoint: endpoint.to_owned(), supported }
}

/// Binds an endpoint, and gives it back with its port filled in.
pub(super) async fn bind(shell: &Rc<Shell>, given: &str) -> Result<String, Error> {
    shell.check()?;
    let bound = match given.parse()? {
        Endpoint::Inproc(name) => bind_name(shell, given, name),
        Endpoint::Ipc(name) => bind_file(shell, given, name),
        Endpoint::Tcp(address) => bind_port(shell, given, &address).await,
        Endpoint::Ws { secure, address, path } => {
            let tls = secure.then(|| shell.transport.borrow().tls.acceptor()).transpose()?;
            bind_path(shell, given, &address, path, tls).await
        }
        Endpoint::Port(_) => Err(no_threads(given).into()),
    };
    if let Err(error @ Error::Transport(_)) = &bound {
        shell.engine(|engine| engine.report(EventKind::BindFailed, given, error.to_string()));
        shell.pump();
    }
    bound
}

fn bind_name(shell: &Rc<Shell>, given: &str, name: String) -> Result<String, Error> {
    if shell.context.inproc.is_taken(&name) {
        return Err(in_use(given, "a socket of this context is bound to it already"));
    }
    let id = shell.engine(|engine| engine.listening(Endpoint::Inproc(name.clone())))?;
    let hold = Hold::Name(Rc::clone(shell), name.clone());
    let bound = add(shell, given, given.to_owned(), id, hold);
    shell.context.inproc.bind(&name, shell, id);
    shell.pump();
    Ok(bound)
}

fn bind_file(shell: &Rc<Shell>, given: &str, name: String) -> Result<String, Error> {
    ipc::check(given, &name)?;
    let (port, name) = ipc::bind(name).map_err(|error| refused(given, &error))?;
    listen(shell, given, Port::Unix(port), Endpoint::Ipc(name))
}

async fn bind_port(shell: &Rc<Shell>, given: &str, address: &Address) -> Result<String, Error> {
    let refused = |error: io::Error| refused(given, &error);
    let options = Rc::clone(&shell.transport.borrow());
    let found = tcp::to_bind(address, options.is_on(SocketOption::Ipv6)).await.map_err(refused)?;
    shell.check()?;
    let listener = tcp::listen(&found, &options).map_err(refused)?;
    let endpoint = Endpoint::Tcp(tcp::to_address(listener.local_addr().map_err(refused)?));
    listen(shell, given, Port::Tcp(listener), endpoint)
}

async fn bind_path(
    shell: &Rc<Shell>,
    given: &str,
    address: &Address,
    path: String,
    tls: Option<Acceptor>,
) -> Result<String, Error> {
    let secure = tls.is_some();
    let options = Rc::clone(&shell.transport.borrow());
    let port = HttpPort::open(&shell.context, given, address, &options, tls).await?;
    shell.check()?;
    if port.routes.is_taken(&path) {
        return Err(in_use(given, "a socket of this context is bound to this path already"));
    }
    let endpoint = Endpoint::Ws { secure, address: tcp::to_address(port.local), path: path.clone() };
    let bound = endpoint.to_string();
    let id = shell.engine(|engine| engine.listening(endpoint))?;
    let path: Rc<str> = path.into();
    port.routes.add(http::Route {
        path: Rc::clone(&path),
        bound: bound.as_str().into(),
        shell: Rc::clone(shell),
        listener: id,
    });
    Ok(add(shell, given, bound, id, Hold::Path(port, path)))
}

/// Lets peers in by a port of this socket's own from now on.
fn listen(shell: &Rc<Shell>, given: &str, port: Port, endpoint: Endpoint) -> Result<String, Error> {
    let bound = endpoint.to_string();
    let id = shell.engine(|engine| engine.listening(endpoint))?;
    let port = Rc::new(port);
    let (taking, failing) = (Rc::clone(shell), Rc::clone(shell));
    let (there, at) = (bound.clone(), bound.clone());
    let task = tokio::task::spawn_local(accept(
        Rc::downgrade(&port),
        Guests::new(&shell.transport.borrow()),
        move |stream, peer, seat, _| {
            if let Err(error) = stream.tune(&taking.transport.borrow()) {
                return taking.accept_failed(&there, error.to_string());
            }
            let (transport, wire) = dial::zmtp(&taking, peer);
            let opened = Opened { stream, transport, wire, early: BytesMut::new() };
            connection::start(&taking, Role::Accepted(id), opened, taking.now(), Some(seat));
        },
        move |reason| failing.accept_failed(&at, reason),
    ));
    Ok(add(shell, given, bound, id, Hold::Port(port, task.abort_handle())))
}

fn add(shell: &Rc<Shell>, given: &str, bound: String, id: ListenerId, hold: Hold) -> String {
    let listener = Listener { id, bound: bound.clone(), given: given.to_owned(), hold };
    shell.listeners.borrow_mut().push(listener);
    shell.pump();
    bound
}

/// The error of an endpoint that another has.
pub(super) fn in_use(given: &str, reason: &str) -> Error {
    let kind = TransportErrorKind::AddressInUse;
    Error::Transport(TransportError { kind, endpoint: given.to_owned(), reason: reason.to_owned() })
}

/// The error of an endpoint that the system does not give.
pub(super) fn refused(given: &str, error: &io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::AddrInUse => TransportErrorKind::AddressInUse,
        io::ErrorKind::AddrNotAvailable => TransportErrorKind::AddressNotAvailable,
        io::ErrorKind::PermissionDenied => TransportErrorKind::PermissionDenied,
        _ => TransportErrorKind::Other,
    };
    Error::Transport(TransportError { kind, endpoint: given.to_owned(), reason: error.to_string() })
}
