//! Handles for other threads, and contexts on threads of their own.

use std::sync::{Arc, Mutex};

use tokio::runtime::Builder;
use tokio::task::JoinSet;
use zmq_wasm::native::engine::EventKind;
use zmq_wasm::native::{Context, Error, Message, Remote, SocketOption, SocketType};

use crate::support::{cut, joined, once, run, until_done, wait_for};

/// A pair of handles, each to a context and thread of its own, with queues of this length.
async fn pair(types: (SocketType, SocketType), hwm: i32) -> (Remote, Remote) {
    let (bound, endpoint) = Context::spawn_thread(async move |context| {
        let socket = context.socket(types.0)?;
        socket.set(SocketOption::RcvHwm, hwm)?;
        let endpoint = socket.bind("tcp://127.0.0.1:*").await?;
        Ok((socket.remote(), endpoint))
    })
    .await
    .unwrap();
    let connected = Context::spawn_thread(async move |context| {
        let socket = context.socket(types.1)?;
        socket.set(SocketOption::SndHwm, hwm)?;
        socket.connect(&endpoint)?;
        Ok(socket.remote())
    })
    .await
    .unwrap();
    (bound, connected)
}

fn number(message: &Message, part: usize) -> usize {
    std::str::from_utf8(&message.parts()[part]).unwrap().parse().unwrap()
}

fn is_send_sync_clone<T: Send + Sync + Clone>() {}

#[test]
fn tasks_on_every_thread_of_a_runtime_share_one_socket() {
    const TASKS: usize = 8;
    const COUNT: usize = 2000;
    is_send_sync_clone::<Remote>();
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let (pull, push) = pair((SocketType::Pull, SocketType::Push), 10).await;
        let mut senders = JoinSet::new();
        for task in 0..TASKS {
            let push = push.clone();
            senders.spawn(async move {
                for index in 0..COUNT {
                    push.send([task.to_string(), index.to_string()]).await.unwrap();
                }
            });
        }
        let seen = Arc::new(Mutex::new(vec![Vec::new(); TASKS]));
        let mut receivers = JoinSet::new();
        for _ in 0..2 {
            let (pull, seen) = (pull.clone(), Arc::clone(&seen));
            receivers.spawn(async move {
                for _ in 0..TASKS * COUNT / 2 {
                    let message = pull.recv().await.unwrap();
                    seen.lock().unwrap()[number(&message, 0)].push(number(&message, 1));
                }
            });
        }
        senders.join_all().await;
        receivers.join_all().await;
        for mut indices in std::mem::take(&mut *seen.lock().unwrap()) {
            // Two receivers may note two messages the other way round.
            indices.sort_unstable();
            assert!(indices.into_iter().eq(0..COUNT));
        }
        assert_eq!(pull.try_recv(), Err(Error::WouldBlock));
    });
}

#[test]
fn dropped_sends_and_receives_of_handles_leave_each_message_in_its_place() {
    const COUNT: usize = 2000;
    run(async {
        let (pull, push) = pair((SocketType::Pull, SocketType::Push), 2).await;
        let sending = async {
            for number in 0..COUNT {
                until_done(async || push.send(number.to_string()).await).await.unwrap();
            }
        };
        let receiving = async {
            for index in 0..COUNT {
                let message = until_done(async || pull.recv().await).await.unwrap();
                assert_eq!(number(&message, 0), index);
            }
        };
        tokio::join!(sending, receiving);
        assert_eq!(pull.try_recv(), Err(Error::WouldBlock));
    });
}

#[test]
fn each_task_gets_the_reply_to_its_own_request() {
    run(async {
        let (rep, req) = pair((SocketType::Rep, SocketType::Req), 1000).await;
        let server = tokio::spawn(async move {
            while let Ok(request) = rep.recv().await {
                rep.send(request).await.unwrap();
            }
        });
        let mut tasks = JoinSet::new();
        for task in 0..20 {
            let req = req.clone();
            tasks.spawn(async move {
                for waits in [0, usize::MAX, 1, usize::MAX] {
                    // One given up, at any time, takes nobody's turn or reply.
                    if let Some(reply) = cut(waits, req.request(format!("{task} {waits}"))).await {
                        assert_eq!(reply.unwrap(), Message::from(format!("{task} {waits}")));
                    }
                }
            });
        }
        tasks.join_all().await;
        assert_eq!(req.request("last").await.unwrap(), Message::from("last"));
        req.close();
        assert_eq!(req.request("x").await, Err(Error::Closed));
        assert!(req.is_closed());
        server.abort();
    });
}

#[test]
fn a_queue_without_a_reader_fills_and_what_was_given_outlives_the_handles() {
    run(async {
        let (pull, push) = pair((SocketType::Pull, SocketType::Push), 10).await;
        push.send("first").await.unwrap();
        assert_eq!(pull.recv().await.unwrap(), Message::from("first"));
        let body = vec![0_u8; 100_000];
        let mut given = 0;
        while once(push.send(body.clone())).await.is_some() {
            given += 1;
            assert!(given < 10_000, "nothing held the sender back");
            // The other threads go on.
            tokio::task::yield_now().await;
        }
        // There was a moment without room. By now there may be some, and what does not fit comes back.
        while push.try_send(body.clone()).is_ok() {
            given += 1;
            assert!(given < 10_000, "nothing held the sender back");
        }
        let refused = push.try_send(body.clone());
        given += usize::from(refused.is_ok());
        if let Err(refused) = refused {
            assert_eq!((refused.error, refused.message.parts()[0].len()), (Error::WouldBlock, 100_000));
        }
        drop(push);
        for _ in 0..given {
            assert_eq!(pull.recv().await.unwrap().parts()[0].len(), 100_000);
        }
        assert!(once(pull.recv()).await.is_none());
    });
}

