//! A port, and what is reached by it.

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::rc::{Rc, Weak};

use tokio::task::AbortHandle;
use tokio::time::Duration;

use super::mount::AnyService;
use super::serve::serve;
use crate::arena::ListenerId;
use crate::endpoint::Address;
use crate::error::Error;
use crate::native::accept::accept;
use crate::native::context::Core;
use crate::native::driver::Shell;
use crate::native::guests::Guests;
use crate::native::listen::{in_use, refused};
use crate::native::options::TransportOptions;
use crate::native::stream::Port;
use crate::native::tcp;
use crate::native::tls::Acceptor;
use crate::options::SocketOption;

/// The ports of one context's sockets.
#[derive(Default)]
pub(in crate::native) struct HttpPorts(RefCell<Vec<Weak<HttpPort>>>);

/// A port that speaks HTTP. It is closed with the value.
pub(in crate::native) struct HttpPort {
    pub(in crate::native) local: SocketAddr,
    tls: Option<Acceptor>,
    _port: Rc<Port>,
    pub(in crate::native) routes: Rc<Routes>,
    task: AbortHandle,
}

/// Who is reached by a port.
#[derive(Default)]
pub(in crate::native) struct Routes {
    sockets: RefCell<Vec<Route>>,
    /// Who answers what is no WebSocket of a socket.
    service: RefCell<Option<AnyService>>,
}

/// A socket that is bound to a path.
#[derive(Clone)]
pub(in crate::native) struct Route {
    pub(in crate::native) path: Rc<str>,
    /// The whole endpoint.
    pub(in crate::native) bound: Rc<str>,
    pub(in crate::native) shell: Rc<Shell>,
    pub(in crate::native) listener: ListenerId,
}

/// How long a handshake may take where HANDSHAKE_IVL sets no limit.
const LIMIT: Duration = Duration::from_secs(30);

impl HttpPort {
    /// The port at this address: one that the context has already, with the same certificate or without any
    /// as well, or a new one.
    pub(in crate::native) async fn open(
        context: &Core,
        given: &str,
        address: &Address,
        options: &TransportOptions,
        tls: Option<Acceptor>,
    ) -> Result<Rc<Self>, Error> {
        let found = tcp::to_bind(address, options.is_on(SocketOption::Ipv6))
            .await
            .map_err(|error| refused(given, &error))?;
        // From here on nothing is awaited, so that nobody else opens the port meanwhile.
        if let Some(port) = context.http.find(&found) {
            if port.tls != tls {
                return Err(in_use(given, "this context has the port with another certificate, or without"));
            }
            return Ok(port);
        }
        let port = Self::listen(&found, options, tls).map_err(|error| refused(given, &error))?;
        context.http.0.borrow_mut().push(Rc::downgrade(&port));
        Ok(port)
    }

    /// The port that the context has at this address already, of whichever kind the address was then.
    pub(super) async fn find(context: &Core, address: &Address) -> Option<Rc<Self>> {
        for ipv6 in [false, true] {
            // An address of the other kind is no reason to give up.
            let found = tcp::to_bind(address, ipv6).await.unwrap_or_default();
            if let Some(port) = context.http.find(&found) {
                return Some(port);
            }
        }
        None
    }

    pub(super) fn is_secure(&self) -> bool {
        self.tls.is_some()
    }

    fn listen(
        addresses: &[SocketAddr],
        options: &TransportOptions,
        tls: Option<Acceptor>,
    ) -> io::Result<Rc<Self>> {
        let listener = tcp::listen(addresses, options)?;
        let local = listener.local_addr()?;
        let port = Rc::new(Port::Tcp(listener));
        let routes = Rc::<Routes>::default();
        let (taking, failing) = (Rc::clone(&routes), Rc::clone(&routes));
        let acceptor = tls.clone();
        let task = tokio::task::spawn_local(accept(
            Rc::downgrade(&port),
            Guests::new(options),
            move |stream, _, seat, handshakes| {
                let (routes, tls) = (Rc::clone(&taking), acceptor.clone());
                handshakes.spawn_local(async move { serve(&routes, tls, stream, seat).await });
            },
            move |reason| failing.accept_failed(&reason),
        ));
        Ok(Rc::new(Self { local, tls, _port: port, routes, task: task.abort_handle() }))
    }
}

