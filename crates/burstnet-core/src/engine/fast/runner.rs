//! The runner, which shows whole sequences to the fast engine.

use std::sync::Arc;

use super::rows::Glance;
use super::segment::Scene;
use super::{Network, Stimulus};
use crate::engine::{End, Engine, Snapshot, Spectator, Visit};
use crate::weights::WeightRows;

/// A network and its stimulus.
pub struct Runner {
    network: Network,
    stimulus: Arc<Stimulus>,
}

impl Runner {
    /// Returns a runner of a network that was made for this stimulus.
    pub fn new(network: Network, stimulus: Arc<Stimulus>) -> Self {
        Self { network, stimulus }
    }
}

impl Engine for Runner {
    fn show(&mut self, visit: &Visit<'_>, spectator: &mut dyn Spectator) -> Result<(), End> {
        let shown = self.stimulus.shown(visit.set, visit.index);
        self.network.sequence(Scene { stimulus: &self.stimulus, shown, visit }, spectator)
    }

    fn steps(&self) -> u64 {
        self.network.step
    }

    fn settle(&mut self) {
        self.network.input.settle(&self.stimulus);
    }

    fn glance(&self, look: &mut dyn FnMut(&dyn WeightRows)) {
        look(&Glance::of(&self.network, &self.stimulus));
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::Fast(Box::new(self.network.clone()))
    }
}

impl WeightRows for Runner {
    fn layers(&self) -> &[usize] {
        self.network.layers()
    }

    fn forward(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        self.network.forward(layer, row);
    }

    fn bias(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        self.network.bias(layer, row);
    }

    fn feedback(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        self.network.feedback(layer, row);
    }
}
