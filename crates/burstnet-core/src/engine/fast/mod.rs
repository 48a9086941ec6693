//! The fast engine: the network in float32, many steps at a time.
//!
//! Weights change only where a layer learns: the output layer at taught steps, hidden layers a step later. All these
//! steps are known beforehand. Between them, the values of a layer do not depend on the layers above, so each layer
//! runs over a whole segment of steps before the next one does. Segments end where hidden layers learn and where a
//! stage starts to run.
//!
//! `Network::sequence` chooses between two ways through a segment. By its nodes (`by_nodes`), only a few of its steps
//! are computed. Step by step (`segment`) is needed if every step is required or the signals are rough; such a segment
//! also ends with every block of 64 steps.

mod bound;
mod by_nodes;
mod hidden;
mod input_layer;
pub mod kernels;
mod nodes;
mod output;
mod panel;
mod rows;
mod runner;
mod segment;
mod states;
mod stimulus;
mod vector;
mod ways;

use std::ops::Range;

use super::{BLOCK, Spectator, Visit, Wants};
use crate::config::{self, RunConfig};
use crate::engine::End;
use crate::timing::Timing;
use crate::weights::WeightRows;
use bound::Bound;
use by_nodes::Nodes;
use hidden::{Hidden, ROWS};
use input_layer::InputLayer;
use kernels::Isa;
use output::Output;
use panel::Panel;
use rows::Glance;
use segment::{Scene, Segment};
use states::States;
use stimulus::Shown;

pub use runner::Runner;
pub use stimulus::Stimulus;

/// A network and its state.
#[derive(Clone)]
pub struct Network {
    layers: Vec<usize>,
    timing: Timing,
    plasticity: config::Plasticity,
    rates: config::LearningRate,
    input: InputLayer,
    /// The largest input.
    amplitude: f64,
    input_bound: Bound,
    hidden: Vec<Hidden>,
    output: Output,
    /// The products of the output layer's weights with the input, and its factors, if there are no hidden layers.
    direct: Panel,
    direct_factor: Panel,
    /// The next step, s.
    step: u64,
    /// The number of steps of the block before.
    last_row: usize,
    taught_before: bool,
    feedback_ran: bool,
    output_ran: bool,
    /// The nodes, if segments are computed by nodes.
    nodes: Option<Nodes>,
    states: States,
}

impl Network {
    /// Returns a network at rest. `taught` is the fraction of the steps that are taught, and `watched` tells whether
    /// the states of its hidden units will be read.
    pub fn new(
        config: &RunConfig,
        weights: &dyn WeightRows,
        stimulus: &Stimulus,
        taught: f64,
        isa: Isa,
        watched: bool,
    ) -> Self {
        let dynamics = config.network.dynamics;
        let layers = weights.layers().to_vec();
        let (depth, outputs) = (layers.len() - 2, layers[layers.len() - 1]);
        let forward = |m: usize| Panel::from_rows(layers[m + 1], layers[m], |row| weights.forward(m, row));
        let bias = |m: usize| {
            let mut all = Vec::new();
            weights.bias(m, &mut |row| all.extend(row.iter().map(|b| *b as f32)));
            all
        };
        let hidden = |m: usize| {
            let feedback = Panel::from_rows(layers[m + 1], outputs, |row| weights.feedback(m, row));
            Hidden::new(isa, (m > 0).then(|| forward(m)), &bias(m), feedback, watched)
        };
        let hidden: Vec<Hidden> = (0..depth).map(hidden).collect();
        let output = (depth > 0).then(|| forward(depth).turned(outputs, layers[depth]));
        let first = forward(0);
        let decays = config.plasticity.weight_decay != 0.0;
        let products = if depth == 0 { outputs } else { 0 };
        Self {
            timing: Timing::new(dynamics, depth + 1),
            plasticity: config.plasticity.clone(),
            rates: config.learning_rate.clone(),
            amplitude: f64::from(stimulus.largest()),
            input_bound: Bound::new(first.largest()),
            input: InputLayer::new(isa, dynamics, first, (layers[1], layers[0]), stimulus, (taught, decays)),
            states: States::new(&layers),
            nodes: ways::by_nodes(depth, &config.learning_rate)
                .then(|| Nodes::new(layers[1], (depth > 1).then(|| layers[2]), outputs, watched)),
            output: Output::new(isa, output, bias(depth)),
            direct: Panel::zeros(products, ROWS),
            direct_factor: Panel::zeros(products, 1),
            layers,
            hidden,
            step: 0,
            last_row: 0,
            taught_before: false,
            feedback_ran: false,
            output_ran: false,
        }
    }

