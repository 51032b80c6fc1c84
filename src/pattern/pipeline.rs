//! PUSH and PULL (RFC 30), and DEALER (RFC 28), which is both at once: messages go out round-robin to
//! peers with room and come in by fair queueing. SCATTER and GATHER (RFC 49), and CLIENT (RFC 41), are the
//! same for messages of one part.

use super::core::{Core, FairQueue, LoadBalancer};
use super::{Pattern, SendError};
use crate::arena::PipeId;
use crate::error::{Error, Misbehaviour};
use crate::message::Message;
use crate::payload::Payload;

#[derive(Default)]
pub(crate) struct Push {
    outbound: LoadBalancer,
}

#[derive(Default)]
pub(crate) struct Pull {
    inbound: FairQueue,
}

#[derive(Default)]
pub(crate) struct Dealer {
    outbound: LoadBalancer,
    inbound: FairQueue,
}

fn send<P: Payload>(
    outbound: &mut LoadBalancer,
    core: &mut Core<P>,
    message: Message<P>,
) -> Result<(), SendError<P>> {
    match outbound.next(core) {
        Some(pipe) => {
            core.push(pipe, message);
            Ok(())
        }
        None => Err(SendError::new(Error::WouldBlock, message)),
    }
}

impl<P: Payload> Pattern<P> for Push {
    fn attach(&mut self, _core: &mut Core<P>, pipe: PipeId) {
        self.outbound.attach(pipe);
    }

    fn detach(&mut self, _core: &mut Core<P>, pipe: PipeId) {
        self.outbound.detach(pipe);
    }

    /// RFC 30, PUSH: "SHALL only send messages". What a PULL peer sends it all the same is dropped.
    fn deliver(
        &mut self,
        _core: &mut Core<P>,
        _pipe: PipeId,
        _message: Message<P>,
    ) -> Result<(), Misbehaviour> {
        Ok(())
    }

    fn send(&mut self, core: &mut Core<P>, message: Message<P>) -> Result<(), SendError<P>> {
        send(&mut self.outbound, core, message)
    }

    fn can_send(&self, core: &Core<P>) -> bool {
        self.outbound.can_send(core)
    }
}

impl<P: Payload> Pattern<P> for Pull {
    fn deliver(&mut self, core: &mut Core<P>, pipe: PipeId, message: Message<P>) -> Result<(), Misbehaviour> {
        self.inbound.push(core, pipe, message);
        Ok(())
    }

    fn recv(&mut self, core: &mut Core<P>) -> Result<Option<Message<P>>, Error> {
        Ok(self.inbound.pop(core))
    }

    fn can_recv(&self, core: &Core<P>) -> bool {
        self.inbound.can_pop(core)
    }
}

impl<P: Payload> Pattern<P> for Dealer {
    fn attach(&mut self, _core: &mut Core<P>, pipe: PipeId) {
        self.outbound.attach(pipe);
    }

    fn detach(&mut self, _core: &mut Core<P>, pipe: PipeId) {
        self.outbound.detach(pipe);
    }

    fn deliver(&mut self, core: &mut Core<P>, pipe: PipeId, message: Message<P>) -> Result<(), Misbehaviour> {
        self.inbound.push(core, pipe, message);
        Ok(())
    }

    fn send(&mut self, core: &mut Core<P>, message: Message<P>) -> Result<(), SendError<P>> {
        send(&mut self.outbound, core, message)
    }

    fn recv(&mut self, core: &mut Core<P>) -> Result<Option<Message<P>>, Error> {
        Ok(self.inbound.pop(core))
    }

    fn can_send(&self, core: &Core<P>) -> bool {
        self.outbound.can_send(core)
    }

    fn can_recv(&self, core: &Core<P>) -> bool {
        self.inbound.can_pop(core)
    }
}
