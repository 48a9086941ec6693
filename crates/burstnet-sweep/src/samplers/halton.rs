//! The Halton sequence, randomised by a permutation of the digits at each place (Owen, arXiv:1706.02808, 2017).
//!
//! Along axis j a point's number is written in base b, the j-th prime; its digits, mirrored at the point, are the
//! coordinate. Each place of each axis has a random permutation of 0..b, which also undoes the correlation that
//! neighbouring large primes would have.

use super::permutation::permuted;
use super::{Info, Point, Problem, Sampler};

/// Randomised Halton points.
pub(super) struct Halton;

/// How many axes there are primes for.
const MOST_AXES: usize = 256;

const PRIMES: [u64; MOST_AXES] = primes();

/// The largest number below 1.
const BELOW_ONE: f64 = 1.0 - f64::EPSILON / 2.0;

impl Sampler for Halton {
    fn info(&self) -> &'static Info {
        &Info {
            name: "halton",
            what: "a Halton sequence",
            source: Some("Halton, Numer. Math. 2:84–90, 1960; Owen, arXiv:1706.02808, 2017"),
            needs_trials: true,
            indexed: true,
            ranges: true,
            most_axes: MOST_AXES,
            most_objectives: usize::MAX,
            distinct: false,
            extends: true,
            settings: &[],
        }
    }

    fn point(&self, problem: &Problem<'_>, index: u64) -> Option<Point> {
        let coordinate = |axis: usize| {
            let base = *PRIMES.get(axis)?;
            let key = problem.stream("halton", axis as u64).integer();
            Some(mirrored(base, index, |place, digit| permuted(base, key.wrapping_add(place), digit)))
        };
        (0..problem.axes.len()).map(coordinate).collect()
    }
}

/// The coordinate of the sequence itself.
#[cfg(test)]
pub(super) fn plain(axis: usize, index: u64) -> f64 {
    mirrored(PRIMES[axis], index, |_, digit| digit)
}

/// The digits of `index` in this base, each changed by `change` given its place, mirrored at the point: as many as fit
/// into 63 bits, zeros after the last of them included, since they are changed too.
fn mirrored(base: u64, index: u64, change: impl Fn(u64, u64) -> u64) -> f64 {
    let (mut rest, mut sum, mut all) = (index, 0, 1);
    for place in 0.. {
        if all > (1 << 63) / base {
            break;
        }
        sum = sum * base + change(place, rest % base);
        rest /= base;
        all *= base;
    }
    (sum as f64 / all as f64).min(BELOW_ONE)
}

const fn primes() -> [u64; MOST_AXES] {
    let mut found = [2; MOST_AXES];
    let (mut count, mut candidate) = (1, 3);
    while count < MOST_AXES {
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
}
