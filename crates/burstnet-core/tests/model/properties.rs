//! Properties that hold for every configuration.

use burstnet_core::config::{Configuration, Engine, RunConfig, Value};
use burstnet_core::inputs::Inputs;
use burstnet_core::run::RunResult;
use burstnet_core::weights::{Drawn, Weights};
use ndarray::Array2;
use proptest::prelude::*;

use crate::recorder::{Recorded, record, values};

/// A small network with moderate to large rates.
fn small(engine: &str, changes: &[(&str, Value)]) -> Configuration {
    let mut all = values(&[
        ("training.engine", engine.into()),
        ("network.layers", Value::from(vec![8_i64, 6, 5, 2])),
        ("signals.length", Value::Int(40)),
        ("training.epochs", Value::Int(2)),
        ("teaching.target_fraction", 0.3.into()),
        ("feedback.weight_range", 3.0.into()),
        ("evaluation.generation", true.into()),
    ]);
    for (key, value) in changes {
        all.set(key, value.clone());
    }
    all
}

fn runs(values: &Configuration, seed: u64) -> (RunConfig, RunResult, Vec<Recorded>) {
    let config = RunConfig::from_values(values).expect("a configuration");
    let (result, steps) = record(&config, &Inputs::default(), seed);
    (config, result, steps)
}

/// The initial weights in the precision of the engine.
fn initial(config: &RunConfig, seed: u64) -> Weights {
    let fast = config.training.engine == Engine::Fast;
    let single = |x: &f64| if fast { f64::from(*x as f32) } else { *x };
    let drawn = Weights::of(&Drawn { config, seed });
    let matrix = |w: &Array2<f64>| w.map(single);
    Weights::new(
        drawn.forward.iter().map(matrix).collect(),
        drawn.bias.iter().map(|b| b.map(single)).collect(),
        drawn.feedback.iter().map(matrix).collect(),
    )
}

const ENGINES: [&str; 2] = ["fast", "reference"];

fn engine() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&ENGINES[..])
}

