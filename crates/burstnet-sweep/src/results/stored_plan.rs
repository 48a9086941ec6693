//! The plan that a results directory holds, and the fingerprints of those that it held before.

use std::io;
use std::path::Path;

use crate::files::read_text;
use crate::limits::{LARGEST_EARLIER, LARGEST_PLAN};
use crate::plan::plan_file::PLAN_FILE;
use crate::results::missing::no_results;
use crate::results::study_error::StudyError;

/// The file with the fingerprints of the plans that a directory held before it was extended.
pub const EARLIER_FILE: &str = "earlier-plans.json";

/// Reads the text of the plan in a results directory.
pub(crate) fn read_plan(results: &Path) -> Result<String, StudyError> {
    read_text(results, PLAN_FILE, LARGEST_PLAN).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => no_results(results),
        _other => unreadable(&results.join(PLAN_FILE), "plan", error),
    })
}

/// Reads the fingerprints of the plans that a directory held before, the last one first.
pub(crate) fn earlier(results: &Path) -> Result<Vec<String>, StudyError> {
    let told = |error| unreadable(&results.join(EARLIER_FILE), "list of plans", error);
    match read_text(results, EARLIER_FILE, LARGEST_EARLIER) {
        Ok(json) => {
            serde_json::from_str(&json).map_err(|error| told(io::Error::new(io::ErrorKind::InvalidData, error)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(told(error)),
    }
}

fn unreadable(path: &Path, what: &str, error: io::Error) -> StudyError {
    match error.kind() {
        io::ErrorKind::InvalidData => StudyError::plan(path)(format!("not a readable {what}: {error}")),
        _other => StudyError::io(path)(error),
    }
}
