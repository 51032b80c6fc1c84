//! What a call does when it is its turn.

use super::socket::Socket;
use super::waiters::Attempt;
use super::{Error, Message, POLLIN, POLLOUT, Result, SocketType};
use crate::SendError;

impl Socket {
    /// The events that are there, or `None` when none of these is.
    pub(super) fn attempt_poll(&self, events: i32, attempt: Attempt) -> Option<Result<i32>> {
        if let Err(error) = self.check(attempt) {
            return Some(Err(error));
        }
        let (can_recv, can_send) = self.shell().engine(|engine| (engine.can_recv(), engine.can_send()));
        let ready = (i32::from(can_recv) * POLLIN + i32::from(can_send) * POLLOUT) & events;
        (ready != 0).then_some(Ok(ready))
    }

    #[inline]
    pub(super) fn attempt_send(&self, message: &mut Option<Message>, attempt: Attempt) -> Option<Result<()>> {
        if let Err(error) = self.check(attempt) {
            return Some(Err(error));
        }
        let shell = self.shell();
        let sent = shell.engine(|engine| engine.send(message.take().expect("a refused message is put back")));
        match sent {
            Ok(()) => {
                shell.mark_dirty();
                Some(Ok(()))
            }
            Err(SendError { error: Error::WouldBlock | Error::ReplyPending, message: back }) => {
                *message = Some(back);
                None
            }
            Err(refused) => Some(Err(refused.error)),
        }
    }

    #[inline]
    pub(super) fn attempt_recv(&self, attempt: Attempt) -> Option<Result<Message>> {
        if let Err(error) = self.check(attempt) {
            return Some(Err(error));
        }
        let shell = self.shell();
        let (received, is_drained) = shell.engine(|engine| (engine.recv(), engine.is_drained()));
        if !is_drained {
            shell.mark_dirty();
        }
        match received {
            Ok(Some(message)) => {
                shell.wake_waiting();
                Some(Ok(message))
            }
            Ok(None) => None,
            Err(Error::WrongState(_)) if self.may_be_right_soon(attempt) => None,
            Err(error) => {
                shell.wake_waiting();
                Some(Err(error))
            }
        }
    }

    /// Whether a receive in the wrong state is one that other calls will make right: requests that wait for
    /// their turn, or the reply to the request that was received before.
    fn may_be_right_soon(&self, attempt: Attempt) -> bool {
        match self.socket_type() {
            SocketType::Req => !self.shell().senders.is_empty(),
            SocketType::Rep => attempt == Attempt::Again,
            _ => false,
        }
    }

    #[inline]
    fn check(&self, attempt: Attempt) -> Result<()> {
        match self.shell().check() {
            Err(Error::Closed) if attempt == Attempt::Again => Err(Error::Canceled),
            checked => checked,
        }
    }

    /// A send that waited is over.
    pub(super) fn after_send(&self) {
        let shell = self.shell();
        shell.wake_waiting();
        // Without a request that waits, a receive that counted on one has nothing to wait for.
        shell.receivers.wake_first();
    }

    /// A receive that waited is over.
    pub(super) fn after_recv(&self) {
        let shell = self.shell();
        shell.wake_waiting();
        shell.receivers.wake_first();
    }
}
