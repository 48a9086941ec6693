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
