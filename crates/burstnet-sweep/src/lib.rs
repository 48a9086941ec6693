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

mod budget;
pub mod burst;
pub mod checkpoints;
pub mod columns;
pub mod comparison;
pub mod configurations;
pub mod content;
pub mod copies;
pub mod course;
mod differences;
pub mod disk;
pub mod executor;
pub mod external;
pub mod files;
#[cfg(test)]
mod growth;
pub mod input_files;
pub mod journal;
mod json;
pub mod ledger;
mod made_once;
mod missing;
pub mod models;
pub mod names;
pub mod objective;
pub mod panics;
pub mod plan;
pub mod plan_error;
pub mod plan_file;
mod planning;
pub mod prelude;
pub mod program_folder;
pub mod provenance;
pub mod record;
mod representatives;
mod resolved;
mod rules;
pub mod samplers;
pub mod session;
pub mod shard;
pub mod space;
pub mod spec;
pub mod stopping;
pub mod strategy;
pub mod streams;
pub mod study;
pub mod sweep;
pub mod threads;
pub mod typed;
pub mod waiting;
mod watched;
