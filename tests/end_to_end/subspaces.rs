//! `search.space` as a list of sub-spaces.

use serde_json::{Value as Json, json};

use crate::external;
use crate::sweeps::{killed_at_random_moments, tables};
use crate::workplace::Workplace;

const BASE: &str = "name: parts\nseed: 3\nreplicates: 2\nbase:\n  network: {layers: [12, 8, 3]}\n  signals: {length: 60}\n  \
                    training: {epochs: 2}\nobjective: {measure: train_loss}\nsearch:\n";
const SPACE: &str = "  space:\n    - name: control\n      feedback.density: 0\n    - learning_rate: {hidden: {log: [0.1, 10], num: 3}}\n      \
                     feedback.density: [0.1, 0.5]\n    - {name: ablation, plasticity.hidden_rule: burst_rate}\n";

fn sweep() -> String {
    format!("{BASE}{SPACE}")
}

/// Returns the cells of a column of a table that a command prints as CSV. No cell before it has a comma.
fn column(csv: &str, name: &str) -> Vec<String> {
    let at = csv.lines().next().unwrap().split(',').position(|held| held == name).unwrap();
    csv.lines().skip(1).map(|line| line.split(',').nth(at).unwrap().to_owned()).collect()
}

#[test]
fn each_configuration_has_its_subspace_in_plan_tables_show_rerun_report_and_page() {
    let place = Workplace::new();
    place.write("s.yaml", sweep());
    let plan = place.run(&["plan", "s.yaml", "--json"], 0).json();
    let sizes = json!([
        {"name": "control", "configurations": 1}, {"name": "2", "configurations": 6}, {"name": "ablation", "configurations": 1}
    ]);
    assert_eq!((&plan["subspaces"], &plan["configurations"]), (&sizes, &json!(8)));
    let row = |at: usize| -> Vec<&Json> {
        let names = ["subspace", "feedback_density", "learning_rate_hidden", "plasticity_hidden_rule"];
        names.iter().map(|name| &plan["shown"][at][name]).collect()
    };
    assert_eq!(row(0), [&json!("control"), &json!(0.0), &json!(1.0), &json!("burst_probability")]);
    assert_eq!(row(2), [&json!("2"), &json!(0.1), &json!(0.1), &json!("burst_probability")]);
    assert_eq!(row(7), [&json!("ablation"), &json!(1.0), &json!(1.0), &json!("burst_rate")]);
    let told = place.run(&["plan", "s.yaml"], 0).out;
    let flat = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains("3 sub-spaces, with the number of configurations of each: control (1), 2 (6), ablation (1)"),
        "{told}"
    );
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let expected = ["control", "2", "2", "2", "2", "2", "2", "ablation"];
    let of = |table: &str| place.run(&["report", "r", &format!("--csv={table}")], 0).out;
    assert_eq!(column(&of("summary"), "subspace"), expected);
    let trials = of("trials");
    assert_eq!(column(&trials, "subspace"), expected.map(|name| [name, name]).concat());
    for table in ["ranking", "contrasts"] {
        let csv = of(table);
        let ids = column(&csv, "config_id");
        for (id, name) in ids.iter().zip(column(&csv, "subspace")) {
            assert_eq!(name, expected[id.parse::<usize>().unwrap()], "{table}");
        }
    }
    let show = place.run(&["show", "r", "--config", "0"], 0).out;
    assert!(show.contains("# sub-space control\n"), "{show}");
    assert_eq!(place.run(&["show", "r", "--config", "7", "--json"], 0).json()["subspace"], "ablation");
    place.write("run.yaml", &show);
    assert_eq!(place.run(&["run", "run.yaml", "--json"], 0).json()["digest"], column(&trials, "digest")[0]);
    let again = place.run(&["rerun", "r", "--trial", "2"], 0).out;
    assert!(again.contains("\nsub-space 2\n"), "{again}");
    assert_eq!(place.run(&["rerun", "r", "--trial", "15", "--json"], 0).json()["subspace"], "ablation");
    let report = place.run(&["report", "r", "--json"], 0).json();
    let best: Vec<&Json> =
        report["subspaces"].as_array().unwrap().iter().map(|one| &one["best"]["config_id"]).collect();
    assert_eq!((best[0], best[2], report["subspaces"][1]["valued"].as_u64()), (&json!(0), &json!(7), Some(6)));
    let told = place.run(&["report", "r"], 0).out;
    let flat = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("Sub-spaces The best configuration of each."), "{told}");
    let page = String::from_utf8(place.read("r/report.html")).unwrap();
    assert!(page.contains("How do the sub-spaces compare?") && page.contains(">ablation<"));
    place.run(&["report", "r", "--trial", "14"], 0);
}

