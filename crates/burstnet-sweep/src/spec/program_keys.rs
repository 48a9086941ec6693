//! The keys of an external program. They and their kinds follow from `base`, `search.space` and
//! `search.per_replicate`.

use std::collections::HashSet;

use burstnet_core::config::{Item, Key, Kind, Schema, Value};
use burstnet_core::text::quoted;

use super::outline::is_domain;
use super::sets::Before;
use super::subspaces;
use super::table::{self, Cell, Opened, value_of};
use super::{Source, settings};
use crate::plan::program_keys::{INTEGER, KeyNames, NUMBER, VALUES, is_whole, key, kinds, kinds_of_columns, or_null};
use crate::space::domain::Domain;
use crate::space::times;
use crate::spec::document::{Content, Node};
use crate::spec::place::{Place, SpecError};
use crate::spec::swept::{split, tie};

/// A key in a sweep file.
struct Found {
    path: String,
    place: Place,
    default: Option<Node>,
    space: Option<Node>,
    /// The domains in further sub-spaces.
    further: Vec<Node>,
    /// True if not all sub-spaces set it, so that it may have no value.
    is_partial: bool,
    /// The number of its column in the table.
    column: Option<usize>,
}

/// Returns the keys of a sweep file: those of `base`, of `search.space`, of `search.per_replicate`, and of the columns of `search.table`.
pub(crate) fn of_file(source: &Source) -> Result<Schema, SpecError> {
    let mut found = of_base_and_space(source);
    refuse_added(&found, source)?;
    let table = source.root.at(&["search", "table"]).filter(|node| !node.is_null());
    let table = table.map(|node| Opened::read(node, source)).transpose()?;
    if let Some(table) = &table {
        add_columns(&mut found, table);
    }
    let mut names = KeyNames::default();
    for key in &found {
        names.take(&key.path).map_err(|problem| SpecError::new(&key.place, problem))?;
    }
    let keys = found.iter().map(|key| key.key(table.as_ref())).collect::<Result<_, _>>()?;
    Ok(Schema::new(with_ratios(keys, &found)))
}

fn of_base_and_space(source: &Source) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    if let Some(base) = source.root.at(&["base"]) {
        collect("", base, &|_, node| !matches!(node.content, Content::Map(_)), &mut |path, place, node| {
            // The kind of a key follows from the file's own default.
            let own = source.named.iter().find_map(|named| match &named.before {
                Before::Value(node) if named.in_base && named.path == path && !node.is_null() => Some(node.clone()),
                Before::Value(_) | Before::Nothing | Before::Keys => None,
            });
            found.push(Found { default: Some(own.unwrap_or(node)), ..Found::new(path, place) });
        });
    }
    let known: HashSet<String> = found.iter().map(|key| key.path.clone()).collect();
    let above = |path: &'_ String| path.match_indices('.').map(|(end, _)| path[..end].to_owned()).collect::<Vec<_>>();
    let sections: HashSet<String> = known.iter().flat_map(above).collect();
    let is_key = |path: &str, node: &Node| known.contains(path) || !sections.contains(path) && is_domain(node);
    for part in ["space", "per_replicate"] {
        let Some(part) = source.root.at(&["search", part]) else { continue };
        if let Some(items) = subspaces::items(part) {
            of_subspaces(items, &is_key, &mut found);
            continue;
        }
        collect("", part, &is_key, &mut |path, place, node| match found.iter().position(|key| key.path == path) {
            // A key in both is refused once the plan is made.
            Some(at) => found[at].space = found[at].space.take().or(Some(node)),
            None => found.push(Found { space: Some(node), ..Found::new(path, place) }),
        });
    }
    found
}

