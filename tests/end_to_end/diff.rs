//! `burstnet diff`: two trials beside each other, step by step; and what is said of a trial that diverged.

use crate::external;
use crate::workplace::{SMALL_SWEEP, Workplace, wait_until};

fn swept() -> Workplace {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    place
}

/// Runs a command that another one printed.
fn run_printed(place: &Workplace, out: &str, what: &str, code: i32) -> String {
    let lines = out.lines().skip_while(|line| !line.starts_with(what));
    let command =
        lines.skip(1).find_map(|line| line.trim().strip_prefix("burstnet ")).unwrap_or_else(|| panic!("{what}: {out}"));
    place.run(&command.split(' ').collect::<Vec<_>>(), code).out
}

#[test]
fn a_trial_and_itself_are_the_same() {
    let place = swept();
    for arguments in [&["diff", "r:7", "r:7"][..], &["diff", "r:config=2,replicate=1", "r:7"]] {
        let said = place.run(arguments, 0);
        assert!(
            said.out.contains("Both left the same bits.") && said.out.contains("No quantity differs"),
            "{}",
            said.out
        );
    }
    // By way of a run file, and with a value that it has already.
    place.write("seven.yaml", place.run(&["show", "r", "--trial", "7"], 0).out);
    let said = place.run(&["diff", "r:7", "seven.yaml", "--json"], 0).json();
    assert_eq!(
        (&said["same"], &said["first"], &said["keys"]),
        (&true.into(), &serde_json::json!([]), &serde_json::json!([]))
    );
    place.run(&["diff", "seven.yaml", "--set", "learning_rate.hidden=1.0"], 0);
}

#[test]
fn another_rate_parts_two_trials_where_their_traces_part() {
    let place = swept();
    // Replicate 1 of both rates at one density.
    let said = place.run(&["diff", "r:1", "r:7", "--json"], 4).json();
    assert_eq!(said["keys"], serde_json::json!([{ "key": "learning_rate.hidden", "a": 0.0, "b": 1.0 }]));
    let first = &said["first"][0];
    assert_eq!(first["quantity"], "hidden0_somatic_voltage");
    let step = first["parting"]["steps"][0].as_u64().expect("a step");
    assert_eq!(first["parting"]["steps"][1].as_u64(), Some(step));
    // The same by --set, and by a search in steps of one: up to this step the two runs are the same.
    let by_set = place.run(&["diff", "r:1", "--set", "learning_rate.hidden=1.0", "--json"], 4).json();
    assert_eq!((&by_set["first"], &by_set["difference"]), (&said["first"], &said["difference"]));
    let trace = |trial: &str, window: &str| {
        place.run(&["rerun", "r", "--trial", trial, "--trace", "t", "--force", "--trace-steps", window], 0);
        place.read("t")
    };
    assert!(trace("1", &format!("0:{step}")) == trace("7", &format!("0:{step}")), "the same before step {step}");
    assert!(trace("1", &format!("0:{}", step + 1)) != trace("7", &format!("0:{}", step + 1)), "other at step {step}");
    let growth = &said["difference"]["quantities"];
    let voltage =
        growth.as_array().expect("quantities").iter().find(|one| one["name"] == "hidden0_somatic_voltage").expect("it");
    let means: Vec<f64> = voltage["growth"]["training"]
        .as_array()
        .expect("bins")
        .iter()
        .map(|bin| bin["mean"].as_f64().expect("a mean"))
        .collect();
    assert!(means.len() == 3 && means[0] > 0.0 && means[2] > means[0], "{means:?}");
    let measure =
        said["measures"].as_array().expect("measures").iter().find(|one| one["measure"] == "test_mae").expect("it");
    let recorded = |trial| place.run(&["rerun", "r", "--trial", trial, "--json"], 0).json()["test_mae"].clone();
    assert_eq!((&measure["a"], &measure["b"]), (&recorded("1"), &recorded("7")));
}

