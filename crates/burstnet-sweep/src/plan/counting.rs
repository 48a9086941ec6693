//! The number of configurations of a search, before any is listed.

use crate::limits::{MOST_CONFIGURATIONS, MOST_IN_ROUNDS, MOST_TRIALS};
use crate::plan::{Dimension, Plan};
use crate::search::samplers::{Problem, Sampler};
use crate::space::Space;
use crate::space::plan_error::{About, PlanError};

/// Returns the largest number of configurations that a search can have, before those that count are listed.
///
/// # Errors
/// If there are none, or too many for trials to be numbered.
pub(super) fn countable(plan: &Plan, space: &Space, sampler: &dyn Sampler) -> Result<u64, PlanError> {
    let wrong = |problem: String| {
        let expected = if plan.adapts() {
            format!("at most {MOST_IN_ROUNDS} trials, or a search that neither learns nor stops early")
        } else {
            format!("at most {MOST_CONFIGURATIONS} configurations and {MOST_TRIALS} trials")
        };
        Err(PlanError::new(About::Whole, problem, expected))
    };
    if plan.space.iter().any(|dimension| dimension.domain.count() == Some(0)) {
        return wrong("a key is varied over nothing".into());
    }
    let counted = || {
        let settings = &plan.strategy.settings;
        let (axes, seed) = (space.axes(), plan.seed);
        let points = sampler.count(&Problem { axes, seed, points: None, round: 1, objectives: 1, settings });
        points.and_then(|points| points.checked_add(plan.include.len() as u64))
    };
    match plan.strategy.trials.or_else(counted) {
        Some(0) => wrong("no configurations".into()),
        Some(searched) if searched <= MOST_CONFIGURATIONS => {
            let n = plan.confirmation.as_ref().map_or(searched, |one| one.config_ids.len() as u64);
            match n.checked_mul(plan.replicates) {
                Some(trials) if plan.adapts() && trials > MOST_IN_ROUNDS => {
                    wrong(format!("{trials} trials of a search that learns or stops early"))
                }
                Some(trials) if (1..=MOST_TRIALS).contains(&trials) => Ok(searched),
                Some(_) | None => wrong(format!("{n} configurations of {} replicates", plan.replicates)),
            }
        }
        Some(_) | None => wrong(too_many(plan)),
    }
}

/// Returns the number of configurations that there would be, and the keys that cause most of them.
fn too_many(plan: &Plan) -> String {
    if let Some(trials) = plan.strategy.trials {
        return format!("{trials} configurations");
    }
    let count = |dimension: &Dimension| dimension.domain.count();
    let mut counts: Vec<(&str, u64)> =
        plan.space.iter().filter_map(|dimension| Some((dimension.key.as_str(), count(dimension)?))).collect();
    let all: f64 = counts.iter().map(|(_, count)| *count as f64).product();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let most: Vec<String> = counts.iter().take(3).map(|(key, count)| format!("{count} values of {key}")).collect();
    format!("a grid of about {all:.1e} configurations ({})", most.join(", "))
}
