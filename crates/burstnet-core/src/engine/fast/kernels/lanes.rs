//! Sixteen numbers at a time: the operations that kernels use on every processor.

use super::super::vector::Vector;

/// The operations of one set of instructions, on vectors of sixteen numbers. Each is correctly rounded, so that all
/// sets give the same bits. A value of the type proves that the processor has the instructions.
pub(super) trait Lanes: Copy {
    /// Sixteen numbers in registers.
    type V: Copy;
    /// True if the registers hold at least 24 of these.
    const WIDE: bool;

    fn load(self, from: &Vector) -> Self::V;
    fn store(self, x: Self::V, to: &mut Vector);
    fn splat(self, x: f32) -> Self::V;
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    fn div(self, a: Self::V, b: Self::V) -> Self::V;
    /// Returns a · b + c, rounded once.
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// Returns a if a < b, else b: b if either is not a number.
    fn min(self, a: Self::V, b: Self::V) -> Self::V;
    fn abs(self, a: Self::V) -> Self::V;
    /// Returns a if x < 0, else b.
    fn where_negative(self, x: Self::V, a: Self::V, b: Self::V) -> Self::V;
    /// Returns p · 2ⁿ for p in [½, 2] and integers n from −160 to 0; `shifted` is n + 1.5 · 2²³. It is rounded once,
    /// even if the result is subnormal.
    fn scale(self, p: Self::V, n: Self::V, shifted: Self::V) -> Self::V;
    /// Returns the sum of all numbers: first those 8 apart are added, then those 4, 2 and 1 apart.
    fn sum(self, a: Self::V) -> f32;
    /// Does the same as [`Lanes::sum`] for each of up to sixteen vectors.
    #[inline(always)]
    fn sums<const N: usize>(self, a: [Self::V; N]) -> [f32; N] {
        let mut sums = [0.0; N];
        for n in 0..N {
            sums[n] = self.sum(a[n]);
        }
        sums
    }
}
