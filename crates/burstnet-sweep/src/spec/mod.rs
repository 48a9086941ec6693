//! Run files and sweep files, from text to checked settings.

pub mod document;
pub mod domain;
pub mod execution;
pub(crate) mod input_files;
pub mod json_schema;
mod json_schema_search;
mod meant;
pub(crate) mod missing_file;
mod mistakes;
pub mod model;
mod outline;
pub mod own_table;
pub mod place;
pub(crate) mod program_keys;
pub mod search;
pub mod sets;
pub mod settings;
mod source;
pub mod swept;
pub mod table;

use burstnet_core::config::{Configuration, Kind, Schema, Value};
use burstnet_core::text::quoted;

use crate::limits::{LARGEST_SEED, MOST_OBJECTIVES, MOST_REPLICATES, NAMED, SWEEP_KEYS, is_name};
use crate::objective::{Direction, Goal};
use crate::spec::document::{Content, Entry, Node};
use crate::spec::place::{Place, SpecError};
use execution::Execution;
use meant::meant;
use model::ModelSection;
use outline::Part;
pub use outline::{OPTIONS, paths};
use search::{Placed, RawSearch, Search};
use sets::Set;
use settings::Setting;
pub use source::Source;

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
        sets.iter().try_for_each(|set| check_of_run(set, schema))?;
        let raw = Raw::new(&*source.with_sets(&sets)?, schema)?;
        let mut configuration = schema.defaults();
        settings::apply(schema, &raw.base, &mut configuration)?;
        Ok(Self { configuration, seed: read_seed(raw.seed.as_ref())?, settings: raw.base })
    }
}

/// Checks that a run has the key of a `--set`: one of its configuration, or the seed.
fn check_of_run(set: &Set, schema: &Schema) -> Result<(), SpecError> {
    let first = set.key.split('.').next().unwrap_or_default();
    let own = matches!(set.key.as_str(), "seed" | "base") || set.key.starts_with("base.");
    if own || !SWEEP_KEYS.contains(&first) {
        return Ok(());
    }
    Err(settings::unknown_key(schema, Part::Named, &set.key, &set.place, None))
}

/// A sweep file, checked key by key.
#[derive(Clone, Debug)]
pub struct SweepSpec {
    /// The sweep's name.
    pub name: String,
    /// The root of every random stream.
    pub seed: u64,
    /// The number of seeds per configuration.
    pub replicates: u64,
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
    /// The place of the whole file.
    pub place: Place,
}

impl SweepSpec {
    /// Reads the sweep in `source` with `sets` over it.
    ///
    /// # Errors
    /// If a key is unknown, missing or named twice, or a value does not fit it.
    pub fn new(source: &Source, sets: Vec<Set>, schema: &Schema) -> Result<Self, SpecError> {
        let source = &*source.with_sets(&sets)?;
        let raw = Raw::new(source, schema)?;
        if !source.is_sweep() {
            return Err(SpecError::new(&source.place(), "a run file, which varies nothing")
                .expected("a sweep file: base: with these sections, and search: with what to vary"));
        }
        let mut configuration = schema.defaults();
        settings::apply(schema, &raw.base, &mut configuration)?;
        let search = raw.search.finish(schema, &configuration, source)?;
        refuse_unused(&raw.base, &search, source)?;
        let model = source.model()?;
        Ok(Self {
            name: read_name(raw.name.as_ref(), source)?,
            seed: read_seed(raw.seed.as_ref())?,
            replicates: read_integer("replicates", raw.replicates.as_ref(), 1, MOST_REPLICATES as i64)?.unwrap_or(1),
            configuration,
            settings: raw.base,
            goals: goals(&raw.objectives, schema, source, model.as_ref())?,
            search,
            model,
            execution: Execution::read(&raw.execution, schema)?,
            place: source.place(),
        })
    }

    /// Returns the place of a key that is swept or set.
    pub(crate) fn place_of_key(&self, key: &str) -> Option<&Place> {
        let swept = self.search.space.iter().map(|swept| &swept.setting);
        swept.chain(&self.settings).find(|setting| setting.key == key).map(|setting| &setting.place)
    }
}

/// The contents of a file, not yet read as values.
#[derive(Default)]
struct Raw {
    name: Option<Node>,
    seed: Option<Node>,
    replicates: Option<Node>,
    base: Vec<Setting>,
    objectives: Vec<Vec<Entry>>,
    execution: Vec<Entry>,
    search: RawSearch,
}

