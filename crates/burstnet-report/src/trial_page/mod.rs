//! One trial as a page: what it was shown and answered, what its hidden units did, and how its weights changed.

pub mod numbers;
pub mod recorder;
pub mod scope;
pub mod thinning;
pub mod weights;
