//! Sweeps: many trials of a model over configurations and seeds.
//!
//! ```text
//! sweep file → SweepSpec → Plan → ResolvedPlan → Trial → executor → TrialRecord → journal → ledger
//! ```
//!
//! A sweep file is read into a [`spec::SweepSpec`], and that becomes a [`plan::Plan`], which is data. Once it is checked it
//! is a [`plan::ResolvedPlan`], which finds every trial by arithmetic. A [`study::Study`] is a plan and its results directory. A [`session::Session`] runs a shard of it on
//! many threads and appends the trials' records to its journal. A [`ledger::Ledger`] finds a plan's trials in all
//! journals, and whatever else is in the directory is derived from them. The crate is generic
//! over [`objective::Objective`]; [`burst::BurstNetwork`] is the built-in one, [`external::CommandModel`] an external program,
//! and [`models::Model`] tells which of the two a file is of.
//!
//! Configurations come from a [`samplers::Sampler`]. Where they depend on earlier results, or a [`stopping::Rule`] ends some
//! early, a sweep goes by rounds, and a [`course::Course`] finds from the records alone which one it is in.

pub mod files;
#[cfg(test)]
mod growth;
pub mod limits;
pub mod nearest;
pub mod objective;
pub mod plan;
mod planning;
pub mod prelude;
pub mod results;
pub mod run;
pub mod search;
pub mod space;
pub mod spec;
pub mod streams;
pub mod sweep;
