//! Searches that learn, and that stop early: over the command, with the network.

use std::process::Stdio;

use crate::sweeps::{killed_at_random_moments, kills, tables};
use crate::workplace::Workplace;

/// Over three keys of a small network, 12 configurations of 2 replicates.
fn search(how: &str) -> String {
    format!(
        "name: s\nseed: 7\nreplicates: 2\nbase:\n  network: {{layers: [12, 8, 3]}}\n  signals: {{length: 100}}\n  \
         training: {{epochs: 9}}\nobjective: {{measure: train_loss}}\nsearch:\n  {how}\n  space:\n    \
         learning_rate.hidden: {{log_uniform: [0.1, 10.0]}}\n    feedback.density: {{uniform: [0.1, 1.0]}}\n    \
         plasticity.hidden_rule: [burst_probability, event_rate_and_burst_probability]\n"
    )
    .replace("event_rate_and_burst_probability", other_rule())
    .replace("EARLIER", concat!("'", env!("CARGO_MANIFEST_DIR"), "/../../tests/end_to_end/earlier.csv'"))
}

/// A hidden rule that is not the default.
fn other_rule() -> &'static str {
    let schema = burstnet_core::config::keys::schema();
    let words = schema.key("plasticity.hidden_rule").unwrap().kind.words();
    words.iter().find(|word| **word != "burst_probability").unwrap()
}

const TPE: &str = "strategy: tpe\n  trials: 12\n  round: 4\n  startup: 4";
const CMAES: &str = "strategy: cmaes\n  trials: 12\n  round: 6";
const HALVING: &str = "strategy: sobol\n  trials: 12\n  stopping: {rule: successive_halving, factor: 3, rungs: 3}";
const HYPERBAND: &str = "strategy: latin_hypercube\n  trials: 12\n  stopping: {rule: hyperband, factor: 2}";
const MEDIAN: &str = "strategy: halton\n  trials: 12\n  round: 4\n  stopping: median";
/// Searches without rounds.
const TPE_LAG: &str = "strategy: tpe\n  trials: 12\n  lag: 3\n  startup: 4";
const GP_LAG: &str = "strategy: gp\n  trials: 12\n  lag: 3\n  startup: 4";
const HALVING_LAG: &str =
    "strategy: sobol\n  trials: 12\n  lag: 3\n  stopping: {rule: successive_halving, factor: 3, rungs: 3}";

/// Searches that begin with earlier results.
const TPE_EARLIER: &str = "strategy: tpe\n  trials: 12\n  lag: 3\n  startup: 8\n  learn_from: EARLIER";
const GP_EARLIER: &str = "strategy: gp\n  trials: 12\n  lag: 3\n  startup: 4\n  learn_from: EARLIER";

/// Searches that learn and stop early.
const TPE_HALVING: &str = "strategy: tpe\n  trials: 12\n  lag: 3\n  startup: 4\n  \
                           stopping: {rule: successive_halving, factor: 3, rungs: 3}";
const GP_HYPERBAND: &str =
    "strategy: gp\n  trials: 12\n  lag: 2\n  startup: 3\n  stopping: {rule: hyperband, factor: 2}";

#[test]
fn the_same_bytes_on_1_2_and_8_threads_and_in_shards() {
    for how in [TPE, CMAES, HALVING, HYPERBAND, MEDIAN] {
        let place = Workplace::new();
        place.write("s.yaml", search(how));
        for threads in ["1", "2", "8"] {
            place.run(&["sweep", "s.yaml", "--out", threads, "--threads", threads], 0);
        }
        let whole = tables(&place, "1");
        assert!(whole == tables(&place, "2") && whole == tables(&place, "8"), "{how}");
        let mut round = 0;
        while !place.path("shards").exists() || !status(&place, "shards")["finished"].as_bool().unwrap() {
            for shard in ["1/2", "0/2"] {
                let round = round.to_string();
                place.run(&["sweep", "s.yaml", "--out", "shards", "--shard", shard, "--round", &round], 0);
            }
            round += 1;
        }
        assert!(round > 1);
        place.run(&["merge", "shards"], 0);
        assert!(whole == tables(&place, "shards"), "{how}");
    }
}

