//! Main effects: how a measure changes with a key, averaged over all others.

use burstnet_core::numbers::{Scale, mean};
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
    /// The same without what replicates have in common at all levels; `None` in a random design.
    pub within: Option<Interval>,
    /// Number of values that the interval is of: replicates on a grid, configurations in a random design.
    pub n: usize,
}

/// A configuration: its level, the mean of its values, and these by replicate.
pub(crate) struct ConfigurationValues<'a> {
    /// The level of the key, from 0.
    pub(crate) level: usize,
    /// The mean of its values.
    pub(crate) mean: f64,
    /// (replicate, value)
    pub(crate) values: &'a mut dyn Iterator<Item = (u32, f64)>,
}

/// The sums from which a key's marginal means come.
#[derive(Clone, Debug)]
pub(crate) struct Marginals {
    levels: Vec<Sums>,
    /// True if intervals are over replicates.
    over_replicates: bool,
    /// The scale of all sums.
    scale: Scale,
}

#[derive(Clone, Debug, Default)]
struct Sums {
    means: Vec<f64>,
    /// Per replicate, the sum of the differences from the configurations' means, and their number.
    differences: Vec<(f64, u32)>,
}

impl Marginals {
    /// Returns sums of nothing, for a key with `levels` levels; `scale` is that of the values.
    pub(crate) fn new(levels: usize, over_replicates: bool, scale: Scale) -> Self {
        Self { levels: vec![Sums::default(); levels], over_replicates, scale }
    }

    /// Takes a configuration.
    pub(crate) fn add(&mut self, cell: ConfigurationValues<'_>) {
        let sums = &mut self.levels[cell.level];
        let mean = self.scale.down(cell.mean);
        sums.means.push(mean);
        if !self.over_replicates {
            return;
        }
        for (replicate, value) in cell.values {
            let at = replicate as usize;
            if sums.differences.len() <= at {
                sums.differences.resize(at + 1, (0.0, 0));
            }
            sums.differences[at].0 += self.scale.down(value) - mean;
            sums.differences[at].1 += 1;
        }
    }

    /// Returns the mean of each level that has configurations.
    ///
    /// The mean is that of the configurations' means, x̄. On a grid, whose other keys are not drawn from anything, its
    /// interval is Student's over replicates: of x̄ + d_r, where d_r is the mean over the level's configurations of
    /// replicate r's difference from the configuration's mean. With all trials there, x̄ + d_r is the mean of replicate
    /// r at that level. In a random design the interval is over the configurations' means.
    ///
    /// The interval within replicates is of x̄ + d_r − m_r, where m_r is the mean of d_r over the levels, of the
    /// replicates that all levels have (Cousineau, Tutorials in Quantitative Methods for Psychology 1, 2005), √(L/(L −
    /// 1)) times as wide, for L levels (Morey, the same 4, 2008). Levels whose intervals are far apart differ replicate
    /// by replicate, however much replicates differ from each other.
    pub(crate) fn finish(self) -> Vec<Option<Marginal>> {
        if !self.over_replicates {
            return self.levels.iter().map(|sums| sums.marginal(&sums.means, None, self.scale)).collect();
        }
        let by_replicate: Vec<Vec<Option<f64>>> = self.levels.iter().map(Sums::mean_differences).collect();
        let widths = within(&by_replicate);
        let marginal = |((sums, own), width): ((&Sums, &Vec<Option<f64>>), Option<f64>)| {
            let mean = sums.mean()?;
            let numbers: Vec<f64> = own.iter().flatten().map(|d| mean + d).collect();
            sums.marginal(&numbers, width, self.scale)
        };
        self.levels.iter().zip(&by_replicate).zip(widths).map(marginal).collect()
    }
}

impl Sums {
    fn mean(&self) -> Option<f64> {
        mean(self.means.iter().copied())
    }

    /// Returns d_r, replicate by replicate; `None` where there is no value.
    fn mean_differences(&self) -> Vec<Option<f64>> {
        self.differences.iter().map(|&(sum, n)| (n > 0).then(|| sum / f64::from(n))).collect()
    }

    fn marginal(&self, numbers: &[f64], within: Option<f64>, scale: Scale) -> Option<Marginal> {
        let mean = self.mean()?;
        Some(Marginal {
            mean: scale.up(mean)?,
            configurations: self.means.len(),
            interval: t_interval(numbers).and_then(|ends| Interval::at(scale, ends.low, ends.high)),
            within: within.and_then(|half| Interval::at(scale, mean - half, mean + half)),
            n: numbers.len(),
        })
    }
}

