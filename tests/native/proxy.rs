//! Proxies: between libzmq's sockets and steered by one; and what holds when they are dropped or their sockets closed.

use serde_json::json;
use tokio::task::spawn_local;
use zmq_wasm::native::{
    Body, Context, Error, Message, POLLIN, Result, Socket, SocketOption, SocketType, proxy, proxy_steerable,
};

use crate::peer::{Library, Peer};
use crate::support::{cut, joined, message, once, run};

/// A proxy that ends with the test.
fn start(frontend: &Socket, backend: &Socket, capture: Option<&Socket>) {
    let (frontend, backend, capture) = (frontend.clone(), backend.clone(), capture.cloned());
    spawn_local(async move { proxy(&frontend, &backend, capture.as_ref()).await });
}

fn numbers(message: &Message) -> Vec<u64> {
    let number = |part: &Body| u64::from_ne_bytes(part.as_slice().try_into().unwrap());
    message.parts().iter().map(number).collect()
}

/// libzmq's REQ, our ROUTER and DEALER, libzmq's REP, and a REQ of libzmq's at the wheel.
async fn between_libzmqs_sockets(library: Library, anywhere: &str) {
    let Some(peer) = Peer::start(library).await else { return };
    let context = Context::new();
    let [frontend, backend, control] = [SocketType::Router, SocketType::Dealer, SocketType::Rep]
        .map(|socket_type| context.socket(socket_type).unwrap());
    let options = || json!({ "linger": 0 });
    let steering = peer.socket(SocketType::Req, options()).await;
    steering.connect(&control.bind(anywhere).await.unwrap()).await;
    let at = frontend.bind(anywhere).await.unwrap();
    let worker = peer.socket(SocketType::Rep, options()).await;
    worker.connect(&backend.bind(anywhere).await.unwrap()).await;
    worker.echo().await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        let client = peer.socket(SocketType::Req, options()).await;
        client.connect(&at).await;
        clients.push(client);
    }
    let ended = spawn_local(async move { proxy_steerable(&frontend, &backend, None, &control).await });
    let tell = async |command: &'static str| {
        steering.send(&command.into()).await;
        steering.recv().await
    };
    let request = |number: usize| message(&[b"request", &[number as u8; 40_000]]);
    for round in 0..5 {
        for (number, client) in clients.iter().enumerate() {
            client.send(&request(number + round)).await;
        }
        for (number, client) in clients.iter().enumerate() {
            assert_eq!(client.recv().await, request(number + round));
        }
    }
    let statistics = numbers(&tell("STATISTICS").await);
    // A request: the routing id that our ROUTER gave, of five octets, the delimiter, and two parts.
    let (parts, octets) = (15 * 4, 15 * (5 + 7 + 40_000));
    assert_eq!(statistics, [parts, octets, parts, octets, parts, octets, parts, octets]);
    assert_eq!(tell("PAUSE").await.parts(), [""]);
    clients[0].send(&request(9)).await;
    assert_eq!(numbers(&tell("STATISTICS").await), statistics);
    assert_eq!(tell("RESUME").await.parts(), [""]);
    assert_eq!(clients[0].recv().await, request(9));
    assert_eq!(tell("TERMINATE").await.parts(), [""]);
    ended.await.unwrap().unwrap();
}

#[test]
fn a_proxy_joins_npm_zeromqs_sockets_over_ws_and_obeys_one() {
    run(between_libzmqs_sockets(Library::Node, "ws://127.0.0.1:*"));
}

#[test]
fn a_proxy_joins_pyzmqs_sockets_over_tcp_and_obeys_one() {
    run(between_libzmqs_sockets(Library::Python, "tcp://127.0.0.1:*"));
}

#[test]
fn subscriptions_pass_one_way_and_messages_the_other() {
    run(async {
        let Some(peer) = Peer::start(Library::Node).await else { return };
        let context = Context::new();
        let (frontend, backend) =
            (context.socket(SocketType::Xpub).unwrap(), context.socket(SocketType::Xsub).unwrap());
        let publisher = peer.socket(SocketType::Xpub, json!({ "linger": 0 })).await;
        backend.connect(&publisher.bind("ws://127.0.0.1:*").await).unwrap();
        let subscriber = peer.socket(SocketType::Sub, json!({ "linger": 0 })).await;
        subscriber.connect(&frontend.bind("ws://127.0.0.1:*").await.unwrap()).await;
        start(&frontend, &backend, None);
        subscriber.subscribe("weather").await;
        assert_eq!(publisher.recv().await.parts(), ["\u{1}weather"]);
        publisher.send(&"news".into()).await;
        publisher.send(&message(&[b"weather", b"sun"])).await;
        assert_eq!(subscriber.recv().await, message(&[b"weather", b"sun"]));
    });
}

#[test]
fn a_capture_gets_whole_messages_of_both_directions_and_is_waited_for() {
    run(async {
        let context = Context::new();
        let (frontend, client) = joined(&context, "tcp", (SocketType::Pair, SocketType::Pair)).await;
        let (backend, worker) = joined(&context, "tcp", (SocketType::Pair, SocketType::Pair)).await;
        let capture = context.socket(SocketType::Push).unwrap();
        start(&frontend, &backend, Some(&capture));
        client.send(message(&[b"to", b"", b"worker"])).await.unwrap();
        let mut received = Box::pin(worker.recv());
        assert!(once(&mut received).await.is_none());
        let witness = context.socket(SocketType::Pull).unwrap();
        witness.connect(&capture.bind("inproc://witness").await.unwrap()).unwrap();
        assert_eq!(received.await.unwrap(), message(&[b"to", b"", b"worker"]));
        worker.send("to client").await.unwrap();
        assert_eq!(client.recv_string().await.unwrap(), "to client");
        assert_eq!(witness.recv().await.unwrap(), message(&[b"to", b"", b"worker"]));
        assert_eq!(witness.recv().await.unwrap().parts(), ["to client"]);
    });
}

