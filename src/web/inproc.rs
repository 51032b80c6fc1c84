//! `inproc://`: two sockets of one context, joined by handing frames over. Bodies are not touched.

use std::rc::{Rc, Weak};

use super::driver::{Shared, Target};
use crate::arena::{DialerId, ListenerId, PeerId};
use crate::endpoint::Endpoint;
use crate::engine::{EventKind, Heartbeat, Protocol, Role, Transport};
use crate::error::{CloseReason, Error, TransportError, TransportErrorKind};

/// Who is bound to which name, and who waits for a name to be bound.
#[derive(Default)]
pub(super) struct Names {
    bound: Vec<(String, Weak<Shared>, ListenerId)>,
    waiting: Vec<(String, Weak<Shared>, DialerId)>,
}

impl Names {
    fn find(&self, name: &str) -> Option<(&Weak<Shared>, ListenerId)> {
        self.bound.iter().find(|(known, ..)| known == name).map(|(_, owner, listener)| (owner, *listener))
    }
}

/// Binds a name and lets in who waited for it.
pub(super) fn bind(socket: &Rc<Shared>, name: &str) -> Result<String, Error> {
    let endpoint = Endpoint::Inproc(name.to_owned());
    let text = endpoint.to_string();
    if socket.names.borrow().find(name).is_some() {
        let reason = "the address is in use".to_owned();
        socket.engine.borrow_mut().report(EventKind::BindFailed, &text, reason.clone());
        socket.pump();
        let error = TransportError { kind: TransportErrorKind::AddressInUse, endpoint: text, reason };
        return Err(Error::Transport(error));
    }
    let listener = socket.engine.borrow_mut().listening(endpoint)?;
    let waiting = {
        let mut names = socket.names.borrow_mut();
        names.bound.push((name.to_owned(), Rc::downgrade(socket), listener));
        let (found, others) =
            core::mem::take(&mut names.waiting).into_iter().partition(|(to, ..)| to == name);
        names.waiting = others;
        let found: Vec<_> = found;
        found
    };
    socket.pump();
    for (_, connecting, dialer) in waiting {
        if let Some(connecting) = connecting.upgrade() {
            join(&connecting, dialer, socket, listener);
        }
    }
    Ok(text)
}

/// Gives a name up. `None` when this socket does not have it.
pub(super) fn unbind(socket: &Rc<Shared>, name: &str) -> Option<ListenerId> {
    let mut names = socket.names.borrow_mut();
    let (owner, listener) = names.find(name)?;
    if !core::ptr::eq(owner.as_ptr(), Rc::as_ptr(socket)) {
        return None;
    }
    names.bound.retain(|(known, ..)| known != name);
    Some(listener)
}

/// A closed socket has no names and waits for none.
pub(super) fn forget(socket: &Rc<Shared>) {
    let ours = |other: &Weak<Shared>| core::ptr::eq(other.as_ptr(), Rc::as_ptr(socket));
    let mut names = socket.names.borrow_mut();
    names.bound.retain(|(_, owner, _)| !ours(owner));
    names.waiting.retain(|(_, connecting, _)| !ours(connecting));
}

/// Connects to a name, now or when it is bound.
pub(super) fn dial(socket: &Rc<Shared>, dialer: DialerId, name: &str) {
    let bound = socket
        .names
        .borrow()
        .find(name)
        .and_then(|(owner, listener)| owner.upgrade().map(|owner| (owner, listener)));
    match bound {
        Some((owner, listener)) => join(socket, dialer, &owner, listener),
        None => {
            let waiting = (name.to_owned(), Rc::downgrade(socket), dialer);
            socket.names.borrow_mut().waiting.push(waiting);
        }
    }
}

/// Nobody waits for this connection any more.
pub(super) fn cancel(socket: &Rc<Shared>, dialer: DialerId) {
    let ours = |other: &Weak<Shared>| core::ptr::eq(other.as_ptr(), Rc::as_ptr(socket));
    let mut names = socket.names.borrow_mut();
    names.waiting.retain(|(_, connecting, waiting)| !(ours(connecting) && *waiting == dialer));
}

fn join(connecting: &Rc<Shared>, dialer: DialerId, bound: &Rc<Shared>, listener: ListenerId) {
    let transport = || Transport {
        protocol: Protocol::Inproc,
        heartbeat: Heartbeat::None,
        frame_limit: None,
        address: String::new(),
    };
    let now = connecting.now();
    let near = connecting.engine.borrow_mut().handle_connected(Role::Connecting(dialer), transport(), now);
    let Some(near) = near else { return };
    let far = bound.engine.borrow_mut().handle_connected(Role::Accepted(listener), transport(), now);
    let Some(far) = far else {
        let reason = CloseReason::Remote("the endpoint is closed".to_owned());
        connecting.engine.borrow_mut().handle_disconnected(near, reason, now);
        return connecting.pump();
    };
    connecting.set_target(near, Target::Inproc(Rc::downgrade(bound), far));
    bound.set_target(far, Target::Inproc(Rc::downgrade(connecting), near));
    for (socket, peer) in [(connecting, near), (bound, far)] {
        socket.engine.borrow_mut().handle_writable(peer, usize::MAX);
    }
    connecting.pump();
    bound.pump();
}

/// The other side of a connection ended it.
pub(super) fn hang_up(other: &Weak<Shared>, peer: PeerId) {
    if let Some(other) = other.upgrade() {
        let reason = CloseReason::Remote("the peer closed the connection".to_owned());
        let now = other.now();
        other.drop_target(peer);
        other.engine.borrow_mut().handle_disconnected(peer, reason, now);
        other.pump();
        other.wake();
    }
}
