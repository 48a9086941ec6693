//! `burstnet refine`: a sweep file that looks closer at what a sweep found.

use std::fmt::Write as _;
use std::path::Path;

use burstnet_core::config::{Configuration, Value};
use burstnet_core::engine::Isa;
use burstnet_core::math::{exp, ln};
use burstnet_report::analysis::confirmed::best;
use burstnet_report::tables;
use burstnet_sweep::objective::Objective as _;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::plan::{Dimension, input_files};
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::results::study::Study;
use burstnet_sweep::space::domain::Domain;
use serde_json::json;

use crate::arguments::RefineArguments;
use crate::failure::Failure;
use crate::shared::models::built_in;
use crate::terminal::say::say;
use crate::text::clean;

/// The part of a range at either end of which a value counts as at its end.
const END: f64 = 0.05;

/// Prints a sweep file whose ranges are narrower, around the best configurations.
pub(crate) fn refine(arguments: &RefineArguments) -> Result<(), Failure> {
    let model = NamedModel::of_results(&arguments.results, Isa::detect())?;
    let network = built_in(&model, &arguments.results, "refine")?;
    let study = Study::open(&arguments.results, network)?;
    let collected = tables::collected(&study, network)?;
    let plan = collected.ledger.configurations();
    let wanted = arguments.around.strip_prefix("best:").and_then(|n| n.parse::<usize>().ok()).filter(|n| *n > 0);
    let wanted = wanted.ok_or_else(|| {
        Failure::Input(format!(
            "--around {}: expected best:K, the best K configurations, such as best:3",
            arguments.around
        ))
    })?;
    let around = best(plan, &collected.sample, wanted);
    if around.is_empty() {
        let (results, measure) = (study.results.display(), &plan.objective.measure);
        let keeps = match plan.subject_to.is_empty() {
            true => String::new(),
            false => {
                let bounds: Vec<String> = plan.subject_to.iter().map(ToString::to_string).collect();
                format!(" in a configuration that keeps {}", bounds.join(" and "))
            }
        };
        return Err(Failure::Input(format!(
            "{results}: no trial is ok and has {measure}{keeps}, so there is nothing to look at closer"
        )));
    }
    if plan.strategy.name == "table" {
        return Err(Failure::Input(format!(
            "{}: its configurations are the rows of a table, expected a sweep with a space",
            study.results.display()
        )));
    }
    let results = std::path::absolute(&study.results)
        .map_err(|error| Failure::Environment(format!("{}: {error}", study.results.display())))?;
    let defaults = network.schema().defaults();
    say(File { plan, around: &around, factor: arguments.factor, results: &results }.text(&defaults).trim_end())
}

/// A sweep file in the making.
struct File<'a> {
    plan: &'a Configurations,
    /// The configurations around which it looks.
    around: &'a [u64],
    /// The width of a range, as a part of what it was.
    factor: f64,
    results: &'a Path,
}

