//! Who decides about peers: a handler by ZAP (RFC 27), and the Authenticator with its rules. Those who come are libzmq's.

use std::rc::Rc;
use std::time::Duration;
use std::{fs, io};

use serde_json::{Value, json};
use zmq_wasm::native::auth::{ANY_DOMAIN, Authenticator, CurveKeys, load_certificate};
use zmq_wasm::native::engine::{Event, EventKind};
use zmq_wasm::native::{Context, Message, Socket, SocketOption, SocketType, curve_keypair};

use crate::peer::{Library, Peer};
use crate::support::{message, run, socket, unused_path, wait_for};

const TCP: &str = "tcp://127.0.0.1:*";

/// A socket for who says a name and a password.
fn plain_server(context: &Context) -> Socket {
    let server = socket(context, SocketType::Pull);
    server.set(SocketOption::PlainServer, true).unwrap();
    server
}

fn password(name: &str, password: &str) -> Value {
    json!({ "linger": 0, "plainUsername": name, "plainPassword": password })
}

/// What the server's monitor has about a client of libzmq's, of which nothing is left afterwards.
async fn try_in(server: &Socket, peer: &Rc<Peer>, client: Value, expected: EventKind) -> Event {
    let mut monitor = server.monitor();
    let handle = peer.socket(SocketType::Push, client).await;
    handle.connect(&server.bind(TCP).await.unwrap()).await;
    let event = wait_for(&mut monitor, expected).await;
    if expected == EventKind::HandshakeSucceeded {
        handle.send(&message(&[b"hello"])).await;
        assert_eq!(server.recv().await.unwrap(), message(&[b"hello"]));
    }
    handle.close().await;
    event
}

fn user(event: Event) -> String {
    String::from_utf8(event.peer.unwrap().properties.find("User-Id").unwrap().to_vec()).unwrap()
}

