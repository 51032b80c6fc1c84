//! `wss://`: certificates that are good, those that are not, and peers that speak no TLS or too much of it.

use std::cell::Cell;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::process::Stdio;
use std::rc::Rc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use zmq_wasm::native::engine::{EventKind, EventValue};
use zmq_wasm::native::http::{Incoming, Request, Response, service_fn};
use zmq_wasm::native::{Context, Monitor, Socket, SocketOption, SocketType};

use crate::raw_ws::address;
use crate::support::{IDENTITY, Identity, anywhere, run, socket, unused_path, wait_for};

/// A PULL that is bound, where, and a PUSH that trusts it and is not connected yet.
async fn pair(context: &Context) -> (Socket, String, Socket) {
    let (pull, push) = (socket(context, SocketType::Pull), socket(context, SocketType::Push));
    push.set(SocketOption::ReconnectIvl, 1).unwrap();
    let endpoint = pull.bind(&anywhere("wss")).await.unwrap();
    (pull, endpoint, push)
}

async fn carries(push: &Socket, pull: &Socket) {
    push.send("sealed").await.unwrap();
    assert_eq!(pull.recv_string().await.unwrap(), "sealed");
}

/// Waits for an event of this kind that gives `why` as its cause.
async fn cause(monitor: &mut Monitor, kind: EventKind, why: &str) {
    match wait_for(monitor, kind).await.value {
        EventValue::Text(text) => assert!(text.contains(why), "{text}"),
        other => panic!("no cause: {other:?}"),
    }
}

#[test]
fn a_host_is_known_by_its_name_its_address_and_the_name_it_is_said_to_have() {
    run(async {
        let context = Context::new();
        let (pull, endpoint, push) = pair(&context).await;
        assert!(endpoint.starts_with("wss://127.0.0.1:"), "{endpoint}");
        push.connect(&endpoint.replace("127.0.0.1", "localhost")).unwrap();
        carries(&push, &pull).await;

        let elsewhere = Identity::new(&["elsewhere.example"]);
        pull.set_string(SocketOption::WssCertPem, &elsewhere.certificate).unwrap();
        pull.set_string(SocketOption::WssKeyPem, &elsewhere.key).unwrap();
        let endpoint = pull.bind(&anywhere("wss")).await.unwrap();
        let push = socket(&context, SocketType::Push);
        push.set_string(SocketOption::WssTrustPem, &elsewhere.certificate).unwrap();
        push.set_string(SocketOption::WssHostname, "elsewhere.example").unwrap();
        push.connect(&endpoint).unwrap();
        carries(&push, &pull).await;
    });
}

#[test]
fn a_chain_leads_to_the_issuer_that_is_trusted() {
    run(async {
        use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
        let authority = |name: &str| {
            let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.distinguished_name.push(rcgen::DnType::CommonName, name);
            (params, KeyPair::generate().unwrap())
        };
        let (params, key) = authority("root.example");
        let root = params.self_signed(&key).unwrap();
        let issuer = Issuer::new(params, key);
        let (params, key) = authority("between.example");
        let between = params.signed_by(&key, &issuer).unwrap();
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate().unwrap();
        let own =
            CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();

        let context = Context::new();
        let (pull, push) = (socket(&context, SocketType::Pull), socket(&context, SocketType::Push));
        pull.set_string(SocketOption::WssCertPem, &(own.pem() + &between.pem())).unwrap();
        pull.set_string(SocketOption::WssKeyPem, &key.serialize_pem()).unwrap();
        push.set_string(SocketOption::WssTrustPem, &root.pem()).unwrap();
        push.connect(&pull.bind(&anywhere("wss")).await.unwrap()).unwrap();
        carries(&push, &pull).await;
    });
}

