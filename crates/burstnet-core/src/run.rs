//! One training run: training, test pass, generation pass.

use std::sync::Arc;

use crate::checkpoint::{Checkpoint, Misfit, Origin, TrainingState};
use crate::config::{ConfigError, RunConfig, SignalKind};
use crate::curves::{CurveCollector, CurvePoint, RunningMean};
use crate::digest::digest;
use crate::divergence::{Divergence, Quantity};
use crate::engine::{End, Engine, Isa, Prepared, Visit, Wants};
use crate::inputs::Inputs;
use crate::measures;
use crate::observer::{Observer, Phase};
use crate::signals::Set;
use crate::teaching::Teaching;
use crate::watch::Watch;
use crate::weights::{Drawn, WeightRows, Weights, alignment_deg};

/// The result of a run.
pub struct RunResult {
    /// The place where the run left its bounds, if it did; it ended there, and has no measures.
    pub divergence: Option<Divergence>,
    /// The measures of this run by name, in the order of [`measures::all`]; none where one is not defined.
    pub measures: Vec<(String, Option<f64>)>,
    /// The points of the loss curves, by layer and step.
    pub curves: Vec<CurvePoint>,
    /// BLAKE3 of weights, curves and measures.
    pub digest: [u8; 32],
    network: Box<dyn Engine>,
}

impl RunResult {
    /// The weights at the end.
    pub fn weights(&self) -> Weights {
        Weights::of(&*self.network)
    }

    /// The same, row by row.
    pub fn weight_rows(&self) -> &dyn WeightRows {
        &*self.network
    }

    /// The value of a measure.
    pub fn measure(&self, name: &str) -> Option<f64> {
        self.measures.iter().find(|(held, _)| held == name).and_then(|(_, value)| *value)
    }
}

/// Why a run left no result.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The observer ended it.
    #[error("ended by its observer")]
    Stopped,
    /// The configuration does not fit the signals.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The run cannot go on from the checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] Misfit),
}

/// Runs `config` with `seed`: a pure function of these, whatever `observer` does and `isa` is.
///
/// `inputs` are the files of `config`, `prepared` what [`Prepared::new`] gives for it and `seed`.
///
/// # Errors
/// If the observer ends the run, or the loss curves would have too many points.
pub fn run(
    config: &RunConfig,
    inputs: &Inputs,
    prepared: &Prepared,
    seed: u64,
    isa: Isa,
    observer: &mut dyn Observer,
) -> Result<RunResult, RunError> {
    run_on(config, inputs, prepared, seed, isa, observer, Stretch::default()).map(|(result, _)| result)
}

/// The stretch of a training that a run does: from where to `training.epochs`, and whether it may go on from there.
#[derive(Default)]
pub struct Stretch {
    /// The checkpoint that it starts at; none for the beginning of the training.
    pub from: Option<Checkpoint>,
    /// True if a checkpoint of its last epoch is made. It takes as much memory as the network.
    pub keep: bool,
}

/// Does the same as [`run`], from a checkpoint or to one: `config.training.epochs` is the number of epochs to reach. The
/// result has the bits of a run from the beginning, whatever the checkpoints between.
///
/// A checkpoint may come from any earlier run with the same configuration but for `training.epochs`, the same files and
/// seed; what `prepared` and `inputs` hold must be the same, and may have been made anew. A mask of taught steps has
/// rows for all the epochs that any of these runs is to reach, and is the same for all. A run that goes on does so with
/// the instructions of its checkpoint, and its observer is told of those steps and epochs that the run itself does. The
/// checkpoint at the end is made before the test pass; there is none if the run diverged.
///
/// # Errors
/// If the observer ends the run, the loss curves would have too many points, or the checkpoint does not fit.
pub fn run_on(
    config: &RunConfig,
    inputs: &Inputs,
    prepared: &Prepared,
    seed: u64,
    isa: Isa,
    observer: &mut dyn Observer,
    stretch: Stretch,
) -> Result<(RunResult, Option<Checkpoint>), RunError> {
    let task = Task { config, inputs, prepared, seed, isa };
    let mut passes = match stretch.from {
        Some(checkpoint) => Passes::resume(task, observer, checkpoint)?,
        None => Passes::begin(task, observer)?,
    };
    let trained = passes.train();
    let kept = (stretch.keep && trained.is_ok()).then(|| passes.checkpoint());
    let measured = trained.and_then(|()| passes.judge());
    let (divergence, measures) = match measured {
        Ok(measures) => (None, measures),
        Err(End::Diverged(divergence)) => (Some(divergence), missing(config)),
        Err(End::Stopped) => return Err(RunError::Stopped),
    };
    let mut network = passes.network;
    network.settle();
    let curves = passes.watch.curves.into_points(network.steps());
    let digest = digest(&*network, &curves, &measures);
    let kept = kept.filter(|_| divergence.is_none());
    Ok((RunResult { divergence, measures, curves, digest, network }, kept))
}

