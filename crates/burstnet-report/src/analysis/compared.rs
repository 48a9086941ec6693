//! Every configuration compared with the best one, or with a baseline.

use std::collections::{BTreeSet, HashMap};

use burstnet_core::numbers::Scale;
use burstnet_core::streams::Stream;
use burstnet_core::text::count;
use burstnet_sweep::objective::Direction;
use burstnet_sweep::streams::SweepPurpose;
use ndarray::{Array2, ArrayView2};
use serde::Serialize;

use super::Baseline;
use super::measured::{Comparison, Measured};
use crate::statistics::comparisons::{Comparisons, Contrast, Reference};
use crate::statistics::{Interval, SIGNIFICANT};

/// Replicates that are named as a way to tell more are not more than this many times those that there are.
const MOST_TIMES: f64 = 1000.0;

/// The configurations that cannot be told from the best one. It holds the truly best one with a confidence of 95 %.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ConfidenceSet {
    /// The best configuration.
    pub best: u64,
    /// Number of configurations that cannot be told from the best, with the best itself.
    pub members: u64,
    /// Number of configurations that are significantly worse.
    pub worse: u64,
    /// Number of configurations that are not compared: trials of theirs failed, diverged or are missing.
    pub not_compared: u64,
    /// Replicates of each.
    pub replicates: u64,
    /// The number of replicates with which at most half of them would be left, if the differences are as large as they
    /// seem; `None` if there is a single one, or no number would do.
    pub replicates_to_halve: Option<u64>,
    /// The same in a sentence or two.
    pub sentence: String,
}

impl ConfidenceSet {
    fn with_sentence(mut self) -> Self {
        let others = self.members + self.worse - 1;
        self.sentence = match (self.members - 1, self.worse) {
            (0, 1) => "The other configuration is worse than the best.".to_owned(),
            (0, worse) => format!("All {worse} other configurations are worse than the best."),
            (1, 0) => "The other configuration cannot be told from the best.".to_owned(),
            (tied, 0) => format!("None of {tied} other configurations can be told from the best."),
            (tied, worse) => {
                let are = if worse == 1 { "is" } else { "are" };
                format!("{tied} of {others} other configurations cannot be told from the best; {worse} {are} worse.")
            }
        };
        if let Some(replicates) = self.replicates_to_halve {
            self.sentence += &format!(
                " If the differences are as large as they seem, {} would halve their number.",
                count(replicates, "replicate", "replicates")
            );
        }
        self
    }
}

/// The comparisons of one measure.
#[derive(Clone, Debug, Default)]
pub(crate) struct Compared {
    /// The confidence set of the best; `None` if nothing can be compared, or the measure is not the objective's.
    pub(crate) set: Option<ConfidenceSet>,
    /// The configurations that are compared with the baseline, ascending, and how they compare.
    compared: Option<(Places, Comparisons)>,
    /// The membership of each configuration in the set; `None` if it is not compared.
    members: Vec<Option<bool>>,
}

impl Compared {
    /// Compares all configurations of a measure with the baseline, and with the best in `ranking` if `with_set`.
    pub(super) fn new(one: &Measured<'_>, ranking: &[usize], baseline: Option<Baseline>, with_set: bool) -> Self {
        let Some(baseline) = baseline else { return Self::default() };
        let (places, values) = Places::of(one);
        let Some(place) = one.place(baseline.config_id) else { return Self::default() };
        let best = ranking.first().copied().filter(|&place| one.may_be_best(place));
        let mut compared = Self::default();
        let with_best = best.filter(|_| with_set).and_then(|best| {
            let found = places.compared(values.view(), Reference::Best(best), one)?;
            compared.find_set(one, best, &places, &found);
            (best == place).then_some(found)
        });
        let found = with_best.or_else(|| places.compared(values.view(), Reference::Named(place), one));
        compared.compared = found.map(|found| (places, found));
        compared
    }

    /// Returns what is known of the configuration at `place`.
    pub(crate) fn at(&self, place: usize) -> Comparison {
        (self.contrast(place), self.in_set(place))
    }

    /// Returns the comparison of the configuration at `place`; `None` for the baseline itself, and where there is none.
    fn contrast(&self, place: usize) -> Option<Contrast> {
        let (places, found) = self.compared.as_ref()?;
        Some(places.at_scale(found.contrast(places.row(place)?)?))
    }

    /// Returns the number of configurations whose difference from the baseline is tested.
    pub(crate) fn count(&self) -> u64 {
        let tested = |(places, found): &(Places, Comparisons)| {
            (0..places.places.len()).filter(|&row| found.p(row).is_some()).count() as u64
        };
        self.compared.as_ref().map_or(0, tested)
    }

