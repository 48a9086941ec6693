//! `burstnet show`: any trial as a run file, which `burstnet run` takes with the same digest.

use std::process::Stdio;

use crate::external;
use crate::workplace::{SMALL_SWEEP, Workplace, npy};

/// The trials of a results directory: configuration, replicate, status and digest.
fn trials(place: &Workplace, results: &str) -> Vec<[String; 4]> {
    let csv = place.run(&["report", results, "--csv=trials"], 0).out;
    let header: Vec<&str> = csv.lines().next().expect("a header").split(',').collect();
    let status = header.iter().position(|name| *name == "status").expect("a status");
    // Lists stand in quotes, with commas; what is in front of them and behind them is counted from its own end.
    let trial = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let quoted = line.split('"').skip(1).step_by(2).map(|text| text.matches(',').count()).sum::<usize>();
        let status = cells[status..=status + quoted].iter().find(|cell| ["ok", "pruned", "diverged"].contains(cell));
        [cells[1], cells[2], status.expect("a status"), cells[cells.len() - 1]].map(str::to_owned)
    };
    csv.lines().skip(1).map(trial).collect()
}

/// Runs every trial of a results directory again by way of a run file in another folder, and returns how many.
fn run_all_again(place: &Workplace, results: &str) -> usize {
    let mut again = 0;
    for [config, replicate, status, digest] in trials(place, results) {
        let said = place.run(&["show", results, "--config", &config, "--replicate", &replicate], 0);
        assert!(said.err.is_empty(), "{}", said.err);
        let comment = format!("(config {config}, replicate {replicate}) of {results}: {status}");
        assert!(said.out.starts_with("# trial ") && said.out.contains(&comment), "{}", said.out);
        if digest.is_empty() {
            continue;
        }
        assert!(said.out.contains(&format!("# digest {digest}\n")), "{}", said.out);
        place.write("elsewhere/run.yaml", &said.out);
        let run = place.run(&["run", "elsewhere/run.yaml", "--json"], 0).json();
        assert_eq!((&run["digest"], &run["seed"]), (&digest.into(), &seed_of(&said.out).into()), "{}", said.out);
        again += 1;
    }
    again
}

fn seed_of(file: &str) -> u64 {
    file.lines().find_map(|line| line.strip_prefix("seed: ")).expect("a seed").parse().expect("a number")
}

fn swept(text: &str) -> Workplace {
    let place = Workplace::new();
    place.write("s.yaml", text);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    place
}

#[test]
fn every_trial_runs_again_with_the_same_digest() {
    let place = swept(SMALL_SWEEP);
    assert_eq!(run_all_again(&place, "r"), 12);
    let first = place.run(&["show", "r", "--config", "1"], 0).out;
    assert_eq!(first, place.run(&["show", "r", "--config", "1", "--replicate", "0"], 0).out, "the first replicate");
    for line in ["  density: 1.0", "learning_rate:", "  hidden: 0.0", "  length: 100", "  - 12", "  epochs: 3"] {
        assert!(first.lines().any(|own| own == line), "{line}: {first}");
    }
}

#[test]
fn values_per_layer_words_and_thresholds_keep_their_bits() {
    let place = swept(
        "seed: 9007199254740991\nbase:\n  network: {layers: [10, 8, 6, 3], dynamics: original_2017}\n  \
         signals: {length: 60, phase: [-1.0, 0.1]}\n  training: {epochs: 2, engine: reference}\n  \
         evaluation: {generation: true}\nsearch:\n  strategy: random\n  trials: 6\n  space:\n    \
         learning_rate.hidden: [[1.0, 0.1], [0.30000000000000004, 1e-300]]\n    \
         learning_rate.output: {log_uniform: [0.001, 0.1]}\n    evaluation.loss_threshold: [null, 0.02]\n    \
         evaluation.curve_window: [epoch, none, 7]\n    plasticity.hidden_rule: [burst_rate, gated_burst_rate]\n",
    );
    assert_eq!(run_all_again(&place, "r"), 6);
}

#[test]
fn a_diverged_trial_diverges_again() {
    let place = swept(
        "base: {network: {layers: [12, 8, 3]}, signals: {length: 100}, training: {epochs: 3}}\n\
         search: {space: {learning_rate.output: [0.05, 1e300]}}\n",
    );
    let diverged = trials(&place, "r").iter().filter(|trial| trial[2] == "diverged").count();
    assert_eq!((diverged, run_all_again(&place, "r")), (1, 2));
}

