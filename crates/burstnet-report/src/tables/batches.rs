//! The tables of a sweep as Arrow record batches, for programs that take them without files.
//!
//! Each function reads the journals anew, takes no lock and writes nothing, so that it also works while the sweep is
//! running. The whole table is held in memory.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let out = folder.path().join("density");
//! use arrow::array::RecordBatchReader as _;
//! use burstnet_report::tables::batches;
//! use burstnet_sweep::sweep::Sweep;
//!
//! let sweep = "
//! base: {network: {layers: [4, 3, 2]}, signals: {length: 20}, training: {epochs: 2}}
//! search: {space: {feedback.density: [0.5, 1.0]}}
//! ";
//! let finished = Sweep::from_yaml(sweep)?.out(&out).threads(1).run()?;
//! let trials = batches::trials(&finished.study, finished.objective())?;
//! assert!(trials.schema().field_with_name("test_mae").is_ok());
//! for batch in trials {
//!     assert_eq!(batch?.num_rows(), 2);
//! }
//! # Ok(())
//! # }
//! ```

use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, RecordBatch, RecordBatchIterator};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use burstnet_sweep::objective::Objective;
use burstnet_sweep::plan::columns::Column;
use burstnet_sweep::results::study::Study;

use super::TableName;
use super::derive::{collect, metadata};
use super::schema::arrow_schema;
use super::sink::Sink;
use crate::ReportError;

/// A table in memory, as an [`arrow::array::RecordBatchReader`]. Its schema has the metadata of the Parquet file.
pub type Batches = RecordBatchIterator<Vec<Result<RecordBatch, ArrowError>>>;

/// Reads `trials`, which has a row per trial.
///
/// # Errors
/// Returns an error if a journal cannot be read, or two columns have the same name.
pub fn trials(study: &Study, objective: &dyn Objective) -> Result<Batches, ReportError> {
    table(study, objective, TableName::Trials, None)
}

/// Reads `curves`, which has a row per trial, layer and window.
///
/// # Errors
/// The same as [`trials`].
pub fn curves(study: &Study, objective: &dyn Objective) -> Result<Batches, ReportError> {
    table(study, objective, TableName::Curves, None)
}

/// Reads `summary`, which has a row per configuration.
///
/// # Errors
/// The same as [`trials`].
pub fn summary(study: &Study, objective: &dyn Objective) -> Result<Batches, ReportError> {
    table(study, objective, TableName::Summary, None)
}

/// Reads `timings`, which has a row per trial.
///
/// # Errors
/// The same as [`trials`].
pub fn timings(study: &Study, objective: &dyn Objective) -> Result<Batches, ReportError> {
    table(study, objective, TableName::Timings, None)
}

/// Reads `effects`: shares of variance, main effects and rank stability.
///
/// # Errors
/// The same as [`trials`].
pub fn effects(study: &Study, objective: &dyn Objective) -> Result<Batches, ReportError> {
    table(study, objective, TableName::Effects, None)
}

/// Reads `contrasts`: the best configurations, compared with configuration `baseline`, or with the best one.
///
/// # Errors
/// The same as [`trials`], or if there is no such configuration.
pub fn contrasts(study: &Study, objective: &dyn Objective, baseline: Option<u64>) -> Result<Batches, ReportError> {
    table(study, objective, TableName::Contrasts, baseline)
}

fn table(
    study: &Study,
    objective: &dyn Objective,
    table: TableName,
    baseline: Option<u64>,
) -> Result<Batches, ReportError> {
    let held = Held::default();
    let mut schema = arrow_schema(&[]);
    let sink = |columns: &[Column]| -> Result<Box<dyn Sink>, ReportError> {
        schema = arrow_schema(columns);
        Ok(Box::new(held.clone()))
    };
    let collected = collect(study, objective, Some((table, Box::new(sink))), baseline)?;
    let metadata = metadata(collected.ledger.configurations(), collected.sample.total().all());
    let metadata = metadata.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let schema: SchemaRef = Arc::new(schema.as_ref().clone().with_metadata(metadata));
    let rows = std::mem::take(&mut *held.0.lock().unwrap_or_else(PoisonError::into_inner));
    let batch = |arrays| RecordBatch::try_new(Arc::clone(&schema), arrays);
    let batches: Vec<Result<RecordBatch, ArrowError>> = rows.into_iter().map(batch).collect();
    Ok(RecordBatchIterator::new(batches, schema))
}

/// The rows of a table, collected.
#[derive(Clone, Default)]
struct Held(Arc<Mutex<Vec<Vec<ArrayRef>>>>);

impl Sink for Held {
    fn write(&mut self, arrays: Vec<ArrayRef>) -> Result<(), ReportError> {
        if arrays.first().is_some_and(|column| !column.is_empty()) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(arrays);
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), ReportError> {
        Ok(())
    }
}
