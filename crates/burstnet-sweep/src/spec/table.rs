//! Configurations from a table, with a configuration in each row and a key in each column. Other crates decode the
//! files.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use burstnet_core::config::{Configuration, Key, Kind, Schema, Value};
use burstnet_core::text::quoted;

pub use super::decoded::{Cell, Decoded, TableError, TableReader};
use super::settings::Setting;
use super::source::Source;
use crate::limits::MOST_CELLS;
use crate::nearest::nearest;
use crate::plan::columns::column_of;
use crate::space::Dimension;
use crate::space::domain::{Domain, ONE_SHAPE, odd_one};
use crate::spec::document::{Entry, Node, parse};
use crate::spec::place::{Place, Placed, SpecError};
use crate::spec::swept::{Origin, Swept};

/// A decoded table, and its path.
pub(crate) struct Opened {
    path: PathBuf,
    pub(crate) decoded: Decoded,
}

impl Opened {
    /// Reads the table that `search.table` names.
    ///
    /// # Errors
    /// If it cannot be read, or is not a table of configurations.
    pub(crate) fn read(node: &Node, source: &Source) -> Result<Self, SpecError> {
        let value = node.value();
        let Some(given) = value.as_ref().and_then(Value::as_text).filter(|given| !given.is_empty()) else {
            return Err(node
                .error(format!("search.table is {}", node.shown()))
                .expected("the path of a .csv or .parquet file"));
        };
        let path = source.folder_of(&node.place).join(given);
        let unusable = |problem: &str| {
            node.error(format!("search.table {}: {problem}", path.display()))
                .expected("a .csv or .parquet file whose columns are keys")
        };
        let Some(reader) = source.tables else { return Err(unusable("tables cannot be read here")) };
        let decoded = reader(&path).map_err(|error| {
            let told = match error.position {
                Some(position) => SpecError::new(&position_in(&path, position), error.problem),
                None => unusable(&error.problem),
            };
            match error.expected {
                Some(expected) => told.expected(expected),
                None => told,
            }
        })?;
        if decoded.columns.is_empty() {
            return Err(unusable("no column is a key"));
        }
        if decoded.rows.is_empty() {
            return Err(unusable("no row of configurations"));
        }
        if decoded.rows.len().saturating_mul(decoded.columns.len()) > MOST_CELLS {
            return Err(unusable(&format!("more than {MOST_CELLS} cells")));
        }
        Ok(Self { path, decoded })
    }

    /// Returns the place of the name of column `at`.
    pub(crate) fn header(&self, at: usize) -> Place {
        position_in(&self.path, (1, self.decoded.columns[at].1))
    }

    /// Returns the cells of column `at`, and their places.
    pub(crate) fn cells(&self, at: usize) -> impl Iterator<Item = (&Cell, Place)> {
        let column = self.decoded.columns[at].1;
        self.decoded.rows.iter().enumerate().map(move |(row, cells)| {
            let line = self.decoded.lines.get(row).copied().unwrap_or(row + 2);
            (&cells[at], position_in(&self.path, (line, column)))
        })
    }
}

fn position_in(path: &Path, position: (usize, usize)) -> Place {
    Place { position: Some(position), ..Place::whole(&path.display().to_string()) }
}

/// A table that a sweep file names.
pub(super) struct Table {
    path: PathBuf,
    entry: Entry,
    /// The keys of the columns, and their values by row.
    columns: Vec<(String, Vec<Value>)>,
}

