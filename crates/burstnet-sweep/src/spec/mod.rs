//! Run files and sweep files: from text to checked settings.

pub mod document;
pub mod domain;
pub mod execution;
pub mod json_schema;
pub mod model;
pub mod place;
pub mod settings;
mod source;

use burstnet_core::config::{Configuration, Schema, Value};

use crate::objective::{Direction, Goal};
use document::{Content, Entry, Node};
use domain::Domain;
use execution::Execution;
use model::ModelSection;
use place::{Place, SpecError, quoted};
use settings::Setting;
pub use source::Source;

/// The keys at the top of a sweep file.
pub(crate) const SWEEP_KEYS: [&str; 8] =
    ["name", "seed", "replicates", "model", "base", "objective", "search", "execution"];
/// The largest seed: R, JSON and spreadsheets keep the digits of integers up to here.
pub const LARGEST_SEED: u64 = (1 << 53) - 1;
/// The most replicates of a configuration.
pub const MOST_REPLICATES: u64 = 1_000_000_000;
/// The most configurations of a sweep.
pub const MOST_CONFIGURATIONS: u64 = 1 << 47;

/// A run file: the configuration of one run.
#[derive(Clone, Debug)]
pub struct RunSpec {
    /// Every key.
    pub configuration: Configuration,
    /// The seed.
    pub seed: u64,
    /// What the file and `--set` say.
    pub settings: Vec<Setting>,
}

impl RunSpec {
    /// The run that `source` describes: a run file, or a sweep file's `base`.
    ///
    /// # Errors
    /// If a key is unknown or a value does not fit it.
    pub fn new(source: &Source, sets: Vec<Setting>, schema: &Schema) -> Result<Self, SpecError> {
        let raw = Raw::new(source, schema)?;
        let mut base = raw.base;
        let mut seed = raw.seed;
        for set in unique(sets, schema)? {
            match set.key.as_str() {
                "seed" => seed = Some(set.node),
                key if schema.key(key).is_some() => replace(&mut base, set),
                key => return Err(settings::unknown_key(schema, key, &set.place)),
            }
        }
        let mut configuration = schema.defaults();
        settings::apply(schema, &base, &mut configuration)?;
        Ok(Self { configuration, seed: read_seed(seed.as_ref())?, settings: base })
    }
}

/// A swept key.
#[derive(Clone, Debug)]
pub struct Swept {
    /// The key's path.
    pub key: String,
    /// What it is varied over.
    pub domain: Domain,
    /// Where that is said.
    pub setting: Setting,
}

/// How configurations are chosen.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Strategy {
    /// All combinations.
    Grid,
    /// Drawn at random.
    Random {
        /// How many configurations.
        trials: u64,
    },
}

/// A sweep file, checked key by key.
#[derive(Clone, Debug)]
pub struct SweepSpec {
    /// Its name.
    pub name: String,
    /// The root of every random stream.
    pub seed: u64,
    /// Seeds per configuration.
    pub replicates: u64,
    /// Every key, as it is where it is not swept.
    pub configuration: Configuration,
    /// What the file and `--set` say about keys that are not swept.
    pub settings: Vec<Setting>,
    /// The swept keys, in the order of the file.
    pub space: Vec<Swept>,
    /// Where they are said.
    pub space_place: Place,
    /// How configurations are chosen.
    pub strategy: Strategy,
    /// What 'best' means.
    pub goal: Goal,
    /// Where that is said.
    pub goal_place: Place,
    /// The external program that is evaluated; none for the burst network.
    pub model: Option<ModelSection>,
    /// How it is carried out.
    pub execution: Execution,
    /// The file.
    pub place: Place,
}

