//! How configurations are chosen, and when trials end early.

pub mod copies;
pub mod samplers;
pub mod stopping;
pub mod strategy;
