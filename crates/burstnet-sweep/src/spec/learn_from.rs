//! Earlier results in the section `search`: `learn_from: results/earlier`, or a table.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use burstnet_core::config::Value;

use super::document::{Content, Entry, Node};
use super::place::{Place, Placed, SpecError};
use super::source::Source;
use super::table::Decoded;
use crate::limits::MOST_EARLIER_SOURCES;
use crate::plan::Plan;
use crate::plan::plan_file::PLAN_FILE;

/// The table of a results directory.
const SUMMARY: &str = "summary.parquet";
/// The largest plan of such a directory.
const LARGEST_PLAN: u64 = 64 << 20;
/// The expected value, in the words of messages.
const EXPECTED: &str = "a results directory, or a .csv or .parquet file with columns of keys and of the objective";

/// A table of earlier results.
#[derive(Clone, Debug)]
pub struct EarlierTable {
    pub(super) given: String,
    pub(super) path: PathBuf,
    pub(super) blake3: String,
    pub(super) decoded: Decoded,
    /// The plan of the directory that holds it.
    pub(super) plan: Option<Box<Plan>>,
}

/// Reads the tables that `search.learn_from` names.
///
/// # Errors
/// If one cannot be read, or changes meanwhile.
pub(super) fn read(entry: &Entry, source: &Source) -> Result<Vec<Placed<EarlierTable>>, SpecError> {
    let nodes = match &entry.value.content {
        Content::List(items) => items.iter().collect(),
        Content::Scalar(..) | Content::Map(_) => vec![&entry.value],
    };
    if !(1..=MOST_EARLIER_SOURCES).contains(&nodes.len()) {
        let problem = format!("search.learn_from names {} directories and tables", nodes.len());
        return Err(SpecError::new(&entry.value.place, problem).expected(format!("1 to {MOST_EARLIER_SOURCES}")));
    }
    nodes.into_iter().map(|node| one(node, source)).collect()
}

fn one(node: &Node, source: &Source) -> Result<Placed<EarlierTable>, SpecError> {
    let value = node.value();
    let Some(given) = value.as_ref().and_then(Value::as_text).filter(|given| !given.is_empty()) else {
        let problem = format!("search.learn_from is {}", node.shown());
        return Err(SpecError::new(&node.place, problem).expected(EXPECTED));
    };
    let path = source.folder_of(&node.place).join(given);
    let unusable =
        |problem: &str| SpecError::new(&node.place, format!("search.learn_from {}: {problem}", path.display()));
    let Some(reader) = source.results else { return Err(unusable("tables cannot be read here")) };
    let is_folder = path.is_dir();
    let table = if is_folder { path.join(SUMMARY) } else { path.clone() };
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
    let held = EarlierTable { given: given.to_owned(), path: table, blake3: before, decoded, plan };
    Ok(Placed { held, place: node.place.clone() })
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
