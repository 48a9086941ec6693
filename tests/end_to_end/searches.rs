//! What plan and report tell of searches: rounds, rules that stop configurations, several objectives.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::workplace::{Said, Workplace};

fn sweep(search: &str) -> String {
    format!(
        "replicates: 3\nbase:\n  network: {{layers: [12, 8, 3]}}\n  signals: {{length: 60}}\n  training: {{epochs: 9}}\n\
         objective: [{{measure: test_mae}}, {{measure: train_loss}}]\nsearch:\n  space:\n    \
         learning_rate.hidden: {{log_uniform: [0.1, 10]}}\n    plasticity.feedback_rule: [gradient, ungated]\n    \
         learning_rate.feedback: {{log_uniform: [0.01, 0.1], when: {{plasticity.feedback_rule: gradient}}}}\n{search}"
    )
}

const HALVED: &str = "  strategy: sobol\n  trials: 18\n  stopping: {rule: successive_halving, factor: 3, rungs: 3}\n  \
                      constraints: [learning_rate.hidden > 0.2]\n";

fn run(search: &str) -> (Workplace, Said) {
    let place = Workplace::new();
    place.write("s.yaml", sweep(search));
    let said = place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    (place, said)
}

#[test]
fn a_plan_tells_rounds_and_parts_of_the_budget() {
    let place = Workplace::new();
    place.write("s.yaml", sweep(HALVED));
    let plan = place.run(&["plan", "s.yaml", "--json"], 0).json();
    let rungs = json!([{"budget": 1, "trials": 54}, {"budget": 3, "trials": 18}, {"budget": 9, "trials": 6}]);
    assert_eq!((&plan["rungs"], &plan["rounds"], &plan["stopping"]), (&rungs, &3.into(), &"successive_halving".into()));
    assert!(plan["excluded"].as_u64().is_some_and(|excluded| excluded > 0), "{plan}");
    let text = place.run(&["plan", "s.yaml"], 0).out;
    for told in [
        "search  a Sobol' sequence, stopped early by successive_halving",
        "rounds  at most 3",
        "rungs   training.epochs 1 (54 trials), 3 (18 trials), 9 (6 trials), at most",
        "work    at most ",
        "1 constraint excludes ",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(!text.contains("null") && text.contains('–'), "{text}");
    let all = place.run(&["plan", "s.yaml", "--json", "--set", "search.stopping=median"], 0).json();
    let steps = |plan: &Value| plan["steps"].as_f64().unwrap();
    assert!(steps(&plan) < 0.6 * steps(&all), "{plan} {all}");
}

#[test]
fn a_plan_tells_that_a_lag_leaves_nothing_to_learn_from() {
    let place = Workplace::new();
    for (trials, told) in [(16, true), (17, false)] {
        place.write(
            "s.yaml",
            format!(
                "search: {{strategy: tpe, trials: {trials}, space: {{learning_rate.hidden: {{uniform: [0, 1]}}}}}}"
            ),
        );
        let said = place.run(&["plan", "s.yaml"], 0).out;
        let expected = "! none of 16 configurations depends on a result; a lag of 4 lets the";
        assert_eq!(said.contains(expected), told, "{said}");
    }
}

#[test]
fn a_plan_tells_what_a_lag_keeps_busy() {
    let place = Workplace::new();
    place.write("s.yaml", sweep("  strategy: tpe\n  trials: 20\n  lag: 4\n"));
    let plan = place.run(&["plan", "s.yaml", "--json"], 0).json();
    assert_eq!(
        (&plan["lag"], &plan["round"], plan["shown"].as_array().map(Vec::len)),
        (&4.into(), &Value::Null, Some(8))
    );
    for (threads, verdict) in [
        ("1", "which keeps 1 thread busy"),
        ("5", "which keeps 5 threads busy for most of the time; 5 does where trials are uneven"),
        ("8", "too few for 8 threads, which 6 keeps busy, and 8 where trials are uneven"),
    ] {
        let told = place.run(&["plan", "s.yaml", "--threads", threads], 0).prose();
        assert!(told.contains(&format!("4 configurations, so at most 12 trials at once, {verdict}")), "{told}");
    }
    let halving = sweep("  strategy: random\n  trials: 20\n  lag: 4\n  stopping: successive_halving\n");
    place.write("h.yaml", halving);
    let told = place.run(&["plan", "h.yaml"], 0).prose();
    assert!(told.contains("trials), about") && told.contains("about "), "{told}");
}

#[test]
fn a_shard_of_a_search_with_a_lag_waits_for_the_others() {
    let place = Workplace::new();
    place.write("s.yaml", sweep("  strategy: tpe\n  trials: 8\n  lag: 2\n"));
    let alone = place.run(&["sweep", "s.yaml", "--out", "r", "--shard", "0/2", "--wait", "0"], 3);
    assert!(
        alone.err.contains("nothing came from other shards") && alone.err.contains("which shard 1/2 runs"),
        "{}",
        alone.err
    );
    assert!(place.run(&["status", "r"], 0).out.contains("lag 2: "));
    let early = place.run(&["merge", "r"], 4);
    assert!(early.err.contains("of them can start now: burstnet sweep s.yaml --out r"), "{}", early.err);
    place.refuses(&["sweep", "s.yaml", "--out", "r", "--round", "1"], "which has no rounds");
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    assert!(place.run(&["status", "r"], 0).out.contains("24 of 24 trials done"));
    place.refuses(
        &["plan", "s.yaml", "--set", "search.round=4"],
        "search.lag: 2 and search.round: 4, expected one of them",
    );
}

#[test]
fn a_plan_shows_the_first_round_of_a_sampler_that_learns() {
    let place = Workplace::new();
    place.write("s.yaml", sweep("  strategy: tpe\n  trials: 20\n  round: 4\n"));
    let plan = place.run(&["plan", "s.yaml", "--json"], 0).json();
    assert_eq!((&plan["rounds"], &plan["round"], &plan["trials"]), (&5.into(), &4.into(), &60.into()));
    let shown = plan["shown"].as_array().unwrap();
    assert_eq!(shown.last().unwrap()["config_id"], 3);
    assert!(shown.iter().all(|trial| trial["learning_rate_hidden"].is_number()), "{plan}");
    let text = place.run(&["plan", "s.yaml"], 0).out;
    assert!(text.contains("Configurations from 4 on depend on the results of those before."), "{text}");
}

#[test]
fn configurations_that_were_stopped_are_counted_and_no_errors() {
    let (place, said) = run(HALVED);
    let text = said.prose();
    assert!(text.contains("54 trials of 18 configurations × 3 replicates: 6 ok, 48 stopped early"), "{text}");
    assert!(text.contains("successive_halving stopped 16 configurations early."), "{text}");
    assert!(text.contains("… and 16 configurations that were stopped early") && !text.contains("more\n"), "{text}");
    assert!(text.contains("which the rule successive_halving let run to the end"), "{text}");
    assert!(!text.contains("Trials that are not ok") && !text.contains("null"), "{text}");
    let report = place.run(&["report", "r", "--json"], 0).json();
    assert_eq!(report["errors"], json!([]));
    assert_eq!(report["progress"]["counts"]["pruned"], 48);
    assert_eq!(report["search"]["stopping"]["configurations"], 16);
    assert_eq!(report["search"]["stopping"]["rungs"], json!([1, 3, 9]));
    let ranked = report["ranked"].as_array().unwrap();
    assert_eq!(ranked.len(), 2);
    assert!(ranked.iter().all(|one| one["counts"]["pruned"] == 0));
    let summary = place.run(&["report", "r", "--csv=summary"], 0).out;
    let (header, rows) = summary.split_once("\r\n").unwrap();
    let column = |name: &str| header.split(',').position(|own| own == name).expect(name);
    let cells: Vec<Vec<&str>> = rows.lines().map(|row| row.split(',').collect()).collect();
    let stopped: Vec<_> = cells.iter().filter(|row| row[column("n_pruned")] == "3").collect();
    assert_eq!((cells.len(), stopped.len()), (18, 16));
    assert!(stopped.iter().all(|row| row[column("test_mae_mean")].is_empty() && row[column("pareto")] == "false"));
}

#[test]
fn the_best_compromises() {
    let (place, said) = run("  strategy: random\n  trials: 20\n");
    assert!(said.out.contains("Best compromises") && said.prose().contains("on the Pareto front"), "{}", said.out);
    let report = place.run(&["report", "r", "--json"], 0).json();
    let front = report["pareto"]["configurations"].as_array().unwrap();
    assert_eq!(report["pareto"]["size"], front.len());
    let mean = |one: &Value, at: usize| one["means"][at].as_f64().unwrap();
    assert!(
        front.windows(2).all(|pair| mean(&pair[0], 0) <= mean(&pair[1], 0) && mean(&pair[0], 1) >= mean(&pair[1], 1))
    );
    let summary = place.run(&["report", "r", "--csv=summary"], 0).out;
    let pareto = summary.lines().next().unwrap().split(',').position(|name| name == "pareto").unwrap();
    let on = |row: &str| (row.split(',').nth(pareto)? == "true").then(|| row.split(',').next().unwrap().to_owned());
    let mut in_table: Vec<String> = summary.lines().filter_map(on).collect();
    let mut listed: Vec<String> = front.iter().map(|one| one["config_id"].to_string()).collect();
    in_table.sort();
    listed.sort();
    assert_eq!(in_table, listed);
    // The same bytes however it ran.
    place.run(&["sweep", "s.yaml", "--out", "again", "--threads", "1"], 0);
    assert!(place.read("r/summary.parquet") == place.read("again/summary.parquet"));
}

/// a² has sixteen times the variance of b², and c and d do nothing. The search gathers configurations where a and b are
/// best, which must not hide that a matters most.
#[test]
fn a_search_that_learns_names_the_key_that_matters_most() {
    let place = Workplace::new();
    let int = "{int: [0, 1000]}";
    place.write(
        "s.yaml",
        format!(
            "name: s\nmodel:\n  command: [./model.sh]\n  measures: [value]\nbase: {{a: 0, b: 0, c: 0, d: 0}}\nsearch: {{strategy: \
             tpe, trials: 64, space: {{a: {int}, b: {int}, c: {int}, d: {int}}}}}\n"
        ),
    );
    let script = r#"read -r given
of() { x=${given#*"\"$1\":"}; x=${x%%[,\}]*}; echo $((x - $2)); }
a=$(of a 700); b=$(of b 200)
echo '{"measures": {"value": '$((4 * a * a + b * b))'}}'"#;
    let path = place.write("model.sh", format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    place.run(&["sweep", "s.yaml", "--out", "r", "--allow-command"], 0);
    let report = place.run(&["report", "r", "--json"], 0).json();
    let shares = &report["variance"];
    let verdict = &shares["verdict"];
    assert_eq!((&verdict["told"], &verdict["first"]), (&json!("first"), &json!(["a"])), "{shares}");
    let keys = shares["keys"].as_array().unwrap();
    assert_eq!([&keys[0]["key"], &keys[1]["key"]], ["a", "b"], "{shares}");
    assert!(keys[0]["share"].as_f64().unwrap() > 0.6 && keys[0]["p"].as_f64().unwrap() < 0.001, "{shares}");
    assert_eq!(shares["best_tenth"]["configurations"], 7);
    let said = place.run(&["report", "r"], 0).prose();
    assert!(said.contains("What sets the best 7 configurations apart: ") && said.contains("a decides: "), "{said}");
    let page = String::from_utf8(place.read("r/report.html")).unwrap();
    assert!(page.contains("What sets the best 7 configurations apart: "));
}
