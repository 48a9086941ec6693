//! The fast engine: the network in float32, many steps at a time.
//!
//! Weights change only where a layer learns: the output layer at taught steps, hidden layers a step later, all known
//! beforehand. Between such steps nothing a layer computes depends on what the layers above do, so each layer runs
//! over a whole segment of steps before the next one does. Segments end where hidden layers learn, where a stage starts
//! to run, and with every block of 64 steps.

mod bound;
mod hidden;
mod input_layer;
pub mod kernels;
mod output;
mod panel;
mod states;
mod stimulus;

use std::ops::Range;
use std::sync::Arc;

use super::{BLOCK, Engine, Spectator, Visit, Wants};
use crate::config::{self, RunConfig};
use crate::divergence::{Divergence, Quantity};
use crate::engine::End;
use crate::timing::Timing;
use crate::weights::WeightRows;
use bound::Bound;
use hidden::{Hidden, ROWS, STEEPEST};
use input_layer::InputLayer;
use kernels::Isa;
use output::Output;
use panel::Panel;
use states::States;
use stimulus::Shown;

pub use stimulus::Stimulus;

/// A network, its state, and what it is shown.
pub struct Network {
    layers: Vec<usize>,
    stimulus: Arc<Stimulus>,
    timing: Timing,
    plasticity: config::Plasticity,
    rates: config::LearningRate,
    input: InputLayer,
    /// The largest input.
    amplitude: f64,
    input_bound: Bound,
    hidden: Vec<Hidden>,
    output: Output,
    /// Without hidden layers: products of the output layer's weights with the input, and its factors.
    direct: Panel,
    direct_factor: Panel,
    /// The step to come, s.
    step: u64,
    /// Steps of the block before.
    last_row: usize,
    taught_before: bool,
    feedback_ran: bool,
    output_ran: bool,
    states: States,
}

/// What is shown, and how.
#[derive(Clone, Copy)]
struct Scene<'a> {
    stimulus: &'a Stimulus,
    shown: &'a Shown,
    visit: &'a Visit<'a>,
}

/// A segment: steps of a sequence, and the rows of the block that they are.
#[derive(Clone)]
struct Segment {
    block: usize,
    /// The block's first step.
    start: usize,
    steps: Range<usize>,
}

impl Segment {
    fn rows(&self) -> Range<usize> {
        self.steps.start - self.start + 1..self.steps.end - self.start + 1
    }
}

