//! Time as the engine knows it: a number that the shell hands in. The engine has no clock of its own,
//! so that tests run it under a fake one.

use core::time::Duration;

/// A point in time, in microseconds since an origin that the shell chooses and keeps.
///
/// ```
/// use std::time::Duration;
///
/// use zmq_wasm::Instant;
///
/// assert_eq!(Instant::default() + Duration::from_millis(1), Instant::from_micros(1000));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(u64);

impl Instant {
    /// The point `micros` microseconds after the shell's origin.
    ///
    /// ```
    /// # use zmq_wasm::Instant;
    /// assert_eq!(Instant::from_micros(0), Instant::default());
    /// ```
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Microseconds since the shell's origin.
    ///
    /// ```
    /// # use zmq_wasm::Instant;
    /// assert_eq!(Instant::from_micros(7).as_micros(), 7);
    /// ```
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// How long after `earlier` this is; zero when it is not after it (a clock may jump back).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use zmq_wasm::Instant;
    /// let (earlier, later) = (Instant::from_micros(1), Instant::from_micros(3));
    /// assert_eq!(later.saturating_since(earlier), Duration::from_micros(2));
    /// assert_eq!(earlier.saturating_since(later), Duration::ZERO);
    /// ```
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

/// The earlier of two deadlines, where there are any.
pub(crate) fn earliest(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// What tells the time when asked: to read a clock can cost more than all else about a frame, and few frames need it.
/// An [`Instant`] tells itself.
///
/// ```
/// use zmq_wasm::{Clock, Instant};
///
/// assert_eq!(Instant::from_micros(7).now(), Instant::from_micros(7));
/// ```
pub trait Clock: Copy {
    /// The time it is.
    fn now(self) -> Instant;
}

impl Clock for Instant {
    fn now(self) -> Instant {
        self
    }
}

impl core::ops::Add<Duration> for Instant {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        let micros =
            duration.as_secs().saturating_mul(1_000_000).saturating_add(duration.subsec_micros().into());
        Self(self.0.saturating_add(micros))
    }
}
