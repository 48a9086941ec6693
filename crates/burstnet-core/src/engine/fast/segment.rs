//! One segment: each layer over all its steps, from the lowest to the highest, then the learning at its end.

use std::ops::Range;

use super::Network;
use super::bound::STEEPEST;
use super::stimulus::{Shown, Stimulus};
use crate::divergence::{Divergence, Quantity};
use crate::engine::{Spectator, Visit, Wants};

/// The sequence that is shown, and the settings of its showing.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) stimulus: &'a Stimulus,
    pub(super) shown: &'a Shown,
    pub(super) visit: &'a Visit<'a>,
}

/// A segment: steps of a sequence, and the corresponding rows of the panels.
#[derive(Clone)]
pub(super) struct Segment {
    /// The step at row 1.
    pub(super) start: usize,
    pub(super) steps: Range<usize>,
    /// True if the output rates of the first step are already computed.
    pub(super) outputs_known: bool,
}

impl Segment {
    fn rows(&self) -> Range<usize> {
        self.steps.start - self.start + 1..self.steps.end - self.start + 1
    }
}

impl Network {
    /// Runs a segment. Returns the first divergence, if there is one; the segment is run to its end in any case.
    pub(super) fn segment(
        &mut self,
        scene: Scene<'_>,
        segment: &Segment,
        spectator: &mut dyn Spectator,
    ) -> Option<Divergence> {
        self.run_hidden(scene.shown, segment, segment.steps.start as u64);
        self.end_segment(scene, segment, spectator)
    }

    /// Runs the rest of a segment whose hidden layers are already computed.
    pub(super) fn end_segment(
        &mut self,
        scene: Scene<'_>,
        segment: &Segment,
        spectator: &mut dyn Spectator,
    ) -> Option<Divergence> {
        let Scene { shown, visit, .. } = scene;
        let first = self.step; // all gates are the same at every step of a segment
        let t = segment.steps.start as u64;
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

    /// Runs the hidden layers from the lowest to the highest.
    pub(super) fn run_hidden(&mut self, shown: &Shown, segment: &Segment, t: u64) {
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
                None => self.input.products(shown, segment.steps.clone(), &mut layer.rates, rows.start),
            }
            layer.fire(rows.clone(), above_runs, self.timing.average_starts_at_first_value());
        }
    }

    /// Runs the output layer and its learning: up to each taught step in turn.
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
                    Some(_) if segment.outputs_known && to == segment.steps.start + 1 => {}
                    Some(last) => self.output.run(&last.average, rows.clone()),
                    None => {
                        self.input.products(shown, from..to, &mut self.direct, rows.start);
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
            let at = segment.start + row - 1;
            self.input.learn(shown, at, (&self.direct_factor, keep), &mut self.direct);
            bounded &= self.input_bounded(learning_rate, stimulus);
        }
        (!bounded).then_some(Divergence { step, layer, quantity: Quantity::Weight })
    }

    /// Runs the feedback and its learning. Computes burst probabilities at all steps if they are needed, else only
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
                self.input.learn(shown, segment.steps.end - 1, (&layer.factor, keep), &mut layer.rates);
                bounded &= self.input_bounded(learning_rate, stimulus);
            }
            if !bounded {
                return Some(Divergence { step, layer: m, quantity: Quantity::Weight });
            }
        }
        None
    }

    /// Returns whether the weights that read the input are within bounds after an update.
    fn input_bounded(&mut self, learning_rate: f64, stimulus: &Stimulus) -> bool {
        self.input_bound.raise(learning_rate * STEEPEST * self.amplitude);
        self.input_bound.holds(|| self.input.largest(stimulus))
    }

    fn keep(&self) -> f32 {
        (1.0 - self.plasticity.weight_decay) as f32
    }
}
