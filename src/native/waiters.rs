//! Calls that wait, each in its turn.
//!
//! Nobody does a call's work for it: the first in the line is woken and tries by itself. So a dropped
//! future takes nothing with it, and whoever stands behind it is woken in its place.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

/// A line of waiting calls.
#[derive(Default)]
pub(super) struct Line {
    waiting: RefCell<VecDeque<(u64, Waker)>>,
    /// How many wait, for those who ask with each message.
    len: Cell<usize>,
    tickets: Cell<u64>,
}

impl Line {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.len.get() == 0
    }

    /// Wakes the call whose turn it is.
    pub(super) fn wake_first(&self) {
        let first = self.waiting.borrow().front().map(|(_, waker)| waker.clone());
        if let Some(waker) = first {
            waker.wake();
        }
    }

    /// Wakes the call whose turn it is or, when there is none, all in the `other` line.
    pub(super) fn wake_first_or(&self, other: &Self) {
        if self.is_empty() { other.wake_all() } else { self.wake_first() }
    }

    /// Wakes every call: what they wait for has come for all, or never will.
    pub(super) fn wake_all(&self) {
        let wakers: Vec<Waker> = self.waiting.borrow().iter().map(|(_, waker)| waker.clone()).collect();
        wakers.into_iter().for_each(Waker::wake);
    }

    pub(super) fn enter(&self, waker: &Waker) -> u64 {
        let ticket = self.tickets.get();
        self.tickets.set(ticket + 1);
        let mut waiting = self.waiting.borrow_mut();
        waiting.push_back((ticket, waker.clone()));
        self.len.set(waiting.len());
        ticket
    }

    fn is_first(&self, ticket: u64) -> bool {
        self.waiting.borrow().front().is_some_and(|(first, _)| *first == ticket)
    }

    pub(super) fn refresh(&self, ticket: u64, waker: &Waker) {
        let mut waiting = self.waiting.borrow_mut();
        if let Some((_, known)) = waiting.iter_mut().find(|(other, _)| *other == ticket) {
            known.clone_from(waker);
        }
    }

    pub(super) fn leave(&self, ticket: u64) {
        let mut waiting = self.waiting.borrow_mut();
        match waiting.iter().position(|(other, _)| *other == ticket) {
            Some(0) => drop(waiting.pop_front()),
            Some(at) => drop(waiting.remove(at)),
            None => {}
        }
        self.len.set(waiting.len());
    }
}

/// How an attempt is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempt {
    /// At once, as nobody waits.
    First,
    /// After waiting.
    Again,
}

/// One call's place in a line. Dropped, it makes room and calls `on_leave`, which wakes who is next.
pub(super) struct Place<'a, F: Fn()> {
    line: &'a Line,
    ticket: Option<u64>,
    on_leave: F,
}

impl<'a, F: Fn()> Place<'a, F> {
    pub(super) fn new(line: &'a Line, on_leave: F) -> Self {
        Self { line, ticket: None, on_leave }
    }

    /// Tries if it is this call's turn, and else waits. `attempt` gives `None` when it must be made again.
    pub(super) fn poll<T>(
        &mut self,
        cx: &mut Context<'_>,
        attempt: impl FnOnce(Attempt) -> Option<T>,
    ) -> Poll<T> {
        let outcome = match self.ticket {
            None if self.line.is_empty() => attempt(Attempt::First),
            Some(ticket) if self.line.is_first(ticket) => attempt(Attempt::Again),
            _ => None,
        };
        if let Some(outcome) = outcome {
            self.leave();
            return Poll::Ready(outcome);
        }
        match self.ticket {
            Some(ticket) => self.line.refresh(ticket, cx.waker()),
            None => self.ticket = Some(self.line.enter(cx.waker())),
        }
        Poll::Pending
    }

    /// Like [`poll`](Self::poll), but out of turn: what is looked for is there for all who look.
    pub(super) fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        attempt: impl FnOnce(Attempt) -> Option<T>,
    ) -> Poll<T> {
        let kind = if self.ticket.is_none() { Attempt::First } else { Attempt::Again };
        if let Some(outcome) = attempt(kind) {
            self.leave();
            return Poll::Ready(outcome);
        }
        match self.ticket {
            Some(ticket) => self.line.refresh(ticket, cx.waker()),
            None => self.ticket = Some(self.line.enter(cx.waker())),
        }
        Poll::Pending
    }

    fn leave(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.line.leave(ticket);
            (self.on_leave)();
        }
    }
}

impl<F: Fn()> Drop for Place<'_, F> {
    fn drop(&mut self) {
        self.leave();
    }
}
