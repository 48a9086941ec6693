//! External programs in place of the burst network: what they may do, and what becomes of it when they do it wrong.

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::sweeps::tables;
use crate::workplace::{Said, Workplace, wait_until};

/// What the programs print in the end.
pub(crate) const MEASURES: &str = r#"echo '{"measures": {"value": '$x'}}'"#;

/// A sweep of `n` trials of the script `model.sh`, over x from 0 on.
pub(crate) fn sweep(n: u32) -> String {
    format!(
        "name: s\nmodel:\n  command: [./model.sh]\n  measures: [value]\nbase: {{x: 0}}\n\
         search: {{space: {{x: {{int: [0, {}]}}}}}}\n",
        n - 1
    )
}

/// A place with a sweep of `n` trials of this script, which finds x in a variable.
pub(crate) fn place(n: u32, script: &str) -> Workplace {
    let place = Workplace::new();
    place.write("s.yaml", sweep(n));
    program(&place, script);
    place
}

pub(crate) fn program(place: &Workplace, script: &str) {
    let read = "read -r given; x=${given#*'\"x\":'}; x=${x%%[,\\}]*}";
    self::script(place, &format!("{read}\n{script}"));
}

/// Writes the executable script `model.sh`.
pub(crate) fn script(place: &Workplace, script: &str) {
    let path = place.write("model.sh", format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("permissions");
}

pub(crate) const ALLOWED: [&str; 4] = ["sweep", "s.yaml", "--out", "r"];

pub(crate) fn allowed<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &["--allow-command"]].concat()
}

/// Processes whose working directory is in this place.
pub(crate) fn processes_in(place: &Workplace) -> Vec<String> {
    let folder = place.path("").canonicalize().expect("a folder");
    let running = std::fs::read_dir("/proc").expect("/proc").filter_map(Result::ok);
    let own = running.filter(|entry| entry.path().join("cwd").read_link().is_ok_and(|cwd| cwd == folder));
    own.map(|entry| std::fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default()).collect()
}

pub(crate) fn assert_nobody_is_left(place: &Workplace) {
    wait_until("all processes to end", || processes_in(place).is_empty());
}

#[test]
fn of_a_thousand_trials_three_fail_each_for_its_reason() {
    let place = place(
        1000,
        &format!(
            "case $x in 17) echo dying >&2; kill -9 $$;; 500) echo 'no JSON';; 999) sleep 1000;; *) {MEASURES};; esac"
        ),
    );
    let arguments = allowed(&[&ALLOWED[..], &["--set", "execution.max_seconds=2", "--threads", "4"]].concat());
    let said = place.run(&arguments, 1);
    assert!(said.out.contains("997 ok, 3 failed"), "{}", said.out);
    let trials = place.run(&["report", "r", "--csv=trials"], 1).out;
    let failed: Vec<&str> = trials.lines().filter(|line| line.contains(",failed,")).collect();
    assert_eq!(failed.len(), 3, "{failed:?}");
    for (line, id, reason) in [
        (failed[0], "17,17,", "the program ended with signal: 9 (SIGKILL); its standard error ends: dying"),
        (failed[1], "500,500,", "line 1 of its output is not JSON (expected ident at line 1 column 2): 'no JSON'"),
        (failed[2], "999,999,", "took longer than max_seconds 2"),
    ] {
        assert!(line.starts_with(id) && line.contains(reason), "{line}");
    }
    assert_eq!(trials.lines().filter(|line| line.contains(",ok,")).count(), 997);
    assert_nobody_is_left(&place);
}

