//! The contents of a results directory: the plan, its records, and their provenance.

pub mod comparison;
pub mod course;
mod folder;
pub mod journal;
pub mod ledger;
pub(crate) mod missing;
pub mod models;
pub mod program_folder;
pub mod provenance;
pub mod record;
mod stored_plan;
pub mod study;
mod study_error;
