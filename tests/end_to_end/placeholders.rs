//! Placeholders in the arguments and the environment of an external program.

use std::os::unix::fs::PermissionsExt as _;

use crate::external::{ALLOWED, allowed};
use crate::workplace::Workplace;

/// A script that notes its arguments, each in brackets, and two variables, and prints a measure.
const NOTING: &str = "#!/bin/sh
{ for one in \"$@\"; do printf '<%s>' \"$one\"; done; printf ' %s|%s\\n' \"$RATE\" \"${OTHER-unset}\"; } >>seen
echo '{\"measures\": {\"value\": 1}}'
";

fn place(text: &str) -> Workplace {
    let place = Workplace::new();
    let script = place.write("model.sh", NOTING);
    std::fs::set_permissions(script, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    place.write("s.yaml", text);
    place
}

/// Returns the lines that the script noted, in the order of the trials.
fn seen(place: &Workplace) -> Vec<String> {
    place.run(&allowed(&[&ALLOWED[..], &["--threads", "1"]].concat()), 0);
    let text = String::from_utf8(place.read("seen")).expect("UTF-8");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn values_of_a_trial_stand_in_arguments_and_in_the_environment() {
    let place = place(
        "seed: 5\nreplicates: 2\nmodel:\n  command: [./model.sh, --lr, '{lr}', 'seed={seed}', '{replicate}/{trial}', \
         '{net.sizes}', '{net.sizes:json}', 's={net.sizes:csv}', '{net.sizes:args}', '{{}}', '{deep.a.b.c}', '{flag}', \
         '{missing}']\n  environment: {RATE: 'lr {lr}', OTHER: 7}\n  stdin: none\n  measures: [value]\nbase:\n  lr: 1\n  \
         net: {sizes: [2, 4, 8]}\n  deep: {a: {b: {c: a word}}}\n  flag: true\n  missing: null\nsearch:\n  space:\n    \
         lr: [0.5, 1]\n    deep: {a: {b.c: ['$(touch ran); *', \"it's \\\"so\\\"\"]}}\n",
    );
    let given = seen(&place);
    assert_eq!(given.len(), 8);
    let trials = place.run(&["report", "r", "--csv=trials"], 0).out;
    let seed = |row: &str| row.split(',').nth(3).and_then(|seed| seed.parse().ok());
    let seeds: Vec<u64> = trials.lines().filter_map(seed).collect();
    let line = |lr: &str, seed: u64, replicate: u64, trial: u64, word: &str| {
        format!(
            "<--lr><{lr}><seed={seed}><{replicate}/{trial}><[2,4,8]><[2,4,8]><s=2,4,8><2><4><8><{{}}><{word}><true><null> \
             lr {lr}|7"
        )
    };
    let (first, second) = ("$(touch ran); *", "it's \"so\"");
    assert_eq!(given[0], line("0.5", seeds[0], 0, 0, first));
    // Replicates run one after the other.
    assert_eq!(given[3], line("1.0", seeds[0], 0, 6, second));
    assert_eq!(given[4], line("0.5", seeds[1], 1, 1, first));
    assert!(!place.path("ran").exists(), "no shell reads values");
    assert!(trials.starts_with("trial_id,config_id,replicate,seed,lr,deep_a_b_c,status,"), "{trials}");
    // The same trial has the same numbers again.
    place.run(&allowed(&["rerun", "r", "--trial", "7"]), 0);
    assert_eq!(String::from_utf8(place.read("seen")).unwrap().lines().last(), Some(&*given[7]));
    // A plan says what the program is given, and another environment is another program.
    let plan: serde_json::Value = serde_json::from_slice(&place.read("r/plan.json")).unwrap();
    assert_eq!(plan["model"]["environment"], serde_json::json!({"OTHER": "7", "RATE": "lr {lr}"}));
    assert_eq!(plan["model"]["files"].as_array().map(Vec::len), Some(1), "a placeholder names no file");
    let other = [&allowed(&ALLOWED)[..], &["--set", "model.environment.OTHER=8"]].concat();
    place.refuses(&other, "model.environment.OTHER: \"7\", now \"8\"");
    place.run(&[&other[..], &["--extend"]].concat(), 0);
    assert_eq!(String::from_utf8(place.read("seen")).unwrap().matches("|8\n").count(), 8);
}

#[test]
fn a_configuration_is_still_read_from_standard_input() {
    let place = place(
        "model: {command: [./model.sh, '{a.b.c}'], measures: [value]}\nbase: {a: {b: {c: 1, d: null}, e: x}}\n\
         search: {space: {a.b.c: [1, 2]}}\n",
    );
    place.write("model.sh", format!("#!/bin/sh\ncat >>given\n{}", &NOTING[10..]));
    assert_eq!(seen(&place), ["<1> |unset", "<2> |unset"]);
    let given = String::from_utf8(place.read("given")).unwrap();
    assert!(given.starts_with(r#"{"configuration":{"a":{"b":{"c":1,"d":null},"e":"x"}},"seed":"#), "{given}");
}

#[test]
fn keys_are_nested_to_any_depth() {
    let text = "model: {command: [./model.sh, '{mode}', '{t.a.kind}', '{t.a.rate}', '{t.size}'], stdin: none, measures: [value]}\n\
                base: {mode: off, t: {a: {kind: null}, size: 3}}\nsearch:\n  constraints: t.size < 9\n  space:\n    mode: [off, on]\n    \
                t:\n      a:\n        kind: {choice: [x, null], when: {mode: on}}\n        rate: {log: [0.1, 10], num: 3, when: {t.a.kind: x}}\n      \
                size: [3, 9]\n";
    let place = place(text);
    assert_eq!(
        seen(&place),
        [
            "<off><null><null><3> |unset",
            "<on><x><0.1><3> |unset",
            "<on><x><1.0><3> |unset",
            "<on><x><10.0><3> |unset",
            "<on><null><null><3> |unset",
        ]
    );
    let summary = place.run(&["report", "r", "--csv=summary"], 0).out;
    assert!(summary.starts_with("config_id,mode,t_a_kind,t_a_rate,t_size,n_ok"), "{summary}");
    place.run(&["status", "r"], 0);
    place.run(&allowed(&["rerun", "r", "--trial", "2"]), 0);
    // The tables of results are tables of configurations, and --set finds keys at any depth.
    place.write(
        "t.yaml",
        text.split("search:").next().unwrap().to_owned() + "search: {strategy: table, table: r/summary.parquet}\n",
    );
    assert!(place.run(&["plan", "t.yaml"], 0).out.contains("5 trials of 5 configurations"));
    for (set, told) in [
        ("t.a.kin=x", "unknown key 't.a.kin', expected kind or rate (did you mean 't.a.kind'?)"),
        ("t.siz=4", "unknown key 't.siz', expected one of a.kind, size, a.rate (did you mean 't.size'?)"),
        ("t.a=4", "unknown key 'kind' for t.a"),
    ] {
        place.refuses(&["plan", "s.yaml", "--set", set], told);
    }
    let shown = place.run(&["show", "r", "--config", "2"], 0).out;
    assert!(shown.contains("  a:\n    kind: x\n    rate: 1.0\n"), "{shown}");
}

#[test]
fn wrong_placeholders_are_told_with_their_place() {
    let text = "model:\n  command: [./model.sh, '--lr={lr}']\n  measures: [value]\nbase: {lr: 1, other: [a]}\n\
                search: {space: {lr: [1, 2]}}\n";
    for (replaced, by, told, caret) in [
        (
            "{lr}",
            "{othr}",
            "s.yaml:2:31: '{othr}' names no key, expected one of lr, other, seed, replicate, trial, dir, state, slot; {{ and }} for braces (did you mean 'other'?)",
            31,
        ),
        ("{lr}", "{lr}{sead}", "s.yaml:2:35: '{sead}' names no key", 35),
        (
            "'--lr={lr}'",
            "x, '{lr:yaml}'",
            "s.yaml:2:29: '{lr:yaml}' asks for a form that there is not, expected {lr}, {lr:json}",
            29,
        ),
        ("{lr}", "{other:args}", "'{other:args}' stands beside other text, and gives an argument per element", 31),
        ("{lr}", "${lr", "s.yaml:2:32: '{lr' is never closed, expected {key}, or {{ and }} for braces", 32),
        ("./model.sh", "'{lr}'", "s.yaml:2:14: model.command starts with a placeholder", 14),
        ("measures", "environment: {A: 'x{lr} {b}'}\n  measures", "s.yaml:3:27: '{b}' names no key", 27),
        (
            "measures",
            "environment: {1A: b}\n  measures",
            "model.environment names \"1A\", expected up to 100 letters",
            16,
        ),
        (
            "measures",
            "environment: {A: [b]}\n  measures",
            "s.yaml:3:20: model.environment.A is '[b]', expected a text",
            20,
        ),
        (
            "measures",
            "environment: [b]\n  measures",
            "s.yaml:3:16: model.environment is '[b]', expected a mapping of keys to values, such as environment: {OMP_NUM_THREADS: 1}",
            16,
        ),
        ("measures", "stdin: nothing\n  measures", "s.yaml:3:10: model.stdin is 'nothing', expected json or none", 10),
        (
            "measures",
            "stdin: none\n  measures",
            "s.yaml:5:15: 'other' reaches the program nowhere: model.stdin is none, and no placeholder names it, expected {other} in model.command",
            15,
        ),
        ("[a]}", "[a], trial: 3}", "", 0),
        ("'--lr={lr}'", "'{other}'", "", 0),
        ("[a]", "['a,b']", "", 0),
    ] {
        assert!(text.contains(replaced));
        let place = place(&text.replacen(replaced, by, 1));
        if told.is_empty() {
            place.run(&["plan", "s.yaml"], 0);
            continue;
        }
        let said = place.refuses(&["plan", "s.yaml"], told);
        if caret > 0 {
            let line = said.err.lines().nth(2).unwrap_or_default();
            assert_eq!(line.find('^').map(|at| at + 1), Some(caret + "  3 | ".len()), "{by}\n{}", said.err);
        }
    }
    for (command, base, space, told) in [
        (
            "'{lr}', '{trial}'",
            "trial: 3",
            "",
            "'{trial}' is a key, and also a value that every trial has, expected another name of the key",
        ),
        (
            "'{list}'",
            "list: ['a,b']",
            "",
            "{list} would write the element 'a,b' so that nobody could tell where it ends; {list:json} and {list:args} can hold it",
        ),
        ("'{list}'", "", "list: [[a], ['b c', 'd]']]", "{list} would write the element 'd]'"),
        ("'{list:csv}'", "", "list: [[a], ['']]", "{list:csv} would write the element ''"),
        ("'{word}'", "word: \"a\\0b\"", "", "{word} would write 'a\\0b', and no argument can hold a byte 0"),
        ("'{lr}'", "epochs: 3", "epochs: [1, 2]", "'epochs' reaches the program nowhere"),
    ] {
        let stdin = if told.contains("nowhere") { "none" } else { "json" };
        let place = place(&format!(
            "model: {{command: [./model.sh, {command}], stdin: {stdin}, measures: [value]}}\nbase: {{lr: 1, {base}}}\n\
             search: {{space: {{lr: [1, 2], {space}}}}}\n"
        ));
        place.refuses(&["plan", "s.yaml"], told);
    }
}

#[test]
fn values_that_become_too_long_are_a_failed_trial() {
    let long = "z".repeat(40_000);
    let place = place(&format!(
        "model: {{command: [./model.sh, '{{a}}{{a}}{{a}}'], measures: [value]}}\nsearch: {{space: {{a: [x, {long}]}}}}\n"
    ));
    place.run(&allowed(&ALLOWED), 1);
    let trials = place.run(&["report", "r", "--csv=trials"], 1).out;
    let told = "model.command[1] would be too long, expected at most 100000 bytes with the values of the trial";
    assert!(trials.contains(told), "{}", &trials[..trials.len().min(300)]);
}
