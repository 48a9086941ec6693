//! What the command says. Results go to standard output, the rest to standard error; a closed pipe is no reason to
//! panic.

use std::borrow::Cow;
use std::io::{ErrorKind, Write as _};

use burstnet_core::config::Value;
use burstnet_report::statistics::summary::Summary;
use comfy_table::{CellAlignment, Table, presets};

use crate::failure::Failure;

/// Prints a result.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(printable(text).as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Environment(format!("cannot write to standard output: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Prints a message.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", printable(text));
}

/// `text` with control characters escaped: names and values come from other people, and must not steer a terminal.
fn printable(text: &str) -> Cow<'_, str> {
    let steers = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let escaped = text.chars().map(|c| if steers(c) { c.escape_debug().to_string() } else { c.to_string() });
    Cow::Owned(escaped.collect())
}

/// A table for people; all columns but the first `left` are aligned to the right.
pub(crate) fn table(header: Vec<String>, rows: Vec<Vec<String>>, left: usize) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    for row in rows {
        table.add_row(row);
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if at >= left {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// A number to four digits.
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
    /// Decimal exponent, as the number would be printed.
    fn log10_floor(self) -> i32 {
        format!("{self:e}").split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0)
    }
}

/// Mean and standard deviation.
pub(crate) fn mean_sd(summary: &Summary) -> String {
    match (summary.mean, summary.sd) {
        (Some(mean), Some(sd)) => format!("{} ± {}", short(mean), short(sd)),
        (Some(mean), None) => short(mean),
        (None, _) => "–".into(),
    }
}

/// A configuration's value, numbers to six digits.
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

/// `n` things.
pub(crate) fn count(n: u64, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// A duration for people.
pub(crate) fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        _ if seconds < 1.0 => format!("{} ms", short(seconds * 1000.0)),
        0..10 => format!("{seconds:.1} s"),
        10..120 => format!("{whole} s"),
        120..7200 => format!("{} min", whole.div_ceil(60)),
        7200..172_800 => format!("{:.1} h", seconds / 3600.0),
        _ => format!("{:.1} days", seconds / 86_400.0),
    }
}

/// A number of bytes for people.
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
        let times = [0.04, 1.26, 12.4, 150.0, 9000.0, 1e6].map(duration);
        assert_eq!(times, ["40.00 ms", "1.3 s", "12 s", "3 min", "2.5 h", "11.6 days"]);
        assert_eq!([12.0, 1500.0, 2.5e7].map(bytes), ["12 B", "1.5 kB", "25 MB"]);
        let values = [0.1, 0.0, 2.0, 0.123_456_789, 1e300, 1.5e-7, -0.25].map(|x| value(&Value::Float(x)));
        assert_eq!(values, ["0.1", "0", "2", "0.123457", "1e300", "1.5e-7", "-0.25"]);
    }
}
