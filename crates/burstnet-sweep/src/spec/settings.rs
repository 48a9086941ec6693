//! Keys and values of a run file, wherever they come from: the file itself, then `--set`.

use std::path::Path;
use std::sync::Arc;

use burstnet_core::config::{ConfigError, Configuration, Kind, Schema, Value};

use super::document::{Content, Node, parse};
use super::place::{Place, SpecError, listed, quoted};

/// A key that was given a value, and where.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The key's full path.
    pub key: String,
    /// Where the key stands.
    pub place: Place,
    /// Its value.
    pub node: Node,
    /// The folder at which relative paths start.
    pub folder: Arc<Path>,
}

/// Reads `--set key=value`: the key as it was written and its value as YAML. Paths start at the current folder.
///
/// # Errors
/// If it has no `=`, or the value is no YAML.
pub fn parse_set(argument: &str) -> Result<Setting, SpecError> {
    parse_argument(&format!("--set {argument}"), argument)
}

/// As [`parse_set`], for an option that is called `source` in messages.
///
/// # Errors
/// As [`parse_set`].
pub fn parse_argument(source: &str, argument: &str) -> Result<Setting, SpecError> {
    let place = Place::whole(source);
    let Some((key, value)) = argument.split_once('=') else {
        return Err(SpecError::new(&place, "no '=' in it").expected("section.key=value"));
    };
    let mut node = if value.trim().is_empty() {
        Node { place: place.clone(), content: Content::Scalar(String::new(), false) } // as `key:` in a file
    } else {
        parse(source, value).map_err(|error| SpecError { place: place.clone(), ..error })?
    };
    erase_positions(&mut node, &place);
    Ok(Setting { key: key.trim().to_owned(), place, node, folder: Path::new("").into() })
}

/// In an argument, line and column would point nowhere that a user sees.
fn erase_positions(node: &mut Node, place: &Place) {
    node.place = place.clone();
    match &mut node.content {
        Content::Scalar(..) => {}
        Content::List(items) => items.iter_mut().for_each(|item| erase_positions(item, place)),
        Content::Map(entries) => entries.iter_mut().for_each(|entry| {
            entry.place = place.clone();
            erase_positions(&mut entry.value, place);
        }),
    }
}

/// Flattens the sections of `node` into settings. A key may be written in its section, or as `section.key`, but once.
///
/// # Errors
/// If a key is unknown or named twice, or a section is no mapping.
pub fn flatten(schema: &Schema, node: &Node, folder: &Arc<Path>) -> Result<Vec<Setting>, SpecError> {
    let mut settings = Vec::new();
    descend(schema, "", node, folder, &mut settings)?;
    Ok(settings)
}

fn descend(
    schema: &Schema,
    section: &str,
    node: &Node,
    folder: &Arc<Path>,
    settings: &mut Vec<Setting>,
) -> Result<(), SpecError> {
    let entries = match &node.content {
        Content::Map(entries) => entries,
        Content::Scalar(text, _) if text.is_empty() => return Ok(()), // `section:` with nothing below it
        Content::Scalar(..) | Content::List(_) => {
            let name = if section.is_empty() { "this" } else { section };
            return Err(SpecError::new(&node.place, format!("{name} holds {}", node.shown()))
                .expected("a mapping of keys to values"));
        }
    };
    for entry in entries {
        let path = if section.is_empty() { entry.key.clone() } else { format!("{section}.{}", entry.key) };
        if schema.key(&path).is_some() {
            let (place, node) = (entry.place.clone(), entry.value.clone());
            push(settings, Setting { key: path, place, node, folder: Arc::clone(folder) })?;
        } else if schema.is_section(&path) {
            descend(schema, &path, &entry.value, folder, settings)?;
        } else {
            return Err(unknown_key(schema, &path, &entry.place));
        }
    }
    Ok(())
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

/// An error for a key that does not exist.
pub fn unknown_key(schema: &Schema, path: &str, place: &Place) -> SpecError {
    let error = SpecError::new(place, format!("unknown key {}", quoted(path)));
    let siblings: Vec<&str> = match path.split_once('.') {
        Some((section, _)) if schema.is_section(section) => {
            schema.keys().iter().filter_map(|key| key.path.strip_prefix(section)?.strip_prefix('.')).collect()
        }
        Some(_) | None => top(schema),
    };
    let names = schema.keys().iter().map(|key| key.path.as_ref()).chain(schema.sections());
    error.expected(format!("one of {}", listed(siblings))).nearest(path, names)
}

/// The keys without a section, and the sections.
fn top(schema: &Schema) -> Vec<&str> {
    let keys = schema.keys().iter().map(|key| key.path.as_ref()).filter(|path| !path.contains('.'));
    keys.chain(schema.sections()).collect()
}

/// Puts settings over `configuration`, each as its key has it.
///
/// # Errors
/// If a value does not fit its key.
pub fn apply(schema: &Schema, settings: &[Setting], configuration: &mut Configuration) -> Result<(), SpecError> {
    for setting in settings {
        let key = schema.key(&setting.key).ok_or_else(|| unknown_key(schema, &setting.key, &setting.place))?;
        let accepted = setting.node.value().and_then(|value| key.kind.accept(&value));
        let value = accepted
            .ok_or_else(|| misfit(&setting.node, &key.kind, format!("{} is {}", setting.key, setting.node.shown())))?;
        configuration.set(&setting.key, value);
    }
    Ok(())
}

/// An error for a node that does not fit a key of this kind.
pub(super) fn misfit(node: &Node, kind: &Kind, problem: String) -> SpecError {
    let value = node.value();
    let word = value.as_ref().and_then(Value::as_text).unwrap_or_default();
    let real = matches!(kind, Kind::Number { .. } | Kind::OptionalNumber { .. } | Kind::RateOrRates { .. });
    let lossy = real && value.as_ref().is_some_and(is_lossy);
    let expected = kind.expected() + if lossy { ", and one that float64 holds" } else { "" };
    SpecError::new(&node.place, problem).expected(expected).nearest(word, kind.words().iter().copied())
}

/// Whether it is a number that float64 does not hold.
fn is_lossy(value: &Value) -> bool {
    value.as_f64().is_some() && value.exact_f64().is_none_or(f64::is_nan)
}

/// Where to send a reader for an error about a key: to the key, else to one on which it depends, else to its section,
/// else to the file. What stands nowhere is a default.
pub fn place_error(error: &ConfigError, settings: &[Setting], file: &Place) -> SpecError {
    let section = error.key.split('.').next().unwrap_or_default();
    let set = |key: &str| settings.iter().find(|setting| setting.key == key);
    let near = || settings.iter().find(|setting| setting.key.split('.').next() == Some(section));
    let (own, other) = (set(&error.key), || error.depends_on.iter().find_map(|key| set(key)));
    let value = own.or_else(other).map(|setting| &setting.node.place);
    let place = value.or_else(|| near().map(|setting| &setting.place)).unwrap_or(file);
    let problem = if own.is_some() { error.problem.clone() } else { format!("{} by default", error.problem) };
    SpecError { expected: error.expected.clone(), ..SpecError::new(place, problem) }
}
