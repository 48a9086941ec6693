//! The steps that are taught.

use std::sync::Arc;

use ndarray::Array2;

use crate::streams::{Purpose, Stream};

/// The taught steps of one epoch after another.
pub enum Teaching {
    /// Drawn: a step is taught if its uniform number is below the target fraction. The uniforms do not depend on the
    /// fraction and are drawn anew for every epoch, in order, so a shorter training is the beginning of a longer one.
    Drawn {
        /// The stream of the uniforms.
        stream: Box<Stream>,
        /// The fraction of the steps that are taught.
        target_fraction: f64,
    },
    /// Given: row `epoch` of a mask of shape (epochs, steps of an epoch).
    Given {
        /// The mask.
        mask: Arc<Array2<bool>>,
        /// The next epoch.
        epoch: usize,
    },
}

impl Teaching {
    /// Taught steps drawn for `seed`.
    pub fn drawn(seed: u64, target_fraction: f64) -> Self {
        Self::Drawn { stream: Box::new(Stream::new(seed, Purpose::Teaching)), target_fraction }
    }

    /// Taught steps from a mask of shape (epochs, steps of an epoch).
    pub fn given(mask: Arc<Array2<bool>>) -> Self {
        Self::Given { mask, epoch: 0 }
    }

    /// Taught steps drawn from a stream that has been drawn from.
    pub(crate) fn resumed(stream: Stream, target_fraction: f64) -> Self {
        Self::Drawn { stream: Box::new(stream), target_fraction }
    }

    /// Taught steps from a mask, of which some epochs are over.
    pub(crate) fn given_from(mask: Arc<Array2<bool>>, epochs: u64) -> Self {
        Self::Given { mask, epoch: epochs as usize }
    }

    /// The stream as it stands; none if there is a mask.
    pub(crate) fn stream(&self) -> Option<&Stream> {
        match self {
            Self::Drawn { stream, .. } => Some(stream),
            Self::Given { .. } => None,
        }
    }

    /// Fills `taught`, one element per step of the next epoch.
    pub fn next_epoch(&mut self, taught: &mut [bool]) {
        match self {
            Self::Drawn { stream, target_fraction } => taught.fill_with(|| stream.unit() < *target_fraction),
            Self::Given { mask, epoch } => {
                taught.iter_mut().zip(mask.row(*epoch)).for_each(|(taught, held)| *taught = *held);
                *epoch += 1;
            }
        }
    }
}
