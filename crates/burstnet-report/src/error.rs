//! Errors of this crate.

mod comparison;

pub use comparison::ComparisonError;

use burstnet_sweep::nearest::nearest;

/// A table that cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: std::path::PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// Parquet refuses what it is given or cannot write it.
    #[error("{}: {source}", path.display())]
    Parquet {
        /// The file.
        path: std::path::PathBuf,
        /// The reason.
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
        clash: Box<burstnet_sweep::plan::names::Clash>,
    },
    /// An output, such as the standard output, does not take what it is given.
    #[error("cannot write to the output: {0}")]
    Output(std::io::Error),
    /// A journal cannot be read.
    #[error(transparent)]
    Journal(#[from] burstnet_sweep::results::journal::JournalError),
    /// A page cannot be written.
    #[error("the page: {source}")]
    Page {
        /// The reason.
        #[from]
        source: std::io::Error,
    },
    /// The options do not fit the sweep.
    #[error(transparent)]
    Analysis(#[from] AnalysisError),
    /// The results directory cannot be locked.
    #[error(transparent)]
    Study(#[from] burstnet_sweep::results::study::StudyError),
}

/// Returns the measure that is nearest to `name`, as the end of a message.
fn meant(name: &str, known: &[String]) -> String {
    comparison::meant(nearest(name, known.iter().map(String::as_str)).as_ref())
}

/// Options that do not fit the sweep.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
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
        /// Number of these trials.
        configurations: u64,
    },
    /// A planned comparison cannot be made.
    #[error(transparent)]
    Comparison(#[from] ComparisonError),
}

/// Hidden units that cannot be recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnitsError {
    /// A part of the argument is no number.
    #[error("{argument}: '{text}' is not a number, expected units like 0,3,10-19 or 1:0,3")]
    NoNumber {
        /// The argument.
        argument: String,
        /// The part.
        text: String,
    },
    /// The network does not have such a layer.
    #[error("{argument}: hidden layer {layer} of {layers}, counted from 0")]
    NoLayer {
        /// The argument.
        argument: String,
        /// The layer.
        layer: usize,
        /// Number of hidden layers.
        layers: usize,
    },
    /// The layer does not have such a unit.
    #[error("{argument}: unit {unit} of hidden layer {layer}, which has {units}, counted from 0")]
    NoUnit {
        /// The argument.
        argument: String,
        /// The unit.
        unit: usize,
        /// The layer.
        layer: usize,
        /// Number of units of the layer.
        units: usize,
    },
    /// More units of a layer are chosen than a page shows.
    #[error("{units} units of hidden layer {layer}, expected at most {most} of a layer")]
    TooMany {
        /// Number of units.
        units: usize,
        /// The layer.
        layer: usize,
        /// The most that there can be.
        most: usize,
    },
}
