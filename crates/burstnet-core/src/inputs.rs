//! The files that a run reads, checked against its configuration before anything runs.

use std::collections::TryReserveError;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ndarray::Array2;

use crate::config::{ConfigError, Engine, RunConfig, SignalKind};
use crate::npy::{NpyError, Unread};
use crate::signals::Sequence;
use crate::weights::Weights;

/// The contents of the files of a configuration; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// Sequences from files, in order.
    pub sequences: Option<Arc<Vec<Sequence>>>,
    /// Taught steps, (epochs, steps of an epoch).
    pub mask: Option<Arc<Array2<bool>>>,
    /// Weights to start from.
    pub weights: Option<Arc<Weights>>,
}

impl Inputs {
    /// Reads and checks the files that `config` names.
    ///
    /// # Errors
    /// If a file is missing, unreadable, of the wrong type or shape, or holds numbers out of range.
    pub fn load(config: &RunConfig) -> Result<Self, ConfigError> {
        OpenedFiles::new(config)?.load()
    }

    /// Steps of one epoch of training.
    pub fn epoch_steps(&self, config: &RunConfig) -> u64 {
        let of_files = self.sequences.as_ref().map(|all| all.iter().map(|sequence| sequence.steps() as u64).sum());
        of_files.unwrap_or(config.signals.generated_steps())
    }

    /// The fraction of the steps that are taught: that of all rows of a mask, or the target fraction.
    pub(crate) fn taught_fraction(&self, config: &RunConfig) -> f64 {
        match &self.mask {
            Some(mask) => mask.iter().filter(|taught| **taught).count() as f64 / mask.len().max(1) as f64,
            None => config.teaching.target_fraction,
        }
    }
}

/// The files of a configuration, opened: their headers fit it, and nothing else of them has been read.
pub struct OpenedFiles<'a> {
    config: &'a RunConfig,
    /// Inputs and targets, as many sequences of as many steps.
    signals: Option<(Channels<'a>, Channels<'a>)>,
    mask: Option<Unread<bool>>,
}

impl<'a> OpenedFiles<'a> {
    /// Opens the files that `config` names.
    ///
    /// # Errors
    /// If a file is missing, unreadable, or of the wrong type, shape or length.
    pub fn new(config: &'a RunConfig) -> Result<Self, ConfigError> {
        let signals = config.signals.files().map(|(x, target)| open_signals(config, x, target)).transpose()?;
        let mut opened = Self { config, signals, mask: None };
        let steps = opened.epoch_steps();
        config.check_steps(steps)?;
        if let Some(path) = &config.teaching.mask {
            let mask = Unread::<bool>::open(path).map_err(|error| ConfigError::file("teaching.mask", &error))?;
            let epochs = config.training.epochs;
            if mask.shape != [epochs as usize, steps as usize] {
                let expected = format!("({epochs}, {steps}): training.epochs × steps of an epoch");
                return Err(shape_error("teaching.mask", path, &mask.shape, &expected));
            }
            opened.mask = Some(mask);
        }
        if let Some(folder) = &config.network.initial_weights {
            Weights::check(folder, &config.network.layers).map_err(|error| weights_error(&error))?;
        }
        Ok(opened)
    }

    /// Steps of one epoch of training.
    pub fn epoch_steps(&self) -> u64 {
        let of_files = self.signals.as_ref().map(|(x, _)| x.sequences as u64 * x.steps as u64);
        of_files.unwrap_or(self.config.signals.generated_steps())
    }

    /// Steps of a whole run: training, the test pass, and the generation pass if there is one.
    pub fn total_steps(&self) -> u64 {
        self.steps().iter().sum()
    }

    /// Steps of the training, of the test pass, and of the generation pass, 0 if there is none.
    pub fn steps(&self) -> [u64; 3] {
        let (epoch, signals) = (self.epoch_steps(), &self.config.signals);
        let test = match signals.kind {
            SignalKind::XorClasses => (signals.classes * signals.length) as u64,
            SignalKind::Sinusoids | SignalKind::Files => epoch,
        };
        let generation = if self.config.evaluation.generation { test } else { 0 };
        [self.config.training.epochs * epoch, test, generation]
    }

