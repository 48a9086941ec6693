//! `burstnet report`: what it prints, tables as CSV, JSON, and `--watch` beside a sweep.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};
use std::time::Duration;

use super::workplace::{SMALL_SWEEP, Workplace, wait_until};

const TABLES: [&str; 6] = ["trials", "curves", "summary", "timings", "effects", "contrasts"];
/// Of those, the ones that are the same bytes in every run.
const PURE: [&str; 5] = ["trials", "curves", "summary", "effects", "contrasts"];

fn swept() -> Workplace {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    place
}

#[test]
fn the_report_at_80_columns() {
    let said = swept().run(&["report", "r"], 0);
    insta::assert_snapshot!(said.out);
    assert!(said.out.lines().all(|line| line.chars().count() <= 80), "{}", said.out);
    assert!(!said.out.contains('\u{1b}') && said.err.is_empty(), "{}", said.err);
}

#[test]
fn what_is_not_there_is_not_explained() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    for (window, told) in [("epoch", true), ("none", false)] {
        let set = format!("evaluation.curve_window={window}");
        let said = place.run(&["sweep", "s.yaml", "--threads", "2", "--out", window, "--set", &set], 0);
        assert_eq!(said.prose().contains("curve: loss of the output layer"), told, "{}", said.out);
    }
}

#[test]
fn many_keys_are_left_out_and_that_is_said() {
    let place = Workplace::new();
    let keys = "    learning_rate.hidden: [0.0, 1.0]
    learning_rate.output: [0.05, 0.1]
    feedback.density: [0.5, 1.0]
    feedback.weight_range: [1.0, 2.0]
    network.weight_range: [0.1, 0.2]
    teaching.target_fraction: [0.05, 0.1]
    plasticity.hidden_rule: [burst_probability, burst_rate]
    evaluation.generation: [false, true]
    signals.phase: [[0.0, 1.0], [0.0, 2.0]]
";
    let sweep = SMALL_SWEEP.split("    learning_rate.hidden").next().unwrap().replace("epochs: 3", "epochs: 1");
    place.write("s.yaml", sweep.replace("replicates: 3", "replicates: 1").replace("length: 100", "length: 20") + keys);
    let said = place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    assert!(said.prose().contains("of 9 keys, those that matter least"), "{}", said.out);
    assert!(said.out.lines().all(|line| line.chars().count() <= 80), "{}", said.out);
}

#[test]
fn eight_configurations_tell_nothing_and_the_report_says_so() {
    let place = Workplace::new();
    let base = SMALL_SWEEP.split("search:").next().unwrap().to_owned();
    let random = "search: {strategy: random, trials: 8, space: {learning_rate.output: {uniform: [0.01, 1]}}}\n";
    place.write("s.yaml", base + random);
    let said = place.run(&["sweep", "s.yaml", "--out", "r"], 0).prose();
    assert!(said.contains("Whether learning_rate.output matters cannot be told"), "{said}");
    assert!(said.contains("It would take about 20 configurations to tell.") && !said.contains("NaN"), "{said}");
}

/// One seed and one key: the shares are all of nothing.
#[test]
fn one_seed_and_one_key_tell_nothing() {
    let place = Workplace::new();
    let base = SMALL_SWEEP.split("search:").next().unwrap().replace("replicates: 3", "replicates: 1");
    place.write("s.yaml", base + "search: {space: {feedback.density: [0.1, 0.5, 1.0]}}\n");
    let said = place.run(&["sweep", "s.yaml", "--out", "r"], 0).prose();
    assert!(said.contains("Whether feedback.density matters cannot be told"), "{said}");
    assert!(!said.contains("100.0 %") && !said.contains("100 %"), "{said}");
}

#[test]
fn commands_are_quoted_and_colours_are_colours() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    let said = place.run(&["sweep", "s.yaml", "--out", "שלום x;y"], 0);
    assert!(said.out.contains("\n  burstnet rerun 'שלום x;y' --config 0 --replicate 0\n"), "{}", said.out);
    assert!(said.out.contains("\n  'שלום x;y/report.html'\n"), "{}", said.out);
    assert!(said.out.contains("pd.read_parquet(\"שלום x;y/trials.parquet\")"), "{}", said.out);
    let coloured = place.command(&["report", "שלום x;y"]).env("CLICOLOR_FORCE", "1").output().unwrap();
    let coloured = String::from_utf8(coloured.stdout).unwrap();
    assert!(coloured.contains("\u{1b}[1mBest configurations\u{1b}[0m") && !coloured.contains("\\u{1b}"), "{coloured}");
}

#[test]
fn a_baseline_and_a_measure_by_name() {
    let place = swept();
    let said = place.run(&["report", "r", "--baseline", "2", "--measure", "train_loss"], 0).out;
    assert!(said.contains("train_loss [events²/step²]") && said.contains("difference from configuration 2,"), "{said}");
    let json = place.run(&["report", "r", "--baseline", "2", "--measure", "train_loss", "--json"], 0).json();
    assert_eq!(json["baseline"], serde_json::json!({"config_id": 2, "named": true}));
    assert_eq!((json["measure"].as_str(), json["is_objective"].as_bool()), (Some("train_loss"), Some(false)));
}

