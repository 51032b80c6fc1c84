//! The monitor: what happens to a socket's connections and endpoints.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;

use super::socket::Socket;
use crate::engine::{Event, EventKind};

/// How many events wait for a reader.
const CAPACITY: usize = 1024;

/// The events of one socket, from the moment [`Socket::monitor`](super::Socket::monitor) was called.
///
/// Nobody has to read: of the events that wait, only the newest 1024 are kept, and
/// [`missed`](Self::missed) counts those that were dropped to make room.
///
/// ```
/// # use zmq_wasm::native::{Context, SocketType, engine::EventKind};
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
/// # tokio::task::LocalSet::new().run_until(async {
/// let context = Context::new();
/// let socket = context.socket(SocketType::Pull)?;
/// let mut monitor = socket.monitor();
/// let endpoint = socket.bind("tcp://127.0.0.1:*").await?;
/// let event = monitor.recv().await.expect("the socket is open");
/// assert_eq!((event.kind, event.endpoint), (EventKind::Listening, endpoint));
/// # Ok::<(), zmq_wasm::Error>(()) }))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is kept of the events when the monitor is dropped"]
pub struct Monitor(Rc<Queue>);

#[derive(Debug, Default)]
struct Queue {
    events: RefCell<VecDeque<Event>>,
    missed: Cell<u64>,
    is_over: Cell<bool>,
    reader: RefCell<Option<Waker>>,
}

impl Monitor {
    /// The next event; `None` when the socket is closed and all has been read.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Pull)?;
    /// let mut monitor = socket.monitor();
    /// socket.close();
    /// let event = monitor.recv().await.expect("it is told before it ends");
    /// assert_eq!(event.kind.name(), "monitor_stopped");
    /// assert_eq!(monitor.recv().await, None);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn recv(&mut self) -> Option<Event> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The next event, if there is one already.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Pull)?;
    /// let mut monitor = socket.monitor();
    /// assert_eq!(monitor.try_recv(), None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_recv(&mut self) -> Option<Event> {
        self.0.events.borrow_mut().pop_front()
    }

    /// How many events were dropped because nobody read them.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Pull)?;
    /// let mut monitor = socket.monitor();
    /// assert_eq!(monitor.missed(), 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn missed(&self) -> u64 {
        self.0.missed.get()
    }
}

impl Socket {
    /// What happens to the socket's connections and endpoints from now on.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Pull)?;
    /// let mut monitor = socket.monitor();
    /// socket.bind("tcp://127.0.0.1:*").await?;
    /// socket.close();
    /// while let Some(event) = monitor.recv().await {
    ///     println!("{} at {}", event.kind.name(), event.endpoint);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn monitor(&self) -> Monitor {
        self.shell().monitors.open()
    }

    /// How many connections its listeners have refused, or given up before they were a peer's: by a limit, by
    /// ORIGINS, by [`Context::admit`](super::Context::admit), or because TLS or HTTP went wrong. The monitor has an
    /// `accept_failed` event for each, with the reason.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Pull)?;
    /// socket.bind("ws://127.0.0.1:*").await?;
    /// assert_eq!(socket.refused(), 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn refused(&self) -> u64 {
        self.shell().refused.get()
    }
}

/// What [`recv`](Monitor::recv) gives, one after the other.
///
/// ```
/// use std::future::ready;
///
/// use futures_util::StreamExt;
/// use zmq_wasm::native::engine::EventKind::{Accepted, Disconnected, MonitorStopped};
/// use zmq_wasm::native::{Context, SocketType};
///
/// # #[tokio::main(flavor = "local")]
/// # async fn main() -> Result<(), zmq_wasm::Error> {
/// let socket = Context::new().socket(SocketType::Pull)?;
/// let interesting = [Accepted, Disconnected, MonitorStopped];
/// let events = socket.monitor().filter(|event| ready(interesting.contains(&event.kind)));
/// socket.close();
/// assert_eq!(events.map(|event| event.kind).collect::<Vec<_>>().await, [MonitorStopped]);
/// # Ok(())
/// # }
/// ```
impl Stream for Monitor {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        if let Some(event) = self.try_recv() {
            return Poll::Ready(Some(event));
        }
        if self.0.is_over.get() {
            return Poll::Ready(None);
        }
        self.0.reader.replace(Some(cx.waker().clone()));
        Poll::Pending
    }
}

/// All who listen to one socket.
#[derive(Default)]
pub(super) struct Monitors(RefCell<Vec<Weak<Queue>>>);

impl Monitors {
    pub(super) fn open(&self) -> Monitor {
        let queue = Rc::new(Queue::default());
        self.0.borrow_mut().push(Rc::downgrade(&queue));
        Monitor(queue)
    }

    pub(super) fn tell(&self, event: &Event) {
        if self.0.borrow().is_empty() {
            return;
        }
        let mut readers = Vec::new();
        self.0.borrow_mut().retain(|queue| {
            let Some(queue) = queue.upgrade() else { return false };
            let mut events = queue.events.borrow_mut();
            if events.len() == CAPACITY {
                events.pop_front();
                queue.missed.set(queue.missed.get() + 1);
            }
            events.push_back(event.clone());
            if event.kind == EventKind::MonitorStopped {
                queue.is_over.set(true);
            }
            readers.extend(queue.reader.take());
            true
        });
        readers.into_iter().for_each(Waker::wake);
    }
}