#[test]
fn without_rounds_the_same_bytes_on_1_2_and_7_threads_and_in_shards_at_once() {
    for how in [TPE_LAG, GP_LAG, HALVING_LAG, TPE_HALVING, GP_HYPERBAND, TPE_EARLIER, GP_EARLIER] {
        let place = Workplace::new();
        place.write("s.yaml", search(how));
        for threads in ["1", "2", "7"] {
            place.run(&["sweep", "s.yaml", "--out", threads, "--threads", threads], 0);
        }
        let whole = tables(&place, "1");
        assert!(whole == tables(&place, "2") && whole == tables(&place, "7"), "{how}");
        let start = |shard: &str| {
            let arguments = ["sweep", "s.yaml", "--out", "shards", "--threads", "1", "--shard", shard];
            place.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command starts")
        };
        let shards = ["2/3", "0/3", "1/3"].map(start);
        for shard in shards {
            let output = shard.wait_with_output().expect("an end");
            assert!(output.status.success(), "{how}: {}", String::from_utf8_lossy(&output.stderr));
            let said = String::from_utf8_lossy(&output.stdout);
            assert_eq!(said.contains(" runs to a rung;"), how.contains("stopping"), "{how}: {said}");
        }
        place.run(&["merge", "shards"], 0);
        assert!(whole == tables(&place, "shards"), "{how}");
    }
}

fn status(place: &Workplace, results: &str) -> serde_json::Value {
    place.run(&["status", results, "--json"], 0).json()
}

/// A sweep with adaptive replicates.
fn adaptive() -> String {
    search("strategy: sobol\n  trials: 12").replace("replicates: 2", "replicates: {from: 2, to: 8, until: best}")
}

#[test]
fn adaptive_replicates_have_the_same_bytes_on_1_2_and_7_threads_and_in_shards() {
    let place = Workplace::new();
    place.write("s.yaml", adaptive());
    for threads in ["1", "2", "7"] {
        place.run(&["sweep", "s.yaml", "--out", threads, "--threads", threads], 0);
    }
    let whole = tables(&place, "1");
    assert!(whole == tables(&place, "2") && whole == tables(&place, "7"));
    let rounds = place.run(&["plan", "s.yaml", "--json"], 0).json()["rounds"].as_u64().unwrap();
    for round in 0..rounds {
        for shard in ["2/3", "0/3", "1/3"] {
            let round = round.to_string();
            place.run(&["sweep", "s.yaml", "--out", "shards", "--shard", shard, "--round", &round], 0);
        }
        if round + 1 < rounds {
            let said = place.run(&["merge", "shards"], 4);
            assert!(
                said.err.contains("missing of ") && said.err.contains(&format!("round {} owes", round + 1)),
                "{}",
                said.err
            );
        }
    }
    place.run(&["merge", "shards"], 0);
    assert!(whole == tables(&place, "shards"));
    killed_at_random_moments(&adaptive().replace("epochs: 9", "epochs: 90, engine: reference"), 46, kills() / 2);
}

#[test]
fn adaptive_replicates_are_planned_shown_confirmed_refined_and_extended() {
    let place = Workplace::new();
    place.write("s.yaml", adaptive());
    let plan = place.run(&["plan", "s.yaml", "--json"], 0).json();
    let levels = plan["levels"].as_array().unwrap();
    let mut before = 0;
    let mut trials = 0;
    for level in levels {
        let (replicates, configurations) =
            (level["replicates"].as_u64().unwrap(), level["configurations"].as_u64().unwrap());
        trials += (replicates - before) * configurations;
        before = replicates;
    }
    assert_eq!((plan["trials"].as_u64(), plan["replicates"].as_u64(), before), (Some(trials), Some(8), 8));
    assert!(trials <= 12 * 8 / 2);
    let text = place.run(&["plan", "s.yaml"], 0).prose();
    assert!(text.contains("2 to 8 replicates") && text.contains("all 12 configurations on 2"), "{text}");
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    assert_eq!(status(&place, "r")["finished"], true);
    let report = place.run(&["report", "r", "--json"], 0).json();
    assert_eq!(report["progress"]["counts"]["ok"].as_u64(), Some(trials));
    assert_eq!(report["progress"]["missing"], 0);
    assert_eq!((&report["ranked"][0]["n"], &report["ranked"][11]["n"]), (&8.into(), &2.into()));
    assert_eq!(report["search"]["adaptive"], plan["levels"]);
    let shown = place.run(&["report", "r"], 0).prose();
    assert!(shown.contains("2 to 8 replicates") && !shown.contains("stopped"), "{shown}");
    let best = report["ranked"][0]["config_id"].to_string();
    assert_eq!(place.run(&["rerun", "r", "--config", &best, "--replicate", "7", "--json"], 0).json()["same"], true);
    let last = report["ranked"][11]["config_id"].to_string();
    place.run(&["rerun", "r", "--config", &last, "--replicate", "7"], 2);
    place.run(&["confirm", "r", "--best", "2", "--replicates", "4"], 0);
    let finer = place.run(&["refine", "r", "--around", "best:2"], 0).out;
    assert!(finer.contains("replicates: {from: 2, to: 8, until: best}"), "{finer}");
    place.write("s.yaml", adaptive().replace("to: 8", "to: 15"));
    place.run(&["sweep", "s.yaml", "--out", "r", "--extend"], 0);
    place.run(&["sweep", "s.yaml", "--out", "whole"], 0);
    assert!(tables(&place, "whole") == tables(&place, "r"));
}