#[test]
fn from_the_report_to_the_first_step_by_printed_commands() {
    let place = swept();
    let report = place.run(&["report", "r"], 0).out;
    let said = run_printed(&place, &report, "see the first step at which the best", 4);
    assert!(said.contains("They part ") && said.contains("mean |B − A|"), "{said}");
    assert!(
        said.lines().all(|line| console::measure_text_width(line) <= 80 || line.trim().starts_with("burstnet")),
        "{said}"
    );
    run_printed(&place, &said, "record the steps up to", 0);
    run_printed(&place, &said, "look at both over each other", 4);
    let page = String::from_utf8(place.read("diff.html")).expect("text");
    assert!(page.contains("Two trials over each other") && page.contains("id=\"difference\""));
    let again = place.run(&["diff", "r:1", "r:7", "--page", "diff.html"], 2);
    assert!(again.err.contains("--page diff.html: exists already"), "{}", again.err);
    place.run(&["diff", "r:1", "r:7", "--page", "diff.html", "--force", "--units", "0-3"], 4);
    // What half a rate does.
    let rerun = place.run(&["rerun", "r", "--trial", "7"], 0).out;
    let half = run_printed(&place, &rerun, "see what half the rate does", 4);
    assert!(half.contains("learning_rate.hidden  1.0  0.5"), "{half}");
}

#[test]
fn why_a_trial_diverged_is_two_commands_away() {
    let place = Workplace::new();
    place.write(
        "s.yaml",
        "base: {network: {layers: [12, 8, 3]}, signals: {length: 100}, training: {epochs: 3}}\n\
         search: {space: {learning_rate.output: [0.05, 1e14]}}\n",
    );
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let report = place.run(&["report", "r"], 0).out;
    assert!(report.contains("diverged: step "), "{report}");
    let said = run_printed(&place, &report, "Trials that are not ok", 0);
    assert!(said.contains("The last steps before it diverged") && said.contains("|W_1|"), "{said}");
    let json = place.run(&["rerun", "r", "--trial", "1", "--json"], 0).json();
    let steps = json["last_steps"].as_array().expect("steps");
    let error = json["error"].as_str().expect("an error");
    let end: u64 = error["step ".len()..].split(',').next().expect("a number").parse().expect("a number");
    assert_eq!(steps.last().expect("a step")["step"].as_u64(), Some(end), "{error}");
    // The trace has the same rates up to the step before the end, and the loss of that step is the error's square.
    let before = &steps[steps.len() - 2];
    assert_eq!(before["step"].as_u64(), Some(end - 1));
    assert!(before["mean_rate"][1].as_f64().is_some_and(|rate| (0.0..=1.0).contains(&rate)), "{before}");
    assert!(steps.last().expect("a step")["norm"][1].as_f64().is_some_and(|norm| norm > 1e6), "{steps:?}");
    let half = run_printed(&place, &said, "see what half the rate does", 4);
    // Half of what is far too large parts them where the weights are no longer seen.
    assert!(half.contains("learning_rate.output") && half.contains("B  A with"), "{half}");
    // The page of the trial is drawn, and so is that of two trials of which one diverged.
    place.run(&["diff", "r:0", "r:1", "--page", "d.html"], 4);
    place.run(&["report", "r", "--trial", "1"], 0);
}

#[test]
fn other_layers_and_signals_are_compared_as_far_as_they_go() {
    let place = swept();
    let said = place.run(&["diff", "r:0", "--set", "network.layers=[12, 8, 5, 3]"], 4).out;
    let not = said.split("\n\n").find(|part| part.starts_with("Not compared")).expect("it says so").replace('\n', " ");
    assert!(not.contains("hidden layer 1: only B has it; W_1: 3 × 8 and 5 × 8 weights"), "{not}");
    let said = place.run(&["diff", "r:0", "--set", "signals.length=120"], 4).out;
    assert!(said.contains("60 steps that only B has") || said.contains("80 steps that only B has"), "{said}");
    let said = place.run(&["diff", "r:0", "--set", "signals.kind=xor_classes"], 4).out;
    assert!(said.contains("They part"), "{said}");
    let said = place.run(&["diff", "r:0", "--engine", "reference"], 4).out;
    assert!(said.contains("training.engine"), "{said}");
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let place = swept();
    place.write("home/thesis.tex", "years of work");
    for (arguments, message) in [
        (&["r:0"][..], "r:0: expected a second trial to compare it with, or --set KEY=VALUE"),
        (&["r:0", "r:1", "--set", "feedback.density=1"], "either a second trial or --set, not both"),
        (&["r", "r:1"], "r: expected which trial, such as r:0"),
        (&["r:99", "r:1"], "r:99: --trial 99: this sweep has 12 trials, numbered from 0"),
        (&["r:config=9,replicate=0", "r:1"], "r:config=9,replicate=0: --config 9: this sweep has 4 configs"),
        (&["r:config=1", "r:1"], "'config=1' names no trial, expected a number"),
        (&["r:best", "r:1"], "'best' names no trial"),
        (&["nowhere:1", "r:1"], "nowhere:1: does not exist, expected RESULTS:TRIAL"),
        (&["home:1", "r:1"], "home: not a results directory of burstnet"),
        (&["s.yaml", "r:1", "--units", "0-3"], "--page"),
        (&["r:0", "--set", "feedback.densty=1"], "feedback.density"),
        (&["r:0", "r:1", "--page", "r/x.html"], "lies in the results directory"),
    ] {
        place.refuses(&[&["diff"], arguments].concat(), message);
    }
    for (file, content) in [
        ("plan.json", &include_bytes!("version_2/plan.json")[..]),
        ("provenance.json", include_bytes!("version_2/provenance.json")),
        ("journal/shard-0-of-1.journal", include_bytes!("version_2/shard-0-of-1.journal")),
    ] {
        place.write(&format!("old/{file}"), content);
    }
    place.refuses(&["diff", "old:0", "r:0"], "made with version 2 of the bits, this program has version 3");
}