/// The measures of a run that ended early.
fn missing(config: &RunConfig) -> Measures {
    let classes = if config.signals.kind == SignalKind::XorClasses { config.signals.classes } else { 0 };
    measures::all(config.hidden_layers(), classes).into_iter().map(|info| (info.name, None)).collect()
}

type Measures = Vec<(String, Option<f64>)>;

/// The parameters of a run.
#[derive(Clone, Copy)]
struct Task<'a> {
    config: &'a RunConfig,
    inputs: &'a Inputs,
    prepared: &'a Prepared,
    seed: u64,
    isa: Isa,
}

impl Task<'_> {
    fn epoch_steps(&self) -> u64 {
        self.inputs.epoch_steps(self.config)
    }

    /// Steps of the training, and steps per point of its curves.
    fn curve_steps(&self) -> Result<(u64, Option<u64>), ConfigError> {
        let epoch_steps = self.epoch_steps();
        Ok((epoch_steps * self.config.training.epochs, self.config.curve_steps(epoch_steps)?))
    }
}

/// The passes of one run.
struct Passes<'a> {
    task: Task<'a>,
    network: Box<dyn Engine>,
    teaching: Teaching,
    progress: TrainingState,
    watch: Watch<'a>,
}

impl<'a> Passes<'a> {
    /// From the beginning.
    fn begin(task: Task<'a>, observer: &'a mut dyn Observer) -> Result<Self, RunError> {
        let Task { config, inputs, prepared, seed, isa } = task;
        let (steps, window) = task.curve_steps()?;
        let watched = observer.watches_steps();
        let drawn = Drawn { config, seed };
        let weights: &dyn WeightRows = match &inputs.weights {
            Some(weights) => &**weights,
            None => &drawn,
        };
        let network = prepared.network(config, weights, inputs.taught_fraction(config), isa, watched);
        let teaching = match &inputs.mask {
            Some(mask) => Teaching::given(Arc::clone(mask)),
            None => Teaching::drawn(seed, config.teaching.target_fraction),
        };
        let curves = CurveCollector::new(config.hidden_layers() + 1, steps, window);
        let (progress, watch) = (TrainingState::new(seed), Watch::new(observer, watched, curves));
        let mut passes = Self { task, network, teaching, progress, watch };
        passes.epochs_over();
        Ok(passes)
    }

    /// From a checkpoint.
    fn resume(task: Task<'a>, observer: &'a mut dyn Observer, checkpoint: Checkpoint) -> Result<Self, RunError> {
        let Task { config, inputs, prepared, seed, .. } = task;
        if let Some(misfit) = checkpoint.misfit(config, inputs, seed) {
            return Err(misfit.into());
        }
        let (steps, _) = task.curve_steps()?;
        let watched = observer.watches_steps();
        let Checkpoint { network, progress, teaching, mut curves, .. } = checkpoint;
        let network = prepared.resumed(network, watched).ok_or(Misfit::Unwatched)?;
        let teaching = match (teaching, &inputs.mask) {
            (Some(stream), None) => Teaching::resumed(stream, config.teaching.target_fraction),
            (None, Some(mask)) => Teaching::given_from(Arc::clone(mask), progress.epochs),
            (Some(_), Some(_)) | (None, None) => return Err(Misfit::Origin.into()),
        };
        curves.extend_to(steps);
        Ok(Self { task, network, teaching, progress, watch: Watch::new(observer, watched, curves) })
    }

    /// Trains up to the number of epochs that is to be reached.
    fn train(&mut self) -> Result<(), End> {
        let mut order: Vec<usize> = (0..self.task.prepared.count(Set::Training)).collect();
        let mut taught = vec![false; self.task.epoch_steps() as usize];
        while self.progress.epochs < self.task.config.training.epochs {
            self.teaching.next_epoch(&mut taught);
            if self.task.prepared.has_classes() {
                order.sort_unstable();
                self.progress.order.shuffle(&mut order);
            }
            let train_loss = self.training_epoch(self.progress.epochs, &order, &taught)?;
            self.progress.epoch_over(train_loss, self.task.config.evaluation.loss_threshold);
            self.epochs_over();
        }
        Ok(())
    }

