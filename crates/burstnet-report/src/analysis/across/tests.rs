use burstnet_core::config::Value;
use burstnet_sweep::plan::Trial;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::results::record::Status;

use super::{ComparedSweep, SweepsComparison};
use crate::analysis::Sample;
use crate::analysis::planned::{LeftOut, Unit};
use crate::analysis::tests::{ok, plan, sample};

const FIRST: &str =
    "seed: 5\nreplicates: 4\nsearch: {space: {feedback.density: [0.1, 0.5, 1.0], learning_rate.hidden: [0.0, 1.0]}}\n";
/// The same with another fixed key, values in another order, and one that the first does not have.
const OTHER: &str = "seed: 5\nreplicates: 4\nbase: {signals: {amplitude: [0.1, 0.2]}}\nsearch: {space: {learning_rate.hidden: [1.0, 0.0, 2.0], \
                     feedback.density: [1, 0.1, 0.5]}}\n";

/// Compares sweeps, each a plan, its trials and its name.
fn compare(sweeps: &[(&Configurations, &Sample, &str)]) -> Result<SweepsComparison, String> {
    let sweeps: Vec<ComparedSweep<'_>> = sweeps
        .iter()
        .map(|(plan, sample, name)| ComparedSweep { results: (*name).as_ref(), plan, infos: &[], sample })
        .collect();
    let found = SweepsComparison::of(&sweeps, None).map_err(|error| error.to_string())?;
    let text = format!("{found:?}");
    assert!(!text.contains("NaN") && !text.contains("inf,"), "{text}");
    serde_json::to_string(&found).unwrap();
    Ok(found)
}

/// Returns a value that depends on the values of both keys, and on the replicate.
fn value(plan: &Configurations, trial: Trial, shift: f64) -> f64 {
    let of = |key: &str| {
        let at = plan.space.iter().position(|dimension| dimension.key == key);
        at.and_then(|at| plan.values(trial.config_id)[at].as_ref().and_then(Value::as_f64)).unwrap_or(0.5)
    };
    of("feedback.density") + shift * of("learning_rate.hidden") + 0.25 * trial.replicate as f64 * (1.0 + shift)
}

#[test]
fn configurations_are_matched_by_their_values_and_paired_by_seed() {
    let (first, other) = (plan(FIRST), plan(OTHER));
    let samples = [sample(&first, |t| ok(value(&first, t, 0.0))), sample(&other, |t| ok(value(&other, t, 1.0)))];
    let found = compare(&[(&first, &samples[0], "r/a"), (&other, &samples[1], "r/b")]).unwrap();
    let one = &found.against[0];
    assert_eq!((one.matched, one.only_first, one.only_other, one.paired, one.seeds), (6, 0, 3, true, 4));
    // On seed r the mean of hidden, 0.5, and r/4.
    assert_eq!((one.test.difference, one.test.freedom), (Some(0.875), Some(3.0)));
    // scipy.stats.ttest_1samp([0.5, 0.75, 1.0, 1.25], 0).pvalue
    assert!((one.test.p.unwrap() - 0.012_307_551_821_486_276).abs() < 1e-9, "{one:?}");
    assert_eq!((one.better, one.worse, one.corrected), (Some(0), Some(6), false));
    let row = &one.configurations[0];
    assert_eq!(row.test.difference, Some(0.375));
    let density = |config_id: u64, plan: &Configurations, key: &str| {
        let at = plan.space.iter().position(|dimension| dimension.key == key).unwrap();
        plan.values(config_id)[at].clone().unwrap()
    };
    for row in &one.configurations {
        assert_eq!(density(row.config_id_first, &first, "feedback.density"), row.values[0]);
        assert_eq!(density(row.config_id_other, &other, "feedback.density"), row.values[0]);
    }
    assert_eq!(one.differs_in_words, "b differs from a in signals.amplitude ([0.1, 0.2] instead of [0.1, 0.3]).");
    assert!(found.finding.starts_with("b is worse than a: test_mae differs by +0.88 ± 0."), "{}", found.finding);
    assert_eq!(found.effects[0].lines.len(), 2);
    assert_eq!(found.effects[0].key, "feedback.density");
    assert_eq!(found.effects[0].lines[0].means, [Some(0.475), Some(0.875), Some(1.375)]);
}

#[test]
fn other_seeds_are_compared_by_welch() {
    let (first, other) = (plan(FIRST), plan(&FIRST.replace("seed: 5\nreplicates: 4", "seed: 6\nreplicates: 3")));
    let samples = [sample(&first, |t| ok(value(&first, t, 0.0))), sample(&other, |t| ok(value(&other, t, 1.0)))];
    let found = compare(&[(&first, &samples[0], "a"), (&other, &samples[1], "b")]).unwrap();
    let one = &found.against[0];
    assert_eq!((one.paired, one.seeds, one.matched, one.unit), (false, 0, 6, Unit::Replicates));
    // Replicates' means: 8/15 + r/4 and 8/15 + 1/2 + r/2, so 0.375 and 1 beyond.
    assert!((one.test.difference.unwrap() - 0.625).abs() < 1e-12, "{one:?}");
    // scipy.stats.ttest_ind([0.5, 1.0, 1.5], [0, 0.25, 0.5, 0.75], equal_var=False).df
    assert!((one.test.freedom.unwrap() - 3.234_718_826_405_868).abs() < 1e-9, "{one:?}");
    assert!(one.differs_in_words.ends_with("in the seeds."), "{}", one.differs_in_words);
    assert!(found.notes.iter().any(|text| text.contains("Welch")), "{found:?}");
}