#[test]
fn what_is_no_certificate_or_key_is_refused_when_it_is_set() {
    run(async {
        use SocketOption::{WssCertPem, WssHostname, WssKeyPem, WssTrustPem, WssTrustSystem};
        let socket = Context::new().socket(SocketType::Pull).unwrap();
        let broken = IDENTITY.certificate.replace("MI", "!!");
        let Identity { certificate, key } = &*IDENTITY;
        for (option, bad) in [
            (WssKeyPem, "secret"),
            (WssKeyPem, certificate),
            (WssCertPem, "-----BEGIN CERTIFICATE-----"),
            (WssCertPem, key),
            (WssCertPem, &broken),
            (WssTrustPem, "nobody"),
            (WssTrustPem, &broken),
            (WssHostname, "no host"),
        ] {
            let error = socket.set_string(option, bad).unwrap_err();
            assert_eq!(error.code(), "EINVAL");
            let (name, length) = (option.name(), bad.len());
            assert!(error.to_string().starts_with(&format!("{name} can't be {length} octets")), "{error}");
        }
        assert_eq!(socket.set(WssTrustSystem, 2).unwrap_err().code(), "EINVAL");
        assert_eq!(socket.get(WssKeyPem).unwrap_err().code(), "EINVAL");
        for option in [WssKeyPem, WssCertPem, WssTrustPem, WssHostname] {
            socket.set_string(option, "").unwrap();
        }
    });
}

#[test]
fn what_is_missing_or_does_not_fit_is_told_by_bind_and_connect() {
    run(async {
        let context = Context::new();
        let bare = context.socket(SocketType::Pull).unwrap();
        let error = bare.connect("wss://localhost:1").unwrap_err();
        assert_eq!(error.code(), "EINVAL");
        assert!(error.to_string().contains("WSS_TRUST_PEM"), "{error}");
        bare.set_string(SocketOption::WssKeyPem, &IDENTITY.key).unwrap();
        let error = bare.bind("wss://127.0.0.1:*").await.unwrap_err();
        assert_eq!(error.code(), "EINVAL");
        assert!(error.to_string().contains("WSS_CERT_PEM"), "{error}");
        let other = Identity::new(&["localhost"]);
        bare.set_string(SocketOption::WssCertPem, &other.certificate).unwrap();
        let error = bare.bind("wss://127.0.0.1:*").await.unwrap_err();
        assert!(error.to_string().contains("not the key of"), "{error}");
        bare.set_string(SocketOption::WssKeyPem, &other.key).unwrap();
        bare.bind("wss://127.0.0.1:*").await.unwrap();
        bare.set_string(SocketOption::WssTrustPem, &other.certificate).unwrap();
        assert_eq!(bare.connect("wss://no_such-:1").unwrap_err().code(), "EINVAL");
    });
}

#[test]
fn an_issuer_that_is_not_trusted_is_told_on_both_sides() {
    run(async {
        let context = Context::new();
        let (pull, endpoint, push) = pair(&context).await;
        let stranger = Identity::new(&["127.0.0.1"]);
        push.set_string(SocketOption::WssTrustPem, &stranger.certificate).unwrap();
        let (mut here, mut there) = (pull.monitor(), push.monitor());
        push.connect(&endpoint).unwrap();
        cause(&mut there, EventKind::Closed, "an issuer that is not trusted").await;
        cause(&mut here, EventKind::AcceptFailed, "alert").await;
        wait_for(&mut there, EventKind::ConnectRetried).await;
    });
}

#[test]
fn a_certificate_for_another_host_is_refused() {
    run(async {
        let context = Context::new();
        let (_pull, endpoint, push) = pair(&context).await;
        push.set_string(SocketOption::WssHostname, "elsewhere.example").unwrap();
        let mut monitor = push.monitor();
        push.connect(&endpoint).unwrap();
        cause(&mut monitor, EventKind::Closed, "elsewhere.example").await;
    });
}

