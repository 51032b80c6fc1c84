//! Subscriptions as parts of messages, of `01` or `00` and the topic: so XSUB is told of them, and sends them up.

use super::core::Core;
use crate::message::Message;
use crate::payload::Payload;

/// Whether a part subscribes, or takes a subscription back; `None` when it does neither.
pub(super) fn asks<P: Payload>(part: &P) -> Option<bool> {
    part.first().filter(|octet| *octet <= 1).map(|octet| octet == 1)
}

/// Parts that subscribe or do the reverse.
pub(super) type Asking<P> = Vec<(P, bool)>;

/// Takes the subscriptions out of a message: those of any part or, under ONLY_FIRST_SUBSCRIBE, none unless the
/// first part is one. A part that is too long for one stops it, and is given back in the message.
pub(super) fn take_subscriptions<P: Payload>(
    core: &Core<P>,
    message: Message<P>,
    longest: usize,
) -> Result<(Asking<P>, Message<P>), Message<P>> {
    let parts = message.parts();
    let looked_at = if core.options.only_first_subscribe() { 1 } else { parts.len() };
    if !parts.iter().take(looked_at).any(|part| asks(part).is_some()) {
        return Ok((Vec::new(), message));
    }
    if parts.iter().any(|part| asks(part).is_some() && part.len() > longest) {
        return Err(message);
    }
    let (mut asking, mut rest) = (Vec::new(), Message::new());
    for part in message {
        match asks(&part) {
            Some(on) => asking.push((part, on)),
            None => rest.push(part),
        }
    }
    Ok((asking, rest))
}
