//! Axes of the small plots: from values to pixels, with ticks.

use burstnet_core::math::ln;

use crate::analysis::words::significant;

/// The ratio of the largest to the smallest value from which on an axis is logarithmic.
const FAR: f64 = 12.0;

/// An axis.
pub(in crate::page) struct Scale {
    low: f64,
    high: f64,
    log: bool,
    from: f64,
    to: f64,
}

impl Scale {
    /// Returns the axis that holds these values between two pixels; logarithmic where `log` asks for it and all are
    /// above 0. `None` without values.
    pub(in crate::page) fn new(values: impl Iterator<Item = f64>, log: bool, (from, to): (f64, f64)) -> Option<Self> {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        values.filter(|x| x.is_finite()).for_each(|x| (low, high) = (low.min(x), high.max(x)));
        if low > high {
            return None;
        }
        let log = log && low > 0.0;
        let (low, high) = if log { (ln(low), ln(high)) } else { (low, high) };
        let air = if high > low { 0.04 * high - 0.04 * low } else { 0.5 * high.abs().max(1e-300) };
        Some(Self { low: low - air, high: high + air, log, from, to })
    }

    /// Returns the axis of a measure: logarithmic if its values lie far apart.
    pub(in crate::page) fn of_measure(values: &[f64], pixels: (f64, f64)) -> Option<Self> {
        let held = || values.iter().copied().filter(|x| x.is_finite());
        let (low, high) = (held().fold(f64::INFINITY, f64::min), held().fold(0.0, f64::max));
        Self::new(held(), low > 0.0 && high / low >= FAR, pixels)
    }

    /// Returns the pixel of a value, within the axis.
    pub(in crate::page) fn at(&self, x: f64) -> f64 {
        let x = match self.log {
            true if x > 0.0 => ln(x),
            true => self.low,
            false => x,
        };
        // Halves, since the difference of two large values can be beyond the largest number.
        let part = (0.5 * x - 0.5 * self.low) / (0.5 * self.high - 0.5 * self.low);
        self.from + part.clamp(0.0, 1.0) * (self.to - self.from)
    }

    /// Returns about `most` ticks with their texts.
    pub(in crate::page) fn ticks(&self, most: usize) -> Vec<(f64, String)> {
        let values = if self.log { self.log_ticks(most) } else { self.linear_ticks(most) };
        values.into_iter().map(|x| (self.at(x), tick(x))).collect()
    }

    fn linear_ticks(&self, most: usize) -> Vec<f64> {
        let rough = (self.high / most as f64) - (self.low / most as f64);
        let power = format!("{rough:e}").split_once('e').and_then(|(_, power)| power.parse::<i32>().ok()).unwrap_or(0);
        let ten: f64 = format!("1e{power}").parse().unwrap_or(1.0);
        let Some(step) = [1.0, 2.0, 5.0, 10.0].map(|x| x * ten).into_iter().find(|step| *step >= rough) else {
            return Vec::new();
        };
        let (first, last) = ((self.low / step).ceil(), (self.high / step).floor());
        let count = (last - first).clamp(0.0, 2.0 * most as f64) as u32;
        // By its digits, so that 3 × 0.1 is 0.3.
        let exact = |x: f64| format!("{x:.10e}").parse().unwrap_or(x);
        (0..=count).map(|at| exact((first + f64::from(at)) * step)).filter(|x: &f64| x.is_finite()).collect()
    }

    fn log_ticks(&self, most: usize) -> Vec<f64> {
        let ten = ln(10.0);
        let (first, last) = ((self.low / ten).floor() as i32, (self.high / ten).ceil() as i32);
        let decades = (self.high - self.low) / ten;
        let factors: &[f64] = match decades {
            _ if decades > 2.0 => &[1.0],
            _ if decades > 0.8 => &[1.0, 2.0, 5.0],
            _ => &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0],
        };
        let every = ((decades / most as f64).ceil() as i32).max(1);
        let power = |power: i32| format!("1e{power}").parse::<f64>().unwrap_or(f64::NAN);
        let powers = (first..=last).filter(|at| at % every == 0);
        let all = powers.flat_map(|at| factors.iter().map(move |factor| factor * power(at)));
        all.filter(|x| x.is_finite() && *x > 0.0 && (self.low..=self.high).contains(&ln(*x))).collect()
    }
}

/// Returns the text of a tick: `0.05`, `20 k`, `1e−5`.
fn tick(x: f64) -> String {
    let size = x.abs();
    if (1e4..1e6).contains(&size) && (x / 1000.0).fract() == 0.0 {
        return format!("{} k", significant(x / 1000.0, 4));
    }
    significant(x, 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(values: &[f64], log: bool) -> Vec<String> {
        let scale = Scale::new(values.iter().copied(), log, (0.0, 100.0)).unwrap();
        scale.ticks(4).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(texts(&[0.02, 0.31], false), ["0.1", "0.2", "0.3"]);
        assert_eq!(texts(&[0.0, 60_000.0], false), ["0", "20 k", "40 k", "60 k"]);
        assert_eq!(texts(&[0.01, 0.3], true), ["0.01", "0.02", "0.05", "0.1", "0.2"]);
        assert_eq!(texts(&[1e-7, 1e-1], true), ["1e−6", "0.0001", "0.01"]);
        assert_eq!(texts(&[-1e308, 1e308], false).len(), 3);
        assert_eq!(texts(&[5.0, 5.0], false), ["4", "6"]);
    }

    #[test]
    fn values_lie_between_the_ends() {
        let scale = Scale::of_measure(&[0.001, 1.0, f64::NAN], (0.0, 100.0)).unwrap();
        assert!(scale.log && (scale.at(0.031_622_776) - 50.0).abs() < 1e-3);
        assert_eq!([scale.at(0.0), scale.at(-1.0), scale.at(1e9)], [0.0, 0.0, 100.0]);
        let near = Scale::of_measure(&[0.5, 1.0], (100.0, 0.0)).unwrap();
        assert!(!near.log && near.at(0.75) == 50.0);
        assert!(Scale::of_measure(&[f64::NAN], (0.0, 1.0)).is_none());
    }
}