#[test]
fn a_socket_that_is_both_ends_gives_back_what_it_receives() {
    run(async {
        let context = Context::new();
        for types in [(SocketType::Rep, SocketType::Req), (SocketType::Router, SocketType::Dealer)] {
            let (both, client) = joined(&context, "tcp", types).await;
            start(&both, &both, None);
            client.send("hello").await.unwrap();
            assert_eq!(client.recv_string().await.unwrap(), "hello");
        }
    });
}

#[test]
fn a_proxy_that_is_dropped_anywhere_passes_each_message_on_once() {
    const COUNT: u32 = 2_000;
    run(async {
        let context = Context::new();
        let (frontend, client) = joined(&context, "tcp", (SocketType::Pull, SocketType::Push)).await;
        let (backend, worker) = joined(&context, "inproc", (SocketType::Push, SocketType::Pull)).await;
        for socket in [&frontend, &client, &backend, &worker] {
            socket.set(SocketOption::SndHwm, 3).unwrap();
            socket.set(SocketOption::RcvHwm, 3).unwrap();
        }
        let sending = async {
            for number in 0..COUNT {
                client.send(number.to_string()).await.unwrap();
            }
        };
        let receiving = async {
            for number in 0..COUNT {
                assert_eq!(worker.recv_string().await.unwrap(), number.to_string());
            }
        };
        let proxies = async {
            for waits in (0..).map(|turn| turn % 7) {
                assert!(cut(waits, proxy(&frontend, &backend, None)).await.is_none());
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            _ = async { tokio::join!(sending, receiving) } => {}
            () = proxies => {}
        }
    });
}

#[test]
fn what_a_router_must_send_and_can_not_yet_outlives_the_proxy() {
    run(async {
        let context = Context::new();
        let (frontend, client) = joined(&context, "inproc", (SocketType::Pair, SocketType::Pair)).await;
        let router = context.socket(SocketType::Router).unwrap();
        router.set(SocketOption::RouterMandatory, true).unwrap();
        router.set(SocketOption::SndHwm, 1).unwrap();
        let endpoint = router.bind("inproc://router").await.unwrap();
        let [worker, _idle] = ["worker", "idle"].map(|name| {
            let worker = context.socket(SocketType::Dealer).unwrap();
            worker.set(SocketOption::RcvHwm, 1).unwrap();
            worker.set_string(SocketOption::RoutingId, name).unwrap();
            worker.connect(&endpoint).unwrap();
            worker.try_send("here").unwrap();
            worker
        });
        router.recv().await.unwrap();
        router.recv().await.unwrap();
        let mut fitted = 0;
        let mut fill = async || {
            while router.try_send(["worker".to_owned(), fitted.to_string()].map(Body::from)).is_ok() {
                fitted += 1;
                tokio::task::yield_now().await;
            }
        };
        fill().await;
        client.send(["worker", "held"]).await.unwrap();
        frontend.poll(POLLIN, None).await.unwrap();
        let mut joined = Box::pin(proxy(&frontend, &router, None));
        while frontend.events().unwrap() & POLLIN != 0 {
            assert!(once(&mut joined).await.is_none());
            tokio::task::yield_now().await;
        }
        drop(joined);
        for number in 0..fitted {
            assert_eq!(worker.recv_string().await.unwrap(), number.to_string());
        }
        assert_eq!(worker.recv_string().await.unwrap(), "held");
    });
}

#[test]
fn a_proxy_ends_with_its_context_its_sockets_and_its_control() {
    run(async {
        let context = Context::new();
        let socket = |socket_type| context.socket(socket_type).unwrap();
        let (frontend, backend, control) =
            (socket(SocketType::Router), socket(SocketType::Dealer), socket(SocketType::Pair));
        let ended =
            tokio::join!(proxy_steerable(&frontend, &backend, None, &control), async { control.close() });
        assert_eq!(ended.0, Err(Error::Canceled));
        let ended: (Result<_>, ()) =
            tokio::join!(proxy(&frontend, &backend, None), async { backend.close() });
        assert_eq!(ended.0.unwrap_err(), Error::Canceled);
        assert_eq!(proxy(&frontend, &backend, None).await.unwrap_err(), Error::Closed);
        let other = socket(SocketType::Dealer);
        let ending = async {
            let term = context.term();
            tokio::pin!(term);
            assert!(once(&mut term).await.is_none());
        };
        let ended = tokio::join!(proxy(&frontend, &other, None), ending);
        assert_eq!(ended.0.unwrap_err(), Error::Terminated);
    });
}

#[test]
fn a_sub_steers_without_answers() {
    run(async {
        let context = Context::new();
        let (frontend, client) = joined(&context, "tcp", (SocketType::Pull, SocketType::Push)).await;
        let (backend, worker) = joined(&context, "tcp", (SocketType::Push, SocketType::Pull)).await;
        let (steering, control) = joined(&context, "tcp", (SocketType::Xpub, SocketType::Sub)).await;
        control.subscribe("").unwrap();
        steering.recv().await.unwrap();
        let steer = async {
            for command in ["STATISTICS", "PAUSE", "RESUME"] {
                steering.send(command).await.unwrap();
            }
            client.send("through").await.unwrap();
            assert_eq!(worker.recv_string().await.unwrap(), "through");
            steering.send("TERMINATE").await.unwrap();
        };
        let (ended, ()) = tokio::join!(proxy_steerable(&frontend, &backend, None, &control), steer);
        ended.unwrap();
    });
}
