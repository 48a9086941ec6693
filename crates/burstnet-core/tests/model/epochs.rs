//! The weights that an observer sees between epochs.

use std::ops::ControlFlow;

use burstnet_core::config::{Configuration, RunConfig, Value};
use burstnet_core::engine::{Isa, Prepared};
use burstnet_core::inputs::Inputs;
use burstnet_core::observer::{Observer, Silent, StepView};
use burstnet_core::run::{RunResult, run};
use burstnet_core::weights::{Drawn, WeightRows, Weights};

use crate::recorder::values;

/// Keeps all weights between epochs.
#[derive(Default)]
struct Album(Vec<(u64, Weights)>);

impl Observer for Album {
    fn step(&mut self, _view: &StepView<'_>) -> ControlFlow<()> {
        unreachable!("it does not watch steps")
    }

    fn watches_steps(&self) -> bool {
        false
    }

    fn epochs_over(&mut self, epochs: u64, weights: &dyn WeightRows) {
        self.0.push((epochs, Weights::of(weights)));
    }
}

fn seen_by(values: &Configuration, observer: &mut dyn Observer) -> RunResult {
    let config = RunConfig::from_values(values).expect("a configuration");
    let inputs = Inputs::default();
    let isa = Isa::detect();
    run(&config, &inputs, &Prepared::new(&config, &inputs, 3, isa), 3, isa, observer).expect("a run")
}

/// Configurations that keep the first layer's weights in each of the ways that the fast engine has.
fn cases(engine: &str) -> Vec<(&'static str, Configuration)> {
    let layers = |sizes: &[i64]| ("network.layers", Value::from(sizes.to_vec()));
    let (length, taught) = (("signals.length", Value::Int(150)), ("teaching.target_fraction", 0.2.into()));
    let xor = [("signals.kind", "xor_classes".into()), ("signals.classes", Value::Int(2))];
    let decay = ("plasticity.weight_decay", 0.01.into());
    let feedback = ("learning_rate.feedback", 0.1.into());
    let shared = [length, taught, ("training.epochs", Value::Int(4)), ("training.engine", engine.into())];
    let make = |own: &[(&'static str, Value)]| values(&[&shared[..], own].concat());
    vec![
        ("in a basis", make(&[layers(&[60, 20, 3]), feedback])),
        ("in a basis, with decay", make(&[layers(&[60, 20, 8, 3]), decay.clone()])),
        ("in the space of the steps", make(&[layers(&[400, 20, 3])])),
        ("as they are", make(&[layers(&[400, 20, 3]), decay])),
        ("examples of classes", make(&[&xor[..], &[layers(&[60, 20, 3])]].concat())),
        ("without a hidden layer", make(&[layers(&[60, 3])])),
    ]
}

#[test]
fn reading_weights_between_epochs_changes_no_bit() {
    for engine in ["fast", "reference"] {
        for (name, values) in cases(engine) {
            let mut album = Album::default();
            let seen = seen_by(&values, &mut album);
            assert_eq!(seen.digest, seen_by(&values, &mut Silent).digest, "{engine}, {name}");
            let moments: Vec<u64> = album.0.iter().map(|(epochs, _)| *epochs).collect();
            assert_eq!(moments, [0, 1, 2, 3, 4], "{engine}, {name}");
        }
    }
}

#[test]
fn they_are_the_final_weights_of_a_shorter_training() {
    for engine in ["fast", "reference"] {
        // Between epochs nobody has left the coordinates in which the fast engine trains, so roundings differ.
        let tolerance = if engine == "fast" { 1e-5 } else { 0.0 };
        for (name, mut values) in cases(engine) {
            let mut album = Album::default();
            seen_by(&values, &mut album);
            let config = RunConfig::from_values(&values).expect("a configuration");
            let drawn = Weights::of(&Drawn { config: &config, seed: 3 });
            assert!(furthest(&album.0[0].1, &drawn) <= if engine == "fast" { 1e-7 } else { 0.0 }, "{engine}, {name}");
            for (epochs, held) in &album.0[1..] {
                values.set("training.epochs", Value::Int(*epochs as i64));
                let shorter = seen_by(&values, &mut Silent).weights();
                let difference = furthest(held, &shorter);
                assert!(difference <= tolerance, "{engine}, {name}, {epochs} epochs: {difference}");
                assert!(furthest(held, &drawn) > 1e-3, "{engine}, {name}: nothing was learned");
            }
        }
    }
}

/// The largest difference of two weights of two networks of the same layers.
fn furthest(a: &Weights, b: &Weights) -> f64 {
    let all = |weights: &Weights| -> Vec<f64> {
        let matrices = weights.forward.iter().chain(&weights.feedback);
        matrices.flatten().chain(weights.bias.iter().flatten()).copied().collect()
    };
    let (a, b) = (all(a), all(b));
    assert_eq!(a.len(), b.len());
    a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}
