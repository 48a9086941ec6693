//! Running the trials of a study.

pub mod executor;
mod first_trials;
mod follower;
mod running;
pub mod session;