    /// Returns whether the configuration at `place` is in the confidence set of the best; `None` if that is not known.
    pub(crate) fn in_set(&self, place: usize) -> Option<bool> {
        self.members.get(place).copied().flatten()
    }

    /// Returns whether the best configuration and another one cannot be told apart. Where the other one is not compared
    /// with the best, their comparisons with the baseline tell.
    pub(super) fn are_tied(&self, (best, other): (usize, usize), baseline: Option<usize>) -> bool {
        let reaches_0 = |place: usize| {
            let interval = self.contrast(place).and_then(|contrast| contrast.interval);
            interval.is_some_and(|ends| ends.low <= 0.0 && ends.high >= 0.0)
        };
        self.in_set(other).unwrap_or_else(|| reaches_0(if baseline == Some(other) { best } else { other }))
    }

    fn find_set(&mut self, one: &Measured<'_>, best: usize, places: &Places, found: &Comparisons) {
        self.members = vec![None; one.places()];
        self.members[best] = Some(true);
        let mut needed = Vec::new();
        for (row, &place) in places.places.iter().enumerate() {
            let Some(p) = found.p(row).filter(|_| one.may_be_best(place)) else { continue };
            self.members[place] = Some(p >= SIGNIFICANT);
            if p >= SIGNIFICANT {
                needed.push(found.times_needed(row));
            }
        }
        if self.members.iter().flatten().count() < 2 {
            self.members.clear();
            return;
        }
        let number = |is: Option<bool>| self.members.iter().filter(|held| **held == is).count() as u64;
        let (members, worse) = (number(Some(true)), number(Some(false)));
        needed.sort_unstable_by(f64::total_cmp);
        // The best always stays, so the set is halved once this many of the others are out.
        let told = (members - members / 2) as usize;
        let times = told.checked_sub(1).and_then(|at| needed.get(at)).filter(|times| **times <= MOST_TIMES);
        let times = times.filter(|_| !one.is_adaptive()); // as many replicates are not the same for all
        let set = ConfidenceSet {
            best: one.config_id(best),
            members,
            worse,
            not_compared: one.places() as u64 - members - worse,
            replicates: one.replicates(),
            replicates_to_halve: times.map(|times| (times * one.replicates() as f64).ceil() as u64),
            sentence: String::new(),
        };
        self.set = Some(set.with_sentence());
    }
}

/// The configurations that are compared, those that were not stopped early, and how their values are: divided by a
/// scale, and small ones better.
#[derive(Clone, Debug)]
struct Places {
    places: Vec<usize>,
    scale: Scale,
    sign: f64,
}

impl Places {
    /// Returns them, and their values as they are compared, shape (configurations, replicates).
    fn of(one: &Measured<'_>) -> (Self, Array2<f64>) {
        let places: Vec<usize> = (0..one.places()).filter(|&place| one.mean(place).is_some()).collect();
        let scale = Scale::of(places.iter().flat_map(|&place| one.values(place)).map(|(_, x)| x));
        let sign = match one.direction() {
            Direction::Minimize => 1.0,
            Direction::Maximize => -1.0,
        };
        let held: BTreeSet<u32> = places.iter().flat_map(|&place| one.values(place)).map(|(held, _)| held).collect();
        let columns: HashMap<u32, usize> = held.into_iter().zip(0..).collect();
        let mut values = Array2::from_elem((places.len(), columns.len()), f64::NAN);
        for (mut row, &place) in values.rows_mut().into_iter().zip(&places) {
            one.values(place).for_each(|(replicate, x)| row[columns[&replicate]] = sign * scale.down(x));
        }
        (Self { places, scale, sign }, values)
    }

    /// Returns the row of the configuration at `place`.
    fn row(&self, place: usize) -> Option<usize> {
        self.places.binary_search(&place).ok()
    }

    /// Compares all with the configuration at a place; `None` if that is not among them, or is alone.
    fn compared(&self, values: ArrayView2<'_, f64>, reference: Reference, one: &Measured<'_>) -> Option<Comparisons> {
        let reference = reference.map(|place| self.row(place))?;
        let stream = |part| Stream::part(one.seed(), SweepPurpose::Comparisons, part);
        (self.places.len() > 1).then(|| Comparisons::of(values, reference, &stream))
    }

    /// Returns a contrast as it is in the unit and the direction of the measure.
    fn at_scale(&self, contrast: Contrast) -> Contrast {
        let up = |x: f64| self.scale.up(x);
        let interval = contrast.interval.and_then(|ends| {
            let (low, high) = (up(self.sign * ends.low)?, up(self.sign * ends.high)?);
            Some(Interval { low: low.min(high), high: low.max(high) })
        });
        // Adding 0 turns −0 into 0.
        Contrast { difference: contrast.difference.and_then(|x| up(self.sign * x + 0.0)), interval, ..contrast }
    }
}
