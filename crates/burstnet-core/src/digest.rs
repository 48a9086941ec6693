//! The digest of a run: BLAKE3 over everything that it leaves.
//!
//! All numbers are little-endian. In order: for each weight layer W (post × pre, row after row) and b; for each hidden
//! layer Y (hidden × output, row after row); the points of the curves by layer and step (layer as u32, step and
//! learning steps as u64, loss); the measures by their order (name, value). Every array, list and name is preceded by
//! its length as u64; a number that may be missing by a byte, 1 if it is there, else 0.

use crate::curves::CurvePoint;
use crate::weights::Weights;

/// BLAKE3 of weights, curves and measures.
pub fn digest(weights: &Weights, curves: &[CurvePoint], measures: &[(String, Option<f64>)]) -> [u8; 32] {
    let mut hasher = Hasher(blake3::Hasher::new());
    for (w, b) in weights.forward.iter().zip(&weights.bias) {
        hasher.numbers(w.as_slice());
        hasher.numbers(b);
    }
    for y in &weights.feedback {
        hasher.numbers(y.as_slice());
    }
    hasher.length(curves.len());
    for point in curves {
        hasher.0.update(&point.layer.to_le_bytes());
        hasher.0.update(&point.step.to_le_bytes());
        hasher.0.update(&point.learning_steps.to_le_bytes());
        hasher.optional(point.loss);
    }
    hasher.length(measures.len());
    for (name, value) in measures {
        hasher.length(name.len());
        hasher.0.update(name.as_bytes());
        hasher.optional(*value);
    }
    *hasher.0.finalize().as_bytes()
}

struct Hasher(blake3::Hasher);

impl Hasher {
    fn length(&mut self, n: usize) {
        self.0.update(&(n as u64).to_le_bytes());
    }

    fn numbers(&mut self, numbers: &[f64]) {
        self.length(numbers.len());
        let mut bytes = [0; 8 * 512];
        for chunk in numbers.chunks(512) {
            for (slot, x) in bytes.chunks_exact_mut(8).zip(chunk) {
                slot.copy_from_slice(&x.to_le_bytes());
            }
            self.0.update(&bytes[..8 * chunk.len()]);
        }
    }

    fn optional(&mut self, x: Option<f64>) {
        match x {
            Some(x) => {
                self.0.update(&[1]);
                self.0.update(&x.to_le_bytes());
            }
            None => {
                self.0.update(&[0]);
            }
        }
    }
}
