//! Main effects: how a measure changes with a key, averaged over all others.

use serde::Serialize;

use super::Interval;
use super::t_interval::t_interval;

/// The mean of a measure at a level of a key.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Marginal {
    /// The mean of the means of its configurations.
    pub mean: f64,
    /// The configurations that are in it.
    pub configurations: usize,
    /// Student's t interval of the mean.
    pub interval: Option<Interval>,
    /// How many numbers the interval is of: replicates on a grid, configurations in a random design.
    pub n: usize,
}

/// What is known of a configuration: its level, the mean of its values, and these by replicate.
pub struct Cell<'a> {
    /// The level of the key, from 0.
    pub level: usize,
    /// The mean of its values.
    pub mean: f64,
    /// (replicate, value)
    pub values: &'a mut dyn Iterator<Item = (u32, f64)>,
}

/// The sums from which a key's marginal means come.
#[derive(Clone, Debug)]
pub struct Marginals {
    levels: Vec<Sums>,
    /// Whether intervals are over replicates.
    over_replicates: bool,
}

#[derive(Clone, Debug, Default)]
struct Sums {
    means: Vec<f64>,
    /// Per replicate, the sum of the differences from the configurations' means, and their number.
    differences: Vec<(f64, u32)>,
}

impl Marginals {
    /// None yet, of a key with `levels` levels.
    pub fn new(levels: usize, over_replicates: bool) -> Self {
        Self { levels: vec![Sums::default(); levels], over_replicates }
    }

    /// Takes a configuration.
    pub fn add(&mut self, cell: Cell<'_>) {
        let sums = &mut self.levels[cell.level];
        sums.means.push(cell.mean);
        if !self.over_replicates {
            return;
        }
        for (replicate, value) in cell.values {
            let at = replicate as usize;
            if sums.differences.len() <= at {
                sums.differences.resize(at + 1, (0.0, 0));
            }
            sums.differences[at].0 += value - cell.mean;
            sums.differences[at].1 += 1;
        }
    }

    /// The mean of each level that has configurations.
    ///
    /// The mean is that of the configurations' means, x̄. On a grid, whose other keys are not drawn from anything, its
    /// interval is Student's over replicates: of x̄ + d_r, where d_r is the mean over the level's configurations of
    /// replicate r's difference from the configuration's mean. With all trials there, x̄ + d_r is the mean of
    /// replicate r at that level. In a random design the interval is over the configurations' means.
    pub fn finish(self) -> Vec<Option<Marginal>> {
        let over_replicates = self.over_replicates;
        self.levels.into_iter().map(|sums| sums.finish(over_replicates)).collect()
    }
}

impl Sums {
    fn finish(self, over_replicates: bool) -> Option<Marginal> {
        let configurations = self.means.len();
        if configurations == 0 {
            return None;
        }
        let mean = self.means.iter().sum::<f64>() / configurations as f64;
        let numbers: Vec<f64> = if over_replicates {
            let held = self.differences.into_iter().filter(|(_, n)| *n > 0);
            held.map(|(sum, n)| mean + sum / f64::from(n)).collect()
        } else {
            self.means
        };
        Some(Marginal { mean, configurations, interval: t_interval(&numbers), n: numbers.len() })
    }
}
