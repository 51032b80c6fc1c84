//! HTTP services beside sockets on one port.

use std::convert::Infallible;

use axum::Router;
use axum::routing::{get as on_get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use zmq_wasm::native::engine::EventKind;
use zmq_wasm::native::http::{Incoming, Request, Response, TowerToHyperService, service_fn};
use zmq_wasm::native::{Context, SocketType};

use crate::raw_http::get;
use crate::raw_ws::{address, upgrade};
use crate::support::{run, wait_for};

const END_OF_HEAD: &str = "\r\n\r\n";

/// A service that says what it was asked for.
async fn say(request: Request<Incoming>) -> Result<Response<String>, Infallible> {
    Ok(Response::new(format!("page {}", request.uri().path())))
}

#[test]
fn a_closure_serves_the_page_and_sockets_come_and_go_beside_it() {
    run(async {
        let context = Context::new();
        let page = context.mount("ws://127.0.0.1:*", service_fn(say)).await.unwrap();
        let at = page.local_addr();
        assert!(get(at, "/index.html").await.ends_with("page /index.html"));

        let (pull, push) =
            (context.socket(SocketType::Pull).unwrap(), context.socket(SocketType::Push).unwrap());
        let endpoint = pull.bind(&format!("ws://{at}/jobs")).await.unwrap();
        let mut monitor = pull.monitor();
        push.connect(&endpoint).unwrap();
        push.send("job").await.unwrap();
        assert_eq!(pull.recv_string().await.unwrap(), "job");
        assert!(get(at, "/jobs").await.ends_with("page /jobs"));
        // What is no socket's is the service's, a request for a WebSocket too.
        let (_, head) = upgrade(&endpoint, "/other", Some("ZWS2.0")).await;
        assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
        let (_, head) = upgrade(&endpoint, "/jobs", Some("chat")).await;
        assert!(head.starts_with("HTTP/1.1 400 Bad Request"), "{head}");
        let failed = wait_for(&mut monitor, EventKind::AcceptFailed).await;
        assert!(format!("{failed:?}").contains("chat"), "of all that, only this is the socket's: {failed:?}");

        drop(page);
        assert!(get(at, "/index.html").await.starts_with("HTTP/1.1 404 Not Found"));
        assert!(get(at, "/jobs").await.starts_with("HTTP/1.1 426 Upgrade Required"));
        let again = context.mount(&format!("ws://{at}"), service_fn(say)).await.unwrap();
        assert!(get(at, "/").await.ends_with("page /"));
        pull.unbind(&endpoint).unwrap();
        assert!(get(at, "/jobs").await.ends_with("page /jobs"));
        drop(again);
        Context::new().socket(SocketType::Pull).unwrap().bind(&endpoint).await.unwrap();
    });
}

#[test]
fn an_axum_router_serves_requests_with_bodies_and_the_upgrade_on_one_connection() {
    run(async {
        let router = Router::new()
            .route("/", on_get(async || "index"))
            .route("/shout", post(async |body: String| body.to_uppercase()));
        let context = Context::new();
        let socket = context.socket(SocketType::Pull).unwrap();
        let endpoint = socket.bind("ws://127.0.0.1:*/jobs").await.unwrap();
        let mount = endpoint.replace("/jobs", "");
        let _page = context.mount(&mount, TowerToHyperService::new(router)).await.unwrap();

        let mut stream = TcpStream::connect(address(&endpoint)).await.unwrap();
        for (request, wanted) in [
            ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "index"),
            ("POST /shout HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", "HELLO"),
            (
                "GET /jobs HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                 Sec-WebSocket-Protocol: ZWS2.0\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols",
            ),
        ] {
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            while !String::from_utf8_lossy(&answer).contains(wanted) {
                assert!(stream.read_buf(&mut answer).await.unwrap() > 0, "{wanted} did not come");
            }
        }
        let answer = get(address(&endpoint), "/nowhere").await;
        assert!(answer.starts_with("HTTP/1.1 404 Not Found"), "{answer}");
        assert_eq!(answer.split_once(END_OF_HEAD).unwrap().1, "", "the router's own answer, not the port's");
    });
}

#[test]
fn a_service_that_fails_or_a_garbled_request_costs_only_its_connection() {
    run(async {
        let context = Context::new();
        let failing = service_fn(async |request: Request<Incoming>| match request.uri().path() {
            "/fail" => Err("it fails"),
            _ => Ok(Response::new("fine".to_owned())),
        });
        let page = context.mount("ws://127.0.0.1:*", failing).await.unwrap();
        assert_eq!(get(page.local_addr(), "/fail").await, "");
        let mut garbled = TcpStream::connect(page.local_addr()).await.unwrap();
        garbled.write_all(b"\0garbage\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        garbled.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request"), "{answer}");
        assert!(get(page.local_addr(), "/").await.ends_with("fine"));
    });
}

#[test]
fn what_can_not_be_mounted_is_refused_by_name() {
    run(async {
        let context = Context::new();
        let page = context.mount("ws://127.0.0.1:*", service_fn(say)).await.unwrap();
        let (taken, foreign) = (format!("ws://{}", page.local_addr()), Context::new());
        for (context, endpoint, code) in [
            (&context, taken.as_str(), "EADDRINUSE"),
            (&foreign, taken.as_str(), "EADDRINUSE"),
            (&context, "ws://127.0.0.1:*/path", "EINVAL"),
            (&context, "tcp://127.0.0.1:*", "EINVAL"),
            (&context, "nonsense", "EINVAL"),
        ] {
            let error = context.mount(endpoint, service_fn(say)).await.unwrap_err();
            assert_eq!(error.code(), code);
            assert!(error.to_string().contains(endpoint), "{error}");
        }
        context.term().await;
        let error = context.mount("ws://127.0.0.1:*", service_fn(say)).await.unwrap_err();
        assert_eq!(error.code(), "ETERM");
    });
}
