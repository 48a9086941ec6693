//! Names that are taken, and names that are free.

use std::path::Path;

use burstnet_core::config::{Configuration, Key, Kind, Schema, Value};
use burstnet_core::engine::Isa;

use super::*;
use crate::limits::LONGEST_NAME;
use crate::objective::burst::BurstNetwork;
use crate::objective::{Deadline, Evaluation, EvaluationError};
use crate::results::models::NamedModel;
use crate::space::Dimension;
use crate::space::domain::Domain;
use crate::spec::{Source, SweepSpec};

/// The columns whose names measures cannot have, and those whose names keys cannot have.
const OF_TRIALS: [&str; 14] = [
    "trial_id",
    "config_id",
    "replicate",
    "seed",
    "status",
    "error",
    "digest",
    "n_ok",
    "n_diverged",
    "n_failed",
    "n_pruned",
    "pareto",
    "in_confidence_set",
    "same",
];
const OF_CONFIGURATIONS: [&str; 20] = [
    "measure",
    "rank",
    "n",
    "mean",
    "sd",
    "min",
    "median",
    "max",
    "mean_low",
    "mean_high",
    "bootstrap_low",
    "bootstrap_high",
    "baseline_config_id",
    "n_pairs",
    "difference",
    "difference_low",
    "difference_high",
    "p",
    "wins",
    "best_probability",
];

fn planned(text: &str) -> Result<ResolvedPlan, String> {
    let source = Source::parse(Path::new("s.yaml"), text.into()).map_err(|error| error.to_string())?;
    let model = NamedModel::of_file(&source, &[], Isa::detect()).map_err(|error| error.to_string())?;
    let objective = model.objective();
    let spec = SweepSpec::new(&source, Vec::new(), objective.schema()).map_err(|error| error.to_string())?;
    spec.outline(objective).map_err(|error| error.to_string())
}

/// Plans a sweep of a program with these measures, keys and swept keys.
fn program(measures: &str, base: &str, space: &str) -> Result<ResolvedPlan, String> {
    let base = if base.is_empty() { String::new() } else { format!("base: {{{base}}}\n") };
    planned(&format!(
        "model:\n  command: [sh]\n  measures: [{measures}]\n{base}search:\n  space: {{depth: [1, 2]{space}}}\n"
    ))
}

/// A model in Rust with any keys and measures.
struct Any {
    schema: Schema,
    measures: Vec<String>,
    budget: Option<&'static str>,
}

impl Any {
    fn new(keys: &[&'static str], measures: &[&str]) -> Self {
        let key = |path: &&'static str| Key {
            path: (*path).into(),
            kind: Kind::Integer { min: 0, max: 9 },
            default: Value::Int(4),
            doc: "A key.".into(),
        };
        let measures = measures.iter().map(|name| (*name).to_owned()).collect();
        Self { schema: Schema::new(keys.iter().map(key).collect()), measures, budget: None }
    }

    /// Plans a sweep over its first key.
    fn planned(&self, search: &str) -> Result<ResolvedPlan, String> {
        let key = &self.schema.keys()[0].path;
        let measure = &self.measures[0];
        let text =
            format!("base: {{}}\nsearch:\n  space: {{{key}: [1, 2]}}\n{search}objective: {{measure: {measure}}}\n");
        let source = Source::parse(Path::new("s.yaml"), text).map_err(|error| error.to_string())?;
        let spec = SweepSpec::new(&source, Vec::new(), &self.schema).map_err(|error| error.to_string())?;
        spec.outline(self).map_err(|error| error.to_string())
    }
}

impl Objective for Any {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn bits_version(&self) -> u32 {
        1
    }

    fn measures(&self, _values_of: &dyn Fn(&str) -> Vec<Value>) -> Vec<MeasureInfo> {
        let info = |name: &String| MeasureInfo::new(name.clone(), "", "");
        self.measures.iter().map(info).collect()
    }

    fn evaluate(&self, _: &Configuration, _: u64, _: &Deadline<'_>) -> Result<Evaluation, EvaluationError> {
        Ok(Evaluation::default())
    }

    fn budget_key(&self) -> Option<&str> {
        self.budget
    }
}

