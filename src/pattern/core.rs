//! What every pattern works on: the socket's options and its pipes.
//!
//! A pipe is the pair of queues between a socket and one peer. What is put into its outbound queue is
//! transmitted by the engine; what the engine receives goes to its inbound queue. On the connecting side
//! a pipe outlives its connections.

use std::collections::VecDeque;

use crate::arena::{Arena, PeerId, PipeId};
use crate::message::Message;
use crate::options::Options;
use crate::payload::Payload;
use crate::socket_type::SocketType;

/// A peer that can't be paused may overrun a full inbound queue by this factor before it is cut off.
const OVERRUN: usize = 64;
/// And by so many octets: large messages fill a memory before they are many.
const OVERRUN_OCTETS: usize = 256 << 20;

pub(crate) struct Pipe<P> {
    inbound: VecDeque<Message<P>>,
    outbound: VecDeque<Message<P>>,
    send_limit: usize,
    receive_limit: usize,
    /// By how many octets the inbound queue has grown since it was full.
    excess: usize,
    conflate: bool,
    /// IMMEDIATE: nothing is queued while no connection is up.
    immediate: bool,
    /// The connection whose handshake is done.
    pub(crate) link: Option<PeerId>,
    /// No pattern sends here any more; it lives until its inbound queue is read.
    pub(crate) detached: bool,
    /// Whether the engine is told already that there is something to transmit.
    flushing: bool,
    /// Whether a fair queue lists it already.
    listed: bool,
    /// What a ROUTER calls it. It is there before the connection under CONNECT_ROUTING_ID.
    pub(crate) routing_id: Vec<u8>,
    /// Scratch of a publisher: the message that matched this pipe last.
    pub(crate) mark: u64,
}

impl<P> Pipe<P> {
    pub(crate) fn has_room(&self) -> bool {
        self.conflate || (self.outbound.len() < self.send_limit && (self.link.is_some() || !self.immediate))
    }

    pub(crate) fn is_full_inbound(&self) -> bool {
        !self.conflate && self.inbound.len() >= self.receive_limit
    }

    /// Half empty again: the mark at which a paused peer may go on, as in libzmq.
    pub(crate) fn may_resume(&self) -> bool {
        self.inbound.len() <= self.receive_limit / 2
    }

    pub(crate) fn is_overrun(&self) -> bool {
        self.inbound.len() >= self.receive_limit.saturating_mul(OVERRUN) || self.excess > OVERRUN_OCTETS
    }

    pub(crate) fn has_inbound(&self) -> bool {
        !self.inbound.is_empty()
    }

    pub(crate) fn inbound_len(&self) -> usize {
        self.inbound.len()
    }

    pub(crate) fn has_outbound(&self) -> bool {
        !self.outbound.is_empty()
    }

    /// Takes the next message to transmit.
    pub(crate) fn pop_outbound(&mut self) -> Option<Message<P>> {
        self.outbound.pop_front()
    }

    pub(crate) fn clear_outbound(&mut self) {
        self.outbound = VecDeque::new();
    }
}

/// What a pattern asks the engine to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Tell every peer of a new subscription, or that one ended.
    Subscription { topic: Vec<u8>, on: bool },
    /// Close the connection of a pipe.
    Close(PipeId, &'static str),
    /// A message of this pipe was taken and given up: there is room for the next.
    Taken(PipeId),
}

pub(crate) struct Core<P> {
    pub(crate) socket_type: SocketType,
    pub(crate) options: Options,
    pub(crate) pipes: Arena<PipeId, Pipe<P>>,
    /// Pipes with something to transmit.
    pub(crate) ready: VecDeque<PipeId>,
    pub(crate) actions: VecDeque<Action>,
    /// Where the message came from that a [`FairQueue`] gave last.
    pub(crate) source: Option<PipeId>,
    /// Source of the routing ids that a ROUTER makes up.
    pub(crate) next_routing_id: u32,
}

impl<P: Payload> Core<P> {
    pub(crate) fn new(socket_type: SocketType, options: Options, next_routing_id: u32) -> Self {
        Self {
            socket_type,
            options,
            pipes: Arena::new(),
            ready: VecDeque::new(),
            actions: VecDeque::new(),
            source: None,
            next_routing_id,
        }
    }

    /// A new pipe with the limits that the options have now.
    pub(crate) fn open_pipe(&mut self) -> Option<PipeId> {
        self.pipes.insert(Pipe {
            inbound: VecDeque::new(),
            outbound: VecDeque::new(),
            send_limit: self.options.send_limit(),
            receive_limit: self.options.receive_limit(),
            excess: 0,
            conflate: self.options.conflate() && conflates(self.socket_type),
            immediate: self.options.immediate(),
            link: None,
            detached: false,
            flushing: false,
            listed: false,
            routing_id: Vec::new(),
            mark: 0,
        })
    }

    /// Gives the pipes that are there the limits that the options have now.
    pub(crate) fn limit_pipes(&mut self) {
        for pipe in self.pipes.values_mut() {
            pipe.send_limit = self.options.send_limit();
            pipe.receive_limit = self.options.receive_limit();
        }
    }

    pub(crate) fn has_room(&self, id: PipeId) -> bool {
        self.pipes.get(id).is_some_and(Pipe::has_room)
    }

