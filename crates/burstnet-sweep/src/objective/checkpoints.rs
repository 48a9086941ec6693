//! Evaluations that may be continued later, kept in memory up to a bound.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The state of an evaluation at its end, in a type that the model chooses.
pub struct Checkpoint {
    state: Box<dyn Any + Send>,
    bytes: usize,
}

impl Checkpoint {
    /// Returns a checkpoint of a state that takes `bytes` bytes of memory.
    pub fn new<T: Any + Send>(state: T, bytes: usize) -> Self {
        Self { state: Box::new(state), bytes }
    }

    /// Returns the bytes that it keeps in memory.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns the state; `None` if it is of another type, and thus of another model.
    pub fn into_state<T: Any>(self) -> Option<T> {
        self.state.downcast().ok().map(|state| *state)
    }
}

/// Checkpoints of many evaluations, shared by threads. The oldest ones are dropped when there is no room for another. A
/// trial without its checkpoint is evaluated from the beginning, which takes longer and gives the same bits.
pub struct Checkpoints<K> {
    most_bytes: usize,
    held: Mutex<Held<K>>,
}

struct Held<K> {
    bytes: usize,
    /// The number of checkpoints that were ever added.
    count: u64,
    /// The checkpoints by key, each with its number in the order of arrival.
    by_key: HashMap<K, (u64, Checkpoint)>,
    by_age: BTreeMap<u64, K>,
}

impl<K: Clone + Eq + Hash> Checkpoints<K> {
    /// Returns an empty collection that holds at most `most_bytes` bytes of checkpoints.
    pub fn new(most_bytes: usize) -> Self {
        let held = Held { bytes: 0, count: 0, by_key: HashMap::new(), by_age: BTreeMap::new() };
        Self { most_bytes, held: Mutex::new(held) }
    }

    /// Keeps a checkpoint, in place of an earlier one with this key. Drops it if it would not fit even alone.
    pub fn put(&self, key: K, checkpoint: Checkpoint) {
        let mut dropped = Vec::new(); // freed when the lock is no longer held
        let mut held = self.lock();
        dropped.extend(held.remove(&key));
        if checkpoint.bytes > self.most_bytes {
            dropped.push(checkpoint);
        } else {
            while held.bytes > self.most_bytes - checkpoint.bytes {
                dropped.extend(held.remove_oldest());
            }
            held.insert(key, checkpoint);
        }
        drop(held);
    }

    /// Removes the checkpoint of a key and returns it.
    pub fn take(&self, key: &K) -> Option<Checkpoint> {
        self.lock().remove(key)
    }

    /// Drops the checkpoints of some keys.
    pub fn forget(&self, which: impl Fn(&K) -> bool) {
        let mut held = self.lock();
        let keys: Vec<K> = held.by_key.keys().filter(|key| which(key)).cloned().collect();
        let dropped: Vec<_> = keys.iter().map(|key| held.remove(key)).collect();
        drop(held);
        drop(dropped); // freed when the lock is no longer held
    }

    /// Returns the total bytes of the checkpoints.
    pub fn bytes(&self) -> usize {
        self.lock().bytes
    }

    fn lock(&self) -> MutexGuard<'_, Held<K>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Clone + Eq + Hash> Held<K> {
    fn insert(&mut self, key: K, checkpoint: Checkpoint) {
        self.bytes += checkpoint.bytes;
        self.count += 1;
        self.by_age.insert(self.count, key.clone());
        self.by_key.insert(key, (self.count, checkpoint));
    }

    fn remove(&mut self, key: &K) -> Option<Checkpoint> {
        let (number, checkpoint) = self.by_key.remove(key)?;
        self.by_age.remove(&number);
        self.bytes -= checkpoint.bytes;
        Some(checkpoint)
    }

    fn remove_oldest(&mut self) -> Option<Checkpoint> {
        let key = self.by_age.first_key_value().map(|(_, key)| key.clone())?;
        self.remove(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(state: u32, bytes: usize) -> Checkpoint {
        Checkpoint::new(state, bytes)
    }

    fn state(checkpoints: &Checkpoints<u64>, key: u64) -> Option<u32> {
        checkpoints.take(&key).and_then(Checkpoint::into_state)
    }

    #[test]
    fn what_was_put_is_taken_once_and_by_its_type() {
        let checkpoints = Checkpoints::new(100);
        checkpoints.put(1, of(11, 30));
        checkpoints.put(1, of(12, 40));
        assert_eq!(checkpoints.bytes(), 40);
        assert_eq!((state(&checkpoints, 2), state(&checkpoints, 1), state(&checkpoints, 1)), (None, Some(12), None));
        assert_eq!(checkpoints.bytes(), 0);
        assert_eq!(of(1, 1).into_state::<u64>(), None);
    }

    #[test]
    fn the_oldest_make_room_and_the_bound_holds() {
        let checkpoints = Checkpoints::new(100);
        (1..=3).for_each(|key| checkpoints.put(key, of(key as u32, 30)));
        checkpoints.put(1, of(1, 30)); // now the youngest
        checkpoints.put(4, of(4, 40));
        assert_eq!(checkpoints.bytes(), 100);
        assert_eq!([1, 2, 3, 4].map(|key| state(&checkpoints, key)), [Some(1), None, Some(3), Some(4)]);
        (1..=3).for_each(|key| checkpoints.put(key, of(key as u32, 30)));
        checkpoints.put(3, of(33, 101));
        assert_eq!(checkpoints.bytes(), 60, "too large for itself alone, it drives nobody out but its elder");
        checkpoints.put(5, of(5, usize::MAX));
        checkpoints.put(6, of(6, 100));
        assert_eq!([1, 2, 3, 5, 6].map(|key| state(&checkpoints, key)), [None, None, None, None, Some(6)]);
        let none = Checkpoints::new(0);
        none.put(1, of(1, 1));
        assert_eq!((none.bytes(), state(&none, 1)), (0, None));
    }

    #[test]
    fn those_that_nobody_needs_any_more_are_forgotten() {
        let checkpoints = Checkpoints::new(100);
        (0..6).for_each(|key| checkpoints.put(key, of(key as u32, 10)));
        checkpoints.forget(|key| *key < 4);
        assert_eq!(checkpoints.bytes(), 20);
        assert_eq!([0, 3, 4, 5].map(|key| state(&checkpoints, key)), [None, None, Some(4), Some(5)]);
    }

    #[test]
    fn threads_share_them_within_the_bound() {
        let checkpoints = Checkpoints::new(95);
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let checkpoints = &checkpoints;
                scope.spawn(move || {
                    for n in 0..500 {
                        checkpoints.put((thread, n % 7), of(n, 10 + n as usize % 3));
                        assert!(checkpoints.bytes() <= 95);
                        let taken = checkpoints.take(&(thread, n % 5)).and_then(Checkpoint::into_state::<u32>);
                        assert!(taken.is_none_or(|state| state % 7 == n % 5));
                    }
                });
            }
        });
        checkpoints.forget(|_| true);
        assert_eq!(checkpoints.bytes(), 0);
    }
}
