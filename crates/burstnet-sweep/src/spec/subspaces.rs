//! A space that is a list of sub-spaces. It becomes rows of values that move together, as those of a table.

use std::collections::{HashMap, HashSet};

use burstnet_core::config::{Configuration, Schema, Value};
use burstnet_core::text::{cut, quoted};

use super::outline::Part;
use super::settings;
use super::source::Source;
use crate::limits::{MOST_CELLS, NAMED, is_name};
use crate::plan::subspaces::Subspace;
use crate::search::samplers::AxisKind;
use crate::space::domain::{Domain, ONE_SHAPE, odd_one};
use crate::space::plan_error::{About, PlanError};
use crate::space::{Dimension, Space};
use crate::spec::document::{Content, Entry, Node};
use crate::spec::place::{Place, Placed, SpecError};
use crate::spec::swept::{Origin, Swept};

/// The key of a sub-space that holds its name.
const NAME: &str = "name";
/// The longest configuration that a message shows, in characters.
const LONGEST: usize = 200;
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

/// What the sub-spaces have in common.
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

/// A sub-space as it is read.
struct Read {
    name: String,
    place: Place,
    keys: Vec<Swept>,
    /// The values of the keys in each configuration.
    rows: Vec<Vec<Value>>,
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
            Content::Map(entries) if !super::outline::is_domain(&entry.value) => {
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
            return Err(SpecError::new(&entry.value.place, "search.space is an empty list").expected(EXAMPLE));
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

impl Read {
    fn new(at: usize, item: &Node, shared: &Shared<'_>) -> Result<Self, SpecError> {
        let wrong = |problem: String| SpecError::new(&item.place, problem).expected(EXAMPLE);
        let Content::Map(entries) = &item.content else {
            return Err(wrong(format!("sub-space {} of search.space is {}", at + 1, item.shown())));
        };
        let (name, place) = match entries.iter().find(|entry| entry.key == NAME) {
            None => ((at + 1).to_string(), &item.place),
            Some(entry) => (named(entry, shared.schema)?, &entry.value.place),
        };
        let part = settings::flatten(shared.schema, Part::Space, &keys_of(item), shared.source)?;
        if part.is_empty() {
            return Err(wrong(format!("sub-space {} sets no key", quoted(&name))));
        }
        let keys: Vec<Swept> =
            part.into_iter().map(|setting| Swept::read(setting, shared.schema)).collect::<Result<_, _>>()?;
        for swept in &keys {
            refuse_unlisted(swept, shared.drawn)?;
        }
        let rows = rows(&keys, item, shared)?;
        Ok(Self { name, place: place.clone(), keys, rows })
    }

    fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|swept| swept.key() == key)
    }
}

/// Returns the name that a sub-space gives itself.
fn named(entry: &Entry, schema: &Schema) -> Result<String, SpecError> {
    if schema.key(NAME).is_some() {
        let problem = "name in a sub-space, which is its name, and is a key of the program too";
        return Err(SpecError::new(&entry.place, problem).expected("no name; or another name of the key"));
    }
    match &entry.value.content {
        Content::Scalar(name, _) if is_name(name) => Ok(name.clone()),
        Content::Scalar(..) | Content::List(_) | Content::Map(_) => {
            let problem = format!("the name of a sub-space is {}", entry.value.shown());
            Err(SpecError::new(&entry.value.place, problem).expected(NAMED))
        }
    }
}

/// Refuses a key whose values cannot be listed: a range, or one that depends on what each replicate draws.
fn refuse_unlisted(swept: &Swept, drawn: &[Swept]) -> Result<(), SpecError> {
    let (key, node) = (swept.key(), &swept.setting.node);
    if swept.dimension.domain.count().is_none() {
        let problem = format!("{key} is varied over a range, of which a sub-space has no points");
        return Err(SpecError::new(&node.place, problem).expected(
            "a value, a list, {linear: [low, high], num: n} or {log: [low, high], num: n}; or one space with strategy: random",
        ));
    }
    match swept.dimension.depends_on().find(|other| drawn.iter().any(|drawn| drawn.key() == *other)) {
        None => Ok(()),
        Some(other) => {
            let problem = format!("{key} depends on {other}, which is drawn for each replicate");
            Err(SpecError::new(&node.place, problem).expected("a key of which a configuration has one value"))
        }
    }
}