impl Network {
    /// A network at rest. `taught` is the fraction of the steps that are taught, and `watched` tells whether anybody will look at the states of its hidden units.
    pub fn new(
        config: &RunConfig,
        weights: &dyn WeightRows,
        stimulus: Arc<Stimulus>,
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
            input: InputLayer::new(isa, dynamics, first, (layers[1], layers[0]), &stimulus, (taught, decays)),
            states: States::new(&layers),
            output: Output::new(isa, output, bias(depth)),
            direct: Panel::zeros(products, ROWS),
            direct_factor: Panel::zeros(products, 1),
            layers,
            hidden,
            stimulus,
            step: 0,
            last_row: 0,
            taught_before: false,
            feedback_ran: false,
            output_ran: false,
        }
    }

    fn sequence(&mut self, scene: Scene<'_>, spectator: &mut dyn Spectator) -> Result<(), End> {
        let Scene { stimulus, shown, visit } = scene;
        self.input.begin(shown, stimulus);
        for (block, start) in (0..shown.steps).step_by(BLOCK).enumerate() {
            let end = shown.steps.min(start + BLOCK);
            self.begin_block(shown, block);
            let mut from = start;
            while from < end {
                let to = self.segment_end(visit, from, end);
                let segment = Segment { block, start, steps: from..to };
                let divergence = self.segment(scene, &segment, spectator);
                let until = divergence.map_or(to, |found| to - (self.step - found.step) as usize);
                self.show(shown, visit, &segment, from..until, spectator)?;
                if let Some(divergence) = divergence {
                    self.step = divergence.step; // the run ends there, wherever the segment does
                    return Err(End::Diverged(divergence));
                }
                from = to;
            }
            self.input.end_block();
            self.last_row = end - start;
            spectator.advanced(self.step)?;
        }
        self.input.end(shown);
        Ok(())
    }

    fn begin_block(&mut self, shown: &Shown, block: usize) {
        for hidden in &mut self.hidden {
            hidden.carry_over(self.last_row);
        }
        self.output.carry_over(self.last_row);
        let products = self.hidden.first_mut().map_or(&mut self.direct, |first| &mut first.rates);
        self.input.begin_block(shown, block, products);
    }

    /// Where the segment that starts at step `from` of a sequence ends: after one step where a stage may start to run,
    /// or where bursts replace events; else after the next step at which hidden layers learn.
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

    /// Runs a segment. Where something leaves its bounds, the first; the segment is then run to its end all the same.
    fn segment(&mut self, scene: Scene<'_>, segment: &Segment, spectator: &mut dyn Spectator) -> Option<Divergence> {
        let Scene { shown, visit, .. } = scene;
        let first = self.step; // all gates are the same at every step of a segment
        let t = segment.steps.start as u64;
        self.run_hidden(shown, segment, t);
        let by_output = self.run_output(scene, segment, t, spectator);
        let ran_before = if segment.steps.len() > 1 { self.timing.feedback_runs(first, t) } else { self.feedback_ran };
        self.feedback_ran = self.timing.feedback_runs(first, t);
        self.step = first + segment.steps.len() as u64;
        let last = segment.steps.end - 1;
        let taught_before = if segment.steps.len() > 1 { visit.is_taught(last - 1) } else { self.taught_before };
        self.taught_before = visit.is_taught(last);
        let learns = visit.learn
            && !self.hidden.is_empty()
            && self.timing.hidden_learns(taught_before, self.feedback_ran, ran_before);
        let by_feedback = self.run_feedback(visit, segment, shown.steps, learns, ran_before);
        let by_hidden = if learns { self.learn_hidden(scene, segment, spectator) } else { None };
        // What comes first: by step, and within a step by the order of the stages.
        [by_feedback, by_hidden, by_output].into_iter().flatten().min_by_key(|divergence| divergence.step)
    }

    /// Hidden layers from the lowest to the highest.
    fn run_hidden(&mut self, shown: &Shown, segment: &Segment, t: u64) {
        let rows = segment.rows();
        for m in 0..self.hidden.len() {
            if !self.timing.forward_runs(m, self.step, t) {
                rows.clone().for_each(|row| self.hidden[m].rest(row));
                continue;
            }
            let above_runs = self.timing.forward_runs(m + 1, self.step, t);
            let (below, from_here) = self.hidden.split_at_mut(m);
            let layer = &mut from_here[0];
            match below.last() {
                Some(below) => layer.products(below, rows.clone()),
                None => self.input.products(shown, segment.block, rows.start - 1..rows.end - 1, &mut layer.rates),
            }
            layer.fire(rows.clone(), above_runs, self.timing.average_starts_at_first_value());
        }
    }

    /// The output layer, and its learning: up to each taught step in turn.
    fn run_output(
        &mut self,
        scene: Scene<'_>,
        segment: &Segment,
        t: u64,
        spectator: &mut dyn Spectator,
    ) -> Option<Divergence> {
        let Scene { shown, visit, .. } = scene;
        let layer = self.hidden.len();
        let runs = self.timing.forward_runs(layer, self.step, t);
        let mut divergence = None;
        let mut from = segment.steps.start;
        while from < segment.steps.end {
            let taught = (from..segment.steps.end).find(|step| visit.is_taught(*step));
            let to = taught.map_or(segment.steps.end, |taught| taught + 1);
            let rows = from - segment.start + 1..to - segment.start + 1;
            if runs {
                match self.hidden.last() {
                    Some(last) => self.output.run(&last.average, rows.clone()),
                    None => {
                        let steps = rows.start - 1..rows.end - 1;
                        self.input.products(shown, segment.block, steps, &mut self.direct);
                        self.output.run_on_products(&self.direct, rows.clone());
                    }
                }
            } else {
                rows.clone().for_each(|row| self.output.rest(row));
            }
            if let Some(taught) = taught {
                let row = rows.end - 1;
                if runs {
                    self.output.nudge(row, shown.target(taught));
                }
                let ran_before = if rows.len() > 1 || from > segment.steps.start { runs } else { self.output_ran };
                if visit.learn && self.timing.output_learns(true, runs, ran_before) {
                    let step = self.step + (taught - segment.steps.start) as u64;
                    let found = self.learn_output(scene, segment, (row, step), runs, spectator);
                    divergence = divergence.or(found);
                }
            }
            from = to;
        }
        self.output_ran = runs;
        divergence
    }

    fn learn_output(
        &mut self,
        scene: Scene<'_>,
        segment: &Segment,
        (row, step): (usize, u64),
        ran: bool,
        spectator: &mut dyn Spectator,
    ) -> Option<Divergence> {
        let Scene { stimulus, shown, .. } = scene;
        let target = shown.target(segment.start + row - 1);
        let layer = self.hidden.len();
        let learning_rate = self.rates.output;
        let keep = self.keep();
        let loss = self.output.error(learning_rate, row, target, ran);
        if !loss.is_finite() {
            return Some(Divergence { step, layer, quantity: Quantity::Loss });
        }
        spectator.learned(step, layer, loss);
        let average = self.hidden.last().map(|last| &last.average);
        let mut bounded = self.output.learn(average, learning_rate, keep, row);
        if self.hidden.is_empty() {
            self.output.factor_column(&mut self.direct_factor);
            let at = (segment.block, row - 1);
            self.input.learn(shown, at, (&self.direct_factor, keep), &mut self.direct);
            bounded &= self.input_bounded(learning_rate, stimulus);
        }
        (!bounded).then_some(Divergence { step, layer, quantity: Quantity::Weight })
    }

    /// Feedback, and its learning. Burst probabilities are computed at all steps if something needs them, else only
    /// where hidden layers learn.
    fn run_feedback(
        &mut self,
        visit: &Visit<'_>,
        segment: &Segment,
        steps: usize,
        learns: bool,
        ran_before: bool,
    ) -> Option<Divergence> {
        let rows = segment.rows();
        if !self.feedback_ran {
            for row in rows {
                self.output.rest_average(row);
                self.hidden.iter_mut().for_each(|hidden| hidden.rest_apical(row));
            }
            return None;
        }
        let starts_at_first = self.timing.average_starts_at_first_value();
        self.output.average(rows.clone(), self.timing.feedback_is_delayed(), starts_at_first);
        let keep = self.keep();
        let generates = visit.generates(segment.steps.start);
        let mut divergence: Option<Divergence> = None;
        for (m, hidden) in self.hidden.iter_mut().enumerate() {
            let averages = &self.output.averages;
            let learning_rate = self.rates.feedback[m];
            if visit.learn && learning_rate > 0.0 {
                let rule = self.plasticity.feedback_rule;
                if let Some(row) = hidden.burst_and_learn(rule, (learning_rate, keep), averages, rows.clone()) {
                    let step = self.step - (rows.end - row) as u64;
                    let found = Divergence { step, layer: m, quantity: Quantity::FeedbackWeight };
                    divergence = divergence.filter(|first| first.step <= step).or(Some(found));
                }
            } else if generates || visit.wants == Wants::States {
                hidden.burst(averages, rows.clone());
            } else if learns {
                let before = usize::from(ran_before);
                hidden.burst(averages, rows.end - 1 - before..rows.end);
            } else if segment.steps.end == steps {
                hidden.burst(averages, rows.end - 1..rows.end); // kept while the stage rests
            }
            if generates {
                hidden.generate(rows.start);
            }
        }
        divergence
    }

    fn learn_hidden(
        &mut self,
        scene: Scene<'_>,
        segment: &Segment,
        spectator: &mut dyn Spectator,
    ) -> Option<Divergence> {
        let Scene { stimulus, shown, .. } = scene;
        let row = segment.rows().end - 1;
        let step = self.step - 1;
        let keep = self.keep();
        let rule = self.plasticity.hidden_rule;
        for m in 0..self.hidden.len() {
            let learning_rate = self.rates.hidden[m];
            let (below, from_here) = self.hidden.split_at_mut(m);
            let layer = &mut from_here[0];
            let loss = layer.error(rule, learning_rate, row);
            if !loss.is_finite() {
                return Some(Divergence { step, layer: m, quantity: Quantity::Loss });
            }
            spectator.learned(step, m, loss);
            if learning_rate == 0.0 && keep == 1.0 {
                continue; // nothing would change
            }
            let mut bounded = layer.learn(below.last(), learning_rate, keep, row);
            if m == 0 {
                self.input.learn(shown, (segment.block, row - 1), (&layer.factor, keep), &mut layer.rates);
                bounded &= self.input_bounded(learning_rate, stimulus);
            }
            if !bounded {
                return Some(Divergence { step, layer: m, quantity: Quantity::Weight });
            }
        }
        None
    }

    /// Whether the weights that read the input are within bounds after an update.
    fn input_bounded(&mut self, learning_rate: f64, stimulus: &Stimulus) -> bool {
        self.input_bound.raise(learning_rate * STEEPEST * self.amplitude);
        self.input_bound.holds(|| self.input.largest(stimulus))
    }

    fn keep(&self) -> f32 {
        (1.0 - self.plasticity.weight_decay) as f32
    }

    /// Shows the spectator those steps of a segment that it wants to see.
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

impl Engine for Network {
    fn show(&mut self, visit: &Visit<'_>, spectator: &mut dyn Spectator) -> Result<(), End> {
        let stimulus = Arc::clone(&self.stimulus);
        let shown = stimulus.shown(visit.set, visit.index);
        self.sequence(Scene { stimulus: &stimulus, shown, visit }, spectator)
    }

    fn steps(&self) -> u64 {
        self.step
    }

    fn settle(&mut self) {
        let stimulus = Arc::clone(&self.stimulus);
        self.input.settle(&stimulus);
    }
}

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
