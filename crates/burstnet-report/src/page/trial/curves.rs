//! Loss curves of bounded length.

use burstnet_core::curves::CurvePoint;
use serde::Serialize;

/// The most points of a curve, and of all curves together.
const POINTS: (usize, usize) = (1000, 20_000);

/// The curve of one weight layer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(in crate::page) struct LayerCurve {
    /// Number of points of the results that are one point here: their mean, weighted by the steps that learned, at the last
    /// one's step.
    pub(super) merged: usize,
    /// The steps.
    pub(super) step: Vec<u64>,
    /// The losses; `None` where no step learned.
    pub(super) loss: Vec<Option<f64>>,
}

/// Returns the curves of `layers` weight layers.
pub(in crate::page) fn thinned(points: &[CurvePoint], layers: usize) -> Vec<LayerCurve> {
    let most = (POINTS.1 / layers.max(1)).clamp(2, POINTS.0);
    let curve = |layer: usize| {
        let own: Vec<&CurvePoint> = points.iter().filter(|point| point.layer as usize == layer).collect();
        let merged = own.len().div_ceil(most).max(1);
        let (step, loss) = own.chunks(merged).map(merge).unzip();
        LayerCurve { merged, step, loss }
    };
    (0..layers).map(curve).collect()
}

fn merge(points: &[&CurvePoint]) -> (u64, Option<f64>) {
    let last = points.last().map_or(0, |point| point.step);
    let loss = match points {
        [only] => only.loss,
        _several => {
            let learned: u64 = points.iter().map(|point| point.learning_steps).sum();
            let sum: f64 = points.iter().filter_map(|point| Some(point.loss? * point.learning_steps as f64)).sum();
            (learned > 0).then(|| sum / learned as f64)
        }
    };
    (last, loss)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_curves_are_merged_by_what_they_learned() {
        let point = |layer, step, learning_steps, loss| CurvePoint { layer, step, learning_steps, loss };
        let mut points = vec![point(0, 4, 3, Some(0.5)), point(0, 9, 0, None)];
        points.extend((0..1500).map(|i| point(1, i, i % 2, (i % 2 == 1).then_some(f64::from(i as u32)))));
        let curves = thinned(&points, 2);
        let short = LayerCurve { merged: 1, step: vec![4, 9], loss: vec![Some(0.5), None] };
        assert_eq!(curves[0], short);
        assert_eq!((curves[1].merged, curves[1].step.len()), (2, 750));
        assert_eq!((curves[1].step[1], curves[1].loss[1]), (3, Some(3.0)));
        let two = [point(0, 1, 1, Some(1.0)), point(0, 2, 3, Some(2.0))];
        assert_eq!(merge(&[&two[0], &two[1]]), (2, Some(1.75)));
        assert_eq!(thinned(&[], 1)[0].step, [0; 0]);
    }
}
