//! The weights of a network: drawn, read from a folder and written to one.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use ndarray::{Array1, Array2, ArrayViewD};

use crate::arrays::{of_rows, product, row as row_of, transposed};
use crate::config::keys::LARGEST_WEIGHT;
use crate::config::{Network, RunConfig};
use crate::math::acos;
use crate::npy::{self, NpyError, Unread};
use crate::streams::{Purpose, Stream};

/// All weights of a network of M weight layers, as the files have them.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    layers: Vec<usize>,
    /// Feedforward weights W of each weight layer, (post, pre).
    pub forward: Vec<Array2<f64>>,
    /// Biases b of each weight layer, (post).
    pub bias: Vec<Array1<f64>>,
    /// Feedback weights Y of each hidden layer, (hidden, output). A connection that does not exist has weight 0.
    pub feedback: Vec<Array2<f64>>,
}

/// A source of the weights of a network. It shows them row by row, since a copy of the largest matrix would take as much
/// memory as everything else of a run.
pub trait WeightRows {
    /// Units of each layer, the inputs first.
    fn layers(&self) -> &[usize];

    /// The rows of W of weight layer `layer`, one per postsynaptic unit, in order.
    fn forward(&self, layer: usize, row: &mut dyn FnMut(&[f64]));

    /// The biases of weight layer `layer`, all in one row.
    fn bias(&self, layer: usize, row: &mut dyn FnMut(&[f64]));

    /// The rows of Y of hidden layer `layer`, one per hidden unit, in order.
    fn feedback(&self, layer: usize, row: &mut dyn FnMut(&[f64]));
}

/// The initial weights of a run: W and Y uniform, each feedback connection present with the feedback density.
///
/// A connection exists if `u < p`, for uniforms u that do not depend on the density p, so that for one seed the connections
/// of a smaller density are a subset of those of a larger one. Every layer has its own streams.
pub struct Drawn<'a> {
    /// The configuration.
    pub config: &'a RunConfig,
    /// The seed of the run.
    pub seed: u64,
}

impl WeightRows for Drawn<'_> {
    fn layers(&self) -> &[usize] {
        &self.config.network.layers
    }

    fn forward(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        let Network { layers, weight_range, .. } = &self.config.network;
        let mut stream = Stream::part(self.seed, Purpose::ForwardWeights, layer as u64);
        let mut weights = vec![0.0; layers[layer]];
        for _ in 0..layers[layer + 1] {
            weights.fill_with(|| stream.uniform(-weight_range, *weight_range));
            row(&weights);
        }
    }

    fn bias(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        row(&vec![self.config.network.bias; self.config.network.layers[layer + 1]]);
    }

    fn feedback(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        let mut weights = Stream::part(self.seed, Purpose::FeedbackWeights, layer as u64);
        let mut mask = Stream::part(self.seed, Purpose::FeedbackMask, layer as u64);
        let range = self.config.feedback.weight_range;
        let mut connections = vec![0.0; self.config.outputs()];
        for _ in 0..self.config.network.layers[layer + 1] {
            connections.fill_with(|| {
                let weight = weights.uniform(-range, range);
                if mask.unit() < self.config.feedback.density { weight } else { 0.0 }
            });
            row(&connections);
        }
    }
}

impl WeightRows for Weights {
    fn layers(&self) -> &[usize] {
        &self.layers
    }

    fn forward(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        each_row(&self.forward[layer], row);
    }

    fn bias(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        row(&self.bias[layer].to_vec());
    }

    fn feedback(&self, layer: usize, row: &mut dyn FnMut(&[f64])) {
        each_row(&self.feedback[layer], row);
    }
}

fn each_row(matrix: &Array2<f64>, row: &mut dyn FnMut(&[f64])) {
    (0..matrix.nrows()).for_each(|r| row(row_of(matrix, r)));
}

/// W of a layer, (post, pre).
fn forward(weights: &dyn WeightRows, layer: usize) -> Array2<f64> {
    let sizes = &weights.layers()[layer..layer + 2];
    collect(sizes[1], sizes[0], |row| weights.forward(layer, row))
}

/// Y of a hidden layer, (hidden, output).
fn feedback(weights: &dyn WeightRows, layer: usize) -> Array2<f64> {
    let layers = weights.layers();
    collect(layers[layer + 1], layers[layers.len() - 1], |row| weights.feedback(layer, row))
}