#[test]
fn the_same_bytes_on_1_2_and_7_threads_in_shards_with_more_and_shuffled() {
    let place = Workplace::new();
    place.write("s.yaml", sweep());
    for threads in ["1", "2", "7"] {
        place.run(&["sweep", "s.yaml", "--out", threads, "--threads", threads], 0);
    }
    assert!(tables(&place, "1") == tables(&place, "2") && tables(&place, "1") == tables(&place, "7"));
    for shard in ["1/3", "0/3", "2/3"] {
        place.run(&["sweep", "s.yaml", "--out", "shards", "--shard", shard], 0);
    }
    place.run(&["merge", "shards"], 0);
    place.run(&["sweep", "s.yaml", "--out", "shuffled", "--set", "execution.order=shuffled"], 0);
    assert!(tables(&place, "1") == tables(&place, "shards") && tables(&place, "1") == tables(&place, "shuffled"));
    // Another sub-space in between, and more replicates: what was done stays.
    let more = SPACE
        .replace("    - {name: ablation", "    - {name: between, network.bias: [0.2, 0.3]}\n    - {name: ablation");
    place.write("s.yaml", format!("{}{more}", BASE.replace("replicates: 2", "replicates: 3")));
    place.run(&["sweep", "s.yaml", "--out", "whole"], 0);
    let said = place.run(&["sweep", "s.yaml", "--out", "1", "--extend"], 0);
    assert!(said.err.contains("16 trials of 30 done before"), "{}", said.err);
    assert!(tables(&place, "1") == tables(&place, "whole"));
    // A sweep of one space becomes one of several.
    place.write("grid.yaml", format!("{BASE}  space: {{feedback.density: [0.1, 0.5], learning_rate.hidden: [1.0]}}\n"));
    place.run(&["sweep", "grid.yaml", "--out", "grid"], 0);
    place.write("more.yaml", sweep());
    let said = place.run(&["sweep", "more.yaml", "--out", "grid", "--extend"], 0);
    assert!(said.err.contains("4 trials of 16 done before"), "{}", said.err);
    assert!(tables(&place, "grid") == tables(&place, "2"));
    // The best ones again, on fresh seeds.
    place.run(&["confirm", "grid", "--best", "2", "--replicates", "3"], 0);
    let confirmed = column(&place.run(&["report", "grid/confirmation", "--csv=summary"], 0).out, "subspace");
    let best = &place.run(&["report", "grid", "--json"], 0).json()["ranked"];
    let names: Vec<&str> = (0..2).map(|at| best[at]["subspace"].as_str().unwrap()).collect();
    assert!(names.iter().all(|name| confirmed.iter().any(|held| held == name)), "{names:?} {confirmed:?}");
}

#[test]
fn the_same_bytes_after_kills() {
    let slow = sweep().replace("epochs: 2", "epochs: 40, engine: reference");
    killed_at_random_moments(&slow, 16, 5);
}

