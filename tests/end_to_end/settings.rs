//! `--set`: what it sets is what the file would say, and nothing is ignored.

use crate::external::program;
use crate::workplace::Workplace;

const SWEEP: &str = "\
name: s
seed: 7
replicates: 3
base:
  network: {layers: [12, 8, 3], bias: 0.2}
  signals.length: 100
  training: {epochs: 4}
objective: {measure: test_mae, direction: minimize}
search:
  strategy: grid
  stopping: {rule: median, rungs: 2}
  space:
    learning_rate.hidden: {linear: [0.0, 1.0], num: 3}
    feedback: {density: [0.5, 1.0]}
";

const PROGRAM: &str = "\
name: s
model: {command: [./model.sh], measures: [value, other], budget: epochs}
base: {x: 0, epochs: 4, net: {size: 3, rate: 0.5}}
search:
  stopping: median
  space: {x: {int: [0, 3]}, net: {size: [3, 5]}}
";

/// Checks that the plan with `--set` is that of the file with the part replaced.
fn same(text: &str, sets: &[&str], replaced: &[(&str, &str)]) {
    let fingerprint = |text: &str, sets: &[&str]| {
        let place = Workplace::new();
        place.write("s.yaml", text);
        program(&place, "echo '{}'");
        let sets: Vec<&str> = sets.iter().flat_map(|set| ["--set", set]).collect();
        place.run(&[&["plan", "s.yaml", "--json"], &sets[..]].concat(), 0).json()["fingerprint"].clone()
    };
    let mut edited = text.to_owned();
    for (part, by) in replaced {
        assert!(edited.contains(part), "{part}");
        edited = edited.replace(part, by);
    }
    assert_eq!(fingerprint(text, sets), fingerprint(&edited, &[]), "--set {sets:?}\n{edited}");
}

#[test]
fn what_is_set_is_what_the_file_would_say() {
    let stopping = "\n  stopping: {rule: median, rungs: 2}";
    let density = "\n    feedback: {density: [0.5, 1.0]}";
    let hidden = "\n    learning_rate.hidden: {linear: [0.0, 1.0], num: 3}";
    let objective = "{measure: test_mae, direction: minimize}";
    for (set, part, by) in [
        (
            "search.space={feedback.density: [0.1, 0.5]}",
            &*format!("{hidden}{density}"),
            " {feedback.density: [0.1, 0.5]}",
        ),
        (
            "search.space.feedback={density: [0.1], weight_range: [1, 2]}",
            "{density: [0.5, 1.0]}",
            "{density: [0.1], weight_range: [1, 2]}",
        ),
        ("search.space.feedback.density=[0.1]", "[0.5, 1.0]", "[0.1]"),
        ("search.space.feedback.density=null", density, ""),
        ("search.space.learning_rate.hidden.num=5", "num: 3", "num: 5"),
        (
            "search.space.learning_rate={hidden: [1]}",
            "learning_rate.hidden: {linear: [0.0, 1.0], num: 3}",
            "learning_rate: {hidden: [1]}",
        ),
        ("search.stopping=null", stopping, ""),
        ("search.stopping=", stopping, ""),
        ("search.stopping=hyperband", "{rule: median, rungs: 2}", "hyperband"),
        ("search.stopping={rule: median, rungs: 3}", "rungs: 2", "rungs: 3"),
        ("search.stopping.rungs=3", "rungs: 2", "rungs: 3"),
        (
            "search={space: {feedback.density: [1]}}",
            &*format!("\n  strategy: grid{stopping}\n  space:{hidden}{density}"),
            " {space: {feedback.density: [1]}}",
        ),
        ("search.table=null", "", ""),
        ("search.zip=null", "", ""),
        (
            "search.constraints=[feedback.density > 0.7]",
            "strategy: grid",
            "strategy: grid\n  constraints: [feedback.density > 0.7]",
        ),
        (
            "base={training: {epochs: 6}}",
            "\n  network: {layers: [12, 8, 3], bias: 0.2}\n  signals.length: 100\n  training: {epochs: 4}",
            " {training: {epochs: 6}}",
        ),
        (
            "base=null",
            "\n  network: {layers: [12, 8, 3], bias: 0.2}\n  signals.length: 100\n  training: {epochs: 4}",
            "",
        ),
        ("network={layers: [5, 3]}", "{layers: [12, 8, 3], bias: 0.2}", "{layers: [5, 3]}"),
        ("base.network={layers: [5, 3]}", "{layers: [12, 8, 3], bias: 0.2}", "{layers: [5, 3]}"),
        ("network.bias=0.3", "bias: 0.2", "bias: 0.3"),
        ("signals={length: 50}", "signals.length: 100", "signals: {length: 50}"),
        ("signals.length=50", "length: 100", "length: 50"),
        ("objective=null", objective, ""),
        ("objective={measure: train_loss}", objective, "{measure: train_loss}"),
        (
            "objective=[{measure: train_loss}, {measure: test_mae}]",
            objective,
            "[{measure: train_loss}, {measure: test_mae}]",
        ),
        ("objective.direction=maximize", "minimize", "maximize"),
        ("execution={sync_seconds: 2}", "", ""), // no part of a plan
        ("execution.max_seconds=null", "", ""),
        ("replicates=5", "replicates: 3", "replicates: 5"),
        ("name=t", "name: s", "name: t"),
        ("seed=8", "seed: 7", "seed: 8"),
    ] {
        same(SWEEP, &[set], &[(part, by)]);
    }
    same(
        SWEEP,
        &["network.bias=0.3", "network={layers: [5, 3]}"],
        &[("{layers: [12, 8, 3], bias: 0.2}", "{layers: [5, 3], bias: 0.3}")],
    );
}

