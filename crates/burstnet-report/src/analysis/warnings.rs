//! Warnings, as sentences.

use std::path::Path;

use burstnet_core::text::count;
use burstnet_sweep::plan::Plan;
use burstnet_sweep::plan::configurations::Configurations;

use super::standing::best;
use super::{Analysis, Options, Progress};
use crate::analysis::Sample;
use crate::shell;
use crate::statistics::summary::Summary;

/// The warning about results that an external program computed.
pub(super) const NOT_PROMISED: &str =
    "An external program computed these results: that a trial gives the same bits again is not promised.";

pub(super) fn of(
    analysis: &Analysis,
    plan: &Configurations,
    sample: &Sample,
    measure: usize,
    options: &Options,
) -> Vec<String> {
    let mut warnings = Vec::new();
    let progress = &analysis.progress;
    if progress.missing > 0 {
        warnings.push(format!(
            "{} of {} trials are missing: the sweep is not complete, and every figure may still change.{}",
            progress.missing,
            progress.planned,
            if progress.shuffled { format!(" {}.", Progress::SPREAD) } else { String::new() }
        ));
    }
    let counts = progress.counts;
    if counts.not_ok() > 0 {
        warnings.push(format!(
            "{} diverged and {} failed trials have no measures and are left out; configurations with such trials rank \
             behind all that have none.",
            counts.diverged, counts.failed
        ));
    }
    if sample.not_finite(measure) > 0 {
        warnings.push(format!(
            "{} values of {} are infinite or no numbers and count as missing.",
            sample.not_finite(measure),
            analysis.measure
        ));
    }
    warnings.extend(without_values(analysis, sample, measure));
    warnings.extend(beyond(analysis, sample, measure));
    warnings.extend(chosen_by_results(analysis));
    warnings.extend(unequal(plan));
    if let Some(config_id) = options.baseline.filter(|_| analysis.baseline.is_none()) {
        warnings.push(format!(
            "Configuration {config_id} has no value of {} that the others could be compared with.",
            analysis.measure
        ));
    }
    warnings.extend(best_of_many(analysis, sample, plan, options));
    warnings
}

const BEYOND: &str = "beyond ±1.8e308, which no float64 can hold, and missing";

/// Returns whether this is the warning that figures are beyond the largest number.
pub(crate) fn is_of_beyond(warning: &str) -> bool {
    warning.contains(BEYOND)
}

/// Returns a warning if figures of finite values are beyond the largest number.
fn beyond(analysis: &Analysis, sample: &Sample, measure: usize) -> Option<String> {
    let places = 0..sample.configurations();
    let of_values = |place: usize| Summary::of(&sample.plain_values(place, measure));
    let is_large = |x: Option<f64>| x.is_some_and(|x| x.abs() > 1e150); // whose square overflows
    // Of other values none is, so most sweeps need no look at each configuration.
    let large = places.clone().any(|place| sample.values(place, measure).any(|(_, x)| is_large(Some(x))));
    let deviations = places.filter(|place| large && sample.values(*place, measure).nth(1).is_some());
    let mut missing = deviations.filter(|place| of_values(*place).sd.is_none()).count();
    let levels = analysis.main_effects.iter().flat_map(|effect| &effect.levels).filter_map(|(_, held)| held.as_ref());
    missing += levels.filter(|held| held.n > 1 && held.interval.is_none()).count();
    for one in &analysis.ranked {
        missing += usize::from(one.n > 1 && one.t_interval.is_none());
        let contrast = one.contrast.iter();
        let figures = contrast
            .map(|held| usize::from(held.difference.is_none()) + usize::from(held.n > 1 && held.interval.is_none()));
        missing += figures.sum::<usize>();
    }
    (missing > 0).then(|| {
        format!(
            "{} of {} (standard deviations, intervals and differences) {} {BEYOND}.",
            count(missing as u64, "figure", "figures"),
            analysis.measure,
            if missing == 1 { "is" } else { "are" },
        )
    })
}

