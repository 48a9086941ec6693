//! Texts for people: numbers, and texts of other people made harmless.

mod clean;
mod excerpt;
mod listed;
mod numbers;
mod shown;

pub(crate) use burstnet_core::text::count;
pub(crate) use clean::{clean, fitted, fitted_apart, wrapped};
pub(crate) use excerpt::excerpt;
pub(crate) use listed::numbers_in;
pub(crate) use numbers::{Log10Floor, bytes, duration, short, value};
pub(crate) use shown::{escaped_json, is_shown, printable};
