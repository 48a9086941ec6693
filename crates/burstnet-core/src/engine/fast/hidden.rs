//! One hidden layer: its somata, its apical compartments, and the values that the layer above reads.

use std::ops::Range;

use super::bound::{Bound, STEEPEST};
use super::by_nodes::Nodes;
use super::kernels::{
    Above, Bursts, FeedbackLearning, Isa, bursts, finish_nodes, hidden_factor, learn_feedback, outer, product, rates,
    roughness, start_nodes,
};
use super::nodes::Rule;
use super::panel::{Panel, largest};
use crate::config::{FeedbackRule, HiddenRule};
use crate::engine::BLOCK;

/// The number of rows of a block's panels: the step before it, then its steps.
pub(super) const ROWS: usize = BLOCK + 1;
/// The bias of the padding, which silences a unit.
const SILENT: f32 = -1000.0;

/// The state and weights of one hidden layer. Panels have one row per step of the block.
#[derive(Clone)]
pub(super) struct Hidden {
    isa: Isa,
    pub(super) units: usize,
    /// W, units × units of the layer below; `None` for the first layer, which reads the input.
    weights: Option<Panel>,
    bias: Panel,
    /// λ, or W ṽ before λ is computed.
    pub(super) rates: Panel,
    /// The averages ṽ of these rates, as the layer above reads them.
    pub(super) average: Panel,
    pub(super) average_started: bool,
    /// Y, units × outputs.
    pub(super) feedback: Panel,
    /// A mask: 1 if a feedback connection exists, else 0.
    exists: Panel,
    pub(super) bursts: Bursts,
    /// A mask: 1 for each unit, 0 for padding.
    is_unit: Panel,
    pub(super) factor: Panel,
    weight_bound: Bound,
    bias_bound: Bound,
    feedback_bound: Bound,
    /// y and g, if they are watched.
    pub(super) voltages: Option<(Panel, Panel)>,
    row: Vec<f32>,
}

impl Hidden {
    /// Returns a layer with bias (units), feedback weights (units × outputs), and its weights (units × units below)
    /// unless it is the first.
    pub(super) fn new(isa: Isa, weights: Option<Panel>, bias: &[f32], feedback: Panel, watched: bool) -> Self {
        let units = bias.len();
        let panel = || Panel::zeros(units, ROWS);
        let mut biases = Panel::zeros(units, 1);
        biases.data_mut().iter_mut().for_each(|vector| vector.0.fill(SILENT));
        bias.iter().enumerate().for_each(|(j, b)| biases.set(j, 0, *b));
        let exists = |j: usize, k: usize| if feedback.at(j, k) == 0.0 { 0.0 } else { 1.0 };
        Self {
            isa,
            units,
            weight_bound: Bound::new(weights.as_ref().map_or(0.0, Panel::largest)),
            bias_bound: Bound::new(largest(bias)),
            feedback_bound: Bound::new(feedback.largest()),
            row: vec![0.0; weights.as_ref().map_or(0, Panel::rows)],
            weights,
            bias: biases,
            rates: panel(),
            average: panel(),
            average_started: false,
            exists: Panel::from_fn(units, feedback.rows(), exists),
            feedback,
            bursts: Bursts { probability: panel(), rate: panel() },
            is_unit: Panel::from_fn(units, 1, |_, _| 1.0),
            factor: Panel::zeros(units, 1),
            voltages: watched.then(|| (panel(), panel())),
        }
    }

    /// Returns the bytes that it takes from the heap.
    pub(super) fn bytes(&self) -> usize {
        let Self { bias, rates, average, feedback, exists, bursts, is_unit, factor, .. } = self;
        let panels = [bias, rates, average, feedback, exists, &bursts.probability, &bursts.rate, is_unit, factor];
        let voltages = self.voltages.iter().flat_map(|(somatic, apical)| [somatic, apical]);
        let panels = panels.into_iter().chain(&self.weights).chain(voltages);
        panels.map(Panel::bytes).sum::<usize>() + size_of_val(&self.row[..])
    }

