//! `burstnet refine`: a sweep file that looks closer at what was found.

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
    let said = place.run(&["refine", "r"], 2);
    assert!(
        said.err.contains("r: no trial is ok and has test_mae, so there is nothing to look at closer"),
        "{}",
        said.err
    );
    for (arguments, message) in [
        (&["--around", "best"][..], "--around best: expected best:K"),
        (&["--around", "best:0"], "--around best:0: expected best:K"),
        (&["--factor", "0"], "expected a number above 0 and at most 1"),
        (&["--factor", "-1"], "expected a number above 0 and at most 1"),
    ] {
        let said = place.run(&[&["refine", "r"], arguments].concat(), 2);
        assert!(said.err.contains(message) && said.out.is_empty(), "{arguments:?}: {}", said.err);
    }
}