impl Drop for HttpPort {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl HttpPorts {
    fn find(&self, addresses: &[SocketAddr]) -> Option<Rc<HttpPort>> {
        let mut ports = self.0.borrow_mut();
        ports.retain(|port| port.strong_count() > 0);
        ports.iter().filter_map(Weak::upgrade).find(|port| addresses.contains(&port.local))
    }
}

impl Routes {
    pub(in crate::native) fn is_taken(&self, path: &str) -> bool {
        self.sockets.borrow().iter().any(|route| *route.path == *path)
    }

    pub(in crate::native) fn add(&self, route: Route) {
        self.sockets.borrow_mut().push(route);
    }

    pub(in crate::native) fn remove(&self, path: &str) {
        self.sockets.borrow_mut().retain(|route| *route.path != *path);
    }

    /// The socket that a client who asks for `asked` means: the one of this path or, as libzmq's clients ask
    /// for no more than the last segment of their endpoint's path, the only one whose path ends so. What is
    /// nobody's is that of the socket bound to `/`.
    pub(super) fn find(&self, asked: &str) -> Option<Route> {
        let routes = self.sockets.borrow();
        let paths: Vec<&str> = routes.iter().map(|route| &*route.path).collect();
        choose(&paths, asked).map(|at| routes[at].clone())
    }

    /// How long a client may take to say what it wants.
    pub(super) fn patience(&self) -> Duration {
        let limit = |route: &Route| route.shell.engine(|engine| engine.options().handshake_ivl());
        let sockets = self.sockets.borrow();
        let limits = sockets.iter().map(|route| limit(route).unwrap_or(LIMIT));
        let at_least = self.service.borrow().as_ref().map(|_| LIMIT);
        limits.chain(at_least).max().unwrap_or(LIMIT)
    }

    /// Has the service answer from now on, unless there is one already.
    pub(super) fn mount(&self, service: AnyService) -> bool {
        let mut place = self.service.borrow_mut();
        let is_free = place.is_none();
        place.get_or_insert(service);
        is_free
    }

    pub(super) fn unmount(&self) {
        // Dropped outside of the borrow: it is somebody else's code.
        let service = self.service.take();
        drop(service);
    }

    pub(super) fn service(&self) -> Option<AnyService> {
        self.service.borrow().clone()
    }

    /// A client went or failed before it was known whom it meant. Where there is a service too, that is
    /// nothing to tell the sockets.
    pub(super) fn lost(&self, reason: &str) {
        if self.service.borrow().is_none() {
            self.accept_failed(reason);
        }
    }

    /// Somebody could not be let in, and nobody knows to whom.
    fn accept_failed(&self, reason: &str) {
        let routes = self.sockets.borrow().clone();
        for route in routes {
            route.accept_failed(reason);
        }
    }
}

impl Route {
    /// Somebody could not be let in here.
    pub(super) fn accept_failed(&self, reason: &str) {
        self.shell.accept_failed(&self.bound, reason.to_owned());
    }
}

fn choose(paths: &[&str], asked: &str) -> Option<usize> {
    let asked = [asked, asked.split('?').next().unwrap_or(asked)];
    let named = |path: &str| paths.iter().position(|bound| *bound == path);
    let last_segment = |path: &str| path.rfind('/').map_or(path, |at| &path[at..]).to_owned();
    let mut ending = (0..paths.len()).filter(|at| asked.contains(&&*last_segment(paths[*at])));
    let only_ending = match (ending.next(), ending.next()) {
        (Some(at), None) => Some(at),
        _ => None,
    };
    named(asked[0]).or_else(|| named(asked[1])).or(only_ending).or_else(|| named("/"))
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn a_path_is_its_sockets_then_what_libzmq_makes_of_it_then_the_roots() {
        let paths = ["/zmq/echo", "/zmq/echo?token=1", "/a/chat", "/b/chat", "/last"];
        for (asked, chosen) in [
            ("/zmq/echo", Some("/zmq/echo")),
            ("/zmq/echo?token=1", Some("/zmq/echo?token=1")),
            ("/zmq/echo?token=2", Some("/zmq/echo")),
            ("/echo", Some("/zmq/echo")),
            ("/b/chat", Some("/b/chat")),
            // It could be either.
            ("/chat", None),
            ("/zmq", None),
            ("/", None),
        ] {
            assert_eq!(choose(&paths, asked).map(|at| paths[at]), chosen, "{asked}");
            let mut paths = paths.to_vec();
            paths.insert(0, "/");
            assert_eq!(choose(&paths, asked).map(|at| paths[at]), chosen.or(Some("/")), "{asked}");
        }
    }
}
