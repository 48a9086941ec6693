//! The fast engine has the same bits with every set of instructions, watched or not.

use std::sync::Arc;

use burstnet_core::config::{RunConfig, Value};
use burstnet_core::engine::{ISA_NAMES, Isa, Prepared};
use burstnet_core::inputs::Inputs;
use burstnet_core::observer::Silent;
use burstnet_core::run::{RunResult, run};
use burstnet_core::signals::Sequence;
use burstnet_core::streams::{Purpose, Stream};

use crate::recorder::{record_with, values};

/// Configuration number `n`: every dynamics with every rule, and everything else drawn.
fn varied(n: u64) -> RunConfig {
    let mut stream = Stream::part(1, 33_u32, n);
    let mut one_of = |words: &[&str]| -> Value { words[stream.below(words.len() as u64) as usize].into() };
    let dynamics = if n.is_multiple_of(2) { "pipelined" } else { "original_2017" };
    let hidden_rule = ["burst_probability", "burst_rate", "gated_burst_rate"][n as usize / 2 % 3];
    let feedback_rule = one_of(&["gradient", "ungated", "gated_previous"]);
    let kind = one_of(&["sinusoids", "xor_classes"]);
    let mut among = |numbers: &[f64]| -> Value { numbers[stream.below(numbers.len() as u64) as usize].into() };
    let (target_fraction, density) = (among(&[0.01, 0.05, 0.3, 0.95]), among(&[0.2, 1.0]));
    let (hidden, output) = (among(&[0.0, 1.0, 10.0]), among(&[0.01, 0.5]));
    let (feedback, decay) = (among(&[0.0, 0.0, 0.01, 1.0]), among(&[0.0, 0.0, 0.001]));
    let depth = n % 4;
    let mut size = |below: u64| Value::Int(1 + stream.below(below) as i64);
    let mut layers = vec![size(120)];
    layers.extend((0..depth).map(|_| size(70)));
    layers.push(size(20));
    let length = size(300);
    RunConfig::from_values(&values(&[
        ("network.layers", Value::List(layers)),
        ("network.dynamics", dynamics.into()),
        ("plasticity.hidden_rule", hidden_rule.into()),
        ("plasticity.feedback_rule", feedback_rule),
        ("plasticity.weight_decay", decay),
        ("teaching.target_fraction", target_fraction),
        ("feedback.density", density),
        ("learning_rate.hidden", hidden),
        ("learning_rate.output", output),
        ("learning_rate.feedback", feedback),
        ("signals.kind", kind),
        ("signals.length", length),
        ("signals.classes", Value::Int(2)),
        ("signals.examples_per_class", Value::Int(2)),
        ("training.epochs", Value::Int(3)),
        ("evaluation.generation", (depth > 0).into()),
    ]))
    .unwrap_or_else(|error| panic!("configuration {n}: {error}"))
}

fn available() -> Vec<Isa> {
    ISA_NAMES.into_iter().filter_map(|name| Isa::named(name).ok()).collect()
}

fn bits(result: &RunResult) -> ([u8; 32], Option<String>) {
    (result.digest, result.divergence.map(|divergence| divergence.to_string()))
}

#[test]
fn varied_configurations_have_the_same_bits_with_all_instructions() {
    assert!(available().len() > 1, "this processor has nothing but the portable instructions: nothing is compared");
    for n in 0..60 {
        let config = varied(n);
        let inputs = Inputs::default();
        let plain = |isa| {
            let prepared = Prepared::new(&config, &inputs, n, isa);
            bits(&run(&config, &inputs, &prepared, n, isa, &mut Silent).expect("a run"))
        };
        let expected = plain(Isa::named("portable").expect("everywhere"));
        for isa in available() {
            assert_eq!(plain(isa), expected, "configuration {n}, {isa}: {config:?}");
            let (watched, _) = record_with(&config, &inputs, n, isa);
            assert_eq!(bits(&watched), expected, "configuration {n}, {isa}, watched: {config:?}");
        }
    }
}

#[test]
fn noise_shown_again_and_again_has_the_same_bits_with_all_instructions() {
    let mut stream = Stream::new(1, Purpose::InputSignals);
    let mut noise = |n: usize| (0..n * 300).map(|_| stream.unit()).collect::<Vec<f64>>();
    let sequence = Sequence::from_channels(100, &noise(100), 3, &noise(3), 300).unwrap();
    let inputs = Inputs { sequences: Some(Arc::new(vec![sequence])), ..Inputs::default() };
    // As many steps taught as make the engine keep all inner products, and so many that it does not.
    for (target_fraction, epochs) in [(0.05, 7), (0.1, 8), (0.5, 3)] {
        let config = RunConfig::from_values(&values(&[
            ("network.layers", Value::from(vec![100_i64, 33, 3])),
            ("signals.kind", "files".into()),
            ("signals.inputs", "in memory".into()),
            ("signals.targets", "in memory".into()),
            ("training.epochs", Value::Int(epochs)),
            ("teaching.target_fraction", target_fraction.into()),
        ]))
        .expect("a configuration");
        let all: Vec<_> = available().into_iter().map(|isa| bits(&record_with(&config, &inputs, 3, isa).0)).collect();
        assert!(all.iter().all(|one| *one == all[0]), "{all:?}");
    }
}

#[test]
fn rates_without_measure_diverge_at_the_same_step() {
    for (hidden, output, feedback) in [(1e30, 0.05, 0.0), (1.0, 1e30, 0.0), (1.0, 0.05, 1e30), (f64::MAX, 1.0, 1.0)] {
        for dynamics in ["pipelined", "original_2017"] {
            let config = RunConfig::from_values(&values(&[
                ("network.layers", Value::from(vec![30_i64, 20, 3])),
                ("network.dynamics", dynamics.into()),
                ("signals.length", Value::Int(150)),
                ("training.epochs", Value::Int(2)),
                ("teaching.target_fraction", 0.2.into()),
                ("learning_rate.hidden", hidden.into()),
                ("learning_rate.output", output.into()),
                ("learning_rate.feedback", feedback.into()),
            ]))
            .expect("a configuration");
            let all: Vec<_> = (available().into_iter())
                .map(|isa| bits(&record_with(&config, &Inputs::default(), 3, isa).0))
                .collect();
            assert!(all[0].1.is_some(), "{dynamics} {hidden} {output} {feedback}: no divergence");
            assert!(all.iter().all(|one| *one == all[0]), "{all:?}");
        }
    }
}
