//! A training between two epochs, kept in memory, from which it goes on as if it had never stopped.

use crate::config::RunConfig;
use crate::curves::CurveCollector;
use crate::engine::Snapshot;
use crate::inputs::Inputs;
use crate::streams::{Purpose, Stream};

/// The state of a training after some epochs, as it was before any test pass: all that [`crate::run::run_on`] needs to
/// go on to the bits of a run that was never interrupted.
///
/// Its network is in the coordinates and the precision of its engine, so it cannot be written down as weights. What the
/// network is shown is not in it, nor are the contents of files.
#[derive(Clone)]
pub struct Checkpoint {
    pub(crate) origin: Origin,
    pub(crate) network: Snapshot,
    pub(crate) progress: TrainingState,
    /// The stream of the taught steps; none if a mask says which they are.
    pub(crate) teaching: Option<Stream>,
    pub(crate) curves: CurveCollector,
}

impl Checkpoint {
    /// Returns how many epochs of training are over.
    pub fn epochs(&self) -> u64 {
        self.progress.epochs
    }

    /// Bytes that it keeps in memory. It shares nothing with anybody.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.origin.bytes() + self.network.bytes() + self.curves.bytes()
    }

    /// Returns whether a run of `config` and `seed` can go on from here: they are those of the training, whatever
    /// `training.epochs` it was to reach, `inputs` has as large a fraction of taught steps, and no more epochs are over
    /// than are wanted.
    pub fn fits(&self, config: &RunConfig, inputs: &Inputs, seed: u64) -> bool {
        self.misfit(config, inputs, seed).is_none()
    }

    pub(crate) fn misfit(&self, config: &RunConfig, inputs: &Inputs, seed: u64) -> Option<Misfit> {
        if self.origin != Origin::of(config, inputs, seed) {
            return Some(Misfit::Origin);
        }
        let (over, wanted) = (self.epochs(), config.training.epochs);
        (over > wanted).then_some(Misfit::Epochs { over, wanted })
    }
}

/// Why a run cannot go on from a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// It is another training's.
    #[error("the checkpoint is of another configuration, seed, or mask of taught steps")]
    Origin,
    /// It is already further.
    #[error("the checkpoint is after {over} epochs, training.epochs is {wanted}")]
    #[expect(missing_docs, reason = "the message has them")]
    Epochs { over: u64, wanted: u64 },
    /// The observer watches steps, and that of the run that made the checkpoint did not: voltages that a stage at rest
    /// keeps are known to none but those who watch.
    #[error("the checkpoint is of a run whose steps were not watched")]
    Unwatched,
}

/// Everything that the bits of a training depend on, except its length.
#[derive(Clone, PartialEq)]
pub(crate) struct Origin {
    /// With `training.epochs` 0, which no configuration has.
    config: RunConfig,
    seed: u64,
    /// The fraction of the steps that are taught, by which the fast engine chooses its coordinates.
    taught: f64,
}

impl Origin {
    pub(crate) fn of(config: &RunConfig, inputs: &Inputs, seed: u64) -> Self {
        let mut any_length = config.clone();
        any_length.training.epochs = 0;
        Self { config: any_length, seed, taught: inputs.taught_fraction(config) }
    }

    /// Bytes of its lists and paths.
    fn bytes(&self) -> usize {
        let RunConfig { network, teaching, learning_rate, signals, .. } = &self.config;
        let paths = [&signals.inputs, &signals.targets, &network.initial_weights, &teaching.mask].into_iter().flatten();
        let rates = [&learning_rate.hidden, &learning_rate.feedback].map(|rates| size_of_val(&rates[..]));
        let lists = size_of_val(&network.layers[..]) + rates.iter().sum::<usize>();
        lists + paths.map(|path| path.as_os_str().len()).sum::<usize>()
    }
}

/// The state that a training carries from epoch to epoch, besides its network, its curves and its taught steps.
#[derive(Clone)]
pub(crate) struct TrainingState {
    /// The number of epochs that are over.
    pub(crate) epochs: u64,
    /// The stream of the order of the training examples.
    pub(crate) order: Stream,
    /// The mean loss of the output layer over the last epoch.
    pub(crate) train_loss: Option<f64>,
    /// Epochs until it first fell under the threshold.
    pub(crate) epochs_to_threshold: Option<f64>,
}

impl TrainingState {
    /// Before the first epoch.
    pub(crate) fn new(seed: u64) -> Self {
        let order = Stream::new(seed, Purpose::ExampleOrder);
        Self { epochs: 0, order, train_loss: None, epochs_to_threshold: None }
    }

    /// Another epoch is over, with this loss.
    pub(crate) fn epoch_over(&mut self, train_loss: Option<f64>, threshold: Option<f64>) {
        self.epochs += 1;
        self.train_loss = train_loss;
        let under = threshold.zip(train_loss).is_some_and(|(limit, loss)| loss < limit);
        if under && self.epochs_to_threshold.is_none() {
            self.epochs_to_threshold = Some(self.epochs as f64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_may_go_to_another_thread() {
        fn sendable<T: Send>() {}
        sendable::<Checkpoint>();
    }
}
