//! The weights of a network: drawn, read from a folder and written to one.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use crate::config::keys::LARGEST_WEIGHT;
use crate::config::{Network, RunConfig};
use crate::math::acos;
use crate::matrix::Matrix;
use crate::npy::{self, NpyError};
use crate::streams::{Purpose, Stream};

/// All weights of a network of M weight layers, as the files have them.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Feedforward weights W of each weight layer, (post, pre).
    pub forward: Vec<Matrix>,
    /// Biases b of each weight layer, (post).
    pub bias: Vec<Vec<f64>>,
    /// Feedback weights Y of each hidden layer, (hidden, output). A connection that does not exist has weight 0.
    pub feedback: Vec<Matrix>,
}

impl Weights {
    /// The initial weights of a run: W and Y uniform, each feedback connection present with the feedback density.
    ///
    /// Which connections exist is drawn as `u < p` from uniforms that do not depend on the density p, so that for one
    /// seed those of a smaller density are a subset of those of a larger one. Every layer has its own streams.
    pub fn draw(config: &RunConfig, seed: u64) -> Self {
        let Network { layers, weight_range, bias, .. } = &config.network;
        let outputs = config.outputs();
        let forward = layers.windows(2).enumerate().map(|(m, sizes)| {
            let mut stream = Stream::part(seed, Purpose::ForwardWeights, m as u64);
            Matrix::from_fn(sizes[1], sizes[0], |_, _| stream.uniform(-weight_range, *weight_range))
        });
        let feedback = layers[1..layers.len() - 1].iter().enumerate().map(|(m, &units)| {
            let mut weights = Stream::part(seed, Purpose::FeedbackWeights, m as u64);
            let mut mask = Stream::part(seed, Purpose::FeedbackMask, m as u64);
            let range = config.feedback.weight_range;
            Matrix::from_fn(units, outputs, |_, _| {
                let weight = weights.uniform(-range, range);
                if mask.unit() < config.feedback.density { weight } else { 0.0 }
            })
        });
        Self {
            forward: forward.collect(),
            bias: layers[1..].iter().map(|&units| vec![*bias; units]).collect(),
            feedback: feedback.collect(),
        }
    }

    /// Reads `W_m.npy` (post, pre), `b_m.npy` (post) or (post, 1), and `Y_m.npy` (hidden, output) of a network with
    /// these `layers` from `folder`.
    ///
    /// # Errors
    /// If a file is missing or unreadable, or does not fit the layers, or holds a weight beyond [`LARGEST_WEIGHT`].
    pub fn load(folder: &Path, layers: &[usize]) -> Result<Self, NpyError> {
        let outputs = layers[layers.len() - 1];
        let matrix = |name: String, rows: usize, cols: usize| -> Result<Matrix, NpyError> {
            let path = folder.join(name);
            let array = npy::read_floats(&path)?;
            let fits = array.shape == [rows, cols] || (cols == 1 && array.shape == [rows]);
            if !fits {
                let shape = if cols == 1 { format!("({rows},) or ({rows}, 1)") } else { format!("({rows}, {cols})") };
                let reason = format!("shape {:?}, expected {shape} for network.layers {layers:?}", array.shape);
                return Err(NpyError::Format { path, reason });
            }
            if let Some(weight) = array.data.iter().find(|weight| weight.abs() > LARGEST_WEIGHT) {
                let reason = format!("holds {weight}, expected weights within ±{LARGEST_WEIGHT:e}");
                return Err(NpyError::Format { path, reason });
            }
            Ok(Matrix::from_vec(rows, cols, array.data))
        };
        let mut weights = Self { forward: Vec::new(), bias: Vec::new(), feedback: Vec::new() };
        for (m, sizes) in layers.windows(2).enumerate() {
            weights.forward.push(matrix(format!("W_{m}.npy"), sizes[1], sizes[0])?);
            weights.bias.push(matrix(format!("b_{m}.npy"), sizes[1], 1)?.as_slice().to_vec());
            if m + 2 < layers.len() {
                weights.feedback.push(matrix(format!("Y_{m}.npy"), sizes[1], outputs)?);
            }
        }
        Ok(weights)
    }

    /// Writes `W_m.npy` (post, pre), `b_m.npy` (post) and `Y_m.npy` (hidden, output) into `folder`, which must exist.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn save(&self, folder: &Path) -> Result<(), NpyError> {
        let write = |name: String, shape: &[u64], data: &[f64]| {
            let path = folder.join(name);
            let result = File::create(&path).and_then(|file| {
                let mut file = BufWriter::new(file);
                npy::write_f64(&mut file, shape, data)?;
                file.flush()?;
                file.get_ref().sync_all()
            });
            result.map_err(|source| NpyError::Io { path, source })
        };
        for (m, (w, b)) in self.forward.iter().zip(&self.bias).enumerate() {
            write(format!("W_{m}.npy"), &[w.rows() as u64, w.cols() as u64], w.as_slice())?;
            write(format!("b_{m}.npy"), &[b.len() as u64], b)?;
        }
        for (m, y) in self.feedback.iter().enumerate() {
            write(format!("Y_{m}.npy"), &[y.rows() as u64, y.cols() as u64], y.as_slice())?;
        }
        Ok(())
    }

    /// Feedback alignment of hidden layer `m`: the angle in degrees between Y_m and the feedforward path to the
    /// output, (W_{M−1} ⋯ W_{m+1})ᵀ, both flattened (Lillicrap et al. 2016). None if either is all zeros.
    pub fn alignment_deg(&self, m: usize) -> Option<f64> {
        let mut path = self.forward[m + 1].clone();
        for above in &self.forward[m + 2..] {
            path = above.times(&path);
        }
        let path = path.transposed();
        let feedback = &self.feedback[m];
        let dot = |a: &Matrix, b: &Matrix| -> f64 { a.as_slice().iter().zip(b.as_slice()).map(|(a, b)| a * b).sum() };
        let norms = dot(feedback, feedback).sqrt() * dot(&path, &path).sqrt();
        let cosine = dot(feedback, &path) / norms;
        cosine.is_finite().then(|| acos(cosine.clamp(-1.0, 1.0)) * (180.0 / std::f64::consts::PI))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiny(y: [f64; 2]) -> Weights {
        Weights {
            forward: vec![Matrix::from_vec(2, 1, vec![0.3, -0.4]), Matrix::from_vec(1, 2, vec![1.0, 0.0])],
            bias: vec![vec![0.1, 0.2], vec![0.3]],
            feedback: vec![Matrix::from_vec(2, 1, y.to_vec())],
        }
    }

    #[test]
    fn alignment_is_an_angle() {
        assert_eq!(tiny([2.0, 0.0]).alignment_deg(0), Some(0.0));
        assert_eq!(tiny([0.0, 5.0]).alignment_deg(0), Some(90.0));
        assert_eq!(tiny([-1.0, 0.0]).alignment_deg(0), Some(180.0));
        assert_eq!(tiny([0.0, 0.0]).alignment_deg(0), None);
    }

    #[test]
    fn a_saved_network_loads() {
        let folder = tempfile::tempdir().unwrap();
        let weights = tiny([0.5, 0.0]);
        weights.save(folder.path()).unwrap();
        assert_eq!(Weights::load(folder.path(), &[1, 2, 1]).unwrap(), weights);
        let message = Weights::load(folder.path(), &[2, 2, 1]).unwrap_err().to_string();
        assert!(message.contains("shape [2, 1], expected (2, 2) for network.layers [2, 2, 1]"), "{message}");
    }
}
