//! The sweep file that `burstnet refine` prints.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::Path;

use burstnet_core::config::{Configuration, Value};
use burstnet_core::text::cut;
use burstnet_sweep::objective::external::program::{Program, Stdin};
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::plan::{Dimension, input_files};
use burstnet_sweep::space::domain::Domain;
use serde_json::{Map, Value as Json, json};

use super::narrowed::{at_an_end, narrowed, spread};
use crate::text::clean;

/// The ending of the name of a sweep that looks closer, and the longest name before it.
const ENDING: &str = "-finer";
const LONGEST_NAME: usize = 94;
/// The longest range that a comment shows, in characters.
const LONGEST_RANGE: usize = 300;

/// A sweep file in the making.
pub(super) struct File<'a> {
    pub(super) plan: &'a Configurations,
    /// The configurations around which it looks.
    pub(super) around: &'a [u64],
    /// The width of a range, as a part of what it was.
    pub(super) factor: f64,
    pub(super) results: &'a Path,
    /// The folder in which the program of the sweep runs, if there is one and it is known.
    pub(super) folder: Option<&'a Path>,
}

impl File<'_> {
    /// Returns the text. `defaults` are those of the burst network; a program has none but those of its sweep file.
    pub(super) fn text(&self, defaults: Option<&Configuration>) -> String {
        let Self { plan, around, factor, results, .. } = self;
        let ids: Vec<String> = around.iter().map(u64::to_string).collect();
        let configs = if ids.len() == 1 { "configuration" } else { "configurations" };
        let mut text = format!(
            "# Looks closer at what {} found: ranges {factor} times as wide, around {configs} {}.\n",
            clean(&results.to_string_lossy()),
            ids.join(", ")
        );
        if self.has_rows() {
            let rows = if plan.subspaces.is_empty() { "rows of a table" } else { "those of sub-spaces" };
            let _ =
                writeln!(text, "# Its configurations were {rows}; these are as many points of ranges around the best.");
        }
        if plan.model.is_some() {
            text += &match self.folder {
                Some(folder) => format!(
                    "# Its program runs in the folder of the sweep file: save this one in {}.\n",
                    clean(&folder.to_string_lossy())
                ),
                None => "# Its program runs in the folder of the sweep file: save this one beside that file.\n".into(),
            };
        }
        let name: String = plan.name.chars().take(LONGEST_NAME).collect();
        let _ = writeln!(text, "name: {}", json!(name + ENDING));
        let _ = match plan.adaptive {
            None => writeln!(text, "seed: {}\nreplicates: {}", plan.seed, plan.replicates),
            Some(adaptive) => {
                let until = json!(adaptive.until);
                let until = until.as_str().unwrap_or_default();
                let (from, to) = (adaptive.from, plan.replicates);
                writeln!(text, "seed: {}\nreplicates: {{from: {from}, to: {to}, until: {until}}}", plan.seed)
            }
        };
        text += &plan.model.as_ref().map(model).unwrap_or_default();
        text += &self.base(defaults);
        let goals: Vec<String> = plan
            .objectives()
            .map(|goal| {
                format!(
                    "{{measure: {}, direction: {}}}",
                    json!(goal.measure),
                    json!(goal.direction).as_str().unwrap_or("minimize")
                )
            })
            .collect();
        let _ = match goals.as_slice() {
            [one] => writeln!(text, "objective: {one}"),
            several => writeln!(text, "objective: [{}]", several.join(", ")),
        };
        text += &self.search();
        text
    }

    /// Returns whether configurations are rows, of a table or of sub-spaces, rather than combinations of values.
    fn has_rows(&self) -> bool {
        self.plan.strategy.is_table()
            || !self.plan.subspaces.is_empty()
            || self.plan.zip.iter().any(|zip| self.are_rows(zip))
    }

    /// Returns whether keys that move together are those of rows: only these repeat values.
    fn are_rows(&self, keys: &[String]) -> bool {
        let repeats = |dimension: &Dimension| {
            let Domain::Values(values) = &dimension.domain else { return false };
            let mut seen = HashSet::new();
            values.iter().any(|value| !seen.insert(value.to_string()))
        };
        self.plan.space.iter().filter(|one| keys.contains(&one.key)).any(repeats)
    }

    /// Returns whether a key is a column of rows.
    fn is_of_rows(&self, key: &String) -> bool {
        let Self { plan, .. } = self;
        let first = plan.zip.iter().find(|zip| zip.contains(key));
        match first {
            Some(zip) => plan.strategy.is_table() || self.are_rows(zip) || self.is_of_subspaces(key),
            None => plan.strategy.is_table() || self.is_of_subspaces(key),
        }
    }

    /// Returns whether sub-spaces have a key: that of the first axis, and those that move with it.
    fn is_of_subspaces(&self, key: &String) -> bool {
        let first = self.plan.space.first().map(|dimension| &dimension.key).filter(|_| !self.plan.subspaces.is_empty());
        first.is_some_and(|first| {
            first == key || self.plan.zip.iter().any(|zip| zip.contains(first) && zip.contains(key))
        })
    }

    /// Returns the keys that all trials share, but for those that have their default; without defaults all keys.
    fn base(&self, defaults: Option<&Configuration>) -> String {
        let swept = |key: &str| self.plan.space.iter().any(|dimension| dimension.key == key);
        let own = self.plan.base.iter().filter(|(key, value)| match defaults {
            Some(defaults) => !swept(key) && defaults.get(key) != *value,
            // A key of a program has the kind of its value here, also where it is swept.
            None => true,
        });
        let lines: Vec<String> = own.map(|(key, value)| format!("  {key}: {}\n", self.value(key, value))).collect();
        if lines.is_empty() { String::new() } else { format!("base:\n{}", lines.concat()) }
    }

    /// Returns a value as YAML; of a file the copy in the results directory.
    fn value(&self, key: &str, value: &Value) -> String {
        let copy =
            self.plan.inputs.iter().find(|input| input.key == key && value.as_text() == Some(input.given.as_str()));
        match copy {
            Some(input) => {
                json!(self.results.join(input_files::FOLDER).join(&input.stored).to_string_lossy()).to_string()
            }
            None => json!(value).to_string(),
        }
    }

    fn search(&self) -> String {
        let Self { plan, .. } = self;
        let strategy = &plan.strategy;
        let has_rows = self.has_rows();
        let name = if has_rows { "sobol" } else { &strategy.name };
        let mut text = format!("search:\n  strategy: {name}\n");
        let trials = if has_rows { Some(plan.configurations()) } else { strategy.trials };
        let counts = [("trials", trials), ("round", strategy.round), ("lag", strategy.lag)];
        for (name, n) in counts.into_iter().filter_map(|(name, n)| Some((name, n?))) {
            let _ = writeln!(text, "  {name}: {n}");
        }
        for (name, setting) in &strategy.settings {
            let _ = writeln!(text, "  {name}: {setting}");
        }
        if let Some(stopping) = &plan.stopping {
            let settings: String = stopping.settings.iter().map(|(name, x)| format!(", {name}: {x}")).collect();
            let _ = writeln!(text, "  stopping: {{rule: {}{settings}}}", stopping.rule);
        }
        let zip: Vec<&Vec<String>> =
            plan.zip.iter().filter(|zip| zip.first().is_some_and(|key| !self.is_of_rows(key))).collect();
        if !zip.is_empty() {
            let _ = writeln!(text, "  zip: {}", json!(zip));
        }
        if !plan.constraints.is_empty() {
            let _ = writeln!(text, "  constraints: {}", json!(plan.constraints));
        }
        if !plan.subject_to.is_empty() {
            let bounds: Vec<String> = plan.subject_to.iter().map(ToString::to_string).collect();
            let _ = writeln!(text, "  subject_to: {}", json!(bounds));
        }
        if !plan.per_replicate.is_empty() {
            text += "  per_replicate:\n";
            for dimension in &plan.per_replicate {
                let domain = self.domain(&dimension.key, &dimension.domain);
                let domain = if domain.starts_with('[') { domain } else { format!("{{{domain}}}") };
                let _ = writeln!(text, "    {}: {domain}", dimension.key);
            }
        }
        text += "  space:\n";
        let best: Vec<Vec<Value>> = self.around.iter().map(|config| plan.swept_values(*config)).collect();
        for (at, dimension) in plan.space.iter().enumerate() {
            let values: Vec<Value> = best.iter().map(|values| values[at].clone()).collect();
            text += &match self.is_of_rows(&dimension.key) {
                true => self.dimension(&Dimension::new(&dimension.key, spread(&dimension.domain)), &values),
                false => self.dimension(dimension, &values),
            };
        }
        text
    }

    /// Returns a swept key, with a comment that says from where its range is.
    fn dimension(&self, dimension: &Dimension, values: &[Value]) -> String {
        let key = &dimension.key;
        let zipped = self.plan.zip.iter().flatten().any(|own| own == key) && !self.is_of_rows(key);
        let tied = zipped || dimension.ratio_of.is_some() || !dimension.when.is_empty();
        let domain = if tied { dimension.domain.clone() } else { narrowed(&dimension.domain, values, self.factor) };
        let shown: Vec<String> = values.iter().map(|value| self.value(key, value)).collect();
        let was = self.domain(key, &dimension.domain);
        let note = match (tied, at_an_end(&dimension.domain, values)) {
            (true, _) => "; tied to other keys, so it stays",
            (false, true) => "; some lie at an end of it, so better ones may lie beyond",
            (false, false) => "",
        };
        let mut parts = vec![self.domain(key, &domain)];
        if let Some(other) = &dimension.ratio_of {
            parts.push(format!("ratio_of: {other}"));
        }
        if !dimension.when.is_empty() {
            let conditions: Vec<String> =
                dimension.when.iter().map(|when| format!("{}: {}", when.key, json!(when.values))).collect();
            parts.push(format!("when: {{{}}}", conditions.join(", ")));
        }
        // A list alone needs no braces.
        let line = match (parts.as_slice(), &domain) {
            ([one], _) if one.starts_with('[') => one.clone(),
            ([one, rest @ ..], _) if one.starts_with('[') => format!("{{choice: {one}, {}}}", rest.join(", ")),
            _ => format!("{{{}}}", parts.join(", ")),
        };
        let best = if values.len() == 1 { "the best has" } else { "the best have" };
        let was = clean(&cut(&was, LONGEST_RANGE));
        format!("    # {best} {}; it was {was}{note}\n    {key}: {line}\n", clean(&shown.join(", ")))
    }

    fn domain(&self, key: &str, domain: &Domain) -> String {
        match domain {
            Domain::Values(values) => {
                format!("[{}]", values.iter().map(|value| self.value(key, value)).collect::<Vec<_>>().join(", "))
            }
            Domain::Linear { low, high, num, integer } => {
                format!("linear: {}, num: {num}", ends(*low, *high, *integer))
            }
            Domain::Log { low, high, num, integer } => format!("log: {}, num: {num}", ends(*low, *high, *integer)),
            Domain::Int { low, high, step: 1 } => format!("int: [{low}, {high}]"),
            Domain::Int { low, high, step } => format!("int: [{low}, {high}], step: {step}"),
            Domain::Uniform { low, high } => format!("uniform: {}", ends(*low, *high, false)),
            Domain::LogUniform { low, high } => format!("log_uniform: {}", ends(*low, *high, false)),
        }
    }
}

