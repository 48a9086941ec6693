//! Gathers what a run is judged by, and passes its steps on to the observer.

use std::ops::ControlFlow;

use crate::curves::{CurveCollector, RunningMean};
use crate::engine::{End, Spectator, Visit};
use crate::observer::{Observer, Phase, StepView};
use crate::weights::WeightRows;

/// The spectator of a run.
pub(crate) struct Watch<'a> {
    pub(crate) observer: &'a mut dyn Observer,
    pub(crate) watched: bool,
    pub(crate) curves: CurveCollector,
    /// Losses of the output layer in this epoch.
    pub(crate) epoch_loss: RunningMean,
    /// Errors of the test pass, and of its current sequence.
    pub(crate) absolute: RunningMean,
    pub(crate) square: RunningMean,
    pub(crate) by_sequence: RunningMean,
    /// Errors where bursts replace events.
    pub(crate) generated: RunningMean,
}

impl<'a> Watch<'a> {
    /// Goes on with these curves; `watched` tells whether the observer looks at steps.
    pub(crate) fn new(observer: &'a mut dyn Observer, watched: bool, curves: CurveCollector) -> Self {
        let none = RunningMean::default();
        Self {
            observer,
            watched,
            curves,
            epoch_loss: none,
            absolute: none,
            square: none,
            by_sequence: none,
            generated: none,
        }
    }
}

impl Spectator for Watch<'_> {
    fn learned(&mut self, step: u64, layer: usize, loss: f64) {
        self.curves.add(step, layer, loss);
        self.observer.learned(step, layer, loss);
        if layer + 1 == self.curves.layers() {
            self.epoch_loss.add(loss);
        }
    }

    fn step(&mut self, visit: &Visit<'_>, view: &StepView<'_>) -> Result<(), End> {
        for (target, rate) in view.target.iter().zip(view.output) {
            let error = target - rate;
            match view.phase {
                Phase::Training => {}
                Phase::Test => {
                    self.absolute.add(error.abs());
                    self.square.add(error * error);
                    self.by_sequence.add(error.abs());
                }
                Phase::Generation if visit.generates(view.t as usize) => self.generated.add(error.abs()),
                Phase::Generation => {}
            }
        }
        if self.watched { unless_stopped(self.observer.step(view)) } else { Ok(()) }
    }

    fn wants_weights(&self, steps: u64) -> bool {
        self.observer.wants_weights(steps)
    }

    fn weights(&mut self, steps: u64, weights: &dyn WeightRows) {
        self.observer.weights(steps, weights);
    }

    fn advanced(&mut self, steps: u64) -> Result<(), End> {
        unless_stopped(self.observer.advanced(steps))
    }
}

fn unless_stopped(flow: ControlFlow<()>) -> Result<(), End> {
    if flow.is_break() { Err(End::Stopped) } else { Ok(()) }
}
