//! Values of both sides of pairs of configurations, block by block: a block is a replicate, or a seed.

use burstnet_core::numbers::{Mean, Scale, difference, largest, mean};

use crate::statistics::TTest;

/// Pairs of configurations. All have values in the same blocks on both sides.
pub(super) struct Blocks {
    scale: Scale,
    /// The largest value, at the scale.
    magnitude: f64,
    /// The values of each pair on both sides, at the scale.
    pairs: Vec<[Vec<f64>; 2]>,
}

impl Blocks {
    /// Takes the values of each pair on both sides, one per block.
    pub(super) fn new(pairs: Vec<[Vec<f64>; 2]>) -> Self {
        let all = || pairs.iter().flatten().flatten().copied();
        let scale = Scale::of(all());
        let magnitude = scale.down(largest(all()));
        let pairs = pairs.iter().map(|sides| [0, 1].map(|side: usize| scale.all_down(&sides[side]))).collect();
        Self { scale, magnitude, pairs }
    }

    /// Returns the number of blocks.
    pub(super) fn blocks(&self) -> usize {
        self.pairs.first().map_or(0, |sides| sides[0].len())
    }

    fn differences(&self, pair: usize) -> impl Iterator<Item = f64> + '_ {
        let [first, second] = &self.pairs[pair];
        first.iter().zip(second).map(|(x, y)| difference(*x, *y))
    }

    /// Returns the mean difference of a pair, at the scale.
    fn of_pair(&self, pair: usize) -> f64 {
        mean(self.differences(pair)).unwrap_or_default()
    }

    /// Returns the mean difference of a pair; `None` beyond the largest number.
    pub(super) fn pair(&self, pair: usize) -> Option<f64> {
        self.scale.up(self.of_pair(pair))
    }

    /// Tests the difference of one pair, over the blocks.
    pub(super) fn test_pair(&self, pair: usize) -> TTest {
        let differences: Vec<f64> = self.differences(pair).collect();
        TTest::paired(&differences, self.magnitude).up(self.scale)
    }

    /// Tests the mean over the pairs, with the blocks as units.
    pub(super) fn test_blocks(&self) -> TTest {
        let mut means = vec![Mean::default(); self.blocks()];
        for pair in 0..self.pairs.len() {
            means.iter_mut().zip(self.differences(pair)).for_each(|(mean, difference)| mean.add(difference));
        }
        let differences: Vec<f64> = means.into_iter().filter_map(Mean::value).collect();
        TTest::paired(&differences, self.magnitude).up(self.scale)
    }

    /// Tests the mean over the pairs, with these as units.
    pub(super) fn test_pairs(&self) -> TTest {
        let differences: Vec<f64> = (0..self.pairs.len()).map(|pair| self.of_pair(pair)).collect();
        TTest::paired(&differences, self.magnitude).up(self.scale)
    }

    /// Returns the mean of one side.
    pub(super) fn mean(&self, side: usize) -> Option<f64> {
        self.scale.up(mean(self.pairs.iter().flat_map(|sides| sides[side].iter().copied()))?)
    }

    /// Returns in how many pairs the first side is smaller, and in how many it is larger.
    pub(super) fn smaller_and_larger(&self) -> (u64, u64) {
        let count = |is: fn(f64) -> bool| (0..self.pairs.len()).filter(|&pair| is(self.of_pair(pair))).count() as u64;
        (count(|x| x < 0.0), count(|x| x > 0.0))
    }

    /// Returns the pairs with the smallest and the largest difference, of equal ones the first; `None` without two pairs.
    pub(super) fn extremes(&self) -> Option<(usize, usize)> {
        let order = |a: &usize, b: &usize| self.of_pair(*a).total_cmp(&self.of_pair(*b));
        let all = || 0..self.pairs.len();
        (self.pairs.len() > 1).then_some(())?;
        Some((all().min_by(order)?, all().rev().max_by(order)?))
    }
}

/// Tests the difference of two independent sides, each with rows of values that all have the same blocks: the means over
/// the rows, with the blocks of each side as units.
pub(super) fn test_independent(sides: [&[Vec<f64>]; 2]) -> TTest {
    let scale = Scale::of(sides.iter().copied().flatten().flatten().copied());
    let means = |rows: &[Vec<f64>]| -> Vec<f64> {
        let blocks = rows.first().map_or(0, Vec::len);
        (0..blocks).filter_map(|block| mean(rows.iter().map(|row| scale.down(row[block])))).collect()
    };
    TTest::welch(&means(sides[0]), &means(sides[1])).up(scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_and_blocks() {
        let blocks =
            Blocks::new(vec![[vec![1.0, 2.0, 4.0], vec![0.0, 1.0, 1.0]], [vec![1.0, 1.0, 1.0], vec![2.0, 2.0, 3.0]]]);
        assert_eq!((blocks.blocks(), blocks.extremes(), blocks.smaller_and_larger()), (3, Some((1, 0)), (1, 1)));
        assert_eq!([blocks.mean(0), blocks.mean(1)].map(Option::unwrap), [10.0 / 6.0, 1.5]);
        assert_eq!(blocks.test_blocks(), TTest::paired(&[0.0, 0.0, 0.5], 4.0));
        assert_eq!(blocks.test_pair(0), TTest::paired(&[1.0, 1.0, 3.0], 4.0));
        assert_eq!(blocks.test_pairs(), TTest::paired(&[5.0 / 3.0, -4.0 / 3.0], 4.0));
        assert_eq!((Blocks::new(Vec::new()).test_blocks(), Blocks::new(Vec::new()).mean(0)), (TTest::default(), None));
    }

    #[test]
    fn very_large_numbers() {
        let blocks = Blocks::new(vec![[vec![1.7e308, 1.6e308], vec![-1.7e308, -1.5e308]]]);
        assert_eq!((blocks.pair(0), blocks.test_blocks().difference), (None, None));
        assert!(blocks.test_blocks().p.is_some());
        let test = test_independent([&[vec![1.7e308, 1.6e308]], &[vec![1.5e308, 1.4e308]]]);
        assert!((test.difference.unwrap() / 2e307 - 1.0).abs() < 1e-9, "{test:?}");
    }
}
