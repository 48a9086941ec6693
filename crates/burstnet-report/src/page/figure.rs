//! Numbers on a page.

use burstnet_core::text::cut;
use serde::{Serialize, Serializer};

use crate::analysis::Counts;

/// A number that the page draws: six significant digits, which no screen can tell from all of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Figure(pub(crate) f64);

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rounded = if self.0.is_finite() { format!("{:.5e}", self.0).parse().unwrap_or(self.0) } else { self.0 };
        if rounded.fract() == 0.0 && rounded.abs() < 1e15 {
            serializer.serialize_i64(rounded as i64)
        } else {
            serializer.serialize_f64(rounded)
        }
    }
}

/// Returns a number to four significant digits.
pub(crate) fn short(x: f64) -> String {
    let exponent = |x: f64| format!("{:.3e}", x.abs()).split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    let shown = if x == 0.0 {
        "0".to_owned()
    } else if x.fract() == 0.0 && x.abs() < 1e9 {
        format!("{x:.0}")
    } else if (1e-3..1e5).contains(&x.abs()) {
        let digits = (3 - exponent(x)).clamp(0, 6) as usize;
        format!("{x:.digits$}")
    } else {
        format!("{x:.3e}")
    };
    shown.replace('-', "−")
}

/// Returns a value of a key, to six significant digits without zeros at the end.
pub(crate) fn setting(x: f64) -> String {
    let rounded: f64 = format!("{x:.5e}").parse().unwrap_or(x);
    let shown = if x == 0.0 || (1e-4..1e6).contains(&x.abs()) { format!("{rounded}") } else { format!("{rounded:e}") };
    shown.replace('-', "−")
}

/// Returns a share in percent.
pub(crate) fn percent(share: f64) -> String {
    match 100.0 * share {
        x if x != 0.0 && x.abs() < 0.1 => "<0.1\u{a0}%".to_owned(),
        x if (99.5..100.0).contains(&x) => ">99\u{a0}%".to_owned(),
        x if x.abs() < 10.0 => format!("{x:.1}\u{a0}%"),
        x => format!("{x:.0}\u{a0}%"),
    }
}

/// Returns a measure's unit in brackets; nothing for pure numbers.
pub(crate) fn bracketed(unit: &str) -> String {
    if unit.is_empty() { String::new() } else { format!(" [{unit}]") }
}

/// Returns `n` with thin spaces between thousands.
pub(crate) fn integer(n: u64) -> String {
    let digits = n.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && digits.len() > 4 {
            shown.push('\u{202f}');
        }
        shown.push(digit);
    }
    shown
}

/// Returns `n` with the name of what is counted.
pub(crate) fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", integer(n), if n == 1 { one } else { many })
}

/// Returns how many trials did not end well or are missing: `1 failed, 2 missing`; empty without any.
pub(crate) fn not_ok(counts: Counts, missing: u64) -> String {
    let parts = [
        (counts.failed, "failed"),
        (counts.diverged, "diverged"),
        (counts.pruned, "stopped early"),
        (missing, "missing"),
    ];
    let told = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", integer(*n)));
    told.collect::<Vec<String>>().join(", ")
}

/// Returns at most `most` characters of a text, with an ellipsis where it was cut. Control characters, and those that
/// change the direction of what follows, are written as escapes.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    let is_longer = text.char_indices().nth(most).is_some();
    let kept = cut(text, if is_longer { most.saturating_sub(1) } else { most });
    let mut shown = String::with_capacity(kept.len());
    for c in kept.chars() {
        match c {
            '\n' | '\t' => shown.push(c),
            c if c.is_control()
                || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') =>
            {
                shown.extend(c.escape_unicode());
            }
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        let shown = [0.0, 3.0, -0.123456, 1234.5678, 1.0e-7, 123456.7, 9.9996].map(short);
        assert_eq!(shown, ["0", "3", "−0.1235", "1235", "1.000e−7", "1.235e5", "10.00"]);
        assert_eq!([0.5, 5.0, -0.015811388, 1e-7, 2.5e9].map(setting), ["0.5", "5", "−0.0158114", "1e−7", "2.5e9"]);
        assert_eq!([0.0, 0.0004, 0.0123, 0.987].map(percent), ["0.0\u{a0}%", "<0.1\u{a0}%", "1.2\u{a0}%", "99\u{a0}%"]);
        assert_eq!([0.994, 0.996, 1.0].map(percent), ["99\u{a0}%", ">99\u{a0}%", "100\u{a0}%"]);
        assert_eq!(
            [7, 1234, 12_345, 1_000_000].map(integer),
            ["7", "1234", "12\u{202f}345", "1\u{202f}000\u{202f}000"]
        );
    }

    #[test]
    fn numbers_for_scripts_are_short() {
        let json = |x| serde_json::to_string(&Figure(x)).unwrap();
        assert_eq!([0.1 + 0.2, 3.0, 1e300, f64::NAN].map(json), ["0.3", "3", "1e+300", "null"]);
        assert_eq!(json(2.0 / 3.0), "0.666667");
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(shortened("äöü", 3), "äöü");
        assert_eq!(shortened("äöüß", 3), "äö…");
        assert_eq!(shortened("a\u{1b}[31m\u{202e}b", 20), "a\\u{1b}[31m\\u{202e}b");
    }
}
