//! Where a socket listens and connects.

use super::ipc;
use super::listen;
use super::socket::Socket;
use super::tcp;
use super::{OptionValue, Result, SocketOption, SocketType};
use crate::arena::DialerId;
use crate::endpoint::Endpoint;
use crate::error::ApiMisuse;

impl Socket {
    /// Listens, and gives the endpoint bound: its port filled in where it was `0` or `*`, and with the
    /// address that `*` or a name stands for.
    ///
    /// A host is an address, a name, an interface (`tcp://eth0:5555`) or `*`: every IPv4 address or, with the IPV6
    /// option, every address of both kinds. IPv6 addresses stand in brackets, with their zone if they need one
    /// (`tcp://[fe80::1%eth0]:5555`).
    ///
    /// A `ws://` port may carry any number of the context's sockets, told apart by the path. An endpoint whose
    /// path is `/` lets clients in by any that no other has.
    ///
    /// A `wss://` endpoint is bound with the options WSS_CERT_PEM and WSS_KEY_PEM set:
    /// [how to get them](crate::native#certificates-for-wss).
    ///
    /// The file of an `ipc://` endpoint goes with it. One that nobody listens on any more is replaced; any
    /// other is an error (`EADDRINUSE`). `ipc://*` is a path that only this user can reach.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
    /// # tokio::task::LocalSet::new().run_until(async {
    /// let socket = Context::new().socket(SocketType::Router)?;
    /// let endpoint = socket.bind("ws://127.0.0.1:*/rooms").await?;
    /// assert!(endpoint.ends_with("/rooms"));
    /// assert_eq!(socket.last_endpoint(), endpoint);
    /// # Ok::<(), zmq_wasm::Error>(()) }))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn bind(&self, endpoint: &str) -> Result<String> {
        listen::bind(self.shell(), endpoint).await
    }

    /// Stops listening there. Connections that came that way end when what is queued for them is sent.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Pull)?;
    /// let endpoint = socket.bind("tcp://127.0.0.1:*").await?;
    /// socket.unbind(&endpoint)?;
    /// assert_eq!(socket.unbind(&endpoint).unwrap_err().code(), "ENOENT");
    /// # Ok(())
    /// # }
    /// ```
    pub fn unbind(&self, endpoint: &str) -> Result<()> {
        let shell = self.shell();
        shell.check()?;
        let mut listeners = shell.listeners.borrow_mut();
        let known = |bound: &str, given: &str| bound == endpoint || given == endpoint;
        let Some(at) = listeners.iter().position(|listener| known(&listener.bound, &listener.given)) else {
            return Err(ApiMisuse::UnknownEndpoint(endpoint.to_owned()).into());
        };
        let listener = listeners.remove(at);
        drop(listeners);
        let now = shell.now();
        shell.engine(|engine| engine.unbind(listener.id, now));
        shell.mark_dirty();
        Ok(())
    }

    /// Connects in the background, and again whenever the connection is lost. Only an endpoint that can't
    /// be right is an error; what happens to a good one, the [`monitor`](Self::monitor) tells.
    ///
    /// Of a host's addresses each is tried, those of IPv6 only with the IPV6 option. `tcp://source:port;host:port`
    /// connects from a source, an address or interface of this machine; its port may be `*`. SOCKS_PROXY names
    /// a proxy to connect through, `host:port`, which then resolves the host.
    ///
    /// A DEALER, PUB, REQ or SUB that is connected to an endpoint already stays so and has one connection there, as
    /// with libzmq; other types, and all by `inproc://`, have one more.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
    /// # tokio::task::LocalSet::new().run_until(async {
    /// let socket = Context::new().socket(SocketType::Sub)?;
    /// socket.connect("inproc://not-bound-yet")?;
    /// let error = socket.connect("tcp://127.0.0.1").expect_err("it has no port");
    /// assert_eq!(error.code(), "EINVAL");
    /// # Ok::<(), zmq_wasm::Error>(()) }))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn connect(&self, endpoint: &str) -> Result<()> {
        self.dial(endpoint).map(drop)
    }

    /// As [`connect`](Self::connect), by a PEER, and gives the number of who is there: what it sends has that
    /// [routing id](super::Message::routing_id), and what is [sent to it](super::Message::to_peer) may be queued at once. The
    /// number holds as long as the endpoint does, whatever becomes of the connection.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, Message, SocketType};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
    /// # tokio::task::LocalSet::new().run_until(async {
    /// # let context = Context::new();
    /// let (alice, bob) = (context.socket(SocketType::Peer)?, context.socket(SocketType::Peer)?);
    /// let to_bob = alice.connect_peer(&bob.bind("inproc://bob").await?)?;
    /// alice.send(Message::to_peer(to_bob, "hello")).await?;
    /// let hello = bob.recv().await?;
    /// let to_alice = hello.routing_id().expect("a PEER's messages have one");
    /// bob.send(Message::to_peer(to_alice, hello.parts()[1].clone())).await?;
    /// assert_eq!(alice.recv().await?.routing_id(), Some(to_bob));
    /// # Ok::<(), zmq_wasm::Error>(()) }))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Besides those of `connect`: `ENOTSUP` from other types of socket.
    pub fn connect_peer(&self, endpoint: &str) -> Result<u32> {
        let shell = self.shell();
        let socket_type = self.socket_type();
        if socket_type != SocketType::Peer {
            return Err(
                ApiMisuse::NotSupported { operation: "connect to a peer by number", socket_type }.into()
            );
        }
        let dialer = self.dial(endpoint)?;
        Ok(shell.engine(|engine| engine.peer_number(dialer)).expect("a PEER numbers whom it connects to"))
    }

    fn dial(&self, endpoint: &str) -> Result<DialerId> {
        let shell = self.shell();
        shell.check()?;
        let parsed = tcp::check(endpoint)?;
        let mut tls = None;
        match &parsed {
            Endpoint::Ipc(name) if name == "*" => {
                let reason = "a wildcard name is for binding";
                return Err(ApiMisuse::InvalidEndpoint { endpoint: endpoint.to_owned(), reason }.into());
            }
            Endpoint::Ipc(name) => ipc::check(endpoint, name)?,
            Endpoint::Port(_) => return Err(listen::no_threads(endpoint).into()),
            Endpoint::Ws { secure: true, address, .. } => {
                tls = Some(shell.transport.borrow().tls.client(endpoint, address)?);
            }
            _ => {}
        }
        let now = shell.now();
        let dialer = shell.engine(|engine| engine.connect(parsed, endpoint, now))?;
        if let Some(client) = tls {
            let is_known = |dialer| shell.engine(|engine| engine.has_dialer(dialer));
            shell.tls_clients.insert(dialer, client, is_known);
        }
        shell.mark_dirty();
        Ok(dialer)
    }

    /// Gives up an endpoint, which is to be written as it was for [`connect`](Self::connect). What is queued
    /// for it has the LINGER option's time to go out.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Push)?;
    /// socket.connect("tcp://localhost:5555")?;
    /// socket.disconnect("tcp://localhost:5555")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn disconnect(&self, endpoint: &str) -> Result<()> {
        let shell = self.shell();
        shell.check()?;
        let now = shell.now();
        shell.engine(|engine| engine.disconnect(endpoint, now))?;
        shell.mark_dirty();
        Ok(())
    }

    /// The endpoint bound or connected last; empty before the first.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Pull)?;
    /// assert_eq!(socket.last_endpoint(), "");
    /// let endpoint = socket.bind("tcp://127.0.0.1:*").await?;
    /// assert_eq!(socket.last_endpoint(), endpoint);
    /// # Ok(())
    /// # }
    /// ```
    pub fn last_endpoint(&self) -> String {
        match self.shell().engine(|engine| engine.option(SocketOption::LastEndpoint)) {
            Ok(OptionValue::Bytes(text)) => String::from_utf8_lossy(&text).into_owned(),
            _ => String::new(),
        }
    }
}
