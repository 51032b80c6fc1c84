//! Who is let in: somebody outside decides, at once or much later.

use super::link::Phase;
use super::{Engine, Output, Verdict};
use crate::arena::PeerId;
use crate::error::CloseReason;
use crate::options::{Mechanism, SocketOption};
use crate::payload::Payload;
use crate::time::Instant;
use crate::wire::mechanism::{Credentials, Move, error};

impl<P: Payload> Engine<P> {
    /// Has somebody decide about a peer.
    pub(super) fn ask(&mut self, peer: PeerId, credentials: Credentials, now: Instant) {
        let options = &self.core.options;
        let is_private = options.octets(SocketOption::ZapDomain).is_empty() && options.zap_enforce_domain();
        // As in libzmq: to who is told to ask by domain only, and has none, encryption is enough.
        if is_private && credentials.is_curve() {
            return self.step(peer, Move::Allow, now);
        }
        if let Some(link) = self.links.get_mut(peer) {
            link.phase = Phase::Judged;
            let address = link.transport.address.clone();
            self.outputs.push_back(Output::Judge { peer, address, credentials });
        }
    }

    /// What was decided about a peer, as [`Output::Judge`] asked for. It may be gone meanwhile.
    pub fn handle_verdict(&mut self, peer: PeerId, verdict: Verdict, now: Instant) {
        let Some(link) = self.links.get_mut(peer).filter(|link| link.phase == Phase::Judged) else { return };
        let is_curve = self.core.options.mechanism() == Mechanism::Curve;
        let verdict = match verdict {
            Verdict::Nobody if is_curve && !self.core.options.zap_enforce_domain() => Verdict::allow(""),
            verdict => verdict,
        };
        match verdict {
            Verdict::Allow(known) => {
                link.phase = Phase::Shaking;
                link.info.properties = known;
                self.step(peer, Move::Allow, now);
            }
            Verdict::TryLater => self.fail(peer, CloseReason::Denied(300), now),
            Verdict::Deny => self.deny(peer, 400, now),
            Verdict::Fail => self.deny(peer, 500, now),
            Verdict::Nobody => {
                self.fail(peer, CloseReason::Refused("there is nobody to decide whether it is let in"), now);
            }
        }
    }

    fn deny(&mut self, peer: PeerId, status: u16, now: Instant) {
        self.say(peer, &error(status));
        self.fail(peer, CloseReason::Denied(status), now);
    }
}
