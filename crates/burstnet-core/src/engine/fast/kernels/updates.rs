//! Updates of products in the space of the steps.

use std::ops::Range;

use super::super::panel::Panel;
use super::super::vector::LANES;
use super::lanes::Lanes;

/// Computes out[:, t] += Σ over `which` updates u, in order and fused, of factors[:, u] · gram[t, steps[u]], for all t
/// in `columns`, which start at a multiple of [`LANES`]. `out` has room for columns up to the next multiple of that.
///
/// # Panics
/// If the panels do not fit each other.
#[inline(always)]
pub(super) fn body<L: Lanes>(
    l: L,
    factors: &Panel,
    which: Range<usize>,
    steps: &[usize],
    gram: &Panel,
    columns: Range<usize>,
    out: &mut Panel,
) {
    assert!(columns.start.is_multiple_of(LANES) && columns.end.next_multiple_of(LANES) <= out.rows());
    assert!(which.end <= factors.rows() && factors.vectors() == out.vectors());
    assert!(columns.end <= gram.vectors() * LANES && steps[which.clone()].iter().all(|step| *step < gram.rows()));
    let operands = Operands { factors, which, steps, gram };
    for column in columns.step_by(8) {
        if L::WIDE {
            sweep::<L, 3, 8>(l, &operands, column, out);
        } else {
            sweep::<L, 1, 4>(l, &operands, column, out);
            sweep::<L, 1, 4>(l, &operands, column + 4, out);
        }
    }
}

struct Operands<'a> {
    factors: &'a Panel,
    which: Range<usize>,
    steps: &'a [usize],
    gram: &'a Panel,
}

#[inline(always)]
fn sweep<L: Lanes, const M: usize, const N: usize>(l: L, operands: &Operands<'_>, column: usize, out: &mut Panel) {
    let whole = out.vectors() / M * M;
    for v in (0..whole).step_by(M) {
        tile::<L, M, N>(l, operands, column, out, v);
    }
    for v in whole..out.vectors() {
        tile::<L, 1, N>(l, operands, column, out, v);
    }
}

#[inline(always)]
fn tile<L: Lanes, const M: usize, const N: usize>(
    l: L,
    operands: &Operands<'_>,
    column: usize,
    out: &mut Panel,
    v: usize,
) {
    let Operands { factors, which, steps, gram } = operands;
    let mut sums = [[l.splat(0.0); N]; M];
    for m in 0..M {
        let out = out.span(v + m, column..column + N);
        for j in 0..N {
            sums[m][j] = l.load(&out[j]);
        }
    }
    let factors: [_; M] = std::array::from_fn(|m| factors.span(v + m, which.clone()));
    let gram = gram.span(column / LANES, 0..gram.rows());
    let lane = column % LANES;
    for (u, step) in steps[which.clone()].iter().enumerate() {
        // SAFETY: the caller has checked that all steps are rows of `gram`; lane + N is at most LANES, since N divides
        // `column` and LANES.
        let x = unsafe { gram.get_unchecked(*step).0.get_unchecked(lane..lane + N) };
        for m in 0..M {
            // SAFETY: u is below the length of `which`, which is that of the slice.
            let f = l.load(unsafe { factors[m].get_unchecked(u) });
            for j in 0..N {
                sums[m][j] = l.fma(f, l.splat(x[j]), sums[m][j]);
            }
        }
    }
    for m in 0..M {
        let out = out.span_mut(v + m, column..column + N);
        for j in 0..N {
            l.store(sums[m][j], &mut out[j]);
        }
    }
}
