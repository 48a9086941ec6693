//! Points ordered from the best on, by one loss or by several.

use std::cmp::Ordering;

/// The numbers of those points that have all their losses, the best first. With one objective by the loss. With several
/// by nondominated fronts, within a front those with the most room around them first (Deb et al., IEEE Trans. Evol.
/// Comput. 6:182–197, 2002). Ties go to the lower number.
pub(super) fn best_first(losses: &[&[Option<f64>]]) -> Vec<usize> {
    let complete: Vec<(usize, Vec<f64>)> = losses
        .iter()
        .enumerate()
        .filter_map(|(at, losses)| {
            let all: Option<Vec<f64>> = losses.iter().map(|loss| loss.filter(|loss| !loss.is_nan())).collect();
            all.filter(|all| !all.is_empty()).map(|all| (at, all))
        })
        .collect();
    let points: Vec<&[f64]> = complete.iter().map(|(_, losses)| losses.as_slice()).collect();
    let mut order: Vec<usize> = (0..points.len()).collect();
    if points.first().is_some_and(|losses| losses.len() == 1) {
        order.sort_by(|a, b| points[*a][0].total_cmp(&points[*b][0]));
    } else {
        let fronts = fronts(&points);
        let room = room(&points, &fronts);
        order.sort_by(|a, b| fronts[*a].cmp(&fronts[*b]).then(room[*b].total_cmp(&room[*a])));
    }
    order.into_iter().map(|at| complete[at].0).collect()
}

fn dominates(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a <= b) && a.iter().zip(b).any(|(a, b)| a < b)
}

/// The number of the front on which each point lies: 0 if none dominates it, 1 if only points of front 0 do, and so on
/// (Zhang et al., IEEE Trans. Evol. Comput. 19:201–213, 2015: a point comes after all that dominate it).
fn fronts(points: &[&[f64]]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    let differ =
        |a: usize, b: usize| points[a].iter().zip(points[b]).map(|(a, b)| a.total_cmp(b)).find(|one| one.is_ne());
    order.sort_by(|a, b| differ(*a, *b).unwrap_or(Ordering::Equal));
    let mut members: Vec<Vec<usize>> = Vec::new();
    let mut found = vec![0; points.len()];
    for at in order {
        let free = |front: &Vec<usize>| !front.iter().rev().any(|other| dominates(points[*other], points[at]));
        found[at] = members.iter().position(free).unwrap_or(members.len());
        if found[at] == members.len() {
            members.push(Vec::new());
        }
        members[found[at]].push(at);
    }
    found
}

/// The crowding distance of each point within its front; infinite at the ends.
fn room(points: &[&[f64]], fronts: &[usize]) -> Vec<f64> {
    let mut found = vec![0.0; points.len()];
    let objectives = points.first().map_or(0, |losses| losses.len());
    let fronts_in_all = fronts.iter().max().map_or(0, |last| last + 1);
    for front in 0..fronts_in_all {
        let mut members: Vec<usize> = (0..points.len()).filter(|at| fronts[*at] == front).collect();
        for objective in 0..objectives {
            members.sort_by(|a, b| points[*a][objective].total_cmp(&points[*b][objective]).then(a.cmp(b)));
            let (first, last) = (members[0], members[members.len() - 1]);
            let span = points[last][objective] - points[first][objective];
            found[first] = f64::INFINITY;
            found[last] = f64::INFINITY;
            for three in members.windows(3).filter(|_| span > 0.0 && span.is_finite()) {
                found[three[1]] += (points[three[2]][objective] - points[three[0]][objective]) / span;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use burstnet_core::streams::{Purpose, Stream};

    fn order(losses: &[&[Option<f64>]]) -> Vec<usize> {
        best_first(losses)
    }

    #[test]
    fn one_loss_orders_and_failures_are_left_out() {
        assert_eq!(order(&[&[Some(2.0)], &[None], &[Some(1.0)], &[Some(f64::NAN)], &[Some(1.0)]]), [2, 4, 0]);
        assert!(order(&[]).is_empty());
    }

    #[test]
    fn a_front_is_what_only_earlier_fronts_dominate() {
        let mut stream = Stream::new(4, Purpose::Search);
        let points: Vec<[f64; 3]> = (0..300).map(|_| [0; 3].map(|_: u32| stream.below(12) as f64)).collect();
        let points: Vec<&[f64]> = points.iter().map(|point| point.as_slice()).collect();
        let fronts = fronts(&points);
        for at in 0..points.len() {
            let above = (0..points.len()).filter(|other| dominates(points[*other], points[at]));
            assert_eq!(fronts[at], above.map(|other| fronts[other] + 1).max().unwrap_or(0));
        }
    }

    #[test]
    fn fronts_come_first_then_room() {
        let losses = [[4.0, 0.0], [0.0, 4.0], [1.0, 3.0], [2.0, 1.0], [5.0, 5.0], [3.0, 3.0]];
        let losses: Vec<[Option<f64>; 2]> = losses.iter().map(|pair| pair.map(Some)).collect();
        let losses: Vec<&[Option<f64>]> = losses.iter().map(|pair| pair.as_slice()).collect();
        assert_eq!(order(&losses), [0, 1, 3, 2, 5, 4]);
    }
}
