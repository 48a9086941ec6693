//! Running the trials of a study.

pub mod executor;
mod follower;
mod running;
pub mod session;