/// Answers each request by the status and, for 200, a user and metadata; gives what it was asked.
async fn handle(handler: Socket, statuses: &[&'static str]) -> Vec<Message> {
    let mut asked = Vec::new();
    for status in statuses {
        let request = handler.recv().await.unwrap();
        let id = &request.parts()[1];
        handler
            .send(message(&[b"1.0", id, status.as_bytes(), b"", b"joe", b"\x06X-Team\0\0\0\x03red"]))
            .await
            .unwrap();
        asked.push(request);
    }
    asked
}

#[test]
fn a_handler_by_zap_is_asked_and_what_it_says_is_done() {
    run(async {
        let Some(peer) = Peer::start(Library::Python).await else { return };
        let context = Context::new();
        let handler = socket(&context, SocketType::Rep);
        handler.bind("inproc://zeromq.zap.01").await.unwrap();
        let server = plain_server(&context);
        server.set_string(SocketOption::ZapDomain, "global").unwrap();
        server.set_string(SocketOption::RoutingId, "the server").unwrap();
        let asked = tokio::task::spawn_local(handle(handler.clone(), &["200", "400", "500"]));

        let event = try_in(&server, &peer, password("admin", "secret"), EventKind::HandshakeSucceeded).await;
        let properties = event.peer.clone().unwrap().properties;
        assert_eq!(properties.find("X-Team"), Some(&b"red"[..]));
        assert_eq!(user(event), "joe");
        for code in [400, 500] {
            let event = try_in(&server, &peer, password("other", "x"), EventKind::HandshakeFailedAuth).await;
            assert_eq!(event.code, code);
        }
        let asked = asked.await.unwrap();
        let parts = ["1.0", "1", "global", "127.0.0.1", "the server", "PLAIN", "admin", "secret"];
        assert_eq!(asked[0].parts(), parts);
        assert_eq!(asked[1].parts()[6..], ["other", "x"]);

        // CURVE and NULL with a domain ask, too.
        let asked = tokio::task::spawn_local(handle(handler.clone(), &["200", "200"]));
        let ((server_key, server_secret), (key, secret)) = (curve_keypair(), curve_keypair());
        let curve = socket(&context, SocketType::Pull);
        curve.set(SocketOption::CurveServer, true).unwrap();
        curve.set_string(SocketOption::CurveSecretKey, &server_secret).unwrap();
        let client = json!({ "linger": 0, "curveServerkey": server_key, "curvePublickey": key, "curveSecretkey": secret });
        try_in(&curve, &peer, client, EventKind::HandshakeSucceeded).await;
        let null = socket(&context, SocketType::Pull);
        null.set_string(SocketOption::ZapDomain, "open").unwrap();
        try_in(&null, &peer, json!({ "linger": 0 }), EventKind::HandshakeSucceeded).await;
        let asked = asked.await.unwrap();
        assert_eq!(asked[0].parts()[5], "CURVE");
        assert_eq!(zmq_wasm::z85::encode(&asked[0].parts()[6]).unwrap(), key);
        assert_eq!(asked[1].parts()[2..], ["open", "127.0.0.1", "", "NULL"]);

        // One that says nothing of use has failed; one that is gone is not asked.
        let answer = async {
            handler.recv().await.unwrap();
            handler.send("what?").await.unwrap();
        };
        let tried = try_in(&server, &peer, password("admin", "secret"), EventKind::HandshakeFailedAuth);
        let (event, ()) = tokio::join!(tried, answer);
        assert_eq!(event.code, 500);
        handler.close();
        context.destroy(Some(Duration::ZERO)).await;
    });
}

#[test]
fn a_handler_that_does_not_answer_has_as_long_as_the_handshake() {
    run(async {
        let context = Context::new();
        let handler = socket(&context, SocketType::Rep);
        handler.bind("inproc://zeromq.zap.01").await.unwrap();
        let server = plain_server(&context);
        server.set(SocketOption::HandshakeIvl, 100).unwrap();
        let mut monitor = server.monitor();
        let client = socket(&context, SocketType::Push);
        client.set_string(SocketOption::PlainUsername, "admin").unwrap();
        client.connect(&server.bind(TCP).await.unwrap()).unwrap();
        wait_for(&mut monitor, EventKind::HandshakeFailedNoDetail).await;
        context.destroy(Some(Duration::ZERO)).await;
    });
}

#[test]
fn the_authenticator_knows_addresses_names_and_passwords() {
    run(async {
        let Some(peer) = Peer::start(Library::Python).await else { return };
        let (context, authenticator) = (Context::new(), Authenticator::new());
        authenticator.start(&context);
        let (server, staff) = (plain_server(&context), plain_server(&context));
        staff.set_string(SocketOption::ZapDomain, "staff").unwrap();
        let (yes, no) = (EventKind::HandshakeSucceeded, EventKind::HandshakeFailedAuth);

        // Nothing is configured.
        assert_eq!(try_in(&server, &peer, password("admin", "secret"), no).await.code, 400);
        authenticator.configure_plain(ANY_DOMAIN, [("admin", "secret")]);
        authenticator.configure_plain("staff", [("joe", "password")]);
        assert_eq!(user(try_in(&server, &peer, password("admin", "secret"), yes).await), "admin");
        assert_eq!(user(try_in(&staff, &peer, password("joe", "password"), yes).await), "joe");
        for (socket, name, word) in [
            (&server, "admin", "Secret"),
            (&server, "nobody", "secret"),
            (&server, "joe", "password"),
            (&staff, "admin", "secret"),
        ] {
            assert_eq!(try_in(socket, &peer, password(name, word), no).await.code, 400, "{name} {word}");
        }
        authenticator.deny("10.0.0.1");
        try_in(&server, &peer, password("admin", "secret"), yes).await;
        authenticator.deny("127.0.0.1");
        try_in(&server, &peer, password("admin", "secret"), no).await;
        authenticator.allow("127.0.0.1");
        try_in(&server, &peer, password("admin", "secret"), yes).await;
        let other = Authenticator::new();
        other.start(&context);
        other.allow("192.0.2.1");
        let null = socket(&context, SocketType::Pull);
        null.set_string(SocketOption::ZapDomain, "open").unwrap();
        try_in(&null, &peer, json!({ "linger": 0 }), no).await;
        other.allow("127.0.0.1");
        assert_eq!(user(try_in(&null, &peer, json!({ "linger": 0 }), yes).await), "anonymous");
        context.destroy(Some(Duration::ZERO)).await;
    });
}

#[test]
fn the_authenticator_knows_the_keys_of_pyzmqs_certificates_and_asks_about_others() {
    run(async {
        let Some(peer) = Peer::start(Library::Python).await else { return };
        let directory = std::path::PathBuf::from(unused_path());
        fs::create_dir(&directory).unwrap();
        let [server_key, server_secret] = peer.certificate(&directory, "server").await;
        let read = load_certificate(directory.join("server.key_secret")).unwrap();
        assert_eq!(read, (server_key.clone(), Some(server_secret.clone())));
        assert_eq!(load_certificate(directory.join("server.key")).unwrap(), (server_key.clone(), None));
        let [key, secret] = peer.certificate(&directory, "client").await;
        let client = |(key, secret): (&str, &str)| json!({ "linger": 0, "curveServerkey": server_key, "curvePublickey": key, "curveSecretkey": secret });
        let (stranger, strangers_secret) = curve_keypair();

        let (context, authenticator) = (Context::new(), Authenticator::new());
        authenticator.start(&context);
        let server = socket(&context, SocketType::Pull);
        server.set(SocketOption::CurveServer, true).unwrap();
        server.set_string(SocketOption::CurveSecretKey, &server_secret).unwrap();
        let (yes, no) = (EventKind::HandshakeSucceeded, EventKind::HandshakeFailedAuth);

        try_in(&server, &peer, client((&key, &secret)), no).await;
        authenticator.configure_curve(ANY_DOMAIN, CurveKeys::in_directory(&directory).unwrap());
        assert_eq!(user(try_in(&server, &peer, client((&key, &secret)), yes).await), key);
        try_in(&server, &peer, client((&stranger, &strangers_secret)), no).await;
        let good = stranger.clone();
        let keys = CurveKeys::asking(async move |domain, key| {
            tokio::task::yield_now().await;
            domain.is_empty() && key == good
        });
        authenticator.configure_curve(ANY_DOMAIN, keys);
        try_in(&server, &peer, client((&key, &secret)), no).await;
        try_in(&server, &peer, client((&stranger, &strangers_secret)), yes).await;
        authenticator.configure_curve(ANY_DOMAIN, CurveKeys::any());
        try_in(&server, &peer, client((&key, &secret)), yes).await;

        fs::write(directory.join("broken.key"), "curve\n").unwrap();
        let error = CurveKeys::in_directory(&directory).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert!(error.to_string().contains("broken.key"), "{error}");
        fs::remove_dir_all(&directory).unwrap();
        assert_eq!(CurveKeys::in_directory(&directory).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(CurveKeys::these(["short"]).is_err());
        context.destroy(Some(Duration::ZERO)).await;
    });
}