    /// Makes row `last` of the previous block the row 0 of this one.
    pub(super) fn carry_over(&mut self, last: usize) {
        let Self { rates, average, bursts, voltages, .. } = self;
        for panel in [rates, average, &mut bursts.probability, &mut bursts.rate] {
            panel.copy_row(last, 0);
        }
        if let Some((somatic, apical)) = voltages {
            somatic.copy_row(last, 0);
            apical.copy_row(last, 0);
        }
    }

    /// Computes W ṽ at `rows`, with ṽ of the layer below.
    pub(super) fn products(&mut self, below: &Self, rows: Range<usize>) {
        if let Some(weights) = &self.weights {
            let to = rows.start;
            product(self.isa, weights, below.units, &below.average, rows, &mut self.rates, to, false);
        }
    }

    /// Turns W ṽ into event rates at `rows`. `above_runs` tells whether the layer above runs, and `starts_at_first`
    /// whether its average starts as the first value that it reads.
    pub(super) fn fire(&mut self, rows: Range<usize>, above_runs: bool, starts_at_first: bool) {
        if above_runs && !self.average_started {
            self.average_started = true;
            if starts_at_first {
                self.average.copy_row_of(&self.rates, rows.start - 1, rows.start - 1);
            }
        }
        let above = Above { average: &mut self.average, advances: above_runs };
        let voltage = self.voltages.as_mut().map(|(somatic, _)| somatic);
        rates(self.isa, &mut self.rates, rows, &self.bias, Some(above), voltage);
    }

    /// Writes ṽ at the step after `row` into row 0 of `nodes`.
    pub(super) fn start_nodes(&self, row: usize, nodes: &mut Panel) {
        start_nodes(self.isa, &self.average, &self.rates, row, nodes);
    }

    /// Turns W ṽ into event rates at the nodes. Returns their doubt, as root mean square over units, unless every step
    /// is a node.
    pub(super) fn fire_nodes(&self, nodes: &mut Nodes, rule: &Rule) -> Option<f64> {
        let Nodes { values, voltages, .. } = nodes;
        rates(self.isa, values, 1..1 + rule.lags.len(), &self.bias, None, voltages.as_mut());
        let doubtful = !rule.doubt.is_empty();
        doubtful.then(|| (f64::from(roughness(self.isa, values, &rule.doubt)) / self.units as f64).sqrt())
    }

    /// Computes the rates and averages at a segment's last two steps from those at its nodes, and writes them into the
    /// row before `row` and into `row`.
    pub(super) fn finish_nodes(&mut self, nodes: &Nodes, rule: &Rule, row: usize) {
        finish_nodes(self.isa, &nodes.values, &rule.average, row, &mut self.rates, &mut self.average);
        if let (Some((somatic, _)), Some(voltages)) = (&mut self.voltages, &nodes.voltages) {
            somatic.copy_row_of(voltages, 2, row - 1);
            somatic.copy_row_of(voltages, 1, row);
        }
    }

    /// Computes W ṽ at all steps of a segment, from row 1 on, by the nodes of the layer below.
    pub(super) fn products_by_nodes(&mut self, below: &Self, nodes: &mut Nodes, rule: &Rule) {
        let inner = 1 + rule.lags.len();
        if let (Some(weights), Some(above)) = (&self.weights, &mut nodes.above) {
            product(self.isa, weights, below.units, &nodes.values, 0..inner, above, 0, false);
            product(self.isa, above, inner, &rule.columns, 0..rule.steps, &mut self.rates, 1, false);
        }
    }

    /// Keeps the somata unchanged at `row`.
    pub(super) fn rest(&mut self, row: usize) {
        self.rates.copy_row(row - 1, row);
        self.average.copy_row(row - 1, row);
        if let Some((somatic, _)) = &mut self.voltages {
            somatic.copy_row(row - 1, row);
        }
    }

