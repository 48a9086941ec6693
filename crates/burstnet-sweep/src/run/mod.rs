//! Running the trials of a study.

pub mod executor;
pub mod session;
