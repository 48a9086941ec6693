//! Folders of trials: one for files that a trial writes, which is empty before it, and one for the state in which a trial
//! with a divided budget goes on.
//!
//! They lie in `RESULTS.work` beside a results directory, whose number of files stays the same, or in a temporary folder.
//! Trials have numbers of their own, so shards on one machine or file system never share a folder. What a killed process
//! leaves is emptied before the same trial runs again.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use tempfile::TempDir;

use crate::limits::MOST_FAILED_KEPT;
use crate::objective::EnvironmentError;

/// The name of the state in use, beside those after earlier parts.
const NOW: &str = "now";

/// The folders of the trials of a program.
#[derive(Debug, Default)]
pub struct Folders {
    /// The folder with those of all trials; a temporary one if `None`.
    root: Option<PathBuf>,
    temporary: OnceLock<TempDir>,
    /// True if the folders of trials stay.
    keep: bool,
    /// Held while folders of failed trials are counted and removed: one that is being removed looks like a new one.
    counting: Mutex<()>,
}

/// The state of a trial while a part of its budget is used.
#[derive(Debug)]
pub(super) struct State {
    /// The folder that the program gets.
    pub(super) path: PathBuf,
    /// The folder with all states of the trial, those after earlier parts by their budgets.
    own: PathBuf,
}

impl Folders {
    /// Returns the folders of a sweep with this results directory. If `keep` is true, the folders of trials stay.
    pub fn beside(results: &Path, keep: bool) -> Self {
        let results = std::path::absolute(results).unwrap_or_else(|_| results.to_owned());
        let mut name = results.file_name().unwrap_or_default().to_os_string();
        name.push(".work");
        let root = Some(results.with_file_name(name));
        Self { root, temporary: OnceLock::new(), keep, counting: Mutex::new(()) }
    }

    /// Returns the folders of a confirmation, which lies in the results directory of its sweep: these are beside that.
    pub fn of_confirmation(results: &Path) -> Self {
        let mut folders = Self::beside(results, false);
        folders.root = folders.root.take().map(|root| root.join("confirmation"));
        folders
    }

    /// Returns the folder of a trial, which is new and empty.
    ///
    /// # Errors
    /// If it cannot be made or emptied.
    pub(super) fn of_trial(&self, trial_id: u64) -> Result<PathBuf, EnvironmentError> {
        self.emptied(&format!("trial-{trial_id}"))
    }

    /// Returns the place of the folder of a trial, at which there is nothing.
    ///
    /// # Errors
    /// If something there cannot be removed, or the path is not UTF-8.
    pub(super) fn place_of_trial(&self, trial_id: u64) -> Result<PathBuf, EnvironmentError> {
        self.cleared(&format!("trial-{trial_id}"))
    }

    /// Removes the folder of a trial that has ended, unless it stays. The last few of those that failed stay as `failed-N`.
    pub(super) fn end_trial(&self, trial_id: u64, failed: bool) {
        let Ok(root) = self.root() else { return };
        let own = root.join(format!("trial-{trial_id}"));
        // What cannot be removed, say because the program took a permission away, is in nobody's way.
        if self.keep {
            return;
        }
        if !failed {
            drop(fs::remove_dir_all(&own));
            return;
        }
        let _alone = self.counting.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = root.join(format!("failed-{trial_id}"));
        drop(fs::remove_dir_all(&kept));
        drop(fs::rename(&own, &kept));
        let mut all: Vec<(SystemTime, PathBuf)> = entries(root, "failed-")
            .filter_map(|(path, _)| Some((fs::metadata(&path).and_then(|held| held.modified()).ok()?, path)))
            .collect();
        all.sort();
        let over = all.len().saturating_sub(MOST_FAILED_KEPT);
        all.into_iter().take(over).for_each(|(_, path)| drop(fs::remove_dir_all(path)));
    }