fn dynamics() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![Value::from("pipelined"), Value::from("original_2017")])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rates_are_rates_and_absent_connections_stay_absent(
        engine in engine(),
        seed in 0..1_u64 << 50,
        dynamics in dynamics(),
        rates in (0.0..20.0_f64, 0.0..2.0_f64, 0.0..2.0_f64),
        decay in 0.0..0.1_f64,
        density in 0.0..1.0_f64,
    ) {
        let values = small(engine, &[
            ("network.dynamics", dynamics),
            ("learning_rate.hidden", rates.0.into()),
            ("learning_rate.output", rates.1.into()),
            ("learning_rate.feedback", rates.2.into()),
            ("plasticity.weight_decay", decay.into()),
            ("feedback.density", density.into()),
        ]);
        let (config, result, steps) = runs(&values, seed);
        for recorded in &steps {
            let step = &recorded.step;
            let all = [&step.event_rate, &step.burst_probability, &step.burst_rate].into_iter().flatten().flatten();
            prop_assert!(all.chain(&step.output).all(|rate| (0.0..=1.0).contains(rate)));
            if recorded.phase != burstnet_core::observer::Phase::Generation {
                let pairs = step.burst_rate.iter().flatten().zip(step.event_rate.iter().flatten());
                prop_assert!(pairs.into_iter().all(|(burst_rate, event_rate)| burst_rate <= event_rate));
            }
        }
        let initial = Weights::of(&Drawn { config: &config, seed });
        for (before, after) in initial.feedback.iter().zip(&result.weights().feedback) {
            for (before, after) in before.iter().zip(after) {
                prop_assert!(*before != 0.0 || *after == 0.0);
            }
        }
    }

    #[test]
    fn without_targets_nothing_is_learned(
        engine in engine(),
        seed in 0..1_u64 << 50,
        dynamics in dynamics(),
    ) {
        let values = small(engine, &[
            ("network.dynamics", dynamics),
            ("teaching.target_fraction", 0.0.into()),
            ("learning_rate.feedback", 0.5.into()),
            ("plasticity.weight_decay", 0.1.into()),
        ]);
        let (config, result, steps) = runs(&values, seed);
        let initial = initial(&config, seed);
        prop_assert!(steps.iter().all(|step| !step.taught));
        prop_assert_eq!(&result.weights().forward, &initial.forward);
        prop_assert_eq!(&result.weights().bias, &initial.bias);
        prop_assert_eq!(result.measure("train_loss"), None);
    }

    #[test]
    fn without_feedback_the_hidden_layers_stay_as_they_were(engine in engine(), seed in 0..1_u64 << 50) {
        let values = small(engine, &[("feedback.density", 0.0.into()), ("learning_rate.hidden", 5.0.into())]);
        let (config, result, _) = runs(&values, seed);
        let initial = initial(&config, seed);
        prop_assert_eq!(&result.weights().forward[..2], &initial.forward[..2]);
        prop_assert!(result.weights().forward[2] != initial.forward[2]);
    }

    #[test]
    fn a_larger_density_keeps_the_connections_of_a_smaller_one(
        seed in 0..1_u64 << 50,
        p in 0.0..=1.0_f64,
        q in 0.0..=1.0_f64,
    ) {
        let draw = |density: f64| {
            let values = small("fast", &[("feedback.density", density.into())]); // drawing knows no engine
            Weights::of(&Drawn { config: &RunConfig::from_values(&values).expect("a configuration"), seed })
        };
        let (sparse, dense) = (draw(p.min(q)), draw(p.max(q)));
        prop_assert_eq!(&sparse.forward, &dense.forward);
        for (sparse, dense) in sparse.feedback.iter().zip(&dense.feedback) {
            for (sparse, dense) in sparse.iter().zip(dense) {
                prop_assert!(*sparse == 0.0 || sparse == dense);
            }
        }
    }

    #[test]
    fn a_shorter_training_is_the_beginning_of_a_longer_one(
        engine in engine(),
        seed in 0..1_u64 << 50,
        dynamics in dynamics(),
        xor: bool,
    ) {
        let training = |epochs: i64| {
            let mut changes = vec![("network.dynamics", dynamics.clone()), ("training.epochs", Value::Int(epochs))];
            if xor {
                changes.push(("signals.kind", "xor_classes".into()));
                changes.push(("signals.classes", Value::Int(3)));
                changes.push(("signals.examples_per_class", Value::Int(2)));
            }
            let (_, result, steps) = runs(&small(engine, &changes), seed);
            let training = steps.into_iter().filter(|step| step.phase == burstnet_core::observer::Phase::Training);
            (result, training.map(|step| step.step.output).collect::<Vec<_>>())
        };
        let ((short, short_steps), (long, long_steps)) = (training(1), training(3));
        prop_assert_eq!(&short_steps[..], &long_steps[..short_steps.len()]);
        let last = short_steps.len() as u64;
        let beginning: Vec<_> = long.curves.into_iter().filter(|point| point.step < last).collect();
        prop_assert_eq!(short.curves, beginning);
    }
}

#[test]
fn a_larger_target_fraction_keeps_the_taught_steps_of_a_smaller_one() {
    let taught = |fraction: f64| {
        let (_, _, steps) = runs(&small("fast", &[("teaching.target_fraction", fraction.into())]), 3);
        steps.into_iter().map(|step| step.taught).collect::<Vec<_>>()
    };
    let (few, many) = (taught(0.1), taught(0.4));
    assert!(few.iter().zip(&many).all(|(few, many)| !few || *many));
    assert!(few.iter().filter(|taught| **taught).count() < many.iter().filter(|taught| **taught).count());
}

#[test]
fn what_explodes_ends_at_once_with_step_layer_and_quantity() {
    for engine in ENGINES {
        let (_, result, steps) = runs(&small(engine, &[("learning_rate.output", 1e12.into())]), 3);
        let divergence = result.divergence.expect("a divergence");
        assert_eq!(divergence.step, steps.len() as u64, "the step that diverged is not shown");
        assert_eq!(divergence.layer, 2);
        assert!(divergence.to_string().contains("layer 2, weight: beyond 1e6"), "{divergence}");
        assert!(result.measures.iter().all(|(_, value)| value.is_none()));
        let (_, whole, _) = runs(&small(engine, &[]), 3);
        let names = |result: &RunResult| result.measures.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&result), names(&whole));
    }
}
