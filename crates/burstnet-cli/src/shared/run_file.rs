//! A configuration as the YAML of a run file, and what such a file and `--set` say together.

use burstnet_core::config::{Configuration, Schema, Value};
use burstnet_sweep::spec::RunSpec;
use burstnet_sweep::spec::place::SpecError;
use burstnet_sweep::spec::sets::{Set, parse_argument, parse_set};
use serde_yaml::{Mapping, Value as Yaml};

use crate::text::is_shown;

/// Reads the values of `--set` and `--engine`.
pub(crate) fn read_sets(sets: &[String], engine: Option<&str>) -> Result<Vec<Set>, SpecError> {
    let engine =
        engine.map(|engine| parse_argument(&format!("--engine {engine}"), &format!("training.engine={engine}")));
    sets.iter().map(|set| parse_set(set)).chain(engine).collect()
}

/// Returns the configuration with the paths that its files have.
pub(crate) fn resolved(spec: &RunSpec, schema: &Schema) -> Configuration {
    let mut configuration = spec.configuration.clone();
    for setting in &spec.settings {
        if schema.key(&setting.key).is_some_and(|key| key.kind.is_path())
            && let Value::Text(given) = spec.configuration.get(&setting.key)
        {
            let path = setting.folder.join(given);
            configuration.set(&setting.key, Value::Text(path.to_string_lossy().into_owned()));
        }
    }
    configuration
}

/// Returns the run file of a configuration and a seed: every key in the order of the schema, without those that are null
/// because nobody gave them a value.
pub(crate) fn run_file(schema: &Schema, configuration: &Configuration, seed: u64) -> Result<String, serde_yaml::Error> {
    let mut hidden = Hidden::default();
    let mut root = Mapping::new();
    root.insert("seed".into(), seed.into());
    for key in schema.keys() {
        let value = configuration.get(&key.path);
        if *value != Value::Null || key.default != Value::Null {
            insert(&mut root, &key.path, hidden.yaml(value));
        }
    }
    Ok(hidden.put_back(serde_yaml::to_string(&root)?))
}

/// Returns the same as a JSON object, of which each text is a run file too.
pub(crate) fn run_object(schema: &Schema, configuration: &Configuration, seed: u64) -> serde_json::Value {
    let mut root = serde_json::Map::from_iter([("seed".to_owned(), seed.into())]);
    for key in schema.keys() {
        let value = configuration.get(&key.path);
        if *value != Value::Null || key.default != Value::Null {
            insert_json(&mut root, &key.path, serde_json::json!(value));
        }
    }
    root.into()
}

fn insert_json(object: &mut serde_json::Map<String, serde_json::Value>, path: &str, value: serde_json::Value) {
    let Some((section, rest)) = path.split_once('.') else {
        object.insert(path.into(), value);
        return;
    };
    let held = object.entry(section).or_insert_with(|| serde_json::Map::new().into());
    if let Some(section) = held.as_object_mut() {
        insert_json(section, rest, value);
    }
}

/// Gives the key at `path` a value, within the mappings of its sections.
fn insert(mapping: &mut Mapping, path: &str, value: Yaml) {
    let Some((section, rest)) = path.split_once('.') else {
        mapping.insert(path.into(), value);
        return;
    };
    let held = mapping.entry(section.into()).or_insert_with(|| Mapping::new().into());
    if let Yaml::Mapping(section) = held {
        insert(section, rest, value);
    }
}

/// Texts with characters that cannot be seen. `serde_yaml` writes some of these as they are; here they become escapes, so
/// that a terminal obeys none and a reader gets them back. While the YAML is written, a word stands for each text.
#[derive(Default)]
struct Hidden(Vec<String>);

impl Hidden {
    fn yaml(&mut self, value: &Value) -> Yaml {
        match value {
            Value::Null => Yaml::Null,
            Value::Bool(flag) => (*flag).into(),
            Value::Int(i) => (*i).into(),
            Value::Float(x) => (*x).into(),
            Value::Text(text) if text.chars().all(is_shown) => text.as_str().into(),
            Value::Text(text) => {
                self.0.push(quoted(text));
                word(self.0.len() - 1).into()
            }
            Value::List(items) => Yaml::Sequence(items.iter().map(|item| self.yaml(item)).collect()),
        }
    }

    fn put_back(&self, yaml: String) -> String {
        self.0.iter().enumerate().fold(yaml, |yaml, (at, text)| yaml.replacen(&word(at), text, 1))
    }
}

/// Returns a word that is in no other text, since that has only characters that can be seen.
fn word(at: usize) -> String {
    format!("\u{e000}{at}\u{e000}")
}

/// Returns a text in double quotes, with escapes for what cannot be seen.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|c| match (c, u32::from(c)) {
        ('"' | '\\', _) => format!("\\{c}"),
        _ if is_shown(c) => c.to_string(),
        (_, code @ ..=0xffff) => format!("\\u{code:04x}"),
        (_, code) => format!("\\U{code:08x}"),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

#[cfg(test)]
mod tests {
    use burstnet_core::config::{RunConfig, keys};
    use burstnet_sweep::spec::{RunSpec, Source};

    use super::*;

    fn read(yaml: &str) -> RunSpec {
        let source = Source::parse("run.yaml".as_ref(), yaml.into()).unwrap_or_else(|error| panic!("{error}\n{yaml}"));
        RunSpec::new(&source, Vec::new(), &keys::schema()).unwrap_or_else(|error| panic!("{error}\n{yaml}"))
    }

    #[test]
    fn what_is_written_is_read_back() {
        let schema = keys::schema();
        let changed: [(&str, Value); 12] = [
            ("network.layers", vec![20_i64, 10, 5, 3].into()),
            ("learning_rate.hidden", vec![0.1, 1e-300].into()),
            ("learning_rate.feedback", 1e300.into()),
            ("learning_rate.output", 3.0.into()),
            ("evaluation.loss_threshold", 5e-324.into()),
            ("evaluation.curve_window", Value::Int(7)),
            ("evaluation.generation", true.into()),
            ("signals.phase", vec![-1e6, 1e6].into()),
            ("plasticity.hidden_rule", "burst_rate".into()),
            ("teaching.mask", "/a b/: #x\n\u{202e}\u{1b}\u{e0001}\u{85}'\"\\ñ日.npy".into()),
            ("signals.inputs", "123".into()),
            ("network.initial_weights", "\u{feff}null".into()),
        ];
        let mut configuration = schema.defaults();
        assert_eq!(read(&run_file(&schema, &configuration, 7).unwrap()).configuration, configuration);
        changed.into_iter().for_each(|(key, value)| configuration.set(key, value));
        let largest = (1 << 53) - 1;
        let yaml = run_file(&schema, &configuration, largest).unwrap();
        assert!(yaml.chars().all(|c| is_shown(c) || c == '\n'), "{yaml}");
        let spec = read(&yaml);
        assert_eq!((spec.seed, spec.configuration), (largest, configuration));
    }

    #[test]
    fn keys_stand_in_their_sections() {
        let schema = keys::schema();
        let yaml = run_file(&schema, &schema.defaults(), 1).unwrap();
        assert!(
            yaml.starts_with("seed: 1\nnetwork:\n  layers:\n  - 500\n  - 200\n  - 3\n  dynamics: pipelined\n"),
            "{yaml}"
        );
        assert!(!yaml.contains("null"), "{yaml}");
        assert!(RunConfig::from_values(&read(&yaml).configuration).is_ok());
    }
}
