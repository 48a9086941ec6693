//! The rung from whose results a sampler learns, of a search that also stops early: the highest one that has enough
//! (Falkner, Klein & Hutter, ICML 2018).

use crate::search::stopping::open::Step;

/// The results that count, by rung.
pub(super) struct Levels {
    /// The number of results that are enough to learn from.
    enough: usize,
    /// The configurations with the numbers of their replicates, by rung, in the order in which they count.
    counted: Vec<Vec<(u64, u64)>>,
    /// The rung from which the sampler learns, and the number of results there that it has received.
    told: Option<(usize, usize)>,
}

/// The results that a sampler has to learn.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct News {
    /// The rung.
    pub(super) rung: usize,
    /// True if the results before were of another rung, and are to be forgotten.
    pub(super) is_other: bool,
    /// The configurations with the numbers of their replicates.
    pub(super) results: Vec<(u64, u64)>,
}

impl Levels {
    pub(super) fn new(rungs: usize, enough: u64) -> Self {
        Self { enough: enough.max(1) as usize, counted: vec![Vec::new(); rungs], told: None }
    }

    /// Adds steps whose results count from now on, and returns what is new; `None` while no rung has enough.
    pub(super) fn add(&mut self, steps: &[Step]) -> Option<News> {
        for step in steps {
            if let Some(counted) = self.counted.get_mut(step.rung) {
                counted.push((step.config_id, step.replicates.end));
            }
        }
        let rung = self.counted.iter().rposition(|counted| counted.len() >= self.enough)?;
        let before = self.told.filter(|(told, _)| *told == rung);
        let all = &self.counted[rung];
        let results = all[before.map_or(0, |(_, count)| count)..].to_vec();
        let is_other = before.is_none() && self.told.is_some();
        self.told = Some((rung, all.len()));
        Some(News { rung, is_other, results })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(config_id: u64, rung: usize) -> Step {
        Step { config_id, replicates: 0..2, rung, place: 0 }
    }

    #[test]
    fn the_highest_rung_with_enough_results_counts() {
        let mut levels = Levels::new(3, 2);
        assert_eq!(levels.add(&[step(0, 0)]), None);
        let news = |rung, is_other, ids: &[u64]| {
            Some(News { rung, is_other, results: ids.iter().map(|id| (*id, 2)).collect() })
        };
        assert_eq!(levels.add(&[step(1, 0)]), news(0, false, &[0, 1]));
        assert_eq!(levels.add(&[step(2, 0), step(1, 1)]), news(0, false, &[2]));
        assert_eq!(levels.add(&[step(2, 1), step(3, 0)]), news(1, true, &[1, 2]));
        assert_eq!(levels.add(&[step(4, 0)]), news(1, false, &[]));
        assert_eq!(levels.add(&[step(3, 1)]), news(1, false, &[3]));
    }
}
