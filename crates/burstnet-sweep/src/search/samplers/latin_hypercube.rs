//! Latin hypercube sampling (McKay, Beckman & Conover, Technometrics 21:239–245, 1979).
//!
//! Each axis has exactly one of n points in each of its n strata, at a random place within it. A random permutation
//! per axis assigns the points to strata; it is computed, not stored. Points past the n-th begin another hypercube. All
//! points depend on n.

use super::permutation::permuted;
use super::{Point, PointSequence, Problem, Sampler, SamplerInfo, Streams};

/// The sampler of Latin hypercubes.
pub(super) struct LatinHypercube;

impl Sampler for LatinHypercube {
    fn info(&self) -> &'static SamplerInfo {
        &SamplerInfo {
            name: "latin_hypercube",
            what: "a Latin hypercube",
            source: Some("McKay, Beckman & Conover, Technometrics 21:239–245, 1979"),
            extends: false,
            ..SamplerInfo::USUAL
        }
    }

    fn sequence(&self, problem: &Problem<'_>) -> Option<Box<dyn PointSequence>> {
        let strata = problem.points.filter(|strata| *strata > 0)?;
        let axis = |at: usize| {
            let label = format!("latin_hypercube/{at}");
            Axis { permutations: problem.streams(&label), jitter: problem.streams(&format!("{label}/jitter")) }
        };
        Some(Box::new(Cubes { strata, axes: (0..problem.axes.len()).map(axis).collect() }))
    }
}

/// Hypercubes of `strata` points each, one after the other.
#[derive(Debug)]
struct Cubes {
    strata: u64,
    axes: Vec<Axis>,
}

#[derive(Debug)]
struct Axis {
    /// The streams by the number of the cube.
    permutations: Streams,
    /// The streams by the number of the point.
    jitter: Streams,
}

impl PointSequence for Cubes {
    fn point(&self, index: u64) -> Option<Point> {
        let (cube, within) = (index / self.strata, index % self.strata);
        let coordinate = |axis: &Axis| {
            let stratum = permuted(self.strata, axis.permutations.at(cube).integer(), within);
            inside(stratum, self.strata, axis.jitter.at(index).unit())
        };
        Some(self.axes.iter().map(coordinate).collect())
    }
}

/// Returns the coordinate in `stratum` of `strata` at `jitter` of its width, or in its middle if rounding would leave
/// it.
fn inside(stratum: u64, strata: u64, jitter: f64) -> f64 {
    let at = |part: f64| (stratum as f64 + part) / strata as f64;
    let unit = at(jitter);
    if (unit * strata as f64) as u64 == stratum && unit < 1.0 { unit } else { at(0.5) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::samplers::{Axis, AxisKind};

    #[test]
    fn every_stratum_of_every_axis_has_one_point() {
        let axes = ["a", "b", "c"].map(|name| Axis { name: name.into(), kind: AxisKind::Range });
        let settings = Default::default();
        for n in [1, 2, 7, 1000] {
            let problem =
                Problem { axes: &axes, seed: 5, points: Some(n), round: 1, objectives: 1, settings: &settings };
            let sequence = LatinHypercube.sequence(&problem).unwrap();
            for cube in [0, 1] {
                let points: Vec<Point> = (cube * n..(cube + 1) * n).filter_map(|index| sequence.point(index)).collect();
                for axis in 0..3 {
                    let mut strata: Vec<u64> = points.iter().map(|point| (point[axis] * n as f64) as u64).collect();
                    strata.sort_unstable();
                    assert!(strata.into_iter().eq(0..n), "{n}");
                }
            }
        }
    }

    #[test]
    fn a_point_of_very_many_is_found_at_once() {
        let axes = [Axis { name: "a".into(), kind: AxisKind::Range }];
        let settings = Default::default();
        let n = 1 << 47;
        let problem = Problem { axes: &axes, seed: 5, points: Some(n), round: 1, objectives: 1, settings: &settings };
        let sequence = LatinHypercube.sequence(&problem).unwrap();
        for index in [0, 1, n / 2, n - 1] {
            assert!((0.0..1.0).contains(&sequence.point(index).unwrap()[0]));
        }
        assert!((0..1000).all(|last| inside(n - 1 - last, n, 1.0 - f64::EPSILON / 2.0) < 1.0));
    }
}
