//! Results as Parquet, derived from a plan and its journal: tables of a sweep and traces of single runs. And results as
//! pages to look at.

pub mod analysis;
mod error;
pub mod import;
pub mod page;
mod publish;
pub mod shell;
pub mod statistics;
pub mod tables;

pub use error::{AnalysisError, ReportError};
pub use publish::{Published, publish, publish_aside, publish_into};
