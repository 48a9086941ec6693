//! The weights of a network, row by row.

use super::Network;
use crate::weights::WeightRows;

impl WeightRows for Network {
    fn layers(&self) -> &[usize] {
        &self.layers
    }

    fn forward(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        let (inputs, units) = (self.layers[layer], self.layers[layer + 1]);
        match (layer, self.hidden.get(layer)) {
            (0, _) => each_row(units, inputs, |j, i| self.input.weights().at(j, i), row),
            (_, Some(hidden)) => {
                if let Some(weights) = hidden.weights() {
                    each_row(units, inputs, |j, i| weights.at(j, i), row);
                }
            }
            (_, None) => {
                if let Some(weights) = self.output.weights() {
                    each_row(units, inputs, |k, j| weights.at(j, k), row);
                }
            }
        }
    }

    fn bias(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        let bias = match self.hidden.get(layer) {
            Some(hidden) => hidden.bias(),
            None => self.output.bias().to_vec(),
        };
        each_row(1, bias.len(), |_, j| bias[j], row);
    }

    fn feedback(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        let feedback = &self.hidden[layer].feedback;
        each_row(self.layers[layer + 1], feedback.rows(), |j, k| feedback.at(j, k), row);
    }
}

/// Rows in float64. Processors differ in the bits of what is not a number, so it gets the same ones here.
fn each_row(rows: usize, columns: usize, element: impl Fn(usize, usize) -> f32, row: &mut dyn FnMut(&[f64])) {
    let mut numbers = vec![0.0; columns];
    for r in 0..rows {
        for (c, number) in numbers.iter_mut().enumerate() {
            let x = element(r, c);
            *number = if x.is_nan() { f64::NAN } else { f64::from(x) };
        }
        row(&numbers);
    }
}
