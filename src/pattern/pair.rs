//! PAIR (RFC 31) and CHANNEL (RFC 52): one peer at a time, both ways.

use super::core::{Core, FairQueue};
use super::{Pattern, SendError};
use crate::arena::PipeId;
use crate::error::{Error, Misbehaviour};
use crate::message::Message;
use crate::payload::Payload;

#[derive(Default)]
pub(crate) struct Pair {
    peer: Option<PipeId>,
    inbound: FairQueue,
}

impl<P: Payload> Pattern<P> for Pair {
    fn attach(&mut self, _core: &mut Core<P>, pipe: PipeId) {
        self.peer.get_or_insert(pipe);
    }

    fn detach(&mut self, _core: &mut Core<P>, pipe: PipeId) {
        self.peer = self.peer.filter(|&peer| peer != pipe);
    }

    fn connected(
        &mut self,
        _core: &mut Core<P>,
        pipe: PipeId,
        _routing_id: Vec<u8>,
    ) -> Result<(), &'static str> {
        if *self.peer.get_or_insert(pipe) == pipe { Ok(()) } else { Err("this socket has a peer already") }
    }

    fn deliver(&mut self, core: &mut Core<P>, pipe: PipeId, message: Message<P>) -> Result<(), Misbehaviour> {
        self.inbound.push(core, pipe, message);
        Ok(())
    }

    fn send(&mut self, core: &mut Core<P>, message: Message<P>) -> Result<(), SendError<P>> {
        match self.peer.filter(|&peer| core.has_room(peer)) {
            Some(peer) => {
                core.push(peer, message);
                Ok(())
            }
            None => Err(SendError::new(Error::WouldBlock, message)),
        }
    }

    fn recv(&mut self, core: &mut Core<P>) -> Result<Option<Message<P>>, Error> {
        Ok(self.inbound.pop(core))
    }

    fn can_send(&self, core: &Core<P>) -> bool {
        self.peer.is_some_and(|peer| core.has_room(peer))
    }

    fn can_recv(&self, core: &Core<P>) -> bool {
        self.inbound.can_pop(core)
    }
}
