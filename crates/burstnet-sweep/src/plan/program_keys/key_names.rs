//! The names of keys of an external program. Each is used once, and none has another meaning.

use std::collections::HashSet;

use crate::limits::{LONGEST_NAME, MOST_PROGRAM_KEYS, SWEEP_KEYS};
use crate::objective::external::program::{NAME, is_name};
use burstnet_core::text::quoted;

/// The names of keys and sections, each once.
#[derive(Default)]
pub(crate) struct KeyNames {
    keys: HashSet<String>,
    sections: HashSet<String>,
}

impl KeyNames {
    /// Takes the name of one more key.
    pub(crate) fn take(&mut self, path: &str) -> Result<(), String> {
        let shown = quoted(path);
        if self.keys.len() == MOST_PROGRAM_KEYS {
            return Err(format!("{shown} is one key more than {MOST_PROGRAM_KEYS}, the most that a model can have"));
        }
        if path.len() > LONGEST_NAME || !path.split('.').all(is_name) {
            return Err(format!(
                "{shown} is not a name of a key, expected {NAME}, or several of these with '.' between"
            ));
        }
        if path.split('.').next().is_some_and(|first| SWEEP_KEYS.contains(&first)) {
            return Err(format!("{shown} is named as a key at the top of the file, expected another name"));
        }
        let sections = || path.match_indices('.').map(|(end, _)| &path[..end]);
        let own = Some(path).filter(|path| self.sections.contains(*path));
        if let Some(both) = sections().find(|section| self.keys.contains(*section)).or(own) {
            return Err(format!("{} is a key and a section, expected one of the two", quoted(both)));
        }
        // A name that is used twice is reported when all sections are read.
        self.sections.extend(sections().map(str::to_owned));
        self.keys.insert(path.to_owned());
        Ok(())
    }
}
