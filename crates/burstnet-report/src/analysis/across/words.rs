//! Several sweeps beside each other, in sentences.

use burstnet_core::config::Value;
use burstnet_core::text::{count, cut};
use burstnet_sweep::objective::Direction;

use super::{ComparedSweep, KeyDifference, SweepDifference, SweepsComparison};
use crate::analysis::planned::Unit;
use crate::analysis::planned::words::{p_in_words, signed};
use crate::analysis::words::list;
use crate::statistics::SIGNIFICANT;

/// The differences that a sentence names.
const MOST_NAMED: usize = 6;
/// The characters of a value in a sentence.
const LONGEST_VALUE: usize = 60;

/// Returns the shortest ending of each sweep's path that no other has.
pub(super) fn labels_of(sweeps: &[ComparedSweep<'_>]) -> Vec<String> {
    let paths: Vec<String> = sweeps.iter().map(|sweep| sweep.results.to_string_lossy().into_owned()).collect();
    labels(&paths)
}

fn labels(paths: &[String]) -> Vec<String> {
    let parts: Vec<Vec<&str>> =
        paths.iter().map(|path| path.split('/').filter(|part| !part.is_empty() && *part != ".").collect()).collect();
    let ending = |own: &Vec<&str>, n: usize| own[own.len().saturating_sub(n)..].join("/");
    let label = |(own, path): (&Vec<&str>, &String)| {
        let unique = |n: &usize| parts.iter().filter(|other| ending(other, *n) == ending(own, *n)).count() < 2;
        let found = (1..=own.len()).find(unique).map(|n| ending(own, n));
        found.filter(|label| *label != "..").unwrap_or_else(|| path.clone())
    };
    parts.iter().zip(paths).map(label).collect()
}

impl SweepsComparison {
    /// Writes down what was found.
    pub(super) fn tell(&mut self, sweeps: &[ComparedSweep<'_>]) {
        let (first, others) = (sweeps[0], &sweeps[1..]);
        let label = |at: usize| self.sweeps[at].label.clone();
        let mut told: Vec<(String, String)> = Vec::new();
        for (one, other) in self.against.iter().zip(others) {
            let differs = differs_in_words([&first, other], &one.differs, &label(0), &label(one.sweep));
            told.push((self.one(one), differs));
        }
        for (one, (finding, differs)) in self.against.iter_mut().zip(told) {
            (one.finding, one.differs_in_words) = (finding, differs);
        }
        self.finding = self.headline();
        let many = self.against.len() > 1;
        let mut sentences: Vec<String> = Vec::new();
        for one in &self.against {
            sentences.extend(many.then(|| one.finding.clone()));
            if one.matched > 0 {
                sentences.extend(self.matched(one));
            }
            sentences.push(one.differs_in_words.clone());
        }
        let mut notes: Vec<String> = Vec::new();
        for note in self.against.iter().filter(|one| one.test.p.is_some()).map(|one| self.how(one)) {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        let most = self.against.iter().map(|one| one.configurations.len()).max().unwrap_or(0);
        if most > 1 {
            notes.push(not_corrected(most));
        }
        self.notes = notes;
        self.sentences = sentences;
        self.warnings = self.warn(sweeps);
    }

    fn headline(&self) -> String {
        if let [one] = &self.against[..] {
            return one.finding.clone();
        }
        let (first, others) = (&self.sweeps[0].label, self.against.len());
        let Some(_) = self.direction else {
            return format!("{} in {others} sweeps beside {first}.", self.measure);
        };
        let number = |is: &dyn Fn(&SweepDifference) -> bool| self.against.iter().filter(|one| is(one)).count();
        let better = number(&|one| self.is_better(one) == Some(true));
        let worse = number(&|one| self.is_better(one) == Some(false));
        let apart = number(&|one| one.test.difference.is_none());
        let be = |n: usize| if n == 1 { "is" } else { "are" };
        let parts = [
            (better, format!("{better} {} better", be(better))),
            (worse, format!("{worse} {} worse", be(worse))),
            (
                others - better - worse - apart,
                format!("{} cannot be told apart from it", others - better - worse - apart),
            ),
            (apart, format!("{apart} cannot be compared")),
        ];
        let told: Vec<String> = parts.into_iter().filter(|(n, _)| *n > 0).map(|(_, text)| text).collect();
        format!("Of {others} sweeps beside {first}, by {}, {}.", self.measure, list(&told, "and"))
    }

    /// Returns whether a sweep is significantly better or worse than the first; `None` if neither, or nobody knows.
    fn is_better(&self, one: &SweepDifference) -> Option<bool> {
        let difference = one.test.difference.filter(|_| one.test.p.is_some_and(|p| p < SIGNIFICANT))?;
        self.direction.map(|direction| match direction {
            Direction::Minimize => difference < 0.0,
            Direction::Maximize => difference > 0.0,
        })
    }

    /// Returns a sweep against the first, in one sentence.
    fn one(&self, one: &SweepDifference) -> String {
        let (first, other, measure) = (&self.sweeps[0].label, &self.sweeps[one.sweep].label, &self.measure);
        if one.matched == 0 {
            return format!("{other} has no configuration in common with {first}.");
        }
        let Some(difference) = one.test.difference else {
            return format!("No configuration has a value of {measure} both in {first} and in {other}.");
        };
        let unit = if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) };
        let over = match one.configurations.len() {
            1 => "in the one matched configuration".to_owned(),
            n => format!("over {n} matched configurations"),
        };
        let Some(p) = one.test.p else {
            let by = signed(difference, None);
            return match difference == 0.0 {
                true => format!("{other} and {first} are equal in {measure} {over}."),
                false => format!(
                    "{measure} differs by {by}{unit} between {other} and {first} {over}; the noise is not known."
                ),
            };
        };
        let by =
            format!("{measure} differs by {}{unit} {over} ({})", signed(difference, one.test.interval), p_in_words(p));
        match self.is_better(one) {
            _ if p >= SIGNIFICANT => format!("{other} and {first} cannot be told apart: {by}."),
            Some(true) => format!("{other} is better than {first}: {by}."),
            Some(false) => format!("{other} is worse than {first}: {by}."),
            None => format!(
                "{measure} is {} in {other} than in {first}: {by}.",
                if difference > 0.0 { "larger" } else { "smaller" }
            ),
        }
    }

    /// Returns how many configurations match, and in how many the other sweep is better.
    fn matched(&self, one: &SweepDifference) -> Vec<String> {
        let (first, other) = (&self.sweeps[0].label, &self.sweeps[one.sweep].label);
        let mut all = Vec::new();
        if let (Some(better), n) = (one.better, one.configurations.len())
            && n > 1
        {
            let told = match better {
                0 => "none".to_owned(),
                all if all == n as u64 => "all".to_owned(),
                some => some.to_string(),
            };
            all.push(format!("{other} is better in {told} of these {n}."));
        }
        let alone = [(one.only_first, first), (one.only_other, other)];
        let alone: Vec<String> = alone
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, label)| format!("{} of {label}", count(*n as u64, "configuration", "configurations")))
            .collect();
        if !alone.is_empty() {
            let verb = if one.only_first + one.only_other == 1 { "has" } else { "have" };
            all.push(format!("{} {verb} no match.", list(&alone, "and")));
        }
        all.extend(one.left_out.reasons().map(|reasons| format!("Left out of the matches are {reasons}.")));
        all
    }

    /// Returns how differences were computed.
    fn how(&self, one: &SweepDifference) -> String {
        let first = &self.sweeps[0].label;
        let other = &self.sweeps[one.sweep].label;
        let of =
            if self.against.len() > 1 { format!("Differences of {other} are") } else { "Differences are".to_owned() };
        match (one.paired, one.unit) {
            (true, Unit::Replicates) => format!(
                "{of} those from {first}, on the {} seeds that both ran: on each seed the mean over the matched \
                 configurations, then the mean over the seeds, with Student's 95 % interval and paired t test.",
                one.seeds
            ),
            (false, Unit::Replicates) => format!(
                "{of} those from {first}. The seeds are not the same, so that nothing is paired: means over the \
                 replicates, with the 95 % interval and the t test of Welch."
            ),
            (_, Unit::Pairs) => format!(
                "{of} those from {first}. With one seed the matched configurations are the units of Student's 95 % \
                 interval and t test, which say nothing about other seeds."
            ),
        }
    }

    fn warn(&self, sweeps: &[ComparedSweep<'_>]) -> Vec<String> {
        let mut all = Vec::new();
        for (sweep, summary) in sweeps.iter().zip(&self.sweeps) {
            let label = &summary.label;
            if summary.missing > 0 {
                all.push(format!(
                    "{} of {} of {label} are missing, so every figure may still change.",
                    summary.missing,
                    count(summary.planned, "trial", "trials")
                ));
            }
            if summary.counts.not_ok() > 0 {
                all.push(format!(
                    "{} diverged and {} failed trials of {label} have no measures.",
                    summary.counts.diverged, summary.counts.failed
                ));
            }
            let goal = sweep.plan.objectives().find(|goal| goal.measure == self.measure);
            match (goal, self.direction) {
                (Some(goal), Some(direction)) if goal.direction != direction => {
                    all.push(format!(
                        "{label} seeks the other end of {}; {} is taken as better here, as in {}.",
                        self.measure,
                        if direction == Direction::Minimize { "smaller" } else { "larger" },
                        self.sweeps[0].label
                    ));
                }
                (None, Some(_)) => {
                    all.push(format!("{label} has another objective, {}.", sweep.plan.objective.measure));
                }
                _ => {}
            }
        }
        all
    }
}

