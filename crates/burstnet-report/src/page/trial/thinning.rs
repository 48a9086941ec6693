//! Series of bounded length, however many steps go into them.

/// A line: every step's number, or of each stretch of steps the smallest and the largest.
#[derive(Clone, Debug)]
pub(super) struct Line {
    stretch: usize,
    /// Length of the current stretch, its first smallest and its first largest number, and where they stand.
    held: usize,
    least: (usize, f32),
    most: (usize, f32),
    points: Vec<f32>,
}

impl Line {
    /// Returns a line of stretches of this many steps.
    pub(super) fn new(stretch: usize) -> Self {
        Self { stretch, held: 0, least: (0, f32::NAN), most: (0, f32::NAN), points: Vec::new() }
    }

    /// Returns the stretch with which a line of `steps` steps has at most `most` points.
    pub(super) fn stretch(steps: usize, most: usize) -> usize {
        if steps <= most { 1 } else { steps.div_ceil((most / 2).max(1)) }
    }

    /// Takes the number of the next step.
    pub(super) fn push(&mut self, x: f32) {
        if self.stretch == 1 {
            self.points.push(x);
            return;
        }
        // What is no number loses against any number.
        if self.held == 0 || x < self.least.1 || self.least.1.is_nan() {
            self.least = (self.held, x);
        }
        if self.held == 0 || x > self.most.1 || self.most.1.is_nan() {
            self.most = (self.held, x);
        }
        self.held += 1;
        if self.held == self.stretch {
            self.close();
        }
    }

    fn close(&mut self) {
        let (first, second) =
            if self.least.0 <= self.most.0 { (self.least, self.most) } else { (self.most, self.least) };
        self.points.extend([first.1, second.1]);
        self.held = 0;
    }

    /// Returns the points: of each stretch two, in the order in which they came.
    pub(super) fn into_points(mut self) -> Vec<f32> {
        if self.held > 0 {
            self.close();
        }
        self.points
    }
}

/// A picture: a row per unit, a column per stretch of steps, each number the stretch's mean.
#[derive(Clone, Debug)]
pub(super) struct Means {
    stretch: usize,
    held: usize,
    sums: Vec<f64>,
    /// Column after column.
    columns: Vec<f32>,
}

impl Means {
    /// Returns a picture of `units` rows and columns of this many steps.
    pub(super) fn new(units: usize, stretch: usize) -> Self {
        Self { stretch, held: 0, sums: vec![0.0; units], columns: Vec::new() }
    }

    /// Takes the numbers of the next step, one per row.
    pub(super) fn push(&mut self, numbers: impl Iterator<Item = f64>) {
        self.sums.iter_mut().zip(numbers).for_each(|(sum, x)| *sum += x);
        self.held += 1;
        if self.held == self.stretch {
            self.close();
        }
    }

    fn close(&mut self) {
        let held = self.held as f64;
        self.columns.extend(self.sums.iter_mut().map(|sum| (std::mem::take(sum) / held) as f32));
        self.held = 0;
    }

    /// Returns the means, row after row.
    pub(super) fn into_rows(mut self) -> Vec<f32> {
        if self.held > 0 {
            self.close();
        }
        let units = self.sums.len();
        (0..units).flat_map(|unit| self.columns.iter().skip(unit).step_by(units).copied()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(stretch: usize, numbers: &[f32]) -> Vec<f32> {
        let mut line = Line::new(stretch);
        numbers.iter().for_each(|x| line.push(*x));
        line.into_points()
    }

    #[test]
    fn a_short_line_is_kept_and_a_long_one_keeps_its_extremes() {
        assert_eq!(line(1, &[3.0, 1.0, 2.0]), [3.0, 1.0, 2.0]);
        assert_eq!(line(3, &[2.0, 1.0, 3.0, 5.0, 4.0, 3.5, 7.0]), [1.0, 3.0, 5.0, 3.5, 7.0, 7.0]);
        assert_eq!(line(2, &[f32::NAN, 1.0]), [1.0, 1.0]);
        assert!(line(2, &[f32::NAN, f32::NAN]).iter().all(|x| x.is_nan()));
        assert_eq!(line(4, &[]), [0.0; 0]);
    }

    #[test]
    fn lines_have_no_more_points_than_they_may() {
        assert_eq!([1, 2000, 2001, 10_000].map(|steps| Line::stretch(steps, 2000)), [1, 1, 3, 10]);
        for steps in [1, 999, 2000, 2001, 3999, 4000, 123_457, 1_000_000] {
            let stretch = Line::stretch(steps, 2000);
            let points = line(stretch, &vec![0.5; steps]).len();
            assert!(points <= 2000 && points >= steps.min(900), "{steps} steps, {points} points");
        }
    }

    #[test]
    fn a_picture_holds_means_row_after_row() {
        let mut means = Means::new(2, 2);
        for t in 0..5 {
            means.push([f64::from(t), 10.0 * f64::from(t)].into_iter());
        }
        assert_eq!(means.into_rows(), [0.5, 2.5, 4.0, 5.0, 25.0, 40.0]);
        assert_eq!(Means::new(0, 1).into_rows(), [0.0; 0]);
    }
}
