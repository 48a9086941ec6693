//! Values that threads share, kept in memory up to a bound.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Values by key, shared by threads. When they take too many bytes, the oldest go. Whoever needs one of these makes it
/// again, which takes longer and gives the same bits.
pub(crate) struct Cache<K, V> {
    most_bytes: usize,
    bytes_of: fn(&V) -> usize,
    held: Mutex<Held<K, V>>,
}

struct Held<K, V> {
    bytes: usize,
    /// The number of entries that were ever added.
    count: u64,
    by_key: HashMap<K, Entry<V>>,
    by_age: BTreeMap<u64, K>,
}

struct Entry<V> {
    /// Its number in the order of arrival.
    number: u64,
    /// The bytes of the value; 0 until it is made.
    bytes: usize,
    slot: Slot<V>,
}

/// A place for a value. It is locked while the value is made, and holds `None` before.
type Slot<V> = Arc<Mutex<Option<V>>>;

impl<K: Clone + Eq + Hash, V> Cache<K, V> {
    /// Returns an empty cache for values whose sizes add up to `most_bytes` bytes. `bytes_of` gives the size of one.
    pub(crate) fn new(most_bytes: usize, bytes_of: fn(&V) -> usize) -> Self {
        let held = Held { bytes: 0, count: 0, by_key: HashMap::new(), by_age: BTreeMap::new() };
        Self { most_bytes, bytes_of, held: Mutex::new(held) }
    }

    /// Returns the value of `key`, made by `make` if it does not exist yet; other threads that want it wait. The value
    /// is kept even if it takes more than the bound alone, since running trials share it. An error is not kept: the next
    /// call makes the value anew.
    pub(crate) fn get_or_make<E>(&self, key: K, make: impl FnOnce() -> Result<V, E>) -> Result<V, E>
    where
        V: Clone,
    {
        let slot = self.lock().slot(&key);
        let mut place = locked(&slot);
        if let Some(value) = &*place {
            return Ok(value.clone());
        }
        let value = place.insert(make()?).clone();
        let mut held = self.lock();
        held.count_bytes(&key, &slot, (self.bytes_of)(&value));
        let dropped = held.shrink(self.most_bytes, Some(&key));
        drop(held);
        drop(dropped); // freed when the lock is no longer held
        Ok(value)
    }

    /// Keeps a value, in place of an earlier one with this key. Drops it if it would not fit even alone.
    pub(crate) fn put(&self, key: K, value: V) {
        let bytes = (self.bytes_of)(&value);
        let slot = Arc::new(Mutex::new(Some(value)));
        let mut held = self.lock();
        let mut dropped = vec![held.remove(&key)];
        if bytes <= self.most_bytes {
            dropped.extend(held.shrink(self.most_bytes - bytes, None));
            held.insert(key, Arc::clone(&slot), bytes);
        }
        drop(held);
        drop(dropped);
    }

    /// Removes the value of a key and returns it.
    pub(crate) fn take(&self, key: &K) -> Option<V> {
        let slot = self.lock().remove(key)?;
        locked(&slot).take()
    }

    /// Drops the values of some keys.
    pub(crate) fn forget(&self, which: impl Fn(&K) -> bool) {
        let mut held = self.lock();
        let keys: Vec<K> = held.by_key.keys().filter(|key| which(key)).cloned().collect();
        let dropped: Vec<_> = keys.iter().map(|key| held.remove(key)).collect();
        drop(held);
        drop(dropped);
    }

    fn lock(&self) -> MutexGuard<'_, Held<K, V>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Locks a slot. A thread that panicked while it made the value left none.
fn locked<V>(slot: &Mutex<Option<V>>) -> MutexGuard<'_, Option<V>> {
    slot.lock().unwrap_or_else(|poisoned| {
        slot.clear_poison();
        poisoned.into_inner()
    })
}

impl<K: Clone + Eq + Hash, V> Held<K, V> {
    /// Returns the slot of a key, which is a new one if there is none.
    fn slot(&mut self, key: &K) -> Slot<V> {
        if let Some(entry) = self.by_key.get(key) {
            return Arc::clone(&entry.slot);
        }
        let slot = Slot::default();
        self.insert(key.clone(), Arc::clone(&slot), 0);
        slot
    }

    fn insert(&mut self, key: K, slot: Slot<V>, bytes: usize) {
        self.bytes += bytes;
        self.count += 1;
        self.by_age.insert(self.count, key.clone());
        self.by_key.insert(key, Entry { number: self.count, bytes, slot });
    }

    /// Counts the bytes of a value that was made, unless its slot is gone by now.
    fn count_bytes(&mut self, key: &K, slot: &Slot<V>, bytes: usize) {
        if let Some(entry) = self.by_key.get_mut(key).filter(|entry| Arc::ptr_eq(&entry.slot, slot)) {
            entry.bytes = bytes; // 0 before
            self.bytes += bytes;
        }
    }

    fn remove(&mut self, key: &K) -> Option<Slot<V>> {
        let Entry { number, bytes, slot } = self.by_key.remove(key)?;
        self.by_age.remove(&number);
        self.bytes -= bytes;
        Some(slot)
    }

