//! The behaviour of programs, and its results.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::*;
use crate::objective::{Evaluation, EvaluationError};
use crate::plan::Plan;
use crate::plan::configurations::Configurations;
use crate::spec::{Source, SweepSpec};

/// A sweep file for a program that is a shell script.
const SWEEP: &str = "\
model: {command: [sh, model.sh], measures: [value, other], budget: epochs}
base: {x: 0.5, epochs: 10, net: {size: 3, rule: hebb, rates: [1, 2]}}
search: {space: {x: [0.25, 1], net.size: [3, 4]}}
";

/// A folder with a script, and the evaluation of a trial by it.
struct Scripted(tempfile::TempDir);

impl Scripted {
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("model.sh"), script).unwrap();
        Self(folder)
    }

    fn folder(&self) -> &Path {
        self.0.path()
    }

    fn model(&self) -> CommandModel {
        let source = Source::parse(&self.folder().join("s.yaml"), SWEEP.into()).unwrap();
        let section = source.model().unwrap().unwrap();
        let mut model = crate::results::models::command_of_file(&source, &section).unwrap();
        model.allow(self.folder()).unwrap();
        model
    }

    fn evaluate(&self, max_seconds: Option<f64>) -> Result<Evaluation, String> {
        let model = self.model();
        let abandoned = AtomicBool::new(false);
        let deadline = Deadline::new(Instant::now(), max_seconds, &abandoned);
        let outcome = model.evaluate(&model.schema().defaults(), 7, &deadline);
        outcome.map_err(|error| error.message(max_seconds).unwrap_or_else(|error| format!("the environment: {error}")))
    }
}

fn evaluate(script: &str) -> Result<Evaluation, String> {
    Scripted::new(script).evaluate(Some(20.0))
}

fn failure(script: &str) -> String {
    evaluate(script).expect_err(script)
}

const MEASURES: &str = r#"echo '{"measures": {"value": 1.5, "other": null}}'"#;

#[test]
fn a_program_reads_its_configuration_and_gives_measures() {
    let place = Scripted::new(&format!("cat >given; {MEASURES}; echo; pwd >where"));
    let evaluation = place.evaluate(None).unwrap();
    assert_eq!(evaluation.measures, [("value".to_owned(), Some(1.5)), ("other".to_owned(), None)]);
    assert_eq!((evaluation.diverged, evaluation.curves.len()), (None, 0));
    assert!(evaluation.digest.is_some());
    assert_eq!(
        std::fs::read_to_string(place.folder().join("given")).unwrap(),
        "{\"configuration\":{\"epochs\":10,\"net\":{\"rates\":[1,2],\"rule\":\"hebb\",\"size\":3},\"x\":0.5},\"seed\":7,\
         \"budget\":10}\n"
    );
    let folder = std::fs::read_to_string(place.folder().join("where")).unwrap();
    assert_eq!(Path::new(folder.trim()), place.folder().canonicalize().unwrap());
}

#[test]
fn curves_come_by_layer_and_step() {
    let evaluation = evaluate(&format!(
        r#"echo '{{"curve": {{"step": 199, "loss": 0.5}}}}'; {MEASURES}
           echo '{{"curve": {{"step": 99, "loss": 1, "learning_steps": 7}}}}'
           printf '{{"curve": {{"step": 9, "layer": 1, "loss": null}}}}'"#
    ))
    .unwrap();
    let points: Vec<_> = evaluation.curves.iter().map(|p| (p.layer, p.step, p.learning_steps, p.loss)).collect();
    assert_eq!(points, [(0, 99, 7, Some(1.0)), (0, 199, 100, Some(0.5)), (1, 9, 0, None)]);
}

#[test]
fn what_diverged_has_no_measures() {
    for more in ["", MEASURES] {
        let said = r#"{"diverged": "a\tb"}"#;
        let evaluation = evaluate(&format!("printf '%s\\n' '{said}'; {more}")).unwrap();
        assert_eq!(evaluation.diverged.as_deref(), Some("a\\tb"));
        assert!(evaluation.measures.iter().all(|(_, value)| value.is_none()));
    }
}

