//! Writing an archive: the same bytes for the same study.

use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use burstnet_sweep::plan::input_files;
use burstnet_sweep::results::journal;
use burstnet_sweep::results::study::Study;
use tar::{Builder, EntryType, Header};

use super::contents::{ALONE, Contents, FOLDER, FORMAT, File, NAME, is_allowed};

/// The level of compression: journals hold numbers, of which higher ones make little less.
const LEVEL: i32 = 9;

/// Writes the archive of a study. Of a journal that grows meanwhile it has what was there at first.
pub(super) fn write(study: &Study, out: &mut impl Write) -> io::Result<()> {
    let names = names(&study.results)?;
    let files = names.into_iter().map(|name| described(&study.results, name)).collect::<io::Result<Vec<File>>>()?;
    let contents = Contents {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        verify: "burstnet verify FILE --sample 20".to_owned(),
        name: study.plan.name.clone(),
        fingerprint: study.plan.fingerprint(),
        files,
    };
    let mut archive = Builder::new(zstd::stream::write::Encoder::new(out, LEVEL)?);
    let mut list = serde_json::to_vec_pretty(&contents)?;
    list.push(b'\n');
    append(&mut archive, NAME, list.len() as u64, &list[..])?;
    for file in &contents.files {
        let held = std::fs::File::open(study.results.join(&file.name))?;
        append(&mut archive, &file.name, file.bytes, held.take(file.bytes))?;
    }
    archive.into_inner()?.finish()?.flush()
}

fn append(archive: &mut Builder<impl Write>, name: &str, bytes: u64, content: impl io::Read) -> io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::Regular);
    header.set_path(format!("{FOLDER}/{name}"))?;
    header.set_size(bytes);
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_cksum();
    archive.append(&header, content)
}

/// Returns the paths of all files that a rerun and its reader need, sorted within their folders.
fn names(results: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for name in ALONE {
        if results.join(name).symlink_metadata().is_ok_and(|held| held.is_file()) {
            names.push(name.to_owned());
        }
    }
    for folder in [input_files::FOLDER, journal::FOLDER] {
        let mut inside = Vec::new();
        walk(results, Path::new(folder), &mut inside)?;
        inside.sort();
        names.extend(inside.into_iter().filter(|name| is_allowed(name)));
    }
    Ok(names)
}

fn walk(results: &Path, folder: &Path, names: &mut Vec<String>) -> io::Result<()> {
    let listed = match std::fs::read_dir(results.join(folder)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        listed => listed?,
    };
    for entry in listed {
        let entry = entry?;
        let inside: PathBuf = folder.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(results, &inside, names)?;
        } else if kind.is_file()
            && let Some(name) = inside.to_str()
        {
            names.push(name.to_owned());
        }
    }
    Ok(())
}

fn described(results: &Path, name: String) -> io::Result<File> {
    let held = std::fs::File::open(results.join(&name))?;
    let bytes = held.metadata()?.len();
    let mut hasher = blake3::Hasher::new();
    io::copy(&mut held.take(bytes), &mut hasher)?;
    Ok(File { name, bytes, blake3: hasher.finalize().to_hex().to_string() })
}
