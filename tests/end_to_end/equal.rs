//! Equal configurations: they run once, their rows are copies, and all figures are of distinct ones.

use serde_json::{Value, json};

use crate::sweeps::tables;
use crate::workplace::{SMALL_SWEEP, Workplace};

/// Five rows of which three are the same number.
const ROWS: &str = "learning_rate.hidden\n1\n0.0\n1.0\n1e0\n2\n";

fn base() -> String {
    SMALL_SWEEP.split("search:").next().unwrap().to_owned()
}

fn of_table(place: &Workplace) {
    place.write("rows.csv", ROWS);
    place.write("s.yaml", base() + "search: {strategy: table, table: rows.csv}\n");
}

/// The rows of a table, by column.
fn rows(place: &Workplace, table: &str) -> Vec<Value> {
    let text = place.run(&["report", "r", &format!("--csv={table}")], 0).out;
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let header = lines.next().unwrap();
    lines.map(|row| header.iter().cloned().zip(row.into_iter().map(Value::from)).collect()).collect()
}

#[test]
fn rows_that_are_the_same_numbers_run_once_and_are_ranked_once() {
    let place = Workplace::new();
    of_table(&place);
    let plan = place.run(&["plan", "s.yaml", "--json"], 0).json();
    let of = |key: &str| plan[key].clone();
    assert_eq!([of("configurations"), of("distinct"), of("trials"), of("runs")], [5, 3, 15, 9].map(Value::from));
    let text = place.run(&["plan", "s.yaml"], 0).out;
    assert!(text.contains("15 trials of 5 configurations × 3 replicates"), "{text}");
    assert!(text.contains("runs    9 trials: 3 of 5 configurations differ, and equal ones run once"), "{text}");

    let said = place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    assert!(said.err.contains("9 new trials"), "{}", said.err);
    assert!(said.prose().contains("15 trials of 5 configurations (3 distinct) × 3 replicates: 15 ok"), "{}", said.out);
    assert!(said.prose().contains("The best of 3 configurations looks better"), "{}", said.out);
    let page = String::from_utf8(place.read("r/report.html")).unwrap();
    assert!(page.contains("5 configurations (3 distinct; equal ones run once)"), "the page does not say so");

    let report = place.run(&["report", "r", "--json"], 0).json();
    let progress = &report["progress"];
    assert_eq!(
        [&progress["configurations"], &progress["distinct"], &progress["planned"], &progress["done"]],
        [&json!(5), &json!(3), &json!(15), &json!(15)]
    );
    let ranked = report["ranked"].as_array().unwrap();
    let mut ids: Vec<u64> = ranked.iter().map(|one| one["config_id"].as_u64().unwrap()).collect();
    ids.sort_unstable();
    assert_eq!(ids, [0, 1, 4]);
    // Two comparisons are corrected for, not four.
    let contrasts: Vec<_> = ranked.iter().filter_map(|one| one["contrast"].as_object()).collect();
    assert_eq!(contrasts.len(), 2);
    let set = &report["confidence_set"];
    assert_eq!(set["members"].as_u64().unwrap() + set["worse"].as_u64().unwrap(), 3);
    // A copy can be named: it is the first one that is equal to it.
    let compared = place.run(&["report", "r", "--baseline", "3", "--json"], 0).json();
    assert_eq!(compared["baseline"], json!({"config_id": 0, "named": true}));
    assert_eq!(rows(&place, "ranking").len(), 3);
}

#[test]
fn copies_have_rows_of_their_own_and_no_time() {
    let place = Workplace::new();
    of_table(&place);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let trials = rows(&place, "trials");
    assert_eq!(trials.len(), 15);
    for (at, row) in trials.iter().enumerate() {
        assert_eq!((&row["trial_id"], &row["config_id"]), (&at.to_string().into(), &(at / 3).to_string().into()));
    }
    let same = |a: usize, b: usize| {
        ["seed", "status", "test_mae", "digest"].iter().all(|key| trials[a][key] == trials[b][key])
    };
    for replicate in 0..3 {
        assert!(same(replicate, 6 + replicate) && same(replicate, 9 + replicate) && !same(replicate, 12 + replicate));
    }
    let summary = rows(&place, "summary");
    assert_eq!(summary.len(), 5);
    assert!(summary[2]["test_mae_mean"] == summary[0]["test_mae_mean"] && summary[2]["n_ok"] == "3");
    let curves = rows(&place, "curves");
    let of = |trial: &str| {
        curves.iter().filter(|row| row["trial_id"] == trial).map(|row| row["loss"].clone()).collect::<Vec<_>>()
    };
    assert!(!of("0").is_empty() && of("0") == of("6") && of("0") == of("9"));
    let timings = rows(&place, "timings");
    for (at, row) in timings.iter().enumerate() {
        let none = [&row["wall_seconds"], &row["thread"], &row["host"]].map(|cell| cell == "");
        assert_eq!(none, [(6..12).contains(&at); 3], "trial {at}");
    }
    // A copy's trial can be run again by its own number.
    for arguments in [&["--trial", "7"][..], &["--config", "2", "--replicate", "1"]] {
        let said = place.run(&[&["rerun", "r", "--json"], arguments].concat(), 0).json();
        assert_eq!((&said["trial_id"], &said["same"]), (&json!(7), &json!(true)));
    }
}

