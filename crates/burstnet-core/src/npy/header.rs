//! The header of an .npy file, which comes from other people.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use npyz::NpyHeader;

use super::NpyError;

/// The longest header that is read; NumPy's own are 128 bytes long.
const LONGEST_HEADER: u32 = 4096;
/// The deepest nesting of brackets in a header; those of an array of numbers are 2 deep.
const DEEPEST: usize = 4;

/// Opens a file and reads its header, once its length is known to be sane.
pub(super) fn read_header(path: &Path) -> Result<(NpyHeader, BufReader<File>), NpyError> {
    let io = |source| NpyError::Io { path: path.to_owned(), source };
    let bad = |reason: String| NpyError::Format { path: path.to_owned(), reason };
    let metadata = std::fs::metadata(path).map_err(io)?;
    if !metadata.is_file() {
        return Err(bad("not a regular file, expected an .npy file".into()));
    }
    let mut file = BufReader::new(File::open(path).map_err(io)?);
    let mut start = Vec::new();
    file.by_ref().take(12).read_to_end(&mut start).map_err(io)?; // which tries again where a signal interrupts it
    if start.len() < 12 || !start.starts_with(b"\x93NUMPY") {
        return Err(bad(format!("not an .npy file{}", what_else(&start))));
    }
    let (begin, header_len) = extent(&start);
    if header_len > LONGEST_HEADER {
        return Err(bad(format!("a header of {header_len} bytes, expected at most {LONGEST_HEADER}")));
    }
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    let end = u64::from(begin + header_len);
    let mut header = Vec::new();
    file.by_ref().take(end).read_to_end(&mut header).map_err(io)?;
    let unreadable = |why: &str| {
        let shown = String::from_utf8_lossy(header.get(begin as usize..).unwrap_or_default()).into_owned();
        let shown: String =
            shown.trim().chars().take(LONGEST_SHOWN).map(|c| if c.is_control() { '?' } else { c }).collect();
        bad(format!("not a readable .npy header: {why}; it is {shown}, expected {EXAMPLE}, as np.save writes it"))
    };
    if (header.len() as u64) < end {
        return Err(unreadable("the file ends within it"));
    }
    if is_nested(&header) {
        return Err(bad(format!("not a readable .npy header: nested more than {DEEPEST} levels deep")));
    }
    // From memory: an error of the disk is not one of the header.
    let without_longs = without_longs(&header[begin as usize..]);
    let parsed = NpyHeader::from_reader(&[&header[..begin as usize], &without_longs].concat()[..]);
    let parsed = parsed.map_err(|error| match missing_key(&header) {
        Some(key) => unreadable(&format!("it lacks {key}")),
        // The rest, behind a ':', only helps the authors of the parser.
        None => unreadable(error.to_string().split([':', '\n']).next().unwrap_or_default()),
    })?;
    file.seek(SeekFrom::Start(end)).map_err(io)?;
    Ok((parsed, file))
}

/// Returns the header at the start of the bytes of an .npy file, and where the data begin.
///
/// # Errors
/// With a description of the array if the header cannot be read.
pub(super) fn parse(bytes: &[u8]) -> Result<(NpyHeader, usize), String> {
    if bytes.len() < 12 || !bytes.starts_with(b"\x93NUMPY") {
        return Err("no .npy file".into());
    }
    let (begin, length) = extent(bytes);
    let end = begin as usize + length.min(LONGEST_HEADER + 1) as usize;
    if length > LONGEST_HEADER || bytes.len() < end || is_nested(&bytes[..end]) {
        return Err("of a header that is not one of numbers".into());
    }
    let without_longs = without_longs(&bytes[begin as usize..end]);
    let header = NpyHeader::from_reader(&[&bytes[..begin as usize], &without_longs].concat()[..]);
    let header = header.map_err(|error| error.to_string().split([':', '\n']).next().unwrap_or_default().to_owned())?;
    Ok((header, end))
}

/// Returns where the header begins, of a file with these first 12 bytes, and its length.
fn extent(start: &[u8]) -> (u32, u32) {
    match start[6] {
        1 => (10, u32::from(u16::from_le_bytes([start[8], start[9]]))),
        _later => (12, u32::from_le_bytes([start[8], start[9], start[10], start[11]])),
    }
}

/// The longest part of a header that a message shows, in characters.
const LONGEST_SHOWN: usize = 120;
/// A header, for messages.
const EXAMPLE: &str = "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 300), }";

/// Returns the kind of a file that is not an .npy file, with what to do about it, as the end of a sentence.
fn what_else(start: &[u8]) -> &'static str {
    match start {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => {
            " but an archive such as .npz, expected one array of it: np.save('x.npy', np.load('x.npz')['NAME'])"
        }
        [0x89, b'H', b'D', b'F', ..] => " but HDF5, expected an array written by np.save",
        [b'P', b'A', b'R', b'1', ..] => " but Parquet, expected an array written by np.save",
        [b'M', b'A', b'T', b'L', b'A', b'B', ..] => " but a .mat file, expected an array written by np.save",
        [0x1f, 0x8b, ..] => " but compressed by gzip, expected it as it was before",
        [0x80, 2..=5, ..] => " but a pickle, expected an array written by np.save",
        [] => " but empty, expected an array written by np.save",
        _ => ", expected an array written by np.save",
    }
}

/// The first key that a header lacks.
fn missing_key(header: &[u8]) -> Option<&'static str> {
    let holds = |key: &str| header.windows(key.len()).any(|part| part == key.as_bytes());
    ["'descr'", "'fortran_order'", "'shape'"].into_iter().find(|key| !holds(key) && !holds(&key.replace('\'', "\"")))
}

/// A header as Python 3 writes it: Python 2 writes the lengths of a shape as `10L`.
fn without_longs(header: &[u8]) -> Vec<u8> {
    let mut quote = None;
    let mut bytes = header.to_vec();
    for at in 0..bytes.len() {
        match (quote, bytes[at]) {
            (Some(open), byte) if byte == open => quote = None,
            (None, byte @ (b'\'' | b'"')) => quote = Some(byte),
            (None, b'L') if at > 0 && bytes[at - 1].is_ascii_digit() => bytes[at] = b' ',
            (_, _) => {}
        }
    }
    bytes
}

/// Returns whether brackets are nested too deep: parsing them takes time that doubles with each level.
fn is_nested(text: &[u8]) -> bool {
    let mut depth = 0_usize;
    text.iter().any(|byte| {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > DEEPEST
    })
}