fn collect(rows: usize, cols: usize, each_row: impl Fn(&mut dyn FnMut(&[f64]))) -> Array2<f64> {
    let mut data = Vec::with_capacity(rows * cols);
    each_row(&mut |row| data.extend_from_slice(row));
    of_rows(rows, cols, data)
}

/// Feedback alignment of hidden layer `m`: the angle in degrees between Y_m and the feedforward path to the output,
/// (W_{M−1} ⋯ W_{m+1})ᵀ, both flattened (Lillicrap et al. 2016). None if either is all zeros.
pub fn alignment_deg(weights: &dyn WeightRows, m: usize) -> Option<f64> {
    // From the output down, so that every product has only as many rows as there are outputs.
    let output = weights.layers().len() - 2;
    let mut path = forward(weights, output);
    for layer in (m + 1..output).rev() {
        path = product(&path, &forward(weights, layer));
    }
    let path = transposed(&path);
    let feedback = feedback(weights, m);
    let dot = |a: &Array2<f64>, b: &Array2<f64>| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    let norms = dot(&feedback, &feedback).sqrt() * dot(&path, &path).sqrt();
    let cosine = dot(&feedback, &path) / norms;
    cosine.is_finite().then(|| acos(cosine.clamp(-1.0, 1.0)) * (180.0 / std::f64::consts::PI))
}

impl Weights {
    /// Returns a copy of all weights of a source.
    pub fn of(weights: &dyn WeightRows) -> Self {
        let layers = weights.layers().to_vec();
        let bias = |layer: usize| {
            let mut all = Vec::new();
            weights.bias(layer, &mut |row| all.extend_from_slice(row));
            Array1::from(all)
        };
        Self {
            forward: (0..layers.len() - 1).map(|layer| forward(weights, layer)).collect(),
            bias: (0..layers.len() - 1).map(bias).collect(),
            feedback: (0..layers.len() - 2).map(|layer| feedback(weights, layer)).collect(),
            layers,
        }
    }

    /// Returns the network of these matrices W (post, pre) and biases (post) of each weight layer, and Y (hidden, output) of
    /// each hidden layer.
    pub fn new(forward: Vec<Array2<f64>>, bias: Vec<Array1<f64>>, feedback: Vec<Array2<f64>>) -> Self {
        let inputs = forward.first().map(Array2::ncols);
        let layers = inputs.into_iter().chain(forward.iter().map(Array2::nrows)).collect();
        let standard = |all: Vec<Array2<f64>>| all.iter().map(|one| one.as_standard_layout().into_owned()).collect();
        Self { layers, forward: standard(forward), bias, feedback: standard(feedback) }
    }

    /// Checks by their headers that `W_m.npy` (post, pre), `b_m.npy` (post) or (post, 1), and `Y_m.npy` (hidden, output)
    /// in `folder` are those of a network with these `layers`.
    ///
    /// # Errors
    /// If a file is missing or unreadable, or does not fit the layers.
    pub fn check(folder: &Path, layers: &[usize]) -> Result<(), NpyError> {
        let files = Folder { path: folder, layers };
        for m in 0..layers.len() - 1 {
            files.forward(m)?;
            files.bias(m)?;
            if m + 2 < layers.len() {
                files.feedback(m)?;
            }
        }
        Ok(())
    }

    /// Reads the files that [`Weights::check`] checks.
    ///
    /// # Errors
    /// As for [`Weights::check`], and if a file holds a weight beyond [`LARGEST_WEIGHT`].
    pub fn load(folder: &Path, layers: &[usize]) -> Result<Self, NpyError> {
        let files = Folder { path: folder, layers };
        let mut weights = Self { layers: layers.to_vec(), forward: Vec::new(), bias: Vec::new(), feedback: Vec::new() };
        for m in 0..layers.len() - 1 {
            weights.forward.push(files.forward(m)?.read()?);
            weights.bias.push(files.bias(m)?.read()?.flatten().into_owned());
            if m + 2 < layers.len() {
                weights.feedback.push(files.feedback(m)?.read()?);
            }
        }
        Ok(weights)
    }

