//! On what each proposal of a search with a lag depends.

use burstnet_core::config::Value;

use super::*;
use crate::planning::planned;

const SPACE: &str = "space: {feedback.density: {uniform: [0.1, 1]}, learning_rate.hidden: {uniform: [0.1, 1]}}";

fn plan(search: &str) -> Arc<ResolvedPlan> {
    let replicates = if search.contains("racing") { 4 } else { 2 };
    Arc::new(planned(&format!("replicates: {replicates}\nsearch: {{{search}, {SPACE}}}\n")))
}

/// Returns the loss of a job, which depends on its configuration alone.
fn loss_of(course: &Course, job: Job) -> f64 {
    let values = course.configurations().values(job.config_id);
    let x: Vec<f64> = values.iter().map(|value| value.as_ref().and_then(Value::as_f64).unwrap_or_default()).collect();
    (x[0] - 0.4).abs() + (x[1] - 0.6).abs() + job.replicate as f64 + 1.0 / (1.0 + x[0] + job.rung as f64)
}

/// Runs a search. `pick` chooses which of so many due jobs ends next; `loss` gives its loss.
fn run(plan: &Arc<ResolvedPlan>, pick: impl Fn(usize) -> usize, loss: impl Fn(&Course, Job) -> f64) -> Course {
    let mut course = Course::start(plan);
    let mut due: Vec<usize> = course.take_new().collect();
    while !course.is_finished() {
        let at = due.remove(pick(due.len()));
        let loss = loss(&course, course.jobs()[at]);
        course.note_losses(at, vec![Some(loss)]);
        course.advance();
        due.extend(course.take_new());
    }
    course
}

fn points(course: &Course) -> Vec<Point> {
    course.configurations().proposals().points.clone()
}

const SEARCHES: [&str; 5] = [
    "strategy: tpe, trials: 40, startup: 4, lag: 5",
    "strategy: tpe, trials: 40, startup: 4, lag: 1",
    "strategy: tpe, trials: 40, startup: 4, lag: 50",
    "strategy: tpe, trials: 30, startup: 4, lag: 6, include: [{feedback.density: 0.3}, {feedback.density: 0.9}]",
    "strategy: cmaes, trials: 60, lag: 7, include: [{feedback.density: 0.3}, {feedback.density: 0.9}]",
];

/// Searches that learn and stop early, with their lags.
const EARLY: [(&str, usize); 7] = [
    ("strategy: tpe, trials: 40, startup: 4, lag: 5, stopping: successive_halving", 5),
    ("strategy: tpe, trials: 40, startup: 4, lag: 1, stopping: hyperband", 1),
    ("strategy: gp, trials: 30, startup: 4, lag: 6, stopping: {rule: successive_halving, factor: 3}", 6),
    ("strategy: gp, trials: 24, startup: 4, lag: 3, stopping: hyperband", 3),
    ("strategy: tpe, trials: 30, startup: 4, lag: 4, stopping: median, include: [{feedback.density: 0.3}]", 4),
    ("strategy: tpe, trials: 20, startup: 4, lag: 4, stopping: paired_racing", 4),
    ("strategy: gp, trials: 20, startup: 4, lag: 30, stopping: hyperband", 30),
];

/// Runs a search with several orders of completion, and checks each course.
fn in_other_orders(plan: &Arc<ResolvedPlan>, check: impl Fn(&Course)) {
    for step in [1, 5, 11] {
        let count = std::cell::Cell::new(0);
        let pick = |due: usize| {
            count.set(count.get() + step);
            count.get() % due
        };
        check(&run(plan, pick, loss_of));
    }
    check(&run(plan, |due| due - 1, loss_of));
}

#[test]
fn what_is_proposed_and_stopped_does_not_depend_on_the_order_of_completion() {
    for (search, _) in EARLY {
        let plan = plan(search);
        let found = |course: &Course| {
            let mut jobs = course.jobs().to_vec();
            jobs.sort_unstable();
            (points(course), course.stopped.clone(), jobs)
        };
        let once = found(&run(&plan, |_| 0, loss_of));
        assert_eq!(once.0.len() as u64 + plan.included().len() as u64, plan.most_configurations());
        assert!(!once.1.is_empty(), "{search}");
        in_other_orders(&plan, |course| assert!(found(course) == once, "{search}"));
    }
}

#[test]
fn races_of_proposals_end_whatever_the_losses_are() {
    let losses: [fn(Job) -> Option<f64>; 4] = [
        |_| None,
        |_| Some(1.0),
        |_| Some(f64::NAN),
        |job| (job.config_id % 3 == 0).then_some(1e308 * (job.config_id as f64 - 20.0)),
    ];
    for (search, _) in EARLY {
        for loss in losses {
            let plan = plan(search);
            let mut course = Course::start(&plan);
            while !course.is_finished() {
                for at in course.take_new() {
                    course.note_losses(at, vec![loss(course.jobs()[at])]);
                }
                course.advance();
            }
            assert_eq!((course.chosen(), course.missing()), (plan.most_configurations(), 0), "{search}");
        }
    }
}

#[test]
fn what_is_proposed_while_others_stop_depends_on_the_results_a_lag_before_it() {
    for (search, lag) in EARLY {
        let plan = plan(search);
        let included = plan.included().len();
        let once = points(&run(&plan, |_| 0, loss_of));
        let mut reached = false;
        for (changed, rung) in [(3, 0), (7, 0), (3, 1), (11, 0)] {
            let other = |course: &Course, job: Job| {
                if job.config_id == changed && job.rung >= rung { -5.0 } else { loss_of(course, job) }
            };
            let points = points(&run(&plan, |due| due / 2, other));
            let same = points.iter().zip(&once).take_while(|(a, b)| a == b).count() + included;
            // What goes on because of a result counts another lag later.
            let first = changed as usize + lag * (1 + if search.contains("hyperband") { 0 } else { rung });
            assert!(same >= first || same == once.len() + included, "{search}: {changed}, {same}");
            reached |= same == first;
        }
        assert_eq!(reached, lag < 30, "{search}");
    }
}

