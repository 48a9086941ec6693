//! Pages of sweeps that were searched in other ways than by a grid that runs to the end.

use burstnet_report::tables;

use crate::points::Points;
use crate::{Case, visible};

/// Keys that are tied, constraints, an included configuration, and a rule.
const HALVED: &str = "\
name: halved
seed: 1
replicates: 3
base: {p.curve: 18}
search:
  strategy: sobol
  trials: 40
  stopping: {rule: successive_halving, factor: 3, rungs: 3}
  constraints: [p.a < p.b + 1]
  include: [{p.a: 0.5, p.b: 0.5, p.flag: true, p.c: 0.01, p.d: 0.25}]
  space:
    p.a: {uniform: [0, 2]}
    p.b: {ratio_of: p.a, log_uniform: [0.1, 10]}
    p.flag: [true, false]
    p.c: {log_uniform: [0.001, 1], when: {p.flag: true}}
    p.d: {linear: [0, 1], num: 5, when: {p.flag: true}}
    p.sizes: {choice: [[1, 2], [3]], when: {p.flag: false}}
";

#[test]
fn keys_that_are_tied_and_configurations_that_were_stopped() {
    let (_, page) = Case::new("halved", HALVED).page();
    let body = visible(&page);
    assert!(body.contains(
        "40 configurations by a Sobol' sequence over 6 keys, stopped early by <code>successive_halving</code>"
    ));
    assert!(
        body.contains("Jamieson &amp; Talwalkar, AISTATS 2016) has stopped 36 configurations early, with 108 trials")
    );
    assert!(body.contains("It looks at trials at <code>p.curve</code> 2, 6, 18."), "{body}");
    assert!(body.contains("ratios to <code>p.a</code>") && body.contains("; only if <code>p.flag</code> is "));
    assert!(body.contains("Every configuration fulfils this constraint, which excludes "));
    assert!(body.contains("1 configuration is named in the sweep file and comes first."));
    assert!(body.contains("Configurations by a Sobol' sequence: Sobol', "));
    assert!(body.contains("36 configurations that were stopped early are not listed"));
    let swept = body.split_once("id=\"trained\"").unwrap().0; // among the fixed keys are some that are null
    assert!(!swept.contains("Why trials failed or diverged") && !swept.contains("null"));
    assert!(body.contains("complete configurations only, which the rule successive_halving let run to the end"));
}

#[test]
fn keys_that_do_not_exist_everywhere() {
    let all = HALVED.replace("  stopping: {rule: successive_halving, factor: 3, rungs: 3}\n", "");
    let (_, page) = Case::new("conditional", &all).page();
    let data = page.split_once("id=\"sweep\">").unwrap().1.split_once("</script>").unwrap().0;
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    let values = data["keys"][3]["values"].as_array().unwrap();
    assert_eq!(values.len(), 40);
    assert!(values.iter().any(serde_json::Value::is_null) && values.iter().any(serde_json::Value::is_number));
    let ratio = |row: usize| data["keys"][1]["at"][row].as_f64().unwrap();
    let value = |key: usize, row: usize| data["keys"][key]["values"][row].as_f64().unwrap();
    assert!((0..40).all(|row| (ratio(row) * value(0, row) - value(1, row)).abs() < 1e-4 * value(1, row)));
}

#[test]
fn rounds_of_a_sampler_that_learns() {
    let text = "name: learns\nseed: 1\nreplicates: 2\nsearch:\n  strategy: tpe\n  trials: 30\n  round: 5\n  space:\n    p.a: {uniform: [-1, 1]}\n    p.b: [0, 1, 2]\n";
    let (_, page) = Case::new("learns", text).page();
    let body = visible(&page);
    assert!(
        body.contains("by a tree-structured Parzen estimator over 2 keys, in rounds of 5, each on 2 replicates"),
        "{body}"
    );
    assert!(body.contains("which a tree-structured Parzen estimator chose by earlier results"));
}

#[test]
fn configurations_that_lost_a_race() {
    let text = "name: race\nseed: 1\nreplicates: 6\nsearch:\n  stopping: paired_racing\n  space:\n    p.a: {linear: [0, 1], num: 5}\n    p.b: [0, 0.001, 3]\n";
    let (_, page) = Case::new("race", text).page();
    assert!(visible(&page).contains("The rule <code>paired_racing</code>"));
}

#[test]
fn compromises_between_three_objectives() {
    let text = "name: compromises\nseed: 1\nreplicates: 2\nobjective: [{measure: test_mae}, {measure: reach, direction: maximize}, {measure: spread}]\nsearch:\n  strategy: random\n  trials: 200\n  space:\n    p.a: {uniform: [0, 1]}\n    p.b: {uniform: [0, 1]}\n    p.fate: [ok, diverge]\n";
    let (_, page) = Case::new("compromises", text).page();
    let body = visible(&page);
    assert!(body.contains("configurations are on the Pareto front</strong>"), "{body}");
    assert!(body.contains("Means of test_mae and reach. On the front: "), "{body}");
    assert!(body.contains("Also to be good: the largest mean of <code>reach</code>."));
}

#[test]
fn no_compromise_without_values() {
    let text = "name: none\nseed: 1\nobjective: [{measure: test_mae}, {measure: reach}]\nsearch:\n  space:\n    p.fate: [diverge]\n    p.a: [0, 1]\n";
    let (_, page) = Case::new("no-compromise", text).page();
    assert!(visible(&page).contains("so there is no front yet"));
}

#[test]
fn the_front_is_that_of_the_summary() {
    let place = tempfile::tempdir().unwrap();
    let text = "name: two\nseed: 1\nreplicates: 2\nobjective: [{measure: test_mae}, {measure: reach, direction: maximize}]\nsearch:\n  strategy: random\n  trials: 300\n  space:\n    p.a: {uniform: [0, 1]}\n    p.b: {uniform: [0, 1]}\n    p.fate: [ok, diverge]\n";
    let study = Case::new("two", text).run(place.path());
    let overview = tables::write(&study, &Points::default()).unwrap();
    let front = overview.analysis.pareto.unwrap();
    let pareto = |one: &burstnet_report::analysis::FrontStanding| one.on_front;
    assert_eq!(front.standings.iter().filter(|one| pareto(one)).count(), front.size);
    assert!(front.size > 2 && front.size < 100, "{}", front.size);
    let means: Vec<&[f64]> = front.configurations.iter().map(|one| &one.means[..]).collect();
    assert!(means.windows(2).all(|pair| pair[0][0] < pair[1][0] && pair[0][1] < pair[1][1]), "{means:?}");
}