    /// Returns the state of a trial for a part of its budget: a copy of the state after the largest smaller part, or an
    /// empty folder. States after this part and larger ones are from a process that was killed, and are removed.
    ///
    /// # Errors
    /// If it cannot be made.
    pub(super) fn state(&self, trial_id: u64, budget: u64) -> Result<State, EnvironmentError> {
        let own = self.root()?.join(format!("state-{trial_id}"));
        let path = self.emptied(&format!("state-{trial_id}/{NOW}"))?;
        let numbered = entries(&own, "").filter_map(|(path, part)| Some((part.parse::<u64>().ok()?, path)));
        let mut parts: Vec<(u64, PathBuf)> = numbered.collect();
        parts.sort();
        let later = parts.split_off(parts.partition_point(|(part, _)| *part < budget));
        let earlier = parts.pop();
        let lacking = |error: io::Error| EnvironmentError(format!("{}: {error}", path.display()));
        for (_, old) in later.into_iter().chain(parts) {
            fs::remove_dir_all(&old).map_err(lacking)?;
        }
        if let Some((_, from)) = earlier {
            copy(&from, &path).map_err(lacking)?;
        }
        Ok(State { path, own })
    }

    /// Keeps the state after a part of the budget, or removes all of the trial's if there is no later part.
    ///
    /// # Errors
    /// If it cannot be kept.
    pub(super) fn end_state(&self, state: &State, kept: Option<u64>) -> Result<(), EnvironmentError> {
        match kept {
            Some(budget) => {
                let to = state.own.join(budget.to_string());
                fs::rename(&state.path, &to).map_err(|error| EnvironmentError(format!("{}: {error}", to.display())))
            }
            None => {
                drop(fs::remove_dir_all(&state.own));
                Ok(())
            }
        }
    }

    /// Removes the state of a part that failed. Those of earlier parts stay.
    pub(super) fn forget_state(&self, state: &State) {
        drop(fs::remove_dir_all(&state.path));
        drop(fs::remove_dir(&state.own)); // unless one stays there
    }

    /// Returns the path of the folder of a trial, which need not exist.
    pub(super) fn path_of_trial(&self, trial_id: u64) -> Option<PathBuf> {
        self.root().ok().map(|root| root.join(format!("trial-{trial_id}")))
    }

    /// Removes the states of all trials: nothing goes on in a sweep that has ended.
    pub fn end_all_states(&self) {
        if let Some(root) = &self.root {
            entries(root, "state-").for_each(|(path, _)| drop(fs::remove_dir_all(path)));
            drop(fs::remove_dir(root)); // unless something stays there
        }
    }

    /// Returns the folder in which all others are.
    fn root(&self) -> Result<&Path, EnvironmentError> {
        if let Some(root) = &self.root {
            return Ok(root);
        }
        if let Some(temporary) = self.temporary.get() {
            return Ok(temporary.path());
        }
        let made = tempfile::Builder::new().prefix("burstnet-").tempdir();
        let made = made.map_err(|error| EnvironmentError(format!("{}: {error}", std::env::temp_dir().display())))?;
        Ok(self.temporary.get_or_init(|| made).path())
    }

    fn emptied(&self, name: &str) -> Result<PathBuf, EnvironmentError> {
        let path = self.cleared(name)?;
        // Another process may remove the folder above, which is empty.
        let made = fs::create_dir_all(&path).or_else(|error| match error.kind() {
            ErrorKind::NotFound => fs::create_dir_all(&path),
            _other => Err(error),
        });
        made.map_err(|error| EnvironmentError(format!("{}: {error}", path.display())))?;
        Ok(path)
    }

    /// Removes what is at the place of a folder, and returns its path.
    fn cleared(&self, name: &str) -> Result<PathBuf, EnvironmentError> {
        let path = self.root()?.join(name);
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(EnvironmentError(format!("{}: {error}", path.display())));
            }
            Ok(()) | Err(_) => {}
        }
        match path.to_str() {
            Some(_) => Ok(path),
            None => {
                Err(EnvironmentError(format!("{}: not UTF-8, which the folder of a trial must be", path.display())))
            }
        }
    }
}

impl Drop for Folders {
    fn drop(&mut self) {
        if let Some(root) = &self.root {
            drop(fs::remove_dir(root)); // unless something stays there
            if root.ends_with("confirmation") {
                root.parent().map_or(Ok(()), fs::remove_dir).unwrap_or_default();
            }
        }
    }
}

