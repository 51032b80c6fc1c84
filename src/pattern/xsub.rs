//! SUB and XSUB (RFC 29): subscriptions go up to every publisher, messages that match come down. DISH (RFC 48)
//! joins groups instead.

use super::core::{Action, Core, FairQueue};
use super::trie::Trie;
use super::upstream::take_subscriptions;
use super::{Pattern, SendError, no_subscriptions, not_supported};
use crate::arena::PipeId;
use crate::error::{ApiMisuse, Error, Misbehaviour};
use crate::message::Message;
use crate::payload::Payload;
use crate::socket_type::SocketType;

/// The longest topic: with the name of the SUBSCRIBE command it makes the longest that our publishers read.
const MAX_TOPIC: usize = (1 << 16) - 10;

const TOO_LONG: ApiMisuse = ApiMisuse::InvalidArgument("the topic is longer than publishers accept");

pub(crate) struct Xsub {
    /// Topics, and how often each was subscribed to.
    topics: Trie<u32>,
    inbound: FairQueue,
    publishers: Vec<PipeId>,
    /// Scratch: the first octets of the message that is being matched.
    topic: Vec<u8>,
}

impl Xsub {
    pub(crate) fn new() -> Self {
        Self { topics: Trie::new(), inbound: FairQueue::default(), publishers: Vec::new(), topic: Vec::new() }
    }

    /// Publishers filter, but a message may have been under way when its subscription ended.
    fn matches<P: Payload>(&mut self, core: &Core<P>, message: &Message<P>) -> bool {
        let by_group = core.socket_type.has_groups();
        self.topic.clear();
        if let Some(first) = message.parts().first() {
            let read = first.len().min(self.topics.octets_to_match(by_group));
            if read > 0 {
                self.topic.resize(read, 0);
                first.copy_to(0, &mut self.topic);
            }
        }
        self.topics.has_match(&self.topic, by_group) != (core.options.invert_matching() && !by_group)
    }

    /// Counts a subscription. Peers are told of a topic's first, and of the end of its last. A group is
    /// joined once.
    fn change<P: Payload>(&mut self, core: &mut Core<P>, topic: &[u8], on: bool) -> Result<(), Error> {
        if core.socket_type.has_groups() && self.topics.get_mut(topic).is_some() == on {
            return Err(ApiMisuse::InvalidArgument("a group is joined once, and left once").into());
        }
        let changed = if on {
            if topic.len() > MAX_TOPIC {
                return Err(TOO_LONG.into());
            }
            let count = self.topics.get_or_insert_with(topic, || 0);
            *count += 1;
            *count == 1
        } else {
            match self.topics.get_mut(topic) {
                None => false,
                Some(count) => {
                    *count -= 1;
                    *count == 0 && self.topics.remove(topic).is_some()
                }
            }
        };
        if changed || !on && core.options.xsub_verbose_unsubscribe() {
            core.actions.push_back(Action::Subscription { topic: topic.to_vec(), on });
        }
        Ok(())
    }
}

impl<P: Payload> Pattern<P> for Xsub {
    fn attach(&mut self, _core: &mut Core<P>, pipe: PipeId) {
        self.publishers.push(pipe);
    }

    fn detach(&mut self, _core: &mut Core<P>, pipe: PipeId) {
        if let Some(at) = self.publishers.iter().position(|&other| other == pipe) {
            self.publishers.swap_remove(at);
        }
    }

    fn deliver(&mut self, core: &mut Core<P>, pipe: PipeId, message: Message<P>) -> Result<(), Misbehaviour> {
        // RFC 29, SUB: "SHALL silently discard messages if the queue for a publisher is full".
        let is_full = core.pipes.get(pipe).is_none_or(|pipe| pipe.is_full_inbound());
        if !is_full && (core.socket_type == SocketType::Xsub || self.matches(core, &message)) {
            self.inbound.push(core, pipe, message);
        }
        Ok(())
    }

    fn subscribe(&mut self, core: &mut Core<P>, topic: &[u8], on: bool) -> Result<(), Error> {
        if core.socket_type == SocketType::Xsub {
            return Err(no_subscriptions(on));
        }
        self.change(core, topic, on)
    }

    fn topics_count(&self) -> Option<usize> {
        Some(self.topics.topics().len())
    }

    fn subscriptions(&self) -> Vec<Vec<u8>> {
        self.topics.topics()
    }

    /// RFC 29, XSUB: "SHALL accept subscription commands from its calling application", as parts of
    /// `01` or `00` and the topic; anything else goes to all publishers.
    fn send(&mut self, core: &mut Core<P>, message: Message<P>) -> Result<(), SendError<P>> {
        if core.socket_type != SocketType::Xsub {
            return Err(SendError::new(not_supported(core, "send"), message));
        }
        let (asking, message) = match take_subscriptions(core, message, 1 + MAX_TOPIC) {
            Ok(taken) => taken,
            Err(message) => return Err(SendError::new(TOO_LONG, message)),
        };
        for (part, on) in asking {
            self.change(core, &part.to_vec()[1..], on).expect("its length was looked at");
        }
        if message.is_empty() {
            return Ok(());
        }
        for index in 0..self.publishers.len() {
            let pipe = self.publishers[index];
            if core.has_room(pipe) {
                core.push(pipe, message.clone());
            }
        }
        Ok(())
    }

    fn recv(&mut self, core: &mut Core<P>) -> Result<Option<Message<P>>, Error> {
        Ok(self.inbound.pop(core))
    }

    /// RFC 29, XSUB: "SHALL NOT block on sending".
    fn can_send(&self, core: &Core<P>) -> bool {
        core.socket_type == SocketType::Xsub
    }

    fn can_recv(&self, core: &Core<P>) -> bool {
        self.inbound.can_pop(core)
    }
}
