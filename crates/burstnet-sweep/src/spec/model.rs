//! The section `model` of a sweep file: an external program in place of the burst network.

use burstnet_core::config::Schema;
use burstnet_core::text::listed;

use super::entries_of;
use super::outline::{self, Part};
use crate::objective::external::program::{NAME, Program, check_command, check_measures};
use crate::spec::document::{Content, Node};
use crate::spec::place::{Place, SpecError};

/// The keys of the section.
pub(super) const KEYS: [&str; 3] = ["command", "measures", "budget"];

/// The section `model`.
#[derive(Clone, Debug)]
pub struct ModelSection {
    /// The program. The files of its command are not looked at yet.
    pub program: Program,
    /// The place of the command.
    pub place: Place,
    /// The place of each measure's name.
    pub measure_places: Vec<Place>,
    /// The place of the key of the budget, if there is one.
    pub budget_place: Option<Place>,
}

impl ModelSection {
    /// Reads the section.
    ///
    /// # Errors
    /// If a key is unknown or missing, or a value does not fit it.
    pub(super) fn read(node: &Node, place: &Place) -> Result<Self, SpecError> {
        let (mut command, mut measures, mut budget) = (None, None, None);
        for entry in entries_of("model", node)? {
            match entry.key.as_str() {
                "command" => command = Some(entry.value),
                "measures" => measures = Some(entry.value),
                "budget" => budget = Some(entry.value).filter(|node| !node.is_null()),
                key => {
                    // The keys of the program are not known yet.
                    let none = Schema::new(Vec::new());
                    let held = (&entry.place, Some(&entry.value));
                    return Err(outline::unknown(&none, Part::Section("model"), key, held, &KEYS));
                }
            }
        }
        let missing =
            |key: &str, expected: &str| SpecError::new(place, format!("model has no {key}")).expected(expected);
        let command = command.ok_or_else(|| missing("command", COMMAND))?;
        let measures = measures.ok_or_else(|| missing("measures", MEASURES))?;
        let program = Program {
            command: texts("command", &command, COMMAND)?,
            measures: texts("measures", &measures, MEASURES)?,
            budget: budget.as_ref().map(|node| text("budget", node, "the name of a key")).transpose()?,
            files: Vec::new(),
        };
        check_command(&program.command).map_err(|problem| SpecError::new(&command.place, problem))?;
        check_measures(&program.measures)
            .map_err(|problem| SpecError::new(&measures.place, problem).expected(format!("names: {NAME}")))?;
        let measure_places = match &measures.content {
            Content::List(items) => items.iter().map(|item| item.place.clone()).collect(),
            Content::Scalar(..) | Content::Map(_) => Vec::new(),
        };
        Ok(Self { program, place: command.place, measure_places, budget_place: budget.map(|node| node.place) })
    }

    /// Returns the place of a measure's name.
    pub(crate) fn place_of_measure(&self, name: &str) -> Option<&Place> {
        self.measure_places.get(self.program.measures.iter().position(|measure| measure == name)?)
    }
}

const COMMAND: &str = "command: [program, arguments], as a list: no shell reads them";
const MEASURES: &str = "measures: [names of the measures that the program gives]";

fn texts(key: &str, node: &Node, expected: &str) -> Result<Vec<String>, SpecError> {
    match &node.content {
        Content::List(items) => items.iter().map(|item| text(key, item, "a text")).collect(),
        Content::Scalar(text, _) if !text.trim().is_empty() => {
            let error = SpecError::new(&node.place, format!("model.{key} is {}", node.shown())).expected(expected);
            let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
            Err(SpecError { nearest: Some(format!("[{}]", listed(words)).into()), ..error })
        }
        Content::Scalar(..) | Content::Map(_) => {
            Err(SpecError::new(&node.place, format!("model.{key} is {}", node.shown())).expected(expected))
        }
    }
}

/// Returns a text as it is written: 3 is the argument "3".
fn text(key: &str, node: &Node, expected: &str) -> Result<String, SpecError> {
    match &node.content {
        Content::Scalar(text, quoted) if *quoted || !text.is_empty() => Ok(text.clone()),
        Content::Scalar(..) | Content::List(_) | Content::Map(_) => {
            Err(SpecError::new(&node.place, format!("model.{key} has {}", node.shown())).expected(expected))
        }
    }
}
