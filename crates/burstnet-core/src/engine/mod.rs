//! The engines: programs that compute the steps of a network.

pub mod reference;

pub use reference::Network;
