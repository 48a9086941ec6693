//! The part of the JSON Schema for searches, from the registries of samplers and stopping rules.

use burstnet_core::config::Schema;
use schemars::{SchemaGenerator, json_schema};
use serde_json::{Map, Value as Json, json};

use super::json_schema_kinds::{described, object, or_null, properties, value};
use crate::limits::{MOST_BOUNDS, MOST_EARLIER_SOURCES, MOST_INCLUDED};
use crate::search::samplers::{self, SearchSetting};
use crate::search::stopping;
use crate::search::strategy::{self, Counts};

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

/// Returns the schemas of the parts of `search` that name keys, if these are known, with its `space` and
/// `per_replicate`.
pub(super) fn of_keys(schema: &Schema, space: Json, per_replicate: Json) -> Json {
    json!({ "space": space, "per_replicate": per_replicate, "zip": or_null(zip(json!({ "$ref": "#/$defs/key" }))), "include": or_null(include(schema)) })
}

/// Returns the schema of groups of keys, each like `key`.
fn zip(key: Json) -> Json {
    let keys = json!({ "type": "array", "items": key, "minItems": 2 });
    json!({ "anyOf": [keys, { "type": "array", "items": keys }] })
}

/// Returns the schema of `search` for any keys, since external programs have keys of their own.
pub(super) fn search(generator: &mut SchemaGenerator) -> schemars::Schema {
    let counts = generator.subschema_for::<Counts>().to_value();
    let configurations = json!({ "type": "array", "items": { "type": "object" }, "maxItems": MOST_INCLUDED });
    let text = json!({ "type": "string", "minLength": 1 });
    let names = strategy::names();
    let mut properties = json!({
        "strategy": described(json!({ "enum": names, "default": samplers::GRID }), "How configurations are chosen."),
        "trials": counts["properties"]["trials"],
        "round": counts["properties"]["round"],
        "lag": counts["properties"]["lag"],
        "space": described(
            json!({ "anyOf": [{ "type": ["object", "null"] }, { "type": "array", "items": { "type": "object" }, "minItems": 1 }] }),
            "Keys that vary, or a list of sub-spaces.",
        ),
        "zip": described(or_null(zip(json!({ "type": "string" }))), "Keys that move together."),
        "constraints": described(
            json!({ "anyOf": [text, { "type": "array", "items": text }, { "type": "null" }] }),
            "What every configuration fulfils.",
        ),
        "subject_to": described(
            json!({ "anyOf": [text, { "type": "array", "items": text, "maxItems": MOST_BOUNDS }, { "type": "null" }] }),
            "Bounds on measures that the best configuration keeps.",
        ),
        "learn_from": described(
            json!({ "anyOf": [
                text, { "type": "array", "items": text, "minItems": 1, "maxItems": MOST_EARLIER_SOURCES, "uniqueItems": true }, { "type": "null" },
            ] }),
            "Results directories, or .csv or .parquet files, whose results the strategy learns from.",
        ),
        "include": described(or_null(configurations), "Configurations that come first."),
        "table": described(or_null(text.clone()), "A .csv or .parquet file whose columns are keys and whose rows configurations."),
        "per_replicate": described(
            json!({ "type": ["object", "null"] }),
            "Keys of which each replicate draws a value, which all configurations share.",
        ),
        "stopping": described(or_null(stopping()), "By which rule configurations are stopped early."),
    });
    for sampler in samplers::ALL {
        add(&mut properties, sampler.info().settings);
    }
    json_schema!({
        "type": "object",
        "properties": properties,
        "anyOf": [{ "required": ["space"] }, { "required": ["table"] }],
        "additionalProperties": false,
    })
}

/// Returns the schema of configurations: values of keys, in their sections or as `section.key`.
fn include(schema: &Schema) -> Json {
    let one = object(properties(schema, &|key| value(&key.kind)));
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
