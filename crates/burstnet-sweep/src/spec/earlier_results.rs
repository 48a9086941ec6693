//! The result of a configuration by its rows in a table of earlier results.

use burstnet_core::config::Value;
use burstnet_core::numbers::mean;

use super::table::Cell;
use crate::plan::earlier::EarlierResult;

/// The columns of a measure: of its values, one for each replicate, or of their statistics.
pub(super) enum Columns {
    Values(usize),
    Statistics { mean: usize, sd: Option<usize> },
}

impl Columns {
    /// Returns the column of the value or of the mean.
    pub(super) fn first(&self) -> usize {
        match self {
            Self::Values(at) | Self::Statistics { mean: at, .. } => *at,
        }
    }
}

/// The columns that say how many replicates ended how.
pub(super) struct Counts {
    ok: Option<usize>,
    not_ok: Vec<usize>,
}

impl Counts {
    /// Returns the columns, of which `position` finds those that are there.
    pub(super) fn of(position: impl Fn(&str) -> Option<usize>) -> Self {
        let not_ok = ["n_failed", "n_diverged"].into_iter().filter_map(&position).collect();
        Self { ok: position("n_ok"), not_ok }
    }
}

/// The statistics of a measure, by one row or over several.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Statistics {
    replicates: f64,
    mean: f64,
    /// The sample standard deviation; `None` if it is not known.
    sd: Option<f64>,
}

impl Statistics {
    /// Returns the statistics of all replicates together.
    fn pooled(all: &[Self]) -> Option<Self> {
        let [first, rest @ ..] = all else { return None };
        if rest.is_empty() {
            return Some(*first);
        }
        let replicates: f64 = all.iter().map(|one| one.replicates).sum();
        let mean = all.iter().map(|one| one.replicates * one.mean).sum::<f64>() / replicates;
        let squares = |one: &Self| {
            let within =
                if one.replicates > 1.0 { one.sd.map(|sd| (one.replicates - 1.0) * sd * sd) } else { Some(0.0) };
            within.map(|within| within + one.replicates * (one.mean - mean) * (one.mean - mean))
        };
        let squares: Option<Vec<f64>> = all.iter().map(squares).collect();
        let sd = squares.map(|squares| (squares.iter().sum::<f64>() / (replicates - 1.0)).sqrt());
        Some(Self { replicates, mean, sd })
    }
}

/// Returns the result of a configuration that has these rows, of which there is at least one. Without a value in any of
/// them it has none.
pub(super) fn result(values: Vec<Value>, rows: &[&[Cell]], measures: &[Columns], counts: &Counts) -> EarlierResult {
    let cell = |row: &[Cell], column: usize| row.get(column).and_then(number);
    let has_failed = rows.iter().any(|row| counts.not_ok.iter().any(|at| cell(row, *at).is_some_and(|n| n > 0.0)));
    let count = |row: &[Cell]| counts.ok.and_then(|at| cell(row, at)).map_or(1.0, |n| n.floor().max(1.0));
    let has_statistics = measures.iter().any(|one| matches!(one, Columns::Statistics { .. }));
    let replicates =
        if has_statistics { rows.iter().map(|row| count(row)).sum::<f64>() as u64 } else { rows.len() as u64 };
    let (mut means, mut errors) = (Vec::new(), Vec::new());
    for measure in measures {
        let (value, sd) = match measure {
            Columns::Statistics { mean, sd } => {
                let of = |row: &&[Cell]| {
                    let sd = sd.and_then(|sd| cell(row, sd)).filter(|sd| *sd >= 0.0);
                    Some(Statistics { replicates: count(row), mean: cell(row, *mean)?, sd })
                };
                let all: Option<Vec<Statistics>> = rows.iter().map(of).collect();
                let all = all.filter(|_| !has_failed).and_then(|all| Statistics::pooled(&all));
                (all.map(|all| all.mean).filter(|mean| mean.is_finite()), all.and_then(|all| all.sd))
            }
            Columns::Values(column) => {
                let held: Option<Vec<f64>> = rows.iter().map(|row| cell(row, *column)).collect();
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

/// Returns the finite number that a cell holds.
pub(super) fn number(cell: &Cell) -> Option<f64> {
    let value = match cell {
        Cell::Typed(value) => value.as_f64(),
        Cell::Written(text) | Cell::Quoted(text) => text.trim().parse().ok(),
    };
    value.filter(|x| x.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_of_several_rows_are_those_of_all_replicates() {
        let of = |values: &[f64]| {
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
            Statistics { replicates: n, mean, sd: (n > 1.0).then(|| (squares / (n - 1.0)).sqrt()) }
        };
        let pooled = Statistics::pooled(&[of(&[1.0, 2.0, 6.0]), of(&[4.0]), of(&[7.0, 9.0])]).unwrap();
        let all = of(&[1.0, 2.0, 6.0, 4.0, 7.0, 9.0]);
        assert_eq!((pooled.replicates, pooled.mean), (all.replicates, all.mean));
        assert!((pooled.sd.unwrap() - all.sd.unwrap()).abs() < 1e-12);
        let unknown = Statistics { sd: None, ..of(&[1.0, 2.0]) };
        assert_eq!(Statistics::pooled(&[unknown, of(&[3.0, 4.0])]).unwrap().sd, None);
        assert_eq!(Statistics::pooled(&[]), None);
    }
}