#[test]
fn constraints_conditions_zips_and_tables_go_with_subspaces() {
    let place = Workplace::new();
    let plan = |search: &str| {
        place.write("s.yaml", format!("{BASE}{search}"));
        place.run(&["plan", "s.yaml", "--json"], 0).json()
    };
    let sizes = |plan: &Json| -> Vec<u64> {
        plan["subspaces"].as_array().unwrap().iter().map(|one| one["configurations"].as_u64().unwrap()).collect()
    };
    let constrained = plan(&format!("  constraints: learning_rate.hidden < 5\n{SPACE}"));
    assert_eq!((sizes(&constrained), &constrained["excluded"]), (vec![1, 4, 1], &json!(2)));
    assert_eq!(constrained["shown"][7]["subspace"], "ablation");
    let tied = plan(
        "  zip: [signals.length, training.epochs]\n  space:\n    - {signals.length: [60, 70], training.epochs: [3, 4]}\n    \
         - training.epochs: [5, 6]\n    - plasticity.feedback_rule: [gradient, ungated]\n      \
         learning_rate.feedback: {choice: [0.01, 0.1], when: {plasticity.feedback_rule: gradient}}\n    \
         - learning_rate.hidden: [0.3, 3]\n      learning_rate.output: {ratio_of: learning_rate.hidden, ratio: 0.5}\n",
    );
    assert_eq!(sizes(&tied), [2, 2, 3, 2]);
    place.write("t.csv", "network.bias\n0.2\n0.3\n");
    let crossed = plan(&format!("  table: t.csv\n{SPACE}"));
    assert_eq!((sizes(&crossed), &crossed["configurations"]), (vec![2, 12, 2], &json!(16)));
    // The last key changes fastest: both rows of the table belong to the control.
    let names: Vec<&Json> = [0, 2, 4].iter().map(|&at| &crossed["shown"][at]["subspace"]).collect();
    assert_eq!(names, [&json!("control"), &json!("control"), &json!("2")]);
    let drawn = plan(&format!("  per_replicate: {{network.bias: [0.1, 0.2]}}\n{SPACE}"));
    assert_eq!(drawn["per_replicate"], json!(["network.bias"]));
}

