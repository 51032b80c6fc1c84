//! One connection to a port that speaks HTTP, up to where it is a WebSocket or ends.

use std::cell::{Cell, RefCell};

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::{OnUpgrade, Parts};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::time::timeout;

use super::mount::{AnyBody, BoxError};
use super::port::{Route, Routes};
use crate::engine::Role;
use crate::native::connection;
use crate::native::stream::Stream;
use crate::native::tls::Acceptor;
use crate::native::ws::handshake::{self, MAX_HEAD, Refusal};
use crate::wire::zws::Dialect;

/// A connection that shall be a WebSocket as soon as the client has been told so.
struct Taken {
    route: Route,
    dialect: Dialect,
    upgrade: OnUpgrade,
}

/// Answers a client until it goes or is let in to a socket.
pub(super) async fn serve(routes: &Routes, tls: Option<Acceptor>, mut stream: Stream) {
    let patience = routes.patience();
    if let Some(acceptor) = tls {
        let too_long = |_| Err("the TLS handshake took longer than HANDSHAKE_IVL".to_owned());
        match timeout(patience, acceptor.accept(stream)).await.unwrap_or_else(too_long) {
            Ok(accepted) => stream = accepted,
            Err(reason) => return routes.lost(&reason),
        }
    }
    let (taken, is_answered) = (RefCell::new(None), Cell::new(false));
    let service = service_fn(async |request| {
        is_answered.set(true);
        answer(routes, request, &taken).await
    });
    let http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
    let failure = http.err().map(|error| match error.is_timeout() {
        true => "the WebSocket handshake took longer than HANDSHAKE_IVL".to_owned(),
        false => handshake::explain(&error),
    });
    match (taken.take(), failure) {
        (Some(taken), None) => taken.start().await,
        (Some(taken), Some(reason)) => taken.route.accept_failed(&reason),
        // Who has had an answer may go whenever and however it likes.
        (None, _) if is_answered.get() => {}
        (None, Some(reason)) => routes.lost(&reason),
        (None, None) => routes.lost("the peer closed the connection"),
    }
}

async fn answer(
    routes: &Routes,
    mut request: Request<Incoming>,
    taken: &RefCell<Option<Taken>>,
) -> Result<Response<AnyBody>, BoxError> {
    let path = request.uri().path_and_query().map_or("", |asked| asked.as_str());
    let refusal = match (routes.find(path), routes.service()) {
        (Some(route), service) if service.is_none() || handshake::is_asked_for(&request) => {
            let mechanism = route.shell.engine(|engine| engine.options().mechanism());
            match handshake::answer(&request, mechanism) {
                Ok((response, dialect)) => {
                    let upgrade = hyper::upgrade::on(&mut request);
                    taken.replace(Some(Taken { route, dialect, upgrade }));
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
            routes.lost(&reason);
            Refusal { status: StatusCode::NOT_FOUND, reason }
        }
    };
    Ok(refuse(&refusal))
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
    async fn start(self) {
        let Self { route, dialect, upgrade } = self;
        let upgraded = match upgrade.await {
            Ok(upgraded) => upgraded,
            Err(error) => return route.accept_failed(&handshake::explain(&error)),
        };
        let Parts { io, read_buf, .. } =
            upgraded.downcast::<TokioIo<Stream>>().expect("it is what the connection was served with");
        let stream = io.into_inner();
        if let Err(error) = stream.tune(&route.shell.transport.borrow()) {
            return route.accept_failed(&error.to_string());
        }
        let (transport, wire) = handshake::server(&route.shell, dialect, stream.peer_address());
        let role = Role::Accepted(route.listener);
        connection::start(&route.shell, stream, role, transport, wire, BytesMut::from(read_buf));
    }
}