    /// Returns the bytes that it takes from the heap.
    pub(super) fn bytes(&self) -> usize {
        let rates = size_of_val(&self.rates.hidden[..]) + size_of_val(&self.rates.feedback[..]);
        let hidden = self.hidden.iter().map(Hidden::bytes).sum::<usize>() + size_of_val(&self.hidden[..]);
        let layers =
            self.input.bytes() + hidden + self.output.bytes() + self.direct.bytes() + self.direct_factor.bytes();
        layers
            + rates
            + self.nodes.as_ref().map_or(0, Nodes::bytes)
            + self.states.bytes()
            + size_of_val(&self.layers[..])
    }

    /// Returns the same network, prepared for a run in which the states of its hidden units are read or not. `None` if
    /// they are to be read but were not all computed so far.
    pub(super) fn for_eyes(mut self, watched: bool) -> Option<Self> {
        if !watched {
            self.hidden.iter_mut().for_each(|hidden| hidden.voltages = None);
            self.nodes.iter_mut().for_each(|nodes| nodes.voltages = None);
        }
        let seen = self.hidden.iter().all(|hidden| hidden.voltages.is_some());
        (seen || !watched).then_some(self)
    }

    fn sequence(&mut self, scene: Scene<'_>, spectator: &mut dyn Spectator) -> Result<(), End> {
        let Scene { stimulus, shown, visit } = scene;
        self.input.begin(shown, stimulus);
        // The step at row 1 of the panels, and the step to come.
        let (mut start, mut from) = (0, 0);
        self.carry_over(self.last_row);
        while from < shown.steps {
            let (to, segment, divergence);
            let row = from - start;
            let nodes = self.end_by_nodes(shown, visit, from);
            let nodes = nodes.and_then(|to| Some((to, self.nodes_of(shown, from..to, row)?)));
            if let Some((end, rule)) = nodes {
                to = end;
                if visit.wants == Wants::States {
                    self.show_between(scene, from..to, row, spectator)?;
                }
                segment = self.by_nodes(rule, from..to, row);
                start = segment.start;
                divergence = self.end_segment(scene, &segment, spectator);
            } else {
                to = self.segment_end(visit, from, shown.steps.min((from / BLOCK + 1) * BLOCK));
                if to - start > BLOCK || (from % BLOCK == 0 && from > start) {
                    self.carry_over(from - start);
                    start = from;
                }
                if from % BLOCK == 0 {
                    let products = self.hidden.first_mut().map_or(&mut self.direct, |first| &mut first.rates);
                    self.input.begin_block(shown, from / BLOCK, products);
                }
                segment = Segment { start, steps: from..to, outputs_known: false };
                divergence = self.segment(scene, &segment, spectator);
            }
            let until = divergence.map_or(to, |found| to - (self.step - found.step) as usize);
            let first = if nodes.is_some() { to - 2 } else { from };
            self.show(shown, visit, &segment, first..until, spectator)?;
            if let Some(divergence) = divergence {
                self.step = divergence.step; // the run ends there, wherever the segment does
                return Err(End::Diverged(divergence));
            }
            if visit.learn && spectator.wants_weights(self.step) {
                spectator.weights(self.step, &Glance::of(self, stimulus));
            }
            if from / BLOCK < to / BLOCK || to == shown.steps {
                self.input.end_block();
                spectator.advanced(self.step)?;
            }
            from = to;
        }
        self.last_row = from - start;
        self.input.end(shown);
        Ok(())
    }

    /// Makes a row of the panels their row 0.
    fn carry_over(&mut self, row: usize) {
        for hidden in &mut self.hidden {
            hidden.carry_over(row);
        }
        self.output.carry_over(row);
    }

    /// Returns the end of the segment that starts at step `from` of a sequence. It ends after one step if a stage may
    /// start to run, or if bursts replace events. Otherwise it ends after the next step at which hidden layers learn.
    fn segment_end(&self, visit: &Visit<'_>, from: usize, end: usize) -> usize {
        if visit.generates(from) || self.timing.may_start(self.step, from as u64) {
            return from + 1;
        }
        let end = visit.generate_from.map_or(end, |generate_from| end.min(generate_from));
        if visit.taught.is_empty() {
            return end;
        }
        if self.taught_before {
            return from + 1;
        }
        let next = visit.taught[from..end - 1].iter().position(|taught| *taught);
        next.map_or(end, |next| from + next + 2)
    }

    /// Shows the spectator the steps of a segment that it asks for.
    fn show(
        &mut self,
        shown: &Shown,
        visit: &Visit<'_>,
        segment: &Segment,
        steps: Range<usize>,
        spectator: &mut dyn Spectator,
    ) -> Result<(), End> {
        if visit.wants == Wants::Losses {
            return Ok(());
        }
        for t in steps {
            let step = self.step - (segment.steps.end - t) as u64;
            let row = t - segment.start + 1;
            self.states.read(&self.hidden, &self.output, shown, t, row, visit.wants == Wants::States);
            let view = visit.view(step, t as u64, &self.states.target, &self.states.output, &self.states);
            spectator.step(visit, &view)?;
        }
        Ok(())
    }
}