#[test]
fn sockets_share_a_port_if_they_show_the_same_certificate() {
    run(async {
        let context = Context::new();
        let one = socket(&context, SocketType::Pull);
        let endpoint = one.bind("wss://127.0.0.1:*/one").await.unwrap();
        let elsewhere = endpoint.replace("/one", "/other");
        let other = socket(&context, SocketType::Pull);
        let error = other.bind(&elsewhere.replace("wss", "ws")).await.unwrap_err();
        assert_eq!(error.code(), "EADDRINUSE");
        let identity = Identity::new(&["127.0.0.1"]);
        other.set_string(SocketOption::WssCertPem, &identity.certificate).unwrap();
        other.set_string(SocketOption::WssKeyPem, &identity.key).unwrap();
        let error = other.bind(&elsewhere).await.unwrap_err();
        assert_eq!(error.code(), "EADDRINUSE");
        assert!(error.to_string().contains("another certificate"), "{error}");

        let other = socket(&context, SocketType::Pull);
        other.bind(&elsewhere).await.unwrap();
        for (endpoint, pull) in [(endpoint, one), (elsewhere, other)] {
            let push = socket(&context, SocketType::Push);
            push.connect(&endpoint).unwrap();
            carries(&push, &pull).await;
        }
    });
}

#[test]
fn a_connect_keeps_the_options_it_was_made_with() {
    run(async {
        let context = Context::new();
        let (pull, endpoint, push) = pair(&context).await;
        push.connect(&endpoint).unwrap();
        carries(&push, &pull).await;
        push.set_string(SocketOption::WssHostname, "elsewhere.example").unwrap();
        push.set_string(SocketOption::WssTrustPem, "").unwrap();
        let mut monitor = push.monitor();
        pull.close();
        wait_for(&mut monitor, EventKind::Disconnected).await;
        let pull = socket(&context, SocketType::Pull);
        pull.bind(&endpoint).await.unwrap();
        carries(&push, &pull).await;
    });
}

#[test]
fn who_speaks_no_tls_is_told_apart_from_who_should_not() {
    run(async {
        let context = Context::new();
        let (pull, endpoint, push) = pair(&context).await;
        let (mut here, mut there) = (pull.monitor(), push.monitor());
        push.connect(&endpoint.replace("wss", "ws")).unwrap();
        cause(&mut here, EventKind::AcceptFailed, "does not speak TLS").await;
        cause(&mut there, EventKind::Closed, "does one side speak TLS").await;

        let (pull, push) = (socket(&context, SocketType::Pull), socket(&context, SocketType::Push));
        let (mut here, mut there) = (pull.monitor(), push.monitor());
        let endpoint = pull.bind(&anywhere("ws")).await.unwrap();
        push.connect(&endpoint.replace("ws", "wss")).unwrap();
        cause(&mut here, EventKind::AcceptFailed, "does one side speak TLS").await;
        cause(&mut there, EventKind::Closed, "TLS").await;
    });
}

#[test]
fn a_handshake_that_stops_ends_in_time_on_either_side() {
    run(async {
        let context = Context::new();
        let (pull, endpoint, push) = pair(&context).await;
        pull.set(SocketOption::HandshakeIvl, 20).unwrap();
        let mut monitor = pull.monitor();
        let mut silent = TcpStream::connect(address(&endpoint)).await.unwrap();
        silent.write_all(&[0x16, 3, 1]).await.unwrap();
        cause(&mut monitor, EventKind::AcceptFailed, "HANDSHAKE_IVL").await;
        assert_eq!(silent.read_u8().await.ok(), None);

        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        push.set(SocketOption::HandshakeIvl, 20).unwrap();
        let mut monitor = push.monitor();
        push.connect(&format!("wss://{}", silent.local_addr().unwrap())).unwrap();
        cause(&mut monitor, EventKind::Closed, "HANDSHAKE_IVL").await;
    });
}

/// Carries what comes, one client at a time, and breaks an octet when it is told to.
async fn carry(port: TcpListener, to: SocketAddr, is_to_break: Rc<Cell<bool>>) {
    loop {
        let (client, _) = port.accept().await.unwrap();
        let server = TcpStream::connect(to).await.unwrap();
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = server.into_split();
        let upwards = async {
            let mut octets = [0; 4096];
            loop {
                let count = from_client.read(&mut octets).await.unwrap_or(0);
                if count == 0 {
                    break;
                }
                octets[count - 1] ^= u8::from(is_to_break.take());
                if to_server.write_all(&octets[..count]).await.is_err() {
                    break;
                }
            }
        };
        tokio::select! {
            () = upwards => {}
            _ = tokio::io::copy(&mut from_server, &mut to_client) => {}
        }
    }
}