    /// Keeps the apical compartments unchanged at `row`.
    pub(super) fn rest_apical(&mut self, row: usize) {
        self.bursts.probability.copy_row(row - 1, row);
        self.bursts.rate.copy_row(row - 1, row);
        if let Some((_, apical)) = &mut self.voltages {
            apical.copy_row(row - 1, row);
        }
    }

    /// Computes burst probabilities and rates at `rows`; `averages` holds ṽ of the outputs, row after row.
    pub(super) fn burst(&mut self, averages: &[f32], rows: Range<usize>) {
        let voltage = self.voltages.as_mut().map(|(_, apical)| apical);
        bursts(self.isa, &self.feedback, averages, &self.rates, rows, &mut self.bursts, voltage);
    }

    /// Does the same while the feedback weights learn at every row. Returns the first row at which they leave their
    /// bounds, if there is one.
    pub(super) fn burst_and_learn(
        &mut self,
        rule: FeedbackRule,
        (learning_rate, keep): (f64, f32),
        averages: &[f32],
        rows: Range<usize>,
    ) -> Option<usize> {
        let most = learning_rate * STEEPEST; // per row
        let mut row = rows.start;
        while row < rows.end {
            // All at once while the bound allows; row by row where the weights have to be looked at.
            let mut bound = self.feedback_bound;
            bound.raise(most * (rows.end - row) as f64);
            let to = if bound.holds(|| f32::INFINITY) { rows.end } else { row + 1 };
            self.feedback_bound.raise(most * (to - row) as f64);
            let learning = FeedbackLearning {
                rule,
                learning_rate: learning_rate as f32,
                keep,
                weights: &mut self.feedback,
                exists: &self.exists,
                averages,
            };
            let voltage = self.voltages.as_mut().map(|(_, apical)| apical);
            learn_feedback(self.isa, learning, &self.rates, row..to, &mut self.bursts, voltage);
            if !self.feedback_bound.holds(|| self.feedback.largest()) {
                return Some(row);
            }
            row = to;
        }
        None
    }

    /// Replaces the event rates at `row` by burst rates.
    pub(super) fn generate(&mut self, row: usize) {
        self.rates.copy_row_of(&self.bursts.rate, row, row);
    }

    /// Computes the factor of each unit in learning at `row`. Returns the loss of the layer.
    pub(super) fn error(&mut self, rule: HiddenRule, learning_rate: f64, row: usize) -> f64 {
        let Self { isa, rates, bursts, is_unit, factor, .. } = self;
        let loss = hidden_factor(*isa, rule, learning_rate as f32, rates, bursts, row, is_unit, factor, 0);
        f64::from(loss) / self.units as f64
    }

    /// Adds the factor to the biases, and to the weights that read the layer below. Returns whether they stay within
    /// bounds.
    pub(super) fn learn(&mut self, below: Option<&Self>, learning_rate: f64, keep: f32, row: usize) -> bool {
        let most = learning_rate * STEEPEST;
        outer(self.isa, &self.factor, 0, &[1.0], 1.0, &mut self.bias, 0);
        self.bias_bound.raise(most);
        let mut bounded = self.bias_bound.holds(|| largest(&bias_of(&self.bias, self.units)));
        if let (Some(weights), Some(below)) = (&mut self.weights, below) {
            below.average.read_row(row, &mut self.row);
            outer(self.isa, &self.factor, 0, &self.row, keep, weights, 0);
            self.weight_bound.raise(most);
            bounded &= self.weight_bound.holds(|| weights.largest());
        }
        bounded
    }

    /// Returns W, unless the layer reads the input.
    pub(super) fn weights(&self) -> Option<&Panel> {
        self.weights.as_ref()
    }

    /// Returns b, one number per unit.
    pub(super) fn bias(&self) -> Vec<f32> {
        bias_of(&self.bias, self.units)
    }
}

fn bias_of(bias: &Panel, units: usize) -> Vec<f32> {
    (0..units).map(|j| bias.at(j, 0)).collect()
}