#[test]
fn nothing_runs_that_was_not_allowed() {
    let place = place(4, &format!("touch ran; {MEASURES}"));
    let would = "s.yaml:3:12: model.command would run `./model.sh` in ";
    for arguments in [&ALLOWED[..], &["slurm", "s.yaml", "--tasks", "2"]] {
        let said = place.run(arguments, 2);
        assert!(said.err.contains(would) && said.err.contains("expected --allow-command"), "{}", said.err);
        assert_eq!(said.err.lines().count(), 3, "{}", said.err); // with the line and a caret
    }
    assert_eq!(place.files(), ["model.sh", "s.yaml"]);
    let plan = place.run(&["plan", "s.yaml"], 0).out;
    assert!(plan.contains("time    not estimated: for that the external program would have to run"), "{plan}");
    assert!(place.run(&["plan", "s.yaml", "--json"], 0).json()["seconds"].is_null());
    place.refuses(&["run", "s.yaml"], would);
    assert!(!place.path("ran").exists());

    place.run(&allowed(&ALLOWED), 0);
    std::fs::remove_file(place.path("ran")).expect("it ran");
    for arguments in [&["report", "r"][..], &["report", "r", "--json"], &["status", "r"], &["merge", "r"], &["schema"]]
    {
        place.run(arguments, 0);
    }
    for arguments in [&["rerun", "r", "--trial", "1"][..], &["confirm", "r", "--best", "1", "--replicates", "1"]] {
        let said = place.run(arguments, 2);
        assert!(said.err.contains("r/plan.json:") && said.err.contains("would run `./model.sh`"), "{}", said.err);
    }
    for arguments in [&["rerun", "r", "--trial", "1", "--trace", "t"][..], &["report", "r", "--trial", "1"]] {
        let said =
            place.run(&[arguments, if arguments[0] == "rerun" { &["--allow-command"] } else { &[] }].concat(), 2);
        assert!(said.err.contains("are of an external program"), "{}", said.err);
    }
    assert!(!place.path("ran").exists());
}

#[test]
fn results_are_confirmed_and_run_again_from_their_directory() {
    let place = place(4, MEASURES);
    let said = place.run(&allowed(&ALLOWED), 0);
    assert!(said.prose().contains("the same bits again is not promised"), "{}", said.out);
    assert!(said.out.contains("burstnet rerun r --config 0 --replicate 0 --allow-command"), "{}", said.out);
    let page = String::from_utf8(place.read("r/report.html")).expect("UTF-8");
    assert!(page.contains("same bits again is not promised") && page.contains("--replicate 0 --allow-command"));
    let table = place.read("r/trials.parquet");
    let holds = |text: &str| table.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("not promised: external program") && holds("[\"./model.sh\"]"));

    std::fs::create_dir(place.path("elsewhere")).expect("a folder");
    std::fs::rename(place.path("r"), place.path("elsewhere/r")).expect("a move");
    let again = place.run(&allowed(&["rerun", "elsewhere/r", "--trial", "3"]), 0).out;
    assert!(again.contains("all bits the same"), "{again}");
    place.run(&allowed(&["confirm", "elsewhere/r", "--best", "2", "--replicates", "2"]), 0);
    place.run(&allowed(&["rerun", "elsewhere/r/confirmation", "--config", "1", "--replicate", "1"]), 0);

    program(&place, "echo '{\"measures\": {\"value\": -1}}'");
    let said = place.run(&allowed(&["rerun", "elsewhere/r", "--trial", "3"]), 3);
    assert!(said.err.contains("model.sh: not the file that the sweep was planned with"), "{}", said.err);
    place.refuses(&allowed(&["sweep", "s.yaml", "--out", "elsewhere/r"]), "model.files../model.sh: ");
    // None of the old results is taken for one of the new program.
    place.run(&allowed(&["sweep", "s.yaml", "--out", "elsewhere/r", "--extend"]), 0);
    assert!(place.run(&["report", "elsewhere/r", "--csv=trials"], 0).out.matches(",ok,,-1.0,").count() == 4);

    std::fs::write(place.path("elsewhere/r/model.json"), "{\"folder\": \"/nowhere/at/all\"}").expect("a file");
    let said = place.run(&allowed(&["rerun", "elsewhere/r", "--trial", "3"]), 3);
    assert!(said.err.starts_with("error: /nowhere/at/all: No such file"), "{}", said.err);
    std::fs::remove_file(place.path("elsewhere/r/model.json")).expect("a file");
    assert!(
        place.run(&allowed(&["rerun", "elsewhere/r", "--trial", "3"]), 3).err.contains("model.json: does not exist")
    );
}

