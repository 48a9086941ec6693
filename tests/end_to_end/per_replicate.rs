//! `search.per_replicate`: values that each replicate draws, and that all configurations share.

use std::collections::BTreeMap;

use crate::external;
use crate::sweeps::{killed_at_random_moments, tables};
use crate::workplace::{SMALL_SWEEP, Workplace};

/// The small sweep, each of whose replicates has its own range of weights and of amplitudes.
fn drawing() -> String {
    SMALL_SWEEP.to_owned()
        + "  per_replicate:\n    network.weight_range: {uniform: [0.05, 0.2]}\n    \
           signals.amplitude: [[0.1, 0.2], [0.2, 0.3]]\n"
}

/// Returns the columns of a table that a command prints as CSV, each as its cells. No cell has a comma.
fn columns(csv: &str) -> BTreeMap<&str, Vec<&str>> {
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    rows[0].iter().enumerate().map(|(at, name)| (*name, rows[1..].iter().map(|row| row[at]).collect())).collect()
}

#[test]
fn every_configuration_of_a_replicate_has_the_value_in_tables_plan_show_rerun_and_diff() {
    let place = Workplace::new();
    place.write("s.yaml", drawing().replace("signals.amplitude: [[0.1, 0.2], [0.2, 0.3]]", "network.bias: [0.1, 0.2]"));
    let plan = place.run(&["plan", "s.yaml", "--json"], 0).json();
    assert_eq!(plan["per_replicate"], serde_json::json!(["network.weight_range", "network.bias"]));
    let told = place.run(&["plan", "s.yaml"], 0).out;
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("drawn network.weight_range, network.bias, once per replicate"), "{told}");
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let csv = place.run(&["report", "r", "--csv=trials"], 0).out;
    let table = columns(&csv);
    let (replicates, ranges) = (&table["replicate"], &table["network_weight_range"]);
    let mut of: BTreeMap<&str, &str> = BTreeMap::new();
    for (replicate, range) in replicates.iter().zip(ranges) {
        assert_eq!(of.entry(replicate).or_insert(range), range);
    }
    assert_eq!(of.values().collect::<std::collections::BTreeSet<_>>().len(), 3, "{of:?}");
    for shown in plan["shown"].as_array().unwrap() {
        let trial = shown["trial_id"].as_u64().unwrap() as usize;
        assert_eq!(shown["network_weight_range"].to_string(), ranges[trial]);
    }
    // Configuration 1 on replicate 2, with its own digest.
    let show = place.run(&["show", "r", "--config", "1", "--replicate", "2"], 0).out;
    assert!(show.contains(&format!("  weight_range: {}\n", of["2"])), "{show}");
    assert!(show.contains(&format!("# drawn for replicate 2: network.weight_range {}", of["2"])), "{show}");
    let json = place.run(&["show", "r", "--config", "1", "--replicate", "2", "--json"], 0).json();
    assert_eq!(json["drawn"]["network.weight_range"].to_string(), of["2"]);
    place.write("run.yaml", &show);
    let run = place.run(&["run", "run.yaml", "--json"], 0).json();
    assert_eq!(run["digest"], table["digest"][5]);
    let again = place.run(&["rerun", "r", "--trial", "5", "--json"], 0).json();
    assert_eq!((&again["same"], again["network_weight_range"].to_string()), (&true.into(), of["2"].to_owned()));
    let again = place.run(&["rerun", "r", "--trial", "5"], 0).out;
    assert!(again.contains("\ndrawn for replicate 2: network.weight_range 0."), "{again}");
    let other = place.run(&["rerun", "r", "--trial", "5", "--set", "network.weight_range=0.1"], 0).out;
    assert!(other.contains("network.weight_range = 0.1 in place of 0."), "{other}");
    let diff = place.run(&["diff", "r:5", "r:4"], 4).out;
    assert!(diff.contains("network.weight_range"), "{diff}");
    let same_replicate = place.run(&["diff", "r:5", "r:8"], 4).out;
    assert!(!same_replicate.contains("network.weight_range"), "{same_replicate}");
}

