//! Every future may be dropped wherever it waits: nothing is lost, and nothing comes twice.

use std::future::poll_fn;
use std::pin::Pin;

use futures_util::{Sink, SinkExt, StreamExt};
use tokio::task::spawn_local;
use zmq_wasm::native::engine::EventKind;
use zmq_wasm::native::{Context, Error, Message, Monitor, POLLIN, Poller, Socket, SocketOption, SocketType};

use crate::support::{SCHEMES, anywhere, cut, join, joined, once, run, until_done};

const COUNT: usize = 500;

/// A pair with room for few messages, so that both sides wait often.
async fn narrow(context: &Context, scheme: &str, types: (SocketType, SocketType)) -> (Socket, Socket) {
    let (bound, connected) = (context.socket(types.0).unwrap(), context.socket(types.1).unwrap());
    for socket in [&bound, &connected] {
        socket.set(SocketOption::SndHwm, 2).unwrap();
        socket.set(SocketOption::RcvHwm, 2).unwrap();
    }
    join(scheme, &bound, &connected).await;
    (bound, connected)
}

#[test]
fn dropped_sends_and_receives_leave_each_message_in_its_place() {
    run(async {
        // The time-outs never run out; they make the calls wait in another place.
        for (scheme, time_out) in SCHEMES.into_iter().flat_map(|scheme| [(scheme, -1), (scheme, 100_000)]) {
            let context = Context::new();
            let (pull, push) = narrow(&context, scheme, (SocketType::Pull, SocketType::Push)).await;
            push.set(SocketOption::SndTimeo, time_out).unwrap();
            pull.set(SocketOption::RcvTimeo, time_out).unwrap();
            let sending = async {
                for number in 0..COUNT {
                    until_done(async || push.send(number.to_string()).await).await.unwrap();
                }
            };
            let receiving = async {
                for number in 0..COUNT {
                    let received = until_done(async || pull.recv_string().await).await;
                    assert_eq!(received.unwrap(), number.to_string(), "{scheme}");
                }
            };
            tokio::join!(sending, receiving);
            assert_eq!(pull.try_recv(), Err(Error::WouldBlock));
        }
    });
}

#[test]
fn dropped_requests_and_replies_leave_the_conversation_in_step() {
    run(async {
        for scheme in SCHEMES {
            let context = Context::new();
            let (rep, req) = narrow(&context, scheme, (SocketType::Rep, SocketType::Req)).await;
            let asking = async {
                for number in 0..COUNT {
                    until_done(async || req.send(number.to_string()).await).await.unwrap();
                    let reply = until_done(async || req.recv_string().await).await.unwrap();
                    assert_eq!(reply, format!("re {number}"));
                }
            };
            let answering = async {
                for number in 0..COUNT {
                    let request = until_done(async || rep.recv_string().await).await.unwrap();
                    assert_eq!(request, number.to_string(), "{scheme}");
                    until_done(async || rep.send(format!("re {number}")).await).await.unwrap();
                }
            };
            tokio::join!(asking, answering);
        }
    });
}

#[test]
fn a_sink_and_a_stream_keep_every_message_whatever_is_dropped() {
    run(async {
        for scheme in SCHEMES {
            let context = Context::new();
            let (mut pull, mut push) = narrow(&context, scheme, (SocketType::Pull, SocketType::Push)).await;
            let sending = async {
                for number in 0..COUNT {
                    let mut sink = Pin::new(&mut push);
                    until_done(async || poll_fn(|cx| sink.as_mut().poll_ready(cx)).await).await.unwrap();
                    sink.start_send(number.to_string().into()).unwrap();
                    until_done(async || push.flush().await).await.unwrap();
                }
            };
            let receiving = async {
                for number in 0..COUNT {
                    let received = until_done(async || pull.next().await).await.unwrap().unwrap();
                    assert_eq!(received, Message::from(number.to_string()), "{scheme}");
                }
            };
            tokio::join!(sending, receiving);
            assert!(once(pull.next()).await.is_none());
        }
    });
}

#[test]
fn a_sink_holds_the_message_that_somebody_else_left_no_room_for() {
    run(async {
        let context = Context::new();
        let push = context.socket(SocketType::Push).unwrap();
        push.set(SocketOption::SndHwm, 1).unwrap();
        push.connect("inproc://later").unwrap();
        let mut sink = push.clone();
        poll_fn(|cx| Pin::new(&mut sink).poll_ready(cx)).await.unwrap();
        push.try_send("first").unwrap();
        Pin::new(&mut sink).start_send("second".into()).unwrap();
        for waits in [0, 0] {
            assert!(cut(waits, sink.flush()).await.is_none());
            assert!(once(SinkExt::send(&mut sink, "never taken".into())).await.is_none());
        }
        let pull = context.socket(SocketType::Pull).unwrap();
        pull.bind("inproc://later").await.unwrap();
        let (flushed, first) = tokio::join!(sink.flush(), pull.recv_string());
        flushed.unwrap();
        assert_eq!(
            (first.unwrap().as_str(), pull.recv_string().await.unwrap().as_str()),
            ("first", "second")
        );
        // Taken and then dropped at its flush: it goes out with what comes after.
        SinkExt::close(&mut sink).await.unwrap();
        assert_eq!(pull.try_recv(), Err(Error::WouldBlock));
    });
}

#[test]
fn a_stream_that_is_not_polled_keeps_no_message_from_a_receive() {
    run(async {
        let context = Context::new();
        let (mut pull, push) = joined(&context, "tcp", (SocketType::Pull, SocketType::Push)).await;
        assert!(once(pull.next()).await.is_none());
        push.send("one").await.unwrap();
        assert_eq!(pull.recv_string().await.unwrap(), "one");
        // Nor does a receive that was dropped keep it from a stream.
        let clone = pull.clone();
        let mut waiting = Box::pin(clone.recv());
        assert!(once(waiting.as_mut()).await.is_none());
        assert!(once(pull.next()).await.is_none());
        push.send("two").await.unwrap();
        let streaming = spawn_local(async move { pull.next().await });
        tokio::task::yield_now().await;
        drop(waiting);
        assert_eq!(streaming.await.unwrap().unwrap().unwrap(), Message::from("two"));
    });
}

#[test]
fn dropped_polls_monitors_and_binds_leave_nothing_behind() {
    run(async {
        let context = Context::new();
        let (pull, push) = joined(&context, "tcp", (SocketType::Pull, SocketType::Push)).await;
        let mut monitor: Monitor = pull.monitor();
        let mut poller = Poller::new();
        poller.register(&pull, POLLIN);
        assert!(once(poller.poll(None)).await.is_none());
        assert!(once(pull.poll(POLLIN, None)).await.is_none());
        assert!(once(monitor.recv()).await.is_none());
        push.send("x").await.unwrap();
        let found = until_done(async || poller.poll(None).await).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(until_done(async || pull.poll(POLLIN, None).await).await, Ok(POLLIN));
        assert_eq!(pull.recv_string().await.unwrap(), "x");
        drop(pull.bind(&anywhere("tcp")));
        let endpoint = until_done(async || pull.bind(&anywhere("tcp")).await).await.unwrap();
        let event = until_done(async || monitor.recv().await).await.unwrap();
        assert_eq!((event.kind, event.endpoint), (EventKind::Listening, endpoint));
    });
}
