//! Data of the heat maps: the mean over the configurations at each pair of levels of two keys.

use burstnet_core::numbers::Mean;
use ndarray::Array2;
use serde::Serialize;

use super::keys::MOST_LEVELS;
use crate::analysis::factors::Spacing;
use crate::analysis::{Analysis, Design, Standing};
use crate::page::figure::Figure;

/// The cells of all heat maps that the page holds.
const BUDGET: usize = 60_000;

/// The means at each pair of levels.
#[derive(Debug, Serialize)]
pub(super) struct PairData {
    /// The numbers of the two keys; the first one's levels are the rows.
    a: usize,
    b: usize,
    /// The share of their interaction in the variance, where it is known.
    share: Option<Figure>,
    /// Row by row, `None` where there is no configuration.
    means: Vec<Option<Figure>>,
    /// The configurations in each cell.
    counts: Vec<u64>,
}

/// Returns the pairs of keys that fit on the page, those with the largest interactions first, and how many there are in
/// all.
pub(super) fn pairs(design: &Design, analysis: &Analysis, ranking: &[Standing]) -> (Vec<PairData>, usize) {
    let factors = &design.factors;
    let drawn = |at: &usize| factors[*at].scale != Spacing::Category || factors[*at].levels.len() <= MOST_LEVELS;
    let share = |a: usize, b: usize| {
        let pairs = &analysis.variance.as_ref().filter(|shares| shares.is_told())?.pairs;
        let found = pairs.iter().find(|pair| pair.key == factors[a].key && pair.key_2 == factors[b].key)?;
        Some(found.share)
    };
    let keys: Vec<usize> = (0..factors.len()).filter(drawn).collect();
    let mut all: Vec<(usize, usize, Option<f64>)> =
        keys.iter().flat_map(|&a| keys.iter().filter(move |&&b| a < b).map(move |&b| (a, b, share(a, b)))).collect();
    all.sort_by(|x, y| y.2.unwrap_or(0.0).total_cmp(&x.2.unwrap_or(0.0)));
    let count = all.len();
    let mut room = BUDGET;
    let mut held = Vec::new();
    for (a, b, share) in all {
        let size = factors[a].levels.len() * factors[b].levels.len();
        if size > room {
            break;
        }
        room -= size;
        held.push(pair(design, ranking, a, b, share));
    }
    (held, count)
}

fn pair(design: &Design, ranking: &[Standing], a: usize, b: usize, share: Option<f64>) -> PairData {
    let levels = [a, b].map(|key| design.factors[key].levels.len());
    let mut cells = Array2::from_elem(levels, (Mean::default(), 0_u64));
    for one in ranking {
        let cell = design.shown(one.place, a).zip(design.shown(one.place, b));
        if let (Some(mean), Some((a, b))) = (one.mean, cell) {
            let (means, count) = &mut cells[[a, b]];
            means.add(mean);
            *count += 1;
        }
    }
    PairData {
        a,
        b,
        share: share.map(Figure),
        means: cells.iter().map(|(mean, _)| mean.value().map(Figure)).collect(),
        counts: cells.into_iter().map(|(_, n)| n).collect(),
    }
}