    /// The training as it stands.
    fn checkpoint(&self) -> Checkpoint {
        let Task { config, inputs, seed, .. } = self.task;
        Checkpoint {
            origin: Origin::of(config, inputs, seed),
            network: self.network.snapshot(),
            progress: self.progress.clone(),
            teaching: self.teaching.stream().cloned(),
            curves: self.watch.curves.clone(),
        }
    }

    /// Tests what was trained; all measures.
    fn judge(&mut self) -> Result<Measures, End> {
        let TrainingState { train_loss, epochs_to_threshold, .. } = self.progress;
        let mut measures =
            vec![("train_loss".to_owned(), train_loss), ("epochs_to_threshold".to_owned(), epochs_to_threshold)];
        let by_class = self.test_pass()?;
        measures.push(("test_mae".to_owned(), self.watch.absolute.value()));
        measures.push(("test_mse".to_owned(), self.watch.square.value()));
        let generation = if self.task.config.evaluation.generation { self.generation_pass()? } else { None };
        measures.push(("generation_mae".to_owned(), generation));
        self.network.settle();
        for m in 0..self.task.config.hidden_layers() {
            measures.push((measures::alignment(m), alignment_deg(&*self.network, m)));
        }
        for (class, error) in by_class.into_iter().enumerate() {
            measures.push((measures::class_error(class), error));
        }
        Ok(measures)
    }

    /// Shows all training sequences; the mean loss of the output layer.
    fn training_epoch(&mut self, epoch: u64, order: &[usize], taught: &[bool]) -> Result<Option<f64>, End> {
        self.watch.epoch_loss = RunningMean::default();
        for (&index, taught) in order.iter().zip(taught.chunks(self.task.prepared.steps())) {
            let wants = if self.watch.watched { Wants::States } else { Wants::Losses };
            let visit = Visit {
                phase: Phase::Training,
                epoch: Some(epoch),
                set: Set::Training,
                index,
                learn: true,
                taught,
                generate_from: None,
                wants,
            };
            self.network.show(&visit, &mut self.watch)?;
        }
        Ok(self.watch.epoch_loss.value())
    }

    fn epochs_over(&mut self) {
        let epochs = self.progress.epochs;
        self.network.glance(&mut |weights| self.watch.observer.epochs_over(epochs, weights));
    }

    /// Shows the test sequences; the errors by class, where there are classes.
    fn test_pass(&mut self) -> Result<Vec<Option<f64>>, End> {
        let mut by_class = Vec::new();
        for index in 0..self.task.prepared.count(Set::Test) {
            self.watch.by_sequence = RunningMean::default();
            self.without_learning(Phase::Test, index, None)?;
            if self.task.prepared.has_classes() {
                by_class.push(self.watch.by_sequence.value());
            }
        }
        self.finite(self.watch.square.value())?;
        Ok(by_class)
    }

    /// Once more through the test sequences, each in generative mode from the middle on.
    fn generation_pass(&mut self) -> Result<Option<f64>, End> {
        for index in 0..self.task.prepared.count(Set::Test) {
            self.without_learning(Phase::Generation, index, Some(self.task.prepared.steps().div_ceil(2)))?;
        }
        let error = self.watch.generated.value();
        self.finite(error)?;
        Ok(error)
    }

    fn without_learning(&mut self, phase: Phase, index: usize, generate_from: Option<usize>) -> Result<(), End> {
        let wants = if self.watch.watched { Wants::States } else { Wants::Outputs };
        let (set, taught) = (Set::Test, &[][..]);
        let visit = Visit { phase, epoch: None, set, index, learn: false, taught, generate_from, wants };
        self.network.show(&visit, &mut self.watch)
    }

    fn finite(&self, error: Option<f64>) -> Result<(), End> {
        if error.is_none_or(f64::is_finite) {
            return Ok(());
        }
        let (step, layer) = (self.network.steps() - 1, self.task.config.hidden_layers());
        Err(End::Diverged(Divergence { step, layer, quantity: Quantity::TestError }))
    }
}
