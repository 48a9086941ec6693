//! The check that weights are within bounds, mostly without reading them.

use crate::config::keys::LARGEST_WEIGHT;

/// The maximum of λ (1 − λ), and thus of the factor of any rule: no burst signal changes by more than 1.
pub(super) const STEEPEST: f64 = 0.25;

/// An upper bound on the absolute value of some weights. Each update adds its largest possible change. The weights are
/// only read when the bound itself leaves the range.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound(f64);

impl Bound {
    /// Returns the bound of weights whose largest absolute value is `largest`.
    pub(super) fn new(largest: f32) -> Self {
        Self(f64::from(largest))
    }

    /// Raises the bound by the largest possible change of an update.
    pub(super) fn raise(&mut self, most: f64) {
        self.0 += most;
    }

    /// Returns whether all weights are within bounds. `largest` reads them.
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
