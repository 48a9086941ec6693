//! Shards of a sweep, their state, and merging them; sweeps that are extended.

use std::process::Stdio;

use crate::sweeps::{TABLES, tables};
use crate::workplace::{SMALL_SWEEP, Workplace, wait_until};

fn shard(place: &Workplace, shard: &str) {
    place.run(&["sweep", "s.yaml", "--out", "r", "--shard", shard], 0);
}

#[test]
fn shards_write_only_their_own_files_and_merge_gives_the_bytes_of_the_whole() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "whole"], 0);
    let said = place.run(&["sweep", "s.yaml", "--out", "r", "--shard", "1/3"], 0);
    assert!(said.out.contains("r: shard 1/3 done, 4 trials") && said.out.contains("burstnet merge r"), "{}", said.out);
    let said = place.run(&["sweep", "s.yaml", "--out", "a b", "--shard", "0/2"], 0);
    assert!(said.out.contains("`burstnet merge 'a b'`"), "{}", said.out);
    let before = place.files();
    shard(&place, "2/3");
    let new: Vec<String> = place.files().into_iter().filter(|file| !before.contains(file)).collect();
    assert_eq!(new, ["r/journal/shard-2-of-3.journal", "r/journal/shard-2-of-3.provenance.json"]);
    let said = place.run(&["merge", "r"], 4);
    insta::assert_snapshot!(said.err, @r"
    r: 4 trials missing of 12: 0, 5, 7, 9
      shard 0/3 owes 4: burstnet sweep s.yaml --out r --shard 0/3
    ");
    assert_eq!(place.files().len(), before.len() + 2, "a refused merge wrote something");
    shard(&place, "0/3");
    assert!(place.run(&["merge", "r"], 0).out.contains("12 ok"));
    assert!(tables(&place, "r") == tables(&place, "whole"));
    let runs: serde_json::Value = serde_json::from_slice(&place.read("r/provenance.json")).unwrap();
    assert_eq!(runs.as_array().map(Vec::len), Some(3));
    // Elsewhere, and over what is there only with --force.
    let said = place.run(&["merge", "r", "--out", "elsewhere"], 0);
    assert!(said.out.contains("pd.read_parquet(\"elsewhere/trials.parquet\")"), "{}", said.out);
    assert!(tables(&place, "elsewhere") == tables(&place, "whole"));
    place.refuses(&["merge", "r", "--out", "elsewhere"], "exists already");
    place.run(&["merge", "r", "--out", "elsewhere", "--force"], 0);
    place.write("home/report.html", "mine");
    place.refuses(&["merge", "r", "--out", "home"], "home/report.html exists already");
    assert!(place.read("home/report.html") == b"mine" && !place.path("home/trials.parquet").exists());
    place.refuses(&["merge", "r", "--out", "whole"], "lies in the results directory");
}

#[test]
fn merge_refuses_what_is_double_or_of_another_sweep() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    for (out, shards) in [("r", ["0/2", "1/2"]), ("other", ["0/3", "1/3"])] {
        for shard in shards {
            place.run(&["sweep", "s.yaml", "--out", out, "--shard", shard], 0);
        }
    }
    place.write("r/journal/shard-1-of-3.journal", place.read("other/journal/shard-1-of-3.journal"));
    let said = place.run(&["merge", "r"], 4);
    assert!(said.err.contains("4 trials ran in more than one shard"), "{}", said.err);
    assert!(said.err.contains("shard-1-of-3.journal (the same bits, which --force accepts)"), "{}", said.err);
    place.run(&["merge", "r", "--force"], 0);
    place.run(&["sweep", "s.yaml", "--out", "seed", "--shard", "1/3", "--set", "seed=8"], 0);
    place.write("r/journal/shard-1-of-3.journal", place.read("seed/journal/shard-1-of-3.journal"));
    place.refuses(&["merge", "r"], "shard-1-of-3.journal: the journal of another sweep");
}

#[test]
fn status_tells_what_each_shard_has_done() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    shard(&place, "1/3");
    insta::assert_snapshot!(place.run(&["status", "r"], 0).out, @r"
    r: 4 of 12 trials done

    shard  state        done  missing  failed  diverged  per second  left
    0/3    not started     0        4       0         0           –     –
    1/3    done            4        0       0         0           –     –
    2/3    not started     0        4       0         0           –     –
    ");
    let long = [
        "sweep",
        "s.yaml",
        "--out",
        "long",
        "--shard",
        "0/2",
        "--threads",
        "1",
        "--set",
        "training.epochs=400",
        "--set",
        "training.engine=reference",
    ];
    let mut child = place.command(&long).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut first = serde_json::Value::Null;
    wait_until("three trials", || {
        if place.path("long/plan.json").exists() {
            first = place.run(&["status", "long", "--json"], 0).json()["shards"][0].clone();
        }
        first["done"].as_u64() >= Some(3)
    });
    let (running, rate) = (first["state"] == "running", first["trials_per_second"].as_f64());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(running && rate > Some(0.0), "{running} {rate:?}");
    let status = place.run(&["status", "long", "--json"], 0).json();
    assert_eq!(status["shards"][0]["state"], "stopped");
    assert_eq!(status["shards"][0]["trials_per_second"], serde_json::Value::Null);
    assert_eq!(status["shards"][1]["state"], "not started");
}

#[test]
fn extending_runs_only_what_is_missing() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let more = ["--set", "replicates=5", "--set", "search.space.feedback.density=[0.25, 0.5, 1.0]"];
    place.refuses(&[&["sweep", "s.yaml", "--out", "r"], &more[..]].concat(), "--extend");
    let said = place.run(&[&["sweep", "s.yaml", "--out", "r", "--extend"], &more[..]].concat(), 0);
    assert!(said.err.contains("continuing: 12 trials of 30 done before") && said.err.contains("18 new trials"));
    place.run(&[&["sweep", "s.yaml", "--out", "scratch"], &more[..]].concat(), 0);
    assert!(tables(&place, "r") == tables(&place, "scratch"));
    // A trial that ran under the earlier plan runs again with the same bits.
    assert_eq!(place.run(&["rerun", "r", "--trial", "5", "--json"], 0).json()["same"], true);
    assert!(TABLES.iter().all(|table| place.path(&format!("r/{table}")).exists()));
}

#[test]
fn shards_that_are_none() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    for shard in ["3/3", "0/0", "1", "-1/3", "0/10001"] {
        place.refuses(&["sweep", "s.yaml", &format!("--shard={shard}")], "expected I/N");
    }
    assert_eq!(place.files(), ["s.yaml"]);
}
