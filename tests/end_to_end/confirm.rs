//! `burstnet confirm`: the best configurations again, on fresh seeds.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::sweeps::TABLES;
use crate::workplace::{SMALL_SWEEP, Said, Workplace, npy, wait_for_records};

fn plan(place: &Workplace, results: &str) -> Value {
    serde_json::from_slice(&place.read(&format!("{results}/plan.json"))).unwrap()
}

fn sweep(place: &Workplace) {
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
}

fn confirm(best: &str, replicates: &str) -> [String; 6] {
    ["confirm", "r", "--best", best, "--replicates", replicates].map(str::to_owned)
}

fn run(place: &Workplace, best: &str, replicates: &str, code: i32) -> Said {
    let arguments = confirm(best, replicates);
    place.run(&arguments.each_ref().map(String::as_str), code)
}

#[test]
fn the_best_run_again_and_again_with_more() {
    let place = Workplace::new();
    sweep(&place);
    let tables = || TABLES.map(|table| place.read(&format!("r/{table}")));
    let before = tables();
    let said = run(&place, "2", "3", 0);
    assert!(said.prose().contains("on 3 seeds that the search has not seen; 6 of 6 trials done"), "{}", said.out);
    assert!(said.err.contains("6 new trials"), "{}", said.err);
    assert!(tables() == before, "the tables of the sweep changed");
    let first = plan(&place, "r/confirmation");
    assert_eq!(first["replicates"], json!(3));
    // The same again has nothing to do; fewer leave what is there; more add to it.
    assert!(run(&place, "2", "3", 0).err.contains("0 new trials"));
    assert!(run(&place, "1", "2", 0).err.contains("0 new trials"));
    assert_eq!(plan(&place, "r/confirmation"), first);
    assert!(run(&place, "3", "4", 0).err.contains("6 new trials"));
    let ids = |plan: &Value| plan["confirmation"]["config_ids"].as_array().unwrap().clone();
    let more = plan(&place, "r/confirmation");
    assert_eq!(ids(&more)[..2], ids(&first)[..]);
    assert_eq!(ids(&more).len(), 3);
    // A results directory like any other, and the report of the sweep shows it.
    place.run(&["rerun", "r/confirmation", "--trial", "11"], 0);
    assert!(place.run(&["status", "r/confirmation"], 0).out.contains("12 of 12"));
    let report = place.run(&["report", "r"], 0).prose();
    assert!(report.contains("on 4 seeds that the search has not seen; 12 of 12 trials done"), "{report}");
    place.refuses(&["confirm", "r/confirmation", "--best", "1", "--replicates", "1"], "itself");
}

#[test]
fn the_pages_of_both_are_written_anew() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r x"], 0);
    let page = |results: &str| String::from_utf8(place.read(&format!("{results}/report.html"))).unwrap();
    assert!(!page("r x").contains("Confirmed on fresh seeds"));
    let said = place.run(&["confirm", "--best", "2", "--replicates=3", "r x"], 0);
    assert!(said.out.contains("look at it in a browser:\n  'r x/report.html'"), "{}", said.out);
    assert!(page("r x").contains("Confirmed on fresh seeds"));
    // Each names its own directory, not that of another sweep.
    assert!(page("r x").contains("burstnet status 'r x'\n"));
    assert!(page("r x/confirmation").contains("burstnet status 'r x/confirmation'\n"));
    assert!(page("r x/confirmation").contains("burstnet rerun 'r x/confirmation' --config"));
}

#[test]
fn those_that_the_report_does_not_list_keep_their_rank_in_the_search() {
    let place = Workplace::new();
    let many = "replicates: 1\nbase: {network: {layers: [4, 3, 2]}, signals: {length: 20}, training: {epochs: 1}}\n\
                search: {space: {learning_rate.output: {linear: [0.01, 0.5], num: 60}}}\n";
    place.write("s.yaml", many);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    run(&place, "60", "1", 0);
    let report = place.run(&["report", "r", "--json"], 0).json();
    assert_eq!(report["ranked"].as_array().unwrap().len(), 50);
    let confirmed = report["confirmed"]["configurations"].as_array().unwrap();
    let mut ranks: Vec<u64> = confirmed.iter().map(|one| one["search_rank"].as_u64().expect("a rank")).collect();
    ranks.sort_unstable();
    assert_eq!(ranks, (1..=60).collect::<Vec<_>>());
    assert!(confirmed.iter().all(|one| one["search_mean"].is_f64()));
}

#[test]
fn the_best_of_many_is_not_to_be_trusted_before_all_is_confirmed() {
    let place = Workplace::new();
    sweep(&place);
    run(&place, "2", "3", 0);
    let warns =
        || place.run(&["report", "r"], 0).prose().contains("The best of 4 configurations looks better than it is");
    assert!(!warns());
    let journal = place.read("r/confirmation/journal/shard-0-of-1.journal");
    place.write("r/confirmation/journal/shard-0-of-1.journal", &journal[..journal.len() - 1]);
    assert!(warns());
}

