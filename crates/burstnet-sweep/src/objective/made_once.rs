//! Values that several threads need and one of them makes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Values that the first thread to need them makes. The oldest are forgotten when the values take too much room.
pub(crate) struct MadeOnce<T>(Mutex<Entries<T>>);

struct Entries<T> {
    /// The values by key. A slot is locked while its value is made, and `None` before.
    slots: HashMap<String, Arc<Mutex<Option<T>>>>,
    /// The keys in the order in which they were added.
    order: Vec<String>,
}

impl<T> Default for MadeOnce<T> {
    fn default() -> Self {
        Self(Mutex::new(Entries { slots: HashMap::new(), order: Vec::new() }))
    }
}

impl<T: Clone> MadeOnce<T> {
    /// Returns the value of `key`, made by `make` if it does not exist yet; other threads that want it wait. `fits`
    /// tells whether all kept values can stay, given their sizes by `size`. An error is not kept: the next call makes
    /// the value anew.
    pub(crate) fn get<E>(
        &self,
        key: String,
        fits: impl Fn(usize) -> bool,
        size: impl Fn(&T) -> usize,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let slot = {
            let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // One that is being made has no size yet.
            let held = |slot: &Arc<Mutex<Option<T>>>| slot.try_lock().ok()?.as_ref().map(&size);
            let sizes = |entries: &Entries<T>| entries.slots.values().filter_map(held).sum();
            while !entries.slots.contains_key(&key) && !entries.order.is_empty() && !fits(sizes(&entries)) {
                let oldest = entries.order.remove(0);
                entries.slots.remove(&oldest);
            }
            if !entries.slots.contains_key(&key) {
                entries.order.push(key.clone());
            }
            Arc::clone(entries.slots.entry(key).or_default())
        };
        let mut held = slot.lock().unwrap_or_else(|poisoned| {
            slot.clear_poison(); // whoever panicked left none
            poisoned.into_inner()
        });
        match &*held {
            Some(value) => Ok(value.clone()),
            None => Ok(held.insert(make()?).clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn shared_values_are_made_once_and_bounded() {
        let shared = MadeOnce::<usize>::default();
        let made = std::cell::Cell::new(0);
        let get = |key: &str| {
            shared.get(
                key.into(),
                |kept| kept < 20,
                |value| *value,
                || {
                    made.set(made.get() + 1);
                    Ok::<_, Infallible>(10)
                },
            )
        };
        for _ in 0..3 {
            assert_eq!(get("a"), Ok(10));
            assert_eq!(get("b"), Ok(10));
        }
        assert_eq!(made.get(), 2);
        assert_eq!(get("c"), Ok(10)); // a goes
        assert_eq!(get("b"), Ok(10));
        assert_eq!(made.get(), 3);
        assert_eq!(get("a"), Ok(10));
        assert_eq!(made.get(), 4);
        assert!(shared.0.lock().unwrap().slots.len() <= 3);
    }

    #[test]
    fn an_error_is_not_kept() {
        let shared = MadeOnce::<usize>::default();
        let get = |make: &dyn Fn() -> Result<usize, &'static str>| shared.get("a".into(), |_| true, |_| 1, make);
        assert_eq!(get(&|| Err("read error")), Err("read error"));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| get(&|| panic!("a defect")))).is_err());
        assert_eq!(get(&|| Ok(7)), Ok(7));
        assert_eq!(get(&|| Err("never asked")), Ok(7));
    }
}
