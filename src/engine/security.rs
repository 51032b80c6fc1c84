//! The handshake of the mechanism that the options ask for, who decides about a peer, and what is encrypted afterwards.

use super::link::Phase;
use super::{Engine, Output};
use crate::arena::PeerId;
use crate::endpoint::Endpoint;
use crate::error::{Error, Misbehaviour};
use crate::message::{Flag, Frame};
use crate::options::HAS_SECURITY;
use crate::payload::Payload;
use crate::time::Instant;
use crate::wire::command::{MAX_COMMAND, Properties};
use crate::wire::mechanism::{Entropy, Move, Scene, Step, Then};

impl<P: Payload> Engine<P> {
    /// Where octets come from that nobody can guess, without which CURVE shakes no hands.
    pub fn draw_from(&mut self, source: Entropy) {
        self.keeper.draw_from(source);
    }

    /// Whether the keys are there for what is connected or bound to. Within a process nobody has to prove anything.
    #[inline]
    pub(super) fn check_keys(&self, _endpoint: &Endpoint) -> Result<(), Error> {
        #[cfg(feature = "security")]
        if !matches!(_endpoint, Endpoint::Inproc(_)) {
            self.core.options.check_keys()?;
        }
        Ok(())
    }

    /// Begins the handshake.
    #[inline]
    pub(super) fn shake(&mut self, peer: PeerId, now: Instant) {
        self.step(peer, Move::Begin, now);
    }

    /// Goes on with it at a command of the peer's.
    pub(super) fn shake_on(&mut self, peer: PeerId, body: &P, now: Instant) {
        if body.len() > MAX_COMMAND {
            return self.fail(peer, Misbehaviour::Oversized.into(), now);
        }
        let command = body.to_vec();
        self.step(peer, Move::Read(&command), now);
    }

    pub(super) fn step(&mut self, peer: PeerId, event: Move<'_>, now: Instant) {
        let Some(link) = self.links.get_mut(peer) else { return };
        if !HAS_SECURITY || link.phase != Phase::Judged {
            link.phase = Phase::Shaking;
        }
        let (socket_type, options) = (self.core.socket_type, &self.core.options);
        let mut scene = Scene { socket_type, options, keeper: &mut self.keeper, now };
        match link.handshake.go_on(event, &mut scene) {
            Ok(Step { say, then }) => {
                if let Some(command) = say {
                    self.say(peer, &command);
                }
                match then {
                    Then::Wait => {}
                    Then::Ask(credentials) => self.ask(peer, credentials, now),
                    Then::Ready(properties) => self.agreed(peer, properties, now),
                }
            }
            Err(reason) => self.fail(peer, reason, now),
        }
    }

    /// Sends a command of the handshake.
    pub(super) fn say(&mut self, peer: PeerId, command: &[u8]) {
        if HAS_SECURITY && let Some(link) = self.links.get_mut(peer) {
            link.in_clear += 1;
        }
        let frame = Frame::new(Flag::Command, P::from_bytes(command));
        self.outputs.push_back(Output::Transmit { peer, frame });
    }

    #[cfg(not(feature = "security"))]
    fn ask(&mut self, _: PeerId, credentials: crate::wire::mechanism::Credentials, _: Instant) {
        match credentials {}
    }

    /// Both sides are through: from here on all is encrypted, if it is at all.
    fn agreed(&mut self, peer: PeerId, mut properties: Properties, now: Instant) {
        if HAS_SECURITY && let Some(link) = self.links.get_mut(peer) {
            // What a peer says of itself under these names is not what was decided about it.
            properties.override_by(&link.info.properties);
            link.cipher = core::mem::take(&mut link.handshake).cipher();
            if link.cipher.is_some() {
                self.ciphers += 1;
                let is_to_peer =
                    |output: &&Output<P>| matches!(output, Output::Transmit { peer: to, .. } if *to == peer);
                link.in_clear = self.outputs.iter().filter(is_to_peer).count();
            }
        }
        let routing_id = properties.find("Identity").unwrap_or_default().to_vec();
        self.establish(peer, routing_id, properties, now);
    }

    /// Encrypts what is about to be transmitted, in the order in which that happens.
    pub(super) fn seal(&mut self, output: Output<P>) -> Output<P> {
        let Output::Transmit { peer, mut frame } = output else { return output };
        if let Some(link) = self.links.get_mut(peer)
            && let Some(cipher) = &mut link.cipher
        {
            match link.in_clear.checked_sub(1) {
                Some(left) => link.in_clear = left,
                None => frame = cipher.seal(frame),
            }
        }
        Output::Transmit { peer, frame }
    }
}
