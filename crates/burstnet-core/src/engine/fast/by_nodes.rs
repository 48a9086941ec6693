//! Segments by their [nodes](super::nodes): the first hidden layer is computed at a few steps, and the values that
//! learning reads follow from these.
//!
//! With W₂ the weights of the layer above, W₂ ṽ(j) is linear in W₂ ṽ(0) and W₂ λ at the nodes. If that layer is the
//! output, these are a few numbers, from which all its rates in the segment follow. If it is hidden, it needs one
//! product with W₂ per node in place of one per step. Its rates are not smooth, since ṽ(0) fades by halves, and are
//! computed at every step of the window.
//!
//! The number of nodes of a segment follows from x̃, and from the values at the nodes, since the network may turn
//! smooth input into rough rates. The values that are read must hardly change when a node is left out. If they do, the
//! next level has more nodes, and after the last level every step is computed. A level stays for the segments that
//! follow, until they are much smoother than it requires.

use std::ops::Range;

use super::Network;
use super::nodes::{LEVELS, MOST_NODES, Rule, WINDOW};
use super::panel::Panel;
use super::segment::{Scene, Segment};
use super::stimulus::Shown;
use super::vector::Vector;
use crate::engine::{BLOCK, End, Spectator, Visit};

/// The change that leaving out a node may cause, as root mean square over units. The error of all nodes together is a
/// small part of it.
const TOLERANCE: f64 = 6e-6;
/// The number of successive segments that must be much smoother than required before a level with fewer nodes is tried.
const PATIENCE: u32 = 16;
/// The fraction of the tolerance at which a segment counts as much smoother than required.
const BEYOND: f64 = 1.0 / 8.0;
/// The number of steps after which a sequence's first input and the earlier sequences are forgotten; x̃ is not smooth
/// before.
const SETTLED: usize = 24;

/// The level, and memory for the values at the nodes.
#[derive(Clone)]
pub(super) struct Nodes {
    /// The number of the set of nodes; [`LEVELS`] for every step.
    level: usize,
    /// The number of successive segments that were much smoother than required, or computed at every step.
    easy: u32,
    /// The values ṽ at the segment's first step, then λ at the nodes: units × these.
    pub(super) values: Panel,
    /// The products of the second hidden layer's weights with these.
    pub(super) above: Option<Panel>,
    /// The values y at the nodes, if they are watched.
    pub(super) voltages: Option<Panel>,
    steps: Vec<usize>,
    /// The products of the output weights with these, all outputs of each value together.
    pub(super) sums: Vec<f32>,
    /// The output rates, with steps along the lanes.
    pub(super) outputs: Vec<Vector>,
}

impl Nodes {
    /// Returns nodes for a first hidden layer of `units`, a second one of `above` if there is one, and `outputs`
    /// outputs.
    pub(super) fn new(units: usize, above: Option<usize>, outputs: usize, watched: bool) -> Self {
        Self {
            level: 0,
            easy: 0,
            values: Panel::zeros(units, 1 + MOST_NODES),
            above: above.map(|units| Panel::zeros(units, 1 + MOST_NODES)),
            voltages: watched.then(|| Panel::zeros(units, 1 + MOST_NODES)),
            steps: Vec::with_capacity(MOST_NODES),
            sums: vec![0.0; (1 + MOST_NODES) * outputs],
            outputs: vec![Vector::ZERO; WINDOW.div_ceil(16) * outputs],
        }
    }

    /// Returns the bytes that they take from the heap.
    pub(super) fn bytes(&self) -> usize {
        let panels = [Some(&self.values), self.above.as_ref(), self.voltages.as_ref()];
        let panels = panels.into_iter().flatten().map(Panel::bytes).sum::<usize>();
        let rows = size_of_val(&self.sums[..]) + size_of_val(&self.outputs[..]);
        panels + rows + self.steps.capacity() * size_of::<usize>()
    }

    /// Returns whether nodes are tried at the next segment. After a rough segment, every step is computed for a while.
    fn are_tried(&mut self) -> bool {
        if self.level < LEVELS {
            return true;
        }
        self.easy += 1;
        if self.easy == PATIENCE {
            self.level -= 1;
            self.easy = 0;
        }
        self.level < LEVELS
    }

    /// Notes that a segment left `doubt` at its nodes, which are those of `level`. Returns whether that is little
    /// enough.
    fn accept(&mut self, level: usize, doubt: f64) -> bool {
        if doubt <= TOLERANCE * BEYOND {
            self.easy += 1;
            if self.easy == PATIENCE {
                self.level = self.level.saturating_sub(1);
                self.easy = 0;
            }
            return true;
        }
        self.easy = 0;
        // Also false where it is not a number.
        if doubt <= TOLERANCE {
            return true;
        }
        self.level = level + 1;
        false
    }
}

