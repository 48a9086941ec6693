//! The built-in model: the network of `burstnet-core`.

use std::convert::Infallible;
use std::ops::ControlFlow;

use burstnet_core::config::{ConfigError, Configuration, Engine, RunConfig, Schema, Value, keys};
use burstnet_core::engine::{Isa, Prepared};
use burstnet_core::inputs::{Inputs, OpenedFiles};
use burstnet_core::measures::{self, MeasureInfo};
use burstnet_core::observer::Observer;
use burstnet_core::run::{RunError, RunResult, Stretch, run_on};
use burstnet_core::signals::Sequence;
use burstnet_core::{BITS_VERSION, checkpoint};

use crate::limits::{MOST_INPUT_BYTES, MOST_PREPARED_BYTES};
use crate::objective::any_checkpoint::AnyCheckpoint;
use crate::objective::cache::Cache;
use crate::objective::{Deadline, Evaluated, EvaluatedOn, Evaluation, EvaluationError, Objective};

/// The bytes that a kept set of input files takes besides its numbers. They also bound the number of such sets.
const INPUT_SET_BYTES: usize = 64 << 10;
/// The key that determines the length of a trial.
pub(crate) const BUDGET: &str = "training.epochs";
/// The keys that [`Inputs::load`] reads.
const INPUT_KEYS: [&str; 12] = [
    "network.layers",
    "network.initial_weights",
    "teaching.mask",
    "signals.kind",
    "signals.length",
    "signals.inputs",
    "signals.targets",
    "signals.classes",
    "signals.examples_per_class",
    "training.epochs",
    "training.engine",
    "evaluation.curve_window",
];

/// The keys that determine sizes in the network and in its files.
const SHAPES: [&str; 14] = [
    "network.layers",
    "network.initial_weights",
    "teaching.mask",
    "learning_rate.hidden",
    "learning_rate.feedback",
    "signals.kind",
    "signals.length",
    "signals.inputs",
    "signals.targets",
    "signals.classes",
    "signals.examples_per_class",
    "training.epochs",
    "evaluation.generation",
    "evaluation.curve_window",
];
/// The keys that determine whether an engine can take the signals.
const ENGINES: [&str; 7] = [
    "training.engine",
    "network.layers",
    "signals.kind",
    "signals.length",
    "signals.inputs",
    "signals.classes",
    "signals.examples_per_class",
];

/// The burst network as an objective. Files and signals are read or made once and shared by all trials with the same
/// ones, across threads, in bounded memory.
pub struct BurstNetwork {
    schema: Schema,
    inputs: Cache<String, Inputs>,
    prepared: Cache<String, Prepared>,
    isa: Isa,
}

impl Default for BurstNetwork {
    fn default() -> Self {
        Self::with(Isa::detect())
    }
}

impl BurstNetwork {
    /// Returns the burst network, computed with these instructions.
    pub fn with(isa: Isa) -> Self {
        Self {
            schema: keys::schema(),
            inputs: Cache::new(MOST_INPUT_BYTES, input_bytes),
            prepared: Cache::new(MOST_PREPARED_BYTES, Prepared::bytes),
            isa,
        }
    }

    /// Runs a configuration with a seed, watched by an observer.
    ///
    /// # Errors
    /// If the configuration or its files cannot be used or read, or the observer ended the run, which counts as a
    /// deadline that passed.
    pub fn run(
        &self,
        configuration: &Configuration,
        seed: u64,
        observer: &mut dyn Observer,
    ) -> Result<RunResult, EvaluationError> {
        self.run_on(configuration, seed, observer, Stretch::default()).map(|(result, _)| result)
    }

    /// Does the same as [`BurstNetwork::run`], from a checkpoint or to one. A checkpoint that does not fit is ignored.
    ///
    /// # Errors
    /// As those of [`BurstNetwork::run`], and if the observer watches steps from the checkpoint of a run whose steps
    /// were not watched.
    pub fn run_on(
        &self,
        configuration: &Configuration,
        seed: u64,
        observer: &mut dyn Observer,
        Stretch { from, keep }: Stretch,
    ) -> Result<(RunResult, Option<checkpoint::Checkpoint>), EvaluationError> {
        let config = RunConfig::from_values(configuration)?;
        let inputs = self.inputs_of(configuration, &config)?;
        let prepared = self.prepared(configuration, &config, &inputs, seed);
        let stretch = Stretch { from: from.filter(|checkpoint| checkpoint.fits(&config, &inputs, seed)), keep };
        run_on(&config, &inputs, &prepared, seed, self.isa, observer, stretch).map_err(|error| match error {
            RunError::Stopped => EvaluationError::TimedOut,
            RunError::Config(error) => error.into(),
            RunError::Checkpoint(misfit) => EvaluationError::Failed(misfit.to_string()),
        })
    }

