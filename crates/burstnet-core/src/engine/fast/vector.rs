//! Sixteen numbers side by side: the unit in which the fast engine stores and computes.

/// The number of elements of a vector.
pub(crate) const LANES: usize = 16;

/// Sixteen f32 in memory, on a cache line of their own.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Vector(pub [f32; LANES]);

impl Vector {
    /// A vector of sixteen zeros.
    pub(crate) const ZERO: Self = Self([0.0; LANES]);
}
