//! Tests that a key, or what two keys do together, has no effect on a complete grid: analysis of variance with repeated
//! measures, in which replicates are the blocks.

use std::f64::consts::LN_2;

use burstnet_core::math::exp;
use burstnet_core::numbers::{is_rounding, largest};
use ndarray::{Array2, ArrayView1, ArrayView2};

use super::distributions::f_above;
use super::{SIGNIFICANT, at_scale};

/// No more replicates are named than so many times those that there are.
const MOST_TIMES: usize = 100;

/// The values of a complete grid, each replicate less its mean.
#[derive(Debug)]
pub(crate) struct Blocks<'a> {
    levels: &'a [usize],
    /// A row per cell, in the order of the grid, and a column per replicate.
    values: Array2<f64>,
    /// The effect of each key in each replicate, a row per level.
    of_keys: Vec<Array2<f64>>,
    /// The largest value before means were taken off, by its size.
    largest: f64,
    /// Number of further values that were equal, if all cells differ by the same amount in all replicates; else 0.
    equal: usize,
}

/// The test of one effect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Test {
    /// F, the mean square of the effect over that of its interaction with replicates; infinite without noise.
    pub(crate) f: f64,
    /// Degrees of freedom of the effect.
    pub(crate) freedom: usize,
    /// Greenhouse and Geisser's ε.
    pub(crate) epsilon: f64,
    /// The p value.
    pub(crate) p: f64,
    replicates: usize,
}

impl<'a> Blocks<'a> {
    /// Prepares the tests of a grid: `block` has a row per cell, of at least one, and a column per replicate, of at least two.
    pub(crate) fn new(levels: &'a [usize], block: ArrayView2<'_, f64>) -> Self {
        let mut values = at_scale(block);
        let largest = largest(values.iter().copied());
        let first = values.row(0).to_owned(); // what is common to large values is taken off before they are summed
        values -= &first;
        for mut column in values.columns_mut() {
            let mean = column.iter().sum::<f64>() / column.len() as f64;
            column.mapv_inplace(|x| x - mean);
        }
        let differs = |row: ArrayView1<'_, f64>| {
            let mean = row.iter().sum::<f64>() / row.len() as f64;
            row.iter().any(|x| !is_rounding(x - mean, largest) && *x != mean)
        };
        let noisy = values.rows().into_iter().any(differs);
        let equal = if noisy { 0 } else { values.nrows() * (values.ncols() - 1) };
        let mut all = Self { levels, values, of_keys: Vec::new(), largest, equal };
        all.of_keys = (0..levels.len()).map(|key| all.means(levels[key], |cell| all.level(cell, key))).collect();
        all
    }

    /// Tests that a key alone does nothing; `None` if it has a single level.
    pub(crate) fn of_key(&self, key: usize) -> Option<Test> {
        self.test(self.of_keys[key].clone(), self.levels[key] - 1)
    }

    /// Tests that two keys do nothing together beyond what each does alone; `None` if one has a single level.
    pub(crate) fn of_pair(&self, a: usize, b: usize) -> Option<Test> {
        let width = self.levels[b];
        let mut effects = self.means(self.levels[a] * width, |cell| self.level(cell, a) * width + self.level(cell, b));
        for (at, mut row) in effects.rows_mut().into_iter().enumerate() {
            row -= &self.of_keys[a].row(at / width);
            row -= &self.of_keys[b].row(at % width);
        }
        self.test(effects, (self.levels[a] - 1) * (width - 1))
    }

    /// Returns the level of a key in a cell.
    fn level(&self, cell: usize, key: usize) -> usize {
        let stride: usize = self.levels[key + 1..].iter().product();
        cell / stride % self.levels[key]
    }

    /// Returns the means over the cells of each of `count` equal parts of the grid, in each replicate.
    fn means(&self, count: usize, part: impl Fn(usize) -> usize) -> Array2<f64> {
        let mut sums = Array2::zeros((count, self.values.ncols()));
        for (cell, row) in self.values.rows().into_iter().enumerate() {
            let mut sum = sums.row_mut(part(cell));
            sum += &row;
        }
        sums / (self.values.nrows() / count) as f64
    }

    /// Tests that effects are 0, of which there is a row each and a column per replicate.
    ///
    /// With ȳ the mean over n replicates of the effects y_r, F is n(n − 1)|ȳ|²/Σ|y_r − ȳ|². It is compared with the F
    /// distribution of εd and εd(n − 1) degrees of freedom (Box 1954; Greenhouse & Geisser, Psychometrika 24, 1959), where
    /// ε = tr(S)²/(d tr(S²)) and S is the covariance of the effects over replicates.
    fn test(&self, mut effects: Array2<f64>, freedom: usize) -> Option<Test> {
        if freedom == 0 {
            return None;
        }
        let replicates = effects.ncols();
        let (n, d) = (replicates as f64, freedom as f64);
        let exact = |x: f64| if is_rounding(x, self.largest) { 0.0 } else { x };
        let (mut effect, mut noise) = (0.0, 0.0);
        for mut row in effects.rows_mut() {
            let mean = row.iter().sum::<f64>() / n;
            row.mapv_inplace(|x| exact(x - mean));
            effect += exact(mean) * exact(mean);
            noise += row.iter().map(|x| x * x).sum::<f64>();
        }
        if noise <= 0.0 {
            let (f, equal) =
                if effect > 0.0 { (f64::INFINITY, self.equal.max(freedom * (replicates - 1))) } else { (0.0, 0) };
            let p = exp(-LN_2 * equal as f64);
            return Some(Test { f, freedom, epsilon: 1.0, p, replicates });
        }
        effects *= 1.0 / noise.sqrt(); // so that the trace is 1
        let squares: f64 = products(effects).iter().map(|x| x * x).sum();
        let epsilon = (1.0 / (d * squares)).clamp(1.0 / d, 1.0);
        let f = n * (n - 1.0) * effect / noise;
        Some(Test { f, freedom, epsilon, p: p_value(f, epsilon * d, n), replicates })
    }
}

