//! Who decides about peers: a handler of this context, asked by ZAP (RFC 27). A DEALER that JavaScript never sees asks about each.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::driver::{self, Shared};
use super::inproc;
use crate::arena::PeerId;
use crate::endpoint::Endpoint;
use crate::engine::{Engine, Verdict, zap};
use crate::options::Options;
use crate::socket_type::SocketType;
use crate::wire::mechanism::Credentials;

/// A peer of a socket's that is asked about, and who asks.
#[derive(Clone, Copy)]
struct Inquiry {
    socket: u32,
    peer: PeerId,
    dealer: u32,
}

thread_local! {
    static INQUIRIES: RefCell<Vec<Inquiry>> = const { RefCell::new(Vec::new()) };
    /// JavaScript's numbers for sockets begin at the other end.
    static NEXT: Cell<u32> = const { Cell::new(u32::MAX) };
}

/// Asks about a peer, and tells the engine when there is an answer.
pub(super) fn judge(socket: &Rc<Shared>, peer: PeerId, address: &str, credentials: &Credentials) {
    if !inproc::is_bound(socket.context, zap::HANDLER) {
        return decide(socket, peer, Verdict::Nobody);
    }
    let request = socket.engine.borrow().zap_request(address, credentials);
    let id = NEXT.replace(NEXT.get() - 1);
    let mut engine = Engine::new(SocketType::Dealer, Options::default(), id.into());
    let endpoint = Endpoint::Inproc(zap::HANDLER.to_owned());
    engine.connect(endpoint, zap::HANDLER, socket.now()).expect("a new socket can connect");
    engine.send(request).map_err(|_| ()).expect("its queue has room for one message");
    INQUIRIES.with_borrow_mut(|inquiries| inquiries.push(Inquiry { socket: socket.id, peer, dealer: id }));
    driver::add(Shared::asking(id, socket.context, engine));
    driver::find(id).expect("it was added just now").pump();
}

/// Something happened to the DEALER that asks: the handler has answered, or is gone.
pub(super) fn heard(dealer: &Rc<Shared>) {
    let reply = dealer.engine.borrow_mut().recv();
    let verdict = match reply {
        Ok(Some(reply)) => Verdict::from_zap(&reply),
        _ if dealer.is_alone() => Verdict::Fail,
        _ => return,
    };
    let inquiry = take(|inquiry| inquiry.dealer == dealer.id);
    close(dealer);
    if let Some(Inquiry { socket, peer, .. }) = inquiry
        && let Some(socket) = driver::find(socket)
    {
        decide(&socket, peer, verdict);
        socket.happened();
    }
}

/// A peer is gone: who asks about it, if anybody does, need not.
pub(super) fn forget(socket: u32, peer: PeerId) {
    let inquiry = take(|inquiry| inquiry.socket == socket && inquiry.peer == peer);
    if let Some(dealer) = inquiry.and_then(|inquiry| driver::find(inquiry.dealer)) {
        close(&dealer);
    }
}

fn take(is_it: impl Fn(&Inquiry) -> bool) -> Option<Inquiry> {
    INQUIRIES.with_borrow_mut(|inquiries| {
        let at = inquiries.iter().position(is_it)?;
        Some(inquiries.swap_remove(at))
    })
}

fn decide(socket: &Shared, peer: PeerId, verdict: Verdict) {
    socket.engine.borrow_mut().handle_verdict(peer, verdict, socket.now());
}

fn close(dealer: &Rc<Shared>) {
    inproc::forget(dealer.id);
    dealer.engine.borrow_mut().close(Some(core::time::Duration::ZERO), dealer.now());
    dealer.pump();
}
