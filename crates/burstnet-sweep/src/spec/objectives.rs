//! The section `objective` of a sweep file: one measure, or several.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::document::Node;
use super::model::ModelSection;
use super::place::{Place, Placed, SpecError};
use super::reader;
use crate::limits::MOST_OBJECTIVES;
use crate::objective::{Direction, Goal};

/// An objective as it is written, where its measure alone stands for it too.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Objective {
    #[serde(default, deserialize_with = "reader::not_null")]
    #[schemars(with = "String", extend("default" = "test_mae"))]
    measure: Option<String>,
    #[serde(default)]
    direction: Direction,
}

/// Returns the schema of one objective, or of a list of several.
pub(super) fn schema(generator: &mut SchemaGenerator) -> Schema {
    let one = generator.subschema_for::<Objective>();
    let one = json_schema!({ "anyOf": [{ "type": "string", "minLength": 1 }, one] });
    let several = json_schema!({ "type": "array", "items": one, "minItems": 1, "maxItems": MOST_OBJECTIVES });
    json_schema!({ "anyOf": [one, several, { "type": "null" }] })
}

/// Returns the goals of a file that has these objectives, which `root` holds.
///
/// # Errors
/// If there are none or too many, or a measure is a direction or repeated.
pub(super) fn goals(
    objectives: Option<Vec<Objective>>,
    root: &Node,
    whole: &Place,
    model: Option<&ModelSection>,
) -> Result<Vec<Placed<Goal>>, SpecError> {
    let first = model.map_or("test_mae", |model| &model.program.measures[0]);
    let objectives = objectives.unwrap_or_else(|| vec![Objective::default()]);
    if !(1..=MOST_OBJECTIVES).contains(&objectives.len()) {
        let problem = format!("objective lists {} measures", objectives.len());
        return Err(SpecError::new(root.place_of(&["objective"]), problem).expected(format!("1 to {MOST_OBJECTIVES}")));
    }
    let mut goals: Vec<Placed<Goal>> = Vec::with_capacity(objectives.len());
    for (at, Objective { measure, direction }) in objectives.into_iter().enumerate() {
        let named = measure.is_some();
        let place = if named { root.place_of(&["objective", &at.to_string(), "measure"]) } else { whole };
        let measure = measure.unwrap_or_else(|| first.to_owned());
        if Direction::WORDS.contains(&&*measure) && model.is_none() {
            return Err(SpecError::new(place, format!("objective.measure is '{measure}', a direction"))
                .expected(format!("objective: {{measure: {first}, direction: {measure}}}")));
        }
        if goals.iter().any(|other| other.held.measure == measure) {
            return Err(SpecError::new(place, format!("objective names {measure} twice")).expected("each measure once"));
        }
        goals.push(Placed { held: Goal { measure, direction }, place: place.clone() });
    }
    Ok(goals)
}
