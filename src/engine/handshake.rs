//! From a new connection to one that carries messages.

use super::link::{Link, LinkClock, Phase, Protocol, Role, Transport};
use super::{Engine, EventKind, EventValue, Flow, Output, PeerInfo};
use crate::arena::{PeerId, PipeId};
use crate::engine::dial::DialState;
use crate::error::{CloseReason, Misbehaviour};
use crate::message::{Flag, Frame, Message};
use crate::options::{HAS_SECURITY, Mechanism, SocketOption};
use crate::payload::Payload;
use crate::time::Instant;
use crate::wire::command::{Command, Properties};
use crate::wire::mechanism::{Handshake, OVERHEAD, incompatible, mismatch};
use crate::wire::zmtp::Greeting;
use crate::wire::zws::Dialect;

impl<P: Payload> Engine<P> {
    /// A connection is up: one that [`Output::Dial`] asked for, or one that a peer made to an endpoint of
    /// ours. `None` means that the socket has no use for it (any more), and the shell drops it.
    pub fn handle_connected(&mut self, role: Role, mut transport: Transport, now: Instant) -> Option<PeerId> {
        let wanted = match role {
            Role::Connecting(id) => {
                self.dialers.get(id).is_some_and(|dialer| matches!(dialer.state, DialState::Dialing(_)))
            }
            Role::Accepted(id) => self.listeners.get(id).is_some_and(|listener| listener.is_open),
        };
        if !wanted {
            return None;
        }
        let phase = match (transport.protocol, role) {
            (Protocol::Zmtp, _) => Phase::Greeting,
            (Protocol::Zws(Dialect::Bare), Role::Connecting(_)) => Phase::RoutingId,
            (Protocol::Zws(Dialect::Bare), Role::Accepted(_)) => Phase::First,
            (Protocol::Zws(_) | Protocol::Inproc, _) => Phase::Shaking,
        };
        // Within a process nobody has to prove anything.
        let handshake = match transport.protocol {
            Protocol::Inproc => Handshake::default(),
            _ => Handshake::new(&self.core.options),
        };
        let ours = self.core.options.mechanism();
        let theirs = match transport.protocol {
            Protocol::Zws(dialect) => dialect.mechanism(),
            Protocol::Zmtp | Protocol::Inproc => ours,
        };
        if HAS_SECURITY && ours == Mechanism::Curve && transport.protocol != Protocol::Inproc {
            transport.frame_limit = transport.frame_limit.map(|limit| limit.saturating_sub(OVERHEAD));
        }
        let info = PeerInfo { address: transport.address.clone(), ..PeerInfo::default() };
        let peer = self.links.insert(Link {
            role,
            transport,
            phase,
            handshake,
            cipher: None,
            in_clear: 0,
            subscribes_by_command: false,
            partial: Message::new(),
            credit: isize::MAX,
            paused: false,
            clock: LinkClock::handshaking(&self.core.options, now),
            is_welcome: false,
            promised: None,
            info: info.clone(),
        })?;
        self.watch_link(peer);
        let kind = match role {
            Role::Connecting(id) => {
                if let Some(dialer) = self.dialers.get_mut(id) {
                    dialer.state = DialState::Up(peer);
                }
                self.watch_dialer(id);
                EventKind::Connected
            }
            Role::Accepted(_) => EventKind::Accepted,
        };
        self.event_of_peer(kind, EventValue::Number(0), self.endpoint_of(role), info);
        match phase {
            // The shell has let them agree on something else: on less security, maybe.
            _ if HAS_SECURITY && ours != theirs => {
                self.fail(peer, mismatch(ours, theirs.name()), now);
            }
            Phase::Shaking => self.shake(peer, now),
            Phase::RoutingId => self.send_routing_id(peer),
            _ => {}
        }
        Some(peer)
    }

    /// The codec of a byte stream has read the peer's greeting.
    pub fn handle_greeting(&mut self, peer: PeerId, greeting: Greeting, now: Instant) {
        let Some(link) = self.links.get_mut(peer) else { return };
        match greeting {
            Greeting::V3 { minor } => {
                link.subscribes_by_command = minor >= 1;
                self.shake(peer, now);
            }
            Greeting::V2 { socket_type } if self.core.socket_type.is_compatible(socket_type) => {
                // ZMTP 2.0 has no commands, so nothing to ask for a sign of life by.
                link.transport.heartbeat = super::Heartbeat::None;
                link.phase = Phase::RoutingId;
                self.send_routing_id(peer);
            }
            Greeting::V2 { socket_type } => {
                self.fail(peer, incompatible(self.core.socket_type, socket_type.name()), now);
            }
        }
    }