/// Returns a warning if earlier results chose the configurations, which biases what is said of keys.
fn chosen_by_results(analysis: &Analysis) -> Option<String> {
    let search = &analysis.search;
    let rule = search.stopping.as_ref().map(|stopping| stopping.rule.as_str());
    let chosen_by = match (rule, search.learns) {
        (Some(rule), _) => format!("the rule {rule} let run to the end"),
        (None, true) => format!("{} chose by earlier results", search.what),
        (None, false) => return None,
    };
    (!analysis.main_effects.is_empty()).then(|| {
        format!(
            "The means at each value of a key are of the complete configurations only, which {chosen_by}: they are biased \
             towards good regions. Shares of keys are of the whole space, about which a regression can be wrong where few \
             configurations are."
        )
    })
}

/// Returns a warning if configurations have more replicates the better they are.
fn unequal(plan: &Configurations) -> Option<String> {
    (plan.adaptive.is_some() && plan.distinct() > 1).then(|| {
        format!(
            "Configurations have {}, more of them the better they were on fewer: means of different numbers are over \
             different seeds. Differences are over the seeds that both have.",
            plan.replicates_in_words("replicate", "replicates")
        )
    })
}

fn without_values(analysis: &Analysis, sample: &Sample, measure: usize) -> Option<String> {
    let ok: u64 = sample.distinct().ok;
    let held: usize = (0..sample.configurations()).map(|place| sample.values(place, measure).count()).sum();
    let missing = ok - held as u64 - sample.not_finite(measure);
    (missing > 0).then(|| {
        format!(
            "{missing} of {ok} trials that are ok have no value of {}; means are over those that have one, which can be \
             the better ones.",
            analysis.measure
        )
    })
}

const BEST_OF_MANY: &str = "The best of ";

/// Returns whether this is the warning that the best of many looks better than it is.
pub(super) fn is_of_best(warning: &str) -> bool {
    warning.starts_with(BEST_OF_MANY)
}

/// The number of configurations in the command that is printed, and their fewest seeds.
const CONFIRMED: usize = 3;
const FRESH: u64 = 8;

/// Returns the command that runs the best `count` configurations of a study again on `replicates` fresh seeds.
pub(super) fn command_of(results: &Path, plan: &Plan, count: u64, replicates: u64) -> String {
    let results = shell::path(&results.to_string_lossy());
    let allowed = if plan.model.is_some() { " --allow-command" } else { "" };
    format!("burstnet confirm {results} --best {count} --replicates {replicates}{allowed}")
}

/// Returns how many of the best configurations are worth confirming, and on how many fresh seeds.
pub(super) fn confirming(plan: &Configurations, sample: &Sample) -> (u64, u64) {
    let best = best(plan, sample, CONFIRMED).len();
    (best as u64, plan.replicates.max(FRESH))
}

/// Returns the command that runs the best configurations again.
fn confirm(plan: &Configurations, sample: &Sample, options: &Options) -> Option<String> {
    let (best, replicates) = confirming(plan, sample);
    let results = options.results.as_ref().filter(|_| best > 0)?;
    Some(command_of(results, plan, best, replicates))
}

fn best_of_many(analysis: &Analysis, sample: &Sample, plan: &Configurations, options: &Options) -> Option<String> {
    let configurations = analysis.progress.distinct;
    (configurations > 1 && analysis.confirmable && analysis.baseline.is_some()).then(|| {
        format!(
            "{BEST_OF_MANY}{configurations} configurations looks better than it is, because it was chosen for its values; \
             `{}` runs the best ones again on fresh seeds.",
            confirm(plan, sample, options).unwrap_or_else(|| "burstnet confirm".to_owned())
        )
    })
}

/// Returns a text as a sentence.
pub(super) fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or(String::new(), |first| first.to_uppercase().chain(characters).chain(['.']).collect())
}
