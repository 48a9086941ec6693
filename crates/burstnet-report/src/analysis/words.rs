//! Numbers in sentences.

use crate::statistics::Interval;

/// Returns the power of ten of a number's first digit.
fn magnitude(x: f64) -> i32 {
    format!("{:e}", x.abs()).split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0)
}

/// Returns a number to so many significant digits.
pub(crate) fn significant(x: f64, digits: i32) -> String {
    let x: f64 = format!("{:.*e}", (digits - 1).max(0) as usize, x).parse().unwrap_or(x);
    let shown = if x == 0.0 || (-4..6).contains(&magnitude(x)) { format!("{x}") } else { format!("{x:e}") };
    shown.replace('-', "−")
}

/// Returns a number with so many decimals.
fn fixed(x: f64, decimals: i32) -> String {
    format!("{x:.*}", decimals.clamp(0, 12) as usize).replace('-', "−")
}

/// Returns the interval, cut at 0 if what it is of is never negative.
pub(crate) fn bounded(interval: Interval, nonnegative: bool) -> Interval {
    if nonnegative { Interval { low: interval.low.max(0.0), high: interval.high.max(0.0) } } else { interval }
}

/// Returns a mean with its 95 % interval: `0.0324 ± 0.0095`, or its ends where it reaches below what can be. It has two
/// digits of its uncertainty; four without one.
pub(crate) fn with_interval(mean: f64, interval: Option<Interval>, nonnegative: bool) -> String {
    let Some(whole) = interval else { return significant(mean, 4) };
    let half = 0.5 * whole.high - 0.5 * whole.low;
    if half.is_nan() || half <= 0.0 {
        return significant(mean, 4);
    }
    let largest = magnitude(mean).max(magnitude(half));
    let power = if (-4..5).contains(&largest) { 0 } else { largest };
    // Two digits of the uncertainty, but no more than six of the mean.
    let decimals = (1 - magnitude(half)).min(5 - largest) + power;
    let scaled = |x: f64| fixed(if power == 0 { x } else { x / format!("1e{power}").parse().unwrap_or(1.0) }, decimals);
    let times = if power == 0 { String::new() } else { format!("·1e{power}").replace('-', "−") };
    if nonnegative && whole.low < 0.0 {
        let ends = bounded(whole, nonnegative);
        return format!("{}{times} (95 %: 0 to {}{times})", scaled(mean), scaled(ends.high));
    }
    match power {
        0 => format!("{} ± {}", scaled(mean), scaled(half)),
        _ => format!("({} ± {}){times}", scaled(mean), scaled(half)),
    }
}

/// Returns a number with as many decimals as [`with_interval`] gives the mean beside it.
pub(crate) fn like(x: f64, interval: Option<Interval>) -> String {
    let half = interval.map_or(0.0, |whole| 0.5 * whole.high - 0.5 * whole.low);
    let digits = if half > 0.0 && x != 0.0 { (magnitude(x) - magnitude(half) + 2).clamp(2, 6) } else { 4 };
    significant(x, digits)
}

/// Returns a share as a percentage in words: `68 %`, `less than 1 %`.
pub(crate) fn percent(share: f64) -> String {
    match 100.0 * share {
        x if x < 1.0 => "less than 1 %".into(),
        x if (99.5..100.0).contains(&x) => "more than 99 %".into(),
        x => format!("{x:.0} %"),
    }
}

/// Returns a p value in words: `p = 0.03`, `p < 0.001`.
pub(crate) fn p_value(p: f64) -> String {
    if p < 0.001 { "p < 0.001".into() } else { format!("p = {}", significant(p, 2)) }
}

/// The words before the escaped standard error of a program in the message of a trial that failed.
const STANDARD_ERROR: &str = "its standard error ends: ";

/// Returns a message with the line ends that a program printed, which its record holds as escapes.
pub(crate) fn with_lines(message: &str) -> String {
    match message.split_once(STANDARD_ERROR) {
        Some((before, printed)) => {
            format!("{before}{STANDARD_ERROR}\n{}", printed.replace("\\n", "\n").replace("\\t", "\t"))
        }
        None => message.to_owned(),
    }
}

