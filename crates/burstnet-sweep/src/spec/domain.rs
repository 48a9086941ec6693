//! Reading the domain of a swept key.

use std::collections::HashSet;

use burstnet_core::config::{Kind, LARGEST_INTEGER, Value};
use burstnet_core::math::{exp, ln};
use burstnet_core::text::quoted;
use burstnet_core::words;

use super::meant::{meant_domain, meant_items};
use super::settings::misfit;
use crate::space::domain::{Domain, ONE_SHAPE, odd_one};
use crate::spec::document::{Content, Node};
use crate::spec::place::{self, SpecError};

/// The largest integer in `int` for a key that holds real numbers, which are rounded to 12 digits.
const LARGEST_REAL_INTEGER: i64 = 100_000_000_000;

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
                let error = SpecError::new(&node.place, format!("{key} is varied over {}", node.shown()));
                return Err(SpecError {
                    nearest: meant_domain(key, kind, node).map(Into::into),
                    ..error.expected(FORMS)
                });
            }
        };
        domain.check(kind).map_err(|(problem, expected)| {
            SpecError::new(&node.place, format!("{key} {problem}")).expected(expected)
        })?;
        Ok(domain)
    }
}

fn values(key: &str, kind: &Kind, items: &[Node], whole: &Node) -> Result<Domain, SpecError> {
    if items.is_empty() {
        return Err(
            SpecError::new(&whole.place, format!("{key} is varied over an empty list")).expected("at least one value")
        );
    }
    let mut values: Vec<Value> = Vec::with_capacity(items.len());
    let mut seen = HashSet::new();
    // The case of a list that is one value of the key, such as the sizes of layers.
    let single = || whole.value().filter(|value| kind.accept(value).is_some()).map(|value| format!("[{value}]"));
    for item in items {
        let value = item.value().and_then(|value| kind.accept(&value)).ok_or_else(|| {
            let error = misfit(item, kind, format!("{key} would become {}", item.shown()));
            let meant = || meant_items(item, kind).or_else(single).map(Into::into);
            SpecError { nearest: error.nearest.clone().or_else(meant), ..error }
        })?;
        if !seen.insert(value.to_string()) {
            return Err(SpecError::new(&item.place, format!("{key} is varied over {} twice", item.shown())));
        }
        values.push(value);
    }
    if let Some(at) = odd_one(&values) {
        return Err(SpecError::new(
            &items[at].place,
            format!("{key} is varied over {} and a value of another type", items[at].shown()),
        )
        .expected(ONE_SHAPE));
    }
    Ok(Domain::Values(values))
}

fn distribution(key: &str, kind: &Kind, node: &Node) -> Result<Domain, SpecError> {
    let Content::Map(entries) = &node.content else {
        return Err(SpecError::new(&node.place, key).expected(FORMS));
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
    let Some((form, body)) = form else {
        return Err(SpecError::new(&node.place, format!("{key} is varied over a mapping without a distribution"))
            .expected(FORMS));
    };
    let name = form.word();
    if let Some(step) = step.filter(|_| form != Form::Int) {
        return Err(
            SpecError::new(&step.place, format!("step with {name}, which needs none")).expected("step only with int")
        );
    }
    match form {
        Form::Choice => choice(key, kind, num, body),
        Form::Int => {
            let integer = is_integer(key, kind, form, body)?;
            no_num(num, name)?;
            integers(key, integer, step, body)
        }
        Form::Linear => spaced(key, kind, form, (num, node, body), |low, high, num, integer| Domain::Linear {
            low,
            high,
            num,
            integer,
        }),
        Form::Log => spaced(key, kind, form, (num, node, body), |low, high, num, integer| Domain::Log {
            low,
            high,
            num,
            integer,
        }),
        Form::Uniform => range(key, kind, form, num, body).map(|(low, high)| Domain::Uniform { low, high }),
        Form::LogUniform => range(key, kind, form, num, body).map(|(low, high)| Domain::LogUniform { low, high }),
    }
}

/// Reads the domain `choice`.
fn choice(key: &str, kind: &Kind, num: Option<&Node>, body: &Node) -> Result<Domain, SpecError> {
    no_num(num, Form::Choice.word())?;
    let Content::List(items) = &body.content else {
        return Err(
            SpecError::new(&body.place, format!("choice of {key} is {}", body.shown())).expected("a list of values")
        );
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
        _other => Err(SpecError::new(&body.place, format!("{} of {key}, which holds no single number", form.word()))
            .expected("a list of values")),
    }
}

/// Reads the two ends of a form that has a logarithm at both, if it is by logarithms.
fn ends_of(key: &str, form: Form, body: &Node) -> Result<(f64, f64), SpecError> {
    let name = form.word();
    let (low, high) = ends(key, name, body)?;
    if matches!(form, Form::Log | Form::LogUniform) && low <= 0.0 {
        let from = place::number(low);
        return Err(SpecError::new(
            &body.place,
            format!("{name} of {key} starts at {from}, but a logarithm has no value there"),
        )
        .expected("two numbers above 0"));
    }
    Ok((low, high))
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
        return Err(SpecError::new(&body.place, format!("{num} values of {key} from {from} to {to}"))
            .expected("two ends that differ, and num of at least 2"));
    }
    let exact = points(low, high, num, false);
    if integer {
        whole_numbers(key, &exact, num, body)?;
    }
    if num > 1 && !are_distinct(&exact, low, high, num) {
        return Err(SpecError::new(
            &body.place,
            format!("{num} values of {key} from {from} to {to}, of which some are equal to 12 digits"),
        )
        .expected("fewer values, or ends that are farther apart"));
    }
    Ok(points(low, high, num, integer))
}

