//! Sweeps: the same bits however they are run.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::workplace::{SMALL_SWEEP, Said, Workplace, wait_for_records, wait_until};

/// The tables that are a pure function of the plan.
pub(crate) const TABLES: [&str; 3] = ["trials.parquet", "curves.parquet", "summary.parquet"];

pub(crate) fn tables(place: &Workplace, results: &str) -> Vec<Vec<u8>> {
    TABLES.iter().map(|table| place.read(&format!("{results}/{table}"))).collect()
}

#[test]
fn the_same_bytes_on_1_2_and_8_threads() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    for threads in ["1", "2", "8"] {
        place.run(&["sweep", "s.yaml", "--out", threads, "--threads", threads], 0);
    }
    assert!(tables(&place, "1") == tables(&place, "2"), "1 and 2 threads");
    assert!(tables(&place, "1") == tables(&place, "8"), "1 and 8 threads");
}

#[test]
fn results_go_to_the_folder_of_the_name_and_a_second_run_has_nothing_to_do() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    let said = place.run(&["sweep", "s.yaml"], 0);
    assert!(said.out.contains("results/small: 12 trials of 4 configurations × 3 replicates: 12 ok"), "{}", said.out);
    assert!(said.out.contains("pd.read_parquet(\"results/small/trials.parquet\")"), "{}", said.out);
    let first = tables(&place, "results/small");
    let files = place.files();
    let said = place.run(&["sweep", "s.yaml"], 0);
    assert!(said.err.contains("continuing: 12 trials of 12 done before"), "{}", said.err);
    assert!(first == tables(&place, "results/small"));
    assert_eq!(files, place.files());
    let provenance: serde_json::Value = serde_json::from_slice(&place.read("results/small/provenance.json")).unwrap();
    assert_eq!(provenance.as_array().map(Vec::len), Some(2));
}

/// How many runs are killed: 10, or as many as BURSTNET_KILLS says.
pub(crate) fn kills() -> u64 {
    std::env::var("BURSTNET_KILLS").map_or(10, |text| text.parse().expect("BURSTNET_KILLS is a number"))
}

#[test]
fn the_same_bytes_after_kills_at_random_moments() {
    killed_at_random_moments(&SMALL_SWEEP.replace("epochs: 3", "epochs: 40, engine: reference"), 12, kills());
}

#[test]
fn in_shuffled_order_the_same_bytes_come_out_after_kills() {
    let sweep = SMALL_SWEEP.replace("epochs: 3", "epochs: 40, engine: reference");
    killed_at_random_moments(&format!("{sweep}execution: {{order: shuffled}}\n"), 12, kills().min(5));
}

#[test]
fn the_order_is_no_part_of_the_plan_and_the_report_of_a_part_says_it() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "plain", "--threads", "1"], 0);
    let shuffled = ["--set", "execution.order=shuffled"];
    place.run(&[&["sweep", "s.yaml", "--out", "shuffled", "--threads", "1"], &shuffled[..]].concat(), 0);
    assert!(place.read("plain/plan.json") == place.read("shuffled/plan.json"));
    assert!(tables(&place, "plain") == tables(&place, "shuffled"));
    let provenance: serde_json::Value = serde_json::from_slice(&place.read("shuffled/provenance.json")).unwrap();
    assert_eq!(provenance[0]["order"], "shuffled");
    let plan = place.run(&[&["plan", "s.yaml"], &shuffled[..]].concat(), 0).out;
    assert!(plan.contains("order   shuffled"), "{plan}");
    let status = |results| place.run(&["status", results], 0).out;
    assert!(status("shuffled").contains(" done\nin shuffled order\n") && !status("plain").contains("shuffled order"));
    assert_eq!(place.run(&["status", "shuffled", "--json"], 0).json()["shuffled"], true);
    // The last record of each is cut off, as after a crash.
    for (results, said) in [("plain", false), ("shuffled", true)] {
        let journal = place.path(&format!("{results}/journal/shard-0-of-1.journal"));
        let length = std::fs::metadata(&journal).unwrap().len();
        std::fs::OpenOptions::new().write(true).open(&journal).unwrap().set_len(length - 1).unwrap();
        let report = place.run(&["report", results], 0);
        let page = String::from_utf8(place.read(&format!("{results}/report.html"))).unwrap();
        for text in [report.out.split_whitespace().collect::<Vec<_>>().join(" "), page] {
            assert_eq!(text.contains("so those that are there are spread over the whole space"), said, "{results}");
        }
    }
}

