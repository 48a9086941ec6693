//! The names that keys and measures may have: each column of a table has a name of its own. Case does not count, since
//! DuckDB and Spark ignore it and would take the wrong column or refuse the table.

use std::collections::{HashMap, HashSet};
use std::fmt;

use burstnet_core::measures::MeasureInfo;
use burstnet_core::text::quoted;

use crate::limits::LONGEST_NAME;
use crate::objective::Objective;
use crate::plan::ResolvedPlan;
use crate::plan::columns::{self, Column, Layout, Owner, column_of};

/// Two columns with the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// The name of the second one.
    pub column: String,
    /// The owner of the second name.
    pub owner: Owner,
    /// The name of the first one, which may differ in case.
    pub other: String,
    /// The owner of the first name.
    pub other_owner: Owner,
}

impl fmt::Display for Clash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let case = if self.column == self.other { "" } else { " (case does not count)" };
        match &self.owner {
            Owner::Measure(name) => write!(f, "the measure {}", quoted(name))?,
            Owner::Key(path) => f.write_str(&quoted(path))?,
            Owner::Table => f.write_str(&quoted(&self.column))?,
        }
        write!(f, " would have the column {}, which is one of {}{case}", self.column, self.other_owner)
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table => f.write_str("every table"),
            Self::Key(path) => write!(f, "the key {path}"),
            Self::Measure(name) => write!(f, "the measure {name}"),
        }
    }
}

/// Returns the first two of `columns` with the same name. A key gives way to a measure, and both to a column of the
/// table itself.
pub fn clash<'a>(columns: impl IntoIterator<Item = &'a Column>) -> Option<Clash> {
    let mut columns: Vec<&Column> = columns.into_iter().collect();
    columns.sort_by_key(|column| match column.owner {
        Owner::Table => 0,
        Owner::Measure(_) => 1,
        Owner::Key(_) => 2,
    });
    let mut seen: HashMap<String, &Column> = HashMap::new();
    columns.into_iter().find_map(|column| {
        let other = seen.insert(column.name.to_lowercase(), column)?;
        Some(Clash {
            column: column.name.clone(),
            owner: column.owner.clone(),
            other: other.name.clone(),
            other_owner: other.owner.clone(),
        })
    })
}

/// Checks the names of a plan's measures and of its model's keys, swept or not, for this search and any other one of
/// the same space.
///
/// # Errors
/// If two names clash: the first clash, and a name that is free.
pub(crate) fn check(
    plan: &ResolvedPlan,
    objective: &dyn Objective,
    measures: &[MeasureInfo],
) -> Result<(), Box<(Clash, Option<String>)>> {
    let layout = Layout::widest(plan, objective, measures);
    let mut lists = vec![columns::of_keys(objective.schema()), columns::beside_measures(&layout)];
    lists.extend(layout.tables().map(|(_, columns)| columns));
    match lists.iter().find_map(clash) {
        None => Ok(()),
        Some(clash) => {
            let free = free(&clash, &lists.concat());
            Err(Box::new((clash, free)))
        }
    }
}

/// Returns a name for the second owner of a clash that no column has, or `None` if it would be too long.
fn free(clash: &Clash, columns: &[Column]) -> Option<String> {
    let taken: HashSet<String> = columns.iter().map(|column| column.name.to_lowercase()).collect();
    let name = match &clash.owner {
        Owner::Key(name) | Owner::Measure(name) => name,
        Owner::Table => return None,
    };
    let (section, last) = name.rsplit_once('.').map_or(("", &**name), |(section, last)| (section, last));
    let prefixed = (clash.other_owner == Owner::Table).then(|| format!("model_{last}"));
    let mut candidates = prefixed.into_iter().chain((2..10).map(|n| format!("{last}_{n}"))).map(|last| match section {
        "" => last,
        section => format!("{section}.{last}"),
    });
    candidates.find(|name| name.len() <= LONGEST_NAME && !taken.contains(&column_of(name).to_lowercase()))
}

#[cfg(test)]
mod tests;
