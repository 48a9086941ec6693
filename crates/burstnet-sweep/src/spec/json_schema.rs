//! The JSON Schema of sweep files and run files, from the same table as everything else.

use burstnet_core::config::{Key, Kind, Schema};
use serde_json::{Map, Value as Json, json};

use super::{LARGEST_SEED, MOST_CONFIGURATIONS, MOST_REPLICATES};

/// The JSON Schema (2020-12) of a sweep file, which also fits a run file.
pub fn json_schema(schema: &Schema) -> Json {
    let mut space = Map::new();
    for key in schema.keys() {
        space.insert(key.path.to_owned(), domain(key));
    }
    let mut top = sections(schema);
    let seed = json!({ "type": "integer", "minimum": 0, "maximum": LARGEST_SEED, "default": 0 });
    top.insert(
        "name".into(),
        json!({ "type": "string", "pattern": "^[A-Za-z0-9_-][A-Za-z0-9._-]*$", "maxLength": 100 }),
    );
    top.insert("seed".into(), described(seed, "Root of every random stream."));
    let replicates = json!({ "type": "integer", "minimum": 1, "maximum": MOST_REPLICATES, "default": 1 });
    top.insert("replicates".into(), described(replicates, "Seeds per configuration."));
    top.insert(
        "base".into(),
        json!({ "type": "object", "properties": sections(schema), "additionalProperties": false }),
    );
    top.insert(
        "objective".into(),
        json!({
            "type": "object",
            "properties": {
                "measure": { "type": "string", "default": "test_mae" },
                "direction": { "enum": ["minimize", "maximize"], "default": "minimize" },
            },
            "additionalProperties": false,
        }),
    );
    top.insert(
        "search".into(),
        json!({
            "type": "object",
            "properties": {
                "strategy": { "enum": ["grid", "random"], "default": "grid" },
                "trials": { "type": "integer", "minimum": 1, "maximum": MOST_CONFIGURATIONS },
                "space": { "type": "object", "properties": space, "additionalProperties": true },
            },
            "required": ["space"],
            "additionalProperties": false,
        }),
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "burstnet sweep file or run file",
        "type": "object",
        "properties": top,
        "additionalProperties": false,
    })
}

fn sections(schema: &Schema) -> Map<String, Json> {
    let section = |name: &str| {
        let own = schema.keys().iter().filter_map(|key| Some((key.path.strip_prefix(name)?.strip_prefix('.')?, key)));
        let properties: Map<String, Json> = own
            .map(|(short, key)| {
                let mut value = described(value(&key.kind), key.doc);
                value["default"] = json!(key.default);
                (short.to_owned(), value)
            })
            .collect();
        json!({ "type": "object", "properties": properties, "additionalProperties": false })
    };
    schema.sections().into_iter().map(|name| (name.to_owned(), section(name))).collect()
}

fn described(mut schema: Json, doc: &str) -> Json {
    schema["description"] = json!(doc);
    schema
}

fn value(kind: &Kind) -> Json {
    match kind {
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Number { min, max } => number(*min, *max),
        Kind::OptionalNumber { min, max } => json!({ "anyOf": [number(*min, *max), { "type": "null" }] }),
        Kind::Word(words) => json!({ "enum": words }),
        Kind::CountOrWord { max, words } => {
            json!({ "anyOf": [{ "type": "integer", "minimum": 1, "maximum": max }, { "enum": words }] })
        }
        Kind::RateOrRates { max } => {
            json!({ "anyOf": [number(0.0, *max), { "type": "array", "items": number(0.0, *max) }] })
        }
        Kind::Sizes { at_least, max } => json!({
            "type": "array",
            "items": { "type": "integer", "minimum": 1, "maximum": max },
            "minItems": at_least,
        }),
        Kind::Range { min, max } => {
            json!({ "type": "array", "items": number(*min, *max), "minItems": 2, "maxItems": 2 })
        }
        Kind::File | Kind::Folder => json!({ "type": ["string", "null"] }),
    }
}

fn number(min: f64, max: f64) -> Json {
    let mut schema = json!({ "type": "number" });
    if min > f64::MIN {
        schema["minimum"] = json!(min);
    }
    if max < f64::MAX {
        schema["maximum"] = json!(max);
    }
    schema
}

fn domain(key: &Key) -> Json {
    let values = json!({ "type": "array", "items": value(&key.kind), "minItems": 1 });
    let ends = json!({ "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2 });
    let num = json!({ "type": "integer", "minimum": 1 });
    let form = |properties: Json, required: &[&str]| json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
    let forms = json!([
        values,
        form(json!({ "choice": values }), &["choice"]),
        form(json!({ "linear": ends, "num": num }), &["linear", "num"]),
        form(json!({ "log": ends, "num": num }), &["log", "num"]),
        form(json!({ "int": ends }), &["int"]),
        form(json!({ "uniform": ends }), &["uniform"]),
        form(json!({ "log_uniform": ends }), &["log_uniform"]),
    ]);
    described(json!({ "anyOf": forms }), key.doc)
}
