//! `burstnet trace`: the steps of many trials.

use crate::workplace::{SMALL_SWEEP, Workplace};

fn swept() -> Workplace {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    place
}

#[test]
fn each_trial_has_the_trace_of_its_rerun() {
    let place = swept();
    let arguments = ["trace", "r", "--configs", "best:2", "--replicates", "0:2", "--out", "t", "--threads", "2"];
    let said = place.run(&arguments, 0);
    assert_eq!(said.out, "4 traces in t\n");
    let ranked = place.run(&["report", "r", "--json"], 0).json()["ranked"].clone();
    let best: Vec<u64> = (0..2).map(|at| ranked[at]["config_id"].as_u64().expect("an id")).collect();
    let files: Vec<String> = place.files().into_iter().filter(|file| file.starts_with("t/trial-")).collect();
    let mut expected: Vec<String> =
        best.iter().flat_map(|config| [3 * config, 3 * config + 1]).map(|id| format!("t/trial-{id}.parquet")).collect();
    expected.sort();
    assert_eq!(files, expected);
    for file in &files {
        let id = file.trim_start_matches("t/trial-").trim_end_matches(".parquet");
        place.run(&["rerun", "r", "--trial", id, "--trace", "own.parquet", "--force"], 0);
        assert!(place.read(file) == place.read("own.parquet"), "{file}");
    }
    // What is there is not made again, and what is missing is.
    std::fs::remove_file(place.path(&files[1])).expect("a file");
    place.write(&files[0], "mine");
    let said = place.run(&arguments, 0);
    assert_eq!(said.out, "4 traces in t, 3 of them there before\n");
    assert_eq!(place.read(&files[0]), b"mine");
    assert!(place.path(&files[1]).exists());
    // Other steps are of another folder.
    place.refuses(
        &[&arguments[..], &["--trace-phase", "test"]].concat(),
        "--out t: has traces of other steps or of another sweep",
    );
}

#[test]
fn what_cannot_be_traced_is_refused_or_named() {
    let place = swept();
    place.write("full/thesis.tex", "years of work");
    let with = |more: &[&'static str]| [&["trace", "r", "--out", "t", "--configs"], more].concat();
    for (arguments, message) in [
        (with(&["4"]), "--configs 4: there are 4, numbered from 0"),
        (with(&["best:0"]), "--configs best:0: expected a number of configurations"),
        (with(&["worst"]), "--configs worst: expected numbers like 0,3,10-19"),
        (with(&["0", "--replicates", "0:4"]), "--replicates 0:4: there are 3, numbered from 0"),
        (
            with(&["0", "--trace-steps", "400:401"]),
            "trial 0: --trace-steps 400:401: the run has 400 steps, numbered from 0",
        ),
        (vec!["trace", "r", "--out", "r/t", "--configs", "0"], "lies in the results directory"),
        (vec!["trace", "r", "--out", "full", "--configs", "0"], "--out full: has other files"),
    ] {
        place.refuses(&arguments, message);
    }
    place.run(&["trace", "r", "--out", "t2", "--configs", "0-3", "--trace-steps", "0:10"], 0);
    assert_eq!(place.files().iter().filter(|file| file.starts_with("t2/trial-")).count(), 12);
}

#[test]
fn steps_are_chosen_on_run_and_rerun() {
    let place = swept();
    place.write("r.yaml", place.run(&["show", "r", "--trial", "1"], 0).out);
    for (arguments, message) in [
        (
            &["--trace", "t", "--trace-steps", "400:410"][..],
            "--trace-steps 400:410: the run has 400 steps, numbered from 0",
        ),
        (&["--trace", "t", "--trace-epochs", "3"], "--trace-epochs 3: the training has 3 epochs, numbered from 0"),
        (&["--trace", "t", "--trace-phase", "tests"], "--trace-phase tests: expected training, test or generation"),
        (&["--trace", "t", "--trace-quantities", "event_rat"], "(did you mean 'event_rate'?)"),
        (&["--trace", "t", "--trace-every", "0"], "--trace-every"),
        (&["--trace-steps", "0:10"], "expected --trace FILE too"),
    ] {
        for command in [&["run", "r.yaml"][..], &["rerun", "r", "--trial", "1"]] {
            place.refuses(&[command, arguments].concat(), message);
        }
        assert!(!place.path("t").exists());
    }
    let window = ["--trace", "t", "--trace-steps", "100:110", "--trace-quantities", "output", "--force"];
    place.run(&[&["rerun", "r", "--trial", "1"], &window[..]].concat(), 0);
    let rerun = place.read("t");
    place.run(&[&["run", "r.yaml"], &window[..]].concat(), 0);
    assert!(place.read("t") == rerun && rerun.len() < 8000, "{} bytes", rerun.len());
    // A run that ends before the window.
    let said = place
        .run(&["run", "r.yaml", "--set", "learning_rate.output=1e300", "--trace", "d", "--trace-steps", "350:"], 0);
    assert!(said.err.contains("the run ended before the steps that were chosen"), "{}", said.err);
}
