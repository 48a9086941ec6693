//! Set-up, forward steps, training steps and whole trials; the time of an epoch of 2000 steps unless it says otherwise.

#![allow(missing_docs, clippy::expect_used, reason = "a program, whose configurations are its own")]

use burstnet_core::config::{RunConfig, Value, keys};
use burstnet_core::engine::{ISA_NAMES, Isa, Prepared};
use burstnet_core::inputs::{Inputs, OpenedFiles};
use burstnet_core::observer::Silent;
use burstnet_core::run::{Stretch, run, run_on};
use divan::Bencher;
use divan::counter::ItemsCount;

fn main() {
    divan::main();
}

/// The defaults with some keys changed.
fn config(changes: &[(&str, Value)]) -> RunConfig {
    let mut values = keys::schema().defaults();
    values.set("evaluation.curve_window", "none".into());
    values.set("training.epochs", Value::Int(10));
    changes.iter().for_each(|(key, value)| values.set(key, value.clone()));
    RunConfig::from_values(&values).expect("a configuration")
}

fn layers(sizes: &[i64]) -> (&'static str, Value) {
    ("network.layers", Value::from(sizes.to_vec()))
}

/// Trains from signals that are prepared already.
fn training(bencher: Bencher<'_, '_>, isa: Isa, changes: &[(&str, Value)]) {
    let config = config(changes);
    let inputs = Inputs::default();
    let prepared = Prepared::new(&config, &inputs, 1, isa);
    let steps = OpenedFiles::new(&config).expect("no files").total_steps();
    bencher
        .counter(ItemsCount::new(steps))
        .bench_local(|| run(&config, &inputs, &prepared, 1, isa, &mut Silent).expect("a run").digest);
}

#[divan::bench(args = ["sinusoids", "xor_classes"], sample_count = 10)]
fn set_up(bencher: Bencher<'_, '_>, kind: &str) {
    let config = config(&[("signals.kind", kind.into()), ("signals.classes", Value::Int(2))]);
    bencher.bench_local(|| Prepared::new(&config, &Inputs::default(), 1, Isa::detect()).bytes());
}

#[divan::bench(args = ISA_NAMES, sample_count = 10)]
fn ten_epochs_forward(bencher: Bencher<'_, '_>, isa: &str) {
    if let Ok(isa) = Isa::named(isa) {
        training(bencher, isa, &[("teaching.target_fraction", 0.0.into())]);
    }
}

#[divan::bench(args = ISA_NAMES, sample_count = 10)]
fn ten_epochs_of_training(bencher: Bencher<'_, '_>, isa: &str) {
    if let Ok(isa) = Isa::named(isa) {
        training(bencher, isa, &[]);
    }
}

#[divan::bench(sample_count = 3)]
fn ten_epochs_of_training_by_the_reference_engine(bencher: Bencher<'_, '_>) {
    training(bencher, Isa::detect(), &[("training.engine", "reference".into())]);
}

#[divan::bench(args = [10, 100], sample_count = 10)]
fn whole_trial_with_set_up(bencher: Bencher<'_, '_>, epochs: i64) {
    let config = config(&[("training.epochs", Value::Int(epochs))]);
    let (inputs, isa) = (Inputs::default(), Isa::detect());
    bencher.bench_local(|| {
        let prepared = Prepared::new(&config, &inputs, 1, isa);
        run(&config, &inputs, &prepared, 1, isa, &mut Silent).expect("a run").digest
    });
}

/// As the training of ten epochs, by a run of five and one that goes on.
#[divan::bench(sample_count = 10)]
fn ten_epochs_of_training_in_two_runs(bencher: Bencher<'_, '_>) {
    let [half, whole] = [5, 10].map(|epochs| config(&[("training.epochs", Value::Int(epochs))]));
    let (inputs, isa) = (Inputs::default(), Isa::detect());
    let prepared = Prepared::new(&whole, &inputs, 1, isa);
    let on = |config, stretch| run_on(config, &inputs, &prepared, 1, isa, &mut Silent, stretch).expect("a run");
    bencher.bench_local(|| {
        let (_, from) = on(&half, Stretch { from: None, keep: true });
        on(&whole, Stretch { from, keep: false }).0.digest
    });
}

/// The further work of a run that keeps a checkpoint.
#[divan::bench(args = ["fast", "reference"])]
fn copy_of_a_checkpoint(bencher: Bencher<'_, '_>, engine: &str) {
    let config = config(&[("training.engine", engine.into()), ("training.epochs", Value::Int(1))]);
    let (inputs, isa) = (Inputs::default(), Isa::detect());
    let prepared = Prepared::new(&config, &inputs, 1, isa);
    let stretch = Stretch { from: None, keep: true };
    let (_, kept) = run_on(&config, &inputs, &prepared, 1, isa, &mut Silent, stretch).expect("a run");
    bencher.bench_local(|| kept.clone());
}

#[divan::bench(args = [50, 200, 1000], sample_count = 10)]
fn hidden_units(bencher: Bencher<'_, '_>, units: i64) {
    training(bencher, Isa::detect(), &[layers(&[500, units, 3])]);
}

#[divan::bench(args = [100, 500, 2000], sample_count = 10)]
fn inputs(bencher: Bencher<'_, '_>, inputs: i64) {
    training(bencher, Isa::detect(), &[layers(&[inputs, 200, 3])]);
}

#[divan::bench(args = [0.01, 0.05, 0.2, 1.0], sample_count = 10)]
fn target_fraction(bencher: Bencher<'_, '_>, fraction: f64) {
    training(bencher, Isa::detect(), &[("teaching.target_fraction", fraction.into())]);
}

#[divan::bench(args = [0, 1, 2, 3], sample_count = 10)]
fn hidden_layers(bencher: Bencher<'_, '_>, depth: usize) {
    let sizes: Vec<i64> = [500].into_iter().chain(std::iter::repeat_n(200, depth)).chain([3]).collect();
    training(bencher, Isa::detect(), &[layers(&sizes)]);
}
