//! The plain scalars of YAML, in sweep files and constraints.

use burstnet_core::config::Value;

/// Returns the value of a plain scalar by YAML's core schema.
///
/// A number that float64 cannot hold is read as NaN, so that it fits no key: an integer that would become another one,
/// or a number so small that it would become 0.
pub(crate) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" => return Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Value::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let numeric = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && unsigned.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    if numeric {
        if let Ok(integer) = text.parse() {
            return Value::Int(integer);
        }
        if let Ok(float) = text.parse::<f64>() {
            let mantissa = unsigned.split(['e', 'E']).next().unwrap_or_default();
            let vanishes = float == 0.0 && mantissa.contains(|digit| matches!(digit, '1'..='9'));
            let is_integer = unsigned.bytes().all(|byte| byte.is_ascii_digit());
            let changes =
                is_integer && float.is_finite() && format!("{:.0}", float.abs()) != unsigned.trim_start_matches('0');
            return Value::Float(if vanishes || changes { f64::NAN } else { float });
        }
    }
    Value::Text(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_follow_the_core_schema() {
        for (text, value) in [
            ("1", Value::Int(1)),
            ("-0", Value::Int(0)),
            ("1.0", Value::Float(1.0)),
            ("1e-3", Value::Float(1e-3)),
            (".5", Value::Float(0.5)),
            ("100000000000000000000", Value::Float(1e20)),
            ("-0018446744073709551616", Value::Float(-18_446_744_073_709_551_616.0)),
            ("1e400", Value::Float(f64::INFINITY)),
            ("0e-400", Value::Float(0.0)),
            ("5e-324", Value::Float(5e-324)),
            ("infinity", "infinity".into()),
            ("no", "no".into()),
            ("1-2", "1-2".into()),
            ("~", Value::Null),
            ("true", Value::Bool(true)),
        ] {
            assert_eq!(plain(text), value, "{text}");
        }
    }

    #[test]
    fn numbers_that_would_become_others_are_none() {
        for text in ["99999999999999999999", "-9223372036854775809", "1e-400", "-0.001e-330", "18446744073709551615"] {
            assert!(matches!(plain(text), Value::Float(x) if x.is_nan()), "{text}");
        }
    }
}
