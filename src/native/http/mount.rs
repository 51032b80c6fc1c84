//! Services on ports.

use std::error::Error as StdError;
use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;

use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Body, Incoming};
use hyper::service::Service;
use hyper::{Request, Response};

use super::port::HttpPort;
use crate::endpoint::Endpoint;
use crate::error::{ApiMisuse, Error};
use crate::native::context::Core;
use crate::native::listen::in_use;
use crate::native::options::TransportOptions;

/// A service on a port, until it is dropped.
///
/// ```
/// # use std::convert::Infallible;
/// # use zmq_wasm::native::Context;
/// # use zmq_wasm::native::http::{Incoming, Request, Response, service_fn};
/// # #[tokio::main(flavor = "local")]
/// # async fn main() -> Result<(), zmq_wasm::Error> {
/// # let context = Context::new();
/// let hello = service_fn(async |_: Request<Incoming>| Ok::<_, Infallible>(Response::new("hello".to_owned())));
/// let mount = context.mount("ws://127.0.0.1:*", hello).await?;
/// let same_port = format!("ws://{}", mount.local_addr());
/// drop(mount);
/// let other = service_fn(async |_: Request<Incoming>| Ok::<_, Infallible>(Response::new("other".to_owned())));
/// context.mount(&same_port, other).await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "dropped, the service is gone"]
pub struct Mount(Rc<HttpPort>);

pub(super) type BoxError = Box<dyn StdError + Send + Sync>;
pub(super) type AnyBody = UnsyncBoxBody<Bytes, BoxError>;
pub(super) type Answer = Pin<Box<dyn Future<Output = Result<Response<AnyBody>, BoxError>>>>;
pub(super) type AnyService = Rc<dyn Fn(Request<Incoming>) -> Answer>;

/// Puts a service on a port of the context.
pub(in crate::native) async fn mount<S, B>(context: &Core, given: &str, service: S) -> Result<Mount, Error>
where
    S: Service<Request<Incoming>, Response = Response<B>, Future: 'static, Error: Into<BoxError>> + 'static,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let invalid = |reason| Err(ApiMisuse::InvalidEndpoint { endpoint: given.to_owned(), reason }.into());
    let (secure, address) = match given.parse()? {
        Endpoint::Ws { secure, address, path } if path == "/" => (secure, address),
        Endpoint::Ws { .. } => return invalid("a service has a whole port: leave the path out"),
        _ => return invalid("a service is for the ports of ws:// and wss:// endpoints"),
    };
    let port = match HttpPort::find(context, &address).await.filter(|port| port.is_secure() == secure) {
        Some(port) => port,
        None if secure => {
            return invalid("a socket, which has the certificate, is to be bound to a wss:// port first");
        }
        None => HttpPort::open(context, given, &address, &TransportOptions::default(), None).await?,
    };
    if context.is_terminated() {
        return Err(Error::Terminated);
    }
    let any: AnyService = Rc::new(move |request| {
        let answer = service.call(request);
        Box::pin(async move {
            let response = answer.await.map_err(Into::into)?;
            Ok(response.map(|body| body.map_err(Into::into).boxed_unsync()))
        })
    });
    if port.routes.mount(any) {
        Ok(Mount(port))
    } else {
        Err(in_use(given, "another service has this port already"))
    }
}

impl Mount {
    /// Where the port is, which the system may have chosen.
    ///
    /// ```
    /// # use std::convert::Infallible;
    /// # use zmq_wasm::native::Context;
    /// # use zmq_wasm::native::http::{Incoming, Request, Response, service_fn};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// # let context = Context::new();
    /// let hello = service_fn(async |_: Request<Incoming>| Ok::<_, Infallible>(Response::new("hello".to_owned())));
    /// let mount = context.mount("ws://127.0.0.1:*", hello).await?;
    /// println!("http://{}/", mount.local_addr());
    /// # Ok(())
    /// # }
    /// ```
    pub fn local_addr(&self) -> SocketAddr {
        self.0.local
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        self.0.routes.unmount();
    }
}

impl fmt::Debug for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mount({})", self.0.local)
    }
}
