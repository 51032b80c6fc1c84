//! What the monitor tells: libzmq's events, with the cause in words.

use crate::wire::command::Properties;

/// The events of libzmq's monitor, with its numbers.
///
/// ```
/// use zmq_wasm::engine::EventKind;
///
/// assert_eq!(EventKind::Connected.name(), "connected");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum EventKind {
    /// A transport connection to an endpoint is up.
    Connected = 0x0001,
    /// Dialling has begun.
    ConnectDelayed = 0x0002,
    /// The next try comes after a pause. The value is the pause in milliseconds.
    ConnectRetried = 0x0004,
    /// Bound.
    Listening = 0x0008,
    /// Could not bind. The value says why.
    BindFailed = 0x0010,
    /// A peer connected to us.
    Accepted = 0x0020,
    /// A peer could not be let in. The value says why.
    AcceptFailed = 0x0040,
    /// An endpoint was closed, or a try to connect failed. The value says why.
    Closed = 0x0080,
    /// A connection whose handshake had succeeded ended. The value says why.
    Disconnected = 0x0200,
    /// The monitor stops: the socket is closed.
    MonitorStopped = 0x0400,
    /// The connection ended within the handshake. The value says why.
    HandshakeFailedNoDetail = 0x0800,
    /// The handshake is done; messages may flow.
    HandshakeSucceeded = 0x1000,
    /// The peer broke the protocol within the handshake. The value says how.
    HandshakeFailedProtocol = 0x2000,
    /// The peer refused us. The value says why.
    HandshakeFailedAuth = 0x4000,
}

impl EventKind {
    /// libzmq's number.
    ///
    /// ```
    /// # use zmq_wasm::engine::EventKind;
    /// assert_eq!(EventKind::Listening.number(), 8);
    /// ```
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// libzmq's name in lower case, without `ZMQ_EVENT_`.
    ///
    /// ```
    /// # use zmq_wasm::engine::EventKind;
    /// assert_eq!(EventKind::HandshakeSucceeded.name(), "handshake_succeeded");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::ConnectDelayed => "connect_delayed",
            Self::ConnectRetried => "connect_retried",
            Self::Listening => "listening",
            Self::BindFailed => "bind_failed",
            Self::Accepted => "accepted",
            Self::AcceptFailed => "accept_failed",
            Self::Closed => "closed",
            Self::Disconnected => "disconnected",
            Self::MonitorStopped => "monitor_stopped",
            Self::HandshakeFailedNoDetail => "handshake_failed_no_detail",
            Self::HandshakeSucceeded => "handshake_succeeded",
            Self::HandshakeFailedProtocol => "handshake_failed_protocol",
            Self::HandshakeFailedAuth => "handshake_failed_auth",
        }
    }
}

/// What goes with an event.
///
/// ```
/// use zmq_wasm::engine::EventValue;
///
/// fn tell(value: &EventValue) -> String {
///     match value {
///         EventValue::Number(number) => number.to_string(),
///         EventValue::Text(why) => why.clone(),
///     }
/// }
/// assert_eq!(tell(&EventValue::Number(100)), "100");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventValue {
    /// Milliseconds, or 0 where there is nothing to say.
    Number(u64),
    /// The cause, in words.
    Text(String),
}

/// Something that happened to a connection or an endpoint.
///
/// ```
/// use zmq_wasm::engine::{Event, EventKind};
///
/// fn is_new_peer(event: &Event) -> bool {
///     event.kind == EventKind::HandshakeSucceeded && event.peer.is_some()
/// }
/// # let _ = is_new_peer;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// Its detail.
    pub value: EventValue,
    /// What libzmq's monitor has for the value of the event about a handshake that failed: [`CloseReason::code`]. 0 for
    /// all others.
    ///
    /// [`CloseReason::code`]: crate::CloseReason::code
    #[cfg(feature = "security")]
    pub code: u32,
    /// The endpoint it is about.
    pub endpoint: String,
    /// Who the peer is, where it is about a connection: its address and, after the handshake, all of it.
    pub peer: Option<PeerInfo>,
}

/// What is known of a peer.
///
/// ```
/// use zmq_wasm::engine::PeerInfo;
///
/// let peer = PeerInfo { address: "127.0.0.1:5555".to_owned(), ..PeerInfo::default() };
/// assert_eq!(peer.properties.find("Socket-Type"), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerInfo {
    /// Its address, as the transport has it.
    pub address: String,
    /// The routing id that it gave.
    pub routing_id: Vec<u8>,
    /// The metadata of its READY command.
    pub properties: Properties,
}
