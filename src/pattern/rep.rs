//! REP (RFC 28): a request, then its reply, to the peer that asked.

use super::core::{Core, FairQueue, Pipe};
use super::{Pattern, SendError};
use crate::arena::PipeId;
use crate::error::{Error, Misbehaviour};
use crate::message::Message;
use crate::payload::Payload;
use crate::sorted::SortedMap;

pub(crate) struct Rep<P> {
    inbound: FairQueue,
    /// Who is owed a reply (nobody, when the connection that asked is gone), and the envelope it goes back
    /// in, delimiter and all.
    owed: Option<(Option<PipeId>, Message<P>)>,
    /// How many requests wait that came by a pipe's earlier connections.
    outdated: SortedMap<PipeId, usize>,
}

impl<P> Default for Rep<P> {
    fn default() -> Self {
        Self { inbound: FairQueue::default(), owed: None, outdated: SortedMap::new() }
    }
}

/// A request is taken only when its reply has room. So a reply never waits (RFC 28, REP: "SHALL not block
/// on sending"), and none is dropped while its peer lives.
fn can_answer<P>(pipe: &Pipe<P>) -> bool {
    pipe.detached || pipe.has_room()
}

impl<P: Payload> Pattern<P> for Rep<P> {
    /// The peer that asked is no longer connected, though by this pipe another may be, or the same one anew:
    /// a REQ would take the old reply for the one to its next request.
    fn disconnected(&mut self, core: &mut Core<P>, pipe: PipeId) {
        if let Some((to, _)) = &mut self.owed {
            *to = to.filter(|&to| to != pipe);
        }
        if let Some(state) = core.pipes.get_mut(pipe) {
            state.clear_outbound();
            if state.has_inbound() {
                *self.outdated.get_or_insert_with::<PipeId>(pipe, || 0) = state.inbound_len();
            }
        }
    }

    fn detach(&mut self, _core: &mut Core<P>, pipe: PipeId) {
        self.outdated.remove(&pipe);
    }

    fn deliver(&mut self, core: &mut Core<P>, pipe: PipeId, message: Message<P>) -> Result<(), Misbehaviour> {
        // Without a delimiter, or with nothing behind it, there is no request in it.
        let delimiter = message.parts().iter().position(Payload::is_empty);
        if delimiter.is_some_and(|at| at + 1 < message.len()) {
            self.inbound.push(core, pipe, message);
        }
        Ok(())
    }

    fn send(&mut self, core: &mut Core<P>, message: Message<P>) -> Result<(), SendError<P>> {
        let Some((asked_by, mut reply)) = self.owed.take() else {
            let state = Error::WrongState("a REP socket must receive a request before it sends a reply");
            return Err(SendError::new(state, message));
        };
        // RFC 28, REP: "SHALL silently discard the reply [...] if the originating peer is no longer connected".
        if let Some(pipe) = asked_by.filter(|&pipe| core.is_attached(pipe)) {
            for part in message {
                reply.push(part);
            }
            core.push(pipe, reply);
        }
        Ok(())
    }

    fn recv(&mut self, core: &mut Core<P>) -> Result<Option<Message<P>>, Error> {
        if self.owed.is_some() {
            return Err(Error::WrongState(
                "a REP socket must send a reply before it receives the next request",
            ));
        }
        let Some(mut message) = self.inbound.pop_where(core, can_answer) else { return Ok(None) };
        let pipe = core.source.expect("a popped message has a source");
        let delimiter =
            message.parts().iter().position(Payload::is_empty).expect("deliver saw the delimiter");
        let outdated = self.outdated.get_mut(&pipe).map(|count| *count -= 1).is_some();
        if self.outdated.get(&pipe) == Some(&0) {
            self.outdated.remove(&pipe);
        }
        self.owed = Some(((!outdated).then_some(pipe), message.split_front(delimiter + 1)));
        Ok(Some(message))
    }

    fn can_send(&self, _core: &Core<P>) -> bool {
        self.owed.is_some()
    }

    fn can_recv(&self, core: &Core<P>) -> bool {
        self.owed.is_none() && self.inbound.any(core, can_answer)
    }
}