/// Reads `uniform` or `log_uniform`: the two ends.
fn range(key: &str, kind: &Kind, form: Form, num: Option<&Node>, body: &Node) -> Result<(f64, f64), SpecError> {
    let integer = is_integer(key, kind, form, body)?;
    let ends = ends_of(key, form, body)?;
    if integer {
        return Err(SpecError::new(&body.place, format!("{} of {key}, which holds integers", form.word()))
            .expected("{int: [low, high]}"));
    }
    no_num(num, form.word()).map(|()| ends)
}

/// Reads the domain `int` of a key that holds integers, or else real numbers.
fn integers(key: &str, integer: bool, step: Option<&Node>, body: &Node) -> Result<Domain, SpecError> {
    let wrong = |expected: String| {
        Err(SpecError::new(&body.place, format!("int of {key} is {}", body.shown())).expected(expected))
    };
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
            return Err(SpecError::new(&node.place, format!("step of {key} is {}", node.shown()))
                .expected("an integer of at least 1"));
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
            let error = SpecError::new(&body.place, format!("{name} of {key} is {}", body.shown()))
                .expected("[low, high], two finite numbers, low ≤ high");
            Err(SpecError { nearest: meant_ends(name, numbers.as_deref()).map(Into::into), ..error })
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
        return Err(SpecError::new(&node.place, format!("{name} of {key} has no num")).expected("num: how many values"));
    };
    match num.value() {
        Some(Value::Int(n)) if (1..=1 << 48).contains(&n) => Ok(n as u64),
        _ => Err(SpecError::new(&num.place, format!("num of {key} is {}", num.shown()))
            .expected(format!("an integer from 1 to {}", 1_u64 << 48))),
    }
}

fn no_num(num: Option<&Node>, name: &str) -> Result<(), SpecError> {
    match num {
        None => Ok(()),
        Some(num) => Err(SpecError::new(&num.place, format!("num with {name}, which needs none"))),
    }
}

