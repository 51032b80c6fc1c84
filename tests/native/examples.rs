//! The programs under `examples/`, run as a reader of them would.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdout, Command};

use crate::peer::program;
use crate::raw_http::get;
use crate::support::run;

/// A program that runs until it is dropped.
struct Running {
    _child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn start(name: &str, arguments: &[&str]) -> Self {
        let mut child = command(name, arguments).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { _child: child, lines }
    }

    async fn line(&mut self) -> String {
        self.lines.next_line().await.unwrap().expect("it goes on to speak")
    }

    /// What it says it listens on.
    async fn endpoint(&mut self) -> String {
        self.line().await.trim_start_matches("listening on ").to_owned()
    }
}

fn command(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program(name));
    command.args(arguments);
    command
}

async fn output(name: &str, arguments: &[&str]) -> String {
    let output = command(name, arguments).kill_on_drop(true).output().await.unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} failed: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn ten_requests_to_the_request_reply_server() {
    run(async {
        for endpoint in ["tcp://127.0.0.1:*", "ws://127.0.0.1:*"] {
            let mut server = Running::start("request_reply_server", &[endpoint]);
            let said = output("ten_requests", &[&server.endpoint().await]).await;
            let mut lines: Vec<_> = said.lines().collect();
            lines.sort_unstable();
            let mut expected: Vec<_> =
                (1..=10).map(|n| format!("request {n}: reply to request {n}")).collect();
            expected.sort_unstable();
            assert_eq!(lines, expected);
        }
    });
}

#[test]
fn a_subscriber_of_the_publisher_gets_only_its_topic() {
    run(async {
        let mut publisher = Running::start("publisher", &["tcp://127.0.0.1:*"]);
        let said = output("subscriber", &[&publisher.endpoint().await]).await;
        let lines: Vec<_> = said.lines().collect();
        assert_eq!(lines.len(), 5);
        assert!(lines.iter().all(|line| line.starts_with("weather: weather report ")), "{said}");
    });
}

#[test]
fn the_poller_serves_router_and_dealer() {
    run(async {
        let said = output("poller", &[]).await;
        for number in 1..=3 {
            assert!(said.contains(&format!("ROUTER: question {number}\n")), "{said}");
            assert!(said.contains(&format!("DEALER: answer to question {number}\n")), "{said}");
        }
    });
}

#[test]
fn a_request_goes_together_with_an_http_fetch() {
    run(async {
        let mut server = Running::start("request_reply_server", &["tcp://127.0.0.1:*"]);
        let endpoint = server.endpoint().await;
        let web = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let web_address = web.local_addr().unwrap().to_string();
        let serve = async {
            let (mut stream, _) = web.accept().await.unwrap();
            let mut request = [0; 1000];
            assert!(stream.read(&mut request).await.unwrap() > 0);
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").await.unwrap();
        };
        let arguments = [endpoint.as_str(), web_address.as_str()];
        let (said, ()) = tokio::join!(output("req_and_http", &arguments), serve);
        assert_eq!(said, "ZeroMQ: reply to hello\nHTTP: 200 OK, 5 octets\n");
    });
}

#[test]
fn the_broker_shares_requests_out_among_servers() {
    run(async {
        let mut one = Running::start("request_reply_server", &["tcp://127.0.0.1:*"]);
        let mut other = Running::start("request_reply_server", &["tcp://127.0.0.1:*"]);
        let (one, other) = (one.endpoint().await, other.endpoint().await);
        let mut broker = Running::start("broker", &["tcp://127.0.0.1:*", &one, &other]);
        let said = output("ten_requests", &[&broker.endpoint().await]).await;
        assert_eq!(said.lines().count(), 10);
        assert!(said.contains("request 7: reply to request 7\n"), "{said}");
    });
}

#[test]
fn a_context_per_core_serves_one_port() {
    run(async {
        for endpoint in ["tcp://127.0.0.1:*", "ws://127.0.0.1:*"] {
            let mut server = Running::start("per_core", &[endpoint]);
            let endpoint = server.endpoint().await;
            // Each program is a connection of its own, which may come to any of the cores.
            for _ in 0..4 {
                assert_eq!(output("ten_requests", &[&endpoint]).await.lines().count(), 10);
            }
        }
    });
}

#[test]
fn the_proxy_joins_publisher_and_subscriber() {
    run(async {
        let mut publisher = Running::start("publisher", &["tcp://127.0.0.1:*"]);
        let mut proxy = Running::start("proxy", &["tcp://127.0.0.1:*", &publisher.endpoint().await]);
        let said = output("subscriber", &[&proxy.endpoint().await]).await;
        assert_eq!(said.lines().count(), 5);
        assert!(said.lines().all(|line| line.starts_with("weather: weather report ")), "{said}");
    });
}

