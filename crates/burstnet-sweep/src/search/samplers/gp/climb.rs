//! The search for the highest point of a surface: random points and points near the best ones, of which
//! a few climb to a peak. Numbers climb along the gradient, and values that are counted move to neighbours.

use burstnet_core::streams::Stream;

use super::covariance::Held;
use super::descent::Descent;
use super::surface::Surface;
use crate::search::samplers::{AxisKind, Point, normal};

/// The number of points drawn from the whole cube, and near the best ones.
const ANYWHERE: usize = 256;
const NEAR: usize = 256;
/// The distances from the best ones, one after the other.
const DISTANCES: [f64; 4] = [0.2, 0.05, 0.01, 0.002];
/// The number of coordinates that differ from those of a best point, in the mean, if there are more.
const CHANGED: f64 = 4.0;
/// The number of points that climb, and the most steps of a climb.
const CLIMBERS: usize = 5;
const STEPS: usize = 30;
/// The most turns between numbers and counted values, and moves along the latter.
const TURNS: usize = 3;
const MOVES: usize = 20;
/// The number of values in an order from which on they climb as numbers do.
const AS_GOOD_AS_A_RANGE: u64 = 20;
/// The most values without an order of an axis that are all tried.
const MOST_TRIED: u64 = 32;
/// The largest number below 1.
const BELOW_ONE: f64 = 1.0 - f64::EPSILON / 2.0;

/// A search for the point to propose.
pub(super) struct Climb<'a> {
    pub(super) surface: &'a Surface,
    /// Returns the coordinates that exist at a point; `None` if the constraints exclude it.
    pub(super) allowed: &'a dyn Fn(&[f64]) -> Option<Held>,
    /// Returns the same; `None` also if the point was proposed before.
    pub(super) fresh: &'a dyn Fn(&[f64]) -> Option<Held>,
}

/// A point, the coordinates that exist there, and its height.
#[derive(Clone)]
struct Place {
    point: Point,
    held: Held,
    value: f64,
}

