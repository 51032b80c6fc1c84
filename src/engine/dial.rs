//! Connecting, and connecting again: RECONNECT_IVL, doubled up to RECONNECT_IVL_MAX, with jitter, so that
//! the clients of a restarted server don't all come back at once (RFC 37, "Error Handling").

use core::time::Duration;

use super::timers::Owner;
use super::{Engine, EventKind, EventValue, Output, too_many};
use crate::arena::{DialerId, PeerId, PipeId};
use crate::endpoint::Endpoint;
use crate::error::{CloseReason, Error};
use crate::options::{Options, SocketOption};
use crate::payload::Payload;
use crate::socket_type::SocketType;
use crate::time::Instant;

/// An endpoint that the socket is connected to, or shall be.
pub(crate) struct Dialer {
    pub(crate) endpoint: Endpoint,
    /// The endpoint as it was given, by which `disconnect` finds it.
    pub(crate) text: String,
    pub(crate) pipe: PipeId,
    pub(crate) state: DialState,
    pub(crate) backoff: Backoff,
    /// When the timers will look at the state.
    pub(crate) promised: Option<Instant>,
    /// CONNECT_ROUTING_ID: what a ROUTER calls the peer there.
    pub(crate) assigned_id: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DialState {
    /// The next try comes then.
    Waiting(Instant),
    /// The shell is at it, and has until then if there is a limit.
    Dialing(Option<Instant>),
    /// A connection is up.
    Up(PeerId),
    /// No more tries: RECONNECT_IVL is -1, or the peer refused our credentials.
    Idle,
}

impl Dialer {
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self.state {
            DialState::Waiting(at) => Some(at),
            DialState::Dialing(limit) => limit,
            DialState::Up(_) | DialState::Idle => None,
        }
    }
}

/// The pause before the next try.
#[derive(Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    /// The next pause, or `None` when there shall be no next try.
    pub(crate) fn next(&mut self, options: &Options, rng: &mut Rng) -> Option<Duration> {
        let base = u64::try_from(options.reconnect_ivl()).ok()?;
        let max = u64::try_from(options.reconnect_ivl_max()).unwrap_or(0);
        let doubled =
            if max > base { base.saturating_mul(1 << self.failures.min(31)).min(max) } else { base };
        self.failures = self.failures.saturating_add(1);
        Some(Duration::from_millis(doubled + rng.below(base)))
    }
}

/// SplitMix64: enough for jitter and for routing ids, of which only the first is a matter of chance.
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 when that is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }
}

impl<P: Payload> Engine<P> {
    /// Connects to an endpoint, in the background and again whenever the connection is lost. `text` is the
    /// endpoint as it was given: [`disconnect`](Self::disconnect) will know it by that. A DEALER, PUB, REQ or SUB
    /// has one connection to an endpoint, however often it is told to connect there (but by `inproc://` and `port:`).
    pub fn connect(&mut self, endpoint: Endpoint, text: &str, now: Instant) -> Result<DialerId, Error> {
        self.check_open()?;
        endpoint.check_for_connect()?;
        self.check_keys(&endpoint)?;
        // As in libzmq, which knows of no such limit to inproc. Of a port's name there may be one in each thread.
        let is_single = matches!(
            self.socket_type(),
            SocketType::Dealer | SocketType::Pub | SocketType::Req | SocketType::Sub
        );
        if is_single
            && !matches!(endpoint, Endpoint::Inproc(_) | Endpoint::Port(_))
            && let Some(known) = self.dialer_to(text)
        {
            return Ok(known);
        }
        let too_many = || too_many(text);
        let pipe = self.core.open_pipe().ok_or_else(too_many)?;
        let assigned_id = self.core.options.take(SocketOption::ConnectRoutingId).unwrap_or_default();
        if let Some(pipe) = self.core.pipes.get_mut(pipe) {
            pipe.routing_id.clone_from(&assigned_id);
        }
        let dialer = Dialer {
            endpoint,
            text: text.to_owned(),
            pipe,
            state: DialState::Waiting(now),
            backoff: Backoff::default(),
            promised: None,
            assigned_id,
        };
        let id = self.dialers.insert(dialer).ok_or_else(too_many)?;
        self.pattern.attach(&mut self.core, pipe);
        text.clone_into(&mut self.last_endpoint);
        self.dial(id, now);
        Ok(id)
    }

    /// The number by which a PEER sends to who is at the other end of a [`connect`](Self::connect), from the start
    /// and whatever becomes of the connection. `None` for every type of socket that has no such numbers.
    pub fn peer_number(&self, dialer: DialerId) -> Option<u32> {
        let pipe = self.core.pipes.get(self.dialers.get(dialer)?.pipe)?;
        let octets = <[u8; 4]>::try_from(pipe.routing_id.as_slice()).ok()?;
        self.core.socket_type.numbers_peers().then(|| u32::from_be_bytes(octets))
    }

    /// Whether a [`connect`](Self::connect) is still in force, or what was queued for it still lingers.
    pub fn has_dialer(&self, dialer: DialerId) -> bool {
        self.dialers.get(dialer).is_some()
    }

