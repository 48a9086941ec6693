//! The keys and values of a run file, from the file itself or from `--set`.

use std::path::Path;
use std::sync::Arc;

use burstnet_core::config::{ConfigError, Configuration, Key, Schema};
use burstnet_core::text::quoted;

use super::entries_of;
use super::meant::misfit;
use super::outline::{self, Part};
use super::source::Source;
use crate::spec::document::{Content, Entry, Node};
use crate::spec::place::{Place, SpecError};

/// A key with the value that it was given, and its place.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The key's full path.
    pub key: String,
    /// The place of the key.
    pub place: Place,
    /// Its value.
    pub node: Node,
    /// The folder at which relative paths start.
    pub folder: Arc<Path>,
}

/// Flattens the sections of `node`, which is this part of a file, into settings. A key may be written in its section or
/// as `section.key`, but only once.
///
/// # Errors
/// If a key is unknown or set twice, or a section is not a mapping.
pub(super) fn flatten(schema: &Schema, part: Part, node: &Node, source: &Source) -> Result<Vec<Setting>, SpecError> {
    let mut settings = Vec::new();
    let entries = match &node.content {
        Content::Scalar(..) if node.is_null() => &[], // `base:` with nothing below it
        Content::Map(_) | Content::Scalar(..) | Content::List(_) => entries_of(part.name(), node)?,
    };
    for entry in entries {
        take(schema, part, entry.key.clone(), entry, source, &mut settings)?;
    }
    Ok(settings)
}

/// Takes the entry at `path`: a key, or a section with keys.
fn take(
    schema: &Schema,
    part: Part,
    path: String,
    entry: &Entry,
    source: &Source,
    settings: &mut Vec<Setting>,
) -> Result<(), SpecError> {
    if schema.key(&path).is_some() {
        let (place, node, folder) = (entry.place.clone(), entry.value.clone(), source.folder_of(&entry.place));
        return push(settings, Setting { key: path, place, node, folder });
    }
    if !schema.is_section(&path) {
        return Err(unknown_key(schema, part, &path, &entry.place, Some(&entry.value)));
    }
    match &entry.value.content {
        Content::Scalar(..) if entry.value.is_null() => Ok(()), // `section:` with nothing below it
        Content::Map(inner) if !part.has_domains() || !outline::is_domain(&entry.value) => {
            inner.iter().try_for_each(|own| take(schema, part, format!("{path}.{}", own.key), own, source, settings))
        }
        Content::Scalar(..) | Content::List(_) | Content::Map(_) => {
            Err(outline::section_of(schema, part, &path, entry))
        }
    }
}

/// Adds a setting.
///
/// # Errors
/// If its key was set before.
pub fn push(settings: &mut Vec<Setting>, setting: Setting) -> Result<(), SpecError> {
    if let Some(first) = settings.iter().find(|held| held.key == setting.key) {
        return Err(SpecError::new(
            &setting.place,
            format!("{} is named a second time; the first is at {}", quoted(&setting.key), first.place),
        ));
    }
    settings.push(setting);
    Ok(())
}

/// Returns an error for a key of the model that does not exist, with its value, if that is known.
pub(super) fn unknown_key(schema: &Schema, part: Part, path: &str, place: &Place, value: Option<&Node>) -> SpecError {
    let mut sections = path.rmatch_indices('.').map(|(end, _)| &path[..end]);
    let siblings: Vec<&str> = match sections.find(|section| schema.is_section(section)) {
        Some(section) => {
            schema.keys().iter().filter_map(|key| key.path.strip_prefix(section)?.strip_prefix('.')).collect()
        }
        None => top(schema),
    };
    outline::unknown(schema, part, path, (place, value), &siblings)
}

/// Returns the key of the model at a full path.
///
/// # Errors
/// If there is none.
pub(super) fn known_key<'a>(schema: &'a Schema, path: &str, place: &Place) -> Result<&'a Key, SpecError> {
    schema.key(path).ok_or_else(|| unknown_key(schema, Part::Named, path, place, None))
}

/// Returns the keys without a section, and the sections.
fn top(schema: &Schema) -> Vec<&str> {
    let keys = schema.keys().iter().map(|key| key.path.as_ref()).filter(|path| !path.contains('.'));
    keys.chain(schema.sections()).collect()
}

/// Puts settings over `configuration`, each in the form that its key has.
///
/// # Errors
/// If a value does not fit its key.
pub fn apply(schema: &Schema, settings: &[Setting], configuration: &mut Configuration) -> Result<(), SpecError> {
    for setting in settings {
        let key = known_key(schema, &setting.key, &setting.place)?;
        let accepted = setting.node.value().and_then(|value| key.kind.accept(&value));
        let value = accepted
            .ok_or_else(|| misfit(&setting.node, &key.kind, format!("{} is {}", setting.key, setting.node.shown())))?;
        configuration.set(&setting.key, value);
    }
    Ok(())
}

/// Returns the error about a key, at the place where a reader has to look: at the key, or else at one on which it
/// depends, or else at its section, or else at the file. A key that is not in the file has its default.
pub fn place_error(error: &ConfigError, settings: &[Setting], file: &Place) -> SpecError {
    let section = error.key.split('.').next().unwrap_or_default();
    let set = |key: &str| settings.iter().find(|setting| setting.key == key);
    let near = || settings.iter().find(|setting| setting.key.split('.').next() == Some(section));
    let (own, other) = (set(&error.key), || error.depends_on.iter().find_map(|key| set(key)));
    let value = own.or_else(other).map(|setting| &setting.node.place);
    let place = value.or_else(|| near().map(|setting| &setting.place)).unwrap_or(file);
    let problem = if own.is_some() { error.problem.clone() } else { format!("{} by default", error.problem) };
    SpecError { expected: error.expected.clone().map(Into::into), ..SpecError::new(place, problem) }
}