impl Table {
    /// Reads the table that `search.table` names. `base` has the values of keys in configurations in which they do not
    /// exist.
    ///
    /// # Errors
    /// If it cannot be read, a column is not a key, or a cell does not fit its key.
    pub(super) fn read(
        entry: &Entry,
        schema: &Schema,
        base: &Configuration,
        source: &Source,
    ) -> Result<Self, SpecError> {
        let opened = Opened::read(&entry.value, source)?;
        let is_own = opened.decoded.is_own;
        let keys = keys(&opened, schema)?;
        opened.refuse_budget(&keys, source)?;
        let mut columns: Vec<(String, Vec<Value>)> = Vec::with_capacity(keys.len());
        for (at, key) in keys.into_iter().enumerate() {
            let mut values: Vec<Value> = Vec::with_capacity(opened.decoded.rows.len());
            let mut first = None;
            for (cell, place) in opened.cells(at) {
                values.push(match value_of(cell, &key.kind) {
                    // The cell belongs to a configuration that has run, in which the key does not exist.
                    Some(Value::Null) if is_own && key.kind.accept(&Value::Null).is_none() => {
                        base.get(&key.path).clone()
                    }
                    value => {
                        value.and_then(|value| key.kind.accept(&value)).ok_or_else(|| misfit(cell, key, &place))?
                    }
                });
                let last = values.len() - 1;
                first = first.or((values[last] != Value::Null).then_some(last));
                if odd_one([&values[first.unwrap_or(last)], &values[last]]).is_some() {
                    let shown = quoted(&values[last].to_string());
                    let problem = format!("{} would become {shown}, which is of another type than above", key.path);
                    return Err(SpecError::new(&place, problem).expected(ONE_SHAPE));
                }
            }
            columns.push((key.path.to_string(), values));
        }
        if is_own {
            keep_distinct(&mut columns, opened.decoded.rows.len());
        }
        Ok(Self { path: opened.path, entry: entry.clone(), columns })
    }

    /// Adds the columns to a space, as keys that move together.
    pub(super) fn add_to(self, space: &mut Vec<Swept>) -> Result<Option<Placed<Vec<String>>>, SpecError> {
        let folder: std::sync::Arc<Path> = self.path.parent().unwrap_or(Path::new("")).into();
        let place = self.entry.value.place.clone();
        let mut keys = Vec::with_capacity(self.columns.len());
        for (key, values) in self.columns {
            if let Some(other) = space.iter().find(|swept| swept.key() == key) {
                return Err(SpecError::new(
                    &place,
                    format!("{key} is a column of search.table, and swept at {}", other.setting.place),
                )
                .expected("each key once"));
            }
            let node: Node = self.entry.value.clone();
            let setting = Setting {
                key: key.clone(),
                place: self.entry.place.clone(),
                node,
                folder: std::sync::Arc::clone(&folder),
            };
            let dimension = Dimension::new(key.clone(), Domain::Values(values));
            space.push(Swept { dimension, setting, origin: Origin::Column });
            keys.push(key);
        }
        Ok((keys.len() > 1).then_some(Placed { held: keys, place }))
    }
}

/// Returns the keys of the columns.
fn keys<'a>(opened: &Opened, schema: &'a Schema) -> Result<Vec<&'a Key>, SpecError> {
    let mut keys: Vec<&Key> = Vec::with_capacity(opened.decoded.columns.len());
    for (at, (name, _)) in opened.decoded.columns.iter().enumerate() {
        let key = key_of(name, schema).ok_or_else(|| no_key(name, &opened.header(at), schema))?;
        if keys.iter().any(|held| held.path == key.path) {
            return Err(SpecError::new(&opened.header(at), format!("column {} is there twice", quoted(name)))
                .expected("a column per key"));
        }
        keys.push(key);
    }
    match opened.decoded.others.iter().find(|(name, _)| key_of(name, schema).is_some()) {
        None => Ok(keys),
        Some((name, at)) => {
            let problem = format!("column {} is a key, but stands among the results of a table of them", quoted(name));
            Err(SpecError::new(&position_in(&opened.path, (1, *at)), problem)
                .expected("it before them, or a table that has columns of keys alone"))
        }
    }
}

impl Opened {
    /// Refuses a table of trials of which some were stopped, if its last key may be the budget that they have got.
    fn refuse_budget(&self, keys: &[&Key], source: &Source) -> Result<(), SpecError> {
        let Some(last) = keys.last().filter(|_| self.decoded.is_stopped) else { return Ok(()) };
        let budget = match source.model()? {
            Some(model) => model.program.budget,
            None => Some(crate::objective::burst::BUDGET.to_owned()),
        };
        if budget.is_none_or(|budget| budget != last.path) {
            return Ok(());
        }
        let problem = format!("{} of trials that were stopped early may be a key, or how far they got", last.path);
        Err(SpecError::new(&self.header(keys.len() - 1), problem)
            .expected("a table of configurations, such as summary.parquet, or trials.parquet, which names its keys"))
    }
}

