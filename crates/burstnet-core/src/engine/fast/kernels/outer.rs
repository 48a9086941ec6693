//! Learning: outer products, added to weights or to values computed from them.

use super::super::panel::Panel;
use super::lanes::Lanes;

/// Computes out[:, to + j] = keep · (out[:, to + j] + factor[:, at] · coefficients[j]).
///
/// # Panics
/// If the panels do not fit each other.
#[inline(always)]
pub(super) fn body<L: Lanes>(
    l: L,
    factor: &Panel,
    at: usize,
    coefficients: &[f32],
    keep: f32,
    out: &mut Panel,
    to: usize,
) {
    let rows = out.rows();
    assert!(factor.vectors() == out.vectors() && to + coefficients.len() <= rows);
    for v in 0..factor.vectors() {
        let f = l.load(&factor.data()[v * factor.rows() + at]);
        let out = &mut out.data_mut()[v * rows + to..][..coefficients.len()];
        if keep == 1.0 {
            for (out, c) in out.iter_mut().zip(coefficients) {
                let sum = l.fma(f, l.splat(*c), l.load(out));
                l.store(sum, out);
            }
        } else {
            for (out, c) in out.iter_mut().zip(coefficients) {
                let sum = l.fma(f, l.splat(*c), l.load(out));
                l.store(l.mul(l.splat(keep), sum), out);
            }
        }
    }
}