    /// Reads and checks what the files hold.
    ///
    /// # Errors
    /// If a file cannot be read, or holds numbers out of range.
    pub fn load(self) -> Result<Inputs, ConfigError> {
        let sequences = self
            .signals
            .map(|(x, target)| load_sequences(x, target, self.config.training.engine))
            .transpose()?
            .map(Arc::new);
        let mask = self.mask.map(|mask| mask.read().map_err(|error| ConfigError::file("teaching.mask", &error)));
        let mask = mask.transpose()?.and_then(|mask| mask.into_dimensionality().ok()); // its shape was checked
        let network = &self.config.network;
        let load = |folder: &PathBuf| Weights::load(folder, &network.layers).map_err(|error| weights_error(&error));
        let weights = network.initial_weights.as_ref().map(load);
        Ok(Inputs { sequences, mask: mask.map(Arc::new), weights: weights.transpose()?.map(Arc::new) })
    }
}

/// A file of signals, (channels, steps) or (sequences, channels, steps).
struct Channels<'a> {
    key: &'static str,
    path: &'a Path,
    unread: Unread<f64>,
    sequences: usize,
    channels: usize,
    steps: usize,
}

impl<'a> Channels<'a> {
    fn open(config: &RunConfig, key: &'static str, path: &'a Path, channels: usize) -> Result<Self, ConfigError> {
        let unread = Unread::<f64>::open(path).map_err(|error| ConfigError::file(key, &error))?;
        let (sequences, steps) = match unread.shape[..] {
            [held, steps] if held == channels => (1, steps),
            [sequences, held, steps] if held == channels => (sequences, steps),
            _ => (0, 0),
        };
        if sequences == 0 || steps == 0 {
            let layers = &config.network.layers;
            let turned = matches!(unread.shape[..], [.., held] if held == channels);
            let expected = format!(
                "({channels}, steps) or (sequences, {channels}, steps) for network.layers {layers:?}{}",
                if turned { "; it looks transposed, which np.swapaxes(x, -1, -2) undoes" } else { "" }
            );
            return Err(shape_error(key, path, &unread.shape, &expected));
        }
        Ok(Self { key, path, unread, sequences, channels, steps })
    }

    /// The numbers of all sequences, one after the other; each has to `fit`, and `expected` says what does.
    fn read(self, fit: impl Fn(f64) -> bool, expected: &str) -> Result<Vec<f64>, ConfigError> {
        let array = self.unread.read_those(fit, expected);
        array.map(|array| array.into_raw_vec_and_offset().0).map_err(|error| ConfigError::file(self.key, &error))
    }

    /// Reads the channels, and checks that an engine can take their numbers: the fast one computes in float32.
    fn read_for(self, engine: Engine) -> Result<Vec<f64>, ConfigError> {
        match engine {
            Engine::Reference => self.read(f64::is_finite, "finite numbers"),
            Engine::Fast => {
                let most =
                    format!("finite numbers within ±{:e}, those of float32; or training.engine reference", f32::MAX);
                self.read(|x| (x as f32).is_finite(), &most)
            }
        }
    }
}

/// Opens inputs and targets, and checks that they belong together.
fn open_signals<'a>(
    config: &RunConfig,
    inputs: &'a Path,
    targets: &'a Path,
) -> Result<(Channels<'a>, Channels<'a>), ConfigError> {
    let x = Channels::open(config, "signals.inputs", inputs, config.inputs())?;
    let target = Channels::open(config, "signals.targets", targets, config.outputs())?;
    if (x.sequences, x.steps) != (target.sequences, target.steps) {
        let sequences = if x.sequences == 1 { "1 sequence".into() } else { format!("{} sequences", x.sequences) };
        let expected = format!("{sequences} of {} steps, as in {}", x.steps, inputs.display());
        return Err(shape_error(target.key, targets, &target.unread.shape, &expected));
    }
    Ok((x, target))
}

fn load_sequences(x: Channels<'_>, target: Channels<'_>, engine: Engine) -> Result<Vec<Sequence>, ConfigError> {
    let (n_in, n_out, steps) = (x.channels, target.channels, x.steps);
    let (x_key, x_path) = (x.key, x.path);
    let rates = "targets from 0 to 1, which is what event rates can reach";
    let (x, target) = (x.read_for(engine)?, target.read(|target| (0.0..=1.0).contains(&target), rates)?);
    let sequences = x.chunks_exact(n_in * steps).zip(target.chunks_exact(n_out * steps));
    let no_room = |error: TryReserveError| {
        let message = format!("its sequences do not fit into memory: {error}");
        let source = std::io::Error::new(ErrorKind::OutOfMemory, message);
        ConfigError::file(x_key, &NpyError::Io { path: x_path.to_owned(), source })
    };
    sequences.map(|(x, target)| Sequence::from_channels(n_in, x, n_out, target, steps).map_err(no_room)).collect()
}