#[test]
fn programs_are_compared_by_what_was_recorded() {
    let place = external::place(3, external::MEASURES);
    place.run(&external::allowed(&external::ALLOWED), 0);
    let said = place.run(&["diff", "r:0", "r:2", "--json"], 4).json();
    assert_eq!(said["keys"], serde_json::json!([{ "key": "x", "a": 0, "b": 2 }]));
    assert_eq!(said["measures"][0]["difference"], 2.0);
    assert_eq!(said["difference"], serde_json::Value::Null);
    place.run(&["diff", "r:1", "r:1"], 0);
    place.refuses(&["diff", "r:0", "--set", "x=1"], "expected --allow-command if you trust it, or a second trial");
    let said = place.run(&["diff", "r:0", "r:2"], 4);
    assert!(said.out.contains("  burstnet diff r:0 r:2 --allow-command"), "{}", said.out);
}

#[test]
fn programs_run_again_and_what_they_print_is_compared() {
    let place = Workplace::new();
    let sweep = "model: {command: [./model.sh, \"{x}\", \"{seed}\"], stdin: none, measures: [value], \
                 read: {from: stdout, pattern: 'value=(?P<value>\\S+)'}}\n\
                 base: {x: 0}\nsearch: {space: {x: [0, 1, 2]}}\n";
    place.write("s.yaml", sweep);
    external::script(&place, "echo begins; echo x is $1; [ $1 = 2 ] && echo more; echo value=$1");
    place.run(&external::allowed(&external::ALLOWED), 0);
    let printed = |arguments: &[&str], code| {
        let all = [&["diff"], arguments, &["--allow-command"]].concat();
        (place.run(&all, code).prose(), place.run(&[&all[..], &["--json"]].concat(), code).json()["printed"].clone())
    };
    let (text, json) = printed(&["r:0", "r:2"], 4);
    assert!(
        text.contains("A prints 3 lines, B 4 lines; the first that differs is line 2: A x is 0 B x is 2"),
        "{text}"
    );
    let first = serde_json::json!({ "line": 2, "a": "x is 0", "b": "x is 2" });
    assert_eq!(json, serde_json::json!({ "lines": [3, 4], "cut": false, "first": first }));
    let (text, json) = printed(&["r:1", "r:1"], 0);
    assert!(text.contains("Both print the same 3 lines.") && json["first"].is_null(), "{text}");
    let (text, _) = printed(&["r:0", "--set", "x=1"], 4);
    assert!(text.contains("A x is 0 B x is 1"), "{text}");
    external::script(&place, "echo begins; echo value=7");
    let said = place.run(&["diff", "r:0", "r:1", "--allow-command"], 3);
    assert!(said.err.contains("model.sh"), "{}", said.err);
}

#[test]
fn much_output_is_compared_at_its_beginning() {
    let place = Workplace::new();
    let sweep = "model: {command: [./model.sh, \"{x}\"], stdin: none, measures: [value], \
                 read: {from: stdout, pattern: 'value=(?P<value>\\S+)'}}\n\
                 base: {x: 0}\nsearch: {space: {x: [0, 1]}}\n";
    place.write("s.yaml", sweep);
    external::script(&place, "yes 0123456789 | head -n 200000; echo value=$1");
    place.run(&external::allowed(&external::ALLOWED), 0);
    let said = place.run(&["diff", "r:0", "r:1", "--allow-command"], 4);
    assert!(said.prose().contains("(only the beginning is compared)."), "{}", said.out);
}

