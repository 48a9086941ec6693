//! The inner loops of the fast engine, with each set of instructions, at the sizes of 500–200–3.

#![allow(missing_docs, reason = "a program")]

use burstnet_core::engine::fast::kernels::Measured;
use burstnet_core::engine::{ISA_NAMES, Isa};
use divan::Bencher;

fn main() {
    divan::main();
}

fn measure(bencher: Bencher<'_, '_>, name: &str, kernel: impl Fn(Isa) -> Measured) {
    // A processor that lacks the instructions has nothing to measure.
    if let Ok(isa) = Isa::named(name) {
        let mut kernel = kernel(isa);
        bencher.bench_local(|| kernel.run());
    }
}

#[divan::bench(args = ISA_NAMES)]
fn product_into_the_basis_of_a_block(bencher: Bencher<'_, '_>, isa: &str) {
    measure(bencher, isa, |isa| Measured::product(isa, 200, 47, 9));
}

#[divan::bench(args = ISA_NAMES)]
fn product_of_20_steps_in_a_basis(bencher: Bencher<'_, '_>, isa: &str) {
    measure(bencher, isa, |isa| Measured::product(isa, 200, 9, 20));
}

#[divan::bench(args = ISA_NAMES)]
fn product_of_64_steps_without_a_basis(bencher: Bencher<'_, '_>, isa: &str) {
    measure(bencher, isa, |isa| Measured::product(isa, 200, 500, 64));
}

#[divan::bench(args = ISA_NAMES)]
fn rates_of_20_steps(bencher: Bencher<'_, '_>, isa: &str) {
    measure(bencher, isa, |isa| Measured::rates(isa, 200, 20));
}

#[divan::bench(args = ISA_NAMES)]
fn output_of_20_steps(bencher: Bencher<'_, '_>, isa: &str) {
    measure(bencher, isa, |isa| Measured::output(isa, 200, 3, 20));
}

#[divan::bench(args = ISA_NAMES)]
fn bursts_of_2_steps(bencher: Bencher<'_, '_>, isa: &str) {
    measure(bencher, isa, |isa| Measured::bursts(isa, 200, 3, 2));
}

#[divan::bench(args = ISA_NAMES)]
fn update_of_a_hidden_layer_by_200_units(bencher: Bencher<'_, '_>, isa: &str) {
    measure(bencher, isa, |isa| Measured::outer(isa, 200, 200));
}

#[divan::bench(args = ISA_NAMES)]
fn hundred_updates_of_64_steps(bencher: Bencher<'_, '_>, isa: &str) {
    measure(bencher, isa, |isa| Measured::updates(isa, 200, 100));
}

#[divan::bench(args = ISA_NAMES)]
fn gram_schmidt_of_one_vector(bencher: Bencher<'_, '_>, isa: &str) {
    measure(bencher, isa, |isa| Measured::deflate(isa, 512));
}
