//! The rows of a table of earlier results that fit a plan.

use std::collections::{HashMap, HashSet};

use burstnet_core::config::{Key, Kind, Schema, Value};
use burstnet_core::text::{listed, quoted};

use super::earlier_results::{Columns, Counts, number, result};
use super::learn_from::EarlierTable;
use super::place::{Place, SpecError};
use super::table::{Cell, key_of, value_of};
use crate::limits::MOST_EARLIER;
use crate::nearest::nearest;
use crate::plan::Plan;
use crate::plan::columns::column_of;
use crate::plan::earlier::Earlier;
use crate::space::Space;

/// A swept key and its column.
struct KeyColumn<'a> {
    key: &'a Key,
    column: usize,
    /// The value in configurations of a directory in which the key does not exist.
    elsewhere: Value,
}

impl EarlierTable {
    /// Returns the results that fit a plan, whose space this is.
    ///
    /// # Errors
    /// If it is of another program, lacks a key or a measure, a cell holds no such value, or no row fits.
    pub(super) fn results(
        &self,
        place: &Place,
        plan: &Plan,
        space: &Space,
        schema: &Schema,
    ) -> Result<Earlier, SpecError> {
        let whole = |problem: String| SpecError::new(place, format!("search.learn_from {}: {problem}", self.given));
        let differs = self.differences(plan).map_err(|(problem, expected)| whole(problem).expected(expected))?;
        let keys: Vec<KeyColumn<'_>> = plan
            .space
            .iter()
            .map(|dimension| self.column_of_key(&dimension.key, schema))
            .collect::<Result<_, _>>()
            .map_err(|(problem, near)| whole(problem).expected("a column for each swept key").meant(near))?;
        self.refuse_others(plan).map_err(|(problem, expected)| whole(problem).expected(expected))?;
        let measures =
            plan.objectives().map(|goal| &goal.measure).chain(plan.subject_to.iter().map(|bound| &bound.measure));
        let measures: Vec<Columns> = measures
            .map(|measure| self.columns_of_measure(measure))
            .collect::<Result<_, _>>()
            .map_err(|(problem, near)| whole(problem).expected("a column of it, or of its mean").meant(near))?;
        self.check_numbers(&measures)?;
        let mut left_out = 0;
        let mut rows: Vec<(Vec<Value>, Vec<usize>)> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        for (row, cells) in self.decoded.rows.iter().enumerate() {
            let Some(values) = self.values(plan, space, &keys, row)?.filter(|_| !self.is_without_result(cells)) else {
                left_out += 1;
                continue;
            };
            // Rows of the same configuration are its replicates.
            let name = format!("{values:?}");
            match known.get(&name) {
                Some(&at) => rows[at].1.push(row),
                None => {
                    known.insert(name, rows.len());
                    rows.push((values, vec![row]));
                }
            }
        }
        for (_, same) in &mut rows {
            self.keep_distinct(same, &measures);
        }
        rows.retain(|(_, same)| {
            let is_whole = !same.iter().any(|row| self.is_stopped(&self.decoded.rows[*row]));
            left_out += if is_whole { 0 } else { same.len() as u64 };
            is_whole
        });
        if rows.len() > MOST_EARLIER {
            return Err(whole(format!("{} configurations", rows.len())).expected(format!("at most {MOST_EARLIER}")));
        }
        let counts = Counts::of(|name| self.position(name));
        let results: Vec<_> = rows
            .into_iter()
            .map(|(values, rows)| {
                let rows: Vec<&[Cell]> = rows.iter().map(|row| self.decoded.rows[*row].as_slice()).collect();
                result(values, &rows, &measures, &counts)
            })
            .collect();
        if results.is_empty() {
            let problem = match self.decoded.rows.len() {
                0 => "no row of results".into(),
                1 => "its only row does not fit the space".into(),
                all => format!("none of {all} rows fits the space"),
            };
            return Err(whole(problem).expected(
                "rows whose values lie within search.space, with its ties and constraints, of whole trials",
            ));
        }
        if results.iter().all(|one| one.means.iter().all(Option::is_none)) {
            let problem = format!("no row has a value of {}", plan.objective.measure);
            return Err(whole(problem).expected("results of trials that were ok"));
        }
        Ok(Earlier { given: self.given.clone(), blake3: self.blake3.clone(), left_out, differs, results })
    }