/// Returns the line of a message that says most: the last one of what a program printed, else the first.
pub(crate) fn telling_line(message: &str) -> String {
    let whole = with_lines(message);
    let mut lines = whole.lines().map(str::trim).filter(|line| !line.is_empty());
    match message.split_once(STANDARD_ERROR) {
        Some((before, _)) => {
            let before = before.trim_end_matches(|c: char| c.is_whitespace() || c == ';');
            format!("{before}: {}", lines.next_back().unwrap_or_default())
        }
        None => lines.next().unwrap_or_default().to_owned(),
    }
}

/// Returns a list as the end of a sentence has it: `a`, `a and b`, `a, b and c`.
pub(crate) fn list(parts: &[String], and: &str) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {and} {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_has_the_digits_of_its_uncertainty() {
        let of =
            |mean: f64, half: f64| with_interval(mean, Some(Interval { low: mean - half, high: mean + half }), false);
        assert_eq!(of(0.032_43, 0.009_51), "0.0324 ± 0.0095");
        assert_eq!(of(-12.0, 1e-12), "−12.0000 ± 0.0000");
        assert_eq!(of(3.2e-7, 2.1e-8), "(3.20 ± 0.21)·1e−7");
        assert_eq!(of(2.5e7, 3e5), "(2.500 ± 0.030)·1e7");
        assert_eq!(with_interval(0.5, None, true), "0.5");
        assert_eq!(with_interval(1.0 / 3.0, Some(Interval { low: 0.3, high: 0.3 }), true), "0.3333");
        assert_eq!(
            with_interval(f64::MAX, Some(Interval { low: -f64::MAX, high: f64::MAX }), false),
            "(1.8 ± 1.8)·1e308"
        );
        assert_eq!(with_interval(5e-324, None, false), "5e−324");
    }

    #[test]
    fn no_interval_reaches_below_what_can_be() {
        let wide = Some(Interval { low: -0.02, high: 0.08 });
        assert_eq!(with_interval(0.03, wide, true), "0.030 (95 %: 0 to 0.080)");
        assert_eq!(with_interval(0.03, wide, false), "0.030 ± 0.050");
        assert_eq!(bounded(Interval { low: -2.0, high: -1.0 }, true), Interval { low: 0.0, high: 0.0 });
    }

    #[test]
    fn the_last_line_of_a_traceback_says_most() {
        let message = "the program ended with exit status: 1; its standard error ends: Traceback:\\n  File\\nValueError: no luck\\n";
        assert_eq!(telling_line(message), "the program ended with exit status: 1: ValueError: no luck");
        assert!(with_lines(message).ends_with("ends: \nTraceback:\n  File\nValueError: no luck\n"));
        assert_eq!(telling_line("step 7, layer 1\nmore"), "step 7, layer 1");
        assert_eq!(with_lines("a\\nb"), "a\\nb");
    }

    #[test]
    fn shares_and_lists_in_words() {
        assert_eq!(
            [0.0, 0.004, 0.683, 0.997, 1.0].map(percent),
            ["less than 1 %", "less than 1 %", "68 %", "more than 99 %", "100 %"]
        );
        let all = ["a", "b", "c"].map(str::to_owned);
        assert_eq!([0, 1, 2, 3].map(|n| list(&all[..n], "and")), ["", "a", "a and b", "a, b and c"]);
        assert_eq!([3.162_277_66, -0.5, 1e-7].map(|x| significant(x, 3)), ["3.16", "−0.5", "1e−7"]);
        assert_eq!([0.0, 0.000_99, 0.0314, 1.0].map(p_value), ["p < 0.001", "p < 0.001", "p = 0.031", "p = 1"]);
        assert_eq!(like(0.0578, Some(Interval { low: 0.0, high: 0.019 })), "0.0578");
    }
}
