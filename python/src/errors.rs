//! Failures of the command as exceptions of Python.

use burstnet_cli::Failure;
use pyo3::prelude::*;

/// Returns the exception of a failure, by its exit code.
pub(crate) fn raised(py: Python<'_>, failure: &Failure) -> PyErr {
    let made = || py.import("burstnet.errors")?.getattr("of_code")?.call1((failure.code(), failure.message()));
    match made() {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}
