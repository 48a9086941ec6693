//! Gram–Schmidt in f64, for the bases of the input.
//!
//! Nothing is fused here: the same additions and products in the same order at any width, so that the compiler may
//! choose the registers.

use super::lanes::Lanes;

/// Sums that run side by side.
const SUMS: usize = 16;

/// Takes the component along the unit vector `q` out of `row`; that component, and what is left of the square of the
/// norm.
#[inline(always)]
pub(super) fn body<L: Lanes>(_: L, q: &[f64], row: &mut [f64]) -> (f64, f64) {
    let along = dot(q, row);
    for (x, q) in row.iter_mut().zip(q) {
        *x -= along * q;
    }
    (along, dot(row, row))
}

#[inline(always)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; SUMS];
    let (a, a_rest) = a.as_chunks::<SUMS>();
    let (b, b_rest) = b.as_chunks::<SUMS>();
    for (a, b) in a.iter().zip(b) {
        for lane in 0..SUMS {
            sums[lane] += a[lane] * b[lane];
        }
    }
    for (sum, (a, b)) in sums.iter_mut().zip(a_rest.iter().zip(b_rest)) {
        *sum += a * b;
    }
    let mut width = SUMS;
    while width > 1 {
        width /= 2;
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
    }
    sums[0]
}
