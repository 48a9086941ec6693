//! The growth of a difference, over epochs and passes, in bounded memory.

use serde::Serialize;

use super::Parting;
use super::stream::Place;

/// The most bins of a training.
const BINS: usize = 256;

/// Differences over a stretch of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Bin {
    /// The mean of their absolute values; `None` if nothing was compared.
    pub mean: Option<f64>,
    /// The largest absolute value, `None` also if one is not finite.
    pub largest: Option<f64>,
    /// The number of values that differ.
    pub differing: u64,
}

/// Differences over time.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Growth {
    /// Epochs that one bin of the training has. Weights between epochs count to the epoch that follows.
    pub epochs_per_bin: u64,
    /// The bins of the training.
    pub training: Vec<Bin>,
    /// The test pass.
    pub test: Bin,
    /// The generation pass.
    pub generation: Bin,
}

/// Sums of absolute differences.
#[derive(Clone, Copy, Default)]
struct Sums {
    count: u64,
    differing: u64,
    sum: f64,
    largest: f64,
}

impl Sums {
    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.differing += other.differing;
        self.sum += other.sum;
        // NaN stays.
        if other.largest > self.largest || other.largest.is_nan() {
            self.largest = other.largest;
        }
    }

    fn bin(self) -> Bin {
        let finite = |x: f64| x.is_finite().then_some(x);
        let held = self.count > 0;
        Bin {
            mean: finite(self.sum / self.count.max(1) as f64).filter(|_| held),
            largest: finite(self.largest).filter(|_| held),
            differing: self.differing,
        }
    }
}

/// The differences of a quantity, while they are taken.
pub(super) struct Grown {
    parts: Option<Parting>,
    epochs_per_bin: u64,
    training: Vec<Sums>,
    passes: [Sums; 2],
}

impl Default for Grown {
    fn default() -> Self {
        Self { parts: None, epochs_per_bin: 1, training: Vec::new(), passes: [Sums::default(); 2] }
    }
}

impl Grown {
    /// Takes the values of both runs at one place. `parting` describes the place, if they differ there for the first
    /// time.
    pub(super) fn add(&mut self, place: Place, [a, b]: [&[f64]; 2], parting: impl Fn(usize, [f64; 2]) -> Parting) {
        let mut sums = Sums { count: a.len() as u64, ..Sums::default() };
        if a != b {
            let mut most = None;
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                if a == b || (a.is_nan() && b.is_nan()) {
                    continue;
                }
                let difference = (b - a).abs();
                sums.differing += 1;
                sums.sum += difference;
                if most.is_none() || difference > sums.largest || difference.is_nan() {
                    (sums.largest, most) = (difference, Some(at));
                }
            }
            if let (None, Some(at)) = (&self.parts, most) {
                self.parts = Some(parting(at, [a[at], b[at]]));
            }
        }
        match place.epoch() {
            Some(epoch) => self.bin_of(epoch).merge(sums),
            None => self.passes[usize::from(place.phase() == burstnet_core::observer::Phase::Generation)].merge(sums),
        }
    }

    /// Returns the bin of an epoch. If there are too many, each two become one.
    fn bin_of(&mut self, epoch: u64) -> &mut Sums {
        while (epoch / self.epochs_per_bin) as usize >= BINS {
            let pair = |pair: &[Sums]| {
                let mut sums = pair[0];
                pair[1..].iter().for_each(|other| sums.merge(*other));
                sums
            };
            self.training = self.training.chunks(2).map(pair).collect();
            self.epochs_per_bin *= 2;
        }
        let at = (epoch / self.epochs_per_bin) as usize;
        if self.training.len() <= at {
            self.training.resize(at + 1, Sums::default());
        }
        &mut self.training[at]
    }

    pub(super) fn finish(self) -> (Option<Parting>, Growth) {
        let [test, generation] = self.passes.map(Sums::bin);
        let training = self.training.into_iter().map(Sums::bin).collect();
        (self.parts, Growth { epochs_per_bin: self.epochs_per_bin, training, test, generation })
    }
}
