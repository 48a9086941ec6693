//! Shows whole sequences to the reference engine, step after step.

use super::{Network, Request};
use crate::config::RunConfig;
use crate::engine::{BLOCK, End, Engine, Snapshot, Spectator, Visit};
use crate::signals::{Sequence, Signals};
use crate::weights::{WeightRows, Weights};

/// A network and what it is shown.
pub struct Runner {
    network: Network,
    /// The weights when the network was settled last.
    weights: Weights,
    signals: Signals,
    /// The buffer for sequences that are not kept.
    buffer: Option<Sequence>,
}

impl Runner {
    /// A network at rest.
    pub fn new(config: &RunConfig, weights: Weights, signals: Signals) -> Self {
        Self { network: Network::new(config, &weights), weights, signals, buffer: None }
    }

    /// A network in the middle of a run of these signals.
    pub fn resumed(network: Network, signals: Signals) -> Self {
        Self { weights: network.weights(), network, signals, buffer: None }
    }
}

impl Engine for Runner {
    fn show(&mut self, visit: &Visit<'_>, spectator: &mut dyn Spectator) -> Result<(), End> {
        let sequence = self.signals.sequence(visit.set, visit.index, &mut self.buffer);
        for t in 0..sequence.steps() {
            let request = Request { learn: visit.learn, taught: visit.is_taught(t), generate: visit.generates(t) };
            let step = self.network.steps();
            self.network.step(sequence.input(t), sequence.target(t), t as u64, request)?;
            for (layer, loss) in self.network.losses().iter().enumerate() {
                if let Some(loss) = loss {
                    spectator.learned(step, layer, *loss);
                }
            }
            if visit.learn && spectator.wants_weights(step + 1) {
                spectator.weights(step + 1, &self.network);
            }
            if (t + 1).is_multiple_of(BLOCK) || t + 1 == sequence.steps() {
                spectator.advanced(step + 1)?;
            }
            let output = self.network.output();
            spectator.step(visit, &visit.view(step, t as u64, sequence.target(t), output, &self.network))?;
        }
        Ok(())
    }

    fn steps(&self) -> u64 {
        self.network.steps()
    }

    fn settle(&mut self) {
        self.weights = self.network.weights();
    }

    fn glance(&self, look: &mut dyn FnMut(&dyn WeightRows)) {
        look(&self.network);
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::Reference(Box::new(self.network.clone()))
    }
}

impl WeightRows for Runner {
    fn layers(&self) -> &[usize] {
        self.weights.layers()
    }

    fn forward(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        WeightRows::forward(&self.weights, layer, row);
    }

    fn bias(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        WeightRows::bias(&self.weights, layer, row);
    }

    fn feedback(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        WeightRows::feedback(&self.weights, layer, row);
    }
}