#[test]
fn files_are_those_that_the_results_have() {
    let place = Workplace::new();
    let steps: usize = 30;
    let wave = |channels: usize| -> Vec<u8> {
        let value = |at: usize| (0.3 + 0.2 * ((at * 7 % 13) as f64 / 13.0)).to_le_bytes();
        npy("'<f8'", &format!("({channels}, {steps})"), &(0..channels * steps).flat_map(value).collect::<Vec<u8>>())
    };
    place.write("data/x.npy", wave(4));
    place.write("data/t.npy", wave(2));
    place.write("data/taught.npy", npy("'|b1'", &format!("(2, {steps})"), &[1; 60]));
    place.write("w.yaml", "network: {layers: [4, 3, 2]}\nsignals: {length: 5}\ntraining: {epochs: 1}\n");
    place.run(&["run", "w.yaml", "--save-weights", "data/weights"], 0);
    // Relative to the file's folder, which is not the current one.
    place.write(
        "sweeps/s.yaml",
        "replicates: 2\nbase:\n  network: {layers: [4, 3, 2], initial_weights: ../data/weights}\n  \
         signals: {kind: files, inputs: ../data/x.npy, targets: ../data/t.npy}\n  training: {epochs: 2}\n\
         search: {space: {teaching.mask: [null, ../data/taught.npy], learning_rate.hidden: [0.5, 1.0]}}\n",
    );
    let results = "the results'\u{202e} #: \u{1b}";
    place.run(&["sweep", "sweeps/s.yaml", "--out", results], 0);
    place.run(&["confirm", results, "--best", "2", "--replicates", "2"], 0);
    std::fs::remove_dir_all(place.path("data")).expect("the sweep has copies");
    let shown = "the results'\\u{202e} #: \\u{1b}";
    for (results, shown, count) in [
        (results.to_owned(), shown.to_owned(), 8),
        (format!("{results}/confirmation"), format!("{shown}/confirmation"), 4),
    ] {
        let mut digests = 0;
        for [config, replicate, status, digest] in trials(&place, &results) {
            let said = place.run(&["show", &results, "--config", &config, "--replicate", &replicate], 0);
            assert!(said.out.contains(&format!("of {shown}: {status}")), "{}", said.out);
            assert!(said.out.contains(r#"inputs: "/"#) && said.out.contains(r"\u202e #: \u001b/"), "{}", said.out);
            place.write("elsewhere/run.yaml", &said.out);
            assert_eq!(place.run(&["run", "elsewhere/run.yaml", "--json"], 0).json()["digest"], digest);
            digests += 1;
        }
        assert_eq!(digests, count);
    }
}

#[test]
fn a_trial_by_its_number_and_where_it_stands() {
    let place = swept(SMALL_SWEEP);
    let ranked = place.run(&["report", "r", "--json"], 0).json()["ranked"].clone();
    for one in ranked.as_array().expect("ranked") {
        let (config, rank) = (one["config_id"].as_u64().expect("an id"), one["rank"].as_u64().expect("a rank"));
        let trial = (config * 3 + 1).to_string();
        let said = place.run(&["show", "r", "--trial", &trial], 0).out;
        let config = config.to_string();
        assert_eq!(said, place.run(&["show", "r", "--config", &config, "--replicate", "1"], 0).out);
        assert!(said.contains(&format!("\n# config {config}: rank {rank} of 4, mean test_mae 0.")), "{said}");
        assert!(said.contains(" events/step over 3 replicates\n"), "{said}");
        let json = place.run(&["show", "r", "--trial", &trial, "--json"], 0).json();
        assert_eq!((&json["place"]["rank"], &json["place"]["mean"]), (&one["rank"], &one["summary"]["mean"]));
        let again = place.run(&["rerun", "r", "--trial", &trial, "--json"], 0).json();
        for key in ["trial_id", "config_id", "replicate", "seed", "status", "digest"] {
            assert_eq!(json[key], again[key], "{key}");
        }
        assert_eq!(json["measures"]["test_mae"], again["test_mae"]);
        assert!(said.contains(&format!("\n# test_mae: {:?}\n", again["test_mae"].as_f64().expect("a number"))));
        let seed = json["seed"].to_string();
        assert_eq!(said, place.run(&["show", "r", "--config", &config, "--seed", &seed], 0).out);
        place.write("run.json", json["run"].to_string());
        assert_eq!(place.run(&["run", "run.json", "--json"], 0).json()["digest"], json["digest"], "JSON is a run file");
    }
}

#[test]
fn a_confirmation_has_seeds_of_its_own() {
    let place = swept(SMALL_SWEEP);
    place.run(&["confirm", "r", "--best", "2", "--replicates", "3"], 0);
    assert_eq!(run_all_again(&place, "r/confirmation"), 6);
    let seed = |results| seed_of(&place.run(&["show", results, "--config", "0"], 0).out);
    assert_ne!(seed("r"), seed("r/confirmation"));
}

#[test]
fn a_trial_that_was_stopped_has_the_budget_that_it_got() {
    let place = swept(
        "replicates: 2\nbase: {network: {layers: [12, 8, 3]}, signals: {length: 60}, training: {epochs: 9}}\nsearch:\n  \
         strategy: sobol\n  trials: 9\n  stopping: {rule: successive_halving, factor: 3, rungs: 3}\n  \
         space: {learning_rate.hidden: {log_uniform: [0.1, 10]}}\n",
    );
    assert_eq!(run_all_again(&place, "r"), 18);
    let epochs = |trial: &[String; 4]| {
        let file = place.run(&["show", "r", "--config", &trial[0], "--replicate", &trial[1]], 0).out;
        file.lines().find_map(|line| line.strip_prefix("  epochs: ")).map(str::to_owned).expect("epochs")
    };
    let mut all: Vec<String> = trials(&place, "r").iter().map(epochs).collect();
    all.sort();
    assert_eq!(all, [["1"; 12].as_slice(), &["3"; 4], &["9"; 2]].concat());
}

#[test]
fn a_search_that_learns_shows_what_it_has_chosen() {
    let text = "base: {network: {layers: [5, 4, 2]}, signals: {length: 20}, training: {epochs: 1}}\nsearch:\n  \
                strategy: tpe\n  trials: 12\n  round: 4\n  space: {learning_rate.hidden: {log_uniform: [0.1, 10]}}\n";
    let place = Workplace::new();
    place.write("s.yaml", text);
    for round in ["0", "1"] {
        place.run(&["sweep", "s.yaml", "--out", "r", "--round", round], 0);
    }
    // The third round is known once the second one is done; no trial of it has run.
    let out = place.run(&["show", "r", "--config", "11"], 0).out;
    assert!(out.contains("(config 11, replicate 0) of r: has not been run yet\nseed: "), "{out}");
    let journal = place.read("r/journal/shard-0-of-1.journal");
    place.write("r/journal/shard-0-of-1.journal", &journal[..200]);
    place.refuses(
        &["show", "r", "--config", "11"],
        "--config 11: not chosen yet, since it depends on the results of others",
    );
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    assert_eq!(run_all_again(&place, "r"), 12);
}

#[test]
fn what_does_not_exist_is_refused() {
    let place = swept(SMALL_SWEEP);
    place.write("home/thesis.tex", "years of work");
    for (arguments, message) in [
        (&["r", "--config", "4"][..], "--config 4: this sweep has 4 configs, numbered from 0"),
        (&["r", "--config", "0", "--replicate", "3"], "--replicate 3: this sweep has 3 replicates, numbered from 0"),
        (&["r", "--config", "-1"], "invalid value '-1' for '--config <C>'"),
        (&["r", "--config", "one"], "invalid value 'one' for '--config <C>'"),
        (&["r"], "--config <C>"),
        (&["r", "--trial", "12"], "--trial 12: this sweep has 12 trials, numbered from 0"),
        (&["r", "--trial", "1", "--config", "1"], "cannot be used with"),
        (&["r", "--config", "1", "--seed", "5"], "--seed 5: no replicate of this sweep has it"),
        (&["home", "--config", "0"], "home: not a results directory of burstnet"),
        (&["nowhere", "--config", "0"], "nowhere"),
        (&["s.yaml", "--config", "0"], "s.yaml"),
    ] {
        place.refuses(&[&["show"], arguments].concat(), message);
    }
    for (file, content) in [
        ("plan.json", &include_bytes!("version_2/plan.json")[..]),
        ("provenance.json", include_bytes!("version_2/provenance.json")),
        ("journal/shard-0-of-1.journal", include_bytes!("version_2/shard-0-of-1.journal")),
    ] {
        place.write(&format!("old/{file}"), content);
    }
    place.refuses(&["show", "old", "--config", "0"], "made with version 2 of the bits, this program has version 3");
}

#[test]
fn a_reader_that_leaves_is_no_error_and_a_full_disk_is() {
    let place = swept(SMALL_SWEEP);
    let mut child = place.command(&["show", "r", "--config", "0"]).stdout(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    assert!(child.wait().expect("it ends").success());
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device");
    let output = place.command(&["show", "r", "--config", "0"]).stdout(full).output().expect("it starts");
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write to standard output"), "{output:?}");
}

#[test]
fn values_of_an_external_program_are_shown_as_no_run_file() {
    let place = external::place(2, external::MEASURES);
    place.run(&external::allowed(&external::ALLOWED), 0);
    let said = place.run(&["show", "r", "--config", "1"], 0);
    assert!(said.out.contains("of r: ok\n") && said.out.ends_with("\nx: 1\n"), "{}", said.out);
    assert!(said.err.contains("an external program, which `burstnet run` runs with its sweep file"), "{}", said.err);
}
