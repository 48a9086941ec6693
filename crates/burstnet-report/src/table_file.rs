//! Tables as configurations: the rows of a .csv or .parquet file. Files come from other people: they are bounded, and
//! nothing is allocated on the word of a header.

mod csv_rows;
mod pages;
mod parquet_rows;

use std::cell::Cell;
use std::fs::File;
use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Once;

use burstnet_sweep::spec::table::Decoded;

/// The largest file that is read.
const LARGEST: u64 = 64 << 20;

/// What is wrong with a file, and the row (from 1 behind the header) where that is known.
type Problem = (String, Option<usize>);

/// Decodes the table at `path`; the ending of its name decides how.
///
/// # Errors
/// With a message, and the row where that is known, if it cannot be read or is none.
pub fn read(path: &Path) -> Result<Decoded, Problem> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let decode = match ending.as_str() {
        "csv" => csv_rows::decode,
        "parquet" => parquet_rows::decode,
        "" => return Err(("its name has no ending".into(), None)),
        other => return Err((format!("its name ends with .{other}"), None)),
    };
    let bytes = read_bytes(path).map_err(|error| (error.to_string(), None))?;
    if bytes.is_empty() {
        return Err(("the file is empty".into(), None));
    }
    without_panics(|| decode(bytes))
}

thread_local! {
    static DECODES: Cell<bool> = const { Cell::new(false) };
}

/// What decodes Parquet panics on some damaged files; that is one message as for any other.
fn without_panics<T>(decode: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !DECODES.get() {
                usual(info);
            }
        }));
    });
    DECODES.set(true);
    let decoded = catch_unwind(AssertUnwindSafe(decode));
    DECODES.set(false);
    decoded.unwrap_or_else(|_| Err(("the file is damaged".into(), None)))
}

/// The content of a file that ends, and is not too large.
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

/// The message for a table with too many cells.
fn too_many_cells() -> Problem {
    (format!("more than {} cells", burstnet_sweep::spec::table::MOST_CELLS), None)
}
