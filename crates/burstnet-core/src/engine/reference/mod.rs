//! The reference engine: the network in float64, one step after the other. It is the plain program against which
//! everything else is checked, so it prefers to be read.

mod apical;
mod average;
mod connections;
mod layer;
mod runner;

use ndarray::Array1;

use crate::config::{FeedbackRule, RunConfig};
use crate::divergence::{Divergence, Quantity};
use crate::observer::{HiddenState, HiddenStates};
use crate::plasticity::{Bursts, burst_change, feedback_error, slope};
use crate::timing::Timing;
use crate::weights::{WeightRows, Weights};
use apical::Apical;
use layer::Layer;
pub use runner::Runner;

/// The tasks of a step besides computing rates.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request {
    /// True if weights may change.
    pub learn: bool,
    /// True if the output is nudged towards the target.
    pub taught: bool,
    /// True if burst rates replace the hidden layers' event rates (generative mode).
    pub generate: bool,
}

/// A network and its state.
#[derive(Clone, Debug)]
pub struct Network {
    /// Units of each layer, the inputs first.
    sizes: Vec<usize>,
    timing: Timing,
    plasticity: crate::config::Plasticity,
    rates: crate::config::LearningRate,
    layers: Vec<Layer>,
    apical: Vec<Apical>,
    /// The input of the step before.
    input_before: Vec<f64>,
    taught_before: bool,
    feedback_ran: bool,
    feedback_ran_before: bool,
    /// The step to come, s.
    step: u64,
    /// Losses of this step, one per weight layer, where it learned.
    losses: Vec<Option<f64>>,
    factor: Vec<f64>,
}

impl Network {
    /// A network at rest: all rates and burst probabilities are 0 until their stage first runs.
    pub fn new(config: &RunConfig, weights: &Weights) -> Self {
        let timing = Timing::new(config.network.dynamics, weights.forward.len());
        let first = timing.average_starts_at_first_value();
        let widest = config.network.layers[1..].iter().copied().max().unwrap_or(0);
        Self {
            sizes: config.network.layers.clone(),
            timing,
            plasticity: config.plasticity.clone(),
            rates: config.learning_rate.clone(),
            layers: weights.forward.iter().zip(&weights.bias).map(|(w, b)| Layer::new(w, b, first)).collect(),
            apical: weights.feedback.iter().map(|y| Apical::new(y, first)).collect(),
            input_before: vec![0.0; config.inputs()],
            taught_before: false,
            feedback_ran: false,
            feedback_ran_before: false,
            step: 0,
            losses: vec![None; weights.forward.len()],
            factor: vec![0.0; widest],
        }
    }

    /// Bytes that it takes from the heap.
    pub(super) fn bytes(&self) -> usize {
        let layers = self.layers.iter().map(Layer::bytes).sum::<usize>() + size_of_val(&self.layers[..]);
        let apical = self.apical.iter().map(Apical::bytes).sum::<usize>() + size_of_val(&self.apical[..]);
        let rates = size_of_val(&self.rates.hidden[..]) + size_of_val(&self.rates.feedback[..]);
        let rows = size_of_val(&self.input_before[..]) + size_of_val(&self.losses[..]) + size_of_val(&self.factor[..]);
        layers + apical + rates + rows + size_of_val(&self.sizes[..])
    }

    /// Shows the network one step: input `x`, `target`, and `t`, the index within the sequence. The numbers in the
    /// comments are those of `docs/model.md`.
    ///
    /// # Errors
    /// If a weight left its bounds or a loss is not finite.
    pub fn step(&mut self, x: &[f64], target: &[f64], t: u64, request: Request) -> Result<(), Divergence> {
        self.losses.fill(None);
        self.run_forward(x, target, t, request.taught); // 1, 2
        self.run_feedback(t); // 3
        if request.learn && self.feedback_ran {
            self.learn_feedback()?; // 4
        }
        if request.generate && self.feedback_ran {
            for (layer, apical) in self.layers.iter_mut().zip(&self.apical) {
                layer.rate.copy_from_slice(&apical.burst_rate); // 5
            }
        }
        if request.learn {
            self.learn_hidden()?; // 6
            self.learn_output(target, request.taught)?; // 7
        }
        self.input_before.copy_from_slice(x);
        self.taught_before = request.taught;
        self.step += 1;
        Ok(())
    }

    /// From the output layer down, so that every layer reads the one below as the step before left it.
    fn run_forward(&mut self, x: &[f64], target: &[f64], t: u64, taught: bool) {
        for m in (0..self.layers.len()).rev() {
            let (below, from_here) = self.layers.split_at_mut(m);
            let layer = &mut from_here[0];
            if !self.timing.forward_runs(m, self.step, t) {
                layer.rest();
                continue;
            }
            match below.last() {
                Some(below) => layer.run(&below.rate),
                None if self.timing.input_is_delayed() => layer.run(&self.input_before),
                None => layer.run(x),
            }
        }
        if let Some(output) = self.layers.last_mut()
            && output.ran
            && taught
        {
            output.nudge(target);
        }
    }

    fn run_feedback(&mut self, t: u64) {
        self.feedback_ran_before = self.feedback_ran;
        self.feedback_ran = self.timing.feedback_runs(self.step, t);
        if !self.feedback_ran {
            return;
        }
        let (hidden, output) = self.layers.split_at(self.apical.len());
        // Feedback runs only where the output layer does, so `rate_before` is its rate at the step before.
        let v = if self.timing.feedback_is_delayed() { &output[0].rate_before } else { &output[0].rate };
        for (apical, layer) in self.apical.iter_mut().zip(hidden) {
            apical.run(v, &layer.rate);
        }
    }