impl Network {
    /// Returns the end of the segment that starts at step `from` of a sequence, if it may be computed by nodes. `None`
    /// if every step is needed for another reason, or x̃ is not smooth.
    pub(super) fn end_by_nodes(&mut self, shown: &Shown, visit: &Visit<'_>, from: usize) -> Option<usize> {
        let learns = visit.learn && visit.generate_from.is_none() && !visit.taught.is_empty();
        if !learns || self.timing.may_start(self.step, from as u64) {
            return None;
        }
        let to = self.segment_end(visit, from, shown.steps);
        let settled = from.max(to.saturating_sub(WINDOW)) >= SETTLED;
        let smooth = shown.level(to - 1)? < LEVELS;
        let nodes = self.nodes.as_mut()?;
        (to - from >= 2 && settled && smooth && nodes.are_tried()).then_some(to)
    }

    /// Computes the nodes of a segment, and returns the rule by which the rest follows. `None` if the segment is rough
    /// and every step has to be computed. `row` is the row of the step before.
    pub(super) fn nodes_of(&mut self, shown: &Shown, steps: Range<usize>, row: usize) -> Option<&'static Rule> {
        let nodes = self.nodes.as_mut()?;
        let first = &self.hidden[0];
        first.start_nodes(row, &mut nodes.values);
        let least = shown.level(steps.end - 1)?;
        for level in nodes.level.max(least)..LEVELS {
            let rule = Rule::of(level, steps.len().min(WINDOW));
            nodes.steps.clear();
            nodes.steps.extend(rule.lags.iter().map(|lag| steps.end - 1 - lag));
            self.input.products_at(shown, &nodes.steps, &mut nodes.values, 1);
            let doubt = first.fire_nodes(nodes, rule);
            if doubt.is_none_or(|doubt| nodes.accept(level, doubt)) {
                return Some(rule);
            }
        }
        None
    }

    /// Computes from the nodes the values of a segment that learning reads: the rates of the hidden layers, and with a
    /// single hidden layer those of the output layer before the step is taught. Returns the remaining work.
    pub(super) fn by_nodes(&mut self, rule: &Rule, steps: Range<usize>, row: usize) -> Segment {
        if let ([hidden], Some(nodes)) = (&mut self.hidden[..], &mut self.nodes) {
            self.output.run_by_nodes(nodes, rule, self.timing.feedback_is_delayed(), row);
            hidden.finish_nodes(nodes, rule, 3);
            self.step += (steps.len() - 2) as u64;
            return Segment { start: steps.end - 3, steps: steps.end - 2..steps.end, outputs_known: true };
        }
        let rows = 1..rule.steps + 1;
        self.carry_over(row);
        let starts_at_first = self.timing.average_starts_at_first_value();
        for m in 0..self.hidden.len() {
            let (below, from_here) = self.hidden.split_at_mut(m);
            let layer = &mut from_here[0];
            match (m, below.last(), &mut self.nodes) {
                (0, _, Some(nodes)) => layer.finish_nodes(nodes, rule, rule.steps),
                (1, Some(below), Some(nodes)) => layer.products_by_nodes(below, nodes, rule),
                (_, Some(below), _) => layer.products(below, rows.clone()),
                (_, None, _) => {}
            }
            if m > 0 {
                layer.fire(rows.clone(), true, starts_at_first);
            }
        }
        let start = steps.end - rule.steps;
        self.step += (start - steps.start) as u64;
        Segment { start, steps: start..steps.end, outputs_known: false }
    }

    /// Shows the spectator all steps of a segment except the last two, with the states that computing every step gives.
    /// Leaves the network unchanged. `row` is the row of the step before.
    pub(super) fn show_between(
        &mut self,
        scene: Scene<'_>,
        steps: Range<usize>,
        row: usize,
        spectator: &mut dyn Spectator,
    ) -> Result<(), End> {
        let Scene { shown, visit, .. } = scene;
        let kept = (self.hidden.clone(), self.output.clone(), self.input.kept(), self.step);
        self.carry_over(row);
        let (delayed, starts_at_first) =
            (self.timing.feedback_is_delayed(), self.timing.average_starts_at_first_value());
        for start in (steps.start..steps.end - 2).step_by(BLOCK) {
            let segment = Segment { start, steps: start..(start + BLOCK).min(steps.end - 2), outputs_known: false };
            let rows = 1..segment.steps.len() + 1;
            self.run_hidden(shown, &segment, start as u64);
            if let Some(last) = self.hidden.last() {
                self.output.run(&last.average, rows.clone());
            }
            self.output.average(rows.clone(), delayed, starts_at_first);
            for hidden in &mut self.hidden {
                hidden.burst(&self.output.averages, rows.clone());
            }
            self.step += segment.steps.len() as u64;
            self.show(shown, visit, &segment, segment.steps.clone(), spectator)?;
            self.carry_over(segment.steps.len());
        }
        let input;
        (self.hidden, self.output, input, self.step) = kept;
        self.input.put_back(input);
        Ok(())
    }
}
