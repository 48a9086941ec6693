//! Tables as configurations: the rows of a .csv or .parquet file. Files come from other people: they are bounded, and
//! nothing is allocated on the word of a header.

mod csv_rows;
mod pages;
mod parquet_rows;

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use burstnet_sweep::objective::panics;
use burstnet_sweep::spec::own_table::KeyColumns;
use burstnet_sweep::spec::table::{Decoded, TableError};

/// The largest file that is read.
const LARGEST: u64 = 64 << 20;

/// Decodes the table at `path`; the ending of its name decides how.
///
/// # Errors
/// Returns an error if it cannot be read or is none.
pub fn read(path: &Path) -> Result<Decoded, TableError> {
    decoded(path, Columns::Keys)
}

/// Decodes the table at `path` with all its columns, whichever of them are keys.
///
/// # Errors
/// Returns an error if it cannot be read or is none.
pub fn read_all(path: &Path) -> Result<Decoded, TableError> {
    decoded(path, Columns::All)
}

/// The columns of a table that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Columns {
    /// Those that are keys.
    Keys,
    /// All that hold what a key or a measure can.
    All,
}

impl Columns {
    fn of(self, names: &[String], declared: Option<&[String]>) -> KeyColumns {
        match self {
            Self::Keys => KeyColumns::of(names, declared),
            Self::All => {
                let keys = names.iter().cloned().enumerate().collect();
                KeyColumns { keys, is_own: false, others: Vec::new(), status: None }
            }
        }
    }
}

fn decoded(path: &Path, columns: Columns) -> Result<Decoded, TableError> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let decode = match ending.as_str() {
        "csv" => csv_rows::decode,
        "parquet" => parquet_rows::decode,
        "" => return Err(whole("its name has no ending")),
        other => return Err(whole(format!("its name ends with .{other}"))),
    };
    let bytes = read_bytes(path).map_err(|error| whole(error.to_string()))?;
    if bytes.is_empty() {
        return Err(whole("the file is empty"));
    }
    without_panics(|| decode(bytes, columns))
}

/// Decodes a file. The library for Parquet panics on some damaged files, which becomes a message like any other.
fn without_panics<T>(decode: impl FnOnce() -> Result<T, TableError>) -> Result<T, TableError> {
    panics::catch(decode).unwrap_or_else(|_| Err(whole("the file is damaged")))
}

/// Returns the content of a file that ends, and is not too large.
fn read_bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(std::io::Error::other(format!("the file is larger than {} MiB", LARGEST >> 20)));
    }
    Ok(bytes)
}

/// Returns an error about a file as a whole.
fn whole(problem: impl Into<String>) -> TableError {
    TableError { problem: problem.into(), ..TableError::default() }
}

/// Returns the error for a table with too many cells.
fn too_many_cells() -> TableError {
    whole(format!("more than {} cells", burstnet_sweep::limits::MOST_CELLS))
}
