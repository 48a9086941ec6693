//! Sweeps: many trials of a model over configurations and seeds.
//!
//! ```text
//! sweep file → SweepSpec → Plan → Trial → executor → TrialRecord → journal
//! ```
//!
//! A sweep file is read into a [`spec::SweepSpec`], checked and resolved into a [`plan::Plan`], which finds every
//! trial by arithmetic. A [`study::Study`] runs the trials of a plan on many threads and appends their records to a
//! journal in its results directory; whatever else is in there is derived from plan and journal. The crate is generic
//! over [`objective::Objective`]; [`burst::BurstNetwork`] is the built-in one.

pub mod burst;
pub mod executor;
pub mod files;
pub mod input_files;
pub mod journal;
pub mod objective;
pub mod plan;
pub mod provenance;
pub mod record;
pub mod samplers;
pub mod spec;
pub mod study;