#[test]
fn draws_of_two_words_on_any_threads_and_in_shards() {
    let place = Workplace::new();
    let drawn =
        "search: {strategy: random, trials: 12, space: {plasticity.hidden_rule: [burst_probability, burst_rate]}}\n";
    place.write("s.yaml", base() + drawn);
    for (out, threads) in [("r", "1"), ("two", "2"), ("eight", "8")] {
        let said = place.run(&["sweep", "s.yaml", "--out", out, "--threads", threads], 0);
        assert!(said.err.contains("6 new trials"), "{}", said.err);
        assert!(tables(&place, out) == tables(&place, "r"), "{threads} threads");
    }
    let status = place.run(&["status", "r"], 0).out;
    assert!(
        status.contains("36 of 36 trials done (30 of them copies of equal configurations, which run once)"),
        "{status}"
    );
    place.run(&["sweep", "s.yaml", "--out", "parts", "--shard", "0/2"], 0);
    let status = place.run(&["status", "parts", "--json"], 0).json();
    let of_shards: Vec<_> =
        status["shards"].as_array().unwrap().iter().map(|one| (one["done"].clone(), one["missing"].clone())).collect();
    assert_eq!(of_shards, [(json!(3), json!(0)), (json!(0), json!(3))]);
    assert_eq!([&status["trials"], &status["runs"]], [&json!(36), &json!(6)]);
    assert!(
        place
            .run(&["merge", "parts"], 4)
            .err
            .contains("shard 1/2 owes 3: burstnet sweep s.yaml --out parts --shard 1/2")
    );
    place.run(&["sweep", "s.yaml", "--out", "parts", "--shard", "1/2"], 0);
    place.run(&["merge", "parts"], 0);
    assert!(tables(&place, "parts") == tables(&place, "r"));
}

#[test]
fn distinct_ones_are_confirmed() {
    let place = Workplace::new();
    of_table(&place);
    let swept = place.run(&["sweep", "s.yaml", "--out", "r"], 0).prose();
    // The command that the report prints is one that runs.
    let command = swept.split('`').find(|part| part.starts_with("burstnet confirm")).expect("a command").to_owned();
    assert_eq!(command, "burstnet confirm r --best 3 --replicates 8");
    let refused = place.run(&["confirm", "r", "--best", "4", "--replicates", "2"], 2);
    assert!(
        refused.err.contains("--best 4: only 3 distinct configurations have a value of test_mae"),
        "{}",
        refused.err
    );
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    assert!(place.run(&words, 0).err.contains("24 new trials"));
    let plan: Value = serde_json::from_slice(&place.read("r/confirmation/plan.json")).unwrap();
    let mut ids: Vec<u64> =
        plan["confirmation"]["config_ids"].as_array().unwrap().iter().map(|id| id.as_u64().unwrap()).collect();
    ids.sort_unstable();
    assert_eq!(ids, [0, 1, 4]);
    assert!(!place.run(&["report", "r"], 0).prose().contains("looks better than it is"));
}

#[test]
fn commands_of_an_external_program_in_a_folder_with_a_blank() {
    let place = crate::external::place(3, crate::external::MEASURES);
    let said = place.run(&["sweep", "s.yaml", "--out", "a b", "--allow-command"], 0);
    assert!(said.prose().contains("`burstnet confirm 'a b' --best 3 --replicates 8 --allow-command`"), "{}", said.out);
    let page = String::from_utf8(place.read("a b/report.html")).unwrap();
    assert!(!page.contains("confirm RESULTS") && page.contains("--best 3 --replicates 8 --allow-command"));
}

#[test]
fn a_search_that_has_used_up_its_space_says_so() {
    let place = Workplace::new();
    let values: Vec<String> = (1..=11).map(|value| format!("{}", f64::from(value) / 20.0)).collect();
    let search =
        format!("search: {{strategy: tpe, trials: 64, space: {{feedback.density: [{}]}}}}\n", values.join(", "));
    place.write("s.yaml", base().replace("replicates: 3", "replicates: 1") + &search);
    let plan = place.run(&["plan", "s.yaml"], 0).out;
    assert!(plan.contains("limits  the space has at most 11 configurations, and tpe proposes each once"), "{plan}");
    let told = "he search ended with 11 of 64 configurations: tpe proposes each once, and found no other";
    let said = place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    assert!(said.prose().contains(told), "{}", said.out);
    assert!(place.run(&["status", "r"], 0).out.contains(told));
    assert!(String::from_utf8(place.read("r/report.html")).unwrap().contains(told));
    let enough = place.run(&["sweep", "s.yaml", "--out", "enough", "--set", "search.trials=11"], 0);
    assert!(!enough.prose().contains("search ended"), "{}", enough.out);
}

