//! A planned comparison in sentences.

use burstnet_core::config::Value;
use burstnet_core::text::count;
use burstnet_sweep::objective::Direction;
use burstnet_sweep::plan::configurations::Configurations;

use super::sides::{Settings, are_same, shown};
use super::{ComparedSide, LeftOut, MeasureDifference, PairDifference, PlannedComparison, Unit};
use crate::analysis::labels;
use crate::analysis::words::{list, significant, with_interval};
use crate::statistics::SIGNIFICANT;

/// The sentence about what makes a planned comparison valid.
const PLANNED: &str = "This is a planned comparison, not corrected for others: it is valid if you chose it before you looked at \
                       the results.";
/// The keys that a sentence names.
const MOST_KEYS: usize = 4;

/// Returns the shortest unique endings of the swept keys.
fn names(plan: &Configurations) -> Vec<String> {
    labels(&plan.space.iter().map(|dimension| dimension.key.clone()).collect::<Vec<_>>())
}

/// Returns both sides of values of the same keys.
pub(super) fn sides(plan: &Configurations, settings: &Settings) -> [ComparedSide; 2] {
    let labels = names(plan);
    [0, 1].map(|side| {
        let values = || settings.keys.iter().copied().zip(&settings.sides[side]);
        let named: Vec<String> = values().map(|(at, value)| format!("{} = {}", labels[at], shown(value))).collect();
        let keyed = values().map(|(at, value)| (plan.space[at].key.clone(), Some(value.clone())));
        ComparedSide { name: named.join(", "), config_id: None, values: keyed.collect() }
    })
}

/// Returns a difference with its sign.
pub(in crate::analysis) fn signed(difference: f64, interval: Option<crate::statistics::Interval>) -> String {
    let text = with_interval(difference, interval, false);
    if difference > 0.0 && !text.starts_with('(') { format!("+{text}") } else { text }
}

/// Returns a p value; of small ones only that they are.
pub(in crate::analysis) fn p_in_words(p: f64) -> String {
    if p < 0.001 { "p < 0.001".into() } else { format!("p = {p:.3}") }
}

impl LeftOut {
    /// Returns how many are left out for which reason; `None` if there are none.
    pub(in crate::analysis) fn reasons(self) -> Option<String> {
        let reasons = [
            (self.not_ok, "trials that diverged or failed"),
            (self.stopped, "a configuration that was stopped early"),
            (self.missing, "missing trials"),
        ];
        let reasons: Vec<String> =
            reasons.iter().filter(|(n, _)| *n > 0).map(|(n, why)| format!("{n} with {why}")).collect();
        (!reasons.is_empty()).then(|| list(&reasons, "and"))
    }
}

impl PlannedComparison {
    /// Writes down what was found.
    pub(super) fn tell(&mut self, plan: &Configurations) {
        let first = self.measures.first();
        self.finding = first.map(|one| self.headline(one)).unwrap_or_default();
        let sentences = first.map(|one| self.told(one, plan)).unwrap_or_default();
        self.sentences = sentences;
        self.notes = vec![self.how(), PLANNED.to_owned()];
    }

    fn headline(&self, one: &MeasureDifference) -> String {
        let (a, b, measure) = (&self.a.name, &self.b.name, &one.measure);
        let so_far = if self.missing > 0 { "So far, " } else { "" };
        let unit = if one.unit.is_empty() { String::new() } else { format!(" {}", one.unit) };
        let Some(difference) = one.test.difference else {
            return format!("{so_far}{a} and {b} have no value of {measure} on the same seed.");
        };
        let Some(p) = one.test.p else {
            let why = match (one.n, self.unit) {
                (1, _) => "there is a single difference, which chance may have made",
                (_, Unit::Replicates) => "it is the same in every replicate, so that the noise is not known",
                (_, Unit::Pairs) => "it is the same in every pair, so that the noise is not known",
            };
            return match difference == 0.0 {
                true if one.n > 1 => format!("{so_far}{a} and {b} are equal in {measure}, in every replicate."),
                _ => format!(
                    "{so_far}{measure} differs by {}{unit} between {a} and {b}: {why}.",
                    signed(difference, None)
                ),
            };
        };
        let by = format!("{measure} differs by {}{unit} ({})", signed(difference, one.test.interval), p_in_words(p));
        let better = one.direction.map(|direction| match direction {
            Direction::Minimize => difference < 0.0,
            Direction::Maximize => difference > 0.0,
        });
        match better {
            _ if p >= SIGNIFICANT => format!("{so_far}{a} and {b} cannot be told apart: {by}."),
            Some(true) => format!("{so_far}{a} is better than {b}: {by}."),
            Some(false) => format!("{so_far}{a} is worse than {b}: {by}."),
            None => {
                let than = if difference > 0.0 { "larger" } else { "smaller" };
                format!("{so_far}{measure} is {than} in {a} than in {b}: {by}.")
            }
        }
    }

