//! Error messages for paths that are not the expected results directory or sweep file, with a guess at the intended
//! one.

use std::path::{Path, PathBuf};

use crate::plan::plan_file::PLAN_FILE;
use crate::results::study_error::StudyError;
use crate::spec::Source;
use crate::spec::missing_file::{entries, nearest};
use burstnet_core::text::listed;

/// Returns the error for a path that is not a results directory.
pub(crate) fn no_results(path: &Path) -> StudyError {
    let path = path.to_owned();
    if !path.is_file() {
        return StudyError::Missing { advice: other_results(&path), path };
    }
    let inside = path.parent().filter(|folder| folder.join(PLAN_FILE).is_file());
    let problem = match (inside, Source::read(&path)) {
        (Some(folder), _) => format!("is a file of a results directory, expected the directory {}", folder.display()),
        (None, Ok(source)) if source.is_sweep() => {
            let made = Path::new("results").join(source.name());
            let such =
                if made.join(PLAN_FILE).is_file() { format!(", such as {}", made.display()) } else { String::new() };
            format!("is a sweep file, expected a results directory{such}")
        }
        (None, Ok(_) | Err(_)) => "is a file, expected a results directory".into(),
    };
    StudyError::NoFolder { path, problem }
}

/// Lists results directories near a path that is not one, for the end of a message.
fn other_results(path: &Path) -> String {
    let is_results = |path: &PathBuf| path.join(PLAN_FILE).is_file();
    let inside: Vec<PathBuf> = entries(path).into_iter().filter(is_results).collect();
    if !inside.is_empty() {
        let names: Vec<String> = inside.iter().map(|path| path.display().to_string()).collect();
        return format!(", expected one of {}", listed(names.iter().map(String::as_str)));
    }
    let in_results = Path::new("results").join(path);
    let beside = entries(path.parent().unwrap_or(Path::new("")));
    let near = Some(in_results).filter(is_results).or_else(|| nearest(path, beside.into_iter().filter(is_results)));
    near.map_or(String::new(), |near| format!(" (did you mean '{}'?)", near.display()))
}
