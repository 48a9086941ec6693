//! Run files and sweep files, from text to checked settings.

mod decoded;
pub mod document;
pub mod domain;
mod earlier_program;
mod earlier_results;
mod earlier_rows;
pub mod execution;
pub(crate) mod input_files;
pub mod json_schema;
mod json_schema_kinds;
mod json_schema_search;
pub mod learn_from;
mod meant;
pub(crate) mod missing_file;
mod mistakes;
pub mod model;
mod node;
mod objectives;
mod outline;
pub mod own_table;
pub mod place;
pub(crate) mod program_keys;
mod reader;
pub mod replicates;
pub mod search;
pub mod sets;
pub mod settings;
mod source;
mod subject_to;
mod subspaces;
pub mod swept;
pub mod table;

use std::path::Path;

use burstnet_core::config::{Configuration, Schema};
use burstnet_core::text::quoted;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value as Json};

use crate::limits::{LARGEST_SEED, NAMED, SWEEP_KEYS, is_name};
use crate::objective::Goal;
use crate::plan::Plan;
use crate::plan::earlier::Earlier;
use crate::spec::document::{Content, Entry, Node};
use crate::spec::place::{Place, Placed, SpecError};
use execution::Execution;
use learn_from::Since;
use model::ModelSection;
use objectives::Objective;
use outline::Part;
pub use outline::{option, paths};
use replicates::Replicates;
use search::Search;
use sets::Set;
use settings::Setting;
pub use source::Source;
use swept::Origin;

/// The keys at the top of a sweep file that a run file has too.
const RUN_KEYS: [&str; 2] = ["name", "seed"];
/// A run file: the configuration of one run.
#[derive(Clone, Debug)]
pub struct RunSpec {
    /// The value of every key.
    pub configuration: Configuration,
    /// The seed.
    pub seed: u64,
    /// The settings in the file and in `--set`.
    pub settings: Vec<Setting>,
}

impl RunSpec {
    /// Reads the run in `source` with `sets` over it: a run file, or a sweep file's `base`.
    ///
    /// # Errors
    /// If a key is unknown or a value does not fit it.
    pub fn new(source: &Source, sets: Vec<Set>, schema: &Schema) -> Result<Self, SpecError> {
        let is_of_program = source.model()?.is_some();
        sets.iter().try_for_each(|set| check_of_run(set, schema, is_of_program))?;
        let (file, settings) = read(&*source.with_sets(&sets)?, schema)?;
        let mut configuration = schema.defaults();
        settings::apply(schema, &settings, &mut configuration)?;
        Ok(Self { configuration, seed: file.seed, settings })
    }
}

/// Checks that a run has the key of a `--set`: one of its configuration, the seed, or one of its program.
fn check_of_run(set: &Set, schema: &Schema, is_of_program: bool) -> Result<(), SpecError> {
    let first = set.key.split('.').next().unwrap_or_default();
    let own = matches!(set.key.as_str(), "seed" | "base")
        || set.key.starts_with("base.")
        || is_of_program && first == "model";
    if own || !SWEEP_KEYS.contains(&first) {
        return Ok(());
    }
    settings::known_key(schema, &set.key, &set.place).map(drop)
}

/// A sweep file, checked key by key.
#[derive(Clone, Debug)]
pub struct SweepSpec {
    /// The sweep's name.
    pub name: String,
    /// The root of every random stream.
    pub seed: u64,
    /// The seeds of configurations.
    pub replicates: Replicates,
    /// The value of every key in configurations in which it is not swept.
    pub configuration: Configuration,
    /// The settings, in the file and in `--set`, of keys that are not swept.
    pub settings: Vec<Setting>,
    /// The search: the space, and the choice of configurations.
    pub search: Search,
    /// The objectives, of which there is at least one.
    pub goals: Vec<Placed<Goal>>,
    /// The external program that is evaluated; `None` for the burst network.
    pub model: Option<ModelSection>,
    /// The settings of the execution.
    pub execution: Execution,
    /// The place of the order in which trials run.
    pub(crate) order_place: Place,
    /// The place of the whole file.
    pub place: Place,
    /// The plan of the results directory in which the sweep goes on, if it learns from earlier results.
    pub(crate) goes_on: Option<Box<Plan>>,
}

