//! The choice of configurations, and rules that end trials early.

pub mod adaptive;
pub(crate) mod auto;
pub mod bounds;
pub mod copies;
pub mod samplers;
pub mod stopping;
pub mod strategy;
