//! Errors, by whose fault they are. A caller's mistake is an [`ApiMisuse`]; what a peer did wrong is a
//! [`CloseReason`] and reaches the application as a monitor event, never as an error of a call.

use core::fmt;

use crate::socket_type::SocketType;
use crate::text::{concat, decimal};

/// Why a call on a socket or context failed. [`code`](Self::code) and [`errno`](Self::errno) are libzmq's.
///
/// ```
/// use zmq_wasm::{ApiMisuse, Error};
///
/// let error = Error::from(ApiMisuse::UnknownEndpoint("tcp://localhost:1".to_owned()));
/// assert_eq!((error.code(), error.errno()), ("ENOENT", 2));
/// assert_eq!(error.to_string(), r#"this socket has no endpoint "tcp://localhost:1""#);
/// match error {
///     Error::WouldBlock => println!("later, then"),
///     Error::Misuse(mistake) => println!("my mistake: {mistake}"),
///     other => println!("{other}"),
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The call can't be right, whatever a peer does.
    Misuse(ApiMisuse),
    /// It can't be done now: NOBLOCK was given, or a timeout ran out (`EAGAIN`).
    WouldBlock,
    /// The socket is in the wrong state: a REQ with nothing asked can't receive (`EFSM`).
    WrongState(&'static str),
    /// A REQ waits for a reply, so the next request must wait its turn (`EFSM`).
    ReplyPending,
    /// The peer that a REQ asked went away before it replied (`ECONNRESET`).
    ReplyLost,
    /// No peer has this routing id, and ROUTER_MANDATORY is set (`EHOSTUNREACH`).
    HostUnreachable(String),
    /// A part is longer than a connected peer can take (`EMSGSIZE`).
    MessageTooLarge {
        /// Length of the part in octets.
        length: usize,
        /// The most the peer can take, in octets.
        limit: usize,
    },
    /// The socket is closed (`ENOTSOCK`).
    Closed,
    /// The socket was closed while the call was pending (`ECANCELED`).
    Canceled,
    /// The context was terminated (`ETERM`).
    Terminated,
    /// A message came that is not what was asked for: no UTF-8, no JSON, not one part (`EBADMSG`).
    Undecodable(String),
    /// The operating system or the browser refused. The text names the endpoint and the cause.
    Transport(TransportError),
}

/// A mistake of the caller's.
///
/// ```
/// use zmq_wasm::{ApiMisuse, Endpoint};
///
/// let mistake = "tcp://localhost".parse::<Endpoint>().unwrap_err();
/// assert!(matches!(mistake, ApiMisuse::InvalidEndpoint { .. }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiMisuse {
    /// The endpoint can't be parsed (`EINVAL`).
    InvalidEndpoint {
        /// What was given.
        endpoint: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No such scheme, or not in this runtime (`EPROTONOSUPPORT`).
    UnsupportedScheme {
        /// What was given.
        endpoint: String,
        /// What would work.
        supported: &'static str,
    },
    /// There is no such option, or it can't be set or read this way (`EINVAL`).
    InvalidOption {
        /// libzmq's number of the option.
        option: i32,
        /// What is wrong.
        reason: &'static str,
    },
    /// CURVE was asked for, and this option, a key, was not set (`EINVAL`).
    #[cfg(feature = "security")]
    MissingKey(&'static str),
    /// The option exists, the value won't do (`EINVAL`).
    InvalidValue {
        /// The option's name.
        option: &'static str,
        /// What was given.
        value: String,
        /// What would do.
        expected: &'static str,
    },
    /// This type of socket can't do that (`ENOTSUP`).
    NotSupported {
        /// What was asked.
        operation: &'static str,
        /// Of which type of socket.
        socket_type: SocketType,
    },
    /// Any other argument that won't do (`EINVAL`).
    InvalidArgument(&'static str),
    /// The socket is not connected or bound to this endpoint (`ENOENT`).
    UnknownEndpoint(String),
}

/// The operating system's or the browser's refusal.
///
/// ```
/// use std::error::Error as _;
///
/// use zmq_wasm::{Error, TransportError, TransportErrorKind};
///
/// let kind = TransportErrorKind::AddressInUse;
/// let refusal = TransportError { kind, endpoint: "tcp://*:80".to_owned(), reason: "in use".to_owned() };
/// let error = Error::Transport(refusal.clone());
/// assert_eq!(error.code(), "EADDRINUSE");
/// assert_eq!(error.source().and_then(|cause| cause.downcast_ref()), Some(&refusal));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportError {
    /// What kind of refusal.
    pub kind: TransportErrorKind,
    /// The endpoint it is about.
    pub endpoint: String,
    /// What was said.
    pub reason: String,
}

/// The kinds of refusal that callers tell apart.
///
/// ```
/// use zmq_wasm::{Error, TransportErrorKind};
///
/// fn is_taken(error: &Error) -> bool {
///     matches!(error, Error::Transport(refusal) if refusal.kind == TransportErrorKind::AddressInUse)
/// }
/// assert!(!is_taken(&Error::WouldBlock));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// Another socket listens there (`EADDRINUSE`).
    AddressInUse,
    /// No such local address (`EADDRNOTAVAIL`).
    AddressNotAvailable,
    /// Not allowed to (`EACCES`).
    PermissionDenied,
    /// Too many connections or endpoints (`EMFILE`).
    TooMany,
    /// Anything else (`EIO`).
    Other,
}

