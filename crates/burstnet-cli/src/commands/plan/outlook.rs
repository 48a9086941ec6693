//! The most that a sweep runs: its rounds, how many trials get to which part of their budget, and how much work that is.

use std::collections::BTreeMap;
use std::sync::Arc;

use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::plan::content::ContentKey;
use burstnet_sweep::plan::{Plan, ResolvedPlan};
use burstnet_sweep::results::course::Course;
use burstnet_sweep::results::record::TrialRecord;
use burstnet_sweep::search::strategy::Strategy;

/// The most trials times rounds for which a search is played through.
const MOST_PLAYED: u64 = 50_000_000;

/// The most that a sweep runs.
pub(crate) struct Outlook {
    /// The configurations, as far as they are known now.
    pub(crate) configurations: Arc<Configurations>,
    /// Number of rounds.
    pub(crate) rounds: u64,
    /// The parts of the budget, and how many trials get to each; empty where it is not divided.
    pub(crate) rungs: Vec<Rung>,
    /// The work, as a number of whole trials.
    pub(crate) whole_trials: f64,
    /// Number of configurations that are known now: all, or those that a sampler that learns proposes first.
    pub(crate) known: u64,
}

/// A part of the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rung {
    pub(crate) budget: u64,
    pub(crate) trials: u64,
}

impl Outlook {
    /// Returns the most that `plan` runs, and starts the first round of a sampler that learns.
    pub(crate) fn of(plan: &Arc<ResolvedPlan>) -> Self {
        let (rounds, all) = (plan.most_rounds(), plan.most_configurations());
        let (configurations, known) = if plan.adapts() && plan.strategy.learns() {
            let course = Course::start(plan);
            (Arc::clone(course.configurations()), course.chosen())
        } else {
            (Arc::new(Configurations::new(Arc::clone(plan))), all)
        };
        let runs = configurations.runs();
        let mut outlook = Self { configurations, rounds, rungs: Vec::new(), whole_trials: runs as f64, known };
        let rungs = plan.rungs();
        if !rungs.is_empty() {
            let rule = plan.stopping.as_ref().and_then(|stopping| stopping.rule());
            let fixed = rule.is_some_and(|rule| rule.info().keeps_fixed_number);
            let played = fixed && runs.saturating_mul(rounds) <= MOST_PLAYED;
            let trials = if played { play(plan, rungs.len()) } else { vec![runs; rungs.len()] };
            outlook.whole_trials = work(&rungs, &trials);
            outlook.rungs = rungs.into_iter().zip(trials).map(|(budget, trials)| Rung { budget, trials }).collect();
        }
        outlook
    }

    /// Returns how many whole trials each of so many workers runs one after the other, at most. A round waits for the
    /// one before it.
    pub(crate) fn waves(&self, workers: f64) -> f64 {
        if let Some(lag) = self.configurations.lag() {
            let at_once = workers.min(lag as f64 * self.configurations.replicates as f64);
            return (self.whole_trials / at_once).ceil();
        }
        let together = self.whole_trials / self.rounds.max(1) as f64;
        if self.configurations.strategy.learns() {
            self.rounds as f64 * (together / workers).ceil()
        } else if self.rungs.is_empty() {
            (self.whole_trials / workers).ceil()
        } else {
            (self.whole_trials / workers).max(1.0)
        }
    }
}

/// Returns the work of so many trials at each part of the budget, in whole trials. A trial goes on where it stopped.
fn work(rungs: &[u64], trials: &[u64]) -> f64 {
    let whole = rungs.last().copied().unwrap_or(1).max(1) as f64;
    let before = [0].iter().chain(rungs);
    let steps = rungs.iter().zip(before).map(|(budget, before)| (budget - before) as f64);
    steps.zip(trials).map(|(part, trials)| part / whole * *trials as f64).sum()
}

/// Returns how many trials get to each part of the budget if all configurations do equally well, or without rounds in no
/// order. Rules that stop what
/// is worse than others then stop nothing; rules that keep a fixed number keep that number.
fn play(plan: &Arc<ResolvedPlan>, rungs: usize) -> Vec<u64> {
    // Without rounds more go on the better late ones are, so that their values are shuffled.
    let shuffled = |config_id: u64| config_id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11;
    let value = |config_id: u64| if plan.lag().is_some() { shuffled(config_id) as f64 } else { 0.0 };
    let record = |config_id: u64| TrialRecord {
        measures: plan.objectives().map(|goal| (goal.measure.clone(), Some(value(config_id)))).collect(),
        ..TrialRecord::new(ContentKey::NONE)
    };
    let mut trials = vec![0; rungs];
    let mut furthest: std::collections::HashMap<(u64, u64), usize> = std::collections::HashMap::new();
    // Which configurations they are makes no difference, so none has to be proposed.
    let drawn = Plan {
        strategy: Strategy { name: "random".into(), settings: BTreeMap::new(), ..plan.strategy.clone() },
        ..Plan::clone(plan)
    };
    let drawn = if plan.strategy.learns() { ResolvedPlan::new(drawn).map(Arc::new).ok() } else { None };
    let mut course = Course::start(drawn.as_ref().unwrap_or(plan));
    loop {
        for at in course.take_new() {
            let job = course.jobs()[at];
            let passed = furthest.insert((job.config_id, job.replicate), job.rung + 1).unwrap_or(0);
            // Brackets that start with more of the budget pass the parts before.
            trials.iter_mut().take(job.rung + 1).skip(passed).for_each(|trials| *trials += 1);
            course.note(at, &record(job.config_id));
        }
        if !course.advance() {
            return trials;
        }
    }
}

#[cfg(test)]
mod tests {
    use burstnet_sweep::objective::Objective as _;
    use burstnet_sweep::objective::burst::BurstNetwork;
    use burstnet_sweep::spec::{Source, SweepSpec};

    use super::*;

    fn outlook(search: &str) -> Outlook {
        let network = BurstNetwork::default();
        let text = format!(
            "replicates: 3\nbase: {{training: {{epochs: 9}}}}\nsearch: {{strategy: random, trials: 18, \
             space: {{feedback.density: {{uniform: [0.1, 1]}}}}{search}}}\n"
        );
        let source = Source::parse("s.yaml".as_ref(), text).unwrap();
        let plan = SweepSpec::new(&source, Vec::new(), network.schema()).unwrap().plan(&network).unwrap();
        Outlook::of(&Arc::new(plan))
    }

    #[test]
    fn trials_by_part_of_the_budget() {
        let halving = outlook(", stopping: {rule: successive_halving, factor: 3, rungs: 3}");
        let shown: Vec<_> = halving.rungs.iter().map(|rung| (rung.budget, rung.trials)).collect();
        assert_eq!((shown, halving.rounds), (vec![(1, 54), (3, 18), (9, 6)], 3));
        assert!((halving.whole_trials - (54.0 / 9.0 + 18.0 * 2.0 / 9.0 + 6.0 * 6.0 / 9.0)).abs() < 1e-12);
        let hyperband = outlook(", stopping: hyperband");
        assert_eq!(hyperband.rungs[0].trials, 54, "every trial passes the first part");
        assert!(hyperband.whole_trials > halving.whole_trials);
        let median = outlook(", stopping: median");
        assert!(median.rungs.iter().all(|rung| rung.trials == 54) && median.whole_trials == 54.0);
        let racing = outlook(", stopping: paired_racing");
        assert_eq!((racing.rungs.len(), racing.whole_trials), (0, 54.0));
        let all = outlook("");
        assert_eq!((all.rounds, all.rungs.len(), all.whole_trials, all.known), (1, 0, 54.0, 18));
    }
}
