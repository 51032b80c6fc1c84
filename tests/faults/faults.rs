//! Faults for real: sockets of ours and libzmq's, with a proxy between them that cuts, resets, closes by halves, stalls, delays,
//! splits and corrupts; peers that are killed and stopped; and a clock that jumps. It says what was thrown at them and what was
//! lost, and fails when that is more than the guarantees of the README let be.
//!
//! `faults MESSAGES CUTS SEED`: so many in all. `make faults` has a million and a thousand, the tests a few.
#![allow(clippy::unwrap_used, missing_docs)]

mod account;
#[path = "../native/peer.rs"]
#[allow(dead_code, reason = "the tests of the native shell ask peers for more")]
mod peer;
#[path = "../native/proc.rs"]
#[allow(dead_code, reason = "as above")]
mod proc;
mod processes;
mod proxy;
mod scenes;

use std::fmt::Display;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use tokio::task::LocalSet;
use tokio::time::timeout;
use zmq_wasm::native::SocketType;

use crate::account::LOT;
use crate::peer::{Library, Peer};
use crate::proxy::{Fate, Strike};
use crate::scenes::{Outcome, Scene, WEATHER, distance};

/// Ours, libzmq's, and how many thousandths of the messages are theirs; a peer that is told by a line what to do next is slow.
const PAIRS: [((SocketType, SocketType), u32); 8] = {
    use SocketType::*;
    [
        ((Push, Pull), 90),
        ((Pull, Push), 90),
        ((Pub, Sub), 90),
        ((Sub, Pub), 90),
        ((Dealer, Router), 60),
        ((Router, Dealer), 60),
        ((Req, Rep), 18),
        ((Rep, Req), 2),
    ]
};

/// What a connection of libzmq's, of ours and of the system's may have in its buffers when a RST makes them void, where the proxy
/// can't see it: as much as it does see on this machine, many times over.
const UNSEEN: u64 = 32 << 10;

/// Memory that a process may have kept at the end beyond what it had after its first scene.
const GROWTH: usize = 32 << 20;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u32>().expect("it is a number"));
    let mut next = |default| arguments.next().unwrap_or(default);
    let (messages, cuts, seed) = (next(1_000_000), next(1_000), next(1));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(LocalSet::new().run_until(async {
        println!("A run of {messages} messages and {cuts} cuts, seed {seed}.\n");
        let Some(storm) = Storm::new(messages, cuts, seed.into()).await else { return };
        storm.weather().await;
        storm.corruption().await;
        storm.processes().await;
    }));
}

/// Nothing takes longer unless something hangs.
async fn within<T>(name: impl Display, work: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(180), work).await.unwrap_or_else(|_| panic!("{name}: it hangs"))
}

