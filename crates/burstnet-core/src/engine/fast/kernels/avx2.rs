//! Vectors as two halves in AVX2 registers, with fused multiply-add.

use std::arch::x86_64::*;

use super::super::vector::Vector;
use super::lanes::Lanes;

/// A proof that the processor has AVX2 and FMA.
#[derive(Clone, Copy)]
pub(super) struct Avx2(());

impl Avx2 {
    /// Returns the proof without a check.
    ///
    /// # Safety
    /// The processor must have AVX2 and FMA.
    #[inline(always)]
    pub(super) unsafe fn assume() -> Self {
        Self(())
    }
}

/// Applies an instruction to both halves. It is safe for the same reason as every use: a value of [`Avx2`] exists.
macro_rules! halves {
    ($f:expr, $($x:expr),+) => {
        // SAFETY: an `Avx2` exists only where the processor has the instructions.
        unsafe { [$f($($x[0]),+), $f($($x[1]),+)] }
    };
}

impl Lanes for Avx2 {
    type V = [__m256; 2];
    const WIDE: bool = false;

    #[inline(always)]
    fn load(self, from: &Vector) -> Self::V {
        let half = from.0.as_ptr();
        // SAFETY: the processor has AVX2; a `Vector` is two aligned halves of eight numbers.
        unsafe { [_mm256_load_ps(half), _mm256_load_ps(half.add(8))] }
    }
    #[inline(always)]
    fn store(self, x: Self::V, to: &mut Vector) {
        let half = to.0.as_mut_ptr();
        // SAFETY: the processor has AVX2; a `Vector` is two aligned halves of eight numbers.
        unsafe {
            _mm256_store_ps(half, x[0]);
            _mm256_store_ps(half.add(8), x[1]);
        }
    }
    #[inline(always)]
    fn splat(self, x: f32) -> Self::V {
        let both = [x; 2];
        halves!(_mm256_set1_ps, both)
    }
    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        halves!(_mm256_add_ps, a, b)
    }
    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        halves!(_mm256_sub_ps, a, b)
    }
    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        halves!(_mm256_mul_ps, a, b)
    }
    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        halves!(_mm256_div_ps, a, b)
    }
    #[inline(always)]
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        halves!(_mm256_fmadd_ps, a, b, c)
    }
    #[inline(always)]
    fn min(self, a: Self::V, b: Self::V) -> Self::V {
        halves!(_mm256_min_ps, a, b)
    }
    #[inline(always)]
    fn abs(self, a: Self::V) -> Self::V {
        let sign = self.splat(-0.0);
        halves!(_mm256_andnot_ps, sign, a)
    }
    #[inline(always)]
    fn where_negative(self, x: Self::V, a: Self::V, b: Self::V) -> Self::V {
        let zero = self.splat(0.0);
        let negative = halves!(_mm256_cmp_ps::<_CMP_LT_OQ>, x, zero);
        halves!(_mm256_blendv_ps, b, a, negative)
    }
    #[inline(always)]
    fn scale(self, p: Self::V, _n: Self::V, shifted: Self::V) -> Self::V {
        // By 2^(n + 64), which is normal, then by 2^−64, which rounds. The bits of `shifted` end in those of n.
        let integers = halves!(_mm256_castps_si256, shifted);
        let bias = halves!(_mm256_set1_epi32, [127 + 64; 2]);
        let exponents = halves!(_mm256_add_epi32, integers, bias);
        let bits = halves!(_mm256_slli_epi32::<23>, exponents);
        let powers = halves!(_mm256_castsi256_ps, bits);
        self.mul(self.mul(p, powers), self.splat(f32::from_bits((127 - 64) << 23)))
    }
    #[inline(always)]
    fn sum(self, a: Self::V) -> f32 {
        // SAFETY: an `Avx2` exists only where the processor has the instructions.
        unsafe { sum_of_eight(_mm256_add_ps(a[0], a[1])) }
    }
}

/// Returns the sum of eight numbers: first those 4 apart are added, then those 2 and 1 apart.
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
pub(super) unsafe fn sum_of_eight(a: __m256) -> f32 {
    // SAFETY: as the caller promises.
    unsafe {
        let four = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps::<1>(a));
        let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
    }
}
