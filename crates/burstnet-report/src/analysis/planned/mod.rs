//! Planned comparisons: two configurations, or two levels of a key over all other keys, by Student's t test alone.
//!
//! They are not corrected for other comparisons, unlike the comparisons with the best: whoever chooses one before looking
//! at the results does not need it.

mod differences;
mod sides;
#[cfg(test)]
mod tests;
pub(super) mod words;

use burstnet_core::config::Value;
use burstnet_core::measures::MeasureInfo;
use burstnet_sweep::objective::Direction;
use burstnet_sweep::plan::configurations::Configurations;
use serde::{Serialize, Serializer};

pub use sides::Side;

use self::differences::Units;
use self::sides::{Pair, Settings};
use crate::analysis::Sample;
use crate::statistics::TTest;
use crate::{AnalysisError, ComparisonError};

/// Two sides compared in all measures.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PlannedComparison {
    /// The first side.
    pub a: ComparedSide,
    /// The second side, which is taken from the first.
    pub b: ComparedSide,
    /// The finding in the first measure, in one sentence.
    pub finding: String,
    /// Sentences on the pairs that were compared, and how they differ.
    pub sentences: Vec<String>,
    /// Sentences on how the differences are to be read.
    pub notes: Vec<String>,
    /// The units that vary by chance: replicates, or pairs of configurations.
    pub unit: Unit,
    /// Replicates that are compared.
    pub replicates: usize,
    /// Pairs of configurations that were found.
    pub pairs: usize,
    /// The pairs that are left out.
    pub left_out: LeftOut,
    /// Trials of the sweep that are missing.
    pub missing: u64,
    /// False, since planned comparisons are not corrected for others.
    pub corrected: bool,
    /// The differences, those in the objectives first.
    pub measures: Vec<MeasureDifference>,
}

/// A side of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ComparedSide {
    /// The side in words.
    pub name: String,
    /// The configuration; `None` if there are many.
    pub config_id: Option<u64>,
    /// The values of the keys that were named, or of all swept keys of the configuration.
    #[serde(serialize_with = "as_map")]
    pub values: Vec<(String, Option<Value>)>,
}

/// The units over which a test generalises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Unit {
    /// Replicates, which are blocks of all pairs.
    Replicates,
    /// Pairs of configurations, because there is a single replicate.
    Pairs,
}

/// Pairs that are left out, by the first reason that holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LeftOut {
    /// Trials of theirs failed or diverged.
    pub not_ok: u64,
    /// One of both was stopped early.
    pub stopped: u64,
    /// Trials of theirs are missing.
    pub missing: u64,
}

impl LeftOut {
    /// Returns the number of these pairs.
    pub fn all(self) -> u64 {
        self.not_ok + self.stopped + self.missing
    }
}

/// The difference of both sides in one measure.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MeasureDifference {
    /// The measure.
    pub measure: String,
    /// Its unit; empty for a pure number.
    pub unit: String,
    /// The end of it that is better; `None` if it is no objective.
    pub direction: Option<Direction>,
    /// Units that have a difference.
    pub n: usize,
    /// Pairs that have a difference.
    pub pairs: usize,
    /// The mean of the first side.
    pub mean_a: Option<f64>,
    /// The mean of the second side.
    pub mean_b: Option<f64>,
    /// The mean difference, and how certain it is.
    #[serde(flatten)]
    pub test: TTest,
    /// The number of pairs in which the first side is better; `None` if that is not known.
    pub a_better: Option<u64>,
    /// The number of pairs in which the second side is better.
    pub b_better: Option<u64>,
    /// The pair with the smallest difference; `None` if there is a single one.
    pub smallest: Option<PairDifference>,
    /// The pair with the largest difference.
    pub largest: Option<PairDifference>,
}

/// The difference of a pair of configurations.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PairDifference {
    /// The mean over the replicates of the first less the second.
    pub difference: f64,
    /// The number of the first configuration.
    pub config_id_a: u64,
    /// The number of the second configuration.
    pub config_id_b: u64,
    /// The values of the keys in which both agree.
    #[serde(serialize_with = "as_map")]
    pub values: Vec<(String, Option<Value>)>,
}

