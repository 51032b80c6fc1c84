//! Processes that are killed, stopped and woken, ours among them.

use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::process::Command;
use tokio::time::sleep;
use zmq_wasm::native::engine::{EventKind, EventValue};
use zmq_wasm::native::{Context, Error, Socket, SocketOption, SocketType};

use crate::account::{Account, body, flood, number, record, size};
use crate::peer::{Handle, Library, Peer};
use crate::scenes::hardy;

/// Nobody but who is meant to is late, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(1);

fn patient(context: &Context, kind: SocketType) -> Socket {
    let socket = hardy(context, kind);
    socket.set(SocketOption::HeartbeatTimeout, PATIENCE.as_millis() as i64).unwrap();
    socket
}

async fn socket(peer: &Rc<Peer>, kind: SocketType) -> Handle {
    peer.socket(kind, json!({ "linger": 0, "reconnectIvl": 1 })).await
}

/// A REQ of ours asks a REP whose process is killed with a request in its hands, and started again. Gives how often it asked anew.
pub(crate) async fn killed_repliers(library: Library, scheme: &str, requests: u32, kills: u32) -> u32 {
    let context = Context::new();
    let req = patient(&context, SocketType::Req);
    let mut peer = Peer::start(library).await.unwrap();
    let mut rep = socket(&peer, SocketType::Rep).await;
    let endpoint = rep.bind(&format!("{scheme}://127.0.0.1:*")).await;
    req.connect(&endpoint).unwrap();
    let mut again = 0;
    for asked in 0..requests {
        let is_fatal = asked % (requests / kills) == requests / kills / 2;
        if !is_fatal {
            req.send(body(asked)).await.unwrap();
            let request = rep.recv().await;
            rep.send(&request).await;
            assert_eq!(req.recv().await.unwrap(), request);
            continue;
        }
        req.send(body(asked)).await.unwrap();
        assert_eq!(number(&rep.recv().await.parts()[0]), Some(asked));
        peer.kill().await;
        assert_eq!(req.recv().await, Err(Error::ReplyLost), "nobody can have answered");
        again += 1;
        req.send(body(asked)).await.unwrap();
        peer = Peer::start(library).await.unwrap();
        rep = socket(&peer, SocketType::Rep).await;
        rep.bind(&endpoint).await;
        let request = rep.recv().await;
        rep.send(&request).await;
        assert_eq!(req.recv().await.unwrap(), request);
    }
    again
}

/// PUSHes to a PULL of ours, each killed in the middle of what it sends. What came of it has no hole, and the next is served. Gives
/// how many came.
pub(crate) async fn killed_pushers(library: Library, scheme: &str, each: u32, kills: u32) -> u32 {
    let context = Context::new();
    let pull = patient(&context, SocketType::Pull);
    let endpoint = pull.bind(&format!("{scheme}://127.0.0.1:*")).await.unwrap();
    let (mut expected, mut came) = (0, 0);
    for life in 0..=kills {
        let first = life * each;
        let peer = Peer::start(library).await.unwrap();
        let push = socket(&peer, SocketType::Push).await;
        push.connect(&endpoint).await;
        let sending = async {
            flood(&push, first, each).await;
            std::future::pending().await
        };
        let receiving = async {
            while expected < first + each / 2 {
                let received = pull.recv().await.unwrap().parts()[0].clone();
                let number = u32::from_be_bytes(received[..4].try_into().unwrap());
                assert!(
                    received.len() == size(first) && received[4..].iter().all(|octet| *octet == number as u8)
                );
                assert!(
                    number == expected || (number == first && expected < first),
                    "{number} after {expected}"
                );
                expected = number + 1;
                came += 1;
            }
        };
        tokio::select! {
            () = sending => {}
            () = receiving => {}
        }
        peer.kill().await;
    }
    came
}

async fn signal(process: u32, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), process.to_string()]).status().await;
    assert!(sent.unwrap().success());
}

/// A PULL that is stopped for longer than its heartbeats may be late, and woken. Gives what came of what was sent to it since.
pub(crate) async fn stopped_peer(library: Library, scheme: &str, messages: u32) -> Account {
    let context = Context::new();
    let push = patient(&context, SocketType::Push);
    let peer = Peer::start(library).await.unwrap();
    let pull = socket(&peer, SocketType::Pull).await;
    push.connect(&pull.bind(&format!("{scheme}://127.0.0.1:*")).await).unwrap();
    push.send(body(0)).await.unwrap();
    pull.recv().await;
    let mut monitor = push.monitor();
    signal(peer.id().await, "STOP").await;
    loop {
        let event = monitor.recv().await.unwrap();
        if event.kind == EventKind::Disconnected {
            assert!(matches!(event.value, EventValue::Text(text) if text.contains("heartbeat")));
            break;
        }
    }
    for number in 0..messages {
        push.send(body(number)).await.unwrap();
    }
    push.send(body(messages)).await.unwrap();
    signal(peer.id().await, "CONT").await;
    record(&pull, messages).await.0
}

/// This process is stopped for longer than a peer may be silent, as by a lid that is closed, and woken. Its peers live, and
/// no connection is given up. Gives for how long its clock stood still.
pub(crate) async fn stopped_ourselves(libraries: [(&str, Library); 2]) -> Duration {
    let context = Context::new();
    let mut peers = Vec::new();
    for (scheme, library) in libraries {
        let dealer = patient(&context, SocketType::Dealer);
        let peer = Peer::start(library).await.unwrap();
        let router = socket(&peer, SocketType::Router).await;
        dealer.connect(&router.bind(&format!("{scheme}://127.0.0.1:*")).await).unwrap();
        router.echo().await;
        dealer.send("before").await.unwrap();
        assert_eq!(dealer.recv_string().await.unwrap(), "before");
        peers.push((dealer.monitor(), dealer, peer));
    }
    let me = std::process::id();
    let script = format!("kill -STOP {me}; sleep 2; kill -CONT {me}");
    // It may be stopped before it has the child.
    let mut last = Instant::now();
    let mut nap = Command::new("sh").args(["-c", &script]).spawn().unwrap();
    let jump = loop {
        sleep(Duration::from_millis(10)).await;
        if last.elapsed() > Duration::from_secs(1) {
            break last.elapsed();
        }
        last = Instant::now();
    };
    nap.wait().await.unwrap();
    // For longer than a peer may take to answer.
    for _ in 0..25 {
        for (_, dealer, _) in &peers {
            dealer.send("after").await.unwrap();
            assert_eq!(dealer.recv_string().await.unwrap(), "after");
        }
        sleep(Duration::from_millis(50)).await;
    }
    for (monitor, _, _) in &mut peers {
        while let Some(event) = monitor.try_recv() {
            assert_ne!(event.kind, EventKind::Disconnected, "{:?}", event.value);
        }
    }
    jump
}
