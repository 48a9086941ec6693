//! The memory that a run of the fast engine takes from the heap. One test alone in its program, since the whole heap is watched.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use burstnet_core::config::{RunConfig, Value, keys};
use burstnet_core::engine::{Isa, Prepared};
use burstnet_core::inputs::Inputs;
use burstnet_core::observer::Silent;
use burstnet_core::run::run;

#[global_allocator]
static HEAP: dhat::Alloc = dhat::Alloc;

/// Blocks that a run of some epochs allocates, and the most bytes that it holds at once.
fn heap(layers: &[i64], kind: &str, epochs: i64) -> (u64, usize) {
    let mut values = keys::schema().defaults();
    values.set("network.layers", Value::from(layers.to_vec()));
    values.set("signals.kind", kind.into());
    values.set("signals.classes", Value::Int(2));
    values.set("signals.examples_per_class", Value::Int(2));
    values.set("training.epochs", Value::Int(epochs));
    let config = RunConfig::from_values(&values).expect("a configuration");
    let inputs = Inputs::default();
    let prepared = Prepared::new(&config, &inputs, 1, Isa::detect());
    let profiler = dhat::Profiler::builder().testing().build();
    run(&config, &inputs, &prepared, 1, Isa::detect(), &mut Silent).expect("a run");
    let stats = dhat::HeapStats::get();
    drop(profiler);
    (stats.total_blocks, stats.max_bytes)
}

#[test]
fn a_trial_holds_less_than_a_megabyte_and_allocates_nothing_as_it_goes() {
    let (_, bytes) = heap(&[500, 200, 3], "sinusoids", 3);
    assert!(bytes < 1_000_000, "{bytes} bytes at 500-200-3");
    for kind in ["sinusoids", "xor_classes"] {
        let (few, _) = heap(&[100, 40, 20, 3], kind, 2);
        let (many, _) = heap(&[100, 40, 20, 3], kind, 12);
        assert_eq!(few, many, "{kind}: blocks allocated in 2 epochs and in 12");
    }
}