impl File<'_> {
    fn text(&self, defaults: &Configuration) -> String {
        let Self { plan, around, factor, results } = self;
        let ids: Vec<String> = around.iter().map(u64::to_string).collect();
        let configs = if ids.len() == 1 { "configuration" } else { "configurations" };
        let mut text = format!(
            "# Looks closer at what {} found: ranges {factor} times as wide, around {configs} {}.\n",
            clean(&results.to_string_lossy()),
            ids.join(", ")
        );
        let _ = writeln!(text, "name: {}", json!(format!("{}-finer", plan.name)));
        let _ = writeln!(text, "seed: {}\nreplicates: {}", plan.seed, plan.replicates);
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

    /// Returns the keys that all trials share and that have no default.
    fn base(&self, defaults: &Configuration) -> String {
        let swept = |key: &str| self.plan.space.iter().any(|dimension| dimension.key == key);
        let own = self.plan.base.iter().filter(|(key, value)| !swept(key) && defaults.get(key) != *value);
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
        let strategy = &self.plan.strategy;
        let mut text = format!("search:\n  strategy: {}\n", strategy.name);
        let counts = [("trials", strategy.trials), ("round", strategy.round)];
        for (name, n) in counts.into_iter().filter_map(|(name, n)| Some((name, n?))) {
            let _ = writeln!(text, "  {name}: {n}");
        }
        for (name, setting) in &strategy.settings {
            let _ = writeln!(text, "  {name}: {setting}");
        }
        if let Some(stopping) = &self.plan.stopping {
            let settings: String = stopping.settings.iter().map(|(name, x)| format!(", {name}: {x}")).collect();
            let _ = writeln!(text, "  stopping: {{rule: {}{settings}}}", stopping.rule);
        }
        if !self.plan.zip.is_empty() {
            let _ = writeln!(text, "  zip: {}", json!(self.plan.zip));
        }
        if !self.plan.constraints.is_empty() {
            let _ = writeln!(text, "  constraints: {}", json!(self.plan.constraints));
        }
        if !self.plan.subject_to.is_empty() {
            let bounds: Vec<String> = self.plan.subject_to.iter().map(ToString::to_string).collect();
            let _ = writeln!(text, "  subject_to: {}", json!(bounds));
        }
        if !self.plan.per_replicate.is_empty() {
            text += "  per_replicate:\n";
            for dimension in &self.plan.per_replicate {
                let domain = self.domain(&dimension.key, &dimension.domain);
                let domain = if domain.starts_with('[') { domain } else { format!("{{{domain}}}") };
                let _ = writeln!(text, "    {}: {domain}", dimension.key);
            }
        }
        text += "  space:\n";
        let best: Vec<Vec<Value>> = self.around.iter().map(|config| self.plan.swept_values(*config)).collect();
        for (at, dimension) in self.plan.space.iter().enumerate() {
            let values: Vec<Value> = best.iter().map(|values| values[at].clone()).collect();
            text += &self.dimension(dimension, &values);
        }
        text
    }

    /// Returns a swept key, with a comment that says from where its range is.
    fn dimension(&self, dimension: &Dimension, values: &[Value]) -> String {
        let key = &dimension.key;
        let zipped = self.plan.zip.iter().flatten().any(|own| own == key);
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

/// The scale on which a range is narrowed.
#[derive(Clone, Copy, PartialEq)]
enum Scale {
    Linear,
    Log,
}

impl Scale {
    fn of(self, x: f64) -> f64 {
        if self == Self::Log { ln(x) } else { x }
    }

    fn back(self, x: f64) -> f64 {
        let x = if self == Self::Log { exp(x) } else { x };
        format!("{x:.5e}").parse().unwrap_or(x)
    }
}

/// Returns the ends and the scale of a domain of numbers.
fn range_of(domain: &Domain) -> Option<(f64, f64, Scale)> {
    match domain {
        Domain::Values(values) => {
            let numbers: Option<Vec<f64>> = values.iter().map(Value::as_f64).collect();
            let numbers = numbers.filter(|numbers| numbers.len() > 1)?;
            let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
            let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let scale = if low > 0.0 && high >= 10.0 * low { Scale::Log } else { Scale::Linear };
            Some((low, high, scale))
        }
        Domain::Linear { low, high, .. } | Domain::Uniform { low, high } => Some((*low, *high, Scale::Linear)),
        Domain::Log { low, high, .. } | Domain::LogUniform { low, high } => Some((*low, *high, Scale::Log)),
        Domain::Int { low, high, .. } => Some((*low as f64, *high as f64, Scale::Linear)),
    }
}

/// Returns whether one of the values lies at an end of a range.
fn at_an_end(domain: &Domain, values: &[Value]) -> bool {
    let Some((low, high, scale)) = range_of(domain) else { return false };
    let (low, high) = (scale.of(low), scale.of(high));
    let air = END * (high - low);
    let numbers = values.iter().filter_map(Value::as_f64).map(|x| scale.of(x));
    high > low && numbers.into_iter().any(|x| x < low + air || x > high - air)
}

/// Returns a domain that is narrower, around the values, within its ends.
fn narrowed(domain: &Domain, values: &[Value], factor: f64) -> Domain {
    let numbers: Vec<f64> = values.iter().filter_map(Value::as_f64).collect();
    let Some((low, high, scale)) = range_of(domain).filter(|_| numbers.len() == values.len()) else {
        return listed(domain, values);
    };
    let (low, high) = (scale.of(low), scale.of(high));
    let least = numbers.iter().map(|x| scale.of(*x)).fold(f64::INFINITY, f64::min);
    let most = numbers.iter().map(|x| scale.of(*x)).fold(f64::NEG_INFINITY, f64::max);
    let width = (factor * (high - low)).max(most - least).min(high - low);
    let from = (0.5 * (least + most) - 0.5 * width).clamp(low, high - width);
    let (from, to) = (scale.back(from).max(scale.back(low)), scale.back(from + width).min(scale.back(high)));
    let integers = |step: u64| {
        let (low, high) = (from.floor() as i64, to.ceil() as i64);
        Domain::Int { low, high, step: step.clamp(1, high.abs_diff(low).max(1)) }
    };
    let narrower = |step: u64| ((step as f64 * factor).round() as u64).max(1);
    match domain {
        Domain::Uniform { .. } => Domain::Uniform { low: from, high: to },
        Domain::LogUniform { .. } => Domain::LogUniform { low: from, high: to },
        Domain::Int { step, .. } => integers(narrower(*step)),
        Domain::Linear { num, integer: true, .. } | Domain::Log { num, integer: true, .. } => {
            integers(((to - from) / num.saturating_sub(1).max(1) as f64).round() as u64)
        }
        Domain::Linear { num, .. } => Domain::Linear { low: from, high: to, num: *num, integer: false },
        Domain::Log { num, .. } => Domain::Log { low: from, high: to, num: *num, integer: false },
        Domain::Values(held) if held.iter().all(|value| matches!(value, Value::Int(_))) => {
            integers(((to - from) / (held.len() - 1) as f64).round() as u64)
        }
        Domain::Values(held) if scale == Scale::Log => {
            Domain::Log { low: from, high: to, num: held.len() as u64, integer: false }
        }
        Domain::Values(held) => Domain::Linear { low: from, high: to, num: held.len() as u64, integer: false },
    }
}

/// Returns those of a domain's values that are among these.
fn listed(domain: &Domain, values: &[Value]) -> Domain {
    match domain {
        Domain::Values(held) if held.iter().any(|value| values.contains(value)) => {
            Domain::Values(held.iter().filter(|value| values.contains(value)).cloned().collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floats(values: &[f64]) -> Vec<Value> {
        values.iter().map(|x| Value::Float(*x)).collect()
    }

    #[test]
    fn ranges_get_narrower_around_the_best_and_stay_inside() {
        let uniform = Domain::Uniform { low: 0.0, high: 10.0 };
        assert_eq!(narrowed(&uniform, &floats(&[4.0, 5.0]), 0.5), Domain::Uniform { low: 2.0, high: 7.0 });
        assert_eq!(narrowed(&uniform, &floats(&[0.1]), 0.5), Domain::Uniform { low: 0.0, high: 5.0 });
        assert_eq!(narrowed(&uniform, &floats(&[0.5, 9.5]), 0.1), Domain::Uniform { low: 0.5, high: 9.5 });
        assert!(at_an_end(&uniform, &floats(&[5.0, 0.1])) && !at_an_end(&uniform, &floats(&[5.0, 1.0])));
        let log = Domain::LogUniform { low: 0.01, high: 100.0 };
        assert_eq!(narrowed(&log, &floats(&[1.0]), 0.5), Domain::LogUniform { low: 0.1, high: 10.0 });
        let grid = Domain::Values(floats(&[0.1, 1.0, 10.0]));
        assert_eq!(
            narrowed(&grid, &floats(&[1.0]), 0.5),
            Domain::Log { low: 0.316228, high: 3.16228, num: 3, integer: false }
        );
        let int = Domain::Int { low: 0, high: 100, step: 10 };
        assert_eq!(narrowed(&int, &[Value::Int(50)], 0.5), Domain::Int { low: 25, high: 75, step: 5 });
    }

    #[test]
    fn of_words_those_of_the_best_stay() {
        let word = |word: &str| Value::Text(word.to_owned());
        let words = Domain::Values(vec![word("a"), word("b"), word("c")]);
        assert_eq!(narrowed(&words, &[word("c"), word("a")], 0.5), Domain::Values(vec![word("a"), word("c")]));
        let null = Domain::Values(vec![Value::Null, Value::Float(0.1)]);
        assert_eq!(narrowed(&null, &[Value::Null], 0.5), Domain::Values(vec![Value::Null]));
    }
}