struct Storm {
    peers: [(&'static str, Rc<Peer>); 2],
    messages: u32,
    cuts: u32,
    seed: u64,
}

impl Storm {
    /// `None` where there are no peers.
    async fn new(messages: u32, cuts: u32, seed: u64) -> Option<Self> {
        let peers = [("tcp", Peer::start(Library::Python).await?), ("ws", Peer::start(Library::Node).await?)];
        Some(Self { peers, messages, cuts, seed })
    }

    /// So many thousandths of the messages.
    fn share(&self, thousandths: u32) -> u32 {
        let share = u64::from(self.messages) * u64::from(thousandths) / 1000;
        (share as u32 / LOT * LOT).max(LOT)
    }

    async fn weather(&self) {
        use SocketType::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub};
        println!(
            "| ours, libzmq's | cut | reset | half-closed | stalled | delayed | split | sent | sent again | received | lost | lost, kB | swallowed, kB |"
        );
        println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        let (mut sent, mut ended, mut memory) = (0, 0, None);
        let mut seed = self.seed;
        for (pair @ (ours, theirs), share) in PAIRS {
            for (scheme, peer) in &self.peers {
                let name = format!("{}, {} by {scheme}", ours.name(), theirs.name());
                let messages = self.share(share);
                let ways = if matches!(ours, Push | Pull | Pub | Sub) { 1 } else { 2 };
                let distance = distance(messages, ways, self.cuts / (2 * PAIRS.len() as u32));
                let fate = Fate::new(seed, WEATHER, distance);
                seed += 1;
                let scene = Scene::new(pair, scheme, peer, false).await;
                let Outcome { tally, account, again, surplus } = within(&name, async {
                    match ours {
                        Dealer => scene.acknowledged(messages, fate).await,
                        Req => scene.requests(messages, fate).await,
                        Rep => scene.asked(messages, fate).await,
                        _ => scene.stream(messages, fate).await,
                    }
                })
                .await;
                let count = |strike| tally.count(strike);
                use Strike::{Cut, Delay, HalfClose, Octets, Reset, Stall};
                println!(
                    "| {name} | {} | {} | {} | {} | {} | {} | {messages} | {again} | {} | {} | {} | {} |",
                    count(Cut),
                    count(Reset),
                    count(HalfClose),
                    count(Stall),
                    count(Delay),
                    count(Octets),
                    account.received,
                    account.lost(),
                    account.lost_octets() / 1000,
                    tally.thrown / 1000
                );
                assert_eq!((account.torn, surplus), (0, 0), "{name}: torn");
                assert!(account.duplicates <= again, "{name}: {} came twice", account.duplicates);
                let known = matches!(ours, Pull | Router | Req | Rep);
                let most = if known { 1 } else { tally.connections };
                assert!(account.at_a_time() as u64 <= most, "{name}: out of order");
                if matches!(ours, Dealer | Req | Rep) {
                    assert_eq!(account.lost(), 0, "{name}: unanswered");
                } else if !matches!(ours, Pub | Sub) {
                    let under_way = tally.thrown + tally.connections * UNSEEN;
                    assert!(account.lost_octets() <= under_way, "{name}: more lost than was under way");
                }
                sent += messages;
                ended += tally.ended();
                memory.get_or_insert_with(|| proc::resident(std::process::id()));
            }
        }
        let (before, after) = (memory.unwrap(), proc::resident(std::process::id()));
        println!(
            "\n{sent} messages and {ended} connections ended; none torn, none twice that was sent once, none unanswered."
        );
        println!(
            "Memory of our process: {} kB after the first scene, {} kB after the last.\n",
            before / 1000,
            after / 1000
        );
        // In a short run chance has few to make up for.
        assert!(2 * ended >= self.cuts.into(), "fewer connections ended than were to be");
        assert!(after < before + GROWTH, "memory grows");
    }

    async fn corruption(&self) {
        use SocketType::{Pull, Push};
        println!(
            "| ours, libzmq's | bits turned over | connections | sent | received as sent | lost | changed |"
        );
        println!("|---|---:|---:|---:|---:|---:|---:|");
        let messages = self.share(20).max(20 * LOT);
        for (curve, pair) in [(false, (Pull, Push)), (true, (Pull, Push)), (true, (Push, Pull))] {
            for (scheme, peer) in &self.peers {
                let mechanism = if curve { "CURVE" } else { "NULL" };
                let name = format!("{}, {} by {scheme}, {mechanism}", pair.0.name(), pair.1.name());
                // Without CURVE nobody may ever see it, so that a cut has to end it.
                let strikes: &[Strike] = if curve { &[Strike::Flip] } else { &[Strike::Flip, Strike::Cut] };
                let fate = Fate::new(self.seed, strikes, distance(messages, 1, (self.cuts / 50).max(10)));
                let scene = Scene::new(pair, scheme, peer, curve).await;
                let Outcome { tally, account, surplus, .. } =
                    within(&name, scene.stream(messages, fate)).await;
                println!(
                    "| {name} | {} | {} | {messages} | {} | {} | {} |",
                    tally.count(Strike::Flip),
                    tally.connections,
                    account.received,
                    account.lost(),
                    account.torn
                );
                if curve {
                    assert_eq!((account.torn, account.duplicates, surplus), (0, 0, 0), "{name}");
                    // The last may still have been under way when the storm was over; the others were seen, and no connection
                    // has more than one.
                    assert!(tally.ended() <= 1 && tally.count(Strike::Flip) < tally.connections, "{name}");
                }
            }
        }
        println!();
    }

    async fn processes(&self) {
        let kills = (self.cuts / 100).clamp(1, 10);
        println!("| libzmq's process | sent | received | lost |");
        println!("|---|---:|---:|---:|");
        let libraries = [("tcp", Library::Python), ("ws", Library::Node)];
        for (scheme, library) in libraries {
            let name = format!("REP by {scheme}, killed {kills} times with a request");
            let requests = 20 * kills;
            let again = within(&name, processes::killed_repliers(library, scheme, requests, kills)).await;
            println!("| {name} | {requests} (and {again} again) | {requests} | 0 |");

            let name = format!("PUSH by {scheme}, killed {kills} times while it sends");
            let came = within(&name, processes::killed_pushers(library, scheme, 2_000, kills)).await;
            println!("| {name} | (not known) | {came} | none before the last that came |");

            let name = format!("PULL by {scheme}, stopped beyond HEARTBEAT_TIMEOUT and woken");
            let account = within(&name, processes::stopped_peer(library, scheme, 500)).await;
            println!("| {name} | 500 | {} | {} |", account.received, account.lost());
            assert_eq!((account.lost(), account.duplicates, account.torn), (0, 0, 0), "{name}");
        }
        let jump = within("our process", processes::stopped_ourselves(libraries)).await;
        println!(
            "| our own process, stopped and woken: its clock jumped by {} ms, no connection was given up | 52 | 52 | 0 |",
            jump.as_millis()
        );
    }
}
