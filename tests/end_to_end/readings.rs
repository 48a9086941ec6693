//! Measures and curves from what programs print and write anyway, and the folders in which they write.

use std::process::Command;

use crate::external::{ALLOWED, allowed};
use crate::workplace::Workplace;

/// A sweep of a script over x, with more keys in the section `model`.
fn place(model: &str, script: &str) -> Workplace {
    let place = Workplace::new();
    place.write(
        "s.yaml",
        format!("name: s\nmodel:\n  command: [sh, model.sh, '{{x}}']\n  stdin: none\n{model}search: {{space: {{x: [1, 2, 3]}}}}\n"),
    );
    place.write("model.sh", script);
    place
}

fn trials(place: &Workplace, code: i32) -> String {
    place.run(&allowed(&ALLOWED), code);
    place.run(&["report", "r", "--csv=trials"], code).out
}

#[test]
fn measures_are_read_from_lines_among_others() {
    let place = place(
        "  measures: [loss, angle_0, angle_1]\n  read:\n    - {from: stdout, pattern: '\\[Result\\] (.*)'}\n    - {from: stdout, \
         pattern: 'layer (?P<layer>\\d+): (?P<angle>\\S+)', by: layer}\n    - {curve: {from: stdout, pattern: \
         'epoch (?P<step>\\d+) (?P<loss>\\S+)'}}\n",
        "echo starting; echo \"epoch 0 $1.5\"; echo 'epoch 1 nan'; echo \"INFO [Result] {\\\"loss\\\": $1, \\\"n\\\": 7}\"\n\
         echo 'layer 0: 40'; echo \"layer 1: -$1\"; echo bye\n",
    );
    let rows = trials(&place, 0);
    assert!(rows.contains(",1,ok,,1.0,40.0,-1.0,") && rows.contains(",3,ok,,3.0,40.0,-3.0,"), "{rows}");
    let curves = place.run(&["report", "r", "--csv=curves"], 0).out;
    assert!(curves.contains(",0,0,1,1.5") && curves.contains(",0,1,0,\r"), "{curves}");
    place.run(&allowed(&["rerun", "r", "--trial", "1"]), 0);
    let plan: serde_json::Value = serde_json::from_slice(&place.read("r/plan.json")).unwrap();
    assert_eq!(plan["model"]["read"][1]["by"], "layer");
    let other = [&allowed(&ALLOWED)[..], &["--set", "model.read={from: stdout, json: last}"]].concat();
    place.refuses(&other, "model.read");
}

#[test]
fn a_measure_that_is_missing_fails_the_trial_and_says_what_was_found() {
    let place = place(
        "  measures: [loss, acc]\n  read: {from: stdout, json: last}\n",
        "case $1 in 1) echo '{\"loss\": 1, \"acc\": NaN}';; 2) echo '{\"loss\": 1, \"accuracy\": 2}';; 3) echo none;; esac\n",
    );
    let rows = trials(&place, 1);
    assert!(rows.contains(",1,ok,,1.0,,"), "{rows}");
    assert!(rows.contains("the measure acc was not found, but loss, accuracy; its output ends: "), "{rows}");
    assert!(rows.contains("the measures loss, acc were not found, but nothing; the JSON objects of its output gave nothing; its output ends: none"), "{rows}");
}

