//! ROUTER (RFC 28): each peer has a routing id, in front of every message from it and to it. SERVER (RFC 41)
//! and PEER (RFC 51) give each a number of four octets, and always say when it stands for nobody.

use super::core::{Action, Core, FairQueue};
use super::{Pattern, SendError};
use crate::arena::PipeId;
use crate::error::{Error, Misbehaviour};
use crate::message::Message;
use crate::payload::Payload;
use crate::sorted::SortedMap;
use crate::text::{concat, hexadecimal};

#[derive(Default)]
pub(crate) struct Router {
    inbound: FairQueue,
    by_id: SortedMap<Vec<u8>, PipeId>,
}

/// No routing id is longer (RFC 37, "Identity property").
const MAX_ROUTING_ID: usize = 255;

impl Router {
    fn find<P: Payload>(&self, routing_id: &P) -> Option<PipeId> {
        let mut octets = [0; MAX_ROUTING_ID];
        let octets = octets.get_mut(..routing_id.len())?;
        routing_id.copy_to(0, octets);
        self.by_id.get(&*octets).copied()
    }

    /// A routing id of our own making: a number that is not 0, and for a ROUTER a zero before it, which no
    /// peer's own id has.
    fn make_id<P: Payload>(&self, core: &mut Core<P>) -> Vec<u8> {
        loop {
            core.next_routing_id = core.next_routing_id.wrapping_add(1).max(1);
            let id = u64::from(core.next_routing_id).to_be_bytes();
            let id = id[if core.socket_type.numbers_peers() { 4 } else { 3 }..].to_vec();
            if self.by_id.get(&id[..]).is_none() {
                return id;
            }
        }
    }

    fn forget<P: Payload>(&mut self, core: &Core<P>, pipe: PipeId) {
        if let Some(routing_id) = core.pipes.get(pipe).map(|pipe| &pipe.routing_id)
            && self.by_id.get(&routing_id[..]) == Some(&pipe)
        {
            self.by_id.remove(&routing_id[..]);
        }
    }
}

impl<P: Payload> Pattern<P> for Router {
    /// Under CONNECT_ROUTING_ID, and by a PEER, the peer can be sent to before it is there.
    fn attach(&mut self, core: &mut Core<P>, pipe: PipeId) {
        if core.socket_type.numbers_peers() {
            let routing_id = self.make_id(core);
            if let Some(state) = core.pipes.get_mut(pipe) {
                state.routing_id = routing_id;
            }
        }
        if let Some(state) = core.pipes.get(pipe)
            && !state.routing_id.is_empty()
        {
            self.by_id.get_or_insert_with::<[u8]>(state.routing_id.clone(), || pipe);
        }
    }

    fn detach(&mut self, core: &mut Core<P>, pipe: PipeId) {
        self.forget(core, pipe);
    }

    /// A pipe that outlives its connections keeps its id, unless the next peer has one of its own.
    fn connected(&mut self, core: &mut Core<P>, pipe: PipeId, given: Vec<u8>) -> Result<(), &'static str> {
        if core.socket_type.numbers_peers() {
            return Ok(());
        }
        let before = core.pipes.get(pipe).map(|pipe| pipe.routing_id.clone()).unwrap_or_default();
        let routing_id = match (given.first(), before.is_empty()) {
            // RFC 37: "identities starting with a zero octet are reserved for implementations' internal use".
            (Some(0), _) if given != before => return Err("its routing id begins with a zero octet"),
            (Some(_), _) => given,
            (None, false) => before,
            (None, true) => self.make_id(core),
        };
        if let Some(&other) = self.by_id.get(&routing_id[..])
            && other != pipe
        {
            if !core.options.router_handover() {
                return Err("another peer of this ROUTER has the same routing id");
            }
            core.actions.push_back(Action::Close(other, "a new peer took over its routing id"));
        }
        self.forget(core, pipe);
        if let Some(pipe) = core.pipes.get_mut(pipe) {
            pipe.routing_id.clone_from(&routing_id);
        }
        *self.by_id.get_or_insert_with::<[u8]>(routing_id, || pipe) = pipe;
        Ok(())
    }

    fn deliver(&mut self, core: &mut Core<P>, pipe: PipeId, message: Message<P>) -> Result<(), Misbehaviour> {
        self.inbound.push(core, pipe, message);
        Ok(())
    }

    fn send(&mut self, core: &mut Core<P>, mut message: Message<P>) -> Result<(), SendError<P>> {
        let Some(routing_id) = message.pop_front() else { return Ok(()) };
        let pipe = self.find(&routing_id);
        match pipe.filter(|&pipe| core.has_room(pipe)) {
            // A routing id with nothing behind it is no message.
            Some(_) if message.is_empty() => {}
            Some(pipe) => core.push(pipe, message),
            None if !core.options.router_mandatory() && !core.socket_type.numbers_peers() => {}
            None => {
                let error = match pipe {
                    Some(_) => Error::WouldBlock,
                    None => Error::HostUnreachable(printable(&routing_id)),
                };
                message.push_front(routing_id);
                return Err(SendError::new(error, message));
            }
        }
        Ok(())
    }

    fn recv(&mut self, core: &mut Core<P>) -> Result<Option<Message<P>>, Error> {
        let Some(mut message) = self.inbound.pop(core) else { return Ok(None) };
        if let Some(pipe) = core.source.and_then(|source| core.pipes.get(source)) {
            message.push_front(P::from_bytes(&pipe.routing_id));
        }
        Ok(Some(message))
    }

    /// RFC 28, ROUTER: "SHALL NOT block on sending".
    fn can_send(&self, core: &Core<P>) -> bool {
        !core.options.router_mandatory() || self.by_id.iter().any(|(_, pipe)| core.has_room(*pipe))
    }

    fn can_recv(&self, core: &Core<P>) -> bool {
        self.inbound.can_pop(core)
    }
}

/// With which the control characters beyond ASCII begin in UTF-8, and some signs.
const C1: u8 = 0xc2;

/// A routing id in an error's sentence: text where it is text, else hexadecimal.
fn printable<P: Payload>(routing_id: &P) -> String {
    let octets = routing_id.to_vec();
    match core::str::from_utf8(&octets) {
        Ok(text) if !octets.iter().any(|octet| octet.is_ascii_control() || *octet == C1) => {
            concat(&["\"", text, "\""])
        }
        _ => hexadecimal(&octets),
    }
}
