//! Options of connections: what an application sets reaches the system, on both ends.

use std::fs;

use zmq_wasm::native::engine::{EventKind, EventValue};
use zmq_wasm::native::{Context, OptionValue, Options, Socket, SocketOption, SocketType};

use crate::support::{join, run, socket, wait_for};

/// What Linux tells of an established connection to this port: which timer runs at the end that has accepted
/// it, and which at the end that has connected. 02 is that of keepalive.
fn timers(port: u16) -> [String; 2] {
    let table = fs::read_to_string("/proc/net/tcp").unwrap();
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    let suffix = format!(":{port:04X}");
    // Local address, remote address, state (01: established), …, timer.
    [1, 2].map(|end| {
        let mut found = rows.iter().filter(|row| row[end].ends_with(&suffix) && row[3] == "01");
        found.next().map_or(String::new(), |row| row[5][..2].to_owned())
    })
}

fn sockets(options: &Options) -> (Socket, Socket) {
    let context = Context::new();
    let socket = |kind| context.socket_with(kind, options.clone()).unwrap();
    (socket(SocketType::Rep), socket(SocketType::Req))
}

#[test]
fn keepalive_is_on_at_both_ends_when_it_is_set_and_only_then() {
    run(async {
        if !fs::exists("/proc/net/tcp").unwrap() {
            println!("skipped: only Linux tells of its connections so");
            return;
        }
        for scheme in ["tcp", "ws"] {
            for (keepalive, timer_wanted) in [(1, "02"), (-1, "00"), (0, "00")] {
                let mut options = Options::default();
                options.set(SocketOption::TcpKeepalive, &keepalive.into()).unwrap();
                options.set(SocketOption::TcpKeepaliveIdle, &100.into()).unwrap();
                let (rep, req) = sockets(&options);
                let endpoint = join(scheme, &rep, &req).await;
                // What is sent is acknowledged before an answer comes back, so no other timer runs.
                for _ in 0..2 {
                    req.send("request").await.unwrap();
                    rep.send(rep.recv().await.unwrap()).await.unwrap();
                    req.recv().await.unwrap();
                }
                let port: u16 = endpoint.trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap();
                while timers(port) != [timer_wanted; 2] {
                    tokio::task::yield_now().await;
                }
            }
        }
    });
}

#[test]
fn options_are_set_before_a_socket_is_made_or_after_and_read_back() {
    run(async {
        let mut options = Options::default();
        options.set(SocketOption::Tos, &0x10.into()).unwrap();
        options.set(SocketOption::SndHwm, &7.into()).unwrap();
        let (socket, _) = sockets(&options);
        assert_eq!(socket.get(SocketOption::Tos).unwrap(), OptionValue::Int(0x10));
        assert_eq!(socket.get(SocketOption::SndHwm).unwrap(), OptionValue::Int(7));
        socket.set(SocketOption::Backlog, 3).unwrap();
        assert_eq!(socket.get(SocketOption::Backlog).unwrap(), OptionValue::Int(3));
        let error = socket.set(SocketOption::TcpKeepalive, 2).unwrap_err();
        assert_eq!(error.to_string(), "TCP_KEEPALIVE can't be 2: expected -1, 0 or 1");
        socket.close();
        assert_eq!(socket.set(SocketOption::Backlog, 3).unwrap_err().code(), "ENOTSOCK");
        assert_eq!(socket.get(SocketOption::Backlog).unwrap_err().code(), "ENOTSOCK");
    });
}

#[test]
fn every_option_leaves_a_connection_that_works() {
    run(async {
        for scheme in ["tcp", "ws"] {
            let mut options = Options::default();
            for (option, value) in [
                (SocketOption::SndBuf, OptionValue::from(30_000)),
                (SocketOption::RcvBuf, 30_000.into()),
                (SocketOption::Backlog, 1.into()),
                (SocketOption::TcpKeepalive, 1.into()),
                (SocketOption::TcpKeepaliveCnt, 4.into()),
                (SocketOption::TcpKeepaliveIdle, 60.into()),
                (SocketOption::TcpKeepaliveIntvl, 10.into()),
                (SocketOption::ConnectTimeout, 60_000.into()),
            ] {
                options.set(option, &value).unwrap();
            }
            if cfg!(target_os = "linux") {
                for (option, value) in [
                    (SocketOption::Tos, OptionValue::from(0x48)),
                    (SocketOption::Priority, 2.into()),
                    (SocketOption::TcpMaxRt, 60_000.into()),
                    (SocketOption::BindToDevice, "lo".into()),
                ] {
                    options.set(option, &value).unwrap();
                }
            }
            let (rep, req) = sockets(&options);
            join(scheme, &rep, &req).await;
            let long = vec![7_u8; 1 << 20];
            req.send(long.clone()).await.unwrap();
            let received = rep.recv().await.unwrap();
            assert!(received.parts()[0] == long);
        }
    });
}

#[test]
fn what_the_system_does_not_take_is_an_error_of_bind_and_an_event_of_connect() {
    run(async {
        let mut options = Options::default();
        options.set(SocketOption::BindToDevice, &"nosuchdevice".into()).unwrap();
        for scheme in ["tcp", "ws"] {
            let (rep, req) = sockets(&options);
            let error = rep.bind(&format!("{scheme}://127.0.0.1:*")).await.unwrap_err();
            assert!(error.to_string().contains("BINDTODEVICE nosuchdevice"), "{error}");
            let mut monitor = req.monitor();
            req.connect(&format!("{scheme}://127.0.0.1:9")).unwrap();
            let event = wait_for(&mut monitor, EventKind::Closed).await;
            let EventValue::Text(why) = event.value else { panic!("{event:?}") };
            assert!(why.contains("BINDTODEVICE nosuchdevice"), "{why}");
        }
    });
}

#[test]
fn a_connection_that_can_not_have_its_options_is_not_let_in() {
    run(async {
        // Linux takes no keepalive time of 0 seconds.
        if !cfg!(target_os = "linux") {
            return;
        }
        for scheme in ["tcp", "ws", "wss"] {
            let context = Context::new();
            let (rep, req) = (socket(&context, SocketType::Rep), socket(&context, SocketType::Req));
            rep.set(SocketOption::TcpKeepalive, 1).unwrap();
            rep.set(SocketOption::TcpKeepaliveIdle, 0).unwrap();
            let mut monitor = rep.monitor();
            req.connect(&rep.bind(&format!("{scheme}://127.0.0.1:*")).await.unwrap()).unwrap();
            let event = wait_for(&mut monitor, EventKind::AcceptFailed).await;
            let EventValue::Text(why) = event.value else { panic!("{event:?}") };
            assert!(why.starts_with("TCP_KEEPALIVE: "), "{why}");
        }
    });
}
