//! The part of the JSON Schema for keys and for values of each kind.

use burstnet_core::config::{Item, Key, Kind, Schema};
use serde_json::{Map, Value as Json, json};

/// Returns a property for every key, in its section and as `section.key`.
pub(super) fn properties(schema: &Schema, property: &dyn Fn(&Key) -> Json) -> Map<String, Json> {
    let mut all = Map::new();
    for section in schema.sections() {
        let mut own = Map::new();
        for key in schema.keys() {
            if let Some((name, short)) = key.path.split_once('.')
                && name == section
            {
                own.insert(short.to_owned(), property(key));
            }
        }
        all.insert(section.to_owned(), object(own));
    }
    all.extend(schema.keys().iter().map(|key| (key.path.to_string(), property(key))));
    all
}

/// Returns the schema of a mapping of these keys, which may be left empty.
pub(super) fn object(properties: Map<String, Json>) -> Json {
    json!({ "type": ["object", "null"], "properties": properties, "additionalProperties": false })
}

/// Returns the schema with null as a further value.
pub(super) fn or_null(schema: Json) -> Json {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

pub(super) fn described(mut schema: Json, doc: &str) -> Json {
    schema["description"] = json!(doc);
    schema
}

pub(super) fn value(kind: &Kind) -> Json {
    match kind {
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Number { min, max } => number(*min, *max),
        Kind::OptionalNumber { min, max } => or_null(number(*min, *max)),
        Kind::Word(words) => json!({ "enum": words }),
        Kind::CountOrWord { max, words } => {
            json!({ "anyOf": [{ "type": "integer", "minimum": 1, "maximum": max }, { "enum": words }] })
        }
        Kind::RateOrRates { max } => {
            json!({ "anyOf": [number(0.0, *max), { "type": "array", "items": number(0.0, *max) }] })
        }
        Kind::Sizes { at_least, at_most, max } => json!({
            "type": "array",
            "items": { "type": "integer", "minimum": 1, "maximum": max },
            "minItems": at_least,
            "maxItems": at_most,
        }),
        Kind::Range { min, max } => {
            json!({ "type": "array", "items": number(*min, *max), "minItems": 2, "maxItems": 2 })
        }
        Kind::File | Kind::Folder => json!({ "type": ["string", "null"] }),
        Kind::Text => json!({ "type": "string" }),
        Kind::List(item) => {
            let item = match item {
                Item::Integer => "integer",
                Item::Number => "number",
                Item::Text => "string",
            };
            json!({ "type": "array", "items": { "type": item } })
        }
        Kind::OrNull(kind) => or_null(value(kind)),
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