fn assert_names_stand_once(plan: &ResolvedPlan, objective: &dyn Objective) {
    let measures = objective.measures(&|key| plan.values_of(key));
    for layout in [Layout::of(plan, objective.schema(), &measures), Layout::widest(plan, objective, &measures)] {
        for (table, columns) in layout.tables() {
            let mut names: Vec<String> = columns.iter().map(|column| column.name.to_lowercase()).collect();
            names.sort();
            let n = names.len();
            names.dedup();
            assert_eq!(names.len(), n, "{table}: {names:?}");
        }
    }
    assert!(check(plan, objective, &measures).is_ok());
}

#[test]
fn every_name_stands_once_in_every_table_of_every_model() {
    // The network with every key swept, classes, and as many layers as possible.
    let network = BurstNetwork::default();
    let plan = planned(
        "base: {signals: {kind: xor_classes, classes: 6}, training: {epochs: 8}}\nobjective:\n- {measure: test_mae}\n\
         - {measure: train_loss}\nsearch:\n  space: {network.layers: [[12, 3], [12, 5, 5, 5, 5, 3]]}\n  stopping: {rule: \
         successive_halving}\n",
    )
    .unwrap_or_else(|error| panic!("{error}"));
    assert_names_stand_once(&plan, &network);
    let mut plan = plan.into_plan();
    plan.stopping = None; // which divides a key that is swept now
    for key in network.schema().keys().iter().filter(|key| key.path != "network.layers") {
        plan.space.push(Dimension::new(key.path.to_string(), Domain::Values(vec![key.default.clone()])));
    }
    let plan = ResolvedPlan::new(plan).unwrap();
    assert_names_stand_once(&plan, &network);
    assert_eq!(plan.space.len(), network.schema().keys().len());
    // A program and a model in Rust, each with every column that its tables can have.
    let text = "model: {command: [sh], measures: [value, loss, mean, p], budget: epochs}\nbase: {epochs: 9, n: 1}\n\
                objective: [{measure: value}, {measure: p}]\n\
                search: {space: {net.size: [1, 2], x: [0.5, 1]}, stopping: {rule: hyperband}}\n";
    let source = Source::parse(Path::new("s.yaml"), text.into()).unwrap();
    let model = NamedModel::of_file(&source, &[], Isa::detect()).unwrap();
    let spec = SweepSpec::new(&source, Vec::new(), model.objective().schema()).unwrap();
    assert_names_stand_once(&spec.outline(model.objective()).unwrap(), model.objective());
    let any = Any { budget: Some("epochs"), ..Any::new(&["x", "net.size", "epochs"], &["loss", "wins"]) };
    for search in ["", "  stopping: {rule: successive_halving}\n"] {
        let plan = any.planned(search).unwrap();
        assert_names_stand_once(&plan, &any);
    }
}

#[test]
fn measures_are_not_called_as_what_stands_beside_them() {
    for name in OF_TRIALS.into_iter().chain(["page"]) {
        for name in [name.to_owned(), name.to_uppercase(), format!("{}{}", name[..1].to_uppercase(), &name[1..])] {
            let told = program(&format!("value, {name}"), "", "").expect_err(&name);
            let case = if name == name.to_lowercase() { "" } else { " (case does not count)" };
            let expected = format!(
                "s.yaml:3:21: the measure '{name}' would have the column {name}, which is one of every table{case}, \
                 expected another name, such as 'model_{name}'"
            );
            assert_eq!(told, expected);
            let told = Any::new(&["x"], &["value", &name]).planned("").expect_err(&name);
            assert!(told.starts_with(&format!("s.yaml: the measure '{name}' would have")), "{told}");
        }
    }
    for name in OF_CONFIGURATIONS.into_iter().chain(["loss", "layer", "step", "host", "kind", "key"]) {
        assert!(program(name, "", "").is_ok(), "{name} is a column of no table that has measures");
    }
}

