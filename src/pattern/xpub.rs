//! PUB and XPUB (RFC 29): each message goes to the peers that subscribed to a prefix of it. RADIO (RFC 48) has
//! groups for topics, which are a message's whole first part.

use super::core::{Core, FairQueue};
use super::trie::Trie;
use super::upstream::take_subscriptions;
use super::{Pattern, SendError, no_subscriptions, not_supported};
use crate::arena::PipeId;
use crate::error::{Error, Misbehaviour};
use crate::message::Message;
use crate::options::SocketOption;
use crate::payload::Payload;
use crate::socket_type::SocketType;
use crate::sorted::SortedMap;

/// How many subscriptions one peer may have.
const MAX_SUBSCRIPTIONS: usize = 1 << 16;

/// How many octets the topics of one peer may have in all.
const MAX_TOPIC_OCTETS: usize = 1 << 22;

/// Who subscribed to a topic, and how often: RFC 37 has each SUBSCRIBE undone by a CANCEL of its own.
type Subscribers = SortedMap<PipeId, u32>;

pub(crate) struct Xpub {
    /// By what the messages go. Each peer that is connected has its usage here.
    granted: Table,
    /// Under XPUB_MANUAL, what the peers asked for; the application grants what it will.
    asked: Table,
    /// Subscriptions for the application, and what XSUB peers send.
    inbound: FairQueue,
    /// Under XPUB_MANUAL, whose subscription was received last.
    last: Option<PipeId>,
    /// Numbers the messages, so that a pipe that matches twice is sent to once.
    mark: u64,
    /// Scratch: the first octets of the message that is being matched, and whom it goes to.
    topic: Vec<u8>,
    matching: Vec<PipeId>,
}

/// Subscriptions and what they cost.
struct Table {
    topics: Trie<Subscribers>,
    usage: SortedMap<PipeId, Usage>,
}

#[derive(Default)]
struct Usage {
    subscriptions: usize,
    octets: usize,
}

impl Table {
    fn new() -> Self {
        Self { topics: Trie::new(), usage: SortedMap::new() }
    }

    /// Adds a subscription and tells whether the topic had none.
    fn add(&mut self, pipe: PipeId, topic: &[u8]) -> Result<bool, Misbehaviour> {
        let usage = self.usage.get_or_insert_with::<PipeId>(pipe, Usage::default);
        if usage.subscriptions >= MAX_SUBSCRIPTIONS || usage.octets + topic.len() > MAX_TOPIC_OCTETS {
            return Err(Misbehaviour::TooManySubscriptions);
        }
        usage.subscriptions += 1;
        usage.octets += topic.len();
        let subscribers = self.topics.get_or_insert_with(topic, Subscribers::new);
        let is_first = subscribers.is_empty();
        *subscribers.get_or_insert_with::<PipeId>(pipe, || 0) += 1;
        Ok(is_first)
    }

    /// Takes one subscription away; `None` when there was none, else whether it was the topic's last.
    fn remove(&mut self, pipe: PipeId, topic: &[u8]) -> Option<bool> {
        let subscribers = self.topics.get_mut(topic)?;
        let count = subscribers.get_mut(&pipe)?;
        *count -= 1;
        if *count == 0 {
            subscribers.remove(&pipe);
        }
        let is_last = subscribers.is_empty();
        if is_last {
            self.topics.remove(topic);
        }
        if let Some(usage) = self.usage.get_mut(&pipe) {
            usage.subscriptions -= 1;
            usage.octets -= topic.len();
        }
        Some(is_last)
    }

    /// Takes all subscriptions of a pipe away. Gives their topics, and whether they were the topic's last.
    fn remove_all(&mut self, pipe: PipeId) -> Vec<(Vec<u8>, bool)> {
        self.usage.remove(&pipe);
        let mut removed = Vec::new();
        for topic in self.topics.topics_where(|subscribers| subscribers.get(&pipe).is_some()) {
            if let Some(subscribers) = self.topics.get_mut(&topic) {
                subscribers.remove(&pipe);
                let is_last = subscribers.is_empty();
                if is_last {
                    self.topics.remove(&topic);
                }
                removed.push((topic, is_last));
            }
        }
        removed
    }
}

impl Xpub {
    pub(crate) fn new() -> Self {
        Self {
            granted: Table::new(),
            asked: Table::new(),
            inbound: FairQueue::default(),
            last: None,
            mark: 0,
            topic: Vec::new(),
            matching: Vec::new(),
        }
    }

    /// Tells the application of a subscription, as a message of `01` or `00` and the topic.
    fn notify<P: Payload>(&mut self, core: &mut Core<P>, pipe: PipeId, topic: &[u8], on: bool) {
        if core.socket_type == SocketType::Xpub {
            let body = P::from_bytes(&[&[u8::from(on)], topic].concat());
            self.inbound.push(core, pipe, body.into());
        }
    }

    /// Collects the pipes that this message goes to into `self.matching`: of all, or of this one only.
    fn collect_matching<P: Payload>(
        &mut self,
        core: &mut Core<P>,
        message: &Message<P>,
        only: Option<PipeId>,
    ) {
        let by_group = core.socket_type.has_groups();
        let inverted = core.options.invert_matching() && !by_group;
        self.matching.clear();
        self.mark += 1;
        if self.granted.topics.is_empty() && !inverted {
            return;
        }
        self.topic.clear();
        if let Some(first) = message.parts().first() {
            self.topic.resize(first.len().min(self.granted.topics.octets_to_match(by_group)), 0);
            first.copy_to(0, &mut self.topic);
        }
        let (mark, matching) = (self.mark, &mut self.matching);
        self.granted.topics.for_each_match(&self.topic, by_group, |subscribers| {
            for &(id, _) in subscribers.iter() {
                if only.is_none_or(|only| only == id)
                    && let Some(pipe) = core.pipes.get_mut(id)
                    && pipe.mark != mark
                {
                    pipe.mark = mark;
                    matching.push(id);
                }
            }
        });
        if inverted {
            matching.clear();
            for &(id, _) in self.granted.usage.iter() {
                if core.pipes.get(id).is_some_and(|pipe| pipe.mark != mark) {
                    matching.push(id);
                }
            }
        }
    }
}

