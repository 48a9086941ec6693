//! Errors in a plan, with the part of the plan in which they are.

use std::fmt;

/// The part of a plan that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A field with a single value, such as the seed, by its name in `plan.json`.
    Field(&'static str),
    /// The value of a key in the base.
    Base(String),
    /// A swept key.
    Key(String),
    /// The key to which a swept key is a ratio.
    RatioOf(String),
    /// A group of keys that move together, by its number.
    Zip(usize),
    /// A constraint, by its number; the first one if the error is about all of them.
    Constraint(usize),
    /// A source of earlier results, by its number.
    LearnFrom(usize),
    /// A bound on a measure, by its number.
    SubjectTo(usize),
    /// An included configuration, by its number.
    Include(usize),
    /// A key that such a configuration gives.
    IncludedKey(usize, String),
    /// A key that is drawn for each replicate.
    PerReplicate(String),
    /// The strategy by which configurations are chosen.
    Strategy,
    /// The number of configurations that are chosen.
    Trials,
    /// The number of configurations that are proposed together.
    Round,
    /// The lag.
    Lag,
    /// An objective, by its number.
    Objective(usize),
    /// A key of the adaptive replicates; "" is all of them.
    Replicates(&'static str),
    /// The rule by which configurations are stopped early.
    Stopping,
    /// A file that configurations name, by its number.
    Input(usize),
    /// A placeholder in an argument of the program, by the number of the argument.
    Argument(usize, String),
    /// A placeholder in an environment variable of the program, by its name.
    Variable(String, String),
    /// A source of measures, by its number, and the path of the key in it.
    Reading(usize, Vec<&'static str>),
    /// The space as a whole.
    Whole,
}

/// Writes the path in `plan.json`.
impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => f.write_str(name),
            Self::Base(key) => write!(f, "base.{key}"),
            Self::Key(key) => write!(f, "space.{key}"),
            Self::RatioOf(key) => write!(f, "space.{key}.ratio_of"),
            Self::Zip(at) => write!(f, "zip[{at}]"),
            Self::Constraint(at) => write!(f, "constraints[{at}]"),
            Self::LearnFrom(at) => write!(f, "learn_from[{at}]"),
            Self::SubjectTo(at) => write!(f, "subject_to[{at}]"),
            Self::Include(at) => write!(f, "include[{at}]"),
            Self::IncludedKey(at, key) => write!(f, "include[{at}].{key}"),
            Self::PerReplicate(key) => write!(f, "per_replicate.{key}"),
            Self::Strategy => f.write_str("strategy"),
            Self::Trials => f.write_str("strategy.trials"),
            Self::Round => f.write_str("strategy.round"),
            Self::Lag => f.write_str("strategy.lag"),
            Self::Objective(0) => f.write_str("objective"),
            Self::Objective(at) => write!(f, "further_objectives[{}]", at - 1),
            Self::Replicates("to") => f.write_str("replicates"),
            Self::Replicates("") => f.write_str("adaptive"),
            Self::Replicates(key) => write!(f, "adaptive.{key}"),
            Self::Stopping => f.write_str("stopping"),
            Self::Input(at) => write!(f, "inputs[{at}]"),
            Self::Argument(at, _) => write!(f, "model.command[{at}]"),
            Self::Variable(name, _) => write!(f, "model.environment.{name}"),
            Self::Reading(at, _) => write!(f, "model.read[{at}]"),
            Self::Whole => f.write_str("space"),
        }
    }
}

/// A violation of a rule by a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct PlanError {
    /// The part of the plan that breaks the rule.
    pub about: About,
    /// The problem.
    pub problem: String,
    /// The values that could be there instead; empty if there are none.
    pub expected: String,
    /// The nearest name that exists.
    pub nearest: Option<String>,
}

impl PlanError {
    /// Returns an error about a part of a plan.
    pub fn new(about: About, problem: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { about, problem: problem.into(), expected: expected.into(), nearest: None }
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = self.about.to_string();
        if !self.problem.starts_with(&about) {
            write!(f, "{about}: ")?;
        }
        f.write_str(&self.problem)?;
        if !self.expected.is_empty() {
            write!(f, ", expected {}", self.expected)?;
        }
        match &self.nearest {
            Some(nearest) => write!(f, " (did you mean '{nearest}'?)"),
            None => Ok(()),
        }
    }
}
