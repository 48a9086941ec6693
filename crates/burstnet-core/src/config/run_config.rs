//! The configuration of one run, typed and checked: what the engine reads.

use std::path::PathBuf;

use super::choices::{CurveWindow, Engine, SignalKind};
use super::keys::{RunConfig, Signals};
use super::{ConfigError, Configuration, keys};

/// The most weights of a network, feedforward and feedback: 2²⁹, 4 GiB in float64.
const MOST_WEIGHTS: u64 = 1 << 29;
/// The most numbers in one sequence of signals.
const MOST_SAMPLES: u64 = 1 << 29;
/// The most generated sequences.
const MOST_SEQUENCES: u64 = 1 << 20;
/// The most numbers in all sequences that the fast engine keeps: 2³⁰, 4 GiB in float32.
const MOST_KEPT: u64 = 1 << 30;
/// The most steps of an epoch.
const MOST_EPOCH_STEPS: u64 = 1 << 30;
/// The most steps of a training: 2⁵³.
const MOST_STEPS: u64 = 1 << 53;
/// The most points of a run's loss curves.
const MOST_CURVE_POINTS: u64 = 10_000_000;

impl Signals {
    /// Returns the file of inputs and the file of targets (`SignalKind::Files`).
    pub fn files(&self) -> Option<(&PathBuf, &PathBuf)> {
        self.inputs.as_ref().zip(self.targets.as_ref())
    }
}

impl RunConfig {
    /// The typed form of `values`, which must hold every key of [`keys::schema`].
    ///
    /// # Errors
    /// If a value does not fit its key, or values do not fit together. Files are looked at by
    /// [`crate::inputs::Inputs::load`], not here.
    pub fn from_values(values: &Configuration) -> Result<Self, ConfigError> {
        let schema = keys::schema();
        for key in schema.keys() {
            schema.accept(&key.path, values.get(&key.path))?;
        }
        let config = Self::read(values)?;
        config.check_files()?;
        config.check_together(values)?;
        Ok(config)
    }

    /// Number of hidden layers.
    pub fn hidden_layers(&self) -> usize {
        self.network.layers.len() - 2
    }

    /// Number of input channels.
    pub fn inputs(&self) -> usize {
        self.network.layers[0]
    }

    /// Number of output units.
    pub fn outputs(&self) -> usize {
        self.network.layers[self.network.layers.len() - 1]
    }

    /// Checks that there are files of signals if, and only if, they are what the network is shown.
    fn check_files(&self) -> Result<(), ConfigError> {
        let is_files = self.signals.kind == SignalKind::Files;
        for (key, path) in [("signals.inputs", &self.signals.inputs), ("signals.targets", &self.signals.targets)] {
            match path {
                None if is_files => {
                    let expected = "the path of a file, with signals.kind files";
                    return Err(ConfigError::new(key, "null", expected).depends_on(&["signals.kind"]));
                }
                Some(path) if !is_files => {
                    return Err(ConfigError::new(key, path.display(), "null, or signals.kind files"));
                }
                Some(_) | None => {}
            }
        }
        Ok(())
    }

    fn check_together(&self, values: &Configuration) -> Result<(), ConfigError> {
        let layers = &self.network.layers;
        let forward: u64 = layers.windows(2).map(|pair| (pair[0] * pair[1]) as u64).sum();
        let hidden: u64 = layers[1..layers.len() - 1].iter().map(|&n| n as u64).sum();
        if forward + hidden * self.outputs() as u64 > MOST_WEIGHTS {
            return Err(ConfigError::new(
                "network.layers",
                values.get("network.layers"),
                format!("a network of at most {MOST_WEIGHTS} weights"),
            ));
        }
        if self.evaluation.generation && self.hidden_layers() == 0 {
            return Err(ConfigError::new(
                "evaluation.generation",
                true,
                "false: a network without a hidden layer has no bursts to generate from",
            ));
        }
        if self.signals.kind != SignalKind::Files {
            let samples = self.signals.length as u64 * (self.inputs() + self.outputs()) as u64;
            if samples > MOST_SAMPLES {
                return Err(ConfigError::new(
                    "signals.length",
                    self.signals.length,
                    format!("at most {MOST_SAMPLES} numbers in a sequence, all channels together"),
                )
                .depends_on(&["network.layers"]));
            }
        }
        if self.signals.kind == SignalKind::XorClasses {
            self.check_sequences()?;
        }
        if self.signals.kind == SignalKind::XorClasses && self.inputs() < 2 {
            return Err(ConfigError::new(
                "network.layers",
                values.get("network.layers"),
                "at least two inputs, of which signals.kind xor_classes makes its targets",
            )
            .depends_on(&["signals.kind"]));
        }
        Ok(())
    }