impl SweepSpec {
    /// The sweep that `source` describes.
    ///
    /// # Errors
    /// If a key is unknown, missing or named twice, or a value does not fit it.
    pub fn new(source: &Source, sets: Vec<Setting>, schema: &Schema) -> Result<Self, SpecError> {
        let mut raw = Raw::new(source, schema)?;
        if !source.is_sweep() {
            return Err(SpecError::new(&source.place(), "a run file, which varies nothing")
                .expected("a sweep file: base: with these sections, and search: with what to vary"));
        }
        for set in unique(sets, schema)? {
            raw.set(set, schema)?;
        }
        let strategy = raw.strategy()?;
        let mut space = Vec::with_capacity(raw.space.len());
        for setting in raw.space {
            let key =
                schema.key(&setting.key).ok_or_else(|| settings::unknown_key(schema, &setting.key, &setting.place))?;
            let domain = Domain::read(&setting.key, &key.kind, &setting.node)?;
            if strategy == Strategy::Grid && domain.count().is_none() {
                return Err(SpecError::new(
                    &setting.node.place,
                    format!("{} is varied over a range, of which a grid has no points", setting.key),
                )
                .expected("a list, or {linear: [low, high], num: n}, or {log: [low, high], num: n}"));
            }
            space.push(Swept { key: setting.key.clone(), domain, setting });
        }
        let space_place = raw.space_place.or(raw.search_place).unwrap_or(source.place());
        if space.is_empty() {
            return Err(
                SpecError::new(&space_place, "search.space names no key to vary").expected("section.key: [values]")
            );
        }
        let mut configuration = schema.defaults();
        settings::apply(schema, &raw.base, &mut configuration)?;
        let model = source.model()?;
        let (goal, goal_place) = read_goal(&raw.objective, source, model.as_ref())?;
        Ok(Self {
            name: read_name(raw.name.as_ref(), source)?,
            seed: read_seed(raw.seed.as_ref())?,
            replicates: read_integer("replicates", raw.replicates.as_ref(), 1, MOST_REPLICATES as i64)?.unwrap_or(1),
            configuration,
            settings: raw.base,
            space,
            space_place,
            strategy,
            goal,
            goal_place,
            model,
            execution: Execution::read(&raw.execution)?,
            place: source.place(),
        })
    }
}

/// What a file says, not yet read as values.
#[derive(Default)]
struct Raw {
    name: Option<Node>,
    seed: Option<Node>,
    replicates: Option<Node>,
    base: Vec<Setting>,
    objective: Vec<Entry>,
    execution: Vec<Entry>,
    strategy: Option<Node>,
    trials: Option<Node>,
    space: Vec<Setting>,
    search_place: Option<Place>,
    space_place: Option<Place>,
}

impl Raw {
    fn new(source: &Source, schema: &Schema) -> Result<Self, SpecError> {
        let mut raw = Self::default();
        if !source.is_sweep() {
            let sections: Vec<Entry> = source.entries().to_vec();
            let (own, sections) = sections.into_iter().partition(|entry| matches!(entry.key.as_str(), "name" | "seed"));
            let own: Vec<Entry> = own;
            for entry in own {
                match entry.key.as_str() {
                    "name" => raw.name = Some(entry.value),
                    _seed => raw.seed = Some(entry.value),
                }
            }
            let root = Node { place: source.root.place.clone(), content: Content::Map(sections) };
            raw.base = settings::flatten(schema, &root, &source.folder)?;
            return Ok(raw);
        }
        for entry in source.entries() {
            let node = entry.value.clone();
            match entry.key.as_str() {
                "name" => raw.name = Some(node),
                "seed" => raw.seed = Some(node),
                "replicates" => raw.replicates = Some(node),
                "base" => raw.base = settings::flatten(schema, &node, &source.folder)?,
                "model" => {} // read with the keys that it has
                "objective" => raw.objective = entries_of("objective", &node)?,
                "execution" => raw.execution = entries_of("execution", &node)?,
                "search" => raw.read_search(schema, entry, source)?,
                key => {
                    let error = SpecError::new(&entry.place, format!("unknown key {}", quoted(key)));
                    return Err(if schema.is_section(key) || schema.key(key).is_some() {
                        error.expected(format!("{key} to stand under base"))
                    } else {
                        error.expected(format!("one of {}", SWEEP_KEYS.join(", "))).nearest(key, SWEEP_KEYS)
                    });
                }
            }
        }
        Ok(raw)
    }

