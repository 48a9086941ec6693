//! How the configurations of a sweep are chosen; each is found from its number alone.

pub mod grid;
pub mod random;
