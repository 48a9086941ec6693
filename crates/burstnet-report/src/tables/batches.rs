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

use std::sync::atomic::AtomicBool;
//! # use burstnet_sweep::executor::Workers;
//! # use burstnet_sweep::journal::Damage;
//! # use burstnet_sweep::plan::Plan;
//! # use burstnet_sweep::record::TrialRecord;
//! # use burstnet_sweep::session::{Follower, Session, Task};
//! # use burstnet_sweep::shard::Shard;
//! # use burstnet_sweep::spec::{Source, SweepSpec};
//! # use burstnet_sweep::study::IfAnother;
//! use burstnet_sweep::burst::BurstNetwork;
//! use burstnet_sweep::objective::Objective as _;
//! use burstnet_sweep::study::Study;
//!
//! # struct Silent;
//! # impl Follower for Silent {
//! #     fn started(&mut self, _done: u64, _total: u64, _damage: &[Damage]) {}
//! #     fn finished(&mut self, _record: &TrialRecord) {}
//! #     fn idle(&mut self) {}
//! # }
//! let network = BurstNetwork::default();
//! # let folder = tempfile::tempdir()?;
//! # let results = folder.path();
//! # let text = "base: {network: {layers: [4, 3, 2]}, signals: {length: 20}, training: {epochs: 2}}\n\
//! #             search: {space: {feedback.density: [0.5, 1.0]}}\n";
//! # let spec = SweepSpec::new(&Source::parse("s.yaml".as_ref(), text.into())?, Vec::new(), network.schema())?;
//! # let plan = Plan::new(&spec, &network)?;
//! # let disk = burstnet_sweep::disk::system();
//! # let study = Study::create(&disk, results, plan, text, &network, IfAnother::Refuse)?;
//! # let task = Task { shard: Shard::WHOLE, round: None, sync_interval: std::time::Duration::ZERO, retry_failed: false };
//! # let workers = Workers { threads: 1, host: "here".into(), max_seconds: None };
//! # Session::begin(&study, &network, task)?.run(&network, &workers, &AtomicBool::new(false), &mut Silent)?;
//! let study = Study::open(results, &network)?;
//! let trials = batches::trials(&study, &network)?;
//! assert!(trials.schema().field_with_name("test_mae").is_ok());
//! for batch in trials {
//!     let batch = batch?;
//!     assert_eq!(batch.column_by_name("feedback_density").map(|column| column.len()), Some(2));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, RecordBatch, RecordBatchIterator};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use burstnet_sweep::columns::Column;
use burstnet_sweep::objective::Objective;
use burstnet_sweep::study::Study;

use super::TableName;
use super::derive::{collect, metadata};
use super::schema::arrow_schema;
use super::writer::Sink;
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
    let metadata = metadata(&study.plan, collected.sample.total().all());
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
