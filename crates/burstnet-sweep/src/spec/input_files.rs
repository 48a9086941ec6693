//! The input files that a sweep file names: they are found, and hashed.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use burstnet_core::config::{Schema, Value};

use super::SweepSpec;
use super::place::SpecError;
use super::settings::Setting;
use super::swept::Origin;
use crate::files::hashed::hash;
use crate::limits::MOST_INPUT_FILES;
use crate::plan::input_files::{InputFile, list};

/// Finds all files that a sweep can read. Their contents are not looked at before [`hash_all`].
///
/// # Errors
/// If one does not exist.
pub(crate) fn find(spec: &SweepSpec, schema: &Schema) -> Result<Vec<InputFile>, SpecError> {
    let mut inputs: Vec<InputFile> = Vec::new();
    for key in schema.keys().iter().filter(|key| key.kind.is_path()) {
        let Some(setting) = setting_of(spec, &key.path) else { continue };
        let mut varied = spec.search.space.iter().chain(&spec.search.per_replicate);
        let swept = varied.find(|swept| swept.key() == &*key.path);
        let base = || vec![spec.configuration.get(&key.path).clone()];
        let mut values = swept.map_or_else(base, |swept| swept.dimension.domain.ends());
        if swept.is_some_and(|swept| matches!(swept.origin, Origin::Subspaces { .. })) {
            let mut seen = HashSet::new();
            values.retain(|value| seen.insert(value.to_string()));
        }
        if inputs.len() + values.len() > MOST_INPUT_FILES {
            return Err(setting
                .node
                .error(format!("{} names {} files", key.path, values.len()))
                .expected(format!("at most {MOST_INPUT_FILES} in a sweep")));
        }
        for given in values.iter().filter_map(Value::as_text) {
            let source = setting.folder.join(given);
            let files = list(&source, &key.kind)
                .map_err(|error| unusable(setting, &source, &error).expected(key.kind.expected()))?;
            let stored = String::new();
            inputs.push(InputFile { key: key.path.to_string(), given: given.to_owned(), stored, files, source });
        }
    }
    Ok(inputs)
}

/// Hashes the files that [`find`] returned, and names their copies.
///
/// # Errors
/// If one cannot be read.
pub(crate) fn hash_all(inputs: &mut [InputFile], spec: &SweepSpec) -> Result<(), SpecError> {
    for input in inputs {
        for file in &mut input.files {
            *file = hash(&file.path(&input.source), file.name.clone()).map_err(|error| {
                match setting_of(spec, &input.key) {
                    Some(setting) => unusable(setting, &input.source, &error),
                    None => SpecError::new(&spec.place, error.to_string()),
                }
            })?;
        }
        input.stored = input.named_by_content();
    }
    Ok(())
}

/// Returns the setting of `key` in a sweep file.
fn setting_of<'a>(spec: &'a SweepSpec, key: &str) -> Option<&'a Setting> {
    let mut varied = spec.search.space.iter().chain(&spec.search.per_replicate);
    let swept = varied.find(|swept| swept.key() == key).map(|swept| &swept.setting);
    swept.or_else(|| spec.settings.iter().find(|setting| setting.key == key))
}

fn unusable(setting: &Setting, source: &Path, error: &io::Error) -> SpecError {
    setting.node.error(format!("{} {}: {error}", setting.key, source.display()))
}
