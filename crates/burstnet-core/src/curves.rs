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
pub(crate) struct RunningMean {
    sum: f64,
    count: u64,
}

impl RunningMean {
    pub(crate) fn add(&mut self, x: f64) {
        self.sum += x;
        self.count += 1;
    }

    pub(crate) fn value(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

/// Collects the losses of a training.
#[derive(Clone)]
pub(crate) struct CurveCollector {
    window: Option<u64>,
    steps: u64,
    layers: Vec<Layer>,
}

/// The curve of one layer.
#[derive(Clone)]
struct Layer {
    /// The first step of the current window.
    start: u64,
    mean: RunningMean,
    points: Vec<CurvePoint>,
}

impl CurveCollector {
    /// Curves of `layers` weight layers over `steps` steps of training, a point per `window` steps.
    pub(crate) fn new(layers: usize, steps: u64, window: Option<u64>) -> Self {
        let windows = window.map_or(0, |window| steps.div_ceil(window));
        let layer = || Layer { start: 0, mean: RunningMean::default(), points: Vec::with_capacity(windows as usize) };
        Self { window, steps, layers: (0..layers).map(|_| layer()).collect() }
    }

    /// Makes them curves of a training of `steps` steps, no fewer than it has gone. Only the end of the training closes
    /// a window before its time, so those until now are the same in a longer one.
    pub(crate) fn extend_to(&mut self, steps: u64) {
        self.steps = steps;
        let windows = self.window.map_or(0, |window| steps.div_ceil(window)) as usize;
        self.layers.iter_mut().for_each(|layer| layer.points.reserve_exact(windows.saturating_sub(layer.points.len())));
    }

    /// Bytes that they take from the heap.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&self.layers[..]) + self.layers.iter().map(|layer| size_of_val(&layer.points[..])).sum::<usize>()
    }

    /// Number of weight layers.
    pub(crate) fn layers(&self) -> usize {
        self.layers.len()
    }

    /// Takes the loss of a layer at a step; the steps of a layer come in their order.
    pub(crate) fn add(&mut self, step: u64, layer: usize, loss: f64) {
        self.close(layer, step);
        self.layers[layer].mean.add(loss);
    }

    /// Ends all windows of a layer that end before `step`.
    fn close(&mut self, layer: usize, step: u64) {
        let Some(window) = self.window else { return };
        let Layer { start, mean, points } = &mut self.layers[layer];
        loop {
            let end = (*start + window).min(self.steps);
            if *start >= self.steps || end > step {
                return;
            }
            let (learning_steps, loss) = (mean.count, mean.value());
            points.push(CurvePoint { layer: layer as u32, step: end - 1, learning_steps, loss });
            *mean = RunningMean::default();
            *start = end;
        }
    }

    /// The points, by layer and then by step, of the windows that were over after `steps` steps.
    pub(crate) fn into_points(mut self, steps: u64) -> Vec<CurvePoint> {
        for layer in 0..self.layers.len() {
            self.close(layer, steps);
        }
        let mut all = Vec::with_capacity(self.layers.iter().map(|layer| layer.points.len()).sum());
        all.extend(self.layers.into_iter().flat_map(|layer| layer.points).filter(|point| point.step < steps));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_end_where_they_should_and_an_empty_one_is_none() {
        let points = |steps| {
            let mut curves = CurveCollector::new(2, 7, Some(3));
            curves.add(0, 1, 0.0);
            curves.add(1, 1, 1.0);
            curves.into_points(steps).iter().map(|p| (p.layer, p.step, p.learning_steps, p.loss)).collect::<Vec<_>>()
        };
        let none = [(0, 2, 0, None), (0, 5, 0, None), (0, 6, 0, None)];
        assert_eq!(points(7), [&none[..], &[(1, 2, 2, Some(0.5)), (1, 5, 0, None), (1, 6, 0, None)]].concat());
        assert_eq!(points(5), [none[0], (1, 2, 2, Some(0.5))], "a run that ended early has no more");
    }
}
