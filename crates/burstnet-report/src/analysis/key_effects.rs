//! The effects of the keys of a design on a measure.

use burstnet_core::numbers::{self, Mean, are_equal};
use burstnet_core::streams::Stream;
use burstnet_sweep::objective::Direction;
use burstnet_sweep::search::samplers::AxisKind;
use burstnet_sweep::streams::SweepPurpose;
use ndarray::ArrayViewD;
use serde::Serialize;

use super::design::positions;
use super::measured::Measured;
use super::{Design, Level};
use crate::analysis::factors::{Factor, Spacing};
use crate::statistics::best_tenth::best_tenth;
use crate::statistics::effects::{ConfigurationValues, Marginal, Marginals};
use crate::statistics::surrogate::basis::Position;
use crate::statistics::variance::{self, Variance};
use crate::statistics::{replicated, surrogate};

/// The pairs of keys whose means are shown.
const MOST_PAIRS: usize = 6;

/// The change of a measure with a key.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MainEffect {
    /// The key.
    pub key: String,
    /// The key to whose value the levels are ratios, if it is tied to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio_of: Option<String>,
    /// The spacing of its values.
    pub scale: Spacing,
    /// True if its levels are bins of a range.
    pub binned: bool,
    /// Each level and the mean there; `None` where no configuration has a value.
    pub levels: Vec<(Level, Option<Marginal>)>,
}

/// The change of a measure with two keys.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PairEffect {
    /// The first key, in the order of the plan.
    pub key: String,
    /// The second key.
    pub key_2: String,
    /// The share of their interaction.
    pub share: f64,
    /// The levels of the first key, which are the rows.
    pub levels: Vec<Level>,
    /// The levels of the second key, which are the columns.
    pub levels_2: Vec<Level>,
    /// Means over the configurations at both levels; `None` where there is none.
    pub means: Vec<Vec<Option<f64>>>,
}

impl Measured<'_> {
    /// Returns the shares of the variance; `None` if nothing varies.
    pub(super) fn variance(&self, design: &Design) -> Option<Variance> {
        let places: Vec<usize> = (0..self.means.len()).filter(|&place| self.mean(place).is_some()).collect();
        let held: Vec<f64> = places.iter().map(|&place| self.means[place]).collect();
        if are_equal(&held, self.largest) {
            return None; // means of large values that cancel each other are no more exact than these
        }
        let levels: Vec<usize> = design.factors.iter().map(|factor| factor.count().unwrap_or(1) as usize).collect();
        let cells = levels.iter().try_fold(1_usize, |cells, count| cells.checked_mul(*count));
        let is_complete = design.is_grid && cells == Some(places.len()) && places.len() == self.means.len();
        let mut random = self.random();
        if !is_complete {
            let (table, means) = self.surrogate_table(design, &mut random);
            return surrogate::regression(&table, &means, &mut random);
        }
        let block = self.block();
        if block.nrows() == places.len() && block.ncols() > 1 {
            let scale = numbers::Scale::of([self.largest]);
            return replicated::of_replicates(&levels, block.mapv(|x| scale.down(x)).view(), &mut random);
        }
        let exact = variance::grid(ArrayViewD::from_shape(levels, &self.means).ok()?)?;
        // With one replicate the shares are exact. A regression tells whether they are more than chance.
        let (table, means) = self.surrogate_table(design, &mut random);
        surrogate::regression(&table, &means, &mut random).map(|found| exact.with_evidence(found))
    }

    /// Returns the draws of regressions, beyond every number of values of the bootstrap.
    fn random(&self) -> Stream {
        Stream::part(self.plan.seed, SweepPurpose::Bootstrap, 1 << 47)
    }

    /// Returns where the configurations that have a value lie, and their means; of many, some that are chosen at random.
    fn surrogate_table(&self, design: &Design, random: &mut Stream) -> (surrogate::Table, Vec<f64>) {
        let mut places: Vec<usize> = (0..self.means.len()).filter(|&place| self.mean(place).is_some()).collect();
        random.shuffle(&mut places);
        places.truncate(surrogate::MOST_CONFIGURATIONS);
        places.sort_unstable();
        let position = |&place: &usize| positions(self.plan, &design.factors, self.sample.config_ids()[place]);
        let axes: Vec<AxisKind> = design.factors.iter().map(Factor::axis).collect();
        let rows: Vec<Vec<Position>> = places.iter().map(position).collect();
        let means = places.iter().map(|&place| self.means[place]).collect();
        (surrogate::Table::new(&axes, &rows), means)
    }

    /// Returns the number of configurations that are the best tenth, and the share of each key among these, largest first.
    pub(super) fn best_tenth(&self, design: &Design) -> Option<(usize, Vec<(String, f64)>)> {
        let (table, means) = self.surrogate_table(design, &mut self.random());
        let maximize = self.plan.objective.direction == Direction::Maximize;
        let losses: Vec<f64> = means.iter().map(|&x| if maximize { -x } else { x }).collect();
        let (configurations, shares) = best_tenth(&table, &losses)?;
        let named = design.factors.iter().map(|factor| factor.key.clone()).zip(shares);
        let mut keys: Vec<(String, f64)> = named.collect();
        keys.sort_by(|a, b| b.1.total_cmp(&a.1)); // stable
        Some((configurations, keys))
    }

    pub(super) fn main_effects(&self, design: &Design) -> Vec<MainEffect> {
        let effect = |(key, factor): (usize, &Factor)| {
            let mut marginals = Marginals::new(factor.levels.len(), design.is_grid, numbers::Scale::of([self.largest]));
            for place in 0..self.sample.configurations() {
                if let (Some(mean), Some(level)) = (self.mean(place), design.shown(place, key)) {
                    marginals.add(ConfigurationValues { level, mean, values: &mut self.values(place) });
                }
            }
            MainEffect {
                key: factor.key.clone(),
                ratio_of: factor.ratio_of.clone(),
                scale: factor.scale,
                binned: factor.binned(),
                levels: factor.levels.iter().cloned().zip(marginals.finish()).collect(),
            }
        };
        design.factors.iter().enumerate().map(effect).collect()
    }

    /// Returns the means over both keys of `pairs`, which are two keys and the share of their interaction.
    pub(super) fn pair_effects(&self, design: &Design, pairs: &[(&str, &str, f64)]) -> Vec<PairEffect> {
        let number = |key: &str| design.factors.iter().position(|factor| factor.key == key);
        let effect = |&(key, key_2, share): &(&str, &str, f64)| {
            let (a, b) = (number(key)?, number(key_2)?);
            let (levels, levels_2) = (&design.factors[a].levels, &design.factors[b].levels);
            let mut means = vec![vec![Mean::default(); levels_2.len()]; levels.len()];
            for place in 0..self.sample.configurations() {
                let cell = design.shown(place, a).zip(design.shown(place, b));
                if let (Some(mean), Some((a, b))) = (self.mean(place), cell) {
                    means[a][b].add(mean);
                }
            }
            Some(PairEffect {
                key: key.to_owned(),
                key_2: key_2.to_owned(),
                share,
                levels: levels.clone(),
                levels_2: levels_2.clone(),
                means: means.into_iter().map(|row| row.into_iter().map(Mean::value).collect()).collect(),
            })
        };
        let drawable = |key: &str| {
            let factor = number(key).map(|at| &design.factors[at]);
            factor.is_some_and(|factor| factor.scale != Spacing::Category || factor.levels.len() <= 64)
        };
        let drawn = pairs.iter().filter(|(key, key_2, _)| drawable(key) && drawable(key_2));
        drawn.take(MOST_PAIRS).filter_map(effect).collect()
    }
}
