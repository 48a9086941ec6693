//! What plan and report tell of searches: rounds, rules that stop configurations, several objectives.

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
