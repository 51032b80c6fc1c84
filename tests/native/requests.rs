//! Many tasks on one REQ socket, and the rules of REQ and REP.

use serde_json::json;
use tokio::task::{JoinSet, spawn_local};
use zmq_wasm::native::{Body, Context, Error, Message, POLLIN, Socket, SocketOption, SocketType};

use crate::peer::{Library, Peer};
use crate::support::{SCHEMES, join, joined, once, run};

async fn echo(socket: Socket) {
    while let Ok(request) = socket.recv().await {
        socket.send(request).await.unwrap();
    }
}

#[test]
fn ten_tasks_each_send_and_receive_on_one_req_and_each_gets_its_own_reply() {
    run(async {
        for scheme in SCHEMES {
            let context = Context::new();
            let (rep, req) = joined(&context, scheme, (SocketType::Rep, SocketType::Req)).await;
            spawn_local(echo(rep));
            let mut tasks = JoinSet::new();
            for number in 0..10 {
                let req = req.clone();
                tasks.spawn_local(async move {
                    for round in 0..20 {
                        let request = format!("{number}.{round}");
                        req.send_string(&request).await.unwrap();
                        assert_eq!(req.recv_string().await.unwrap(), request);
                    }
                });
            }
            tasks.join_all().await;
        }
    });
}

#[test]
fn a_receive_with_nothing_asked_fails_unless_a_send_before_it_waits() {
    run(async {
        let context = Context::new();
        let (rep, req) = joined(&context, "tcp", (SocketType::Rep, SocketType::Req)).await;
        assert_eq!(req.recv().await.unwrap_err().code(), "EFSM");
        req.send("one").await.unwrap();
        assert_eq!(req.try_send("two").unwrap_err().error, Error::ReplyPending);
        let mut send_two = Box::pin(req.send("two"));
        assert!(once(send_two.as_mut()).await.is_none());
        let (mut first, mut second, mut third) =
            (Box::pin(req.recv_string()), Box::pin(req.recv_string()), Box::pin(req.recv_string()));
        for receive in [&mut first, &mut second, &mut third] {
            assert!(once(receive.as_mut()).await.is_none());
        }
        spawn_local(echo(rep));
        let (third, second, first, sent) = tokio::join!(third, second, first, send_two);
        sent.unwrap();
        assert_eq!((first.unwrap().as_str(), second.unwrap().as_str()), ("one", "two"));
        assert_eq!(third.unwrap_err().code(), "EFSM");
    });
}

#[test]
fn a_receive_does_not_wait_for_a_send_that_was_given_up() {
    run(async {
        let context = Context::new();
        let (rep, req) = joined(&context, "inproc", (SocketType::Rep, SocketType::Req)).await;
        req.send("one").await.unwrap();
        let mut send_two = Box::pin(req.send("two"));
        assert!(once(send_two.as_mut()).await.is_none());
        let both = async { (req.recv_string().await, req.recv_string().await) };
        let ((first, second), ()) = tokio::join!(both, async {
            let request = rep.recv().await.unwrap();
            drop(send_two);
            rep.send(request).await.unwrap();
        });
        assert_eq!(first.unwrap(), "one");
        assert_eq!(second.unwrap_err().code(), "EFSM");
    });
}

#[test]
fn rep_takes_turns() {
    run(async {
        let context = Context::new();
        let (rep, req) = joined(&context, "tcp", (SocketType::Rep, SocketType::Req)).await;
        assert_eq!(rep.send("early").await.unwrap_err().code(), "EFSM");
        req.send("one").await.unwrap();
        rep.recv().await.unwrap();
        assert_eq!(rep.recv().await.unwrap_err().code(), "EFSM");
        rep.send("reply").await.unwrap();
        assert_eq!(req.recv_string().await.unwrap(), "reply");
    });
}

#[test]
fn a_request_whose_peer_goes_away_is_reported_lost_and_the_next_one_goes_out() {
    run(async {
        for scheme in ["tcp", "ws"] {
            let context = Context::new();
            let rep = context.socket(SocketType::Rep).unwrap();
            let req = context.socket(SocketType::Req).unwrap();
            req.set(SocketOption::ReconnectIvl, 1).unwrap();
            let endpoint = join(scheme, &rep, &req).await;
            req.send("one").await.unwrap();
            rep.recv().await.unwrap();
            rep.close();
            assert_eq!(req.recv().await, Err(Error::ReplyLost));
            let rep = context.socket(SocketType::Rep).unwrap();
            rep.bind(&endpoint).await.unwrap();
            spawn_local(echo(rep));
            req.send("two").await.unwrap();
            assert_eq!(req.recv_string().await.unwrap(), "two");
        }
    });
}

#[test]
fn a_router_says_whom_it_can_not_reach_when_it_must() {
    run(async {
        let context = Context::new();
        let (router, dealer) = joined(&context, "tcp", (SocketType::Router, SocketType::Dealer)).await;
        router.send(["nobody".into(), bytes::Bytes::from_static(b"x")]).await.unwrap();
        router.set(SocketOption::RouterMandatory, true).unwrap();
        let error = router.send(["nobody".into(), bytes::Bytes::from_static(b"x")]).await.unwrap_err();
        assert_eq!(error, Error::HostUnreachable("\"nobody\"".to_owned()));
        dealer.send("hello").await.unwrap();
        let mut received = router.recv().await.unwrap();
        let id = received.pop_front().unwrap();
        router.send([id, "world".into()]).await.unwrap();
        assert_eq!(dealer.recv_string().await.unwrap(), "world");
    });
}