/// Adds the keys of sub-spaces.
fn of_subspaces(items: &[Node], is_key: &dyn Fn(&str, &Node) -> bool, found: &mut Vec<Found>) {
    for item in items {
        collect("", &subspaces::keys_of(item), is_key, &mut |path, place, node| {
            let at = found.iter().position(|key| key.path == path).unwrap_or_else(|| {
                found.push(Found::new(path, place));
                found.len() - 1
            });
            match &found[at].space {
                Some(_) => found[at].further.push(node),
                None => found[at].space = Some(node),
            }
        });
    }
    for key in found.iter_mut().filter(|key| key.space.is_some()) {
        key.is_partial = 1 + key.further.len() < items.len();
    }
}

/// Refuses `--set` of a key that the file does not have. The program would get the key, and would most likely ignore
/// it.
fn refuse_added(found: &[Found], source: &Source) -> Result<(), SpecError> {
    for added in source.named.iter().filter(|named| matches!(named.before, Before::Nothing)) {
        let is_below = |path: &str, of: &str| path.strip_prefix(of).is_some_and(|rest| rest.starts_with('.'));
        let is_other = |node: &Option<Node>| node.as_ref().is_some_and(|node| node.place.source != added.place.source);
        let mut others = found.iter().filter(|key| is_other(&key.default) || is_other(&key.space));
        let is_it = |key: &Found| {
            key.path == added.path || is_below(&key.path, &added.path) || is_below(&added.path, &key.path)
        };
        if !others.clone().any(is_it) {
            let known = others.by_ref().map(|found| key(&found.path, Kind::Text, Value::Null)).collect();
            settings::known_key(&Schema::new(known), &added.path, &added.place)?;
        }
    }
    Ok(())
}

/// Notes the columns of keys, and adds the keys that have nothing but a column.
fn add_columns(found: &mut Vec<Found>, table: &Opened) {
    let names = found.iter().map(|found| key(&found.path, Kind::Text, Value::Null)).collect();
    let known = Schema::new(names);
    for (at, (name, _)) in table.decoded.columns.iter().enumerate() {
        let path = table::key_of(name, &known).map(|key| key.path.to_string());
        match found.iter_mut().find(|key| Some(&key.path) == path.as_ref()) {
            Some(key) => key.column = Some(at),
            None => {
                let (path, place) = (name.clone(), table.header(at));
                found.push(Found { column: Some(at), ..Found::new(path, place) });
            }
        }
    }
}

/// Returns the keys with defaults for those that are ratios to others and have none: the first ratio to the other's
/// default.
fn with_ratios(mut keys: Vec<Key>, found: &[Found]) -> Vec<Key> {
    // Ratios to ratios take as many rounds as the longest chain has links. A circle is reported when the space is read.
    for _ in 0..found.len() {
        let mut is_done = true;
        for (at, one) in found.iter().enumerate().filter(|(_, one)| one.default.is_none()) {
            if let Some((other, ratio)) = one.ratio()
                && keys[at].kind.accept(&keys[at].default).is_none()
                && let Some(held) = keys.iter().find(|key| key.path == other.as_str()).map(|key| key.default.clone())
                && held.as_f64().is_some()
            {
                keys[at].default = times(&held, &ratio);
                is_done = false;
            }
        }
        if is_done {
            break;
        }
    }
    keys
}

/// Goes through sections and the sections in them, and passes each key to `take`.
fn collect(
    section: &str,
    node: &Node,
    is_key: &dyn Fn(&str, &Node) -> bool,
    take: &mut dyn FnMut(String, Place, Node),
) {
    // An entry that is not a mapping is refused when all sections are read.
    let Content::Map(entries) = &node.content else { return };
    for entry in entries {
        let path = if section.is_empty() { entry.key.clone() } else { format!("{section}.{}", entry.key) };
        if is_key(&path, &entry.value) {
            take(path, entry.place.clone(), entry.value.clone());
        } else {
            collect(&path, &entry.value, is_key, take);
        }
    }
}

impl Found {
    fn new(path: String, place: Place) -> Self {
        Self { path, place, default: None, space: None, further: Vec::new(), is_partial: false, column: None }
    }

