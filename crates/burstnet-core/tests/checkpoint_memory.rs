//! The memory that a checkpoint takes from the heap. One test alone in its program, since the whole heap is watched.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use burstnet_core::checkpoint::Checkpoint;
use burstnet_core::config::{RunConfig, Value, keys};
use burstnet_core::engine::{Isa, Prepared};
use burstnet_core::inputs::Inputs;
use burstnet_core::observer::Silent;
use burstnet_core::run::{Stretch, run_on};

#[global_allocator]
static HEAP: dhat::Alloc = dhat::Alloc;

/// A checkpoint, and the bytes that a run which left nothing else took from the heap for it.
fn kept(changes: &[(&str, Value)]) -> (Checkpoint, usize) {
    let mut values = keys::schema().defaults();
    values.set("training.epochs", Value::Int(3));
    changes.iter().for_each(|(key, value)| values.set(key, value.clone()));
    let config = RunConfig::from_values(&values).expect("a configuration");
    let (inputs, isa) = (Inputs::default(), Isa::detect());
    let prepared = Prepared::new(&config, &inputs, 1, isa);
    let on = |stretch| run_on(&config, &inputs, &prepared, 1, isa, &mut Silent, stretch).expect("a run").1;
    on(Stretch::default()); // makes what is shared
    let profiler = dhat::Profiler::builder().testing().build();
    let kept = on(Stretch { from: None, keep: true }).expect("a checkpoint");
    let bytes = dhat::HeapStats::get().curr_bytes;
    drop(profiler);
    (kept, bytes)
}

#[test]
fn a_checkpoint_knows_what_it_takes_and_holds_less_than_a_megabyte() {
    let layers = |sizes: &[i64]| ("network.layers", Value::from(sizes.to_vec()));
    let cases = [
        vec![layers(&[500, 200, 3])],
        vec![layers(&[60, 20, 10, 3]), ("signals.kind", "xor_classes".into())],
        vec![layers(&[400, 20, 3]), ("signals.length", Value::Int(150)), ("evaluation.curve_window", Value::Int(10))],
        vec![layers(&[9, 2])],
    ];
    for engine in ["fast", "reference"] {
        for own in &cases {
            let engine_key = ("training.engine", Value::from(engine));
            let (checkpoint, taken) = kept(&[&own[..], &[engine_key]].concat());
            let told = checkpoint.bytes() - size_of::<Checkpoint>();
            assert_eq!(told, taken, "{engine}, {own:?}");
            assert!(told < 1_000_000 || engine == "reference", "{told} bytes, {own:?}");
        }
    }
}
