//! The inner loops of the fast engine, each written once and compiled for every set of instructions.
//!
//! All arithmetic of a kernel is correctly rounded and in a fixed order, so every set gives the same bits. This folder
//! holds all unsafe code of the crate.

#![allow(unsafe_code)]
#![allow(clippy::too_many_arguments)] // a kernel takes its operands one by one

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod bursts;
mod deflate;
mod exact_fma;
mod isa;
mod lane_sums;
mod lanes;
mod measured;
mod nodes;
mod outer;
mod portable;
mod product;
mod rates;
mod sigmoid;
mod updates;

use std::ops::Range;

pub(super) use bursts::{Bursts, FeedbackLearning};
pub(super) use deflate::WIDTH;
pub use isa::{Isa, IsaError, NAMES as ISA_NAMES};
#[doc(hidden)]
pub use measured::Measured;
pub(super) use rates::Above;

use super::nodes::Rule;
use super::panel::Panel;
use super::vector::Vector;
use crate::config::HiddenRule;
use isa::Level;
use portable::Portable;

/// A function that runs a generic body with the instructions of an [`Isa`].
macro_rules! kernel {
    ($(#[$doc:meta])* fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? = $body:path) => {
        $(#[$doc])*
        pub(super) fn $name(isa: Isa, $($argument: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            fn avx2($($argument: $type),*) $(-> $result)? {
                // SAFETY: this function is called only where the processor has the instructions.
                $body(unsafe { avx2::Avx2::assume() }, $($argument),*)
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx2,fma")]
            fn avx512($($argument: $type),*) $(-> $result)? {
                // SAFETY: this function is called only where the processor has the instructions.
                $body(unsafe { avx512::Avx512::assume() }, $($argument),*)
            }
            match isa.level() {
                Level::Portable => $body(Portable, $($argument),*),
                // SAFETY: an `Isa` exists only where the processor has its instructions.
                #[cfg(target_arch = "x86_64")]
                Level::Avx2 => unsafe { avx2($($argument),*) },
                // SAFETY: an `Isa` exists only where the processor has its instructions.
                #[cfg(target_arch = "x86_64")]
                Level::Avx512 => unsafe { avx512($($argument),*) },
            }
        }
    };
}

kernel! {
    fn product(
        left: &Panel,
        inner: usize,
        right: &Panel,
        columns: Range<usize>,
        out: &mut Panel,
        to: usize,
        accumulate: bool,
    ) = product::body
}
kernel! {
    fn lane_sums(weights: &Panel, right: &Panel, columns: Range<usize>, out: &mut [f32]) = lane_sums::body
}
kernel! {
    fn updates(
        factors: &Panel,
        which: Range<usize>,
        steps: &[usize],
        gram: &Panel,
        columns: Range<usize>,
        out: &mut Panel,
    ) = updates::body
}
kernel! {
    fn outer(factor: &Panel, at: usize, coefficients: &[f32], keep: f32, out: &mut Panel, to: usize) = outer::body
}
kernel! {
    fn rates(
        rates: &mut Panel,
        rows: Range<usize>,
        bias: &Panel,
        above: Option<Above<'_>>,
        voltage: Option<&mut Panel>,
    ) = rates::body
}
kernel! {
    fn bursts(
        weights: &Panel,
        averages: &[f32],
        rates: &Panel,
        rows: Range<usize>,
        bursts: &mut Bursts,
        voltage: Option<&mut Panel>,
    ) = bursts::compute
}
kernel! {
    fn hidden_factor(
        rule: HiddenRule,
        learning_rate: f32,
        rates: &Panel,
        bursts: &Bursts,
        row: usize,
        units: &Panel,
        factor: &mut Panel,
        to: usize,
    ) -> f32 = bursts::hidden_factor
}
kernel! {
    fn learn_feedback(
        learning: FeedbackLearning<'_>,
        rates: &Panel,
        rows: Range<usize>,
        bursts: &mut Bursts,
        voltage: Option<&mut Panel>,
    ) = bursts::learn_feedback
}
kernel! {
    fn start_nodes(average: &Panel, rates: &Panel, row: usize, nodes: &mut Panel) = nodes::start
}
kernel! {
    fn roughness(nodes: &Panel, doubt: &[f32]) -> f32 = nodes::roughness
}
kernel! {
    fn finish_nodes(
        nodes: &Panel,
        weights: &[f32],
        row: usize,
        rates: &mut Panel,
        average: &mut Panel,
    ) = nodes::finish
}
kernel! {
    fn outputs_by_nodes(
        rule: &Rule,
        delayed: bool,
        sums: &[f32],
        bias: &[f32],
        rates: &mut [Vector],
        averages: &mut [f32],
    ) = nodes::outputs
}
kernel! {
    /// Applies σ to sixteen numbers at a time, in place.
    fn sigmoids(values: &mut [Vector]) = sigmoid::body
}
#[cfg(test)]
kernel! {
    /// Computes e to the power of minus each number, sixteen at a time, in place.
    fn exps_of_minus(values: &mut [Vector]) = sigmoid::exps_body
}
kernel! {
    fn deflate(q: &[f64], row: &mut [f64]) -> (f64, f64) = deflate::body
}
