//! The output layer.

use std::ops::Range;

use super::bound::{Bound, STEEPEST};
use super::by_nodes::Nodes;
use super::hidden::ROWS;
use super::kernels::{Isa, lane_sums, outer, outputs_by_nodes, sigmoids};
use super::nodes::Rule;
use super::panel::{Panel, largest};
use super::vector::{LANES, Vector};

/// The state and weights of the output layer. Values per step are kept row after row, all outputs of a row together;
/// row 0 is the step before the block.
#[derive(Clone)]
pub(super) struct Output {
    isa: Isa,
    outputs: usize,
    /// W, units of the last hidden layer × outputs; `None` if the layer reads the input.
    weights: Option<Panel>,
    bias: Vec<f32>,
    voltages: Vec<f32>,
    /// λ.
    pub(super) rates: Vec<f32>,
    /// The averages ṽ of these rates, as feedback reads them.
    pub(super) averages: Vec<f32>,
    average_started: bool,
    /// λ at the step before the last at which the layer ran.
    before_last_run: Vec<f32>,
    /// The factor of each output in learning.
    factor: Vec<f32>,
    weight_bound: Bound,
    bias_bound: Bound,
    scratch: Vec<Vector>,
}

impl Output {
    /// Returns a layer with bias, and its weights (units × outputs) unless it reads the input.
    pub(super) fn new(isa: Isa, weights: Option<Panel>, bias: Vec<f32>) -> Self {
        let outputs = bias.len();
        Self {
            isa,
            outputs,
            weight_bound: Bound::new(weights.as_ref().map_or(0.0, Panel::largest)),
            bias_bound: Bound::new(largest(&bias)),
            weights,
            bias,
            voltages: vec![0.0; ROWS * outputs],
            rates: vec![0.0; ROWS * outputs],
            averages: vec![0.0; ROWS * outputs],
            average_started: false,
            before_last_run: vec![0.0; outputs],
            factor: vec![0.0; outputs],
            scratch: vec![Vector::ZERO; (ROWS * outputs).div_ceil(LANES)],
        }
    }

    /// Returns the bytes that it takes from the heap.
    pub(super) fn bytes(&self) -> usize {
        let Self { bias, voltages, rates, averages, before_last_run, factor, .. } = self;
        let rows = [bias, voltages, rates, averages, before_last_run, factor].map(|row| size_of_val(&row[..]));
        let panels = self.weights.as_ref().map_or(0, Panel::bytes);
        panels + rows.iter().sum::<usize>() + size_of_val(&self.scratch[..])
    }

    fn row(&self, row: usize) -> Range<usize> {
        row * self.outputs..(row + 1) * self.outputs
    }

    /// Makes row `last` of the previous block the row 0 of this one.
    pub(super) fn carry_over(&mut self, last: usize) {
        let last = self.row(last);
        self.rates.copy_within(last.clone(), 0);
        self.averages.copy_within(last, 0);
    }

    /// Computes λ at `rows` from ṽ of the last hidden layer (units × rows).
    pub(super) fn run(&mut self, average: &Panel, rows: Range<usize>) {
        let range = rows.start * self.outputs..rows.end * self.outputs;
        if let Some(weights) = &self.weights {
            lane_sums(self.isa, weights, average, rows.clone(), &mut self.voltages[range]);
        }
        self.fire(rows);
    }

    /// Computes λ at the last steps of a segment but one from the nodes of the hidden layer: rows 1 and 2, of which row
    /// 2 is the step that may be taught, and the average at row 1. `row` is the row of the step before the segment.
    pub(super) fn run_by_nodes(&mut self, nodes: &mut Nodes, rule: &Rule, delayed: bool, row: usize) {
        let n = self.outputs;
        let before = self.row(row);
        self.rates.copy_within(before.clone(), n);
        self.averages.copy_within(before, n);
        if delayed && rule.steps > 2 {
            for (average, rate) in self.averages[n..2 * n].iter_mut().zip(&self.rates[n..]) {
                *average = 0.5 * (*average + rate);
            }
        }
        let inner = 1 + rule.lags.len();
        let sums = &mut nodes.sums[..inner * n];
        if let Some(weights) = &self.weights {
            lane_sums(self.isa, weights, &nodes.values, 0..inner, sums);
        }
        let average = &mut self.averages[n..2 * n];
        outputs_by_nodes(self.isa, rule, delayed, sums, &self.bias, &mut nodes.outputs, average);
        let vectors = rule.steps.div_ceil(LANES);
        let at = |k: usize, j: usize| nodes.outputs[k * vectors + j / LANES].0[j % LANES];
        for k in 0..n {
            if rule.steps > 2 {
                self.rates[n + k] = at(k, rule.steps - 3);
            }
            self.rates[2 * n + k] = at(k, rule.steps - 2);
        }
    }