    /// Refuses what is no number where measures are expected. A cell without a number, NaN and infinities are results
    /// without a value.
    fn check_numbers(&self, measures: &[Columns]) -> Result<(), SpecError> {
        for column in measures.iter().map(Columns::first) {
            for (row, cells) in self.decoded.rows.iter().enumerate() {
                let cell = &cells[column];
                let is_number = match cell {
                    Cell::Typed(value) => *value == Value::Null || value.as_f64().is_some(),
                    Cell::Written(text) | Cell::Quoted(text) => {
                        text.trim().is_empty() || text.trim().parse::<f64>().is_ok()
                    }
                };
                if !is_number {
                    return Err(self.wrong_cell(row, column, "a number, or nothing for a trial that failed"));
                }
            }
        }
        Ok(())
    }

    /// Returns the error for a cell that holds no such value.
    fn wrong_cell(&self, row: usize, column: usize, expected: &str) -> SpecError {
        let (name, number) = &self.decoded.columns[column];
        let line = self.decoded.lines.get(row).copied().unwrap_or(row + 2);
        let whole = Place::whole(&self.path.display().to_string());
        let place = Place { position: Some((line, *number)), ..whole };
        let shown = match &self.decoded.rows[row][column] {
            Cell::Typed(value) => value.to_string(),
            Cell::Written(text) | Cell::Quoted(text) => text.trim().to_owned(),
        };
        SpecError::new(&place, format!("{name} is {}", quoted(&shown))).expected(expected)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.decoded.columns.iter().map(|(name, _)| name.as_str())
    }

    /// Returns the number of the column with this name.
    fn position(&self, name: &str) -> Option<usize> {
        self.names().position(|own| own == name)
    }

    /// Refuses a column that is there, but holds what no cell can.
    fn refuse_unusable(&self, is_meant: impl Fn(&str) -> bool) -> Result<(), (String, Option<String>)> {
        match self.decoded.others.iter().find(|(name, _)| is_meant(name)) {
            None => Ok(()),
            Some((name, _)) => {
                let problem = format!("column {} holds no integers, numbers, truth values or texts", quoted(name));
                Err((problem, None))
            }
        }
    }

    fn column_of_key<'a>(&self, key: &str, schema: &'a Schema) -> Result<KeyColumn<'a>, (String, Option<String>)> {
        let is_meant = |name: &str| key_of(name, schema).is_some_and(|found| found.path == key);
        self.refuse_unusable(is_meant)?;
        let mut all = self.names().enumerate().filter(|(_, name)| is_meant(name));
        let Some(((column, _), key)) = all.next().zip(schema.key(key)) else {
            let near = nearest(key, self.names()).or_else(|| nearest(&column_of(key), self.names()));
            return Err((format!("no column of {}, which is swept", quoted(key)), near));
        };
        if all.next().is_some() {
            return Err((format!("two columns of {}", quoted(&key.path)), None));
        }
        let has_gaps = |plan: &&Plan| {
            !plan.subspaces.is_empty() || plan.space.iter().any(|one| one.key == key.path && !one.when.is_empty())
        };
        let earlier = self.plan.as_deref().filter(has_gaps);
        let elsewhere = earlier.map_or(Value::Null, |plan| plan.base.get(&key.path).clone());
        Ok(KeyColumn { key, column, elsewhere })
    }

    fn columns_of_measure(&self, measure: &str) -> Result<Columns, (String, Option<String>)> {
        let (mean, sd) = (format!("{measure}_mean"), format!("{measure}_sd"));
        self.refuse_unusable(|name| name == measure || name == mean)?;
        let twice = |name: &str| self.names().filter(|own| *own == name).count() > 1;
        if let Some(name) = [measure, mean.as_str()].into_iter().find(|name| twice(name)) {
            return Err((format!("two columns of {}", quoted(name)), None));
        }
        if let Some(at) = self.position(measure) {
            return Ok(Columns::Values(at));
        }
        if let Some(mean) = self.position(&mean) {
            return Ok(Columns::Statistics { mean, sd: self.position(&sd) });
        }
        let near = nearest(measure, self.names()).or_else(|| nearest(&mean, self.names()));
        Err((format!("no column of {}, of which there are {}", quoted(measure), listed(self.names())), near))
    }

    /// Returns the values of a row, null for a key that does not exist in it; `None` if they are not of the space.
    ///
    /// # Errors
    /// If a cell holds another kind of value than its key.
    fn values(
        &self,
        plan: &Plan,
        space: &Space,
        keys: &[KeyColumn<'_>],
        row: usize,
    ) -> Result<Option<Vec<Value>>, SpecError> {
        let mut given = Vec::with_capacity(keys.len());
        for KeyColumn { key, column, elsewhere } in keys {
            let cell = &self.decoded.rows[row][*column];
            let value = match value_of(cell, &key.kind) {
                Some(Value::Null) => elsewhere.clone(),
                _ if is_nan(cell, &key.kind) => Value::Null,
                Some(value) if is_of_kind(&key.kind, &value) => whole_number(&key.kind, value),
                Some(_) | None => return Err(self.wrong_cell(row, *column, &key.kind.expected())),
            };
            given.push(Some(key.kind.accept(&value).unwrap_or(value)));
        }
        let existing = space.existing(given);
        let fits = |(value, KeyColumn { key, .. }): (&Option<Value>, &KeyColumn<'_>)| {
            value.as_ref().is_none_or(|value| key.kind.accept(value).is_some())
        };
        let holds = existing.iter().zip(keys).all(fits) && space.holds(&plan.space, &existing);
        Ok(holds.then(|| existing.into_iter().map(|value| value.unwrap_or(Value::Null)).collect()))
    }

    /// Returns whether no trial of a row has ended: it says how many were ok, failed or diverged, and none was.
    fn is_without_result(&self, cells: &[Cell]) -> bool {
        let named = |name: &str| self.position(name).and_then(|at| number(&cells[at]));
        let counts = ["n_ok", "n_failed", "n_diverged", "n_pruned"];
        named("n_ok").is_some() && counts.into_iter().filter_map(named).sum::<f64>() == 0.0
    }

    /// Returns whether a row is of what was stopped early.
    fn is_stopped(&self, cells: &[Cell]) -> bool {
        let cell = |name: &str| Some(&cells[self.position(name)?]);
        cell("n_pruned").and_then(number).is_some_and(|count| count > 0.0)
            || cell("status").is_some_and(|cell| text(cell) == Some("pruned"))
    }

    /// Keeps one of the rows that tell of the same trials: copies of a configuration, which ran once, are rows of results
    /// with the same seed, or of configurations with the same statistics.
    fn keep_distinct(&self, rows: &mut Vec<usize>, measures: &[Columns]) {
        let seed = self.position("seed");
        if rows.len() < 2 || seed.or(self.position("config_id")).is_none() {
            return;
        }
        let mut told: Vec<usize> = measures.iter().map(Columns::first).collect();
        told.extend(seed);
        let mut seen = HashSet::new();
        rows.retain(|row| {
            let cells = told.iter().map(|at| number(&self.decoded.rows[*row][*at]).map(f64::to_bits));
            seen.insert(cells.collect::<Vec<_>>())
        });
    }
}

