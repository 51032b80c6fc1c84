//! What the programs share: the command line, what each role does, the clock, and how results are told.
//!
//! ```text
//! PROGRAM ROLE bind|connect|both ENDPOINT SIZE AMOUNT [SOCKETS]
//! ```
//!
//! | role      | socket | does | AMOUNT |
//! |-----------|--------|------|--------|
//! | `push`    | PUSH   | sends without end | not used |
//! | `pull`    | PULL   | counts what comes in a while, says so | seconds |
//! | `sink`    | PULL   | says how long each lot of messages took, without end | messages in a lot |
//! | `rep`     | REP    | sends back what comes, without end | not used |
//! | `req`     | REQ    | asks and waits, over and over, says the times | seconds |
//! | `echo`    | ROUTER | sends back what comes, without end | not used |
//! | `pub`     | PUB    | sends empty messages until a line comes on stdin, then full ones without end | not used |
//! | `sub`     | SUBs   | says when each has heard something, counts what comes to all, says so | seconds |
//! | `dealers` | DEALERs| each asks and waits, over and over; says as `sub` | seconds |
//!
//! `both` (`pull` and `req` only) has the other side in the same process, as `inproc://` needs it. SOCKETS is how
//! many SUBs or DEALERs connect. With BENCH_CURVE in the environment, CURVE encrypts between `push` and `pull`, where the library has it.
//!
//! Results are JSON, one line each on stdout; the first is the endpoint of who binds. A program ends when
//! its stdin does, so that none outlives who started it.

#![expect(async_fn_in_trait, reason = "all that implements these traits is in this package")]

mod contender;
pub mod libzmq;
mod meters;
mod roles;
mod task;

pub use contender::{Beside, Contender, KEYS, Kind, Result, Socket, is_by_curve};
pub use roles::run;
