//! The weights of a network, row by row.

use std::cell::OnceCell;

use super::panel::Panel;
use super::{Network, Stimulus};
use crate::weights::WeightRows;

impl WeightRows for Network {
    fn layers(&self) -> &[usize] {
        &self.layers
    }

    fn forward(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        let (inputs, units) = (self.layers[layer], self.layers[layer + 1]);
        match (layer, self.hidden.get(layer)) {
            (0, _) => first_layer(self, self.input.weights(), row),
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

/// The weights of a network in the middle of a run. Those that read the input are brought up to date in a copy, when
/// they are first requested.
pub(super) struct Glance<'a> {
    network: &'a Network,
    stimulus: &'a Stimulus,
    first: OnceCell<Panel>,
}

impl<'a> Glance<'a> {
    pub(super) fn of(network: &'a Network, stimulus: &'a Stimulus) -> Self {
        Self { network, stimulus, first: OnceCell::new() }
    }
}

impl WeightRows for Glance<'_> {
    fn layers(&self) -> &[usize] {
        &self.network.layers
    }

    fn forward(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        if layer == 0 {
            let settled = || self.network.input.settled(self.stimulus);
            first_layer(self.network, self.first.get_or_init(settled), row);
        } else {
            self.network.forward(layer, row);
        }
    }

    fn bias(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        self.network.bias(layer, row);
    }

    fn feedback(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        self.network.feedback(layer, row);
    }
}

fn first_layer(network: &Network, weights: &Panel, row: &mut dyn FnMut(&[f64])) {
    each_row(network.layers[1], network.layers[0], |j, i| weights.at(j, i), row);
}

/// Shows the rows in float64. Processors differ in the bits of values that are not numbers, so these get the same bits
/// here.
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
