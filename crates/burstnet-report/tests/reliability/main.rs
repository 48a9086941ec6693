//! The results of a sweep, whatever happens: in parts, interrupted, extended, on disks that fail or forget.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod damage;
mod equal;
mod extend;
mod failing_disk;
mod failing_trials;
mod faults;
mod order;
mod per_replicate;
mod power_cut;
mod rounds;
mod shards;
mod simulated_disk;
mod sweeping;
mod trivial;
mod workers;
