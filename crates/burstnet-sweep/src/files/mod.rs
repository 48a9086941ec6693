//! Files that exist completely or not at all, and checks that paths contain no links.

pub mod disk;
pub mod hashed;
pub(crate) mod json;
pub mod waiting;
pub(crate) mod watched;

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::files::disk::{Disk, DiskFile};

/// A resource of the machine that an evaluation needs and that is missing: a sentence with the place and the cause.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EnvironmentError(pub String);

/// The prefix of the names of incomplete files.
const WRITING: &str = ".writing-";

/// A file that is being written. It has a temporary name in its folder until [`NewFile::publish`]. If it is dropped
/// before, it is removed.
pub struct NewFile {
    disk: Arc<dyn Disk>,
    file: Box<dyn DiskFile>,
    temporary: PathBuf,
    path: PathBuf,
    published: bool,
}

impl NewFile {
    /// Starts the file that will be `path`.
    ///
    /// # Errors
    /// If a file cannot be made in that folder.
    pub fn create(disk: &Arc<dyn Disk>, path: &Path) -> io::Result<Self> {
        let prefix = format!("{}-", temporary_name(path));
        let made = tempfile::Builder::new().prefix(&prefix).make_in(folder_of(path), |path| disk.create(path))?;
        let (file, temporary) = made.into_parts();
        let temporary = temporary.keep().map_err(|error| error.error)?;
        Ok(Self { disk: Arc::clone(disk), file, temporary, path: path.to_owned(), published: false })
    }

    /// Gives the file its final name: syncs it, renames it and syncs the folder.
    ///
    /// # Errors
    /// If any of these steps fails; the temporary file is then removed.
    pub fn publish(mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.sync()?;
        self.disk.rename(&self.temporary, &self.path)?;
        self.published = true;
        self.disk.sync_folder(folder_of(&self.path))
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.published {
            drop(self.disk.remove(&self.temporary)); // that it stays is no worse than a crash
        }
    }
}

/// Writes `path` with `write`: under a temporary name in the same folder, which is then synced and renamed before the
/// folder is synced. A reader sees the old file or the new one, and a crash leaves one of them.
///
/// # Errors
/// If writing, syncing or renaming fails; the temporary file is then removed.
pub fn write_atomically<E: From<io::Error>>(
    disk: &Arc<dyn Disk>,
    path: &Path,
    write: impl FnOnce(&mut BufWriter<NewFile>) -> Result<(), E>,
) -> Result<(), E> {
    let mut buffer = BufWriter::new(NewFile::create(disk, path)?);
    write(&mut buffer)?;
    let file = buffer.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(file.publish()?)
}

/// Removes unfinished files that killed processes left in `folder`: those of the file `name`, or of all files if there
/// is no name. No other process may be writing such a file.
///
/// # Errors
/// If the folder cannot be read or a file cannot be removed.
pub fn remove_unfinished(disk: &dyn Disk, folder: &Path, name: Option<&str>) -> io::Result<()> {
    let prefix = name.map_or(WRITING.to_owned(), |name| format!("{WRITING}{name}-"));
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if is_unfinished(&entry.file_name().to_string_lossy())
            && entry.file_name().to_string_lossy().starts_with(&prefix)
            && entry.file_type()?.is_file()
        {
            disk.remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Returns whether this is the name of an unfinished file.
pub fn is_unfinished(name: &str) -> bool {
    name.starts_with(WRITING)
}

/// Returns a function that adds a path to the message of an error.
pub(crate) fn at(path: &Path) -> impl Fn(io::Error) -> io::Error {
    move |error| io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Checks that no part of `inside`, a path below `folder`, is a symbolic link, a pipe or a device. A link could lead
/// anywhere, and a pipe or device could be read forever. A part that does not exist passes.
///
/// # Errors
/// If a part is one of these, or the path leaves the folder.
pub fn refuse_links(folder: &Path, inside: &Path) -> io::Result<()> {
    let mut path = folder.to_owned();
    for part in inside.components() {
        let Component::Normal(part) = part else {
            return Err(io::Error::other(format!("{} leaves {}", inside.display(), folder.display())));
        };
        path.push(part);
        match std::fs::symlink_metadata(&path) {
            Ok(held) if held.is_symlink() => {
                return Err(io::Error::other(format!("{} is a symbolic link, expected none here", path.display())));
            }
            Ok(held) if !held.is_file() && !held.is_dir() => {
                return Err(io::Error::other(format!("{} is not a file, expected one", path.display())));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads the text file `name` in `folder`, which must not be a link and has at most `most` bytes.
///
/// # Errors
/// If it cannot be read, is a link, is too long, or is not UTF-8.
pub fn read_text(folder: &Path, name: &str, most: u64) -> io::Result<String> {
    refuse_links(folder, Path::new(name))?;
    let mut text = String::new();
    File::open(folder.join(name))?.take(most + 1).read_to_string(&mut text)?;
    if text.len() as u64 > most {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("longer than {most} bytes")));
    }
    Ok(text)
}

fn temporary_name(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    format!("{WRITING}{name}")
}

pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::disk::system;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table");
        write_atomically::<io::Error>(&system(), &path, |file| file.write_all(b"old")).unwrap();
        let failed = write_atomically::<io::Error>(&system(), &path, |file| {
            file.write_all(b"new")?;
            Err(io::Error::other("full"))
        });
        assert!(failed.is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn links_are_refused_wherever_they_stand() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("real")).unwrap();
        std::fs::write(at("real/file"), "x").unwrap();
        std::os::unix::fs::symlink(at("real"), at("linked")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", at("real/secret")).unwrap();
        assert!(refuse_links(folder.path(), Path::new("real/file")).is_ok());
        assert!(refuse_links(folder.path(), Path::new("real/new")).is_ok());
        for inside in ["linked/file", "real/secret", "../x", "/etc/passwd"] {
            assert!(refuse_links(folder.path(), Path::new(inside)).is_err(), "{inside}");
        }
    }

    #[test]
    fn what_a_kill_left_is_removed_by_name() {
        let folder = tempfile::tempdir().unwrap();
        for name in [".writing-a-x1", ".writing-ab-x2", "a"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let left = || {
            let mut names: Vec<_> =
                std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            names
        };
        remove_unfinished(&crate::files::disk::SystemDisk, folder.path(), Some("a")).unwrap();
        assert_eq!(left(), [".writing-ab-x2", "a"]);
        remove_unfinished(&crate::files::disk::SystemDisk, folder.path(), None).unwrap();
        assert_eq!(left(), ["a"]);
    }
}