/// Returns half of each level's interval within replicates, from d_r of each level.
fn within(by_replicate: &[Vec<Option<f64>>]) -> Vec<Option<f64>> {
    let held: Vec<&Vec<Option<f64>>> = by_replicate.iter().filter(|own| !own.is_empty()).collect();
    let levels = held.len() as f64;
    let longest = held.iter().map(|own| own.len()).max().unwrap_or(0);
    let common = |r: &usize| held.len() > 1 && held.iter().all(|own| own.get(*r).copied().flatten().is_some());
    let replicates: Vec<usize> = (0..longest).filter(common).collect();
    let at = |own: &[Option<f64>], r: usize| own.get(r).copied().flatten().unwrap_or_default();
    let common: Vec<f64> =
        replicates.iter().map(|&r| held.iter().map(|own| at(own, r)).sum::<f64>() / levels).collect();
    let half = |own: &Vec<Option<f64>>| {
        let left: Vec<f64> = replicates.iter().zip(&common).map(|(&r, common)| at(own, r) - common).collect();
        let interval = t_interval(&left).filter(|_| !own.is_empty())?;
        Some(0.5 * (interval.high - interval.low) * (levels / (levels - 1.0)).sqrt())
    };
    by_replicate.iter().map(half).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(levels: &[&[f64]]) -> Vec<Option<Marginal>> {
        let mut marginals = Marginals::new(levels.len(), true, Scale::of(levels.iter().copied().flatten().copied()));
        for (level, values) in levels.iter().enumerate().filter(|(_, values)| !values.is_empty()) {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let values = (0..).zip(values.iter().copied());
            marginals.add(ConfigurationValues { level, mean, values: &mut values.filter(|(_, x)| !x.is_nan()) });
        }
        marginals.finish()
    }

    #[test]
    fn what_replicates_have_in_common_is_not_within_them() {
        let found = grid(&[&[1.0, 5.0, 9.0], &[2.0, 6.0, 10.0], &[]]);
        let [Some(low), Some(high), None] = &found[..] else { panic!("{found:?}") };
        assert_eq!(
            (low.within, high.within),
            (Some(Interval { low: 5.0, high: 5.0 }), Some(Interval { low: 6.0, high: 6.0 }))
        );
        assert!(low.interval.unwrap().low < 0.0 && high.interval.unwrap().high > 10.0);
    }

    #[test]
    fn of_two_levels_it_is_as_wide_as_that_of_their_difference_by_the_root_of_two() {
        let (a, b) = ([1.0, 2.0, 4.0, 3.0], [2.5, 2.0, 6.0, 4.0]);
        let found = grid(&[&a, &b]);
        let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| b - a).collect();
        let paired = t_interval(&differences).unwrap();
        let within = found[0].as_ref().unwrap().within.unwrap();
        let ratio = (paired.high - paired.low) / (within.high - within.low);
        assert!((ratio - 2.0_f64.sqrt()).abs() < 1e-12, "{ratio}");
    }

    #[test]
    fn the_scale_of_numbers_does_not_matter() {
        let levels = [[1.0, 2.0, 4.0, 3.0], [2.5, 2.0, 6.0, 4.0]];
        let at = |power: f64| grid(&[&levels[0].map(|x| x * power), &levels[1].map(|x| x * power)]);
        let plain = at(1.0);
        for power in [1e-300, 1e200, 1e307] {
            for (found, plain) in at(power).into_iter().flatten().zip(plain.iter().flatten()) {
                let near = |a: f64, b: f64| (a / power / b - 1.0).abs() < 1e-9;
                let ends = |one: &Marginal| [one.interval, one.within].map(|ends| ends.unwrap().high);
                assert!(near(found.mean, plain.mean), "{power:e}: {found:?}");
                assert!(ends(&found).into_iter().zip(ends(plain)).all(|(a, b)| near(a, b)), "{power:e}: {found:?}");
            }
        }
        let wide = grid(&[&[1.7e308, -1.7e308]]);
        assert_eq!(wide[0].as_ref().map(|one| (one.mean, one.interval)), Some((0.0, None)));
    }

    #[test]
    fn a_single_level_or_replicate_has_none() {
        assert_eq!(grid(&[&[1.0, 2.0]])[0].as_ref().unwrap().within, None);
        assert_eq!(grid(&[&[1.0], &[2.0]])[0].as_ref().unwrap().within, None);
    }
}
