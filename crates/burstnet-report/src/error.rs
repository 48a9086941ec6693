//! Why results cannot be shown.

use burstnet_sweep::spec::names::nearest;

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
    Analysis(#[from] AnalysisError),
    /// The results directory cannot be locked.
    #[error(transparent)]
    Study(#[from] burstnet_sweep::study::StudyError),
}

/// The measure that is nearest to `name`, as the end of a message.
fn meant(name: &str, known: &[String]) -> String {
    let nearest = nearest(name, known.iter().map(String::as_str));
    nearest.map_or(String::new(), |nearest| format!(" (did you mean '{nearest}'?)"))
}

/// Options that do not fit the sweep.
#[derive(Debug, thiserror::Error)]
pub enum AnalysisError {
    /// There is no such measure.
    #[error("measure '{name}' is not one of this sweep, expected one of {}{}", known.join(", "), meant(name, known))]
    Measure {
        /// The name.
        name: String,
        /// The measures that there are.
        known: Vec<String>,
    },
    /// There is no such configuration.
    #[error("configuration {config_id}: this sweep has {configurations}, numbered from 0")]
    Configuration {
        /// Its number.
        config_id: u64,
        /// How many there are.
        configurations: u64,
    },
}
