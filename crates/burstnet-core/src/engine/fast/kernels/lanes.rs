//! Sixteen numbers at a time: what a kernel may do with them, whatever the processor.

/// Numbers in a vector.
pub(crate) const LANES: usize = 16;

/// Sixteen f32 in memory, on a cache line of their own.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Vector(pub [f32; LANES]);

impl Vector {
    /// Sixteen zeros.
    pub(crate) const ZERO: Self = Self([0.0; LANES]);
}

/// The operations of one set of instructions, on vectors of [`LANES`] numbers. Each is correctly rounded, so that all
/// sets give the same bits. A value of the type is the proof that the processor has the instructions.
pub(super) trait Lanes: Copy {
    /// Sixteen numbers in registers.
    type V: Copy;
    /// True if the registers hold 24 of these, and not fewer.
    const WIDE: bool;

    fn load(self, from: &Vector) -> Self::V;
    fn store(self, x: Self::V, to: &mut Vector);
    fn splat(self, x: f32) -> Self::V;
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    fn div(self, a: Self::V, b: Self::V) -> Self::V;
    /// a · b + c, rounded once.
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// a where a < b, else b: b if either is not a number.
    fn min(self, a: Self::V, b: Self::V) -> Self::V;
    fn abs(self, a: Self::V) -> Self::V;
    /// a where x < 0, else b.
    fn where_negative(self, x: Self::V, a: Self::V, b: Self::V) -> Self::V;
    /// p · 2ⁿ for p in [½, 2] and whole n from −160 to 0; `shifted` is n + 1.5 · 2²³. Rounded once, also where the
    /// result is subnormal.
    fn scale(self, p: Self::V, n: Self::V, shifted: Self::V) -> Self::V;
    /// The sum of all numbers: those 8 apart first, then 4, 2, 1.
    fn sum(self, a: Self::V) -> f32;
    /// Does the same as [`Lanes::sum`], of each of up to sixteen vectors.
    #[inline(always)]
    fn sums<const N: usize>(self, a: [Self::V; N]) -> [f32; N] {
        let mut sums = [0.0; N];
        for n in 0..N {
            sums[n] = self.sum(a[n]);
        }
        sums
    }
}
