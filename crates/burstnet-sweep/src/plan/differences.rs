//! The differences between two plans, for people.

use std::borrow::Cow;

use burstnet_core::text::cut;
use serde_json::{Map, Value as Json};

use crate::files::hashed::HashedFile;
use crate::limits::MOST_VALUES_SHOWN;
use crate::plan::{Dimension, Plan};

/// The longest value that a message shows, in characters.
const LONGEST: usize = 500;

/// Returns the parts in which two plans differ, each as a line.
pub(crate) fn of(held: &Plan, now: &Plan) -> Vec<String> {
    let mut differences = Vec::new();
    compare("", &parts(held), &parts(now), &mut differences);
    differences
}

/// Returns a plan as JSON with its keys and input files under their names.
fn parts(plan: &Plan) -> Json {
    let mut json = serde_json::to_value(plan).unwrap_or_default();
    let order = Json::from(plan.space.iter().map(|dimension| dimension.key.as_str()).collect::<Vec<_>>());
    let named =
        |dimension: &Dimension| (dimension.key.clone(), serde_json::to_value(&dimension.domain).unwrap_or_default());
    let space: Map<String, Json> = plan.space.iter().map(named).collect();
    let drawn: Map<String, Json> = plan.per_replicate.iter().map(named).collect();
    let inputs = plan.inputs.iter().map(|input| {
        let content = |file: &HashedFile| {
            let name = if file.name.is_empty() { "content" } else { &file.name };
            (name.to_owned(), shown(file).into())
        };
        let files: Map<String, Json> = input.files.iter().map(content).collect();
        (format!("{} {}", input.key, input.given), files.into())
    });
    let inputs: Map<String, Json> = inputs.collect();
    let files = plan.model.iter().flat_map(|program| &program.files);
    let files: Map<String, Json> = files.map(|file| (file.name.clone(), shown(file).into())).collect();
    if let Some(json) = json.as_object_mut() {
        json.insert("order of the keys".into(), order);
        json.insert("space".into(), space.into());
        json.insert("inputs".into(), inputs.into());
        if !drawn.is_empty() {
            json.insert("per_replicate".into(), drawn.into());
        }
        if let Some(model) = json.get_mut("model").and_then(Json::as_object_mut) {
            model.insert("files".into(), files.into());
        }
    }
    json
}

fn shown(file: &HashedFile) -> String {
    format!("{} bytes, BLAKE3 {}", file.bytes, file.blake3.get(..16).unwrap_or_default())
}

fn compare(path: &str, held: &Json, now: &Json, differences: &mut Vec<String>) {
    match (held, now) {
        (Json::Object(held), Json::Object(now)) => {
            let inner = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
            for (key, value) in held {
                match now.get(key) {
                    Some(other) => compare(&inner(key), value, other, differences),
                    None => differences.push(format!(
                        "{}: {}, now missing",
                        shortened(&inner(key)),
                        shortened(&value.to_string())
                    )),
                }
            }
            for (key, value) in now.iter().filter(|(key, _)| !held.contains_key(*key)) {
                differences.push(format!("{}: missing, now {}", shortened(&inner(key)), shortened(&value.to_string())));
            }
        }
        _ if held == now => {}
        (Json::Array(a), Json::Array(b)) if held.to_string().len() > LONGEST || now.to_string().len() > LONGEST => {
            differences.push(format!("{}: {}", shortened(path), changes(a, b)));
        }
        _ => differences.push(format!(
            "{}: {}, now {}",
            shortened(path),
            shortened(&held.to_string()),
            shortened(&now.to_string())
        )),
    }
}

/// Returns the values that a long list lost and gained.
fn changes(held: &[Json], now: &[Json]) -> String {
    let missing = |from: &[Json], other: &[Json]| -> Vec<String> {
        let other: std::collections::HashSet<String> = other.iter().map(Json::to_string).collect();
        from.iter().map(Json::to_string).filter(|value| !other.contains(value)).collect()
    };
    let listed = |values: &[String]| {
        let shown: Vec<String> =
            values.iter().take(MOST_VALUES_SHOWN).map(|value| shortened(value).into_owned()).collect();
        let more = values.len().saturating_sub(MOST_VALUES_SHOWN);
        if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
    };
    let (lost, gained) = (missing(held, now), missing(now, held));
    match (lost.is_empty(), gained.is_empty()) {
        (true, true) => format!("the same {} values in another order, or as often", held.len()),
        (false, true) => format!("now without {}", listed(&lost)),
        (true, false) => format!("now also {}", listed(&gained)),
        (false, false) => format!("now {} instead of {}", listed(&gained), listed(&lost)),
    }
}

/// Returns a value for a message, shortened if it is long.
fn shortened(text: &str) -> Cow<'_, str> {
    cut(text, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn compared(held: Json, now: Json) -> Vec<String> {
        let mut differences = Vec::new();
        compare("", &held, &now, &mut differences);
        differences
    }

    #[test]
    fn values_below_each_other() {
        let found = compared(json!({"a": {"b": 1, "c": 2}, "d": 3}), json!({"a": {"b": 4, "c": 2}, "e": [1]}));
        assert_eq!(found, ["a.b: 1, now 4", "d: 3, now missing", "e: missing, now [1]"]);
    }

    #[test]
    fn what_a_long_list_lost_and_gained() {
        let held: Vec<f64> = (0..300).map(|i| f64::from(i) / 7.0).collect();
        let mut now = held.clone();
        now[299] = -1.5;
        assert_eq!(compared(json!({"x": held}), json!({"x": now})), ["x: now -1.5 instead of 42.714285714285715"]);
        now.pop();
        assert_eq!(compared(json!({"x": held}), json!({"x": now})), ["x: now without 42.714285714285715"]);
        let found = compared(json!({"x": []}), json!({"x": held}));
        assert!(found[0].starts_with("x: now also 0.0, 0.14") && found[0].ends_with(" and 290 more"), "{found:?}");
    }
}
