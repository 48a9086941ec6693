//! One table of a sweep to an output, as CSV. Nothing else is written and nothing locked.

use std::io::Write;

use burstnet_sweep::objective::Objective;
use burstnet_sweep::plan::columns::{self, Column, Layout};
use burstnet_sweep::results::study::Study;

use super::csv::CsvOutput;
use super::sink::Sink;
use super::writer::{Cell, TableWriter};
use super::{Collected, TableName, check_names, collect};
use crate::ReportError;
use crate::analysis::{Analysis, Options, RankedConfiguration};

/// A table that can be had as CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exported {
    /// The best configurations with their intervals, best first.
    Ranking,
    /// One that is a Parquet file too.
    Table(TableName),
}

impl Exported {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Ranking,
        Self::Table(TableName::Trials),
        Self::Table(TableName::Curves),
        Self::Table(TableName::Summary),
        Self::Table(TableName::Timings),
        Self::Table(TableName::Effects),
        Self::Table(TableName::Contrasts),
    ];

    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ranking => "ranking",
            Self::Table(table) => table.name(),
        }
    }

    /// Returns whether it depends on what the configurations are compared with.
    pub fn compares(self) -> bool {
        matches!(self, Self::Ranking | Self::Table(TableName::Contrasts))
    }

    /// Returns whether it is of a single measure, rather than of all.
    pub fn is_of_one_measure(self) -> bool {
        self == Self::Ranking
    }

    /// Returns the table of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }
}

/// Writes `table` of what the journals hold to `output`.
///
/// # Errors
/// Returns an error if a journal cannot be read, the output does not take it ([`ReportError::Output`]), or the options
/// name something that does not exist.
pub fn export(
    study: &Study,
    objective: &dyn Objective,
    table: Exported,
    options: &Options,
    output: impl Write + 'static,
) -> Result<Collected, ReportError> {
    options.check(&study.plan, study.plan.most_configurations())?; // before anything is written
    let wanted = match table {
        Exported::Ranking => return ranking(study, objective, options, output),
        Exported::Table(wanted) => wanted,
    };
    let sink =
        |columns: &[Column]| -> Result<Box<dyn Sink>, ReportError> { Ok(Box::new(CsvOutput::new(output, columns)?)) };
    collect(study, objective, Some((wanted, Box::new(sink))), options.baseline)
}

fn ranking(
    study: &Study,
    objective: &dyn Objective,
    options: &Options,
    output: impl Write + 'static,
) -> Result<Collected, ReportError> {
    check_names(study, objective, &[Exported::Ranking.name()])?;
    let collected = collect(study, objective, None, None)?;
    let analysis = Analysis::of(collected.ledger.configurations(), &collected.measures, &collected.sample, options)?;
    let layout = Layout::of(&study.plan, objective.schema(), &collected.measures);
    let columns = columns::ranking(&layout, &analysis.measure);
    let mut table = TableWriter::new(Box::new(CsvOutput::new(output, &columns)?), &columns);
    for one in &analysis.ranked {
        table.row(cells(one, &analysis))?;
    }
    table.finish()?;
    Ok(collected)
}

/// Returns a row of [`columns::ranking`].
fn cells<'a>(one: &'a RankedConfiguration, analysis: &Analysis) -> Vec<Cell<'a>> {
    let number = |x: Option<f64>| Cell::from(x);
    let mut cells = vec![Cell::Int(one.rank), Cell::Int(one.config_id)];
    cells.extend(one.values.iter().map(Cell::Value));
    cells.extend([one.counts.ok, one.counts.diverged, one.counts.failed].map(Cell::Int));
    cells.extend(one.subspace.as_deref().map(Cell::Text));
    cells.push(Cell::Int(one.n as u64));
    cells.extend(one.feasible.map(Cell::flag));
    cells.extend(one.summary.in_order().map(number));
    for interval in [one.t_interval, one.bootstrap_interval] {
        cells.extend([interval.map(|ends| ends.low), interval.map(|ends| ends.high)].map(number));
    }
    let contrast = one.contrast.as_ref();
    let baseline = analysis.baseline.filter(|_| contrast.is_some());
    cells.push(baseline.map_or(Cell::Null, |baseline| Cell::Int(baseline.config_id)));
    let interval = contrast.and_then(|contrast| contrast.interval);
    cells.push(number(contrast.and_then(|contrast| contrast.difference)));
    cells.extend([interval.map(|ends| ends.low), interval.map(|ends| ends.high)].map(number));
    cells.push(number(contrast.and_then(|contrast| contrast.p)));
    cells.extend([one.wins, one.best_probability].map(number));
    cells
}
