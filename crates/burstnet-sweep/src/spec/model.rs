//! The section `model` of a sweep file: an external program in place of the burst network.

use std::collections::BTreeMap;

use burstnet_core::config::Schema;
use schemars::{JsonSchema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::document::{Entry, Node};
use super::place::{Place, SpecError};
use super::reader;
use crate::limits::{
    LONGEST_ARGUMENT, LONGEST_NAME, MOST_ARGUMENTS, MOST_PROGRAM_MEASURES, MOST_READINGS, MOST_SERVED, MOST_VARIABLES,
};
use crate::objective::external::program::{
    Holder, NAME, NO_NAME, NO_REQUESTS, OF_WORKERS, Program, Stdin, check_command, check_environment, check_measures,
    of_trial,
};
use crate::objective::external::reading::{self, Reading};

/// An external program in place of the burst network, as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    /// The program and its arguments, in which {key} stands for a value; no shell reads them.
    #[schemars(length(min = 1, max = MOST_ARGUMENTS), extend("items" = { "type": ["string", "number", "boolean"] }))]
    command: Vec<String>,
    /// Environment variables that the program gets besides those of burstnet, in which {key} stands for a value.
    #[schemars(length(max = MOST_VARIABLES))]
    #[schemars(extend("additionalProperties" = { "type": ["string", "number", "boolean"], "maxLength": LONGEST_ARGUMENT }))]
    environment: Option<BTreeMap<String, String>>,
    /// The content of its standard input: the configuration as JSON, or nothing.
    #[serde(default)]
    stdin: Stdin,
    /// True if the program is started once per thread and serves trial after trial.
    #[serde(default)]
    worker: bool,
    /// The number of trials after which a worker is started anew.
    #[schemars(range(min = 1, max = MOST_SERVED))]
    restart_after: Option<u64>,
    /// The measures that the program gives.
    #[schemars(length(min = 1, max = MOST_PROGRAM_MEASURES), extend("uniqueItems" = true))]
    #[schemars(inner(length(max = LONGEST_NAME), regex(pattern = "^[A-Za-z_][A-Za-z0-9_]*$")))]
    measures: Vec<String>,
    /// Sources of measures and curves in what the program prints or writes anyway.
    #[serde(default)]
    #[schemars(schema_with = "readings")]
    read: Option<Vec<Reading>>,
    /// The integer key that says how long an evaluation lasts.
    budget: Option<String>,
    /// True if the folders of trials stay.
    #[serde(default)]
    keep: bool,
}

/// Returns the schema of one source or several.
fn readings(generator: &mut SchemaGenerator) -> schemars::Schema {
    let one = generator.subschema_for::<Reading>().to_value();
    json_schema!({ "anyOf": [one, { "type": "array", "items": one, "maxItems": MOST_READINGS }, { "type": "null" }] })
}

/// The section `model`.
#[derive(Clone, Debug)]
pub struct ModelSection {
    /// The program. The files of its command are not looked at yet.
    pub program: Program,
    /// True if the folders of trials stay.
    pub keep: bool,
    /// The number of trials after which a worker is started anew.
    pub restart_after: Option<u64>,
    node: Node,
}

impl ModelSection {
    /// Reads the section.
    ///
    /// # Errors
    /// If a key is unknown or missing, or a value does not fit it.
    pub(super) fn read(entry: &Entry) -> Result<Self, SpecError> {
        let no_keys = Schema::new(Vec::new()); // those of the program are not known yet
        let Written { command, environment, stdin, worker, restart_after, measures, read, budget, keep } =
            reader::read("model", (&entry.place, &entry.value), &no_keys)?;
        let environment = environment.unwrap_or_default();
        let read = read.unwrap_or_default();
        let program = Program { command, environment, stdin, worker, measures, read, budget, ..Program::default() };
        let node = entry.value.clone();
        let section = Self { program: program.noting_placeholders(), keep, restart_after, node };
        check_command(&section.program.command).map_err(|problem| SpecError::new(section.place(), problem))?;
        check_environment(&section.program.environment)
            .map_err(|problem| SpecError::new(section.node.place_of(&["environment"]), problem))?;
        section.program.templates().map_err(|(holder, error)| {
            SpecError::new(&section.place_of_part(&holder, &error.part), error.problem).expected(error.expected)
        })?;
        if section.program.name().is_none() {
            return Err(SpecError::new(&section.place_of_part(&Holder::Argument(0), "{"), NO_NAME));
        }
        section.check_worker()?;
        check_measures(&section.program.measures).map_err(|problem| {
            SpecError::new(section.node.place_of(&["measures"]), problem).expected(format!("names: {NAME}"))
        })?;
        reading::sources(&section.program.read, &section.program.measures).map_err(|(at, error)| {
            let place = section.place_of_reading(at, &error.key).clone();
            SpecError::new(&place, error.problem).expected(error.expected).meant(error.nearest)
        })?;
        Ok(section)
    }

    /// Checks that a worker can tell its trials apart, and that what is said of workers is said of one.
    fn check_worker(&self) -> Result<(), SpecError> {
        let place = |key: &str| self.node.place_of(&[key]);
        if let Some((holder, placeholder)) = self.program.placeholder_of_trial() {
            let error = SpecError::new(&self.place_of_part(&holder, &placeholder), of_trial(&placeholder));
            return Err(error.expected(OF_WORKERS));
        }
        if self.program.worker && self.program.stdin == Stdin::None {
            return Err(SpecError::new(place("stdin"), NO_REQUESTS).expected("json"));
        }
        if self.restart_after.is_some() && !self.program.worker {
            let problem = "restart_after is for workers: a program is started anew for every trial";
            return Err(SpecError::new(place("restart_after"), problem).expected("worker: true beside it, or none"));
        }
        Ok(())
    }

    /// Returns the place of a key of a source of measures.
    pub(crate) fn place_of_reading(&self, at: usize, keys: &[&str]) -> &Place {
        let number = at.to_string();
        let path: Vec<&str> = ["read", &number].into_iter().chain(keys.iter().copied()).collect();
        self.node.place_of(&path)
    }

    /// Returns the place of the command.
    pub fn place(&self) -> &Place {
        self.node.place_of(&["command"])
    }

    /// Returns the place of the key of the budget.
    pub(crate) fn place_of_budget(&self) -> &Place {
        self.node.place_of(&["budget"])
    }

    /// Returns the place of a part of an argument or an environment variable, such as a placeholder.
    pub(crate) fn place_of_part(&self, holder: &Holder, part: &str) -> Place {
        let place = match holder {
            Holder::Argument(at) => self.node.place_of(&["command", &at.to_string()]),
            Holder::Variable(name) => self.node.place_of(&["environment", name]),
        };
        place.of_part(part)
    }

    /// Returns the place of a measure's name.
    pub(crate) fn place_of_measure(&self, name: &str) -> Option<&Place> {
        let at = self.program.measures.iter().position(|measure| measure == name)?;
        Some(self.node.place_of(&["measures", &at.to_string()]))
    }
}