    /// Checks that the examples of all classes can be kept, the one of each that tests included.
    fn check_sequences(&self) -> Result<(), ConfigError> {
        let &Signals { classes, examples_per_class, length, .. } = &self.signals;
        let sequences = classes as u64 * (examples_per_class as u64 + 1);
        let refused = |expected| {
            Err(ConfigError::new("signals.examples_per_class", examples_per_class, expected).depends_on(&[
                "signals.classes",
                "signals.length",
                "network.layers",
            ]))
        };
        if sequences > MOST_SEQUENCES {
            return refused(format!("at most {MOST_SEQUENCES} examples of all classes (this makes {sequences})"));
        }
        let numbers = sequences * length as u64 * (self.inputs() + self.outputs()) as u64; // below 2²⁰ · 2²⁹
        if self.training.engine == Engine::Fast && numbers > MOST_KEPT {
            return refused(format!(
                "at most {MOST_KEPT} numbers in all examples (this makes {numbers}), or training.engine reference"
            ));
        }
        Ok(())
    }

    /// Checks that a training of epochs of `epoch_steps` steps can be counted and its curves kept.
    ///
    /// # Errors
    /// If it cannot.
    pub fn check_steps(&self, epoch_steps: u64) -> Result<(), ConfigError> {
        if epoch_steps > MOST_EPOCH_STEPS {
            let expected = format!("epochs of at most {MOST_EPOCH_STEPS} steps (this makes {epoch_steps})");
            return Err(match self.signals.files() {
                Some((inputs, _)) => ConfigError::new("signals.inputs", inputs.display(), expected),
                None => ConfigError::new("signals.length", self.signals.length, expected)
                    .depends_on(&["signals.examples_per_class", "signals.classes"]),
            });
        }
        match self.training.epochs.checked_mul(epoch_steps) {
            Some(steps) if steps <= MOST_STEPS => self.curve_steps(epoch_steps).map(drop),
            Some(_) | None => Err(ConfigError::new(
                "training.epochs",
                self.training.epochs,
                format!("at most {MOST_STEPS} steps of training, in epochs of {epoch_steps}"),
            )
            .depends_on(&["signals.length", "signals.inputs"])),
        }
    }

    /// Steps per point of the loss curves for epochs of `epoch_steps` steps; none without curves.
    ///
    /// # Errors
    /// If a run would have more points than can be kept.
    pub fn curve_steps(&self, epoch_steps: u64) -> Result<Option<u64>, ConfigError> {
        let window = match self.evaluation.curve_window {
            CurveWindow::Epoch => epoch_steps,
            CurveWindow::Steps(steps) => steps,
            CurveWindow::None => return Ok(None),
        };
        let points = (self.training.epochs * epoch_steps).div_ceil(window) * (self.hidden_layers() as u64 + 1);
        if points > MOST_CURVE_POINTS {
            let found = match self.evaluation.curve_window {
                CurveWindow::Steps(steps) => steps.to_string(),
                CurveWindow::Epoch | CurveWindow::None => "epoch".into(),
            };
            let expected = format!(
                "a window that makes at most {MOST_CURVE_POINTS} points a run (with training.epochs {} this makes \
                 {points}), or none",
                self.training.epochs
            );
            return Err(ConfigError::new("evaluation.curve_window", found, expected)
                .depends_on(&["training.epochs", "network.layers"]));
        }
        Ok(Some(window))
    }
}
