//! Errors for values that do not fit their keys, with a guess at the value that was meant: a number in another notation,
//! a list without brackets, or a word with another spelling.

use burstnet_core::config::{Kind, Value};

use crate::nearest::nearest;
use crate::space::domain::Domain;
use crate::space::scalar::plain;
use crate::spec::document::{Content, Node};
use crate::spec::place::SpecError;

/// The longest text that is looked at.
const LONGEST: usize = 200;

/// Returns an error for a node that does not fit a key of this kind.
pub(super) fn misfit(node: &Node, kind: &Kind, problem: String) -> SpecError {
    let value = node.value();
    let real = matches!(kind, Kind::Number { .. } | Kind::OptionalNumber { .. } | Kind::RateOrRates { .. });
    let written = matches!(&node.content, Content::Scalar(text, _) if text.contains(|c: char| c.is_ascii_digit()));
    let lossy = real && written && value.as_ref().is_some_and(is_lossy);
    let expected = kind.expected() + if lossy { ", and one that float64 holds" } else { "" };
    node.error(problem).expected(expected).meant(meant(node, kind))
}

/// Returns whether a value is a number that float64 cannot hold.
fn is_lossy(value: &Value) -> bool {
    value.as_f64().is_some() && value.exact_f64().is_none_or(f64::is_nan)
}

/// Returns the text to write in place of `node`, which does not fit `kind`, or `None` if nothing is near.
fn meant(node: &Node, kind: &Kind) -> Option<String> {
    let fits = |value: &Value| kind.accept(value).is_some();
    let text = match &node.content {
        Content::Scalar(text, _) if text.len() <= LONGEST => text.trim(),
        Content::List(items) => {
            let [only] = items.as_slice() else { return None };
            return only.value().filter(fits).map(|value| value.to_string()); // a list for a single value
        }
        Content::Scalar(..) | Content::Map(_) => return None,
    };
    let mut readings = readings(text);
    if let Some(list) = list(text) {
        readings.push(list);
    }
    let found = readings.into_iter().find(fits).map(|value| value.to_string());
    found.or_else(|| nearest(text, kind.words().iter().copied()))
}

/// Returns the list that was meant by an item with several values and no commas, or `None` if they do not fit.
pub(super) fn meant_items(item: &Node, kind: &Kind) -> Option<String> {
    let Content::Scalar(text, false) = &item.content else { return None };
    let Value::List(items) = list(text).filter(|_| text.len() <= LONGEST)? else { return None };
    let all = items.iter().all(|value| kind.accept(value).is_some());
    all.then(|| items.iter().map(Value::to_string).collect::<Vec<_>>().join(", "))
}

/// Returns the text to write in place of `node`, which is not a domain of `key`.
pub(super) fn meant_domain(key: &str, kind: &Kind, node: &Node) -> Option<String> {
    let Content::Scalar(text, _) = &node.content else { return None };
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    let values = list(text).into_iter().chain(readings(text).into_iter().map(|value| Value::List(vec![value])));
    let read = |value: Value| {
        let Value::List(items) = &value else { return None };
        let item = |value: &Value| Node { place: node.place.clone(), content: as_content(value) };
        let listed = Node { place: node.place.clone(), content: Content::List(items.iter().map(item).collect()) };
        Domain::read(key, kind, &listed).ok().map(|_| value.to_string())
    };
    values.into_iter().find_map(read)
}

fn as_content(value: &Value) -> Content {
    Content::Scalar(value.to_string(), matches!(value, Value::Text(_)))
}

/// Returns the values that a text can stand for, the likeliest first.
fn readings(text: &str) -> Vec<Value> {
    let own = plain(text); // a quoted number
    let mut all = vec![own.clone()];
    let small = text.to_lowercase();
    all.extend(match small.as_str() {
        "yes" | "on" | "y" | "t" | "1" | "true" => Some(Value::Bool(true)),
        "no" | "off" | "n" | "f" | "0" | "false" => Some(Value::Bool(false)),
        "none" | "nil" | "null" | "na" | "nan" | "" => Some(Value::Null),
        _ => None,
    });
    let number = if let Value::Text(_) = own { number(&small) } else { own.as_f64() };
    let is_integer = |x: f64| x.fract() == 0.0 && x.abs() < 9e15;
    all.extend(number.map(|x| if is_integer(x) { Value::Int(x as i64) } else { x.into() }));
    all
}

