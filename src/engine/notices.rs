//! Messages that options ask for when a peer comes or goes: to the peer, and to the application as if from it.

use super::link::Role;
use super::{Engine, Output};
use crate::arena::{PeerId, PipeId};
use crate::message::{Flag, Frame, Message};
use crate::options::SocketOption;
use crate::payload::Payload;
use crate::socket_type::SocketType::{Client, Dealer, Peer, Req, Router, Server};

/// Bits of ROUTER_NOTIFY.
const NOTIFY_CONNECT: i64 = 1;
const NOTIFY_DISCONNECT: i64 = 2;

impl<P: Payload> Engine<P> {
    /// A peer has come. What it is sent goes out before all that waited for it.
    pub(super) fn welcome(&mut self, peer: PeerId, pipe: PipeId) {
        let kind = self.core.socket_type;
        let options = &self.core.options;
        let hello = options.octets(SocketOption::HelloMsg);
        let says_hello = matches!(kind, Dealer | Router | Server | Client | Peer) && !hello.is_empty();
        let probes = options.probe_router() && matches!(kind, Req | Dealer | Router);
        let mut transmit = |body| {
            let frame = Frame::new(Flag::Last, P::from_bytes(body));
            self.outputs.push_back(Output::Transmit { peer, frame });
        };
        if says_hello {
            transmit(hello);
        }
        if probes {
            transmit(&[]);
        }
        if options.router_notify() & NOTIFY_CONNECT != 0 && kind == Router {
            self.tell(pipe, P::from_bytes(&[]));
        }
    }

    /// A peer that had come has gone, and not by our doing.
    pub(super) fn miss(&mut self, role: Role, pipe: PipeId) {
        let (kind, options) = (self.core.socket_type, &self.core.options);
        let notifies = kind == Router && options.router_notify() & NOTIFY_DISCONNECT != 0;
        let told = match role {
            Role::Accepted(_) if matches!(kind, Router | Server | Peer) => {
                options.octets(SocketOption::DisconnectMsg)
            }
            Role::Connecting(_) if matches!(kind, Dealer | Client | Peer) => {
                options.octets(SocketOption::HiccupMsg)
            }
            _ => &[],
        };
        let told = (!told.is_empty()).then(|| P::from_bytes(told));
        for body in notifies.then(|| P::from_bytes(&[])).into_iter().chain(told) {
            self.tell(pipe, body);
        }
    }

    fn tell(&mut self, pipe: PipeId, body: P) {
        // Nobody can be blamed for what this message is.
        let _ = self.pattern.deliver(&mut self.core, pipe, Message::from(body));
    }
}
