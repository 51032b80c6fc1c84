//! What connections cost, by what the system says of a process of our own.

use std::rc::Rc;

use serde_json::json;
use zmq_wasm::native::SocketType;

use crate::peer::{Handle, Peer};
use crate::proc::{most_descriptors, resident};
use crate::support::run;

/// The most that an idle connection may cost a process.
const MOST: usize = 8 * 1024;

const CONNECTIONS: u32 = 2000;

async fn process() -> Rc<Peer> {
    Peer::ours_after("ulimit -n \"$(ulimit -Hn)\"").await
}

/// Two processes, a PULL in one and a PUSH in the other, and so many connections between them, each of which
/// has carried a message of this size.
async fn connections(anywhere: &str, count: u32, size: usize) -> (Rc<Peer>, Handle, Rc<Peer>, Handle) {
    let (bound, connected) = (process().await, process().await);
    let pull = bound.socket(SocketType::Pull, json!({})).await;
    let push = connected.socket(SocketType::Push, json!({})).await;
    let endpoint = pull.bind(anywhere).await;
    let drained = pull.drain(count);
    let sent = async {
        for _ in 0..count {
            push.connect(&endpoint).await;
        }
        // One for each, in turn.
        push.flood(count, size).await;
    };
    let (tally, ()) = tokio::join!(drained, sent);
    assert_eq!(tally["count"], count);
    (bound, pull, connected, push)
}

/// What a connection costs either process.
async fn of_each(anywhere: &str, size: usize) -> [usize; 2] {
    let few = connections(anywhere, 1, size).await;
    let many = connections(anywhere, CONNECTIONS, size).await;
    let grown = async |few: &Peer, many: &Peer| {
        resident(many.id().await).saturating_sub(resident(few.id().await)) / CONNECTIONS as usize
    };
    [grown(&few.0, &many.0).await, grown(&few.2, &many.2).await]
}

#[test]
fn an_idle_connection_costs_little() {
    if most_descriptors() < CONNECTIONS as usize + 100 {
        println!("skipped: no more than {} descriptors", most_descriptors());
        return;
    }
    run(async {
        for scheme in ["tcp", "ws"] {
            let [accepted, connected] = of_each(&format!("{scheme}://127.0.0.1:*"), 100).await;
            println!("{scheme}: {accepted} octets where it was accepted, {connected} where it was made");
            assert!(accepted <= MOST, "{scheme}: {accepted} octets for each that was accepted");
            assert!(connected <= MOST, "{scheme}: {connected} octets for each that was made");
        }
    });
}

/// How much a connection may still have more than before when a burst has gone through it, in octets.
const LEFT: usize = 64 * 1024;

#[test]
fn buffers_are_given_back_after_a_burst() {
    // Many, so that what lies in wait for all of them, which is some MiB, is little for each.
    const SUBSCRIBERS: u32 = 250;
    // Few, so that the memory of the queues that they wait in, which is kept, is little beside the buffers; and
    // short enough to be copied into them.
    const MESSAGES: u32 = 100;
    const SIZE: usize = 3000;
    run(async {
        // What is freed goes back to the system at once, so that what is left is in use.
        const FRANK: &str = "export MALLOC_MMAP_THRESHOLD_=16384 MALLOC_TRIM_THRESHOLD_=16384";
        let (near, far) = (Peer::ours_after(FRANK).await, Peer::ours_after(FRANK).await);
        let publisher = near.socket(SocketType::Xpub, json!({ "sndhwm": 0, "xpubVerbose": true })).await;
        let endpoint = publisher.bind("tcp://127.0.0.1:*").await;
        // Not a SUB, which connects to an endpoint only once.
        let sub = far.socket(SocketType::Xsub, json!({ "rcvhwm": 0 })).await;
        sub.subscribe("").await;
        for _ in 0..SUBSCRIBERS {
            sub.connect(&endpoint).await;
        }
        assert_eq!(publisher.drain(SUBSCRIBERS).await["count"], SUBSCRIBERS);
        let before = [resident(near.id().await), resident(far.id().await)];
        let (tally, ()) = tokio::join!(sub.drain(SUBSCRIBERS * MESSAGES), publisher.flood(MESSAGES, SIZE));
        assert_eq!(tally["octets"], SUBSCRIBERS as usize * MESSAGES as usize * SIZE);
        for (process, before) in [near, far].iter().zip(before) {
            let left = resident(process.id().await).saturating_sub(before) / SUBSCRIBERS as usize;
            println!("{left} octets more for each connection");
            assert!(left < LEFT, "{left} octets more for each connection");
        }
    });
}

#[test]
fn memory_stays_as_it_is_while_messages_and_connections_come_and_go() {
    /// Rounds until all buffers, and the allocator, are as large as they get.
    const WARM_UP: usize = 5;
    const ROUNDS: usize = 20;
    /// Less than 10 octets for each message.
    const GROWTH: usize = 4 << 20;
    run(async {
        let (near, far) = (process().await, process().await);
        let pull = near.socket(SocketType::Pull, json!({})).await;
        let endpoints = [pull.bind("tcp://127.0.0.1:*").await, pull.bind("ws://127.0.0.1:*").await];
        let mut warm = Vec::new();
        for round in 0..ROUNDS {
            for (count, size) in [(30_000, 16), (500, 5_000), (20, 200_000)] {
                let push = far.socket(SocketType::Push, json!({})).await;
                push.connect(&endpoints[round % 2]).await;
                let (tally, ()) = tokio::join!(pull.drain(count), push.flood(count, size));
                assert_eq!((&tally["count"], &tally["gaps"]), (&count.into(), &0.into()));
                push.close().await;
            }
            let now = [resident(near.id().await), resident(far.id().await)];
            println!("round {round}: {now:?}");
            if round == WARM_UP {
                warm.extend(now);
            }
            for (now, warm) in now.iter().zip(&warm) {
                assert!(*now < warm + GROWTH, "{now} octets, and {warm} after the first rounds");
            }
        }
    });
}
