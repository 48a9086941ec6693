//! One training run: training, test pass, generation pass.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::config::{ConfigError, RunConfig, SignalKind};
use crate::curves::{CurvePoint, Curves, Mean};
use crate::digest::digest;
use crate::divergence::{Divergence, Quantity};
use crate::engine::{End, Engine, Isa, Prepared, Spectator, Visit, Wants};
use crate::inputs::Inputs;
use crate::measures;
use crate::observer::{Observer, Phase, StepView};
use crate::signals::Set;
use crate::streams::{Purpose, Stream};
use crate::teaching::Teaching;
use crate::weights::{Drawn, WeightRows, Weights, alignment_deg};

/// What a run leaves.
pub struct RunResult {
    /// Where the run left its bounds, if it did; it ended there, and has no measures.
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
    let epoch_steps = inputs.epoch_steps(config);
    let window = config.curve_steps(epoch_steps)?;
    let watched = observer.watches_steps();
    let drawn = Drawn { config, seed };
    let weights: &dyn WeightRows = match &inputs.weights {
        Some(weights) => &**weights,
        None => &drawn,
    };
    let taught = match &inputs.mask {
        Some(mask) => mask.data.iter().filter(|taught| **taught).count() as f64 / mask.data.len().max(1) as f64,
        None => config.teaching.target_fraction,
    };
    let network = prepared.network(config, weights, taught, isa, watched);
    let watch = Watch {
        observer,
        watched,
        curves: Curves::new(config.hidden_layers() + 1, epoch_steps * config.training.epochs, window),
        epoch_loss: Mean::default(),
        absolute: Mean::default(),
        square: Mean::default(),
        by_sequence: Mean::default(),
        generated: Mean::default(),
    };
    let mut passes = Passes { config, prepared, network, watch };
    let measured = passes.all(inputs, seed, epoch_steps as usize);
    let (divergence, measures) = match measured {
        Ok(measures) => (None, measures),
        Err(End::Diverged(divergence)) => (Some(divergence), missing(config)),
        Err(End::Stopped) => return Err(RunError::Stopped),
    };
    let mut network = passes.network;
    network.settle();
    let curves = passes.watch.curves.into_points(network.steps());
    let digest = digest(&*network, &curves, &measures);
    Ok(RunResult { divergence, measures, curves, digest, network })
}

/// The measures of a run that ended early.
fn missing(config: &RunConfig) -> Measures {
    let classes = if config.signals.kind == SignalKind::XorClasses { config.signals.classes } else { 0 };
    measures::all(config.hidden_layers(), classes).into_iter().map(|info| (info.name, None)).collect()
}

type Measures = Vec<(String, Option<f64>)>;

/// The passes of one run.
struct Passes<'a> {
    config: &'a RunConfig,
    prepared: &'a Prepared,
    network: Box<dyn Engine>,
    watch: Watch<'a>,
}