/// Returns the values of a sub-space's keys in each of its configurations. A key that does not exist in one has its
/// value in the base.
fn rows(keys: &[Swept], item: &Node, shared: &Shared<'_>) -> Result<Vec<Vec<Value>>, SpecError> {
    let dimensions: Vec<Dimension> = keys.iter().map(|swept| swept.dimension.clone()).collect();
    let is_varied = |key: &&String| dimensions.iter().any(|one| one.key == **key && one.domain.count() != Some(1));
    let own = |group: &Placed<Vec<String>>| -> Vec<String> { group.held.iter().filter(is_varied).cloned().collect() };
    let (zip, places): (Vec<Vec<String>>, Vec<&Place>) =
        shared.zip.iter().map(|group| (own(group), &group.place)).filter(|(group, _)| group.len() > 1).unzip();
    let at_its_place = |error: PlanError| {
        let of = |key: &str| keys.iter().find(|swept| swept.key() == key).map(|swept| &swept.setting.node.place);
        let place = match &error.about {
            About::Key(key) | About::RatioOf(key) => of(key),
            About::Zip(at) => places.get(*at).copied(),
            _other => None,
        };
        SpecError::new(place.unwrap_or(&item.place), error.problem).expected(error.expected)
    };
    let space = Space::new(&dimensions, &zip, &[], shared.base).map_err(at_its_place)?;
    let axes: Vec<AxisKind> = space.axes().iter().map(|axis| axis.kind).collect();
    let all = axes.iter().try_fold(1_u64, |all, kind| all.checked_mul(kind.count()?));
    let Some(all) = all.filter(|all| *all <= MOST_CELLS as u64) else {
        let problem = format!("a sub-space of more than {MOST_CELLS} configurations");
        return Err(SpecError::new(&item.place, problem).expected("fewer values; or one space without sub-spaces"));
    };
    let (mut rows, mut seen, mut exists) = (Vec::new(), HashSet::new(), vec![false; keys.len()]);
    for index in 0..all {
        let mut rest = index;
        let mut point = vec![0.0; axes.len()];
        for (unit, kind) in point.iter_mut().zip(&axes).rev() {
            let count = kind.count().unwrap_or(1).max(1);
            *unit = kind.middle(rest % count);
            rest /= count;
        }
        let values = space.values(&dimensions, &point);
        // As in a grid: combinations that differ only in a key that does not exist run once.
        if values.contains(&None) && !seen.insert(format!("{values:?}")) {
            continue;
        }
        exists.iter_mut().zip(&values).for_each(|(exists, value)| *exists |= value.is_some());
        let row = keys.iter().zip(values).map(|(swept, value)| fitting(swept, value, shared)).collect::<Result<_, _>>();
        rows.push(row?);
    }
    if let Some((swept, _)) = keys.iter().zip(exists).find(|(_, exists)| !exists) {
        let problem = format!("{} exists in no configuration of this sub-space", swept.key());
        return Err(SpecError::new(&swept.setting.place, problem).expected("a when that holds for some of them"));
    }
    Ok(rows)
}

/// Returns a value of a key, which has to be one that it can have: a ratio may lead to another.
fn fitting(swept: &Swept, value: Option<Value>, shared: &Shared<'_>) -> Result<Value, SpecError> {
    let key = swept.key();
    let value = value.unwrap_or_else(|| shared.base.get(key).clone());
    match shared.schema.key(key).filter(|known| known.kind.accept(&value).as_ref() != Some(&value)) {
        None => Ok(value),
        Some(known) => Err(SpecError::new(&swept.setting.node.place, format!("{key} would become {value}"))
            .expected(known.kind.expected())),
    }
}

