//! Permutations of any number of places, found place by place.
//!
//! A permutation of 2ᵇ × 2ᵇ numbers is a Feistel network: each round adds a hash of one half to the other half, which can
//! be undone. What comes out beyond the places is permuted again (cycle walking; Black & Rogaway 2002), at most four times
//! on average. So a plan of 10¹² trials is shuffled at the cost of one of ten.

use burstnet_core::streams::Stream;

use crate::streams::SweepPurpose;

/// The rounds. Four are a pseudorandom permutation (Luby & Rackoff 1988) with good hashes; more make up for small halves.
const ROUNDS: usize = 8;

/// A permutation for each number of places.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shuffle {
    keys: [u64; ROUNDS],
}

impl Shuffle {
    /// Returns the permutations of part `part` of a sweep with this seed.
    pub(crate) fn new(seed: u64, part: u64) -> Self {
        let mut stream = Stream::part(seed, SweepPurpose::Order, part);
        Self { keys: std::array::from_fn(|_| stream.integer()) }
    }

    /// Returns the number that comes to place `at` if `n` numbers are shuffled; `at` is below `n`.
    pub(crate) fn at(&self, at: u64, n: u64) -> u64 {
        let bits = 64 - n.saturating_sub(1).leading_zeros();
        let half = bits.div_ceil(2).max(1);
        let mut number = at;
        loop {
            number = self.once(number, half);
            if number < n {
                return number;
            }
        }
    }

    fn once(&self, number: u64, half: u32) -> u64 {
        let mask = u64::MAX >> (64 - half);
        let (mut left, mut right) = (number >> half, number & mask);
        for key in self.keys {
            (left, right) = (right, left ^ (mixed(right ^ key) & mask));
        }
        left << half | right
    }
}

/// Returns a hash of a number: the last step of SplitMix64 (Steele, Lea & Flood 2014).
fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_once() {
        let shuffle = Shuffle::new(2017, 0);
        for n in (1..200).chain([1000, 4096, 4097]) {
            let mut all: Vec<u64> = (0..n).map(|at| shuffle.at(at, n)).collect();
            assert!(n < 20 || all.windows(2).filter(|pair| pair[0] + 1 == pair[1]).count() < 10, "{n}");
            all.sort_unstable();
            assert!(all.into_iter().eq(0..n), "{n}");
        }
        let large = 1_u64 << 47;
        assert!([0, 1, large - 1].iter().all(|at| shuffle.at(*at, large) < large));
    }

    #[test]
    fn the_seed_and_the_part_decide() {
        let first = |seed, part| (0..5).map(|at| Shuffle::new(seed, part).at(at, 1000)).collect::<Vec<_>>();
        assert_eq!(first(2017, 0), first(2017, 0));
        assert!(first(2017, 0) != first(2018, 0) && first(2017, 0) != first(2017, 1));
    }

    #[test]
    fn the_first_numbers_are_spread_evenly() {
        // Of 10 × 10 × 10 numbers, the first 100 have every digit in every place, and no digit much too often.
        for seed in 0..20 {
            let shuffle = Shuffle::new(seed, 0);
            for place in [1, 10, 100] {
                let mut counts = [0; 10];
                (0..100).for_each(|at| counts[(shuffle.at(at, 1000) / place % 10) as usize] += 1);
                assert!(counts.iter().all(|count| (1..=25).contains(count)), "{seed} {place}: {counts:?}");
            }
        }
    }
}