fn ends(low: f64, high: f64, integer: bool) -> String {
    if integer { format!("[{low:.0}, {high:.0}]") } else { format!("[{low:?}, {high:?}]") }
}

/// Returns the section of an external program. JSON is YAML.
fn model(program: &Program) -> String {
    // In plans of earlier versions, braces are no placeholders.
    let text = |text: &String| match program.placeholders {
        true => text.clone(),
        false => text.replace('{', "{{").replace('}', "}}"),
    };
    let mut lines = vec![("command", json!(program.command.iter().map(text).collect::<Vec<_>>()))];
    if !program.environment.is_empty() {
        let variables: Map<String, Json> =
            program.environment.iter().map(|(name, held)| (name.clone(), text(held).into())).collect();
        lines.push(("environment", variables.into()));
    }
    if program.stdin == Stdin::None {
        lines.push(("stdin", json!(program.stdin)));
    }
    if program.worker {
        lines.push(("worker", json!(true)));
    }
    lines.push(("measures", json!(program.measures)));
    if !program.read.is_empty() {
        lines.push(("read", json!(program.read)));
    }
    lines.extend(program.budget.as_ref().map(|budget| ("budget", json!(budget))));
    let lines: Vec<String> = lines.into_iter().map(|(key, value)| format!("  {key}: {value}\n")).collect();
    format!("model:\n{}", lines.concat())
}
