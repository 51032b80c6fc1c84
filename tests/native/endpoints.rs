//! Binding and connecting, and giving both up.

use std::ops::RangeInclusive;

use zmq_wasm::TransportError;
use zmq_wasm::native::engine::{EventKind, EventValue};
use zmq_wasm::native::{Context, SocketOption, SocketType};

use crate::support::{SCHEMES, anywhere, join, joined, run, socket, wait_for};

#[test]
fn ports_and_hosts_are_filled_in() {
    run(async {
        let context = Context::new();
        for (given, host) in [
            ("tcp://127.0.0.1:*", "tcp://127.0.0.1:"),
            ("tcp://127.0.0.1:0", "tcp://127.0.0.1:"),
            ("tcp://*:*", "tcp://0.0.0.0:"),
            ("tcp://localhost:*", "tcp://"),
            ("ws://*:0/a/b", "ws://0.0.0.0:"),
        ] {
            let socket = context.socket(SocketType::Rep).unwrap();
            assert_eq!(socket.last_endpoint(), "");
            let bound = socket.bind(given).await.unwrap();
            assert!(bound.starts_with(host), "{given} was bound as {bound}");
            assert!(!bound.contains(":0"), "{bound}");
            assert_eq!(socket.last_endpoint(), bound);
        }
    });
}

#[test]
fn ipv6_is_spoken_where_the_machine_does() {
    run(async {
        for scheme in ["tcp", "ws"] {
            let context = Context::new();
            let (pull, push) =
                (context.socket(SocketType::Pull).unwrap(), context.socket(SocketType::Push).unwrap());
            let Ok(endpoint) = pull.bind(&format!("{scheme}://[::1]:*")).await else {
                println!("skipped: this machine has no IPv6 loopback");
                return;
            };
            assert!(endpoint.starts_with(&format!("{scheme}://[::1]:")));
            push.connect(&endpoint).unwrap();
            push.send("six").await.unwrap();
            assert_eq!(pull.recv_string().await.unwrap(), "six");
        }
    });
}

#[test]
fn names_are_resolved() {
    run(async {
        for scheme in ["tcp", "ws"] {
            let context = Context::new();
            let (pull, push) =
                (context.socket(SocketType::Pull).unwrap(), context.socket(SocketType::Push).unwrap());
            let endpoint = pull.bind(&anywhere(scheme)).await.unwrap();
            push.connect(&endpoint.replace("127.0.0.1", "localhost")).unwrap();
            push.send("by name").await.unwrap();
            assert_eq!(pull.recv_string().await.unwrap(), "by name");
        }
    });
}

#[test]
fn an_address_in_use_is_named_in_the_error_and_in_an_event() {
    run(async {
        for scheme in SCHEMES {
            let context = Context::new();
            let first = socket(&context, SocketType::Pull);
            let endpoint = first.bind(&anywhere(scheme)).await.unwrap();
            let second = socket(&context, SocketType::Pull);
            let mut monitor = second.monitor();
            let error = second.bind(&endpoint).await.unwrap_err();
            assert_eq!(error.code(), "EADDRINUSE");
            assert!(error.to_string().contains(&endpoint), "{error}");
            let cause = std::error::Error::source(&error).unwrap().downcast_ref::<TransportError>().unwrap();
            assert_eq!(error.to_string(), format!("{endpoint}: {cause}"));
            let event = wait_for(&mut monitor, EventKind::BindFailed).await;
            assert_eq!(event.endpoint, endpoint);
            first.unbind(&endpoint).unwrap();
            second.bind(&endpoint).await.unwrap();
        }
    });
}

#[test]
fn what_can_not_be_an_endpoint_is_refused_at_once() {
    run(async {
        let context = Context::new();
        let socket = context.socket(SocketType::Pull).unwrap();
        for (bad, code) in [
            ("nonsense", "EINVAL"),
            ("tcp://127.0.0.1", "EINVAL"),
            ("udp://127.0.0.1:1", "EPROTONOSUPPORT"),
            ("port:name", "EPROTONOSUPPORT"),
        ] {
            for error in [socket.connect(bad).unwrap_err(), socket.bind(bad).await.unwrap_err()] {
                assert_eq!(error.code(), code, "{error}");
                assert!(error.to_string().contains(bad), "{error}");
            }
        }
        assert_eq!(socket.connect("tcp://*:1").unwrap_err().code(), "EINVAL");
        assert_eq!(socket.unbind("tcp://127.0.0.1:1").unwrap_err().code(), "ENOENT");
        assert_eq!(socket.disconnect("tcp://127.0.0.1:1").unwrap_err().code(), "ENOENT");
        assert_eq!(socket.bind("tcp://192.0.2.1:*").await.unwrap_err().code(), "EADDRNOTAVAIL");
    });
}

