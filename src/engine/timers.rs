//! Who is to be woken when.
//!
//! Deadlines move all the time (each octet heard puts a heartbeat's off), so an entry is only a promise
//! to look: the owner knows its real deadline, and one that moved later is entered again when looked at.

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
    /// Promises to look at `owner` at `deadline`.
    pub(crate) fn schedule(&mut self, deadline: Instant, owner: Owner) {
        self.heap.push(Reverse((deadline, owner)));
    }

    /// When to look next.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((deadline, _))| *deadline)
    }

    /// The next owner to look at by now.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<Owner> {
        if self.next()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse((_, owner))| owner)
    }

    pub(crate) fn clear(&mut self) {
        self.heap.clear();
    }
}