impl SweepSpec {
    /// Reads the sweep in `source` with `sets` over it.
    ///
    /// # Errors
    /// If a key is unknown, missing or named twice, or a value does not fit it.
    pub fn new(source: &Source, sets: Vec<Set>, schema: &Schema) -> Result<Self, SpecError> {
        let source = &*source.with_sets(&sets)?;
        let (file, settings) = read(source, schema)?;
        if !source.is_sweep() {
            return Err(SpecError::new(&source.place(), "a run file, which varies nothing")
                .expected("a sweep file: base: with these sections, and search: with what to vary"));
        }
        let mut configuration = schema.defaults();
        settings::apply(schema, &settings, &mut configuration)?;
        let search = Search::read(schema, &configuration, source)?;
        refuse_unused(&settings, &search, source)?;
        let model = source.model()?;
        Ok(Self {
            name: name(file.name, source)?,
            seed: file.seed,
            replicates: Replicates::read(&source.root, schema)?,
            configuration,
            settings,
            goals: objectives::goals(file.objective, &source.root, &source.place(), model.as_ref())?,
            search,
            model,
            execution: file.execution.unwrap_or_default(),
            order_place: source.root.place_of(&["execution", "order"]).clone(),
            place: source.place(),
            goes_on: None,
        })
    }

    /// Goes on in a results directory, if there is one: earlier results from which the search learns are then those that
    /// it began with, whatever became of their sources.
    ///
    /// # Errors
    /// If the search is to learn from this directory itself.
    pub fn go_on_in(&mut self, results: &Path) -> Result<(), SpecError> {
        if self.search.learn_from.is_empty() {
            return Ok(());
        }
        let own = results.canonicalize().ok();
        let same = |path: &Path| own.is_some() && path.canonicalize().ok() == own;
        if let Some(itself) = self.search.learn_from.iter().find(|one| same(&one.held.path)) {
            let problem = format!(
                "search.learn_from {}: the directory to which the results of this sweep go",
                itself.held.path.display()
            );
            return Err(SpecError::new(&itself.place, problem).expected("another one; or another --out"));
        }
        self.goes_on = learn_from::plan_in(results).map(Box::new);
        Ok(())
    }

    /// Returns what became of the sources of earlier results since the search began, for those that are no more as they
    /// were.
    pub fn earlier_since<'a>(&self, plan: &'a Plan) -> Vec<(&'a Earlier, Since)> {
        let sources = self.search.learn_from.iter().zip(&plan.learn_from);
        sources.filter_map(|(source, earlier)| Some((earlier, source.held.since(earlier)?))).collect()
    }

    /// Returns the place of a key that is swept or set.
    pub(crate) fn place_of_key(&self, key: &str) -> Option<&Place> {
        let swept = self.search.space.iter().chain(&self.search.per_replicate).map(|swept| &swept.setting);
        swept.chain(&self.settings).find(|setting| setting.key == key).map(|setting| &setting.place)
    }
}

/// A sweep file as it is written. A run file has the first two keys, beside the sections of a run.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SweepFile {
    #[serde(default, deserialize_with = "reader::not_null")]
    #[schemars(length(max = 100), regex(pattern = "^[A-Za-z0-9_-][A-Za-z0-9._-]*$"))]
    #[schemars(extend("type" = ["string", "number"]))]
    name: Option<String>,
    /// Root of every random stream.
    #[serde(default)]
    #[schemars(range(max = LARGEST_SEED))]
    seed: u64,
    /// Seeds per configuration.
    #[serde(default)]
    #[schemars(schema_with = "replicates::schema")]
    #[expect(dead_code, reason = "read as a number or a mapping")]
    replicates: IgnoredAny,
    #[serde(default)]
    #[schemars(with = "Option<model::Written>")]
    #[expect(dead_code, reason = "read before its keys are known")]
    model: IgnoredAny,
    #[serde(default)]
    #[schemars(with = "Option<Map<String, Json>>")]
    #[expect(dead_code, reason = "read with the keys of the model")]
    base: IgnoredAny,
    #[serde(default)]
    #[schemars(schema_with = "objectives::schema")]
    objective: Option<Vec<Objective>>,
    #[serde(default)]
    #[schemars(schema_with = "json_schema_search::search")]
    #[expect(dead_code, reason = "read with the keys of the model")]
    search: IgnoredAny,
    execution: Option<Execution>,
}

