//! Vectors in AVX-512 registers.

use std::arch::x86_64::*;

use super::super::vector::Vector;
use super::avx2::sum_of_eight;
use super::lanes::Lanes;

/// A proof that the processor has AVX-512F, AVX2 and FMA.
#[derive(Clone, Copy)]
pub(super) struct Avx512(());

impl Avx512 {
    /// Returns the proof without a check.
    ///
    /// # Safety
    /// The processor must have AVX-512F, AVX2 and FMA.
    #[inline(always)]
    pub(super) unsafe fn assume() -> Self {
        Self(())
    }
}

/// Applies one instruction. It is safe for the same reason as every use: a value of [`Avx512`] exists.
macro_rules! one {
    ($f:expr $(, $x:expr)*) => {
        // SAFETY: an `Avx512` exists only where the processor has the instructions.
        unsafe { $f($($x),*) }
    };
}

impl Lanes for Avx512 {
    type V = __m512;
    const WIDE: bool = true;

    #[inline(always)]
    fn load(self, from: &Vector) -> Self::V {
        // SAFETY: the processor has AVX-512; a `Vector` is sixteen aligned numbers.
        unsafe { _mm512_load_ps(from.0.as_ptr()) }
    }
    #[inline(always)]
    fn store(self, x: Self::V, to: &mut Vector) {
        // SAFETY: the processor has AVX-512; a `Vector` is sixteen aligned numbers.
        unsafe { _mm512_store_ps(to.0.as_mut_ptr(), x) }
    }
    #[inline(always)]
    fn splat(self, x: f32) -> Self::V {
        one!(_mm512_set1_ps, x)
    }
    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        one!(_mm512_add_ps, a, b)
    }
    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        one!(_mm512_sub_ps, a, b)
    }
    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        one!(_mm512_mul_ps, a, b)
    }
    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        one!(_mm512_div_ps, a, b)
    }
    #[inline(always)]
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        one!(_mm512_fmadd_ps, a, b, c)
    }
    #[inline(always)]
    fn min(self, a: Self::V, b: Self::V) -> Self::V {
        one!(_mm512_min_ps, a, b)
    }
    #[inline(always)]
    fn abs(self, a: Self::V) -> Self::V {
        one!(_mm512_abs_ps, a)
    }
    #[inline(always)]
    fn where_negative(self, x: Self::V, a: Self::V, b: Self::V) -> Self::V {
        // SAFETY: an `Avx512` exists only where the processor has the instructions.
        unsafe { _mm512_mask_blend_ps(_mm512_cmp_ps_mask::<_CMP_LT_OQ>(x, _mm512_setzero_ps()), b, a) }
    }
    #[inline(always)]
    fn scale(self, p: Self::V, n: Self::V, _shifted: Self::V) -> Self::V {
        one!(_mm512_scalef_ps, p, n)
    }
    #[inline(always)]
    fn sum(self, a: Self::V) -> f32 {
        // SAFETY: an `Avx512` exists only where the processor has the instructions.
        unsafe {
            let high = _mm256_castpd_ps(_mm512_extractf64x4_pd::<1>(_mm512_castps_pd(a)));
            sum_of_eight(_mm256_add_ps(_mm512_castps512_ps256(a), high))
        }
    }
    #[inline(always)]
    fn sums<const N: usize>(self, a: [Self::V; N]) -> [f32; N] {
        let mut all = [self.splat(0.0); 16];
        all[..N].copy_from_slice(&a);
        // SAFETY: an `Avx512` exists only where the processor has the instructions.
        let sums = unsafe { sums_of_sixteen(all) };
        let mut out = [0.0; N];
        for n in 0..N {
            out[n] = sums[PLACE[n]];
        }
        out
    }
}

/// The places at which [`sums_of_sixteen`] leaves the sums of the vectors.
const PLACE: [usize; 16] = [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15];

/// Returns the sums of sixteen vectors, each by the tree of [`Lanes::sum`]. At every level, two vectors share one
/// register.
///
/// # Safety
/// The processor must have AVX-512F.
#[inline(always)]
unsafe fn sums_of_sixteen(a: [__m512; 16]) -> [f32; 16] {
    // SAFETY: as the caller promises; the two types have the same size.
    unsafe {
        let mut eight = [_mm512_setzero_ps(); 8];
        for n in 0..8 {
            let (x, y) = (a[2 * n], a[2 * n + 1]);
            eight[n] = _mm512_add_ps(_mm512_shuffle_f32x4::<0x44>(x, y), _mm512_shuffle_f32x4::<0xee>(x, y));
        }
        let mut four = [_mm512_setzero_ps(); 4];
        for n in 0..4 {
            let (x, y) = (eight[2 * n], eight[2 * n + 1]);
            four[n] = _mm512_add_ps(_mm512_shuffle_f32x4::<0x88>(x, y), _mm512_shuffle_f32x4::<0xdd>(x, y));
        }
        let mut two = [_mm512_setzero_ps(); 2];
        for n in 0..2 {
            let (x, y) = (_mm512_castps_pd(four[2 * n]), _mm512_castps_pd(four[2 * n + 1]));
            let (low, high) = (_mm512_unpacklo_pd(x, y), _mm512_unpackhi_pd(x, y));
            two[n] = _mm512_add_ps(_mm512_castpd_ps(low), _mm512_castpd_ps(high));
        }
        let (low, high) = (_mm512_shuffle_ps::<0x88>(two[0], two[1]), _mm512_shuffle_ps::<0xdd>(two[0], two[1]));
        std::mem::transmute(_mm512_add_ps(low, high))
    }
}
