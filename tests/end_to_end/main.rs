//! The command from end to end.

mod bad_input;
mod results;
mod runs;
mod sweeps;
mod workplace;
