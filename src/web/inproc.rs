//! `inproc://`: two sockets of one context, joined by handing frames over. Bodies are not touched.

use std::cell::RefCell;
use std::rc::Rc;

use super::driver::{Shared, Target, find};
use super::host;
use crate::arena::{DialerId, ListenerId};
use crate::endpoint::Endpoint;
use crate::engine::{EventKind, Heartbeat, Protocol, Role, Transport};
use crate::error::{CloseReason, Error, TransportError, TransportErrorKind};

/// A socket that is bound to a name, or that waits for the name to be bound.
struct Entry {
    context: u32,
    name: String,
    socket: u32,
    role: Role,
}

thread_local! {
    static ENTRIES: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
}

/// Binds a name, lets in who waited for it, and says the endpoint in full.
pub(super) fn bind(socket: &Rc<Shared>, name: String) -> Result<ListenerId, Error> {
    let endpoint = Endpoint::Inproc(name.clone());
    let text = endpoint.text();
    if find_bound(socket.context, &name).is_some() {
        let reason = "the address is in use".to_owned();
        socket.engine.borrow_mut().report(EventKind::BindFailed, &text, reason.clone());
        socket.pump();
        let error = TransportError { kind: TransportErrorKind::AddressInUse, endpoint: text, reason };
        return Err(Error::Transport(error));
    }
    let listener = socket.engine.borrow_mut().listening(endpoint)?;
    let waiting = take(&|entry| entry.context == socket.context && entry.name == name);
    enter(socket, name, Role::Accepted(listener));
    socket.pump();
    for Entry { socket: connecting, role, .. } in waiting {
        if let (Some(connecting), Role::Connecting(dialer)) = (find(connecting), role) {
            join(&connecting, dialer, socket, listener);
        }
    }
    host::say(text.as_bytes());
    Ok(listener)
}

/// Gives up the name of a listener, if it has one.
pub(super) fn unbind(socket: u32, listener: ListenerId) {
    take(&|entry| entry.socket == socket && entry.role == Role::Accepted(listener));
}

/// A closed socket has no names and waits for none.
pub(super) fn forget(socket: u32) {
    take(&|entry| entry.socket == socket);
}

/// Connects to a name, now or when it is bound.
pub(super) fn dial(socket: &Rc<Shared>, dialer: DialerId, name: String) {
    match find_bound(socket.context, &name).and_then(|(owner, listener)| Some((find(owner)?, listener))) {
        Some((owner, listener)) => join(socket, dialer, &owner, listener),
        None => enter(socket, name, Role::Connecting(dialer)),
    }
}

/// Nobody waits for this connection any more.
pub(super) fn cancel(socket: u32, dialer: DialerId) {
    take(&|entry| entry.socket == socket && entry.role == Role::Connecting(dialer));
}

fn enter(socket: &Shared, name: String, role: Role) {
    let entry = Entry { context: socket.context, name, socket: socket.id, role };
    ENTRIES.with_borrow_mut(|entries| entries.push(entry));
}

/// Takes out the entries that `is_it` tells.
fn take(is_it: &dyn Fn(&Entry) -> bool) -> Vec<Entry> {
    ENTRIES.with_borrow_mut(|entries| {
        let mut taken = Vec::new();
        for entry in std::mem::take(entries) {
            if is_it(&entry) { taken.push(entry) } else { entries.push(entry) }
        }
        taken
    })
}

/// Whether a socket is bound to a name.
#[cfg(feature = "security")]
pub(super) fn is_bound(context: u32, name: &str) -> bool {
    find_bound(context, name).is_some()
}

/// The socket that is bound to a name, and the name's number there.
fn find_bound(context: u32, name: &str) -> Option<(u32, ListenerId)> {
    ENTRIES.with_borrow(|entries| {
        entries.iter().find_map(|entry| match entry.role {
            Role::Accepted(listener) if entry.context == context && entry.name == name => {
                Some((entry.socket, listener))
            }
            _ => None,
        })
    })
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
    connecting.set_target(near, Target::Inproc(bound.id, far));
    bound.set_target(far, Target::Inproc(connecting.id, near));
    connecting.engine.borrow_mut().handle_writable(near, usize::MAX);
    bound.engine.borrow_mut().handle_writable(far, usize::MAX);
    connecting.pump();
    bound.pump();
}
