//! Numbers below each other: as many digits as their uncertainty allows, and a common power of ten.

use crate::text::Log10Floor as _;

/// The format of the numbers in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    exponent: i32,
    decimals: usize,
}

impl Figures {
    /// Returns the format for these numbers and half of their intervals: two digits of the smallest half, three to six
    /// of the largest number; four of it where there is no interval. Powers of a thousand are taken out of what is
    /// below 10⁻³ or from 10⁵ on.
    pub(crate) fn of(numbers: impl IntoIterator<Item = f64>, halves: impl IntoIterator<Item = f64>) -> Self {
        let largest = numbers.into_iter().map(f64::abs).filter(|x| x.is_finite()).fold(0.0, f64::max);
        let magnitude = if largest > 0.0 { largest.log10_floor() } else { 0 };
        // No power below 10⁻³⁰⁶ can be divided by.
        let exponent = if (-3..5).contains(&magnitude) { 0 } else { (3 * magnitude.div_euclid(3)).max(-306) };
        let smallest = halves.into_iter().filter(|half| *half > 0.0 && half.is_finite()).reduce(f64::min);
        let digits = match smallest {
            Some(half) => (1 - half.log10_floor()).clamp(2 - magnitude, 5 - magnitude),
            None => 3 - magnitude,
        };
        Self { exponent, decimals: (digits + exponent).clamp(0, 8) as usize }
    }

    /// Returns the unit of the numbers that are shown, in brackets; empty if they have none.
    pub(crate) fn unit(self, unit: &str) -> String {
        match (self.exponent, unit) {
            (0, "") => String::new(),
            (0, unit) => format!(" [{unit}]"),
            (exponent, unit) => format!(" [{}]", format!("10{} {unit}", superscript(exponent)).trim_end()),
        }
    }

    pub(crate) fn show(self, x: f64) -> String {
        let scaled =
            if self.exponent == 0 { x } else { x / format!("1e{}", self.exponent).parse::<f64>().unwrap_or(1.0) };
        format!("{scaled:.*}", self.decimals)
    }

    /// Returns a mean with half of its interval, as far as they are known.
    pub(crate) fn with_half(self, mean: Option<f64>, half: Option<f64>) -> String {
        match (mean, half) {
            (Some(mean), Some(half)) => format!("{} ± {}", self.show(mean), self.show(half)),
            (Some(mean), None) => self.show(mean),
            (None, _) => "–".into(),
        }
    }

    /// Returns a number with its sign.
    pub(crate) fn signed(self, x: f64) -> String {
        let shown = self.show(x);
        if x > 0.0 { format!("+{shown}") } else { shown.replacen('-', "−", 1) }
    }
}

fn superscript(exponent: i32) -> String {
    let digit = |c| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        _ => char::from_u32(0x2070 + u32::from(c) - u32::from('0')).unwrap_or(c),
    };
    exponent.to_string().chars().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_follow_the_intervals() {
        let figures = Figures::of([0.04646, 0.08532], [0.0064, 0.0062]);
        assert_eq!((figures.show(0.04646), figures.unit("events/step")), ("0.0465".into(), " [events/step]".into()));
        assert_eq!(Figures::of([0.04646], []).show(0.046_461_2), "0.04646");
        assert_eq!(Figures::of([12.0], [1e-12]).show(12.0), "12.0000");
        let small = Figures::of([3.2e-7, 4.1e-8], [2e-8]);
        assert_eq!((small.show(3.2e-7), small.unit("s")), ("320".into(), " [10⁻⁹ s]".into()));
        let large = Figures::of([2.5e7], [3e5]);
        assert_eq!((large.show(2.5e7), large.unit("")), ("25.00".into(), " [10⁶]".into()));
        assert_eq!(Figures::of([], []).show(0.0), "0.000");
        let extremes = [f64::MAX, 5e-324].map(|x| (Figures::of([x], []).show(x), Figures::of([x], []).unit("")));
        assert_eq!(extremes[0], ("179.8".into(), " [10³⁰⁶]".into()));
        assert_eq!(extremes[1].1, " [10⁻³⁰⁶]");
        let halves = [(Some(0.5), Some(0.1)), (Some(0.5), None), (None, None)];
        let shown = halves.map(|(mean, half)| Figures::of([0.5], [0.1]).with_half(mean, half));
        assert_eq!(shown, ["0.500 ± 0.100", "0.500", "–"]);
        assert_eq!([0.5, -0.5, 0.0].map(|x| Figures::of([0.5], [0.1]).signed(x)), ["+0.500", "−0.500", "0.000"]);
    }
}