#[test]
fn a_request_gets_its_own_reply_however_many_are_under_way() {
    run(async {
        for socket_type in [SocketType::Req, SocketType::Dealer] {
            let context = Context::new();
            let (rep, asking) = joined(&context, "tcp", (SocketType::Rep, socket_type)).await;
            spawn_local(echo(rep));
            let mut tasks = JoinSet::new();
            for number in 0..50 {
                let asking = asking.clone();
                tasks.spawn_local(async move {
                    let request = format!("request {number}");
                    let reply =
                        asking.request([request.clone(), String::new()].map(Body::from)).await.unwrap();
                    assert_eq!(reply.parts(), [request.as_str(), ""]);
                });
            }
            tasks.join_all().await;
        }
    });
}

#[test]
fn replies_to_a_dealer_come_in_any_order_and_other_messages_are_left_to_receives() {
    run(async {
        let context = Context::new();
        let (router, dealer) = joined(&context, "tcp", (SocketType::Router, SocketType::Dealer)).await;
        let (mut one, mut two) =
            (Box::pin(dealer.request("one")), Box::pin(dealer.request(["two", "parts"])));
        assert!(once(&mut one).await.is_none());
        assert!(once(&mut two).await.is_none());
        let first = router.recv().await.unwrap();
        let second = router.recv().await.unwrap();
        // libzmq's REQ writes the same under REQ_CORRELATE.
        let [_, number, delimiter, body] = first.parts() else { panic!("{first:?}") };
        assert_eq!((number.len(), delimiter.len(), body.as_slice()), (4, 0, &b"one"[..]));
        let envelope =
            [first.parts()[0].clone(), Body::from("four"), Body::default(), Body::from("no reply")];
        router.send(Message::from_iter(envelope)).await.unwrap();
        router.send([first.parts()[0].clone(), Body::from("news")]).await.unwrap();
        router.send(second).await.unwrap();
        assert_eq!(two.await.unwrap().parts(), ["two", "parts"]);
        drop(one);
        // Nobody waits for this any more.
        router.send(first.clone()).await.unwrap();
        router.send([first.parts()[0].clone(), Body::from("last")]).await.unwrap();
        assert_eq!(dealer.poll(POLLIN, None).await.unwrap(), POLLIN);
        assert_eq!(dealer.recv().await.unwrap().parts(), ["four", "", "no reply"]);
        assert_eq!(dealer.recv_string().await.unwrap(), "news");
        assert_eq!(dealer.recv_string().await.unwrap(), "last");
        assert_eq!(dealer.try_recv(), Err(Error::WouldBlock));
    });
}

#[test]
fn a_request_that_is_given_up_does_not_keep_the_next_from_its_reply() {
    run(async {
        for (relaxed, limited) in [(false, false), (false, true), (true, false), (true, true)] {
            let context = Context::new();
            let (rep, req) = joined(&context, "tcp", (SocketType::Router, SocketType::Req)).await;
            req.set(SocketOption::ReqRelaxed, relaxed).unwrap();
            req.set(SocketOption::ReqCorrelate, relaxed).unwrap();
            if limited {
                req.set(SocketOption::RcvTimeo, 1).unwrap();
                assert_eq!(req.request("one").await, Err(Error::WouldBlock));
                req.set(SocketOption::RcvTimeo, -1).unwrap();
            } else {
                assert!(once(req.request("one")).await.is_none());
            }
            let late = rep.recv().await.unwrap();
            let mut two = Box::pin(req.request("two"));
            assert!(once(&mut two).await.is_none());
            rep.send(late).await.unwrap();
            let answer = async { rep.send(rep.recv().await.unwrap()).await.unwrap() };
            let (reply, ()) = tokio::join!(two, answer);
            assert_eq!(reply.unwrap().parts(), ["two"]);
        }
    });
}

#[test]
fn requests_end_with_the_socket_and_are_for_two_types() {
    run(async {
        let context = Context::new();
        for socket_type in SocketType::ALL {
            let (endpoint, socket) = ("inproc://nobody", context.socket(socket_type).unwrap());
            socket.connect(endpoint).unwrap();
            let mut asked = Box::pin(socket.request("hello"));
            match socket_type {
                SocketType::Req | SocketType::Dealer => {
                    assert!(once(&mut asked).await.is_none());
                    socket.close();
                    assert_eq!(asked.await, Err(Error::Canceled));
                    assert_eq!(socket.request("late").await, Err(Error::Closed));
                }
                _ => assert_eq!(asked.await.unwrap_err().code(), "ENOTSUP"),
            }
        }
        let dealer = context.socket(SocketType::Dealer).unwrap();
        assert_eq!(dealer.request(Message::new()).await.unwrap_err().code(), "EINVAL");
    });
}

/// libzmq's REP sends the envelope back, number and all.
#[test]
fn fifty_requests_of_a_dealer_at_once_are_answered_by_libzmqs_rep() {
    run(async {
        for (library, anywhere) in
            [(Library::Node, "ws://127.0.0.1:*"), (Library::Python, "tcp://127.0.0.1:*")]
        {
            let Some(peer) = Peer::start(library).await else { continue };
            let context = Context::new();
            let dealer = context.socket(SocketType::Dealer).unwrap();
            for _ in 0..2 {
                let rep = peer.socket(SocketType::Rep, json!({ "linger": 0 })).await;
                rep.echo().await;
                dealer.connect(&rep.bind(anywhere).await).unwrap();
            }
            let mut tasks = JoinSet::new();
            for number in 0..50 {
                let dealer = dealer.clone();
                tasks.spawn_local(async move {
                    let request = [format!("request {number}"), String::new()].map(Body::from);
                    assert_eq!(dealer.request(request.clone()).await.unwrap().parts(), request);
                });
            }
            tasks.join_all().await;
        }
    });
}
