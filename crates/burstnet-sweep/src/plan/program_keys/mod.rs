//! The keys of an external program, and the program that a plan describes.

mod key_names;
mod kinds;
mod of_plan;

use burstnet_core::config::Configuration;

pub(crate) use self::key_names::KeyNames;
pub(crate) use self::kinds::{INTEGER, NUMBER, VALUES, is_whole, key, kinds, kinds_of_columns, or_null};
use crate::objective::external::CommandModel;
use crate::objective::external::program::Program;
use crate::space::Dimension;

/// Returns the external program that a plan describes, with the keys that it varies and those that it draws for each
/// replicate. The plan may come from other people.
///
/// # Errors
/// If no sweep file can describe it, with a message.
pub(crate) fn command_of_plan(
    program: Program,
    base: &Configuration,
    [space, per_replicate]: [&[Dimension]; 2],
) -> Result<CommandModel, String> {
    program.check()?;
    CommandModel::new(program, of_plan::of_plan(base, &[space, per_replicate].concat())?)
}