#[test]
fn very_many_trials_are_run_only_if_that_is_meant() {
    let place = Workplace::new();
    let huge = "search: {space: {learning_rate.hidden: {linear: [0, 1], num: 20000000}, learning_rate.output: {linear: [0, 1], num: 5000000}}}\n";
    place.write("s.yaml", base().replace("replicates: 3", "replicates: 8") + huge);
    let plan = place.run(&["plan", "s.yaml"], 0).out;
    assert!(plan.contains("800000000000000 trials") && plan.contains(" years on "), "{plan}");
    for arguments in
        [&["sweep", "s.yaml"][..], &["sweep", "s.yaml", "--shard", "0/2"], &["slurm", "s.yaml", "--tasks", "2"]]
    {
        let said = place.refuses(arguments, "s.yaml: 800000000000000 trials, more than 10000000, expected --yes");
        assert!(said.err.contains("`burstnet plan s.yaml` says how long"), "{}", said.err);
    }
    assert!(!place.path("results").exists());
    place.run(&["slurm", "s.yaml", "--tasks", "2", "--yes", "--out", "r"], 0);
    assert!(
        String::from_utf8(place.read("r.slurm/array.sh")).unwrap().contains(" --yes)"),
        "the jobs would be refused"
    );
    let most = "search: {space: {learning_rate.hidden: {linear: [0, 1], num: 10000000}}}\n";
    place.write("most.yaml", base().replace("replicates: 3", "replicates: 1") + most);
    place.run(&["slurm", "most.yaml", "--tasks", "2", "--out", "most"], 0);
    place.write("t.yaml", SMALL_SWEEP);
    place.run(&["sweep", "t.yaml", "--out", "t"], 0);
    place.refuses(&["confirm", "t", "--best", "2", "--replicates", "5000001"], "--replicates 5000001: 10000002 trials");
    assert!(!place.path("t/confirmation").exists());
}

#[test]
fn a_trial_that_was_stopped_is_run_again_to_there() {
    let place = Workplace::new();
    let search = "search: {stopping: {rule: successive_halving, factor: 3, rungs: 2}, space: {learning_rate.hidden: [0.0, 1.0, 2.0]}}\n";
    place.write("s.yaml", base() + search);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let trials = rows(&place, "trials");
    let stopped = trials.iter().find(|row| row["status"] == "pruned").expect("a stopped trial")["trial_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let said = place.run(&["rerun", "r", "--trial", &stopped], 0).out;
    let heading = said.lines().next().unwrap();
    assert!(heading.contains("): pruned (stopped at 1 of 3: rank ") && said.contains("all bits the same"), "{said}");
    let json = place.run(&["rerun", "r", "--trial", &stopped, "--json"], 0).json();
    assert!(
        json["status"] == "pruned"
            && json["same"] == true
            && json["error"].as_str().unwrap().starts_with("stopped at 1")
    );
    let said = place.run(&["report", "r", "--trial", &stopped, "--out", "t.html"], 0).out;
    assert!(said.lines().next().unwrap().contains(": pruned ("), "{said}");
    let page = String::from_utf8(place.read("t.html")).unwrap();
    assert!(
        page.contains("Run again to where the search stopped it: all bits are the same"),
        "the page says something else"
    );
}

#[test]
fn an_external_program_is_asked_once() {
    let place = crate::external::place(3, "echo $x >> asked; echo '{\"measures\": {\"value\": '$x'}}'");
    place.write("rows.csv", "x\n2\n1\n2\n2\n");
    place.write(
        "s.yaml",
        "name: s\nmodel:\n  command: [./model.sh]\n  measures: [value]\nbase: {x: 0}\n\
         search: {strategy: table, table: rows.csv}\n",
    );
    let said = place.run(&["sweep", "s.yaml", "--out", "r", "--allow-command"], 0);
    assert!(said.prose().contains("4 trials of 4 configurations (2 distinct) × 1 replicate: 4 ok"), "{}", said.out);
    let asked = String::from_utf8(place.read("asked")).unwrap();
    assert_eq!(asked.lines().count(), 2, "{asked}");
    // A journal that knows only some of them goes on with the others.
    place.run(&["sweep", "s.yaml", "--out", "r", "--allow-command", "--extend", "--set", "replicates=2"], 0);
    assert_eq!(String::from_utf8(place.read("asked")).unwrap().lines().count(), 4);
}
