//! Messages and commands on connections whose handshake is done.

use super::link::{Due, Heartbeat, Phase};
use super::{Engine, EventKind, EventValue, Flow, Output};
use crate::arena::{PeerId, PipeId};
use crate::error::{ApiMisuse, CloseReason, Error, Misbehaviour};
use crate::message::{FRAME_OVERHEAD, Flag, Frame, Message};
use crate::pattern::SendError;
use crate::payload::Payload;
use crate::socket_type::SocketType;
use crate::time::{Clock, Instant};
use crate::wire::command::Command;

/// The most parts of one message that are taken from a peer.
const MAX_PARTS: usize = 1 << 16;

/// The longest name of a group: libzmq's ZMQ_GROUP_MAX_LENGTH.
const MAX_GROUP: usize = 15;

impl<P: Payload> Engine<P> {
    /// Sends a message, or gives it back: [`Error::WouldBlock`] when there is no room for it now,
    /// [`Error::ReplyPending`] when a REQ must wait its turn, any other error for good.
    pub fn send(&mut self, message: Message<P>) -> Result<(), SendError<P>> {
        if !self.is_open() {
            return Err(SendError::new(Error::Closed, message));
        }
        if let Err(misuse) = check_parts(self.core.socket_type, &message) {
            return Err(SendError::new(misuse, message));
        }
        if let Err(error) = self.check_frame_limit(&message) {
            return Err(SendError::new(error, message));
        }
        self.pattern.send(&mut self.core, message)?;
        self.run_actions(Instant::default());
        Ok(())
    }

    /// The next message; `None` when none has come.
    pub fn recv(&mut self) -> Result<Option<Message<P>>, Error> {
        self.check_open()?;
        if let Some(pipe) = self.last_received.take()
            && !self.departed.is_empty()
        {
            self.reap(pipe);
        }
        let received = self.pattern.recv(&mut self.core);
        if let Ok(Some(_)) = received {
            self.last_received = self.core.source;
            if self.paused_peers > 0
                && let Some(source) = self.core.source
            {
                self.resume(source);
            }
        }
        received
    }

    /// Lets a peer go on that was stopped, once there is room for what it sends.
    pub(super) fn resume(&mut self, pipe: PipeId) {
        if let Some(pipe) = self.core.pipes.get(pipe)
            && let Some(peer) = pipe.link
            && let Some(link) = self.links.get_mut(peer)
            && link.paused
            && (pipe.may_resume() || pipe.detached)
        {
            link.paused = false;
            self.paused_peers -= 1;
            self.outputs.push_back(Output::Resume { peer });
        }
    }

    /// Whether [`send`](Self::send) would take a message now.
    pub fn can_send(&self) -> bool {
        self.is_open() && self.pattern.can_send(&self.core)
    }

    /// Whether [`recv`](Self::recv) would give a message, or say that one is lost.
    pub fn can_recv(&self) -> bool {
        self.is_open() && self.pattern.can_recv(&self.core)
    }

    /// A frame came from a peer. The clock is read where the time matters.
    #[inline]
    pub fn handle_frame(&mut self, peer: PeerId, frame: Frame<P>, clock: impl Clock) -> Flow {
        // Most frames are a whole message; they need not be carried far.
        if frame.flag == Flag::Last
            && let Some(link) = self.links.get_mut(peer)
            && let Phase::Active(pipe) = link.phase
            && link.partial.is_empty()
            && link.cipher.is_none()
            && frame.body.len() as u64 <= self.core.options.max_frame()
        {
            link.clock.heard(clock);
            return self.deliver(peer, pipe, Message::from(frame.body), clock);
        }
        self.handle_any_frame(peer, frame, clock)
    }

    fn handle_any_frame(&mut self, peer: PeerId, mut frame: Frame<P>, clock: impl Clock) -> Flow {
        let Some(link) = self.links.get_mut(peer) else { return Flow::Continue };
        link.clock.heard(clock);
        let Phase::Active(pipe) = link.phase else { return self.handshake_frame(peer, frame, clock.now()) };
        if let Some(cipher) = &mut link.cipher {
            frame = match cipher.open(frame.body) {
                Ok(frame) => frame,
                Err(reason) => {
                    self.fail(peer, reason.into(), clock.now());
                    return Flow::Continue;
                }
            };
        }
        if frame.flag == Flag::Command {
            if let Err(reason) = self.handle_command(peer, pipe, &frame.body, clock.now()) {
                self.fail(peer, reason, clock.now());
            }
            return self.flow(peer, pipe, clock.now());
        }
        if frame.body.len() as u64 > self.core.options.max_frame() {
            self.fail(peer, Misbehaviour::Oversized.into(), clock.now());
            return Flow::Continue;
        }
        if link.partial.len() == MAX_PARTS {
            self.fail(peer, Misbehaviour::TooManyParts.into(), clock.now());
            return Flow::Continue;
        }
        link.partial.push(frame.body);
        if frame.flag == Flag::More {
            return Flow::Continue;
        }
        let message = core::mem::take(&mut link.partial);
        self.deliver(peer, pipe, message, clock)
    }

