//! The ends of things: connections lost or refused, endpoints given up, the socket closed with its LINGER.

use core::time::Duration;

use super::dial::{DialState, STOP_AFTER_DISCONNECT, STOP_HANDSHAKE_FAILED};
use super::link::{Phase, Role};
use super::{Engine, Event, EventKind, EventValue, Output};
use crate::arena::{DialerId, ListenerId, PeerId, PipeId};
use crate::engine::timers::Owner;
use crate::error::{ApiMisuse, CloseReason, Error};
use crate::payload::Payload;
use crate::time::{Instant, earliest};

/// Pipes that only wait for their outbound queue to be sent, and the socket's own end.
#[derive(Default)]
pub(super) struct Closing {
    pipes: Vec<Retired>,
    socket: Lifecycle,
}

struct Retired {
    pipe: PipeId,
    dialer: Option<DialerId>,
    /// Until when its queue may take to be sent; `None` for ever.
    deadline: Option<Instant>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Lifecycle {
    #[default]
    Open,
    Closing,
    Finished,
}

impl Closing {
    /// When LINGER runs out next.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.pipes.iter().map(|retired| retired.deadline).fold(None, earliest)
    }
}

impl<P: Payload> Engine<P> {
    pub(super) fn is_open(&self) -> bool {
        self.closing.socket == Lifecycle::Open
    }

    /// Closes the socket. What is queued has `linger` to be sent, `None` meaning for ever;
    /// [`Output::Finished`] tells when all is done.
    pub fn close(&mut self, linger: Option<Duration>, now: Instant) {
        if !self.is_open() {
            return;
        }
        self.closing.socket = Lifecycle::Closing;
        for dialer in self.dialers.keys() {
            self.retire_dialer(dialer, linger, now);
        }
        for listener in self.listeners.keys() {
            self.retire_listener(listener, linger, now);
        }
    }

    /// Gives up an endpoint that the socket was connected to, as [`connect`](Self::connect) was given it.
    pub fn disconnect(&mut self, endpoint: &str, now: Instant) -> Result<(), Error> {
        self.check_open()?;
        let Some(id) = self.dialer_to(endpoint) else {
            return Err(ApiMisuse::UnknownEndpoint(endpoint.to_owned()).into());
        };
        self.retire_dialer(id, self.core.options.linger(), now);
        if let Some(dialer) = self.dialers.get_mut(id)
            && matches!(dialer.state, DialState::Waiting(_))
            && self.core.options.reconnect_stop() & STOP_AFTER_DISCONNECT != 0
        {
            dialer.state = DialState::Idle;
            self.watch_dialer(id);
        }
        Ok(())
    }

    /// The connect to this endpoint that was not taken back.
    pub(super) fn dialer_to(&self, text: &str) -> Option<DialerId> {
        let retiring = |pipe| self.closing.pipes.iter().any(|retired| retired.pipe == pipe);
        let mut dialers = self.dialers.iter();
        dialers.find(|(_, dialer)| dialer.text == text && !retiring(dialer.pipe)).map(|(id, _)| id)
    }

    /// The shell no longer listens there. The connections that came that way end when they are flushed.
    pub fn unbind(&mut self, listener: ListenerId, now: Instant) {
        self.retire_listener(listener, self.core.options.linger(), now);
    }

    fn retire_dialer(&mut self, id: DialerId, linger: Option<Duration>, now: Instant) {
        if let Some(pipe) = self.dialers.get(id).map(|dialer| dialer.pipe) {
            self.retire(pipe, Some(id), linger, now);
        }
    }

    fn retire_listener(&mut self, id: ListenerId, linger: Option<Duration>, now: Instant) {
        for peer in self.links.keys_where(&|link| link.role == Role::Accepted(id)) {
            match self.links.get(peer).map(|link| link.phase) {
                Some(Phase::Active(pipe)) => self.retire(pipe, None, linger, now),
                _ => self.fail(peer, CloseReason::Local, now),
            }
        }
        if let Some(listener) = self.listeners.get_mut(id)
            && core::mem::replace(&mut listener.is_open, false)
        {
            let endpoint = listener.text.clone();
            self.event(EventKind::Closed, EventValue::Number(0), endpoint);
        }
        self.forget_listener(id);
    }

