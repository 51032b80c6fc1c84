//! What turns one engine: it routes what the engine says to connections, dialling tasks, waiting calls and
//! monitors, and keeps the engine's one alarm.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use tokio::task::AbortHandle;
use tokio::time::{Duration, Instant as Deadline};

use super::alarm::Alarm;
use super::body::Body;
use super::connection::Connection;
use super::context::Core;
use super::inproc;
use super::links::{Link, Links};
use super::listen::Listener;
use super::monitor::Monitors;
use super::options::TransportOptions;
use super::request::Requests;
use super::tls;
use super::waiters::Line;
use crate::arena::{DialerId, PeerId};
use crate::endpoint::Endpoint;
use crate::engine::{Engine, EventKind, Output};
use crate::error::{CloseReason, Error};
use crate::message::Frame;
use crate::time::Instant;

/// One socket: its engine, its connections, and who waits for it.
pub(super) struct Shell {
    pub(super) context: Rc<Core>,
    engine: RefCell<Engine<Body>>,
    /// What the next connections and listeners are made with.
    pub(super) transport: RefCell<Rc<TransportOptions>>,
    links: RefCell<Links>,
    /// Connections with something to write.
    touched: RefCell<Vec<PeerId>>,
    dials: RefCell<HashMap<DialerId, AbortHandle>>,
    pub(super) tls_clients: tls::Clients,
    pub(super) listeners: RefCell<Vec<Listener>>,
    pub(super) senders: Line,
    pub(super) receivers: Line,
    /// Streams and sinks take what no call of the above waits for.
    pub(super) streams: Line,
    pub(super) sinks: Line,
    pub(super) pollers: Line,
    pub(super) monitors: Monitors,
    pub(super) requests: Requests,
    life: Cell<Life>,
    /// Until when a closed socket may send; `None` for ever.
    linger_until: Cell<Option<Deadline>>,
    /// When the engine wants to be called.
    alarm: Cell<Option<Instant>>,
    /// The engine was given something and not drained yet.
    is_dirty: Cell<bool>,
    driver: RefCell<Option<Waker>>,
    /// Connection tasks that have not ended.
    connections: Cell<usize>,
    /// Who could not be let in.
    pub(super) refused: Cell<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    Open,
    Closed,
    /// Closed, and the engine has nothing more to send.
    Finished,
}

impl Shell {
    #[track_caller]
    pub(super) fn new(context: Rc<Core>, engine: Engine<Body>, transport: TransportOptions) -> Rc<Self> {
        let shell = Rc::new(Self {
            context,
            engine: RefCell::new(engine),
            transport: RefCell::new(Rc::new(transport)),
            links: RefCell::default(),
            touched: RefCell::default(),
            dials: RefCell::default(),
            tls_clients: tls::Clients::default(),
            listeners: RefCell::default(),
            senders: Line::default(),
            receivers: Line::default(),
            streams: Line::default(),
            sinks: Line::default(),
            pollers: Line::default(),
            monitors: Monitors::default(),
            requests: Requests::default(),
            life: Cell::new(Life::Open),
            linger_until: Cell::new(None),
            alarm: Cell::new(None),
            is_dirty: Cell::new(false),
            driver: RefCell::new(None),
            connections: Cell::new(0),
            refused: Cell::new(0),
        });
        tokio::task::spawn_local(drive(Rc::clone(&shell)));
        shell
    }

    /// Asks or tells the engine something. What follows from it is done by [`pump`](Self::pump), or later
    /// after [`mark_dirty`](Self::mark_dirty).
    #[inline]
    pub(super) fn engine<T>(&self, ask: impl FnOnce(&mut Engine<Body>) -> T) -> T {
        ask(&mut self.engine.borrow_mut())
    }

    pub(super) fn now(&self) -> Instant {
        self.context.now()
    }