/// Reads the fixed keys of a file, and its settings of a run.
fn read(source: &Source, schema: &Schema) -> Result<(SweepFile, Vec<Setting>), SpecError> {
    if source.is_sweep() {
        let file = reader::read("", (&source.place(), &source.root), schema)?;
        let base = source.root.at(&["base"]).map(|base| settings::flatten(schema, Part::Base, base, source));
        return Ok((file, base.transpose()?.unwrap_or_default()));
    }
    let (fixed, base) = source.entries().iter().cloned().partition(|entry| RUN_KEYS.contains(&&*entry.key));
    let part = |entries| Node { place: source.root.place.clone(), content: Content::Map(entries) };
    let file = reader::read("", (&source.place(), &part(fixed)), schema)?;
    Ok((file, settings::flatten(schema, Part::Top, &part(base), source)?))
}

/// Refuses `--set` of a key in `base` whose value no configuration has, since the key is swept. In a mapping of keys of
/// a program it is allowed, since the value still determines the key's kind.
fn refuse_unused(base: &[Setting], search: &Search, source: &Source) -> Result<(), SpecError> {
    let is_of_program = source.model()?.is_some();
    for setting in base.iter().filter(|setting| setting.place.is_argument()) {
        let key = &setting.key;
        if is_of_program && !source.named.iter().any(|named| named.in_base && named.path == *key) {
            continue;
        }
        if let Some(drawn) = search.per_replicate.iter().find(|drawn| drawn.key() == key) {
            let place = &drawn.setting.place;
            let problem = format!("{key} is drawn for each replicate, at {place}, so its value in base is never used");
            let expected = format!("--set 'search.per_replicate.{key}=[values]'");
            return Err(SpecError::new(&setting.place, problem).expected(expected));
        }
        let Some(swept) = search.space.iter().find(|swept| swept.key() == key) else { continue };
        let included = search.include.iter().all(|one| one.held.contains_key(key));
        let always = swept.origin != Origin::Subspaces { everywhere: false };
        if swept.dimension.when.is_empty() && included && always {
            let problem = format!("{key} is swept, at {}, so its value in base is never used", swept.setting.place);
            let expected = match swept.origin {
                Origin::Entry => format!("--set 'search.space.{key}=[values]'"),
                Origin::Column => "no column".into(),
                Origin::Subspaces { .. } => "other values in the sub-spaces".into(),
            };
            return Err(SpecError::new(&setting.place, problem).expected(expected));
        }
    }
    Ok(())
}

/// Returns the entries of a section.
fn entries_of<'a>(name: &str, node: &'a Node) -> Result<&'a [Entry], SpecError> {
    const EXAMPLES: [(&str, &str); 10] = [
        ("base", "base: {training: {epochs: 30}}"),
        ("objective", "objective: {measure: test_mae, direction: minimize}"),
        ("replicates", "replicates: {from: 3, to: 24, until: best}"),
        ("search", "search: {strategy: grid, space: {…}}"),
        ("search.space", "space: {learning_rate.hidden: [0.1, 1.0]}"),
        ("search.per_replicate", "per_replicate: {feedback.weight_range: [1, 10]}"),
        ("model", "model: {command: [python3, model.py], measures: [error]}"),
        ("model.read", "read: {from: stdout, json: last}"),
        ("model.environment", "environment: {OMP_NUM_THREADS: 1}"),
        ("execution", "execution: {max_seconds: 60}"),
    ];
    let items = match &node.content {
        Content::Map(entries) => return Ok(entries),
        Content::List(items) => items.as_slice(),
        Content::Scalar(..) => &[],
    };
    let error = node.error(format!("{name} is {}", node.shown()));
    if !items.is_empty() && items.iter().all(|item| matches!(item.content, Content::Map(_))) {
        return Err(error.expected("a mapping: its keys without '-' before them"));
    }
    let example = EXAMPLES.iter().find(|(section, _)| *section == name);
    Err(error.expected(match example {
        Some((_, example)) => format!("a mapping of keys to values, such as {example}"),
        None => "a mapping of keys to values".into(),
    }))
}

/// Returns the name, by default the file's without its ending. It becomes a folder under `results/`.
fn name(given: Option<String>, source: &Source) -> Result<String, SpecError> {
    let place = given.as_ref().map_or(source.place(), |_| source.root.place_of(&["name"]).clone());
    let name = given.unwrap_or_else(|| source.name());
    if is_name(&name) {
        return Ok(name);
    }
    let nearest = Some(name.trim().replace([' ', '/', ':'], "-")).filter(|near| is_name(near));
    let error = SpecError::new(&place, format!("name is {}", quoted(&name))).expected(NAMED);
    Err(error.meant(nearest))
}