/// Returns how a sweep differs from the first, beyond the keys that both vary.
fn differs_in_words(
    [first, other]: [&ComparedSweep<'_>; 2],
    differs: &[KeyDifference],
    first_label: &str,
    other_label: &str,
) -> String {
    let shown = |value: &Value| cut(&value.to_string(), LONGEST_VALUE).into_owned();
    let or_none = |value: &Option<Value>| value.as_ref().map_or("no such key".to_owned(), shown);
    let mut all: Vec<String> = Vec::new();
    let model = |sweep: &ComparedSweep<'_>| match &sweep.plan.model {
        None => "the burst network".to_owned(),
        Some(program) => format!("the program {}", cut(&program.command.join(" "), LONGEST_VALUE)),
    };
    if first.plan.model.as_ref().map(|one| &one.command) != other.plan.model.as_ref().map(|one| &one.command) {
        all.push(format!("the model ({} instead of {})", model(other), model(first)));
    }
    all.extend(
        differs
            .iter()
            .take(MOST_NAMED)
            .map(|one| format!("{} ({} instead of {})", one.key, or_none(&one.other), or_none(&one.first))),
    );
    if differs.len() > MOST_NAMED {
        all.push(format!("{} other keys", differs.len() - MOST_NAMED));
    }
    let alone = |sweep: &ComparedSweep<'_>, base: &ComparedSweep<'_>, label: &str, at: &str| -> Vec<String> {
        let own = sweep.plan.space.iter().filter(|one| !base.plan.space.iter().any(|held| held.key == one.key));
        own.map(|one| format!("{} (varied in {label} alone, {} in {at})", one.key, shown(base.plan.base.get(&one.key))))
            .collect()
    };
    all.extend(alone(other, first, other_label, first_label));
    all.extend(alone(first, other, first_label, other_label));
    if first.plan.seed_of(0) != other.plan.seed_of(0) {
        all.push("the seeds".to_owned());
    }
    match all.is_empty() {
        true => format!("{other_label} and {first_label} have the same fixed keys and seeds."),
        false => format!("{other_label} differs from {first_label} in {}.", list(&all, "and")),
    }
}

/// Returns that tests of single configurations are not corrected.
fn not_corrected(configurations: usize) -> String {
    let by_chance = (configurations as f64 * SIGNIFICANT).round().max(1.0);
    format!(
        "Intervals and p of single configurations are not corrected for each other: of {configurations}, about {by_chance} would \
         have p < 0.05 by chance alone."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sweeps_have_the_ends_of_their_paths_as_names() {
        let of = |paths: &[&str]| labels(&paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["results/a", "results/b/"]), ["a", "b"]);
        assert_eq!(of(&["x/a", "./y/a", "a"]), ["x/a", "y/a", "a"]);
        assert_eq!(of(&[".", "b", ".."]), [".", "b", ".."]);
    }
}
