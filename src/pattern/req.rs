//! REQ (RFC 28): one request, then its reply, from the peer that was asked.

use super::core::{Action, Core, FairQueue, LoadBalancer};
use super::{Pattern, SendError};
use crate::arena::PipeId;
use crate::error::{Error, Misbehaviour};
use crate::message::Message;
use crate::payload::Payload;

#[derive(Default)]
pub(crate) struct Req {
    outbound: LoadBalancer,
    inbound: FairQueue,
    state: State,
    /// The number of the last request, under REQ_CORRELATE.
    request: u32,
}

#[derive(Default, PartialEq, Eq)]
enum State {
    #[default]
    Idle,
    Asked(PipeId),
    /// The reply is in the inbound queue.
    Answered,
    /// The peer went away with the request.
    Lost,
}

impl Req {
    /// Takes the envelope off a reply; `false` when it is not the reply that is waited for.
    fn open_envelope<P: Payload>(&self, core: &Core<P>, reply: &mut Message<P>) -> bool {
        if core.options.req_correlate() {
            let number = reply.pop_front();
            if number.is_none_or(|part| part.len() != 4 || part.to_vec() != self.request.to_be_bytes()) {
                return false;
            }
        }
        reply.pop_front().is_some_and(|delimiter| delimiter.is_empty()) && !reply.is_empty()
    }
}

impl<P: Payload> Pattern<P> for Req {
    fn attach(&mut self, _core: &mut Core<P>, pipe: PipeId) {
        self.outbound.attach(pipe);
    }

    fn detach(&mut self, core: &mut Core<P>, pipe: PipeId) {
        self.outbound.detach(pipe);
        self.disconnected(core, pipe);
    }

    /// A request that is still queued goes out when the peer is back. One that went out is not sent
    /// twice: the peer may have acted on it.
    fn disconnected(&mut self, core: &mut Core<P>, pipe: PipeId) {
        if self.state == State::Asked(pipe) && !(core.is_attached(pipe) && core.has_more_outbound(pipe)) {
            self.state = State::Lost;
        }
    }

    fn deliver(
        &mut self,
        core: &mut Core<P>,
        pipe: PipeId,
        mut message: Message<P>,
    ) -> Result<(), Misbehaviour> {
        if self.state == State::Asked(pipe) && self.open_envelope(core, &mut message) {
            self.inbound.push(core, pipe, message);
            self.state = State::Answered;
        }
        Ok(())
    }

    fn send(&mut self, core: &mut Core<P>, mut message: Message<P>) -> Result<(), SendError<P>> {
        if self.state != State::Idle && !core.options.req_relaxed() {
            return Err(SendError::new(Error::ReplyPending, message));
        }
        let Some(pipe) = self.outbound.next(core) else {
            return Err(SendError::new(Error::WouldBlock, message));
        };
        // The reply to the request that this one replaces.
        if self.inbound.pop(core).is_some()
            && let Some(source) = core.source
        {
            core.actions.push_back(Action::Taken(source));
        }
        message.push_front(P::from_bytes(&[]));
        if core.options.req_correlate() {
            self.request = self.request.wrapping_add(1);
            message.push_front(P::from_bytes(&self.request.to_be_bytes()));
        }
        core.push(pipe, message);
        self.state = State::Asked(pipe);
        Ok(())
    }

    fn recv(&mut self, core: &mut Core<P>) -> Result<Option<Message<P>>, Error> {
        match self.state {
            State::Idle => {
                Err(Error::WrongState("a REQ socket must send a request before it receives a reply"))
            }
            State::Asked(_) => Ok(None),
            State::Lost => {
                self.state = State::Idle;
                Err(Error::ReplyLost)
            }
            State::Answered => {
                self.state = State::Idle;
                Ok(self.inbound.pop(core))
            }
        }
    }

    fn can_send(&self, core: &Core<P>) -> bool {
        (self.state == State::Idle || core.options.req_relaxed()) && self.outbound.can_send(core)
    }

    fn can_recv(&self, _core: &Core<P>) -> bool {
        matches!(self.state, State::Answered | State::Lost)
    }
}
