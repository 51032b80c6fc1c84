//! REP (RFC 28): a request, then its reply, to the peer that asked.

use super::core::{Core, FairQueue, Pipe};
use super::{Pattern, Received, SendError};
use crate::arena::PipeId;
use crate::error::{Error, Misbehaviour};
use crate::message::Message;
use crate::payload::Payload;

pub(crate) struct Rep<P> {
    inbound: FairQueue,
    /// Who is owed a reply, and the envelope it goes back in, delimiter and all.
    owed: Option<(PipeId, Message<P>)>,
}

impl<P> Default for Rep<P> {
    fn default() -> Self {
        Self { inbound: FairQueue::default(), owed: None }
    }
}

/// A request is taken only when its reply has room. So a reply never waits (RFC 28, REP: "SHALL not block
/// on sending"), and none is dropped while its peer lives.
fn can_answer<P>(pipe: &Pipe<P>) -> bool {
    pipe.detached || pipe.has_room()
}

impl<P: Payload> Pattern<P> for Rep<P> {
    fn deliver(&mut self, core: &mut Core<P>, pipe: PipeId, message: Message<P>) -> Result<(), Misbehaviour> {
        // Without a delimiter, or with nothing behind it, there is no request in it.
        let delimiter = message.parts().iter().position(Payload::is_empty);
        if delimiter.is_some_and(|at| at + 1 < message.len()) {
            self.inbound.push(core, pipe, message);
        }
        Ok(())
    }

    fn send(&mut self, core: &mut Core<P>, message: Message<P>) -> Result<(), SendError<P>> {
        let Some((pipe, mut reply)) = self.owed.take() else {
            let state = Error::WrongState("a REP socket must receive a request before it sends a reply");
            return Err(SendError::new(state, message));
        };
        // RFC 28, REP: "SHALL silently discard the reply [...] if the originating peer is no longer connected".
        if core.is_attached(pipe) {
            for part in message {
                reply.push(part);
            }
            core.push(pipe, reply);
        }
        Ok(())
    }

    fn recv(&mut self, core: &mut Core<P>) -> Result<Option<Received<P>>, Error> {
        if self.owed.is_some() {
            return Err(Error::WrongState(
                "a REP socket must send a reply before it receives the next request",
            ));
        }
        let Some((pipe, mut message)) = self.inbound.pop_where(core, can_answer) else { return Ok(None) };
        let delimiter =
            message.parts().iter().position(Payload::is_empty).expect("deliver saw the delimiter");
        self.owed = Some((pipe, message.split_front(delimiter + 1)));
        Ok(Some((pipe, message)))
    }

    fn can_send(&self, _core: &Core<P>) -> bool {
        self.owed.is_some()
    }

    fn can_recv(&self, core: &Core<P>) -> bool {
        self.owed.is_none() && self.inbound.any(core, can_answer)
    }
}