    /// Removes the oldest values until the others take at most `bytes`, but never that of `kept`.
    fn shrink(&mut self, bytes: usize, kept: Option<&K>) -> Vec<Option<Slot<V>>> {
        let mut dropped = Vec::new();
        while self.bytes > bytes {
            let oldest = self.by_age.values().find(|key| Some(*key) != kept).cloned();
            let Some(oldest) = oldest else { break };
            dropped.push(self.remove(&oldest));
        }
        dropped
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::convert::Infallible;

    use super::*;

    /// Returns a cache of values of which each takes as many bytes as its second number says.
    fn cache<K: Clone + Eq + Hash>(most_bytes: usize) -> Cache<K, (u32, usize)> {
        Cache::new(most_bytes, |value| value.1)
    }

    fn bytes<K: Clone + Eq + Hash, V>(cache: &Cache<K, V>) -> usize {
        cache.lock().bytes
    }

    fn taken(cache: &Cache<u64, (u32, usize)>, key: u64) -> Option<u32> {
        cache.take(&key).map(|value| value.0)
    }

    #[test]
    fn what_was_put_is_taken_once() {
        let cache = cache(100);
        cache.put(1, (11, 30));
        cache.put(1, (12, 40));
        assert_eq!(bytes(&cache), 40);
        assert_eq!([2, 1, 1].map(|key| taken(&cache, key)), [None, Some(12), None]);
        assert_eq!(bytes(&cache), 0);
    }

    #[test]
    fn the_oldest_make_room_and_the_bound_holds() {
        let held = cache(100);
        (1..=3).for_each(|key| held.put(key, (key as u32, 30)));
        held.put(1, (1, 30)); // now the youngest
        held.put(4, (4, 40));
        assert_eq!(bytes(&held), 100);
        assert_eq!([1, 2, 3, 4].map(|key| taken(&held, key)), [Some(1), None, Some(3), Some(4)]);
        (1..=3).for_each(|key| held.put(key, (key as u32, 30)));
        held.put(3, (33, 101));
        assert_eq!(bytes(&held), 60, "too large for itself alone, it drives nobody out but its elder");
        held.put(5, (5, usize::MAX));
        held.put(6, (6, 100));
        assert_eq!([1, 2, 3, 5, 6].map(|key| taken(&held, key)), [None, None, None, None, Some(6)]);
        let none = cache(0);
        none.put(1, (1, 1));
        assert_eq!((bytes(&none), taken(&none, 1)), (0, None));
    }

    #[test]
    fn those_that_nobody_needs_any_more_are_forgotten() {
        let cache = cache(100);
        (0..6).for_each(|key| cache.put(key, (key as u32, 10)));
        cache.forget(|key| *key < 4);
        assert_eq!(bytes(&cache), 20);
        assert_eq!([0, 3, 4, 5].map(|key| taken(&cache, key)), [None, None, Some(4), Some(5)]);
    }

    #[test]
    fn a_value_is_made_once_and_the_oldest_go() {
        let (shared, made) = (cache(20), Cell::new(0));
        let get = |key: &str, bytes: usize| {
            let make = || {
                made.set(made.get() + 1);
                Ok::<_, Infallible>((made.get(), bytes))
            };
            shared.get_or_make(key.to_owned(), make).unwrap().0
        };
        assert_eq!(["a", "b", "a", "b"].map(|key| get(key, 10)), [1, 2, 1, 2]);
        assert_eq!(["c", "b"].map(|key| get(key, 10)), [3, 2], "a goes");
        assert_eq!(get("a", 10), 4);
        assert_eq!(
            ["large", "large", "a"].map(|key| get(key, 99)),
            [5, 5, 6],
            "a large one is kept until another comes"
        );
        assert_eq!((bytes(&shared), shared.lock().by_key.len()), (99, 1));
    }

    #[test]
    fn an_error_is_not_kept() {
        let shared = cache(10);
        let get = |make: &dyn Fn() -> Result<(u32, usize), &'static str>| shared.get_or_make("a", make);
        assert_eq!(get(&|| Err("read error")), Err("read error"));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| get(&|| panic!("a defect")))).is_err());
        assert_eq!(get(&|| Ok((7, 1))), Ok((7, 1)));
        assert_eq!(get(&|| Err("never asked")), Ok((7, 1)));
    }

    #[test]
    fn threads_share_it_within_the_bound() {
        let cache = cache(95);
        std::thread::scope(|scope| {
            for thread in 0..4_u32 {
                let cache = &cache;
                scope.spawn(move || {
                    for n in 0..500 {
                        cache.put((thread, n % 7), (n, 10 + n as usize % 3));
                        let made = cache.get_or_make((9, n % 3), || Ok::<_, Infallible>((n % 3, 5)));
                        assert_eq!(made, Ok((n % 3, 5)));
                        assert!(bytes(cache) <= 95);
                        assert!(cache.take(&(thread, n % 5)).is_none_or(|value| value.0 % 7 == n % 5));
                    }
                });
            }
        });
        cache.forget(|_| true);
        assert_eq!(bytes(&cache), 0);
    }
}
