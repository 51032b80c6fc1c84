//! The command line, and the line to who started the program.

use std::io::{BufRead, Write, stdin, stdout};
use std::process::exit;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::meters::{Lots, RoundTrips, Throughput};

/// What a program is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Push,
    Pull,
    Sink,
    Rep,
    Req,
    Echo,
    Pub,
    Sub,
    Dealers,
}

/// Where the other side is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Bind,
    Connect,
    /// In this process.
    Both,
}

/// The command line.
pub struct Task {
    pub role: Role,
    pub side: Side,
    pub endpoint: String,
    /// Octets in a message.
    pub size: usize,
    /// How many SUBs or DEALERs.
    pub sockets: usize,
    amount: f64,
    is_told_to_go: Arc<AtomicBool>,
}

impl Task {
    /// Reads the command line, and has the process end with its stdin.
    pub fn begin() -> Self {
        let args: Vec<String> = std::env::args().skip(1).collect();
        let Some(task) = Self::parse(&args) else {
            eprintln!("usage: PROGRAM ROLE bind|connect|both ENDPOINT SIZE AMOUNT [SOCKETS]");
            exit(2);
        };
        let is_told_to_go = Arc::clone(&task.is_told_to_go);
        std::thread::spawn(move || {
            for _line in stdin().lock().lines().map_while(Result::ok) {
                is_told_to_go.store(true, Ordering::Relaxed);
            }
            exit(0);
        });
        task
    }

    fn parse(args: &[String]) -> Option<Self> {
        let (args, sockets) = match args {
            [args @ .., sockets] if args.len() == 5 => (args, sockets.parse().ok()?),
            _ => (args, 1),
        };
        let [role, side, endpoint, size, amount] = args else { return None };
        let role = match &**role {
            "push" => Role::Push,
            "pull" => Role::Pull,
            "sink" => Role::Sink,
            "rep" => Role::Rep,
            "req" => Role::Req,
            "echo" => Role::Echo,
            "pub" => Role::Pub,
            "sub" => Role::Sub,
            "dealers" => Role::Dealers,
            _ => return None,
        };
        let side = match &**side {
            "bind" => Side::Bind,
            "connect" => Side::Connect,
            "both" => Side::Both,
            _ => return None,
        };
        let (endpoint, size, amount) = (endpoint.clone(), size.parse().ok()?, amount.parse().ok()?);
        Some(Self { role, side, endpoint, size, sockets, amount, is_told_to_go: Arc::default() })
    }

    /// The octets to send.
    pub fn body(&self) -> Vec<u8> {
        (0..self.size).map(|at| at as u8).collect()
    }

    pub fn throughput(&self) -> Throughput {
        Throughput::new(self.size, Duration::from_secs_f64(self.amount))
    }

    pub fn lots(&self) -> Lots {
        Lots::new(self.size, self.amount as u64)
    }

    pub fn round_trips(&self) -> RoundTrips {
        RoundTrips::new(self.size, Duration::from_secs_f64(self.amount))
    }

    /// Whether a line came on stdin.
    pub fn is_told_to_go(&self) -> bool {
        self.is_told_to_go.load(Ordering::Relaxed)
    }
}

/// Says something to who started this program.
pub fn tell(line: &str) {
    let mut out = stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("who started this program reads what it says");
}
