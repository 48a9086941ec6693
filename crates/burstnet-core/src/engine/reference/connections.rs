//! A matrix of connections in the layout of the engine: one row per presynaptic unit, so that postsynaptic units lie
//! along the vector lanes and a sum over presynaptic units is taken in their order.

use ndarray::Array2;

use crate::arrays::{row, row_mut, transposed};
use crate::divergence::in_bounds;

#[derive(Clone, Debug)]
pub(super) struct Connections {
    weights: Array2<f64>, // (pre, post)
}

impl Connections {
    /// From a matrix (post, pre), as files have it.
    pub(super) fn new(weights: &Array2<f64>) -> Self {
        Self { weights: transposed(weights) }
    }

    /// Returns the weights as a matrix (post, pre).
    pub(super) fn to_matrix(&self) -> Array2<f64> {
        transposed(&self.weights)
    }

    /// Shows the rows of the matrix (post, pre).
    pub(super) fn each_row(&self, row: &mut dyn FnMut(&[f64])) {
        let mut numbers = vec![0.0; self.weights.nrows()];
        for post in 0..self.weights.ncols() {
            numbers.iter_mut().enumerate().for_each(|(pre, w)| *w = self.weights[[pre, post]]);
            row(&numbers);
        }
    }

    /// Bytes that they take from the heap.
    pub(super) fn bytes(&self) -> usize {
        size_of::<f64>() * self.weights.len()
    }

    /// Adds W ṽ to `y`.
    pub(super) fn add_product(&self, average: &[f64], y: &mut [f64]) {
        for (i, v) in average.iter().enumerate() {
            for (y, w) in y.iter_mut().zip(row(&self.weights, i)) {
                *y += w * v;
            }
        }
    }

    /// W ← (1 − decay) (W + factor ⊗ ṽ); whether all weights stay within bounds.
    pub(super) fn learn(&mut self, factor: &[f64], average: &[f64], decay: f64) -> bool {
        let keep = 1.0 - decay;
        let mut bounded = true;
        for (i, v) in average.iter().enumerate() {
            for (w, factor) in row_mut(&mut self.weights, i).iter_mut().zip(factor) {
                *w = keep * (*w + factor * v);
                bounded &= in_bounds(*w);
            }
        }
        bounded
    }

    /// Does the same as [`Connections::learn`], for those connections whose weight is not 0 in `exists` (pre, post).
    pub(super) fn learn_where(&mut self, exists: &Array2<f64>, factor: &[f64], average: &[f64], decay: f64) -> bool {
        let keep = 1.0 - decay;
        let mut bounded = true;
        for (i, v) in average.iter().enumerate() {
            let row = row_mut(&mut self.weights, i).iter_mut().zip(row(exists, i));
            for ((w, exists), factor) in row.zip(factor) {
                *w = exists * keep * (*w + factor * v);
                bounded &= in_bounds(*w);
            }
        }
        bounded
    }
}
