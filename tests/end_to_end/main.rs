//! The command from end to end.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod archive;
mod bad_input;
mod bounds;
mod clusters;
mod confirm;
mod debugging;
mod diff;
mod documentation;
mod earlier;
mod environment;
mod equal;
mod examples;
mod external;
mod external_mistakes;
mod faults;
mod first_trials;
mod fruitless;
mod hostile;
mod instructions;
mod learning;
mod names;
mod newcomers;
mod per_replicate;
mod placeholders;
mod readings;
mod refine;
mod reports;
mod results;
mod rounds;
mod runs;
mod searches;
mod settings;
mod show;
mod signals;
mod slurm;
mod subspaces;
mod sweeps;
mod tables;
mod traces;
mod trial_page;
mod values;
mod what_if;
mod workers;
mod workplace;
