//! Buffers that are used again: memory that the system has given already, and that the cache may still hold.
//! Those for long frames come back when the messages that were read into them are gone.

use std::cell::Cell;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};

/// What the connections of one context read into, and write from.
#[derive(Default)]
pub(super) struct Buffers {
    /// For those who have nothing to keep, which idle connections thus need not have each.
    pub(super) shared: Cell<BytesMut>,
    /// Where frames gather that a connection writes which had nothing to write.
    pub(super) outgoing: Cell<BytesMut>,
    pub(super) pool: Pool,
}

/// The buffers for long frames. Messages go where they like, to other threads too, and bring theirs back.
#[derive(Clone, Default)]
pub(super) struct Pool(Arc<Mutex<Vec<BytesMut>>>);

/// How many octets lie in wait at the most.
const KEEP: usize = 4 * 1024 * 1024;

impl Pool {
    /// An empty buffer with room for so many octets.
    pub(super) fn take(&self, room: usize) -> BytesMut {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The newest first, and none that is much too large.
        let found = free.iter().rposition(|buffer| (room..=2 * room).contains(&buffer.capacity()));
        found.map_or_else(|| BytesMut::with_capacity(room), |at| free.remove(at))
    }

    /// These octets as they are, whose buffer comes back when nobody has them any more.
    pub(super) fn lend(&self, octets: BytesMut) -> Bytes {
        Bytes::from_owner(Lent { octets, pool: self.clone() })
    }

    fn give_back(&self, mut buffer: BytesMut) {
        buffer.clear();
        // What was cut off of it before is room again, unless somebody still has it.
        let _ = buffer.try_reclaim(buffer.capacity() + 1);
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if free.iter().map(BytesMut::capacity).sum::<usize>() + buffer.capacity() <= KEEP {
            free.push(buffer);
        }
    }
}

struct Lent {
    octets: BytesMut,
    pool: Pool,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.octets
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.pool.give_back(std::mem::take(&mut self.octets));
    }
}

#[cfg(test)]
mod tests {
    use bytes::Buf;

    use super::*;

    #[test]
    fn a_buffer_comes_back_whole_when_the_last_message_in_it_is_gone() {
        let pool = Pool::default();
        let mut buffer = pool.take(1000);
        buffer.extend_from_slice(&[7; 1000]);
        let at = buffer.as_ptr();
        buffer.advance(9);
        let message = pool.lend(buffer.split_to(991));
        drop(buffer);
        let part = message.slice(500..);
        drop(message);
        assert_ne!(pool.take(1000).as_ptr(), at);
        drop(part);
        let again = pool.take(1000);
        assert_eq!((again.as_ptr(), again.len()), (at, 0));
    }

    #[test]
    fn no_more_is_kept_than_is_of_use() {
        let pool = Pool::default();
        let held: Vec<Bytes> = (0..10).map(|_| pool.lend(pool.take(KEEP / 4))).collect();
        drop(held);
        assert_eq!(pool.0.lock().expect("nobody panicked").len(), 4);
        assert_eq!(pool.take(10).capacity(), 10);
    }
}
