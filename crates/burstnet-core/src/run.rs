//! One training run: training, test pass, generation pass.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::config::{ConfigError, RunConfig, SignalKind};
use crate::curves::{CurvePoint, Curves, Mean};
use crate::digest::digest;
use crate::divergence::{Divergence, Quantity};
use crate::engine::Network;
use crate::engine::reference::Request;
use crate::inputs::Inputs;
use crate::measures;
use crate::observer::{Observer, Phase, StepView};
use crate::signals::{Sequence, Set, Signals};
use crate::streams::{Purpose, Stream};
use crate::teaching::Teaching;
use crate::weights::Weights;

/// What a run leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct RunResult {
    /// Where the run left its bounds, if it did; it ended there, and has no measures.
    pub divergence: Option<Divergence>,
    /// The measures of this run by name, in the order of [`measures::all`]; none where one is not defined.
    pub measures: Vec<(String, Option<f64>)>,
    /// The points of the loss curves, by layer and step.
    pub curves: Vec<CurvePoint>,
    /// The weights at the end.
    pub weights: Weights,
    /// BLAKE3 of weights, curves and measures.
    pub digest: [u8; 32],
}

impl RunResult {
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

/// Runs `config` with `seed`: a pure function of these, whatever `observer` does.
///
/// `inputs` are the files of `config`, `signals` those that [`Signals::prepare`] gives for it and `seed`.
///
/// # Errors
/// If the observer ends the run, or the loss curves would have too many points.
pub fn run(
    config: &RunConfig,
    inputs: &Inputs,
    signals: &Signals,
    seed: u64,
    observer: &mut dyn Observer,
) -> Result<RunResult, RunError> {
    let weights = match &inputs.weights {
        Some(weights) => Weights::clone(weights),
        None => Weights::draw(config, seed),
    };
    let epoch_steps = inputs.epoch_steps(config);
    let window = config.curve_steps(epoch_steps)?;
    let mut pass = Passes {
        config,
        signals,
        observer,
        network: Network::new(config, &weights),
        buffer: None,
        curves: Curves::new(weights.forward.len(), epoch_steps * config.training.epochs, window),
    };
    let measured = pass.all(inputs, seed, epoch_steps as usize);
    let (divergence, measures) = match measured {
        Ok(measures) => (None, measures),
        Err(End::Diverged(divergence)) => (Some(divergence), missing(config)),
        Err(End::Stopped) => return Err(RunError::Stopped),
    };
    let weights = pass.network.weights();
    let curves = pass.curves.into_points();
    let digest = digest(&weights, &curves, &measures);
    Ok(RunResult { divergence, measures, curves, weights, digest })
}

/// The measures of a run that ended early.
fn missing(config: &RunConfig) -> Measures {
    let classes = if config.signals.kind == SignalKind::XorClasses { config.signals.classes } else { 0 };
    measures::all(config.hidden_layers(), classes).into_iter().map(|info| (info.name, None)).collect()
}

/// Why a pass ends early.
enum End {
    Diverged(Divergence),
    Stopped,
}

impl From<Divergence> for End {
    fn from(divergence: Divergence) -> Self {
        Self::Diverged(divergence)
    }
}

type Measures = Vec<(String, Option<f64>)>;

/// The passes of one run.
struct Passes<'a> {
    config: &'a RunConfig,
    signals: &'a Signals,
    observer: &'a mut dyn Observer,
    network: Network,
    /// Where sequences that are not kept are rendered.
    buffer: Option<Sequence>,
    curves: Curves,
}

