//! Running the trials of a study.

mod ahead;
pub mod executor;
mod feed;
mod first_trials;
mod follower;
mod running;
pub mod session;
mod task;
