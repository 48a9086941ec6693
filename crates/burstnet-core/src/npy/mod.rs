//! Arrays in NumPy's .npy files. Files come from other people: nothing is allocated on the word of a header.

mod header;
mod single;

use std::fs::File;
use std::io::{BufReader, ErrorKind, Seek, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use header::read_header;
use ndarray::{ArrayD, ArrayViewD};
use npyz::{DType, NpyFile, NpyHeader, Order, TypeChar, WriterBuilder};
pub use single::{LONGEST_SINGLE, single};

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
    /// The file is not an .npy file, or not one that is understood.
    #[error("{}: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The problem, and what is expected.
        reason: String,
    },
}

/// An .npy file of which only the header has been read: its elements can be read as `T`, and it is as long as the header
/// says.
pub struct Unread<T> {
    /// The length of each axis.
    pub shape: Vec<usize>,
    path: PathBuf,
    header: NpyHeader,
    file: BufReader<File>,
    elements: usize,
    read_as: PhantomData<T>,
}

impl Unread<f64> {
    /// Opens an array of float64 or float32, of any byte order and either memory order.
    ///
    /// # Errors
    /// If the file cannot be read, is not an .npy file, has another type of elements, or holds more or fewer bytes than its
    /// header says.
    pub fn open(path: &Path) -> Result<Self, NpyError> {
        open(path, "float64 or float32, as x.astype('float32') gives them", |element| {
            matches!(element, (TypeChar::Float, 8 | 4))
        })
    }

    /// Reads the elements, float32 widened to f64.
    ///
    /// # Errors
    /// If that fails, they do not fit into memory, or a number is not finite.
    pub fn read(self) -> Result<ArrayD<f64>, NpyError> {
        self.read_those(f64::is_finite, "finite numbers")
    }

    /// Does the same as [`Unread::read`], of elements that `fit`, which are `expected`.
    ///
    /// # Errors
    /// As for [`Unread::read`], and if an element does not fit.
    pub fn read_those(self, fit: impl Fn(f64) -> bool, expected: &str) -> Result<ArrayD<f64>, NpyError> {
        let path = self.path.clone();
        let array = match element(&self.header) {
            (TypeChar::Float, 4) => self.elements(f64::from as fn(f32) -> f64)?,
            _float64 => self.elements(|x: f64| x)?,
        };
        match array.iter().enumerate().find(|(_, x)| !fit(**x)) {
            None => Ok(array),
            Some((at, found)) => {
                let index = index_of(at, array.shape());
                Err(NpyError::Format { path, reason: format!("element {index:?} is {found:?}, expected {expected}") })
            }
        }
    }
}

impl Unread<bool> {
    /// Opens an array of bool.
    ///
    /// # Errors
    /// As for floats.
    pub fn open(path: &Path) -> Result<Self, NpyError> {
        open(path, "bool, as x.astype(bool) gives them", |element| matches!(element, (TypeChar::Bool, 1)))
    }

    /// Reads the elements.
    ///
    /// # Errors
    /// If that fails, or they do not fit into memory.
    pub fn read(self) -> Result<ArrayD<bool>, NpyError> {
        self.elements(|b: bool| b)
    }
}

impl<T: Copy> Unread<T> {
    fn elements<Stored: npyz::Deserialize>(self, read_as: impl Fn(Stored) -> T) -> Result<ArrayD<T>, NpyError> {
        let Self { shape, path, header, file, elements, .. } = self;
        let io = |source| NpyError::Io { path: path.clone(), source };
        let bad = |reason: String| NpyError::Format { path: path.clone(), reason };
        let order = header.order();
        let mut stored = room(elements).map_err(io)?;
        for element in NpyFile::with_header(header, file).data::<Stored>().map_err(|error| bad(error.to_string()))? {
            let element = element.map_err(|error| match error.kind() {
                ErrorKind::InvalidData => bad(error.to_string()), // a byte that is neither true nor false
                _other => io(error),
            })?;
            stored.push(read_as(element));
        }
        let data = match order {
            Order::C => stored,
            Order::Fortran => {
                let mut data = room(elements).map_err(io)?;
                data.extend((0..elements).map(|at| stored[fortran_offset(&index_of(at, &shape), &shape)]));
                data
            }
        };
        ArrayD::from_shape_vec(shape, data).map_err(|error| bad(error.to_string()))
    }
}

/// An empty vector that `n` elements fit into.
fn room<T>(n: usize) -> std::io::Result<Vec<T>> {
    let mut empty = Vec::new();
    crate::room::ask(|| empty.try_reserve_exact(n)).map_err(|_| {
        let bytes = n.saturating_mul(size_of::<T>());
        std::io::Error::new(
            ErrorKind::OutOfMemory,
            format!("its {n} elements take {bytes} bytes of memory, which cannot be had"),
        )
    })?;
    Ok(empty)
}

/// Writes an array of float64 in C order.
///
/// # Errors
/// If writing fails.
pub fn write_f64(file: &mut impl Write, array: &ArrayViewD<'_, f64>) -> std::io::Result<()> {
    let shape: Vec<u64> = array.shape().iter().map(|n| *n as u64).collect();
    let mut writer = npyz::WriteOptions::new().default_dtype().shape(&shape).writer(file).begin_nd()?;
    writer.extend(array.iter().copied())?;
    writer.finish()
}

