//! The threads that compute for Python. They are made for each call, so that a process that was forked has its own.

use burstnet_sweep::objective::threads::cores;
use pyo3::PyResult;
use pyo3::exceptions::PyOSError;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// The stack of each thread, as that of a main thread.
const STACK: usize = 8 << 20;

/// Returns threads, one per core.
pub(crate) fn pool() -> PyResult<ThreadPool> {
    let builder = ThreadPoolBuilder::new().num_threads(cores()).stack_size(STACK);
    builder.build().map_err(|error| PyOSError::new_err(error.to_string()))
}