    /// Writes `W_m.npy` (post, pre), `b_m.npy` (post) and `Y_m.npy` (hidden, output) into `folder`, which must exist.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn save(&self, folder: &Path) -> Result<(), NpyError> {
        let write = |name: String, array: ArrayViewD<'_, f64>| {
            let path = folder.join(name);
            let result = File::create(&path).and_then(|file| {
                let mut file = BufWriter::new(file);
                npy::write_f64(&mut file, &array)?;
                file.flush()?;
                file.get_ref().sync_all()
            });
            result.map_err(|source| NpyError::Io { path, source })
        };
        for (m, (w, b)) in self.forward.iter().zip(&self.bias).enumerate() {
            write(format!("W_{m}.npy"), w.view().into_dyn())?;
            write(format!("b_{m}.npy"), b.view().into_dyn())?;
        }
        for (m, y) in self.feedback.iter().enumerate() {
            write(format!("Y_{m}.npy"), y.view().into_dyn())?;
        }
        Ok(())
    }
}

/// A folder with the weights of a network of these layers.
struct Folder<'a> {
    path: &'a Path,
    layers: &'a [usize],
}

/// A file of weights whose shape fits, not yet read.
struct MatrixFile {
    unread: Unread<f64>,
    rows: usize,
    cols: usize,
}

impl Folder<'_> {
    fn forward(&self, m: usize) -> Result<MatrixFile, NpyError> {
        self.open(format!("W_{m}.npy"), self.layers[m + 1], self.layers[m])
    }

    fn bias(&self, m: usize) -> Result<MatrixFile, NpyError> {
        self.open(format!("b_{m}.npy"), self.layers[m + 1], 1)
    }

    fn feedback(&self, m: usize) -> Result<MatrixFile, NpyError> {
        self.open(format!("Y_{m}.npy"), self.layers[m + 1], self.layers[self.layers.len() - 1])
    }

    fn open(&self, name: String, rows: usize, cols: usize) -> Result<MatrixFile, NpyError> {
        let path = self.path.join(name);
        let unread = Unread::<f64>::open(&path)?;
        let fits = unread.shape == [rows, cols] || (cols == 1 && unread.shape == [rows]);
        if !fits {
            let shape = if cols == 1 { format!("({rows},) or ({rows}, 1)") } else { format!("({rows}, {cols})") };
            let reason = format!("shape {:?}, expected {shape} for network.layers {:?}", unread.shape, self.layers);
            return Err(NpyError::Format { path, reason });
        }
        Ok(MatrixFile { unread, rows, cols })
    }
}

impl MatrixFile {
    fn read(self) -> Result<Array2<f64>, NpyError> {
        let expected = format!("weights within ±{LARGEST_WEIGHT:e}");
        let array = self.unread.read_those(|weight| weight.abs() <= LARGEST_WEIGHT, &expected)?;
        Ok(of_rows(self.rows, self.cols, array.into_raw_vec_and_offset().0))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn tiny(y: [f64; 2]) -> Weights {
        Weights::new(
            vec![array![[0.3], [-0.4]], array![[1.0, 0.0]]],
            vec![array![0.1, 0.2], array![0.3]],
            vec![array![[y[0]], [y[1]]]],
        )
    }

    #[test]
    fn alignment_is_an_angle() {
        assert_eq!(alignment_deg(&tiny([2.0, 0.0]), 0), Some(0.0));
        assert_eq!(alignment_deg(&tiny([0.0, 5.0]), 0), Some(90.0));
        assert_eq!(alignment_deg(&tiny([-1.0, 0.0]), 0), Some(180.0));
        assert_eq!(alignment_deg(&tiny([0.0, 0.0]), 0), None);
    }

    #[test]
    fn a_saved_network_loads() {
        let folder = tempfile::tempdir().unwrap();
        let weights = tiny([0.5, 0.0]);
        weights.save(folder.path()).unwrap();
        assert_eq!(Weights::load(folder.path(), &[1, 2, 1]).unwrap(), weights);
        let wild = array![[0.5], [1e39]];
        npy::write_f64(&mut File::create(folder.path().join("W_0.npy")).unwrap(), &wild.view().into_dyn()).unwrap();
        let message = Weights::load(folder.path(), &[1, 2, 1]).unwrap_err().to_string();
        assert!(message.contains("W_0.npy: element [1, 0] is 1e39, expected weights within ±1e6"), "{message}");
        let message = Weights::load(folder.path(), &[2, 2, 1]).unwrap_err().to_string();
        assert!(message.contains("shape [2, 1], expected (2, 2) for network.layers [2, 2, 1]"), "{message}");
    }
}
