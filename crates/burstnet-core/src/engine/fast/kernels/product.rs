//! The matrix product, which takes most of the time.

use std::ops::Range;

use super::super::panel::Panel;
use super::super::vector::{LANES, Vector};
use super::lanes::Lanes;

/// Computes out[:, to + j] = left · right[:, columns.start + j], each sum in the order of the inner index, fused. The
/// result is added to the content of `out` if `accumulate`.
///
/// `left` is units × inner. `right` is inner × columns; its inner index lies along the lanes.
///
/// # Panics
/// If the panels do not fit each other.
#[inline(always)]
pub(super) fn body<L: Lanes>(
    l: L,
    left: &Panel,
    inner: usize,
    right: &Panel,
    columns: Range<usize>,
    out: &mut Panel,
    to: usize,
    accumulate: bool,
) {
    let n = columns.len();
    assert!(inner <= left.rows() && inner <= right.vectors() * LANES && columns.end <= right.rows());
    assert!(left.vectors() == out.vectors() && to + n <= out.rows());
    // As few tiles as the registers allow, equally wide.
    let widest = if L::WIDE { 12 } else { 6 };
    let mut column = 0;
    while column < n {
        let place = Place { inner, from: columns.start + column, to: to + column, accumulate };
        let width = (n - column).div_ceil((n - column).div_ceil(widest));
        column += width;
        match (L::WIDE, width) {
            (true, 12) => sweep::<L, 2, 12>(l, left, right, out, place),
            (true, 11) => sweep::<L, 2, 11>(l, left, right, out, place),
            (true, 10) => sweep::<L, 2, 10>(l, left, right, out, place),
            (true, 9) => sweep::<L, 2, 9>(l, left, right, out, place),
            (true, 8) => sweep::<L, 3, 8>(l, left, right, out, place),
            (true, 7) => sweep::<L, 3, 7>(l, left, right, out, place),
            (true, 6) => sweep::<L, 4, 6>(l, left, right, out, place),
            (true, 5) => sweep::<L, 4, 5>(l, left, right, out, place),
            (true, 4) => sweep::<L, 4, 4>(l, left, right, out, place),
            (true, 3) => sweep::<L, 4, 3>(l, left, right, out, place),
            (true, 2) => sweep::<L, 4, 2>(l, left, right, out, place),
            (true, _) => sweep::<L, 6, 1>(l, left, right, out, place),
            (false, 6) => sweep::<L, 1, 6>(l, left, right, out, place),
            (false, 5) => sweep::<L, 1, 5>(l, left, right, out, place),
            (false, 4) => sweep::<L, 1, 4>(l, left, right, out, place),
            (false, 3) => sweep::<L, 2, 3>(l, left, right, out, place),
            (false, 2) => sweep::<L, 2, 2>(l, left, right, out, place),
            (false, _) => sweep::<L, 4, 1>(l, left, right, out, place),
        }
    }
}

#[derive(Clone, Copy)]
struct Place {
    inner: usize,
    from: usize,
    to: usize,
    accumulate: bool,
}

/// Computes `N` columns for all units, `M` vectors of units at a time.
#[inline(always)]
fn sweep<L: Lanes, const M: usize, const N: usize>(l: L, left: &Panel, right: &Panel, out: &mut Panel, place: Place) {
    let whole = left.vectors() / M * M;
    for v in (0..whole).step_by(M) {
        tile::<L, M, N>(l, left, right, out, place, v);
    }
    for v in whole..left.vectors() {
        tile::<L, 1, N>(l, left, right, out, place, v);
    }
}

#[inline(always)]
fn tile<L: Lanes, const M: usize, const N: usize>(
    l: L,
    left: &Panel,
    right: &Panel,
    out: &mut Panel,
    place: Place,
    v: usize,
) {
    let Place { inner, from, to, accumulate } = place;
    let mut sums = [[l.splat(0.0); N]; M];
    if accumulate {
        for m in 0..M {
            let out = columns::<N>(out.span(v + m, to..to + N));
            for j in 0..N {
                sums[m][j] = l.load(&out[j]);
            }
        }
    }
    let left_rows: [_; M] = std::array::from_fn(|m| left.span(v + m, 0..inner));
    for chunk in 0..inner.div_ceil(LANES) {
        let rights = columns::<N>(right.span(chunk, from..from + N));
        let start = chunk * LANES;
        let count = LANES.min(inner - start);
        let mut lane = 0;
        // Two at a time, for fewer branches.
        while lane + 1 < count {
            // SAFETY: start + lane + 1 < inner, and lane + 1 < LANES.
            unsafe {
                add::<L, M, N>(l, &mut sums, &left_rows, rights, start, lane);
                add::<L, M, N>(l, &mut sums, &left_rows, rights, start, lane + 1);
            }
            lane += 2;
        }
        if lane < count {
            // SAFETY: start + lane < inner, and lane < LANES.
            unsafe { add::<L, M, N>(l, &mut sums, &left_rows, rights, start, lane) };
        }
    }
    for m in 0..M {
        // One check for all columns: a tile is often as short as it is wide.
        let out = out.span_mut(v + m, to..to + N).first_chunk_mut::<N>();
        if let Some(out) = out {
            for j in 0..N {
                l.store(sums[m][j], &mut out[j]);
            }
        }
    }
}

/// Adds the products of one inner index, `lane` of the chunk that starts at `start`.
///
/// # Safety
/// start + lane must be below the length of each of `left`, and `lane` below [`LANES`].
#[inline(always)]
unsafe fn add<L: Lanes, const M: usize, const N: usize>(
    l: L,
    sums: &mut [[L::V; N]; M],
    left: &[&[Vector]; M],
    right: &[Vector; N],
    start: usize,
    lane: usize,
) {
    let mut lefts = [l.splat(0.0); M];
    for m in 0..M {
        // SAFETY: as the caller promises.
        lefts[m] = l.load(unsafe { left[m].get_unchecked(start + lane) });
    }
    for j in 0..N {
        // SAFETY: as the caller promises.
        let x = l.splat(unsafe { *right[j].0.get_unchecked(lane) });
        for m in 0..M {
            sums[m][j] = l.fma(lefts[m], x, sums[m][j]);
        }
    }
}

/// Returns a span as an array of its length.
#[inline(always)]
fn columns<const N: usize>(span: &[Vector]) -> &[Vector; N] {
    span.first_chunk().unwrap_or(&[Vector::ZERO; N])
}
