//! `tcp://` in every form that an address can have.

use std::net::{SocketAddr, TcpListener};

use serde_json::json;
use socket2::{Domain, Socket as RawSocket, Type};
use zmq_wasm::native::engine::{EventKind, EventValue};
use zmq_wasm::native::{Context, Message, Socket, SocketOption, SocketType};

use crate::peer::{Library, Peer};
use crate::support::{run, wait_for};

fn pair(context: &Context) -> (Socket, Socket) {
    (context.socket(SocketType::Pull).unwrap(), context.socket(SocketType::Push).unwrap())
}

/// Whether something arrives by this endpoint.
async fn arrives(pull: &Socket, push: &Socket, endpoint: &str) {
    push.connect(endpoint).unwrap();
    push.send_string(endpoint).await.unwrap();
    assert_eq!(pull.recv_string().await.unwrap(), endpoint);
    push.disconnect(endpoint).unwrap();
}

fn has_ipv6() -> bool {
    let has = TcpListener::bind("[::1]:0").is_ok();
    if !has {
        println!("skipped: this machine has no IPv6 loopback");
    }
    has
}

fn port(endpoint: &str) -> u16 {
    endpoint.trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap()
}

/// What the next dial that fails says.
async fn failure(socket: &Socket, endpoint: &str) -> String {
    let mut monitor = socket.monitor();
    socket.set(SocketOption::ReconnectIvl, 1).unwrap();
    socket.connect(endpoint).unwrap();
    let event = wait_for(&mut monitor, EventKind::Closed).await;
    assert_eq!(event.endpoint, endpoint);
    wait_for(&mut monitor, EventKind::ConnectRetried).await;
    let EventValue::Text(text) = event.value else { panic!("{event:?}") };
    text
}

#[test]
fn with_ipv6_a_wildcard_takes_both_kinds_and_without_only_ipv4() {
    run(async {
        if !has_ipv6() {
            return;
        }
        for scheme in ["tcp", "ws"] {
            let context = Context::new();
            let (pull, push) = pair(&context);
            pull.set(SocketOption::Ipv6, true).unwrap();
            let bound = pull.bind(&format!("{scheme}://*:*")).await.unwrap();
            assert!(bound.starts_with(&format!("{scheme}://[::]:")), "{bound}");
            assert_eq!(pull.last_endpoint(), bound);
            arrives(&pull, &push, &bound.replace("[::]", "127.0.0.1")).await;
            arrives(&pull, &push, &bound.replace("[::]", "[::1]")).await;
            push.set(SocketOption::Ipv6, true).unwrap();
            arrives(&pull, &push, &bound.replace("[::]", "localhost")).await;
            pull.unbind(&bound).unwrap();

            let (pull, push) = pair(&context);
            let bound = pull.bind(&format!("{scheme}://*:*")).await.unwrap();
            assert!(bound.starts_with(&format!("{scheme}://0.0.0.0:")), "{bound}");
            let why = failure(&push, &bound.replace("0.0.0.0", "[::1]")).await;
            assert!(why.contains("refused"), "{why}");
            assert!(pull.unbind(&format!("{scheme}://*:{}", port(&bound))).is_err());
            pull.unbind(&bound).unwrap();
        }
    });
}

#[test]
fn a_service_shares_a_wildcard_port_of_either_kind() {
    use zmq_wasm::native::http::{Incoming, Request, Response, service_fn};
    run(async {
        for ipv6 in [false, has_ipv6()] {
            let context = Context::new();
            let (pull, _) = pair(&context);
            pull.set(SocketOption::Ipv6, ipv6).unwrap();
            let bound = pull.bind("ws://*:*/jobs").await.unwrap();
            let page =
                service_fn(async |_: Request<Incoming>| Ok::<_, String>(Response::new("page".to_owned())));
            let page =
                context.mount(&format!("ws://*:{}", port(&bound.replace("/jobs", ""))), page).await.unwrap();
            assert_eq!(page.local_addr().is_ipv6(), ipv6);
            let local = format!("127.0.0.1:{}", page.local_addr().port());
            assert!(crate::raw_http::get(local, "/").await.ends_with("page"));
        }
    });
}

