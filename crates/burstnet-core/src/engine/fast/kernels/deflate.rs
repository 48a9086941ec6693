//! Gram–Schmidt in f64, for the bases of the input.
//!
//! No operations are fused here. The additions and products and their order are the same at any width, so the compiler
//! may choose the registers.

use super::lanes::Lanes;

/// The number of sums that run side by side.
const SUMS: usize = 16;

/// The width of which vector lengths must be a multiple.
pub(in super::super) const WIDTH: usize = SUMS;

/// Removes the component along the unit vector `q` from `row`. Returns that component, and the remaining square of the
/// norm.
///
/// # Panics
/// If the length is not a multiple of [`WIDTH`].
#[inline(always)]
pub(super) fn body<L: Lanes>(_: L, q: &[f64], row: &mut [f64]) -> (f64, f64) {
    assert!(q.len() == row.len() && q.len().is_multiple_of(SUMS));
    let along = dot(q, row);
    let mut sums = [0.0; SUMS];
    for (row, q) in row.as_chunks_mut::<SUMS>().0.iter_mut().zip(q.as_chunks::<SUMS>().0) {
        for lane in 0..SUMS {
            row[lane] -= along * q[lane];
            sums[lane] += row[lane] * row[lane];
        }
    }
    (along, total(&sums))
}

#[inline(always)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; SUMS];
    for (a, b) in a.as_chunks::<SUMS>().0.iter().zip(b.as_chunks::<SUMS>().0) {
        for lane in 0..SUMS {
            sums[lane] += a[lane] * b[lane];
        }
    }
    total(&sums)
}

/// Returns the sum. Not inlined: its last additions, of two numbers each, would make the compiler take registers of two
/// for all that comes before.
#[inline(never)]
fn total(sums: &[f64; SUMS]) -> f64 {
    let mut four = [0.0; 4];
    for lane in 0..4 {
        four[lane] = (sums[lane] + sums[lane + 8]) + (sums[lane + 4] + sums[lane + 12]);
    }
    (four[0] + four[2]) + (four[1] + four[3])
}
