//! The digest of a run: BLAKE3 over everything that it leaves.
//!
//! All numbers are little-endian. In order: for each weight layer W (post × pre, row after row) and b; for each hidden
//! layer Y (hidden × output, row after row); the points of the curves by layer and step (layer as u32, step and
//! learning steps as u64, loss); the measures by their order (name, value). Every array, list and name is preceded by
//! its length as u64; a number that may be missing by a byte, 1 if it is there, else 0.

use std::io::{BufWriter, Write as _};

use crate::curves::CurvePoint;
use crate::weights::WeightRows;

/// BLAKE3 of weights, curves and measures.
pub fn digest(weights: &dyn WeightRows, curves: &[CurvePoint], measures: &[(String, Option<f64>)]) -> [u8; 32] {
    let mut hasher = Hasher(BufWriter::with_capacity(BUFFER, blake3::Hasher::new()));
    let layers = weights.layers();
    let outputs = layers[layers.len() - 1];
    for (layer, sizes) in layers.windows(2).enumerate() {
        hasher.length(sizes[0] * sizes[1]);
        weights.forward(layer, &mut |row| hasher.numbers(row));
        hasher.length(sizes[1]);
        weights.bias(layer, &mut |row| hasher.numbers(row));
    }
    for (layer, units) in layers[1..layers.len() - 1].iter().enumerate() {
        hasher.length(units * outputs);
        weights.feedback(layer, &mut |row| hasher.numbers(row));
    }
    hasher.results(curves, measures);
    hasher.finish()
}

/// The digest of what a model without weights leaves: curves and measures.
pub fn of_results(curves: &[CurvePoint], measures: &[(String, Option<f64>)]) -> [u8; 32] {
    let mut hasher = Hasher(BufWriter::with_capacity(BUFFER, blake3::Hasher::new()));
    hasher.results(curves, measures);
    hasher.finish()
}

/// A digest in hex.
pub fn hex(digest: &[u8; 32]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Bytes that are hashed together; many at once are faster.
const BUFFER: usize = 1 << 16;

struct Hasher(BufWriter<blake3::Hasher>);

impl Hasher {
    fn bytes(&mut self, bytes: &[u8]) {
        // Hashing cannot fail.
        let _: std::io::Result<()> = self.0.write_all(bytes);
    }

    fn results(&mut self, curves: &[CurvePoint], measures: &[(String, Option<f64>)]) {
        self.length(curves.len());
        for point in curves {
            self.bytes(&point.layer.to_le_bytes());
            self.bytes(&point.step.to_le_bytes());
            self.bytes(&point.learning_steps.to_le_bytes());
            self.optional(point.loss);
        }
        self.length(measures.len());
        for (name, value) in measures {
            self.length(name.len());
            self.bytes(name.as_bytes());
            self.optional(*value);
        }
    }

    fn length(&mut self, n: usize) {
        self.bytes(&(n as u64).to_le_bytes());
    }

    fn numbers(&mut self, numbers: &[f64]) {
        numbers.iter().for_each(|x| self.bytes(&x.to_le_bytes()));
    }

    fn optional(&mut self, x: Option<f64>) {
        match x {
            Some(x) => {
                self.bytes(&[1]);
                self.bytes(&x.to_le_bytes());
            }
            None => self.bytes(&[0]),
        }
    }

    fn finish(mut self) -> [u8; 32] {
        let _: std::io::Result<()> = self.0.flush();
        *self.0.get_ref().finalize().as_bytes()
    }
}
