//! Rules without rounds: what is decided on a configuration follows from the results of those before it, a fixed number
//! of places behind, and not from which of the others has ended by now.

use std::ops::Range;

use super::{Outcomes, Stopped};
use crate::search::bounds::Merit;

/// A step of a configuration: it runs these replicates up to a rung.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The configuration.
    pub config_id: u64,
    /// The replicates.
    pub replicates: Range<u64>,
    /// The number of the rung, from 0.
    pub rung: usize,
    /// Its place among the steps at this rung, by which the race finds it again.
    pub place: u64,
}

/// The decisions of a race.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// The steps that may start now, in running order.
    pub due: Vec<Step>,
    /// The configurations that go no further.
    pub stopped: Vec<Stopped>,
}

/// A race in progress without rounds. It is over when it has ended, no step runs and none is due.
pub trait OpenRace: Send {
    /// Adds the next configuration that takes part. When it enters makes no difference to what is decided.
    fn enter(&mut self, config_id: u64);

    /// Notes that no other configuration takes part.
    fn end(&mut self);

    /// Takes in a step whose outcomes are all known. The order of the calls makes no difference to what is decided.
    fn note(&mut self, step: &Step, outcomes: &Outcomes);

    /// Returns everything that can be decided since the last call.
    fn decide(&mut self) -> Decided;
}

/// A result that can be sorted: the order of these pairs of numbers is that of violations, and then of losses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ranked(i64, i64);

impl Ranked {
    pub(super) fn new(loss: f64) -> Self {
        Self::by(Merit { violation: 0.0, loss })
    }

    pub(super) fn by(merit: Merit) -> Self {
        let ordered = |x: f64| flipped(x.to_bits() as i64);
        Self(ordered(merit.violation), ordered(merit.loss))
    }

    pub(super) fn loss(self) -> f64 {
        f64::from_bits(flipped(self.1) as u64)
    }
}

/// Turns the bits of a number into an integer of the same order, and back.
fn flipped(bits: i64) -> i64 {
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_keep_their_order_and_their_bits() {
        let losses = [f64::NEG_INFINITY, -2.5, -0.0, 0.0, 1e-300, 3.0, f64::INFINITY];
        assert!(losses.windows(2).all(|pair| Ranked::new(pair[0]) < Ranked::new(pair[1])));
        assert!(losses.iter().all(|loss| Ranked::new(*loss).loss().to_bits() == loss.to_bits()));
    }
}