/// Opens a file of elements that `fit`, which are `expected`, and checks its length against its header.
fn open<T>(path: &Path, expected: &str, fit: impl Fn((TypeChar, u64)) -> bool) -> Result<Unread<T>, NpyError> {
    let io = |source| NpyError::Io { path: path.to_owned(), source };
    let bad = |reason: String| NpyError::Format { path: path.to_owned(), reason };
    let (header, mut file) = read_header(path)?;
    if !fit(element(&header)) {
        return Err(bad(format!("elements are {}, expected {expected}", header.dtype().descr())));
    }
    let (_, element_size) = element(&header);
    let shape = header.shape();
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
    Ok(Unread {
        shape: shape.iter().map(|&n| n as usize).collect(),
        path: path.to_owned(),
        header,
        file,
        elements: (held / element_size) as usize,
        read_as: PhantomData,
    })
}

fn element(header: &NpyHeader) -> (TypeChar, u64) {
    match header.dtype() {
        DType::Plain(plain) => (plain.type_char(), plain.size_field()),
        DType::Array(..) | DType::Record(..) => (TypeChar::RawData, 0),
    }
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
    use ndarray::{arr0, array};

    use super::*;

    fn file(header: &str, data: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"\x93NUMPY\x01\x00").unwrap();
        file.write_all(&(header.len() as u16).to_le_bytes()).unwrap();
        file.write_all(header.as_bytes()).unwrap();
        file.write_all(data).unwrap();
        file
    }

    fn read_floats(path: &Path) -> Result<ArrayD<f64>, NpyError> {
        Unread::<f64>::open(path)?.read()
    }

    #[test]
    fn writes_what_it_reads() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let array = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.5]].into_dyn();
        write_f64(&mut file, &array.view()).unwrap();
        assert_eq!(read_floats(file.path()).unwrap(), array);
        let (mut file, turned) = (tempfile::NamedTempFile::new().unwrap(), array.t());
        write_f64(&mut file, &turned).unwrap();
        assert_eq!(read_floats(file.path()).unwrap(), turned);
    }

    #[test]
    fn reads_fortran_order_float32_and_big_endian() {
        let numbers: Vec<u8> = [1.0_f32, 4.0, 2.0, 5.0, 3.0, 6.0].iter().flat_map(|x| x.to_be_bytes()).collect();
        let file = file("{'descr': '>f4', 'fortran_order': True, 'shape': (2, 3), }\n", &numbers);
        let array = read_floats(file.path()).unwrap();
        assert_eq!(array, array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]].into_dyn());
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
                Ok(array) => assert_eq!((array, message), (arr0(1.5).into_dyn(), "")),
                Err(error) => assert!(!message.is_empty() && error.to_string().contains(message), "{error}"),
            }
        }
    }

    #[test]
    fn python_2_wrote_long_integers() {
        let numbers: Vec<u8> = [1.0, 2.0, 3.0].iter().flat_map(|x: &f64| x.to_le_bytes()).collect();
        for shape in ["(3L,)", "(1L, 3L)", "(3L, 1)"] {
            let file = file(&format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n"), &numbers);
            assert_eq!(read_floats(file.path()).unwrap().iter().collect::<Vec<_>>(), [&1.0, &2.0, &3.0], "{shape}");
        }
    }

    #[test]
    fn what_is_no_npy_is_named() {
        let message = |content: &[u8]| {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(content).unwrap();
            read_floats(file.path()).unwrap_err().to_string()
        };
        for (content, told) in [
            (&b"PK\x03\x04\x14\x00\x00\x00\x08\x00\x00\x00"[..], "an archive such as .npz, expected one array of it"),
            (b"\x89HDF\r\n\x1a\n\x00\x00\x00\x00", "HDF5"),
            (b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00\x00", "a pickle"),
            (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00", "compressed by gzip"),
            (b"1.0 2.0 3.0 4.0", "not an .npy file, expected an array written by np.save"),
            (b"", "but empty"),
        ] {
            assert!(message(content).contains(told), "{}", message(content));
        }
        for (header, told) in [
            ("{'descr': '<f8', 'shape': (1,), }", "it lacks 'fortran_order'; it is {'descr'"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (3, ?), }", "not a readable .npy header: "),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': 3, }", "as np.save writes it"),
        ] {
            let file = file(header, &[0; 8]);
            let message = read_floats(file.path()).unwrap_err().to_string();
            assert!(message.contains(told) && message.contains("expected {'descr': '<f8'"), "{message}");
            assert_eq!(message.lines().count(), 1, "{message}");
        }
        let mut cut = tempfile::NamedTempFile::new().unwrap();
        cut.write_all(b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f8'").unwrap();
        let message = read_floats(cut.path()).unwrap_err().to_string();
        assert!(message.contains("the file ends within it"), "{message}");
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

    #[test]
    fn a_header_is_read_without_the_data() {
        let sparse = file("{'descr': '|b1', 'fortran_order': False, 'shape': (1099511627776, 4), }\n", &[]);
        let length = sparse.as_file().metadata().unwrap().len();
        if sparse.as_file().set_len(length + (1 << 42)).is_err() {
            return; // a file system of small files
        }
        let unread = Unread::<bool>::open(sparse.path()).unwrap();
        assert_eq!(unread.shape, [1 << 40, 4]);
    }

    #[test]
    fn what_does_not_fit_into_memory_is_a_message() {
        let message = room::<f64>(1 << 60).unwrap_err().to_string();
        assert!(message.contains("take 9223372036854775808 bytes of memory"), "{message}");
    }
}
