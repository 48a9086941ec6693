//! The files that a run reads, checked against its configuration before anything runs.

use std::path::Path;
use std::sync::Arc;

use crate::config::{ConfigError, RunConfig, SignalKind};
use crate::npy::{self, Array, NpyError};
use crate::signals::Sequence;
use crate::weights::Weights;

/// What the files of a configuration hold; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// Sequences from files, in order.
    pub sequences: Option<Arc<Vec<Sequence>>>,
    /// Taught steps, (epochs, steps of an epoch).
    pub mask: Option<Arc<Array<bool>>>,
    /// Weights to start from.
    pub weights: Option<Arc<Weights>>,
}

impl Inputs {
    /// Reads and checks the files that `config` names.
    ///
    /// # Errors
    /// If a file is missing, unreadable, of the wrong type or shape, or holds numbers out of range.
    pub fn load(config: &RunConfig) -> Result<Self, ConfigError> {
        let sequences = config
            .signals
            .files
            .as_ref()
            .map(|(inputs, targets)| load_sequences(config, inputs, targets))
            .transpose()?
            .map(Arc::new);
        let mask = config
            .teaching
            .mask
            .as_ref()
            .map(|path| npy::read_bools(path).map_err(|error| ConfigError::file("teaching.mask", &error)))
            .transpose()?
            .map(Arc::new);
        let weights = config
            .network
            .initial_weights
            .as_ref()
            .map(|folder| {
                Weights::load(folder, &config.network.layers)
                    .map_err(|error| ConfigError::file("network.initial_weights", &error))
            })
            .transpose()?
            .map(Arc::new);
        let inputs = Self { sequences, mask, weights };
        inputs.check(config)?;
        Ok(inputs)
    }

    /// Steps of one epoch of training.
    pub fn epoch_steps(&self, config: &RunConfig) -> u64 {
        match &self.sequences {
            Some(sequences) => sequences.iter().map(|sequence| sequence.steps() as u64).sum(),
            None => config.signals.length as u64 * config.signals.training_sequences() as u64,
        }
    }

    /// Steps of a whole run: training, the test pass, and the generation pass if there is one.
    pub fn total_steps(&self, config: &RunConfig) -> u64 {
        let epoch = self.epoch_steps(config);
        let test = match config.signals.kind {
            SignalKind::XorClasses => (config.signals.classes * config.signals.length) as u64,
            SignalKind::Sinusoids | SignalKind::Files => epoch,
        };
        config.training.epochs * epoch + test * (1 + u64::from(config.evaluation.generation))
    }

    fn check(&self, config: &RunConfig) -> Result<(), ConfigError> {
        let steps = self.epoch_steps(config);
        config.check_steps(steps)?;
        if let (Some(mask), Some(path)) = (&self.mask, &config.teaching.mask) {
            let epochs = config.training.epochs;
            if mask.shape != [epochs as usize, steps as usize] {
                return Err(shape_error(
                    "teaching.mask",
                    path,
                    &mask.shape,
                    &format!("({epochs}, {steps}): training.epochs × steps of an epoch"),
                ));
            }
        }
        Ok(())
    }
}

/// Reads (channels, steps) or (sequences, channels, steps) arrays of inputs and targets.
fn load_sequences(config: &RunConfig, inputs: &Path, targets: &Path) -> Result<Vec<Sequence>, ConfigError> {
    let read = |key: &'static str, path: &Path, channels: usize| -> Result<Array<f64>, ConfigError> {
        let mut array = npy::read_floats(path).map_err(|error| ConfigError::file(key, &error))?;
        if array.shape.len() == 2 {
            array.shape.insert(0, 1);
        }
        match array.shape[..] {
            [sequences, held, steps] if held == channels && sequences > 0 && steps > 0 => Ok(array),
            _ => {
                if array.shape.len() == 3 && array.shape[0] == 1 {
                    array.shape.remove(0);
                }
                Err(shape_error(
                    key,
                    path,
                    &array.shape,
                    &format!(
                        "({channels}, steps) or (sequences, {channels}, steps) for network.layers {:?}",
                        config.network.layers
                    ),
                ))
            }
        }
    };
    let x = read("signals.inputs", inputs, config.inputs())?;
    let target = read("signals.targets", targets, config.outputs())?;
    if (x.shape[0], x.shape[2]) != (target.shape[0], target.shape[2]) {
        return Err(shape_error(
            "signals.targets",
            targets,
            &target.shape,
            &format!(
                "{} of {} steps, as in {}",
                if x.shape[0] == 1 { "1 sequence".into() } else { format!("{} sequences", x.shape[0]) },
                x.shape[2],
                inputs.display()
            ),
        ));
    }
    if let Some(out) = target.data.iter().find(|target| !(0.0..=1.0).contains(*target)) {
        let reason = format!("holds {out}, expected targets from 0 to 1, which is what event rates can reach");
        return Err(ConfigError::file("signals.targets", &NpyError::Format { path: targets.to_owned(), reason }));
    }
    let (sequences, steps) = (x.shape[0], x.shape[2]);
    let channels = |array: &Array<f64>, sequence: usize| {
        let channels = array.shape[1];
        let start = sequence * channels * steps;
        (channels, array.data[start..start + channels * steps].to_vec())
    };
    let sequence = |k| {
        let ((n_in, x), (n_out, target)) = (channels(&x, k), channels(&target, k));
        Sequence::from_channels(n_in, &x, n_out, &target, steps)
    };
    Ok((0..sequences).map(sequence).collect())
}

fn shape_error(key: &'static str, path: &Path, shape: &[usize], expected: &str) -> ConfigError {
    let reason = format!("shape {shape:?}, expected {expected}");
    ConfigError::file(key, &NpyError::Format { path: path.to_owned(), reason })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Value, keys};

    fn load(inputs: (&[u64], &[f64]), targets: (&[u64], &[f64])) -> Result<Inputs, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let mut values = keys::schema().defaults();
        for (key, name, (shape, data)) in [("signals.inputs", "x.npy", inputs), ("signals.targets", "t.npy", targets)] {
            let path = folder.path().join(name);
            npy::write_f64(&mut std::fs::File::create(&path).unwrap(), shape, data).unwrap();
            values.set(key, path.to_str().unwrap().into());
        }
        values.set("network.layers", Value::from(vec![2_i64, 3, 1]));
        values.set("signals.kind", "files".into());
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
}