#[test]
fn wrong_sources_are_told_with_their_place() {
    let head = "model:\n  command: [sh, '{dir}', '{x}']\n  measures: [loss, acc]\n  read: ";
    for (read, told) in [
        (
            "{from: stdout, pattern: '(loss'}",
            "s.yaml:4:33: pattern '(loss' is no regular expression: unclosed group, expected one of the Rust crate regex",
        ),
        (
            "{from: stdout, pattern: 'loss'}",
            "s.yaml:4:33: pattern has 0 groups, expected one that holds a JSON object, or groups with names of measures",
        ),
        (
            "{from: stdout, pattern: '(?P<los>.)'}",
            "the group 'los' is no measure, expected one of loss, acc (did you mean 'loss'?)",
        ),
        (
            "{from: stdout, pattern: '(?P<l>.) (?P<loss>.)', by: lay}",
            "s.yaml:4:61: by is 'lay', which is no group of the pattern",
        ),
        ("[{from: stdout, json: last}, {from: stdout, json: last}]", "s.yaml:4:59: the last JSON object is read twice"),
        ("{from: stdout}", "s.yaml:4:16: from: stdout does not say what to read, expected json: last, or pattern"),
        ("{json: last}", "s.yaml:4:9: a source without from"),
        ("{from: std_out, json: last}", "s.yaml:4:31: json of the file 'std_out', expected from: stdout with it"),
        (
            "{from: out.txt}",
            "s.yaml:4:16: from is 'out.txt', expected stdout, or a file that ends in .json, .jsonl, .csv, .tsv or .npz",
        ),
        ("{from: ../out.csv}", "s.yaml:4:16: from is '../out.csv', expected stdout, or the path of a file below {dir}"),
        ("{from: /out.csv}", "from is '/out.csv', expected stdout, or the path of a file below {dir}"),
        (
            "{frm: stdout}",
            "s.yaml:4:10: unknown key 'model.read.frm', expected one of from, json, pattern, by, curve (did you mean 'from'?)",
        ),
        (
            "{curve: {form: stdout}}",
            "unknown key 'model.read.curve.form', expected one of from, pattern, step, loss, layer",
        ),
        ("{from: stdout, json: first}", "s.yaml:4:30: model.read.json is 'first', expected last"),
        ("{curve: {from: stdout, pattern: x}}", "pattern has no group 'step' for the step, expected (?P<step>…) in it"),
        ("{from: stdout, json: last, curve: {from: a.csv}}", "from stands beside curve"),
        ("stdout", "s.yaml:4:9: model.read is 'stdout', expected read: {from: stdout, json: last}, or a list of these"),
    ] {
        let place = Workplace::new();
        place.write("s.yaml", format!("{head}{read}\nsearch: {{space: {{x: [1, 2]}}}}\n"));
        place.refuses(&["plan", "s.yaml"], told);
    }
    let place = Workplace::new();
    place.write("s.yaml", format!("{head}{{from: a.csv}}\nsearch: {{space: {{x: [1, 2]}}}}\n").replace("'{dir}'", "d"));
    let said = place.run(&["plan", "s.yaml"], 2);
    let told = "s.yaml:4:16: the file 'a.csv' lies in the folder of a trial, and nothing tells the program that folder, expected {dir} in model.command";
    assert!(said.err.contains(told), "{}", said.err);
    place.write("s.yaml", "model: {command: [sh, '{state}'], measures: [a]}\nsearch: {space: {x: [1, 2]}}\n");
    place.refuses(
        &["plan", "s.yaml"],
        "'{state}' is for trials that go on with a larger budget, and there is no model.budget",
    );
}

#[test]
fn files_are_read_from_a_folder_of_the_trial_that_is_removed() {
    let model = "  measures: [loss]\n  read:\n    - {from: out.csv}\n    - {curve: {from: out.csv, step: epoch}}\n";
    let place = place(model, "test -z \"$(ls $2)\" || exit 9\necho \"epoch,loss\n0,5\n1,$1\" >$2/out.csv\n");
    let text = String::from_utf8(place.read("s.yaml")).unwrap().replace("'{x}'", "'{x}', '{dir}'");
    place.write("s.yaml", &text);
    let rows = trials(&place, 0);
    assert!(rows.contains(",1,ok,,1.0,") && rows.contains(",3,ok,,3.0,"), "{rows}");
    assert!(!place.path("r.work").exists());
    let files = place.files();
    // What a killed process left is emptied.
    place.write("r.work/trial-1/left", "x");
    place.run(&[&allowed(&ALLOWED)[..], &["--extend", "--set", "replicates=2"]].concat(), 0);
    assert!(!place.path("r.work").exists());
    assert_eq!(place.files().len(), files.len() + 1, "{:?}", place.files()); // with earlier-plans.json
    // Folders stay if the file says so, which changes no plan.
    place.run(&[&allowed(&ALLOWED)[..], &["--set", "replicates=2", "--set", "model.keep=true"]].concat(), 0);
    std::fs::remove_dir_all(place.path("r")).unwrap();
    place.run(&[&allowed(&ALLOWED)[..], &["--set", "model.keep=true"]].concat(), 0);
    assert_eq!(place.read("r.work/trial-2/out.csv"), b"epoch,loss\n0,5\n1,3\n");
    place.run(&allowed(&["rerun", "r", "--trial", "2"]), 0);
    std::fs::remove_dir_all(place.path("r.work")).unwrap();
    place.run(&allowed(&["confirm", "r", "--best", "2", "--replicates", "2"]), 0);
    assert!(!place.path("r.work").exists() && !place.path("r/confirmation.work").exists());
}

