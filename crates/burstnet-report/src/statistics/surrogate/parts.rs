//! The parts of a function's variance over the space.

/// The variance of a function over the space, and the parts of it that belong to keys and pairs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parts {
    /// The part of each key alone.
    pub(super) keys: Vec<f64>,
    /// The part of each pair of keys beyond that: of 0 and 1, 0 and 2 and so on.
    pub(super) pairs: Vec<f64>,
    /// The whole variance.
    pub(super) total: f64,
}

impl Parts {
    /// Returns parts of nothing.
    pub(super) fn zero(keys: usize) -> Self {
        Self { keys: vec![0.0; keys], pairs: vec![0.0; keys * keys.saturating_sub(1) / 2], total: 0.0 }
    }

    /// Returns the number of the pair of keys `a` and `b`, `a` below `b`.
    pub(super) fn pair(keys: usize, a: usize, b: usize) -> usize {
        a * (2 * keys - a - 1) / 2 + b - a - 1
    }

    /// Returns the pairs of keys in the order of their numbers.
    pub(super) fn all_pairs(keys: usize) -> impl Iterator<Item = (usize, usize)> {
        (0..keys).flat_map(move |a| (a + 1..keys).map(move |b| (a, b)))
    }

    /// Returns the parts as shares of the whole; zeros if nothing varies.
    pub(super) fn shares(mut self) -> Self {
        let known: f64 = self.keys.iter().chain(&self.pairs).sum();
        let all = self.total.max(known);
        let scale = if all > 0.0 { 1.0 / all } else { 0.0 };
        self.keys.iter_mut().chain(&mut self.pairs).for_each(|part| *part *= scale);
        self.total = if all > 0.0 { 1.0 } else { 0.0 };
        self
    }
}
