//! The working folder of an external program, as a results directory records it. It is not part of the plan: a sweep is
//! the same wherever the folder is.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::files::{read_text, write_atomically};
use crate::limits::LARGEST_PROGRAM_FOLDER;
use crate::results::stored_plan::read_plan;
use crate::results::study::{PLAN_FILE, Study, StudyError};
use crate::spec::document;
use crate::spec::place::Place;

/// The file in a results directory that names the folder.
pub const FILE: &str = "model.json";

#[derive(Serialize, Deserialize)]
struct Noted {
    folder: String,
}

/// Records the working folder of a study's program.
///
/// # Errors
/// If the folder does not exist or its name is not UTF-8, or the file cannot be written.
pub fn note(study: &Study, folder: &Path) -> Result<(), StudyError> {
    let absolute = folder.canonicalize().map_err(StudyError::io(folder))?;
    if noted(&study.results).is_ok_and(|held| held == absolute) {
        return Ok(());
    }
    let not_utf8 = || io::Error::new(io::ErrorKind::InvalidInput, "not UTF-8, which the folder of a program must be");
    let folder = absolute.to_str().ok_or_else(not_utf8).map_err(StudyError::io(folder))?.to_owned();
    let path = study.results.join(FILE);
    let json = serde_json::to_string_pretty(&Noted { folder }).map_err(StudyError::plan(&path))?;
    let _lock = study.lock()?;
    write_atomically(&study.disk, &path, |file| writeln!(file, "{json}")).map_err(StudyError::io(&path))
}

/// Returns the place of the command in the plan of a results directory.
pub fn command_place(results: &Path) -> Place {
    let path = results.join(PLAN_FILE).display().to_string();
    // JSON is YAML, of which places are known.
    let found = read_plan(results).ok().and_then(|json| document::parse(&path, &json).ok());
    let command = found.as_ref().and_then(|plan| plan.at(&["model", "command"]));
    command.map_or_else(|| Place::whole(&path), |node| node.place.clone())
}

/// Returns the working folder of a results directory's program.
///
/// # Errors
/// If none is recorded.
pub fn noted(results: &Path) -> Result<PathBuf, StudyError> {
    let path = results.join(FILE);
    let text = read_text(results, FILE, LARGEST_PROGRAM_FOLDER).map_err(StudyError::io(&path))?;
    let unreadable = StudyError::plan(&path);
    let noted: Noted = serde_json::from_str(&text).map_err(|error| unreadable(format!("not readable: {error}")))?;
    let folder = PathBuf::from(&noted.folder);
    if folder.is_absolute() && !noted.folder.contains('\0') {
        Ok(folder)
    } else {
        Err(unreadable(format!("folder is {:?}, expected an absolute path", noted.folder)))
    }
}