#[test]
fn json_has_everything_and_no_infinite_numbers() {
    let place = swept();
    let said = place.run(&["report", "r", "--json"], 0);
    assert_eq!(said.out.lines().count(), 1);
    assert!(!said.out.contains("NaN") && !said.out.contains("Infinity"));
    let json = said.json();
    assert_eq!(json["progress"]["counts"], serde_json::json!({"ok": 12, "diverged": 0, "failed": 0, "pruned": 0}));
    assert_eq!(json["ranked"].as_array().map(Vec::len), Some(4));
    assert_eq!(json["keys"], serde_json::json!(["learning_rate.hidden", "feedback.density"]));
    assert_eq!(json["columns"], serde_json::json!(["learning_rate_hidden", "feedback_density"]));
    for path in json["tables"].as_array().unwrap() {
        assert!(place.path(path.as_str().unwrap()).is_file(), "{path}");
    }
}

#[test]
fn csv_is_all_that_is_written() {
    let place = swept();
    for table in TABLES {
        std::fs::remove_file(place.path(&format!("r/{table}.parquet"))).unwrap();
    }
    let before = place.files();
    let lines = |arguments: &[&str]| {
        let said = place.run(arguments, 0);
        assert!(said.err.is_empty(), "{}", said.err);
        assert!(said.out.split_inclusive('\n').all(|line| line.ends_with("\r\n")), "{}", said.out);
        said.out.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let rows = |table: &str| lines(&["report", "r", &format!("--csv={table}")]).len() - 1;
    let found = ["ranking", "trials", "summary", "curves", "timings", "contrasts"].map(rows);
    assert_eq!(found[..5], [4, 12, 4, 12 * 2 * 3, 12]);
    assert!(found[5] > 0 && rows("effects") > 0);
    assert_eq!(lines(&["report", "r", "--csv"]), lines(&["report", "r", "--csv=ranking"]));
    assert!(
        lines(&["report", "r", "--csv"])[0].starts_with("rank,config_id,learning_rate_hidden,feedback_density,n_ok,")
    );
    assert_eq!(place.files(), before);
}

#[test]
fn a_reader_of_csv_may_stop_anywhere() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP.to_owned() + "    evaluation.curve_window: [1, 2]\n");
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let mut child =
        place.command(&["report", "r", "--csv=curves"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut line).unwrap(); // and closes the pipe
    assert_eq!(line, "trial_id,layer,step,learning_steps,loss\r\n");
    let mut complaints = String::new();
    child.stderr.take().unwrap().read_to_string(&mut complaints).unwrap();
    assert_eq!((child.wait().unwrap().code(), complaints.as_str()), (Some(0), ""));
}

#[test]
fn hostile_names_are_shown_as_text() {
    let place = Workplace::new();
    let name = "=w\u{1b}[31m\u{202e}<b>שלום";
    let results = "r\u{1b}[2J\u{202e}\u{200b}";
    place.write("r.yaml", "network: {layers: [12, 8, 3]}\nsignals: {length: 100}\ntraining: {epochs: 1}\n");
    place.run(&["run", "r.yaml", "--save-weights", name], 0);
    let sweep = SMALL_SWEEP.split("    feedback.density").next().unwrap().to_owned();
    let quoted = serde_json::to_string(name).unwrap();
    place.write("s.yaml", sweep + &format!("    network.initial_weights: [null, {quoted}]\n"));
    place.run(&["sweep", "s.yaml", "--out", results], 0);
    let said = place.run(&["report", results], 0);
    assert!(said.out.contains("=w\\u{1b}"), "{}", said.out);
    for (arguments, code) in [
        (&["report", results][..], 0),
        (&["status", results], 0),
        (&["rerun", results, "--trial", "0"], 0),
        (&["confirm", results, "--best", "1", "--replicates", "1"], 0),
        (&["confirm", results, "--best", "9", "--replicates", "1"], 2),
        (&["report", &format!("{results}/x")], 2),
        (&["report", results, "--measure", results], 2),
        (&["merge", results, "--out", results], 2),
        (&["sweep", "s.yaml", "--out", results, "--set", "seed=8"], 2),
    ] {
        let said = place.run(arguments, code);
        let shown = said.out + &said.err;
        assert!(!shown.contains(['\u{1b}', '\u{202e}', '\u{200b}']), "{arguments:?}: {shown}");
    }
    let csv = place.run(&["report", results, "--csv=summary"], 0).out;
    assert!(csv.contains(&format!(",'{name},")), "{csv}");
}