#[test]
fn what_is_wrong_with_a_subspace_is_said_with_its_place() {
    let place = Workplace::new();
    let mut cases: Vec<(String, &str)> = vec![
        ("  space: []\n".into(), "s.yaml:10:10: search.space is an empty list, expected a sub-space, such as"),
        ("  space: [1]\n".into(), "s.yaml:10:11: sub-space 1 of search.space is '1', expected a sub-space"),
        ("  space:\n    - {name: control}\n".into(), "s.yaml:11:7: sub-space 'control' sets no key"),
        ("  space:\n    - {}\n".into(), "s.yaml:11:7: sub-space '1' sets no key"),
        (
            "  space:\n    - {name: a/b, feedback.density: 0}\n".into(),
            "s.yaml:11:14: the name of a sub-space is 'a/b', expected up to 100 letters",
        ),
        (
            "  space:\n    - {name: a, feedback.density: 0}\n    - {name: a, feedback.density: 1}\n".into(),
            "s.yaml:12:14: two sub-spaces have the name 'a'; the first is at s.yaml:11:14",
        ),
        (
            "  space:\n    - {feedback.density: 0.5}\n    - {name: \"1\", feedback.density: 1}\n".into(),
            "s.yaml:12:14: two sub-spaces have the name '1'; the first is at s.yaml:11:7",
        ),
        (
            "  space:\n    - feedback.density: [0.5, 1.0]\n    - {name: control, learning_rate.hidden: 1}\n".into(),
            "s.yaml:12:14: sub-space 'control' has a configuration that sub-space '1', at s.yaml:11:7, has: \
             feedback.density 1.0, learning_rate.hidden 1.0, expected each configuration once",
        ),
        (
            "  space:\n    - feedback.density: [0.5, 0.5]\n".into(),
            "s.yaml:11:31: feedback.density is varied over '0.5' twice",
        ),
        (
            "  space:\n    - {name: a, learning_rate.output: {ratio_of: learning_rate.hidden, choice: [0.1, 0.1000000000000001]}}\n".into(),
            "s.yaml:11:14: sub-space 'a' has a configuration twice: learning_rate.output 0.1, expected each",
        ),
        (
            "  space:\n    - feedback.density: {uniform: [0, 1]}\n".into(),
            "s.yaml:11:25: feedback.density is varied over a range, of which a sub-space has no points",
        ),
        (
            "  space:\n    - feedback.density: 0.5\n      learning_rate.feedback: {choice: [0.1], when: {plasticity.feedback_rule: ungated}}\n"
                .into(),
            "s.yaml:12:7: learning_rate.feedback exists in no configuration of this sub-space",
        ),
        (
            "  space:\n    - feedback.density: {ratio_of: learning_rate.hidden, ratio: 2}\n".into(),
            "s.yaml:11:25: feedback.density would become 2.0, expected a number from 0 to 1",
        ),
        ("  space:\n    - feedback.densty: 0\n".into(), "s.yaml:11:7: unknown key 'feedback.densty'"),
        ("  space:\n    - feedback.density: 2\n".into(), "s.yaml:11:25: feedback.density would become '2'"),
        (
            "  space:\n    - learning_rate.hidden: [[1.0, 2.0]]\n    - feedback.density: 0\n".into(),
            "s.yaml:11:7: learning_rate.hidden would become 1.0, and other values are of another type",
        ),
        (
            "  include: [{feedback.density: 0.3}]\n  space:\n    - {name: control, feedback.density: 0}\n".into(),
            "s.yaml:10:13: search.include beside a list of sub-spaces, expected its configurations as sub-spaces",
        ),
        (
            "  constraints: feedback.density > 0\n  space:\n    - {name: control, feedback.density: 0}\n    - feedback.density: 1\n"
                .into(),
            "s.yaml:12:14: the constraints leave nothing of sub-space 'control'",
        ),
        (
            "  zip: [signals.length, training.epochs]\n  space:\n    - signals.length: [60, 70]\n    - training.epochs: [3, 4]\n"
                .into(),
            "s.yaml:10:8: no sub-space varies all of signals.length, training.epochs",
        ),
        (
            "  zip: [signals.length, network.bias]\n  space:\n    - signals.length: [60, 70]\n".into(),
            "s.yaml:10:8: zip names network.bias, which is not swept",
        ),
        (
            "  zip: [signals.length, training.epochs]\n  space:\n    - {signals.length: [60, 70], training.epochs: [3, 4, 5]}\n"
                .into(),
            "s.yaml:10:8: zip of signals.length (2 values) and training.epochs (3 values)",
        ),
        (
            "  per_replicate: {feedback.density: [0.1, 0.2]}\n  space:\n    - network.bias: 0\n    - feedback.density: 0\n".into(),
            "s.yaml:10:19: feedback.density is swept",
        ),
        (
            "  per_replicate: {learning_rate.hidden: [1, 2]}\n  space:\n    - learning_rate.output: {ratio_of: learning_rate.hidden, ratio: 0.1}\n"
                .into(),
            "s.yaml:12:29: learning_rate.output depends on learning_rate.hidden, which is drawn for each replicate",
        ),
        (
            "  space:\n    - feedback.density: {linear: [0, 1], num: 2000}\n      learning_rate.hidden: {linear: [0, 1], num: 2000}\n".into(),
            "s.yaml:11:7: a sub-space of more than 1000000 configurations",
        ),
    ];
    cases.extend([
        (
            "  space:\n    - learning_rate.hidden: [0.1, 1]\n    - feedback.density: [0.1, 0.5, 1]\n".into(),
            "s.yaml:11:5: search.space is a list of sub-spaces that vary a key each, in 2 + 3 configurations, expected a mapping",
        ),
        (
            "  space:\n    - {learning_rate.hidden: 1, feedback.density: [0.1, 0.5]}\n".into(),
            "s.yaml:11:5: search.space is a list of one sub-space, expected a mapping",
        ),
    ]);
    for strategy in ["random", "tpe", "table"] {
        cases.push((
            format!("  strategy: {strategy}\n  trials: 5\n  space:\n    - feedback.density: 0\n"),
            "s.yaml:12:3: search.space is a list of sub-spaces, with strategy",
        ));
    }
    for (search, message) in cases {
        let search = search.replace("  strategy: table\n  trials: 5\n", "  strategy: table\n  table: t.csv\n");
        place.write("s.yaml", format!("{BASE}{search}"));
        let said = place.refuses(&["plan", "s.yaml"], message);
        assert_eq!(said.err.matches("error:").count(), 1, "{}", said.err);
    }
    place.write("s.yaml", sweep());
    place.refuses(
        &["plan", "s.yaml", "--set", "search.space.feedback.density=[0.1]"],
        "search.space is a list with mappings, at s.yaml:11:5, and has no keys",
    );
    let said = place.run(&["plan", "s.yaml", "--set", "feedback.density=0.2", "--json"], 0).json();
    assert_eq!(said["shown"][7]["feedback_density"], 0.2);
    let every = "search.space=[{network.bias: 0}, {network.bias: 0.5}]";
    place.refuses(&["plan", "s.yaml", "--set", every, "--set", "network.bias=1"], "network.bias is swept, at --set");
}

