//! The configurations that keep the bounds on measures that the best one has to keep.

use burstnet_core::numbers::mean;
use burstnet_core::text::count;
use burstnet_sweep::plan::configurations::Configurations;
use serde::Serialize;

use super::words::{list, significant};
use crate::analysis::Sample;

/// The bounds on measures, and the configurations that keep them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Kept {
    /// The bounds, as they are written in sweep files.
    pub bounds: Vec<String>,
    /// Their measures.
    pub measures: Vec<String>,
    /// Number of configurations that keep all of them.
    pub keeping: u64,
    /// Number of configurations that have a value and were not stopped early.
    pub of: u64,
    /// The means of the measures in the best configuration, in the order of the bounds; `None` where there is none.
    pub best: Vec<Option<f64>>,
    /// The same in a sentence.
    pub sentence: String,
}

impl Kept {
    /// Returns what is known of a sweep whose best configurations have these places, with their violations; `None` without
    /// bounds.
    pub(super) fn of(plan: &Configurations, sample: &Sample, ranked: &[(usize, f64)]) -> Option<Self> {
        if plan.subject_to.is_empty() {
            return None;
        }
        let bounds: Vec<String> = plan.subject_to.iter().map(ToString::to_string).collect();
        let measures = plan.subject_to.iter().map(|bound| bound.measure.clone()).collect();
        let (of, keeping) =
            (ranked.len() as u64, ranked.iter().filter(|(_, violation)| *violation == 0.0).count() as u64);
        let best = ranked.first().map_or(Vec::new(), |(place, _)| means(plan, sample, *place, |_| true));
        let all = count(of, "configuration", "configurations");
        let keep = if keeping == 1 { "keeps" } else { "keep" };
        let sentence = format!("{keeping} of {all} {keep} {}.", list(&bounds, "and"));
        Some(Self { bounds, measures, keeping, of, best, sentence })
    }

    /// Returns that no configuration keeps the bounds, and how far the nearest one is from them; `None` if one does.
    pub(super) fn nothing(&self, config_id: u64) -> Option<String> {
        if self.keeping > 0 || self.of == 0 {
            return None;
        }
        let value = |(measure, mean): (&String, &Option<f64>)| match mean {
            Some(mean) => format!("{measure} = {}", significant(*mean, 3)),
            None => format!("no {measure}"),
        };
        let values: Vec<String> = self.measures.iter().zip(&self.best).map(value).collect();
        Some(format!(
            "no configuration keeps {}: the nearest is configuration {config_id}, with {}",
            list(&self.bounds, "and"),
            list(&values, "and")
        ))
    }
}

/// Returns the means of the measures with bounds in the configuration at `place`, over the replicates that `counts` names;
/// `None` if a trial that is ok lacks the measure.
pub(super) fn means(
    plan: &Configurations,
    sample: &Sample,
    place: usize,
    counts: impl Fn(u32) -> bool,
) -> Vec<Option<f64>> {
    let mean_of = |measure: &str| {
        let column = sample.measure(measure)?;
        let is_everywhere = sample.values(place, column).count() as u64 == sample.counts(place).ok;
        let values = sample.values(place, column).filter(|(replicate, _)| counts(*replicate));
        mean(values.map(|(_, x)| x)).filter(|_| is_everywhere)
    };
    plan.subject_to.iter().map(|bound| mean_of(&bound.measure)).collect()
}
