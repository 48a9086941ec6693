//! The host of the command, where it does not run in a process of its own: a program, such as Python, that hears what it
//! says and tells it when to end.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use crate::failure::Failure;

thread_local! {
    /// The host of the command that this thread runs.
    static HOST: RefCell<Option<Hosted>> = const { RefCell::new(None) };
}

/// The path by which this program is called, where that is not its executable.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// A program that runs the command within its own process.
pub struct Host {
    /// Set to end the command as the first signal would.
    pub stop: Arc<AtomicBool>,
    /// Hears the messages that would go to standard error, one at a time and without their line's end.
    pub hears: Box<dyn FnMut(&str)>,
    /// True if no progress is shown.
    pub quiet: bool,
    /// The text of the sweep file, if it does not come from the path that the arguments name.
    pub file: Option<String>,
    /// The executable that takes the place of the first word of `model.command`.
    pub interpreter: Option<PathBuf>,
}

/// A host, and the results that the command has printed.
struct Hosted {
    host: Host,
    said: String,
    results: Option<PathBuf>,
}

/// The outcome of a command for its host.
pub struct Told {
    /// The results that it printed, a line for each.
    pub said: String,
    /// The results directory of the sweep that it ran.
    pub results: Option<PathBuf>,
    /// Its failure, if there is one.
    pub failure: Option<Failure>,
}

/// Runs `command` for a host.
pub(crate) fn within(host: Host, command: impl FnOnce() -> Option<Failure>) -> Told {
    HOST.set(Some(Hosted { host, said: String::new(), results: None }));
    let failure = command();
    let (said, results) = HOST.take().map(|hosted| (hosted.said, hosted.results)).unwrap_or_default();
    Told { said, results, failure }
}

/// Returns what `find` says of the host; `None` without one.
fn of_host<T>(find: impl FnOnce(&Host) -> T) -> Option<T> {
    HOST.with_borrow(|hosted| hosted.as_ref().map(|hosted| find(&hosted.host)))
}

/// Returns the flag that a host sets to end the command.
pub(crate) fn stop() -> Option<Arc<AtomicBool>> {
    of_host(|host| Arc::clone(&host.stop))
}

/// Returns whether there is a host.
pub(crate) fn is_there() -> bool {
    of_host(|_| ()).is_some()
}

/// Returns whether a host wants no progress.
pub(crate) fn is_quiet() -> bool {
    of_host(|host| host.quiet).unwrap_or(false)
}

/// Returns the text that a host gives as the sweep file.
pub(crate) fn file() -> Option<String> {
    of_host(|host| host.file.clone()).flatten()
}

/// Returns the executable that a host gives for the first word of `model.command`.
pub(crate) fn interpreter() -> Option<PathBuf> {
    of_host(|host| host.interpreter.clone()).flatten()
}

/// Gives a host a line of results. Returns whether there is a host.
pub(crate) fn take(text: &str) -> bool {
    HOST.with_borrow_mut(|hosted| hosted.as_mut().map(|hosted| hosted.said.extend([text, "\n"])).is_some())
}

/// Gives a host the results directory of the sweep that runs.
pub(crate) fn note_results(results: &Path) {
    HOST.with_borrow_mut(|hosted| {
        if let Some(hosted) = hosted {
            hosted.results = Some(results.to_owned());
        }
    });
}

/// Gives a host a message. Returns whether there is a host.
pub(crate) fn tell(text: &str) -> bool {
    HOST.with_borrow_mut(|hosted| hosted.as_mut().map(|hosted| (hosted.host.hears)(text)).is_some())
}

/// Sets the path by which this program is called, say that of a script.
pub fn called(path: PathBuf) {
    // The first one stays, as it is the same.
    drop(PROGRAM.set(path));
}

/// Returns the path by which this program is called.
pub(crate) fn program() -> std::io::Result<PathBuf> {
    PROGRAM.get().map_or_else(std::env::current_exe, |path| Ok(path.clone()))
}
