//! Measures and curves from what a program prints or writes anyway: the last JSON object, lines that a pattern matches,
//! and files in the folder of the trial.

mod checked;
mod declared;
mod file;
mod found;
mod lines;
mod source;
mod values;

use std::path::Path;

use burstnet_core::text::quoted;

pub use declared::{Curve, Reading, Which};
pub(crate) use declared::{ReadingError, sources};
use found::Found;
pub(super) use lines::Lines;
use source::Origin;
pub(crate) use source::Source;

impl Source {
    /// Reads the source, if it is a file in this folder.
    ///
    /// # Errors
    /// With a message if it cannot be used.
    pub(super) fn read_file(&self, at: usize, folder: &Path, found: &mut Found<'_>) -> Result<(), String> {
        match &self.origin {
            Origin::File(name, kind) => file::read(folder, name, *kind, &self.purpose, at, found)
                .map_err(|problem| format!("the file {}: {problem}", quoted(name))),
            Origin::JsonLines | Origin::Matches(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
