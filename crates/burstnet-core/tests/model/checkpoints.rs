//! A training that stops after some epochs and goes on from a checkpoint ends with the bits of one that never stopped.

use std::ops::ControlFlow;
use std::sync::Arc;

use burstnet_core::checkpoint::{Checkpoint, Misfit};
use burstnet_core::config::{Configuration, RunConfig, Value};
use burstnet_core::engine::{ISA_NAMES, Isa, Prepared};
use burstnet_core::inputs::Inputs;
use burstnet_core::observer::{Observer, Phase, Silent, StepView};
use burstnet_core::run::{RunError, RunResult, Stretch, run, run_on};
use burstnet_core::signals::Sequence;
use burstnet_core::streams::{Purpose, Stream};
use burstnet_core::weights::{Drawn, WeightRows, Weights};
use ndarray::{Array2, s};

use crate::recorder::values;

const ENGINES: [&str; 2] = ["fast", "reference"];
const SEED: u64 = 3;

/// Runs of one configuration to several numbers of epochs.
struct Case {
    name: String,
    values: Configuration,
    inputs: Inputs,
    isa: Isa,
}

impl Case {
    fn new(name: String, values: Configuration) -> Self {
        Self { name, values, inputs: Inputs::default(), isa: Isa::detect() }
    }

