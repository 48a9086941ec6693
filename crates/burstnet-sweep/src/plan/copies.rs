//! Equal configurations: all keys have the same values, as they are in the content keys of their trials. The first one
//! runs, and the others are copies of it.
//!
//! A grid of distinct values has no copies, however large it is, and none of its configurations is listed. Other
//! configurations are compared by a hash of their swept values, in plans of up to `MOST_COMPARED` configurations.

use std::collections::HashSet;

use burstnet_core::config::Value;

use crate::plan::Plan;
use crate::plan::content::{ContentKeys, SweptHash};
pub use crate::search::copies::Copies;
use crate::space::Space;
use crate::space::domain::Domain;

impl Copies {
    /// Finds the copies among the first `count` configurations of a plan. `values` gives those of the swept keys.
    pub(crate) fn find(plan: &Plan, count: u64, values: impl Fn(u64) -> Vec<Option<Value>>) -> Self {
        let keys = ContentKeys::new(plan);
        let mut hashes: Vec<(SweptHash, u64)> = Vec::with_capacity(count as usize);
        hashes.extend((0..count).map(|config_id| (keys.swept(&values(config_id)), config_id)));
        hashes.sort_unstable();
        let mut of = Vec::new();
        let mut first = 0;
        for (at, (hash, config_id)) in hashes.iter().enumerate() {
            if at > 0 && hashes[at - 1].0 == *hash {
                of.push((*config_id, first));
            } else {
                first = *config_id;
            }
        }
        of.sort_unstable();
        Self { of }
    }
}

/// Returns whether configurations of a plan can be equal. They cannot be if each is another combination of distinct
/// values.
pub(crate) fn may_repeat(plan: &Plan, space: &Space) -> bool {
    let drawn = plan.strategy.sampler().is_none_or(|sampler| sampler.info().needs_trials);
    if drawn || plan.confirmation.is_some() || plan.space.iter().any(|one| one.depends_on().next().is_some()) {
        return true;
    }
    !plan.include.is_empty() || (0..space.axes().len()).any(|axis| repeats(plan, space, axis))
}

