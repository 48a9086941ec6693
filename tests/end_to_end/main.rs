//! The command from end to end.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad_input;
mod clusters;
mod documentation;
mod instructions;
mod learning;
mod results;
mod runs;
mod signals;
mod sweeps;
mod trial_page;
mod workplace;
