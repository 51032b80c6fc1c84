//! What a call does when it is its turn.

use std::future::poll_fn;

use tokio::time::Duration;

use super::driver::Shell;
use super::socket::within;
use super::waiters::{Attempt, Place};
use super::{Error, Message, POLLIN, POLLOUT, Result, SocketType};
use crate::SendError;

impl Shell {
    /// The events that are there, or `None` when none of these is.
    pub(super) fn attempt_poll(&self, events: i32, attempt: Attempt) -> Option<Result<i32>> {
        if let Err(error) = self.check_call(attempt) {
            return Some(Err(error));
        }
        let ready = self.events() & events;
        (ready != 0).then_some(Ok(ready))
    }

    pub(super) fn events(&self) -> i32 {
        let can_send = self.engine(|engine| engine.can_send());
        i32::from(self.can_recv()) * POLLIN + i32::from(can_send) * POLLOUT
    }

    #[inline]
    pub(super) fn attempt_send(&self, message: &mut Option<Message>, attempt: Attempt) -> Option<Result<()>> {
        if let Err(error) = self.check_call(attempt) {
            return Some(Err(error));
        }
        let sent = self.engine(|engine| engine.send(message.take().expect("a refused message is put back")));
        match sent {
            Ok(()) => {
                self.mark_dirty();
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
        if let Err(error) = self.check_call(attempt) {
            return Some(Err(error));
        }
        match self.take() {
            Ok(Some(message)) => {
                self.wake_waiting();
                Some(Ok(message))
            }
            Ok(None) => None,
            Err(Error::WrongState(_)) if self.may_be_right_soon(attempt) => None,
            Err(error) => {
                self.wake_waiting();
                Some(Err(error))
            }
        }
    }

    /// Receives a message, waiting so long until there is one.
    pub(super) async fn receive(&self, limit: Option<Duration>) -> Result<Message> {
        let mut place = Place::new(&self.receivers, || self.after_recv());
        within(limit, poll_fn(|cx| place.poll(cx, |attempt| self.attempt_recv(attempt)))).await
    }

    /// Whether a receive in the wrong state is one that other calls will make right: requests that wait for
    /// their turn, or the reply to the request that was received before.
    fn may_be_right_soon(&self, attempt: Attempt) -> bool {
        match self.engine(|engine| engine.socket_type()) {
            SocketType::Req => !self.senders.is_empty(),
            SocketType::Rep => attempt == Attempt::Again,
            _ => false,
        }
    }

    #[inline]
    fn check_call(&self, attempt: Attempt) -> Result<()> {
        match self.check() {
            Err(Error::Closed) if attempt == Attempt::Again => Err(Error::Canceled),
            checked => checked,
        }
    }

    /// A send that waited is over.
    pub(super) fn after_send(&self) {
        self.wake_waiting();
        // Without a request that waits, a receive that counted on one has nothing to wait for.
        self.receivers.wake_first();
    }

    /// A receive that waited is over.
    pub(super) fn after_recv(&self) {
        self.wake_waiting();
        self.receivers.wake_first();
    }
}
