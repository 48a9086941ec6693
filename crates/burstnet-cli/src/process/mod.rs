//! This process and its machine: memory, signals, and who runs it.

mod allocator;
pub(crate) mod host;
pub(crate) mod interrupt;
pub(crate) mod machine;
pub(crate) mod memory;
