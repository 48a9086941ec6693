//! Numbers in texts and in JSON. One that is not finite is a missing value, as in tables.

use burstnet_core::text::quoted;
use serde_json::{Map, Value as Json};

use crate::limits::LAST_CURVE_STEP;

/// The words for a missing value in the tables of other programs.
const MISSING: [&str; 7] = ["", "NA", "N/A", "null", "NULL", "None", "nil"];

/// Returns the number in a text, or `None` if it is missing or not finite.
///
/// # Errors
/// With a description of the text if it is no number.
pub(super) fn number_of_text(text: &str) -> Result<Option<f64>, String> {
    let text = text.trim();
    // As C writes it: nan, -nan or nan(0x8000).
    let unsigned = text.trim_start_matches('-');
    if MISSING.contains(&text) || unsigned == "nan" || unsigned.starts_with("nan(") {
        return Ok(None);
    }
    let number: f64 = text.parse().map_err(|_| format!("{}, which is no number", quoted(text)))?;
    if let Ok(integer) = text.parse::<i128>()
        && number as i128 != integer
    {
        return Err(format!("{}, an integer that float64 does not hold", quoted(text)));
    }
    Ok(Some(number).filter(|x| x.is_finite()))
}

/// Returns the number of a JSON value, or `None` for null.
///
/// # Errors
/// With a description of the value if it is no number, or an integer that float64 does not hold.
pub(super) fn number_of_json(value: &Json) -> Result<Option<f64>, String> {
    match value {
        Json::Null => Ok(None),
        Json::Number(x) => number_of_text(&x.to_string()),
        Json::Bool(_) | Json::String(_) | Json::Array(_) | Json::Object(_) => {
            Err(format!("{}, which is no number", quoted(&value.to_string())))
        }
    }
}

/// Returns a step: an integer from 0 on.
pub(super) fn step_of(text: &str) -> Result<u64, String> {
    let whole = |x: f64| (x.fract() == 0.0 && (0.0..=LAST_CURVE_STEP as f64).contains(&x)).then_some(x as u64);
    let text = text.trim();
    text.parse::<f64>().ok().and_then(whole).ok_or_else(|| format!("{}, expected an integer from 0 on", quoted(text)))
}

/// Returns the JSON object that a text is, with null in place of the NaN and Infinity that Python writes.
pub(super) fn object_of(text: &str) -> Option<Map<String, Json>> {
    let text = text.trim();
    if !text.starts_with('{') {
        return None;
    }
    let parsed: Result<Json, _> = serde_json::from_str(text);
    match parsed.or_else(|_| serde_json::from_str(&with_null(text))) {
        Ok(Json::Object(object)) => Some(object),
        Ok(_) | Err(_) => None,
    }
}

/// Puts null in the place of `NaN`, `Infinity` and `-Infinity` outside of strings.
fn with_null(text: &str) -> String {
    let (mut changed, mut rest, mut in_string) = (String::with_capacity(text.len()), text, false);
    while let Some(c) = rest.chars().next() {
        let word = ["NaN", "Infinity", "-Infinity"].into_iter().find(|word| !in_string && rest.starts_with(word));
        if let Some(word) = word {
            changed += "null";
            rest = &rest[word.len()..];
            continue;
        }
        let taken = if in_string && c == '\\' { rest.chars().take(2).map(char::len_utf8).sum() } else { c.len_utf8() };
        in_string ^= c == '"';
        changed += &rest[..taken];
        rest = &rest[taken..];
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_not_finite_are_missing() {
        for (text, number) in [
            ("1.5", Some(1.5)),
            (" -2e3 ", Some(-2000.0)),
            ("+1", Some(1.0)),
            ("0.1", Some(0.1)),
            ("9007199254740992", Some(9_007_199_254_740_992.0)),
            ("nan", None),
            ("-nan", None),
            ("-nan(ind)", None),
            ("NaN", None),
            ("inf", None),
            ("-Infinity", None),
            ("1e999", None),
            ("", None),
            ("NA", None),
            ("None", None),
        ] {
            assert_eq!(number_of_text(text), Ok(number), "{text}");
        }
        for text in ["x", "1,5", "0x1", "true", "1 2", "9007199254740993"] {
            assert!(number_of_text(text).is_err(), "{text}");
        }
        let object = object_of(r#" {"a": NaN, "b": -Infinity, "c": "NaN \" Infinity", "d": [Infinity]} "#).unwrap();
        assert_eq!(Json::Object(object).to_string(), r#"{"a":null,"b":null,"c":"NaN \" Infinity","d":[null]}"#);
        for text in ["5", "[1]", "{\"a\": 1", "{'a': 1}", "{a}"] {
            assert_eq!(object_of(text), None, "{text}");
        }
        assert!(number_of_json(&true.into()).is_err() && number_of_json(&"1".into()).is_err());
        assert_eq!((step_of("3"), step_of("3.0"), step_of("1e2")), (Ok(3), Ok(3), Ok(100)));
        assert!(["-1", "0.5", "", "nan", "1e300"].iter().all(|text| step_of(text).is_err()));
    }
}
