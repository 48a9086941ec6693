//! A run file or sweep file, as it is given.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::string::FromUtf8Error;
use std::sync::Arc;

use super::RUN_KEYS;
use super::decoded::TableReader;
use super::missing_file::no_file;
use super::model::ModelSection;
use super::sets::{self, Named, Set};
use crate::limits::{LARGEST_SWEEP_FILE, SWEEP_KEYS};
use crate::spec::document::{self, Content, Entry, Node};
use crate::spec::place::{Place, SpecError};

/// A file, as it is given.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path.
    pub path: PathBuf,
    /// The text.
    pub text: String,
    pub(crate) root: Node,
    folder: Arc<Path>,
    pub(super) tables: Option<TableReader>,
    /// The same with all columns, for results.
    pub(super) results: Option<TableReader>,
    is_sweep: bool,
    /// The keys of the model that `--set` names.
    pub(crate) named: Vec<Named>,
}

impl Source {
    /// Reads a run file or sweep file.
    ///
    /// # Errors
    /// If it cannot be read or is not a YAML mapping.
    pub fn read(path: &Path) -> Result<Self, SpecError> {
        let name = path.display().to_string();
        if path.parent().is_some_and(|folder| folder.to_str().is_none()) {
            return Err(SpecError::new(&Place::whole(&name), "its folder's name is not UTF-8")
                .expected("a folder whose name is, since the paths in the file start there"));
        }
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(LARGEST_SWEEP_FILE as u64 + 1).read_to_end(&mut bytes))
            .map_err(|error| no_file(path, &error))?;
        let text = String::from_utf8(bytes).map_err(|error| not_utf8(&name, &error))?;
        Self::parse(path, text)
    }

    /// Does the same as [`Source::read`], from the text of the file.
    ///
    /// # Errors
    /// If it is not a YAML mapping.
    pub fn parse(path: &Path, text: String) -> Result<Self, SpecError> {
        let root = document::parse(&path.display().to_string(), &text)?;
        if !matches!(root.content, Content::Map(_)) {
            return Err(SpecError::new(&root.place, format!("the file holds {}", root.shown()))
                .expected("a mapping: lines of the form key: value"));
        }
        let folder = path.parent().unwrap_or(Path::new("")).into();
        let mut source = Self {
            path: path.to_owned(),
            text,
            root,
            folder,
            tables: None,
            results: None,
            is_sweep: false,
            named: Vec::new(),
        };
        let of_sweeps = |entry: &Entry| SWEEP_KEYS.contains(&&*entry.key) && !RUN_KEYS.contains(&&*entry.key);
        source.is_sweep = source.entries().iter().any(of_sweeps);
        Ok(source)
    }

    /// Returns the file with `--set` over its values.
    ///
    /// # Errors
    /// If one sets a key that cannot be set, or that another one has set.
    pub(crate) fn with_sets(&self, sets: &[Set]) -> Result<Cow<'_, Self>, SpecError> {
        if sets.is_empty() {
            return Ok(Cow::Borrowed(self));
        }
        let mut source = self.clone();
        source.named = sets::apply(&mut source.root, self.is_sweep, sets)?;
        Ok(Cow::Owned(source))
    }

    /// Sets the function that decodes the tables that the file names.
    pub fn with_tables(self, reader: TableReader) -> Self {
        Self { tables: Some(reader), ..self }
    }

    /// Sets the function that decodes the tables of results that the file names, with all their columns.
    pub fn with_results(self, reader: TableReader) -> Self {
        Self { results: Some(reader), ..self }
    }

    /// Returns the section `model`, if there is one.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn model(&self) -> Result<Option<ModelSection>, SpecError> {
        let own = self.entries().iter().find(|entry| entry.key == "model" && !entry.value.is_null());
        own.map(ModelSection::read).transpose()
    }

    /// Returns the folder of the file.
    pub fn folder(&self) -> &Path {
        if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder }
    }

    /// Returns the folder at which a relative path at `place` starts. For an argument it is the current one.
    pub(super) fn folder_of(&self, place: &Place) -> Arc<Path> {
        if place.is_argument() { Path::new("").into() } else { Arc::clone(&self.folder) }
    }

    pub(super) fn entries(&self) -> &[Entry] {
        match &self.root.content {
            Content::Map(entries) => entries,
            Content::Scalar(..) | Content::List(_) => &[],
        }
    }

    /// Returns whether the file is a sweep file, rather than a run file.
    pub fn is_sweep(&self) -> bool {
        self.is_sweep
    }

    /// Returns the name that the file gives the sweep, by default the file's name without its ending.
    pub(crate) fn name(&self) -> String {
        let stem = || self.path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        match self.root.at(&["name"]).map(|node| &node.content) {
            Some(Content::Scalar(name, _)) => name.clone(),
            Some(Content::List(_) | Content::Map(_)) | None => stem().unwrap_or_default(),
        }
    }

    /// Returns the place of the whole file.
    pub fn place(&self) -> Place {
        Place::whole(&self.path.display().to_string())
    }
}

/// Returns an error for a file that is not UTF-8, at the first byte that is wrong.
fn not_utf8(name: &str, error: &FromUtf8Error) -> SpecError {
    let (bytes, at) = (error.as_bytes(), error.utf8_error().valid_up_to());
    let before = String::from_utf8_lossy(&bytes[..at]);
    let place = Place::whole(name).at(document::position(&before, before.len()));
    let expected = match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "a YAML file in UTF-8; this one is in UTF-16",
        _ => "a YAML file in UTF-8",
    };
    SpecError::new(&place, format!("not UTF-8 text: the byte 0x{:02x}", bytes[at])).expected(expected)
}
