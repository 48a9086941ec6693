//! Tables: those of a sweep as Parquet files, as CSV and as record batches, and traces of single runs.

mod all;
pub mod batches;
pub(crate) mod csv;
mod derive;
pub mod export;
mod parquet;
mod schema;
pub(crate) mod sink;
pub(crate) mod stage;
mod statistics_rows;
mod summary_rows;
pub mod trace;
pub(crate) mod writer;

use burstnet_sweep::plan::columns::{self, Column, Layout};

pub use derive::{Collected, Overview, TrialRecords, check_names, collected, find, write};
pub(crate) use derive::{collect, defaults_of, read, write_into};

/// One of the tables of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TableName {
    /// A row per trial.
    Trials,
    /// A row per trial, layer and window of a loss curve.
    Curves,
    /// A row per configuration.
    Summary,
    /// A row per trial of what differs from run to run.
    Timings,
    /// Shares of variance, main effects and rank stability.
    Effects,
    /// The best configurations with intervals, compared with a baseline.
    Contrasts,
}

impl TableName {
    /// All tables.
    pub const ALL: [Self; 6] =
        [Self::Trials, Self::Curves, Self::Summary, Self::Timings, Self::Effects, Self::Contrasts];

    /// Returns its name.
    pub const fn name(self) -> &'static str {
        PARQUET[self as usize]
    }

    /// Returns its columns.
    pub(crate) fn columns(self, layout: &Layout) -> Vec<Column> {
        match self {
            Self::Trials => columns::trials(layout),
            Self::Curves => columns::curves(),
            Self::Summary => columns::summary(layout),
            Self::Timings => columns::timings(),
            Self::Effects => columns::effects(),
            Self::Contrasts => columns::contrasts(layout),
        }
    }
}

/// The names of the tables, in the order of [`TableName::ALL`].
pub const PARQUET: [&str; 6] = ["trials", "curves", "summary", "timings", "effects", "contrasts"];

/// The files of the tables, in the same order. The first three are a pure function of the plan.
pub const FILES: [&str; 6] =
    ["trials.parquet", "curves.parquet", "summary.parquet", "timings.parquet", "effects.parquet", "contrasts.parquet"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_files_belong_to_each_other() {
        let files = TableName::ALL.map(|table| format!("{}.parquet", table.name()));
        assert_eq!(files, FILES);
    }
}