    fn inputs_of(&self, configuration: &Configuration, config: &RunConfig) -> Result<Inputs, ConfigError> {
        let names_files = config.signals.files().is_some()
            || config.teaching.mask.is_some()
            || config.network.initial_weights.is_some();
        if !names_files {
            return Inputs::load(config);
        }
        let key = key_of(configuration, &INPUT_KEYS);
        self.inputs.get_or_make(key, || Inputs::load(config))
    }

    fn prepared(&self, configuration: &Configuration, config: &RunConfig, inputs: &Inputs, seed: u64) -> Prepared {
        let make = || Prepared::new(config, inputs, seed, self.isa);
        // What comes from files is the same for every seed, and the reference engine uses it as it is.
        let (from_files, reference) = (inputs.sequences.is_some(), config.training.engine == Engine::Reference);
        if from_files && reference {
            return make();
        }
        let own = ["training.engine", "network.dynamics"];
        let names: Vec<&str> = (self.schema.keys().iter().map(|key| key.path.as_ref()))
            .filter(|path| path.starts_with("signals.") || own.contains(path))
            .collect();
        let seed = if from_files { 0 } else { seed };
        let key = format!("{seed} {} {} {}", config.inputs(), config.outputs(), key_of(configuration, &names));
        let Ok(prepared) = self.prepared.get_or_make(key, || Ok::<_, Infallible>(make()));
        prepared
    }
}

/// Returns the memory that a set of input files takes, in bytes.
fn input_bytes(inputs: &Inputs) -> usize {
    let numbers = |sequence: &Sequence| sequence.inputs().len() + sequence.targets().len();
    let sequences: usize = inputs.sequences.iter().flat_map(|all| all.iter()).map(numbers).sum();
    let mask = inputs.mask.as_ref().map_or(0, |mask| mask.len());
    let weights = inputs
        .weights
        .as_ref()
        .map_or(0, |weights| weights.forward.iter().chain(&weights.feedback).map(|layer| layer.len()).sum());
    INPUT_SET_BYTES + mask + size_of::<f64>() * (sequences + weights)
}

fn key_of(configuration: &Configuration, keys: &[&str]) -> String {
    keys.iter().map(|key| format!("{:?}", configuration.get(key))).collect::<Vec<_>>().join(" ")
}

impl Objective for BurstNetwork {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn bits_version(&self) -> u32 {
        BITS_VERSION
    }

    fn measures(&self, values_of: &dyn Fn(&str) -> Vec<Value>) -> Vec<MeasureInfo> {
        let depth = |layers: &Value| layers.as_list().map_or(0, |sizes| sizes.len().saturating_sub(2));
        let hidden_layers = values_of("network.layers").iter().map(depth).max().unwrap_or(0);
        let has_classes = values_of("signals.kind").contains(&Value::from("xor_classes"));
        let classes = values_of("signals.classes").iter().filter_map(Value::as_f64).fold(0.0, f64::max);
        measures::all(hidden_layers, if has_classes { classes as usize } else { 0 })
    }

    fn setting_of(&self, measure: &str) -> Option<&'static str> {
        match measure {
            "generation_mae" => Some("evaluation.generation"),
            "epochs_to_threshold" => Some("evaluation.loss_threshold"),
            _ => None,
        }
    }

    fn coupled_keys(&self) -> &[&[&str]] {
        &[&SHAPES, &ENGINES]
    }

    fn check(&self, configuration: &Configuration) -> Result<(), ConfigError> {
        OpenedFiles::new(&RunConfig::from_values(configuration)?).map(drop)
    }

    fn check_files(&self, configuration: &Configuration) -> Result<(), ConfigError> {
        let config = RunConfig::from_values(configuration)?;
        self.inputs_of(configuration, &config).map(drop)
    }

    fn evaluate(&self, configuration: &Configuration, seed: u64, deadline: &Deadline<'_>) -> Evaluated {
        self.evaluate_on(configuration, seed, deadline, None, false).map(|(evaluation, _)| evaluation)
    }

    fn budget_key(&self) -> Option<&str> {
        Some(BUDGET)
    }

    fn evaluate_on(
        &self,
        configuration: &Configuration,
        seed: u64,
        deadline: &Deadline<'_>,
        from: Option<AnyCheckpoint>,
        keep: bool,
    ) -> EvaluatedOn {
        let stretch = Stretch { from: from.and_then(AnyCheckpoint::into_state), keep };
        let (result, kept) = self.run_on(configuration, seed, &mut Watch { deadline }, stretch)?;
        Ok((evaluation(result), kept.map(any_checkpoint)))
    }
}

