//! Parts that several commands share: reading a sweep file, opening results, running, and telling how it ended.

pub(crate) mod bits;
pub(crate) mod changed;
pub(crate) mod damaged;
pub(crate) mod many;
pub(crate) mod models;
pub(crate) mod outcome;
pub(crate) mod outputs;
pub(crate) mod planned;
pub(crate) mod programs;
pub(crate) mod recorded;
pub(crate) mod run_file;
pub(crate) mod shards;
pub(crate) mod training;
