//! Points ranked from the best on, by one loss or by several.
//!
//! With one objective, they are ranked by the loss. With several, they are ranked by nondominated fronts, and within a
//! front the points with the most room around them come first (Deb et al., IEEE Trans. Evol. Comput. 6:182–197, 2002).
//! The lower number wins ties. A point that violates bounds less comes before one that violates them more, whatever their
//! losses, and dominates it. The fronts are updated with each new point (Li et al., IEEE Trans. Evol. Comput.
//! 21:1–18, 2017).

use crate::search::bounds::Merit;

/// The points that have all their losses, ranked.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranking {
    /// The losses by number; empty if one is missing.
    losses: Vec<Vec<f64>>,
    /// The violations of bounds by number.
    violations: Vec<f64>,
    /// The number of points that have all their losses.
    complete: usize,
    /// With one objective, the numbers of the points by loss, the best first.
    order: Vec<usize>,
    /// With several objectives, the numbers of the points on each front. Front 0 has the points that no point
    /// dominates, front 1 those that only points of front 0 dominate, and so on.
    fronts: Vec<Vec<usize>>,
}

impl Ranking {
    /// Adds a point with its losses and its violation of bounds. Its number is the number of points before.
    pub(super) fn push(&mut self, losses: &[Option<f64>], violation: f64) {
        let number = self.losses.len();
        self.violations.push(violation);
        let all: Option<Vec<f64>> = losses.iter().map(|loss| loss.filter(|loss| !loss.is_nan())).collect();
        self.losses.push(all.unwrap_or_default());
        match self.losses[number].as_slice() {
            [] => return,
            [_] => {
                let own = self.merit(number);
                let place = self.order.partition_point(|other| self.merit(*other).compare(&own).is_le());
                self.order.insert(place, number);
            }
            [..] => self.add_to_fronts(number),
        }
        self.complete += 1;
    }

    fn merit(&self, number: usize) -> Merit {
        Merit { violation: self.violations[number], loss: self.losses[number][0] }
    }

    /// Returns the number of points that have all their losses.
    pub(super) fn complete(&self) -> usize {
        self.complete
    }

    /// Returns the numbers of the best `count` points; with one objective, the best first.
    pub(super) fn best(&self, count: usize) -> Vec<usize> {
        let mut best: Vec<usize> = self.order.iter().copied().take(count).collect();
        for front in &self.fronts {
            let left = count - best.len();
            if front.len() <= left {
                best.extend(front);
            } else {
                best.extend(self.roomiest(front).into_iter().take(left));
                break;
            }
        }
        best
    }

    /// Puts a point on its front. The points that it dominates move on to the next front, and displace others there in
    /// turn.
    fn add_to_fronts(&mut self, number: usize) {
        let point = |at: usize| (self.violations[at], self.losses[at].as_slice());
        let dominates = |a: usize, b: usize| dominates(point(a), point(b));
        let free = |front: &Vec<usize>| !front.iter().any(|other| dominates(*other, number));
        let mut level = self.fronts.iter().position(free).unwrap_or(self.fronts.len());
        let mut coming = vec![number];
        while !coming.is_empty() {
            if level == self.fronts.len() {
                self.fronts.push(Vec::new());
            }
            let pushed = |other: &usize| coming.iter().any(|one| dominates(*one, *other));
            let (leaving, mut staying): (Vec<usize>, Vec<usize>) =
                self.fronts[level].iter().partition(|one| pushed(one));
            staying.append(&mut coming);
            self.fronts[level] = staying;
            coming = leaving;
            level += 1;
        }
    }

    /// Returns the points of a front, those with the largest crowding distance first; it is infinite at the ends.
    fn roomiest(&self, front: &[usize]) -> Vec<usize> {
        let mut members = front.to_vec();
        members.sort_unstable();
        let mut room = vec![0.0; self.losses.len()];
        let objectives = members.first().map_or(0, |first| self.losses[*first].len());
        for objective in 0..objectives {
            let loss = |at: usize| self.losses[at][objective];
            let mut rising = members.clone();
            rising.sort_by(|a, b| loss(*a).total_cmp(&loss(*b)).then(a.cmp(b)));
            let (first, last) = (rising[0], rising[rising.len() - 1]);
            let span = loss(last) - loss(first);
            room[first] = f64::INFINITY;
            room[last] = f64::INFINITY;
            for three in rising.windows(3).filter(|_| span > 0.0 && span.is_finite()) {
                room[three[1]] += (loss(three[2]) - loss(three[0])) / span;
            }
        }
        members.sort_by(|a, b| room[*b].total_cmp(&room[*a]));
        members
    }
}