fn weights_error(error: &NpyError) -> ConfigError {
    ConfigError::file("network.initial_weights", error)
}

fn shape_error(key: &'static str, path: &Path, shape: &[usize], expected: &str) -> ConfigError {
    let reason = format!("shape {shape:?}, expected {expected}");
    ConfigError::file(key, &NpyError::Format { path: path.to_owned(), reason })
}

#[cfg(test)]
mod tests {
    use ndarray::ArrayD;

    use super::*;
    use crate::config::{Value, keys};
    use crate::npy;

    fn load(inputs: (&[u64], &[f64]), targets: (&[u64], &[f64])) -> Result<Inputs, ConfigError> {
        load_for("fast", inputs, targets)
    }

    fn load_for(engine: &str, inputs: (&[u64], &[f64]), targets: (&[u64], &[f64])) -> Result<Inputs, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let mut values = keys::schema().defaults();
        for (key, name, (shape, data)) in [("signals.inputs", "x.npy", inputs), ("signals.targets", "t.npy", targets)] {
            let path = folder.path().join(name);
            let shape: Vec<usize> = shape.iter().map(|n| *n as usize).collect();
            let array = ArrayD::from_shape_vec(shape, data.to_vec()).unwrap();
            npy::write_f64(&mut std::fs::File::create(&path).unwrap(), &array.view()).unwrap();
            values.set(key, path.to_str().unwrap().into());
        }
        values.set("network.layers", Value::from(vec![2_i64, 3, 1]));
        values.set("signals.kind", "files".into());
        values.set("training.engine", engine.into());
        Inputs::load(&RunConfig::from_values(&values).unwrap())
    }

    #[test]
    fn several_sequences_keep_their_order() {
        let x: Vec<f64> = (0..12).map(f64::from).collect();
        let target: Vec<f64> = (0..6).map(|i| 0.1 * f64::from(i)).collect();
        let inputs = load((&[2, 2, 3], &x), (&[2, 1, 3], &target)).unwrap();
        let sequences = inputs.sequences.unwrap();
        assert_eq!(sequences.len(), 2);
        assert_eq!((sequences[0].input(0), sequences[0].input(2)), (&[0.0, 3.0][..], &[2.0, 5.0][..]));
        assert_eq!((sequences[1].input(0), sequences[1].target(2)), (&[6.0, 9.0][..], &[0.5][..]));
    }

    #[test]
    fn sequences_of_unequal_number_or_length_are_refused() {
        for (shape, n) in [([1, 1, 3], 3), ([2, 1, 2], 4)] {
            let message = load((&[2, 2, 3], &[0.5; 12]), (&shape, &vec![0.5; n])).unwrap_err().to_string();
            assert!(message.contains("expected 2 sequences of 3 steps"), "{message}");
        }
    }

    #[test]
    fn numbers_that_an_engine_cannot_take_are_named() {
        let mut x = vec![0.5; 12];
        let targets: (&[u64], &[f64]) = (&[2, 1, 3], &[0.5; 6]);
        for beyond in [1e39, -1e39, f64::MAX] {
            x[9] = beyond;
            let message = load_for("fast", (&[2, 2, 3], &x), targets).unwrap_err().to_string();
            let told = format!("x.npy: element [1, 1, 0] is {beyond:?}, expected finite numbers within ±3.4028235e38");
            assert!(message.contains(&told), "{message}");
            let held = load_for("reference", (&[2, 2, 3], &x), targets).unwrap().sequences.unwrap();
            assert_eq!(held[1].input(0)[1], beyond);
        }
        x[9] = f64::from(f32::MAX);
        assert!(load_for("fast", (&[2, 2, 3], &x), targets).is_ok());
        for engine in ["fast", "reference"] {
            let message = load_for(engine, (&[2, 2, 3], &x), (&[2, 1, 3], &[0.5, 0.5, 0.5, 0.5, 1e39, 0.5]));
            let message = message.unwrap_err().to_string();
            assert!(message.contains("t.npy: element [1, 0, 1] is 1e39, expected targets from 0 to 1"), "{message}");
        }
    }
}
