//! Proxies: two sockets joined, so that what one receives the other sends.

use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;

use tokio::task::{spawn_local, yield_now};

use super::socket::Socket;
use super::{Body, Error, Message, POLLIN, POLLOUT, Result};
use crate::SendError;
use crate::error::ApiMisuse;

/// Passes on what `frontend` receives to `backend` and what `backend` receives to `frontend`, and a copy of each
/// message to `capture`, until a socket is closed or refuses a message for good. It never ends otherwise: drop it,
/// as `select!` does.
///
/// Nothing is lost on the way. A message is received only when the other side and `capture` have room for it, so
/// that a full queue there makes senders here wait; and a message that was received is sent, even when the proxy is
/// dropped at that moment. `frontend` and `backend` may be the same socket, which then gets back what it receives.
///
/// ```
/// use zmq_wasm::native::{Context, SocketType, proxy};
///
/// # #[tokio::main(flavor = "local")]
/// # async fn main() -> Result<(), zmq_wasm::Error> {
/// let context = Context::new();
/// let (clients, workers) = (context.socket(SocketType::Router)?, context.socket(SocketType::Dealer)?);
/// let (frontend, backend) = (clients.bind("inproc://clients").await?, workers.bind("inproc://workers").await?);
///
/// let (client, worker) = (context.socket(SocketType::Req)?, context.socket(SocketType::Rep)?);
/// client.connect(&frontend)?;
/// worker.connect(&backend)?;
/// client.send("hello").await?;
/// let request = tokio::select! {
///     request = worker.recv() => request?,
///     ended = proxy(&clients, &workers, None) => return Err(ended.unwrap_err()),
/// };
/// assert_eq!(request.parts(), ["hello"]);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// `ETERM` when the context is terminated, `ECANCELED` or `ENOTSOCK` when a socket is closed, and what a socket says
/// that can't send or receive at all, or will not send this message: a ROUTER with ROUTER_MANDATORY, for one.
pub async fn proxy(frontend: &Socket, backend: &Socket, capture: Option<&Socket>) -> Result<Infallible> {
    transfer([frontend, backend], capture, &Statistics::default()).await
}

/// A [`proxy`] that obeys commands, which come to `control` as messages of one part: `PAUSE`, `RESUME`,
/// `TERMINATE`, which ends it, and `STATISTICS`.
///
/// `control` is a REP or PAIR as a rule. Each command is answered, if `control` can send: `STATISTICS` by eight
/// parts of eight octets, numbers in the order of octets of this machine (little-endian but for rare ones), all
/// others by an empty message. The eight are the parts and octets that `frontend` received, the parts and octets it
/// sent, and the same four of `backend`.
///
/// ```
/// use zmq_wasm::native::{Context, SocketType, proxy_steerable};
///
/// # #[tokio::main(flavor = "local")]
/// # async fn main() -> Result<(), zmq_wasm::Error> {
/// let context = Context::new();
/// let (frontend, backend) = (context.socket(SocketType::Pull)?, context.socket(SocketType::Push)?);
/// let (control, steering) = (context.socket(SocketType::Rep)?, context.socket(SocketType::Req)?);
/// steering.connect(&control.bind("inproc://control").await?)?;
/// let steer = async {
///     assert_eq!(steering.request("STATISTICS").await?.len(), 8);
///     steering.request("TERMINATE").await
/// };
/// let (ended, last_reply) = tokio::join!(proxy_steerable(&frontend, &backend, None, &control), steer);
/// ended?;
/// assert_eq!(last_reply?.parts(), [""]);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// As [`proxy`], of `control` too.
pub async fn proxy_steerable(
    frontend: &Socket,
    backend: &Socket,
    capture: Option<&Socket>,
    control: &Socket,
) -> Result<()> {
    let statistics = Statistics::default();
    let mut is_paused = false;
    loop {
        let command = tokio::select! {
            biased;
            ready = control.poll(POLLIN, None) => match ready.and_then(|_| control.try_recv()) {
                // Somebody else has taken it.
                Err(Error::WouldBlock) => continue,
                command => command?,
            },
            ended = transfer([frontend, backend], capture, &statistics), if !is_paused => match ended? {},
        };
        let word = if command.len() == 1 { &*command.parts()[0] } else { b"" };
        let reply = if word == b"STATISTICS" { statistics.to_message() } else { Body::default().into() };
        match send_all([Some((control, reply)), None]).await {
            // A SUB or PULL obeys, and says nothing.
            Ok(()) | Err(Error::Misuse(ApiMisuse::NotSupported { .. })) => {}
            Err(error) => return Err(error),
        }
        match word {
            b"PAUSE" => is_paused = true,
            b"RESUME" => is_paused = false,
            b"TERMINATE" => return Ok(()),
            _ => {}
        }
    }
}