impl Passes<'_> {
    fn all(&mut self, inputs: &Inputs, seed: u64, epoch_steps: usize) -> Result<Measures, End> {
        let mut teaching = match &inputs.mask {
            Some(mask) => Teaching::given(Arc::clone(mask)),
            None => Teaching::drawn(seed, self.config.teaching.target_fraction),
        };
        let mut order_stream = Stream::new(seed, Purpose::ExampleOrder);
        let mut order: Vec<usize> = (0..self.signals.count(Set::Training)).collect();
        let mut taught = vec![false; epoch_steps];
        let mut train_loss = None;
        let mut epochs_to_threshold = None;
        for epoch in 0..self.config.training.epochs {
            teaching.next_epoch(&mut taught);
            if self.signals.shuffles() {
                order.sort_unstable();
                order_stream.shuffle(&mut order);
            }
            train_loss = self.training_epoch(epoch, &order, &taught)?;
            let under = self.config.evaluation.loss_threshold.zip(train_loss).is_some_and(|(limit, loss)| loss < limit);
            if under && epochs_to_threshold.is_none() {
                epochs_to_threshold = Some((epoch + 1) as f64);
            }
        }
        let mut measures =
            vec![("train_loss".to_owned(), train_loss), ("epochs_to_threshold".to_owned(), epochs_to_threshold)];
        let test = self.test_pass()?;
        measures.push(("test_mae".to_owned(), test.absolute));
        measures.push(("test_mse".to_owned(), test.square));
        let generation = if self.config.evaluation.generation { self.generation_pass()? } else { None };
        measures.push(("generation_mae".to_owned(), generation));
        let weights = self.network.weights();
        for m in 0..self.network.hidden_layers() {
            measures.push((measures::alignment(m), weights.alignment_deg(m)));
        }
        for (class, error) in test.by_class.into_iter().enumerate() {
            measures.push((measures::class_error(class), error));
        }
        Ok(measures)
    }

    /// Shows all training sequences; the mean loss of the output layer.
    fn training_epoch(&mut self, epoch: u64, order: &[usize], taught: &[bool]) -> Result<Option<f64>, End> {
        let mut loss = Mean::default();
        for (&index, taught) in order.iter().zip(taught.chunks(self.signals.steps())) {
            let sequence = self.signals.sequence(Set::Training, index, &mut self.buffer);
            for (t, &taught) in taught.iter().enumerate() {
                let request = Request { learn: true, taught, generate: false };
                let step = self.network.steps();
                self.network.step(sequence.input(t), sequence.target(t), t as u64, request)?;
                self.curves.add(step, self.network.losses());
                if let Some(Some(output)) = self.network.losses().last() {
                    loss.add(*output);
                }
                show(self.observer, &self.network, Phase::Training, Some(epoch), sequence, t, taught)?;
            }
        }
        Ok(loss.value())
    }

    fn test_pass(&mut self) -> Result<TestErrors, End> {
        let (mut absolute, mut square) = (Mean::default(), Mean::default());
        let mut by_class = Vec::new();
        for index in 0..self.signals.count(Set::Test) {
            let mut own = Mean::default();
            let sequence = self.signals.sequence(Set::Test, index, &mut self.buffer);
            for t in 0..sequence.steps() {
                self.network.step(sequence.input(t), sequence.target(t), t as u64, Request::default())?;
                for (target, rate) in sequence.target(t).iter().zip(self.network.output()) {
                    let error = target - rate;
                    absolute.add(error.abs());
                    square.add(error * error);
                    own.add(error.abs());
                }
                show(self.observer, &self.network, Phase::Test, None, sequence, t, false)?;
            }
            if self.signals.class(Set::Test, index).is_some() {
                by_class.push(own.value());
            }
        }
        self.finite(square.value())?;
        Ok(TestErrors { absolute: absolute.value(), square: square.value(), by_class })
    }

    /// Once more through the test sequences, each in generative mode from the middle on.
    fn generation_pass(&mut self) -> Result<Option<f64>, End> {
        let mut absolute = Mean::default();
        for index in 0..self.signals.count(Set::Test) {
            let sequence = self.signals.sequence(Set::Test, index, &mut self.buffer);
            let from = sequence.steps().div_ceil(2);
            for t in 0..sequence.steps() {
                let request = Request { generate: t >= from, ..Request::default() };
                self.network.step(sequence.input(t), sequence.target(t), t as u64, request)?;
                if t >= from {
                    for (target, rate) in sequence.target(t).iter().zip(self.network.output()) {
                        absolute.add((target - rate).abs());
                    }
                }
                show(self.observer, &self.network, Phase::Generation, None, sequence, t, false)?;
            }
        }
        self.finite(absolute.value())?;
        Ok(absolute.value())
    }

    fn finite(&self, error: Option<f64>) -> Result<(), End> {
        if error.is_none_or(f64::is_finite) {
            return Ok(());
        }
        let (step, layer) = (self.network.steps() - 1, self.network.hidden_layers());
        Err(End::Diverged(Divergence { step, layer, quantity: Quantity::TestError }))
    }
}

struct TestErrors {
    absolute: Option<f64>,
    square: Option<f64>,
    by_class: Vec<Option<f64>>,
}

fn show(
    observer: &mut dyn Observer,
    network: &Network,
    phase: Phase,
    epoch: Option<u64>,
    sequence: &Sequence,
    t: usize,
    taught: bool,
) -> Result<(), End> {
    let step = network.steps() - 1;
    let view = StepView { phase, step, epoch, t: t as u64, taught, target: sequence.target(t), network };
    match observer.step(&view) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(End::Stopped),
    }
}