impl<P: Payload> Pattern<P> for Xpub {
    fn connected(
        &mut self,
        core: &mut Core<P>,
        pipe: PipeId,
        _routing_id: Vec<u8>,
    ) -> Result<(), &'static str> {
        self.granted.usage.get_or_insert_with::<PipeId>(pipe, Usage::default);
        if !core.options.octets(SocketOption::XpubWelcomeMsg).is_empty() {
            let welcome = P::from_bytes(core.options.octets(SocketOption::XpubWelcomeMsg));
            core.push(pipe, welcome.into());
        }
        Ok(())
    }

    /// A subscriber subscribes anew when it is back (RFC 29, XPUB: "SHALL, if the subscriber peer
    /// disconnects prematurely, generate a suitable unsubscribe request for the calling application").
    fn disconnected(&mut self, core: &mut Core<P>, pipe: PipeId) {
        for (topic, is_last) in self.granted.remove_all(pipe) {
            if !core.options.xpub_manual() && (is_last || core.options.xpub_verboser()) {
                self.notify(core, pipe, &topic, false);
            }
        }
        for (topic, _) in self.asked.remove_all(pipe) {
            self.notify(core, pipe, &topic, false);
        }
        self.last = self.last.filter(|&last| last != pipe);
    }

    fn detach(&mut self, core: &mut Core<P>, pipe: PipeId) {
        self.disconnected(core, pipe);
    }

    fn deliver(&mut self, core: &mut Core<P>, pipe: PipeId, message: Message<P>) -> Result<(), Misbehaviour> {
        // RFC 48, RADIO: "SHALL silently discard any messages that dishes send it".
        if core.socket_type.has_groups() {
            return Ok(());
        }
        // More than this could not be kept; the octets of a longer topic are not even read.
        let (asking, message) = take_subscriptions(core, message, 1 + MAX_TOPIC_OCTETS)
            .map_err(|_| Misbehaviour::TooManySubscriptions)?;
        for (part, on) in asking {
            self.peer_subscription(core, pipe, &part.to_vec()[1..], on)?;
        }
        // RFC 29, PUB: "SHALL silently discard any messages that subscribers send it".
        if core.socket_type == SocketType::Xpub && !message.is_empty() {
            self.inbound.push(core, pipe, message);
        }
        Ok(())
    }

    fn peer_subscription(
        &mut self,
        core: &mut Core<P>,
        pipe: PipeId,
        topic: &[u8],
        on: bool,
    ) -> Result<(), Misbehaviour> {
        let passes_on = match (core.options.xpub_manual() && core.socket_type == SocketType::Xpub, on) {
            (true, true) => self.asked.add(pipe, topic).map(|_| true)?,
            (true, false) => self.asked.remove(pipe, topic).is_some(),
            (false, true) => self.granted.add(pipe, topic)? || core.options.xpub_verbose(),
            (false, false) => {
                let is_last = self.granted.remove(pipe, topic);
                is_last.is_some_and(|is_last| is_last || core.options.xpub_verboser())
            }
        };
        if passes_on {
            self.notify(core, pipe, topic, on);
        }
        Ok(())
    }

    fn topics_count(&self) -> Option<usize> {
        Some(self.granted.topics.topics().len())
    }

    fn subscribe(&mut self, core: &mut Core<P>, topic: &[u8], on: bool) -> Result<(), Error> {
        if core.socket_type != SocketType::Xpub || !core.options.xpub_manual() {
            return Err(no_subscriptions(on));
        }
        if let Some(pipe) = self.last {
            if on {
                self.granted
                    .add(pipe, topic)
                    .map_err(|_| Error::WrongState("this peer has too many subscriptions"))?;
            } else {
                self.granted.remove(pipe, topic);
            }
        }
        Ok(())
    }

    fn send(&mut self, core: &mut Core<P>, message: Message<P>) -> Result<(), SendError<P>> {
        let only = self.last.filter(|_| core.options.xpub_manual_last_value() && core.options.xpub_manual());
        self.collect_matching(core, &message, only);
        if core.options.xpub_nodrop() && !self.matching.iter().all(|&pipe| core.has_room(pipe)) {
            return Err(SendError::new(Error::WouldBlock, message));
        }
        if only.is_some() {
            self.last = None;
        }
        // RFC 29, PUB: "SHALL silently drop the message if the queue for a subscriber is full".
        let mut last = None;
        for &pipe in &self.matching {
            if core.has_room(pipe)
                && let Some(before) = last.replace(pipe)
            {
                core.push(before, message.clone());
            }
        }
        if let Some(last) = last {
            core.push(last, message);
        }
        Ok(())
    }

    fn recv(&mut self, core: &mut Core<P>) -> Result<Option<Message<P>>, Error> {
        if core.socket_type != SocketType::Xpub {
            return Err(not_supported(core, "receive"));
        }
        let received = self.inbound.pop(core);
        if received.is_some() {
            self.last = core.source.filter(|source| self.granted.usage.get(source).is_some());
        }
        Ok(received)
    }

    fn can_send(&self, core: &Core<P>) -> bool {
        !core.options.xpub_nodrop() || self.granted.usage.iter().all(|(pipe, _)| core.has_room(*pipe))
    }

    fn can_recv(&self, core: &Core<P>) -> bool {
        self.inbound.can_pop(core)
    }
}
