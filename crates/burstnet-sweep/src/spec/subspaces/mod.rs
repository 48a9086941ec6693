//! A space that is a list of sub-spaces. It becomes rows of values that move together, as those of a table.

mod read;
mod together;

use burstnet_core::config::{Configuration, Schema, Value};
use burstnet_core::text::quoted;

use self::read::Read;
use self::together::{refuse_grid, refuse_idle_groups, refuse_odd, refuse_repeated};
use super::source::Source;
use crate::limits::MOST_CELLS;
use crate::plan::subspaces::Subspace;
use crate::space::Dimension;
use crate::space::domain::Domain;
use crate::spec::document::{Content, Entry, Node};
use crate::spec::place::{Placed, SpecError};
use crate::spec::swept::{Origin, Swept};

/// The key of a sub-space that holds its name.
const NAME: &str = "name";
/// An example of a sub-space, for messages.
const EXAMPLE: &str = "a sub-space, such as - {name: control, feedback.density: 0}";

/// A space that is the union of sub-spaces.
pub(super) struct Union {
    /// The keys of all sub-spaces, with their values row by row.
    pub(super) space: Vec<Swept>,
    /// The group in which all keys move together, if there are several.
    pub(super) zip: Option<Placed<Vec<String>>>,
    /// The sub-spaces, and where they stand.
    pub(super) subspaces: Vec<Placed<Subspace>>,
}

/// The settings that all sub-spaces share.
pub(super) struct Shared<'a> {
    pub(super) schema: &'a Schema,
    /// The values of keys in sub-spaces that do not set them.
    pub(super) base: &'a Configuration,
    pub(super) source: &'a Source,
    /// The groups of keys that move together where a sub-space varies them.
    pub(super) zip: &'a [Placed<Vec<String>>],
    /// The keys that each replicate draws.
    pub(super) drawn: &'a [Swept],
}

/// Returns the items of a space that is a list of sub-spaces.
pub(super) fn items(space: &Node) -> Option<&[Node]> {
    match &space.content {
        Content::List(items) => Some(items),
        Content::Map(_) | Content::Scalar(..) => None,
    }
}

/// Returns the keys of a sub-space, whose single values are lists of one.
pub(super) fn keys_of(item: &Node) -> Node {
    fn listed(entry: &Entry) -> Entry {
        let content = match &entry.value.content {
            Content::Scalar(..) => Content::List(vec![entry.value.clone()]),
            Content::Map(entries) if !crate::spec::outline::is_domain(&entry.value) => {
                Content::Map(entries.iter().map(listed).collect())
            }
            other => other.clone(),
        };
        Entry { value: Node { content, place: entry.value.place.clone() }, ..entry.clone() }
    }
    let Content::Map(entries) = &item.content else { return item.clone() };
    let own = entries.iter().filter(|entry| entry.key != NAME).map(listed).collect();
    Node { place: item.place.clone(), content: Content::Map(own) }
}

impl Union {
    /// Reads the sub-spaces that `entry` lists.
    ///
    /// # Errors
    /// If one is not a mapping of keys to values that can be listed, has no configuration, or has one that is there
    /// already.
    pub(super) fn read(entry: &Entry, items: &[Node], shared: &Shared<'_>) -> Result<Self, SpecError> {
        if items.is_empty() {
            return Err(entry.value.error("search.space is an empty list").expected(EXAMPLE));
        }
        let mut all: Vec<Read> = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let read = Read::new(at, item, shared)?;
            if let Some(other) = all.iter().find(|other| other.name == read.name) {
                let problem =
                    format!("two sub-spaces have the name {}; the first is at {}", quoted(&read.name), other.place);
                return Err(SpecError::new(&read.place, problem).expected("a name of its own for each"));
            }
            all.push(read);
        }
        refuse_idle_groups(&all, shared.zip)?;
        let keys = union(&all);
        let rows: usize = all.iter().map(|read| read.rows.len()).sum();
        if rows.saturating_mul(keys.len()) > MOST_CELLS {
            let problem = format!("the sub-spaces have {rows} configurations of {} keys", keys.len());
            return Err(SpecError::new(&entry.place, problem)
                .expected(format!("at most {MOST_CELLS} values in all; or one space")));
        }
        let columns: Vec<Vec<Value>> = keys.iter().map(|key| column(key.key(), &all, shared.base)).collect();
        refuse_grid(entry, items, &all)?;
        refuse_repeated(&all, &keys, &columns)?;
        let mut space = Vec::with_capacity(keys.len());
        for (first, values) in keys.into_iter().zip(columns) {
            refuse_odd(first, &values)?;
            let everywhere = all.iter().all(|read| read.has(first.key()));
            space.push(Swept {
                dimension: Dimension::new(first.key(), Domain::Values(values)),
                setting: first.setting.clone(),
                origin: Origin::Subspaces { everywhere },
            });
        }
        let held: Vec<String> = space.iter().map(|swept| swept.key().to_owned()).collect();
        let zip = (held.len() > 1).then(|| Placed { held, place: entry.place.clone() });
        let placed =
            |read: Read| Placed { held: Subspace { name: read.name, rows: read.rows.len() as u64 }, place: read.place };
        Ok(Self { space, zip, subspaces: all.into_iter().map(placed).collect() })
    }
}

/// Returns the keys of all sub-spaces in the order in which they first appear, each as it is there.
fn union(all: &[Read]) -> Vec<&Swept> {
    let mut keys: Vec<&Swept> = Vec::new();
    for swept in all.iter().flat_map(|read| &read.keys) {
        if !keys.iter().any(|held| held.key() == swept.key()) {
            keys.push(swept);
        }
    }
    keys
}

/// Returns the value of a key in each configuration, which is that of the base in sub-spaces that do not set it.
fn column(key: &str, all: &[Read], base: &Configuration) -> Vec<Value> {
    let of = |read: &Read| -> Vec<Value> {
        match read.keys.iter().position(|swept| swept.key() == key) {
            Some(at) => read.rows.iter().map(|row| row[at].clone()).collect(),
            None => vec![base.get(key).clone(); read.rows.len()],
        }
    };
    all.iter().flat_map(of).collect()
}
