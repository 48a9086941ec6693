//! Vectors that need no instructions beyond those of the language itself.

use super::super::vector::{LANES, Vector};
use super::exact_fma::exact_fma;
use super::lanes::Lanes;

/// The instructions that every processor has.
#[derive(Clone, Copy)]
pub(super) struct Portable;

#[inline(always)]
fn each(f: impl Fn(usize) -> f32) -> [f32; LANES] {
    let mut out = [0.0; LANES];
    for (lane, out) in out.iter_mut().enumerate() {
        *out = f(lane);
    }
    out
}

impl Lanes for Portable {
    type V = [f32; LANES];
    const WIDE: bool = false;

    #[inline(always)]
    fn load(self, from: &Vector) -> Self::V {
        from.0
    }
    #[inline(always)]
    fn store(self, x: Self::V, to: &mut Vector) {
        to.0 = x;
    }
    #[inline(always)]
    fn splat(self, x: f32) -> Self::V {
        [x; LANES]
    }
    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        each(|l| a[l] + b[l])
    }
    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        each(|l| a[l] - b[l])
    }
    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        each(|l| a[l] * b[l])
    }
    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        each(|l| a[l] / b[l])
    }
    #[inline(always)]
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        each(|l| exact_fma(a[l], b[l], c[l]))
    }
    #[inline(always)]
    fn min(self, a: Self::V, b: Self::V) -> Self::V {
        each(|l| if a[l] < b[l] { a[l] } else { b[l] })
    }
    #[inline(always)]
    fn abs(self, a: Self::V) -> Self::V {
        each(|l| a[l].abs())
    }
    #[inline(always)]
    fn where_negative(self, x: Self::V, a: Self::V, b: Self::V) -> Self::V {
        each(|l| if x[l] < 0.0 { a[l] } else { b[l] })
    }
    #[inline(always)]
    fn scale(self, p: Self::V, _n: Self::V, shifted: Self::V) -> Self::V {
        // By 2^(n + 64), which is normal, then by 2^−64, which rounds. The bits of `shifted` end in those of n.
        let power = |l: usize| f32::from_bits(shifted[l].to_bits().wrapping_add(127 + 64) << 23);
        each(|l| (p[l] * power(l)) * f32::from_bits((127 - 64) << 23))
    }
    #[inline(always)]
    fn sum(self, a: Self::V) -> f32 {
        let eight: [f32; 8] = std::array::from_fn(|l| a[l] + a[l + 8]);
        let four: [f32; 4] = std::array::from_fn(|l| eight[l] + eight[l + 4]);
        (four[0] + four[2]) + (four[1] + four[3])
    }
}
