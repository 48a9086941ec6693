//! The part of the JSON Schema for searches, from the registries of samplers and stopping rules.

use burstnet_core::config::Schema;
use serde_json::{Map, Value as Json, json};

use super::json_schema::{described, or_null, value};
use super::search::MOST_INCLUDED;
use crate::limits::{MOST_CONFIGURATIONS, MOST_IN_ROUNDS, MOST_OBJECTIVES};
use crate::objective::Direction;
use crate::search::samplers::{self, SearchSetting};
use crate::search::stopping;

/// Returns the schema of `objective`: one, or a list of several.
pub(super) fn objective() -> Json {
    let one = json!({
        "type": "object",
        "properties": {
            "measure": { "type": "string", "default": "test_mae" },
            "direction": { "enum": Direction::WORDS, "default": Direction::Minimize.word() },
        },
        "additionalProperties": false,
    });
    let one = json!({ "anyOf": [{ "type": "string", "minLength": 1 }, one] });
    let several = json!({ "type": "array", "items": one, "minItems": 1, "maxItems": MOST_OBJECTIVES });
    json!({ "anyOf": [one, several, { "type": "null" }] })
}

/// Returns the contents of `#/$defs`: the names of keys, and conditions.
pub(super) fn definitions(schema: &Schema) -> Json {
    let names: Vec<Json> = schema.keys().iter().map(|key| json!(key.path)).collect();
    let condition = |key: &burstnet_core::config::Key| {
        let one = value(&key.kind);
        (key.path.to_string(), json!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] }))
    };
    let conditions: Map<String, Json> = schema.keys().iter().map(condition).collect();
    json!({
        "key": { "enum": names },
        "when": {
            "description": "The key exists only where these keys have one of these values.",
            "type": "object",
            "properties": conditions,
            "minProperties": 1,
            "additionalProperties": false,
        },
    })
}

/// Returns the schemas of the parts of `search` that name keys, if these are known, with its `space`.
pub(super) fn of_keys(schema: &Schema, space: Json) -> Json {
    json!({ "space": space, "zip": or_null(zip(json!({ "$ref": "#/$defs/key" }))), "include": or_null(include(schema)) })
}

/// Returns the schema of groups of keys, each like `key`.
fn zip(key: Json) -> Json {
    let keys = json!({ "type": "array", "items": key, "minItems": 2 });
    json!({ "anyOf": [keys, { "type": "array", "items": keys }] })
}

/// Returns the schema of `search` for any keys, since external programs have keys of their own.
pub(super) fn search() -> Json {
    let configurations = json!({ "type": "array", "items": { "type": "object" }, "maxItems": MOST_INCLUDED });
    let text = json!({ "type": "string", "minLength": 1 });
    let names: Vec<&str> = samplers::ALL.iter().map(|sampler| sampler.info().name).collect();
    let mut properties = json!({
        "strategy": described(json!({ "enum": names, "default": samplers::GRID }), "How configurations are chosen."),
        "trials": described(or_null(count()), "How many configurations there are."),
        "round": described(or_null(json!({ "type": "integer", "minimum": 1, "maximum": MOST_IN_ROUNDS })), "How many configurations are chosen together."),
        "space": { "type": ["object", "null"] },
        "zip": described(or_null(zip(json!({ "type": "string" }))), "Keys that move together."),
        "constraints": described(
            json!({ "anyOf": [text, { "type": "array", "items": text }, { "type": "null" }] }),
            "What every configuration fulfils.",
        ),
        "include": described(or_null(configurations), "Configurations that come first."),
        "table": described(or_null(text.clone()), "A .csv or .parquet file whose columns are keys and whose rows configurations."),
        "stopping": described(or_null(stopping()), "By which rule configurations are stopped early."),
    });
    for sampler in samplers::ALL {
        add(&mut properties, sampler.info().settings);
    }
    json!({
        "type": "object",
        "properties": properties,
        "anyOf": [{ "required": ["space"] }, { "required": ["table"] }],
        "additionalProperties": false,
    })
}

fn count() -> Json {
    json!({ "type": "integer", "minimum": 1, "maximum": MOST_CONFIGURATIONS })
}

/// Returns the schema of configurations: values of keys, in their sections or as `section.key`.
fn include(schema: &Schema) -> Json {
    let mut all = Map::new();
    for section in schema.sections() {
        let own = schema.keys().iter().filter_map(|key| Some((key, key.path.split_once('.')?)));
        let own = own.filter(|(_, (name, _))| *name == section);
        let own: Map<String, Json> = own.map(|(key, (_, short))| (short.to_owned(), value(&key.kind))).collect();
        all.insert(section.to_owned(), json!({ "type": "object", "properties": own, "additionalProperties": false }));
    }
    all.extend(schema.keys().iter().map(|key| (key.path.to_string(), value(&key.kind))));
    let one = json!({ "type": "object", "properties": all, "additionalProperties": false });
    json!({ "type": "array", "items": one, "maxItems": MOST_INCLUDED })
}

/// Returns the schema of a rule's name, or of a rule with its settings.
fn stopping() -> Json {
    let names: Vec<&str> = stopping::ALL.iter().map(|rule| rule.info().name).collect();
    let rule = |rule: &&dyn stopping::Rule| {
        let info = rule.info();
        let mut properties = json!({ "rule": { "const": info.name } });
        add(&mut properties, info.settings);
        json!({ "type": "object", "properties": properties, "required": ["rule"], "additionalProperties": false })
    };
    let forms: Vec<Json> = [json!({ "enum": names })].into_iter().chain(stopping::ALL.iter().map(rule)).collect();
    json!({ "anyOf": forms })
}

/// Adds settings to properties. A setting that several samplers have gets the widest bounds.
fn add(properties: &mut Json, settings: &[SearchSetting]) {
    for setting in settings {
        let held = &properties[setting.name];
        let bound =
            |name: &str, own: f64, wider: fn(f64, f64) -> f64| held[name].as_f64().map_or(own, |x| wider(own, x));
        let kind = if setting.integer { "integer" } else { "number" };
        let (low, high) = (bound("minimum", setting.min, f64::min), bound("maximum", setting.max, f64::max));
        let schema = json!({ "type": kind, "minimum": low, "maximum": high, "default": setting.default });
        properties[setting.name] = described(schema, setting.doc);
    }
}