/// Refuses a group of keys that move together of which no sub-space varies all.
fn refuse_idle_groups(all: &[Read], zip: &[Placed<Vec<String>>]) -> Result<(), SpecError> {
    for group in zip {
        if let Some(key) = group.held.iter().find(|key| !all.iter().any(|read| read.has(key))) {
            let problem = format!("zip names {key}, which is not swept");
            return Err(SpecError::new(&group.place, problem).expected("keys of the space"));
        }
        if !all.iter().any(|read| group.held.iter().all(|key| read.has(key))) {
            let problem = format!("no sub-space varies all of {}", group.held.join(", "));
            return Err(SpecError::new(&group.place, problem).expected("a sub-space in which these keys move together"));
        }
    }
    Ok(())
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

/// Refuses a configuration that is there already, in the same sub-space or in an earlier one.
fn refuse_repeated(all: &[Read], keys: &[&Swept], columns: &[Vec<Value>]) -> Result<(), SpecError> {
    let mut seen: HashMap<String, &Read> = HashMap::new();
    let owners = all.iter().flat_map(|read| read.rows.iter().map(move |_| read));
    for (row, read) in owners.enumerate() {
        let values: Vec<&Value> = columns.iter().map(|column| &column[row]).collect();
        let Some(first) = seen.insert(format!("{values:?}"), read) else { continue };
        let shown: Vec<String> =
            keys.iter().zip(&values).map(|(swept, value)| format!("{} {value}", swept.key())).collect();
        let shown = shown.join(", ");
        let configuration = cut(&shown, LONGEST);
        let name = quoted(&read.name);
        let problem = if first.name == read.name {
            format!("sub-space {name} has a configuration twice: {configuration}")
        } else {
            let other = quoted(&first.name);
            format!(
                "sub-space {name} has a configuration that sub-space {other}, at {}, has: {configuration}",
                first.place
            )
        };
        return Err(SpecError::new(&read.place, problem)
            .expected("each configuration once; a key that a sub-space does not set has its value in base"));
    }
    Ok(())
}

/// Refuses a list that was most likely meant as one grid, with '-' before each key: none has a name, and each sets one key
/// to several values; or there is only one.
fn refuse_grid(entry: &Entry, items: &[Node], all: &[Read]) -> Result<(), SpecError> {
    let is_named = |item: &Node| matches!(&item.content, Content::Map(own) if own.iter().any(|one| one.key == NAME));
    let is_axis = |read: &Read| read.keys.len() == 1 && read.rows.len() > 1;
    let differ = |at: usize| !all[..at].iter().any(|other| other.has(all[at].keys[0].key()));
    let problem = match all {
        _ if items.iter().any(is_named) => return Ok(()),
        [_] => "search.space is a list of one sub-space".to_owned(),
        _ if all.iter().all(is_axis) && (0..all.len()).all(differ) => {
            let counts: Vec<String> = all.iter().map(|read| read.rows.len().to_string()).collect();
            format!(
                "search.space is a list of sub-spaces that vary a key each, in {} configurations",
                counts.join(" + ")
            )
        }
        _ => return Ok(()),
    };
    Err(SpecError::new(&entry.value.place, problem)
        .expected("a mapping, whose values are combined: its keys without '-' before them; or sub-spaces with a name"))
}

/// Refuses lists beside single values of a key.
fn refuse_odd(first: &Swept, values: &[Value]) -> Result<(), SpecError> {
    let Some(at) = odd_one(values) else { return Ok(()) };
    let problem = format!("{} would become {}, and other values are of another type", first.key(), values[at]);
    Err(SpecError::new(&first.setting.place, problem)
        .expected(format!("{ONE_SHAPE}; a sub-space that does not set it has its value in base")))
}