#[test]
fn closing_a_handle_sends_what_was_given_and_ends_what_waits() {
    run(async {
        let context = Context::new();
        let (pull, push) = joined(&context, "tcp", (SocketType::Pull, SocketType::Push)).await;
        let (reading, writing) = (pull.remote(), push.remote());
        for number in 0..500 {
            writing.send(number.to_string()).await.unwrap();
        }
        writing.close();
        writing.close();
        assert_eq!(writing.send("x").await, Err(Error::Closed));
        assert_eq!(writing.try_send("x").unwrap_err().error, Error::Closed);
        for index in 0..500 {
            assert_eq!(number(&reading.recv().await.unwrap(), 0), index);
        }
        let (pending, ()) = tokio::join!(reading.recv(), async { reading.close() });
        assert_eq!(pending, Err(Error::Closed));
        assert_eq!(reading.recv().await, Err(Error::Closed));
        context.term().await;
        assert!(pull.is_closed() && push.is_closed());
    });
}

#[test]
fn handles_keep_no_longer_than_linger_what_nobody_takes() {
    run(async {
        let context = Context::new();
        for close_it in [true, false] {
            let push = context.socket(SocketType::Push).unwrap();
            push.set(SocketOption::Linger, 0).unwrap();
            let remote = push.remote();
            remote.send("to nobody").await.unwrap();
            if close_it {
                remote.close();
            }
        }
        // A request is given up, however long a reply may take.
        let req = context.socket(SocketType::Req).unwrap();
        req.connect("inproc://nobody").unwrap();
        req.set(SocketOption::Linger, 0).unwrap();
        let remote = req.remote();
        let (reply, ()) = tokio::join!(remote.request("anybody?"), async {
            tokio::task::yield_now().await;
            remote.close();
        });
        assert_eq!(reply, Err(Error::Canceled));
        // What is open ends with its context.
        let pull = context.socket(SocketType::Pull).unwrap().remote();
        let dealer = context.socket(SocketType::Dealer).unwrap().remote();
        let publisher = context.socket(SocketType::Pub).unwrap().remote();
        drop(req);
        context.term().await;
        assert_eq!(pull.recv().await, Err(Error::Closed));
        assert_eq!(dealer.send("x").await, Err(Error::Closed));
        assert_eq!(publisher.send("x").await, Err(Error::Closed));
    });
}

#[test]
fn what_a_socket_refuses_its_handle_tells() {
    run(async {
        let context = Context::new();
        let (router, _dealer) = joined(&context, "inproc", (SocketType::Router, SocketType::Dealer)).await;
        router.set(SocketOption::RouterMandatory, true).unwrap();
        let remote = router.remote();
        let sent = remote.send(["nobody", "x"]).await;
        assert_eq!(sent.unwrap_err().code(), "EHOSTUNREACH");
        assert_eq!(remote.try_send("x").unwrap_err().error.code(), "ENOTSUP");
        let made = |kind| context.socket(kind).unwrap().remote();
        assert_eq!(made(SocketType::Rep).send("x").await.unwrap_err().code(), "EFSM");
        assert_eq!(made(SocketType::Pull).send("x").await.unwrap_err().code(), "ENOTSUP");
        assert_eq!(made(SocketType::Dealer).send(Message::new()).await.unwrap_err().code(), "EINVAL");
        assert_eq!(made(SocketType::Dealer).request("x").await.unwrap_err().code(), "ENOTSUP");
        let push = made(SocketType::Push);
        assert_eq!(push.recv().await.unwrap_err().code(), "ENOTSUP");
        assert_eq!(push.try_recv().unwrap_err().code(), "ENOTSUP");
        assert_eq!(format!("{push:?}"), "Remote(PUSH)");
    });
}

#[test]
fn a_socket_is_set_up_from_another_thread_even_while_a_send_waits() {
    run(async {
        let push = Context::spawn_thread(async |context| Ok(context.socket(SocketType::Push)?.remote()));
        let push = push.await.unwrap();
        push.send("patience").await.unwrap();
        let context = Context::new();
        let pull = context.socket(SocketType::Pull).unwrap();
        let endpoint = pull.bind("tcp://127.0.0.1:*").await.unwrap();
        push.with(async move |socket| socket.connect(&endpoint)).await.unwrap();
        assert_eq!(pull.recv_string().await.unwrap(), "patience");
        let refused = push.with(async |socket| socket.connect("tcp://nowhere")).await;
        assert_eq!(refused.unwrap_err().code(), "EINVAL");
        // The thread and its socket are gone with the last handle.
        let mut monitor = pull.monitor();
        drop(push);
        wait_for(&mut monitor, EventKind::Disconnected).await;
    });
}

#[test]
fn what_goes_wrong_on_a_new_thread_is_told() {
    run(async {
        let refused = Context::spawn_thread(async |context| {
            context.socket(SocketType::Rep)?.bind("tcp://127.0.0.1:no-port").await
        });
        assert_eq!(refused.await.unwrap_err().code(), "EINVAL");
    });
    // Without a runtime there is an error, and no panic.
    assert_eq!(Context::new().socket(SocketType::Pair).unwrap_err().code(), "EINVAL");
}