#[test]
fn what_was_tampered_with_ends_the_connection_and_comes_to_nobody() {
    run(async {
        let context = Context::new();
        let (pull, endpoint, push) = pair(&context).await;
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let through = format!("wss://{}", port.local_addr().unwrap());
        let is_to_break = Rc::new(Cell::new(false));
        tokio::task::spawn_local(carry(port, address(&endpoint), Rc::clone(&is_to_break)));
        push.connect(&through).unwrap();
        carries(&push, &pull).await;
        let (mut here, mut there) = (pull.monitor(), push.monitor());
        is_to_break.set(true);
        push.send("broken on its way").await.unwrap();
        cause(&mut here, EventKind::Disconnected, "decrypt").await;
        wait_for(&mut there, EventKind::HandshakeSucceeded).await;
        carries(&push, &pull).await;
    });
}

/// The system's certificates are what this names, where it names a file.
const SYSTEM: &str = "SSL_CERT_FILE";
const KEY: &str = "ZMQ_WASM_TEST_KEY";

/// What a process's environment is, only a process that begins can be told: the test runs itself.
#[test]
fn whom_the_system_trusts_is_trusted_when_that_is_asked_for() {
    let Some(key) = std::env::var_os(KEY) else { return run(with_systems()) };
    let read = |path| std::fs::read_to_string(path).unwrap();
    run(async {
        let system = read(std::env::var_os(SYSTEM).unwrap());
        let context = Context::new();
        let push = context.socket(SocketType::Push).unwrap();
        push.set(SocketOption::WssTrustSystem, true).unwrap();
        if system.is_empty() {
            let error = push.connect("wss://localhost:1").unwrap_err();
            assert_eq!(error.code(), "EIO");
            assert!(error.to_string().starts_with("wss://localhost:1: no certificates"), "{error}");
            return;
        }
        let pull = context.socket(SocketType::Pull).unwrap();
        pull.set_string(SocketOption::WssCertPem, &system).unwrap();
        pull.set_string(SocketOption::WssKeyPem, &read(key)).unwrap();
        push.connect(&pull.bind(&anywhere("wss")).await.unwrap()).unwrap();
        carries(&push, &pull).await;
    });
}

async fn with_systems() {
    let files = [&IDENTITY.certificate, &IDENTITY.key, ""].map(|text| {
        let path = unused_path();
        std::fs::write(&path, text).unwrap();
        path
    });
    let [certificate, key, empty] = &files;
    for system in [certificate, empty] {
        let outcome = Command::new(std::env::current_exe().unwrap())
            .args(["wss::whom_the_system_trusts_is_trusted_when_that_is_asked_for", "--exact"])
            .envs([(SYSTEM, system), (KEY, key), ("SSL_CERT_DIR", empty)])
            .output()
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&outcome.stdout);
        assert!(outcome.status.success() && said.contains("1 passed"), "{said}");
    }
    files.iter().for_each(|path| std::fs::remove_file(path).unwrap());
}

/// A program of another make: skipped where it is missing, unless peers are required.
fn start(command: &mut Command) -> Option<tokio::process::Child> {
    match command.stdin(Stdio::null()).kill_on_drop(true).spawn() {
        Ok(child) => Some(child),
        Err(error) => {
            let program = command.as_std().get_program();
            let required = std::env::var("ZMQ_WASM_REQUIRE_PEERS").is_ok_and(|value| value == "1");
            assert!(!required, "{program:?}: {error}");
            println!("skipped, for want of {program:?}: {error}");
            None
        }
    }
}

const NODE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/node_modules/node22/bin/node");