    fn key(&self, table: Option<&Opened>) -> Result<Key, SpecError> {
        let default = match &self.default {
            None => None,
            Some(_) if self.has_null() => None,
            Some(node) => Some(
                node.value()
                    .filter(|value| !kinds(value).is_empty())
                    .ok_or_else(|| node.error(format!("{} is {}", self.path, node.shown())).expected(VALUES))?,
            ),
        };
        match (&self.space, self.column.zip(table), default) {
            (Some(space), _, default) if self.further.is_empty() => self.swept(space, default),
            (Some(space), _, default) => self.swept_in_several(space, default),
            (None, Some((column, table)), default) => self.listed(table, column, default),
            (None, None, default) => {
                let default = default.unwrap_or(Value::Null);
                let kind = kinds(&default).into_iter().next().unwrap_or(Kind::Text);
                let value = kind.accept(&default).unwrap_or(default);
                Ok(key(&self.path, or_null(kind, self.has_null()), value))
            }
        }
    }

    /// Returns the key with the first kind that fits its default and its values in all sub-spaces.
    fn swept_in_several(&self, first: &Node, default: Option<Value>) -> Result<Key, SpecError> {
        let nodes: Vec<&Node> = [first].into_iter().chain(&self.further).collect();
        let keys: Vec<Key> = nodes.iter().map(|node| self.swept(node, default.clone())).collect::<Result<_, _>>()?;
        let has_null = keys.iter().any(|key| key.kind.without_null() != &key.kind);
        let mut first_error = None;
        for kind in keys.iter().map(|key| key.kind.without_null()) {
            let misfit = nodes.iter().find_map(|node| {
                let (ties, own) = split(node);
                let is_ratio = tie(&ties, "ratio_of").is_some();
                Domain::read(&self.path, &or_null(kind.clone(), has_null), &own).err().filter(|_| !is_ratio)
            });
            let Some(error) = misfit else {
                let value = kind.accept(&keys[0].default).unwrap_or(Value::Null);
                return Ok(key(&self.path, or_null(kind.clone(), has_null), value));
            };
            first_error = first_error.or(Some(error));
        }
        Err(first_error.unwrap_or_else(|| SpecError::new(&self.place, &*self.path).expected(VALUES)))
    }

    /// Returns whether `base` says that the key has no value: it has the kind of the values that it is varied over.
    fn has_null(&self) -> bool {
        self.default.as_ref().is_some_and(|node| node.is_null() && node.shown() != "nothing")
    }