/// Runs a sweep of `trials` trials, killed so often, and expects the bytes of one that was not.
pub(crate) fn killed_at_random_moments(sweep: &str, trials: u64, kills: u64) {
    let place = Workplace::new();
    place.write("s.yaml", sweep);
    let start = Instant::now();
    place.run(&["sweep", "s.yaml", "--out", "whole"], 0);
    let whole = tables(&place, "whole");
    let length = start.elapsed().as_micros() as u64;
    let arguments = ["sweep", "s.yaml", "--out", "killed", "--threads", "2"];
    let durable = |place: &Workplace| -> u64 {
        if !place.path("killed/plan.json").exists() {
            return 0;
        }
        place.run(&["status", "killed", "--json"], 0).json()["done"].as_u64().expect("a number")
    };
    let (mut hit, mut round, mut ran) = (0, 0_u64, 0);
    while hit < kills {
        round += 1;
        let before = durable(&place);
        let child =
            place.command(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the command starts");
        // Spread evenly, from its start to behind its end (Weyl's sequence of the golden ratio).
        let moment = (round * 40_503 % 65_536) * length * 6 / 5 / 65_536;
        std::thread::sleep(Duration::from_micros(moment));
        let killed = Command::new("kill").args(["-s", "KILL", &child.id().to_string()]).status().expect("kill");
        let output = child.wait_with_output().expect("an end");
        hit += u64::from(killed.success() && !output.status.success());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(durable(&place) >= before, "round {round}: durable trials are lost");
        if before > 0 && said.contains("continuing:") {
            assert!(said.contains(&format!("continuing: {before} trial")), "round {round}: {said}");
        }
        if output.status.success() || durable(&place) == trials {
            place.run(&arguments, 0);
            assert!(whole == tables(&place, "killed"), "round {round}");
            ran += 1;
            std::fs::remove_dir_all(place.path("killed")).expect("removed");
        }
    }
    place.run(&arguments, 0);
    assert!(whole == tables(&place, "killed"), "after {hit} kills and {ran} sweeps");
    let left: Vec<String> = place.files().into_iter().filter(|file| file.contains(".writing-")).collect();
    assert_eq!(left, [""; 0], "files that were never completed are left");
}

#[test]
fn an_interrupt_keeps_what_is_done_and_says_what_is_missing() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP.replace("epochs: 3", "epochs: 200, engine: reference"));
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let arguments = ["sweep", "s.yaml", "--out", signal, "--threads", "1"];
        let child = place.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let journal = place.path(&format!("{signal}/journal/shard-0-of-1.journal"));
        wait_for_records(&journal);
        let killed = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let said = Said::new(child.wait_with_output().unwrap(), &arguments, code);
        assert!(said.err.contains("missing"), "{}", said.err);
        let report = place.run(&["report", signal], 0);
        assert!(report.out.contains(" missing"), "{}", report.out);
    }
}

#[test]
fn a_second_interrupt_ends_at_once_and_loses_nothing_that_was_recorded() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP.replace("epochs: 3", "epochs: 2000000, engine: reference"));
    let arguments =
        ["sweep", "s.yaml", "--out", "r", "--threads", "1", "--set", "search.space.training.epochs=[3, 2000000]"];
    let child = place.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let journal = place.path("r/journal/shard-0-of-1.journal");
    wait_for_records(&journal);
    let interrupt = || Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status().unwrap();
    interrupt();
    interrupt(); // together with the first one: still one request
    std::thread::sleep(Duration::from_millis(1500));
    interrupt(); // which does not wait for a trial that takes hours
    Said::new(child.wait_with_output().unwrap(), &arguments, 130);
    assert!(place.run(&["report", "r"], 0).out.contains(": 1 ok, 23 missing"));
}