#[test]
fn an_interrupted_sweep_goes_on_and_leaves_no_process() {
    let place = place(60, &format!("sleep 0.05; {MEASURES}"));
    let whole = Workplace::new();
    whole.write("s.yaml", sweep(60));
    program(&whole, &format!("sleep 0.05; {MEASURES}"));
    whole.run(&allowed(&[&ALLOWED[..], &["--threads", "8"]].concat()), 0);
    let arguments = allowed(&[&ALLOWED[..], &["--threads", "2"]].concat());
    let child = place.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a start");
    let journal = place.path("r/journal/shard-0-of-1.journal");
    wait_until("some records", || journal.metadata().map_or(0, |held| held.len()) >= 500);
    // As a terminal does: to the whole group of the command, of which the programs are none.
    let signalled = Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status().expect("kill");
    assert!(signalled.success());
    let said = Said::new(child.wait_with_output().expect("an end"), &arguments, 130);
    assert!(said.err.contains("goes on where this one stopped"), "{}", said.err);
    assert!(!place.run(&["report", "r", "--csv=trials"], 0).out.contains("failed"));
    place.run(&arguments, 0);
    assert!(tables(&place, "r") == tables(&whole, "r"));
    assert_nobody_is_left(&place);
}

#[test]
fn a_second_signal_ends_the_programs_too() {
    let place = place(4, "sleep 1000");
    let arguments = allowed(&[&ALLOWED[..], &["--threads", "2"]].concat());
    let mut child = place.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a start");
    // The command itself, and two programs with what they started.
    wait_until("both programs", || processes_in(&place).iter().filter(|line| line.contains("1000")).count() >= 2);
    for pause in [1200, 0] {
        Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status().expect("kill");
        std::thread::sleep(Duration::from_millis(pause));
    }
    assert_eq!(child.wait().expect("an end").code(), Some(130));
    assert_nobody_is_left(&place);
}

#[test]
fn keys_of_every_kind_reach_the_program_and_the_tables() {
    let place = Workplace::new();
    place.write(
        "s.yaml",
        "name: kinds\nmodel: {command: [./model.sh], measures: [value], budget: n}\n\
         base: {n: 2, flag: true, net: {sizes: [4, 2], rule: hebb, names: [a]}, rate: 1}\n\
         search:\n  space:\n    flag: [true, false]\n    net: {sizes: [[1], [2, 3]]}\n    net.names: [[a, 'b,c'], [d]]\n    \
         rate: [0.5, 1]\n    new.key: {log: [1, 100], num: 3}\n",
    );
    program(&place, "printf '%s\\n' \"$given\" >>given; echo '{\"measures\": {\"value\": null}}'");
    place.run(&allowed(&["sweep", "s.yaml", "--out", "r", "--threads", "1"]), 0);
    let given = String::from_utf8(place.read("given")).expect("UTF-8");
    let first = r#"{"configuration":{"flag":true,"n":2,"net":{"names":["a","b,c"],"rule":"hebb","sizes":[1]},"new":{"key":1.0},"rate":0.5},"seed":"#;
    assert!(given.starts_with(first), "{given}");
    assert!(given.lines().all(|line| line.ends_with("\"budget\":2}")));
    let trials = place.run(&["report", "r", "--csv=trials"], 0).out;
    let header = "trial_id,config_id,replicate,seed,flag,net_sizes,net_names,rate,new_key,status,error,value,digest";
    assert!(trials.starts_with(header), "{trials}");
    assert!(trials.contains(",false,\"[2,3]\",\"[\"\"d\"\"]\",1.0,100.0,ok,,,"), "{trials}");
}

#[test]
fn shards_run_and_merge_to_the_same_tables() {
    let place = place(9, MEASURES);
    place.run(&allowed(&["sweep", "s.yaml", "--out", "whole"]), 0);
    for shard in ["0/2", "1/2"] {
        place.run(&allowed(&[&ALLOWED[..], &["--shard", shard]].concat()), 0);
    }
    place.run(&["merge", "r"], 0);
    assert!(tables(&place, "r") == tables(&place, "whole"));
    place.run(&allowed(&["slurm", "s.yaml", "--tasks", "2", "--out", "cluster"]), 0);
    let script = String::from_utf8(place.read("cluster.slurm/array.sh")).expect("UTF-8");
    assert!(script.contains("/cluster --allow-command)"), "{script}");
    assert!(place.path("cluster/model.json").exists());
}

/// Returns the requests that the program read, in the order of the trials.
fn given(place: &Workplace) -> Vec<serde_json::Value> {
    place.run(&allowed(&[&ALLOWED[..], &["--threads", "1"]].concat()), 0);
    let text = String::from_utf8(place.read("seen")).unwrap();
    let of = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["configuration"].clone();
    text.lines().map(of).collect()
}