#[test]
fn what_is_wrong_is_told() {
    for (script, message) in [
        ("echo oops; sleep 100", "line 1 of its output is not JSON (expected value at line 1 column 1): 'oops'"),
        (
            "echo; echo '[1]'",
            "line 2 of its output is not an object of a known form, expected {\"measures\": {…}}, {\"curve\": {…}}",
        ),
        ("echo '{\"measures\": {\"value\": 1}}'", "lacks the measure other: '{\"measures\": {\"value\": 1}}'"),
        ("echo '{\"measures\": {\"valeu\": 1}}'", "has a measure 'valeu', expected value, other"),
        (
            "echo '{\"measures\": {\"value\": \"1\", \"other\": 2}}'",
            "has a measure value that is neither a finite number nor null",
        ),
        ("echo '{\"measures\": {\"value\": NaN, \"other\": 2}}'", "holds NaN or Infinity, which are not JSON"),
        ("echo '{\"measures\": {\"value\": 1e999, \"other\": 2}}'", "is not JSON (number out of range"),
        ("echo '{\"curve\": {\"loss\": 1}}'", "has a point without a step"),
        ("echo '{\"curve\": {\"step\": -1, \"loss\": 1}}'", "whose step is not an integer from 0"),
        ("echo '{\"curve\": {\"step\": 1, \"loss\": 1, \"epoch\": 1}}'", "has a point with 'epoch'"),
        ("echo '{\"curve\": {\"step\": 1, \"loss\": 1}, \"measures\": {}}'", "is not an object of a known form"),
        ("true", "it printed no measures, expected value, other"),
        ("echo a >&2; echo b >&2; exit 3", "the program ended with exit status: 3; its standard error ends: a\\nb"),
        ("kill -9 $$", "the program ended with signal: 9 (SIGKILL)"),
        (
            "echo '{\"measures\": {\"value\": 1, \"value\": 2, \"other\": 3}}'",
            "names 'value' twice, expected each name once",
        ),
        ("echo '{\"measures\": {\"value\": 1, \"other\": 3}, \"measures\": {}}'", "names 'measures' twice"),
        ("echo '{\"curve\": {\"step\": 1, \"loss\": 1, \"step\": 2}}'", "names 'step' twice"),
        ("echo '{\"curve\": {\"step\": {\"a\": [{\"b\": 1, \"\\u0062\": 1}]}, \"loss\": 1}}'", "names 'b' twice"),
        ("printf '\\377\\033[2J\\n'", "line 1 of its output is not JSON"),
    ] {
        let told = failure(script);
        assert!(told.contains(message), "{script}\n{told}");
        assert!(!told.contains(|c: char| c.is_control()), "{told:?}");
    }
    let twice = failure(&format!("{MEASURES}; {MEASURES}"));
    assert!(twice.starts_with("line 2 of its output has measures a second time"), "{twice}");
    let point = r#"echo '{"curve": {"step": 1, "loss": 1}}'"#;
    assert!(failure(&format!("{point}; {point}; {MEASURES}")).contains("two points of layer 0 at step 1"));
}

#[test]
fn output_without_end_ends() {
    assert!(failure("yes x | tr -d '\\n'").contains("is longer than 1048576 bytes: 'xxx"));
    let point = r#"while :; do i=$((i+1)); echo "{\"curve\": {\"step\": $i, \"loss\": 1}}"; done"#;
    assert!(Scripted::new(point).evaluate(Some(0.5)).is_err());
    assert!(failure("yes '' ").contains("printed more than 67108864 bytes"));
    let told = failure("yes 'no end' | head -c 10000000 >&2; exit 1");
    assert!(told.len() < 3000 && told.contains("ends: …"), "{told}");
}

#[test]
fn who_closes_or_ignores_its_pipes_is_not_waited_for() {
    // To wait for any of these would take a day.
    assert!(evaluate(&format!("exec <&-; {MEASURES}; exec >&- 2>&-; sleep 0.1")).is_ok());
    assert!(Scripted::new("exec >&- 2>&-; sleep 100000").evaluate(Some(0.2)).unwrap_err().starts_with("took longer"));
    let told = Scripted::new("echo here >&2; sleep 100000").evaluate(Some(0.2)).unwrap_err();
    assert!(told.contains("max_seconds 0.2") && told.ends_with("its standard error ends: here"), "{told}");
    // Those who are left hold the pipes: one in the group, one that left it.
    assert!(evaluate(&format!("sleep 100000 & {MEASURES}")).is_ok());
    let left = Scripted::new(&format!("setsid sleep 100000 & echo $! >left; {MEASURES}"));
    assert!(left.evaluate(None).is_ok());
    let pid = std::fs::read_to_string(left.folder().join("left")).unwrap();
    assert!(std::process::Command::new("kill").arg(pid.trim()).status().unwrap().success(), "it was still there");
}