/// Returns the entries of a folder whose names begin with `start`, each with the rest of its name.
fn entries(folder: &Path, start: &str) -> impl Iterator<Item = (PathBuf, String)> + use<> {
    let start = start.to_owned();
    let all = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    all.filter_map(move |entry| {
        let rest = entry.file_name().to_str()?.strip_prefix(start.as_str())?.to_owned();
        Some((entry.path(), rest))
    })
}

/// Copies what is in a folder into another one, with folders below it and links as they are.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, target) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            fs::create_dir(&target)?;
            copy(&entry.path(), &target)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path())?, target)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = entries(folder, "").map(|(_, name)| name).collect();
        names.sort();
        names
    }

    #[test]
    fn folders_are_empty_before_and_gone_after() {
        let place = tempfile::tempdir().unwrap();
        let folders = Folders::beside(&place.path().join("r"), false);
        assert!(!place.path().join("r.work").exists(), "nothing is made before it is needed");
        let own = folders.of_trial(3).unwrap();
        fs::write(own.join("file"), "x").unwrap();
        assert_eq!(folders.of_trial(3).unwrap(), own);
        assert_eq!(names(&own), [""; 0]);
        folders.end_trial(3, false);
        drop(folders);
        assert_eq!(names(place.path()), [""; 0]);

        let folders = Folders::beside(&place.path().join("r"), true);
        let own = folders.of_trial(3).unwrap();
        folders.end_trial(3, false);
        drop(folders);
        assert!(own.is_dir());
    }

    #[test]
    fn the_last_few_that_failed_stay() {
        let place = tempfile::tempdir().unwrap();
        let folders = Folders::beside(&place.path().join("r"), false);
        for trial in 0..20 {
            fs::write(folders.of_trial(trial).unwrap().join("log"), trial.to_string()).unwrap();
            folders.end_trial(trial, true);
        }
        let kept = names(&place.path().join("r.work"));
        assert_eq!(kept.len(), MOST_FAILED_KEPT, "{kept:?}");
        assert!(kept.contains(&"failed-19".to_owned()));
    }

    #[test]
    fn a_state_goes_on_from_the_part_before_whatever_a_killed_process_left() {
        let place = tempfile::tempdir().unwrap();
        let folders = Folders::beside(&place.path().join("r"), false);
        let write = |state: &State, text: &str| {
            fs::create_dir_all(state.path.join("deep")).unwrap();
            fs::write(state.path.join("deep/file"), text).unwrap();
        };
        let read = |state: &State| fs::read_to_string(state.path.join("deep/file")).unwrap_or_default();
        let first = folders.state(7, 2).unwrap();
        assert_eq!(read(&first), "");
        write(&first, "after 2");
        folders.end_state(&first, Some(2)).unwrap();
        let killed = folders.state(7, 4).unwrap();
        assert_eq!(read(&killed), "after 2");
        write(&killed, "half of 4");
        // The process was killed before the state was kept, and once more before the record was.
        let second = folders.state(7, 4).unwrap();
        assert_eq!(read(&second), "after 2");
        write(&second, "after 4");
        folders.end_state(&second, Some(4)).unwrap();
        let again = folders.state(7, 4).unwrap();
        assert_eq!(read(&again), "after 2");
        write(&again, "after 4");
        folders.end_state(&again, Some(4)).unwrap();
        let last = folders.state(7, 8).unwrap();
        assert_eq!(read(&last), "after 4");
        assert_eq!(names(&place.path().join("r.work/state-7")), ["4", "now"]);
        folders.forget_state(&folders.state(70, 8).unwrap());
        folders.state(71, 8).unwrap();
        folders.end_state(&last, None).unwrap();
        assert_eq!(names(&place.path().join("r.work")), ["state-71"]);
        folders.end_all_states();
        assert_eq!(names(place.path()), [""; 0]);
    }

    #[test]
    fn a_confirmation_has_its_folders_beside_the_sweep() {
        let place = tempfile::tempdir().unwrap();
        let folders = Folders::of_confirmation(&place.path().join("r"));
        assert_eq!(folders.of_trial(0).unwrap(), place.path().join("r.work/confirmation/trial-0"));
        folders.end_trial(0, false);
        drop(folders);
        assert_eq!(names(place.path()), [""; 0]);
    }
}
