//! Closing, lingering, terminating, monitors.

use std::time::Duration;

use tokio::task::spawn_local;
use zmq_wasm::native::engine::{EventKind, EventValue};
use zmq_wasm::native::{Context, Error, Options, POLLIN, SocketOption, SocketType};

use crate::support::{SCHEMES, anywhere, join, joined, octets, once, run, socket, wait_for};

#[test]
fn close_cancels_what_is_pending_and_refuses_what_comes_later() {
    run(async {
        let context = Context::new();
        let socket = context.socket(SocketType::Dealer).unwrap();
        let clone = socket.clone();
        let closing = async {
            tokio::task::yield_now().await;
            clone.close();
            clone.close();
        };
        let (received, sent, polled, ()) =
            tokio::join!(socket.recv(), socket.send("x"), socket.poll(POLLIN, None), closing);
        assert_eq!(received, Err(Error::Canceled));
        assert_eq!(sent, Err(Error::Canceled));
        assert_eq!(polled, Err(Error::Canceled));
        assert!(socket.is_closed());
        assert_eq!(socket.recv().await, Err(Error::Closed));
        assert_eq!(socket.try_recv(), Err(Error::Closed));
        assert_eq!(socket.send("x").await, Err(Error::Closed));
        assert_eq!(socket.connect("inproc://x"), Err(Error::Closed));
        assert_eq!(socket.bind("inproc://x").await, Err(Error::Closed));
        assert_eq!(socket.set(SocketOption::Linger, 0), Err(Error::Closed));
        assert_eq!(socket.poll(POLLIN, None).await, Err(Error::Closed));
    });
}

#[test]
fn what_was_sent_before_the_last_handle_is_dropped_arrives() {
    const COUNT: usize = 300;
    run(async {
        for scheme in SCHEMES {
            let context = Context::new();
            let (pull, push) = joined(&context, scheme, (SocketType::Pull, SocketType::Push)).await;
            for _ in 0..COUNT {
                push.send(octets(20_000)).await.unwrap();
                if scheme != "inproc" {
                    continue;
                }
                tokio::task::yield_now().await;
            }
            drop(push);
            for _ in 0..COUNT {
                assert_eq!(pull.recv().await.unwrap().parts()[0].len(), 20_000, "{scheme}");
            }
        }
    });
}

#[test]
fn messages_queued_before_the_peer_is_there_linger_until_it_is() {
    run(async {
        for scheme in SCHEMES {
            let context = Context::new();
            let (pull, push) = (socket(&context, SocketType::Pull), socket(&context, SocketType::Push));
            push.set(SocketOption::ReconnectIvl, 1).unwrap();
            // A port that was free a moment ago.
            let endpoint = pull.bind(&anywhere(scheme)).await.unwrap();
            pull.unbind(&endpoint).unwrap();
            push.connect(&endpoint).unwrap();
            push.send("patience").await.unwrap();
            push.close();
            pull.bind(&endpoint).await.unwrap();
            assert_eq!(pull.recv_string().await.unwrap(), "patience", "{scheme}");
            pull.close();
            context.term().await;
        }
    });
}

#[test]
fn linger_gives_up_on_a_peer_that_never_comes() {
    run(async {
        let context = Context::new();
        for linger in [0, 20] {
            let push = context.socket(SocketType::Push).unwrap();
            push.set(SocketOption::Linger, linger).unwrap();
            push.connect("tcp://127.0.0.1:1").unwrap();
            push.send("x").await.unwrap();
        }
        context.term().await;
    });
}

#[test]
fn linger_gives_up_on_a_peer_that_does_not_read() {
    run(async {
        for scheme in ["tcp", "ws", "wss"] {
            let (here, there) = (Context::new(), Context::new());
            let pull = there.socket(SocketType::Pull).unwrap();
            pull.set(SocketOption::RcvHwm, 1).unwrap();
            let push = here.socket(SocketType::Push).unwrap();
            push.set(SocketOption::SndHwm, 1).unwrap();
            join(scheme, &pull, &push).await;
            // More than any buffer of the system holds.
            while push.poll(zmq_wasm::native::POLLOUT, Some(Duration::from_millis(100))).await.unwrap() != 0 {
                push.send(octets(1 << 20)).await.unwrap();
            }
            here.destroy(Some(Duration::from_millis(20))).await;
        }
    });
}

#[test]
fn term_waits_for_open_sockets_and_fails_their_calls() {
    run(async {
        let context = Context::new();
        let socket = context.socket(SocketType::Pull).unwrap();
        let pending = spawn_local({
            let socket = socket.clone();
            async move { socket.recv().await }
        });
        tokio::task::yield_now().await;
        let mut term = Box::pin(context.term());
        assert!(once(term.as_mut()).await.is_none());
        assert_eq!(pending.await.unwrap(), Err(Error::Terminated));
        assert_eq!(socket.recv().await, Err(Error::Terminated));
        assert_eq!(context.socket(SocketType::Pull).err(), Some(Error::Terminated));
        assert!(context.is_closed());
        assert!(once(term.as_mut()).await.is_none());
        socket.close();
        term.await;
        context.term().await;
    });
}

