//! The clocks: messages in a while, time for a lot of messages, time of a round trip.

use std::time::{Duration, Instant};

use crate::task::tell;

/// A part of the window goes by before messages and times count.
const WARM_UP: u32 = 4;

/// Counts messages in a window of time.
pub struct Throughput {
    size: usize,
    /// The clock is looked at after so many messages: a power of two.
    stride: u64,
    window: Duration,
    heard: u64,
    first: Option<Instant>,
    /// When the count began, and at which message.
    begun: Option<(Instant, u64)>,
}

impl Throughput {
    pub fn new(size: usize, window: Duration) -> Self {
        // Large messages are few, and looking at the clock is cheap beside them.
        let stride = (64 * 1024 / size.max(1)).clamp(1, 256).next_power_of_two() as u64;
        Self { size, stride, window, heard: 0, first: None, begun: None }
    }

    /// A message came. True when the window is over and the result told.
    #[inline]
    pub fn hear(&mut self, length: usize) -> bool {
        assert_eq!(length, self.size, "somebody else's message");
        self.heard += 1;
        // A division would cost as much as a tenth of a short message.
        self.heard & (self.stride - 1) == 0 && self.look()
    }

    fn look(&mut self) -> bool {
        let now = Instant::now();
        let first = *self.first.get_or_insert(now);
        match self.begun {
            None if now - first >= self.window / WARM_UP => self.begun = Some((now, self.heard)),
            Some((begun, before)) if now - begun >= self.window => {
                let (messages, seconds) = (self.heard - before, (now - begun).as_secs_f64());
                tell(&format!(r#"{{"messages":{messages},"seconds":{seconds}}}"#));
                return true;
            }
            _ => {}
        }
        false
    }
}

/// Times lots of messages, each from its first to its last.
pub struct Lots {
    size: usize,
    lot: u64,
    heard: u64,
    begun: Instant,
}

impl Lots {
    pub fn new(size: usize, lot: u64) -> Self {
        Self { size, lot, heard: 0, begun: Instant::now() }
    }

    /// A message came.
    pub fn hear(&mut self, length: usize) {
        assert_eq!(length, self.size, "somebody else's message");
        if self.heard == 0 {
            self.begun = Instant::now();
        }
        self.heard += 1;
        if self.heard == self.lot {
            let (messages, seconds) = (self.heard - 1, self.begun.elapsed().as_secs_f64());
            tell(&format!(r#"{{"messages":{messages},"seconds":{seconds}}}"#));
            self.heard = 0;
        }
    }
}

/// Times round trips for a window of time.
pub struct RoundTrips {
    size: usize,
    window: Duration,
    first: Option<Instant>,
    begun: Instant,
    micros: Vec<f64>,
}

impl RoundTrips {
    pub fn new(size: usize, window: Duration) -> Self {
        Self { size, window, first: None, begun: Instant::now(), micros: Vec::new() }
    }

    /// A request is about to be sent.
    #[inline]
    pub fn ask(&mut self) {
        self.begun = Instant::now();
    }

    /// Its reply came. True when the window is over and the result told.
    #[inline]
    pub fn hear(&mut self, length: usize) -> bool {
        let now = Instant::now();
        assert_eq!(length, self.size, "somebody else's reply");
        let passed = now - *self.first.get_or_insert(now);
        if passed >= self.window / WARM_UP {
            self.micros.push((now - self.begun).as_secs_f64() * 1e6);
        }
        let is_over = passed >= self.window / WARM_UP + self.window;
        if is_over {
            self.micros.sort_by(f64::total_cmp);
            let quantile = |part: f64| self.micros[((self.micros.len() - 1) as f64 * part) as usize];
            let (count, p50, p99) = (self.micros.len(), quantile(0.5), quantile(0.99));
            tell(&format!(r#"{{"messages":{count},"p50":{p50},"p99":{p99}}}"#));
        }
        is_over
    }
}
