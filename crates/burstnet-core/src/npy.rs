//! Arrays in NumPy's .npy files. Files come from other people: nothing is allocated on the word of a header.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use npyz::{DType, NpyFile, NpyHeader, Order, TypeChar, WriterBuilder};

/// The longest header that is read; NumPy's own are 128 bytes long.
const LONGEST_HEADER: u32 = 4096;
/// How deep brackets may be nested in a header; those of an array of numbers are 2 deep.
const DEEPEST: usize = 4;
/// The most axes of an array: NumPy's own limit.
const MOST_AXES: usize = 64;

/// A file that is not an array that can be used.
#[derive(Debug, thiserror::Error)]
pub enum NpyError {
    /// The file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no .npy, or not one that is understood.
    #[error("{}: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong and what is expected.
        reason: String,
    },
}

/// An array in C order (the last index runs fastest).
#[derive(Clone, Debug, PartialEq)]
pub struct Array<T> {
    /// The length of each axis.
    pub shape: Vec<usize>,
    /// The elements.
    pub data: Vec<T>,
}

/// Reads an array of float64 or float32 (widened to f64), of any byte order and either memory order.
///
/// # Errors
/// If the file cannot be read, is no .npy, has another type of elements, or holds more or fewer bytes than its header
/// says, or a number that is not finite.
pub fn read_floats(path: &Path) -> Result<Array<f64>, NpyError> {
    let bad = |reason: String| NpyError::Format { path: path.to_owned(), reason };
    let (header, file) = open(path)?;
    let array = match element(&header) {
        (TypeChar::Float, 8) => elements::<f64>(path, header, file, 8)?,
        (TypeChar::Float, 4) => {
            let narrow = elements::<f32>(path, header, file, 4)?;
            Array { shape: narrow.shape, data: narrow.data.into_iter().map(f64::from).collect() }
        }
        _other => return Err(bad(format!("elements are {}, expected float64 or float32", header.dtype().descr()))),
    };
    match array.data.iter().position(|x| !x.is_finite()) {
        None => Ok(array),
        Some(at) => {
            Err(bad(format!("element {:?} is {}, expected finite numbers", index_of(at, &array.shape), array.data[at])))
        }
    }
}

/// Reads an array of bool.
///
/// # Errors
/// As [`read_floats`].
pub fn read_bools(path: &Path) -> Result<Array<bool>, NpyError> {
    let (header, file) = open(path)?;
    match element(&header) {
        (TypeChar::Bool, 1) => elements::<bool>(path, header, file, 1),
        _other => Err(NpyError::Format {
            path: path.to_owned(),
            reason: format!("elements are {}, expected bool", header.dtype().descr()),
        }),
    }
}

/// Writes an array of float64 in C order.
///
/// # Errors
/// If writing fails.
pub fn write_f64(file: &mut impl Write, shape: &[u64], data: &[f64]) -> std::io::Result<()> {
    let mut writer = npyz::WriteOptions::new().default_dtype().shape(shape).writer(file).begin_nd()?;
    writer.extend(data.iter().copied())?;
    writer.finish()
}

/// Opens a file and reads its header, once its length is known to be sane.
fn open(path: &Path) -> Result<(NpyHeader, BufReader<File>), NpyError> {
    let io = |source| NpyError::Io { path: path.to_owned(), source };
    let bad = |reason: String| NpyError::Format { path: path.to_owned(), reason };
    let metadata = std::fs::metadata(path).map_err(io)?;
    if !metadata.is_file() {
        return Err(bad("not a regular file, expected an .npy file".into()));
    }
    let mut file = BufReader::new(File::open(path).map_err(io)?);
    let mut start = [0; 12];
    let mut got = 0;
    while got < start.len() {
        match file.read(&mut start[got..]).map_err(io)? {
            0 => break,
            n => got += n,
        }
    }
    if got < start.len() || !start.starts_with(b"\x93NUMPY") {
        return Err(bad("not an .npy file".into()));
    }
    let header_len = match start[6] {
        1 => u32::from(u16::from_le_bytes([start[8], start[9]])),
        _later => u32::from_le_bytes([start[8], start[9], start[10], start[11]]),
    };
    if header_len > LONGEST_HEADER {
        return Err(bad(format!("a header of {header_len} bytes, expected at most {LONGEST_HEADER}")));
    }
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    let mut text = Vec::new();
    file.by_ref().take(12 + u64::from(header_len)).read_to_end(&mut text).map_err(io)?;
    if is_nested(&text) {
        return Err(bad(format!("not a readable .npy header: nested more than {DEEPEST} levels deep")));
    }
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    let header = NpyHeader::from_reader(&mut file).map_err(|e| bad(format!("not a readable .npy header: {e}")))?;
    Ok((header, file))
}

/// Whether brackets are nested too deep: parsing them takes time that doubles with each level.
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