/// A bare ZWS 2.0 peer that says hello and gives back what it hears.
const SCRIPT: &str = r"
const socket = new WebSocket('ENDPOINT', 'ZWS2.0');
socket.binaryType = 'arraybuffer';
socket.onopen = () => {
  socket.send(new Uint8Array([0]));
  socket.send(new TextEncoder().encode('\0hello'));
};
socket.onmessage = ({ data }) => data.byteLength > 1 && socket.send(data);
";

/// A socket that is bound, and the script that is to converse with it.
async fn stage() -> (Socket, String) {
    let pair = socket(&Context::new(), SocketType::Pair);
    // A page that is a file has no other origin.
    pair.set_string(SocketOption::Origins, "null").unwrap();
    let endpoint = pair.bind(&anywhere("wss")).await.unwrap();
    (pair, SCRIPT.replace("ENDPOINT", &endpoint))
}

async fn converse(pair: &Socket) {
    assert_eq!(pair.recv_string().await.unwrap(), "hello");
    let long = "and back ".repeat(100_000);
    pair.send_string(&long).await.unwrap();
    assert_eq!(pair.recv_string().await.unwrap(), long);
}

#[test]
fn the_websocket_of_node_trusts_the_certificate_and_shakes_hands() {
    run(async {
        let trusted = unused_path();
        std::fs::write(&trusted, &IDENTITY.certificate).unwrap();
        for version in ["--tls-min-v1.3", "--tls-max-v1.2"] {
            let (pair, script) = stage().await;
            let mut command = Command::new(NODE);
            command.args([version, "-e", &script]).env("NODE_EXTRA_CA_CERTS", &trusted);
            if let Some(_node) = start(&mut command) {
                converse(&pair).await;
            }
        }
        std::fs::remove_file(trusted).unwrap();
    });
}

#[test]
fn a_service_is_reached_by_https_on_the_port_of_a_socket() {
    run(async {
        let context = Context::new();
        let greet = || {
            service_fn(async |_: Request<Incoming>| Ok::<_, Infallible>(Response::new("welcome".to_owned())))
        };
        let error = context.mount("wss://127.0.0.1:1", greet()).await.unwrap_err();
        assert_eq!(error.code(), "EINVAL");
        let socket = socket(&context, SocketType::Pub);
        let endpoint = socket.bind("wss://127.0.0.1:*/news").await.unwrap();
        let port = endpoint.strip_suffix("/news").unwrap();
        let _mount = context.mount(port, greet()).await.unwrap();
        let trusted = unused_path();
        std::fs::write(&trusted, &IDENTITY.certificate).unwrap();
        let page = port.replace("wss", "https");
        let script = format!("fetch('{page}').then((page) => page.text()).then((text) => console.log(text))");
        let mut command = Command::new(NODE);
        command.args(["-e", &script]).env("NODE_EXTRA_CA_CERTS", &trusted).stdout(Stdio::piped());
        if let Some(node) = start(&mut command) {
            assert_eq!(node.wait_with_output().await.unwrap().stdout, b"welcome\n");
        }
        std::fs::remove_file(trusted).unwrap();
    });
}

#[test]
fn a_page_in_chromium_shakes_hands() {
    run(async {
        let (pair, script) = stage().await;
        let (page, profile) = (unused_path() + ".html", unused_path());
        std::fs::write(&page, format!("<script>{script}</script>")).unwrap();
        let mut command = Command::new(std::env::var_os("CHROMIUM").unwrap_or("chromium".into()));
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]);
        command.args(["--disable-background-networking", "--disable-component-update"]);
        command.args(["--ignore-certificate-errors", &format!("--user-data-dir={profile}")]);
        if let Some(mut browser) = start(command.arg(format!("file://{page}")).stderr(Stdio::null())) {
            converse(&pair).await;
            browser.kill().await.unwrap();
        }
        std::fs::remove_file(page).unwrap();
        // Its helpers may still write there; what stays is in the system's folder for such things.
        let _ = std::fs::remove_dir_all(profile);
    });
}
