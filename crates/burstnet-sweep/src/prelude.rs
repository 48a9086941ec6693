//! The names that a model of your own needs: `use burstnet_sweep::prelude::*`.

pub use burstnet_core::config::ConfigError;
pub use burstnet_core::curves::CurvePoint;
pub use burstnet_core::math;
pub use burstnet_core::measures::MeasureInfo;
pub use burstnet_core::streams::Stream;

pub use crate::objective::typed::Model;
pub use crate::objective::{Deadline, Evaluated, Evaluation, EvaluationError, Objective};
pub use crate::sweep::{Finished, Sweep, SweepError};
