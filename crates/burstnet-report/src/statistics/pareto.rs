//! The points that are a best compromise: those that no other point dominates, being at least as good in everything and
//! better in something (Pareto optimality).

use std::collections::BTreeMap;

/// Returns whether each point is on the front; the smaller a number is, the better. Equal points are on it together.
///
/// It takes n log n steps for up to three numbers per point, and for more n times the size of the front.
pub(crate) fn front(points: &[Vec<f64>]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|&a, &b| lexicographic(&points[a], &points[b]).then(a.cmp(&b)));
    let dimensions = points.iter().map(Vec::len).max().unwrap_or(0);
    let mut held: Box<dyn Front> =
        if dimensions <= 3 { Box::new(Stairs::default()) } else { Box::new(Listed::default()) };
    let mut on_front = vec![false; points.len()];
    let mut before: Option<usize> = None;
    for &at in &order {
        // What dominates a point comes before it.
        let equal = before.filter(|&other| lexicographic(&points[other], &points[at]).is_eq());
        on_front[at] = match equal {
            Some(other) => on_front[other],
            None => held.takes(&points[at]),
        };
        before = Some(at);
    }
    on_front
}

fn lexicographic(a: &[f64], b: &[f64]) -> std::cmp::Ordering {
    a.iter()
        .zip(b)
        .map(|(a, b)| (a + 0.0).total_cmp(&(b + 0.0)))
        .find(|order| order.is_ne())
        .unwrap_or(a.len().cmp(&b.len()))
}

/// The points of a front so far.
trait Front {
    /// Adds a point, behind all that are before it in lexicographic order, unless one of these dominates it.
    fn takes(&mut self, point: &[f64]) -> bool;
}

/// The second and third numbers of points, of which none is at least as large as another's in both.
#[derive(Default)]
struct Stairs(BTreeMap<Ordered, f64>);

impl Front for Stairs {
    fn takes(&mut self, point: &[f64]) -> bool {
        let number = |at: usize| point.get(at).copied().unwrap_or(0.0);
        let (y, z) = (Ordered::of(number(1)), number(2));
        if self.0.range(..=y).next_back().is_some_and(|(_, other)| *other <= z) {
            return false;
        }
        while let Some((&next, _)) = self.0.range(y..).next().filter(|(_, other)| **other >= z) {
            self.0.remove(&next);
        }
        self.0.insert(y, z);
        true
    }
}

/// A number whose order is that of its bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ordered(u64);

impl Ordered {
    fn of(x: f64) -> Self {
        let bits = (x + 0.0).to_bits(); // no negative zero
        Self(if bits >> 63 == 1 { !bits } else { bits | 1 << 63 })
    }
}

/// All points.
#[derive(Default)]
struct Listed(Vec<Vec<f64>>);

impl Front for Listed {
    fn takes(&mut self, point: &[f64]) -> bool {
        let free = !self.0.iter().any(|other| other.iter().zip(point).all(|(a, b)| a <= b));
        if free {
            self.0.push(point.to_vec());
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use burstnet_core::streams::Stream;
    use burstnet_sweep::streams::SweepPurpose;

    use super::*;

    fn naive(points: &[Vec<f64>]) -> Vec<bool> {
        let dominates = |a: &[f64], b: &[f64]| a != b && a.iter().zip(b).all(|(a, b)| a <= b);
        points.iter().map(|point| !points.iter().any(|other| dominates(other, point))).collect()
    }

    fn drawn(n: u64, dimensions: usize, seed: u64, values: u64) -> Vec<Vec<f64>> {
        let mut random = Stream::part(seed, SweepPurpose::Bootstrap, 0);
        (0..n).map(|_| (0..dimensions).map(|_| random.below(values) as f64 - 2.0).collect()).collect()
    }

    #[test]
    fn as_by_comparing_all_with_all() {
        for dimensions in 1..=5 {
            for (seed, values) in (0..40).zip([2, 5, 30, 1 << 40].into_iter().cycle()) {
                let points = drawn(1 + seed * 5, dimensions, seed, values);
                assert_eq!(front(&points), naive(&points), "{points:?}");
            }
        }
    }

    #[test]
    fn ties_and_signs_of_zero() {
        let points = [[0.0, 1.0], [-0.0, 1.0], [1.0, 0.0], [1.0, -0.0], [1.0, 1.0]].map(Vec::from);
        assert_eq!(front(&points), [true, true, true, true, false]);
        assert_eq!(front(&[]), [false; 0]);
        assert_eq!(front(&[vec![f64::INFINITY, 0.0], vec![-1.0, 5.0]]), [true, true]);
    }

    #[test]
    fn a_long_front_takes_less_than_comparing_all_with_all_of_a_short_one() {
        let line = |n: u32| -> Vec<Vec<f64>> { (0..n).map(|at| vec![f64::from(at), f64::from(n - at)]).collect() };
        let plane = |side: u32| -> Vec<Vec<f64>> {
            let point = |at: u32| [at % side, at / side].map(f64::from);
            (0..side * side).map(point).map(|[x, y]| vec![x, y, -x - y]).collect()
        };
        let seconds = |find: &dyn Fn(&[Vec<f64>]) -> Vec<bool>, points: &[Vec<f64>]| {
            let start = Instant::now();
            assert!(find(points).into_iter().all(|on| on));
            start.elapsed().as_secs_f64()
        };
        for (short, long) in [(line(10_000), line(160_000)), (plane(100), plane(400))] {
            let times = seconds(&front, &long) / seconds(&naive, &short);
            assert!(times < 10.0, "{times} times as long; comparing all with all takes 256 times");
        }
        front(&drawn(100_000, 3, 1, 1 << 40));
    }
}