impl Error {
    /// libzmq's name of the error, such as `"EAGAIN"`.
    ///
    /// ```
    /// assert_eq!(zmq_wasm::Error::WouldBlock.code(), "EAGAIN");
    /// ```
    pub fn code(&self) -> &'static str {
        self.code_and_errno().0
    }

    /// libzmq's number of the error on Linux.
    ///
    /// ```
    /// assert_eq!(zmq_wasm::Error::WouldBlock.errno(), 11);
    /// ```
    pub fn errno(&self) -> i32 {
        self.code_and_errno().1
    }

    /// Inlined, so that who asks for numbers only, as pages do, need not carry the names.
    #[inline(always)]
    fn code_and_errno(&self) -> (&'static str, i32) {
        match self {
            Self::WouldBlock => ("EAGAIN", 11),
            Self::WrongState(_) | Self::ReplyPending => ("EFSM", HAUSNUMERO + 51),
            Self::ReplyLost => ("ECONNRESET", 104),
            Self::HostUnreachable(_) => ("EHOSTUNREACH", 113),
            Self::MessageTooLarge { .. } => ("EMSGSIZE", 90),
            Self::Closed => ("ENOTSOCK", 88),
            Self::Canceled => ("ECANCELED", 125),
            Self::Terminated => ("ETERM", HAUSNUMERO + 53),
            Self::Undecodable(_) => ("EBADMSG", 74),
            Self::Misuse(misuse) => match misuse {
                ApiMisuse::UnsupportedScheme { .. } => ("EPROTONOSUPPORT", 93),
                ApiMisuse::NotSupported { .. } => ("ENOTSUP", 95),
                ApiMisuse::UnknownEndpoint(_) => ("ENOENT", 2),
                #[cfg(feature = "security")]
                ApiMisuse::MissingKey(_) => ("EINVAL", 22),
                ApiMisuse::InvalidEndpoint { .. }
                | ApiMisuse::InvalidOption { .. }
                | ApiMisuse::InvalidValue { .. }
                | ApiMisuse::InvalidArgument(_) => ("EINVAL", 22),
            },
            Self::Transport(error) => match error.kind {
                TransportErrorKind::AddressInUse => ("EADDRINUSE", 98),
                TransportErrorKind::AddressNotAvailable => ("EADDRNOTAVAIL", 99),
                TransportErrorKind::PermissionDenied => ("EACCES", 13),
                TransportErrorKind::TooMany => ("EMFILE", 24),
                TransportErrorKind::Other => ("EIO", 5),
            },
        }
    }
}

/// libzmq numbers the errors that are its own from here.
const HAUSNUMERO: i32 = 156_384_712;

impl Error {
    /// What [`Display`](fmt::Display) writes, at less cost where nothing else is displayed.
    pub(crate) fn sentence(&self) -> String {
        let words: &[&str] = match self {
            Self::Misuse(misuse) => return misuse.sentence(),
            Self::WouldBlock => &["resource temporarily unavailable: it would have to wait"],
            Self::WrongState(what) => &[WRONG_STATE, what],
            Self::ReplyPending => &[WRONG_STATE, "the reply to the last request is to come first"],
            Self::ReplyLost => &["the peer that was asked went away before it replied"],
            Self::HostUnreachable(id) => &["host unreachable: no peer has the routing id ", id],
            Self::MessageTooLarge { length, limit } => &[
                "message too large: a part of ",
                &decimal(*length as i64),
                " octets, where the connected peer can take ",
                &decimal(*limit as i64),
            ],
            Self::Closed => &["the socket is closed"],
            Self::Canceled => &["the socket was closed while the call was pending"],
            Self::Terminated => &["the context was terminated"],
            Self::Undecodable(how) => &[how],
            Self::Transport(TransportError { endpoint, reason, .. }) => &[endpoint, ": ", reason],
        };
        concat(words)
    }
}