/// An observer that ends a run when its time is up.
struct Watch<'a> {
    deadline: &'a Deadline<'a>,
}

impl Observer for Watch<'_> {
    fn watches_steps(&self) -> bool {
        false
    }

    fn advanced(&mut self, _steps: u64) -> ControlFlow<()> {
        if self.deadline.has_passed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// Returns a checkpoint of the network as a checkpoint of any model.
fn any_checkpoint(checkpoint: checkpoint::Checkpoint) -> AnyCheckpoint {
    let bytes = checkpoint.bytes();
    AnyCheckpoint::new(checkpoint, bytes)
}

/// Returns the result of a run as an evaluation.
pub fn evaluation(result: RunResult) -> Evaluation {
    Evaluation {
        diverged: result.divergence.map(|divergence| divergence.to_string()),
        measures: result.measures,
        curves: result.curves,
        digest: Some(result.digest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a configuration of this many epochs.
    fn lasting(epochs: i64) -> Configuration {
        let mut values = keys::schema().defaults();
        values.set("network.layers", Value::from(vec![20_i64, 10, 3]));
        values.set("signals.length", Value::Int(200));
        values.set("training.epochs", Value::Int(epochs));
        values
    }

    #[test]
    fn an_evaluation_goes_on_from_a_checkpoint_that_fits_and_ignores_any_other() {
        let network = BurstNetwork::default();
        let (key, abandoned) = (network.budget_key().unwrap(), false.into());
        assert_eq!(lasting(5).get(key), &Value::Int(5));
        let deadline = Deadline::new(std::time::Instant::now(), None, &abandoned);
        let on = |epochs, seed, from, keep| network.evaluate_on(&lasting(epochs), seed, &deadline, from, keep).unwrap();
        let expected = network.evaluate(&lasting(5), 1, &deadline).unwrap();
        let kept = |seed, epochs| on(epochs, seed, None, true).1.unwrap();
        assert!(kept(1, 2).bytes() > 20 * 10 * size_of::<f32>());
        for from in [kept(1, 2), kept(1, 5), kept(1, 7), kept(2, 2), AnyCheckpoint::new("another model's", 9)] {
            let (evaluation, none) = on(5, 1, Some(from), false);
            assert_eq!(evaluation, expected);
            assert!(none.is_none());
        }
    }

    #[test]
    fn a_checkpoint_saves_the_epochs_before_it() {
        struct Count(u64);
        impl Observer for Count {
            fn watches_steps(&self) -> bool {
                false
            }

            fn epochs_over(&mut self, _epochs: u64, _weights: &dyn burstnet_core::weights::WeightRows) {
                self.0 += 1;
            }
        }
        let network = BurstNetwork::default();
        let mut count = Count(0);
        let (_, from) = network.run_on(&lasting(6), 1, &mut count, Stretch { from: None, keep: true }).unwrap();
        assert_eq!(count.0, 7, "before the first epoch, and after each");
        network.run_on(&lasting(8), 1, &mut count, Stretch { from, keep: false }).unwrap();
        assert_eq!(count.0, 9);
    }

    #[test]
    fn an_input_that_cannot_be_read_is_the_environment_and_one_that_does_not_fit_a_result() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("mask.npy");
        let mut configuration = lasting(3);
        configuration.set("teaching.mask", path.to_str().unwrap().into());
        let (network, abandoned) = (BurstNetwork::default(), false.into());
        let deadline = Deadline::new(std::time::Instant::now(), None, &abandoned);
        let evaluate = || network.evaluate(&configuration, 1, &deadline);
        let write = |epochs: usize| {
            let header = format!("{{'descr': '|b1', 'fortran_order': False, 'shape': ({epochs}, 200), }}\n");
            let length = (header.len() as u16).to_le_bytes();
            let mask = vec![1; epochs * 200];
            std::fs::write(&path, [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), &mask].concat()).unwrap();
        };
        let Err(EvaluationError::Environment(missing)) = evaluate() else { panic!() };
        assert!(missing.to_string().starts_with("teaching.mask: ") && missing.to_string().contains("No such file"));
        write(2);
        let Err(EvaluationError::Failed(misfit)) = evaluate() else { panic!() };
        assert!(misfit.contains("shape [2, 200], expected (3, 200)"), "{misfit}");
        write(3);
        let result = evaluate().unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(evaluate().unwrap(), result, "what was read well is kept");
    }
}
