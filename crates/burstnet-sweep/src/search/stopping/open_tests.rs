//! Rules without rounds: what they decide does not depend on the order of completion.

use std::cell::Cell;

use super::open::Step;
use super::*;

/// The outcome of a race: all steps, with the stopped configurations.
type Raced = (Vec<Step>, Vec<Stopped>);

struct Case {
    configurations: u64,
    replicates: u64,
    budget: u64,
    settings: Vec<(&'static str, f64)>,
    lag: u64,
}

const CASE: Case = Case { configurations: 60, replicates: 1, budget: 20, settings: Vec::new(), lag: 7 };

/// Runs a race to its end. `pick` chooses which of so many running steps ends next.
fn race(rule: &dyn Rule, case: &Case, loss: &dyn Fn(Job) -> Option<f64>, pick: impl Fn(usize) -> usize) -> Raced {
    let setting = |name: &str| {
        let own = rule.info().settings.iter().find(|setting| setting.name == name).unwrap();
        case.settings.iter().find(|(held, _)| *held == name).map_or(own.default, |(_, value)| *value)
    };
    let mut outcomes = Outcomes::default();
    let (none, copies) = (Outcomes::default(), Copies::default());
    let begun = Race {
        configurations: case.configurations,
        copies: &copies,
        replicates: case.replicates,
        round: None,
        budget: case.budget,
        setting: &setting,
        outcomes: &none,
        stopped: &[],
        last: &[],
    };
    let mut open = rule.open(&begun, case.lag).unwrap();
    (0..case.configurations).for_each(|config_id| open.enter(config_id));
    open.end();
    let (mut steps, mut stopped, mut running) = (Vec::new(), Vec::new(), Vec::<Step>::new());
    loop {
        let decided = open.decide();
        stopped.extend(decided.stopped);
        running.extend(decided.due);
        if running.is_empty() {
            steps.sort_by_key(|step: &Step| (step.rung, step.config_id, step.replicates.start));
            stopped.sort_by_key(|one: &Stopped| one.config_id);
            return (steps, stopped);
        }
        let step = running.remove(pick(running.len()));
        for replicate in step.replicates.clone() {
            let job = Job { config_id: step.config_id, replicate, rung: step.rung };
            assert_eq!(outcomes.loss(job), None, "{job:?} ran before");
            outcomes.note(job, vec![loss(job)]);
        }
        open.note(&step, &outcomes);
        steps.push(step);
    }
}

/// Numbers that look random, with the better configurations among them.
fn noisy(job: Job) -> Option<f64> {
    let mix = |x: u64| (x.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as f64 / (1_u64 << 24) as f64;
    let failed = job.config_id % 11 == 5;
    let noise = mix(job.config_id * 1000 + job.replicate * 10 + job.rung as u64) / (1.0 + job.rung as f64);
    (!failed).then_some(mix(job.config_id) * 4.0 + noise)
}

fn cases() -> Vec<(&'static dyn Rule, Case)> {
    let mut cases: Vec<(&'static dyn Rule, Case)> = Vec::new();
    for rule in ALL {
        for (configurations, lag) in [(60, 7), (60, 1), (60, 1000), (1, 3), (2, 1), (5, 2)] {
            let replicates = if rule.info().needs_replicates { 9 } else { 2 };
            cases.push((rule, Case { configurations, lag, replicates, ..CASE }));
        }
    }
    cases.retain(|(rule, _)| rule.info().lags);
    cases
}

#[test]
fn the_order_of_completion_changes_nothing() {
    for (rule, case) in cases() {
        let at = format!("{}, {} configurations, lag {}", rule.info().name, case.configurations, case.lag);
        let once = race(rule, &case, &noisy, |_| 0);
        for step in [1, 3, 8, 21] {
            let count = Cell::new(step);
            let pick = |running: usize| {
                count.set((count.get() * 7 + step) % 10_007);
                count.get() % running
            };
            assert!(race(rule, &case, &noisy, pick) == once, "{at}");
        }
        assert!(race(rule, &case, &noisy, |running| running - 1) == once, "{at}");
        // Each configuration is stopped, or has run to the end.
        let last = once.0.iter().map(|step| step.rung).max().unwrap();
        for config_id in 0..case.configurations {
            let whole = once
                .0
                .iter()
                .any(|step| (step.config_id, step.rung, step.replicates.end) == (config_id, last, case.replicates));
            let stopped = once.1.iter().filter(|one| one.config_id == config_id).count();
            assert_eq!(stopped, usize::from(!whole), "{at}: configuration {config_id}");
        }
    }
}

#[test]
fn a_race_that_is_over_keeps_the_best_and_about_as_many_as_with_rounds() {
    let loss = |job: Job| Some((job.config_id * 17 % 60) as f64);
    let (steps, stopped) = race(named("successive_halving").unwrap(), &CASE, &loss, |running| running / 2);
    let at = |rung: usize| steps.iter().filter(|step| step.rung == rung).count();
    assert_eq!((at(0), stopped.len()), (60, 60 - at(3)));
    for (rung, least) in [(1, 30), (2, 15), (3, 7)] {
        assert!((least..least + 10).contains(&at(rung)), "{} at rung {rung}", at(rung));
    }
    let best = (0..60).find(|config_id| config_id * 17 % 60 == 0).unwrap();
    assert!(steps.iter().any(|step| (step.config_id, step.rung) == (best, 3)));
    assert!(stopped.iter().all(|one| one.reason.starts_with("stopped at ") && one.reason.ends_with(" went on")));
}

/// A decision at a place depends on the results at least a lag before it: what comes after cannot reach it.
#[test]
fn median_compares_with_those_a_lag_before() {
    let rule = named("median").unwrap();
    let rising = |job: Job| Some(job.config_id as f64);
    let (_, stopped) = race(rule, &CASE, &rising, |_| 0);
    let ids: Vec<u64> = stopped.iter().map(|one| one.config_id).collect();
    assert_eq!(ids, (7..60).collect::<Vec<_>>(), "the first ones, up to the lag, run to the end");
    let falling = |job: Job| Some(-(job.config_id as f64));
    assert!(race(rule, &CASE, &falling, |_| 0).1.is_empty());
    assert_eq!(stopped[0].reason, "stopped at 5 of 20: worse than the median of earlier configurations");
}

#[test]
fn racing_finds_what_is_worse_on_the_same_seeds() {
    let rule = named("paired_racing").unwrap();
    let case = |lag| Case { replicates: 12, lag, ..CASE };
    let loss = |job: Job| Some((job.config_id * 7 % 60) as f64 + noisy(Job { config_id: 1, ..job }).unwrap());
    for lag in [1, 7, 100] {
        let (steps, stopped) = race(rule, &case(lag), &loss, |running| running / 3);
        assert_eq!(stopped.len(), 59, "lag {lag}: all but the best one stop");
        assert!(steps.iter().any(|step| (step.config_id, step.replicates.end) == (0, 12)), "lag {lag}");
        let trials: u64 = steps.iter().map(|step| step.replicates.end - step.replicates.start).sum();
        assert!(trials < 60 * 12 * 2 / 3, "lag {lag}: {trials} trials");
    }
    let same = |job: Job| Some(job.replicate as f64);
    assert!(race(rule, &case(7), &same, |_| 0).1.is_empty());
    let fails = |job: Job| (job.config_id != 3).then_some(1.0);
    let (_, stopped) = race(rule, &case(7), &fails, |_| 0);
    assert_eq!(stopped[0].reason, "stopped after 3 of 12 replicates: a trial failed or diverged");
}