#[test]
fn swept_keys_and_budgets_are_not_called_as_columns() {
    let own = OF_TRIALS.into_iter().filter(|name| *name != "same");
    for name in own.chain(OF_CONFIGURATIONS) {
        for name in [name.to_owned(), name.to_uppercase()] {
            if name == "seed" {
                continue; // a key at the top of the file
            }
            let told = program("value", "", &format!(", {name}: [1, 2]")).expect_err(&name);
            assert!(
                told.starts_with(&format!(
                    "s.yaml:5:26: '{name}' would have the column {name}, which is one of every table"
                )) && told.ends_with(&format!("expected another name, such as 'model_{name}'")),
                "{told}"
            );
            let one: &'static str = Box::leak(name.clone().into_boxed_str());
            let told = Any::new(&[one], &["value"]).planned("").expect_err(&name);
            assert!(told.starts_with(&format!("s.yaml:3:11: '{name}' would have the column {name}")), "{told}");
            // A key that is the same in all configurations is not a column.
            assert!(program("value", &format!("{name}: 1"), "").is_ok(), "{name}");
        }
    }
    // The key of a budget is a column once a rule divides it.
    for (name, stopping) in
        [("digest", ""), ("Digest", ""), ("pareto", ""), ("status", "\n  stopping: {rule: hyperband}")]
    {
        let text = format!(
            "model: {{command: [sh], measures: [value], budget: {name}}}\nbase:\n  {name}: 9\nsearch:\n  space: {{x: [1, \
             2]}}{stopping}\n"
        );
        let told = planned(&text).expect_err(name);
        assert!(told.starts_with(&format!("s.yaml:3:3: '{name}' would have the column {name}")), "{told}");
        let any = Any { budget: Some(name), ..Any::new(&["x", name], &["value"]) };
        let told = any.planned("").expect_err(name);
        assert!(told.starts_with(&format!("s.yaml: '{name}' would have the column {name}")), "{told}");
    }
}

#[test]
fn names_of_a_model_differ_in_more_than_case() {
    for (measures, base, space, told) in [
        (
            "loss, Loss",
            "",
            "",
            "s.yaml:3:20: the measure 'Loss' would have the column Loss, which is one of the measure loss (case does not \
             count), expected another name, such as 'Loss_2'",
        ),
        (
            "value",
            "",
            ", x: [1, 2], X: [1, 2]",
            "s.yaml:5:37: 'X' would have the column X, which is one of the key x (case does not count), expected another \
             name, such as 'X_2'",
        ),
        (
            "value",
            "x: 1, X: 2",
            "",
            "s.yaml:4:14: 'X' would have the column X, which is one of the key x (case does not count)",
        ),
        (
            "value",
            "x: {y: 1}, x_y: 2",
            "",
            "s.yaml:4:19: 'x_y' would have the column x_y, which is one of the key x.y, expected another name, such as \
             'x_y_2'",
        ),
        (
            "value",
            "x: {y: 1}, X_Y: 2",
            "",
            "s.yaml:4:19: 'X_Y' would have the column X_Y, which is one of the key x.y (case does not count)",
        ),
        (
            "value",
            "",
            ", Value: [1, 2]",
            "s.yaml:5:26: 'Value' would have the column Value, which is one of the measure value (case does not count)",
        ),
        (
            "value, other",
            "",
            ", value.mean: [1, 2]",
            "s.yaml:5:26: 'value.mean' would have the column value_mean, which is one of the measure value, expected \
             another name, such as 'value.mean_2'",
        ),
        (
            "value, other",
            "",
            ", OTHER_SD: [1, 2]",
            "s.yaml:5:26: 'OTHER_SD' would have the column OTHER_SD, which is one of the measure other (case does not count)",
        ),
    ] {
        let said = program(measures, base, space).expect_err(told);
        assert!(said.starts_with(told), "{said}\n{told}");
    }
    for (keys, measures, told) in [
        (&["x", "X"][..], &["value"][..], "'X' would have the column X, which is one of the key x"),
        (&["x.y", "x_y"], &["value"], "'x_y' would have the column x_y, which is one of the key x.y"),
        (&["x"], &["loss", "LOSS"], "the measure 'LOSS' would have the column LOSS"),
        (&["x"], &["x"], "'x' would have the column x, which is one of the measure x"),
        (&["ä", "Ä"], &["value"], "'Ä' would have the column Ä, which is one of the key ä"),
    ] {
        let said = Any::new(keys, measures).planned("").expect_err(told);
        assert!(said.contains(told), "{said}");
    }
    // The proposed name is one that can be used.
    let said = program("model_error, error", "", "").expect_err("taken");
    assert!(said.ends_with("such as 'error_2'"), "{said}");
    let said = program("value, Value, value_2, VALUE_3", "", "").expect_err("twice");
    assert!(said.ends_with("such as 'Value_4'"), "{said}");
    let long = "a".repeat(LONGEST_NAME);
    let said = program(&format!("{long}, A{}", &long[1..]), "", "").expect_err("too long");
    assert!(said.ends_with("expected another name"), "{said}");
}