    /// Whether calls can be made: the socket is open, and so is its context.
    #[inline]
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.context.is_terminated() {
            return Err(Error::Terminated);
        }
        if self.is_closed() { Err(Error::Closed) } else { Ok(()) }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.life.get() != Life::Open
    }

    /// Has the driver drain the engine soon.
    #[inline]
    pub(super) fn mark_dirty(&self) {
        if !self.is_dirty.replace(true) {
            self.wake_driver();
        }
    }

    /// Closes the socket: pending calls fail, and what is queued has `linger` to go out.
    pub(super) fn close(&self, linger: Option<Duration>) {
        if self.is_closed() {
            return;
        }
        self.life.set(Life::Closed);
        self.linger_until.set(linger.map(|linger| Deadline::now() + linger));
        // Dropped outside of the borrow: a listener knows the registry of names.
        let listeners = self.listeners.take();
        drop(listeners);
        let now = self.now();
        self.engine(|engine| engine.close(linger, now));
        self.wake_all();
        self.mark_dirty();
    }

    pub(super) fn wake_all(&self) {
        self.requests.cancel();
        self.senders.wake_all();
        self.receivers.wake_all();
        self.streams.wake_all();
        self.sinks.wake_all();
        self.pollers.wake_all();
    }

    /// Does all that the engine wants done, writes what it transmitted, and wakes who has waited for it.
    pub(super) fn pump(self: &Rc<Self>) {
        self.is_dirty.set(false);
        loop {
            self.transmit_messages();
            let output = self.engine.borrow_mut().poll_output();
            match output {
                Output::Transmit { peer, frame } => self.transmit(peer, frame),
                Output::Idle { wake } => {
                    if !self.flush() {
                        self.set_alarm(wake);
                        break;
                    }
                }
                output => self.act(output),
            }
        }
        self.wake_waiting();
    }

    /// Wakes the calls that can go on now.
    #[inline]
    pub(super) fn wake_waiting(&self) {
        self.sort_replies();
        if !(self.receivers.is_empty() && self.streams.is_empty()) && self.can_recv() {
            self.receivers.wake_first_or(&self.streams);
        }
        if !(self.senders.is_empty() && self.sinks.is_empty()) && self.engine(|engine| engine.can_send()) {
            self.senders.wake_first_or(&self.sinks);
        }
        if !self.pollers.is_empty() && self.events() != 0 {
            self.pollers.wake_all();
        }
    }

    /// Whether messages go out by other ways than to sockets of this context.
    #[inline]
    pub(super) fn has_streams(&self) -> bool {
        self.connections.get() > 0
    }

    pub(super) fn add_connection(&self, peer: PeerId, connection: Rc<Connection>) {
        self.connections.set(self.connections.get() + 1);
        self.touch(&connection);
        self.links.borrow_mut().insert(peer, Link::Stream(connection));
    }

    /// A connection's task is about to end.
    pub(super) fn connection_gone(&self) {
        self.connections.set(self.connections.get() - 1);
        if self.life.get() == Life::Finished {
            self.wake_driver();
        }
    }

    pub(super) fn add_inproc(&self, peer: PeerId, link: inproc::Link) {
        self.links.borrow_mut().insert(peer, Link::Inproc(link));
    }

    pub(super) fn remove_inproc(&self, peer: PeerId) {
        self.links.borrow_mut().remove(peer);
    }

    /// A connection has something in its outbox.
    pub(super) fn touch(&self, connection: &Connection) {
        if !connection.is_touched.replace(true) {
            self.touched.borrow_mut().push(connection.peer());
        }
    }

    /// A connection can take so many octets more.
    pub(super) fn has_room(self: &Rc<Self>, peer: PeerId, room: usize) {
        self.engine(|engine| engine.handle_writable(peer, room));
        self.pump();
    }

    /// A connection ended by the peer's doing, or by what was found on it.
    pub(super) fn lost(self: &Rc<Self>, peer: PeerId, reason: CloseReason) {
        self.links.borrow_mut().remove(peer);
        let now = self.now();
        self.engine(|engine| engine.handle_disconnected(peer, reason, now));
        self.pump();
    }

    /// Somebody could not be let in.
    pub(super) fn accept_failed(self: &Rc<Self>, endpoint: &str, reason: String) {
        self.refused.set(self.refused.get() + 1);
        self.engine(|engine| engine.report(EventKind::AcceptFailed, endpoint, reason));
        self.pump();
    }

    /// The task of a dial has ended, well or not.
    pub(super) fn dialled(&self, dialer: DialerId) {
        self.dials.borrow_mut().remove(&dialer);
    }

    /// Queues what can go out to connections, without a word for each message between engine and shell.
    fn transmit_messages(&self) {
        while let Some(peer) = self.engine(Engine::ready_peer) {
            let links = self.links.borrow();
            match links.get(peer) {
                Some(Link::Stream(connection)) => {
                    connection.queue_all(|put| self.engine(|engine| engine.transmit(peer, put)));
                    self.touch(connection);
                }
                Some(Link::Inproc(link)) if link.is_to_another(self) => link.deliver_all(self, peer),
                _ => return,
            }
        }
    }

    fn transmit(&self, peer: PeerId, frame: Frame<Body>) {
        let links = self.links.borrow();
        match links.get(peer) {
            Some(Link::Stream(connection)) => {
                connection.queue(frame);
                self.touch(connection);
            }
            Some(Link::Inproc(link)) => {
                let link = link.clone();
                drop(links);
                link.deliver(self, peer, frame);
            }
            None => {}
        }
    }

    /// Writes what is in the outboxes. Tells whether the engine may have more to say after it.
    fn flush(&self) -> bool {
        let mut touched = self.touched.take();
        let any = !touched.is_empty();
        for peer in touched.drain(..) {
            let room = match self.links.borrow().get(peer) {
                Some(Link::Stream(connection)) => {
                    connection.is_touched.set(false);
                    connection.flush()
                }
                _ => continue,
            };
            self.engine(|engine| engine.handle_writable(peer, room));
        }
        if any {
            // The buffer is used again, unless something was touched meanwhile.
            let mut current = self.touched.borrow_mut();
            if current.is_empty() {
                *current = touched;
            }
        }
        any
    }

    fn act(self: &Rc<Self>, output: Output<Body>) {
        match output {
            Output::Ping { peer } => {
                if let Some(Link::Stream(connection)) = self.links.borrow().get(peer) {
                    connection.ping();
                    self.touch(connection);
                }
            }
            Output::Resume { peer } => match self.link(peer) {
                Some(Link::Stream(connection)) => connection.resume(),
                Some(Link::Inproc(link)) => link.resume(),
                None => {}
            },
            Output::Close { peer, reason } => {
                let link = self.links.borrow_mut().remove(peer);
                match link {
                    Some(Link::Stream(connection)) => connection.close(&reason, self.farewell(&reason)),
                    Some(Link::Inproc(link)) => link.close(),
                    None => {}
                }
            }
            Output::Judge { peer, address, credentials } => self.judge(peer, address, credentials),
            Output::Dial { dialer, endpoint } => self.dial(dialer, endpoint),
            Output::CancelDial { dialer } => {
                let dial = self.dials.borrow_mut().remove(&dialer);
                if let Some(dial) = dial {
                    dial.abort();
                }
            }
            Output::Event(event) => {
                super::trace::tell(self.engine(|engine| engine.socket_type()), &event);
                self.monitors.tell(&event);
            }
            Output::Finished => {
                self.life.set(Life::Finished);
                self.wake_driver();
            }
            Output::Transmit { .. } | Output::Idle { .. } => unreachable!("pump keeps these to itself"),
        }
    }

    fn link(&self, peer: PeerId) -> Option<Link> {
        self.links.borrow().get(peer).cloned()
    }

    fn dial(self: &Rc<Self>, dialer: DialerId, endpoint: Endpoint) {
        match endpoint {
            Endpoint::Inproc(name) => inproc::connect(self, dialer, name),
            endpoint => {
                let task = tokio::task::spawn_local(super::dial::run(Rc::clone(self), dialer, endpoint));
                self.dials.borrow_mut().insert(dialer, task.abort_handle());
            }
        }
    }

    /// Until when a connection that this side closes may go on sending.
    fn farewell(&self, reason: &CloseReason) -> Option<Deadline> {
        if !reason.is_graceful() {
            return Some(Deadline::now());
        }
        if self.is_closed() {
            return self.linger_until.get();
        }
        let linger = self.engine(|engine| engine.options().linger());
        linger.map(|linger| Deadline::now() + linger)
    }

    fn set_alarm(&self, wake: Option<Instant>) {
        let before = self.alarm.replace(wake);
        if let Some(wake) = wake
            && before.is_none_or(|before| wake < before)
        {
            self.wake_driver();
        }
    }

    fn wake_driver(&self) {
        let driver = self.driver.take();
        if let Some(waker) = driver {
            waker.wake();
        }
    }

    fn is_over(&self) -> bool {
        self.life.get() == Life::Finished && self.connections.get() == 0
    }
}

/// The socket's own task, from its first moment until it is closed and all is sent.
async fn drive(shell: Rc<Shell>) {
    let mut alarm = Alarm::default();
    poll_fn(|cx| {
        loop {
            shell.driver.replace(Some(cx.waker().clone()));
            if shell.is_dirty.get() {
                shell.pump();
            }
            if shell.is_over() {
                return Poll::Ready(());
            }
            let due = match shell.alarm.get() {
                Some(at) => alarm.poll(cx, shell.context.deadline(at)),
                None => Poll::Pending,
            };
            if due.is_ready() {
                let now = shell.now();
                shell.engine(|engine| engine.handle_timeout(now));
                shell.is_dirty.set(true);
            } else if !shell.is_dirty.get() {
                return Poll::Pending;
            }
        }
    })
    .await;
    shell.context.socket_gone();
}
