//! The input files of a sweep: they are found, hashed, copied into the results directory, and found there again.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use burstnet_core::config::{Configuration, Kind, Value};
use serde::{Deserialize, Serialize};

use crate::files;
use crate::files::disk::Disk;
use crate::files::hashed::{HashedFile, length};
use crate::files::watched::Watched;
use crate::limits::MOST_INPUT_FILES;

/// The folder of a results directory that holds the input files.
pub const FOLDER: &str = "inputs";
/// The bytes with which .npy files start.
const NPY: &[u8] = b"\x93NUMPY";

/// A file or folder that a configuration names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// The key that names it.
    pub key: String,
    /// The path as it is given.
    pub given: String,
    /// The name in the results directory's `inputs/`; empty until it is hashed.
    pub stored: String,
    /// The files: the file itself, or those in the folder.
    pub files: Vec<HashedFile>,
    /// The current path.
    #[serde(skip)]
    pub source: PathBuf,
}

/// Returns the files of an input, not yet hashed.
pub(crate) fn list(source: &Path, kind: &Kind) -> io::Result<Vec<HashedFile>> {
    if *kind != Kind::Folder {
        return Ok(vec![HashedFile { name: String::new(), bytes: length(source)?, blake3: String::new() }]);
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(source)? {
        let entry = entry?;
        if let Ok(name) = entry.file_name().into_string()
            && name.ends_with(".npy")
            && entry.path().is_file()
        {
            names.push(name);
        }
        if names.len() > MOST_INPUT_FILES {
            return Err(io::Error::other(format!("more than {MOST_INPUT_FILES} files, expected a folder of weights")));
        }
    }
    if names.is_empty() {
        return Err(io::Error::other("no .npy file in it"));
    }
    names.sort();
    let own = |name: String| {
        let path = source.join(&name);
        // A trial need not read each of them, but each is copied, so other data must not pass under such a name.
        let mut start = Vec::new();
        File::open(&path)?.take(NPY.len() as u64).read_to_end(&mut start)?;
        if start != NPY {
            return Err(io::Error::other(format!("{name} is not an .npy file")));
        }
        Ok(HashedFile { name, bytes: length(&path)?, blake3: String::new() })
    };
    names.into_iter().map(own).collect()
}

impl InputFile {
    /// Returns the hash of the contents: a hash over the names and hashes of the files.
    pub fn content(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for file in &self.files {
            for text in [&file.name, &file.blake3] {
                hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
            }
        }
        hasher.finalize()
    }

    /// Returns the name of the copy. It depends on the contents, so that copies for another plan of the same directory
    /// never replace it.
    pub(crate) fn named_by_content(&self) -> String {
        let name = self.source.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let safe: String = name
            .chars()
            .take(80)
            .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' })
            .collect();
        format!("{}-{safe}", &self.content().to_hex()[..16])
    }

    /// Copies the input into the folder `inputs` of a results directory.
    ///
    /// # Errors
    /// If reading or writing fails, or the input has changed since it was hashed.
    pub fn copy_into(&self, disk: &Arc<dyn Disk>, results: &Path) -> io::Result<()> {
        files::refuse_links(results, &Path::new(FOLDER).join(&self.stored))?;
        let stored = results.join(FOLDER).join(&self.stored);
        if self.is_folder() {
            disk.make_folder(&stored)?;
        }
        for file in &self.files {
            let (from, to) = (file.path(&self.source), file.path(&stored));
            let copy = |writer: &mut _| io::copy(&mut File::open(&from)?, writer).map(drop);
            files::write_atomically::<io::Error>(disk, &to, copy).map_err(files::at(&to))?;
        }
        disk.sync_folder(files::folder_of(&stored))?;
        self.verify(results)
    }

    /// Checks the copy in a results directory against the hashes.
    ///
    /// # Errors
    /// If a file is missing, has changed or is a symbolic link, or a folder holds a file that is not listed.
    pub fn verify(&self, results: &Path) -> io::Result<()> {
        self.watch(results).map(drop)
    }

    /// Does the same as [`InputFile::verify`], and returns the files to be checked again later.
    pub(crate) fn watch(&self, results: &Path) -> io::Result<Vec<Watched>> {
        let inside = Path::new(FOLDER).join(&self.stored);
        files::refuse_links(results, &inside)?;
        if self.is_folder() {
            self.refuse_others(&results.join(&inside))?;
        }
        let watch = |file: &HashedFile| {
            let inside = file.path(&inside);
            files::refuse_links(results, &inside)?;
            let path = results.join(inside);
            Watched::new(path.clone(), file).map_err(files::at(&path))
        };
        self.files.iter().map(watch).collect()
    }

    /// Refuses a folder with files that the plan does not list and a trial could read.
    fn refuse_others(&self, folder: &Path) -> io::Result<()> {
        let listed: HashSet<&str> = self.files.iter().map(|file| file.name.as_str()).collect();
        for entry in std::fs::read_dir(folder).map_err(files::at(folder))? {
            let name = entry.map_err(files::at(folder))?.file_name();
            let known = name.to_str().is_some_and(|name| listed.contains(name) || files::is_unfinished(name));
            if !known {
                return Err(io::Error::other(format!(
                    "{} is not one of the files that the sweep was planned with",
                    folder.join(name).display()
                )));
            }
        }
        Ok(())
    }

    /// Returns whether the files fit a key of this kind: one without a name, or each file of a folder with its own.
    pub fn is_of(&self, kind: &Kind) -> bool {
        let names: HashSet<&str> = self.files.iter().map(|file| file.name.as_str()).collect();
        match kind {
            Kind::Folder => !names.is_empty() && names.len() == self.files.len() && !names.contains(""),
            _file => self.files.len() == 1 && names.contains(""),
        }
    }

    /// Returns whether the names stay inside `inputs/`, as those that burstnet writes do.
    pub fn is_contained(&self) -> bool {
        let plain = |name: &str| {
            let mut parts = Path::new(name).components();
            matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name)
        };
        plain(&self.stored) && self.files.iter().all(|file| file.name.is_empty() || plain(&file.name))
    }

    fn is_folder(&self) -> bool {
        self.files.iter().all(|file| !file.name.is_empty())
    }
}

