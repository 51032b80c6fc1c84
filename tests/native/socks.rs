//! Connecting through a SOCKS5 proxy, and what a proxy may do to us.

use std::cell::RefCell;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::Rc;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_local;
use zmq_wasm::native::engine::{EventKind, EventValue};
use zmq_wasm::native::{Context, Socket, SocketOption, SocketType};

use crate::support::{anywhere, run, socket, wait_for};

/// What a proxy does with the next client, over and over.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Manner {
    Connects,
    /// Wants the name "Ada" and the password "Lovelace".
    WantsPassword,
    /// Answers that the host can't be reached.
    Refuses,
    HangsUp,
    Silent,
    /// Is no proxy at all.
    Babbles,
}

/// A SOCKS5 server (RFC 1928, RFC 1929) that tells what it was asked for.
struct Proxy {
    address: SocketAddr,
    manner: Rc<RefCell<Manner>>,
    asked: Rc<RefCell<Vec<String>>>,
}

impl Proxy {
    async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (manner, asked) = (Rc::new(RefCell::new(manner)), Rc::<RefCell<Vec<String>>>::default());
        let this = Self { address, manner: Rc::clone(&manner), asked: Rc::clone(&asked) };
        spawn_local(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let manner = *manner.borrow();
                let asked = Rc::clone(&asked);
                spawn_local(async move {
                    // A client may go whenever it likes.
                    let _ = serve(stream, manner, &asked).await;
                });
            }
        });
        this
    }

    fn behave(&self, manner: Manner) {
        self.manner.replace(manner);
    }
}

async fn serve(mut client: TcpStream, manner: Manner, asked: &RefCell<Vec<String>>) -> std::io::Result<()> {
    match manner {
        Manner::Silent => return std::future::pending().await,
        Manner::HangsUp => return Ok(()),
        Manner::Babbles => return client.write_all(b"220 smtp.example ready\r\n").await,
        Manner::Connects | Manner::WantsPassword | Manner::Refuses => {}
    }
    assert_eq!(client.read_u8().await?, 5);
    let mut methods = vec![0; client.read_u8().await?.into()];
    client.read_exact(&mut methods).await?;
    let method = if manner == Manner::WantsPassword { 2 } else { 0 };
    if !methods.contains(&method) {
        return client.write_all(&[5, 0xff]).await;
    }
    client.write_all(&[5, method]).await?;
    if method == 2 {
        assert_eq!(client.read_u8().await?, 1);
        let (user, password) = (text(&mut client).await?, text(&mut client).await?);
        let is_right = (user.as_str(), password.as_str()) == ("Ada", "Lovelace");
        client.write_all(&[1, u8::from(!is_right)]).await?;
    }
    let mut head = [0; 4];
    client.read_exact(&mut head).await?;
    assert_eq!(head[..3], [5, 1, 0]);
    let host = match head[3] {
        1 => Ipv4Addr::from(client.read_u32().await?).to_string(),
        3 => text(&mut client).await?,
        4 => Ipv6Addr::from(client.read_u128().await?).to_string(),
        kind => panic!("there is no kind {kind} of address"),
    };
    let port = client.read_u16().await?;
    asked.borrow_mut().push(host.clone());
    if manner == Manner::Refuses {
        return client.write_all(&[5, 4, 0, 1, 0, 0, 0, 0, 0, 0]).await;
    }
    let mut server = TcpStream::connect((host.as_str(), port)).await?;
    client.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 1]).await?;
    copy_bidirectional(&mut client, &mut server).await.map(|_| ())
}

async fn text(client: &mut TcpStream) -> std::io::Result<String> {
    let mut octets = vec![0; client.read_u8().await?.into()];
    client.read_exact(&mut octets).await?;
    Ok(String::from_utf8(octets).unwrap())
}

/// A REQ that connects through a proxy.
fn through(proxy: &Proxy, context: &Context) -> Socket {
    let req = socket(context, SocketType::Req);
    req.set_string(SocketOption::SocksProxy, &proxy.address.to_string()).unwrap();
    req.set(SocketOption::ReconnectIvl, 1).unwrap();
    req
}

async fn echo(context: &Context, endpoint: &str) -> String {
    let rep = socket(context, SocketType::Rep);
    let endpoint = rep.bind(endpoint).await.unwrap();
    spawn_local(async move {
        while let Ok(request) = rep.recv().await {
            rep.send(request).await.unwrap();
        }
    });
    endpoint
}