#[test]
fn rerun_gives_the_bits_of_every_trial_even_elsewhere() {
    let place = Workplace::new();
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/pipelined_small");
    for name in ["x.npy", "t.npy", "mask.npy"] {
        place.write(&format!("in/{name}"), std::fs::read(format!("{golden}/{name}")).unwrap());
    }
    for name in ["W_0", "W_1", "b_0", "b_1", "Y_0"] {
        let bytes = std::fs::read(format!("{golden}/initial_weights/{name}.npy")).unwrap();
        place.write(&format!("in/weights/{name}.npy"), bytes);
    }
    place.write(
        "in/s.yaml",
        "replicates: 2\n\
         base:\n  \
           network: {layers: [20, 12, 3], initial_weights: weights}\n  \
           teaching: {mask: mask.npy}\n  \
           signals: {kind: files, inputs: x.npy, targets: t.npy}\n  \
           training: {epochs: 4}\n\
         search:\n  space:\n    learning_rate.hidden: [0.0, 1.0, 1.0e+300]\n",
    );
    place.run(&["sweep", "in/s.yaml", "--out", "made"], 0);
    std::fs::remove_dir_all(place.path("in")).unwrap();
    std::fs::rename(place.path("made"), place.path("moved")).unwrap();
    for trial in 0..6 {
        let said = place.run(&["rerun", "moved", "--trial", &trial.to_string(), "--json"], 0);
        assert_eq!(said.json()["same"], true, "{}", said.out);
        assert_eq!(said.json()["status"], if trial < 4 { "ok" } else { "diverged" });
    }
    let by_trial = place.run(&["rerun", "moved", "--trial", "3", "--json"], 0).json();
    let by_replicate = place.run(&["rerun", "moved", "--config", "1", "--replicate", "1", "--json"], 0).json();
    let seed = by_trial["seed"].to_string();
    let by_seed = place.run(&["rerun", "moved", "--config", "1", "--seed", &seed, "--json"], 0).json();
    assert_eq!(by_trial, by_replicate);
    assert_eq!(by_trial, by_seed);
    // Changed inputs are noticed.
    let plan: serde_json::Value = serde_json::from_slice(&place.read("moved/plan.json")).unwrap();
    let mask = plan["inputs"][1]["stored"].as_str().unwrap();
    assert!(mask.ends_with("-mask.npy"), "{mask}");
    place.write(&format!("moved/inputs/{mask}"), "x");
    let said = place.run(&["rerun", "moved", "--trial", "0"], 3);
    assert!(said.err.contains(mask), "{}", said.err);
}

#[test]
fn a_run_with_a_trials_seed_has_the_trials_bits() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let trial = place.run(&["rerun", "r", "--trial", "7", "--json"], 0).json();
    let seed = trial["seed"].to_string();
    let sets = ["--set", "learning_rate.hidden=1.0", "--set", "feedback.density=0.5", "--json"];
    let run = place.run(&[&["run", "s.yaml", "--seed", &seed][..], &sets].concat(), 0).json();
    assert_eq!(run["digest"], trial["digest"]);
}

#[test]
fn a_running_sweep_cannot_be_joined_but_read() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP.replace("epochs: 3", "epochs: 3000, engine: reference"));
    let mut child = place.command(&["sweep", "s.yaml", "--out", "r"]).stderr(Stdio::null()).spawn().unwrap();
    wait_until("a sweep that runs", || place.path("r/provenance.json").exists());
    let said = place.run(&["sweep", "s.yaml", "--out", "r"], 3);
    assert!(said.err.contains("another process is writing it"), "{}", said.err);
    place.run(&["report", "r"], 0);
    child.kill().unwrap();
    child.wait().unwrap();
}