#[test]
fn destroy_closes_every_socket() {
    run(async {
        for scheme in SCHEMES {
            let context = Context::new();
            let (one, other) = joined(&context, scheme, (SocketType::Pair, SocketType::Pair)).await;
            one.send("never read").await.unwrap();
            context.destroy(Some(Duration::ZERO)).await;
            assert!(one.is_closed() && other.is_closed());
        }
    });
}

#[test]
fn the_monitor_tells_the_life_of_a_connection() {
    run(async {
        for scheme in SCHEMES {
            let context = Context::new();
            let (pull, push) = (socket(&context, SocketType::Pull), socket(&context, SocketType::Push));
            push.set(SocketOption::ReconnectIvl, 5).unwrap();
            let (mut here, mut there) = (pull.monitor(), push.monitor());
            let endpoint = pull.bind(&anywhere(scheme)).await.unwrap();
            push.connect(&endpoint).unwrap();
            use EventKind::*;
            for kind in [Listening, Accepted, HandshakeSucceeded] {
                let event = here.recv().await.unwrap();
                assert_eq!((event.kind, event.endpoint.as_str()), (kind, endpoint.as_str()), "{scheme}");
            }
            for kind in [ConnectDelayed, Connected] {
                assert_eq!(there.recv().await.unwrap().kind, kind, "{scheme}");
            }
            let peer = there.recv().await.unwrap().peer.expect("the handshake told who the peer is");
            assert_eq!(peer.properties.find("socket-type"), Some(&b"PULL"[..]), "{scheme}");
            assert_eq!(peer.address.is_empty(), scheme == "inproc");
            pull.close();
            assert_eq!(there.recv().await.unwrap().kind, Disconnected, "{scheme}");
            let event = there.recv().await.unwrap();
            assert_eq!(event.kind, ConnectRetried, "{scheme}");
            assert!(matches!(event.value, EventValue::Number(5..10)));
            wait_for(&mut here, MonitorStopped).await;
            assert_eq!(here.recv().await, None);
            push.close_with(Some(Duration::ZERO));
            wait_for(&mut there, MonitorStopped).await;
        }
    });
}

#[test]
fn a_monitor_that_nobody_reads_keeps_the_newest_and_counts_the_rest() {
    run(async {
        let context = Context::new();
        let socket = context.socket(SocketType::Pair).unwrap();
        let mut monitor = socket.monitor();
        for number in 0..600 {
            let endpoint = format!("inproc://{number}");
            socket.bind(&endpoint).await.unwrap();
            socket.unbind(&endpoint).unwrap();
        }
        socket.bind("inproc://last").await.unwrap();
        assert_eq!(monitor.missed(), 1201 - 1024);
        let mut last = None;
        while let Some(event) = monitor.try_recv() {
            last = Some(event.endpoint);
        }
        assert_eq!(last.as_deref(), Some("inproc://last"));
    });
}

#[test]
fn sockets_begin_with_their_contexts_options() {
    run(async {
        let context = Context::new();
        let before = context.socket(SocketType::Push).unwrap();
        context.set(SocketOption::SndHwm, 7).unwrap();
        context.set(SocketOption::TcpKeepalive, 1).unwrap();
        let after = context.socket(SocketType::Push).unwrap();
        assert_eq!(before.get(SocketOption::SndHwm).unwrap(), 1000.into());
        assert_eq!(after.get(SocketOption::SndHwm).unwrap(), 7.into());
        assert_eq!(after.get(SocketOption::TcpKeepalive).unwrap(), 1.into());
        assert_eq!(context.get(SocketOption::SndHwm).unwrap(), 7.into());
        let given = context.socket_with(SocketType::Push, Options::default()).unwrap();
        assert_eq!(given.get(SocketOption::SndHwm).unwrap(), 1000.into());
        assert_eq!(context.set(SocketOption::SndHwm, -1).unwrap_err().code(), "EINVAL");
        assert_eq!(context.set(SocketOption::Events, 1).unwrap_err().code(), "EINVAL");
    });
}

#[test]
fn the_shared_context_of_a_thread_lives_while_it_is_used() {
    run(async {
        let socket = Context::instance().socket(SocketType::Pair).unwrap();
        socket.bind("inproc://shared").await.unwrap();
        let peer = Context::instance().socket(SocketType::Pair).unwrap();
        peer.connect("inproc://shared").unwrap();
        peer.send("hello").await.unwrap();
        assert_eq!(socket.recv_string().await.unwrap(), "hello");
        let context = socket.context();
        context.destroy(None).await;
        let fresh = Context::instance();
        assert!(context.is_closed() && !fresh.is_closed());
        let elsewhere = std::thread::spawn(|| Context::instance().is_closed());
        assert!(!elsewhere.join().unwrap());
    });
}
