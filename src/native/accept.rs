//! Taking in what comes to a port.

use std::future::poll_fn;
use std::rc::{Rc, Weak};
use std::task::Poll;

use tokio::task::JoinSet;
use tokio::time::{Duration, sleep};

use super::guests::{Guests, Seat};
use super::stream::{Port, Stream};

/// Between tries to accept, when the system has no more descriptors.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Takes streams in, with their peers' addresses and each with its seat, until it is aborted; what `take` spawns
/// ends with it, and there is no more of it than there are seats. The port is closed by who owns it: here is only a
/// weak hold of it.
pub(super) async fn accept(
    port: Weak<Port>,
    guests: Rc<Guests>,
    mut take: impl FnMut(Stream, String, Seat, &mut JoinSet<()>),
    fail: impl Fn(String),
) {
    let mut handshakes = JoinSet::new();
    let mut pause = FIRST_PAUSE;
    loop {
        let accepted = tokio::select! {
            accepted = poll_fn(|cx| port.upgrade().map_or(Poll::Pending, |port| port.poll_accept(cx))) => accepted,
            Some(_) = handshakes.join_next() => continue,
        };
        match accepted {
            Ok((stream, address)) => {
                pause = FIRST_PAUSE;
                match guests.seat(&address) {
                    Ok(seat) => take(stream, address, seat, &mut handshakes),
                    Err(reason) => fail(reason),
                }
            }
            Err(error) => {
                fail(error.to_string());
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}
