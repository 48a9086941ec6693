//! Loss curves: averages over windows of steps, and over epochs.

/// One point of a loss curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// The weight layer, 0 the first hidden one.
    pub layer: u32,
    /// The window's last step s.
    pub step: u64,
    /// In how many steps of the window the layer learned.
    pub learning_steps: u64,
    /// Their mean loss; none if there are none.
    pub loss: Option<f64>,
}

/// A running mean that knows an empty one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mean {
    sum: f64,
    count: u64,
}

impl Mean {
    pub(crate) fn add(&mut self, x: f64) {
        self.sum += x;
        self.count += 1;
    }

    pub(crate) fn value(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

/// Collects the losses of a training.
pub(crate) struct Curves {
    window: Option<u64>,
    last_step: u64,
    current: Vec<Mean>,
    points: Vec<CurvePoint>,
}

impl Curves {
    /// Curves of `layers` weight layers over `steps` steps of training, a point per `window` steps.
    pub(crate) fn new(layers: usize, steps: u64, window: Option<u64>) -> Self {
        let windows = window.map_or(0, |window| steps.div_ceil(window));
        Self {
            window,
            last_step: steps - 1,
            current: vec![Mean::default(); layers],
            points: Vec::with_capacity(windows as usize * layers),
        }
    }

    /// Takes the losses of step `step`, one per layer.
    pub(crate) fn add(&mut self, step: u64, losses: &[Option<f64>]) {
        let Some(window) = self.window else { return };
        for (mean, loss) in self.current.iter_mut().zip(losses) {
            if let Some(loss) = loss {
                mean.add(*loss);
            }
        }
        if (step + 1).is_multiple_of(window) || step == self.last_step {
            for (layer, mean) in self.current.iter_mut().enumerate() {
                let (learning_steps, loss) = (mean.count, mean.value());
                self.points.push(CurvePoint { layer: layer as u32, step, learning_steps, loss });
                *mean = Mean::default();
            }
        }
    }

    /// The points, by layer and then by step.
    pub(crate) fn into_points(mut self) -> Vec<CurvePoint> {
        self.points.sort_by_key(|point| (point.layer, point.step));
        self.points
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_end_where_they_should_and_an_empty_one_is_none() {
        let mut curves = Curves::new(1, 7, Some(3));
        for step in 0..7 {
            curves.add(step, &[(step < 2).then_some(step as f64)]);
        }
        let got: Vec<_> = curves.into_points().iter().map(|p| (p.step, p.learning_steps, p.loss)).collect();
        assert_eq!(got, [(2, 2, Some(0.5)), (5, 0, None), (6, 0, None)]);
    }
}
