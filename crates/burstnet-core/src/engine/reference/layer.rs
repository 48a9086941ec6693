//! One stage of feedforward computation: a hidden layer's somata, or the output layer.

use ndarray::{Array1, Array2};

use super::average::Average;
use super::connections::Connections;
use crate::divergence::in_bounds;
use crate::math::sigmoid;

/// Feedforward weights and somatic state of one layer.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) weights: Connections,
    pub(super) bias: Vec<f64>,
    pub(super) average: Average,
    pub(super) voltage: Vec<f64>,
    /// λ after this step.
    pub(super) rate: Vec<f64>,
    /// λ as it stood before the layer last ran: where it ran in this step, λ(s − 1).
    pub(super) rate_before: Vec<f64>,
    pub(super) ran: bool,
    pub(super) ran_before: bool,
}

impl Layer {
    pub(super) fn new(weights: &Array2<f64>, bias: &Array1<f64>, average_starts_at_first_value: bool) -> Self {
        let units = weights.nrows();
        Self {
            weights: Connections::new(weights),
            bias: bias.to_vec(),
            average: Average::new(weights.ncols(), average_starts_at_first_value),
            voltage: vec![0.0; units],
            rate: vec![0.0; units],
            rate_before: vec![0.0; units],
            ran: false,
            ran_before: false,
        }
    }

    /// Bytes that it takes from the heap.
    pub(super) fn bytes(&self) -> usize {
        let units = [&self.bias, &self.voltage, &self.rate, &self.rate_before].map(|all| size_of_val(&all[..]));
        self.weights.bytes() + self.average.bytes() + units.iter().sum::<usize>()
    }

    /// The layer stays as it is in this step.
    pub(super) fn rest(&mut self) {
        self.ran_before = self.ran;
        self.ran = false;
    }

    /// Reads `v`, the signal of the layer below: y = W ṽ + b, λ = σ(y).
    pub(super) fn run(&mut self, v: &[f64]) {
        self.ran_before = self.ran;
        self.ran = true;
        self.rate_before.copy_from_slice(&self.rate);
        self.average.advance(v);
        self.voltage.fill(0.0);
        self.weights.add_product(self.average.values(), &mut self.voltage);
        for ((y, b), rate) in self.voltage.iter_mut().zip(&self.bias).zip(&mut self.rate) {
            *y += b;
            *rate = sigmoid(*y);
        }
    }

    /// The teaching signal: λ ← ½ (λ + target).
    pub(super) fn nudge(&mut self, target: &[f64]) {
        for (rate, target) in self.rate.iter_mut().zip(target) {
            *rate = 0.5 * (*rate + target);
        }
    }

    /// W += factor ⊗ ṽ, b += factor, then W ← (1 − decay) W; whether weights and biases stay within bounds.
    pub(super) fn learn(&mut self, factor: &[f64], decay: f64) -> bool {
        let mut bounded = self.weights.learn(factor, self.average.values(), decay);
        for (b, factor) in self.bias.iter_mut().zip(factor) {
            *b += factor;
            bounded &= in_bounds(*b);
        }
        bounded
    }
}
