//! The apical compartments of one hidden layer: feedback from the output layer sets the burst probability.

use ndarray::Array2;

use super::average::Average;
use super::connections::Connections;
use crate::math::sigmoid;

/// Feedback weights and apical state of one hidden layer.
#[derive(Clone, Debug)]
pub(super) struct Apical {
    pub(super) weights: Connections,
    /// 1 where a connection exists, else 0; (pre, post).
    pub(super) exists: Array2<f64>,
    pub(super) average: Average,
    /// ṽ as it stood before this step.
    pub(super) average_before: Vec<f64>,
    pub(super) voltage: Vec<f64>,
    pub(super) burst_probability: Vec<f64>,
    pub(super) burst_rate: Vec<f64>,
    /// ρ and ψ as they stood before feedback last ran.
    pub(super) burst_probability_before: Vec<f64>,
    pub(super) burst_rate_before: Vec<f64>,
}

impl Apical {
    pub(super) fn new(weights: &Array2<f64>, average_starts_at_first_value: bool) -> Self {
        let (units, outputs) = (weights.nrows(), weights.ncols());
        Self {
            weights: Connections::new(weights),
            exists: Array2::from_shape_fn((outputs, units), |(k, j)| if weights[[j, k]] == 0.0 { 0.0 } else { 1.0 }),
            average: Average::new(outputs, average_starts_at_first_value),
            average_before: vec![0.0; outputs],
            voltage: vec![0.0; units],
            burst_probability: vec![0.0; units],
            burst_rate: vec![0.0; units],
            burst_probability_before: vec![0.0; units],
            burst_rate_before: vec![0.0; units],
        }
    }

    /// Bytes that they take from the heap.
    pub(super) fn bytes(&self) -> usize {
        let Self { average_before, voltage, burst_probability, burst_rate, .. } = self;
        let before = [&self.burst_probability_before, &self.burst_rate_before];
        let now = [average_before, voltage, burst_probability, burst_rate];
        let units = now.into_iter().chain(before).map(|all| size_of_val(&all[..])).sum::<usize>();
        self.weights.bytes() + size_of::<f64>() * self.exists.len() + self.average.bytes() + units
    }

    /// Reads `v`, the output layer's event rates: g = Y ṽ, ρ = σ(g), ψ = ρ λ, with λ the layer's event rates.
    pub(super) fn run(&mut self, v: &[f64], event_rate: &[f64]) {
        self.burst_probability_before.copy_from_slice(&self.burst_probability);
        self.burst_rate_before.copy_from_slice(&self.burst_rate);
        self.average_before.copy_from_slice(self.average.values());
        self.average.advance(v);
        self.voltage.fill(0.0);
        self.weights.add_product(self.average.values(), &mut self.voltage);
        for (j, g) in self.voltage.iter().enumerate() {
            self.burst_probability[j] = sigmoid(*g);
            self.burst_rate[j] = self.burst_probability[j] * event_rate[j];
        }
    }
}