    #[inline]
    fn deliver(&mut self, peer: PeerId, pipe: PipeId, message: Message<P>, clock: impl Clock) -> Flow {
        // Nobody will read it: the endpoint or the socket was given up, and this pipe only waits to be flushed.
        // Or it is none for this type of socket, which RFC 41, 48, 49, 51 and 52 have dropped.
        let count = self.core.socket_type.parts_on_wire();
        if !self.core.is_attached(pipe) || count.is_some_and(|count| count != message.len()) {
            return Flow::Continue;
        }
        if let Err(reason) = self.pattern.deliver(&mut self.core, pipe, message) {
            self.fail(peer, reason.into(), clock.now());
        }
        match self.core.pipes.get(pipe) {
            Some(pipe) if !pipe.is_full_inbound() => Flow::Continue,
            _ => self.flow(peer, pipe, clock.now()),
        }
    }

    /// Stops a peer whose queue is full; cuts it off when it does not stop.
    fn flow(&mut self, peer: PeerId, pipe: PipeId, now: Instant) -> Flow {
        let Some(link) = self.links.get_mut(peer) else { return Flow::Continue };
        match self.core.pipes.get(pipe) {
            Some(pipe) if !pipe.is_full_inbound() || pipe.detached => Flow::Continue,
            Some(pipe) if !pipe.is_overrun() => {
                if !core::mem::replace(&mut link.paused, true) {
                    self.paused_peers += 1;
                }
                Flow::Pause
            }
            _ => {
                let why = "it overran the receive high-water mark many times over";
                self.fail(peer, CloseReason::Refused(why), now);
                Flow::Continue
            }
        }
    }

    fn handle_command(
        &mut self,
        peer: PeerId,
        pipe: PipeId,
        body: &P,
        now: Instant,
    ) -> Result<(), CloseReason> {
        let has_groups = self.core.socket_type.has_groups();
        match Command::decode(body)? {
            // To who has none, groups are nothing: a command as good as unknown.
            Command::Subscription { by_group: true, .. } if !has_groups => Ok(()),
            Command::Subscription { topic, on, by_group } if by_group == has_groups => {
                if self.core.is_attached(pipe) {
                    self.pattern.peer_subscription(&mut self.core, pipe, &topic, on)?;
                }
                Ok(())
            }
            Command::Ping { ttl, context } => {
                let Some(link) = self.links.get_mut(peer) else { return Ok(()) };
                link.clock.peer_ttl(ttl, now);
                // Shells count the PONGs that wait for who asks and does not read, but not the encrypted ones, of which
                // they can't tell what they are. Whoever has so much else to read needs no sign of life.
                let is_answered = link.cipher.is_none() || link.credit > 0;
                self.watch_link(peer);
                if !is_answered {
                    return Ok(());
                }
                self.outputs
                    .push_back(Output::Transmit { peer, frame: Command::Pong { context }.to_frame() });
                Ok(())
            }
            Command::Pong { .. } | Command::Unknown => Ok(()),
            _ => Err(Misbehaviour::OutOfOrder.into()),
        }
    }

    /// A deadline of a connection may have passed.
    pub(super) fn link_due(&mut self, peer: PeerId, now: Instant) {
        let Some(link) = self.links.get_mut(peer) else { return };
        link.promised = None;
        match link.clock.due(&self.core.options, now) {
            Due::Nothing => {}
            Due::HandshakeTimeout => return self.fail(peer, CloseReason::HandshakeTimeout, now),
            Due::HeartbeatTimeout => return self.fail(peer, CloseReason::HeartbeatTimeout, now),
            Due::Ping => {
                let output = match link.transport.heartbeat {
                    Heartbeat::Transport => Output::Ping { peer },
                    Heartbeat::Command | Heartbeat::None => {
                        let ttl = self.core.options.heartbeat_ttl();
                        let ping = Command::Ping { ttl, context: Vec::new() };
                        Output::Transmit { peer, frame: ping.to_frame() }
                    }
                };
                self.outputs.push_back(output);
            }
        }
        self.watch_link(peer);
    }

    /// The next part of the message that is being transmitted.
    pub(super) fn next_part(&mut self) -> Option<Output<P>> {
        let (peer, parts) = self.sending.as_mut()?;
        let peer = *peer;
        let body = parts.next()?;
        let flag = if parts.len() > 0 { Flag::More } else { Flag::Last };
        if flag == Flag::Last {
            self.sending = None;
        }
        Some(Output::Transmit { peer, frame: Frame::new(flag, body) })
    }