    fn learn_feedback(&mut self) -> Result<(), Divergence> {
        let rule = self.plasticity.feedback_rule;
        for (m, apical) in self.apical.iter_mut().enumerate() {
            let rate = self.rates.feedback[m];
            if rate == 0.0 {
                continue;
            }
            let factor = &mut self.factor[..apical.voltage.len()];
            for (j, factor) in factor.iter_mut().enumerate() {
                let now = Bursts {
                    event_rate: self.layers[m].rate[j],
                    burst_probability: apical.burst_probability[j],
                    burst_rate: apical.burst_rate[j],
                };
                *factor = rate * feedback_error(rule, now);
            }
            let average = match rule {
                FeedbackRule::Gradient | FeedbackRule::Ungated => apical.average.values(),
                FeedbackRule::GatedPrevious => &apical.average_before,
            };
            let bounded = apical.weights.learn_where(&apical.exists, factor, average, self.plasticity.weight_decay);
            ensure(bounded, self.step, m, Quantity::FeedbackWeight)?;
        }
        Ok(())
    }

    fn learn_hidden(&mut self) -> Result<(), Divergence> {
        if !self.timing.hidden_learns(self.taught_before, self.feedback_ran, self.feedback_ran_before) {
            return Ok(());
        }
        for (m, apical) in self.apical.iter().enumerate() {
            let layer = &mut self.layers[m];
            let factor = &mut self.factor[..layer.rate.len()];
            let mut loss = 0.0;
            for (j, factor) in factor.iter_mut().enumerate() {
                let now = Bursts {
                    event_rate: layer.rate[j],
                    burst_probability: apical.burst_probability[j],
                    burst_rate: apical.burst_rate[j],
                };
                let before = Bursts {
                    event_rate: layer.rate_before[j],
                    burst_probability: apical.burst_probability_before[j],
                    burst_rate: apical.burst_rate_before[j],
                };
                let change = burst_change(self.plasticity.hidden_rule, now, before);
                *factor = self.rates.hidden[m] * (change * slope(before.event_rate));
                let difference = now.burst_probability - before.burst_probability;
                loss += difference * difference;
            }
            let loss = loss / factor.len() as f64;
            ensure(loss.is_finite(), self.step, m, Quantity::Loss)?;
            self.losses[m] = Some(loss);
            let bounded = layer.learn(factor, self.plasticity.weight_decay);
            ensure(bounded, self.step, m, Quantity::Weight)?;
        }
        Ok(())
    }

    fn learn_output(&mut self, target: &[f64], taught: bool) -> Result<(), Divergence> {
        let m = self.layers.len() - 1;
        let output = &mut self.layers[m];
        if !self.timing.output_learns(taught, output.ran, output.ran_before) {
            return Ok(());
        }
        let factor = &mut self.factor[..output.rate.len()];
        let mut loss = 0.0;
        for (k, factor) in factor.iter_mut().enumerate() {
            let (now, before) = (output.rate[k], output.rate_before[k]);
            *factor = self.rates.output * ((now - before) * slope(before));
            loss += (target[k] - before) * (target[k] - before);
        }
        let loss = loss / factor.len() as f64;
        ensure(loss.is_finite(), self.step, m, Quantity::Loss)?;
        self.losses[m] = Some(loss);
        let bounded = output.learn(factor, self.plasticity.weight_decay);
        ensure(bounded, self.step, m, Quantity::Weight)
    }

    /// The number of steps so far, which is the next step's s.
    pub fn steps(&self) -> u64 {
        self.step
    }

    /// The losses of the last step, one per weight layer; none where the layer did not learn.
    pub fn losses(&self) -> &[Option<f64>] {
        &self.losses
    }

    /// Event rates of the output units.
    pub fn output(&self) -> &[f64] {
        &self.layers[self.layers.len() - 1].rate
    }

    /// Number of hidden layers.
    pub fn hidden_layers(&self) -> usize {
        self.apical.len()
    }

    /// The weights as they stand.
    pub fn weights(&self) -> Weights {
        Weights::new(
            self.layers.iter().map(|layer| layer.weights.to_matrix()).collect(),
            self.layers.iter().map(|layer| Array1::from(layer.bias.clone())).collect(),
            self.apical.iter().map(|apical| apical.weights.to_matrix()).collect(),
        )
    }
}

impl HiddenStates for Network {
    fn hidden(&self, m: usize) -> HiddenState<'_> {
        HiddenState {
            event_rate: &self.layers[m].rate,
            burst_probability: &self.apical[m].burst_probability,
            burst_rate: &self.apical[m].burst_rate,
            apical_voltage: &self.apical[m].voltage,
            somatic_voltage: &self.layers[m].voltage,
        }
    }
}

/// The weights as they stand.
impl WeightRows for Network {
    fn layers(&self) -> &[usize] {
        &self.sizes
    }

    fn forward(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        self.layers[layer].weights.each_row(row);
    }

    fn bias(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        row(&self.layers[layer].bias);
    }

    fn feedback(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        self.apical[layer].weights.each_row(row);
    }
}

fn ensure(holds: bool, step: u64, layer: usize, quantity: Quantity) -> Result<(), Divergence> {
    if holds { Ok(()) } else { Err(Divergence { step, layer, quantity }) }
}