#[test]
fn the_same_bytes_after_kills() {
    for how in [TPE, HALVING, TPE_LAG, HALVING_LAG, TPE_HALVING, GP_EARLIER] {
        killed_at_random_moments(&search(how).replace("epochs: 9", "epochs: 90, engine: reference"), 24, kills() / 2);
    }
}

#[test]
fn a_search_that_learns_and_stops_early_is_planned_extended_and_run_again() {
    for how in [TPE_HALVING, GP_HYPERBAND] {
        let place = Workplace::new();
        place.write("s.yaml", search(how));
        let plan = place.run(&["plan", "s.yaml"], 0).prose();
        assert!(plan.contains(", stopped early by ") && plan.contains("training.epochs "), "{plan}");
        place.run(&["sweep", "s.yaml", "--out", "r"], 0);
        let report = place.run(&["report", "r", "--json"], 0).json();
        let kept = report["progress"]["counts"]["ok"].as_u64().unwrap();
        assert!(kept > 0 && report["progress"]["counts"]["pruned"].as_u64().unwrap() == 24 - kept, "{report}");
        for id in ["0", "23"] {
            let again = place.run(&["rerun", "r", "--trial", id, "--json"], 0).json();
            assert_eq!(again["same"], true, "{how}, trial {id}");
        }
        place.run(&["confirm", "r", "--best", "1", "--replicates", "2"], 0);
        // A longer search begins with the shorter one, and ends as if it had been the longer one from the start.
        place.write("s.yaml", search(&how.replace("trials: 12", "trials: 15")));
        place.run(&["sweep", "s.yaml", "--out", "r", "--extend"], 0);
        place.run(&["sweep", "s.yaml", "--out", "whole"], 0);
        assert!(tables(&place, "whole") == tables(&place, "r"), "{how}");
        assert_eq!(status(&place, "r")["finished"], true);
    }
}

#[test]
fn a_strategy_that_was_chosen_stays_when_the_search_is_extended() {
    for (trials, longer, strategy) in [("8", "12", "sobol"), ("12", "14", "gp"), ("11", "9", "gp")] {
        let place = Workplace::new();
        let file = |trials: &str| search(&format!("strategy: auto\n  trials: {trials}\n  lag: 3"));
        place.write("s.yaml", file(trials));
        place.run(&["sweep", "s.yaml", "--out", "r"], 0);
        place.write("s.yaml", file(longer));
        let said = place.run(&["sweep", "s.yaml", "--out", "r"], 2);
        assert!(said.err.contains("trials") && !said.err.contains("strategy is"), "{}", said.err);
        place.run(&["sweep", "s.yaml", "--out", "r", "--extend"], 0);
        let plan: serde_json::Value = serde_json::from_slice(&place.read("r/plan.json")).unwrap();
        assert_eq!(plan["strategy"]["name"], strategy);
        // The same command goes on, and the search is the one that names the strategy.
        place.run(&["sweep", "s.yaml", "--out", "r"], 0);
        let lag = if strategy == "gp" { "\n  lag: 3" } else { "" };
        place.write("named.yaml", search(&format!("strategy: {strategy}\n  trials: {longer}{lag}")));
        place.run(&["sweep", "named.yaml", "--out", "named"], 0);
        assert!(tables(&place, "named") == tables(&place, "r"), "{trials} {longer}");
    }
}

#[test]
fn a_round_says_what_it_waits_for() {
    let place = Workplace::new();
    place.write("s.yaml", search(TPE));
    let sweep = |more: &[&str], code| place.run(&[&["sweep", "s.yaml", "--out", "r"], more].concat(), code);
    let said = sweep(&["--shard", "0/2"], 2);
    assert!(said.err.contains("expected --round R with --shard I/N"), "{}", said.err);
    sweep(&["--shard", "0/2", "--round", "0"], 0);
    let said = sweep(&["--shard", "0/2", "--round", "1"], 4);
    let expected = "r: round 1 cannot start: of round 0, 4 of 8 trials are missing; run it first with --round 0";
    assert!(said.err.contains(expected), "{}", said.err);
    let said = place.run(&["merge", "r"], 4);
    assert!(said.err.contains("round 0 owes 4 of 8"), "{}", said.err);
    let said = place.run(&["status", "r"], 0);
    assert!(said.out.contains("round 0: 4 of 8 done, 4 missing; no process runs it"), "{}", said.out);
    place.write("plain.yaml", crate::workplace::SMALL_SWEEP);
    place.refuses(&["sweep", "plain.yaml", "--out", "p", "--round", "1"], "expected no --round");
}

