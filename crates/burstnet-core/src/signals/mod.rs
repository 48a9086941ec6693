//! The signals that the network is shown: sequences of inputs and targets.

mod oscillators;
mod sinusoids;
pub mod smoothing_spline;
mod xor_classes;

use std::collections::TryReserveError;
use std::sync::Arc;

use ndarray::{Array2, ArrayView2};

use crate::arrays::{numbers, of_rows, row};
use crate::config::{self, RunConfig, SignalKind};
use xor_classes::XorClasses;

/// Channels one after the other, (n, steps), as a matrix (steps, n).
fn by_step(n: usize, channels: &[f64], steps: usize) -> Result<Array2<f64>, TryReserveError> {
    let mut data = Vec::new();
    crate::room::ask(|| data.try_reserve_exact(n * steps))?;
    data.extend((0..steps).flat_map(|t| (0..n).map(move |channel| channels[channel * steps + t])));
    Ok(of_rows(steps, n, data))
}

/// One sequence, step by step.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    inputs: Array2<f64>,
    targets: Array2<f64>,
}

impl Sequence {
    /// A sequence of zeros.
    pub fn zeros(steps: usize, inputs: usize, targets: usize) -> Self {
        Self { inputs: Array2::zeros((steps, inputs)), targets: Array2::zeros((steps, targets)) }
    }

    /// A sequence from channels one after the other: `inputs` is (n_in, steps), `targets` (n_out, steps).
    ///
    /// # Errors
    /// If it does not fit into memory: how long files are is up to others.
    pub fn from_channels(
        n_in: usize,
        inputs: &[f64],
        n_out: usize,
        targets: &[f64],
        steps: usize,
    ) -> Result<Self, TryReserveError> {
        Ok(Self { inputs: by_step(n_in, inputs, steps)?, targets: by_step(n_out, targets, steps)? })
    }

    /// Returns the inputs, (steps, input channels).
    pub fn inputs(&self) -> ArrayView2<'_, f64> {
        self.inputs.view()
    }

    /// Returns the targets, (steps, output units).
    pub fn targets(&self) -> ArrayView2<'_, f64> {
        self.targets.view()
    }

    /// Number of steps.
    pub fn steps(&self) -> usize {
        self.inputs.nrows()
    }

    /// Input x at step `t`, one number per channel.
    pub fn input(&self, t: usize) -> &[f64] {
        row(&self.inputs, t)
    }

    /// The largest absolute value of an input.
    pub fn largest_input(&self) -> f64 {
        let mut largest = [0.0_f64; 8];
        for chunk in numbers(&self.inputs).chunks(8) {
            for (largest, x) in largest.iter_mut().zip(chunk) {
                let x = x.abs();
                *largest = if x > *largest { x } else { *largest };
            }
        }
        largest.into_iter().fold(0.0, f64::max)
    }

    /// Target at step `t`, one number per output unit.
    pub fn target(&self, t: usize) -> &[f64] {
        row(&self.targets, t)
    }
}

/// A set of sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// The sequences that are learned.
    Training,
    /// The sequences of the test; the training sequences themselves unless the signals have examples apart.
    Test,
}

/// The sequences of one seed: a pure function of the configuration's signals, its numbers of inputs and outputs, its
/// files and the seed, to be shared by all runs that agree on these.
#[derive(Clone, Debug)]
pub struct Signals {
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    /// Kept as they are.
    Kept(Arc<Vec<Sequence>>),
    /// Rendered from their parameters each time they are shown, since a hundred of them do not fit a cache.
    Classes(Arc<XorClasses>),
}

impl Signals {
    /// Returns the sequences from files, if there are some, or else those that `seed` gives.
    pub fn prepare(config: &RunConfig, from_files: Option<&Arc<Vec<Sequence>>>, seed: u64) -> Self {
        let source = match (from_files, config.signals.kind) {
            (Some(sequences), _) => Source::Kept(Arc::clone(sequences)),
            (None, SignalKind::XorClasses) => Source::Classes(Arc::new(XorClasses::draw(config, seed))),
            (None, SignalKind::Sinusoids | SignalKind::Files) => {
                Source::Kept(Arc::new(vec![sinusoids::draw(config, seed)]))
            }
        };
        Self { source }
    }

    /// Number of sequences in a set.
    pub fn count(&self, set: Set) -> usize {
        match &self.source {
            Source::Kept(sequences) => sequences.len(),
            Source::Classes(classes) => classes.count(set),
        }
    }

    /// Steps of each sequence.
    pub fn steps(&self) -> usize {
        match &self.source {
            Source::Kept(sequences) => sequences[0].steps(),
            Source::Classes(classes) => classes.steps(),
        }
    }

    /// The class that sequence `index` of a set is an example of, where there are classes.
    pub fn class(&self, set: Set, index: usize) -> Option<usize> {
        match &self.source {
            Source::Kept(_) => None,
            Source::Classes(classes) => Some(classes.class(set, index)),
        }
    }

    /// Returns whether the training sequences come in a new random order in every epoch.
    pub fn shuffles(&self) -> bool {
        matches!(self.source, Source::Classes(_))
    }

    /// Returns whether the test sequences are others than the training sequences.
    pub fn has_test_set(&self) -> bool {
        matches!(self.source, Source::Classes(_))
    }

    /// Bytes that are kept in memory.
    pub fn bytes(&self) -> usize {
        match &self.source {
            Source::Kept(sequences) => {
                sequences.iter().map(|one| 8 * one.steps() * (one.inputs.ncols() + one.targets.ncols())).sum()
            }
            Source::Classes(classes) => classes.bytes(),
        }
    }

    /// Sequence `index` of a set, rendered into `buffer` where it is not kept.
    pub fn sequence<'a>(&'a self, set: Set, index: usize, buffer: &'a mut Option<Sequence>) -> &'a Sequence {
        match &self.source {
            Source::Kept(sequences) => &sequences[index],
            Source::Classes(classes) => {
                let sequence = buffer.get_or_insert_with(|| classes.blank());
                classes.render(set, index, sequence);
                sequence
            }
        }
    }
}

impl config::Signals {
    /// Number of training sequences of generated signals.
    pub fn training_sequences(&self) -> usize {
        match self.kind {
            SignalKind::XorClasses => self.classes * self.examples_per_class,
            SignalKind::Sinusoids | SignalKind::Files => 1,
        }
    }

    /// Steps of all training sequences of generated signals.
    pub fn generated_steps(&self) -> u64 {
        self.length as u64 * self.training_sequences() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_that_does_not_fit_into_memory_is_an_error() {
        assert!(Sequence::from_channels(1 << 60, &[], 1, &[], 1).is_err());
        let sequence = Sequence::from_channels(2, &[1.0, 2.0, 3.0, 4.0], 1, &[0.0, 1.0], 2).unwrap();
        assert_eq!((sequence.input(0), sequence.input(1)), (&[1.0, 3.0][..], &[2.0, 4.0][..]));
    }
}
