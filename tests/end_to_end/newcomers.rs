//! What people type who know YAML and other sweep tools, but not burstnet: each message sends them the right way.

use crate::workplace::{SMALL_SWEEP, Workplace, npy};

/// Sweep files, with the name of what is wrong.
const FILES: &[(&str, &str)] = &[
    ("seeds for replicates", "seeds: 8\nsearch: {space: {feedback.density: [1]}}\n"),
    ("repeats", "n_repeats: 8\nsearch: {space: {feedback.density: [1]}}\n"),
    ("a domain under a section", "search:\n  space:\n    learning_rate: {log: [0.1, 10], num: 3}\n"),
    ("values under a section", "search:\n  space:\n    learning_rate: [0.1, 1.0]\n"),
    ("words under a section", "search:\n  space:\n    signals: [sinusoids, xor_classes]\n"),
    ("words in another order", "search:\n  space:\n    hidden_learning_rate: {log: [0.1, 10], num: 3}\n"),
    ("words turned round", "search:\n  space:\n    rate_learning: [0.1]\n"),
    ("words turned round, with a dot", "search:\n  space:\n    density.feedback: [0.1]\n"),
    ("a key alone", "base: {epochs: 3}\nsearch: {space: {feedback.density: [1]}}\n"),
    ("another key alone", "base: {layers: [5, 4, 3]}\nsearch: {space: {feedback.density: [1]}}\n"),
    ("lr", "search:\n  space:\n    lr: {log: [0.1, 10], num: 3}\n"),
    ("a number for a section", "base:\n  learning_rate: 1.0\nsearch: {space: {feedback.density: [1]}}\n"),
    ("a list for a section", "base:\n  network: [500, 200, 3]\nsearch: {space: {feedback.density: [1]}}\n"),
    ("a word for a section", "base:\n  signals: xor_classes\nsearch: {space: {feedback.density: [1]}}\n"),
    ("a key of another section", "base: {training: {learning_rate: 0.1}}\nsearch: {space: {feedback.density: [1]}}\n"),
    ("hidden units", "base: {network: {hidden: [20]}}\nsearch: {space: {feedback.density: [1]}}\n"),
    ("space at the top", "space:\n  feedback.density: [0.5, 1]\n"),
    ("space beside base", "base: {}\nspace:\n  feedback.density: [0.5, 1]\n"),
    ("strategy at the top", "strategy: random\nsearch: {space: {feedback.density: [1]}}\n"),
    ("trials at the top", "n_trials: 20\nsearch: {strategy: random, space: {feedback.density: [1]}}\n"),
    ("parameters at the top", "base: {}\nparameters: {feedback.density: [1]}\n"),
    ("metric at the top", "metric: test_mae\nsearch: {space: {feedback.density: [1]}}\n"),
    ("direction at the top", "direction: minimize\nsearch: {space: {feedback.density: [1]}}\n"),
    ("a key of a run at the top", "feedback.density: 0.5\nsearch: {space: {learning_rate.output: [0.1]}}\n"),
    ("a domain at the top", "base: {}\nfeedback.density: [0.5, 1]\n"),
    ("a section at the top", "training: {epochs: 3}\nsearch: {space: {learning_rate.output: [0.1]}}\n"),
    ("a path at the top", "search.strategy: random\nbase: {}\n"),
    ("a program at the top", "command: [python3, x.py]\nsearch: {space: {x: [0.1]}}\n"),
    ("a time limit at the top", "max_seconds: 5\nsearch: {space: {feedback.density: [1]}}\n"),
    ("replicates under search", "search: {replicates: 3, space: {feedback.density: [1]}}\n"),
    ("objective under search", "search: {objective: test_mae, space: {feedback.density: [1]}}\n"),
    ("a domain under search", "search:\n  strategy: grid\n  feedback.density: [0.5, 1]\n"),
    ("seed under base", "base: {seed: 3}\nsearch: {space: {feedback.density: [1]}}\n"),
    ("strategy under space", "search:\n  space:\n    strategy: grid\n    feedback.density: [1]\n"),
    ("epochs under execution", "execution: {training.epochs: 3}\nsearch: {space: {feedback.density: [1]}}\n"),
    ("threads", "execution: {threads: 4}\nsearch: {space: {feedback.density: [1]}}\n"),
    ("timeout", "execution: {timeout: 60}\nsearch: {space: {feedback.density: [1]}}\n"),
    ("a time with a unit", "execution: {max_seconds: 5 min}\nsearch: {space: {feedback.density: [1]}}\n"),
    ("a measure that is none", "objective: mae\nsearch: {space: {feedback.density: [1]}}\n"),
    ("a list of measures", "objective: [test_mae, loss]\nsearch: {space: {feedback.density: [1]}}\n"),
    ("a direction for an objective", "objective: minimize\nsearch: {space: {feedback.density: [1]}}\n"),
    ("min", "objective: {measure: test_mae, direction: min}\nsearch: {space: {feedback.density: [1]}}\n"),
    ("mode", "objective: {metric: test_mae, mode: min}\nsearch: {space: {feedback.density: [1]}}\n"),
    ("a measure as a key", "objective: {test_mae: minimize}\nsearch: {space: {feedback.density: [1]}}\n"),
    ("bayes", "search: {strategy: bayes, trials: 9, space: {feedback.density: {uniform: [0, 1]}}}\n"),
    ("grid_search", "search: {strategy: grid_search, space: {feedback.density: [1]}}\n"),
    ("cma-es", "search: {strategy: CMA-ES, trials: 9, space: {feedback.density: {uniform: [0, 1]}}}\n"),
    ("asha", "search: {stopping: asha, space: {feedback.density: [1]}}\n"),
    ("pruner", "search: {pruner: hyperband, space: {feedback.density: [1]}}\n"),
    ("a word for search", "search: grid\n"),
    ("a list for search", "search:\n  - strategy: grid\n  - space: {feedback.density: [1]}\n"),
    ("a list for space", "search:\n  space:\n    - feedback.density: [1]\n"),
    ("values", "search: {space: {feedback.density: {values: [0.5, 1]}}}\n"),
    ("min and max", "search: {space: {feedback.density: {min: 0.5, max: 1}}}\n"),
    ("linspace", "search: {space: {feedback.density: {linspace: [0, 1, 5]}}}\n"),
    ("points", "search: {space: {feedback.density: {linear: [0, 1], points: 5}}}\n"),
    ("no brackets", "search: {space: {feedback.density: \"0.1, 0.5, 1\"}}\n"),
    ("one value", "search:\n  space:\n    feedback.density: 0.5\n"),
    ("a range in a grid", "search: {space: {feedback.density: {uniform: [0, 1]}}}\n"),
    ("a decimal comma", "base: {feedback: {density: \"0,5\"}}\nsearch: {space: {learning_rate.output: [0.1]}}\n"),
    ("a number in quotes", "base: {feedback: {density: \"0.5\"}}\nsearch: {space: {learning_rate.output: [0.1]}}\n"),
    ("a per cent", "base: {feedback: {density: 50%}}\nsearch: {space: {learning_rate.output: [0.1]}}\n"),
    ("a list for a scalar", "base: {feedback: {density: [0.5]}}\nsearch: {space: {learning_rate.output: [0.1]}}\n"),
    ("1e3 epochs", "base: {training: {epochs: 1e3}}\nsearch: {space: {learning_rate.output: [0.1]}}\n"),
    ("10.0 epochs", "base: {training: {epochs: 10.0}}\nsearch: {space: {learning_rate.output: [0.1]}}\n"),
    ("layers as a text", "base: {network: {layers: 500-200-3}}\nsearch: {space: {learning_rate.output: [0.1]}}\n"),
    ("yes", "base: {evaluation: {generation: yes}}\nsearch: {space: {learning_rate.output: [0.1]}}\n"),
    ("None", "base: {evaluation: {loss_threshold: None}}\nsearch: {space: {learning_rate.output: [0.1]}}\n"),
    (
        "a rule spelled otherwise",
        "base: {plasticity: {hidden_rule: Burst-Rate}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    ),
    ("a list of seeds", "seed: [1, 2, 3]\nsearch: {space: {feedback.density: [1]}}\n"),
    ("replicates as a text", "replicates: eight\nsearch: {space: {feedback.density: [1]}}\n"),
    ("trials as a text", "search: {strategy: random, trials: \"20\", space: {feedback.density: [1]}}\n"),
    ("one blank too many", "name: a\n seed: 7\nsearch: {space: {feedback.density: [1]}}\n"),
    (
        "one blank too many in a section",
        "search:\n  strategy: random\n   trials: 5\n  space: {feedback.density: [1]}\n",
    ),
    ("one blank too few", "search:\n  strategy: random\n trials: 5\n"),
    ("a first key too far right", "search:\n   strategy: random\n  trials: 5\n"),
    ("no ]", "search:\n  space:\n    feedback.density: [0.5, 1\n    learning_rate.hidden: [1.0]\n"),
    ("no }", "search:\n  space:\n    feedback.density: {linear: [0, 1], num: 3\n    learning_rate.hidden: [1.0]\n"),
    ("the wrong bracket", "search:\n  space:\n    feedback.density: {linear: [0, 1, num: 3}\n"),
    ("no comma", "search:\n  space:\n    feedback.density: {linear: [0, 1] num: 3}\n"),
    ("no commas in a list", "search:\n  space:\n    feedback.density: [0.5 1]\n"),
    ("no colon", "search:\n  space\n    feedback.density: [1]\n"),
    ("no colon before a value", "name: a\nseed 7\nsearch: {space: {feedback.density: [1]}}\n"),
    ("no blank", "name: a\nseed:7\nsearch: {space: {feedback.density: [1]}}\n"),
    ("no blank in braces", "search: {space: {feedback.density: {linear: [0, 1], num:3}}}\n"),
    ("an equals sign", "name: a\nseed = 7\nsearch: {space: {feedback.density: [1]}}\n"),
    ("no closing quote", "name: \"a\nseed: 7\nsearch: {space: {feedback.density: [1]}}\n"),
    ("a tab behind the colon", "name:\ta\nsearch: {space: {feedback.density: [1]}}\n"),
    ("tabs for blanks", "search:\n\tspace:\n\t\tfeedback.density: [1]\n"),
    ("a merge key", "x: &x {epochs: 3}\nbase:\n  training:\n    <<: *x\n"),
    ("a glob", "model: {command: [ls, *.py], measures: [x]}\n"),
    ("a template", "name: {{ name }}\nsearch: {space: {feedback.density: [1]}}\n"),
    ("a number as constraint", "search: {constraints: [5], space: {feedback.density: [1]}}\n"),
    ("a number as constraints", "search: {constraints: 0.5, space: {feedback.density: [1]}}\n"),
    ("a value as constraint", "search: {constraints: [feedback.density], space: {feedback.density: [1]}}\n"),
    (
        "one equals sign in a constraint",
        "search: {constraints: [feedback.density = 1], space: {feedback.density: [1]}}\n",
    ),
    ("a key alone in a constraint", "search: {constraints: [density > 2], space: {feedback.density: [0.5, 1]}}\n"),
    (
        "nothing but null as a value of a program",
        "model: {command: [\"true\"], measures: [y]}\nsearch: {space: {x: [null]}}\n",
    ),
    ("a program in one text", "model: {command: python3 x.py, measures: [y]}\nsearch: {space: {x: [1]}}\n"),
    ("one measure without brackets", "model: {command: [\"true\"], measures: y}\nsearch: {space: {x: [1]}}\n"),
    ("a script for a command", "model: {script: x.py, measures: [y]}\nsearch: {space: {x: [1]}}\n"),
    (
        "wandb",
        "program: train.py\nmethod: bayes\nmetric: {name: loss, goal: minimize}\nparameters: {lr: {min: 0, max: 1}}\n",
    ),
    (
        "trials by another name",
        "search:\n  strategy: tpe\n  n_trials: 20\n  space: {feedback.density: {uniform: [0, 1]}}\n",
    ),
    ("layers in the space", "search:\n  space:\n    network.layers: [500, 200, 3]\n"),
    ("ends and a number", "search:\n  space:\n    learning_rate.hidden: {log: [0.1, 10, 5]}\n"),
    ("ends turned round", "search:\n  space:\n    learning_rate.hidden: {log: [10, 0.1], num: 5}\n"),
    (
        "several measures in one",
        "objective: {measure: [test_mae, train_loss]}\nsearch: {space: {feedback.density: [1]}}\n",
    ),
    ("a name with a blank", "name: first sweep\nsearch: {space: {feedback.density: [1]}}\n"),
    (
        "long lines",
        "search: {space: {feedback.density: [0.5], learning_rate.hidden: [0.1, 0.2, 0.3], learning_rate.outputs: [0.1, 0.2, 0.3, 0.4, 0.5]}}\n",
    ),
    ("wide characters", "# 日本語\nsearch: {space: {日本語: [1], feedback.density: [1]}}\n"),
];

#[test]
fn sweep_files() {
    let mut said = String::new();
    for (what, text) in FILES {
        let place = Workplace::new();
        place.write("s.yaml", text);
        let message = place.run(&["plan", "s.yaml"], 2).err;
        let excerpt: Vec<&str> = message.lines().skip(1).collect();
        assert!(excerpt.is_empty() || excerpt.len() == 2 && excerpt[1].trim_end().ends_with('^'), "{what}: {message}");
        assert!(excerpt.iter().all(|line| console::measure_text_width(line) <= 80), "{what}: {message}");
        said += &format!("# {what}\n{text}\n{message}\n");
    }
    insta::assert_snapshot!(said);
}

#[test]
fn command_lines() {
    let place = Workplace::new();
    place.write("sweeps/first.yaml", SMALL_SWEEP);
    place.write("second.yml", SMALL_SWEEP);
    place.run(&["sweep", "sweeps/first.yaml", "--threads", "2"], 0);
    let mut said = String::new();
    for arguments in [
        &["report", "sweeps/first.yaml"][..],
        &["status", "sweeps/first.yaml"],
        &["rerun", "sweeps/first.yaml", "--trial", "1"],
        &["merge", "second.yml"],
        &["confirm", "sweeps/first.yaml", "--best", "1", "--replicates", "2"],
        &["report", "results/small/trials.parquet"],
        &["report", "results"],
        &["report", "small"],
        &["report", "results/smal"],
        &["report", "nowhere"],
        &["sweep", "results/small"],
        &["plan", "sweeps"],
        &["plan", "sweeps/frist.yaml"],
        &["plan", "sweeps/first"],
        &["plan", "second.yaml"],
        &["sweeps/first.yaml"],
        &["results/small"],
        &["sweep", "sweeps/first.yaml", "--seed", "7"],
        &["sweep", "sweeps/first.yaml", "--replicates=3"],
        &["sweep", "sweeps/first.yaml", "--epochs", "3"],
        &["plan", "sweeps/first.yaml", "--learning-rate", "3"],
        &["sweep", "sweeps/first.yaml", "--jobs", "3"],
        &["sweep", "sweeps/first.yaml", "-o", "x"],
        &["sweep", "--config", "sweeps/first.yaml"],
        &["sweep", "sweeps/first.yaml", "--dry-run"],
        &["sweep", "sweeps/first.yaml", "--xyzzy"],
        &["plan", "sweeps/first.yaml", "--set", "seeds=8"],
        &["plan", "sweeps/first.yaml", "--set", "epochs=8"],
        &["plan", "sweeps/first.yaml", "--set", "trials=8"],
        &["plan", "sweeps/first.yaml", "--set", "feedback.density"],
        &["plan", "sweeps/first.yaml", "--set", "training.epochs=1e2"],
        &["plan", "sweeps/first.yaml", "--set", "search.space.learning_rate.output=[0.1"],
        &[
            "plan",
            "sweeps/first.yaml",
            "--set",
            "search.space.learning_rate.output=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, high]",
        ],
        &["run", "sweeps/first.yaml", "--engine", "fats"],
    ] {
        let shown = arguments.join(" ");
        said += &format!("$ burstnet {shown}\n{}\n", place.run(arguments, 2).err);
    }
    insta::assert_snapshot!(said);
}

#[test]
fn objectives_by_name() {
    let place = Workplace::new();
    let plan = |objective: &str, sets: &[&str]| {
        let search = "search: {strategy: random, trials: 2, space: {feedback.density: {uniform: [0, 1]}}}\n";
        let run = "base: {network: {layers: [12, 8, 3]}, signals: {length: 50}, training: {epochs: 2}}\n";
        place.write("s.yaml", format!("{objective}{run}{search}"));
        let out = format!("r{}", place.files().len());
        place.run(&[&["sweep", "s.yaml", "--threads", "1", "--out", &out][..], sets].concat(), 0);
        let plan: serde_json::Value = serde_json::from_slice(&place.read(&format!("{out}/plan.json"))).expect("JSON");
        (plan["objective"].clone(), plan["further_objectives"].clone())
    };
    let goal = |measure: &str, direction: &str| serde_json::json!({ "measure": measure, "direction": direction });
    assert_eq!(plan("objective: train_loss\n", &[]).0, goal("train_loss", "minimize"));
    let several = plan("objective: [train_loss, {measure: test_mse, direction: maximize}, test_mae]\n", &[]);
    assert_eq!(several.0, goal("train_loss", "minimize"));
    assert_eq!(several.1, serde_json::json!([goal("test_mse", "maximize"), goal("test_mae", "minimize")]));
    assert_eq!(plan("", &["--set", "objective=test_mse"]).0, goal("test_mse", "minimize"));
    assert_eq!(
        plan("objective: train_loss\n", &["--set", "objective.direction=maximize"]).0,
        goal("train_loss", "maximize")
    );
    assert_eq!(
        plan("", &["--set", "objective=[test_mse, train_loss]"]).1,
        serde_json::json!([goal("train_loss", "minimize")])
    );
}

#[test]
fn files_of_other_kinds() {
    let place = Workplace::new();
    let sweep = "base:\n  network: {layers: [2, 3, 1]}\n  signals: {kind: files, inputs: x.npy, targets: t.npy}\n  \
                 training: {epochs: 1}\nsearch: {space: {learning_rate.output: [0.1]}}\n";
    place.write("s.yaml", sweep);
    place.write("t.npy", npy("'<f8'", "(1, 3)", &[0; 24]));
    let mut said = String::new();
    for content in [
        b"PK\x03\x04\x14\x00\x00\x00\x08\x00\x00\x00\x00\x00".to_vec(),
        b"0.1,0.2,0.3\n0.1,0.2,0.3\n".to_vec(),
        npy("'<i8'", "(2, 3)", &[0; 48]),
        npy("'<f8'", "(3, 2)", &[0; 48]),
        npy("'<f8'", "(2, ?)", &[0; 48]),
        npy("'<f8', 'shapes': 1", "2", &[0; 48]),
    ] {
        place.write("x.npy", content);
        said += &place.run(&["plan", "s.yaml"], 2).err;
    }
    insta::assert_snapshot!(said);
    place.write("x.npy", npy("'<f8'", "(2L, 3L)", &[0; 48]));
    place.run(&["plan", "s.yaml"], 0);
}

#[test]
fn json_is_json_whatever_stands_in_it() {
    let place = Workplace::new();
    let hidden = "a\u{a0}b\u{202e}c\u{301}";
    place.write("m.sh", "#!/bin/sh\necho '{\"measures\": {\"y\": 1}}'\n");
    place.write(
        "s.yaml",
        format!("model: {{command: [sh, m.sh], measures: [y]}}\nsearch: {{space: {{x: [\"{hidden}\", b]}}}}\n"),
    );
    let plan = place.run(&["plan", "s.yaml", "--json"], 0);
    assert_eq!(plan.json()["shown"][0]["x"], hidden);
    place.run(&["sweep", "s.yaml", "--out", hidden, "--threads", "1", "--allow-command"], 0);
    let report = place.run(&["report", hidden, "--json"], 0);
    assert!(report.json().to_string().contains(hidden));
    let rerun = place.run(&["rerun", hidden, "--trial", "0", "--json", "--allow-command"], 0);
    assert_eq!(rerun.json()["same"], true);
    assert_eq!(place.run(&["status", hidden, "--json"], 0).json()["done"], 2);
    for said in [&plan, &report] {
        assert!(!said.out.contains(['\u{a0}', '\u{202e}', '\u{301}']) && said.out.contains("\\u00a0"), "{}", said.out);
    }
    // A file gets the text itself.
    let csv = place.run(&["report", hidden, "--csv=trials"], 0).out;
    assert!(csv.contains(hidden), "{csv}");
    place.write("b.yaml", SMALL_SWEEP);
    assert_eq!(place.run(&["run", "b.yaml", "--json"], 0).json()["status"], "ok");
    assert!(place.run(&["schema"], 0).json()["properties"].is_object());
}

#[test]
fn status_counts_what_diverged() {
    let place = Workplace::new();
    place.write("m.sh", "#!/bin/sh\nread -r line\ncase $line in *'\"x\":1'*) echo '{\"diverged\": \"off\"}';; *'\"x\":2'*) exit 1;; *) echo '{\"measures\": {\"y\": 1}}';; esac\n");
    place.write("s.yaml", "model: {command: [sh, m.sh], measures: [y]}\nsearch: {space: {x: [0, 1, 2]}}\n");
    place.run(&["sweep", "s.yaml", "--out", "r", "--threads", "1", "--allow-command"], 1);
    let status = place.run(&["status", "r", "--json"], 0).json();
    assert_eq!((&status["failed"], &status["diverged"]), (&1.into(), &1.into()), "{status}");
    assert_eq!(status["shards"][0]["diverged"], 1, "{status}");
    let said = place.run(&["status", "r"], 0).out;
    assert!(said.starts_with("r: 3 of 3 trials done (1 failed, 1 diverged)\n"), "{said}");
}
