//! What a results directory holds: the plan's records, and who made them.

pub mod comparison;
pub mod course;
pub mod journal;
pub mod ledger;
pub(crate) mod missing;
pub mod models;
pub mod program_folder;
pub mod provenance;
pub mod record;
pub mod study;