#[test]
fn what_is_set_of_a_program_is_what_the_file_would_say() {
    for (set, part, by) in [
        ("search.space={x: {int: [0, 9]}}", "{x: {int: [0, 3]}, net: {size: [3, 5]}}", "{x: {int: [0, 9]}}"),
        ("search.space.x=[0.5, 1.5]", "{int: [0, 3]}", "[0.5, 1.5]"),
        ("search.space.x.step=3", "{int: [0, 3]}", "{int: [0, 3], step: 3}"),
        ("search.space.net.rate=[0.1]", "net: {size: [3, 5]}", "net: {size: [3, 5], rate: [0.1]}"),
        ("search.space.net={rate: [0.1]}", "net: {size: [3, 5]}", "net: {rate: [0.1]}"),
        ("search.space.x=null", "x: {int: [0, 3]}, ", ""),
        ("search.stopping=null", "\n  stopping: median", ""),
        ("search.stopping.rungs=2", "stopping: median", "stopping: {rule: median, rungs: 2}"),
        ("base={x: 0, epochs: 8}", "{x: 0, epochs: 4, net: {size: 3, rate: 0.5}}", "{x: 0, epochs: 8}"),
        ("net={size: 4}", "{size: 3, rate: 0.5}", "{size: 4}"),
        ("net.rate=0.25", "rate: 0.5", "rate: 0.25"),
        ("model.command=[./model.sh, -v]", "[./model.sh]", "[./model.sh, -v]"),
        ("model.measures=[value]", "[value, other]", "[value]"),
        ("model={command: [./model.sh], measures: [a], budget: epochs}", "[value, other]", "[a]"),
    ] {
        same(PROGRAM, &[set], &[(part, by)]);
    }
    same(
        PROGRAM,
        &["model.budget=null", "search.stopping=null"],
        &[(", budget: epochs", ""), ("\n  stopping: median", "")],
    );
}

