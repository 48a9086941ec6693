use burstnet_core::config::Value;
use burstnet_sweep::plan::Trial;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::results::record::Status;

use super::{LeftOut, PlannedComparison, Side, Unit};
use crate::AnalysisError;
use crate::analysis::Sample;
use crate::analysis::tests::{ok, plan, sample};

const GRID: &str = "replicates: 4\nsearch: {space: {feedback.density: [0.1, 0.5, 1.0], learning_rate.hidden: [0.0, 1.0], \
                    plasticity.hidden_rule: [burst_probability, burst_rate]}}\n";

fn settings(pairs: &[(&str, Value)]) -> Side {
    Side::Settings(pairs.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
}

fn density(x: f64) -> Side {
    settings(&[("density", x.into())])
}

fn compare(plan: &Configurations, sample: &Sample, a: &Side, b: &Side) -> Result<PlannedComparison, String> {
    let compared = PlannedComparison::of(plan, &[], sample, [a, b], None);
    if let Ok(found) = &compared {
        let text = format!("{found:?}");
        assert!(!text.contains("NaN") && !text.contains("inf,"), "{text}");
        serde_json::to_string(found).unwrap();
    }
    compared.map_err(|error: AnalysisError| error.to_string())
}

/// Returns a value that depends on density, rule and replicate.
fn value(trial: Trial) -> f64 {
    let (density, rule) = (trial.config_id / 4, trial.config_id % 2);
    density as f64 * if rule == 0 { 0.5 } else { -0.25 } + (trial.replicate * (1 + density)) as f64 * 0.125
}

#[test]
fn levels_are_compared_over_all_pairs_with_replicates_as_blocks() {
    let plan = plan(GRID);
    let found = compare(&plan, &sample(&plan, |t| ok(value(t))), &density(0.5), &density(0.1)).unwrap();
    let first = &found.measures[0];
    assert_eq!((&*first.measure, first.n, first.pairs, found.pairs), ("test_mae", 4, 4, 4));
    // In replicate r the mean over the pairs is (0.5 − 0.25)/2 + r/8: 0.125, 0.25, 0.375 and 0.5.
    assert_eq!(first.test.difference, Some(0.3125));
    // scipy.stats.ttest_1samp([0.125, 0.25, 0.375, 0.5], 0)
    assert!((first.test.t.unwrap() - 3.872_983_346_207_417).abs() < 1e-12, "{first:?}");
    assert!((first.test.p.unwrap() - 0.030_466_291_662_170_96).abs() < 1e-9, "{first:?}");
    assert_eq!((first.a_better, first.b_better), (Some(2), Some(2)));
    let (smallest, largest) = (first.smallest.as_ref().unwrap(), first.largest.as_ref().unwrap());
    assert_eq!((smallest.difference, largest.difference), (-0.0625, 0.6875));
    assert_eq!((smallest.config_id_a, smallest.config_id_b), (5, 1));
    assert_eq!(smallest.values[1], ("plasticity.hidden_rule".to_owned(), Some("burst_rate".into())));
    assert_eq!(found.unit, Unit::Replicates);
    assert!(
        found.finding.contains("density = 0.5 is worse than density = 0.1: test_mae differs by +0.31"),
        "{found:?}"
    );
    assert!(found.notes[1].contains("not corrected for others"), "{found:?}");
}

#[test]
fn two_configurations_are_compared_replicate_by_replicate() {
    let plan = plan(GRID);
    // Replicate 3 of configuration 4 diverged, and 0 of configuration 1 is missing.
    let held = sample(&plan, |t| match (t.config_id, t.replicate) {
        (4, 3) => Some((Status::Diverged, None)),
        (1, 0) => None,
        _others => ok(value(t)),
    });
    let found = compare(&plan, &held, &Side::Configuration(4), &Side::Configuration(1)).unwrap();
    let first = &found.measures[0];
    assert_eq!((first.n, first.pairs, first.smallest.clone(), first.a_better), (2, 1, None, None));
    assert_eq!(first.test.difference, Some(0.5 + 0.125 * 1.5));
    assert!(found.finding.starts_with("So far, "), "{found:?}");
    let differ = &found.sentences[0];
    assert_eq!(differ, "They differ in density (0.5 and 0.1) and hidden_rule (burst_probability and burst_rate).");
}

#[test]
fn pairs_with_trials_that_are_not_ok_are_left_out() {
    let plan = plan(GRID);
    // A trial of configuration 0 diverged, configuration 5 is not there, and replicate 3 has only begun.
    let held = sample(&plan, |t| match (t.config_id, t.replicate) {
        (0, 1) => Some((Status::Diverged, None)),
        (5, _) => None,
        (2.., 3) => None,
        _others => ok(value(t)),
    });
    let found = compare(&plan, &held, &density(0.1), &density(0.5)).unwrap();
    assert_eq!(found.left_out, LeftOut { not_ok: 1, stopped: 0, missing: 1 });
    assert_eq!((found.measures[0].pairs, found.measures[0].n, found.replicates), (2, 3, 3));
    assert!(found.sentences[0].contains("left out are 1 with trials that diverged or failed and 1 with missing"));
}

#[test]
fn with_one_replicate_the_pairs_are_the_units() {
    let plan = plan(&GRID.replace("replicates: 4", "replicates: 1"));
    let held = sample(&plan, |t| ok(value(t)));
    let found = compare(&plan, &held, &density(1.0), &density(0.1)).unwrap();
    let first = &found.measures[0];
    assert_eq!((found.unit, first.n, first.test.difference), (Unit::Pairs, 4, Some(0.25)));
    // scipy.stats.ttest_1samp([1, -0.5, 1, -0.5], 0).pvalue
    assert!((first.test.p.unwrap() - 0.604_181_303_590_592_6).abs() < 1e-9, "{first:?}");
    assert!(found.notes[0].contains("say nothing about other seeds"), "{found:?}");
    let two = compare(&plan, &held, &Side::Configuration(0), &Side::Configuration(1)).unwrap();
    assert_eq!((two.measures[0].test.interval, two.measures[0].test.p), (None, None));
    assert!(two.notes[0].contains("no interval and no test"), "{two:?}");
}

#[test]
fn a_difference_without_noise_has_no_p() {
    let plan = plan(GRID);
    let equal = compare(&plan, &sample(&plan, |_| ok(0.5)), &density(0.1), &density(0.5)).unwrap();
    assert!(equal.finding.contains("are equal in test_mae"), "{equal:?}");
    let shifted = sample(&plan, |t| ok(t.config_id as f64));
    let shifted = compare(&plan, &shifted, &density(0.1), &density(0.5)).unwrap();
    assert_eq!((shifted.measures[0].test.difference, shifted.measures[0].test.p), (Some(-4.0), None));
    assert!(shifted.finding.contains("the noise is not known"), "{shifted:?}");
    let nothing = sample(&plan, |_| Some((Status::Failed, None)));
    let nothing = compare(&plan, &nothing, &density(0.1), &density(0.5)).unwrap();
    assert!(nothing.finding.contains("have no value of test_mae"), "{nothing:?}");
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let grid = plan(GRID);
    let held = sample(&grid, |t| ok(value(t)));
    let both = |a: &Side, b: &Side| compare(&grid, &held, a, b).unwrap_err();
    let rule = |word: &str| settings(&[("hidden_rule", word.into())]);
    for (a, b, message) in [
        (Side::Configuration(0), density(0.1), "a number and a setting, expected two numbers of configurations or two"),
        (Side::Configuration(3), Side::Configuration(3), "both sides are the same configuration"),
        (Side::Configuration(3), Side::Configuration(12), "configuration 12: this sweep has 12, numbered from 0"),
        (density(0.1), density(0.1), "both sides are the same values"),
        (
            density(0.1),
            density(0.15),
            "no configuration has feedback.density = 0.15, expected 0.1, 0.5 or 1.0 (did you mean '0.1'?)",
        ),
        (
            rule("burst_rat"),
            rule("burst_probability"),
            "expected burst_probability or burst_rate (did you mean 'burst_rate'?)",
        ),
        (
            settings(&[("densty", 0.1.into())]),
            density(0.5),
            "'densty' is not a key that is varied here, expected feedback.density, \
          learning_rate.hidden, plasticity.hidden_rule (did you mean 'feedback.density'?)",
        ),
        (density(0.1), settings(&[("hidden", 0.0.into())]), "only one side has a value of feedback.density"),
        (
            settings(&[("density", 0.1.into()), ("feedback.density", 0.5.into())]),
            density(0.5),
            "feedback.density has two values on one side",
        ),
    ] {
        let said = both(&a, &b);
        assert!(said.contains(message), "{said}");
    }
    let keys = plan(
        "search: {space: {learning_rate.hidden: [0.0, 1.0], signals.phase: [[0, 1], [0.5, 1]], \
         feedback.weight_range: [0.5, 1], network.weight_range: [0.5, 1]}}\n",
    );
    let side = |x: f64| settings(&[("weight_range", x.into())]);
    let held = sample(&keys, |_| ok(1.0));
    let said = compare(&keys, &held, &side(0.5), &side(1.0)).unwrap_err();
    assert!(said.contains("'weight_range' can be feedback.weight_range or network.weight_range"), "{said}");
    let lists = |x: f64| settings(&[("phase", Value::List(vec![x.into(), Value::Int(1)]))]);
    assert_eq!(compare(&keys, &held, &lists(0.0), &lists(0.5)).unwrap().pairs, 8);
}

#[test]
fn without_a_grid_there_are_no_pairs() {
    let random = plan(
        "search: {strategy: random, trials: 20, space: {feedback.density: [0.1, 0.5], \
                       learning_rate.hidden: {uniform: [0, 1]}}}\n",
    );
    let held = sample(&random, |t| ok(t.id as f64));
    let said = compare(&random, &held, &density(0.1), &density(0.5)).unwrap_err();
    assert!(
        said.contains("none of them agree in all other keys, expected a sweep that is a grid in feedback.density"),
        "{said}"
    );
    let range = |x: f64| settings(&[("learning_rate.hidden", x.into())]);
    let said = compare(&random, &held, &range(0.5), &range(0.1)).unwrap_err();
    assert!(said.contains("expected one of its 20 values, from 0.") && said.contains("did you mean '0."), "{said}");
    let zip = plan(
        "search: {zip: [[feedback.density, learning_rate.hidden]], space: {feedback.density: [0.1, 0.5], \
                    learning_rate.hidden: [0, 1]}}\n",
    );
    let held = sample(&zip, |t| ok(t.id as f64));
    let said = compare(&zip, &held, &density(0.1), &density(0.5)).unwrap_err();
    assert!(said.contains("feedback.density and learning_rate.hidden move together"), "{said}");
    let both = |x: f64, y: f64| settings(&[("density", x.into()), ("hidden", y.into())]);
    assert_eq!(compare(&zip, &held, &both(0.1, 0.0), &both(0.5, 1.0)).unwrap().pairs, 1);
}

#[test]
fn keys_that_are_tied_by_a_ratio_agree_if_their_ratios_do() {
    let tied = plan(
        "search: {space: {learning_rate.hidden: [0.5, 1.0], learning_rate.output: {choice: [0.1, 0.2], \
                     ratio_of: learning_rate.hidden}}}\n",
    );
    let hidden = |x: f64| settings(&[("hidden", x.into())]);
    let found = compare(&tied, &sample(&tied, |t| ok(t.id as f64)), &hidden(0.5), &hidden(1.0)).unwrap();
    assert_eq!(found.pairs, 2);
}
