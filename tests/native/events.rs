//! `tracing` events, as a subscriber sees them.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex, Once};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use zmq_wasm::native::engine::EventKind;
use zmq_wasm::native::{Context, SocketOption, SocketType};

use crate::support::{run, wait_for};

/// Keeps a line for each event of ours.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "zmq_wasm"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

/// Has somebody listen from before the first event on. What tracing keeps of an event's place while nobody
/// does, and another thread begins to at the same moment, may be that nobody ever will.
pub(crate) fn listen() {
    static LISTENER: Once = Once::new();
    LISTENER.call_once(|| tracing::subscriber::set_global_default(Lines::default()).unwrap());
}

impl Lines {
    /// The one line that begins so and has this socket type; without it in `self` there was none, or more.
    fn one(&self, level: Level, message: &str, socket: &str) -> String {
        let lines = self.0.lock().unwrap();
        let wanted = |line: &&String| {
            line.starts_with(level.as_str())
                && line.contains(&format!("message={message} "))
                && line.contains(&format!("socket=\"{socket}\""))
        };
        let found: Vec<_> = lines.iter().filter(wanted).collect();
        assert_eq!(found.len(), 1, "{level} {message} {socket}: {lines:#?}");
        found[0].clone()
    }
}

#[test]
fn the_life_of_connections_is_told_with_endpoints_peers_and_reasons() {
    run(async {
        let lines = Lines::default();
        let _subscribed = tracing::subscriber::set_default(lines.clone());
        let context = Context::new();
        let pull = context.socket(SocketType::Pull).unwrap();
        let push = context.socket(SocketType::Push).unwrap();
        push.set(SocketOption::ReconnectIvl, 1).unwrap();
        let (mut here, mut there) = (pull.monitor(), push.monitor());
        let endpoint = pull.bind("tcp://127.0.0.1:*").await.unwrap();
        push.connect(&endpoint).unwrap();
        wait_for(&mut here, EventKind::HandshakeSucceeded).await;
        let known = wait_for(&mut there, EventKind::HandshakeSucceeded).await.peer.unwrap();

        let names_it = |line: &str| assert!(line.contains(&format!("endpoint=\"{endpoint}\"")), "{line}");
        names_it(&lines.one(Level::INFO, "listening", "PULL"));
        names_it(&lines.one(Level::DEBUG, "connecting", "PUSH"));
        for (level, message) in [(Level::DEBUG, "connected"), (Level::INFO, "handshake done")] {
            let line = lines.one(level, message, "PUSH");
            names_it(&line);
            assert!(line.contains(&format!("peer=\"{}\"", known.address)), "{line}");
        }
        assert!(lines.one(Level::DEBUG, "accepted", "PULL").contains("peer=\"127.0.0.1:"));

        let taken = context.socket(SocketType::Rep).unwrap();
        let error = taken.bind(&endpoint).await.unwrap_err();
        assert_eq!(error.code(), "EADDRINUSE");
        let line = lines.one(Level::WARN, "could not bind", "REP");
        assert!(line.contains("in use"), "{line}");

        // Nothing is told of messages.
        let before = lines.0.lock().unwrap().len();
        push.send("x").await.unwrap();
        pull.recv().await.unwrap();
        assert_eq!(lines.0.lock().unwrap().len(), before);

        let wrong = context.socket(SocketType::Sub).unwrap();
        wrong.connect(&endpoint).unwrap();
        wait_for(&mut here, EventKind::HandshakeFailedProtocol).await;
        let line = lines.one(Level::WARN, "handshake failed", "PULL");
        assert!(line.contains("peer=\"127.0.0.1:") && line.contains("reason="), "{line}");
        wrong.close();

        let web = pull.bind("ws://127.0.0.1:*").await.unwrap();
        let mut stranger =
            TcpStream::connect(web.trim_start_matches("ws://").trim_end_matches('/')).await.unwrap();
        stranger.write_all(b"no HTTP\r\n\r\n").await.unwrap();
        wait_for(&mut here, EventKind::AcceptFailed).await;
        let line = lines.one(Level::WARN, "could not let a peer in", "PULL");
        assert!(line.contains(&web) && line.contains("reason="), "{line}");

        pull.close();
        wait_for(&mut there, EventKind::ConnectRetried).await;
        let line = lines.one(Level::INFO, "disconnected", "PUSH");
        names_it(&line);
        assert!(line.contains("reason=") && line.contains(&known.address), "{line}");
        assert!(
            lines.0.lock().unwrap().iter().any(|line| line.contains("again") && line.contains("pause_ms=1"))
        );
    });
}
