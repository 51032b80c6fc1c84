//! Who is to be woken when.
//!
//! Deadlines move all the time (each octet heard puts a heartbeat's off), so an entry is only a promise
//! to look: the owner knows its real deadline, and one that moved later is entered again when looked at.
//! The owner keeps the promise that stands; one that was superseded by an earlier one is nobody's.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::arena::{DialerId, PeerId};
use crate::time::Instant;

/// Whose deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    Link(PeerId),
    Dialer(DialerId),
    Linger,
}

#[derive(Default)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<(Instant, Owner)>>,
}

impl Timers {
    /// Promises to look at `owner` at `deadline`, unless it stands promised that it is looked at before.
    pub(crate) fn schedule(&mut self, deadline: Instant, owner: Owner, promised: &mut Option<Instant>) {
        if promised.is_none_or(|at| deadline < at) {
            *promised = Some(deadline);
            self.heap.push(Reverse((deadline, owner)));
        }
    }

    /// When to look next.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((deadline, _))| *deadline)
    }

    /// The next owner to look at by now, and for when that was promised.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<(Instant, Owner)> {
        if self.next()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse(promise)| promise)
    }

    pub(crate) fn clear(&mut self) {
        self.heap = BinaryHeap::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_that_stands_is_not_made_again() {
        let (mut timers, mut promised) = (Timers::default(), None);
        let at = |second: u64| Instant::from_micros(second * 1_000_000);
        for deadline in [50, 60, 50, 30, 40, 30] {
            timers.schedule(at(deadline), Owner::Linger, &mut promised);
        }
        assert_eq!((timers.heap.len(), promised), (2, Some(at(30))));
        assert_eq!(timers.pop_due(at(29)), None);
        assert_eq!(timers.pop_due(at(30)), Some((at(30), Owner::Linger)));
        assert_eq!(timers.pop_due(at(50)), Some((at(50), Owner::Linger)));
    }
}