/// Writes keys and values as an object.
fn as_map<S: Serializer>(values: &[(String, Option<Value>)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(values.iter().map(|(key, value)| (key, value)))
}

impl PlannedComparison {
    /// Compares the first of two sides with the second, in `measure` or in all.
    ///
    /// `infos` are the measures in the order of the plan.
    ///
    /// # Errors
    /// Returns an error if there is no such measure, configuration, key or value, or no pair of configurations that differs in
    /// the named keys alone.
    pub fn of(
        plan: &Configurations,
        infos: &[MeasureInfo],
        sample: &Sample,
        [a, b]: [&Side; 2],
        measure: Option<&str>,
    ) -> Result<Self, AnalysisError> {
        let measures = chosen(plan, measure)?;
        let (sides, pairs) = match (a, b) {
            (Side::Configuration(a), Side::Configuration(b)) => configurations(plan, [*a, *b])?,
            (Side::Settings(a), Side::Settings(b)) => {
                let settings = Settings::new(plan, [a, b])?;
                let pairs = settings.pairs(plan, sample)?;
                (words::sides(plan, &settings), pairs)
            }
            (Side::Configuration(_), Side::Settings(_)) | (Side::Settings(_), Side::Configuration(_)) => {
                return Err(ComparisonError::Mixed.into());
            }
        };
        let units = match a {
            Side::Configuration(_) => Units::of_two(sample, &pairs[0]),
            Side::Settings(_) => Units::of_pairs(sample, &pairs),
        };
        let differences = measures.iter().filter_map(|name| {
            let info = infos.iter().find(|info| info.name == *name);
            let goal = plan.objectives().find(|goal| goal.measure == *name);
            Some(MeasureDifference {
                measure: name.clone(),
                unit: info.map_or("", |info| info.unit).to_owned(),
                ..units.difference(sample.measure(name)?, goal.map(|goal| goal.direction))
            })
        });
        let [a, b] = sides;
        let mut comparison = Self {
            a,
            b,
            finding: String::new(),
            sentences: Vec::new(),
            notes: Vec::new(),
            unit: units.unit(),
            replicates: units.replicates(),
            pairs: pairs.len(),
            left_out: units.left_out,
            missing: plan.trials() - sample.total().all(),
            corrected: false,
            measures: differences.collect(),
        };
        comparison.tell(plan);
        Ok(comparison)
    }
}

/// Returns the measures that are compared: the one that was named, or the objectives and then all others.
fn chosen(plan: &Configurations, measure: Option<&str>) -> Result<Vec<String>, AnalysisError> {
    if let Some(name) = measure {
        if !plan.measures.iter().any(|own| own == name) {
            return Err(AnalysisError::Measure { name: name.to_owned(), known: plan.measures.clone() });
        }
        return Ok(vec![name.to_owned()]);
    }
    let mut all: Vec<String> = plan.objectives().map(|goal| goal.measure.clone()).collect();
    all.extend(plan.measures.iter().filter(|name| plan.objectives().all(|goal| goal.measure != **name)).cloned());
    Ok(all)
}

/// Returns two configurations as sides, and as the only pair.
fn configurations(
    plan: &Configurations,
    config_ids: [u64; 2],
) -> Result<([ComparedSide; 2], Vec<Pair>), ComparisonError> {
    let configurations = plan.configurations();
    if let Some(&config_id) = config_ids.iter().find(|config_id| **config_id >= configurations) {
        return Err(ComparisonError::Configuration { config_id, configurations });
    }
    let [a, b] = config_ids;
    if plan.copies().first(a) == plan.copies().first(b) {
        let what = if a == b { "the same configuration".to_owned() } else { format!("equal: {a} and {b}") };
        return Err(ComparisonError::Same { what });
    }
    let keys = || plan.space.iter().map(|dimension| dimension.key.clone());
    let side = |config_id| ComparedSide {
        name: format!("configuration {config_id}"),
        config_id: Some(config_id),
        values: keys().zip(plan.values(config_id)).collect(),
    };
    Ok((config_ids.map(side), vec![Pair { config_ids, others: Vec::new() }]))
}