impl Passes<'_> {
    fn all(&mut self, inputs: &Inputs, seed: u64, epoch_steps: usize) -> Result<Measures, End> {
        let mut teaching = match &inputs.mask {
            Some(mask) => Teaching::given(Arc::clone(mask)),
            None => Teaching::drawn(seed, self.config.teaching.target_fraction),
        };
        let mut order_stream = Stream::new(seed, Purpose::ExampleOrder);
        let mut order: Vec<usize> = (0..self.prepared.count(Set::Training)).collect();
        let mut taught = vec![false; epoch_steps];
        let mut train_loss = None;
        let mut epochs_to_threshold = None;
        self.epochs_over(0);
        for epoch in 0..self.config.training.epochs {
            teaching.next_epoch(&mut taught);
            if self.prepared.has_classes() {
                order.sort_unstable();
                order_stream.shuffle(&mut order);
            }
            train_loss = self.training_epoch(epoch, &order, &taught)?;
            self.epochs_over(epoch + 1);
            let under = self.config.evaluation.loss_threshold.zip(train_loss).is_some_and(|(limit, loss)| loss < limit);
            if under && epochs_to_threshold.is_none() {
                epochs_to_threshold = Some((epoch + 1) as f64);
            }
        }
        let mut measures =
            vec![("train_loss".to_owned(), train_loss), ("epochs_to_threshold".to_owned(), epochs_to_threshold)];
        let by_class = self.test_pass()?;
        measures.push(("test_mae".to_owned(), self.watch.absolute.value()));
        measures.push(("test_mse".to_owned(), self.watch.square.value()));
        let generation = if self.config.evaluation.generation { self.generation_pass()? } else { None };
        measures.push(("generation_mae".to_owned(), generation));
        self.network.settle();
        for m in 0..self.config.hidden_layers() {
            measures.push((measures::alignment(m), alignment_deg(&*self.network, m)));
        }
        for (class, error) in by_class.into_iter().enumerate() {
            measures.push((measures::class_error(class), error));
        }
        Ok(measures)
    }

    /// Shows all training sequences; the mean loss of the output layer.
    fn training_epoch(&mut self, epoch: u64, order: &[usize], taught: &[bool]) -> Result<Option<f64>, End> {
        self.watch.epoch_loss = Mean::default();
        for (&index, taught) in order.iter().zip(taught.chunks(self.prepared.steps())) {
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

    fn epochs_over(&mut self, epochs: u64) {
        self.network.glance(&mut |weights| self.watch.observer.epochs_over(epochs, weights));
    }

    /// Shows the test sequences; the errors by class, where there are classes.
    fn test_pass(&mut self) -> Result<Vec<Option<f64>>, End> {
        let mut by_class = Vec::new();
        for index in 0..self.prepared.count(Set::Test) {
            self.watch.by_sequence = Mean::default();
            self.without_learning(Phase::Test, index, None)?;
            if self.prepared.has_classes() {
                by_class.push(self.watch.by_sequence.value());
            }
        }
        self.finite(self.watch.square.value())?;
        Ok(by_class)
    }

    /// Once more through the test sequences, each in generative mode from the middle on.
    fn generation_pass(&mut self) -> Result<Option<f64>, End> {
        for index in 0..self.prepared.count(Set::Test) {
            self.without_learning(Phase::Generation, index, Some(self.prepared.steps().div_ceil(2)))?;
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
        let (step, layer) = (self.network.steps() - 1, self.config.hidden_layers());
        Err(End::Diverged(Divergence { step, layer, quantity: Quantity::TestError }))
    }
}

/// Gathers what a run is judged by, and passes its steps on to the observer.
struct Watch<'a> {
    observer: &'a mut dyn Observer,
    watched: bool,
    curves: Curves,
    /// Losses of the output layer in this epoch.
    epoch_loss: Mean,
    /// Errors of the test pass, and of its current sequence.
    absolute: Mean,
    square: Mean,
    by_sequence: Mean,
    /// Errors where bursts replace events.
    generated: Mean,
}

impl Spectator for Watch<'_> {
    fn learned(&mut self, step: u64, layer: usize, loss: f64) {
        self.curves.add(step, layer, loss);
        if layer + 1 == self.curves.layers() {
            self.epoch_loss.add(loss);
        }
    }

    fn step(&mut self, visit: &Visit<'_>, view: &StepView<'_>) -> Result<(), End> {
        for (target, rate) in view.target.iter().zip(view.output) {
            let error = target - rate;
            match view.phase {
                Phase::Training => {}
                Phase::Test => {
                    self.absolute.add(error.abs());
                    self.square.add(error * error);
                    self.by_sequence.add(error.abs());
                }
                Phase::Generation if visit.generates(view.t as usize) => self.generated.add(error.abs()),
                Phase::Generation => {}
            }
        }
        if self.watched { unless_stopped(self.observer.step(view)) } else { Ok(()) }
    }

    fn advanced(&mut self, steps: u64) -> Result<(), End> {
        unless_stopped(self.observer.advanced(steps))
    }
}

fn unless_stopped(flow: ControlFlow<()>) -> Result<(), End> {
    if flow.is_break() { Err(End::Stopped) } else { Ok(()) }
}