/// Passes messages on in both directions.
async fn transfer(
    [frontend, backend]: [&Socket; 2],
    capture: Option<&Socket>,
    statistics: &Statistics,
) -> Result<Infallible> {
    let Statistics { frontend: front, backend: back } = statistics;
    let there = Way { from: frontend, to: backend, capture, received: &front.received, sent: &back.sent };
    if there.is_echo() {
        return there.run().await;
    }
    let back = Way { from: backend, to: frontend, capture, received: &back.received, sent: &front.sent };
    tokio::try_join!(there.run(), back.run()).map(|(never, _)| never)
}

/// One of a proxy's two directions.
struct Way<'a> {
    from: &'a Socket,
    to: &'a Socket,
    capture: Option<&'a Socket>,
    received: &'a Counter,
    sent: &'a Counter,
}

impl Way<'_> {
    async fn run(&self) -> Result<Infallible> {
        loop {
            self.from.poll(POLLIN, None).await?;
            for sink in self.sinks() {
                sink.poll(POLLOUT, None).await?;
            }
            for _ in 0..BURST {
                if !self.is_ready()? {
                    break;
                }
                match self.from.try_recv() {
                    Ok(message) => self.pass_on(message).await?,
                    // Somebody else waits for it.
                    Err(Error::WouldBlock) => break,
                    Err(error) => return Err(error),
                }
            }
            yield_now().await;
        }
    }

    async fn pass_on(&self, message: Message) -> Result<()> {
        self.received.count(&message);
        self.sent.count(&message);
        let copy = self.capture.map(|capture| (capture, message.clone()));
        send_all([copy, Some((self.to, message))]).await
    }

    fn is_echo(&self) -> bool {
        Rc::ptr_eq(self.from.shell(), self.to.shell())
    }

    /// Who must have room before a message is received. A socket that answers itself may get it only by
    /// receiving, as a REP does.
    fn sinks(&self) -> impl Iterator<Item = &Socket> {
        let to = (!self.is_echo()).then_some(self.to);
        to.into_iter().chain(self.capture)
    }

    fn is_ready(&self) -> Result<bool> {
        let mut is_ready = self.from.events()? & POLLIN != 0;
        for sink in self.sinks() {
            is_ready &= sink.events()? & POLLOUT != 0;
        }
        Ok(is_ready)
    }
}

/// After so many messages one direction gives way to the other, and to the socket's own tasks.
const BURST: usize = 256;

/// Sends messages now, or where there is no room in spite of all, by a task that outlives the caller.
async fn send_all(messages: [Option<(&Socket, Message)>; 2]) -> Result<()> {
    let mut waiting = Vec::new();
    for (socket, message) in messages.into_iter().flatten() {
        match socket.try_send(message) {
            Ok(()) => {}
            Err(SendError { error: Error::WouldBlock | Error::ReplyPending, message }) => {
                waiting.push((socket.clone(), message));
            }
            Err(refused) => return Err(refused.error),
        }
    }
    if waiting.is_empty() {
        return Ok(());
    }
    let sending = spawn_local(async {
        for (socket, message) in waiting {
            socket.send(message).await?;
        }
        Ok(())
    });
    sending.await.unwrap_or(Err(Error::Canceled))
}

/// What went through a proxy.
#[derive(Default)]
struct Statistics {
    frontend: Side,
    backend: Side,
}

#[derive(Default)]
struct Side {
    received: Counter,
    sent: Counter,
}

/// Parts and their octets.
#[derive(Default)]
struct Counter {
    parts: Cell<u64>,
    octets: Cell<u64>,
}

impl Counter {
    fn count(&self, message: &Message) {
        let octets: usize = message.parts().iter().map(|part| part.len()).sum();
        self.parts.set(self.parts.get().wrapping_add(message.len() as u64));
        self.octets.set(self.octets.get().wrapping_add(octets as u64));
    }
}

impl Statistics {
    fn to_message(&self) -> Message {
        let sides = [&self.frontend, &self.backend];
        let counters = sides.into_iter().flat_map(|side| [&side.received, &side.sent]);
        let numbers = counters.flat_map(|counter| [counter.parts.get(), counter.octets.get()]);
        numbers.map(|number| Body::copy_from_slice(&number.to_ne_bytes())).collect()
    }
}