#[test]
fn a_failed_dial_says_why_and_is_tried_again() {
    run(async {
        let context = Context::new();
        for (endpoint, why) in [
            ("tcp://127.0.0.1:1", "refused"),
            ("ws://127.0.0.1:1", "refused"),
            ("tcp://nowhere.invalid:1", "resolved"),
        ] {
            let socket = context.socket(SocketType::Push).unwrap();
            socket.set(SocketOption::ReconnectIvl, 1).unwrap();
            let mut monitor = socket.monitor();
            socket.connect(endpoint).unwrap();
            let event = wait_for(&mut monitor, EventKind::Closed).await;
            assert!(matches!(&event.value, EventValue::Text(text) if text.contains(why)), "{event:?}");
            assert_eq!(monitor.recv().await.unwrap().kind, EventKind::ConnectRetried);
            assert_eq!(monitor.recv().await.unwrap().kind, EventKind::ConnectDelayed);
        }
    });
}

#[test]
fn inproc_connects_before_and_after_bind_and_again_after_an_unbind() {
    run(async {
        let context = Context::new();
        let push = context.socket(SocketType::Push).unwrap();
        push.set(SocketOption::ReconnectIvl, 1).unwrap();
        push.connect("inproc://later").unwrap();
        push.send("one").await.unwrap();
        for text in ["one", "two"] {
            let pull = context.socket(SocketType::Pull).unwrap();
            pull.bind("inproc://later").await.unwrap();
            assert_eq!(pull.recv_string().await.unwrap(), text);
            let mut monitor = push.monitor();
            pull.close();
            wait_for(&mut monitor, EventKind::Disconnected).await;
            push.send("two").await.unwrap();
        }
    });
}

#[test]
fn an_inproc_socket_may_be_its_own_peer() {
    run(async {
        let context = Context::new();
        let dealer = context.socket(SocketType::Dealer).unwrap();
        dealer.bind("inproc://self").await.unwrap();
        dealer.connect("inproc://self").unwrap();
        dealer.send("me").await.unwrap();
        assert_eq!(dealer.recv_string().await.unwrap(), "me");
    });
}

#[test]
fn contexts_do_not_share_inproc_names() {
    run(async {
        let (one, other) = (Context::new(), Context::new());
        let first = one.socket(SocketType::Pull).unwrap();
        let second = other.socket(SocketType::Pull).unwrap();
        first.bind("inproc://name").await.unwrap();
        second.bind("inproc://name").await.unwrap();
    });
}

#[test]
fn disconnect_ends_the_connection_when_what_is_queued_is_sent() {
    run(async {
        for scheme in SCHEMES {
            let context = Context::new();
            let (pull, push) =
                (context.socket(SocketType::Pull).unwrap(), context.socket(SocketType::Push).unwrap());
            let endpoint = join(scheme, &pull, &push).await;
            let mut monitor = pull.monitor();
            push.send("last").await.unwrap();
            push.disconnect(&endpoint).unwrap();
            wait_for(&mut monitor, EventKind::Disconnected).await;
            assert_eq!(pull.recv_string().await.unwrap(), "last");
            push.set(SocketOption::SndTimeo, 0).unwrap();
            assert_eq!(push.send("nowhere to").await.unwrap_err().code(), "EAGAIN");
        }
    });
}

#[test]
fn unbind_ends_the_connections_that_came_that_way() {
    run(async {
        for scheme in SCHEMES {
            let context = Context::new();
            let (pull, push) =
                (context.socket(SocketType::Pull).unwrap(), context.socket(SocketType::Push).unwrap());
            let endpoint = join(scheme, &pull, &push).await;
            let mut monitor = push.monitor();
            pull.unbind(&endpoint).unwrap();
            wait_for(&mut monitor, EventKind::Disconnected).await;
            wait_for(&mut monitor, EventKind::ConnectRetried).await;
        }
    });
}

