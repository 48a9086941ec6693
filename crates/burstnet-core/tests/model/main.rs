//! The reference engine against a second, naive program, against gradients, and against what must always hold.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod against_naive;
mod checkpoints;
mod epochs;
mod fast_against_reference;
mod gradients;
mod instructions;
mod jumps;
mod naive;
mod properties;
mod recorder;
