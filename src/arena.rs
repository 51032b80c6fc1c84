//! Ids that are never mistaken for one another, and the store they index.
//!
//! A shell may speak of a peer that the engine dropped a moment ago. Each id therefore carries a
//! generation, and a late word about a gone peer finds nothing instead of its successor.

use core::marker::PhantomData;

const INDEX_BITS: u32 = 20;
const INDEX_MASK: u32 = (1 << INDEX_BITS) - 1;

/// How many things one arena can hold at a time.
const CAPACITY: usize = 1 << INDEX_BITS;

/// An id that an [`Arena`] gives out.
pub(crate) trait Id: Copy {
    fn from_raw(raw: u32) -> Self;
    fn raw(self) -> u32;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $name {
            /// A small number that no other id has at the same time, for shells that keep a table by it.
            pub const fn index(self) -> usize {
                (self.0 & INDEX_MASK) as usize
            }

            /// The id as a number, for shells that keep it where only numbers go.
            pub const fn to_raw(self) -> u32 {
                self.0
            }

            /// The id that [`to_raw`](Self::to_raw) turned into `raw`. Any other number is an id of nothing.
            pub const fn from_raw(raw: u32) -> Self {
                Self(raw)
            }
        }

        impl Id for $name {
            fn from_raw(raw: u32) -> Self {
                Self(raw)
            }
            fn raw(self) -> u32 {
                self.0
            }
        }
    )+};
}

ids! {
    /// One connection of a socket. A peer that reconnects gets a new one.
    PeerId,
    /// The pair of queues between a socket and one peer. On the connecting side it outlives connections.
    PipeId,
    /// An endpoint that a socket was told to connect to.
    DialerId,
    /// An endpoint that a socket was told to bind.
    ListenerId,
}

struct Slot<T> {
    generation: u32,
    value: Option<T>,
}

/// Values under ids with a generation. Look-ups are an index and a compare.
pub(crate) struct Arena<K, T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
    key: PhantomData<K>,
}

impl<K: Id, T> Arena<K, T> {
    pub(crate) fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new(), key: PhantomData }
    }

    /// Stores a value; `None` when the arena is full.
    pub(crate) fn insert(&mut self, value: T) -> Option<K> {
        if let Some(index) = self.free.pop() {
            let slot = &mut self.slots[index as usize];
            slot.value = Some(value);
            return Some(K::from_raw(slot.generation << INDEX_BITS | index));
        }
        let index = self.slots.len();
        if index == CAPACITY {
            return None;
        }
        self.slots.push(Slot { generation: 0, value: Some(value) });
        Some(K::from_raw(index as u32))
    }

    pub(crate) fn get(&self, key: K) -> Option<&T> {
        let slot = self.slots.get((key.raw() & INDEX_MASK) as usize)?;
        if slot.generation == key.raw() >> INDEX_BITS { slot.value.as_ref() } else { None }
    }

    pub(crate) fn get_mut(&mut self, key: K) -> Option<&mut T> {
        let slot = self.slots.get_mut((key.raw() & INDEX_MASK) as usize)?;
        if slot.generation == key.raw() >> INDEX_BITS { slot.value.as_mut() } else { None }
    }

    pub(crate) fn remove(&mut self, key: K) -> Option<T> {
        let index = key.raw() & INDEX_MASK;
        let slot = self.slots.get_mut(index as usize)?;
        if slot.generation != key.raw() >> INDEX_BITS {
            return None;
        }
        let value = slot.value.take()?;
        slot.generation = (slot.generation + 1) & (u32::MAX >> INDEX_BITS);
        self.free.push(index);
        Some(value)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.free.len() == self.slots.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (K, &T)> {
        self.slots.iter().enumerate().filter_map(|(index, slot)| {
            let key = K::from_raw(slot.generation << INDEX_BITS | index as u32);
            slot.value.as_ref().map(|value| (key, value))
        })
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.slots.iter_mut().filter_map(|slot| slot.value.as_mut())
    }

    pub(crate) fn keys(&self) -> Vec<K> {
        self.keys_where(&|_| true)
    }

    /// The keys of the values that `is_it` tells, for who changes the arena while it goes through them.
    pub(crate) fn keys_where(&self, is_it: &dyn Fn(&T) -> bool) -> Vec<K> {
        let mut keys = Vec::new();
        for (key, value) in self.iter() {
            if is_it(value) {
                keys.push(key);
            }
        }
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_id_does_not_find_its_successor() {
        let mut arena: Arena<PeerId, &str> = Arena::new();
        let first = arena.insert("first").expect("room");
        assert_eq!(arena.remove(first), Some("first"));
        let second = arena.insert("second").expect("room");
        assert_eq!(first.raw() & INDEX_MASK, second.raw() & INDEX_MASK);
        assert_eq!(arena.get(first), None);
        assert_eq!(arena.remove(first), None);
        assert_eq!(arena.get(second), Some(&"second"));
        assert_eq!(arena.get(PeerId::from_raw(u32::MAX)), None);
    }
}
