//! The draws of bootstraps.

use std::sync::{Arc, Mutex, PoisonError};

use burstnet_core::streams::Stream;
use burstnet_sweep::streams::SweepPurpose;

/// The draws with replacement of a sweep: which of n values are in each resample. They depend on the sweep's seed and on
/// n only, so all configurations and measures are resampled alike, and replicate by replicate.
#[derive(Debug)]
pub(crate) struct Resamples {
    seed: u64,
    /// The draws that were asked for last.
    last: Mutex<Arc<Draws>>,
}

/// Resamples of n values.
#[derive(Debug, Default)]
pub(crate) struct Draws {
    n: usize,
    places: Vec<u16>,
}

impl Resamples {
    /// Returns the draws of the sweep with this seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, last: Mutex::default() }
    }

    /// Returns the draws of `n` values: 9999 up to 100 values, 1999 up to 1000; none beyond, where Student's interval
    /// is as good, or for fewer than two.
    pub(crate) fn of(&self, n: usize) -> Arc<Draws> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.n != n {
            let times = match n {
                0 | 1 => 0,
                2..=100 => 9999,
                101..=1000 => 1999,
                _ => 0,
            };
            let mut random = Stream::part(self.seed, SweepPurpose::Bootstrap, n as u64);
            let places = (0..times * n).map(|_| random.below(n as u64) as u16).collect();
            *last = Arc::new(Draws { n, places });
        }
        Arc::clone(&last)
    }
}

impl Draws {
    /// Returns the places of the values that are drawn, resample by resample.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &[u16]> {
        self.places.chunks_exact(self.n.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_whatever_was_asked_for_before() {
        let (one, other) = (Resamples::new(2017), Resamples::new(2017));
        let first = one.of(8);
        one.of(3);
        assert_eq!((first.places.clone(), first.iter().len()), (one.of(8).places.clone(), 9999));
        assert_eq!(other.of(8).places, first.places);
        assert_ne!(Resamples::new(2018).of(8).places, first.places);
    }

    #[test]
    fn how_many_of_how_many() {
        let resamples = Resamples::new(1);
        let times = [0, 1, 2, 100, 101, 1000, 1001].map(|n| resamples.of(n).iter().len());
        assert_eq!(times, [0, 0, 9999, 9999, 1999, 1999, 0]);
        let hundred = resamples.of(100);
        let mut drawn = [0_u32; 100];
        hundred.places.iter().for_each(|&place| drawn[usize::from(place)] += 1);
        assert!(drawn.iter().all(|&times| (9500..10500).contains(&times)), "{drawn:?}");
    }
}