#[test]
fn a_wildcard_endpoint_is_unbound_as_it_was_given_or_as_it_was_bound() {
    run(async {
        let context = Context::new();
        let (pull, _) = pair(&context);
        for (given, by_bound) in [("tcp://*:*", false), ("tcp://127.0.0.1:0", true), ("ws://*:0/a", true)] {
            let bound = pull.bind(given).await.unwrap();
            pull.unbind(if by_bound { &bound } else { given }).unwrap();
            // The port is free again, at once.
            assert_eq!(pull.bind(&bound).await.unwrap(), bound);
            pull.unbind(&pull.last_endpoint()).unwrap();
            assert_eq!(pull.unbind(&bound).unwrap_err().code(), "ENOENT");
        }
    });
}

#[test]
fn ipv6_goes_both_ways_with_pyzmq() {
    run(async {
        if !has_ipv6() {
            return;
        }
        let Some(peer) = Peer::start(Library::Python).await else { return };
        let context = Context::new();
        let rep = context.socket(SocketType::Rep).unwrap();
        rep.set(SocketOption::Ipv6, true).unwrap();
        let bound = rep.bind("tcp://*:*").await.unwrap();
        for host in ["127.0.0.1", "[::1]", "localhost"] {
            let theirs = peer.socket(SocketType::Req, json!({ "linger": 0, "ipv6": true })).await;
            theirs.connect(&bound.replace("[::]", host)).await;
            theirs.send(&Message::from(host)).await;
            rep.send(rep.recv().await.unwrap()).await.unwrap();
            assert_eq!(theirs.recv().await.parts(), [host]);
            theirs.close().await;
        }
        for anywhere in ["tcp://[::1]:*", "tcp://*:*"] {
            let theirs = peer.socket(SocketType::Rep, json!({ "linger": 0, "ipv6": true })).await;
            let bound = theirs.bind(anywhere).await;
            theirs.echo().await;
            let req = context.socket(SocketType::Req).unwrap();
            req.connect(&bound.replace("[::]", "[::1]")).unwrap();
            req.send("six").await.unwrap();
            assert_eq!(req.recv_string().await.unwrap(), "six");
            theirs.close().await;
        }
    });
}

#[test]
fn an_interface_is_bound_by_its_name() {
    run(async {
        if !cfg!(target_os = "linux") {
            println!("skipped: the loopback interface has another name here");
            return;
        }
        for scheme in ["tcp", "ws"] {
            let context = Context::new();
            let (pull, push) = pair(&context);
            let bound = pull.bind(&format!("{scheme}://lo:*")).await.unwrap();
            assert!(bound.starts_with(&format!("{scheme}://127.0.0.1:")), "{bound}");
            arrives(&pull, &push, &bound).await;
            if has_ipv6() {
                pull.set(SocketOption::Ipv6, true).unwrap();
                let bound = pull.bind(&format!("{scheme}://lo:*")).await.unwrap();
                assert!(bound.starts_with(&format!("{scheme}://[::1]:")), "{bound}");
                arrives(&pull, &push, &bound).await;
            }
            let error = pull.bind(&format!("{scheme}://nosuchinterface.invalid:*")).await.unwrap_err();
            assert!(error.to_string().contains("nosuchinterface.invalid"), "{error}");
        }
    });
}

#[test]
fn an_address_may_have_a_zone_by_name_or_number() {
    run(async {
        // The first address of the kind that a zone is for: address, number of the interface, …, its name.
        let table = std::fs::read_to_string("/proc/net/if_inet6").unwrap_or_default();
        let local = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let Some(line) = local.into_iter().find(|line| line[0].starts_with("fe80")) else {
            println!("skipped: this machine has no link-local address");
            return;
        };
        let digits = u128::from_str_radix(line[0], 16).unwrap();
        let (address, index) = (std::net::Ipv6Addr::from(digits), u32::from_str_radix(line[1], 16).unwrap());
        let context = Context::new();
        for zone in [line[5].to_owned(), index.to_string()] {
            let (pull, push) = pair(&context);
            let bound = pull.bind(&format!("tcp://[{address}%{zone}]:*")).await.unwrap();
            assert!(bound.starts_with(&format!("tcp://[{address}%{index}]:")), "{bound}");
            arrives(&pull, &push, &bound).await;
            arrives(&pull, &push, &bound.replace(&format!("%{index}"), &format!("%{zone}"))).await;
            pull.unbind(&bound).unwrap();
        }
    });
}