    /// Returns what was compared, and how much the pairs differ from each other.
    fn told(&self, one: &MeasureDifference, plan: &Configurations) -> Vec<String> {
        if self.a.config_id.is_some() {
            return vec![self.differing(plan)];
        }
        let mut all: Vec<String> = self.paired(plan).into_iter().collect();
        if let Some(a_better) = one.a_better {
            let pairs = count(one.pairs as u64, "pair", "pairs");
            all.push(format!("{} is better in {a_better} of {pairs}.", self.a.name));
        }
        if let (Some(smallest), Some(largest)) = (&one.smallest, &one.largest)
            && smallest.difference < largest.difference
        {
            let (low, high) = (self.pair(smallest, largest, plan), self.pair(largest, smallest, plan));
            all.push(format!("The difference of a pair goes from {low} to {high}."));
        }
        all
    }

    /// Returns the keys in which two configurations differ.
    fn differing(&self, plan: &Configurations) -> String {
        let of = |value: &Option<Value>| value.as_ref().map_or("absent".to_owned(), shown);
        let both = self.a.values.iter().zip(&self.b.values).zip(names(plan));
        let differ: Vec<String> = both
            .filter(|(((_, a), (_, b)), _)| !same(a.as_ref(), b.as_ref()))
            .map(|(((_, a), (_, b)), label)| format!("{label} ({} and {})", of(a), of(b)))
            .collect();
        format!("They differ in {}.", list(&differ, "and"))
    }

    /// Returns how many pairs are compared; `None` of a single key, which has one.
    fn paired(&self, plan: &Configurations) -> Option<String> {
        if plan.space.len() == self.a.values.len() && self.left_out.all() == 0 {
            return None;
        }
        let pairs = count(self.pairs as u64, "pair of configurations agrees", "pairs of configurations agree");
        Some(match self.left_out.reasons() {
            None => format!("{pairs} in all other keys."),
            Some(reasons) => format!("{pairs} in all other keys; left out are {reasons}."),
        })
    }

    /// Returns a pair's difference, and the keys in which it differs from the other extreme one.
    fn pair(&self, one: &PairDifference, other: &PairDifference, plan: &Configurations) -> String {
        let labels = names(plan);
        let label = |key: &str| {
            let at = plan.space.iter().position(|dimension| dimension.key == key);
            at.and_then(|at| labels.get(at)).cloned().unwrap_or_default()
        };
        let differ = one.values.iter().zip(&other.values).filter(|((_, a), (_, b))| !same(a.as_ref(), b.as_ref()));
        let mut at: Vec<String> = differ
            .filter_map(|((key, value), _)| Some(format!("{} = {}", label(key), shown(value.as_ref()?))))
            .collect();
        if at.len() > MOST_KEYS {
            at.truncate(MOST_KEYS);
            at.push("…".into());
        }
        let sign = if one.difference > 0.0 { "+" } else { "" };
        let (a, b) = (one.config_id_a, one.config_id_b);
        let places = if at.is_empty() { String::new() } else { format!(" at {}", list(&at, "and")) };
        format!("{sign}{}{places} (configurations {a} and {b})", significant(one.difference, 3))
    }

    /// Returns how the differences were computed.
    fn how(&self) -> String {
        let replicates = count(self.replicates as u64, "replicate", "replicates");
        let seed = "With one replicate ";
        match (self.a.config_id, self.unit, self.replicates) {
            (Some(_), _, 0 | 1) => {
                format!("Differences are the first less the second. {seed}there is no interval and no test.")
            }
            (Some(_), ..) => format!(
                "Differences are the first less the second, replicate by replicate: means over {replicates} with 95 % \
                 intervals, and p of Student's paired t test."
            ),
            (None, Unit::Pairs, _) => format!(
                "Differences are the first less the second. {seed}the pairs are the units of the 95 % interval and of Student's t \
                 test, which say nothing about other seeds."
            ),
            (None, Unit::Replicates, _) => format!(
                "Differences are the first less the second: in each replicate the mean over the pairs, then the mean over \
                 {replicates} with 95 % intervals, and p of Student's t test with replicates as blocks."
            ),
        }
    }
}

fn same(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => are_same(a, b),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}