    /// Computes λ at `rows` from products of the weights with the input (outputs × rows).
    pub(super) fn run_on_products(&mut self, products: &Panel, rows: Range<usize>) {
        for row in rows.clone() {
            let range = self.row(row);
            products.read_row(row, &mut self.voltages[range]);
        }
        self.fire(rows);
    }

    fn fire(&mut self, rows: Range<usize>) {
        let range = rows.start * self.outputs..rows.end * self.outputs;
        for y in self.voltages[range.clone()].chunks_exact_mut(self.outputs) {
            for (y, b) in y.iter_mut().zip(&self.bias) {
                *y += b;
            }
        }
        let scratch = &mut self.scratch[..range.len().div_ceil(LANES)];
        for (vector, y) in scratch.iter_mut().zip(self.voltages[range.clone()].chunks(LANES)) {
            vector.0[..y.len()].copy_from_slice(y);
        }
        sigmoids(self.isa, scratch);
        for (vector, rates) in scratch.iter().zip(self.rates[range].chunks_mut(LANES)) {
            rates.copy_from_slice(&vector.0[..rates.len()]);
        }
        let before = self.row(rows.end - 2);
        self.before_last_run.copy_from_slice(&self.rates[before]);
    }

    /// Applies the teaching signal at `row`: λ ← ½ (λ + target).
    pub(super) fn nudge(&mut self, row: usize, target: &[f32]) {
        let range = self.row(row);
        for (rate, target) in self.rates[range].iter_mut().zip(target) {
            *rate = 0.5 * (*rate + target);
        }
    }

    /// Keeps the layer unchanged at `row`.
    pub(super) fn rest(&mut self, row: usize) {
        let before = self.row(row - 1);
        self.rates.copy_within(before, row * self.outputs);
    }

    /// Advances the average that feedback reads at `rows`: by the rates of the same row, or if `delayed` by those of
    /// the row before.
    pub(super) fn average(&mut self, rows: Range<usize>, delayed: bool, starts_at_first: bool) {
        for row in rows {
            let read = self.row(row - usize::from(delayed));
            let (before, now) = self.averages.split_at_mut(row * self.outputs);
            let before = &before[(row - 1) * self.outputs..];
            for ((now, before), v) in now.iter_mut().zip(before).zip(&self.rates[read]) {
                *now = if starts_at_first && !self.average_started { *v } else { 0.5 * (before + v) };
            }
            self.average_started = true;
        }
    }

    /// Keeps the average that feedback reads unchanged at `row`.
    pub(super) fn rest_average(&mut self, row: usize) {
        let before = self.row(row - 1);
        self.averages.copy_within(before, row * self.outputs);
    }

    /// Computes the factor of each output in learning at `row`. Returns the loss. `ran` tells whether the layer ran
    /// then.
    pub(super) fn error(&mut self, learning_rate: f64, row: usize, target: &[f32], ran: bool) -> f64 {
        let now = self.row(row);
        let before = if ran { &self.rates[self.row(row - 1)] } else { &self.before_last_run[..] };
        let mut loss = 0.0;
        for (k, (now, before)) in self.rates[now].iter().zip(before).enumerate() {
            self.factor[k] = learning_rate as f32 * ((now - before) * (before * (1.0 - before)));
            let error = f64::from(target[k]) - f64::from(*before);
            loss += error * error;
        }
        loss / self.outputs as f64
    }

    /// Adds the factor to the biases, and to the weights that read the last hidden layer. Returns whether they stay
    /// within bounds.
    pub(super) fn learn(&mut self, average: Option<&Panel>, learning_rate: f64, keep: f32, row: usize) -> bool {
        let most = learning_rate * STEEPEST;
        for (b, f) in self.bias.iter_mut().zip(&self.factor) {
            *b += f;
        }
        self.bias_bound.raise(most);
        let mut bounded = self.bias_bound.holds(|| largest(&self.bias));
        if let (Some(weights), Some(average)) = (&mut self.weights, average) {
            outer(self.isa, average, row, &self.factor, keep, weights, 0);
            self.weight_bound.raise(most);
            bounded &= self.weight_bound.holds(|| weights.largest());
        }
        bounded
    }

    /// Writes the factor of the last learning into `column`, along the lanes.
    pub(super) fn factor_column(&self, column: &mut Panel) {
        column.write_row(0, &self.factor);
    }

    /// Returns W, units × outputs, unless the layer reads the input.
    pub(super) fn weights(&self) -> Option<&Panel> {
        self.weights.as_ref()
    }

    /// Returns b, one number per output.
    pub(super) fn bias(&self) -> &[f32] {
        &self.bias
    }
}