fn element(header: &NpyHeader) -> (TypeChar, u64) {
    match header.dtype() {
        DType::Plain(plain) => (plain.type_char(), plain.size_field()),
        DType::Array(..) | DType::Record(..) => (TypeChar::RawData, 0),
    }
}

fn elements<T: npyz::Deserialize + Copy>(
    path: &Path,
    header: NpyHeader,
    mut file: BufReader<File>,
    element_size: u64,
) -> Result<Array<T>, NpyError> {
    let io = |source| NpyError::Io { path: path.to_owned(), source };
    let bad = |reason: String| NpyError::Format { path: path.to_owned(), reason };
    let shape = header.shape().to_vec();
    if shape.len() > MOST_AXES {
        return Err(bad(format!("an array of {} axes, expected at most {MOST_AXES}", shape.len())));
    }
    let described = shape.iter().try_fold(element_size, |bytes, &n| bytes.checked_mul(n));
    let start = file.stream_position().map_err(io)?;
    let held = file.get_ref().metadata().map_err(io)?.len().saturating_sub(start);
    if described != Some(held) {
        return Err(bad(format!(
            "holds {held} bytes of data, but its header describes an array of shape {shape:?} of {element_size} bytes each"
        )));
    }
    let order = header.order();
    let stored: Vec<T> = NpyFile::with_header(header, file).into_vec().map_err(|error| match error.kind() {
        ErrorKind::InvalidData => bad(error.to_string()), // a byte that is neither true nor false
        _other => io(error),
    })?;
    let shape: Vec<usize> = shape.iter().map(|&n| n as usize).collect();
    let data = match order {
        Order::C => stored,
        Order::Fortran => (0..stored.len()).map(|at| stored[fortran_offset(&index_of(at, &shape), &shape)]).collect(),
    };
    Ok(Array { shape, data })
}

/// The index of the element at `offset` in C order.
fn index_of(mut offset: usize, shape: &[usize]) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for (axis, &n) in shape.iter().enumerate().rev() {
        index[axis] = offset % n;
        offset /= n;
    }
    index
}

fn fortran_offset(index: &[usize], shape: &[usize]) -> usize {
    index.iter().zip(shape).rev().fold(0, |offset, (&i, &n)| offset * n + i)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, data: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"\x93NUMPY\x01\x00").unwrap();
        file.write_all(&(header.len() as u16).to_le_bytes()).unwrap();
        file.write_all(header.as_bytes()).unwrap();
        file.write_all(data).unwrap();
        file
    }

    #[test]
    fn writes_what_it_reads() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        write_f64(&mut file, &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.5]).unwrap();
        let array = read_floats(file.path()).unwrap();
        assert_eq!(array, Array { shape: vec![2, 3], data: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.5] });
    }

    #[test]
    fn reads_fortran_order_float32_and_big_endian() {
        let numbers: Vec<u8> = [1.0_f32, 4.0, 2.0, 5.0, 3.0, 6.0].iter().flat_map(|x| x.to_be_bytes()).collect();
        let file = file("{'descr': '>f4', 'fortran_order': True, 'shape': (2, 3), }\n", &numbers);
        let array = read_floats(file.path()).unwrap();
        assert_eq!(array, Array { shape: vec![2, 3], data: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0] });
    }

    #[test]
    fn refuses_what_a_header_only_claims() {
        for (header, message) in [
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776, 4096), }\n", "holds 8 bytes"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (18446744073709551615, 2), }\n", "holds 8 bytes"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (), }\n", ""),
            ("{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }\n", "expected float64 or float32"),
            ("{'descr': '<f8', 'shape': (1,), }\n", "not a readable .npy header"),
            ("((((((((((((((((((((((((((((((((((((((((", "not a readable .npy header"),
        ] {
            let file = file(header, &1.5_f64.to_le_bytes());
            match read_floats(file.path()) {
                Ok(array) => assert_eq!((array.shape, array.data, message), (vec![], vec![1.5], "")),
                Err(error) => assert!(!message.is_empty() && error.to_string().contains(message), "{error}"),
            }
        }
    }

    #[test]
    fn a_header_of_nothing_but_brackets_is_refused() {
        for bracket in ["(", "[", "{", "{1:"] {
            let header = bracket.repeat(4000 / bracket.len());
            // On a small stack, as that of a worker thread.
            let read = move || read_floats(file(&header, &[]).path()).map(drop).unwrap_err().to_string();
            let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(read).unwrap();
            let message = thread.join().unwrap();
            assert!(message.contains("not a readable .npy header"), "{message}");
        }
    }

    #[test]
    fn names_the_number_that_is_not_finite() {
        let numbers: Vec<u8> = [1.0, 2.0, 3.0, f64::NAN].iter().flat_map(|x| x.to_le_bytes()).collect();
        let file = file("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }\n", &numbers);
        let message = read_floats(file.path()).unwrap_err().to_string();
        assert!(message.contains("element [1, 1] is NaN"), "{message}");
    }
}