#[test]
fn plans_of_other_people_with_subspaces_are_checked() {
    let place = Workplace::new();
    place.write("s.yaml", sweep());
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let held: Json = serde_json::from_slice(&place.read("r/plan.json")).unwrap();
    assert_eq!(held["subspaces"][1], json!({"name": "2", "rows": 6}));
    for (subspaces, message) in [
        (json!([{"name": "a", "rows": 9}]), "the rows of the sub-spaces are not those of the space"),
        (
            json!([{"name": "a", "rows": u64::MAX}, {"name": "b", "rows": 9}]),
            "the rows of the sub-spaces are not those",
        ),
        (json!([{"name": "a", "rows": 8}, {"name": "b", "rows": 0}]), "sub-space 'b' has no configuration"),
        (json!([{"name": "a", "rows": 4}, {"name": "a", "rows": 4}]), "two sub-spaces have the name 'a'"),
        (json!([{"name": "../a", "rows": 8}]), "a sub-space has the name '../a'"),
        (json!([{"name": "a", "rows": -8}]), "not a readable plan"),
    ] {
        let mut plan = held.clone();
        plan["subspaces"] = subspaces;
        place.write("r/plan.json", plan.to_string());
        place.refuses(&["status", "r"], message);
    }
}

#[test]
fn a_program_has_subspaces_and_gets_no_value_where_none_sets_one() {
    let place = external::place(2, "echo '{\"measures\": {\"value\": 1}}'");
    let list = "[{name: control, gain: 0}, {gain: [1, 2.5], depth: [3, 4]}]";
    let whole =
        format!("model: {{command: [./model.sh], measures: [value]}}\nbase: {{x: 0}}\nsearch: {{space: {list}}}\n");
    place.write("s.yaml", &whole);
    place.run(&external::allowed(&external::ALLOWED), 0);
    let csv = place.run(&["report", "r", "--csv=summary"], 0).out;
    assert_eq!(column(&csv, "gain"), ["0.0", "1.0", "1.0", "2.5", "2.5"]);
    assert_eq!(column(&csv, "depth"), ["", "3", "4", "3", "4"]);
    assert_eq!(column(&csv, "subspace"), ["control", "2", "2", "2", "2"]);
    place.write("s.yaml", whole.replace("gain: 0}", "gain: [0, x]}"));
    place.refuses(&["plan", "s.yaml"], "gain");
    place.write("s.yaml", whole.replace("{gain: [1", "{name: [1"));
    place.run(&["plan", "s.yaml"], 2);
}

#[test]
fn trials_that_failed_run_again_in_their_subspaces() {
    let place = external::place(1, external::MEASURES);
    let space = "[{name: control, x: 0}, {name: rates, x: [1, 2, 3]}]";
    place.write(
        "s.yaml",
        format!("model: {{command: [./model.sh], measures: [value]}}\nbase: {{x: 0}}\nsearch: {{space: {space}}}\n"),
    );
    place.run(&external::allowed(&["sweep", "s.yaml", "--out", "whole"]), 0);
    external::program(&place, &format!("[ -e passes ] || [ $x != 2 ] || exit 3; {}", external::MEASURES));
    place.run(&external::allowed(&["sweep", "s.yaml", "--out", "r"]), 1);
    let status = place.run(&["report", "r", "--csv=trials"], 1).out;
    assert_eq!(column(&status, "status"), ["ok", "ok", "failed", "ok"]);
    assert_eq!(column(&status, "subspace").len(), 4);
    place.write("passes", "");
    place.run(&external::allowed(&["sweep", "s.yaml", "--out", "r", "--retry-failed"]), 0);
    for table in ["trials", "summary"] {
        let of = |results| place.run(&["report", results, &format!("--csv={table}")], 0).out;
        for name in ["subspace", "x"] {
            assert_eq!(column(&of("r"), name), column(&of("whole"), name));
        }
    }
    assert_eq!(place.run(&["report", "r", "--json"], 0).json()["subspaces"][1]["valued"], 3);
}