#[test]
fn a_search_that_is_longer_begins_with_the_same_proposals() {
    for (search, _) in EARLY {
        let longer = search.replace("trials: 20", "trials: 50").replace("trials: 24", "trials: 50");
        let longer = longer.replace("trials: 30", "trials: 50").replace("trials: 40", "trials: 50");
        let once = points(&run(&plan(search), |_| 0, loss_of));
        let all = points(&run(&plan(&longer), |due| due - 1, loss_of));
        // The level of a race of replicates depends on the number of configurations, but not what enters it.
        assert!(all.len() > once.len() && all[..once.len()] == once, "{search}");
    }
}

#[test]
fn the_order_of_completion_changes_nothing() {
    for search in SEARCHES {
        let plan = plan(search);
        let once = points(&run(&plan, |_| 0, loss_of));
        assert_eq!(once.len() as u64 + plan.included().len() as u64, plan.most_configurations());
        in_other_orders(&plan, |course| assert!(points(course) == once, "{search}"));
    }
}

#[test]
fn a_proposal_depends_on_the_results_a_lag_before_it_and_on_no_others() {
    for (search, lag) in SEARCHES.into_iter().zip([5, 1, 50, 6, 7]) {
        let plan = plan(search);
        let included = plan.included().len();
        let once = points(&run(&plan, |_| 0, loss_of));
        let mut reached = false;
        for changed in [3, 11, 20] {
            let other = |course: &Course, job: Job| {
                if job.config_id == changed { -5.0 } else { loss_of(course, job) }
            };
            let points = points(&run(&plan, |due| due / 2, other));
            let same = points.iter().zip(&once).take_while(|(a, b)| a == b).count() + included;
            assert!(same >= changed as usize + lag || same == once.len() + included, "{search}: {changed}, {same}");
            reached |= same == changed as usize + lag;
        }
        // CMA-ES learns a generation at once.
        assert_eq!(reached, lag < 50 && !search.contains("cmaes"), "{search}");
    }
}

/// Returns the proposals of a course, as its records hold them.
fn recorded(course: &Course) -> HashMap<u64, Point> {
    let of = |config_id| course.proposals(config_id).into_iter().map(|one| (one.basis, one.point));
    (0..course.chosen()).flat_map(of).collect()
}

/// Plays a search again of which records hold these points, and returns how often the sampler was asked.
fn again(
    plan: &Arc<ResolvedPlan>,
    points: HashMap<u64, Point>,
    loss: impl Fn(&Course, Job) -> f64,
) -> (u64, Vec<Point>) {
    let mut course = Course::resume(plan, points);
    while !course.is_finished() {
        for at in course.take_new() {
            let loss = loss(&course, course.jobs()[at]);
            course.note_losses(at, vec![Some(loss)]);
        }
        course.advance();
    }
    (course.asked(), self::points(&course))
}

#[test]
fn points_that_records_hold_are_not_proposed_again() {
    let by_rounds = ["strategy: tpe, trials: 30, round: 7, startup: 4", "strategy: cmaes, trials: 30, round: 6"];
    for search in SEARCHES.into_iter().chain(EARLY.map(|(search, _)| search)).chain(by_rounds) {
        let plan = plan(search);
        let course = run(&plan, |_| 0, loss_of);
        let (known, once) = (recorded(&course), points(&course));
        assert_eq!(known.len(), once.len(), "{search}");
        assert!(course.asked() > 0);
        assert_eq!(again(&plan, known.clone(), loss_of), (0, once.clone()), "{search}");
        // One that is missing, or that cannot be, is proposed.
        let last = course.proposals(course.chosen() - 1).remove(0);
        for point in [None, Some(vec![0.5]), Some(vec![f64::NAN; 2]), Some(vec![1.0; 2])] {
            let mut known = known.clone();
            known.remove(&last.basis);
            known.extend(point.map(|point| (last.basis, point)));
            assert_eq!(again(&plan, known, loss_of), (1, once.clone()), "{search}");
        }
        // Results that have changed give other proposals.
        let other = |course: &Course, job: Job| if job.config_id == 3 { -5.0 } else { loss_of(course, job) };
        let (asked, points) = again(&plan, known, other);
        assert_eq!(points, self::points(&run(&plan, |_| 0, other)), "{search}");
        assert!(asked > 0 || points == once, "{search}");
    }
}

#[test]
fn a_longer_search_takes_the_points_of_the_shorter_one() {
    for search in ["strategy: tpe, trials: 20, startup: 4, lag: 3", "strategy: gp, trials: 20, startup: 4, lag: 3"] {
        let course = run(&plan(search), |_| 0, loss_of);
        let longer = plan(&search.replace("20", "23"));
        assert_eq!(again(&longer, recorded(&course), loss_of).0, 3, "{search}");
    }
}

#[test]
fn as_many_configurations_are_due_as_the_lag_says() {
    let plan = plan("strategy: tpe, trials: 40, lag: 5");
    let mut course = Course::start(&plan);
    assert_eq!((course.take_new(), course.first_missing()), (0..10, Some(0)));
    for at in 2..10 {
        course.note_losses(at, vec![Some(1.0)]);
        assert!(!course.advance());
    }
    course.note_losses(0, vec![None]);
    assert!(!course.advance(), "a replicate of the first one is missing");
    course.note_losses(1, vec![None]);
    assert!(course.advance());
    assert_eq!((course.take_new(), course.first_missing(), course.missing()), (10..20, Some(5), 10));
}
