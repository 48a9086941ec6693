//! The command within the process of Python: on a thread of its own, with the interpreter's lock released.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use burstnet_cli::{Failure, Host, Told, called, command_within};
use burstnet_sweep::objective::external;
use burstnet_sweep::objective::panics;
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError};
use pyo3::prelude::*;

use crate::errors::raised;
use crate::threads::pool;

/// The interval at which Python looks for signals.
const LOOK: Duration = Duration::from_millis(50);

/// News from the thread that runs a command.
enum News {
    Message(String),
    Ended(Told),
}

/// Runs the command with these arguments. Returns what it printed, the results directory of a sweep that ran, and the
/// exception of its failure, if there is one.
///
/// The first signal lets running trials end; the second returns at once, and they end on their own.
#[pyfunction]
#[pyo3(signature = (arguments, hears, *, quiet=false, file=None, interpreter=None))]
pub(crate) fn command<'py>(
    py: Python<'py>,
    arguments: Vec<OsString>,
    hears: &Bound<'py, PyAny>,
    quiet: bool,
    file: Option<String>,
    interpreter: Option<PathBuf>,
) -> PyResult<(String, Option<PathBuf>, Option<Bound<'py, PyAny>>)> {
    let stop = Arc::new(AtomicBool::new(false));
    let (sender, receiver) = channel();
    let flag = Arc::clone(&stop);
    pool()?.spawn(move || run(arguments, flag, sender, (quiet, file, interpreter)));
    let (told, interrupt) = follow(py, hears, receiver, &stop)?;
    let Told { said, results, failure } = told;
    match (failure, interrupt) {
        (Some(Failure::Interrupted(_, message)), Some(error)) if error.is_instance_of::<PyKeyboardInterrupt>(py) => {
            Err(PyKeyboardInterrupt::new_err(message))
        }
        (_, Some(error)) => Err(error),
        (failure, None) => {
            let exception = |failure: Failure| raised(py, &failure).into_value(py).into_bound(py).into_any();
            Ok((said, results, failure.map(exception)))
        }
    }
}

type Options = (bool, Option<String>, Option<PathBuf>);

fn run(arguments: Vec<OsString>, stop: Arc<AtomicBool>, news: Sender<News>, (quiet, file, interpreter): Options) {
    let messages = news.clone();
    let hears = Box::new(move |text: &str| drop(messages.send(News::Message(text.to_owned()))));
    let host = Host { stop, hears, quiet, file, interpreter };
    let told = panics::catch(|| command_within(host, arguments)).unwrap_or_else(|panic| Told {
        said: String::new(),
        results: None,
        failure: Some(Failure::Environment(format!("burstnet panicked: {panic}"))),
    });
    // After a second signal nobody waits any more.
    drop(news.send(News::Ended(told)));
}

/// Hands messages to Python until the command has ended. Returns its outcome, and the exception that ended it early.
fn follow(
    py: Python<'_>,
    hears: &Bound<'_, PyAny>,
    mut news: Receiver<News>,
    stop: &AtomicBool,
) -> PyResult<(Told, Option<PyErr>)> {
    let mut interrupt: Option<PyErr> = None;
    loop {
        let got;
        (news, got) = py.detach(move || {
            let got = news.recv_timeout(LOOK);
            (news, got)
        });
        let looked = match got {
            Ok(News::Ended(told)) => return Ok((told, interrupt)),
            Ok(News::Message(text)) => hears.call1((text,)).map(drop).and_then(|()| py.check_signals()),
            Err(RecvTimeoutError::Timeout) => py.check_signals(),
            Err(RecvTimeoutError::Disconnected) => return Err(PyRuntimeError::new_err("burstnet ended unexpectedly")),
        };
        if let Err(error) = looked {
            if stop.swap(true, Ordering::Relaxed) {
                return Err(error);
            }
            interrupt = Some(error);
        }
    }
}

/// Sets the path of the script `burstnet`, which jobs of clusters call.
#[pyfunction]
pub(crate) fn called_as(program: PathBuf) {
    called(program);
}

/// Ends the programs and workers that still run, before the interpreter ends, and starts no others.
#[pyfunction]
pub(crate) fn end_programs() {
    external::end_all();
}

/// Runs the command in place of the interpreter, as the script `burstnet` does. Never returns.
#[pyfunction]
pub(crate) fn main(py: Python<'_>, arguments: Vec<OsString>, program: PathBuf) {
    py.detach(|| {
        called(program);
        std::process::exit(i32::from(burstnet_cli::command(arguments)));
    });
}
