//! The part of a plan about an external program: its command, its measures, and the files that belong to it.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use burstnet_core::text::cut;
use serde::{Deserialize, Serialize};

use crate::files::hashed::{HashedFile, hash};
use crate::limits::{LONGEST_ARGUMENT, LONGEST_NAME, MOST_ARGUMENTS, MOST_PROGRAM_MEASURES};

/// An external program that a sweep evaluates, as in `plan.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The program and its arguments; no shell reads them.
    pub command: Vec<String>,
    /// The measures that it gives, in the order of the columns.
    pub measures: Vec<String>,
    /// The integer key that determines the length of an evaluation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<String>,
    /// The arguments that name files. With other content, it is another program.
    pub files: Vec<HashedFile>,
}

impl Program {
    /// Hashes the files that the arguments name, relative to `folder`.
    ///
    /// # Errors
    /// If one cannot be read; with the argument.
    pub fn hash_files(&mut self, folder: &Path) -> Result<(), (String, io::Error)> {
        self.files.clear();
        for (at, argument) in self.command.iter().enumerate() {
            let known = self.files.iter().any(|file| file.name == *argument);
            let in_path = at == 0 && !argument.contains('/');
            if known || in_path || argument.is_empty() || !folder.join(argument).is_file() {
                continue;
            }
            let hashed = hash(&folder.join(argument), argument.clone());
            self.files.push(hashed.map_err(|error| (argument.clone(), error))?);
        }
        Ok(())
    }

    /// Returns the path of the program: in a folder of `PATH`, or, if it contains a slash, relative to `folder`.
    pub fn find(&self, folder: &Path) -> Option<PathBuf> {
        let name = self.command.first()?;
        let runnable = |path: &PathBuf| path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok();
        if name.contains('/') {
            return Some(folder.join(name)).filter(runnable);
        }
        let folders = std::env::var_os("PATH")?;
        let found = std::env::split_paths(&folders).map(|folder| folder.join(name)).find(runnable)?;
        std::path::absolute(found).ok()
    }

    /// Returns a hash of everything that identifies the program.
    pub(crate) fn content(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        let mut list = |texts: &mut dyn ExactSizeIterator<Item = &str>| {
            hasher.update(&(texts.len() as u64).to_le_bytes());
            for text in texts {
                hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
            }
        };
        list(&mut self.command.iter().map(String::as_str));
        list(&mut self.measures.iter().map(String::as_str));
        list(&mut self.budget.iter().map(String::as_str));
        list(&mut self.files.iter().map(|file| file.name.as_str()));
        list(&mut self.files.iter().map(|file| file.blake3.as_str()));
        hasher.finalize()
    }

    /// Checks a program that was not read from a sweep file.
    ///
    /// # Errors
    /// With a message if no sweep file can describe it.
    pub(crate) fn check(&self) -> Result<(), String> {
        check_command(&self.command)?;
        check_measures(&self.measures)?;
        if self.files.len() > self.command.len() {
            return Err(format!("{} files of the model, expected at most one per argument", self.files.len()));
        }
        let hex = |text: &str| text.len() == 64 && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
        match self.files.iter().find(|file| !self.command.contains(&file.name) || !hex(&file.blake3)) {
            Some(file) => {
                Err(format!("model.files has {:?}, expected an argument of the command and its BLAKE3", file.name))
            }
            None => Ok(()),
        }
    }
}

/// Checks the number and the lengths of arguments.
pub(crate) fn check_command(command: &[String]) -> Result<(), String> {
    if command.is_empty() || command.len() > MOST_ARGUMENTS {
        return Err(format!("model.command has {} arguments, expected 1 to {MOST_ARGUMENTS}", command.len()));
    }
    if command[0].is_empty() {
        return Err("model.command starts with nothing, expected the name of a program".into());
    }
    match command.iter().position(|argument| argument.len() > LONGEST_ARGUMENT || argument.contains('\0')) {
        Some(at) => Err(format!(
            "argument {at} of model.command has {} bytes, expected at most {LONGEST_ARGUMENT}, none of them 0",
            command[at].len()
        )),
        None => Ok(()),
    }
}

/// Checks the number and the names of measures.
pub(crate) fn check_measures(measures: &[String]) -> Result<(), String> {
    if measures.is_empty() || measures.len() > MOST_PROGRAM_MEASURES {
        return Err(format!("model.measures names {} measures, expected 1 to {MOST_PROGRAM_MEASURES}", measures.len()));
    }
    if let Some(name) = measures.iter().find(|name| !is_name(name)) {
        let start = cut(name, LONGEST_NAME);
        return Err(format!("model.measures names {start:?}, expected {NAME}"));
    }
    let mut seen = HashSet::new();
    match measures.iter().find(|name| !seen.insert(name.as_str())) {
        Some(name) => Err(format!("model.measures names {name:?} twice")),
        None => Ok(()),
    }
}

/// The description of a valid name, for messages.
pub(crate) const NAME: &str = "up to 100 letters, digits and '_', not starting with a digit";

/// Returns whether a measure, a section or a key can have this name, which becomes the name of a column.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len())
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}
