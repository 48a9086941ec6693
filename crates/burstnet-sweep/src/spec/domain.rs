//! Reading the domain of a swept key.

use std::collections::HashSet;

use burstnet_core::config::{Kind, LARGEST_INTEGER, Value};
use burstnet_core::math::{exp, ln};
use burstnet_core::text::quoted;
use burstnet_core::words;

use super::meant::{meant_domain, meant_items, misfit};
use crate::limits::{LARGEST_REAL_INTEGER, MOST_VALUES};
use crate::space::domain::{Domain, ONE_SHAPE, odd_one};
use crate::spec::document::{Content, Node};
use crate::spec::place::{self, SpecError};

/// The forms of a domain, for messages.
const FORMS: &str = "a list of values, {linear: [low, high], num: n}, {log: [low, high], num: n}, {int: [low, high], step: n}, \
                     {choice: [values]}, {uniform: [low, high]} or {log_uniform: [low, high]}";

words! {
    /// A form in which a domain is written, by its name.
    pub(crate) enum Form {
        /// Values that are evenly spaced.
        Linear = "linear",
        /// Values each the same factor above the one before.
        Log = "log",
        /// Integers.
        Int = "int",
        /// Listed values.
        Choice = "choice",
        /// A range.
        Uniform = "uniform",
        /// A range by its logarithm.
        LogUniform = "log_uniform",
    }
}

impl Domain {
    /// Reads the domain of key `key`, of kind `kind`.
    ///
    /// # Errors
    /// If the node is not a domain, is empty, or has a value that the key cannot have.
    pub fn read(key: &str, kind: &Kind, node: &Node) -> Result<Self, SpecError> {
        let domain = match &node.content {
            Content::List(items) => values(key, kind, items, node)?,
            Content::Map(_) => distribution(key, kind, node)?,
            Content::Scalar(..) => {
                let error = node.error(format!("{key} is varied over {}", node.shown())).expected(FORMS);
                return Err(error.meant(meant_domain(key, kind, node)));
            }
        };
        domain.check(kind).map_err(|(problem, expected)| node.error(format!("{key} {problem}")).expected(expected))?;
        Ok(domain)
    }
}

fn values(key: &str, kind: &Kind, items: &[Node], whole: &Node) -> Result<Domain, SpecError> {
    if items.is_empty() {
        return Err(whole.error(format!("{key} is varied over an empty list")).expected("at least one value"));
    }
    let mut values: Vec<Value> = Vec::with_capacity(items.len());
    let mut seen = HashSet::new();
    // The case of a list that is one value of the key, such as the sizes of layers.
    let single = || whole.value().filter(|value| kind.accept(value).is_some()).map(|value| format!("[{value}]"));
    for item in items {
        let value = item.value().and_then(|value| kind.accept(&value)).ok_or_else(|| {
            let error = misfit(item, kind.without_null(), format!("{key} would become {}", item.shown()));
            let meant = || meant_items(item, kind.without_null()).or_else(single).map(Into::into);
            SpecError { nearest: error.nearest.clone().or_else(meant), ..error }
        })?;
        if !seen.insert(value.to_string()) {
            return Err(item.error(format!("{key} is varied over {} twice", item.shown())));
        }
        values.push(value);
    }
    if let Some(at) = odd_one(&values) {
        return Err(items[at]
            .error(format!("{key} is varied over {} and a value of another type", items[at].shown()))
            .expected(ONE_SHAPE));
    }
    Ok(Domain::Values(values))
}

fn distribution(key: &str, kind: &Kind, node: &Node) -> Result<Domain, SpecError> {
    let Content::Map(entries) = &node.content else {
        return Err(node.error(key).expected(FORMS));
    };
    let mut form = None;
    let (mut num, mut step) = (None, None);
    for entry in entries {
        match entry.key.as_str() {
            "num" => num = Some(&entry.value),
            "step" => step = Some(&entry.value),
            name => {
                let what = match name.parse::<Form>() {
                    Ok(named) if form.is_none() => {
                        form = Some((named, &entry.value));
                        continue;
                    }
                    Ok(_) => "a second distribution",
                    Err(_) => "unknown key",
                };
                return Err(SpecError::new(&entry.place, format!("{what} {} for {key}", quoted(name)))
                    .expected(FORMS)
                    .nearest(name, Form::WORDS.iter().copied().chain(["num", "step", "ratio_of", "when"])));
            }
        }
    }
    let listed = kind;
    let kind = kind.without_null(); // a range holds no null
    let Some((form, body)) = form else {
        return Err(node.error(format!("{key} is varied over a mapping without a distribution")).expected(FORMS));
    };
    let name = form.word();
    if let Some(step) = step.filter(|_| form != Form::Int) {
        return Err(step.error(format!("step with {name}, which needs none")).expected("step only with int"));
    }
    match form {
        Form::Choice => choice(key, listed, num, body),
        Form::Int => {
            let integer = is_integer(key, kind, form, body)?;
            no_num(num, name)?;
            integers(key, integer, step, body)
        }
        Form::Linear => spaced(key, kind, form, (num, node, body), linear),
        Form::Log => spaced(key, kind, form, (num, node, body), log),
        Form::Uniform => range(key, kind, form, num, body).map(|(low, high)| Domain::Uniform { low, high }),
        Form::LogUniform => range(key, kind, form, num, body).map(|(low, high)| Domain::LogUniform { low, high }),
    }
}

