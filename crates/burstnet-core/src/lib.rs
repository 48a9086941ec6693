//! A small network that learns a temporal sequence from bursts.
//!
//! Hidden neurons multiplex an *event rate*, driven from below, and a *burst probability*, driven by feedback onto
//! their apical dendrite; the change of the burst signal after a rare teaching signal changes their feedforward
//! weights. The model is described in `docs/model.md`; it follows the 2017 program "Temporal Deep Learning" and the
//! vocabulary of Payeur, Guerguiev, Zenke, Richards & Naud (Nature Neuroscience, 2021).
//!
//! This crate computes one training run as a pure function of a configuration and a seed, with the same bits on
//! every machine. It knows nothing of sweeps, result files or threads.
//!
//! ```
//! use burstnet_core::config::{RunConfig, Value, keys};
//! use burstnet_core::engine::{Isa, Prepared};
//! use burstnet_core::{inputs::Inputs, observer::Silent, run};
//!
//! let mut values = keys::schema().defaults();
//! values.set("network.layers", Value::from(vec![20_i64, 10, 3]));
//! values.set("signals.length", Value::Int(200));
//! values.set("training.epochs", Value::Int(2));
//! let config = RunConfig::from_values(&values)?;
//! let inputs = Inputs::load(&config)?;
//! let prepared = Prepared::new(&config, &inputs, 7, Isa::detect());
//! let result = run::run(&config, &inputs, &prepared, 7, Isa::detect(), &mut Silent)?;
//! assert!(result.measure("test_mae").is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod arrays;
pub mod checkpoint;
pub mod config;
pub mod curves;
pub mod digest;
pub mod divergence;
pub mod engine;
pub mod inputs;
pub mod math;
pub mod measures;
pub mod npy;
pub mod numbers;
pub mod observer;
pub mod plasticity;
pub mod room;
pub mod run;
pub mod signals;
pub mod streams;
pub mod teaching;
pub mod text;
pub mod timing;
mod watch;
pub mod weights;

/// The version of the bits: it changes whenever any result of any configuration could differ in any bit.
pub const BITS_VERSION: u32 = 3;
