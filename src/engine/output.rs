//! What comes out of an engine.

use super::Event;
use crate::arena::{DialerId, PeerId};
use crate::endpoint::Endpoint;
use crate::error::CloseReason;
use crate::message::Frame;
use crate::time::Instant;
#[cfg(feature = "security")]
use crate::wire::command::Properties;
#[cfg(feature = "security")]
use crate::wire::mechanism::Credentials;

/// What the shell shall do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Output<P> {
    /// Send this frame to this peer, behind the ones before.
    Transmit {
        /// To whom.
        peer: PeerId,
        /// What.
        frame: Frame<P>,
    },
    /// Ask this peer's WebSocket for a PONG. [`Engine::handle_activity`](super::Engine::handle_activity) reports it.
    Ping {
        /// Whom.
        peer: PeerId,
    },
    /// Read from this peer again. [`Flow::Pause`] stopped it.
    Resume {
        /// From whom.
        peer: PeerId,
    },
    /// Close this connection; the engine has forgotten it. What was transmitted before still goes out
    /// when the reason [is graceful](CloseReason::is_graceful).
    Close {
        /// Whose.
        peer: PeerId,
        /// Why.
        reason: CloseReason,
    },
    /// Decide about this peer, now or later, and report by
    /// [`Engine::handle_verdict`](super::Engine::handle_verdict). Until then it is neither in nor out.
    #[cfg(feature = "security")]
    Judge {
        /// Whom.
        peer: PeerId,
        /// Its address, as the transport has it.
        address: String,
        /// Who it says it is.
        credentials: Credentials,
    },
    /// Connect there, and report by [`Engine::handle_connected`](super::Engine::handle_connected) or [`Engine::handle_dial_failed`](super::Engine::handle_dial_failed).
    Dial {
        /// By this id.
        dialer: DialerId,
        /// There.
        endpoint: Endpoint,
    },
    /// Stop connecting: nobody waits for it any more.
    CancelDial {
        /// By this id.
        dialer: DialerId,
    },
    /// Something for the monitor.
    Event(Event),
    /// The closed socket has sent what it had to send. Nothing else will come.
    Finished,
    /// Nothing more to do now.
    Idle {
        /// When to call [`Engine::handle_timeout`](super::Engine::handle_timeout), unless something happens before.
        wake: Option<Instant>,
    },
}

/// What was decided about a peer (RFC 27: "The status code").
///
/// ```
/// use zmq_wasm::engine::Verdict;
///
/// fn judge(name: &[u8], password: &[u8]) -> Verdict {
///     match (name, password) {
///         (b"admin", b"secret") => Verdict::allow("admin"),
///         _ => Verdict::Deny,
///     }
/// }
/// assert_eq!(judge(b"admin", b""), Verdict::Deny);
/// ```
#[cfg(feature = "security")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is let in (200), and its messages will tell this beside what it says of itself, and before that: by the property
    /// `User-Id` who it is.
    Allow(Properties),
    /// It may come again: it is closed without a word (300).
    TryLater,
    /// It is told that it is not let in (400).
    Deny,
    /// It is told that nobody could find out (500).
    Fail,
    /// There is nobody to decide. As in libzmq, CURVE, which has encrypted at least, lets the peer in unless
    /// ZAP_ENFORCE_DOMAIN is set; any other mechanism does not.
    Nobody,
}

#[cfg(feature = "security")]
impl Verdict {
    /// A peer is let in as this user; as nobody in particular, if the name is empty.
    ///
    /// ```
    /// # use zmq_wasm::engine::Verdict;
    /// let Verdict::Allow(known) = Verdict::allow("admin") else { unreachable!() };
    /// assert_eq!(known.find("User-Id"), Some(&b"admin"[..]));
    /// ```
    pub fn allow(user_id: &str) -> Self {
        Self::Allow(Properties::default().with_user(user_id.as_bytes()))
    }
}

/// Whether the shell should go on reading from a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Read on.
    Continue,
    /// The peer's queue is full: stop until [`Output::Resume`], if the transport can stop.
    Pause,
}