    /// A frame before the handshake is done.
    pub(super) fn handshake_frame(&mut self, peer: PeerId, frame: Frame<P>, now: Instant) -> Flow {
        let Some(link) = self.links.get_mut(peer) else { return Flow::Continue };
        if link.phase == Phase::First {
            // Some peers send a READY although they agreed on bare ZWS 2.0. Their first octet shows it.
            if frame.flag == Flag::Command {
                self.shake(peer, now);
            } else {
                link.phase = Phase::RoutingId;
                self.send_routing_id(peer);
            }
            return self.handshake_frame(peer, frame, now);
        }
        match (link.phase, frame.flag) {
            (Phase::Shaking | Phase::Judged, Flag::Command) => self.shake_on(peer, &frame.body, now),
            (Phase::RoutingId, Flag::Last) if frame.body.len() <= 255 => {
                self.establish(peer, frame.body.to_vec(), Properties::default(), now);
            }
            (Phase::RoutingId, Flag::Last) => self.fail(peer, Misbehaviour::RoutingIdTooLong.into(), now),
            _ => self.fail(peer, Misbehaviour::OutOfOrder.into(), now),
        }
        Flow::Continue
    }

    /// The peer is known: gives it a pipe, and the pattern its say.
    pub(super) fn establish(
        &mut self,
        peer: PeerId,
        routing_id: Vec<u8>,
        properties: Properties,
        now: Instant,
    ) {
        let Some(link) = self.links.get(peer) else { return };
        let (role, address) = (link.role, link.transport.address.clone());
        let Some(pipe) = self.pipe_for(role) else {
            return self.fail(peer, CloseReason::Refused("this socket has too many peers"), now);
        };
        let assigned = match role {
            Role::Connecting(id) => self.dialers.get(id).map(|dialer| dialer.assigned_id.clone()),
            Role::Accepted(_) => None,
        };
        let info = PeerInfo { address, routing_id: routing_id.clone(), properties };
        let routing_id = assigned.filter(|id| !id.is_empty()).unwrap_or(routing_id);
        if let Some(state) = self.core.pipes.get_mut(pipe) {
            state.link = Some(peer);
        }
        let Some(link) = self.links.get_mut(peer) else { return };
        link.phase = Phase::Active(pipe);
        link.info = info.clone();
        link.clock.activate(link.transport.heartbeat, &self.core.options, now);
        self.event_of_peer(
            EventKind::HandshakeSucceeded,
            EventValue::Number(0),
            self.endpoint_of(role),
            info,
        );
        self.watch_link(peer);
        // An endpoint that was given up in the meantime has only its last messages to send.
        if !self.core.is_attached(pipe) {
            return self.core.wake(pipe);
        }
        if let Err(why) = self.pattern.connected(&mut self.core, pipe, routing_id) {
            return self.fail(peer, CloseReason::Refused(why), now);
        }
        if let Role::Connecting(id) = role
            && let Some(dialer) = self.dialers.get_mut(id)
        {
            dialer.backoff.reset();
        }
        for topic in self.pattern.subscriptions() {
            self.send_subscription(peer, topic, true);
        }
        if let Some(link) = self.links.get_mut(peer) {
            link.is_welcome = true;
        }
        self.welcome(peer, pipe);
        self.core.wake(pipe);
        self.run_actions(now);
    }

    /// The pipe of a connection: a dialler has one from the start, an accepted peer gets a new one.
    fn pipe_for(&mut self, role: Role) -> Option<PipeId> {
        match role {
            Role::Connecting(id) => self.dialers.get(id).map(|dialer| dialer.pipe),
            Role::Accepted(_) => {
                let pipe = self.core.open_pipe()?;
                self.pattern.attach(&mut self.core, pipe);
                Some(pipe)
            }
        }
    }

    fn send_routing_id(&mut self, peer: PeerId) {
        let frame = Frame::new(Flag::Last, P::from_bytes(self.core.options.octets(SocketOption::RoutingId)));
        self.outputs.push_back(Output::Transmit { peer, frame });
    }

    /// Tells one peer of a subscription: by a command where ZMTP 3.1 is spoken over a byte stream, and by
    /// a message of `01` or `00` and the topic to all others, who know nothing else. Groups are joined and left
    /// by commands everywhere.
    pub(super) fn send_subscription(&mut self, peer: PeerId, topic: Vec<u8>, on: bool) {
        let Some(link) = self.links.get(peer) else { return };
        let by_group = self.core.socket_type.has_groups();
        let frame = if by_group || link.subscribes_by_command {
            Command::Subscription { topic, on, by_group }.to_frame()
        } else {
            Frame::new(Flag::Last, P::from_bytes(&[&[u8::from(on)], &topic[..]].concat()))
        };
        self.outputs.push_back(Output::Transmit { peer, frame });
    }
}
