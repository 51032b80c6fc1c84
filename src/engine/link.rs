//! One connection: how far its handshake is, its heartbeat, and the message it is in the middle of.

use core::time::Duration;

use super::event::PeerInfo;
use crate::arena::{DialerId, ListenerId, PipeId};
use crate::message::Message;
use crate::options::Options;
use crate::time::{Clock, Instant, earliest};
use crate::wire::mechanism::{Cipher, Handshake};
use crate::wire::zws;

/// Which side of a connection this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// We connected, as the engine asked by `Output::Dial`.
    Connecting(DialerId),
    /// The peer connected to an endpoint of ours.
    Accepted(ListenerId),
}

/// What a connection carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// ZMTP over a byte stream. The shell reads the greeting by [`crate::wire::zmtp::Codec`] and reports it.
    Zmtp,
    /// ZWS over WebSocket, in the dialect that was agreed on.
    Zws(zws::Dialect),
    /// Frames within a process.
    Inproc,
}

/// How the peer is asked for a sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heartbeat {
    /// By PING commands (RFC 37, "Connection Heartbeating").
    Command,
    /// By the shell: `Output::Ping`, which a WebSocket answers by itself.
    Transport,
    /// Not at all.
    None,
}

/// What the shell tells of a new connection.
#[derive(Clone, Debug)]
pub struct Transport {
    /// What it carries.
    pub protocol: Protocol,
    /// How heartbeats go.
    pub heartbeat: Heartbeat,
    /// The longest body, in octets, that reaches the peer in one piece.
    pub frame_limit: Option<usize>,
    /// The peer's address.
    pub address: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The codec is at the greeting (byte streams only).
    Greeting,
    /// The first frame decides between RFC 45's bare routing id and a READY (accepted bare ZWS only).
    First,
    /// The mechanism's commands go to and fro.
    Shaking,
    /// Somebody decides about the peer.
    Judged,
    /// The peer's routing id is to come, as a message (bare ZWS and ZMTP 2.0).
    RoutingId,
    /// Messages flow.
    Active(PipeId),
}

pub(crate) struct Link<P> {
    pub(crate) role: Role,
    pub(crate) transport: Transport,
    pub(crate) phase: Phase,
    pub(crate) handshake: Handshake,
    /// What all traffic goes through, after the handshake.
    pub(crate) cipher: Option<Cipher>,
    /// How many commands of the handshake are still to be transmitted, before anything that is encrypted.
    pub(crate) in_clear: usize,
    /// Whether the peer takes SUBSCRIBE and CANCEL commands, and not messages in their place.
    pub(crate) subscribes_by_command: bool,
    /// The parts that have come of a message that is not complete.
    pub(crate) partial: Message<P>,
    /// How many more octets the shell will take.
    pub(crate) credit: isize,
    /// The shell was told to stop reading.
    pub(crate) paused: bool,
    pub(crate) clock: LinkClock,
    /// The pattern has taken the peer in.
    pub(crate) is_welcome: bool,
    /// When the timers will look at the clock.
    pub(crate) promised: Option<Instant>,
    /// Who the peer is, once the handshake has told.
    pub(crate) info: PeerInfo,
}

/// A connection's deadlines.
#[derive(Default)]
pub(crate) struct LinkClock {
    handshake: Option<Instant>,
    next_ping: Option<Instant>,
    /// An answer to our PING, or anything else, is due by then.
    answer: Option<Instant>,
    /// The peer's PING said that it may be given up then.
    ttl: Option<(Duration, Instant)>,
    /// The peer was asked once more, because we came too late to judge its silence.
    is_asked_again: bool,
}

/// What a deadline that passed asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Nothing,
    Ping,
    HandshakeTimeout,
    HeartbeatTimeout,
}

impl LinkClock {
    pub(crate) fn handshaking(options: &Options, now: Instant) -> Self {
        Self { handshake: options.handshake_ivl().map(|limit| now + limit), ..Self::default() }
    }

    /// The handshake is done; heartbeats begin where the connection can carry them.
    pub(crate) fn activate(&mut self, heartbeat: Heartbeat, options: &Options, now: Instant) {
        self.handshake = None;
        self.next_ping =
            options.heartbeat_ivl().filter(|_| heartbeat != Heartbeat::None).map(|ivl| now + ivl);
    }

    /// Something was heard: the peer lives.
    #[inline]
    pub(crate) fn heard(&mut self, clock: impl Clock) {
        self.answer = None;
        self.is_asked_again = false;
        if let Some((ttl, until)) = &mut self.ttl {
            *until = clock.now() + *ttl;
        }
    }

    /// The peer's PING announced this time to live. Zero takes an earlier one back.
    pub(crate) fn peer_ttl(&mut self, ttl: Duration, now: Instant) {
        self.ttl = (!ttl.is_zero()).then(|| (ttl, now + ttl));
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        earliest(earliest(self.handshake, self.next_ping), self.silent_since())
    }

    /// When the peer had, or has, to be heard at the latest.
    fn silent_since(&self) -> Option<Instant> {
        earliest(self.answer, self.ttl.map(|(_, until)| until))
    }

    pub(crate) fn due(&mut self, options: &Options, now: Instant) -> Due {
        let passed = |deadline: Option<Instant>| deadline.is_some_and(|at| at <= now);
        if passed(self.handshake) {
            return Due::HandshakeTimeout;
        }
        if let Some(since) = self.silent_since().filter(|since| *since <= now) {
            // A clock that jumped, or a page whose timers were held up, tells nothing of the peer: what it said in the
            // meantime may wait to be heard.
            let limit = self.ttl.map_or(Duration::ZERO, |(ttl, _)| ttl).max(options.heartbeat_timeout());
            if self.is_asked_again || now < since + limit {
                return Due::HeartbeatTimeout;
            }
            self.is_asked_again = true;
            self.next_ping = self.next_ping.and(options.heartbeat_ivl()).map(|ivl| now + ivl);
            self.answer = Some(now + limit);
            if let Some((_, until)) = &mut self.ttl {
                *until = now + limit;
            }
            return Due::Ping;
        }
        if passed(self.next_ping) {
            self.next_ping = options.heartbeat_ivl().map(|ivl| now + ivl);
            self.answer.get_or_insert(now + options.heartbeat_timeout());
            return Due::Ping;
        }
        Due::Nothing
    }
}
