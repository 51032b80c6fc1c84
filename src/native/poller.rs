//! Waiting for many sockets at once.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use tokio::time::{Duration, timeout};

use super::socket::Socket;
use super::waiters::Place;
use super::{POLLIN, POLLOUT, Result};
use crate::error::ApiMisuse;

/// Waits for events on any of its sockets.
///
/// ```
/// # use zmq_wasm::native::{Context, POLLIN, Poller, SocketType};
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
/// # tokio::task::LocalSet::new().run_until(async {
/// # let context = Context::new();
/// let (router, dealer) = (context.socket(SocketType::Router)?, context.socket(SocketType::Dealer)?);
/// dealer.connect(&router.bind("inproc://here").await?)?;
/// let mut poller = Poller::new();
/// poller.register(&router, POLLIN);
/// poller.register(&dealer, POLLIN);
/// dealer.send("hello").await?;
/// for (socket, _events) in poller.poll(None).await? {
///     assert_eq!(socket.socket_type(), SocketType::Router);
///     assert_eq!(socket.recv().await?.parts()[1], "hello");
/// }
/// # Ok::<(), zmq_wasm::Error>(()) }))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
#[must_use]
pub struct Poller(Vec<(Socket, i32)>);

impl Poller {
    /// A poller without sockets.
    ///
    /// ```
    /// # use zmq_wasm::native::Poller;
    /// assert!(Poller::new().sockets().is_empty());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// The sockets and the events that are looked for.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, POLLIN, Poller, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Dealer)?;
    /// let mut poller = Poller::new();
    /// poller.register(&socket, POLLIN);
    /// assert_eq!(poller.sockets()[0].1, POLLIN);
    /// # Ok(())
    /// # }
    /// ```
    pub fn sockets(&self) -> &[(Socket, i32)] {
        &self.0
    }

    /// Looks for these events ([`POLLIN`], [`POLLOUT`]) on a socket, instead of those before if it is
    /// registered already. No events unregister it.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, POLLIN, POLLOUT, Poller, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Dealer)?;
    /// let mut poller = Poller::new();
    /// poller.register(&socket, POLLIN | POLLOUT);
    /// poller.register(&socket, 0);
    /// assert!(poller.sockets().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn register(&mut self, socket: &Socket, events: i32) {
        let events = events & (POLLIN | POLLOUT);
        match self.position(socket) {
            Some(at) if events == 0 => drop(self.0.remove(at)),
            Some(at) => self.0[at].1 = events,
            None if events == 0 => {}
            None => self.0.push((socket.clone(), events)),
        }
    }

    /// Looks for other events on a socket: [`register`](Self::register) by its other name.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, POLLIN, POLLOUT, Poller, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Dealer)?;
    /// let mut poller = Poller::new();
    /// poller.register(&socket, POLLIN);
    /// poller.modify(&socket, POLLOUT);
    /// assert_eq!(poller.sockets()[0].1, POLLOUT);
    /// # Ok(())
    /// # }
    /// ```
    pub fn modify(&mut self, socket: &Socket, events: i32) {
        self.register(socket, events);
    }

    /// Forgets a socket. One that is not registered is an error.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, POLLIN, Poller, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Dealer)?;
    /// let mut poller = Poller::new();
    /// poller.register(&socket, POLLIN);
    /// poller.unregister(&socket)?;
    /// assert_eq!(poller.unregister(&socket).unwrap_err().code(), "EINVAL");
    /// # Ok(())
    /// # }
    /// ```
    pub fn unregister(&mut self, socket: &Socket) -> Result<()> {
        let Some(at) = self.position(socket) else {
            return Err(ApiMisuse::InvalidArgument("the socket is not registered with this poller").into());
        };
        drop(self.0.remove(at));
        Ok(())
    }

    /// Waits until there are events, and gives the sockets that have any; none after `timeout` (`None`: no
    /// time-out).
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, POLLIN, Poller, SocketType};
    /// # use std::time::Duration;
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Dealer)?;
    /// let mut poller = Poller::new();
    /// poller.register(&socket, POLLIN);
    /// assert!(poller.poll(Some(Duration::from_millis(1))).await?.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn poll(&self, limit: Option<Duration>) -> Result<Vec<(Socket, i32)>> {
        let lines = self.0.iter().map(|(socket, _)| Place::new(&socket.shell().pollers, || ()));
        let mut places: Vec<_> = lines.collect();
        let found = poll_fn(|cx| {
            let mut ready = Vec::new();
            for (place, (socket, events)) in places.iter_mut().zip(&self.0) {
                match place.watch(cx, |attempt| socket.shell().attempt_poll(*events, attempt)) {
                    Poll::Ready(Ok(events)) => ready.push((socket.clone(), events)),
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending => {}
                }
            }
            if ready.is_empty() { Poll::Pending } else { Poll::Ready(Ok(ready)) }
        });
        match limit {
            None => found.await,
            Some(limit) => timeout(limit, found).await.unwrap_or(Ok(Vec::new())),
        }
    }

    fn position(&self, socket: &Socket) -> Option<usize> {
        self.0.iter().position(|(known, _)| Rc::ptr_eq(known.shell(), socket.shell()))
    }
}
