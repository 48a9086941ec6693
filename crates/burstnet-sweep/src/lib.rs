//! Sweeps: many trials of a model, over configurations and seeds.
//!
//! A sweep answers questions such as "which feedback density learns best, and by how much?". It evaluates a model in
//! many configurations, each with several seeds. This crate reads a sweep file, plans its trials, and runs them on many
//! threads or machines. It keeps a record of every trial, so that a sweep that was interrupted or extended runs only the
//! trials that are missing.
//!
//! Start with [`sweep::Sweep`], which takes a sweep from its text to its results in one chain of calls; its page has a
//! complete example. The [`prelude`] has the names that a model of your own needs.
//!
//! # From a sweep file to records
//!
//! ```text
//! sweep file → SweepSpec → Plan → ResolvedPlan → Trial → executor → TrialRecord → journal → ledger
//! ```
//!
//! 1. A sweep file is read into a [`spec::SweepSpec`], in which every key is checked.
//! 2. The specification and a model give a [`plan::Plan`]. It is plain data, the content of `plan.json`.
//! 3. Once it is checked, a plan becomes a [`plan::ResolvedPlan`], which finds every [`plan::Trial`] by arithmetic.
//! 4. A [`results::study::Study`] is a plan together with its results directory.
//! 5. A [`run::session::Session`] runs a shard of the study on many threads ([`run::executor`]). It appends a
//!    [`results::record::TrialRecord`] for each trial to the shard's [`results::journal`].
//! 6. A [`results::ledger::Ledger`] finds the trials of a plan in all journals. The tables of results are derived from
//!    these records.
//!
//! Configurations come from a [`search::samplers::Sampler`]. If they depend on earlier results, or a
//! [`search::stopping::Rule`] ends some trials early, each decision waits for the results on which it depends: those of
//! all rounds before, or those of configurations a lag before. A [`results::course::Course`] finds from the records alone
//! what runs next.
//!
//! # Modules
//!
//! Each folder answers one question. It imports only from the folders above it in this list, and from [`limits`],
//! [`nearest`] and [`streams`].
//!
//! | Module        | Question                                                                     |
//! |---------------|------------------------------------------------------------------------------|
//! | [`files`]     | How are files written whole or not at all?                                   |
//! | [`objective`] | How does a model turn a configuration and a seed into measures?              |
//! | [`search`]    | Which configuration is tried next, and which trials are stopped early?       |
//! | [`space`]     | Which values can the swept keys have, and how are they tied to each other?   |
//! | [`plan`]      | Which trials does a sweep have?                                              |
//! | [`spec`]      | What does a run file or sweep file say, and where is it wrong?               |
//! | [`results`]   | Which trials have run, and what are their results?                           |
//! | [`run`]       | How do the missing trials run?                                               |
//!
//! # Models
//!
//! The crate is generic over [`objective::Objective`]. [`objective::burst::BurstNetwork`] is the built-in model, and
//! [`objective::external::CommandModel`] runs an external program. [`results::models::NamedModel`] is one of these two, as a
//! file names it. A model in Rust implements [`objective::typed::Model`].

pub mod ask_tell;
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
