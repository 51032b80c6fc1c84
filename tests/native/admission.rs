//! Who gets a WebSocket: by the page that asks for it, and by what the application says of the request.

use std::cell::RefCell;
use std::convert::Infallible;
use std::future::pending;
use std::rc::Rc;

use serde_json::json;
use zmq_wasm::native::engine::{EventKind, EventValue};
use zmq_wasm::native::http::{Incoming, Request, Response, StatusCode, Visitor, service_fn};
use zmq_wasm::native::{Context, Monitor, SocketOption, SocketType};

use crate::peer::{Library, Peer};
use crate::raw_ws::{address, ask};
use crate::support::{joined, run, wait_for};

/// The request of a page from `origin`, or of no page, for `host`.
fn page(origin: &str, host: &str) -> String {
    let origin = if origin.is_empty() { String::new() } else { format!("Origin: {origin}\r\n") };
    format!("Host: {host}\r\n{origin}Sec-WebSocket-Protocol: ZWS2.0\r\n")
}

/// Why the last one was refused, and where.
async fn refusal(monitor: &mut Monitor) -> (String, String) {
    let event = wait_for(monitor, EventKind::AcceptFailed).await;
    match event.value {
        EventValue::Text(reason) => (reason, event.endpoint),
        EventValue::Number(_) => panic!("the event names no cause"),
    }
}

#[test]
fn a_page_of_another_host_stays_out_with_403_and_an_event_and_is_counted() {
    run(async {
        let context = Context::new();
        let (pull, push) = joined(&context, "ws", (SocketType::Pull, SocketType::Push)).await;
        let endpoint = pull.last_endpoint();
        let here = address(&endpoint).to_string();
        let mut monitor = pull.monitor();
        let service =
            service_fn(async |_: Request<Incoming>| Ok::<_, Infallible>(Response::new("page".to_owned())));
        for with_service in [false, true] {
            let _service = match with_service {
                true => Some(context.mount(&endpoint, service).await.unwrap()),
                false => None,
            };
            for (origin, host) in
                [("", &*here), ("http://127.0.0.1:8080", &here), ("http://localhost", &here)]
            {
                let (_, head) = ask(&endpoint, "/", &page(origin, host)).await;
                assert!(head.starts_with("HTTP/1.1 101 "), "{origin} to {host}: {head}");
            }
            for (origin, host, word) in [
                ("https://evil.example", &*here, "https://evil.example, which is not of 127.0.0.1"),
                ("null", &here, "null"),
                ("http://rebound.example", "rebound.example", "rebound.example is not always this machine"),
            ] {
                let before = pull.refused();
                let (_, head) = ask(&endpoint, "/", &page(origin, host)).await;
                assert!(head.starts_with("HTTP/1.1 403 Forbidden"), "{origin} to {host}: {head}");
                let (reason, at) = refusal(&mut monitor).await;
                assert!(reason.contains("ORIGINS") && reason.contains(word), "{reason}");
                assert_eq!((at, pull.refused()), (endpoint.clone(), before + 1));
            }
        }
        push.send("still here").await.unwrap();
        assert_eq!(pull.recv_string().await.unwrap(), "still here");
    });
}

#[test]
fn origins_that_are_listed_come_in_and_each_socket_of_a_port_has_its_own_list() {
    run(async {
        let context = Context::new();
        context.set(SocketOption::Origins, "app.example, null").unwrap();
        let listed = context.socket(SocketType::Pull).unwrap();
        let open = context.socket(SocketType::Pull).unwrap();
        let error = open.set_string(SocketOption::Origins, "app.example/").unwrap_err();
        assert_eq!(error.code(), "EINVAL");
        open.set_string(SocketOption::Origins, "*").unwrap();
        let endpoint = listed.bind("ws://127.0.0.1:*/listed").await.unwrap();
        open.bind(&endpoint.replace("/listed", "/open")).await.unwrap();
        for (path, origin, status) in [
            ("/listed", "https://app.example", "101"),
            ("/listed", "null", "101"),
            ("/listed", "https://evil.example", "403"),
            ("/open", "https://evil.example", "101"),
        ] {
            let (_, head) = ask(&endpoint, path, &page(origin, "rebound.example")).await;
            assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{origin} to {path}: {head}");
        }
    });
}

