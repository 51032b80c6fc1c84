//! A clock that jumps: on by hours, as when a machine sleeps, and back, as a clock that runs evenly never does.

use zmq_wasm::Instant;
use zmq_wasm::SocketOption::{HandshakeIvl, HeartbeatIvl, HeartbeatTtl, ReconnectIvl};
use zmq_wasm::SocketType::{Dealer, Router};

use crate::net::{Net, Sock, TRANSPORTS, ms, msg};

const HOURS: u64 = 10 * 3_600_000;

/// What the clock says next.
#[derive(Clone, Copy, Debug)]
enum Jump {
    On,
    Back,
    /// To the beginning of time.
    Zero,
}

fn jump(net: &mut Net, jump: Jump) {
    let back = match jump {
        Jump::On => return net.jump(ms(HOURS)),
        Jump::Back => HOURS * 1000,
        Jump::Zero => u64::MAX,
    };
    // What is under way arrives at its time by the same clock, and would be hours late.
    net.advance(ms(10));
    net.now = Instant::from_micros(net.now.as_micros().saturating_sub(back));
    net.run();
}

/// A message each way, as far as there is a connection.
fn converse(net: &mut Net, dealer: Sock, router: Sock, text: &str) {
    net.send(dealer, [text]);
    net.advance(ms(10));
    let request = net.recv_all(router);
    assert_eq!(request.len(), 1, "{text}");
    assert_eq!(request[0][1..], msg([text]));
    net.send(router, &request[0]);
    net.advance(ms(10));
    assert_eq!(net.recv_all(dealer), [msg([text])]);
}

/// Wherever it jumps: nothing panics, nothing is lost or comes twice, a connection that lives goes on, and one that was lost is made
/// again. Where the clock went back, what waited for a time waits for it until it comes; who dials meanwhile (a page that hears of
/// the network) need not wait.
#[test]
fn messages_flow_whatever_the_clock_says() {
    for endpoint in TRANSPORTS {
        for first in [Jump::On, Jump::Back, Jump::Zero] {
            for second in [Jump::On, Jump::Back, Jump::Zero] {
                println!("{endpoint} {first:?} {second:?}");
                let options = [
                    (ReconnectIvl, 100.into()),
                    (HeartbeatIvl, 1000.into()),
                    (HeartbeatTtl, 5000.into()),
                    (HandshakeIvl, 2000.into()),
                ];
                let mut net = Net::new();
                net.now = Instant::from_micros(2 * HOURS * 1000);
                let (router, dealer) = (net.open_with(Router, &options), net.open_with(Dealer, &options));
                // Before anybody is there, and within the handshake.
                net.connect(dealer, endpoint);
                jump(&mut net, first);
                net.bind(router, endpoint);
                net.redial(dealer);
                jump(&mut net, second);
                net.redial(dealer);
                net.advance(ms(500));
                converse(&mut net, dealer, router, "after the handshake");
                // With heartbeats under way.
                net.advance(ms(1000));
                jump(&mut net, first);
                converse(&mut net, dealer, router, "after a heartbeat");
                assert_eq!(net.connections(dealer), 1);
                jump(&mut net, second);
                net.advance(ms(500));
                converse(&mut net, dealer, router, "after two jumps");
                // In the pause before the next try, with a message that waits.
                net.cut(dealer, router);
                jump(&mut net, first);
                net.send(dealer, ["waits"]);
                jump(&mut net, second);
                net.redial(dealer);
                net.advance(ms(500));
                let waited = net.recv_all(router);
                assert_eq!(waited.len(), 1);
                assert_eq!(waited[0][1..], msg(["waits"]));
                converse(&mut net, dealer, router, "after the pause");
            }
        }
    }
}