const WRONG_STATE: &str = "operation cannot be accomplished in current state: ";

impl ApiMisuse {
    fn sentence(&self) -> String {
        let words: &[&str] = match self {
            Self::InvalidEndpoint { endpoint, reason } => &["invalid endpoint \"", endpoint, "\": ", reason],
            Self::UnsupportedScheme { endpoint, supported } => {
                &["protocol not supported here: \"", endpoint, "\" (", supported, ")"]
            }
            Self::InvalidOption { option, reason } => &["option ", &decimal((*option).into()), ": ", reason],
            #[cfg(feature = "security")]
            Self::MissingKey(option) => &["CURVE needs ", option, ", which is not set"],
            Self::InvalidValue { option, value, expected } => {
                &[option, " can't be ", value, ": expected ", expected]
            }
            Self::NotSupported { operation, socket_type } => {
                &["a ", socket_type.name(), " socket can't ", operation]
            }
            Self::InvalidArgument(what) => &[what],
            Self::UnknownEndpoint(endpoint) => &["this socket has no endpoint \"", endpoint, "\""],
        };
        concat(words)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence())
    }
}

impl fmt::Display for ApiMisuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence())
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Error {
    /// What the system said, which is a [`TransportError`]; any other error is its own cause.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Transport(error) => Some(error),
            _ => None,
        }
    }
}

impl std::error::Error for ApiMisuse {}

impl std::error::Error for TransportError {}

impl From<ApiMisuse> for Error {
    fn from(misuse: ApiMisuse) -> Self {
        Self::Misuse(misuse)
    }
}

/// Why a connection ended. It is the value of the monitor's event about it.
///
/// ```
/// use zmq_wasm::{CloseReason, Misbehaviour};
///
/// let reason = CloseReason::from(Misbehaviour::Oversized);
/// assert_eq!(reason.to_string(), "the peer sent a frame longer than MAXMSGSIZE");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// This side is done with it: close, disconnect or unbind.
    Local,
    /// The peer, or the network, ended it. The text says how, where that is known.
    Remote(String),
    /// The peer broke the protocol.
    PeerMisbehaved(Misbehaviour),
    /// The peer is sound, but not one that this socket can talk to.
    Incompatible(String),
    /// The peer has another security mechanism than this socket.
    MechanismMismatch(String),
    /// The peer refused our credentials, or refused us for a reason it gives.
    AuthRefused(String),
    /// This side does not let the peer in, for the reason that this status code of ZAP's stands for: 300 for now,
    /// 400 because of who it is, 500 because that can't be found out.
    #[cfg(feature = "security")]
    Denied(u16),
    /// The handshake took longer than HANDSHAKE_IVL.
    HandshakeTimeout,
    /// Nothing was heard for HEARTBEAT_TIMEOUT, or for the time that the peer's PING announced.
    HeartbeatTimeout,
    /// The socket can't take this peer: a PAIR has one already, a ROUTER knows its routing id.
    Refused(&'static str),
}

/// What a peer did that the protocol does not allow.
///
/// ```
/// use zmq_wasm::{CloseReason, Misbehaviour};
///
/// let reason = CloseReason::PeerMisbehaved(Misbehaviour::BadGreeting);
/// assert!(!reason.is_graceful());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misbehaviour {
    /// The first octets are no ZMTP greeting (RFC 37, Greeting).
    BadGreeting,
    /// Its ZMTP is older than 2.0.
    ObsoleteVersion,
    /// Bits 7-3 of a flag octet are set, or COMMAND together with MORE (RFC 37, Framing).
    ReservedBits,
    /// A WebSocket message without the flag octet (RFC 45, Framing).
    EmptyFrame,
    /// A WebSocket message that is not binary (RFC 45, Implementation).
    TextFrame,
    /// Octets that are no WebSocket frames (RFC 6455).
    BadWebSocketFrame,
    /// A frame longer than MAXMSGSIZE.
    Oversized,
    /// A message of more parts than anybody means.
    TooManyParts,
    /// A command that can't be parsed.
    MalformedCommand,
    /// A command at a time when it has no meaning, or a message before the handshake is done.
    OutOfOrder,
    /// Something encrypted that can't be opened: one side has a wrong key, or somebody changed it on the way (RFC 26).
    #[cfg(feature = "security")]
    Forged,
    /// Something encrypted that came again, or not in its turn (RFC 26, "Nonces").
    #[cfg(feature = "security")]
    Replayed,
    /// A routing id of more than 255 octets.
    RoutingIdTooLong,
    /// More subscriptions than one peer may have.
    TooManySubscriptions,
}