    /// The connection that [`Output::Dial`] asked for did not come about.
    pub fn handle_dial_failed(&mut self, dialer: DialerId, reason: String, now: Instant) {
        let Some(found) = self.dialers.get(dialer) else { return };
        if matches!(found.state, DialState::Dialing(_)) {
            let endpoint = found.text.clone();
            self.event(EventKind::Closed, EventValue::Text(reason), endpoint);
            self.retry(dialer, STOP_CONN_REFUSED, now);
        }
    }

    /// The network has come back, or whoever waits for it: each endpoint that waits for its next try is tried now, and
    /// its pauses begin anew.
    pub fn redial(&mut self, now: Instant) {
        for id in self.dialers.keys() {
            if let Some(dialer) = self.dialers.get_mut(id)
                && matches!(dialer.state, DialState::Waiting(_))
            {
                dialer.backoff.reset();
                self.dial(id, now);
            }
        }
    }

    pub(super) fn dialer_due(&mut self, id: DialerId, now: Instant) {
        let Some(dialer) = self.dialers.get_mut(id) else { return };
        dialer.promised = None;
        match dialer.state {
            DialState::Waiting(at) if at <= now => self.dial(id, now),
            DialState::Dialing(Some(limit)) if limit <= now => {
                self.outputs.push_back(Output::CancelDial { dialer: id });
                self.handle_dial_failed(id, CloseReason::HandshakeTimeout.sentence(), now);
            }
            _ => self.watch_dialer(id),
        }
    }

    pub(super) fn watch_dialer(&mut self, id: DialerId) {
        if let Some(dialer) = self.dialers.get_mut(id) {
            self.timers.schedule(dialer.deadline(), Owner::Dialer(id), &mut dialer.promised);
        }
    }

    pub(super) fn dial(&mut self, id: DialerId, now: Instant) {
        let Some(dialer) = self.dialers.get_mut(id) else { return };
        let (endpoint, text) = (dialer.endpoint.clone(), dialer.text.clone());
        // A name within the process is bound at any time, or never: another try would find no more.
        let is_inproc = matches!(endpoint, Endpoint::Inproc(_));
        let limit = self.core.options.handshake_ivl().filter(|_| !is_inproc).map(|limit| now + limit);
        dialer.state = DialState::Dialing(limit);
        self.watch_dialer(id);
        self.event(EventKind::ConnectDelayed, EventValue::Number(0), text);
        self.outputs.push_back(Output::Dial { dialer: id, endpoint });
    }

    /// Plans the next try of a dialler whose connection is lost or did not come about, unless RECONNECT_STOP
    /// has this bit for the cause.
    pub(super) fn retry(&mut self, id: DialerId, cause: i64, now: Instant) {
        let Some(dialer) = self.dialers.get_mut(id) else { return };
        let is_given_up = !self.core.is_attached(dialer.pipe);
        let cause = if is_given_up { cause | STOP_AFTER_DISCONNECT } else { cause };
        let pause = dialer.backoff.next(&self.core.options, &mut self.rng);
        let Some(pause) = pause.filter(|_| self.core.options.reconnect_stop() & cause == 0) else {
            dialer.state = DialState::Idle;
            return self.watch_dialer(id);
        };
        let at = now + pause;
        dialer.state = DialState::Waiting(at);
        let text = dialer.text.clone();
        self.watch_dialer(id);
        let pause = pause.as_secs() * 1000 + u64::from(pause.subsec_millis());
        self.event(EventKind::ConnectRetried, EventValue::Number(pause), text);
    }
}

/// Bits of RECONNECT_STOP.
pub(super) const STOP_CONN_REFUSED: i64 = 1;
pub(super) const STOP_HANDSHAKE_FAILED: i64 = 2;
pub(super) const STOP_AFTER_DISCONNECT: i64 = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::{OptionValue, SocketOption};

    fn pauses(ivl: i64, max: i64) -> Vec<u128> {
        let mut options = Options::default();
        options.set(SocketOption::ReconnectIvl, &OptionValue::Int(ivl)).expect("in range");
        options.set(SocketOption::ReconnectIvlMax, &OptionValue::Int(max)).expect("in range");
        let (mut backoff, mut rng) = (Backoff::default(), Rng::new(1));
        (0..8).map_while(|_| backoff.next(&options, &mut rng)).map(|pause| pause.as_millis()).collect()
    }

    #[test]
    fn pauses_double_up_to_the_maximum_and_jitter_adds_less_than_one_interval() {
        for (pause, base) in pauses(100, 1500).into_iter().zip([100, 200, 400, 800, 1500, 1500, 1500, 1500]) {
            assert!((base..base + 100).contains(&pause), "{pause} is not {base} and a jitter below 100");
        }
    }

    #[test]
    fn without_a_maximum_the_pause_stays() {
        assert!(pauses(100, 0).into_iter().all(|pause| (100..200).contains(&pause)));
        assert_eq!(pauses(-1, 0), Vec::<u128>::new());
        assert_eq!(pauses(0, 0), vec![0; 8]);
    }
}
