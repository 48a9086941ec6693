//! Whether weights are still within bounds, mostly without looking at them.

use crate::config::keys::LARGEST_WEIGHT;

/// An upper bound on the absolute value of some weights. Each update adds the most that it can change; only when the
/// bound itself leaves the range do the weights have to be looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound(f64);

impl Bound {
    /// Weights whose largest absolute value is `largest`.
    pub(super) fn new(largest: f32) -> Self {
        Self(f64::from(largest))
    }

    /// Raises the bound by what an update can change at most.
    pub(super) fn raise(&mut self, most: f64) {
        self.0 += most;
    }

    /// Returns whether all weights are within bounds. `largest` looks at them.
    pub(super) fn holds(&mut self, largest: impl FnOnce() -> f32) -> bool {
        // Also false where it is not a number.
        if self.0 <= LARGEST_WEIGHT {
            return true;
        }
        self.0 = f64::from(largest());
        self.0 <= LARGEST_WEIGHT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_looked_at_when_the_bound_is_not_enough() {
        let mut bound = Bound::new(1.0);
        bound.raise(9e5);
        assert!(bound.holds(|| unreachable!()));
        bound.raise(9e5);
        assert!(bound.holds(|| 2.0));
        bound.raise(9e5);
        assert!(bound.holds(|| unreachable!()));
        bound.raise(f64::NAN);
        assert!(!bound.holds(|| f32::INFINITY));
    }
}
