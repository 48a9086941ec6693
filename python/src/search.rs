//! Searches that are asked and told.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use burstnet_cli::Failure;
use burstnet_core::engine::Isa;
use burstnet_report::import;
use burstnet_sweep::ask_tell::{AskTell, AskTellError};
use burstnet_sweep::plan::ResolvedPlan;
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::spec::place::SpecError;
use burstnet_sweep::spec::{Source, SweepSpec};
use pyo3::prelude::*;

use crate::errors::raised;
use crate::threads::pool;

/// A search whose trials Python runs.
#[pyclass(frozen, module = "burstnet")]
pub(crate) struct Search(Mutex<AskTell>);

#[pymethods]
impl Search {
    /// Starts the search that the text of a sweep file describes.
    #[new]
    fn new(py: Python<'_>, text: String) -> PyResult<Self> {
        let pool = pool()?;
        let plan = py.detach(|| pool.install(|| plan(text)));
        plan.map(|plan| Self(Mutex::new(AskTell::new(plan)))).map_err(|error| raised(py, &error.into()))
    }

    /// Returns the number and the values of the next configuration, the values as JSON; `None` if there is no other.
    fn ask(&self, py: Python<'_>) -> PyResult<Option<(u64, String)>> {
        let asked = py.detach(|| self.0.lock().unwrap_or_else(PoisonError::into_inner).ask());
        let asked = asked.map_err(|error| wrong(py, &error))?;
        Ok(asked.map(|asked| {
            let values: serde_json::Map<String, serde_json::Value> = asked
                .values
                .into_iter()
                .map(|(key, value)| (key, serde_json::to_value(value).unwrap_or_default()))
                .collect();
            (asked.number, serde_json::Value::Object(values).to_string())
        }))
    }

    /// Notes the values of a trial, and of the measures with bounds.
    fn tell(
        &self,
        py: Python<'_>,
        number: u64,
        values: Vec<Option<f64>>,
        measures: Vec<(String, Option<f64>)>,
    ) -> PyResult<()> {
        let told = py.detach(|| {
            let measures: Vec<(&str, Option<f64>)> = measures.iter().map(|(name, x)| (name.as_str(), *x)).collect();
            self.0.lock().unwrap_or_else(PoisonError::into_inner).tell(number, &values, &measures)
        });
        told.map_err(|error| wrong(py, &error))
    }

    /// Returns the number of the best trial.
    fn best(&self, py: Python<'_>) -> Option<u64> {
        py.detach(|| self.0.lock().unwrap_or_else(PoisonError::into_inner).best())
    }

    /// Returns the numbers of the best compromises.
    fn front(&self, py: Python<'_>) -> Vec<u64> {
        py.detach(|| self.0.lock().unwrap_or_else(PoisonError::into_inner).front())
    }
}

fn plan(text: String) -> Result<ResolvedPlan, SpecError> {
    let source = Source::parse(Path::new("search"), text)?.with_tables(import::read).with_results(import::read_all);
    let model = NamedModel::of_file(&source, &[], Isa::detect())?;
    SweepSpec::new(&source, Vec::new(), model.objective().schema())?.plan(model.objective())
}

fn wrong(py: Python<'_>, error: &AskTellError) -> PyErr {
    raised(py, &Failure::Input(error.to_string()))
}
