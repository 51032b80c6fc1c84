//! `inproc://`: two engines of one context, joined by nothing but frames.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};

use super::body::Body;
use super::driver::Shell;
use crate::arena::{DialerId, ListenerId, PeerId};
use crate::engine::{Flow, Heartbeat, Protocol, Role, Transport};
use crate::error::CloseReason;
use crate::message::Frame;

/// The names of one context: who is bound to them, and who waits for somebody to be.
#[derive(Default)]
pub(super) struct Registry {
    bound: RefCell<HashMap<String, Of<ListenerId>>>,
    waiting: RefCell<HashMap<String, Vec<Of<DialerId>>>>,
}

/// A socket's listener or dialler.
type Of<Id> = (Weak<Shell>, Id);

/// The other end of a connection: a socket, and what it calls us.
#[derive(Clone)]
pub(super) struct Link {
    shell: Weak<Shell>,
    peer: PeerId,
}

impl Registry {
    pub(super) fn is_taken(&self, name: &str) -> bool {
        self.bound.borrow().contains_key(name)
    }

    /// Binds a name, and joins who has waited for it.
    pub(super) fn bind(&self, name: &str, shell: &Rc<Shell>, listener: ListenerId) {
        self.bound.borrow_mut().insert(name.to_owned(), (Rc::downgrade(shell), listener));
        let waiting = self.waiting.borrow_mut().remove(name).unwrap_or_default();
        for (dialling, dialer) in waiting {
            if let Some(dialling) = dialling.upgrade() {
                join(&dialling, dialer, shell, listener);
            }
        }
    }

    pub(super) fn unbind(&self, name: &str) {
        self.bound.borrow_mut().remove(name);
    }
}

/// Joins a socket to the one that is bound to this name, now or when there is one.
pub(super) fn connect(shell: &Rc<Shell>, dialer: DialerId, name: String) {
    let registry = &shell.context.inproc;
    let bound = registry.bound.borrow().get(&name).and_then(|(bound, id)| Some((bound.upgrade()?, *id)));
    if let Some((bound, listener)) = bound {
        return join(shell, dialer, &bound, listener);
    }
    let mut waiting = registry.waiting.borrow_mut();
    let waiting = waiting.entry(name).or_default();
    waiting.retain(|(other, id)| other.strong_count() > 0 && !(*id == dialer && is_same(other, shell)));
    waiting.push((Rc::downgrade(shell), dialer));
}

fn is_same(other: &Weak<Shell>, shell: &Rc<Shell>) -> bool {
    std::ptr::eq(other.as_ptr(), Rc::as_ptr(shell))
}

fn join(dialling: &Rc<Shell>, dialer: DialerId, bound: &Rc<Shell>, listener: ListenerId) {
    let now = dialling.now();
    let transport = || Transport {
        protocol: Protocol::Inproc,
        heartbeat: Heartbeat::None,
        frame_limit: None,
        address: String::new(),
    };
    // A dialler that has given up meanwhile has no use for it.
    let Some(ours) =
        dialling.engine(|engine| engine.handle_connected(Role::Connecting(dialer), transport(), now))
    else {
        return;
    };
    match bound.engine(|engine| engine.handle_connected(Role::Accepted(listener), transport(), now)) {
        Some(theirs) => {
            dialling.add_inproc(ours, Link { shell: Rc::downgrade(bound), peer: theirs });
            bound.add_inproc(theirs, Link { shell: Rc::downgrade(dialling), peer: ours });
        }
        None => {
            let reason = CloseReason::Remote("the bound socket takes no more peers".to_owned());
            dialling.engine(|engine| engine.handle_disconnected(ours, reason, now));
        }
    }
    dialling.mark_dirty();
    bound.mark_dirty();
}

impl Link {
    /// Whether the other end is not the same socket.
    pub(super) fn is_to_another(&self, from: &Shell) -> bool {
        !std::ptr::eq(self.shell.as_ptr(), from)
    }

    /// Hands over all that `from`, another socket, has for this link and that the other end has room for.
    pub(super) fn deliver_all(&self, from: &Shell, peer: PeerId) {
        let Some(shell) = self.shell.upgrade() else {
            return from.engine(|engine| engine.transmit(peer, |_| Flow::Continue));
        };
        let now = shell.now();
        shell.engine(|theirs| {
            from.engine(|ours| ours.transmit(peer, |frame| theirs.handle_frame(self.peer, frame, now)));
        });
        shell.mark_dirty();
    }

    /// Hands a frame over. `from` knows this link as `peer`.
    pub(super) fn deliver(&self, from: &Shell, peer: PeerId, frame: Frame<Body>) {
        let Some(shell) = self.shell.upgrade() else { return };
        let now = shell.now();
        if shell.engine(|engine| engine.handle_frame(self.peer, frame, now)) == Flow::Pause {
            from.engine(|engine| engine.handle_writable(peer, 0));
        }
        shell.mark_dirty();
    }

    /// The other end may send again.
    pub(super) fn resume(&self) {
        let Some(shell) = self.shell.upgrade() else { return };
        shell.engine(|engine| engine.handle_writable(self.peer, usize::MAX));
        shell.mark_dirty();
    }

    /// This end is closed.
    pub(super) fn close(&self) {
        let Some(shell) = self.shell.upgrade() else { return };
        let now = shell.now();
        let reason = CloseReason::Remote("the peer closed the connection".to_owned());
        shell.engine(|engine| engine.handle_disconnected(self.peer, reason, now));
        shell.remove_inproc(self.peer);
        shell.mark_dirty();
    }
}
