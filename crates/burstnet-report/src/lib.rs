//! Results of sweeps: Parquet tables and traces, derived from a plan and its journals, and pages to look at.
//!
//! [`publish`] writes all of them. This is a whole sweep of a model of your own, from its equations to its page:
//!
//! ```no_run
#![doc = include_str!("../examples/branin.rs")]
//! ```
//!
//! Without `.model(…)` it is a sweep of the burst network:
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let out = folder.path().join("first");
//! # let first = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sweeps/first.yaml");
//! use burstnet_report::publish;
//! use burstnet_sweep::sweep::Sweep;
//!
//! let finished = Sweep::from_file(first)?.out(&out).threads(2).run()?;
//! publish(&finished.study, finished.objective())?; // tables and page
//! # assert!(out.join("report.html").exists());
//! # Ok(())
//! # }
//! ```

pub mod analysis;
pub mod difference;
mod error;
pub mod import;
pub mod page;
mod publish;
pub mod shell;
pub mod statistics;
pub mod tables;

pub use error::{AnalysisError, ComparisonError, ReportError, UnitsError};
pub use publish::{Published, publish, publish_aside, publish_into};
