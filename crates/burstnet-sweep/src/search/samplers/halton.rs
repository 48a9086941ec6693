//! The Halton sequence, randomised by a permutation of the digits at each place (Owen, arXiv:1706.02808, 2017).
//!
//! Along axis j, the number of a point is written in base b, the j-th prime. Its digits, mirrored at the radix point,
//! are the coordinate. Each place of each axis has a random permutation of 0..b. It also removes the correlation that
//! neighbouring large primes would otherwise have.

use std::sync::atomic::{AtomicU16, Ordering};

use super::permutation::permuted;
use super::{Point, PointSequence, Problem, Sampler, SamplerInfo};

/// The sampler of randomised Halton points.
pub(super) struct Halton;

/// The number of axes that there are primes for.
const AXES: usize = 256;

const PRIMES: [u64; AXES] = primes();

/// The largest number below 1.
const BELOW_ONE: f64 = 1.0 - f64::EPSILON / 2.0;

impl Sampler for Halton {
    fn info(&self) -> &'static SamplerInfo {
        &SamplerInfo {
            name: "halton",
            what: "a Halton sequence",
            source: Some("Halton, Numer. Math. 2:84–90, 1960; Owen, arXiv:1706.02808, 2017"),
            most_axes: AXES,
            ..SamplerInfo::USUAL
        }
    }

    fn sequence(&self, problem: &Problem<'_>) -> Option<Box<dyn PointSequence>> {
        let keys = problem.streams("halton");
        let axis = |at: usize| Some(Axis::new(*PRIMES.get(at)?, keys.at(at as u64).integer()));
        let axes = (0..problem.axes.len()).map(axis).collect::<Option<_>>()?;
        Some(Box::new(Mirrored { axes }))
    }
}

/// The sequence with its permutations.
#[derive(Debug)]
struct Mirrored {
    axes: Vec<Axis>,
}

impl PointSequence for Mirrored {
    fn point(&self, index: u64) -> Option<Point> {
        Some(self.axes.iter().map(|axis| axis.coordinate(index)).collect())
    }
}

/// An axis with the permutations of its digits. Each is computed when it is first needed.
#[derive(Debug)]
struct Axis {
    base: u64,
    key: u64,
    /// The power base^places.
    all: u64,
    /// The permuted value of each digit at each place, plus 1; 0 if it is not known yet.
    permuted: Vec<AtomicU16>,
    /// By place, the value of the digits from there on if all are zeros, which are permuted too.
    zeros: Vec<u64>,
}

impl Axis {
    fn new(base: u64, key: u64) -> Self {
        let places = places(base);
        let all = base.pow(places);
        let mut zeros = vec![0; places as usize + 1];
        let mut worth = 1;
        for place in (0..places as usize).rev() {
            zeros[place] = zeros[place + 1] + permuted(base, key.wrapping_add(place as u64), 0) * worth;
            worth *= base;
        }
        let permuted = (0..base * u64::from(places)).map(|_| AtomicU16::new(0)).collect();
        Self { base, key, all, permuted, zeros }
    }

    /// Permutes the digits of `index`, each by the permutation of its place, and mirrors them at the radix point: as
    /// many as fit into 63 bits.
    fn coordinate(&self, index: u64) -> f64 {
        let (mut rest, mut worth, mut sum, mut place) = (index, self.all, 0, 0);
        while rest > 0 && worth > 1 {
            worth /= self.base;
            sum += self.changed(place, rest % self.base) * worth;
            rest /= self.base;
            place += 1;
        }
        ((sum + self.zeros[place]) as f64 / self.all as f64).min(BELOW_ONE)
    }

    fn changed(&self, place: usize, digit: u64) -> u64 {
        let held = &self.permuted[place * self.base as usize + digit as usize];
        match held.load(Ordering::Relaxed) {
            0 => {
                let found = permuted(self.base, self.key.wrapping_add(place as u64), digit);
                held.store(found as u16 + 1, Ordering::Relaxed); // the same number, whichever thread is first
                found
            }
            found => u64::from(found) - 1,
        }
    }
}

/// Returns the number of digits in this base that fit into 63 bits.
fn places(base: u64) -> u32 {
    let (mut places, mut all) = (0, 1);
    while all <= (1 << 63) / base {
        all *= base;
        places += 1;
    }
    places
}

/// Returns the coordinate of the sequence without permutations.
#[cfg(test)]
pub(super) fn plain(axis: usize, index: u64) -> f64 {
    mirrored(PRIMES[axis], index, |_, digit| digit)
}

/// Mirrors the digits of `index` in this base at the radix point, each changed by `change`, which also gets its place.
#[cfg(test)]
fn mirrored(base: u64, index: u64, change: impl Fn(u64, u64) -> u64) -> f64 {
    let (mut rest, mut sum, mut all) = (index, 0, 1);
    for place in 0..places(base) {
        sum = sum * base + change(u64::from(place), rest % base);
        rest /= base;
        all *= base;
    }
    (sum as f64 / all as f64).min(BELOW_ONE)
}

const fn primes() -> [u64; AXES] {
    let mut found = [2; AXES];
    let (mut count, mut candidate) = (1, 3);
    while count < AXES {
        let mut at = 0;
        while at < count && candidate % found[at] != 0 {
            at += 1;
        }
        if at == count {
            found[count] = candidate;
            count += 1;
        }
        candidate += 2;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unchanged_digits_give_the_sequence() {
        assert_eq!([0, 1, 2, 3, 4].map(|index| plain(0, index)), [0.0, 0.5, 0.25, 0.75, 0.125]);
        let thirds = [1.0 / 3.0, 2.0 / 3.0, 1.0 / 9.0, 4.0 / 9.0];
        assert!(thirds.iter().zip(1..).all(|(value, index)| (plain(1, index) - value).abs() < 1e-15));
        assert_eq!(PRIMES[..6], [2, 3, 5, 7, 11, 13]);
        assert_eq!(PRIMES[255], 1619);
    }

    #[test]
    fn permutations_that_are_kept_are_those_that_are_computed() {
        let key = 0xfeed_beef_0017_c0de;
        for base in [2, 3, 7, 71, 1619] {
            let axis = Axis::new(base, key);
            for index in (0..500).chain([1 << 20, 1 << 40, (1 << 63) - 1, u64::MAX]).chain(400..500) {
                let computed = mirrored(base, index, |place, digit| permuted(base, key.wrapping_add(place), digit));
                assert_eq!(axis.coordinate(index).to_bits(), computed.to_bits(), "base {base}, {index}");
            }
        }
    }
}
