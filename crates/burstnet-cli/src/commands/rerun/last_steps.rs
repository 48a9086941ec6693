//! The last steps of a run that diverges: rates, losses and the size of the weights.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use burstnet_core::config::{Configuration, Value};
use burstnet_core::divergence::{Divergence, Quantity};
use burstnet_core::observer::{Observer, StepView};
use burstnet_core::weights::WeightRows;
use serde::Serialize;

use crate::terminal::{Look, table};
use crate::text::{short, wrapped};

/// The steps that are shown.
const STEPS: u64 = 8;
/// The weight layers that are shown: those around the one that diverged.
const LAYERS: usize = 3;

/// A step.
#[derive(Clone, Debug, Serialize)]
pub(super) struct LastStep {
    step: u64,
    taught: Option<bool>,
    /// The largest event rate of each layer that is shown, after the step.
    largest_rate: Vec<Option<f64>>,
    /// The mean of these rates.
    mean_rate: Vec<Option<f64>>,
    /// The loss of each layer, where it learned.
    loss: Vec<Option<f64>>,
    /// The Frobenius norm of each W after the step, where it may have changed.
    norm: Vec<Option<f64>>,
}

/// Watches the last steps of a run that is known to diverge.
pub(super) struct LastSteps {
    at: Divergence,
    /// The weight layers that are shown.
    layers: Vec<usize>,
    /// Weight layers of the network.
    all: usize,
    steps: VecDeque<LastStep>,
}

impl LastSteps {
    /// Returns a watcher of a run of a network with these layers, which diverges there.
    pub(super) fn new(at: Divergence, layers: &[usize]) -> Self {
        let all = layers.len() - 1;
        let first = at.layer.saturating_sub(1).min(all.saturating_sub(LAYERS));
        Self { at, layers: (first..all.min(first + LAYERS)).collect(), all, steps: VecDeque::new() }
    }

    fn is_last(&self, step: u64) -> bool {
        step + STEPS > self.at.step && step <= self.at.step
    }

    /// Returns the row of a step, a new one if there is none yet.
    fn row(&mut self, step: u64) -> &mut LastStep {
        let at = match self.steps.iter().position(|one| one.step >= step) {
            Some(at) if self.steps[at].step == step => at,
            other => {
                let none = || vec![None; self.layers.len()];
                let row = LastStep {
                    step,
                    taught: None,
                    largest_rate: none(),
                    mean_rate: none(),
                    loss: none(),
                    norm: none(),
                };
                let at = other.unwrap_or(self.steps.len());
                self.steps.insert(at, row);
                at
            }
        };
        &mut self.steps[at]
    }

    fn norms(&self, weights: &dyn WeightRows) -> Vec<Option<f64>> {
        let norm = |layer: &usize| {
            let mut sum = 0.0;
            weights.forward(*layer, &mut |row| sum += row.iter().map(|x| x * x).sum::<f64>());
            Some(sum.sqrt()).filter(|norm: &f64| norm.is_finite())
        };
        self.layers.iter().map(norm).collect()
    }

    /// Takes the weights with which the run ended.
    pub(super) fn ended(mut self, weights: &dyn WeightRows) -> Self {
        let (norm, step) = (self.norms(weights), self.at.step);
        self.row(step).norm = norm;
        self
    }

    /// Returns the learning rate that moved what diverged, and half of it; `None` if it is 0.
    pub(super) fn half_the_rate(&self, configuration: &Configuration) -> Option<(&'static str, String)> {
        let key = match self.at.quantity {
            Quantity::FeedbackWeight => "learning_rate.feedback",
            Quantity::Weight | Quantity::Loss | Quantity::TestError if self.at.layer + 1 < self.all => {
                "learning_rate.hidden"
            }
            Quantity::Weight | Quantity::Loss | Quantity::TestError => "learning_rate.output",
        };
        Some((key, half(configuration.get(key))?))
    }