#[test]
fn keys_of_a_program_are_tied_as_all_are() {
    let place = Workplace::new();
    program(&place, "echo \"$given\" >> seen; echo '{\"measures\": {\"value\": 1}}'");
    let head = "model: {command: [./model.sh], measures: [value]}\n";
    // With a base: where a key does not exist, the program gets what the base says.
    let tied = "  space:\n    mode: [plain, noisy]\n    rate: [0.5, 2]\n    \
                small: {ratio_of: rate, ratio: 0.1}\n    noise: {size: {int: [1, 5], step: 4, when: {mode: noisy}}}\n";
    let base = "base: {mode: plain, rate: 1, small: 1, noise: {size: 0}, other: 3}\n";
    place.write("s.yaml", format!("{head}{base}search:\n{tied}"));
    let one = |mode: &str, rate: f64, size: serde_json::Value| serde_json::json!({"mode": mode, "rate": rate, "small": rate / 10.0, "noise": {"size": size}, "other": 3});
    let expected = [
        one("plain", 0.5, 0.into()),
        one("plain", 2.0, 0.into()),
        one("noisy", 0.5, 1.into()),
        one("noisy", 0.5, 5.into()),
        one("noisy", 2.0, 1.into()),
        one("noisy", 2.0, 5.into()),
    ];
    assert_eq!(given(&place), expected);
    let summary = place.run(&["report", "r", "--csv=summary"], 0).out;
    assert!(summary.starts_with("config_id,mode,rate,small,noise_size,n_ok"), "{summary}");
    assert!(summary.contains("\r\n0,plain,0.5,0.05,,1") && summary.contains("\r\n3,noisy,0.5,0.05,5,1"), "{summary}");
    place.run(&["status", "r"], 0);
    place.run(&["rerun", "r", "--trial", "5", "--allow-command"], 0);
    // Without one, it gets null.
    std::fs::remove_file(place.path("seen")).unwrap();
    std::fs::remove_dir_all(place.path("r")).unwrap();
    place.write("s.yaml", format!("{head}search:\n{tied}"));
    let got = given(&place);
    let without = |mode: &str, rate: f64, size: serde_json::Value| serde_json::json!({"mode": mode, "rate": rate, "small": rate / 10.0, "noise": {"size": size}});
    assert_eq!((got.len(), &got[0]), (6, &without("plain", 0.5, serde_json::Value::Null)));
    assert_eq!(got[5], without("noisy", 2.0, 5.into()));
    place.run(&["status", "r"], 0);
    place.run(&["rerun", "r", "--trial", "0", "--allow-command"], 0);
}

#[test]
fn a_program_is_searched_with_everything_that_ties_keys() {
    let place = Workplace::new();
    program(&place, "echo \"$given\" >> seen; echo '{\"measures\": {\"value\": 1}}'");
    let text = "model: {command: [./model.sh], measures: [value]}\nsearch:\n  zip: [k, when.log]\n  constraints: [k < 9 and deep.size > 0.3]\n  \
                include: [{k: 1, when.log: 7}]\n  space:\n    k: {int: [1, 9], step: 4}\n    when.log: [3, 2, 1]\n    \
                deep: {size: {log: [0.25, 1], num: 3}, part: {linear: [0, 2], num: 2, ratio_of: deep.size}}\n";
    place.write("s.yaml", format!("base: {{when: {{log: 0}}}}\n{text}"));
    let one = |n: u32, log: u32, size: f64, part: f64| serde_json::json!({"k": n, "when": {"log": log}, "deep": {"size": size, "part": part}});
    // The first has the values of the base, which are the first ones: 0.25 and 0 times that, but for the constraint.
    place.refuses(&["plan", "s.yaml"], "an included configuration is excluded by the constraints");
    place.write("s.yaml", format!("base: {{when: {{log: 0}}, deep: {{size: 0.5}}}}\n{text}"));
    let expected = [
        one(1, 7, 0.5, 0.0),
        one(1, 3, 0.5, 0.0),
        one(1, 3, 0.5, 1.0),
        one(1, 3, 1.0, 0.0),
        one(1, 3, 1.0, 2.0),
        one(5, 2, 0.5, 0.0),
        one(5, 2, 0.5, 1.0),
        one(5, 2, 1.0, 0.0),
        one(5, 2, 1.0, 2.0),
    ];
    assert_eq!(given(&place), expected);
}
