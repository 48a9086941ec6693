//! Products of few rows with many columns, summed across lanes: the output layer, and inner products.

use std::ops::Range;

use super::super::panel::Panel;
use super::super::vector::Vector;
use super::lanes::Lanes;

/// Computes out[j · n + k] = Σ over units of weights[unit, k] · right[unit, columns.start + j], for all n rows k of
/// `weights`: sixteen sums over every sixteenth unit, in order and fused, which are then added over the lanes by a
/// fixed tree.
///
/// # Panics
/// If the panels do not fit each other.
#[inline(always)]
pub(super) fn body<L: Lanes>(l: L, weights: &Panel, right: &Panel, columns: Range<usize>, out: &mut [f32]) {
    let n = weights.rows();
    assert!(weights.vectors() == right.vectors() && columns.end <= right.rows() && out.len() == columns.len() * n);
    let mut j = 0;
    while j < columns.len() {
        let left = columns.len() - j;
        let column = columns.start + j;
        let mut k = 0;
        while k < n {
            let out = &mut out[j * n + k..];
            let operands = Operands { weights, k, right, column };
            k += match (L::WIDE, left, n - k) {
                (true, 4.., 4..) => tile::<L, 4, 4>(l, operands, n, out),
                (true, 4.., 3) => tile::<L, 4, 3>(l, operands, n, out),
                (true, 4.., 2) => tile::<L, 4, 2>(l, operands, n, out),
                (true, 4.., _) => tile::<L, 4, 1>(l, operands, n, out),
                (true, _, 4..) => tile::<L, 1, 4>(l, operands, n, out),
                (true, _, 3) => tile::<L, 1, 3>(l, operands, n, out),
                (false, 2.., 3..) => tile::<L, 2, 3>(l, operands, n, out),
                (false, 2.., _) => tile::<L, 2, 1>(l, operands, n, out),
                (false, _, 3..) => tile::<L, 1, 3>(l, operands, n, out),
                _ => tile::<L, 1, 1>(l, operands, n, out),
            };
        }
        j += match (L::WIDE, left) {
            (true, 4..) => 4,
            (false, 2..) => 2,
            _ => 1,
        };
    }
}

#[derive(Clone, Copy)]
struct Operands<'a> {
    weights: &'a Panel,
    k: usize,
    right: &'a Panel,
    column: usize,
}

/// Computes `J` columns and `K` rows of weights. Returns the number of these rows.
#[inline(always)]
fn tile<L: Lanes, const J: usize, const K: usize>(
    l: L,
    operands: Operands<'_>,
    stride: usize,
    out: &mut [f32],
) -> usize {
    let Operands { weights, k, right, column } = operands;
    let mut sums = [[l.splat(0.0); K]; J];
    let units = weights.data().chunks_exact(stride).zip(right.data().chunks_exact(right.rows()));
    for (rows, columns) in units {
        let (rows, columns): (&[Vector], &[Vector]) = (&rows[k..k + K], &columns[column..column + J]);
        for j in 0..J {
            let x = l.load(&columns[j]);
            for k in 0..K {
                sums[j][k] = l.fma(l.load(&rows[k]), x, sums[j][k]);
            }
        }
    }
    for j in 0..J {
        for (k, sum) in l.sums(sums[j]).into_iter().enumerate() {
            out[j * stride + k] = sum;
        }
    }
    K
}
