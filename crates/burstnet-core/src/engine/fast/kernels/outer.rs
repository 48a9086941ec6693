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
    assert!(factor.vectors() == out.vectors() && to + coefficients.len() <= rows && at < factor.rows());
    let (fours, rest) = coefficients.as_chunks::<4>();
    let factors = factor.data().chunks_exact(factor.rows());
    for (factors, out) in factors.zip(out.data_mut().chunks_exact_mut(rows)) {
        let f = l.load(&factors[at]);
        let out = &mut out[to..to + coefficients.len()];
        let (out_fours, out_rest) = out.as_chunks_mut::<4>();
        if keep == 1.0 {
            for (out, c) in out_fours.iter_mut().zip(fours) {
                for i in 0..4 {
                    l.store(l.fma(f, l.splat(c[i]), l.load(&out[i])), &mut out[i]);
                }
            }
            for (out, c) in out_rest.iter_mut().zip(rest) {
                l.store(l.fma(f, l.splat(*c), l.load(out)), out);
            }
        } else {
            for (out, c) in out.iter_mut().zip(coefficients) {
                l.store(l.mul(l.splat(keep), l.fma(f, l.splat(*c), l.load(out))), out);
            }
        }
    }
}
