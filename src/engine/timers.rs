//! Who is to be woken when.
//!
//! Deadlines move all the time (each octet heard puts a heartbeat's off), so an entry is only a promise
//! to look: the owner knows its real deadline, and one that moved later is entered again when looked at.
//! The owner keeps the promise that stands, which is its only one: one that is superseded, or whose owner waits for nothing
//! any more, is taken back. So there are no more than owners, and nobody is woken for what is over, whose timer might keep
//! a shell's whole program alive.

use crate::arena::{DialerId, PeerId};
use crate::time::Instant;

/// Whose deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Link(PeerId),
    Dialer(DialerId),
}

#[derive(Default)]
pub(crate) struct Timers {
    /// By deadline, behind those that are past. A heap, from which nothing can be taken back, would cost browsers more code;
    /// here most promises come near the end and go from the front.
    promises: Vec<(Instant, Owner)>,
    past: usize,
}

impl Timers {
    /// Promises to look at `owner` at `deadline`, if there is one, unless it stands promised that it is looked at before.
    pub(crate) fn schedule(
        &mut self,
        deadline: Option<Instant>,
        owner: Owner,
        promised: &mut Option<Instant>,
    ) {
        if let Some(at) = *promised {
            if deadline.is_some_and(|deadline| deadline >= at) {
                return;
            }
            if let Some(index) = self.promises.iter().rposition(|promise| *promise == (at, owner)) {
                self.promises.remove(index);
            }
        }
        *promised = deadline;
        if let Some(deadline) = deadline {
            if self.past * 2 > self.promises.len() {
                self.promises = self.promises.split_off(self.past);
                self.past = 0;
            }
            let index = self.promises.partition_point(|(at, _)| *at <= deadline);
            self.promises.insert(index.max(self.past), (deadline, owner));
        }
    }

    /// When to look next.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.promises.get(self.past).map(|(deadline, _)| *deadline)
    }

    /// The next owner to look at by now. What was promised to it stands no more.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<Owner> {
        let (deadline, owner) = *self.promises.get(self.past)?;
        (deadline <= now).then(|| {
            self.past += 1;
            owner
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> Instant {
        Instant::from_micros(second * 1_000_000)
    }

    #[test]
    fn an_owner_has_one_promise_and_none_when_it_waits_for_nothing() {
        let (mut timers, mut promised) = (Timers::default(), None);
        let owner = Owner::Dialer(DialerId::from_raw(7));
        for deadline in [50, 60, 50, 30, 40, 30] {
            timers.schedule(Some(at(deadline)), owner, &mut promised);
            assert_eq!((timers.promises.len(), timers.next()), (1, promised));
        }
        assert_eq!(promised, Some(at(30)));
        timers.schedule(None, owner, &mut promised);
        assert_eq!((timers.next(), promised), (None, None));
    }

    #[test]
    fn those_who_are_due_come_in_order() {
        let mut timers = Timers::default();
        let owner = |second| Owner::Link(PeerId::from_raw(second));
        for second in [5, 3, 9, 4] {
            timers.schedule(Some(at(second.into())), owner(second), &mut None);
        }
        assert_eq!(timers.pop_due(at(2)), None);
        let due: Vec<_> = core::iter::from_fn(|| timers.pop_due(at(5))).collect();
        assert_eq!(due, [3, 4, 5].map(owner));
        assert_eq!(timers.next(), Some(at(9)));
    }
}
