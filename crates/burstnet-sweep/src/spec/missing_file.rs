//! Errors for paths that are not sweep files, with the file that was probably meant.

use std::io;
use std::path::{Path, PathBuf};

use burstnet_core::text::listed;

use super::place::{Place, SpecError};
use crate::plan::plan_file::PLAN_FILE;

/// The most entries of a folder that are looked at.
const MOST: usize = 1000;
/// The least similarity of two names of which one can be meant by the other.
const LEAST: f64 = 0.6;

/// Returns the error for a path that cannot be read as a sweep file.
pub(crate) fn no_file(path: &Path, error: &io::Error) -> SpecError {
    let whole = Place::whole(&path.display().to_string());
    if path.join(PLAN_FILE).is_file() {
        return SpecError::new(&whole, "is a results directory")
            .expected(format!("a sweep file; `burstnet report {}` shows the results", path.display()));
    }
    if path.is_dir() {
        let files: Vec<String> =
            entries(path).iter().filter(|path| is_yaml(path)).map(|path| path.display().to_string()).collect();
        let expected = match files.as_slice() {
            [] => "a run file or sweep file".to_owned(),
            files => format!("a file in it: {}", listed(files.iter().map(String::as_str))),
        };
        return SpecError::new(&whole, "is a folder").expected(expected);
    }
    let error = SpecError::new(&whole, format!("cannot be read: {error}")).expected("a run file or sweep file");
    let with_ending = |ending: &str| PathBuf::from(format!("{}.{ending}", path.display()));
    let same = ["yaml", "yml"].map(with_ending).into_iter().find(|path| path.is_file());
    let beside = || entries(path.parent().unwrap_or(Path::new(""))).into_iter().filter(|path| is_yaml(path));
    let near = same.or_else(|| nearest(path, beside()));
    error.meant(near.map(|near| near.display().to_string()))
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml")
}

/// Returns the entries of a folder, sorted; those of the current one for an empty path.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(held) = std::fs::read_dir(read) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = held.take(MOST).flatten().map(|entry| folder.join(entry.file_name())).collect();
    paths.sort();
    paths
}

/// Returns the path whose name, without its ending, is nearest to that of `path`, if one is near.
pub(crate) fn nearest(path: &Path, others: impl Iterator<Item = PathBuf>) -> Option<PathBuf> {
    let stem = |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let own = stem(path);
    let alike = others.map(|other| (strsim::normalized_damerau_levenshtein(&own, &stem(&other)), other));
    let near = alike.filter(|(similarity, _)| *similarity >= LEAST).max_by(|a, b| a.0.total_cmp(&b.0));
    near.map(|(_, path)| path)
}
