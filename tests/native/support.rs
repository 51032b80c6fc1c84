//! What every test needs: a runtime with a limit, sockets that are joined, and events to wait for.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;
use std::time::Duration;

use crate::events;
use bytes::Bytes;
use tokio::runtime::Builder;
use tokio::task::LocalSet;
use tokio::time::timeout;
use zmq_wasm::native::engine::{Event, EventKind};
use zmq_wasm::native::{Body, Context, Message, Monitor, Socket, SocketOption, SocketType};

/// No test takes longer unless something hangs.
const LIMIT: Duration = Duration::from_secs(120);

/// Runs a test on a thread's runtime.
pub(crate) fn run(test: impl Future<Output = ()>) {
    events::listen();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let outcome = runtime.block_on(LocalSet::new().run_until(async { timeout(LIMIT, test).await }));
    outcome.expect("the test was still waiting for something when its time was up");
}

/// Where to bind, by scheme.
pub(crate) fn anywhere(scheme: &str) -> String {
    match scheme {
        "inproc" => "inproc://here".to_owned(),
        "ipc" => format!("ipc://{}", unused_path()),
        _ => format!("{scheme}://127.0.0.1:*"),
    }
}

pub(crate) const SCHEMES: [&str; 5] = ["tcp", "ipc", "ws", "wss", "inproc"];

/// A path for temporary use that nothing else has.
pub(crate) fn unused_path() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("zmq-wasm-test-{}-{number}", std::process::id());
    std::env::temp_dir().join(name).into_os_string().into_string().unwrap()
}

/// A certificate that is its own issuer, and its key, in PEM.
pub(crate) struct Identity {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Identity {
    pub(crate) fn new(names: &[&str]) -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let all: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = rcgen::CertificateParams::new(all).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, names[0]);
        Self { certificate: params.self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
    }
}

/// This machine's.
pub(crate) static IDENTITY: LazyLock<Identity> = LazyLock::new(|| Identity::new(&["localhost", "127.0.0.1"]));

/// A socket that can be bound to `wss://` and connected to another such.
pub(crate) fn socket(context: &Context, socket_type: SocketType) -> Socket {
    let socket = context.socket(socket_type).unwrap();
    equip(&socket);
    socket
}

fn equip(socket: &Socket) {
    socket.set_string(SocketOption::WssCertPem, &IDENTITY.certificate).unwrap();
    socket.set_string(SocketOption::WssKeyPem, &IDENTITY.key).unwrap();
    socket.set_string(SocketOption::WssTrustPem, &IDENTITY.certificate).unwrap();
}

/// Two sockets of a context, the first bound and the second connected to it, their handshake done.
pub(crate) async fn joined(
    context: &Context,
    scheme: &str,
    types: (SocketType, SocketType),
) -> (Socket, Socket) {
    let (bound, connected) = (socket(context, types.0), socket(context, types.1));
    join(scheme, &bound, &connected).await;
    (bound, connected)
}

/// Binds one, connects the other, and waits until both have shaken hands.
pub(crate) async fn join(scheme: &str, bound: &Socket, connected: &Socket) -> String {
    if scheme == "wss" {
        [bound, connected].into_iter().for_each(equip);
    }
    let (mut here, mut there) = (bound.monitor(), connected.monitor());
    let endpoint = bound.bind(&anywhere(scheme)).await.unwrap();
    connected.connect(&endpoint).unwrap();
    wait_for(&mut here, EventKind::HandshakeSucceeded).await;
    wait_for(&mut there, EventKind::HandshakeSucceeded).await;
    endpoint
}

/// The next event of this kind.
pub(crate) async fn wait_for(monitor: &mut Monitor, kind: EventKind) -> Event {
    loop {
        let event =
            monitor.recv().await.unwrap_or_else(|| panic!("closed while waiting for {}", kind.name()));
        if event.kind == kind {
            return event;
        }
    }
}

/// A message of these parts.
pub(crate) fn message(parts: &[&[u8]]) -> Message {
    parts.iter().map(|part| Body::copy_from_slice(part)).collect()
}

/// Octets that differ from place to place.
pub(crate) fn octets(length: usize) -> Bytes {
    (0..length).map(|at| (at % 251) as u8).collect()
}

/// What every pair of sockets must carry: empty parts in all places, and lengths at the edges of framing.
pub(crate) fn messages() -> Vec<Message> {
    let mut all = vec![
        message(&[b"a", b"", b"b"]),
        message(&[b"first", b"second", b""]),
        message(&[b"x", b"", b"", b"y", b""]),
    ];
    all.extend([1, 255, 256, 65_535, 65_536, 1 << 20].map(|length| Message::from(octets(length))));
    all.push(Message::from([octets(70_000), Bytes::new(), octets(300)]));
    all.push(Message::from(Bytes::new()));
    all
}

/// Polls a future once and drops it if it is not ready.
pub(crate) async fn once<T>(future: impl Future<Output = T>) -> Option<T> {
    cut(0, future).await
}

/// Polls a future until it has waited more than so many times, and then drops it.
pub(crate) async fn cut<T>(waits: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = waits;
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

/// Makes a future again and again until one of them is not dropped too early.
pub(crate) async fn until_done<T>(mut make: impl AsyncFnMut() -> T) -> T {
    // Never polled.
    drop(make());
    for waits in [0, 1, 2, 3, 0, usize::MAX] {
        if let Some(output) = cut(waits, make()).await {
            return output;
        }
    }
    unreachable!("the last one has all the time there is")
}
