//! The opening handshake of RFC 6455, with RFC 45's sub-protocols.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::{Bytes, BytesMut};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;

use super::frames::Side;
use crate::endpoint::Address;
use crate::engine::{Heartbeat, Protocol, Transport};
use crate::native::connection::{Opened, Wire};
use crate::native::driver::Shell;
use crate::native::stream::Stream;
use crate::options::Mechanism;
use crate::wire::mechanism::longest_frame;
use crate::wire::zws::{self, Dialect};

/// The longest head of a request or a response, in octets.
pub(in crate::native) const MAX_HEAD: usize = 16 * 1024;

/// The longest frame to take from who has come, in octets, where nobody has set MAXMSGSIZE.
const MAX_FRAME: u64 = 64 << 20;

/// Asks a server for a WebSocket on a connection that was made.
pub(in crate::native) async fn ask(
    shell: &Shell,
    stream: Stream,
    address: &Address,
    path: &str,
) -> Result<Opened, String> {
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).expect("the system has a random number generator");
    let key = BASE64_STANDARD.encode(nonce);
    let offer = zws::offer(shell.engine(|engine| engine.options().mechanism()));
    let request = Request::get(path)
        .header(header::HOST, address.to_string())
        .header(header::UPGRADE, "websocket")
        .header(header::CONNECTION, "Upgrade")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, &key)
        .header(header::SEC_WEBSOCKET_PROTOCOL, offer.join(","))
        .body(Empty::<Bytes>::new())
        .map_err(|error| format!("{path} is no path that HTTP can ask for: {error}"))?;
    let (mut sender, http) = hyper::client::conn::http1::Builder::new()
        .title_case_headers(true)
        .max_buf_size(MAX_HEAD)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| explain(&error))?;
    // `sender` is dropped with its answer, which ends `http` where there is no 101.
    let send = async move { sender.send_request(request).await };
    let answered = tokio::try_join!(send, http.without_shutdown());
    let (response, parts) = answered.map_err(|error| explain(&error))?;
    let dialect = check(&response, &key, offer)?;
    let stream = parts.io.into_inner();
    let max = shell.engine(|engine| longest_frame(engine.options()));
    let (transport, wire) = zws(Side::Client, dialect, stream.peer_address(), max);
    Ok(Opened { stream, transport, wire, early: BytesMut::from(parts.read_buf) })
}

/// Why there was no handshake.
pub(in crate::native) fn explain(error: &hyper::Error) -> String {
    // What TLS begins with is the likeliest of all that is not HTTP.
    let hint = if error.is_parse() { " (does one side speak TLS, and the other not?)" } else { "" };
    format!("no WebSocket handshake: {error}{hint}")
}

/// What the engine and the connection must know of a WebSocket that carries ZWS.
fn zws(side: Side, dialect: Dialect, address: String, max: u64) -> (Transport, Wire) {
    let transport = Transport {
        protocol: Protocol::Zws(dialect),
        heartbeat: Heartbeat::Transport,
        frame_limit: None,
        address,
    };
    // The flag octet is not the frame's.
    (transport, Wire::Ws(side, max.saturating_add(1)))
}

/// What the engine and the connection must know of a WebSocket that was let in.
pub(in crate::native) fn server(shell: &Shell, dialect: Dialect, address: String) -> (Transport, Wire) {
    let max = shell.engine(|engine| longest_frame(engine.options()));
    // Any page may have come.
    let max = if shell.transport.borrow().is_size_chosen { max } else { MAX_FRAME };
    zws(Side::Server, dialect, address, max)
}

/// Why a client gets no WebSocket.
pub(in crate::native) struct Refusal {
    pub(in crate::native) status: StatusCode,
    pub(in crate::native) reason: String,
}

/// Whether a request asks for a WebSocket at all.
pub(in crate::native) fn is_asked_for(request: &Request<Incoming>) -> bool {
    lists(request.headers(), header::UPGRADE, "websocket")
}

/// Answers a client that asks for a WebSocket of a socket.
pub(in crate::native) fn answer(
    request: &Request<Incoming>,
    mechanism: Mechanism,
) -> Result<(Response<()>, Dialect), Refusal> {
    let refuse = |status, reason| Err(Refusal { status, reason });
    let headers = request.headers();
    if !is_asked_for(request) || !lists(headers, header::CONNECTION, "upgrade") {
        return refuse(StatusCode::UPGRADE_REQUIRED, "this is a ZeroMQ socket over WebSocket".to_owned());
    }
    if headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        return refuse(StatusCode::UPGRADE_REQUIRED, "only version 13 of WebSocket is spoken".to_owned());
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY);
    let Some(key) = key.filter(|_| request.method() == Method::GET) else {
        return refuse(StatusCode::BAD_REQUEST, "a WebSocket needs GET and Sec-WebSocket-Key".to_owned());
    };
    let offered: Vec<&str> = headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .collect();
    let offered = offered.join(",");
    let Some((protocol, dialect)) = zws::choose(&offered, mechanism) else {
        let known = zws::offer(mechanism).join(", ");
        let reason = format!("of the sub-protocols offered ({offered}) none is wanted: {known}");
        return refuse(StatusCode::BAD_REQUEST, reason);
    };
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    // libzmq takes no other Connection than just "Upgrade".
    let answers = [
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::CONNECTION, HeaderValue::from_static("Upgrade")),
        (header::SEC_WEBSOCKET_ACCEPT, header_value(&accept_key(key.as_bytes()))),
        (header::SEC_WEBSOCKET_PROTOCOL, header_value(protocol)),
    ];
    response.headers_mut().extend(answers.map(|(name, value)| (Some(name), value)));
    Ok((response, dialect))
}

fn check(response: &Response<Incoming>, key: &str, offer: &[&str]) -> Result<Dialect, String> {
    let headers = response.headers();
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(format!("the server refused a WebSocket: {}", response.status()));
    }
    if headers
        .get(header::SEC_WEBSOCKET_ACCEPT)
        .is_none_or(|accept| accept != accept_key(key.as_bytes()).as_str())
    {
        return Err("the server is no WebSocket server: it can't prove that it read the request".to_owned());
    }
    if headers.contains_key(header::SEC_WEBSOCKET_EXTENSIONS) {
        return Err("the server chose an extension that was not offered".to_owned());
    }
    let protocol = headers.get(header::SEC_WEBSOCKET_PROTOCOL).and_then(|value| value.to_str().ok());
    match protocol.filter(|protocol| offer.contains(protocol)).and_then(zws::dialect) {
        Some(dialect) => Ok(dialect),
        None => {
            Err("the server does not speak ZWS 2.0: it chose no sub-protocol that was offered".to_owned())
        }
    }
}

/// RFC 6455, 4.2.2: what proves that the server read the request.
fn accept_key(key: &[u8]) -> String {
    let mut sha = sha1_smol::Sha1::from(key);
    sha.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    BASE64_STANDARD.encode(sha.digest().bytes())
}

/// Whether a header that holds a list has this token.
fn lists(headers: &HeaderMap, name: HeaderName, wanted: &str) -> bool {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|token| token.trim().eq_ignore_ascii_case(wanted))
}

fn header_value(text: &str) -> HeaderValue {
    HeaderValue::try_from(text).expect("base64 and the names of sub-protocols are header values")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accept_key_is_that_of_rfc_6455() {
        assert_eq!(accept_key(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
