//! Plots of a line's height.

/// Blocks of one to eight eighths of a column's width.
const EIGHTHS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
/// Blocks of one to eight eighths of a line's height.
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Returns a bar for `share`, of which 1 is `width` columns.
pub(crate) fn bar(share: f64, width: usize) -> String {
    let eighths = (share.clamp(0.0, 1.0) * 8.0 * width as f64).round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        bar.push(EIGHTHS[eighths % 8 - 1]);
    }
    bar
}

/// The range that plots one below the other share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SharedRange {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl SharedRange {
    /// Returns an axis that all numbers fit on; `None` without a finite number.
    pub(crate) fn of(numbers: impl IntoIterator<Item = f64>) -> Option<Self> {
        let held = numbers.into_iter().filter(|x| x.is_finite());
        held.fold(None, |axis: Option<Self>, x| {
            let Self { low, high } = axis.unwrap_or(Self { low: x, high: x });
            Some(Self { low: low.min(x), high: high.max(x) })
        })
    }

    /// Returns the place of `x`, from 0 at the low end to 1 at the high end; the middle if there is only one number.
    fn part(self, x: f64) -> f64 {
        // In halves, so that the widest range is a number too.
        let range = 0.5 * self.high - 0.5 * self.low;
        if range > 0.0 { ((0.5 * x - 0.5 * self.low) / range).clamp(0.0, 1.0) } else { 0.5 }
    }

    fn column(self, x: f64, width: usize) -> usize {
        (self.part(x) * width.saturating_sub(1) as f64).round() as usize
    }

    /// Returns a mean as a point, on the line of its interval, and a rule at `mark`.
    pub(crate) fn interval(self, mean: f64, ends: Option<(f64, f64)>, mark: Option<f64>, width: usize) -> String {
        let mut line = vec![' '; width];
        if let Some((low, high)) = ends {
            line[self.column(low, width)..=self.column(high, width)].fill('─');
        }
        if let Some(mark) = mark.filter(|mark| (self.low..=self.high).contains(mark)) {
            let at = self.column(mark, width);
            line[at] = if line[at] == '─' { '┼' } else { '│' };
        }
        if let Some(point) = line.get_mut(self.column(mean, width)) {
            *point = '●';
        }
        line.into_iter().collect()
    }

    /// Draws numbers as heights, one column each; a blank where there is none.
    pub(crate) fn sparkline(self, numbers: impl IntoIterator<Item = Option<f64>>) -> String {
        let height = |x: f64| HEIGHTS[((self.part(x) * 8.0) as usize).min(7)];
        numbers.into_iter().map(|x| x.filter(|x| x.is_finite()).map_or(' ', height)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_in_eighths() {
        let bars: Vec<String> = [0.0, 0.125, 0.5, 0.5625, 1.0, 7.0].map(|share| bar(share, 4)).into();
        assert_eq!(bars, ["", "▌", "██", "██▎", "████", "████"]);
        assert_eq!(bar(f64::NAN, 4), "");
    }

    #[test]
    fn intervals_on_an_axis() {
        let axis = SharedRange::of([0.0, 10.0, f64::NAN]).unwrap();
        assert_eq!(axis.interval(5.0, Some((2.0, 8.0)), None, 11), "  ───●───  ");
        assert_eq!(axis.interval(9.0, Some((0.0, 10.0)), Some(4.0), 11), "────┼────●─");
        assert_eq!(axis.interval(9.0, None, Some(0.0), 11), "│        ● ");
        assert_eq!(SharedRange { low: 1.0, high: 1.0 }.interval(1.0, None, None, 3), "  ●".replacen("  ●", " ● ", 1));
        assert_eq!(SharedRange::of([]), None);
        let wide = SharedRange::of([-1.7e308, 1.7e308]).unwrap();
        assert_eq!(wide.interval(0.0, Some((-1.7e308, 1.7e308)), None, 5), "──●──");
    }

    #[test]
    fn heights_of_numbers() {
        let axis = SharedRange { low: 0.0, high: 7.0 };
        assert_eq!(axis.sparkline((0..8).map(|x| Some(f64::from(x)))), "▁▂▃▄▅▆▇█");
        assert_eq!(axis.sparkline([Some(7.0), None, Some(0.0), Some(f64::INFINITY)]), "█ ▁ ");
    }
}