#[test]
fn what_cannot_be_set_is_refused_by_name() {
    for (text, sets, message) in [
        (SWEEP, &["search.stopping=[1]"][..], "--set search.stopping=[1]: search.stopping.rule is '[1]'"),
        (SWEEP, &["search=null"], "search.space names no key to vary"),
        (SWEEP, &["search.space=null"], "search.space names no key to vary"),
        (
            SWEEP,
            &["search.space=[1]"],
            "--set search.space=[1]: sub-space 1 of search.space is '1', expected a sub-space",
        ),
        (SWEEP, &["search.strategy.name=grid"], "search.strategy is 'grid', at s.yaml:10:13, and has no keys"),
        (SWEEP, &["search.spaces.x=[1]"], "unknown key 'search.spaces'"),
        (SWEEP, &["search.stopping.factor=3"], "unknown key 'search.stopping.factor' of rule median"),
        (SWEEP, &["objective.kind=test_mae"], "unknown key 'objective.kind'"),
        (SWEEP, &["objective=null", "objective.measure=x"], "objective.measure is 'x'"),
        (SWEEP, &["execution=5"], "--set execution=5: execution is '5'"),
        (SWEEP, &["execution.max_seconds.x=5"], "execution.max_seconds is a mapping"),
        (SWEEP, &["base=5"], "--set base=5: base is '5'"),
        (SWEEP, &["base.netwerk={layers: [3, 3]}"], "unknown key 'netwerk'"),
        (SWEEP, &["network=5"], "--set network=5: network is a section, not a key, and holds '5'"),
        (SWEEP, &["network={layer: [3, 3]}"], "unknown key 'network.layer'"),
        (SWEEP, &["network.layers.first=3"], "unknown key 'network.layers.first'"),
        (
            SWEEP,
            &["feedback={density: 0.5}"],
            "--set feedback={density: 0.5}: feedback.density is swept, at s.yaml:14:16",
        ),
        (SWEEP, &["base={feedback.density: 0.5}"], "feedback.density is swept"),
        (
            SWEEP,
            &["network={bias: 1}", "network.bias=2"],
            "'network.bias' is named a second time; the first is at --set network={bias: 1}",
        ),
        (SWEEP, &["base.network.bias=1", "network.bias=2"], "is named a second time"),
        (SWEEP, &["search.space.bias=null"], "'bias' is not varied, so nothing is taken away"),
        (SWEEP, &["replicates=null"], "replicates is 'null'"),
        (SWEEP, &["seed=null"], "seed is 'null'"),
        (SWEEP, &["model={command: [x]}"], "model has no measures"),
        (PROGRAM, &["y=1"], "--set y=1: unknown key 'y', expected one of x, epochs, net"),
        (PROGRAM, &["nte={size: 3}"], "unknown key 'nte'"),
        (PROGRAM, &["search.space.y=[1]"], "unknown key 'y'"),
        (PROGRAM, &["model=5"], "--set model=5: model is '5'"),
        (PROGRAM, &["model.command=null"], "model.command is 'null'"),
        (PROGRAM, &["model.comand=[x]"], "unknown key 'model.comand'"),
        (PROGRAM, &["x=2"], "x is swept, at s.yaml:6:11"),
    ] {
        let place = Workplace::new();
        place.write("s.yaml", text);
        program(&place, "echo '{}'");
        let sets: Vec<&str> = sets.iter().flat_map(|set| ["--set", set]).collect();
        for command in [&["plan", "s.yaml"][..], &["sweep", "s.yaml"], &["slurm", "s.yaml", "--tasks", "2"]] {
            place.refuses(&[command, &sets[..]].concat(), message);
        }
        assert_eq!(place.files(), ["model.sh", "s.yaml"]);
    }
}

#[test]
fn a_run_takes_its_own_keys_and_no_others() {
    let place = Workplace::new();
    place.write("s.yaml", SWEEP);
    place.write("r.yaml", "network: {layers: [12, 8, 3]}\nsignals.length: 100\ntraining: {epochs: 4}\n");
    let digest = |arguments: &[&str]| place.run(arguments, 0).json()["digest"].clone();
    let plain = digest(&["run", "r.yaml", "--json", "--seed", "7"]);
    for sets in [
        &["run", "r.yaml", "--json", "--set", "seed=7"][..],
        &["run", "r.yaml", "--json", "--set", "seed=7", "--set", "base.network.layers=[12, 8, 3]"],
        &["run", "s.yaml", "--json", "--set", "network={layers: [12, 8, 3]}"],
        &["run", "s.yaml", "--json", "--set", "network={layers: [12, 8, 3]}", "--set", "feedback.density=1"],
        &[
            "run",
            "s.yaml",
            "--json",
            "--set",
            "base={network.layers: [12, 8, 3], signals: {length: 100}, training.epochs: 4}",
        ],
    ] {
        assert_eq!(digest(sets), plain, "{sets:?}");
    }
    for file in ["s.yaml", "r.yaml"] {
        for set in
            ["search.stopping=null", "search={}", "replicates=2", "execution.max_seconds=1", "model={}", "name=x"]
        {
            place.refuses(
                &["run", file, "--set", set],
                &format!("--set {set}: unknown key '{}'", set.split('=').next().unwrap()),
            );
        }
    }
    place.refuses(&["run", "r.yaml", "--set", "base={}"], "unknown key 'base'");
}

#[test]
fn paths_in_arguments_start_at_the_current_folder() {
    let place = Workplace::new();
    let text = SWEEP.replace("feedback: {density: [0.5, 1.0]}", "feedback.density: [1]");
    place.write("sub/s.yaml", text.replace("strategy: grid", "strategy: grid\n  table: t.csv"));
    place.write("sub/t.csv", "learning_rate.output\n0.1\n");
    place.write("t.csv", "learning_rate.output\n0.1\n0.2\n");
    let configurations = |sets: &[&str]| {
        place.run(&[&["plan", "sub/s.yaml", "--json"], sets].concat(), 0).json()["configurations"].clone()
    };
    assert_eq!((configurations(&[]), configurations(&["--set", "search.table=t.csv"])), (3.into(), 6.into()));
}
