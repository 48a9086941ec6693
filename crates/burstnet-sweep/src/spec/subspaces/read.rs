//! A sub-space by itself: its keys, and their values in each of its configurations.

use std::collections::HashSet;

use burstnet_core::config::{Schema, Value};
use burstnet_core::text::quoted;

use super::{EXAMPLE, NAME, Shared, keys_of};
use crate::limits::{MOST_CELLS, NAMED, is_name};
use crate::search::samplers::AxisKind;
use crate::space::plan_error::{About, PlanError};
use crate::space::{Dimension, Space};
use crate::spec::document::{Content, Entry, Node};
use crate::spec::outline::Part;
use crate::spec::place::{Place, Placed, SpecError};
use crate::spec::settings;
use crate::spec::swept::Swept;

/// A sub-space as it is read.
pub(super) struct Read {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) keys: Vec<Swept>,
    /// The values of the keys in each configuration.
    pub(super) rows: Vec<Vec<Value>>,
}

impl Read {
    pub(super) fn new(at: usize, item: &Node, shared: &Shared<'_>) -> Result<Self, SpecError> {
        let wrong = |problem: String| item.error(problem).expected(EXAMPLE);
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

    pub(super) fn has(&self, key: &str) -> bool {
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
            Err(entry.value.error(problem).expected(NAMED))
        }
    }
}

/// Refuses a key whose values cannot be listed: a range, or one that depends on what each replicate draws.
fn refuse_unlisted(swept: &Swept, drawn: &[Swept]) -> Result<(), SpecError> {
    let (key, node) = (swept.key(), &swept.setting.node);
    if swept.dimension.domain.count().is_none() {
        let problem = format!("{key} is varied over a range, of which a sub-space has no points");
        return Err(node.error(problem).expected(
            "a value, a list, {linear: [low, high], num: n} or {log: [low, high], num: n}; or one space with strategy: random",
        ));
    }
    match swept.dimension.depends_on().find(|other| drawn.iter().any(|drawn| drawn.key() == *other)) {
        None => Ok(()),
        Some(other) => {
            let problem = format!("{key} depends on {other}, which is drawn for each replicate");
            Err(node.error(problem).expected("a key of which a configuration has one value"))
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
        return Err(item.error(problem).expected("fewer values; or one space without sub-spaces"));
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
        Some(known) => {
            Err(swept.setting.node.error(format!("{key} would become {value}")).expected(known.kind.expected()))
        }
    }
}
