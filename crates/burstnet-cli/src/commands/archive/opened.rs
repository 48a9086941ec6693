//! Opening an archive of other people: into a temporary folder, and only what its list of contents and the layout of a
//! results directory allow.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use tar::{Archive, Entry, EntryType};
use tempfile::TempDir;

use super::contents::{Contents, FOLDER, FORMAT, File, LARGEST, NAME, is_allowed};
use crate::failure::Failure;
use crate::text::clean;

/// The most files of an archive.
const MOST_FILES: usize = 100_000;
/// The most bytes of all files of an archive for each byte of its own, and the bytes that any archive may hold.
const EXPANSION: u64 = 1000;
const ANYWAY: u64 = 64 << 20;

/// An archive that was opened.
pub(super) struct Opened {
    pub(super) contents: Contents,
    folder: TempDir,
}

impl Opened {
    /// Returns the results directory that it held.
    pub(super) fn results(&self) -> &Path {
        self.folder.path()
    }
}

/// Opens an archive. Every file must be in its list, once, with the same size and digest.
pub(super) fn open(path: &Path) -> Result<Opened, Failure> {
    let shown = path.display();
    let environment = |error: io::Error| Failure::Environment(format!("{shown}: {error}"));
    let refused = |problem: String| Failure::Input(format!("{shown}: {problem}"));
    let file = fs::File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => refused("does not exist, expected an archive of `burstnet archive`".into()),
        _other => environment(error),
    })?;
    let held = file.metadata().map_err(environment)?;
    if !held.is_file() {
        return Err(refused("is no regular file, expected an archive of `burstnet archive`".into()));
    }
    let unread = |error: io::Error| refused(format!("cannot be read as an archive: {error}"));
    let mut archive = Archive::new(zstd::stream::read::Decoder::new(file).map_err(unread)?);
    // Raw: a name or a link of any length that comes in an entry of its own is refused as what it is.
    let mut entries = archive.entries().map_err(unread)?.raw(true);
    let first = entries.next().ok_or_else(|| refused("is empty".into()))?.map_err(unread)?;
    let contents = contents(first, held.len()).map_err(refused)?;
    let mut missing: BTreeMap<&str, &File> = contents.files.iter().map(|file| (file.name.as_str(), file)).collect();
    let folder = tempfile::Builder::new().prefix("burstnet-").tempdir().map_err(environment)?;
    for entry in entries {
        let entry = entry.map_err(unread)?;
        let name = name_of(&entry).map_err(refused)?;
        let Some(file) = missing.remove(name.as_str()) else {
            return Err(refused(format!("{} is not in its list of contents, or is there twice", clean(&name))));
        };
        extract(entry, file, folder.path()).map_err(|problem| match problem {
            Problem::Archive(problem) => refused(format!("{}: {problem}", clean(&name))),
            Problem::Disk(error) => environment(error),
        })?;
    }
    if let Some(name) = missing.keys().next() {
        return Err(refused(format!("{} is in its list of contents and not in the archive", clean(name))));
    }
    Ok(Opened { contents, folder })
}

/// Reads the list of contents.
fn contents<R: Read>(entry: Entry<'_, R>, archived: u64) -> Result<Contents, String> {
    if name_of(&entry)? != NAME {
        return Err(format!("does not begin with {FOLDER}/{NAME}, expected an archive of `burstnet archive`"));
    }
    if entry.size() > LARGEST {
        return Err(format!("its list of contents is longer than {LARGEST} bytes"));
    }
    let mut text = Vec::new();
    entry.take(LARGEST).read_to_end(&mut text).map_err(|error| format!("cannot be read as an archive: {error}"))?;
    let contents: Contents =
        serde_json::from_slice(&text).map_err(|error| format!("its list of contents cannot be read: {error}"))?;
    if contents.format != FORMAT {
        return Err(format!("has layout {}, this program reads layout {FORMAT}", contents.format));
    }
    if contents.files.len() > MOST_FILES {
        return Err(format!("has {} files, more than {MOST_FILES}", contents.files.len()));
    }
    if let Some(file) = contents.files.iter().find(|file| !is_allowed(&file.name)) {
        return Err(format!("{}: no file of a results directory", clean(&file.name)));
    }
    let total = contents.files.iter().try_fold(0_u64, |sum, file| sum.checked_add(file.bytes));
    let most = archived.saturating_mul(EXPANSION).max(ANYWAY);
    match total {
        Some(total) if total <= most => Ok(contents),
        Some(_) | None => Err(format!("its files would take more than {most} bytes, {EXPANSION} times its own size")),
    }
}

/// Returns the path of an entry in the results directory.
fn name_of<R: Read>(entry: &Entry<'_, R>) -> Result<String, String> {
    let path = entry.path_bytes();
    let shown = clean(&String::from_utf8_lossy(&path));
    match entry.header().entry_type() {
        EntryType::Regular => {}
        EntryType::Symlink | EntryType::Link => return Err(format!("{shown}: a link, expected regular files only")),
        _other => return Err(format!("{shown}: expected regular files only")),
    }
    let inside = path.strip_prefix(format!("{FOLDER}/").as_bytes());
    let name = inside.and_then(|inside| std::str::from_utf8(inside).ok());
    match name {
        Some(name) if name == NAME || is_allowed(name) => Ok(name.to_owned()),
        _other => Err(format!("{shown}: no file of a results directory")),
    }
}

enum Problem {
    Archive(String),
    Disk(io::Error),
}

/// Writes a file below a folder, which has no links.
fn extract<R: Read>(entry: Entry<'_, R>, file: &File, folder: &Path) -> Result<(), Problem> {
    if entry.size() != file.bytes {
        let (has, says) = (entry.size(), file.bytes);
        return Err(Problem::Archive(format!("has {has} bytes, the list of contents says {says}")));
    }
    let path: PathBuf = folder.join(&file.name);
    let parent = path.parent().unwrap_or(folder);
    fs::create_dir_all(parent).map_err(Problem::Disk)?;
    let mut out = OpenOptions::new().write(true).create_new(true).open(&path).map_err(Problem::Disk)?;
    let mut hasher = blake3::Hasher::new();
    let mut content = entry.take(file.bytes);
    let mut buffer = vec![0; 1 << 16];
    let mut held = 0;
    loop {
        let n = content.read(&mut buffer).map_err(|error| Problem::Archive(format!("cannot be read: {error}")))?;
        if n == 0 {
            break;
        }
        held += n as u64;
        hasher.update(&buffer[..n]);
        out.write_all(&buffer[..n]).map_err(Problem::Disk)?;
    }
    if held != file.bytes {
        return Err(Problem::Archive(format!("ends after {held} of {} bytes", file.bytes)));
    }
    if hasher.finalize().to_hex().as_str() != file.blake3 {
        return Err(Problem::Archive("has another digest than the list of contents says".into()));
    }
    Ok(())
}