impl Test {
    /// Returns the smallest number of replicates with which an effect that is as large as it seems is likely to be
    /// significant: F, of which half is taken, grows with them. `None` if that is beyond a hundred times as many as there
    /// are, or if there is no noise.
    pub(crate) fn replicates_needed(&self) -> Option<usize> {
        let each = 0.5 * self.f / self.replicates as f64;
        let freedom = self.epsilon * self.freedom as f64;
        let mut more = self.replicates + 1..=MOST_TIMES.saturating_mul(self.replicates);
        more.find(|&n| each.is_finite() && p_value(each * n as f64, freedom, n as f64) <= SIGNIFICANT)
    }
}

/// Returns the sums of products of all pairs of columns, or of all pairs of rows if these are fewer: the sum of their
/// squares is the same, that of the trace of the product's square.
fn products(effects: Array2<f64>) -> Array2<f64> {
    let is_wide = effects.ncols() > effects.nrows();
    let narrow = if is_wide { effects.reversed_axes().as_standard_layout().into_owned() } else { effects };
    let mut sums = Array2::zeros((narrow.ncols(), narrow.ncols()));
    for row in narrow.rows() {
        for (x, mut sums) in row.iter().zip(sums.rows_mut()) {
            sums.scaled_add(*x, &row);
        }
    }
    sums
}