impl std::error::Error for CloseReason {}

impl CloseReason {
    /// Whether what is written already should still go out before the connection closes.
    ///
    /// ```
    /// assert!(zmq_wasm::CloseReason::Local.is_graceful());
    /// ```
    pub fn is_graceful(&self) -> bool {
        match self {
            #[cfg(feature = "security")]
            Self::Denied(_) => true,
            _ => matches!(self, Self::Local),
        }
    }
}

impl CloseReason {
    /// What [`Display`](fmt::Display) writes.
    pub(crate) fn sentence(&self) -> String {
        let words: &[&str] = match self {
            Self::Local => &["closed by this side"],
            Self::Remote(how) => &[how],
            Self::PeerMisbehaved(what) => &[what.describe()],
            Self::Incompatible(how) | Self::MechanismMismatch(how) => &["incompatible peer: ", how],
            Self::AuthRefused(why) => &["refused by the peer: ", why],
            #[cfg(feature = "security")]
            Self::Denied(status) => &["refused by this side: ", &decimal((*status).into())],
            Self::HandshakeTimeout => &["the handshake took longer than HANDSHAKE_IVL"],
            Self::HeartbeatTimeout => &["nothing was heard from the peer within its heartbeat time"],
            Self::Refused(why) => &[why],
        };
        concat(words)
    }
}

#[cfg(feature = "security")]
impl CloseReason {
    /// What libzmq's monitor has for the value of the event about a handshake that failed so: the status code of ZAP's
    /// of HANDSHAKE_FAILED_AUTH, and one of `ZMQ_PROTOCOL_ERROR_*` of HANDSHAKE_FAILED_PROTOCOL; 0 where it has none.
    ///
    /// ```
    /// use zmq_wasm::{CloseReason, Misbehaviour};
    ///
    /// assert_eq!(CloseReason::AuthRefused("400".to_owned()).code(), 400);
    /// assert_eq!(CloseReason::from(Misbehaviour::Forged).code(), 0x1100_0001);
    /// ```
    pub fn code(&self) -> u32 {
        match self {
            Self::Denied(status) => (*status).into(),
            Self::AuthRefused(why) if matches!(&why[..], "300" | "400" | "500") => {
                why.bytes().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
            }
            Self::MechanismMismatch(_) => 0x1100_0002,
            Self::Incompatible(_) => 0x1000_0018,
            Self::PeerMisbehaved(what) => match what {
                Misbehaviour::Forged => 0x1100_0001,
                Misbehaviour::OutOfOrder => 0x1000_0001,
                Misbehaviour::Replayed => 0x1000_0002,
                Misbehaviour::MalformedCommand => 0x1000_0011,
                _ => 0x1000_0000,
            },
            _ => 0,
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence())
    }
}

impl Misbehaviour {
    /// A sentence about it.
    ///
    /// ```
    /// use zmq_wasm::Misbehaviour;
    ///
    /// assert_eq!(Misbehaviour::TextFrame.describe(), "the peer sent a WebSocket message that is not binary");
    /// ```
    pub fn describe(self) -> &'static str {
        match self {
            Self::BadGreeting => "the peer does not speak ZMTP: wrong greeting",
            Self::ObsoleteVersion => "the peer speaks a ZMTP older than 2.0",
            Self::ReservedBits => "the peer set reserved bits in a frame's flags",
            Self::EmptyFrame => "the peer sent a WebSocket message without a flag octet",
            Self::TextFrame => "the peer sent a WebSocket message that is not binary",
            Self::BadWebSocketFrame => "the peer broke the WebSocket protocol",
            Self::Oversized => "the peer sent a frame longer than MAXMSGSIZE",
            Self::TooManyParts => "the peer sent a message with too many parts",
            Self::MalformedCommand => "the peer sent a command that can't be parsed",
            Self::OutOfOrder => "the peer sent a command or message out of order",
            #[cfg(feature = "security")]
            Self::Forged => {
                "the peer sent what can't be decrypted: a key is wrong, or it was changed on the way"
            }
            #[cfg(feature = "security")]
            Self::Replayed => "the peer sent something encrypted again, or not in its turn",
            Self::RoutingIdTooLong => "the peer has a routing id of more than 255 octets",
            Self::TooManySubscriptions => "the peer has too many subscriptions",
        }
    }
}

impl From<Misbehaviour> for CloseReason {
    fn from(what: Misbehaviour) -> Self {
        Self::PeerMisbehaved(what)
    }
}