/// Checks that the points of a key that holds integers are integers.
fn whole_numbers(key: &str, points: &Domain, num: u64, body: &Node) -> Result<(), SpecError> {
    let exact = (0..num.min(100_000)).filter_map(|i| points.nth(i).as_f64());
    match exact.into_iter().find(|x| (x - x.round()).abs() > 1e-6) {
        None => Ok(()),
        Some(x) => Err(SpecError::new(&body.place, format!("{key} would become {}", place::number(x)))
            .expected("integers; list the values, or choose ends and num that give them")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::document::parse;

    fn read(kind: &Kind, text: &str) -> Result<Domain, String> {
        Domain::read("k", kind, &parse("f", text).unwrap()).map_err(|error| error.to_string())
    }

    fn all(domain: &Domain) -> Vec<Value> {
        (0..domain.count().unwrap()).map(|i| domain.nth(i)).collect()
    }

    const RATE: Kind = Kind::Number { min: 0.0, max: 10.0 };
    const COUNT: Kind = Kind::Integer { min: 1, max: 1000 };
    const WIDE: Kind = Kind::Number { min: f64::MIN, max: f64::MAX };

    #[test]
    fn points_are_what_a_person_would_write() {
        let linear = read(&RATE, "{linear: [0, 1], num: 11}").unwrap();
        assert_eq!(all(&linear)[3], Value::Float(0.3));
        let across = read(&Kind::Number { min: -9.0, max: 9.0 }, "{linear: [-0.6, 0.3], num: 10}").unwrap();
        assert_eq!(all(&across)[5..8], [-0.1, 0.0, 0.1].map(Value::Float));
        let log = read(&RATE, "{log: [0.001, 10], num: 5}").unwrap();
        assert_eq!(all(&log), [0.001, 0.01, 0.1, 1.0, 10.0].map(Value::Float));
        let log = read(&COUNT, "{log: [1, 1000], num: 4}").unwrap();
        assert_eq!(all(&log), [1, 10, 100, 1000].map(Value::Int));
        assert_eq!(all(&read(&COUNT, "{int: [3, 5]}").unwrap()), [3, 4, 5].map(Value::Int));
        let stepped = read(&COUNT, "{int: [1, 10], step: 4}").unwrap();
        assert_eq!(all(&stepped), [1, 5, 9].map(Value::Int));
        assert_eq!(stepped.ends(), [1, 9].map(Value::Int));
        let real = read(&RATE, "{int: [1, 10], step: 4}").unwrap();
        assert_eq!(all(&real), [1.0, 5.0, 9.0].map(Value::Float));
        assert_eq!(all(&read(&RATE, "{int: [2, 2]}").unwrap()), [Value::Float(2.0)]);
        assert!(real.check(&RATE).is_ok());
    }

    #[test]
    fn integers_are_exact_up_to_the_largest() {
        let any = Kind::Integer { min: -LARGEST_INTEGER, max: LARGEST_INTEGER };
        let whole = read(&any, "{int: [0, 9007199254740991]}").unwrap();
        assert_eq!(whole.ends(), [0, LARGEST_INTEGER].map(Value::Int));
        assert_eq!([0.0, 1.0 - f64::EPSILON / 2.0].map(|unit| whole.at(unit)), [0, LARGEST_INTEGER].map(Value::Int));
        assert!(whole.unit_of(&Value::Int(LARGEST_INTEGER)).unwrap() < 1.0);
        let odd = read(&any, "{int: [-9007199254740991, 9007199254740991], step: 9007199254740991}").unwrap();
        assert_eq!(all(&odd), [-LARGEST_INTEGER, 0, LARGEST_INTEGER].map(Value::Int));
        assert_eq!(read(&any, "{int: [2.0, 1e1]}").unwrap(), Domain::Int { low: 2, high: 10, step: 1 });
        for (kind, text, message) in [
            (&any, "{int: [0, 9007199254740992]}", "two integers from -9007199254740991 to 9007199254740991"),
            (&any, "{int: [0, 99999999999999999999]}", "int of k is '[0, 99999999999999999999]'"),
            (&any, "[9007199254740993]", "k would become '9007199254740993', expected an integer from"),
            (&WIDE, "[9007199254740993]", "expected a number (finite), and one that float64 holds"),
            (
                &WIDE,
                "[1, 99999999999999999999]",
                "k would become '99999999999999999999', expected a number (finite), and",
            ),
            (&WIDE, "[1e-400]", "k would become '1e-400', expected a number (finite), and one that float64 holds"),
            (&WIDE, "{linear: [0, 9007199254740993], num: 3}", "expected [low, high], two finite numbers"),
            (&WIDE, "{uniform: [0, 18446744073709551615]}", "expected [low, high], two finite numbers"),
        ] {
            let error = read(kind, text).unwrap_err();
            assert!(error.contains(message), "{text}: {error}");
        }
        let exact = read(&WIDE, "[9007199254740992, 18446744073709551616, 0.1, 1e23]").unwrap();
        let held = [9_007_199_254_740_992.0, 18_446_744_073_709_551_616.0, 0.1, 1e23];
        assert_eq!(all(&exact), held.map(Value::Float));
    }

    #[test]
    fn the_order_of_keys_means_nothing() {
        for (kind, texts) in [
            (&COUNT, ["{int: [0, 4], step: 2}", "{step: 2, int: [0, 4]}"]),
            (&RATE, ["{int: [0, 4], step: 2}", "{step: 2, int: [0, 4]}"]),
            (&RATE, ["{linear: [0, 1], num: 3}", "{num: 3, linear: [0, 1]}"]),
            (&COUNT, ["{log: [1, 100], num: 3}", "{num: 3, log: [1, 100]}"]),
        ] {
            let [one, other] = texts.map(|text| read(kind, &text.replace("[0, 4]", "[1, 5]")).unwrap());
            assert_eq!(one, other, "{texts:?}");
        }
        assert!(read(&RATE, "{num: 2, uniform: [0, 1]}").unwrap_err().contains("num with uniform"));
    }

    #[test]
    fn small_numbers_of_a_log_scale_are_no_zeros() {
        for (low, high, num) in [("1e-14", "1", 15), ("1e-300", "1e300", 601), ("1e-12", "1e12", 9)] {
            let domain = read(&WIDE, &format!("{{log: [{low}, {high}], num: {num}}}")).unwrap();
            let values = all(&domain);
            assert!(values.windows(2).all(|pair| pair[0].as_f64() < pair[1].as_f64()), "{values:?}");
            assert!(values[0].as_f64() > Some(0.0));
        }
        let tens = all(&read(&WIDE, "{log: [1e-14, 1], num: 15}").unwrap());
        let expected: Vec<f64> = (0..15).map(|at| format!("1e{}", at - 14).parse().unwrap()).collect();
        assert_eq!(tens, expected.into_iter().map(Value::Float).collect::<Vec<_>>());
        assert_eq!(all(&read(&WIDE, "{linear: [-1, 1], num: 3}").unwrap())[1], Value::Float(0.0));
    }

    #[test]
    fn no_range_is_too_wide() {
        for text in [
            "{uniform: [-1e308, 1e308]}",
            "{uniform: [-1.7976931348623157e308, 1.7976931348623157e308]}",
            "{linear: [-1e308, 1e308], num: 5}",
            "{linear: [-1.7976931348623157e308, 1.7976931348623157e308], num: 1000}",
            "{log_uniform: [5e-324, 1.7976931348623157e308]}",
            "{log: [5e-324, 1.7976931348623157e308], num: 50}",
        ] {
            let domain = read(&WIDE, text).unwrap();
            let (low, high) = (domain.ends()[0].as_f64().unwrap(), domain.ends()[1].as_f64().unwrap());
            for unit in [0.0, 1e-17, 0.25, 0.5, 0.75, 1.0 - f64::EPSILON / 2.0] {
                let value = domain.at(unit);
                let x = value.as_f64().unwrap();
                assert!(x.is_finite() && low <= x && x <= high, "{text} at {unit}: {x}");
                let again = domain.unit_of(&value).unwrap();
                assert!(domain.count().is_some() || (again - unit).abs() < 1e-9, "{text} at {unit}: {again}");
            }
        }
        let wide = read(&WIDE, "{linear: [-1e308, 1e308], num: 5}").unwrap();
        assert_eq!(all(&wide), [-1e308, -5e307, 0.0, 5e307, 1e308].map(Value::Float));
        assert_eq!(read(&WIDE, "{uniform: [-1e308, 1e308]}").unwrap().at(0.75), Value::Float(5e307));
    }

    #[test]
    fn draws_stay_inside() {
        for text in ["{uniform: [1, 2]}", "{log_uniform: [1, 2]}", "{linear: [1, 2], num: 3}", "[1, 2]"] {
            let domain = read(&RATE, text).unwrap();
            for unit in [0.0, 0.3, 1.0 - f64::EPSILON / 2.0] {
                let value = domain.at(unit).as_f64().unwrap();
                assert!((1.0..=2.0).contains(&value), "{text} {unit} {value}");
            }
        }
    }

    #[test]
    fn coordinates_are_where_values_are() {
        for text in [
            "{uniform: [1, 2]}",
            "{log_uniform: [1, 2]}",
            "{linear: [1, 2], num: 3}",
            "{log: [1, 8], num: 4}",
            "[3, 1, 2]",
        ] {
            let domain = read(&RATE, text).unwrap();
            for unit in [0.0, 0.2, 0.5, 0.9] {
                let value = domain.at(unit);
                assert_eq!(domain.at(domain.unit_of(&value).unwrap()), value, "{text} {unit}");
            }
        }
        let stepped = read(&COUNT, "{int: [1, 10], step: 4}").unwrap();
        assert_eq!([1, 5, 9].map(|n| stepped.at(stepped.unit_of(&Value::Int(n)).unwrap())), [1, 5, 9].map(Value::Int));
        assert_eq!(read(&RATE, "[1, 2]").unwrap().unit_of(&Value::Float(3.0)), None);
    }

    #[test]
    fn refuses_what_cannot_be_varied() {
        for (kind, text, message) in [
            (&RATE, "[]", "f:1:1: k is varied over an empty list"),
            (&RATE, "[1, x]", "f:1:5: k would become 'x', expected a number from 0 to 10"),
            (&RATE, "[1, 1.0]", "f:1:5: k is varied over '1.0' twice"),
            (&RATE, "{log: [0, 1], num: 3}", "log of k starts at 0, but a logarithm"),
            (&RATE, "{log_uniform: [-1, 1]}", "log_uniform of k starts at -1"),
            (&RATE, "{linear: [0, 11], num: 3}", "k would become '11.0', expected a number from 0 to 10"),
            (&RATE, "{linear: [0, 1]}", "linear of k has no num"),
            (&RATE, "{linear: [0, 1], num: 0}", "num of k is '0'"),
            (&RATE, "{linear: [0, 1], num: 1e18}", "num of k is '1e18'"),
            (&RATE, "{linear: [.nan, 1], num: 3}", "two finite numbers"),
            (&RATE, "{uniform: [2, 1]}", "low ≤ high"),
            (&RATE, "{linear: [1, 1.0000000000001], num: 3}", "some are equal to 12 digits"),
            (&RATE, "{linear: [1, 1.00000000002], num: 5}", "some are equal to 12 digits"),
            (&RATE, "{linear: [1.00000000000049, 2], num: 1000000000000}", "some are equal to 12 digits"),
            (&RATE, "{log: [1, 1.0000000001], num: 20}", "some are equal to 12 digits"),
            (&RATE, "{log: [1e-308, 1e-308], num: 2}", "2 values of k from 1e-308 to 1e-308"),
            (&RATE, "{lineer: [2, 1], num: 2}", "did you mean 'linear'"),
            (&RATE, "{linear: [2, 1], num: 2}", "low ≤ high (did you mean '[1, 2]'?)"),
            (&RATE, "{log: [1, 2, 5]}", "(did you mean '{log: [1, 2], num: 5}'?)"),
            (
                &Kind::Sizes { at_least: 2, at_most: 9, max: 1000 },
                "[500, 200, 3]",
                "f:1:2: k would become '500', expected a list of 2 to 9 integers from 1 to 1000 (did you mean '[[500, 200, 3]]'?)",
            ),
            (&COUNT, "{int: [1, 9], step: 0}", "step of k is '0', expected an integer of at least 1"),
            (&RATE, "{uniform: [1, 9], step: 2}", "step with uniform"),
            (&RATE, "3", "k is varied over '3', expected a list"),
            (&COUNT, "{linear: [1, 2], num: 3}", "k would become 1.5, expected integers"),
            (&COUNT, "[\"3\"]", "k would become the text '3', expected an integer"),
            (
                &Kind::Word(&["fast", "reference"]),
                "[fats]",
                "k would become 'fats', expected fast or reference (did you mean 'fast'?)",
            ),
            (&COUNT, "{uniform: [1, 2]}", "which holds integers"),
        ] {
            let error = read(kind, text).unwrap_err();
            assert!(error.contains(message), "{text}: {error}");
        }
    }
}
