//! The extension module of the Python package burstnet: the command within the process of Python, and its tables.
//!
//! All that it computes is in the other crates. `python/burstnet` gives it the shape of a package.

mod command;
mod errors;
mod search;
mod tables;
mod threads;

/// The extension module.
#[pyo3::pymodule]
mod _burstnet {
    use pyo3::types::{PyModule, PyModuleMethods as _};
    use pyo3::{Bound, PyResult};

    #[pymodule_export]
    use super::command::{called_as, command, end_programs, main};
    #[pymodule_export]
    use super::search::Search;
    #[pymodule_export]
    use super::tables::{Study, Table};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