#[test]
fn a_large_configuration_that_is_never_read_does_not_block() {
    let place = Scripted::new(MEASURES);
    let model = place.model();
    let mut configuration = model.schema().defaults();
    configuration.set("net.rule", Value::Text("x".repeat(1 << 20)));
    let abandoned = AtomicBool::new(false);
    let deadline = Deadline::new(Instant::now(), Some(20.0), &abandoned);
    assert!(model.evaluate(&configuration, 1, &deadline).is_ok());
}

#[test]
fn the_whole_group_ends_when_nobody_waits_any_more() {
    let place = Scripted::new("sleep 100 & echo $! >child; wait");
    let model = place.model();
    let abandoned = AtomicBool::new(false);
    let start = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while std::fs::read(place.folder().join("child")).map_or(true, |pid| !pid.ends_with(b"\n")) {
                std::thread::sleep(Duration::from_millis(5));
            }
            abandoned.store(true, Ordering::Relaxed);
        });
        let deadline = Deadline::new(start, None, &abandoned);
        let outcome = model.evaluate(&model.schema().defaults(), 1, &deadline);
        assert_eq!(outcome, Err(EvaluationError::TimedOut));
    });
    let child = std::fs::read_to_string(place.folder().join("child")).unwrap();
    let runs = || {
        let state = std::fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
        !state.is_empty() && !state.contains(") Z ")
    };
    while runs() {
        assert!(start.elapsed() < Duration::from_secs(300), "the child still runs");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_program_that_changed_is_not_run() {
    let place = Scripted::new(MEASURES);
    let model = place.model();
    let abandoned = AtomicBool::new(false);
    let evaluate = || {
        let deadline = Deadline::new(Instant::now(), None, &abandoned);
        model.evaluate(&model.schema().defaults(), 1, &deadline)
    };
    assert!(evaluate().is_ok());
    std::fs::write(place.folder().join("model.sh"), MEASURES).unwrap();
    assert!(evaluate().is_ok(), "the same content");
    std::fs::write(place.folder().join("model.sh"), format!("{MEASURES} #")).unwrap();
    let Err(EvaluationError::Environment(told)) = evaluate() else { panic!() };
    assert_eq!(told.to_string(), "model.sh: not the file that the sweep was planned with (another BLAKE3)");
    std::fs::remove_file(place.folder().join("model.sh")).unwrap();
    assert!(matches!(evaluate(), Err(EvaluationError::Environment(_))));
    // It is not kept.
    std::fs::write(place.folder().join("model.sh"), MEASURES).unwrap();
    assert!(evaluate().is_ok());
}

#[test]
fn what_cannot_be_started_is_the_environment_and_what_is_killed_a_result() {
    let place = Scripted::new(MEASURES);
    let mut model = place.model();
    let abandoned = AtomicBool::new(false);
    let evaluate = |model: &CommandModel| {
        let deadline = Deadline::new(Instant::now(), None, &abandoned);
        model.evaluate(&model.schema().defaults(), 1, &deadline)
    };
    let executable = place.folder().join("executable");
    for content in ["#!/no/such/interpreter\n", "\0 no program at all"] {
        std::fs::write(&executable, content).unwrap();
        std::fs::set_permissions(&executable, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        model.launch.as_mut().unwrap().executable.clone_from(&executable);
        let Err(EvaluationError::Environment(told)) = evaluate(&model) else { panic!("{content}") };
        assert!(told.to_string().contains("executable: cannot be started: "), "{told}");
    }
    let Err(EvaluationError::Failed(told)) = evaluate(&Scripted::new("kill -9 $$").model()) else { panic!() };
    assert!(told.contains("SIGKILL"), "{told}");
}

#[test]
fn a_plan_says_which_program_it_is_of() {
    let place = Scripted::new(MEASURES);
    let source = Source::parse(&place.folder().join("s.yaml"), SWEEP.into()).unwrap();
    let model = place.model();
    let plan = SweepSpec::new(&source, Vec::new(), model.schema()).unwrap().plan(&model).unwrap();
    let json = plan.to_json().unwrap();
    let read = crate::results::models::NamedModel::of_plan(&json, burstnet_core::engine::Isa::detect()).unwrap();
    let sorted = |schema: &Schema| {
        let mut keys = schema.keys().to_vec();
        keys.sort_by(|a, b| a.path.cmp(&b.path));
        keys
    };
    assert_eq!(sorted(read.objective().schema()), sorted(model.schema()));
    assert_eq!(
        crate::plan::plan_file::read(&json, read.objective()).map(|plan| plan.into_plan()),
        Ok(Plan::clone(&plan))
    );
    assert!(crate::plan::plan_file::read(&json, &crate::objective::burst::BurstNetwork::default()).is_err());
    let other = json.replace("model.sh", "other.sh");
    let read = crate::results::models::NamedModel::of_plan(&other, burstnet_core::engine::Isa::detect()).unwrap();
    let other = crate::plan::plan_file::read(&other, read.objective()).unwrap();
    let values = plan.own_values(0).unwrap();
    let hash = |plan| crate::plan::content::ContentKeys::new(plan).configuration(&values);
    assert_ne!(hash(&plan), hash(&other));
    assert!(
        plan.differences(&other).iter().any(|line| line.starts_with("model.command")),
        "{:?}",
        plan.differences(&other)
    );
}

#[test]
fn a_plan_says_nothing_that_no_sweep_file_can_say() {
    use serde_json::{Value as Json, json};
    let place = Scripted::new(MEASURES);
    let source = Source::parse(&place.folder().join("s.yaml"), SWEEP.into()).unwrap();
    let model = place.model();
    let plan = SweepSpec::new(&source, Vec::new(), model.schema()).unwrap().plan(&model).unwrap();
    let plan: Json = serde_json::from_str(&plan.to_json().unwrap()).unwrap();
    let refused = |change: &dyn Fn(&mut Json)| {
        let mut plan = plan.clone();
        change(&mut plan);
        let json = plan.to_string();
        let read = crate::results::models::NamedModel::of_plan(&json, burstnet_core::engine::Isa::detect());
        read.and_then(|model| crate::plan::plan_file::read(&json, model.objective()).map(drop)).expect_err(&json)
    };
    for (path, value, told) in [
        ("/model/command", json!([]), "model.command has 0 arguments"),
        ("/model/command", json!(vec!["x"; 300]), "model.command has 300 arguments"),
        ("/model/command", json!(["x\0"]), "argument 0 of model.command has 2 bytes"),
        ("/model/command", json!(["x".repeat(5000)]), "has 5000 bytes"),
        ("/model/command", json!(["sh"]), "model.files has \"model.sh\", expected an argument"),
        ("/model/measures", json!(["value", "a b"]), "model.measures names \"a b\""),
        ("/model/measures", json!(["value", "value"]), "model.measures names \"value\" twice"),
        ("/model/measures", json!(["value"]), "its measures are not those of this sweep"),
        ("/model/measures", json!(["value", "x"]), "its measures are not those of this sweep"),
        ("/model/budget", json!("nothing"), "model.budget is \"nothing\", which is not a key"),
        ("/model/budget", json!("x"), "model.budget is 'x', which holds a number"),
        ("/model/files/0/blake3", json!("abc"), "expected an argument of the command and its BLAKE3"),
        ("/base/epochs", json!(null), "model.budget is 'epochs', which holds a text, or null"),
        ("/base/epochs", json!([[1]]), "epochs is '[[1]]', expected an integer"),
        ("/base/x", json!("a"), "x is 'a', expected an integer"),
        ("/space/0/key", json!("y"), "unknown key 'y'"),
    ] {
        let message = refused(&|plan| *plan.pointer_mut(path).unwrap() = value.clone());
        assert!(message.contains(told), "{path} {value}: {message}");
    }
    for (key, value, told) in [
        ("environment", json!({"A=B": "1"}), "model.environment names \"A=B\", expected up to 100"),
        ("environment", json!({"A": "1\0"}), "model.environment.A has 2 bytes"),
        ("stdin", json!("yaml"), "unknown variant `yaml`"),
        ("stdin", json!("none"), "'epochs' reaches the program nowhere"),
    ] {
        let message = refused(&|plan| plan["model"][key] = value.clone());
        assert!(message.contains(told), "{key} {value}: {message}");
    }
    for (command, told) in [
        (json!(["sh", "model.sh", "{y}"]), "model.command[2]: '{y}' names no key, expected one of epochs, net.rates"),
        (json!(["sh", "model.sh", "{x"]), "model.command[2]: '{x' is never closed"),
        (json!(["{x}", "model.sh"]), "model.command starts with a placeholder"),
    ] {
        let message = refused(&|plan| {
            plan["model"]["command"] = command.clone();
            plan["model"]["placeholders"] = json!(true);
        });
        assert!(message.contains(told), "{command}: {message}");
    }
    for (key, told) in [
        ("a.b c", "'a.b c' is not a name of a key"),
        ("net.size.x", "'net.size' is a key and a section"),
        ("net", "is a key and a section"),
        ("", "'' is not a name"),
    ] {
        let message = refused(&|plan| plan["base"][key] = json!(1));
        assert!(message.contains(told), "{key}: {message}");
    }
    let many = refused(&|plan| {
        for i in 0..2000 {
            plan["base"][format!("k{i}")] = json!(1);
        }
    });
    assert!(many.contains("one key more than 1000"), "{many}");
}

#[test]
fn braces_in_plans_of_earlier_versions_are_braces() {
    let program = |command: &str, later: &str| -> Program {
        let json = format!(r#"{{"command": {command}, "measures": ["value"], "files": []{later}}}"#);
        serde_json::from_str(&json).unwrap()
    };
    let old = program(r#"["sh", "-c", "echo {x} {"]"#, "");
    assert_eq!(old.check(), Ok(()));
    assert!(old.templates().unwrap().iter().all(|(_, template)| template.text().is_some()));
    assert_eq!(serde_json::to_value(&old).unwrap().as_object().unwrap().len(), 3, "nothing is added");
    // What earlier versions hashed is pinned: results of earlier sweeps are found by it.
    assert_eq!(old.content().to_hex().as_str(), "b6e27d21987bee0d8168e0c32703ff9ab499f48e2acb6d6189b47ea2a134a6ea");
    let command = r#"["sh", "-c", "echo {x}"]"#;
    let all = ["", r#", "placeholders": true"#, r#", "stdin": "none""#, r#", "environment": {"A": "1"}"#];
    let contents: Vec<_> = all.iter().map(|later| program(command, later).content()).collect();
    assert!((0..all.len()).all(|at| !contents[..at].contains(&contents[at])), "each part counts");
}

/// Plans a sweep with this search and base.
fn planned(base: &str, search: &str) -> Result<Configurations, String> {
    let place = Scripted::new(MEASURES);
    let text =
        format!("model: {{command: [sh, model.sh], measures: [value]}}\nbase: {{{base}}}\nsearch: {{{search}}}\n");
    let source = Source::parse(&place.folder().join("s.yaml"), text).map_err(|error| error.to_string())?;
    let section = source.model().map_err(|error| error.to_string())?.unwrap();
    let model = crate::results::models::command_of_file(&source, &section).map_err(|error| error.to_string())?;
    let spec = SweepSpec::new(&source, Vec::new(), model.schema()).map_err(|error| error.to_string())?;
    spec.plan(&model).map(Into::into).map_err(|error| error.to_string())
}

#[test]
fn null_is_a_value_beside_others_or_no_value() {
    let kind_of = |base: &str, space: &str| {
        let plan = planned(base, &format!("space: {{{space}}}"));
        plan.map(|plan| (0..plan.configurations()).map(|c| plan.swept_values(c)[0].clone()).collect::<Vec<_>>())
    };
    let (null, one) = (Value::Null, Value::Int(1));
    assert_eq!(kind_of("", "x: [null, 1]").unwrap(), [null.clone(), one.clone()]);
    assert_eq!(kind_of("x: null", "x: [1, null]").unwrap(), [one.clone(), null.clone()]);
    assert_eq!(kind_of("x: 3", "x: [null, 1]").unwrap(), [null.clone(), one]);
    assert_eq!(kind_of("x: null", "x: [null, 0.5, 1]").unwrap(), [null.clone(), 0.5.into(), 1.0.into()]);
    assert_eq!(kind_of("x: null", "x: {choice: [a, null]}").unwrap(), ["a".into(), null.clone()]);
    assert_eq!(kind_of("x: null", "x: [[1, 2], null]").unwrap(), [vec![1_i64, 2].into(), null.clone()]);
    assert_eq!(kind_of("a: {b: {c: null}}", "a.b.c: {int: [1, 2]}").unwrap(), [Value::Int(1), Value::Int(2)]);
    assert_eq!(kind_of("y: null", "x: [true, null]").unwrap(), [true.into(), null]);
    for (base, space, told) in [
        ("", "x: [null]", "x would become 'null', expected values of one kind"),
        ("x: null", "x: [1, a]", "x would become 'a', expected an integer"),
        ("x: null", "x: {int: [a, b]}", "int of x"),
        ("x: ", "x: [1]", "x is nothing, expected an integer"),
    ] {
        let said = kind_of(base, space).unwrap_err();
        assert!(said.contains(told), "{base} {space}: {said}");
    }
}

#[test]
fn integers_stay_what_they_are_or_are_refused() {
    let largest = Value::Int(9_007_199_254_740_991);
    for (base, space) in [
        ("", "x: [9007199254740991]"),
        ("x: 1", "x: {choice: [9007199254740991]}"),
        ("", "x: {int: [9007199254740991, 9007199254740991]}"),
        ("", "x: {step: 5, int: [9007199254740991, 9007199254740991]}"),
    ] {
        assert_eq!(
            planned(base, &format!("space: {{{space}}}")).unwrap().swept_values(0),
            std::slice::from_ref(&largest),
            "{space}"
        );
    }
    for space in ["x: {int: [0, 4], step: 2}", "x: {step: 2, int: [0, 4]}"] {
        let plan = planned("", &format!("space: {{{space}}}")).unwrap();
        assert_eq!((0..3).map(|c| plan.swept_values(c)[0].clone()).collect::<Vec<_>>(), [0, 2, 4].map(Value::Int));
    }
    let plan = planned("x: 1", "strategy: random, trials: 9, space: {x: {int: [0, 9007199254740991]}}").unwrap();
    assert!(
        (0..9).all(|c| matches!(plan.swept_values(c)[0], Value::Int(i) if (0..=9_007_199_254_740_991).contains(&i)))
    );
    for (base, space) in [
        ("", "x: [9007199254740993]"),
        ("", "x: [1, 9007199254740992]"),
        ("x: 3", "x: [9007199254740993]"),
        ("x: 0.5", "x: [9007199254740993]"),
        ("", "x: [0.5, 9007199254740993]"),
        ("", "x: [-9007199254740993]"),
        ("", "x: {int: [0, 9007199254740993]}"),
        ("", "x: {choice: [9007199254740993]}"),
        ("", "x: [[9007199254740993]]"),
        ("", "x: [[1, 2], [1, 9007199254740992]]"),
        ("", "x: [[0.5, 9007199254740993]]"),
        ("", "x: [99999999999999999999]"),
        ("", "x: {uniform: [0, 9007199254740993]}"),
        ("y: 9007199254740993", "x: [1]"),
        ("y: [9007199254740993]", "x: [1]"),
        ("y: [0.5, 9007199254740993]", "x: [1]"),
        ("y: 99999999999999999999", "x: [1]"),
    ] {
        let strategy = if space.contains("uniform") { "strategy: random, trials: 1, " } else { "" };
        let message = planned(base, &format!("{strategy}space: {{{space}}}")).expect_err(space);
        assert!(message.contains("s.yaml:"), "{base} {space}: {message}");
    }
    let include = "include: [{x: 9007199254740993}], space: {x: [1]}";
    assert!(planned("", include).unwrap_err().contains("x is '9007199254740993', expected an integer"));
}

#[test]
fn measures_stay_what_they_are_or_are_refused() {
    let answer = |n: &str| evaluate(&format!("echo '{{\"measures\": {{\"value\": {n}, \"other\": null}}}}'"));
    assert_eq!(answer("9007199254740992").unwrap().measures[0].1, Some(9_007_199_254_740_992.0));
    assert_eq!(answer("0.1").unwrap().measures[0].1, Some(0.1));
    for n in ["9007199254740993", "-9007199254740993", "18446744073709551615"] {
        let message = answer(n).unwrap_err();
        assert!(message.contains("a measure value that is an integer that float64 does not hold"), "{message}");
    }
}
