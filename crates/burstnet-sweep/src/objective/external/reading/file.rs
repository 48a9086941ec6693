//! Files that a program writes into the folder of its trial. They are read as if other people had written them: with a
//! bound on their length, and nothing but regular files.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use burstnet_core::npy;
use burstnet_core::text::quoted;
use flate2::bufread::DeflateDecoder;
use rawzip::CompressionMethod;

use super::found::Found;
use super::lines::{point_of, point_of_object};
use super::source::{FileKind, Purpose};
use super::values::{number_of_text, object_of};
use crate::limits::MOST_PROGRAM_OUTPUT;

/// Reads a file as a source of measures or curves.
pub(super) fn read(
    folder: &Path,
    name: &str,
    kind: FileKind,
    purpose: &Purpose,
    at: usize,
    found: &mut Found<'_>,
) -> Result<(), String> {
    let bytes = content(&folder.join(name))?;
    match kind {
        FileKind::Npz => arrays(&bytes, at, found),
        FileKind::Cells(delimiter) => rows(&bytes, delimiter, purpose, at, found),
        FileKind::Json | FileKind::JsonLines => {
            let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
            objects(&text, kind, purpose, at, found)
        }
    }
}

/// Returns the content of a regular file.
fn content(path: &Path) -> Result<Vec<u8>, String> {
    let metadata = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "the program did not write it into {dir}".to_owned(),
        _other => error.to_string(),
    })?;
    if !metadata.is_file() {
        return Err("it is not a regular file".into());
    }
    let mut bytes = Vec::new();
    let most = MOST_PROGRAM_OUTPUT as u64 + 1;
    File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)).map_err(|error| error.to_string())?;
    match bytes.len() > MOST_PROGRAM_OUTPUT {
        true => Err(format!("it is longer than {MOST_PROGRAM_OUTPUT} bytes")),
        false => Ok(bytes),
    }
}

/// Reads JSON: one object, or one on each line. A text of several lines that are objects each may be either.
fn objects(text: &str, kind: FileKind, purpose: &Purpose, at: usize, found: &mut Found<'_>) -> Result<(), String> {
    let whole = if kind == FileKind::Json { object_of(text) } else { None };
    match purpose {
        Purpose::Measures { by } => {
            let last = || text.lines().rev().find(|line| !line.trim().is_empty()).and_then(object_of);
            let object = match (kind, by) {
                (FileKind::Json, _) => whole,
                (_, None) => last(),
                (_, Some(_)) => {
                    for line in text.lines().filter(|line| !line.trim().is_empty()) {
                        let object = object_of(line).ok_or_else(|| format!("{} is no JSON object", quoted(line)))?;
                        found.take_object(at, by.as_deref(), &object)?;
                    }
                    return Ok(());
                }
            };
            found.take_object(at, by.as_deref(), &object.ok_or("it holds no JSON object")?)
        }
        Purpose::Curve { step, loss, layer } => {
            for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
                let object = object_of(line).ok_or_else(|| format!("line {} is no JSON object", number + 1))?;
                let point = point_of_object(&object, step, loss, layer);
                found.add(at, point.map_err(|problem| format!("line {}: {problem}", number + 1))?);
            }
            Ok(())
        }
    }
}

/// Reads a table with a header: its last row as measures (all rows, if a column tells them apart), or its rows as points.
fn rows(bytes: &[u8], delimiter: u8, purpose: &Purpose, at: usize, found: &mut Found<'_>) -> Result<(), String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).trim(csv::Trim::All).from_reader(bytes);
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    let column = |name: &str| {
        header.iter().position(|held| held == name).ok_or_else(|| {
            format!("it has no column {}, but {}", quoted(name), burstnet_core::text::listed(header.iter()))
        })
    };
    let mut last: Option<csv::StringRecord> = None;
    for row in reader.records() {
        let row = row.map_err(|error| error.to_string())?;
        match purpose {
            Purpose::Measures { by: None } => last = Some(row),
            Purpose::Measures { by: Some(by) } => {
                let key = &row[column(by)?];
                for (name, cell) in header.iter().zip(&row).filter(|(name, _)| name != by) {
                    found.take(at, name, Some(key), &|| number_of_text(cell))?;
                }
                last = Some(csv::StringRecord::new());
            }
            Purpose::Curve { step, loss, layer } => {
                let text_of = |name: &str| column(name).map(|at| &row[at]);
                let line = row.position().map_or(0, csv::Position::line);
                let point =
                    point_of(&text_of, step, loss, layer).map_err(|problem| format!("line {line}: {problem}"))?;
                found.add(at, point);
            }
        }
    }
    match (purpose, last) {
        (Purpose::Curve { .. }, _) => Ok(()),
        (Purpose::Measures { .. }, None) => Err("it has no row below its header".into()),
        (Purpose::Measures { .. }, Some(row)) => {
            header.iter().zip(&row).try_for_each(|(name, cell)| found.take(at, name, None, &|| number_of_text(cell)))
        }
    }
}

/// Reads the arrays of an .npz archive that have one element.
fn arrays(bytes: &[u8], at: usize, found: &mut Found<'_>) -> Result<(), String> {
    let wrong = |error: rawzip::Error| error.to_string();
    let archive = rawzip::ZipArchive::from_slice(bytes).map_err(wrong)?;
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry().map_err(wrong)? {
        let path = entry.file_path();
        let name = String::from_utf8_lossy(path.as_ref());
        let Some(name) = name.strip_suffix(".npy") else { continue };
        let held = archive.get_entry(entry.wayfinder()).map_err(wrong)?;
        let (mut start, most) = (Vec::new(), npy::LONGEST_SINGLE);
        let read = match entry.compression_method() {
            CompressionMethod::STORE => held.verifying_reader(held.data()).take(most).read_to_end(&mut start),
            CompressionMethod::DEFLATE => {
                held.verifying_reader(DeflateDecoder::new(held.data())).take(most).read_to_end(&mut start)
            }
            _other => continue,
        };
        read.map_err(|error| format!("{}: {error}", quoted(name)))?;
        found.take(at, name, None, &|| {
            let number = npy::single(&start).map_err(|problem| format!("an array that is {problem}"))?;
            Ok(Some(number).filter(|x| x.is_finite()))
        })?;
    }
    Ok(())
}
