//! The NULL mechanism (RFC 37, "The NULL Security Mechanism"): each side sends one READY with its metadata.

use super::secure::asks_about_anybody;
use super::{Credentials, Move, Scene, Step, Then, read_error, read_metadata, split, write_metadata};
use crate::error::{CloseReason, Misbehaviour};
use crate::options::Options;
use crate::wire::command::{Properties, named};

/// Either side's.
#[derive(Default)]
pub(crate) struct Handshake {
    /// Until somebody has decided about the peer, nothing is said.
    asking: Option<Asking>,
}

struct Asking {
    about: Credentials,
    /// What the peer has said in the meantime.
    theirs: Option<Properties>,
}

impl Handshake {
    pub(super) fn new(options: &Options) -> Self {
        Self { asking: asks_about_anybody(options).map(|about| Asking { about, theirs: None }) }
    }

    #[cfg_attr(not(feature = "security"), expect(unreachable_code, reason = "there is nobody to ask about"))]
    pub(super) fn go_on(&mut self, event: Move<'_>, scene: &Scene<'_>) -> Result<Step, CloseReason> {
        let (say, then) = match event {
            Move::Begin if let Some(asking) = &self.asking => (None, Then::Ask(asking.about.clone())),
            Move::Begin | Move::Allow => {
                let theirs = self.asking.take().and_then(|asking| asking.theirs);
                (Some(write_metadata(named("READY"), scene)), theirs.map_or(Then::Wait, Then::Ready))
            }
            Move::Read(command) => match (split(command)?, &mut self.asking) {
                ((b"READY", data), None) => (None, Then::Ready(read_metadata(data, scene)?)),
                ((b"READY", data), Some(Asking { theirs: theirs @ None, .. })) => {
                    *theirs = Some(read_metadata(data, scene)?);
                    (None, Then::Wait)
                }
                ((b"ERROR", data), _) => return Err(read_error(data)),
                _ => return Err(Misbehaviour::OutOfOrder.into()),
            },
        };
        Ok(Step { say, then })
    }
}
