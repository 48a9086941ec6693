//! Configurations from a table: each row one, each column a key. Decoding files is somebody else's work.

use std::path::{Path, PathBuf};

use burstnet_core::config::{Key, Schema, Value};

use super::document::{Entry, Node, parse};
use super::domain::{Domain, ONE_SHAPE, odd_one};
use super::names::nearest;
use super::place::{Place, SpecError, quoted};
use super::search::Placed;
use super::settings::Setting;
use super::source::Source;
use super::swept::Swept;
use crate::columns::column_of;
use crate::space::Dimension;

/// The most cells of a table.
pub const MOST_CELLS: usize = 1_000_000;

/// A decoded table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decoded {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows, each with a cell per column.
    pub rows: Vec<Vec<Cell>>,
    /// The line in which each row begins; none where rows have no lines, and a row's number below the header stands for it.
    pub lines: Vec<usize>,
}

/// A cell of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A value of the format's own types.
    Typed(Value),
    /// A text of a format without types, read as YAML.
    Written(String),
}

/// What decodes a table, with a message if it cannot, and the row (from 1 behind the header) where that is known.
pub type TableReader = fn(&Path) -> Result<Decoded, (String, Option<usize>)>;

/// A table as a sweep file names it.
pub(super) struct Table {
    path: PathBuf,
    place: Place,
    entry: Entry,
    /// The keys of the columns, and their values by row.
    columns: Vec<(String, Vec<Value>)>,
}

impl Table {
    /// Reads the table that `search.table` names.
    ///
    /// # Errors
    /// If it cannot be read, a column is no key, or a cell does not fit its key.
    pub(super) fn read(entry: &Entry, schema: &Schema, source: &Source) -> Result<Self, SpecError> {
        let value = entry.value.value();
        let Some(given) = value.as_ref().and_then(Value::as_text).filter(|given| !given.is_empty()) else {
            return Err(SpecError::new(&entry.value.place, format!("search.table is {}", entry.value.shown()))
                .expected("the path of a .csv or .parquet file"));
        };
        let path = source.folder.join(given);
        let unusable = |problem: &str| {
            SpecError::new(&entry.value.place, format!("search.table {}: {problem}", path.display()))
                .expected("a .csv or .parquet file whose columns are keys")
        };
        let Some(reader) = source.tables else { return Err(unusable("tables cannot be read here")) };
        let whole = Place::whole(&path.display().to_string());
        let row_place = |row: usize| Place { position: Some((row + 1, 1)), ..whole.clone() };
        let decoded = reader(&path).map_err(|(problem, row)| match row {
            Some(row) => SpecError::new(&row_place(row), problem).expected("a row with a cell for each column"),
            None => unusable(&problem),
        })?;
        if decoded.rows.is_empty() || decoded.columns.is_empty() {
            return Err(unusable("no row of configurations"));
        }
        if decoded.rows.len().saturating_mul(decoded.columns.len()) > MOST_CELLS {
            return Err(unusable(&format!("more than {MOST_CELLS} cells")));
        }
        let mut columns: Vec<(String, Vec<Value>)> = Vec::with_capacity(decoded.columns.len());
        for (at, name) in decoded.columns.iter().enumerate() {
            let header = Place { position: Some((1, at + 1)), ..whole.clone() };
            let key = key_of(name, schema).ok_or_else(|| no_key(name, &header, schema))?;
            if columns.iter().any(|(held, _)| *held == *key.path) {
                return Err(SpecError::new(&header, format!("column {} is there twice", quoted(name)))
                    .expected("a column per key"));
            }
            let mut values = Vec::with_capacity(decoded.rows.len());
            for (row, cells) in (1..).zip(&decoded.rows) {
                let line = decoded.lines.get(row - 1).copied().unwrap_or(row + 1);
                let place = Place { position: Some((line, at + 1)), ..whole.clone() };
                values.push(value_of(cells.get(at), key, &place)?);
                if odd_one([&values[0], &values[row - 1]]).is_some() {
                    let shown = quoted(&values[row - 1].to_string());
                    let problem = format!("{} would become {shown}, which is of another type than above", key.path);
                    return Err(SpecError::new(&place, problem).expected(ONE_SHAPE));
                }
            }
            columns.push((key.path.to_string(), values));
        }
        Ok(Self { path, place: entry.value.place.clone(), entry: entry.clone(), columns })
    }

    /// Adds the columns to a space, as keys that move together.
    pub(super) fn add_to(self, space: &mut Vec<Swept>) -> Result<Option<Placed<Vec<String>>>, SpecError> {
        let folder: std::sync::Arc<Path> = self.path.parent().unwrap_or(Path::new("")).into();
        let mut keys = Vec::with_capacity(self.columns.len());
        for (key, values) in self.columns {
            if let Some(other) = space.iter().find(|swept| swept.key() == key) {
                return Err(SpecError::new(
                    &self.place,
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
            space.push(Swept { dimension: Dimension::new(key.clone(), Domain::Values(values)), setting });
            keys.push(key);
        }
        Ok((keys.len() > 1).then_some(Placed { held: keys, place: self.place }))
    }
}

/// The key of a column: `section.key`, or `section_key` as in the tables of results.
fn key_of<'a>(name: &str, schema: &'a Schema) -> Option<&'a Key> {
    schema.key(name).or_else(|| schema.keys().iter().find(|key| column_of(&key.path) == name))
}

fn no_key(name: &str, place: &Place, schema: &Schema) -> SpecError {
    let mut error = SpecError::new(place, format!("column {} is no key", quoted(name)))
        .expected("names such as learning_rate.hidden or learning_rate_hidden");
    let columns: Vec<String> = schema.keys().iter().map(|key| column_of(&key.path)).collect();
    let dotted = schema.keys().iter().map(|key| &*key.path);
    error.nearest = nearest(name, dotted).or_else(|| nearest(name, columns.iter().map(String::as_str))).map(Into::into);
    error
}

fn value_of(cell: Option<&Cell>, key: &Key, place: &Place) -> Result<Value, SpecError> {
    let (value, shown) = match cell {
        Some(Cell::Typed(value)) => (Some(value.clone()), value.to_string()),
        Some(Cell::Written(text)) => {
            let plain = key.kind.accept(&Value::from(text.trim())).map(|_| Value::from(text.trim()));
            let read = || if text.trim().is_empty() { Some(Value::Null) } else { parse("", text).ok()?.value() };
            (plain.or_else(read), text.clone())
        }
        None => (None, String::new()),
    };
    let accepted = value.and_then(|value| key.kind.accept(&value));
    accepted.ok_or_else(|| {
        let shown = if shown.is_empty() { "nothing".into() } else { quoted(&shown) };
        SpecError::new(place, format!("{} would become {shown}", key.path)).expected(key.kind.expected())
    })
}
