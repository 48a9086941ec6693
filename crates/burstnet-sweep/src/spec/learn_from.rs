//! Earlier results in the section `search`: `learn_from: results/earlier`, or a table.
//!
//! A results directory that learned from some holds them. A sweep that goes on in it takes them from there, so the
//! sources may have changed since, or be gone: whether they can be read counts only where they are needed.

use std::collections::HashSet;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use burstnet_core::config::{Schema, Value};
use burstnet_core::text::quoted;

use super::document::{Content, Entry, Node};
use super::place::{Place, Placed, SpecError};
use super::source::Source;
use super::table::{Decoded, TableReader};
use crate::limits::MOST_EARLIER_SOURCES;
use crate::plan::Plan;
use crate::plan::earlier::Earlier;
use crate::plan::plan_file::PLAN_FILE;
use crate::space::Space;
use crate::spec::SweepSpec;

/// The table of a results directory.
const SUMMARY: &str = "summary.parquet";
/// The largest plan of such a directory.
const LARGEST_PLAN: u64 = 64 << 20;
/// The expected value, in the words of messages.
const EXPECTED: &str = "a results directory, or a .csv or .parquet file with columns of keys and of the objective";

/// A source of earlier results.
#[derive(Clone, Debug)]
pub struct EarlierSource {
    pub(super) given: String,
    pub(super) path: PathBuf,
    /// The table, or the reason why it cannot be read.
    pub(super) table: Result<EarlierTable, SpecError>,
}

/// A table of earlier results.
#[derive(Clone, Debug)]
pub(super) struct EarlierTable {
    pub(super) given: String,
    pub(super) path: PathBuf,
    pub(super) blake3: String,
    pub(super) decoded: Decoded,
    /// The plan of the directory that holds it.
    pub(super) plan: Option<Box<Plan>>,
}

/// The fate of a source of earlier results since they were taken from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// It holds other results.
    Changed,
    /// It cannot be read any more.
    Gone,
}

impl EarlierSource {
    /// Returns the fate of the source since `earlier` was taken from it; `None` if it is as it was.
    pub(crate) fn since(&self, earlier: &Earlier) -> Option<Since> {
        match &self.table {
            Err(_) => Some(Since::Gone),
            Ok(table) => (table.blake3 != earlier.blake3).then_some(Since::Changed),
        }
    }
}

impl SweepSpec {
    /// Returns the earlier results from which a plan learns: those that its directory holds, if the search goes on there
    /// and learns the same from them.
    ///
    /// # Errors
    /// If a source cannot be read, or does not fit the plan.
    pub(crate) fn earlier(&self, plan: &Plan, schema: &Schema) -> Result<Vec<Earlier>, SpecError> {
        let sources = &self.search.learn_from;
        let given = |plan: &Plan| plan.learn_from.iter().map(|one| one.given.clone()).collect::<Vec<_>>();
        let named: Vec<String> = sources.iter().map(|source| source.held.given.clone()).collect();
        if let Some(held) = self.goes_on.as_deref().filter(|held| given(held) == named && learns_alike(held, plan)) {
            return Ok(held.learn_from.clone());
        }
        // If the space is no space, that is told where its rules are checked.
        let Ok(space) = Space::new(&plan.space, &plan.zip, &plan.constraints, &plan.base) else {
            return Ok(Vec::new());
        };
        let results = |source: &Placed<EarlierSource>| match &source.held.table {
            Ok(table) => table.results(&source.place, plan, &space, schema),
            Err(error) => Err(error.clone()),
        };
        sources.iter().map(results).collect()
    }
}

/// Returns whether two plans take the same from earlier results.
fn learns_alike(held: &Plan, plan: &Plan) -> bool {
    held.space == plan.space
        && held.zip == plan.zip
        && held.constraints == plan.constraints
        && held.base == plan.base
        && held.objectives().eq(plan.objectives())
        && held.subject_to == plan.subject_to
}

/// Returns the plan in a results directory, if there is one that can be read.
pub(super) fn plan_in(results: &Path) -> Option<Plan> {
    serde_json::from_str(&plan_text(&results.join(PLAN_FILE)).ok()?).ok()
}

