//! The reference engine against a second, naive program, against gradients, and against what must always hold.

mod against_naive;
mod gradients;
mod naive;
mod properties;
mod recorder;