#[test]
fn the_application_sees_the_request_and_decides_before_the_upgrade() {
    run(async {
        let context = Context::new();
        let visitors = Rc::new(RefCell::new(Vec::<Visitor>::new()));
        let seen = Rc::clone(&visitors);
        context.admit(async move |visitor: Visitor| {
            tokio::task::yield_now().await;
            let answer = match &*visitor.query {
                "token=good" => Ok(()),
                "token=odd" => Err(StatusCode::SWITCHING_PROTOCOLS),
                "token=none" => Err(StatusCode::UNAUTHORIZED),
                "token=slow" => pending().await,
                _ => Err(StatusCode::FORBIDDEN),
            };
            seen.borrow_mut().push(visitor);
            answer
        });
        let pull = context.socket(SocketType::Pull).unwrap();
        let endpoint = pull.bind("ws://127.0.0.1:*/jobs").await.unwrap();
        let mut monitor = pull.monitor();
        let lines = "Host: x\r\nAuthorization: Bearer 4711\r\nSec-WebSocket-Protocol: token.4711, ZWS2.0\r\n";
        for (query, status, word) in [
            ("?token=none", "401 Unauthorized", "401 Unauthorized"),
            ("?token=odd", "403 Forbidden", "the application refused it"),
            ("", "403 Forbidden", "403 Forbidden"),
        ] {
            let (_, head) = ask(&endpoint, &format!("/jobs{query}"), lines).await;
            assert!(head.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{head}");
            let (reason, at) = refusal(&mut monitor).await;
            assert!(reason.contains(word) && at == endpoint, "{reason}");
        }
        let (stream, head) = ask(&endpoint, "/jobs?token=good", lines).await;
        assert!(head.starts_with("HTTP/1.1 101 ") && head.contains("ZWS2.0"), "{head}");
        let seen = visitors.borrow().last().unwrap().clone();
        assert_eq!(seen.endpoint, endpoint);
        assert_eq!(seen.address, stream.local_addr().unwrap().to_string());
        assert_eq!((&*seen.path, &*seen.query), ("/jobs", "token=good"));
        assert_eq!(seen.headers["authorization"], "Bearer 4711");
        assert_eq!(seen.protocols, ["token.4711", "ZWS2.0"]);

        // Who is not decided about in time is refused.
        let impatient = context.socket(SocketType::Pull).unwrap();
        impatient.set(SocketOption::HandshakeIvl, 1000).unwrap();
        let there = impatient.bind("ws://127.0.0.1:*").await.unwrap();
        let mut its_monitor = impatient.monitor();
        let (_, head) = ask(&there, "/?token=slow", lines).await;
        assert!(head.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{head}");
        assert!(refusal(&mut its_monitor).await.0.contains("HANDSHAKE_IVL"));

        // Whom ORIGINS keeps out, and who asks for no WebSocket that we speak, is not asked about.
        let count = visitors.borrow().len();
        ask(&endpoint, "/jobs", &page("https://evil.example", "x")).await;
        ask(&endpoint, "/jobs", "Host: x\r\nSec-WebSocket-Protocol: chat\r\n").await;
        assert_eq!(visitors.borrow().len(), count);
    });
}

#[test]
fn libzmq_comes_in_where_it_is_let_in() {
    run(async {
        let Some(peer) = Peer::start(Library::Node).await else { return };
        let context = Context::new();
        context.admit(async |visitor: Visitor| match visitor.headers.contains_key("origin") {
            false => Ok(()),
            true => Err(StatusCode::FORBIDDEN),
        });
        let pull = context.socket(SocketType::Pull).unwrap();
        pull.set(SocketOption::MaxConnections, 1).unwrap();
        let push = peer.socket(SocketType::Push, json!({ "linger": 0 })).await;
        push.connect(&pull.bind("ws://127.0.0.1:*/jobs").await.unwrap()).await;
        push.send(&"job".into()).await;
        assert_eq!(pull.recv_string().await.unwrap(), "job");
        push.close().await;
    });
}
