//! Connecting, and connecting again: RECONNECT_IVL, doubled up to RECONNECT_IVL_MAX, with jitter, so that
//! the clients of a restarted server don't all come back at once (RFC 37, "Error Handling").

use core::time::Duration;

use crate::arena::{PeerId, PipeId};
use crate::endpoint::Endpoint;
use crate::options::Options;
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