#[test]
fn the_same_bytes_on_1_2_and_7_threads_in_shards_and_with_more_replicates() {
    let place = Workplace::new();
    place.write("s.yaml", drawing());
    for threads in ["1", "2", "7"] {
        place.run(&["sweep", "s.yaml", "--out", threads, "--threads", threads], 0);
    }
    assert!(tables(&place, "1") == tables(&place, "2") && tables(&place, "1") == tables(&place, "7"));
    for shard in ["1/3", "0/3", "2/3"] {
        place.run(&["sweep", "s.yaml", "--out", "shards", "--shard", shard], 0);
    }
    place.run(&["merge", "shards"], 0);
    assert!(tables(&place, "1") == tables(&place, "shards"));
    let more = ["--set", "replicates=5"];
    place.run(&[&["sweep", "s.yaml", "--out", "whole"], &more[..]].concat(), 0);
    let said = place.run(&[&["sweep", "s.yaml", "--out", "1", "--extend"], &more[..]].concat(), 0);
    assert!(said.err.contains("12 trials of 20 done before"), "{}", said.err);
    assert!(tables(&place, "1") == tables(&place, "whole"));
    // Fresh seeds have fresh values.
    place.run(&["confirm", "whole", "--best", "1", "--replicates", "3"], 0);
    let confirmed = place.run(&["report", "whole/confirmation", "--csv=trials"], 0).out;
    assert!(confirmed.lines().next().unwrap().contains("network_weight_range"), "{confirmed}");
}

#[test]
fn the_same_bytes_after_kills() {
    killed_at_random_moments(&drawing().replace("epochs: 3", "epochs: 40, engine: reference"), 12, 5);
}

#[test]
fn the_report_says_how_much_of_the_differences_between_replicates_a_key_explains() {
    let place = Workplace::new();
    place.write("s.yaml", drawing().replace("replicates: 3", "replicates: 8"));
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let report = place.run(&["report", "r", "--json"], 0).json();
    let drawn = report["drawn"].as_array().unwrap();
    let keys: Vec<&str> = drawn.iter().map(|one| one["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["network.weight_range", "signals.amplitude"]);
    // The amplitude of the signals decides how large the errors are, and so far more than anything else.
    assert!(drawn[1]["share"].as_f64().unwrap() > 0.5 && drawn[1]["p"].as_f64().unwrap() < 0.05, "{drawn:?}");
    let page = String::from_utf8(place.read("r/report.html")).unwrap();
    for text in [place.run(&["report", "r"], 0).out, page] {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            text.contains("differences between the means of 8 replicates, network.weight_range explains"),
            "{text}"
        );
    }
    let effects = place.run(&["report", "r", "--csv=effects"], 0).out;
    assert!(effects.contains(",share_between_replicates,signals.amplitude,"), "{effects}");
    let finer = place.run(&["refine", "r"], 0).out;
    place.write("finer.yaml", &finer);
    place.run(&["plan", "finer.yaml"], 0);
    assert!(finer.contains("    network.weight_range: {uniform: [0.05, 0.2]}\n"), "{finer}");
}

#[test]
fn a_program_gets_the_values_of_its_replicate() {
    let place = external::place(2, "echo '{\"measures\": {\"value\": '${given#*'\"noise\":'}");
    let text = std::fs::read_to_string(place.path("s.yaml")).unwrap();
    let drawn = text.replace("search: {", "replicates: 4\nsearch: {per_replicate: {noise: {uniform: [0, 1]}}, ");
    place.write("s.yaml", &drawn);
    external::program(&place, "rest=${given#*'\"noise\":'}; echo '{\"measures\": {\"value\": '${rest%%[,\\}]*}'}}'");
    place.run(&external::allowed(&external::ALLOWED), 0);
    let csv = place.run(&["report", "r", "--csv=trials"], 0).out;
    let table = columns(&csv);
    assert_eq!(table["noise"], table["value"]);
    assert_eq!(table["noise"][..4], table["noise"][4..]);
    assert_eq!(table["noise"][..4].iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
    let again = place.run(&["rerun", "r", "--trial", "6", "--allow-command", "--json"], 0).json();
    assert_eq!((&again["same"], again["noise"].to_string()), (&true.into(), table["noise"][6].to_owned()));
    // The program is told, and its keys are known, also where the values are listed.
    place.write("s.yaml", drawn.replace("noise: {uniform: [0, 1]}", "noise: [1, 2, 3]"));
    place.run(&external::allowed(&["sweep", "s.yaml", "--out", "listed"]), 0);
    let csv = place.run(&["report", "listed", "--csv=trials"], 0).out;
    assert!(columns(&csv)["noise"].iter().all(|noise| ["1", "2", "3"].contains(noise)), "{csv}");
    place.refuses(&["plan", "s.yaml", "--set", "search.per_replicate.nois=[1, 2]"], "did you mean");
}
