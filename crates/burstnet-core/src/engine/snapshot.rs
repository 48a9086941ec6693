//! A network as it stood between two sequences, without what it is shown.

use super::{fast, reference};

/// The state of a network, of whichever engine.
#[derive(Clone)]
pub enum Snapshot {
    /// The reference engine's.
    Reference(Box<reference::Network>),
    /// The fast engine's.
    Fast(Box<fast::Network>),
}

impl Snapshot {
    /// Bytes that it takes from the heap.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Reference(network) => size_of_val(&**network) + network.bytes(),
            Self::Fast(network) => size_of_val(&**network) + network.bytes(),
        }
    }
}
