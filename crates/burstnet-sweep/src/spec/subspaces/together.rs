//! The faults of sub-spaces together: the same configurations twice, or parts of what was meant as one grid.

use std::collections::HashMap;

use burstnet_core::config::Value;
use burstnet_core::text::{cut, quoted};

use super::NAME;
use super::read::Read;
use crate::space::domain::{ONE_SHAPE, odd_one};
use crate::spec::document::{Content, Entry, Node};
use crate::spec::place::{Placed, SpecError};
use crate::spec::swept::Swept;

/// The longest configuration that a message shows, in characters.
const LONGEST: usize = 200;

/// Refuses a group of keys that move together of which no sub-space varies all.
pub(super) fn refuse_idle_groups(all: &[Read], zip: &[Placed<Vec<String>>]) -> Result<(), SpecError> {
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

/// Refuses a configuration that is there already, in the same sub-space or in an earlier one.
pub(super) fn refuse_repeated(all: &[Read], keys: &[&Swept], columns: &[Vec<Value>]) -> Result<(), SpecError> {
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
pub(super) fn refuse_grid(entry: &Entry, items: &[Node], all: &[Read]) -> Result<(), SpecError> {
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
    Err(entry
        .value
        .error(problem)
        .expected("a mapping, whose values are combined: its keys without '-' before them; or sub-spaces with a name"))
}

/// Refuses lists beside single values of a key.
pub(super) fn refuse_odd(first: &Swept, values: &[Value]) -> Result<(), SpecError> {
    let Some(at) = odd_one(values) else { return Ok(()) };
    let problem = format!("{} would become {}, and other values are of another type", first.key(), values[at]);
    Err(SpecError::new(&first.setting.place, problem)
        .expected(format!("{ONE_SHAPE}; a sub-space that does not set it has its value in base")))
}
