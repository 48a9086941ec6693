//! What must hold whatever a file holds. The fuzz targets and the property tests in `tests/hostile` run these alike.

pub mod journal;
pub mod npy;
pub mod plan;
pub mod sweep_file;