#[test]
fn a_key_that_one_sweep_does_not_vary_has_the_value_of_its_base() {
    let first = plan(FIRST);
    let other = plan(
        "seed: 5\nreplicates: 4\nbase: {learning_rate: {hidden: 1}}\nsearch: {space: {feedback.density: [0.5, 1.0]}}\n",
    );
    let samples = [sample(&first, |t| ok(t.id as f64)), sample(&other, |t| ok(t.id as f64 + 1.0))];
    let found = compare(&[(&first, &samples[0], "a"), (&other, &samples[1], "b")]).unwrap();
    let one = &found.against[0];
    assert_eq!((one.matched, one.only_first, one.only_other), (2, 4, 0));
    assert!(one.configurations.iter().all(|row| row.values[1] == Value::Float(1.0)));
    assert!(one.differs_in_words.contains("learning_rate.hidden (varied in a alone, 1.0 in b)"), "{one:?}");
    assert_eq!(found.effects.len(), 1);
}

#[test]
fn what_is_not_ok_is_left_out() {
    let (first, other) = (plan(FIRST), plan(FIRST));
    let samples = [
        sample(&first, |t| match (t.config_id, t.replicate) {
            (0, 2) => Some((Status::Diverged, None)),
            _others => ok(value(&first, t, 0.0)),
        }),
        // Replicate 3 has only begun, and configuration 5 lacks another one.
        sample(&other, |t| match (t.config_id, t.replicate) {
            (1.., 3) | (5, 1) => None,
            _others => ok(value(&other, t, 1.0)),
        }),
    ];
    let found = compare(&[(&first, &samples[0], "a"), (&other, &samples[1], "b")]).unwrap();
    let one = &found.against[0];
    assert_eq!(one.left_out, LeftOut { not_ok: 1, stopped: 0, missing: 1 });
    assert_eq!((one.matched, one.configurations.len(), one.seeds), (6, 4, 3));
    assert!(found.warnings.iter().any(|warning| warning.contains("6 of 24 trials of b are missing")), "{found:?}");
    assert!(found.warnings.iter().any(|warning| warning.contains("1 diverged and 0 failed trials of a")), "{found:?}");
}

#[test]
fn with_one_seed_the_configurations_are_the_units() {
    let text = FIRST.replace("replicates: 4", "replicates: 1");
    let (first, other) = (plan(&text), plan(&text));
    let samples = [sample(&first, |t| ok(value(&first, t, 0.0))), sample(&other, |t| ok(value(&other, t, 1.0)))];
    let found = compare(&[(&first, &samples[0], "a"), (&other, &samples[1], "b")]).unwrap();
    let one = &found.against[0];
    assert_eq!((one.unit, one.test.difference, one.test.freedom), (Unit::Pairs, Some(0.5), Some(5.0)));
    assert!(one.configurations.iter().all(|row| row.test.p.is_none()));
    let more = plan(FIRST);
    let held = sample(&more, |t| ok(value(&more, t, 0.0)));
    let found = compare(&[(&more, &held, "a"), (&other, &samples[1], "b")]).unwrap();
    assert_eq!((found.against[0].unit, found.against[0].paired), (Unit::Pairs, true));
}

#[test]
fn three_sweeps_and_none() {
    let (first, other) = (plan(FIRST), plan(&FIRST.replace("[0.1, 0.5, 1.0]", "[0.2, 0.6]")));
    let samples = [sample(&first, |t| ok(value(&first, t, 0.0))), sample(&other, |t| ok(value(&other, t, 0.0)))];
    let third = sample(&first, |t| ok(value(&first, t, 0.0) - 0.1 + 0.01 * ((t.id * 7) % 5) as f64));
    let found = compare(&[(&first, &samples[0], "a"), (&other, &samples[1], "b"), (&first, &third, "c")]).unwrap();
    assert_eq!(found.finding, "Of 2 sweeps beside a, by test_mae, 1 is better and 1 cannot be compared.");
    assert_eq!(found.against[0].finding, "b has no configuration in common with a.");
    let said = compare(&[(&first, &samples[0], "a"), (&other, &samples[1], "b")]).unwrap_err();
    assert_eq!(
        said,
        "a and b have no configuration in common: no value of feedback.density is in both, expected sweeps with the same values of \
         the keys that either varies"
    );
    assert!(compare(&[(&first, &samples[0], "a")]).unwrap_err().contains("a single results directory"));
}

#[test]
fn a_measure_has_to_be_in_all() {
    let first = plan(
        "objective: alignment_deg_1\nbase: {network: {layers: [8, 6, 4, 3]}}\nsearch: {space: {feedback.density: [0.5]}}\n",
    );
    let other = plan("search: {space: {feedback.density: [0.5]}}\n");
    let samples = [sample(&first, |_| None), sample(&other, |_| ok(1.0))];
    let said = compare(&[(&first, &samples[0], "a"), (&other, &samples[1], "x/b")]).unwrap_err();
    assert!(said.starts_with("x/b: has no measure 'alignment_deg_1', expected one of train_loss, "), "{said}");
}
