//! What both programs share: the command line, the clock, and how results are told.
//!
//! ```text
//! PROGRAM ROLE bind|connect ENDPOINT SIZE AMOUNT
//! ```
//!
//! | role   | socket | does | AMOUNT |
//! |--------|--------|------|--------|
//! | `push` | PUSH   | sends without end | not used |
//! | `pull` | PULL   | counts what comes in a while, says so, ends | seconds |
//! | `sink` | PULL   | says how long each lot of messages took, without end | messages in a lot |
//! | `rep`  | REP    | sends back what comes, without end | not used |
//! | `req`  | REQ    | asks and waits, over and over, says the times, ends | seconds |
//! | `echo` | ROUTER | sends back what comes, without end | not used |
//!
//! Results are JSON, one line each on stdout; the first is the endpoint of who binds. A program ends when
//! its stdin does, so that none outlives who started it.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

pub mod libzmq;

/// What a program is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Push,
    Pull,
    Sink,
    Rep,
    Req,
    Echo,
}

/// The command line.
pub struct Task {
    pub role: Role,
    pub binds: bool,
    pub endpoint: String,
    /// Octets in a message.
    pub size: usize,
    amount: f64,
}

impl Task {
    /// Reads the command line, and has the process end with its stdin.
    pub fn begin() -> Self {
        let Some(task) = Self::parse() else {
            eprintln!("usage: PROGRAM push|pull|sink|rep|req|echo bind|connect ENDPOINT SIZE AMOUNT");
            std::process::exit(2);
        };
        std::thread::spawn(|| {
            let mut ignored = Vec::new();
            let _ = std::io::stdin().read_to_end(&mut ignored);
            std::process::exit(0);
        });
        task
    }

    fn parse() -> Option<Self> {
        let args: Vec<String> = std::env::args().skip(1).collect();
        let [role, side, endpoint, size, amount] = args.try_into().ok()?;
        let role = match &*role {
            "push" => Role::Push,
            "pull" => Role::Pull,
            "sink" => Role::Sink,
            "rep" => Role::Rep,
            "req" => Role::Req,
            "echo" => Role::Echo,
            _ => return None,
        };
        let binds = match &*side {
            "bind" => true,
            "connect" => false,
            _ => return None,
        };
        Some(Self { role, binds, endpoint, size: size.parse().ok()?, amount: amount.parse().ok()? })
    }

    /// The octets to send.
    pub fn body(&self) -> Vec<u8> {
        (0..self.size).map(|at| at as u8).collect()
    }

    pub fn throughput(&self) -> Throughput {
        let window = Duration::from_secs_f64(self.amount);
        // Large messages are few, and looking at the clock is cheap beside them.
        let stride = (64 * 1024 / self.size.max(1)).clamp(1, 256) as u64;
        Throughput { size: self.size, stride, window, heard: 0, first: None, begun: None }
    }

    pub fn lots(&self) -> Lots {
        Lots { size: self.size, lot: self.amount as u64, heard: 0, begun: Instant::now() }
    }

    pub fn round_trips(&self) -> RoundTrips {
        let window = Duration::from_secs_f64(self.amount);
        RoundTrips {
            size: self.size,
            window,
            first: Instant::now(),
            begun: Instant::now(),
            micros: Vec::new(),
        }
    }
}

/// Says where others can connect.
pub fn tell_endpoint(endpoint: &str) {
    tell(&format!(r#"{{"endpoint":"{endpoint}"}}"#));
}

fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("who started this program reads what it says");
}

/// A part of the window goes by before messages and times count.
const WARM_UP: u32 = 4;

/// Counts messages in a window of time.
pub struct Throughput {
    size: usize,
    stride: u64,
    window: Duration,
    heard: u64,
    first: Option<Instant>,
    /// When the count began, and at which message.
    begun: Option<(Instant, u64)>,
}

impl Throughput {
    /// A message came. True when the window is over and the result told.
    #[inline]
    pub fn hear(&mut self, length: usize) -> bool {
        assert_eq!(length, self.size, "somebody else's message");
        self.heard += 1;
        self.heard.is_multiple_of(self.stride) && self.look()
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
    first: Instant,
    begun: Instant,
    micros: Vec<f64>,
}

impl RoundTrips {
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
        let passed = now - self.first;
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
