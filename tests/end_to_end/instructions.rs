//! Every set of instructions gives the same bits, alone, watched, in sweeps of any number of threads and in reruns; one
//! that the processor lacks is refused.

use burstnet_core::engine::{ISA_NAMES, Isa};
use serde_json::Value;

use crate::sweeps::TABLES;
use crate::workplace::{Workplace, npy};

/// A run file: depths 0 to 3, both timings, all hidden rules, all kinds of signals.
const RUNS: [&str; 8] = [
    "network: {layers: [37, 3]}\n",
    "network: {layers: [37, 3], dynamics: original_2017}\nplasticity: {weight_decay: 0.01}\n",
    "network: {layers: [50, 40, 3]}\nevaluation: {generation: true}\n",
    "network: {layers: [21, 40, 2], dynamics: original_2017}\nplasticity: {hidden_rule: burst_rate}\n\
     signals: {kind: xor_classes, classes: 3, examples_per_class: 2, length: 90}\n",
    "network: {layers: [30, 17, 33, 3]}\nplasticity: {hidden_rule: gated_burst_rate, feedback_rule: ungated}\n\
     learning_rate: {feedback: 0.1}\nevaluation: {generation: true}\n",
    "network: {layers: [20, 19, 18, 4], dynamics: original_2017}\nlearning_rate: {hidden: [5.0, 0.5]}\n\
     signals: {kind: files, inputs: x.npy, targets: t.npy}\n",
    "network: {layers: [20, 33, 18, 16, 4]}\nplasticity: {hidden_rule: burst_rate, weight_decay: 0.001}\n\
     feedback: {density: 0.4}\nsignals: {kind: files, inputs: x.npy, targets: t.npy}\n",
    "network: {layers: [24, 9, 16, 17, 2], dynamics: original_2017}\nplasticity: {hidden_rule: gated_burst_rate}\n\
     learning_rate: {feedback: 0.01}\nsignals: {kind: xor_classes, classes: 2, examples_per_class: 3, length: 65}\n\
     evaluation: {generation: true}\n",
];
const STEPS: usize = 150;

/// A folder with the noise of 20 inputs and 4 targets.
fn place() -> Workplace {
    let place = Workplace::new();
    let mut state = 2017_u64;
    let mut noise = |channels: usize| {
        let mut bytes = Vec::new();
        for _ in 0..channels * STEPS {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            bytes.extend(((state >> 40) as f64 / f64::from(1 << 24)).to_le_bytes());
        }
        npy("'<f8'", &format!("({channels}, {STEPS})"), &bytes)
    };
    place.write("x.npy", noise(20));
    place.write("t.npy", noise(4));
    place
}

/// What every run file has besides its own lines.
fn run_file(run: &str) -> String {
    let length = if run.contains("signals:") { String::new() } else { format!("signals: {{length: {STEPS}}}\n") };
    format!("seed: 3\nteaching: {{target_fraction: 0.2}}\ntraining: {{epochs: 3}}\n{length}{run}")
}

/// The names of those that this processor has; those that it lacks are refused, with a message that says so.
fn available(place: &Workplace) -> Vec<&'static str> {
    let (has, lacks): (Vec<_>, Vec<_>) = ISA_NAMES.into_iter().partition(|name| Isa::named(name).is_ok());
    for name in lacks {
        let said = place.run(&["run", "r.yaml", "--isa", name], 2);
        let message = format!(
            "error: --isa '{name}': this processor lacks these instructions; this processor can run {}",
            has.join(", ")
        );
        assert_eq!(said.err.trim_end(), message);
    }
    assert_eq!(has[0], "portable");
    has
}

#[test]
fn a_run_has_the_same_bits_with_all_instructions_watched_or_not() {
    for run in RUNS {
        let place = place();
        place.write("r.yaml", run_file(run));
        let expected = place.run(&["run", "r.yaml", "--json"], 0).json();
        assert_eq!(expected["status"], "ok", "{run}{expected}");
        let mut trace: Option<Vec<u8>> = None;
        for isa in available(&place) {
            let said = place.run(&["run", "r.yaml", "--json", "--isa", isa], 0).json();
            assert_eq!(said, expected, "{isa}: {run}");
            let watched = ["run", "r.yaml", "--json", "--isa", isa, "--trace", "t.parquet", "--force"];
            assert_eq!(place.run(&watched, 0).json(), expected, "{isa}, watched: {run}");
            let bytes = place.read("t.parquet");
            assert!(*trace.get_or_insert_with(|| bytes.clone()) == bytes, "{isa}, the trace: {run}");
        }
    }
}

/// A sweep whose first configuration is `run`.
fn sweep_file(run: &str) -> String {
    let base = run_file(run)
        .lines()
        .filter(|line| !line.starts_with("seed:"))
        .fold(String::new(), |text, line| text + "  " + line + "\n");
    format!("seed: 11\nreplicates: 2\nbase:\n{base}search: {{space: {{learning_rate.output: [0.05, 0.2]}}}}\n")
}

#[test]
fn sweeps_and_reruns_have_the_bits_of_single_runs_with_any_threads_and_instructions() {
    for run in RUNS {
        let place = place();
        place.write("r.yaml", run_file(run));
        place.write("s.yaml", sweep_file(run));
        let isas = available(&place);
        // Each number of threads with another set of instructions, as far as there are.
        let sweeps: Vec<(&str, &str)> = ["1", "2", "8"].into_iter().zip(isas.iter().copied().cycle()).collect();
        for (threads, isa) in &sweeps {
            place.run(&["sweep", "s.yaml", "--out", threads, "--threads", threads, "--isa", isa], 0);
        }
        for table in TABLES {
            let bytes = place.read(&format!("1/{table}"));
            for (threads, isa) in &sweeps[1..] {
                assert!(bytes == place.read(&format!("{threads}/{table}")), "{table}, {threads} {isa}: {run}");
            }
        }
        for trial in 0..4 {
            for isa in &isas {
                let rerun = ["rerun", "1", "--trial", &trial.to_string(), "--json", "--isa", isa];
                let rerun = place.run(&rerun, 0).json();
                assert_eq!((&rerun["same"], &rerun["status"]), (&Value::Bool(true), &"ok".into()), "{isa}: {run}");
                let rate = format!("learning_rate.output={}", if trial < 2 { "0.05" } else { "0.2" });
                let seed = rerun["seed"].to_string();
                let single = ["run", "r.yaml", "--json", "--isa", isa, "--seed", &seed, "--set", &rate];
                let single = place.run(&single, 0).json();
                assert_eq!(single["digest"], rerun["digest"], "trial {trial}, {isa}: {run}");
            }
        }
    }
}

#[test]
fn unknown_instructions_are_refused_before_anything_is_written() {
    let place = place();
    place.write("r.yaml", run_file(RUNS[2]));
    place.write("s.yaml", sweep_file(RUNS[2]));
    place.run(&["sweep", "s.yaml", "--out", "made"], 0);
    let has = available(&place).join(", ");
    let files = place.files();
    for command in [
        &["run", "r.yaml", "--trace", "t.parquet"][..],
        &["plan", "s.yaml"],
        &["sweep", "s.yaml", "--out", "new"],
        &["rerun", "made", "--trial", "0"],
    ] {
        for name in ["sse9", "AVX2", ""] {
            let said = place.run(&[command, &["--isa", name]].concat(), 2);
            let message = format!("error: --isa '{name}': no such set of instructions; this processor can run {has}");
            assert_eq!(said.err.trim_end(), message, "{command:?}");
        }
    }
    assert_eq!(place.files(), files);
}
