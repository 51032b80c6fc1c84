//! Several sockets on one port, told apart by their paths.

use serde_json::json;
use zmq_wasm::native::engine::EventKind;
use zmq_wasm::native::{Context, Message, Socket, SocketOption, SocketType};

use crate::peer::{Library, Peer};
use crate::raw_ws::{address, upgrade};
use crate::support::{run, wait_for};

/// A REP on this endpoint that answers with its name.
async fn replier(context: &Context, endpoint: &str, name: &'static str) -> (Socket, String) {
    let socket = context.socket(SocketType::Rep).unwrap();
    let bound = socket.bind(endpoint).await.unwrap();
    let replying = socket.clone();
    tokio::task::spawn_local(async move {
        while replying.recv().await.is_ok() {
            replying.send(name).await.unwrap();
        }
    });
    (socket, bound)
}

async fn ask(context: &Context, endpoint: &str) -> String {
    let socket = context.socket(SocketType::Req).unwrap();
    socket.connect(endpoint).unwrap();
    socket.send("who is there?").await.unwrap();
    socket.recv_string().await.unwrap()
}

#[test]
fn sockets_share_a_port_by_path_and_one_that_goes_leaves_the_others() {
    run(async {
        let context = Context::new();
        let (a, first) = replier(&context, "ws://127.0.0.1:*/a", "a").await;
        let port = address(&first);
        let at = |path: &str| format!("ws://{port}{path}");
        let (_b, second) = replier(&context, &at("/b"), "b").await;
        assert_eq!([&first, &second], [&at("/a"), &at("/b")]);
        assert_eq!(ask(&context, &first).await, "a");
        assert_eq!(ask(&context, &second).await, "b");

        a.unbind(&first).unwrap();
        let (_, head) = upgrade(&first, "/a", Some("ZWS2.0")).await;
        assert!(head.starts_with("HTTP/1.1 404 Not Found\r\n"), "{head}");
        assert_eq!(ask(&context, &second).await, "b");

        let (_root, root) = replier(&context, &at("/"), "root").await;
        assert_eq!(ask(&context, &first).await, "root");
        assert_eq!(ask(&context, &second).await, "b");
        a.bind(&first).await.unwrap();
        assert_eq!(ask(&context, &first).await, "a");
        assert_eq!(ask(&context, &root).await, "root");
    });
}

#[test]
fn libzmq_finds_the_socket_that_its_endpoint_names() {
    run(async {
        let Some(peer) = Peer::start(Library::Node).await else { return };
        let context = Context::new();
        let (_one, first) = replier(&context, "ws://127.0.0.1:*/one", "one").await;
        let port = address(&first);
        let mut held = Vec::new();
        for (path, name) in [("/zmq/two", "two"), ("/three", "three")] {
            held.push(replier(&context, &format!("ws://{port}{path}"), name).await);
        }
        // libzmq asks for the last segment of the second, which is nobody else's.
        for (path, name) in [("/one", "one"), ("/zmq/two", "two"), ("/three", "three")] {
            let theirs = peer.socket(SocketType::Req, json!({ "linger": 0 })).await;
            theirs.connect(&format!("ws://{port}{path}")).await;
            theirs.send(&Message::from("who is there?")).await;
            assert_eq!(theirs.recv().await.parts(), [name]);
            theirs.close().await;
        }
    });
}

#[test]
fn the_last_socket_to_go_closes_the_port() {
    run(async {
        let context = Context::new();
        let (a, first) = replier(&context, "ws://127.0.0.1:*/a", "a").await;
        let (b, second) = replier(&context, &first.replace("/a", "/b"), "b").await;
        let elsewhere = Context::new().socket(SocketType::Rep).unwrap();
        a.unbind(&first).unwrap();
        assert_eq!(elsewhere.bind(&first).await.unwrap_err().code(), "EADDRINUSE");
        b.close();
        assert_eq!(elsewhere.bind(&first).await.unwrap(), first);
        assert_eq!(b.bind(&second).await.unwrap_err().code(), "ENOTSOCK");
    });
}

#[test]
fn one_socket_may_have_several_paths() {
    run(async {
        let context = Context::new();
        let (rep, first) = replier(&context, "ws://127.0.0.1:*/a", "a").await;
        let second = rep.bind(&first.replace("/a", "/b")).await.unwrap();
        assert_eq!(ask(&context, &first).await, "a");
        rep.unbind(&first).unwrap();
        assert_eq!(ask(&context, &second).await, "a");
    });
}

#[test]
fn a_path_or_port_that_is_taken_is_named_in_the_error_and_in_an_event() {
    run(async {
        let context = Context::new();
        let (_a, first) = replier(&context, "ws://127.0.0.1:*/a", "a").await;
        let foreign = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = context.socket(SocketType::Rep).unwrap();
        let mut monitor = socket.monitor();
        for taken in [
            first.clone(),
            format!("tcp://{}", address(&first)),
            format!("ws://{}/a", foreign.local_addr().unwrap()),
        ] {
            let error = socket.bind(&taken).await.unwrap_err();
            assert_eq!(error.code(), "EADDRINUSE");
            assert!(error.to_string().contains(&taken), "{error}");
            assert_eq!(wait_for(&mut monitor, EventKind::BindFailed).await.endpoint, taken);
        }
        // Another context's sockets do not share.
        let elsewhere = Context::new().socket(SocketType::Rep).unwrap();
        let error = elsewhere.bind(&first.replace("/a", "/b")).await.unwrap_err();
        assert_eq!(error.code(), "EADDRINUSE");
    });
}

#[test]
fn every_socket_of_a_port_has_the_handshake_time_that_it_wants() {
    run(async {
        let context = Context::new();
        let (quick, first) = replier(&context, "ws://127.0.0.1:*/a", "a").await;
        let mut monitor = quick.monitor();
        let (slow, _) = replier(&context, &first.replace("/a", "/b"), "b").await;
        quick.set(SocketOption::HandshakeIvl, 1).unwrap();
        slow.set(SocketOption::HandshakeIvl, 20).unwrap();
        let _silent = tokio::net::TcpStream::connect(address(&first)).await.unwrap();
        // Whom the client means is not known, so both are told.
        let mut other = slow.monitor();
        for monitor in [&mut monitor, &mut other] {
            wait_for(monitor, EventKind::AcceptFailed).await;
        }
    });
}
