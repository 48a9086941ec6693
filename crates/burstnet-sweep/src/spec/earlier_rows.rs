//! The rows of a table of earlier results that fit a plan.

use std::collections::HashMap;

use burstnet_core::config::{Schema, Value};
use burstnet_core::numbers::mean;
use burstnet_core::text::{listed, quoted};

use super::learn_from::EarlierTable;
use super::place::{Place, SpecError};
use super::table::{Cell, key_of, value_of};
use crate::limits::MOST_EARLIER;
use crate::nearest::nearest;
use crate::plan::Plan;
use crate::plan::columns::column_of;
use crate::plan::earlier::{Earlier, EarlierResult};

/// The columns of a measure: by replicate, or of its statistics.
enum Columns {
    Values(usize),
    Statistics { mean: usize, sd: Option<usize> },
}

impl EarlierTable {
    /// Returns the results that fit a plan.
    ///
    /// # Errors
    /// If it is of another program, lacks a key or a measure, or no row fits.
    pub(crate) fn results(&self, place: &Place, plan: &Plan, schema: &Schema) -> Result<Earlier, SpecError> {
        let whole = |problem: String| SpecError::new(place, format!("search.learn_from {}: {problem}", self.given));
        self.check_program(plan).map_err(|(problem, expected)| whole(problem).expected(expected))?;
        let keys: Vec<(usize, usize)> = plan
            .space
            .iter()
            .enumerate()
            .map(|(at, dimension)| self.column_of_key(&dimension.key, schema).map(|column| (at, column)))
            .collect::<Result<_, _>>()
            .map_err(|(problem, near)| SpecError {
                nearest: near.map(Into::into),
                ..whole(problem).expected("a column for each swept key")
            })?;
        self.refuse_others(plan).map_err(|(problem, expected)| whole(problem).expected(expected))?;
        let measures =
            plan.objectives().map(|goal| &goal.measure).chain(plan.subject_to.iter().map(|bound| &bound.measure));
        let measures: Vec<Columns> = measures
            .map(|measure| self.columns_of_measure(measure))
            .collect::<Result<_, _>>()
            .map_err(|(problem, near)| SpecError {
                nearest: near.map(Into::into),
                ..whole(problem).expected("a column of it, or of its mean")
            })?;
        self.check_numbers(&measures)?;
        let mut found =
            Earlier { given: self.given.clone(), blake3: self.blake3.clone(), left_out: 0, results: Vec::new() };
        let mut rows: Vec<(Vec<Value>, Vec<usize>)> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        for (row, cells) in self.decoded.rows.iter().enumerate() {
            let Some(values) = self.values(plan, schema, &keys, cells).filter(|_| !self.is_stopped(cells)) else {
                found.left_out += 1;
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
        if rows.len() > MOST_EARLIER {
            return Err(whole(format!("{} configurations", rows.len())).expected(format!("at most {MOST_EARLIER}")));
        }
        found.results = rows.into_iter().map(|(values, rows)| self.result(values, &rows, &measures)).collect();
        if found.results.is_empty() {
            let all = self.decoded.rows.len();
            return Err(whole(format!("none of {all} rows fits the space"))
                .expected("rows whose values lie within search.space"));
        }
        if found.results.iter().all(|one| one.means.iter().all(Option::is_none)) {
            let problem = format!("no row has a value of {}", plan.objective.measure);
            return Err(whole(problem).expected("results of trials that were ok"));
        }
        Ok(found)
    }

    /// Refuses words where measures are expected. A cell without a number, NaN and infinities are results without a value.
    fn check_numbers(&self, measures: &[Columns]) -> Result<(), SpecError> {
        let columns = measures.iter().map(|one| match one {
            Columns::Values(at) | Columns::Statistics { mean: at, .. } => *at,
        });
        for column in columns {
            for (row, cells) in self.decoded.rows.iter().enumerate() {
                let Some(word) = cells.get(column).and_then(text).map(str::trim) else { continue };
                if word.is_empty() || word.parse::<f64>().is_ok() {
                    continue;
                }
                let (name, number) = &self.decoded.columns[column];
                let line = self.decoded.lines.get(row).copied().unwrap_or(row + 2);
                let whole = Place::whole(&self.path.display().to_string());
                let place = Place { position: Some((line, *number)), ..whole };
                let problem = format!("{name} is {}", quoted(word));
                return Err(SpecError::new(&place, problem).expected("a number, or nothing for a trial that failed"));
            }
        }
        Ok(())
    }

    /// Checks that a directory is of the same program.
    fn check_program(&self, plan: &Plan) -> Result<(), (String, String)> {
        let Some(earlier) = &self.plan else { return Ok(()) };
        match (&earlier.model, &plan.model) {
            (None, None) => Ok(()),
            (Some(_), None) => {
                Err(("it is of a program, and this sweep of the burst network".into(), "results of the same".into()))
            }
            (None, Some(_)) => {
                Err(("it is of the burst network, and this sweep of a program".into(), "results of the same".into()))
            }
            (Some(earlier), Some(now)) => {
                for file in &now.files {
                    let Some(other) = earlier.files.iter().find(|other| other.name == file.name) else { continue };
                    if other.blake3 != file.blake3 {
                        let start = |text: &str| text.get(..16).unwrap_or_default().to_owned();
                        let (before, now) = (start(&other.blake3), start(&file.blake3));
                        return Err((
                            format!(
                                "it is of another program: {} has the BLAKE3 {before} there, and {now} here",
                                quoted(&file.name)
                            ),
                            "results of the same program, or a table of them".into(),
                        ));
                    }
                }
                if earlier.command != now.command {
                    return Err((
                        format!("it is of another program: {:?} there, and {:?} here", earlier.command, now.command),
                        "results of the same program, or a table of them".into(),
                    ));
                }
                Ok(())
            }
        }
    }

    /// Refuses a directory in which keys are varied that this plan holds at one value.
    fn refuse_others(&self, plan: &Plan) -> Result<(), (String, String)> {
        let Some(earlier) = &self.plan else { return Ok(()) };
        let other = earlier.space.iter().find(|other| plan.space.iter().all(|own| own.key != other.key));
        match other {
            None => Ok(()),
            Some(other) => {
                Err((format!("it also varies {}", other.key), "results of a sweep that varies the same keys".into()))
            }
        }
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.decoded.columns.iter().map(|(name, _)| name.as_str())
    }

    fn column_of_key(&self, key: &str, schema: &Schema) -> Result<usize, (String, Option<String>)> {
        let at = self.names().position(|name| key_of(name, schema).is_some_and(|found| found.path == key));
        at.ok_or_else(|| {
            let near = nearest(key, self.names()).or_else(|| nearest(&column_of(key), self.names()));
            (format!("no column of {}, which is swept", quoted(key)), near)
        })
    }

    fn columns_of_measure(&self, measure: &str) -> Result<Columns, (String, Option<String>)> {
        let find = |name: &str| self.names().position(|own| own == name);
        if let Some(mean) = find(&format!("{measure}_mean")) {
            return Ok(Columns::Statistics { mean, sd: find(&format!("{measure}_sd")) });
        }
        find(measure).map(Columns::Values).ok_or_else(|| {
            let near = nearest(measure, self.names()).or_else(|| nearest(&format!("{measure}_mean"), self.names()));
            (format!("no column of {}, of which there are {}", quoted(measure), listed(self.names())), near)
        })
    }

    /// Returns the values of a row; `None` if one does not lie in the space.
    fn values(&self, plan: &Plan, schema: &Schema, keys: &[(usize, usize)], cells: &[Cell]) -> Option<Vec<Value>> {
        let value = |(at, column): &(usize, usize)| {
            let dimension = &plan.space[*at];
            let kind = &schema.key(&dimension.key)?.kind;
            let value = value_of(cells.get(*column)?, kind)?;
            if value == Value::Null && !dimension.when.is_empty() {
                return Some(Value::Null);
            }
            kind.accept(&value).filter(|value| dimension.ratio_of.is_some() || dimension.domain.holds(value))
        };
        keys.iter().map(value).collect()
    }

    /// Returns whether a row is of what was stopped early.
    fn is_stopped(&self, cells: &[Cell]) -> bool {
        let cell = |name: &str| cells.get(self.names().position(|own| own == name)?);
        cell("n_pruned").and_then(number).is_some_and(|count| count > 0.0)
            || cell("status").is_some_and(|cell| text(cell) == Some("pruned"))
    }

    /// Returns the result of a configuration that has these rows.
    fn result(&self, values: Vec<Value>, rows: &[usize], measures: &[Columns]) -> EarlierResult {
        let cell = |row: usize, column: usize| self.decoded.rows[row].get(column).and_then(number);
        let named = |row: usize, name: &str| cell(row, self.names().position(|own| own == name)?);
        let counts = |name: &str| rows.iter().filter_map(|row| named(*row, name)).sum::<f64>();
        let statistics = measures.iter().any(|one| matches!(one, Columns::Statistics { .. }));
        let failed = counts("n_failed") + counts("n_diverged") > 0.0;
        let replicates = if statistics { (counts("n_ok") as u64).max(1) } else { rows.len() as u64 };
        let (mut means, mut errors) = (Vec::new(), Vec::new());
        for measure in measures {
            let (value, sd) = match measure {
                Columns::Statistics { mean, sd } => {
                    (cell(rows[0], *mean).filter(|_| !failed), sd.and_then(|sd| cell(rows[0], sd)))
                }
                Columns::Values(column) => {
                    let held: Option<Vec<f64>> = rows.iter().map(|row| cell(*row, *column)).collect();
                    let value = held.as_ref().and_then(|held| mean(held.iter().copied()));
                    let sd = held.filter(|held| held.len() > 1).zip(value).map(|(held, mean)| {
                        let squares: f64 = held.iter().map(|x| (x - mean) * (x - mean)).sum();
                        (squares / (held.len() as f64 - 1.0)).sqrt()
                    });
                    (value, sd)
                }
            };
            means.push(value);
            let error = sd.filter(|_| replicates > 1).map(|sd| sd / (replicates as f64).sqrt());
            errors.push(error.filter(|error| value.is_some() && error.is_finite()));
        }
        EarlierResult { values, means, errors, replicates }
    }
}

fn number(cell: &Cell) -> Option<f64> {
    let value = match cell {
        Cell::Typed(value) => value.as_f64(),
        Cell::Written(text) | Cell::Quoted(text) => text.trim().parse().ok(),
    };
    value.filter(|x| x.is_finite())
}

fn text(cell: &Cell) -> Option<&str> {
    match cell {
        Cell::Typed(value) => value.as_text(),
        Cell::Written(text) | Cell::Quoted(text) => Some(text),
    }
}