/// Returns whether a copy in `inputs/` can have this name.
pub(crate) fn is_stored(name: &str) -> bool {
    let hex = |start: &str| start.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
    name.split_once('-').is_some_and(|(start, _)| start.len() == 16 && hex(start))
}

/// Removes the unfinished copies that killed processes left. No other process may be writing one.
///
/// # Errors
/// If a folder cannot be read or a file cannot be removed.
pub fn remove_unfinished(disk: &dyn Disk, results: &Path, inputs: &[InputFile]) -> io::Result<()> {
    let is_folder = |path: &Path| path.symlink_metadata().is_ok_and(|held| held.is_dir()); // links lead elsewhere
    let copies = results.join(FOLDER);
    if !is_folder(&copies) {
        return Ok(());
    }
    files::remove_unfinished(disk, &copies, None)?;
    let mut folders = inputs.iter().filter(|input| input.is_folder()).map(|input| copies.join(&input.stored));
    folders
        .try_for_each(|folder| if is_folder(&folder) { files::remove_unfinished(disk, &folder, None) } else { Ok(()) })
}

/// Replaces the paths in `configuration`. `find` returns the path of an input.
pub fn resolve(configuration: &mut Configuration, inputs: &[InputFile], find: impl Fn(&InputFile) -> PathBuf) {
    let mut done: Vec<&str> = Vec::new(); // a path that was put in may be another one's name
    for input in inputs {
        if !done.contains(&input.key.as_str()) && configuration.get(&input.key).as_text() == Some(&input.given) {
            done.push(&input.key);
            configuration.set(&input.key, Value::Text(find(input).to_string_lossy().into_owned()));
        }
    }
}