    fn read_search(&mut self, schema: &Schema, search: &Entry, source: &Source) -> Result<(), SpecError> {
        self.search_place = Some(search.place.clone());
        for entry in entries_of("search", &search.value)? {
            match entry.key.as_str() {
                "strategy" => self.strategy = Some(entry.value),
                "trials" => self.trials = Some(entry.value),
                "space" => {
                    self.space_place = Some(entry.place.clone());
                    self.space = settings::flatten(schema, &entry.value, &source.folder)?;
                }
                key => {
                    let known = ["strategy", "space", "trials"];
                    return Err(SpecError::new(
                        &entry.place,
                        format!("unknown key {}", quoted(&format!("search.{key}"))),
                    )
                    .expected(format!("one of {}", known.join(", ")))
                    .nearest(key, known));
                }
            }
        }
        Ok(())
    }

    /// Puts a `--set` over what the file says.
    fn set(&mut self, set: Setting, schema: &Schema) -> Result<(), SpecError> {
        let key = set.key.clone();
        match key.as_str() {
            "name" => self.name = Some(set.node),
            "seed" => self.seed = Some(set.node),
            "replicates" => self.replicates = Some(set.node),
            "search.strategy" => self.strategy = Some(set.node),
            "search.trials" => self.trials = Some(set.node),
            "objective.measure" | "objective.direction" => {
                let own = key.trim_start_matches("objective.").to_owned();
                self.objective.retain(|entry| entry.key != own);
                self.objective.push(Entry { key: own, place: set.place, value: set.node });
            }
            _ => {
                if let Some(own) = key.strip_prefix("execution.") {
                    self.execution.retain(|entry| entry.key != own);
                    self.execution.push(Entry { key: own.to_owned(), place: set.place, value: set.node });
                    return Ok(());
                }
                if let Some(swept) = key.strip_prefix("search.space.") {
                    replace(&mut self.space, Setting { key: swept.to_owned(), ..set });
                    return Ok(());
                }
                if schema.key(&key).is_none() {
                    return Err(settings::unknown_key(schema, &key, &set.place));
                }
                if let Some(swept) = self.space.iter().find(|swept| swept.key == key) {
                    return Err(SpecError::new(
                        &set.place,
                        format!("{key} is swept, at {}, so its value in base is never used", swept.place),
                    )
                    .expected(format!("--set 'search.space.{key}=[values]'")));
                }
                replace(&mut self.base, set);
            }
        }
        Ok(())
    }

    fn strategy(&self) -> Result<Strategy, SpecError> {
        let grid = Value::from("grid");
        let (name, place) = match &self.strategy {
            Some(node) => (node.value(), Some(&node.place)),
            None => (Some(grid), None),
        };
        let trials = read_integer("search.trials", self.trials.as_ref(), 1, MOST_CONFIGURATIONS as i64)?;
        let named = name.as_ref().and_then(Value::as_text);
        match (named, trials, &self.trials) {
            (Some("grid"), None, _) => Ok(Strategy::Grid),
            (Some("grid"), Some(_), Some(node)) => {
                Err(SpecError::new(&node.place, "search.trials with strategy grid, which runs every combination")
                    .expected("no trials, or strategy random"))
            }
            (Some("random"), Some(trials), _) => Ok(Strategy::Random { trials }),
            (Some("random"), None, _) => {
                let place = place.cloned().unwrap_or_else(|| Place::whole(""));
                Err(SpecError::new(&place, "strategy random has no search.trials")
                    .expected("trials: how many configurations to draw"))
            }
            (_, _, _) => {
                let shown = self.strategy.as_ref().map(Node::shown).unwrap_or_default();
                let place = place.cloned().unwrap_or_else(|| Place::whole(""));
                Err(SpecError::new(&place, format!("search.strategy is {shown}"))
                    .expected("grid or random")
                    .nearest(named.unwrap_or_default(), ["grid", "random"]))
            }
        }
    }
}