#[test]
fn the_folders_of_the_last_few_failed_trials_stay() {
    let place = place(
        "  measures: [loss]\n  read: {from: out.json}\n",
        "echo log of $1 >$2/log; test $1 = 2 || exit 1; echo '{\"loss\": 1}' >$2/out.json\n",
    );
    let text = String::from_utf8(place.read("s.yaml")).unwrap();
    place.write("s.yaml", text.replace("'{x}'", "'{x}', '{dir}'").replace("[1, 2, 3]", "{int: [1, 12]}"));
    let rows = trials(&place, 1);
    assert_eq!(rows.matches(",failed,the program ended with exit status: 1,").count(), 11, "{rows}");
    let kept: Vec<String> = place.files().into_iter().filter(|name| name.starts_with("r.work/")).collect();
    assert_eq!(kept.len(), 5, "{kept:?}");
    assert!(kept.iter().all(|name| name.starts_with("r.work/failed-") && name.ends_with("/log")), "{kept:?}");
}

#[test]
fn a_trial_goes_on_from_its_own_checkpoint() {
    let place = Workplace::new();
    // The script counts the epochs that it runs itself; the rest is in its state.
    place.write(
        "model.sh",
        "n=0; test -e $3/n && n=$(cat $3/n)\nwhile [ $n -lt $2 ]; do n=$((n+1)); echo \"$1 $n\" >>ran; done; echo $n >$3/n\n\
         echo \"{\\\"loss\\\": $1}\"\n",
    );
    place.write(
        "s.yaml",
        "name: s\nmodel:\n  command: [sh, model.sh, '{x}', '{epochs}', '{state}']\n  stdin: none\n  budget: epochs\n  measures: [loss]\n  \
         read: {from: stdout, json: last}\nbase: {epochs: 8}\nsearch:\n  strategy: random\n  trials: 8\n  \
         stopping: {rule: successive_halving, factor: 2, rungs: 3}\n  space: {x: {int: [1, 1000000]}}\n",
    );
    place.run(&allowed(&ALLOWED), 0);
    let ran = String::from_utf8(place.read("ran")).unwrap();
    let mut distinct: Vec<&str> = ran.lines().collect();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), ran.lines().count(), "no epoch runs twice");
    assert_eq!(ran.lines().count(), 8 * 2 + 4 * 2 + 2 * 4);
    assert!(!place.path("r.work").exists());
    let best = place.run(&["report", "r", "--csv=trials"], 0).out;
    let id = best.lines().find(|row| row.contains(",ok,")).and_then(|row| row.split(',').next()).unwrap().to_owned();
    place.run(&allowed(&["rerun", "r", "--trial", &id]), 0);
}

#[test]
fn a_flood_and_a_fork_among_lines_end() {
    let place = place(
        "  measures: [loss]\n  read: {from: stdout, json: last}\n",
        "case $1 in 1) yes 'no end of it';; 2) sleep 1000 & echo '{\"loss\": 1}';; 3) exec >&-; sleep 1000;; esac\n",
    );
    let arguments = [&allowed(&ALLOWED)[..], &["--set", "execution.max_seconds=20"]].concat();
    place.run(&arguments, 1);
    let rows = place.run(&["report", "r", "--csv=trials"], 1).out;
    assert!(rows.contains("it printed more than 67108864 bytes"), "{rows}");
    assert!(rows.contains(",2,ok,,1.0,") && rows.contains("took longer than max_seconds 20"), "{rows}");
    let left = Command::new("ps").args(["-eo", "args"]).output().expect("ps");
    assert!(!String::from_utf8_lossy(&left.stdout).contains("no end of it"));
}
