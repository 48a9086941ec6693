//! This process and its machine: memory, signals, and who runs it.

pub(crate) mod host;
pub(crate) mod interrupt;
pub(crate) mod machine;
pub(crate) mod memory;