/// Returns the sources that `search.learn_from` names.
///
/// # Errors
/// If it names none, too many, or one twice.
pub(super) fn read(entry: &Entry, source: &Source) -> Result<Vec<Placed<EarlierSource>>, SpecError> {
    let nodes = match &entry.value.content {
        Content::List(items) => items.iter().collect(),
        Content::Scalar(..) | Content::Map(_) => vec![&entry.value],
    };
    if !(1..=MOST_EARLIER_SOURCES).contains(&nodes.len()) {
        let problem = format!("search.learn_from names {} directories and tables", nodes.len());
        return Err(SpecError::new(&entry.value.place, problem).expected(format!("1 to {MOST_EARLIER_SOURCES}")));
    }
    let mut seen = HashSet::new();
    let one = |node: &Node| {
        let found = one(node, source)?;
        let same = found.held.path.canonicalize().unwrap_or_else(|_| found.held.path.clone());
        if !seen.insert(same) {
            let problem = format!("search.learn_from names {} twice", quoted(&found.held.given));
            return Err(SpecError::new(&node.place, problem).expected("each once"));
        }
        Ok(found)
    };
    nodes.into_iter().map(one).collect()
}

fn one(node: &Node, source: &Source) -> Result<Placed<EarlierSource>, SpecError> {
    let value = node.value();
    let Some(given) = value.as_ref().and_then(Value::as_text).filter(|given| !given.is_empty()) else {
        let problem = format!("search.learn_from is {}", node.shown());
        return Err(SpecError::new(&node.place, problem).expected(EXPECTED));
    };
    let path = source.folder_of(&node.place).join(given);
    let table = table(given, &path, &node.place, source.results);
    Ok(Placed { held: EarlierSource { given: given.to_owned(), path, table }, place: node.place.clone() })
}

/// Reads a table of earlier results, or that of a directory.
///
/// # Errors
/// If it cannot be read, or changes meanwhile.
fn table(given: &str, path: &Path, place: &Place, reader: Option<TableReader>) -> Result<EarlierTable, SpecError> {
    let unusable = |problem: &str| SpecError::new(place, format!("search.learn_from {}: {problem}", path.display()));
    let Some(reader) = reader else { return Err(unusable("tables cannot be read here")) };
    let is_folder = path.is_dir();
    let table = if is_folder { path.join(SUMMARY) } else { path.to_owned() };
    let plan_path = path.join(PLAN_FILE);
    let plan = if is_folder {
        Some(plan_text(&plan_path).map_err(|problem| unusable(&problem).expected(EXPECTED))?)
    } else {
        None
    };
    if is_folder && !table.exists() {
        let problem = format!("no {SUMMARY} in it");
        return Err(
            unusable(&problem).expected(format!("the directory of a sweep that has tables: burstnet report {given}"))
        );
    }
    let before = hash(&table).map_err(|error| unusable(&error.to_string()).expected(EXPECTED))?;
    let decoded = reader(&table).map_err(|error| {
        let told = match error.position {
            Some(position) => SpecError::new(
                &Place { position: Some(position), ..Place::whole(&table.display().to_string()) },
                error.problem,
            ),
            None => unusable(&error.problem),
        };
        told.expected(error.expected.unwrap_or_else(|| EXPECTED.to_owned()))
    })?;
    let is_same_plan = || plan.as_ref().is_none_or(|plan| plan_text(&plan_path).is_ok_and(|now| now == *plan));
    if hash(&table).ok().as_ref() != Some(&before) || !is_same_plan() {
        return Err(unusable("it changed while it was read").expected("results of a sweep that has ended"));
    }
    let plan = plan.map(|text| serde_json::from_str(&text)).transpose();
    let plan = plan.map_err(|error| unusable(&format!("its plan cannot be read: {error}")))?.map(Box::new);
    Ok(EarlierTable { given: given.to_owned(), path: table, blake3: before, decoded, plan })
}

/// Checks that a path is one of a file that ends.
fn check_file(path: &Path) -> std::io::Result<()> {
    match fs::metadata(path)?.is_file() {
        true => Ok(()),
        false => Err(std::io::Error::other("not a regular file")),
    }
}

fn plan_text(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let file = check_file(path).and_then(|()| fs::File::open(path)).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => format!("no results directory, since it has no {PLAN_FILE}"),
        _ => error.to_string(),
    })?;
    let read = file.take(LARGEST_PLAN).read_to_string(&mut text);
    read.map(|_| text).map_err(|error| error.to_string())
}

fn hash(path: &Path) -> std::io::Result<String> {
    check_file(path)?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(fs::File::open(path)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}
