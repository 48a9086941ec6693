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
    let path = results.join(PLAN_FILE);
    match read_text(results, PLAN_FILE, LARGEST_PLAN) {
        Ok(json) => Ok(json),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Err(no_results(results))
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(StudyError::Plan { path, reason: format!("not a readable plan: {error}") })
        }
        Err(source) => Err(StudyError::Io { path, source }),
    }
}

/// Reads the fingerprints of the plans that a directory held before, the last one first.
pub(crate) fn earlier(results: &Path) -> Result<Vec<String>, StudyError> {
    let path = results.join(EARLIER_FILE);
    match read_text(results, EARLIER_FILE, LARGEST_EARLIER) {
        Ok(json) => serde_json::from_str(&json)
            .map_err(|error| StudyError::Plan { path, reason: format!("not a readable list of plans: {error}") }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(StudyError::Plan { path, reason: format!("not a readable list of plans: {error}") })
        }
        Err(source) => Err(StudyError::Io { path, source }),
    }
}
