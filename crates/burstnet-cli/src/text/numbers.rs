//! Numbers for people.

use burstnet_core::config::Value;

/// Returns a number to four digits.
pub(crate) fn short(x: f64) -> String {
    if x == 0.0 || (1e-3..1e5).contains(&x.abs()) {
        let digits = (4 - 1 - x.abs().max(1e-300).log10_floor()).clamp(0, 6) as usize;
        format!("{x:.digits$}")
    } else {
        format!("{x:.3e}")
    }
}

pub(crate) trait Log10Floor {
    fn log10_floor(self) -> i32;
}

impl Log10Floor for f64 {
    /// Returns the decimal exponent, as the number would be printed.
    fn log10_floor(self) -> i32 {
        format!("{self:e}").split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0)
    }
}

/// Returns a configuration's value, numbers to six digits.
pub(crate) fn value(value: &Value) -> String {
    match value {
        Value::Float(x) if *x != 0.0 && !(1e-4..1e6).contains(&x.abs()) => {
            let digits = format!("{x:.5e}");
            let (mantissa, exponent) = digits.split_once('e').unwrap_or((&digits, "0"));
            format!("{}e{exponent}", mantissa.trim_end_matches('0').trim_end_matches('.'))
        }
        Value::Float(x) => format!("{x:.6}").trim_end_matches('0').trim_end_matches('.').to_owned(),
        Value::Text(text) => text.escape_debug().to_string(),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::List(_) => value.to_string(),
    }
}

/// Returns a duration for people.
pub(crate) fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        _ if seconds < 1.0 => format!("{} ms", short(seconds * 1000.0)),
        0..10 => format!("{seconds:.1} s"),
        10..120 => format!("{whole} s"),
        120..7200 => format!("{} min", whole.div_ceil(60)),
        7200..172_800 => format!("{:.1} h", seconds / 3600.0),
        172_800..63_072_000 => format!("{:.1} days", seconds / 86_400.0),
        _ => {
            let years = seconds / 31_557_600.0;
            if years < 1e4 { format!("{years:.1} years") } else { format!("{years:.1e} years") }
        }
    }
}

/// Returns a number of bytes for people.
pub(crate) fn bytes(n: f64) -> String {
    let (mut n, mut unit) = (n, "B");
    for next in ["kB", "MB", "GB", "TB", "PB"] {
        if n < 1000.0 {
            break;
        }
        (n, unit) = (n / 1000.0, next);
    }
    format!("{} {unit}", if n < 10.0 { format!("{n:.1}") } else { format!("{n:.0}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        let shown = [0.0, 0.035_123_4, 1.0, 12.345_67, 123_456.0, 1e-7, -0.5].map(short);
        assert_eq!(shown, ["0.000000", "0.03512", "1.000", "12.35", "1.235e5", "1.000e-7", "-0.5000"]);
        let times = [0.04, 1.26, 12.4, 150.0, 9000.0, 1e6, 1e8, 1.765e12].map(duration);
        assert_eq!(times, ["40.00 ms", "1.3 s", "12 s", "3 min", "2.5 h", "11.6 days", "3.2 years", "5.6e4 years"]);
        assert_eq!([12.0, 1500.0, 2.5e7].map(bytes), ["12 B", "1.5 kB", "25 MB"]);
        let values = [0.1, 0.0, 2.0, 0.123_456_789, 1e300, 1.5e-7, -0.25].map(|x| value(&Value::Float(x)));
        assert_eq!(values, ["0.1", "0", "2", "0.123457", "1e300", "1.5e-7", "-0.25"]);
    }
}