    /// The name of an endpoint is known until the last connection that came by it has ended.
    fn forget_listener(&mut self, id: ListenerId) {
        let is_closed = self.listeners.get(id).is_some_and(|listener| !listener.is_open);
        if is_closed && !self.links.iter().any(|(_, link)| link.role == Role::Accepted(id)) {
            self.listeners.remove(id);
        }
    }

    fn retire(&mut self, pipe: PipeId, dialer: Option<DialerId>, linger: Option<Duration>, now: Instant) {
        self.detach(pipe);
        // What comes from now on is not kept, so there is room for it; and the peer's end is seen.
        self.resume(pipe);
        if linger.is_some_and(|linger| linger.is_zero())
            && let Some(pipe) = self.core.pipes.get_mut(pipe)
        {
            pipe.clear_outbound();
        }
        let deadline = linger.map(|linger| now + linger);
        // One that was given up before is when the socket closes given less time, not more.
        match self.closing.pipes.iter_mut().find(|retired| retired.pipe == pipe) {
            Some(retired) => retired.deadline = earliest(retired.deadline, deadline),
            None => self.closing.pipes.push(Retired { pipe, dialer, deadline }),
        }
    }

    /// Where LINGER has run out for a pipe, what it has not sent is given up.
    pub(super) fn linger_due(&mut self, now: Instant) {
        for retired in &mut self.closing.pipes {
            if retired.deadline.take_if(|deadline| *deadline <= now).is_some()
                && let Some(pipe) = self.core.pipes.get_mut(retired.pipe)
            {
                pipe.clear_outbound();
            }
        }
    }

    /// Ends the retired pipes that have nothing left to send, and the socket after the last of them.
    pub(super) fn sweep_closing(&mut self) {
        let mut index = 0;
        while let Some(retired) = self.closing.pipes.get(index) {
            if self.core.has_more_outbound(retired.pipe) && !self.is_out_of_reach(retired) {
                index += 1;
                continue;
            }
            let Retired { pipe, dialer, .. } = self.closing.pipes.swap_remove(index);
            self.end(pipe, dialer);
        }
        if self.closing.socket == Lifecycle::Closing && self.closing.pipes.is_empty() && self.links.is_empty()
        {
            self.closing.socket = Lifecycle::Finished;
            self.event(EventKind::MonitorStopped, EventValue::Number(0), String::new());
            self.outputs.push_back(Output::Finished);
        }
    }

    /// Whether there will be no further try to connect.
    fn is_out_of_reach(&self, retired: &Retired) -> bool {
        let dialer = retired.dialer.and_then(|id| self.dialers.get(id));
        dialer.is_some_and(|dialer| dialer.state == DialState::Idle)
    }

    fn end(&mut self, pipe: PipeId, dialer: Option<DialerId>) {
        if let Some(pipe) = self.core.pipes.get_mut(pipe) {
            pipe.clear_outbound();
        }
        let mut peer = self.core.pipes.get(pipe).and_then(|pipe| pipe.link);
        if let Some(id) = dialer {
            match self.dialers.get(id).map(|dialer| dialer.state) {
                Some(DialState::Dialing(_)) => self.outputs.push_back(Output::CancelDial { dialer: id }),
                // Also when its handshake is not done, and the pipe does not know it yet.
                Some(DialState::Up(up)) => peer = Some(up),
                Some(DialState::Waiting(_) | DialState::Idle) | None => {}
            }
        }
        if let Some(peer) = peer {
            self.fail(peer, CloseReason::Local, Instant::default());
        }
        if let Some(id) = dialer
            && let Some(mut gone) = self.dialers.remove(id)
        {
            self.timers.schedule(None, Owner::Dialer(id), &mut gone.promised);
            self.event(EventKind::Closed, EventValue::Number(0), gone.text);
        }
        self.reap(pipe);
    }