/// Returns whether two values along an axis are equal in all keys that move along it.
fn repeats(plan: &Plan, space: &Space, axis: usize) -> bool {
    let own = || plan.space.iter().enumerate().filter(|(at, _)| space.axis_of(*at) == axis).map(|(_, one)| one);
    // Computed values differ, which was checked when they were read.
    if own().any(|one| !matches!(one.domain, Domain::Values(_))) {
        return false;
    }
    let keys = ContentKeys::new(plan);
    let count = space.axes()[axis].kind.count().unwrap_or_default();
    let mut seen = HashSet::with_capacity(count as usize);
    (0..count).any(|at| !seen.insert(keys.values(own().map(|one| (one.key.as_str(), one.domain.nth(at))))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::Objective as _;
    use crate::objective::burst::BurstNetwork;
    use crate::plan::configurations::Configurations;
    use crate::results::course::Course;
    use crate::spec::table::{Cell, Decoded, TableError};
    use crate::spec::{Source, SweepSpec};

    fn plan_with(text: &str, reader: Option<crate::spec::table::TableReader>) -> Configurations {
        let network = BurstNetwork::default();
        let mut source = Source::parse("s.yaml".as_ref(), text.into()).unwrap();
        if let Some(reader) = reader {
            source = source.with_tables(reader);
        }
        SweepSpec::new(&source, Vec::new(), network.schema()).unwrap().plan(&network).unwrap().into()
    }

    fn plan(search: &str) -> Configurations {
        plan_with(&format!("replicates: 2\nsearch: {{{search}}}\n"), None)
    }

    /// Returns the copies, found by comparing all configurations with each other.
    fn by_hand(plan: &Configurations) -> Vec<(u64, u64)> {
        let keys = ContentKeys::new(plan);
        let hashes: Vec<_> =
            (0..plan.configurations()).map(|config_id| keys.configuration(&plan.values(config_id))).collect();
        let first = |at: usize| hashes.iter().position(|other| *other == hashes[at]).unwrap();
        (0..hashes.len()).filter(|&at| first(at) != at).map(|at| (at as u64, first(at) as u64)).collect()
    }

    fn of(plan: &Configurations) -> Vec<(u64, u64)> {
        plan.copies().iter().collect()
    }

    #[test]
    fn places_and_configurations() {
        let copies = Copies { of: vec![(1, 0), (2, 0), (5, 3), (6, 0), (9, 8)] };
        let distinct: Vec<u64> = (0..12).filter(|config_id| !copies.contains(*config_id)).collect();
        assert_eq!(distinct, [0, 3, 4, 7, 8, 10, 11]);
        for (place, config_id) in (0..).zip(distinct) {
            assert_eq!((copies.at(place), copies.place(config_id)), (config_id, place));
        }
        assert_eq!([1, 5, 6, 9].map(|copy| copies.place(copy)), [0, 1, 0, 4]);
        let none = Copies::default();
        assert_eq!((none.at(7), none.place(7), none.first(7), none.len()), (7, 7, 7, 0));
    }

    #[test]
    fn configurations_that_are_equal_are_found_wherever_they_come_from() {
        let words = "plasticity.hidden_rule: [burst_probability, burst_rate]";
        for (search, distinct) in [
            (format!("strategy: random, trials: 20, space: {{{words}}}"), 2),
            (format!("strategy: sobol, trials: 9, space: {{{words}}}"), 2),
            (format!("strategy: latin_hypercube, trials: 9, space: {{{words}}}"), 2),
            ("strategy: halton, trials: 9, space: {training.epochs: {int: [1, 4]}}".into(), 4),
            ("strategy: random, trials: 9, space: {feedback.density: {uniform: [1, 1]}}".into(), 1),
            // The included configuration is also drawn. A grid does not list it again.
            (
                format!("strategy: random, trials: 20, include: [{{plasticity.hidden_rule: burst_rate}}], space: {{{words}}}"),
                2,
            ),
            (format!("include: [{{plasticity.hidden_rule: burst_rate}}], space: {{{words}}}"), 2),
            // Where the decay does not exist, it is 0, which is also one of its values. The rule differs.
            (
                format!(
                    "strategy: random, trials: 40, space: {{{words}, plasticity.weight_decay: \
                     {{when: {{plasticity.hidden_rule: burst_rate}}, choice: [0.0, 0.001]}}}}"
                ),
                3,
            ),
            // Any ratio times 0 is 0.
            (
                "space: {learning_rate.hidden: [0, 1], learning_rate.output: {ratio_of: learning_rate.hidden, \
                 linear: [0, 1], num: 3}}"
                    .into(),
                4,
            ),
            ("space: {feedback.density: [0.1, 1], learning_rate.hidden: {linear: [0, 1], num: 5}}".into(), 10),
            ("zip: [feedback.density, learning_rate.hidden], space: {feedback.density: [0.1, 1], learning_rate.hidden: [0, 1]}".into(), 2),
        ] {
            let plan = plan(&search);
            assert_eq!(of(&plan), by_hand(&plan), "{search}");
            assert_eq!((plan.distinct(), plan.runs()), (distinct, 2 * distinct), "{search}");
            let runs: Vec<u64> = (0..plan.runs()).map(|position| plan.trial_at(position)).collect();
            assert!(runs.iter().zip(0..).all(|(trial_id, position)| plan.position(*trial_id) == position), "{search}");
            for trial_id in 0..plan.trials() {
                let first = plan.first(trial_id);
                assert!(runs.contains(&first) && plan.position(trial_id) == plan.position(first), "{search}");
            }
            // A plan that confirms has its own configurations.
            let confirming = Configurations::from(crate::plan::ResolvedPlan::new(plan.confirming(vec![0], 2)).unwrap());
            assert_eq!((confirming.distinct(), plan.distinct()), (1, distinct));
        }
    }

    #[test]
    fn rows_of_a_table_that_are_the_same_numbers() {
        fn rows(_: &std::path::Path) -> Result<Decoded, TableError> {
            let row = |cell: &str| vec![Cell::Written(cell.to_owned())];
            let rows = ["1", "0.5", "1.0", "1e0", "0.25", "0.50"].map(row).into();
            Ok(Decoded { columns: vec![("feedback.density".into(), 1)], rows, ..Decoded::default() })
        }
        let table = plan_with("search: {strategy: table, table: t.csv}\n", Some(rows));
        assert_eq!(of(&table), [(2, 0), (3, 0), (5, 1)]);
        let crossed = plan_with("search: {table: t.csv, space: {training.epochs: [1, 2]}}\n", Some(rows));
        assert_eq!((crossed.configurations(), crossed.distinct()), (12, 6));
        assert_eq!(of(&crossed), by_hand(&crossed));
    }

    #[test]
    fn a_sampler_that_learns_is_compared_as_it_proposes() {
        let ints = "training.epochs: {int: [1, 3]}, network.layers: [[4, 2], [5, 2]]";
        let plan = plan(&format!("strategy: cmaes, trials: 24, round: 4, space: {{{ints}}}"));
        let mut course = Course::start(plan.plan());
        let mut jobs = 0;
        while !course.is_finished() {
            jobs += course.jobs().len() as u64;
            let mut record = crate::results::record::TrialRecord::new(crate::plan::content::ContentKey::NONE);
            record.measures = vec![("test_mae".into(), Some(1.0))];
            (0..course.jobs().len()).for_each(|at| course.note(at, &record));
            course.advance();
        }
        let plan = course.configurations();
        assert_eq!(of(plan), by_hand(plan));
        assert!(plan.distinct() <= 6 && jobs == plan.runs(), "{} {jobs}", plan.distinct());
        assert!(!plan.is_compared());
    }

    #[test]
    fn large_grids_have_no_copies_and_are_not_listed() {
        let many = "{linear: [0, 1], num: 3000000}";
        let plan = plan(&format!("space: {{learning_rate.hidden: {many}, learning_rate.output: {many}}}"));
        assert!(plan.is_compared() && plan.copies().is_empty() && plan.distinct() == 9_000_000_000_000);
        assert_eq!(plan.position(plan.trial_at(17_999_999_999_999)), 17_999_999_999_999);
    }

    #[test]
    fn more_than_can_be_compared_count_as_distinct() {
        let plan = plan(
            "strategy: random, trials: 10000001, space: {plasticity.hidden_rule: [burst_rate, burst_probability]}",
        );
        assert_eq!((plan.distinct(), plan.is_compared()), (10_000_001, false));
    }
}
