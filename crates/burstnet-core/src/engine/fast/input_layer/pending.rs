//! Updates of a matrix that wait until there are enough of them to be applied in one pass over the matrix.

use super::super::kernels::{Isa, outer, product};
use super::super::panel::Panel;
use super::super::vector::LANES;

/// Up to sixteen updates that have not yet been applied to a matrix.
#[derive(Clone)]
pub(super) struct Pending {
    count: usize,
    /// The number of coordinates of each update.
    coordinates: usize,
    /// The factors, units × updates.
    factors: Panel,
    /// The coefficients, updates × coordinates.
    coefficients: Panel,
}

impl Pending {
    /// Returns an empty collection for matrices of at most `coordinates` columns.
    pub(super) fn new(units: usize, coordinates: usize) -> Self {
        let (factors, coefficients) = (Panel::zeros(units, LANES), Panel::zeros(LANES, coordinates));
        Self { count: 0, coordinates: 0, factors, coefficients }
    }

    /// Returns the bytes that they take from the heap.
    pub(super) fn bytes(&self) -> usize {
        self.factors.bytes() + self.coefficients.bytes()
    }

    /// Takes the update target ← keep · (target + factor ⊗ coefficients). Applies it at once if `keep` is not 1, since
    /// the order matters then.
    pub(super) fn take(&mut self, isa: Isa, factor: &Panel, coefficients: &[f32], keep: f32, target: &mut Panel) {
        if keep != 1.0 {
            outer(isa, factor, 0, coefficients, keep, target, 0);
            return;
        }
        self.factors.copy_row_of(factor, 0, self.count);
        for (vector, c) in self.coefficients.data_mut().iter_mut().zip(coefficients) {
            vector.0[self.count] = *c;
        }
        self.coordinates = coefficients.len();
        self.count += 1;
        if self.count == LANES {
            self.settle(isa, target);
        }
    }

    /// Adds all updates to `target`.
    pub(super) fn settle(&mut self, isa: Isa, target: &mut Panel) {
        if self.count > 0 {
            product(isa, &self.factors, self.count, &self.coefficients, 0..self.coordinates, target, 0, true);
            self.count = 0;
        }
    }
}
