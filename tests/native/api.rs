//! Sending, receiving, waiting, options, polling, over every transport.

use std::time::Duration;

use bytes::Bytes;
use tokio::task::spawn_local;
use zmq_wasm::native::{
    Context, Error, Message, OptionValue, POLLIN, POLLOUT, Poller, SocketOption, SocketType,
};

use crate::support::{SCHEMES, join, joined, message, messages, octets, once, run};

#[test]
fn messages_of_every_shape_arrive_whole_and_in_order_over_every_transport() {
    run(async {
        for scheme in SCHEMES {
            let context = Context::new();
            let (bound, connected) = joined(&context, scheme, (SocketType::Pair, SocketType::Pair)).await;
            for (from, to) in [(&bound, &connected), (&connected, &bound)] {
                let sending = async {
                    for message in messages() {
                        from.send(message).await.unwrap();
                    }
                };
                let receiving = async {
                    for message in messages() {
                        assert_eq!(to.recv().await.unwrap(), message, "{scheme}");
                    }
                };
                tokio::join!(sending, receiving);
            }
        }
    });
}

#[test]
fn a_dropped_receive_takes_no_message() {
    run(async {
        for scheme in SCHEMES {
            let context = Context::new();
            let (pull, push) = joined(&context, scheme, (SocketType::Pull, SocketType::Push)).await;
            assert!(once(pull.recv()).await.is_none());
            push.send("one").await.unwrap();
            // Woken, but dropped before it could take what it was woken for.
            let mut waiting = Box::pin(pull.recv());
            assert!(once(waiting.as_mut()).await.is_none());
            pull.poll(POLLIN, None).await.unwrap();
            drop(waiting);
            assert_eq!(pull.recv_string().await.unwrap(), "one");
        }
    });
}

#[test]
fn waiting_receives_are_served_in_the_order_they_came() {
    run(async {
        let context = Context::new();
        let (pull, push) = joined(&context, "tcp", (SocketType::Pull, SocketType::Push)).await;
        let mut first = Box::pin(pull.recv_string());
        let mut second = Box::pin(pull.recv_string());
        let mut third = Box::pin(pull.recv_string());
        assert!(once(first.as_mut()).await.is_none());
        assert!(once(second.as_mut()).await.is_none());
        assert!(once(third.as_mut()).await.is_none());
        drop(second);
        for text in ["one", "two"] {
            push.send(text).await.unwrap();
        }
        let (third, first) = tokio::join!(third, first);
        assert_eq!((first.unwrap().as_str(), third.unwrap().as_str()), ("one", "two"));
    });
}

#[test]
fn a_dropped_send_sends_nothing_and_those_behind_it_keep_their_order() {
    run(async {
        let context = Context::new();
        let push = context.socket(SocketType::Push).unwrap();
        // Nobody is there, so every send waits.
        let mut one = Box::pin(push.send("one"));
        let mut two = Box::pin(push.send("two"));
        let mut three = Box::pin(push.send("three"));
        assert!(once(one.as_mut()).await.is_none());
        assert!(once(two.as_mut()).await.is_none());
        assert!(once(three.as_mut()).await.is_none());
        let refused = push.try_send("four").unwrap_err();
        assert_eq!((refused.error, refused.message), (Error::WouldBlock, Message::from("four")));
        drop(one);
        let pull = context.socket(SocketType::Pull).unwrap();
        let endpoint = pull.bind("tcp://127.0.0.1:*").await.unwrap();
        push.connect(&endpoint).unwrap();
        let (three, two) = tokio::join!(three, two);
        two.and(three).unwrap();
        assert_eq!(pull.recv_string().await.unwrap(), "two");
        assert_eq!(pull.recv_string().await.unwrap(), "three");
    });
}

