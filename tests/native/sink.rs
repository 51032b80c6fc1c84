//! A socket as a stream and a sink.

use futures_util::{SinkExt, StreamExt, TryStreamExt, stream};
use tokio::task::spawn_local;
use zmq_wasm::native::{Context, Error, Message, SocketOption, SocketType};

use crate::support::{SCHEMES, join, joined, once, run};

fn numbers(count: usize) -> impl Iterator<Item = Message> {
    (0..count).map(|number| Message::from(number.to_string()))
}

#[test]
fn a_whole_stream_goes_through_a_narrow_queue_and_both_ends_end() {
    const COUNT: usize = 5000;
    run(async {
        for scheme in SCHEMES {
            let context = Context::new();
            let (pull, push) =
                (context.socket(SocketType::Pull).unwrap(), context.socket(SocketType::Push).unwrap());
            pull.set(SocketOption::RcvHwm, 10).unwrap();
            push.set(SocketOption::SndHwm, 10).unwrap();
            join(scheme, &pull, &push).await;
            // The sink is closed when the stream has ended; what is queued lingers.
            let forwarding = spawn_local(stream::iter(numbers(COUNT).map(Ok)).forward(push.clone()));
            let received: Vec<_> = pull.clone().take(COUNT).try_collect().await.unwrap();
            assert!(received.into_iter().eq(numbers(COUNT)), "{scheme}");
            forwarding.await.unwrap().unwrap();
            assert!(push.is_closed());
            assert_eq!(push.send("x").await, Err(Error::Closed));
        }
    });
}

#[test]
fn a_stream_ends_when_the_socket_or_the_context_does() {
    run(async {
        for close_it in [true, false] {
            let context = Context::new();
            let (pull, push) = joined(&context, "tcp", (SocketType::Pull, SocketType::Push)).await;
            let mut reader = pull.clone();
            let reading =
                spawn_local(async move { (reader.next().await.is_none(), reader.next().await.is_none()) });
            assert!(once(push.clone().next()).await.unwrap().is_some_and(|item| item.is_err()));
            let mut full = context.socket(SocketType::Push).unwrap();
            let mut writer = full.clone();
            let writing = spawn_local(async move { SinkExt::send(&mut writer, "to nobody".into()).await });
            tokio::task::yield_now().await;
            if close_it {
                pull.close();
                full.close();
                assert_eq!(SinkExt::send(&mut full, "x".into()).await, Err(Error::Closed));
            } else {
                drop(context.term());
                assert!(once(context.term()).await.is_none());
                assert_eq!(SinkExt::send(&mut full, "x".into()).await, Err(Error::Terminated));
            }
            assert_eq!(reading.await.unwrap(), (true, true));
            assert!(writing.await.unwrap().is_err());
        }
    });
}

#[test]
fn what_a_socket_type_cannot_do_its_stream_and_sink_say_once() {
    run(async {
        let context = Context::new();
        let mut push = context.socket(SocketType::Push).unwrap();
        assert_eq!(push.next().await.unwrap().unwrap_err().code(), "ENOTSUP");
        assert!(push.next().await.is_none());
        let mut pull = context.socket(SocketType::Pull).unwrap();
        assert_eq!(SinkExt::send(&mut pull, "x".into()).await.unwrap_err().code(), "ENOTSUP");
        let (mut router, _dealer) = joined(&context, "tcp", (SocketType::Router, SocketType::Dealer)).await;
        router.set(SocketOption::RouterMandatory, true).unwrap();
        let sent = SinkExt::send(&mut router, Message::from(["nobody", "x"])).await;
        assert_eq!(sent.unwrap_err().code(), "EHOSTUNREACH");
    });
}

#[test]
fn requests_and_replies_wait_for_their_state_in_streams() {
    run(async {
        for scheme in SCHEMES {
            let context = Context::new();
            let (rep, req) = joined(&context, scheme, (SocketType::Rep, SocketType::Req)).await;
            let serving = spawn_local(rep.clone().forward(rep));
            let (mut replies, mut requests) = (req.clone(), req);
            // The stream is polled before anything was asked.
            let asking = async {
                for number in numbers(100) {
                    SinkExt::send(&mut requests, number).await.unwrap();
                }
            };
            let collecting = async { replies.by_ref().take(100).try_collect::<Vec<_>>().await.unwrap() };
            let ((), received) = tokio::join!(asking, collecting);
            assert!(received.into_iter().eq(numbers(100)), "{scheme}");
            serving.abort();
        }
    });
}

#[test]
fn the_streams_of_clones_share_the_messages() {
    run(async {
        let context = Context::new();
        let (pull, push) = joined(&context, "tcp", (SocketType::Pull, SocketType::Push)).await;
        let collect = |count| spawn_local(pull.clone().take(count).try_collect::<Vec<_>>());
        let (one, other) = (collect(50), collect(50));
        tokio::task::yield_now().await;
        for number in numbers(100) {
            push.send(number).await.unwrap();
        }
        let mut all = one.await.unwrap().unwrap();
        all.extend(other.await.unwrap().unwrap());
        let mut texts: Vec<usize> =
            all.iter().map(|message| String::from_utf8_lossy(&message.parts()[0]).parse().unwrap()).collect();
        texts.sort_unstable();
        assert!(texts.into_iter().eq(0..100));
    });
}
