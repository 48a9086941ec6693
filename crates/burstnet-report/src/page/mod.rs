//! Results as HTML pages: one file each, which needs no server, no network and nothing beside it.

pub mod across;
pub mod difference;
pub(crate) mod figure;
pub(crate) mod frame;
mod json;
mod plotly;
pub mod sweep;
pub mod trial;