fn p_value(f: f64, freedom: f64, replicates: f64) -> f64 {
    f_above(freedom, freedom * (replicates - 1.0), f).unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use burstnet_core::streams::Stream;
    use burstnet_sweep::streams::SweepPurpose;
    use rand_distr::{Distribution as _, StandardNormal};

    use super::*;

    /// A noise that differs between cells or is correlated.
    #[derive(Clone, Copy, Debug)]
    enum Noise {
        /// Normal and the same everywhere.
        Equal,
        /// Normal, and six times as large in the second half of the grid.
        TwoKinds,
        /// Normal, from one to six times as large from the first level of the last key to its last one.
        ByLevel,
        /// A walk along the last key, and as much noise that all cells with the same level of the first key share.
        Correlated,
    }

    /// Returns a grid without any effect.
    fn data(noise: Noise, levels: [usize; 2], replicates: usize, random: &mut Stream) -> Array2<f64> {
        let mut values = Array2::zeros((levels[0] * levels[1], replicates));
        let mut normal = || -> f64 { StandardNormal.sample(random) };
        for mut column in values.columns_mut() {
            let all = 3.0 * normal();
            let (mut shared, mut walk) = (0.0, 0.0);
            for (cell, x) in column.iter_mut().enumerate() {
                let level = cell % levels[1];
                if level == 0 {
                    (shared, walk) = (normal(), 0.0);
                }
                walk += normal();
                *x = all
                    + match noise {
                        Noise::Equal => normal(),
                        Noise::TwoKinds => normal() * if cell < levels[0] * levels[1] / 2 { 1.0 } else { 6.0 },
                        Noise::ByLevel => normal() * (1.0 + 5.0 * level as f64 / (levels[1] - 1) as f64),
                        Noise::Correlated => walk + shared,
                    };
            }
        }
        values
    }

    /// The rates at which each of two keys, and both together, are significant where there is nothing.
    #[test]
    fn false_positives_are_rare() {
        const TIMES: u64 = 400;
        let most = 0.05 + 3.0 * (0.05 * 0.95 / TIMES as f64).sqrt();
        for noise in [Noise::Equal, Noise::TwoKinds, Noise::ByLevel, Noise::Correlated] {
            for replicates in [2, 3, 5, 8] {
                let mut significant = [0.0; 3];
                for number in 0..TIMES {
                    let mut random = Stream::keyed(number, 97_u32, replicates as u64, &[0; 16]);
                    let values = data(noise, [4, 3], replicates, &mut random);
                    let blocks = Blocks::new(&[4, 3], values.view());
                    let tests = [blocks.of_key(0), blocks.of_key(1), blocks.of_pair(0, 1)];
                    for (count, test) in significant.iter_mut().zip(tests) {
                        *count += f64::from(u8::from(test.unwrap().p <= SIGNIFICANT)) / TIMES as f64;
                    }
                }
                assert!(significant.iter().all(|rate| *rate <= most), "{noise:?}, {replicates}: {significant:?}");
            }
        }
    }

    #[test]
    fn effects_are_found() {
        let mut random = Stream::new(1, SweepPurpose::Search);
        let mut values = data(Noise::Equal, [4, 3], 5, &mut random);
        for (cell, mut row) in values.rows_mut().into_iter().enumerate() {
            row += 2.0 * (cell / 3) as f64;
        }
        let blocks = Blocks::new(&[4, 3], values.view());
        let [first, second, both] = [blocks.of_key(0), blocks.of_key(1), blocks.of_pair(0, 1)].map(Option::unwrap);
        assert!(first.p < 0.001 && second.p > 0.05 && both.p > 0.05, "{first:?} {second:?} {both:?}");
        assert_eq!([first.freedom, second.freedom, both.freedom], [3, 2, 6]);
        let weak = Test { f: 6.0, freedom: 1, epsilon: 1.0, p: 0.13, replicates: 3 };
        let needed = weak.replicates_needed().unwrap();
        assert!((5..10).contains(&needed), "{needed}");
    }

    #[test]
    fn the_size_of_numbers_changes_nothing() {
        let mut random = Stream::new(2, SweepPurpose::Search);
        let values = data(Noise::TwoKinds, [3, 4], 4, &mut random);
        let tests = |values: &Array2<f64>| {
            let blocks = Blocks::new(&[3, 4], values.view());
            [blocks.of_key(0), blocks.of_key(1), blocks.of_pair(0, 1)].map(|one| one.unwrap().p)
        };
        let plain = tests(&values);
        for exponent in [23_u64, 1683, 2013] {
            let power = f64::from_bits(exponent << 52);
            assert_eq!(tests(&values.mapv(|x| x * power)), plain, "{power:e}");
        }
    }

    #[test]
    fn without_noise_equal_values_are_counted() {
        // The second key does nothing, and both nothing together.
        let of = |cell: usize, replicate: usize| 0.1 * (cell / 2) as f64 + 0.3 * replicate as f64;
        let values = Array2::from_shape_fn((6, 3), |(cell, replicate)| of(cell, replicate));
        let blocks = Blocks::new(&[3, 2], values.view());
        let tests = [blocks.of_key(0), blocks.of_key(1), blocks.of_pair(0, 1)].map(|one| one.unwrap().p);
        assert!((4096.0 * tests[0] - 1.0).abs() < 1e-12 && tests[1..] == [1.0, 1.0], "{tests:?}");
        // A key of which nothing but the effect is without noise.
        let mut random = Stream::new(3, SweepPurpose::Search);
        let noise: Vec<f64> = (0..9).map(|_| random.unit()).collect();
        let of = |cell: usize, replicate: usize| {
            noise[cell / 2 * 3 + replicate] + if cell.is_multiple_of(2) { 1.0 } else { 2.0 }
        };
        let values = Array2::from_shape_fn((6, 3), |(cell, replicate)| of(cell, replicate));
        let blocks = Blocks::new(&[3, 2], values.view());
        assert!((blocks.of_key(1).unwrap().p - 0.25).abs() < 1e-12);
        assert_eq!(Blocks::new(&[1, 6], values.view()).of_key(0), None);
    }

    #[test]
    fn a_key_of_a_thousand_levels_takes_little() {
        let mut random = Stream::new(4, SweepPurpose::Search);
        let values = Array2::from_shape_fn((3000, 8), |(cell, _)| random.unit() + (cell % 1000) as f64);
        let blocks = Blocks::new(&[3, 1000], values.view());
        assert!(blocks.of_key(1).unwrap().p < 1e-6 && blocks.of_pair(0, 1).unwrap().p > 0.05);
    }
}
