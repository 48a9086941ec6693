//! Searches that have nothing to learn from: every trial fails, has no value, or has the same.

use crate::external::{ALLOWED, allowed};
use crate::workplace::Workplace;

/// Runs a search of each strategy with a program that prints this, and returns what it says at its end.
fn searched(strategy: &str, script: &str, code: i32) -> (Workplace, String) {
    let place = Workplace::new();
    place.write(
        "s.yaml",
        format!(
            "name: s\nmodel:\n  command: [sh, model.sh, '{{x}}', '{{k}}']\n  stdin: none\n  measures: [loss]\n  read: {{from: stdout, \
             json: last}}\nsearch:\n  strategy: {strategy}\n  trials: 24\n  lag: 3\n  space: {{x: {{uniform: [0.0, 1.0]}}, k: \
             {{int: [1, 9]}}}}\nexecution: {{stop_after_failures: 0}}\n"
        ),
    );
    place.write("model.sh", script);
    let said = place.run(&allowed(&ALLOWED), code);
    (place, said.out)
}

/// Returns how many trials there are, and how many of them are different.
fn points(place: &Workplace, code: i32) -> (usize, usize) {
    let csv = place.run(&["report", "r", "--csv=trials"], code).out;
    let mut rows = csv.lines();
    let header: Vec<&str> = rows.next().unwrap().split(',').collect();
    let at = ["x", "k"].map(|key| header.iter().position(|name| *name == key).unwrap());
    let cells = |row: &str| at.map(|at| row.split(',').nth(at).unwrap().to_owned());
    let all: Vec<[String; 2]> = rows.map(cells).collect();
    (all.len(), all.iter().collect::<std::collections::BTreeSet<_>>().len())
}

#[test]
fn with_the_same_value_everywhere_the_search_goes_on() {
    for strategy in ["gp", "tpe", "cmaes", "auto"] {
        let (place, said) = searched(strategy, "echo '{\"loss\": 3}'\n", 0);
        assert_eq!(points(&place, 0), (24, 24), "{strategy}");
        assert!(said.contains("loss is 3") || said.contains("which cannot be told from 3"), "{strategy}: {said}");
    }
}

#[test]
fn without_a_value_anywhere_the_search_ends_and_says_so() {
    for strategy in ["gp", "tpe", "cmaes", "auto"] {
        let (place, said) = searched(strategy, "echo '{\"loss\": NaN}'\n", 0);
        assert_eq!(points(&place, 0), (24, 24), "{strategy}");
        assert!(said.contains("No trial has a value of loss."), "{strategy}: {said}");
    }
}

#[test]
fn where_all_trials_fail_the_search_ends_and_says_so() {
    for strategy in ["gp", "tpe", "cmaes", "auto"] {
        let (place, said) = searched(strategy, "echo 'no GPU' >&2; exit 1\n", 1);
        assert_eq!(points(&place, 1), (24, 24), "{strategy}");
        assert!(said.contains("All 24 trials failed. The first message:"), "{strategy}: {said}");
    }
}

#[test]
fn what_a_strategy_does_not_take_is_told_with_an_alternative() {
    let keys: Vec<String> = (0..101).map(|at| format!("k{at}: {{uniform: [0, 1]}}")).collect();
    let keys = keys.join(", ");
    for (search, told) in [
        ("strategy: tpe, trials: 9, lag: 0", "s.yaml:2:41: search.lag is '0', expected an integer from 1 to 1000000"),
        ("strategy: tpe, trials: 9, lag: 1000001", "search.lag is '1000001', expected an integer from 1 to 1000000"),
        ("strategy: gp, trials: 50", "s.yaml:2:20: 101 axes of strategy gp, expected at most 100, or strategy tpe"),
    ] {
        let place = Workplace::new();
        place.write(
            "s.yaml",
            format!("model: {{command: [sh], measures: [loss]}}\nsearch: {{{search}, space: {{{keys}}}}}\n"),
        );
        place.refuses(&["plan", "s.yaml"], told);
    }
}
