//! The fast engine agrees with the reference engine on the published task, step by step over two epochs and in the
//! mean over seeds.

use std::ops::ControlFlow;
use std::sync::Arc;

use burstnet_core::config::{RunConfig, Value};
use burstnet_core::engine::{Isa, Prepared};
use burstnet_core::inputs::Inputs;
use burstnet_core::observer::{Observer, Silent, StepView};
use burstnet_core::run::run;
use burstnet_core::signals::Sequence;
use burstnet_core::streams::{Purpose, Stream};

use crate::recorder::values;

/// Rates and burst probabilities of every step, in one row after the other.
struct Rows {
    hidden_layers: usize,
    numbers: Vec<f32>,
}

impl Observer for Rows {
    fn step(&mut self, view: &StepView<'_>) -> ControlFlow<()> {
        let mut push = |numbers: &[f64]| self.numbers.extend(numbers.iter().map(|x| *x as f32));
        push(view.output);
        for m in 0..self.hidden_layers {
            let state = view.states.hidden(m);
            push(state.event_rate);
            push(state.burst_probability);
            push(state.burst_rate);
        }
        ControlFlow::Continue(())
    }
}

/// The largest difference of anything between 0 and 1 over a training of 4000 steps and a test pass.
fn largest_difference(changes: &[(&str, Value)], inputs: &Inputs) -> f32 {
    let rows = |engine: &str| {
        let mut all = values(&[("training.epochs", Value::Int(2)), ("training.engine", engine.into())]);
        changes.iter().for_each(|(key, value)| all.set(key, value.clone()));
        let config = RunConfig::from_values(&all).expect("a configuration");
        let mut rows = Rows { hidden_layers: config.hidden_layers(), numbers: Vec::new() };
        let prepared = Prepared::new(&config, inputs, 5, Isa::detect());
        let result = run(&config, inputs, &prepared, 5, Isa::detect(), &mut rows).expect("a run");
        assert_eq!(result.divergence, None);
        rows.numbers
    };
    let (fast, reference) = (rows("fast"), rows("reference"));
    assert_eq!(fast.len(), reference.len());
    fast.iter().zip(&reference).fold(0.0, |largest, (a, b)| largest.max((a - b).abs()))
}

#[test]
fn four_thousand_steps_of_the_published_task() {
    for dynamics in ["pipelined", "original_2017"] {
        let difference = largest_difference(&[("network.dynamics", dynamics.into())], &Inputs::default());
        println!("{dynamics}: {difference:e}");
        assert!(difference < 1e-5, "{dynamics}: {difference:e}");
    }
}

#[test]
fn eight_thousand_steps_of_noise_from_files() {
    let mut stream = Stream::new(1, Purpose::InputSignals);
    let mut noise = |n: usize| (0..n * 2000).map(|_| stream.unit()).collect::<Vec<f64>>();
    let sequence = Sequence::from_channels(500, &noise(500), 3, &noise(3), 2000).unwrap();
    let inputs = Inputs { sequences: Some(Arc::new(vec![sequence])), ..Inputs::default() };
    let changes = [
        ("training.epochs", Value::Int(4)),
        ("signals.kind", "files".into()),
        ("signals.inputs", "in memory".into()),
        ("signals.targets", "in memory".into()),
    ];
    let difference = largest_difference(&changes, &inputs);
    println!("{difference:e}");
    assert!(difference < 1e-3, "{difference:e}");
}

#[test]
fn four_thousand_steps_of_everything_at_once() {
    let changes = [
        ("network.layers", Value::from(vec![300_i64, 100, 80, 3])),
        ("plasticity.hidden_rule", "burst_rate".into()),
        ("plasticity.weight_decay", 1e-4.into()),
        ("learning_rate.feedback", 1e-3.into()),
        ("evaluation.generation", true.into()),
    ];
    let difference = largest_difference(&changes, &Inputs::default());
    println!("{difference:e}");
    assert!(difference < 1e-3, "{difference:e}");
}

#[test]
#[ignore = "takes minutes; tests/soak/run runs it"]
fn means_over_thirty_two_seeds() {
    let means = |engine: &str| {
        let all = values(&[("training.epochs", Value::Int(30)), ("training.engine", engine.into())]);
        let config = RunConfig::from_values(&all).expect("a configuration");
        let inputs = Inputs::default();
        let mut sums = [0.0; 2];
        for seed in 1..=32 {
            let prepared = Prepared::new(&config, &inputs, seed, Isa::detect());
            let result = run(&config, &inputs, &prepared, seed, Isa::detect(), &mut Silent).expect("a run");
            for (sum, name) in sums.iter_mut().zip(["train_loss", "test_mae"]) {
                *sum += result.measure(name).expect("a measure") / 32.0;
            }
        }
        sums
    };
    let (fast, reference) = (means("fast"), means("reference"));
    println!("train_loss and test_mae: fast {fast:?}, reference {reference:?}");
    for (fast, reference) in fast.into_iter().zip(reference) {
        assert!((fast - reference).abs() < 1e-6, "{fast} and {reference}");
    }
}