#[test]
fn the_same_bytes_in_one_go_and_after_an_interrupt() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP.replace("epochs: 3", "epochs: 60, engine: reference"));
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    place.run(&["sweep", "s.yaml", "--out", "whole"], 0);
    place.run(&["confirm", "whole", "--best", "2", "--replicates", "12"], 0);
    let mut arguments = confirm("2", "12").to_vec();
    arguments.extend(["--threads", "1"].map(str::to_owned));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let child = place.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let journal = place.path("r/confirmation/journal/shard-0-of-1.journal");
    wait_for_records(&journal);
    let killed = Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let said = Said::new(child.wait_with_output().unwrap(), &arguments, 130);
    assert!(said.err.contains("of the confirmation done"), "{}", said.err);
    run(&place, "2", "12", 0);
    for table in TABLES {
        let of = |results: &str| place.read(&format!("{results}/confirmation/{table}"));
        assert!(of("r") == of("whole"), "{table}");
    }
}

#[test]
fn a_sweep_that_was_extended_has_a_stale_confirmation() {
    let place = Workplace::new();
    sweep(&place);
    run(&place, "2", "3", 0);
    place.run(&["sweep", "s.yaml", "--out", "r", "--extend", "--set", "replicates=4"], 0);
    let report = place.run(&["report", "r"], 0).prose();
    assert!(report.contains("The confirmation is of another plan"), "{report}");
    assert!(!report.contains("Confirmed on fresh seeds"), "{report}");
    let said = run(&place, "2", "3", 0);
    assert!(said.prose().contains("on 3 seeds that the search has not seen; 6 of 6 trials done"), "{}", said.out);
    // Those that stay among the best are known by their content, and do not run again.
    assert!(!said.err.contains("6 new trials"), "{}", said.err);
}

#[test]
fn what_cannot_be_confirmed() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r", "--shard", "0/2"], 0);
    let said = run(&place, "1", "2", 2);
    assert!(said.err.contains("6 of 12 trials are missing"), "{}", said.err);
    assert!(!place.path("r/confirmation").exists());
    place.run(&["sweep", "s.yaml", "--out", "r", "--shard", "1/2"], 0);
    assert!(run(&place, "5", "2", 2).err.contains("--best 5: only 4 configurations have a value of test_mae"));
    for (best, replicates) in [("0", "1"), ("1", "0"), ("-1", "1"), ("1001", "1"), ("1", "1e3")] {
        run(&place, best, replicates, 2);
    }
    place.run(&["confirm", "r", "--best", "1"], 2);
    place.run(&["confirm", "nowhere", "--best", "1", "--replicates", "1"], 2);
    std::os::unix::fs::symlink(place.path(""), place.path("r/confirmation")).unwrap();
    assert!(run(&place, "1", "1", 3).err.contains("is a symbolic link"));
}

#[test]
fn a_hostile_plan_is_refused_and_does_not_disturb_the_report() {
    let place = Workplace::new();
    sweep(&place);
    run(&place, "2", "2", 0);
    let good = plan(&place, "r/confirmation");
    let of = good["confirmation"]["of"].clone();
    for (confirmation, message) in [
        (json!({"of": of, "config_ids": []}), "no or too many|0 configurations"),
        (json!({"of": of, "config_ids": [4]}), "configuration 4 is to be confirmed, of a sweep of 4"),
        (json!({"of": of, "config_ids": [1, 1]}), "twice"),
        (json!({"of": "../..", "config_ids": [1]}), "fingerprint"),
        (json!({"of": of, "config_ids": (0..1001).collect::<Vec<_>>()}), "1001 configurations"),
        (json!({"of": of, "config_ids": [-1]}), "not a readable plan"),
    ] {
        let mut plan = good.clone();
        plan["confirmation"] = confirmation;
        place.write("r/confirmation/plan.json", plan.to_string());
        let said = place.run(&["report", "r/confirmation"], 2);
        assert!(message.split('|').any(|part| said.err.contains(part)), "{message}: {}", said.err);
        place.run(&["report", "r"], 0);
    }
    // A plan of other configurations than it says is none of this sweep's.
    let mut other = good.clone();
    other["base"]["training.epochs"] = json!(2);
    place.write("r/confirmation/plan.json", other.to_string());
    assert!(place.run(&["report", "r"], 0).prose().contains("The confirmation is of another plan"));
}

#[test]
fn input_files_are_those_of_the_sweep() {
    let place = Workplace::new();
    let data: Vec<u8> = (0..8).flat_map(|i| (0.1 * f64::from(i)).to_le_bytes()).collect();
    place.write("x.npy", npy("'<f8'", "(2, 4)", &data));
    place.write("t.npy", npy("'<f8'", "(1, 4)", &data[..32]));
    place.write(
        "s.yaml",
        "replicates: 2\nbase:\n  network: {layers: [2, 3, 1]}\n  signals: {kind: files, inputs: x.npy, targets: t.npy}\n  \
         training: {epochs: 2}\nsearch: {space: {learning_rate.hidden: [0, 1]}}\n",
    );
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    for name in ["x.npy", "t.npy", "s.yaml"] {
        std::fs::remove_file(place.path(name)).unwrap();
    }
    run(&place, "1", "2", 0);
    place.run(&["rerun", "r/confirmation", "--trial", "1"], 0);
    let stored = plan(&place, "r")["inputs"][0]["stored"].as_str().unwrap().to_owned();
    place.write(&format!("r/inputs/{stored}"), "changed");
    assert!(run(&place, "1", "3", 3).err.contains(&stored));
}
