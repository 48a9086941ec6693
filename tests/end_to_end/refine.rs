//! `burstnet refine`: a sweep file that looks closer at what was found.

use crate::external;
use crate::workplace::{SMALL_SWEEP, Workplace};

const RANDOM: &str = "name: wide\nseed: 3\nreplicates: 2\nbase:\n  network: {layers: [12, 8, 3]}\n  signals: {length: 60}\n  \
                      training: {epochs: 2}\nobjective: {measure: train_loss, direction: minimize}\nsearch:\n  strategy: random\n  trials: 12\n  \
                      space:\n    learning_rate.hidden: {log_uniform: [0.1, 10]}\n    feedback.density: {uniform: [0, 1]}\n    \
                      network.dynamics: [pipelined, original_2017]\n    learning_rate.output: {ratio_of: learning_rate.hidden, log_uniform: [0.01, 1]}\n";

#[test]
fn ranges_are_narrower_and_the_file_runs() {
    let place = Workplace::new();
    place.write("s.yaml", RANDOM);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let finer = place.run(&["refine", "r", "--around", "best:2", "--factor", "0.25"], 0).out;
    place.write("finer.yaml", &finer);
    let plan = place.run(&["plan", "finer.yaml", "--json"], 0).json();
    assert_eq!((&plan["name"], plan["configurations"].as_u64()), (&"wide-finer".into(), Some(12)));
    assert!(finer.starts_with("# Looks closer at what ") && finer.contains("# the best have "), "{finer}");
    assert!(finer.contains("tied to other keys, so it stays"), "{finer}");
    place.run(&["sweep", "finer.yaml", "--out", "f"], 0);
    let planned: serde_json::Value = serde_json::from_slice(&place.read("f/plan.json")).expect("a plan");
    let range = |at: usize, form: &str| -> [f64; 2] {
        let domain = &planned["space"][at]["domain"][form];
        [&domain["low"], &domain["high"]].map(|end| end.as_f64().expect("a number"))
    };
    let [low, high] = range(0, "log_uniform");
    // A quarter of two decades, or as far as the two best lie apart.
    assert!((3.1..100.0).contains(&(high / low)) && low >= 0.1 && high <= 10.0, "{low} {high}");
    let ranked = place.run(&["report", "r", "--json"], 0).json()["ranked"].clone();
    for one in 0..2 {
        let rate = ranked[one]["values"][0].as_f64().expect("a rate");
        assert!((low * 0.9999..=high * 1.0001).contains(&rate), "{rate} in {low} to {high}");
    }
    // All else is as it was.
    let first: serde_json::Value = serde_json::from_slice(&place.read("r/plan.json")).expect("a plan");
    for key in ["seed", "replicates", "objective", "strategy"] {
        assert_eq!(planned[key], first[key], "{key}");
    }
}

#[test]
fn a_grid_stays_a_grid() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let finer = place.run(&["refine", "r"], 0).out;
    place.write("finer.yaml", &finer);
    assert_eq!(place.run(&["plan", "finer.yaml", "--json"], 0).json()["configurations"], 4);
}

#[test]
fn where_nothing_is_ok_there_is_nothing_to_refine() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r", "--set", "base.learning_rate.output=1e300"], 0);
    place.refuses(&["refine", "r"], "r: no trial is ok and has test_mae, so there is nothing to look at closer");
    for (arguments, message) in [
        (&["--around", "best"][..], "--around best: expected best:K"),
        (&["--around", "best:0"], "--around best:0: expected best:K"),
        (&["--factor", "0"], "expected a number above 0 and at most 1"),
        (&["--factor", "-1"], "expected a number above 0 and at most 1"),
    ] {
        place.refuses(&[&["refine", "r"], arguments].concat(), message);
    }
}

#[test]
fn rows_of_tables_and_subspaces_become_ranges_around_the_best() {
    let place = Workplace::new();
    let base = SMALL_SWEEP.split("search:").next().unwrap();
    place.write(
        "t.csv",
        "learning_rate.hidden,feedback.density,plasticity.hidden_rule,network.bias\n0.1,0.5,burst_rate,0.1\n1,0.5,burst_probability,0.1\n\
         10,1,burst_rate,0.1\n",
    );
    let spaces = "search:\n  space:\n    - {name: control, learning_rate.hidden: 0}\n    - learning_rate.hidden: [0.1, 1, 10]\n      \
                  network.layers: [[12, 3], [12, 8, 3]]\n";
    let cases = [
        ("search: {strategy: table, table: t.csv}\n", 3, "rows of a table"),
        ("search: {table: t.csv, space: {learning_rate.output: {log: [0.01, 1], num: 3}}}\n", 9, "rows of a table"),
        (spaces, 7, "those of sub-spaces"),
    ];
    for (at, (search, configurations, told)) in cases.into_iter().enumerate() {
        place.write("s.yaml", format!("{base}{search}"));
        let out = format!("r{at}");
        place.run(&["sweep", "s.yaml", "--out", &out], 0);
        let finer = place.run(&["refine", &out, "--around", "best:2"], 0).out;
        assert!(finer.contains(told) && finer.contains("\n  strategy: sobol\n"), "{finer}");
        place.write("finer.yaml", &finer);
        assert_eq!(place.run(&["plan", "finer.yaml", "--json"], 0).json()["configurations"], configurations, "{finer}");
    }
}

#[test]
fn of_a_program_the_file_runs_in_its_folder() {
    let place = external::place(9, external::MEASURES);
    let text = std::fs::read_to_string(place.path("s.yaml")).unwrap();
    let whole = text
        .replace("command: [./model.sh]", "command: [./model.sh, \"{x}\", \"{{}}\"]\n  environment: {HOW: \"{gain}\"}");
    place.write("s.yaml", whole.replace("base: {x: 0}", "base: {x: 0, gain: 1.0, word: {deep: on, none: null}}"));
    place.run(&external::allowed(&external::ALLOWED), 0);
    let finer = place.run(&["refine", "r", "--around", "best:1"], 0).out;
    let folder = place.path("").canonicalize().unwrap();
    assert!(finer.contains(&format!("save this one in {}", folder.display())), "{finer}");
    place.write("finer.yaml", &finer);
    place.run(&["sweep", "finer.yaml", "--out", "f", "--allow-command"], 0);
    let [held, now]: [serde_json::Value; 2] =
        ["r/plan.json", "f/plan.json"].map(|path| serde_json::from_slice(&place.read(path)).unwrap());
    for key in ["model", "base", "objective", "measures", "seed"] {
        assert_eq!(held[key], now[key], "{key}: {finer}");
    }
    assert_eq!(now["space"][0]["domain"], serde_json::json!({"int": {"low": 0, "high": 4}}));
}
