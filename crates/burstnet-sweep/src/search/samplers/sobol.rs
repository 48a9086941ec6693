//! The Sobol' sequence (Sobol' 1967) with the directions of Joe & Kuo (SIAM J. Sci. Comput. 30:2635–2654, 2008),
//! scrambled as by Owen (1997): each binary digit of a coordinate is flipped or not, at random given the digits before
//! it.
//!
//! The flips come from a hash, as in Burley (JCGT 9(4), 2020), so that nothing is stored. Here, the hash covers the
//! whole prefix of each digit, so that the scramble is exactly Owen's. Any 2ᵐ successive points that begin at a
//! multiple of 2ᵐ remain as evenly spread as those of the sequence itself. Points come in the order of the Gray code
//! (Antonov & Saleev 1979).

use super::direction_numbers::NUMBERS;
use super::permutation::hash;
use super::{Point, PointSequence, Problem, Sampler, SamplerInfo};

/// The sampler of scrambled Sobol' points.
pub(super) struct Sobol;

/// The number of axes that there are directions for.
pub(super) const AXES: usize = NUMBERS.len() + 1;

/// The number of binary digits of a coordinate. There are 2 to this power points.
const DIGITS: u32 = 52;

impl Sampler for Sobol {
    fn info(&self) -> &'static SamplerInfo {
        &SamplerInfo {
            name: "sobol",
            what: "a Sobol' sequence",
            source: Some("Sobol', USSR Comput. Math. Math. Phys. 7:86–112, 1967; Owen, SIAM J. Numer. Anal. 34, 1997"),
            most_axes: AXES,
            ..SamplerInfo::USUAL
        }
    }

    fn sequence(&self, problem: &Problem<'_>) -> Option<Box<dyn PointSequence>> {
        Scrambled::new(problem, "sobol").map(|points| -> Box<dyn PointSequence> { Box::new(points) })
    }
}

/// Points of the scrambled sequence.
#[derive(Clone, Debug)]
pub(super) struct Scrambled {
    axes: Vec<Axis>,
}

#[derive(Clone, Debug)]
struct Axis {
    directions: [u64; DIGITS as usize],
    key: u64,
}

impl Scrambled {
    /// Returns the points with the scramble of `label`; `None` if there are more than [`AXES`] axes.
    pub(super) fn new(problem: &Problem<'_>, label: &str) -> Option<Self> {
        let scrambles = problem.streams(label);
        let axis = |at| Some(Axis { directions: directions(at)?, key: scrambles.at(at as u64).integer() });
        Some(Self { axes: (0..problem.axes.len()).map(axis).collect::<Option<_>>()? })
    }
}

impl PointSequence for Scrambled {
    /// Returns point `index`; `None` beyond 2⁵² points.
    fn point(&self, index: u64) -> Option<Point> {
        let coordinate = |axis: &Axis| Some(scrambled(digits(&axis.directions, index)?, axis.key));
        self.axes.iter().map(coordinate).collect()
    }
}

/// Returns the unscrambled coordinate.
#[cfg(test)]
pub(super) fn plain(axis: usize, index: u64) -> Option<f64> {
    Some(digits(&directions(axis)?, index)? as f64 / (1_u64 << DIGITS) as f64)
}

/// Returns the digits of the unscrambled coordinate, the first one in the highest of [`DIGITS`] bits.
fn digits(directions: &[u64; DIGITS as usize], index: u64) -> Option<u64> {
    if index >> DIGITS != 0 {
        return None;
    }
    let gray = index ^ (index >> 1);
    let used = u64::BITS - gray.leading_zeros();
    Some((0..used).filter(|at| gray >> at & 1 == 1).fold(0, |sum, at| sum ^ directions[at as usize]))
}

/// Returns the direction of each binary digit of a point's number along axis number `axis`; `None` beyond
/// [`AXES`].
fn directions(axis: usize) -> Option<[u64; DIGITS as usize]> {
    let mut found = [0; DIGITS as usize];
    let (polynomial, initial): (u64, &[u64]) = match axis {
        0 => (1, &[]),
        _ => *NUMBERS.get(axis - 1)?,
    };
    let degree = initial.len();
    for at in 0..found.len() {
        let unit = 1 << (DIGITS as usize - 1 - at);
        found[at] = match initial.get(at) {
            Some(number) => number * unit,
            None if degree == 0 => unit,
            None => {
                let first = found[at - degree];
                let terms = (1..degree).filter(|back| polynomial >> (degree - back) & 1 == 1);
                terms.fold(first ^ (first >> degree), |sum, back| sum ^ found[at - back])
            }
        };
    }
    Some(found)
}

/// Applies a nested uniform scramble: the flip of a digit depends on all digits before it. The 53rd digit is drawn.
fn scrambled(digits: u64, key: u64) -> f64 {
    let flips = (0..=DIGITS).fold(0, |flips, place| {
        let before = digits.checked_shr(DIGITS - place).unwrap_or(0);
        flips << 1 | hash(key.wrapping_add(u64::from(place)), before) >> 63
    });
    ((digits << 1) ^ flips) as f64 / (1_u64 << (DIGITS + 1)) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_points_are_those_of_the_sequence() {
        let points: Vec<_> = (0..4).map(|index| [0, 1, 2].map(|axis| plain(axis, index).unwrap())).collect();
        assert_eq!(points, [[0.0, 0.0, 0.0], [0.5, 0.5, 0.5], [0.75, 0.25, 0.25], [0.25, 0.75, 0.75]]);
        assert_eq!(plain(0, 1 << DIGITS), None);
        assert_eq!(plain(AXES, 0), None);
    }

    #[test]
    fn scrambled_points_stay_a_net() {
        for (first, second, key) in [(0, 1, 3), (1, 2, 17)] {
            let point = |index| {
                let digits = |axis| digits(&directions(axis).unwrap(), index).unwrap();
                let at = |axis| scrambled(digits(axis), key + axis as u64);
                [at(first), at(second)]
            };
            let points: Vec<[f64; 2]> = (64..128).map(point).collect();
            let strata = |axis: usize| points.iter().map(move |point| (point[axis] * 64.0) as u64);
            let one_each: std::collections::BTreeSet<u64> = strata(0).collect();
            assert_eq!(one_each.len(), 64);
            assert_eq!(strata(1).collect::<std::collections::BTreeSet<_>>().len(), 64);
        }
    }

    #[test]
    fn first_digits_of_different_prefixes_flip_independently() {
        let half = |key, digits: u64| scrambled(digits << (DIGITS - 3), key) * 8.0;
        let both: Vec<(u64, u64)> = (0..4000).map(|key| (half(key, 0) as u64 & 1, half(key, 2) as u64 & 1)).collect();
        for pair in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let count = both.iter().filter(|one| **one == pair).count();
            assert!((900..1100).contains(&count), "{pair:?}: {count}");
        }
    }
}