/// Returns the numbers of the points that no other one dominates, in rising order.
pub(crate) fn undominated(losses: &[&[f64]]) -> Vec<usize> {
    let dominated = |one: &&[f64]| losses.iter().any(|other| dominates((0.0, other), (0.0, one)));
    (0..losses.len()).filter(|at| !dominated(&losses[*at])).collect()
}

fn dominates((beyond_a, a): (f64, &[f64]), (beyond_b, b): (f64, &[f64])) -> bool {
    let better = || a.iter().zip(b).all(|(a, b)| a <= b) && a.iter().zip(b).any(|(a, b)| a < b);
    beyond_a < beyond_b || beyond_a == beyond_b && better()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::SweepPurpose;
    use burstnet_core::streams::Stream;

    fn ranking<'a>(losses: impl IntoIterator<Item = &'a [Option<f64>]>) -> Ranking {
        let mut ranking = Ranking::default();
        losses.into_iter().for_each(|one| ranking.push(one, 0.0));
        ranking
    }

    #[test]
    fn one_loss_orders_and_failures_are_left_out() {
        let losses: [&[Option<f64>]; 5] = [&[Some(2.0)], &[None], &[Some(1.0)], &[Some(f64::NAN)], &[Some(1.0)]];
        let ranking = ranking(losses);
        assert_eq!((ranking.best(3), ranking.best(1), ranking.complete()), (vec![2, 4, 0], vec![2], 3));
        assert!(Ranking::default().best(3).is_empty());
    }

    #[test]
    fn violations_count_before_losses() {
        let mut ranking = Ranking::default();
        for (loss, violation) in [(1.0, 2.0), (9.0, 0.0), (2.0, 0.5), (1.0, 0.5), (8.0, 0.0), (0.0, f64::INFINITY)] {
            ranking.push(&[Some(loss)], violation);
        }
        assert_eq!(ranking.best(6), [4, 1, 3, 2, 0, 5]);
    }

    #[test]
    fn a_front_is_what_only_earlier_fronts_dominate() {
        let mut stream = Stream::new(4, SweepPurpose::Search);
        let points: Vec<[f64; 3]> = (0..300).map(|_| [0; 3].map(|_: u32| stream.below(12) as f64)).collect();
        let mut ranking = Ranking::default();
        for (known, point) in points.iter().enumerate() {
            ranking.push(&point.map(Some), (known % 3) as f64);
            if known % 37 > 0 && known < 299 {
                continue;
            }
            let front = |at: usize| ranking.fronts.iter().position(|front| front.contains(&at)).unwrap();
            for at in 0..=known {
                let point = |at: usize| ((at % 3) as f64, points[at].as_slice());
                let above = (0..=known).filter(|other| dominates(point(*other), point(at)));
                assert_eq!(front(at), above.map(|other| front(other) + 1).max().unwrap_or(0));
            }
            assert_eq!(ranking.fronts.iter().map(Vec::len).sum::<usize>(), known + 1);
        }
    }

    #[test]
    fn fronts_come_first_then_room() {
        let losses = [[4.0, 0.0], [0.0, 4.0], [1.0, 3.0], [2.0, 1.0], [5.0, 5.0], [3.0, 3.0]];
        let losses: Vec<[Option<f64>; 2]> = losses.iter().map(|pair| pair.map(Some)).collect();
        let ranking = ranking(losses.iter().map(|pair| pair.as_slice()));
        let best = |count| {
            let mut best = ranking.best(count);
            best.sort_unstable();
            best
        };
        // One after the other: the ends of the first front, then what has the most room on it, then the other fronts.
        assert_eq!(
            [1, 2, 3, 4, 5, 6].map(best),
            [vec![0], vec![0, 1], vec![0, 1, 3], vec![0, 1, 2, 3], vec![0, 1, 2, 3, 5], vec![0, 1, 2, 3, 4, 5]]
        );
    }
}
