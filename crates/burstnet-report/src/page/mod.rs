//! Results as HTML pages: one file each, which needs no server, no network and nothing beside it.

pub mod figure;
pub mod frame;
pub mod json;
mod plotly;
pub mod sweep;
pub mod trial;