#[test]
fn programs_that_need_no_other_say_what_they_should() {
    run(async {
        let said = output("pipeline", &[]).await;
        assert!(said.ends_with("sum of squares: 2870\n"), "{said}");
        assert_eq!(output("pair", &[]).await, "got bread\ngot milk\nyou are welcome\n");
        assert_eq!(output("client_server", &[]).await, "1 of 3\n2 of 3\n3 of 3\n");
        assert_eq!(output("radio_dish", &[]).await, "oslo: -3 °C\n".repeat(3));
        let said = output("stream_and_sink", &[]).await;
        assert!(said.starts_with("sending so\n") && said.ends_with("lengths: [2, 4, 5]\nclosed\n"), "{said}");
        let said = output("monitor", &[]).await;
        let kinds: Vec<_> = said.lines().filter_map(|line| line.split(' ').next()).collect();
        let expected =
            ["listening", "accepted", "handshake_succeeded", "disconnected", "closed", "monitor_stopped"];
        assert_eq!(kinds, expected, "{said}");
        let said = output("multi_thread", &[]).await;
        let mut lines: Vec<_> = said.lines().collect();
        lines.sort_unstable();
        let mut expected: Vec<_> = (1..=10).map(|number| format!("{number}: request {number}")).collect();
        expected.sort_unstable();
        assert_eq!(lines, expected);
    });
}

#[test]
fn a_page_and_its_sockets_come_from_one_port() {
    use zmq_wasm::native::{Context, SocketType};
    run(async {
        let mut server = Running::start("page_and_sockets", &["ws://127.0.0.1:*"]);
        let line = server.line().await;
        let address = line.trim_start_matches("open http://").trim_end_matches('/');
        assert!(get(address, "/").await.contains("<!doctype html>"));
        let package = get(address, "/zmq-wasm.js").await;
        assert!(package.starts_with("HTTP/1.1 200 OK") || package.contains("make package"), "{package}");

        let context = Context::new();
        let ticks = context.socket(SocketType::Sub).unwrap();
        ticks.connect(&format!("ws://{address}/ticks")).unwrap();
        ticks.subscribe("").unwrap();
        ticks.recv_string().await.unwrap().parse::<u64>().unwrap();
        let echo = context.socket(SocketType::Req).unwrap();
        echo.connect(&format!("ws://{address}/echo")).unwrap();
        echo.send("hello").await.unwrap();
        assert_eq!(echo.recv_string().await.unwrap(), "hello");
    });
}

#[test]
fn the_demo_service_serves_its_page_and_its_sockets_on_one_port() {
    use zmq_wasm::native::{Context, SocketOption, SocketType};
    run(async {
        let mut service = Running::start("demo_service", &["--port", "0"]);
        let line = service.line().await;
        let address = line.split(' ').find_map(|word| word.strip_prefix("http://")).unwrap();
        let address = address.trim_end_matches('/');
        for (path, status, word) in [
            ("/", "200 OK", "<!doctype html>"),
            ("/endpoints.json", "200 OK", "\"/zmq/echo\""),
            ("/../Cargo.toml", "404 Not Found", ""),
        ] {
            let answer = get(address, path).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{path}: {answer}");
            assert!(answer.contains(word), "{path}: {answer}");
        }

        let context = Context::new();
        let echo = context.socket(SocketType::Req).unwrap();
        echo.connect(&format!("ws://{address}/zmq/echo/tab-1")).unwrap();
        echo.send("reverse abc").await.unwrap();
        assert_eq!(echo.recv().await.unwrap().parts(), ["cba", "1"]);

        let weather = context.socket(SocketType::Sub).unwrap();
        weather.subscribe("weather.lima").unwrap();
        weather.connect(&format!("ws://{address}/zmq/weather/tab-1")).unwrap();
        assert_eq!(weather.recv().await.unwrap().parts()[0], "weather.lima");

        let chat = context.socket(SocketType::Dealer).unwrap();
        chat.set_string(SocketOption::RoutingId, "tab-1").unwrap();
        chat.set(SocketOption::ReconnectIvl, 1).unwrap();
        chat.connect(&format!("ws://{address}/zmq/chat/tab-1")).unwrap();
        let heard = async |kind: &str| loop {
            let line: serde_json::Value = chat.recv_json().await.unwrap();
            if line["type"] == kind {
                return line;
            }
        };
        chat.send_json(&serde_json::json!({ "type": "join", "nick": " Ada " })).await.unwrap();
        assert_eq!(heard("welcome").await["nick"], "Ada");
        chat.send_json(&serde_json::json!({ "type": "cut", "ms": 0 })).await.unwrap();
        let mut monitor = chat.monitor();
        crate::support::wait_for(&mut monitor, zmq_wasm::native::engine::EventKind::HandshakeSucceeded).await;
        chat.send_json(&serde_json::json!({ "type": "say", "nick": "Ada", "text": "back" })).await.unwrap();
        assert_eq!(heard("say").await["text"], "back");
    });
}