async fn answers(req: &Socket) {
    req.send("through").await.unwrap();
    assert_eq!(req.recv_string().await.unwrap(), "through");
}

#[test]
fn every_kind_of_tcp_connects_through_a_proxy_which_resolves_names() {
    run(async {
        let proxy = Proxy::start(Manner::Connects).await;
        for scheme in ["tcp", "ws", "wss"] {
            let context = Context::new();
            let endpoint = echo(&context, &anywhere(scheme)).await;
            for host in ["127.0.0.1", "localhost"] {
                let req = through(&proxy, &context);
                req.connect(&endpoint.replace("127.0.0.1", host)).unwrap();
                answers(&req).await;
                assert_eq!(proxy.asked.take(), [host]);
            }
        }
        let context = Context::new();
        if let Ok(probe) = std::net::TcpListener::bind("[::1]:0") {
            drop(probe);
            let req = through(&proxy, &context);
            req.connect(&echo(&context, "tcp://[::1]:*").await).unwrap();
            answers(&req).await;
            assert_eq!(proxy.asked.take(), ["::1"]);
        }
    });
}

#[test]
fn a_proxy_may_want_a_name_and_a_password() {
    run(async {
        let proxy = Proxy::start(Manner::WantsPassword).await;
        let context = Context::new();
        let endpoint = echo(&context, "tcp://127.0.0.1:*").await;
        for (user, password, why) in
            [("", "", "No acceptable auth methods"), ("Ada", "Byron", "Password auth failure")]
        {
            let req = through(&proxy, &context);
            req.set_string(SocketOption::SocksUsername, user).unwrap();
            req.set_string(SocketOption::SocksPassword, password).unwrap();
            let mut monitor = req.monitor();
            req.connect(&endpoint).unwrap();
            let event = wait_for(&mut monitor, EventKind::Closed).await;
            assert!(matches!(&event.value, EventValue::Text(text) if text.contains(why)), "{event:?}");
            // What is set later holds for the next try.
            req.set_string(SocketOption::SocksUsername, "Ada").unwrap();
            req.set_string(SocketOption::SocksPassword, "Lovelace").unwrap();
            answers(&req).await;
        }
        assert_eq!(proxy.asked.take(), ["127.0.0.1", "127.0.0.1"]);
    });
}

#[test]
fn a_proxy_that_fails_is_an_event_and_is_tried_again() {
    run(async {
        let context = Context::new();
        let endpoint = echo(&context, "tcp://127.0.0.1:*").await;
        for (manner, option, why) in [
            (Manner::Refuses, None, "Host unreachable"),
            (Manner::HangsUp, None, "does not connect"),
            (Manner::Babbles, None, "does not connect"),
            (Manner::Silent, Some(SocketOption::ConnectTimeout), "CONNECT_TIMEOUT"),
            (Manner::Silent, Some(SocketOption::HandshakeIvl), "HANDSHAKE_IVL"),
        ] {
            let proxy = Proxy::start(manner).await;
            let req = through(&proxy, &context);
            if let Some(option) = option {
                req.set(option, 30).unwrap();
            }
            let mut monitor = req.monitor();
            req.connect(&endpoint).unwrap();
            for _ in 0..2 {
                let event = wait_for(&mut monitor, EventKind::Closed).await;
                let EventValue::Text(text) = &event.value else { panic!("{event:?}") };
                assert!(text.contains(why), "{manner:?}: {text}");
                wait_for(&mut monitor, EventKind::ConnectRetried).await;
            }
            if let Some(option) = option {
                req.set(option, 30_000).unwrap();
            }
            proxy.behave(Manner::Connects);
            answers(&req).await;
        }
    });
}

#[test]
fn a_proxy_that_is_not_there_is_named() {
    run(async {
        let context = Context::new();
        let req = context.socket(SocketType::Req).unwrap();
        req.set_string(SocketOption::SocksProxy, "127.0.0.1:1").unwrap();
        let mut monitor = req.monitor();
        req.connect("tcp://127.0.0.1:9").unwrap();
        let event = wait_for(&mut monitor, EventKind::Closed).await;
        let EventValue::Text(text) = &event.value else { panic!("{event:?}") };
        assert!(text.starts_with("the proxy 127.0.0.1:1 can't be reached: "), "{text}");
    });
}