    /// Returns the steps.
    pub(super) fn rows(&self) -> Vec<&LastStep> {
        self.steps.iter().collect()
    }

    /// Returns a table of the steps.
    pub(super) fn for_people(&self) -> String {
        let name = |layer: usize| if layer + 1 == self.all { "output".to_owned() } else { format!("hidden {layer}") };
        let mut header = vec!["step".to_owned()];
        header.extend(self.layers.iter().map(|layer| format!("{} rate", name(*layer))));
        header.extend(self.layers.iter().map(|layer| format!("loss {layer}")));
        header.extend(self.layers.iter().map(|layer| format!("|W_{layer}|")));
        let number = |x: &Option<f64>| x.map_or(String::new(), |x| format!("{x:.3}")).to_owned();
        let figure =
            |x: &Option<f64>| x.map_or(String::new(), |x| if x.abs() < 1e4 { short(x) } else { format!("{x:.2e}") });
        let row = |one: &LastStep| {
            let taught = if one.taught == Some(true) { "*" } else { "" };
            let mut cells = vec![format!("{}{taught}", one.step)];
            cells.extend(one.mean_rate.iter().map(number));
            cells.extend(one.loss.iter().map(figure));
            cells.extend(one.norm.iter().map(figure));
            cells
        };
        let rows: Vec<Vec<String>> = self.steps.iter().map(row).collect();
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        let text = "The last steps before it diverged: mean event rates, losses of the weight layers that learned, and the \
                    norms of their weights. Taught steps have a *.";
        format!("{}\n{}", wrapped(text, "", Look::of_output().width), table(&header, &rows, 0))
    }
}

impl Observer for LastSteps {
    fn step(&mut self, view: &StepView<'_>) -> ControlFlow<()> {
        if !self.is_last(view.step) {
            return ControlFlow::Continue(());
        }
        let (layers, all) = (self.layers.clone(), self.all);
        let row = self.row(view.step);
        row.taught = Some(view.taught);
        for (at, layer) in layers.into_iter().enumerate() {
            let rates = if layer + 1 == all { view.output } else { view.states.hidden(layer).event_rate };
            let finite = |x: f64| x.is_finite().then_some(x);
            row.mean_rate[at] = finite(rates.iter().sum::<f64>() / rates.len().max(1) as f64);
            row.largest_rate[at] = finite(rates.iter().copied().fold(f64::NEG_INFINITY, f64::max));
        }
        ControlFlow::Continue(())
    }

    fn learned(&mut self, step: u64, layer: usize, loss: f64) {
        if self.is_last(step)
            && let Some(at) = self.layers.iter().position(|own| *own == layer)
        {
            self.row(step).loss[at] = loss.is_finite().then_some(loss);
        }
    }

    fn wants_weights(&self, steps: u64) -> bool {
        steps > 0 && self.is_last(steps - 1)
    }

    fn weights(&mut self, steps: u64, weights: &dyn WeightRows) {
        let norm = self.norms(weights);
        self.row(steps - 1).norm = norm;
    }
}

/// Returns a learning rate that is not 0, and half of it: that of the hidden layers first.
pub(super) fn half_of_a_rate(configuration: &Configuration) -> Option<(&'static str, String)> {
    let half = |key: &'static str| Some((key, half(configuration.get(key))?));
    half("learning_rate.hidden").or_else(|| half("learning_rate.output"))
}

/// Returns half of a learning rate, or of those of all layers; `None` if it is 0.
fn half(value: &Value) -> Option<String> {
    match value {
        Value::List(rates) => {
            let halves: Option<Vec<f64>> = rates.iter().map(|rate| Some(rate.as_f64()? / 2.0)).collect();
            halves.filter(|halves| halves.iter().any(|rate| *rate > 0.0)).map(|halves| format!("{halves:?}"))
        }
        value => value.as_f64().filter(|rate| *rate > 0.0).map(|rate| format!("{:?}", rate / 2.0)),
    }
}