/// What `diff` says of a program's trials that change their results directory `r`, which is there no more afterwards.
fn said_when(place: &Workplace, change: &str) -> crate::workplace::Said {
    external::script(place, &format!("if [ -e change ]; then rm change; {change}; fi\necho value=$1"));
    place.write("s.yaml", CHANGING);
    place.run(&external::allowed(&external::ALLOWED), 0);
    place.write("change", "");
    let said = place.run(&["diff", "r:0", "r:1", "--allow-command"], 3);
    assert!(said.out.is_empty() && said.err.matches("error:").count() == 1, "{}{}", said.out, said.err);
    std::fs::remove_dir_all(place.path("r")).ok();
    said
}

const CHANGING: &str = "model: {command: [./model.sh, \"{x}\"], stdin: none, measures: [value], \
                        read: {from: stdout, pattern: 'value=(?P<value>\\S+)'}}\nbase: {x: 0}\n\
                        search: {space: {x: [0, 1]}}\n";

#[test]
fn a_directory_that_changes_meanwhile_is_noticed() {
    let place = Workplace::new();
    let gone = said_when(&place, "rm -r r");
    assert!(gone.err.contains("r changed meanwhile: "), "{}", gone.err);
    let cut = said_when(&place, "echo '{' > r/plan.json");
    assert!(cut.err.contains("r changed meanwhile: "), "{}", cut.err);
    let other = said_when(&place, "sed -i 's/\"seed\": 0/\"seed\": 1/' r/plan.json");
    assert!(other.err.contains("r: became another sweep meanwhile, expected the same command again"), "{}", other.err);
}

#[test]
fn a_directory_that_goes_while_its_trials_train_is_noticed() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    let long = ["--set", "training.epochs=300", "--set", "training.engine=reference", "--set", "replicates=1"];
    place.run(&[&["sweep", "s.yaml", "--out", "r"], &long[..]].concat(), 0);
    let mut running = place.command(&["diff", "r:0", "r:1"]);
    let running = running.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    // Both sides are read before there are threads for them.
    let tasks = format!("/proc/{}/task", running.id());
    wait_until("both trials to run", || std::fs::read_dir(&tasks).is_ok_and(|tasks| tasks.count() > 2));
    std::fs::rename(place.path("r"), place.path("elsewhere")).unwrap();
    let output = running.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(3) && output.stdout.is_empty(), "{err}");
    assert!(err.contains("r changed meanwhile: "), "{err}");
}

#[test]
fn of_a_directory_that_becomes_another_one_all_the_time_a_command_reads_one_of_them_or_says_so() {
    let place = swept();
    place.run(&["sweep", "s.yaml", "--out", "other", "--set", "seed=9", "--set", "replicates=2"], 0);
    let ended = std::sync::atomic::AtomicBool::new(false);
    let [held, other, aside] = ["r", "other", "aside"].map(|name| place.path(name));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(std::sync::atomic::Ordering::Relaxed) {
                for (from, to) in [(&held, &aside), (&other, &held), (&aside, &other)] {
                    std::fs::rename(from, to).expect("to give a directory another name");
                }
            }
        });
        let commands: [&[&str]; 6] = [
            &["diff", "r:0", "r:1"],
            &["show", "r", "--trial", "0"],
            &["refine", "r"],
            &["rerun", "r", "--trial", "0"],
            &["trace", "r", "--configs", "best:1", "--replicates", "0:1", "--out", "t"],
            &["status", "r"],
        ];
        let all = commands.iter().flat_map(|command| (0..8).map(move |_| command));
        let outputs: Vec<_> = all.map(|command| (command, place.command(command).output().unwrap())).collect();
        ended.store(true, std::sync::atomic::Ordering::Relaxed);
        for (command, output) in outputs {
            let err = String::from_utf8_lossy(&output.stderr);
            let code = output.status.code();
            assert!(code.is_some_and(|code| code <= 4) && !err.contains("panicked"), "{command:?} {code:?}: {err}");
            assert!(err.matches("error:").count() == usize::from(matches!(code, Some(2 | 3))), "{command:?}: {err}");
        }
    });
}
