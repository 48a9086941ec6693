//! When each stage of a step runs and what it reads: every difference between the two published timings.
//!
//! A network of M weight layers shows step s = 0, 1, 2, …; t is the index within the sequence. `docs/model.md` draws
//! both timings.

use crate::config::Dynamics;

/// The timing of a network.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    dynamics: Dynamics,
    weight_layers: u64,
}

impl Timing {
    /// The timing of a network of `weight_layers` (M) layers of weights.
    pub fn new(dynamics: Dynamics, weight_layers: usize) -> Self {
        Self { dynamics, weight_layers: weight_layers as u64 }
    }

    /// Returns whether the first layer reads the input of the step before, rather than this step's.
    pub fn input_is_delayed(self) -> bool {
        self.dynamics == Dynamics::Pipelined
    }

    /// Returns whether feedback reads the output of the step before, rather than this step's.
    pub fn feedback_is_delayed(self) -> bool {
        self.dynamics == Dynamics::Pipelined
    }

    /// Returns whether a smoothing average starts as the first value it reads, rather than at 0.
    pub fn average_starts_at_first_value(self) -> bool {
        self.dynamics == Dynamics::Pipelined
    }

    /// Returns whether weight layer `layer` (0 first hidden, M − 1 output) computes its rates.
    pub fn forward_runs(self, layer: usize, s: u64, t: u64) -> bool {
        match self.dynamics {
            Dynamics::Pipelined => s > layer as u64,
            Dynamics::Original2017 => t > layer as u64,
        }
    }

    /// Returns whether feedback reaches the hidden layers.
    pub fn feedback_runs(self, s: u64, t: u64) -> bool {
        match self.dynamics {
            Dynamics::Pipelined => s > self.weight_layers,
            Dynamics::Original2017 => t >= self.weight_layers + 2,
        }
    }

    /// Returns whether hidden layers learn, given whether the step before was taught and when feedback ran.
    pub fn hidden_learns(self, taught_before: bool, feedback_ran: bool, feedback_ran_before: bool) -> bool {
        let comparable = match self.dynamics {
            Dynamics::Pipelined => feedback_ran_before,
            Dynamics::Original2017 => true, // compares with what was kept from the previous epoch
        };
        taught_before && feedback_ran && comparable
    }

    /// Returns whether the output layer learns, given whether this step is taught and when the layer ran.
    pub fn output_learns(self, taught: bool, ran: bool, ran_before: bool) -> bool {
        taught
            && match self.dynamics {
                Dynamics::Pipelined => ran && ran_before,
                Dynamics::Original2017 => ran || self.weight_layers == 1,
            }
    }

    /// Returns whether some stage may start to run, or rest, at this step or the next. From then on, within a sequence,
    /// all gates stay as they are.
    pub fn may_start(self, s: u64, t: u64) -> bool {
        let gate = match self.dynamics {
            Dynamics::Pipelined => s,
            Dynamics::Original2017 => t,
        };
        gate < self.weight_layers + 2
    }
}
