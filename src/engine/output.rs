//! What comes out of an engine.

use super::Event;
use crate::arena::{DialerId, PeerId};
use crate::endpoint::Endpoint;
use crate::error::CloseReason;
use crate::message::Frame;
use crate::time::Instant;

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

/// Whether the shell should go on reading from a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Read on.
    Continue,
    /// The peer's queue is full: stop until [`Output::Resume`], if the transport can stop.
    Pause,
}
