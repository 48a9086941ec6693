//! What must hold whatever a file holds. The fuzz targets and the property tests of burstnet-sweep (`tests/hostile`) run
//! these alike.

pub mod journal;
pub mod npy;
pub mod plan;
pub mod sweep_file;