    /// The peer that messages can be transmitted to now, by [`transmit`](Self::transmit): a shell that can
    /// take many in one go asks before [`poll_output`](Self::poll_output), which hands them out part by part.
    /// `None` also while there is something else that goes out first.
    pub fn ready_peer(&mut self) -> Option<PeerId> {
        if self.sending.is_some() || !self.outputs.is_empty() {
            return None;
        }
        let peer = self.next_peer()?;
        self.links.get(peer).filter(|link| link.transport.frame_limit.is_none()).map(|_| peer)
    }

    /// Gives `put` the frames of all messages that this [ready peer](Self::ready_peer) has room for, in order.
    /// [`Flow::Pause`] for the last frame of a message ends it, as [`handle_writable`](Self::handle_writable)
    /// with no credit does.
    pub fn transmit(&mut self, peer: PeerId, mut put: impl FnMut(Frame<P>) -> Flow) {
        let Some(link) = self.links.get_mut(peer) else { return };
        let Phase::Active(pipe) = link.phase else { return };
        let Some(pipe) = self.core.pipes.get_mut(pipe) else { return };
        while link.credit > 0
            && let Some(message) = pipe.pop_outbound()
        {
            let mut left = message.len();
            for part in message {
                left -= 1;
                link.credit = link.credit.saturating_sub_unsigned(part.len() + FRAME_OVERHEAD);
                let flag = if left > 0 { Flag::More } else { Flag::Last };
                let mut frame = Frame::new(flag, part);
                if let Some(cipher) = &mut link.cipher {
                    frame = cipher.seal(frame);
                }
                if put(frame) == Flow::Pause {
                    link.credit = 0;
                }
            }
        }
    }

    /// The first part of the next message that a connection has room for.
    pub(super) fn next_message(&mut self) -> Option<Output<P>> {
        let peer = self.next_peer()?;
        let link = self.links.get_mut(peer)?;
        let Phase::Active(pipe) = link.phase else { return None };
        let message = self.core.pipes.get_mut(pipe)?.pop_outbound()?;
        if link.transport.frame_limit.is_some_and(|limit| message.longest_part() > limit)
            && !self.core.options.send_fragmented()
        {
            let role = link.role;
            let lost = "a message was dropped: it was queued for a peer that took longer parts than this one";
            self.event(EventKind::Closed, EventValue::Text(lost.to_owned()), self.endpoint_of(role));
            return self.outputs.pop_front();
        }
        link.credit = link.credit.saturating_sub_unsigned(message.octets());
        self.sending = Some((peer, message.into_iter()));
        self.next_part()
    }

    /// The peer whose turn it is, of those with messages to transmit and room for them.
    fn next_peer(&mut self) -> Option<PeerId> {
        while let Some(&pipe) = self.core.ready.front() {
            if let Some(pipe) = self.core.pipes.get(pipe)
                && pipe.has_outbound()
                && let Some(peer) = pipe.link
                && self.links.get(peer).is_some_and(|link| link.credit > 0)
            {
                return Some(peer);
            }
            self.core.park();
        }
        None
    }

    /// Refuses a part that a connected peer can't take in one piece, before it is queued; and one that a
    /// peer yet unknown may not be able to take has to wait for it.
    fn check_frame_limit(&self, message: &Message<P>) -> Result<(), Error> {
        let Some(limit) = self.frame_limit.filter(|_| !self.core.options.send_fragmented()) else {
            return Ok(());
        };
        let length = message.longest_part();
        if length <= limit {
            return Ok(());
        }
        let active = self.links.iter().filter(|(_, link)| matches!(link.phase, Phase::Active(_)));
        if let Some(limit) = active.filter_map(|(_, link)| link.transport.frame_limit).min()
            && length > limit
        {
            return Err(Error::MessageTooLarge { length, limit });
        }
        let is_up = |pipe| self.core.pipes.get(pipe).is_some_and(|pipe| pipe.link.is_some());
        if self.dialers.iter().all(|(_, dialer)| is_up(dialer.pipe)) {
            Ok(())
        } else {
            Err(Error::WouldBlock)
        }
    }
}

/// Whether a message has the parts that sockets of this type send, and names a group where it must.
fn check_parts<P: Payload>(socket_type: SocketType, message: &Message<P>) -> Result<(), ApiMisuse> {
    let wanted = socket_type.parts_to_send();
    if message.is_empty() {
        return Err(ApiMisuse::InvalidArgument("a message has at least one part"));
    }
    if wanted.is_some_and(|wanted| wanted != message.len()) {
        let why =
            "this type of socket has messages of one part, behind a routing id or group where it needs one";
        return Err(ApiMisuse::InvalidArgument(why));
    }
    match socket_type {
        SocketType::Radio => check_group(&message.parts()[0].to_vec()),
        _ => Ok(()),
    }
}

/// Whether a group can have this name, which is a string of C's to libzmq.
pub(super) fn check_group(name: &[u8]) -> Result<(), ApiMisuse> {
    if name.len() > MAX_GROUP || !name.iter().all(|octet| *octet > 0) {
        return Err(ApiMisuse::InvalidArgument("a group has at most 15 octets, and none of them is 0"));
    }
    Ok(())
}