/// Reads the domain `choice`.
fn choice(key: &str, kind: &Kind, num: Option<&Node>, body: &Node) -> Result<Domain, SpecError> {
    no_num(num, Form::Choice.word())?;
    let Content::List(items) = &body.content else {
        return Err(body.error(format!("choice of {key} is {}", body.shown())).expected("a list of values"));
    };
    values(key, kind, items, body)
}

/// Returns whether a key that is varied over numbers holds integers.
///
/// # Errors
/// If it holds no single number.
fn is_integer(key: &str, kind: &Kind, form: Form, body: &Node) -> Result<bool, SpecError> {
    match kind {
        Kind::Integer { .. } | Kind::CountOrWord { .. } => Ok(true),
        Kind::Number { .. } | Kind::OptionalNumber { .. } | Kind::RateOrRates { .. } => Ok(false),
        _other => Err(body
            .error(format!("{} of {key}, which holds no single number", form.word()))
            .expected("a list of values")),
    }
}

/// Reads the two ends of a form that has a logarithm at both, if it is by logarithms.
fn ends_of(key: &str, form: Form, body: &Node) -> Result<(f64, f64), SpecError> {
    let name = form.word();
    let (low, high) = ends(key, name, body)?;
    if matches!(form, Form::Log | Form::LogUniform) && low <= 0.0 {
        let from = place::number(low);
        return Err(body
            .error(format!("{name} of {key} starts at {from}, but a logarithm has no value there"))
            .expected("two numbers above 0"));
    }
    Ok((low, high))
}

fn linear(low: f64, high: f64, num: u64, integer: bool) -> Domain {
    Domain::Linear { low, high, num, integer }
}

fn log(low: f64, high: f64, num: u64, integer: bool) -> Domain {
    Domain::Log { low, high, num, integer }
}

/// Reads `linear` or `log`, of which `points` makes the domain.
fn spaced(
    key: &str,
    kind: &Kind,
    form: Form,
    (num, node, body): (Option<&Node>, &Node, &Node),
    points: fn(f64, f64, u64, bool) -> Domain,
) -> Result<Domain, SpecError> {
    let integer = is_integer(key, kind, form, body)?;
    let (low, high) = ends_of(key, form, body)?;
    let (from, to) = (place::number(low), place::number(high));
    let num = self::points(key, form.word(), num, node)?;
    if num == 1 && low != high || num > 1 && low == high {
        return Err(body
            .error(format!("{num} values of {key} from {from} to {to}"))
            .expected("two ends that differ, and num of at least 2"));
    }
    let exact = points(low, high, num, false);
    if integer {
        whole_numbers(key, &exact, num, body)?;
    }
    if num > 1 && !are_distinct(&exact, low, high, num) {
        return Err(body
            .error(format!("{num} values of {key} from {from} to {to}, of which some are equal to 12 digits"))
            .expected("fewer values, or ends that are farther apart"));
    }
    Ok(points(low, high, num, integer))
}

/// Reads `uniform` or `log_uniform`: the two ends.
fn range(key: &str, kind: &Kind, form: Form, num: Option<&Node>, body: &Node) -> Result<(f64, f64), SpecError> {
    let integer = is_integer(key, kind, form, body)?;
    let ends = ends_of(key, form, body)?;
    if integer {
        return Err(body
            .error(format!("{} of {key}, which holds integers", form.word()))
            .expected("{int: [low, high]}"));
    }
    no_num(num, form.word()).map(|()| ends)
}