impl Raw {
    fn new(source: &Source, schema: &Schema) -> Result<Self, SpecError> {
        let mut raw = Self::default();
        if !source.is_sweep() {
            let sections: Vec<Entry> = source.entries().to_vec();
            let (own, sections) = sections.into_iter().partition(|entry| RUN_KEYS.contains(&&*entry.key));
            let own: Vec<Entry> = own;
            for entry in own {
                match entry.key.as_str() {
                    "name" => raw.name = Some(entry.value),
                    _seed => raw.seed = Some(entry.value),
                }
            }
            let root = Node { place: source.root.place.clone(), content: Content::Map(sections) };
            raw.base = settings::flatten(schema, Part::Top, &root, source)?;
            return Ok(raw);
        }
        for entry in source.entries() {
            let node = entry.value.clone();
            match entry.key.as_str() {
                "base" | "model" | "objective" | "execution" | "search" if node.is_null() => {}
                "name" => raw.name = Some(node),
                "seed" => raw.seed = Some(node),
                "replicates" => raw.replicates = Some(node),
                "base" => raw.base = settings::flatten(schema, Part::Base, &node, source)?,
                "model" => {} // read with the keys that it has
                "objective" => raw.objectives = objectives(&node)?,
                "execution" => raw.execution = entries_of("execution", &node)?,
                "search" => raw.search = RawSearch::read(schema, entry, source)?,
                key => {
                    return Err(outline::unknown(
                        schema,
                        Part::Top,
                        key,
                        (&entry.place, Some(&entry.value)),
                        &SWEEP_KEYS,
                    ));
                }
            }
        }
        Ok(raw)
    }
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
        let Some(swept) = search.space.iter().find(|swept| swept.key() == key) else { continue };
        let included = search.include.iter().all(|one| one.held.contains_key(key));
        if swept.dimension.when.is_empty() && included {
            let problem = format!("{key} is swept, at {}, so its value in base is never used", swept.setting.place);
            let expected =
                if swept.is_column() { "no column".into() } else { format!("--set 'search.space.{key}=[values]'") };
            return Err(SpecError::new(&setting.place, problem).expected(expected));
        }
    }
    Ok(())
}

/// Returns the entries of a section.
fn entries_of(name: &str, node: &Node) -> Result<Vec<Entry>, SpecError> {
    const EXAMPLES: [(&str, &str); 6] = [
        ("base", "base: {training: {epochs: 30}}"),
        ("objective", "objective: {measure: test_mae, direction: minimize}"),
        ("search", "search: {strategy: grid, space: {…}}"),
        ("search.space", "space: {learning_rate.hidden: [0.1, 1.0]}"),
        ("model", "model: {command: [python3, model.py], measures: [error]}"),
        ("execution", "execution: {max_seconds: 60}"),
    ];
    let items = match &node.content {
        Content::Map(entries) => return Ok(entries.clone()),
        Content::List(items) => items.as_slice(),
        Content::Scalar(..) => &[],
    };
    let error = SpecError::new(&node.place, format!("{name} is {}", node.shown()));
    if !items.is_empty() && items.iter().all(|item| matches!(item.content, Content::Map(_))) {
        return Err(error.expected("a mapping: its keys without '-' before them"));
    }
    let example = EXAMPLES.iter().find(|(section, _)| *section == name);
    Err(error.expected(match example {
        Some((_, example)) => format!("a mapping of keys to values, such as {example}"),
        None => "a mapping of keys to values".into(),
    }))
}

fn read_integer(name: &str, node: Option<&Node>, min: i64, max: i64) -> Result<Option<u64>, SpecError> {
    let Some(node) = node else { return Ok(None) };
    match node.value() {
        Some(Value::Int(n)) if (min..=max).contains(&n) => Ok(Some(n as u64)),
        _ => Err(settings::misfit(node, &Kind::Integer { min, max }, format!("{name} is {}", node.shown()))),
    }
}

fn read_seed(node: Option<&Node>) -> Result<u64, SpecError> {
    let seed = read_integer("seed", node, 0, LARGEST_SEED as i64).map_err(|error| {
        let several = node.is_some_and(|node| matches!(node.content, Content::List(_)));
        let expected = error.expected.clone().unwrap_or_default();
        if several {
            error.expected(format!("{expected}; replicates: N runs each configuration with N seeds"))
        } else {
            error
        }
    })?;
    Ok(seed.unwrap_or(0))
}

