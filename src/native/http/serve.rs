//! One connection to a port that speaks HTTP, up to where it is a WebSocket or ends.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::{OnUpgrade, Parts};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::time::{Duration, Instant as Deadline, timeout_at};

use super::mount::{AnyBody, BoxError};
use super::port::{Route, Routes};
use super::stall::Stall;
use crate::engine::Role;
use crate::native::connection::{self, Opened};
use crate::native::guests::Seat;
use crate::native::stream::Stream;
use crate::native::tls::Acceptor;
use crate::native::ws::handshake::{self, MAX_HEAD, Refusal};
use crate::wire::zws::Dialect;

/// A connection to the port.
struct Visit<'a> {
    routes: &'a Routes,
    /// The peer's.
    address: String,
    is_at_loopback: bool,
    patience: Duration,
    /// Since when the peer may have said what it wants.
    since: Cell<Deadline>,
    is_answered: Cell<bool>,
    taken: RefCell<Option<Taken>>,
}

/// A connection that shall be a WebSocket as soon as the client has been told so.
struct Taken {
    route: Route,
    dialect: Dialect,
    upgrade: OnUpgrade,
}

/// Answers a client until it goes or is let in to a socket.
pub(super) async fn serve(routes: &Routes, tls: Option<Acceptor>, mut stream: Stream, seat: Seat) {
    let patience = routes.patience();
    let visit = Visit {
        routes,
        address: stream.peer_address(),
        is_at_loopback: stream.is_at_loopback(),
        patience,
        since: Cell::new(Deadline::now()),
        is_answered: Cell::new(false),
        taken: RefCell::new(None),
    };
    if let Some(acceptor) = tls {
        let too_long = |_| Err("the TLS handshake took longer than HANDSHAKE_IVL".to_owned());
        match timeout_at(visit.deadline(), acceptor.accept(stream)).await.unwrap_or_else(too_long) {
            Ok(accepted) => stream = accepted,
            Err(reason) => return routes.lost(&reason),
        }
    }
    let left = visit.deadline().saturating_duration_since(Deadline::now());
    let http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(left)
        .max_buf_size(MAX_HEAD)
        .serve_connection(
            TokioIo::new(Stall::new(stream, patience)),
            service_fn(|request| visit.answer(request)),
        )
        .with_upgrades()
        .await;
    let failure = http.err().map(|error| match error.is_timeout() {
        true => "the WebSocket handshake took longer than HANDSHAKE_IVL".to_owned(),
        false => handshake::explain(&error),
    });
    match (visit.taken.take(), failure) {
        (Some(taken), None) => taken.start(visit.since.get(), seat).await,
        (Some(taken), Some(reason)) => taken.route.accept_failed(&reason),
        // Who has had an answer may go whenever and however it likes.
        (None, _) if visit.is_answered.get() => {}
        (None, Some(reason)) => routes.lost(&reason),
        (None, None) => routes.lost("the peer closed the connection"),
    }
}

impl Visit<'_> {
    fn deadline(&self) -> Deadline {
        self.since.get() + self.patience
    }

    async fn answer(&self, mut request: Request<Incoming>) -> Result<Response<AnyBody>, BoxError> {
        // The time that the first request has began with the connection.
        if self.is_answered.replace(true) {
            self.since.set(Deadline::now());
        }
        let path = request.uri().path_and_query().map_or("", |asked| asked.as_str());
        let refusal = match (self.routes.find(path), self.routes.service()) {
            (Some(route), service) if service.is_none() || handshake::is_asked_for(&request) => {
                match self.admit(&route, &request).await {
                    Ok((response, dialect)) => {
                        let upgrade = hyper::upgrade::on(&mut request);
                        self.taken.replace(Some(Taken { route, dialect, upgrade }));
                        return Ok(response.map(|()| any(Bytes::new())));
                    }
                    Err(refusal) => {
                        route.accept_failed(&refusal.reason);
                        refusal
                    }
                }
            }
            (_, Some(service)) => return service(request).await,
            (_, None) => {
                let reason = format!("no socket is bound to {path}");
                self.routes.lost(&reason);
                Refusal { status: StatusCode::NOT_FOUND, reason }
            }
        };
        Ok(refuse(&refusal))
    }

    /// Whether this client gets a WebSocket of this socket.
    async fn admit(
        &self,
        route: &Route,
        request: &Request<Incoming>,
    ) -> Result<(Response<()>, Dialect), Refusal> {
        let options = Rc::clone(&route.shell.transport.borrow());
        let checked = options.origins.check(request.headers(), self.is_at_loopback);
        checked.map_err(|reason| Refusal { status: StatusCode::FORBIDDEN, reason })?;
        let mechanism = route.shell.engine(|engine| engine.options().mechanism());
        let answer = handshake::answer(request, mechanism)?;
        let doorkeeper = route.shell.context.doorkeeper.borrow().clone();
        if let Some(doorkeeper) = doorkeeper {
            doorkeeper.ask(request, &route.bound, &self.address, self.deadline()).await?;
        }
        Ok(answer)
    }
}

fn any(body: Bytes) -> AnyBody {
    Full::new(body).map_err(|never| match never {}).boxed_unsync()
}

/// The sentence for a client that is not let in.
fn refuse(refusal: &Refusal) -> Response<AnyBody> {
    let mut response = Response::new(any([&refusal.reason, "\n"].concat().into()));
    *response.status_mut() = refusal.status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    if refusal.status == StatusCode::UPGRADE_REQUIRED {
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade, close"));
        headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    }
    response
}

impl Taken {
    /// Makes it one, whose time for the handshake has begun at `since`.
    async fn start(self, since: Deadline, seat: Seat) {
        let Self { route, dialect, upgrade } = self;
        let upgraded = match upgrade.await {
            Ok(upgraded) => upgraded,
            Err(error) => return route.accept_failed(&handshake::explain(&error)),
        };
        let Parts { io, read_buf, .. } =
            upgraded.downcast::<TokioIo<Stall>>().expect("it is what the connection was served with");
        let stream = io.into_inner().into_inner();
        if let Err(error) = stream.tune(&route.shell.transport.borrow()) {
            return route.accept_failed(&error.to_string());
        }
        let (transport, wire) = handshake::server(&route.shell, dialect, stream.peer_address());
        let opened = Opened { stream, transport, wire, early: BytesMut::from(read_buf) };
        let since = route.shell.context.instant(since);
        connection::start(&route.shell, Role::Accepted(route.listener), opened, since, Some(seat));
    }
}