    /// Closes a connection from this side.
    pub(super) fn fail(&mut self, peer: PeerId, reason: CloseReason, now: Instant) {
        if self.links.get(peer).is_some() {
            self.outputs.push_back(Output::Close { peer, reason: reason.clone() });
            self.lose(peer, reason, now);
        }
    }

    /// A connection is no more. A dialler tries again; an accepted peer's queue dies with it.
    pub(super) fn lose(&mut self, peer: PeerId, reason: CloseReason, now: Instant) {
        let Some(mut link) = self.links.remove(peer) else { return };
        self.timers.schedule(None, Owner::Link(peer), &mut link.promised);
        self.paused_peers -= usize::from(link.paused);
        let endpoint = self.endpoint_of(link.role);
        let is_active = matches!(link.phase, Phase::Active(_));
        self.ciphers -= usize::from(link.cipher.is_some());
        let event = Event {
            kind: end_event(&reason, is_active),
            value: EventValue::Text(reason.sentence()),
            #[cfg(feature = "security")]
            code: if is_active { 0 } else { reason.code() },
            endpoint,
            peer: Some(link.info.clone()),
        };
        self.outputs.push_back(Output::Event(event));
        if self.sending.as_ref().is_some_and(|(to, _)| *to == peer) {
            self.sending = None;
        }
        if let Phase::Active(pipe) = link.phase {
            if link.is_welcome && reason != CloseReason::Local && self.core.is_attached(pipe) {
                self.miss(link.role, pipe);
            }
            if let Some(state) = self.core.pipes.get_mut(pipe) {
                state.link = None;
                if state.has_inbound() || self.last_received == Some(pipe) {
                    self.forget_departed(pipe);
                    self.departed.push((pipe, link.info));
                }
            }
            if !matches!(link.role, Role::Connecting(_)) {
                if let Some(pipe) = self.core.pipes.get_mut(pipe) {
                    pipe.clear_outbound();
                }
                self.detach(pipe);
                if self.last_received != Some(pipe) {
                    self.reap(pipe);
                }
            } else if self.core.is_attached(pipe) {
                self.pattern.disconnected(&mut self.core, pipe);
            }
            self.run_actions(now);
        }
        if let Role::Accepted(id) = link.role {
            self.forget_listener(id);
        }
        if let Role::Connecting(id) = link.role {
            let is_final = matches!(reason, CloseReason::AuthRefused(_) | CloseReason::Local);
            match self.dialers.get_mut(id) {
                Some(dialer) if is_final => dialer.state = DialState::Idle,
                _ => self.retry(id, if is_active { 0 } else { STOP_HANDSHAKE_FAILED }, now),
            }
        }
    }

    fn detach(&mut self, pipe: PipeId) {
        if self.core.is_attached(pipe) {
            if let Some(state) = self.core.pipes.get_mut(pipe) {
                state.detached = true;
            }
            self.pattern.detach(&mut self.core, pipe);
        }
    }

    /// Forgets a pipe that is detached, read and sent.
    pub(super) fn reap(&mut self, pipe: PipeId) {
        let done = self.core.pipes.get(pipe).is_some_and(|pipe| {
            pipe.detached && pipe.link.is_none() && !pipe.has_inbound() && !pipe.has_outbound()
        });
        if done {
            self.core.pipes.remove(pipe);
            self.forget_departed(pipe);
        }
    }

    fn forget_departed(&mut self, pipe: PipeId) {
        if let Some(at) = self.departed.iter().position(|(departed, _)| *departed == pipe) {
            self.departed.swap_remove(at);
        }
    }
}

/// The monitor's event for the end of a connection.
fn end_event(reason: &CloseReason, is_active: bool) -> EventKind {
    match reason {
        _ if is_active => EventKind::Disconnected,
        CloseReason::AuthRefused(_) => EventKind::HandshakeFailedAuth,
        #[cfg(feature = "security")]
        CloseReason::Denied(_) => EventKind::HandshakeFailedAuth,
        CloseReason::PeerMisbehaved(_) | CloseReason::Incompatible(_) | CloseReason::MechanismMismatch(_) => {
            EventKind::HandshakeFailedProtocol
        }
        _ => EventKind::HandshakeFailedNoDetail,
    }
}