/// Reads the name, by default the file's without its ending. It becomes a folder under `results/`.
fn read_name(node: Option<&Node>, source: &Source) -> Result<String, SpecError> {
    let (name, place, shown) = match node {
        Some(node) => match &node.content {
            Content::Scalar(text, _) => (text.clone(), node.place.clone(), node.shown()),
            Content::List(_) | Content::Map(_) => (String::new(), node.place.clone(), node.shown()),
        },
        None => {
            let stem = source.path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            (stem.clone(), source.place(), quoted(&stem))
        }
    };
    if !is_name(&name) {
        let error = SpecError::new(&place, format!("name is {shown}")).expected(NAMED);
        let nearest = Some(name.trim().replace([' ', '/', ':'], "-")).filter(|near| is_name(near));
        return Err(SpecError { nearest: nearest.map(Into::into), ..error });
    }
    Ok(name)
}

/// The keys of `objective`.
const OF_OBJECTIVE: [&str; 2] = ["measure", "direction"];
/// Returns the entries of `objective`: a measure's name, a mapping, or a list of these.
fn objectives(node: &Node) -> Result<Vec<Vec<Entry>>, SpecError> {
    let one = |node: &Node| match &node.content {
        Content::Scalar(text, _) if !text.is_empty() => {
            Ok(vec![Entry { key: OF_OBJECTIVE[0].to_owned(), place: node.place.clone(), value: node.clone() }])
        }
        Content::Scalar(..) | Content::List(_) | Content::Map(_) => entries_of("objective", node),
    };
    match &node.content {
        Content::List(items) if (1..=MOST_OBJECTIVES).contains(&items.len()) => items.iter().map(one).collect(),
        Content::List(items) => Err(SpecError::new(&node.place, format!("objective lists {} measures", items.len()))
            .expected(format!("1 to {MOST_OBJECTIVES}"))),
        Content::Scalar(..) | Content::Map(_) => Ok(vec![one(node)?]),
    }
}

/// Reads the objectives.
fn goals(
    objectives: &[Vec<Entry>],
    schema: &Schema,
    source: &Source,
    model: Option<&ModelSection>,
) -> Result<Vec<Placed<Goal>>, SpecError> {
    if objectives.is_empty() {
        return Ok(vec![read_goal(&[], schema, source, model)?]);
    }
    let mut goals: Vec<Placed<Goal>> = Vec::with_capacity(objectives.len());
    for entries in objectives {
        let goal = read_goal(entries, schema, source, model)?;
        if goals.iter().any(|other| other.held.measure == goal.held.measure) {
            return Err(SpecError::new(&goal.place, format!("objective names {} twice", goal.held.measure))
                .expected("each measure once"));
        }
        goals.push(goal);
    }
    Ok(goals)
}

fn read_goal(
    entries: &[Entry],
    schema: &Schema,
    source: &Source,
    model: Option<&ModelSection>,
) -> Result<Placed<Goal>, SpecError> {
    let first = model.map_or("test_mae", |model| &model.program.measures[0]);
    let mut goal = Goal { measure: first.to_owned(), direction: Direction::Minimize };
    let mut place = source.place();
    for entry in entries {
        let value = entry.value.value();
        let word = value.as_ref().and_then(Value::as_text);
        match (entry.key.as_str(), word) {
            ("measure", Some(direction)) if Direction::WORDS.contains(&direction) && model.is_none() => {
                return Err(SpecError::new(
                    &entry.value.place,
                    format!("objective.measure is '{direction}', a direction"),
                )
                .expected(format!("objective: {{measure: {first}, direction: {direction}}}")));
            }
            ("measure", Some(measure)) => {
                goal.measure = measure.to_owned();
                place = entry.value.place.clone();
            }
            ("measure" | "direction", word) => {
                if let ("direction", Some(Ok(direction))) = (entry.key.as_str(), word.map(str::parse)) {
                    goal.direction = direction;
                    continue;
                }
                let expected = if entry.key == "measure" {
                    "the name of a measure; several are a list in objective itself".to_owned()
                } else {
                    Direction::WORDS.join(" or ")
                };
                return Err(SpecError::new(
                    &entry.value.place,
                    format!("objective.{} is {}", entry.key, entry.value.shown()),
                )
                .expected(expected)
                .nearest(word.unwrap_or_default(), Direction::WORDS.iter().copied()));
            }
            (key, Some(direction)) if Direction::WORDS.contains(&direction) => {
                return Err(SpecError::new(
                    &entry.place,
                    format!("unknown key {}", quoted(&format!("objective.{key}"))),
                )
                .expected(format!("{{measure: {}, direction: {direction}}}", quoted(key).trim_matches('\''))));
            }
            (key, _) => {
                let section = Part::Section("objective");
                let held = (&entry.place, Some(&entry.value));
                return Err(outline::unknown(schema, section, key, held, &OF_OBJECTIVE));
            }
        }
    }
    Ok(Placed { held: goal, place })
}