#[test]
fn both_sides_come_back_after_a_restart_of_the_bound_one() {
    run(async {
        for scheme in SCHEMES {
            let context = Context::new();
            let (publisher, subscriber) =
                (context.socket(SocketType::Xpub).unwrap(), context.socket(SocketType::Sub).unwrap());
            subscriber.set(SocketOption::ReconnectIvl, 1).unwrap();
            subscriber.subscribe("news").unwrap();
            let endpoint = join(scheme, &publisher, &subscriber).await;
            publisher.close();
            let publisher = socket(&context, SocketType::Xpub);
            publisher.bind(&endpoint).await.unwrap();
            // The subscription is sent again by itself.
            assert_eq!(publisher.recv_string().await.unwrap(), "\u{1}news");
            publisher.send("news of today").await.unwrap();
            assert_eq!(subscriber.recv_string().await.unwrap(), "news of today");
        }
    });
}

#[test]
fn peers_of_all_transports_share_one_socket() {
    run(async {
        let context = Context::new();
        let (pull, push) = joined(&context, "tcp", (SocketType::Pull, SocketType::Push)).await;
        let mut pushes = vec![push];
        for scheme in ["ipc", "ws", "wss", "inproc"] {
            let push = socket(&context, SocketType::Push);
            push.connect(&pull.bind(&anywhere(scheme)).await.unwrap()).unwrap();
            pushes.push(push);
        }
        for push in &pushes {
            push.send("x").await.unwrap();
        }
        for _ in &pushes {
            pull.recv().await.unwrap();
        }
    });
}

#[test]
fn a_port_is_shared_only_by_sockets_that_say_so() {
    run(async {
        for scheme in ["tcp", "ws"] {
            // One context each: within one context a ws:// port is shared anyway.
            let contexts = [Context::new(), Context::new(), Context::new()];
            let sockets = contexts.each_ref().map(|context| context.socket(SocketType::Pull).unwrap());
            let [one, other, third] = &sockets;
            one.set(SocketOption::ReusePort, true).unwrap();
            other.set(SocketOption::ReusePort, true).unwrap();
            let endpoint = one.bind(&anywhere(scheme)).await.unwrap();
            assert_eq!(other.bind(&endpoint).await.as_ref(), Ok(&endpoint));
            assert_eq!(third.bind(&endpoint).await.unwrap_err().code(), "EADDRINUSE");
            // Whichever of the two a connection comes to, it works.
            for number in 0..10 {
                let push = contexts[2].socket(SocketType::Push).unwrap();
                push.connect(&endpoint).unwrap();
                push.send(number.to_string()).await.unwrap();
                let received = tokio::select! {
                    received = one.recv_string() => received,
                    received = other.recv_string() => received,
                };
                assert_eq!(received.unwrap(), number.to_string());
            }
        }
    });
}

#[test]
fn a_random_port_is_one_of_the_range_and_free() {
    run(async {
        let context = Context::new();
        for scheme in ["tcp", "ws"] {
            let other = context.socket(SocketType::Pair).unwrap();
            let taken: u16 =
                other.bind("tcp://127.0.0.1:*").await.unwrap().rsplit(':').next().unwrap().parse().unwrap();
            let socket = context.socket(SocketType::Pair).unwrap();
            let endpoint = format!("{scheme}://127.0.0.1");
            let error = socket.bind_to_random_port(&endpoint, taken..=taken).await.unwrap_err();
            assert_eq!(error.code(), "EADDRINUSE");
            assert!(error.to_string().contains(&taken.to_string()), "{error}");
            other.close();
            let range = 20_000..=30_000;
            let port = socket.bind_to_random_port(&endpoint, range.clone()).await.unwrap();
            assert!(range.contains(&port));
            assert!(socket.last_endpoint().starts_with(&format!("{endpoint}:{port}")));
        }
    });
}

#[test]
fn a_random_port_is_for_endpoints_that_lack_one() {
    run(async {
        let socket = Context::new().socket(SocketType::Pair).unwrap();
        for bad in [
            "inproc://name",
            "ipc:///tmp/x",
            "127.0.0.1",
            "tcp://127.0.0.1:80",
            "ws://a:80/path",
            "tcp://",
            "",
        ] {
            let error = socket.bind_to_random_port(bad, 1..=65_535).await.unwrap_err();
            assert_eq!(error.code(), "EINVAL", "{bad}: {error}");
        }
        let error =
            socket.bind_to_random_port("tcp://127.0.0.1", RangeInclusive::new(2, 1)).await.unwrap_err();
        assert_eq!(error.code(), "EADDRINUSE");
    });
}
