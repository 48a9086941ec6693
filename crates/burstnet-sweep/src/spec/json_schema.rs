//! The JSON Schema of sweep files and run files, from the same table of keys as everything else.

use std::sync::LazyLock;

use burstnet_core::config::{Key, Kind, Schema};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value as Json, json};

use super::json_schema_kinds::{described, object, properties, value};
use super::{SweepFile, json_schema_search};

/// Returns the JSON Schema (2020-12) of a sweep file, which also fits a run file.
pub fn json_schema(schema: &Schema) -> Json {
    let mut whole = of::<SweepFile>();
    let base = properties(schema, &value_of);
    let [space, drawn] = [true, false].map(|tied| properties(schema, &|key| domain(key, tied)));
    if let Some(top) = whole["properties"].as_object_mut() {
        top.extend(base.clone()); // of a run file
    }
    whole["title"] = json!("burstnet sweep file or run file");
    whole["$defs"] = json_schema_search::definitions(schema);
    whole["if"] = json!({ "required": ["model"] });
    whole["else"] = json!({ "properties": {
        "base": object(base),
        "search": { "properties": json_schema_search::of_keys(schema, spaces(schema, space), object(drawn)) },
    } });
    whole
}

/// Returns the JSON Schema of a section.
pub(super) fn of<T: JsonSchema>() -> Json {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// Returns the keys of the section at `path`, in any of its forms.
pub(super) fn keys(path: &str) -> Vec<String> {
    fn add(shape: &Json, keys: &mut Vec<String>) {
        for key in shape["properties"].as_object().into_iter().flat_map(Map::keys) {
            if !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        shape["anyOf"].as_array().into_iter().flatten().for_each(|form| add(form, keys));
    }
    static FILE: LazyLock<Json> = LazyLock::new(of::<SweepFile>);
    let mut keys = Vec::new();
    add(path.split('.').fold(&*FILE, |shape, name| &shape["properties"][name]), &mut keys);
    keys
}

fn value_of(key: &Key) -> Json {
    let mut value = described(value(&key.kind), &key.doc);
    value["default"] = json!(key.default);
    value
}

/// Returns the schema of a space with these properties, or of a list of sub-spaces, in which a key may also have a value.
fn spaces(schema: &Schema, space: Map<String, Json>) -> Json {
    let single = |key: &Key| json!({ "allOf": [value(&key.kind), { "not": { "type": ["array", "object"] } }] });
    let mut own = properties(schema, &|key| {
        let domain = domain(key, true);
        described(json!({ "anyOf": [single(key), { "anyOf": domain["anyOf"] }] }), &key.doc)
    });
    let name = json!({ "type": ["string", "number"], "maxLength": 100, "pattern": "^[A-Za-z0-9_-][A-Za-z0-9._-]*$" });
    own.insert("name".into(), described(name, "The sub-space's name."));
    let mut subspace = object(own);
    subspace["minProperties"] = json!(1);
    json!({ "anyOf": [object(space), { "type": "array", "items": subspace, "minItems": 1 }] })
}

/// Returns the schema of what a key is varied over; with its ties to other keys if it can have any.
fn domain(key: &Key, tied: bool) -> Json {
    let values = json!({ "type": "array", "items": value(&key.kind), "minItems": 1 });
    let ends = json!({ "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2 });
    let num = json!({ "type": "integer", "minimum": 1 });
    // The ties of a key to others may stand beside each form.
    let form = |mut properties: Json, required: &[&str]| {
        if tied {
            properties["when"] = json!({ "$ref": "#/$defs/when" });
        }
        json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
    };
    let mut forms = vec![values.clone(), form(json!({ "choice": values }), &["choice"])];
    let integer = matches!(key.kind, Kind::Integer { .. } | Kind::CountOrWord { .. });
    let number = matches!(key.kind, Kind::Number { .. } | Kind::OptionalNumber { .. } | Kind::RateOrRates { .. });
    if integer || number {
        forms.push(form(json!({ "linear": ends, "num": num }), &["linear", "num"]));
        forms.push(form(json!({ "log": ends, "num": num }), &["log", "num"]));
        forms.push(form(json!({ "int": ends, "step": num }), &["int"]));
    }
    if number {
        forms.push(form(json!({ "uniform": ends }), &["uniform"]));
        forms.push(form(json!({ "log_uniform": ends }), &["log_uniform"]));
        if tied {
            forms.extend(ratios(&form, &ends, &num));
        }
    }
    described(json!({ "anyOf": forms }), &key.doc)
}

/// The name of a form, the schema of its value, and the schemas of the keys beside it.
type Form<'a> = (&'a str, Json, &'a [(&'a str, &'a Json)]);

/// Returns the forms of a key that is tied to another one by ratios.
fn ratios(form: &dyn Fn(Json, &[&str]) -> Json, ends: &Json, num: &Json) -> Vec<Json> {
    let number = json!({ "type": "number" });
    let numbers = json!({ "type": "array", "items": number, "minItems": 1 });
    let own: [Form<'_>; 7] = [
        ("ratio", number, &[]),
        ("choice", numbers, &[]),
        ("linear", ends.clone(), &[("num", num)]),
        ("log", ends.clone(), &[("num", num)]),
        ("int", ends.clone(), &[]),
        ("uniform", ends.clone(), &[]),
        ("log_uniform", ends.clone(), &[]),
    ];
    let tied = |(name, held, beside): Form<'_>| {
        let mut properties = json!({ "ratio_of": { "$ref": "#/$defs/key" } });
        properties[name] = held;
        beside.iter().for_each(|(name, held)| properties[*name] = (*held).clone());
        let required: Vec<&str> = ["ratio_of", name].into_iter().chain(beside.iter().map(|(name, _)| *name)).collect();
        form(properties, &required)
    };
    own.into_iter().map(tied).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_have_keys_in_every_form() {
        assert_eq!(keys("execution"), ["sync_seconds", "max_seconds", "stop_after_failures", "order"]);
        assert_eq!(keys("objective"), ["measure", "direction"]);
        assert_eq!(
            keys("model"),
            ["command", "environment", "stdin", "worker", "restart_after", "measures", "read", "budget", "keep"]
        );
        assert_eq!(keys("search.stopping")[..3], ["rule", "at", "keep"]);
        let search = keys("search");
        assert_eq!(search[..2], ["strategy", "trials"]);
        assert!(search.iter().any(|key| key == "gamma"), "{search:?}");
        assert!(keys("nothing.at.all").is_empty());
    }
}
