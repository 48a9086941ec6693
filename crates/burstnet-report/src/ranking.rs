//! Which configurations are best.

use burstnet_sweep::objective::Direction;

use crate::statistics::summary::Summary;

/// A configuration and how it did.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// The configuration.
    pub config_id: u64,
    /// Replicates that are ok.
    pub ok: u64,
    /// Replicates that are not.
    pub not_ok: u64,
    /// The objective's measure over those that are ok.
    pub summary: Summary,
}

/// The best few configurations of a stream of them.
#[derive(Clone, Debug)]
pub struct Ranking {
    direction: Direction,
    keep: usize,
    best: Vec<Ranked>,
}

impl Ranking {
    /// Keeps the best `keep`.
    pub fn new(direction: Direction, keep: usize) -> Self {
        Self { direction, keep, best: Vec::with_capacity(keep + 1) }
    }

    /// Takes a configuration. One with failed or diverged trials ranks behind all that have none; ties go to the
    /// smaller number.
    pub fn add(&mut self, ranked: Ranked) {
        let order = |a: &Ranked, b: &Ranked| {
            (a.not_ok.cmp(&b.not_ok))
                .then(self.direction.compare(a.summary.mean, b.summary.mean))
                .then(a.config_id.cmp(&b.config_id))
        };
        let at = self.best.partition_point(|held| order(held, &ranked).is_le());
        self.best.insert(at, ranked);
        self.best.truncate(self.keep);
    }

    /// The best first.
    pub fn best(&self) -> &[Ranked] {
        &self.best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked(config_id: u64, not_ok: u64, mean: f64) -> Ranked {
        let summary = Summary { mean: Some(mean), ..Summary::default() };
        Ranked { config_id, ok: 8 - not_ok, not_ok, summary }
    }

    #[test]
    fn failures_rank_last() {
        let mut ranking = Ranking::new(Direction::Minimize, 3);
        for one in [ranked(0, 0, 0.5), ranked(1, 2, 0.1), ranked(2, 0, 0.3), ranked(3, 0, 0.3), ranked(4, 0, 0.4)] {
            ranking.add(one);
        }
        assert_eq!(ranking.best().iter().map(|one| one.config_id).collect::<Vec<_>>(), [2, 3, 4]);
    }
}
