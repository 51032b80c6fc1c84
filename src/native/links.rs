//! A socket's connections, by the ids that its engine knows them by.

use std::rc::Rc;

use super::connection::Connection;
use super::inproc;
use crate::arena::PeerId;

/// What is at the other end of a connection.
#[derive(Clone)]
pub(super) enum Link {
    Stream(Rc<Connection>),
    Inproc(inproc::Link),
}

/// Connections by the index in their id.
#[derive(Default)]
pub(super) struct Links(Vec<Option<(PeerId, Link)>>);

impl Links {
    #[inline]
    pub(super) fn get(&self, peer: PeerId) -> Option<&Link> {
        let (known, link) = self.0.get(peer.index())?.as_ref()?;
        (*known == peer).then_some(link)
    }

    pub(super) fn insert(&mut self, peer: PeerId, link: Link) {
        if self.0.len() <= peer.index() {
            self.0.resize_with(peer.index() + 1, || None);
        }
        self.0[peer.index()] = Some((peer, link));
    }

    pub(super) fn remove(&mut self, peer: PeerId) -> Option<Link> {
        self.get(peer)?;
        self.0[peer.index()].take().map(|(_, link)| link)
    }
}
