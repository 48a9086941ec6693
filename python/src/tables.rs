//! Tables of results as Arrow tables.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchReader, StructArray};
use arrow::datatypes::{Field, SchemaRef};
use arrow::error::ArrowError;
use burstnet_cli::Failure;
use burstnet_core::engine::Isa;
use burstnet_report::analysis::{Analysis, Confirmed, Options};
use burstnet_report::tables::{self, batches};
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::results::study::Study as OpenStudy;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use pyo3_arrow::ffi::{ArrayIterator, to_stream_pycapsule};

use crate::errors::raised;
use crate::threads::pool;

/// A table in memory.
#[pyclass(frozen, module = "burstnet")]
pub(crate) struct Table {
    batches: Vec<RecordBatch>,
    schema: SchemaRef,
}

#[pymethods]
impl Table {
    /// Returns the table as a stream of the Arrow C interface. The columns are not copied.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let rows =
            Field::new_struct("", self.schema.fields().clone(), false).with_metadata(self.schema.metadata.clone());
        let arrays = self.batches.clone().into_iter().map(|batch| Ok(Arc::new(StructArray::from(batch)) as ArrayRef));
        Ok(to_stream_pycapsule(py, Box::new(ArrayIterator::new(arrays, rows.into())), requested_schema)?)
    }

    /// Returns the number of rows.
    fn __len__(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The names of the columns.
    #[getter]
    fn column_names(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// Reads a Parquet file.
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        py.detach(|| read(&path)).map_err(|error| PyOSError::new_err(format!("{}: {error}", path.display())))
    }
}

fn read(path: &Path) -> Result<Table, ArrowError> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?.build()?;
    held(reader)
}

fn held(reader: impl RecordBatchReader) -> Result<Table, ArrowError> {
    let schema = reader.schema();
    Ok(Table { batches: reader.collect::<Result<_, _>>()?, schema })
}

/// The results directory of a sweep. Each call reads the journals as they are then.
#[pyclass(frozen, module = "burstnet")]
pub(crate) struct Study {
    results: PathBuf,
}

#[pymethods]
impl Study {
    /// Opens a results directory.
    #[new]
    fn new(py: Python<'_>, results: PathBuf) -> PyResult<Self> {
        let study = Self { results };
        study.with(py, |_, _| Ok(()))?;
        Ok(study)
    }

    /// Returns a table by its name.
    #[pyo3(signature = (name, *, baseline=None))]
    fn table(&self, py: Python<'_>, name: &str, baseline: Option<u64>) -> PyResult<Table> {
        self.with(py, |study, model| {
            let objective = model.objective();
            let reader = match name {
                "trials" => batches::trials(study, objective),
                "curves" => batches::curves(study, objective),
                "summary" => batches::summary(study, objective),
                "timings" => batches::timings(study, objective),
                "effects" => batches::effects(study, objective),
                "contrasts" => batches::contrasts(study, objective, baseline),
                other => return Err(Failure::Input(format!("there is no table '{other}'"))),
            };
            held(reader?).map_err(|error| Failure::Environment(error.to_string()))
        })
    }

    /// Returns the plan, as JSON.
    fn plan(&self, py: Python<'_>) -> PyResult<String> {
        self.with(py, |study, _| study.plan.to_json().map_err(|error| Failure::Environment(error.to_string())))
    }

    /// Returns the analysis of a measure, as JSON. At least the `top` best configurations are ranked.
    #[pyo3(signature = (*, measure=None, top=0))]
    fn analysis(&self, py: Python<'_>, measure: Option<String>, top: usize) -> PyResult<String> {
        self.with(py, |study, model| {
            let collected = tables::collected(study, model.objective())?;
            let mut options = Options::default();
            options.top = options.top.max(top);
            options.measure = measure;
            options.results = Some(study.results.clone());
            let plan = collected.ledger.configurations();
            let analysis = Analysis::of(plan, &collected.measures, &collected.sample, &options);
            let mut analysis = analysis.map_err(|error| Failure::Input(error.to_string()))?;
            Confirmed::add_to(&mut analysis, (&**plan, &collected.sample), study, model.objective());
            serde_json::to_string(&analysis).map_err(|error| Failure::Environment(error.to_string()))
        })
    }
}

impl Study {
    /// Opens the directory and reads it, without the interpreter's lock.
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        read: impl FnOnce(&OpenStudy, &NamedModel) -> Result<T, Failure> + Send,
    ) -> PyResult<T> {
        let pool = pool()?;
        let opened = || {
            let model = NamedModel::of_results(&self.results, Isa::detect())?;
            let study = OpenStudy::open(&self.results, model.objective())?;
            read(&study, &model)
        };
        py.detach(|| pool.install(opened)).map_err(|failure| raised(py, &failure))
    }
}
