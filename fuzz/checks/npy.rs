//! An .npy file is an array as large as its header says, or a message.

use std::path::Path;

use burstnet_core::npy::{self, NpyError, Unread};
use ndarray::ArrayD;

/// Reads `bytes` as an .npy file, which is written to `path`.
pub fn check(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
    if let Some(floats) = check_outcome(read_floats(path), path, bytes, 4) {
        assert!(floats.iter().all(|x| x.is_finite()));
        // What was read, written and read again, is the same.
        let mut again = Vec::new();
        npy::write_f64(&mut again, &floats.view()).unwrap();
        std::fs::write(path, again).unwrap();
        let read = read_floats(path).unwrap();
        assert_eq!(read.shape(), floats.shape());
        assert!(read.iter().map(|x| x.to_bits()).eq(floats.iter().map(|x| x.to_bits())));
        std::fs::write(path, bytes).unwrap();
    }
    if let Some(bools) = check_outcome(read_bools(path), path, bytes, 1) {
        let set = bools.iter().filter(|x| **x).count();
        let held = &bytes[bytes.len() - bools.len()..];
        assert_eq!(set, held.iter().filter(|byte| **byte != 0).count());
    }
}

fn read_floats(path: &Path) -> Result<ArrayD<f64>, NpyError> {
    Unread::<f64>::open(path)?.read()
}

fn read_bools(path: &Path) -> Result<ArrayD<bool>, NpyError> {
    Unread::<bool>::open(path)?.read()
}

fn check_outcome<T>(
    outcome: Result<ArrayD<T>, NpyError>,
    path: &Path,
    bytes: &[u8],
    least_width: usize,
) -> Option<ArrayD<T>> {
    match outcome {
        Ok(array) => {
            let claimed = array.shape().iter().try_fold(1_usize, |n, axis| n.checked_mul(*axis));
            assert_eq!(claimed, Some(array.len()), "shape {:?}", array.shape());
            assert!(array.len() * least_width < bytes.len(), "{} elements", array.len());
            Some(array)
        }
        Err(error) => {
            assert!(matches!(error, NpyError::Format { .. }), "{error}");
            let message = error.to_string();
            assert!(message.contains(path.to_str().unwrap()), "{message}");
            None
        }
    }
}
