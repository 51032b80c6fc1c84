//! Taking in what comes to a port.

use std::future::poll_fn;
use std::io;
use std::rc::Weak;
use std::task::Poll;

use tokio::task::JoinSet;
use tokio::time::{Duration, sleep};

use super::stream::{Port, Stream};

/// Between tries to accept, when the system has no more descriptors.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Takes streams in, with their peers' addresses, until it is aborted; what `take` spawns ends with it. The
/// port is closed by who owns it: here is only a weak hold of it.
pub(super) async fn accept(
    port: Weak<Port>,
    mut take: impl FnMut(Stream, String, &mut JoinSet<()>),
    fail: impl Fn(io::Error),
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
                take(stream, address, &mut handshakes);
            }
            Err(error) => {
                fail(error);
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}