/// Returns whether a value is of the kind that a key holds, whichever its bounds are.
fn is_of_kind(kind: &Kind, value: &Value) -> bool {
    match kind.without_null() {
        Kind::Flag => matches!(value, Value::Bool(_)),
        Kind::Integer { .. } | Kind::Number { .. } | Kind::OptionalNumber { .. } => value.as_f64().is_some(),
        Kind::Word(_) | Kind::Text | Kind::File | Kind::Folder => value.as_text().is_some(),
        Kind::CountOrWord { .. } | Kind::RateOrRates { .. } => !matches!(value, Value::Bool(_)),
        Kind::Sizes { .. } | Kind::Range { .. } | Kind::List(_) => value.as_list().is_some(),
        Kind::OrNull(_) => true,
    }
}

/// Returns 2.0 as 2 where integers are meant: a column with empty cells has no integers for pandas.
fn whole_number(kind: &Kind, value: Value) -> Value {
    let is_whole = |x: &f64| x.fract() == 0.0 && x.abs() < 9e15;
    match (kind.without_null(), &value) {
        (Kind::Integer { .. } | Kind::CountOrWord { .. }, Value::Float(x)) if is_whole(x) => Value::Int(*x as i64),
        (_, _) => value,
    }
}

/// Returns whether a cell holds NaN or an infinity where a number is meant, as programs write where there is nothing.
fn is_nan(cell: &Cell, kind: &Kind) -> bool {
    let is_number =
        matches!(kind.without_null(), Kind::Integer { .. } | Kind::Number { .. } | Kind::OptionalNumber { .. });
    let held = match cell {
        Cell::Typed(value) => value.as_f64(),
        Cell::Written(text) | Cell::Quoted(text) => text.trim().parse().ok(),
    };
    is_number && held.is_some_and(|x: f64| !x.is_finite())
}

fn text(cell: &Cell) -> Option<&str> {
    match cell {
        Cell::Typed(value) => value.as_text(),
        Cell::Written(text) | Cell::Quoted(text) => Some(text),
    }
}