    pub(crate) fn is_attached(&self, id: PipeId) -> bool {
        self.pipes.get(id).is_some_and(|pipe| !pipe.detached)
    }

    /// Queues a message to a peer. Callers have seen that there is room.
    #[inline]
    pub(crate) fn push(&mut self, id: PipeId, message: Message<P>) {
        let Some(pipe) = self.pipes.get_mut(id) else { return };
        if pipe.conflate {
            pipe.outbound.clear();
        }
        pipe.outbound.push_back(message);
        if !pipe.flushing {
            pipe.flushing = true;
            self.ready.push_back(id);
        }
    }

    pub(crate) fn has_more_outbound(&self, id: PipeId) -> bool {
        self.pipes.get(id).is_some_and(Pipe::has_outbound)
    }

    /// The engine can't transmit on this pipe for now; [`wake`](Self::wake) tells it when it can.
    pub(crate) fn park(&mut self) {
        if let Some(pipe) = self.ready.pop_front().and_then(|id| self.pipes.get_mut(id)) {
            pipe.flushing = false;
        }
    }

    /// A connection of this pipe can take more.
    pub(crate) fn wake(&mut self, id: PipeId) {
        if let Some(pipe) = self.pipes.get_mut(id)
            && pipe.has_outbound()
            && !pipe.flushing
        {
            pipe.flushing = true;
            self.ready.push_back(id);
        }
    }
}

/// The socket types whose queues may keep the newest message only, as libzmq has it.
fn conflates(socket_type: SocketType) -> bool {
    use SocketType::{Dealer, Pub, Pull, Push, Sub};
    matches!(socket_type, Dealer | Pub | Pull | Push | Sub)
}

/// Receives from all pipes in turn: one message from each that has any.
#[derive(Default)]
pub(crate) struct FairQueue {
    /// Pipes with a message, each once.
    listed: VecDeque<PipeId>,
}

impl FairQueue {
    pub(crate) fn push<P: Payload>(&mut self, core: &mut Core<P>, id: PipeId, message: Message<P>) {
        let Some(pipe) = core.pipes.get_mut(id) else { return };
        if pipe.conflate {
            pipe.inbound.clear();
        }
        if pipe.is_full_inbound() {
            pipe.excess = pipe.excess.saturating_add(message.octets());
        }
        pipe.inbound.push_back(message);
        if !pipe.listed {
            pipe.listed = true;
            self.listed.push_back(id);
        }
    }

    #[inline]
    pub(crate) fn pop<P: Payload>(&mut self, core: &mut Core<P>) -> Option<Message<P>> {
        self.pop_where(core, |_| true)
    }

    /// The next message of a pipe that passes. The others keep their turn.
    pub(crate) fn pop_where<P: Payload>(
        &mut self,
        core: &mut Core<P>,
        passes: fn(&Pipe<P>) -> bool,
    ) -> Option<Message<P>> {
        for _ in 0..self.listed.len() {
            let id = *self.listed.front()?;
            let Some(pipe) = core.pipes.get_mut(id) else {
                self.listed.pop_front();
                continue;
            };
            let message = if passes(pipe) { pipe.inbound.pop_front() } else { None };
            if pipe.inbound.is_empty() {
                pipe.listed = false;
                self.listed.pop_front();
            } else if self.listed.len() > 1 {
                self.listed.pop_front();
                self.listed.push_back(id);
            }
            if let Some(message) = message {
                if pipe.excess > 0 {
                    let is_full = pipe.is_full_inbound();
                    pipe.excess = if is_full { pipe.excess.saturating_sub(message.octets()) } else { 0 };
                }
                core.source = Some(id);
                return Some(message);
            }
        }
        None
    }

    pub(crate) fn any<P: Payload>(&self, core: &Core<P>, passes: fn(&Pipe<P>) -> bool) -> bool {
        self.listed
            .iter()
            .any(|&id| core.pipes.get(id).is_some_and(|pipe| pipe.has_inbound() && passes(pipe)))
    }

    pub(crate) fn can_pop<P: Payload>(&self, core: &Core<P>) -> bool {
        self.any(core, |_| true)
    }
}

/// Sends to all pipes in turn, passing over those without room.
#[derive(Default)]
pub(crate) struct LoadBalancer {
    turn: VecDeque<PipeId>,
}

impl LoadBalancer {
    pub(crate) fn attach(&mut self, id: PipeId) {
        self.turn.push_back(id);
    }

    pub(crate) fn detach(&mut self, id: PipeId) {
        self.turn.retain(|&other| other != id);
    }

    /// The pipe whose turn it is, among those with room.
    pub(crate) fn next<P: Payload>(&mut self, core: &Core<P>) -> Option<PipeId> {
        let first = *self.turn.front()?;
        // A lone pipe's turn comes next in any case.
        if self.turn.len() == 1 {
            return core.has_room(first).then_some(first);
        }
        for _ in 0..self.turn.len() {
            let id = self.turn.pop_front()?;
            self.turn.push_back(id);
            if core.has_room(id) {
                return Some(id);
            }
        }
        None
    }

    pub(crate) fn can_send<P: Payload>(&self, core: &Core<P>) -> bool {
        self.turn.iter().any(|&id| core.has_room(id))
    }
}