    /// Returns the key with the first kind that fits its default and all its values. A key without a default has no
    /// value in configurations in which it does not exist.
    fn swept(&self, space: &Node, default: Option<Value>) -> Result<Key, SpecError> {
        let (ties, own) = split(space);
        let may_miss = self.is_partial || tie(&ties, "when").is_some();
        let is_missing = self.has_null() || default.is_none() && may_miss;
        let lists_null = listed(&own).iter().any(|item| item.value() == Some(Value::Null));
        let made = |kind: Kind, first: Option<Value>| {
            let value = default.clone().and_then(|value| kind.accept(&value)).or(first.filter(|_| !is_missing));
            key(&self.path, or_null(kind, is_missing || lists_null), value.unwrap_or(Value::Null))
        };
        let mut candidates = default.as_ref().map_or_else(|| kinds_of_domain(&own), kinds);
        if tie(&ties, "ratio_of").is_some() {
            let is_number = default.as_ref().is_none_or(|value| value.as_f64().is_some());
            // Another kind is reported when the space is read.
            return Ok(made(if is_number { NUMBER } else { candidates.into_iter().next().unwrap_or(NUMBER) }, None));
        }
        let items = listed(&own).iter().map(Node::value).collect::<Option<Vec<_>>>().unwrap_or_default();
        let mut given = items.iter().filter(|item| **item != Value::Null).chain(&default).peekable();
        if !items.is_empty() && given.peek().is_some() && given.all(is_whole) {
            // A list of integers alone stays one: an integer that is too large does not become a real number.
            candidates.retain(|kind| matches!(kind, Kind::Integer { .. } | Kind::List(Item::Integer)));
        }
        let mut first_error = None;
        for kind in candidates {
            match Domain::read(&self.path, &or_null(kind.clone(), lists_null), &own) {
                Ok(domain) => return Ok(made(kind, domain.ends().into_iter().next())),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        if let Some(item) = listed(space).iter().find(|item| first_error.is_none() && of_no_kind(item)) {
            let problem = format!("{} would become {}", self.path, item.shown());
            return Err(item.error(problem).expected(format!("values of one kind, each {VALUES}")));
        }
        Err(first_error.unwrap_or_else(|| {
            SpecError::new(&space.place, format!("{} is varied over {}", self.path, space.shown()))
                .expected(format!("a list of values, each {VALUES}"))
        }))
    }

    /// Returns the key with the first kind that fits its default and all cells of its column. In a table of results, a
    /// cell without a value belongs to a configuration in which the key does not exist, and has its default.
    fn listed(&self, table: &Opened, column: usize, default: Option<Value>) -> Result<Key, SpecError> {
        let candidates = default.as_ref().map_or_else(kinds_of_columns, kinds);
        let accepted = |cell: &Cell, kind: &Kind| match value_of(cell, kind) {
            Some(Value::Null) => Some(Value::Null),
            value => value.and_then(|value| kind.accept(&value)),
        };
        for kind in &candidates {
            let (mut first, mut has_null, mut fits) = (None, false, true);
            for (cell, _) in table.cells(column) {
                match accepted(cell, kind) {
                    Some(Value::Null) => has_null = true,
                    Some(value) => first = first.or(Some(value)),
                    None => fits = false,
                }
            }
            if fits {
                let nullable = self.has_null() || has_null && !(table.decoded.is_own && default.is_some());
                let value = default.and_then(|value| kind.accept(&value)).or(first.filter(|_| !nullable));
                return Ok(key(&self.path, or_null(kind.clone(), nullable), value.unwrap_or(Value::Null)));
            }
        }
        match (candidates.last(), default) {
            // Errors in its cells are reported when the table is read.
            (Some(kind), Some(default)) => {
                Ok(key(&self.path, kind.clone(), kind.accept(&default).unwrap_or(Value::Null)))
            }
            (_, _) => {
                Err(SpecError::new(&self.place, format!("column {} has values of several kinds", quoted(&self.path)))
                    .expected(format!("values that are all {VALUES}")))
            }
        }
    }

    /// Returns the key to which this one is a ratio, and the first ratio.
    fn ratio(&self) -> Option<(String, Value)> {
        let (ties, own) = split(self.space.as_ref()?);
        let other = tie(&ties, "ratio_of")?.value.value()?.as_text()?.to_owned();
        let first = match tie(&ties, "ratio") {
            Some(entry) => NUMBER.accept(&entry.value.value()?)?,
            None => Domain::read(&self.path, &NUMBER, &own).ok()?.ends().into_iter().next()?,
        };
        Some((other, first))
    }
}

/// Returns the values of a domain that lists them.
fn listed(space: &Node) -> &[Node] {
    match &space.content {
        Content::List(items) => items,
        Content::Map(_) => match space.at(&["choice"]).map(|choice| &choice.content) {
            Some(Content::List(items)) => items,
            Some(Content::Scalar(..) | Content::Map(_)) | None => &[],
        },
        Content::Scalar(..) => &[],
    }
}

/// Returns the kinds that a key without a default can have.
fn kinds_of_domain(space: &Node) -> Vec<Kind> {
    let items = listed(space);
    if !items.is_empty() {
        let first = items.iter().find(|item| !item.is_null()).and_then(Node::value);
        return first.map_or(Vec::new(), |value| kinds(&value));
    }
    match space.at(&["int"]) {
        Some(_) => vec![INTEGER],
        None => vec![NUMBER], // whose message names the expected values
    }
}

/// Returns whether no key can have the value of an item.
fn of_no_kind(item: &Node) -> bool {
    item.value().is_none_or(|value| kinds(&value).is_empty())
}
