//! Results as Parquet, derived from a plan and its journal: tables of a sweep and traces of single runs. And results as
//! pages to look at.

pub mod analysis;
mod arrow_schema;
mod configuration_rows;
pub mod csv_output;
pub mod export;
pub mod factors;
pub mod learning_curves;
pub mod page;
pub mod parquet_file;
pub mod sample;
pub mod staged;
pub mod statistics;
mod statistics_tables;
pub mod table_file;
pub mod tables;
pub mod trace;
pub mod trial_page;

/// A table that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Parquet refuses what it is given or cannot write it.
    #[error("{}: {source}", path.display())]
    Parquet {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        source: parquet::errors::ParquetError,
    },
    /// Two columns of a table would have the same name. No sweep is planned like this any more.
    #[error("{}: no tables are written, since in {} {clash}; expected another name, in the sweep file of a new results directory", results.display(), tables.join(", "))]
    Names {
        /// The results directory.
        results: std::path::PathBuf,
        /// The tables.
        tables: Vec<&'static str>,
        /// The columns.
        clash: Box<burstnet_sweep::names::Clash>,
    },
    /// An output, such as the standard output, does not take what it is given.
    #[error("cannot write to the output: {0}")]
    Output(std::io::Error),
    /// A journal cannot be read.
    #[error(transparent)]
    Journal(#[from] burstnet_sweep::journal::JournalError),
    /// A page cannot be written.
    #[error("the page: {source}")]
    Page {
        /// Why.
        #[from]
        source: std::io::Error,
    },
    /// What is asked for does not fit the sweep.
    #[error(transparent)]
    Analysis(#[from] analysis::AnalysisError),
    /// The results directory cannot be locked.
    #[error(transparent)]
    Study(#[from] burstnet_sweep::study::StudyError),
}