/// Reads the domain `int` of a key that holds integers, or else real numbers.
fn integers(key: &str, integer: bool, step: Option<&Node>, body: &Node) -> Result<Domain, SpecError> {
    let wrong = |expected: String| Err(body.error(format!("int of {key} is {}", body.shown())).expected(expected));
    let whole = |value: &Value| match value {
        Value::Int(i) => Some(*i),
        Value::Float(x) if x.fract() == 0.0 && x.abs() <= LARGEST_INTEGER as f64 => Some(*x as i64),
        _other => None,
    };
    let value = body.value();
    let held: Option<Vec<i64>> =
        value.as_ref().and_then(Value::as_list).and_then(|list| list.iter().map(whole).collect());
    let (low, high) = match held.as_deref() {
        Some([low, high]) if low <= high && (-LARGEST_INTEGER <= *low && *high <= LARGEST_INTEGER) => (*low, *high),
        _ => {
            return wrong(format!(
                "[low, high], two integers from -{LARGEST_INTEGER} to {LARGEST_INTEGER}, low ≤ high"
            ));
        }
    };
    let step = match step.map(|node| (node, node.value())) {
        None => 1,
        Some((_, Some(Value::Int(n)))) if n >= 1 => n as u64,
        Some((node, _)) => {
            return Err(node.error(format!("step of {key} is {}", node.shown())).expected("an integer of at least 1"));
        }
    };
    if integer {
        return Ok(Domain::Int { low, high, step });
    }
    // If the key holds real numbers, the values are real numbers too.
    if low.abs().max(high.abs()) > LARGEST_REAL_INTEGER {
        return wrong("integers of at most eleven digits, for a key that holds real numbers".into());
    }
    let steps = high.abs_diff(low) / step;
    let last = low.wrapping_add_unsigned(steps * step); // not above `high`
    Ok(Domain::Linear { low: low as f64, high: last as f64, num: steps + 1, integer: false })
}

/// Returns whether the points differ even though they are rounded: neighbours are no closer than the rounding at the
/// larger end.
fn are_distinct(points: &Domain, low: f64, high: f64, num: u64) -> bool {
    let gaps = (num - 1) as f64;
    let apart = match points {
        Domain::Linear { .. } => {
            let largest = format!("{:e}", low.abs().max(high.abs()));
            let exponent: i32 = largest.split_once('e').and_then(|(_, digits)| digits.parse().ok()).unwrap_or(0);
            let resolution: f64 = format!("1e{}", exponent - 11).parse().unwrap_or(0.0);
            (high - low) / gaps >= resolution
        }
        Domain::Log { .. } => exp((ln(high) - ln(low)) / gaps) - 1.0 >= 1e-11,
        Domain::Values(_) | Domain::Int { .. } | Domain::Uniform { .. } | Domain::LogUniform { .. } => true,
    };
    let rises = |index| points.nth(index).as_f64() < points.nth(index + 1).as_f64();
    apart && rises(0) && rises(num - 2)
}

fn ends(key: &str, name: &str, body: &Node) -> Result<(f64, f64), SpecError> {
    let numbers: Option<Vec<f64>> =
        body.value().as_ref().and_then(Value::as_list).and_then(|items| items.iter().map(Value::exact_f64).collect());
    match numbers.as_deref() {
        Some([low, high]) if low.is_finite() && high.is_finite() && low <= high => Ok((*low, *high)),
        Some(_) | None => {
            let error = body
                .error(format!("{name} of {key} is {}", body.shown()))
                .expected("[low, high], two finite numbers, low ≤ high");
            Err(error.meant(meant_ends(name, numbers.as_deref())))
        }
    }
}

/// Returns the ends that were meant if they are in the wrong order or are followed by a number of points, as in NumPy.
fn meant_ends(name: &str, numbers: Option<&[f64]>) -> Option<String> {
    let listed = |low: f64, high: f64| format!("[{}, {}]", place::number(low), place::number(high));
    match numbers? {
        [low, high] if low > high => Some(listed(*high, *low)),
        [low, high, num] if matches!(name, "linear" | "log") && low < high && num.fract() == 0.0 && *num >= 2.0 => {
            Some(format!("{{{name}: {}, num: {num}}}", listed(*low, *high)))
        }
        _ => None,
    }
}

fn points(key: &str, name: &str, num: Option<&Node>, node: &Node) -> Result<u64, SpecError> {
    let Some(num) = num else {
        return Err(node.error(format!("{name} of {key} has no num")).expected("num: how many values"));
    };
    match num.value() {
        Some(Value::Int(n)) if (1..=MOST_VALUES as i64).contains(&n) => Ok(n as u64),
        _ => Err(num
            .error(format!("num of {key} is {}", num.shown()))
            .expected(format!("an integer from 1 to {MOST_VALUES}"))),
    }
}

fn no_num(num: Option<&Node>, name: &str) -> Result<(), SpecError> {
    match num {
        None => Ok(()),
        Some(num) => Err(num.error(format!("num with {name}, which needs none"))),
    }
}

/// Checks that the points of a key that holds integers are integers.
fn whole_numbers(key: &str, points: &Domain, num: u64, body: &Node) -> Result<(), SpecError> {
    let exact = (0..num.min(100_000)).filter_map(|i| points.nth(i).as_f64());
    match exact.into_iter().find(|x| (x - x.round()).abs() > 1e-6) {
        None => Ok(()),
        Some(x) => Err(body
            .error(format!("{key} would become {}", place::number(x)))
            .expected("integers; list the values, or choose ends and num that give them")),
    }
}

#[cfg(test)]
mod tests;