#[test]
fn a_connection_comes_from_the_source_that_its_endpoint_names() {
    run(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = listener.local_addr().unwrap();
        let free = TcpListener::bind("127.0.0.2:0").map(|free| free.local_addr().unwrap());
        let Ok(free) = free else {
            println!("skipped: this machine has only one loopback address");
            return;
        };
        let context = Context::new();
        for (source, wanted) in [
            (format!("127.0.0.2:{}", free.port()), free),
            ("127.0.0.3:*".to_owned(), "127.0.0.3:0".parse().unwrap()),
            ("127.0.0.4:0".to_owned(), "127.0.0.4:0".parse().unwrap()),
            ("*:*".to_owned(), "127.0.0.1:0".parse().unwrap()),
        ] {
            let (_, push) = pair(&context);
            let endpoint = format!("tcp://{source};{target}");
            push.connect(&endpoint).unwrap();
            assert_eq!(push.last_endpoint(), endpoint);
            let (_stream, from): (_, SocketAddr) = listener.accept().await.unwrap();
            assert_eq!(from.ip(), wanted.ip());
            assert!(wanted.port() == 0 || from.port() == wanted.port(), "{from}");
            push.disconnect(&endpoint).unwrap();
        }
    });
}

#[test]
fn a_source_that_is_none_is_said_and_tried_again() {
    run(async {
        let context = Context::new();
        for (source, why) in [
            ("192.0.2.77:0", "can't connect from 192.0.2.77:0"),
            ("nosuchinterface:*", "nosuchinterface is neither"),
            ("[::1]:0", "no address of the kind"),
        ] {
            let (_, push) = pair(&context);
            let said = failure(&push, &format!("tcp://{source};127.0.0.1:9")).await;
            assert!(said.contains(why), "{said}");
        }
        let (_, push) = pair(&context);
        for bad in ["tcp://127.0.0.1;127.0.0.1:9", "tcp://;127.0.0.1:9", "tcp://[1::2::3]:9", "tcp://a:1;b:*"]
        {
            assert_eq!(push.connect(bad).unwrap_err().code(), "EINVAL", "{bad}");
        }
    });
}

#[test]
fn a_name_that_can_not_be_resolved_is_tried_again_after_growing_pauses() {
    run(async {
        let (_, push) = pair(&Context::new());
        push.set(SocketOption::ReconnectIvl, 1).unwrap();
        push.set(SocketOption::ReconnectIvlMax, 8).unwrap();
        let mut monitor = push.monitor();
        push.connect("tcp://nowhere.invalid:1").unwrap();
        for pause in [1, 2, 4, 8, 8] {
            let closed = wait_for(&mut monitor, EventKind::Closed).await;
            let EventValue::Text(why) = &closed.value else { panic!("{closed:?}") };
            assert!(why.contains("nowhere.invalid can't be resolved"), "{why}");
            let retried = wait_for(&mut monitor, EventKind::ConnectRetried).await;
            assert_eq!(retried.value, EventValue::Number(pause));
        }
    });
}

#[test]
fn a_silent_address_is_given_up_after_connect_timeout() {
    run(async {
        if !cfg!(target_os = "linux") {
            println!("skipped: only Linux's listeners let connections wait when their queue is full");
            return;
        }
        let listener = RawSocket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        listener.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
        listener.listen(0).unwrap();
        let address = listener.local_addr().unwrap().as_socket().unwrap();
        let _queued: Vec<_> = (0..4)
            .map(|_| {
                let socket = RawSocket::new(Domain::IPV4, Type::STREAM, None).unwrap();
                socket.set_nonblocking(true).unwrap();
                let _ = socket.connect(&address.into());
                socket
            })
            .collect();
        let (_, push) = pair(&Context::new());
        push.set(SocketOption::ConnectTimeout, 20).unwrap();
        for scheme in ["tcp", "ws"] {
            let why = failure(&push, &format!("{scheme}://{address}")).await;
            assert!(why.contains("CONNECT_TIMEOUT"), "{why}");
        }
    });
}
