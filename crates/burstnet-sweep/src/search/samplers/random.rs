//! Points drawn at random (Bergstra & Bengio, JMLR 13, 2012).
//!
//! Each axis has a stream of its own, keyed by its name. So adding or removing a key does not change the values of the
//! others, and a longer search begins with the points of a shorter one.

use super::{Point, PointSequence, Problem, Sampler, SamplerInfo, Streams};

/// The sampler of random points.
pub(super) struct Random;

impl Sampler for Random {
    fn info(&self) -> &'static SamplerInfo {
        &SamplerInfo {
            name: "random",
            what: "random search",
            source: Some("Bergstra & Bengio, JMLR 13:281–305, 2012"),
            ..SamplerInfo::USUAL
        }
    }

    fn sequence(&self, problem: &Problem<'_>) -> Option<Box<dyn PointSequence>> {
        Some(Box::new(Draws { axes: problem.axes.iter().map(|axis| problem.streams(&axis.name)).collect() }))
    }
}

#[derive(Debug)]
struct Draws {
    axes: Vec<Streams>,
}

impl PointSequence for Draws {
    fn point(&self, index: u64) -> Option<Point> {
        Some(self.axes.iter().map(|streams| streams.at(index).unit()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::samplers::{Axis, AxisKind};
    use crate::space::domain::Domain;

    fn points(names: &[&str], seed: u64, count: u64) -> Vec<Point> {
        let axes: Vec<Axis> = names.iter().map(|name| Axis { name: (*name).into(), kind: AxisKind::Range }).collect();
        let settings = Default::default();
        let problem = Problem { axes: &axes, seed, points: Some(count), round: 1, objectives: 1, settings: &settings };
        let drawn = Random.sequence(&problem).unwrap();
        (0..count).map_while(|index| drawn.point(index)).collect()
    }

    const DOMAIN: Domain = Domain::LogUniform { low: 0.01, high: 10.0 };

    #[test]
    fn values_are_stable_and_do_not_depend_on_other_keys() {
        let both = &points(&["a.b", "c.d"], 2017, 6)[5];
        assert_eq!(both[1], points(&["c.d"], 2017, 6)[5][0]);
        assert_eq!(DOMAIN.at(both[0]).as_f64().unwrap().to_bits(), 4_589_994_589_587_502_306);
    }

    #[test]
    fn logarithms_are_uniform() {
        let values = points(&["a.b"], 1, 2000).into_iter().map(|point| DOMAIN.at(point[0]).as_f64().unwrap());
        let below = values.filter(|x| *x < 0.1).count();
        assert!((600..740).contains(&below), "{below}");
    }
}