impl Climb<'_> {
    /// Returns the highest point that was found; `None` if no fresh point was.
    pub(super) fn highest(&self, best: &[Held], stream: &mut Stream) -> Option<Point> {
        let mut points: Vec<Point> =
            (0..ANYWHERE).map(|_| self.surface.axes().iter().map(|_| stream.unit()).collect()).collect();
        for at in 0..if best.is_empty() { 0 } else { NEAR } {
            points.push(self.near(&best[at % best.len()], DISTANCES[at / best.len() % DISTANCES.len()], stream));
        }
        let mut places = self.places(points);
        let climbers = places.iter().take(CLIMBERS).map(|place| self.climb(place.clone()));
        let mut peaks: Vec<Place> = climbers.collect();
        peaks.append(&mut places);
        sort(&mut peaks);
        peaks.into_iter().find(|place| (self.fresh)(&place.point).is_some()).map(|place| place.point)
    }

    /// Draws a point near another one.
    fn near(&self, other: &Held, distance: f64, stream: &mut Stream) -> Point {
        let axes = self.surface.axes();
        let part = CHANGED / axes.len() as f64;
        let along = |(kind, held): (&AxisKind, &Option<f64>)| match held {
            None => stream.unit(),
            Some(unit) if stream.unit() >= part => *unit,
            Some(unit) => match kind {
                AxisKind::Unordered(_) => stream.unit(),
                AxisKind::Range | AxisKind::Ordered(_) => {
                    let step = kind.count().map_or(distance, |count| distance.max(0.7 / count as f64));
                    (unit + step * normal::draw(stream)).clamp(0.0, BELOW_ONE)
                }
            },
        };
        axes.iter().zip(other).map(along).collect()
    }

    /// Returns those of the points that are allowed, with their values, the highest first.
    fn places(&self, points: Vec<Point>) -> Vec<Place> {
        let snapped = points.into_iter().map(|point| self.snapped(point));
        let (points, held): (Vec<Point>, Vec<Held>) =
            snapped.filter_map(|point| (self.allowed)(&point).map(|held| (point, held))).unzip();
        let values = self.surface.values(&held);
        let mut places: Vec<Place> = points
            .into_iter()
            .zip(held)
            .zip(values)
            .map(|((point, held), value)| Place { point, held, value })
            .collect();
        sort(&mut places);
        places
    }

    fn snapped(&self, point: Point) -> Point {
        let along = |(unit, kind): (f64, &AxisKind)| kind.index(unit).map_or(unit, |index| kind.middle(index));
        point.into_iter().zip(self.surface.axes()).map(along).collect()
    }

    /// Returns the peak above a place.
    fn climb(&self, mut place: Place) -> Place {
        for _ in 0..TURNS {
            let along_numbers = self.along_numbers(&place);
            if along_numbers.value > place.value {
                place = along_numbers;
            }
            let along_counts = self.along_counts(place.clone());
            let moved = along_counts.value > place.value;
            if moved {
                place = along_counts;
            } else {
                break;
            }
        }
        place
    }

    /// Climbs along the gradient. Neither constraints nor keys that begin or cease to exist are crossed.
    fn along_numbers(&self, place: &Place) -> Place {
        let is_number = |at: &usize| match self.surface.axes()[*at] {
            AxisKind::Range => true,
            AxisKind::Ordered(count) => count >= AS_GOOD_AS_A_RANGE,
            AxisKind::Unordered(_) => false,
        };
        let axes: Vec<usize> = (0..place.held.len()).filter(is_number).filter(|at| place.held[*at].is_some()).collect();
        let there = |x: &[f64]| {
            let mut point = place.point.clone();
            axes.iter().zip(x).for_each(|(at, unit)| point[*at] = *unit);
            point
        };
        let start: Vec<f64> = axes.iter().map(|at| place.point[*at]).collect();
        let bounds = vec![(0.0, BELOW_ONE); axes.len()];
        let descent = Descent { bounds: &bounds, steps: STEPS, first: 0.05 };
        let found = descent.run(&start, &mut |x| {
            let held = (self.allowed)(&there(x))?;
            let same = held.iter().zip(&place.held).all(|(a, b)| a.is_some() == b.is_some());
            let (value, slope) = same.then(|| self.surface.slope(&held, &axes))?;
            let finite = value.is_finite() && slope.iter().all(|x| x.is_finite());
            finite.then(|| (-value, slope.into_iter().map(|x| -x).collect()))
        });
        let point = found.map(|(x, _)| there(&x));
        point.and_then(|point| self.places(vec![point]).pop()).unwrap_or_else(|| place.clone())
    }

    /// Moves to the best neighbour along any axis of counted values until none is better.
    fn along_counts(&self, mut place: Place) -> Place {
        for _ in 0..MOVES {
            let Some(next) = self.places(self.neighbours(&place)).into_iter().next() else { break };
            if next.value <= place.value {
                break;
            }
            place = next;
        }
        place
    }

    fn neighbours(&self, place: &Place) -> Vec<Point> {
        let mut all = Vec::new();
        for (at, kind) in self.surface.axes().iter().enumerate().filter(|(at, _)| place.held[*at].is_some()) {
            let Some(here) = kind.index(place.point[at]) else { continue };
            let (count, far) = (kind.count().unwrap_or(1), kind.count().unwrap_or(1) / 10);
            let others: Vec<u64> = match kind {
                AxisKind::Unordered(_) if count <= MOST_TRIED => (0..count).collect(),
                AxisKind::Range | AxisKind::Unordered(_) => Vec::new(),
                AxisKind::Ordered(_) => {
                    [1, far].map(|by| [here.saturating_sub(by), (here + by).min(count - 1)]).concat()
                }
            };
            for index in others.into_iter().filter(|index| *index != here) {
                let mut point = place.point.clone();
                point[at] = kind.middle(index);
                all.push(point);
            }
        }
        all
    }
}

/// Sorts places by value, the highest first. Values that are no numbers come last, and ties keep their order.
fn sort(places: &mut [Place]) {
    let key = |place: &Place| if place.value.is_nan() { f64::NEG_INFINITY } else { place.value };
    places.sort_by(|a, b| key(b).total_cmp(&key(a)));
}