/// Keeps the first of equal rows.
fn keep_distinct(columns: &mut [(String, Vec<Value>)], rows: usize) {
    let mut seen = HashSet::with_capacity(rows);
    let kept: Vec<bool> = (0..rows)
        .map(|row| seen.insert(format!("{:?}", columns.iter().map(|(_, values)| &values[row]).collect::<Vec<_>>())))
        .collect();
    for (_, values) in columns {
        let mut row = 0;
        values.retain(|_| {
            row += 1;
            kept[row - 1]
        });
    }
}

/// Returns the key of a column with the name `section.key`, or `section_key` as in the tables of results.
pub(crate) fn key_of<'a>(name: &str, schema: &'a Schema) -> Option<&'a Key> {
    schema.key(name).or_else(|| schema.keys().iter().find(|key| column_of(&key.path) == name))
}

fn no_key(name: &str, place: &Place, schema: &Schema) -> SpecError {
    let names: Vec<&str> = schema.keys().iter().map(|key| &*key.path).collect();
    let columns: Vec<String> = names.iter().map(|name| column_of(name)).collect();
    let near = nearest(name, names.iter().copied()).or_else(|| nearest(name, columns.iter().map(String::as_str)));
    let example = near.clone().or_else(|| names.iter().find(|name| name.contains('.')).map(|&name| name.to_owned()));
    let expected = match example.filter(|example| example.contains('.')) {
        Some(example) => format!("names of keys, such as {example} or {}", column_of(&example)),
        None => "names of keys".into(),
    };
    SpecError::new(place, format!("column {} is not a key", quoted(name))).expected(expected).meant(near)
}

/// Returns the value of a cell for a key of this kind, without a check that it fits; null for an empty cell.
pub fn value_of(cell: &Cell, kind: &Kind) -> Option<Value> {
    let kind = kind.without_null();
    match cell {
        // A column has one type. If a key can have several, its values are written as texts.
        Cell::Typed(Value::Text(text)) if is_mixed(kind) => kind.accept(&text.as_str().into()).or_else(|| read(text)),
        Cell::Typed(value) => Some(value.clone()),
        Cell::Written(text) if text.is_empty() => Some(Value::Null),
        Cell::Quoted(text) if text.is_empty() && *kind != Kind::Text => Some(Value::Null),
        Cell::Written(text) | Cell::Quoted(text) => {
            let exact = kind.accept(&text.as_str().into());
            let trimmed = || {
                let word = text.trim();
                let is_word = !kind.words().is_empty() && matches!(cell, Cell::Written(_));
                kind.accept(&word.into()).filter(|_| is_word)
            };
            let value = || match read(text) {
                Some(Value::Text(_)) => Some(text.as_str().into()), // with its blanks
                value => value,
            };
            exact.or_else(trimmed).or_else(|| if text.trim().is_empty() { Some(Value::Null) } else { value() })
        }
    }
}

fn is_mixed(kind: &Kind) -> bool {
    matches!(kind, Kind::CountOrWord { .. } | Kind::RateOrRates { .. })
}

/// Reads a text as a value: JSON, which the tables of results use for lists, or YAML.
fn read(text: &str) -> Option<Value> {
    let list = || serde_json::from_str(text).ok().filter(|_| text.trim_start().starts_with('['));
    list().or_else(|| parse("", text).ok()?.value())
}

fn misfit(cell: &Cell, key: &Key, place: &Place) -> SpecError {
    let shown = match cell {
        Cell::Typed(value) => quoted(&value.to_string()),
        Cell::Written(text) | Cell::Quoted(text) if text.is_empty() => "nothing".into(),
        Cell::Written(text) | Cell::Quoted(text) => quoted(text),
    };
    let decimal_comma = match cell {
        Cell::Typed(_) => false,
        Cell::Written(text) | Cell::Quoted(text) => {
            let number = text.trim().replacen(',', ".", 1);
            text.contains(',') && number.parse::<f64>().is_ok()
        }
    };
    let hint = if decimal_comma { ", with a decimal point" } else { "" };
    SpecError::new(place, format!("{} would become {shown}", key.path))
        .expected(format!("{}{hint}", key.kind.expected()))
}
