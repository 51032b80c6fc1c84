//! PLAIN and CURVE, judged by libzmq in both roles, and between sockets of ours.

use std::time::Duration;

use serde_json::{Value, json};
use zmq_wasm::native::engine::{EventKind, Verdict};
use zmq_wasm::native::{Applicant, Context, Message, Socket, SocketOption, SocketType, curve_keypair};
use zmq_wasm::{Credentials, curve_public};

use crate::peer::{Handle, Library, Peer};
use crate::scene::{End, converse};
use crate::support::{SCHEMES, join, octets, run, socket, wait_for};

const PAIRS: [(SocketType, SocketType); 6] = [
    (SocketType::Req, SocketType::Rep),
    (SocketType::Dealer, SocketType::Router),
    (SocketType::Pull, SocketType::Push),
    (SocketType::Xpub, SocketType::Sub),
    (SocketType::Sub, SocketType::Pub),
    (SocketType::Pair, SocketType::Pair),
];

/// One side's options, for sockets of ours and for libzmq's.
struct Side(Vec<(SocketOption, &'static str, Value)>);

impl Side {
    fn apply(&self, socket: &Socket) {
        for (option, _, value) in &self.0 {
            match value {
                Value::Bool(on) => socket.set(*option, *on).unwrap(),
                value => socket.set_string(*option, value.as_str().unwrap()).unwrap(),
            }
        }
    }

    fn json(&self) -> Value {
        let mut options = json!({ "linger": 0 });
        for (_, name, value) in &self.0 {
            options[name] = value.clone();
        }
        options
    }
}

fn plain() -> [Side; 2] {
    let server = vec![(SocketOption::PlainServer, "plainServer", true.into())];
    let client = vec![
        (SocketOption::PlainUsername, "plainUsername", "admin".into()),
        (SocketOption::PlainPassword, "plainPassword", "secret".into()),
    ];
    [Side(server), Side(client)]
}

fn curve() -> [Side; 2] {
    let ((server_public, server_secret), (public, secret)) = (curve_keypair(), curve_keypair());
    let server = vec![
        (SocketOption::CurveServer, "curveServer", true.into()),
        (SocketOption::CurveSecretKey, "curveSecretkey", server_secret.into()),
    ];
    let client = vec![
        (SocketOption::CurveServerKey, "curveServerkey", server_public.into()),
        (SocketOption::CurvePublicKey, "curvePublickey", public.into()),
        (SocketOption::CurveSecretKey, "curveSecretkey", secret.into()),
    ];
    [Side(server), Side(client)]
}

async fn judge(applicant: Applicant) -> Verdict {
    match applicant.credentials {
        Credentials::Plain { username, password } if username != b"admin" || password != b"secret" => {
            Verdict::Deny
        }
        _ => Verdict::allow("somebody"),
    }
}

/// libzmq's PLAIN and CURVE over a transport: either of us the server, either of us bound.
async fn with_libzmq(library: Library, anywhere: &str, sides: fn() -> [Side; 2]) {
    let Some(peer) = Peer::start(library).await else { return };
    peer.authenticate(json!({ "admin": "secret" })).await;
    for (ours, theirs) in PAIRS {
        for (we_serve, we_bind) in [(true, true), (true, false), (false, true), (false, false)] {
            println!("{} and {}, we serve: {we_serve}, we bind: {we_bind}", ours.name(), theirs.name());
            let [server, client] = sides();
            let (mine, its) = if we_serve { (server, client) } else { (client, server) };
            let context = Context::new();
            context.authenticate(judge);
            let socket = context.socket(ours).unwrap();
            mine.apply(&socket);
            let handle = peer.socket(theirs, its.json()).await;
            let mut monitor = socket.monitor();
            if we_bind {
                handle.connect(&socket.bind(anywhere).await.unwrap()).await;
            } else {
                socket.connect(&handle.bind(anywhere).await).unwrap();
            }
            let event = wait_for(&mut monitor, EventKind::HandshakeSucceeded).await;
            let properties = event.peer.unwrap().properties;
            assert_eq!(properties.find("Socket-Type"), Some(theirs.name().as_bytes()));
            assert_eq!(properties.find("User-Id").is_some(), we_serve);
            converse(&End::Ours(socket.clone()), &End::Theirs(handle.clone(), theirs)).await;
            handle.close().await;
            context.destroy(Some(Duration::ZERO)).await;
        }
    }
}

#[test]
fn plain_with_pyzmq_over_tcp() {
    run(with_libzmq(Library::Python, "tcp://127.0.0.1:*", plain));
}

#[test]
fn curve_with_pyzmq_over_tcp() {
    run(with_libzmq(Library::Python, "tcp://127.0.0.1:*", curve));
}

#[test]
fn curve_with_pyzmq_over_ipc() {
    run(with_libzmq(Library::Python, "ipc://*", curve));
}

#[test]
fn plain_with_npm_zeromq_over_ws() {
    run(with_libzmq(Library::Node, "ws://127.0.0.1:*", plain));
}

#[test]
fn curve_with_npm_zeromq_over_ws() {
    run(with_libzmq(Library::Node, "ws://127.0.0.1:*", curve));
}

#[test]
fn every_transport_carries_both_between_sockets_of_ours() {
    run(async {
        for scheme in SCHEMES {
            for sides in [plain, curve] {
                let [server, client] = sides();
                let context = Context::new();
                context.authenticate(judge);
                let (pull, push) = (socket(&context, SocketType::Pull), socket(&context, SocketType::Push));
                server.apply(&pull);
                client.apply(&push);
                join(scheme, &pull, &push).await;
                for length in [0, 1, 23, 24, 4095, 4096, 70_000, 1 << 20] {
                    let message = Message::from([octets(3), octets(length)]);
                    push.send(message.clone()).await.unwrap();
                    assert_eq!(pull.recv().await.unwrap(), message, "{scheme}, {length}");
                }
            }
        }
    });
}

/// What libzmq does with who is wrong, and we with a libzmq that is.
async fn refusals(library: Library, anywhere: &str) {
    let Some(peer) = Peer::start(library).await else { return };
    peer.authenticate(json!({ "admin": "another" })).await;
    let context = Context::new();
    context.authenticate(async |_| Verdict::Deny);
    let client = |[_, client]: [Side; 2]| client;
    let server = |[server, _]: [Side; 2]| server;
    for (mine, its, kind, code) in [
        (client(plain()), server(plain()), EventKind::HandshakeFailedAuth, 400),
        (server(plain()), client(plain()), EventKind::HandshakeFailedAuth, 400),
        (server(curve()), client(curve()), EventKind::HandshakeFailedProtocol, 0x1100_0001),
    ] {
        println!("{} {code}", kind.name());
        let socket = context.socket(SocketType::Push).unwrap();
        mine.apply(&socket);
        let mut monitor = socket.monitor();
        let handle: Handle = peer.socket(SocketType::Pull, its.json()).await;
        handle.connect(&socket.bind(anywhere).await.unwrap()).await;
        assert_eq!(wait_for(&mut monitor, kind).await.code, code);
        handle.close().await;
        socket.close();
    }
}

#[test]
fn wrong_passwords_and_keys_with_pyzmq() {
    run(refusals(Library::Python, "tcp://127.0.0.1:*"));
}

#[test]
fn wrong_passwords_and_keys_with_npm_zeromq() {
    run(refusals(Library::Node, "ws://127.0.0.1:*"));
}

/// Nothing less is offered over WebSocket than what the socket asks for.
#[test]
fn a_websocket_without_the_mechanism_is_refused() {
    run(async {
        let context = Context::new();
        let [server, client] = curve();
        let (pull, push) =
            (context.socket(SocketType::Pull).unwrap(), context.socket(SocketType::Push).unwrap());
        server.apply(&pull);
        let mut monitor = pull.monitor();
        push.connect(&pull.bind("ws://127.0.0.1:*").await.unwrap()).unwrap();
        let told = format!("{:?}", wait_for(&mut monitor, EventKind::AcceptFailed).await.value);
        assert!(told.contains("none is wanted: ZWS2.0/CURVE"), "{told}");

        let (pull, push) =
            (context.socket(SocketType::Pull).unwrap(), context.socket(SocketType::Push).unwrap());
        client.apply(&push);
        let mut monitor = pull.monitor();
        push.connect(&pull.bind("ws://127.0.0.1:*").await.unwrap()).unwrap();
        let told = format!("{:?}", wait_for(&mut monitor, EventKind::AcceptFailed).await.value);
        assert!(told.contains("offered (ZWS2.0/CURVE)"), "{told}");
    });
}

#[test]
fn keys_are_pairs_and_no_two_are_the_same() {
    let (one, other) = (curve_keypair(), curve_keypair());
    assert_ne!(one, other);
    assert_eq!(curve_public(&one.1).unwrap(), one.0);
    for wrong in ["", "short", &one.0[..35], &format!("{}#####", &one.0[..35])] {
        assert_eq!(zmq_wasm::Error::from(curve_public(wrong).unwrap_err()).code(), "EINVAL", "{wrong}");
    }
}