#[test]
fn trials_that_were_stopped_say_where_and_run_again_to_there() {
    let place = Workplace::new();
    place.write("s.yaml", search(HALVING));
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let rows = csv(&place.run(&["report", "r", "--csv=trials"], 0).out);
    let column = |name: &str| rows[0].iter().position(|held| held == name).unwrap_or_else(|| panic!("{name}"));
    let (status, error, epochs) = (column("status"), column("error"), column("training_epochs"));
    let of = |budget: &str| rows[1..].iter().filter(|row| row[epochs] == budget).count();
    assert_eq!((rows.len() - 1, of("1"), of("3"), of("9")), (24, 16, 6, 2));
    for (id, row) in rows[1..].iter().enumerate() {
        assert_eq!(row[status] == "pruned", row[epochs] != "9", "{row:?}");
        assert!(row[epochs] == "9" || row[error].starts_with("stopped at "), "{row:?}");
        let again = place.run(&["rerun", "r", "--trial", &id.to_string(), "--json"], 0).json();
        assert_eq!((&again["same"], again["digest"].as_str()), (&true.into(), row.last().map(String::as_str)));
    }
    // As far as it went, a trial has the bits of a run of so many epochs.
    let first = rows[1..].iter().position(|row| row[epochs] == "3").unwrap();
    let set = |key: &str| format!("{key}={}", rows[1 + first][column(&key.replace('.', "_"))]);
    let sets = ["learning_rate.hidden", "feedback.density", "plasticity.hidden_rule"].map(set);
    let seed = &rows[1 + first][column("seed")];
    let mut arguments = vec!["run", "s.yaml", "--json", "--seed", seed, "--set", "training.epochs=3"];
    arguments.extend(sets.iter().flat_map(|set| ["--set", set]));
    let alone = place.run(&arguments, 0).json();
    assert_eq!(alone["digest"].as_str(), rows[1 + first].last().map(String::as_str));
    let summary = csv(&place.run(&["report", "r", "--csv=summary"], 0).out);
    let pruned = summary[0].iter().position(|held| held == "n_pruned").unwrap();
    assert_eq!(summary[1..].iter().filter(|row| row[pruned] == "2").count(), 11);
}

/// Rows of a CSV without quoted commas.
fn csv(text: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| {
        let mut cells = Vec::new();
        let (mut cell, mut quoted) = (String::new(), false);
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(std::mem::take(&mut cell)),
                _ => cell.push(c),
            }
        }
        cells.push(cell);
        cells
    };
    text.lines().map(cells).collect()
}

#[test]
fn the_best_of_a_search_that_learns_can_be_confirmed() {
    let place = Workplace::new();
    place.write("s.yaml", search(TPE));
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    place.run(&["confirm", "r", "--best", "2", "--replicates", "4"], 0);
    let report = place.run(&["report", "r", "--json"], 0).json();
    let confirmed = report["confirmed"]["configurations"].as_array().unwrap();
    assert_eq!(confirmed.len(), 2);
    let best = &report["ranked"][0];
    let same = confirmed.iter().find(|one| one["config_id"] == best["config_id"]).unwrap();
    assert_eq!(same["values"], best["values"]);
    // A directory of its own: its trials run again from it alone.
    let again = place.run(&["rerun", "r/confirmation", "--trial", "3", "--json"], 0).json();
    assert_eq!(again["same"], true);
}

#[test]
fn a_race_leaves_rows_for_replicates_that_never_ran() {
    let place = Workplace::new();
    let text = search("strategy: random\n  trials: 6\n  stopping: {rule: paired_racing, first: 3}");
    let text = text
        .replace("replicates: 2", "replicates: 12")
        .replace("hidden: {log_uniform: [0.1, 10.0]}", "output: [0.0, 0.05]");
    place.write("s.yaml", text);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let rows = csv(&place.run(&["report", "r", "--csv=trials"], 0).out);
    let column = |name: &str| rows[0].iter().position(|held| held == name).unwrap();
    assert_eq!(rows.len() - 1, 72);
    let never = rows[1..].iter().filter(|row| row[column("digest")].is_empty()).collect::<Vec<_>>();
    assert!(!never.is_empty() && never.len() < 60, "{}", never.len());
    assert!(
        never.iter().all(|row| row[column("status")] == "pruned" && row[column("error")].starts_with("stopped after "))
    );
    let id = &never[0][column("trial_id")];
    place.refuses(&["rerun", "r", "--trial", id], &format!("trial {id} has never run: stopped after"));
}