#[test]
fn time_outs_are_those_of_the_options_at_the_time_of_the_call() {
    run(async {
        let context = Context::new();
        let dealer = context.socket(SocketType::Dealer).unwrap();
        for timeout in [0, 10] {
            dealer.set(SocketOption::RcvTimeo, timeout).unwrap();
            dealer.set(SocketOption::SndTimeo, timeout).unwrap();
            assert_eq!(dealer.recv().await, Err(Error::WouldBlock));
            assert_eq!(dealer.send("x").await, Err(Error::WouldBlock));
        }
        assert_eq!(dealer.try_recv(), Err(Error::WouldBlock));
        assert_eq!(dealer.try_send("x").unwrap_err().error, Error::WouldBlock);
        dealer.set(SocketOption::RcvTimeo, -1).unwrap();
        assert!(once(dealer.recv()).await.is_none());
    });
}

#[test]
fn a_slow_reader_holds_the_sender_back_and_gets_everything_in_order() {
    const COUNT: u32 = 20_000;
    run(async {
        for scheme in SCHEMES {
            let context = Context::new();
            let (pull, push) =
                (context.socket(SocketType::Pull).unwrap(), context.socket(SocketType::Push).unwrap());
            pull.set(SocketOption::RcvHwm, 10).unwrap();
            push.set(SocketOption::SndHwm, 10).unwrap();
            join(scheme, &pull, &push).await;
            let body = octets(1000);
            // As much as fits is taken, and it is far less than all.
            let mut sent = 0;
            loop {
                let mut message = Message::from(Bytes::copy_from_slice(&u32::to_be_bytes(sent)));
                message.push(body.clone());
                match push.try_send(message) {
                    Ok(()) => sent += 1,
                    Err(_) if push.poll(POLLOUT, Some(Duration::from_millis(100))).await.unwrap() == 0 => {
                        break;
                    }
                    Err(_) => {}
                }
                assert!(sent < COUNT, "{scheme}: nothing held the sender back");
            }
            let sender = spawn_local(async move {
                for number in sent..COUNT {
                    let parts = [Bytes::copy_from_slice(&number.to_be_bytes()), body.clone()];
                    push.send(parts).await.unwrap();
                }
            });
            for number in 0..COUNT {
                assert_eq!(pull.recv().await.unwrap().parts()[0][..], number.to_be_bytes(), "{scheme}");
            }
            sender.await.unwrap();
        }
    });
}

#[test]
fn text_and_json_are_sent_and_received_and_anything_else_is_refused() {
    run(async {
        let context = Context::new();
        let (one, other) = joined(&context, "inproc", (SocketType::Pair, SocketType::Pair)).await;
        one.send_string("grüße").await.unwrap();
        assert_eq!(other.recv_string().await.unwrap(), "grüße");
        one.send_json(&serde_json::json!({ "a": [1, null] })).await.unwrap();
        assert_eq!(
            other.recv_json::<serde_json::Value>().await.unwrap(),
            serde_json::json!({ "a": [1, null] })
        );
        for (sent, expected) in [
            (message(&[b"\xff"]), "not UTF-8: invalid utf-8 sequence of 1 bytes from index 0"),
            (message(&[b"a", b"b"]), "a message of 2 parts, where one was expected"),
        ] {
            one.send(sent).await.unwrap();
            assert_eq!(other.recv_string().await.unwrap_err().to_string(), expected);
        }
        one.send("{").await.unwrap();
        assert_eq!(other.recv_json::<serde_json::Value>().await.unwrap_err().code(), "EBADMSG");
        assert_eq!(one.send(Message::new()).await.unwrap_err().code(), "EINVAL");
    });
}

#[test]
fn options_are_read_as_they_were_set() {
    run(async {
        let context = Context::new();
        let socket = context.socket(SocketType::Dealer).unwrap();
        socket.set_string(SocketOption::RoutingId, "me").unwrap();
        assert_eq!(socket.get(SocketOption::RoutingId).unwrap(), OptionValue::Bytes(b"me".to_vec()));
        assert_eq!(socket.get(SocketOption::Type).unwrap(), OptionValue::Int(5));
        assert_eq!(socket.get(SocketOption::Events).unwrap(), OptionValue::Int(0));
        assert_eq!(socket.get(SocketOption::RcvMore).unwrap(), OptionValue::Int(0));
        assert_eq!(socket.set(SocketOption::Linger, "soon").unwrap_err().code(), "EINVAL");
        assert_eq!(socket.subscribe("x").unwrap_err().code(), "EINVAL");
        assert_eq!(socket.socket_type(), SocketType::Dealer);
    });
}

