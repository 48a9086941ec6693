//! A swept key in a sweep file: its values, and its ties to other keys.

use burstnet_core::config::{Key, Kind, Schema, Value};

use super::meant::misfit;
use super::settings::{Setting, known_key};
use crate::space::domain::Domain;
use crate::space::{Dimension, When};
use crate::spec::document::{Content, Entry, Node};
use crate::spec::place::{Place, SpecError};

/// The keys that tie a swept key to others.
const TIES: [&str; 3] = ["when", "ratio_of", "ratio"];

/// A swept key.
#[derive(Clone, Debug)]
pub struct Swept {
    /// The key, its values, and its ties to others.
    pub dimension: Dimension,
    /// The setting in the file.
    pub setting: Setting,
    /// Where its values come from.
    pub origin: Origin,
}

/// Where the values of a swept key come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The key's own entry in a space, or in what each replicate draws.
    Entry,
    /// A column of a table.
    Column,
    /// The sub-spaces of a space that lists them.
    Subspaces {
        /// True if all of them set the key, so that its value in the base is never used.
        everywhere: bool,
    },
}

impl Swept {
    /// Reads an entry of `search.space`.
    ///
    /// # Errors
    /// If the key is unknown, or the entry has a value that the key cannot have.
    pub(super) fn read(setting: Setting, schema: &Schema) -> Result<Self, SpecError> {
        let key = known_key(schema, &setting.key, &setting.place)?;
        let (ties, own) = split(&setting.node);
        let mut dimension = Dimension::new(setting.key.clone(), Domain::Values(Vec::new()));
        if let Some(entry) = tie(&ties, "when") {
            dimension.when = when(entry, key, schema)?;
        }
        match tie(&ties, "ratio_of") {
            Some(entry) => {
                dimension.domain = ratios(&ties, &own, key)?;
                dimension.ratio_of = Some(other_key(entry, key, schema)?);
            }
            None => {
                if let Some(entry) = tie(&ties, "ratio") {
                    return Err(SpecError::new(&entry.place, format!("ratio of {} to nothing", setting.key))
                        .expected("ratio_of: section.key beside it"));
                }
                dimension.domain = Domain::read(&setting.key, &key.kind, &own)?;
            }
        }
        Ok(Self { dimension, setting, origin: Origin::Entry })
    }

    /// Returns whether the values are those of a column of a table.
    pub(crate) fn is_column(&self) -> bool {
        self.origin == Origin::Column
    }

    /// Where the key stands to which it is a ratio.
    pub(crate) fn place_of_ratio(&self) -> Option<&Place> {
        let Content::Map(entries) = &self.setting.node.content else { return None };
        tie(entries, "ratio_of").map(|entry| &entry.value.place)
    }

    /// Returns the key's path.
    pub fn key(&self) -> &str {
        &self.dimension.key
    }
}

/// Separates the ties to other keys from the rest of a key's entry.
pub(crate) fn split(node: &Node) -> (Vec<Entry>, Node) {
    let Content::Map(entries) = &node.content else { return (Vec::new(), node.clone()) };
    let is_tie = |entry: &Entry| TIES.contains(&&*entry.key);
    let (ties, own) = entries.iter().cloned().partition(is_tie);
    (ties, Node { place: node.place.clone(), content: Content::Map(own) })
}

pub(crate) fn tie<'a>(ties: &'a [Entry], name: &str) -> Option<&'a Entry> {
    ties.iter().find(|entry| entry.key == name)
}

/// Reads the conditions of `when: {section.key: value or [values], …}`.
fn when(entry: &Entry, key: &Key, schema: &Schema) -> Result<Vec<When>, SpecError> {
    let Content::Map(entries) = &entry.value.content else {
        return Err(entry
            .value
            .error(format!("when of {} is {}", key.path, entry.value.shown()))
            .expected("{section.key: value} or {section.key: [values]}"));
    };
    let mut all = Vec::with_capacity(entries.len());
    for one in entries {
        let other = known_key(schema, &one.key, &one.place)?;
        let is_list = |value: &Value| value.as_list().is_some();
        let single = one.value.value().and_then(|value| other.kind.accept(&value));
        let values = match (single, &one.value.content) {
            (Some(value), _) => vec![value],
            (None, Content::List(items)) => items
                .iter()
                .map(|item| {
                    let accepted = item.value().and_then(|value| other.kind.accept(&value));
                    accepted.ok_or_else(|| misfit(item, &other.kind, format!("{} is never {}", one.key, item.shown())))
                })
                .collect::<Result<Vec<_>, _>>()?,
            (None, _) => {
                return Err(misfit(&one.value, &other.kind, format!("{} is never {}", one.key, one.value.shown())));
            }
        };
        if values.is_empty() || values.iter().any(|value| is_list(value) != is_list(&values[0])) {
            return Err(one
                .value
                .error(format!("when {} is {}", one.key, one.value.shown()))
                .expected("at least one value"));
        }
        all.push(When { key: one.key.clone(), values });
    }
    if all.is_empty() {
        return Err(entry.value.error(format!("when of {} names no key", key.path)).expected("{section.key: value}"));
    }
    When::sort(&mut all);
    Ok(all)
}

/// Reads the ratios of a key that is tied to another by a ratio.
fn ratios(ties: &[Entry], own: &Node, key: &Key) -> Result<Domain, SpecError> {
    const RATIO: Kind = Kind::Number { min: f64::MIN, max: f64::MAX };
    let listed = matches!(&own.content, Content::Map(entries) if !entries.is_empty());
    match (tie(ties, "ratio"), listed) {
        (Some(entry), false) => {
            let ratio = entry.value.value().and_then(|value| RATIO.accept(&value));
            let one = ratio.ok_or_else(|| {
                entry
                    .value
                    .error(format!("ratio of {} is {}", key.path, entry.value.shown()))
                    .expected("a finite number")
            })?;
            Ok(Domain::Values(vec![one]))
        }
        (None, true) => Domain::read(&key.path, &RATIO, own),
        (_, _) => Err(SpecError::new(&own.place, format!("{} is tied by no ratio, or by two", key.path))
            .expected("ratio: number, or ratios such as {ratio_of: section.key, log: [0.01, 1], num: 3}")),
    }
}

/// Reads the key that `ratio_of` names.
fn other_key(entry: &Entry, key: &Key, schema: &Schema) -> Result<String, SpecError> {
    let value = entry.value.value();
    let Some(name) = value.as_ref().and_then(Value::as_text) else {
        return Err(entry
            .value
            .error(format!("ratio_of of {} is {}", key.path, entry.value.shown()))
            .expected("section.key"));
    };
    known_key(schema, name, &entry.value.place).map(|_| name.to_owned())
}