#[test]
fn what_is_refused() {
    let place = swept();
    std::fs::create_dir(place.path("empty")).unwrap();
    for (arguments, message) in [
        (&["r", "--csv=nothing"][..], "ranking, trials, curves, summary, timings, effects, contrasts"),
        (&["r", "--csv", "--json"], "cannot be used with"),
        (&["r", "--watch", "--json"], "cannot be used with"),
        (&["r", "--watch=0"], "expected a number of seconds from 0.1"),
        (&["--watch", "r"], "RESULTS stands before --watch"),
        (&["r", "--baseline", "99"], "configuration 99: this sweep has 4"),
        (&["r", "--csv", "--baseline", "99"], "configuration 99: this sweep has 4"),
        (&["r", "--csv=contrasts", "--baseline", "99"], "configuration 99: this sweep has 4"),
        (&["r", "--csv=contrasts", "--measure", "test_mse"], "--csv=contrasts, expected --csv=ranking"),
        (&["r", "--csv=trials", "--baseline", "1"], "--csv=trials, expected --csv=ranking or contrasts"),
        (&["r", "--csv=trials", "--baseline", "99", "--measure", "nonsense"], "--baseline: changes nothing"),
        (&["r", "--measure", "mae"], "measure 'mae' is not one of this sweep"),
        (&["r", "--measure", "tets_mae"], "(did you mean 'test_mae'?)"),
        (&["empty"], "not a results directory"),
        (&["empty", "--csv"], "not a results directory"),
        (&["empty", "--watch"], "not a results directory"),
        (&["nowhere", "--watch"], "not a results directory"),
    ] {
        place.refuses(&[&["report"], arguments].concat(), message);
    }
}

/// A sweep that takes some seconds on one thread.
fn long_sweep() -> String {
    SMALL_SWEEP.replace("replicates: 3", "replicates: 40").replace("epochs: 3", "epochs: 300")
}

fn start(place: &Workplace, arguments: &[&str]) -> Child {
    place.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn signal(child: &Child, signal: &str) {
    let sent = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

fn journal_length(place: &Workplace, results: &str) -> u64 {
    let path = place.path(&format!("{results}/journal/shard-0-of-1.journal"));
    path.metadata().map_or(0, |held| held.len())
}

#[test]
fn watching_leaves_a_sweep_as_it_is() {
    let place = Workplace::new();
    place.write("s.yaml", long_sweep());
    place.run(&["sweep", "s.yaml", "--out", "alone"], 0);
    let sweep = start(&place, &["sweep", "s.yaml", "--out", "r", "--threads", "1"]);
    wait_until("the first trial", || journal_length(&place, "r") > 200);
    let watch = start(&place, &["report", "r", "--watch", "0.1"]);
    let killed = start(&place, &["report", "r", "--watch=0.1"]);
    wait_until("the first tables", || place.path("r/contrasts.parquet").is_file());
    signal(&killed, "-KILL");
    let swept = sweep.wait_with_output().unwrap();
    assert_eq!(swept.status.code(), Some(0), "{}", String::from_utf8_lossy(&swept.stderr));
    let watched = watch.wait_with_output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&watched.stdout), String::from_utf8_lossy(&watched.stderr));
    assert_eq!(watched.status.code(), Some(0), "{err}");
    assert!(out.contains("160 ok") && err.contains("/160 trials"), "{out}{err}");
    drop(killed.wait_with_output());
    for table in PURE {
        let of = |results: &str| place.read(&format!("{results}/{table}.parquet"));
        assert!(of("r") == of("alone"), "{table} differs");
    }
    place.run(&["report", "r"], 0); // removes what the killed one left
    let left: Vec<String> = place.files().into_iter().filter(|name| name.contains(".writing-")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn watching_ends_on_a_signal_and_outlives_the_sweep() {
    let place = Workplace::new();
    place.write("s.yaml", long_sweep());
    let mut sweep = start(&place, &["sweep", "s.yaml", "--out", "r", "--threads", "1"]);
    wait_until("the first trial", || journal_length(&place, "r") > 200);
    let watch = start(&place, &["report", "r", "--watch", "0.1"]);
    wait_until("the first tables", || place.path("r/trials.parquet").is_file());
    sweep.kill().unwrap();
    sweep.wait().unwrap();
    std::thread::sleep(Duration::from_millis(500)); // at least one more look at what does not change any more
    signal(&watch, "-INT");
    let watched = watch.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&watched.stderr).into_owned();
    assert_eq!(watched.status.code(), Some(130), "{err}");
    assert!(err.contains("r: no longer watched; the tables have ") && watched.stdout.is_empty(), "{err}");
    let report = place.run(&["report", "r"], 0).out;
    assert!(report.contains("missing") && report.contains("the sweep is not complete"), "{report}");
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    assert!(place.run(&["report", "r", "--watch"], 0).out.contains("160 ok"));
}

#[test]
fn nothing_is_written_where_nothing_changed() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r", "--shard", "0/2"], 0);
    let watch = start(&place, &["report", "r", "--watch", "0.1"]);
    let made = || place.path("r/trials.parquet").metadata().and_then(|held| held.modified()).ok();
    wait_until("the first tables", || made().is_some());
    let first = made();
    std::thread::sleep(Duration::from_millis(800));
    assert_eq!(made(), first);
    place.run(&["sweep", "s.yaml", "--out", "r", "--shard", "1/2"], 0);
    let watched = watch.wait_with_output().unwrap();
    assert_eq!(watched.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&watched.stdout).contains("12 ok"));
    assert_ne!(made(), first);
}