#[test]
fn subscriptions_count_and_topics_are_prefixes() {
    run(async {
        for scheme in SCHEMES {
            let context = Context::new();
            let (publisher, subscriber) = joined(&context, scheme, (SocketType::Xpub, SocketType::Sub)).await;
            subscriber.set_string(SocketOption::Subscribe, "weather").unwrap();
            subscriber.subscribe(b"weather").unwrap();
            assert_eq!(publisher.recv().await.unwrap(), message(&[b"\x01weather"]));
            publisher.send("weather.oslo").await.unwrap();
            publisher.send("sports").await.unwrap();
            subscriber.unsubscribe("weather").unwrap();
            publisher.send("weather.lima").await.unwrap();
            assert_eq!(subscriber.recv_string().await.unwrap(), "weather.oslo");
            assert_eq!(subscriber.recv_string().await.unwrap(), "weather.lima");
            subscriber.unsubscribe("weather").unwrap();
            assert_eq!(publisher.recv().await.unwrap(), message(&[b"\x00weather"]));
        }
    });
}

#[test]
fn a_poller_gives_the_sockets_that_are_ready() {
    run(async {
        let context = Context::new();
        let (router, dealer) = joined(&context, "tcp", (SocketType::Router, SocketType::Dealer)).await;
        let mut poller = Poller::new();
        assert!(poller.unregister(&router).is_err());
        poller.register(&router, POLLIN);
        poller.register(&dealer, POLLIN);
        assert!(poller.poll(Some(Duration::ZERO)).await.unwrap().is_empty());
        let (found, ()) = tokio::join!(poller.poll(None), async { dealer.send("x").await.unwrap() });
        let found = found.unwrap();
        assert_eq!((found.len(), found[0].0.socket_type(), found[0].1), (1, SocketType::Router, POLLIN));
        poller.modify(&dealer, POLLIN | POLLOUT);
        let found = poller.poll(None).await.unwrap();
        assert_eq!(found.iter().map(|(_, events)| *events).collect::<Vec<_>>(), [POLLIN, POLLOUT]);
        poller.register(&router, 0);
        poller.unregister(&dealer).unwrap();
        assert!(poller.sockets().is_empty());
    });
}

#[test]
fn a_poll_sees_what_comes_while_it_waits() {
    run(async {
        let context = Context::new();
        let (pull, push) = joined(&context, "ws", (SocketType::Pull, SocketType::Push)).await;
        assert_eq!(pull.poll(POLLIN, Some(Duration::from_millis(10))).await.unwrap(), 0);
        let (seen, ()) =
            tokio::join!(pull.poll(POLLIN | POLLOUT, None), async { push.send("x").await.unwrap() });
        assert_eq!(seen.unwrap(), POLLIN);
    });
}

#[test]
fn a_loop_of_sends_that_never_wait_lets_the_socket_write() {
    run(async {
        let context = Context::new();
        let (publisher, subscriber) = joined(&context, "tcp", (SocketType::Xpub, SocketType::Sub)).await;
        subscriber.subscribe("").unwrap();
        publisher.recv().await.unwrap();
        // Without a pause the queue would overflow after 1000 messages, and the rest would be dropped.
        let last = async {
            for number in 0..3000 {
                publisher.send(number.to_string()).await.unwrap();
            }
        };
        let received = async {
            for number in 0..3000 {
                assert_eq!(subscriber.recv_string().await.unwrap(), number.to_string());
            }
        };
        tokio::join!(last, received);
    });
}
