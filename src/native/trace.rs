//! What the monitor tells, as `tracing` events for whoever collects a program's logs. Nothing per message.

use tracing::{Level, event};

use crate::engine::{Event, EventKind, EventValue};
use crate::socket_type::SocketType;

/// Connections that come and go are INFO, the tries in between DEBUG, and what went wrong WARN.
pub(super) fn tell(socket_type: SocketType, event: &Event) {
    let socket = socket_type.name();
    let endpoint = event.endpoint.as_str();
    let peer = event.peer.as_ref().map(|peer| peer.address.as_str()).filter(|address| !address.is_empty());
    let (reason, pause_ms) = match &event.value {
        EventValue::Text(reason) => (Some(reason.as_str()), None),
        EventValue::Number(pause) if event.kind == EventKind::ConnectRetried => (None, Some(*pause)),
        EventValue::Number(_) => (None, None),
    };
    macro_rules! say {
        ($level:ident, $what:literal) => {
            event!(target: "zmq_wasm", Level::$level, socket, endpoint, peer, reason, pause_ms, $what)
        };
    }
    match event.kind {
        EventKind::Listening => say!(INFO, "listening"),
        EventKind::HandshakeSucceeded => say!(INFO, "handshake done"),
        EventKind::Disconnected => say!(INFO, "disconnected"),
        EventKind::Connected => say!(DEBUG, "connected"),
        EventKind::Accepted => say!(DEBUG, "accepted"),
        EventKind::ConnectDelayed => say!(DEBUG, "connecting"),
        EventKind::ConnectRetried => say!(DEBUG, "trying again after a pause"),
        EventKind::Closed if reason.is_some() => say!(DEBUG, "could not connect"),
        EventKind::Closed => say!(DEBUG, "endpoint closed"),
        EventKind::MonitorStopped => say!(DEBUG, "socket closed"),
        EventKind::BindFailed => say!(WARN, "could not bind"),
        EventKind::AcceptFailed => say!(WARN, "could not let a peer in"),
        EventKind::HandshakeFailedNoDetail
        | EventKind::HandshakeFailedProtocol
        | EventKind::HandshakeFailedAuth => say!(WARN, "handshake failed"),
    }
}