    fn config(&self, epochs: i64) -> RunConfig {
        let mut values = self.values.clone();
        values.set("training.epochs", Value::Int(epochs));
        RunConfig::from_values(&values).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// To `epochs`, on signals prepared for this run alone.
    fn reach(&self, epochs: i64, stretch: Stretch) -> Result<(RunResult, Option<Checkpoint>), RunError> {
        let config = self.config(epochs);
        let prepared = Prepared::new(&config, &self.inputs, SEED, self.isa);
        run_on(&config, &self.inputs, &prepared, SEED, self.isa, &mut Silent, stretch)
    }

    fn uninterrupted(&self, epochs: i64) -> RunResult {
        let config = self.config(epochs);
        let prepared = Prepared::new(&config, &self.inputs, SEED, self.isa);
        run(&config, &self.inputs, &prepared, SEED, self.isa, &mut Silent).expect("a run")
    }

    /// Goes from stop to stop, each compared with a run from the beginning; the divergence it ends with, if one.
    fn compare_at(&self, stops: &[i64]) -> Option<String> {
        let mut from = None;
        for stop in stops {
            let (result, kept) = self.reach(*stop, Stretch { from, keep: true }).expect("a run");
            let expected = self.uninterrupted(*stop);
            let differs = format!("{}, {stop} epochs of {stops:?}", self.name);
            assert_eq!(Bits::of(&result), Bits::of(&expected), "{differs}");
            let Some(kept) = kept else { return Some(result.divergence.expect(&differs).to_string()) };
            assert!(result.divergence.is_none(), "{differs}");
            assert_eq!(kept.epochs(), *stop as u64, "{differs}");
            from = Some(kept);
        }
        None
    }
}

/// All that a run leaves, as integers, since numbers compare equal whose bits differ.
#[derive(Debug, PartialEq)]
struct Bits {
    digest: [u8; 32],
    divergence: Option<String>,
    measures: Vec<(String, Option<u64>)>,
    curves: Vec<(u32, u64, u64, Option<u64>)>,
    weights: Vec<u64>,
}

impl Bits {
    fn of(result: &RunResult) -> Self {
        let point =
            |p: &burstnet_core::curves::CurvePoint| (p.layer, p.step, p.learning_steps, p.loss.map(f64::to_bits));
        Self {
            digest: result.digest,
            divergence: result.divergence.map(|divergence| divergence.to_string()),
            measures: result.measures.iter().map(|(name, value)| (name.clone(), value.map(f64::to_bits))).collect(),
            curves: result.curves.iter().map(point).collect(),
            weights: numbers(&result.weights()),
        }
    }
}

fn numbers(weights: &Weights) -> Vec<u64> {
    let matrices = weights.forward.iter().chain(&weights.feedback).flat_map(|matrix| matrix.iter());
    matrices.chain(weights.bias.iter().flatten()).map(|weight| weight.to_bits()).collect()
}

/// Configuration number `n`: every depth with every dynamics and all rules, and everything else drawn.
fn varied(engine: &str, n: u64) -> Case {
    let mut stream = Stream::part(7, 33_u32, n);
    let mut among = |all: &[Value]| all[stream.below(all.len() as u64) as usize].clone();
    let steps = 100 + n as i64 % 97;
    let (depth, dynamics) = (n % 4, ["pipelined", "original_2017"][n as usize / 4 % 2]);
    let hidden_rule = ["burst_probability", "burst_rate", "gated_burst_rate"][n as usize / 8 % 3];
    let feedback_rule = ["gradient", "ungated", "gated_previous"][n as usize / 3 % 3];
    let mut layers = vec![among(&[Value::Int(2), Value::Int(30), Value::Int(90)])];
    layers.extend((0..depth).map(|_| among(&[Value::Int(1), Value::Int(11), Value::Int(37)])));
    layers.push(among(&[Value::Int(1), Value::Int(3), Value::Int(18)]));
    let window = among(&["epoch".into(), "none".into(), Value::Int(1), Value::Int(37), Value::Int(450)]);
    let changes = [
        ("training.engine", engine.into()),
        ("network.layers", Value::List(layers)),
        ("network.dynamics", dynamics.into()),
        ("plasticity.hidden_rule", hidden_rule.into()),
        ("plasticity.feedback_rule", feedback_rule.into()),
        ("plasticity.weight_decay", among(&[0.0.into(), 0.0.into(), 0.001.into()])),
        ("teaching.target_fraction", among(&[0.02.into(), 0.1.into(), 0.3.into(), 0.95.into()])),
        ("feedback.density", among(&[0.3.into(), 1.0.into()])),
        ("learning_rate.hidden", among(&[0.0.into(), 1.0.into(), 10.0.into()])),
        ("learning_rate.output", among(&[0.01.into(), 0.5.into()])),
        ("learning_rate.feedback", among(&[0.0.into(), 0.01.into(), 1.0.into()])),
        ("signals.kind", among(&["sinusoids".into(), "xor_classes".into()])),
        ("signals.length", Value::Int(steps)),
        ("signals.classes", Value::Int(2)),
        ("signals.examples_per_class", Value::Int(2)),
        ("evaluation.generation", (depth > 0 && n.is_multiple_of(3)).into()),
        ("evaluation.curve_window", window),
        ("evaluation.loss_threshold", among(&[Value::Null, 0.05.into(), 0.2.into()])),
    ];
    Case::new(format!("{engine}, configuration {n}, {changes:?}"), values(&changes))
}

/// Configurations that keep the first layer's weights in each of the ways that the fast engine has.
fn coordinates(engine: &str) -> Vec<Case> {
    let layers = |sizes: &[i64]| ("network.layers", Value::from(sizes.to_vec()));
    let xor = [("signals.kind", "xor_classes".into()), ("signals.classes", Value::Int(2))];
    let decay = ("plasticity.weight_decay", 0.01.into());
    let feedback = ("learning_rate.feedback", 0.1.into());
    let shared = [
        ("signals.length", Value::Int(150)),
        ("teaching.target_fraction", 0.2.into()),
        ("training.engine", engine.into()),
        ("evaluation.curve_window", Value::Int(64)),
    ];
    let make = |name: &str, own: &[(&'static str, Value)]| {
        Case::new(format!("{engine}, {name}"), values(&[&shared[..], own].concat()))
    };
    vec![
        make("in a basis", &[layers(&[60, 20, 3]), feedback]),
        make("in a basis, with decay", &[layers(&[60, 20, 8, 3]), decay.clone()]),
        make("in the space of the steps", &[layers(&[400, 20, 3])]),
        make("as they are", &[layers(&[400, 20, 3]), decay]),
        make("examples of classes", &[&xor[..], &[layers(&[60, 20, 3])]].concat()),
        make("without a hidden layer, in a basis", &[layers(&[60, 3])]),
        make("without a hidden layer, in the space of the steps", &[layers(&[400, 3])]),
    ]
}

/// Sequences of noise, a mask and initial weights, as files would have them.
fn from_files(engine: &str, sequences: usize, taught: f64) -> Case {
    let mut stream = Stream::new(1, Purpose::InputSignals);
    let (n_in, n_out, steps, epochs) = (90, 2, 140, 9);
    let mut noise = |n: usize| (0..n * steps).map(|_| stream.unit()).collect::<Vec<f64>>();
    let mut one = || Sequence::from_channels(n_in, &noise(n_in), n_out, &noise(n_out), steps).unwrap();
    let all = (0..sequences).map(|_| one()).collect();
    let mut case = Case::new(
        format!("{engine}, {sequences} sequences from files, {taught} of their steps taught"),
        values(&[
            ("training.engine", engine.into()),
            ("network.layers", Value::from(vec![n_in as i64, 25, 10, n_out as i64])),
            ("signals.kind", "files".into()),
            ("signals.inputs", "in memory".into()),
            ("signals.targets", "in memory".into()),
            ("evaluation.generation", true.into()),
            ("evaluation.curve_window", Value::Int(100)),
        ]),
    );
    let drawn = Weights::of(&Drawn { config: &case.config(1), seed: 99 });
    let mut draw = Stream::new(5, Purpose::Teaching);
    let mask = (0..epochs * sequences * steps).map(|_| draw.unit() < taught).collect();
    let mask = Array2::from_shape_vec((epochs, sequences * steps), mask).unwrap();
    case.inputs = Inputs { sequences: Some(Arc::new(all)), mask: Some(Arc::new(mask)), weights: Some(Arc::new(drawn)) };
    case
}

#[test]
fn varied_configurations_have_the_same_bits_at_every_stop() {
    for engine in ENGINES {
        for n in 0..72 {
            varied(engine, n).compare_at(&[[1, 2, 5], [2, 3, 4], [1, 4, 6]][n as usize % 3]);
        }
    }
}

#[test]
fn weights_in_all_coordinates_have_the_same_bits_at_every_stop() {
    for engine in ENGINES {
        for case in coordinates(engine) {
            assert_eq!(case.compare_at(&[1, 2, 3, 4, 9]), None);
            assert_eq!(case.compare_at(&[5, 11]), None);
        }
        for (sequences, taught) in [(1, 0.05), (1, 0.8), (2, 0.1)] {
            assert_eq!(from_files(engine, sequences, taught).compare_at(&[1, 4, 9]), None);
        }
    }
}

#[test]
fn a_checkpoint_is_as_it_was_before_the_test_and_generation_passes() {
    for engine in ENGINES {
        for mut case in coordinates(engine) {
            let hidden = case.config(1).hidden_layers() > 0;
            case.values.set("evaluation.generation", hidden.into());
            // Nothing is trained between these stops, so all that could differ is what the passes leave.
            assert_eq!(case.compare_at(&[3, 3, 3, 5, 5]), None);
        }
    }
}

#[test]
fn all_instructions_go_on_to_the_same_bits() {
    let available: Vec<Isa> = ISA_NAMES.into_iter().filter_map(|name| Isa::named(name).ok()).collect();
    assert!(available.len() > 1, "this processor has nothing but the portable instructions: nothing is compared");
    let chain = |case: &mut Case, stops: &[(i64, Isa)]| {
        let (mut from, mut last) = (None, None);
        for (stop, isa) in stops {
            case.isa = *isa;
            let (result, kept) = case.reach(*stop, Stretch { from, keep: true }).expect("a run");
            (from, last) = (kept, Some(Bits::of(&result)));
        }
        last
    };
    for mut case in coordinates("fast") {
        let portable = Isa::named("portable").expect("everywhere");
        let expected = chain(&mut case, &[(2, portable), (4, portable)]);
        for isa in &available {
            assert_eq!(chain(&mut case, &[(2, *isa), (4, *isa)]), expected, "{}, {isa}", case.name);
            assert_eq!(chain(&mut case, &[(2, portable), (4, *isa)]), expected, "{}, {isa} after portable", case.name);
        }
    }
}

/// A training that diverges in its fifth epoch, the first in which anything is taught.
fn taught_late(engine: &str, dynamics: &str, key: &str) -> Case {
    let (steps, epochs) = (70, 8);
    let mut case = Case::new(
        format!("{engine}, {dynamics}, {key}"),
        values(&[
            ("training.engine", engine.into()),
            ("network.layers", Value::from(vec![20_i64, 12, 2])),
            ("network.dynamics", dynamics.into()),
            ("signals.length", Value::Int(steps)),
            ("evaluation.curve_window", Value::Int(30)),
            (key, 1e30.into()),
        ]),
    );
    let data = (0..epochs * steps).map(|step| step >= 4 * steps && step % 9 == 0).collect();
    let mask = Array2::from_shape_vec((epochs as usize, steps as usize), data);
    case.inputs.mask = Some(Arc::new(mask.unwrap()));
    case
}

#[test]
fn a_divergence_after_a_checkpoint_is_the_same_one() {
    for engine in ENGINES {
        for dynamics in ["pipelined", "original_2017"] {
            for key in ["learning_rate.output", "learning_rate.hidden"] {
                let case = taught_late(engine, dynamics, key);
                let diverged = case.uninterrupted(8).divergence.expect(&case.name);
                assert_eq!(diverged.step / 70, 4, "{}: {diverged}", case.name);
                assert_eq!(case.compare_at(&[1, 4, 8]), Some(diverged.to_string()), "{}", case.name);
            }
        }
    }
}

/// Keeps what it is told, in the order of the run.
#[derive(Default)]
struct Diary {
    watches: bool,
    training: Vec<u64>,
    epochs: Vec<(u64, Vec<u64>)>,
}

impl Observer for Diary {
    fn step(&mut self, view: &StepView<'_>) -> ControlFlow<()> {
        if view.phase == Phase::Training {
            let state = view.states.hidden(0);
            self.training.extend([view.step, view.epoch.expect("in training"), view.sequence, u64::from(view.taught)]);
            for numbers in
                [view.output, state.event_rate, state.burst_rate, state.apical_voltage, state.somatic_voltage]
            {
                self.training.extend(numbers.iter().map(|x| x.to_bits()));
            }
        }
        ControlFlow::Continue(())
    }

    fn watches_steps(&self) -> bool {
        self.watches
    }

    fn epochs_over(&mut self, epochs: u64, weights: &dyn WeightRows) {
        self.epochs.push((epochs, numbers(&Weights::of(weights))));
    }
}

#[test]
fn an_observer_of_both_runs_sees_what_one_of_a_single_run_sees() {
    for engine in ENGINES {
        for watches in [true, false] {
            for mut case in coordinates(engine).into_iter().filter(|case| case.config(1).hidden_layers() > 0) {
                case.values.set("network.dynamics", "original_2017".into());
                let seen = |stops: &[i64]| {
                    let (mut diary, mut from) = (Diary { watches, ..Diary::default() }, None);
                    for stop in stops {
                        let config = case.config(*stop);
                        let prepared = Prepared::new(&config, &case.inputs, SEED, case.isa);
                        let stretch = Stretch { from, keep: true };
                        from = run_on(&config, &case.inputs, &prepared, SEED, case.isa, &mut diary, stretch)
                            .expect("a run")
                            .1;
                    }
                    diary
                };
                let (once, twice) = (seen(&[5]), seen(&[3, 3, 5]));
                assert_eq!(once.training.is_empty(), !watches);
                assert!(once.training == twice.training, "{}: steps differ", case.name);
                assert!(once.epochs == twice.epochs, "{}: epochs differ", case.name);
            }
        }
    }
}

#[test]
fn a_checkpoint_of_another_training_is_refused() {
    let misfit = |case: &Case, epochs: i64, from: Checkpoint| {
        let config = case.config(epochs);
        let fits = from.fits(&config, &case.inputs, SEED);
        match case.reach(epochs, Stretch { from: Some(from), keep: false }) {
            Err(RunError::Checkpoint(misfit)) => Some(misfit).filter(|_| !fits),
            _ => None,
        }
    };
    for engine in ENGINES {
        let case = varied(engine, 5);
        let kept = || case.reach(2, Stretch { from: None, keep: true }).expect("a run").1.expect("a checkpoint");
        assert!(kept().fits(&case.config(2), &case.inputs, SEED) && kept().fits(&case.config(9), &case.inputs, SEED));
        assert!(!kept().fits(&case.config(2), &case.inputs, SEED + 1));
        assert_eq!(misfit(&case, 1, kept()), Some(Misfit::Epochs { over: 2, wanted: 1 }));
        assert_eq!(misfit(&varied(engine, 6), 2, kept()), Some(Misfit::Origin));
        // A mask of one epoch has another fraction of taught steps than one of two.
        let mut case = from_files(engine, 1, 0.05);
        let kept = case.reach(2, Stretch { from: None, keep: true }).expect("a run").1.expect("a checkpoint");
        let three = case.inputs.mask.as_ref().expect("a mask").slice(s![..3, ..]).to_owned();
        case.inputs.mask = Some(Arc::new(three));
        assert_eq!(misfit(&case, 3, kept), Some(Misfit::Origin));
    }
}

#[test]
fn steps_that_nobody_watched_are_not_watched_from_a_checkpoint_on() {
    let case = varied("fast", 1);
    let on = |observer: &mut dyn Observer, from| {
        let config = case.config(2);
        let prepared = Prepared::new(&config, &case.inputs, SEED, case.isa);
        run_on(&config, &case.inputs, &prepared, SEED, case.isa, observer, Stretch { from, keep: true })
    };
    let unwatched = on(&mut Silent, None).expect("a run").1;
    let watching = || Diary { watches: true, ..Diary::default() };
    assert!(matches!(on(&mut watching(), unwatched), Err(RunError::Checkpoint(Misfit::Unwatched))));
    let watched = on(&mut watching(), None).expect("a run").1;
    assert!(on(&mut watching(), watched).is_ok());
}