/// The `--set` arguments, each key once.
fn unique(sets: Vec<Setting>, schema: &Schema) -> Result<Vec<Setting>, SpecError> {
    let mut kept = Vec::with_capacity(sets.len());
    for mut set in sets {
        if let Some(own) = set.key.strip_prefix("base.").filter(|own| schema.key(own).is_some()) {
            set.key = own.to_owned(); // the same key, written in full
        }
        settings::push(&mut kept, set)?;
    }
    Ok(kept)
}

fn replace(settings: &mut Vec<Setting>, set: Setting) {
    match settings.iter_mut().find(|held| held.key == set.key) {
        Some(held) => *held = set,
        None => settings.push(set),
    }
}

fn entries_of(name: &str, node: &Node) -> Result<Vec<Entry>, SpecError> {
    match &node.content {
        Content::Map(entries) => Ok(entries.clone()),
        Content::Scalar(..) | Content::List(_) => {
            Err(SpecError::new(&node.place, format!("{name} is {}", node.shown()))
                .expected("a mapping of keys to values"))
        }
    }
}

fn read_integer(name: &str, node: Option<&Node>, min: i64, max: i64) -> Result<Option<u64>, SpecError> {
    let Some(node) = node else { return Ok(None) };
    match node.value() {
        Some(Value::Int(n)) if (min..=max).contains(&n) => Ok(Some(n as u64)),
        _ => Err(SpecError::new(&node.place, format!("{name} is {}", node.shown()))
            .expected(format!("an integer from {min} to {max}"))),
    }
}

fn read_seed(node: Option<&Node>) -> Result<u64, SpecError> {
    Ok(read_integer("seed", node, 0, LARGEST_SEED as i64)?.unwrap_or(0))
}

/// Whether a sweep can have this name: it becomes a folder, and stands in messages.
pub fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.len() <= 100 && !name.starts_with('.') && name.chars().all(allowed)
}

/// The name, by default the file's without its ending. It becomes a folder under `results/`.
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
        return Err(SpecError::new(&place, format!("name is {shown}"))
            .expected("up to 100 letters, digits, '-', '_' and '.', the first no '.'"));
    }
    Ok(name)
}

fn read_goal(entries: &[Entry], source: &Source, model: Option<&ModelSection>) -> Result<(Goal, Place), SpecError> {
    let first = model.map_or("test_mae", |model| &model.program.measures[0]);
    let mut goal = Goal { measure: first.to_owned(), direction: Direction::Minimize };
    let mut place = source.place();
    for entry in entries {
        let value = entry.value.value();
        let word = value.as_ref().and_then(Value::as_text);
        match (entry.key.as_str(), word) {
            ("measure", Some(measure)) => {
                goal.measure = measure.to_owned();
                place = entry.value.place.clone();
            }
            ("direction", Some("minimize")) => goal.direction = Direction::Minimize,
            ("direction", Some("maximize")) => goal.direction = Direction::Maximize,
            ("measure" | "direction", _) => {
                let expected = if entry.key == "measure" { "the name of a measure" } else { "minimize or maximize" };
                return Err(SpecError::new(
                    &entry.value.place,
                    format!("objective.{} is {}", entry.key, entry.value.shown()),
                )
                .expected(expected)
                .nearest(word.unwrap_or_default(), ["minimize", "maximize"]));
            }
            (key, _) => {
                return Err(SpecError::new(
                    &entry.place,
                    format!("unknown key {}", quoted(&format!("objective.{key}"))),
                )
                .expected("measure or direction")
                .nearest(key, ["measure", "direction"]));
            }
        }
    }
    Ok((goal, place))
}