/// Returns the number in a text in another notation: with a decimal comma, with digits in groups, a per cent, a
/// fraction, a power of ten, or with a unit.
fn number(text: &str) -> Option<f64> {
    let float = |text: &str| text.trim().parse::<f64>().ok().filter(|x| x.is_finite());
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let grouped = text.replace(['_', '\'', '\u{a0}', '\u{202f}'], "");
    let numeric = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | ',' | 'e' | '_');
    let unit = text.trim_start_matches(numeric);
    if let Some(x) = float(&grouped) {
        return Some(x);
    }
    if let Some((whole, part)) = text.split_once(',').filter(|(whole, part)| !whole.is_empty() && !part.is_empty()) {
        return float(&format!("{whole}.{part}"));
    }
    if let Some(percent) = text.strip_suffix('%') {
        return float(percent).map(|x| x / 100.0);
    }
    if let Some((above, below)) = text.split_once('/') {
        return Some(float(above)? / float(below)?).filter(|x| x.is_finite());
    }
    let powers = ["10**", "10^", "1e^", "1*10^", "1x10^"];
    if let Some(exponent) = powers.iter().find_map(|power| text.strip_prefix(power)) {
        return float(&format!("1e{}", exponent.trim_matches(['(', ')', '{', '}'])));
    }
    if let Some((base, exponent)) = text.split_once("**").or(text.split_once('^')) {
        return float(base)
            .zip(exponent.parse().ok())
            .map(|(base, exponent): (f64, i32)| libm::pow(base, f64::from(exponent)));
    }
    if let Some(thousands) = text.strip_suffix('k').filter(|number| digits(number)) {
        return float(thousands).map(|x| 1000.0 * x);
    }
    let is_unit = !unit.is_empty() && unit.trim().chars().all(|c| c.is_alphabetic() || matches!(c, 'µ' | '/' | '²'));
    float(text.strip_suffix(unit).filter(|_| is_unit && unit.len() < text.len())?)
}

/// Returns the list in a text without brackets, or with those of another language.
fn list(text: &str) -> Option<Value> {
    let inner = text.trim_matches(['(', ')', '[', ']', '{', '}', '<', '>']);
    let by = [',', ';', ' ', '-', 'x', '|'].into_iter().find(|by| inner.contains(*by))?;
    let items: Vec<&str> = inner.split(by).map(str::trim).filter(|item| !item.is_empty()).collect();
    (items.len() > 1).then(|| Value::List(items.into_iter().map(plain).collect()))
}

/// Returns the number of seconds in a time with a unit.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let text = text.trim();
    let at = text.find(|c: char| c.is_alphabetic())?;
    let number: f64 = text[..at].trim().parse().ok()?;
    let unit = match &text[at..] {
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => 86_400.0,
        "ms" => 1e-3,
        _ => return None,
    };
    Some(number * unit).filter(|x| x.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::document::parse;

    fn of(kind: &Kind, text: &str) -> String {
        meant(&parse("f", text).unwrap(), kind).unwrap_or_default()
    }

    #[test]
    fn numbers_in_other_notations() {
        let number = Kind::Number { min: 0.0, max: 10.0 };
        for (text, meant) in [
            ("1,5", "1.5"),
            ("'0.5'", "0.5"),
            ("50%", "0.5"),
            ("1/4", "0.25"),
            ("10**-3", "0.001"),
            ("10^-3", "0.001"),
            ("2**3", "8"),
            ("0.5s", "0.5"),
            ("3 epochs", "3"),
            ("[2]", "2"),
            ("high", ""),
            ("1,500", "1.5"),
            ("7e9", ""),
            ("[1, 2]", ""),
        ] {
            assert_eq!(of(&number, text), meant, "{text}");
        }
        let integer = Kind::Integer { min: 1, max: 1_000_000 };
        for (text, meant) in
            [("1e3", "1000"), ("10.0", "10"), ("'3'", "3"), ("1_000", "1000"), ("5k", "5000"), ("1.5", ""), ("0", "")]
        {
            assert_eq!(of(&integer, text), meant, "{text}");
        }
    }

    #[test]
    fn words_flags_and_lists() {
        for (text, meant) in [("yes", "true"), ("'true'", "true"), ("off", "false"), ("1", "true"), ("maybe", "")] {
            assert_eq!(of(&Kind::Flag, text), meant, "{text}");
        }
        assert_eq!(of(&Kind::OptionalNumber { min: 0.0, max: 1.0 }, "None"), "null");
        let words = Kind::Word(&["burst_probability", "burst_rate"]);
        assert_eq!(of(&words, "Burst-Rate"), "burst_rate");
        assert_eq!(of(&words, "burst_probabilty"), "burst_probability");
        let sizes = Kind::Sizes { at_least: 2, at_most: 9, max: 1000 };
        for text in ["500, 200, 3", "(500, 200, 3)", "'[500, 200, 3]'", "500-200-3", "500x200x3", "500 200 3"] {
            assert_eq!(of(&sizes, text), "[500, 200, 3]", "{text}");
        }
    }

    #[test]
    fn items_without_commas() {
        let number = Kind::Number { min: 0.0, max: 10.0 };
        for (text, meant) in [("0.5 1", Some("0.5, 1")), ("0.5 x", None), ("'0.5 1'", None), ("7e9 1", None)] {
            assert_eq!(meant_items(&parse("f", text).unwrap(), &number).as_deref(), meant, "{text}");
        }
    }

    #[test]
    fn lists_to_vary_over() {
        let number = Kind::Number { min: 0.0, max: 10.0 };
        let of = |text: &str| meant_domain("k", &number, &parse("f", text).unwrap()).unwrap_or_default();
        for (text, meant) in [("0.1, 0.5", "[0.1, 0.5]"), ("0.5", "[0.5]"), ("0.1 0.5", "[0.1, 0.5]"), ("x", "")] {
            assert_eq!(of(text), meant, "{text}");
        }
    }

    #[test]
    fn times_with_units() {
        for (text, meant) in [("30s", Some(30.0)), ("5 min", Some(300.0)), ("1h", Some(3600.0)), ("soon", None)] {
            assert_eq!(seconds(text), meant, "{text}");
        }
    }
}
