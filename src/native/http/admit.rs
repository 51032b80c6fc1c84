//! Who may have a WebSocket, as the application decides by the request.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use hyper::header;
use hyper::{HeaderMap, Request, StatusCode};
use tokio::time::{Instant as Deadline, timeout_at};

use crate::native::context::Context;
use crate::native::ws::handshake::Refusal;

/// Somebody who asks for a WebSocket of a socket.
///
/// ```
/// use zmq_wasm::native::http::Visitor;
///
/// fn is_known(visitor: &Visitor) -> bool {
///     let cookie = visitor.headers.get("cookie").and_then(|value| value.to_str().ok());
///     cookie.is_some_and(|cookie| cookie.contains("session=4711"))
/// }
/// # let _ = is_known;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Visitor {
    /// Where the socket that it has come to is bound.
    pub endpoint: String,
    /// Its address and port.
    pub address: String,
    /// The path that it asks for.
    pub path: String,
    /// What is behind the path's question mark; empty where there is none.
    pub query: String,
    /// All headers of the request: `Origin`, `Cookie`, `Authorization` and so on.
    pub headers: HeaderMap,
    /// The sub-protocols that it offers. Of a page, any that is not ours may carry a token.
    pub protocols: Vec<String>,
}

type Deciding = Pin<Box<dyn Future<Output = Result<(), StatusCode>>>>;

/// What the application decides by.
#[derive(Clone)]
pub(in crate::native) struct Doorkeeper(Rc<dyn Fn(Visitor) -> Deciding>);

impl Context {
    /// Has this decide, from now on, who gets a WebSocket of this context's `ws://` and `wss://` sockets: before the
    /// upgrade, by the request. An error is the status to refuse it by, such as 401 or 403; one that is no refusal
    /// becomes 403. It is asked after ORIGINS was, and may take its time, of which HANDSHAKE_IVL is the limit: then the
    /// answer is 503. The monitor has an `accept_failed` event for each who is refused.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// use zmq_wasm::native::http::{StatusCode, Visitor};
    ///
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let context = Context::new();
    /// context.admit(async |visitor: Visitor| match &*visitor.query {
    ///     "token=open-sesame" => Ok(()),
    ///     _ => Err(StatusCode::UNAUTHORIZED),
    /// });
    /// let (server, client) = (context.socket(SocketType::Rep)?, context.socket(SocketType::Req)?);
    /// let endpoint = server.bind("ws://127.0.0.1:*/echo").await?;
    /// client.connect(&format!("{endpoint}?token=open-sesame"))?;
    /// client.send("hello").await?;
    /// assert_eq!(server.recv_string().await?, "hello");
    /// # Ok(())
    /// # }
    /// ```
    pub fn admit(&self, decide: impl AsyncFn(Visitor) -> Result<(), StatusCode> + 'static) {
        let decide = Rc::new(decide);
        let boxed = move |visitor| {
            let decide = Rc::clone(&decide);
            Box::pin(async move { decide(visitor).await }) as Deciding
        };
        self.0.doorkeeper.replace(Some(Doorkeeper(Rc::new(boxed))));
    }
}

impl Doorkeeper {
    /// Asks about a request that has come from `address` to `endpoint`.
    pub(super) async fn ask<B>(
        self,
        request: &Request<B>,
        endpoint: &str,
        address: &str,
        deadline: Deadline,
    ) -> Result<(), Refusal> {
        let offers = request.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
        let offers = offers.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
        let visitor = Visitor {
            endpoint: endpoint.to_owned(),
            address: address.to_owned(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
            headers: request.headers().clone(),
            protocols: offers.map(|name| name.trim().to_owned()).collect(),
        };
        let (status, reason) = match timeout_at(deadline, self.0(visitor)).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(status)) if status.is_client_error() || status.is_server_error() => {
                (status, format!("the application refused it: {status}"))
            }
            Ok(Err(_)) => (StatusCode::FORBIDDEN, "the application refused it".to_owned()),
            Err(_) => {
                let reason = "the application did not decide about it within HANDSHAKE_IVL".to_owned();
                (StatusCode::SERVICE_UNAVAILABLE, reason)
            }
        };
        Err(Refusal { status, reason })
    }
}

impl fmt::Debug for Doorkeeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Doorkeeper")
    }
}
