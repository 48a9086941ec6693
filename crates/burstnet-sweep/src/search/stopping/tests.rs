use super::*;

/// Runs a rule to its end, with the outcome of a trial at a budget given by `loss`. Returns the jobs by round.
fn run(
    rule: &dyn Rule,
    configurations: u64,
    replicates: u64,
    budget: u64,
    settings: &[(&str, f64)],
    loss: impl Fn(Job, u64) -> Option<f64>,
) -> (Vec<Vec<Job>>, Vec<Stopped>) {
    let setting = |name: &str| {
        let own = rule.info().settings.iter().find(|setting| setting.name == name).unwrap();
        settings.iter().find(|(held, _)| *held == name).map_or(own.default, |(_, value)| *value)
    };
    let mut outcomes = Outcomes::default();
    let mut rounds = Vec::new();
    let mut stopped = Vec::new();
    loop {
        let race = Race {
            configurations,
            copies: &Copies::default(),
            replicates,
            round: Some(4),
            budget,
            setting: &setting,
            outcomes: &outcomes,
            stopped: &stopped,
            last: rounds.last().map_or(&[][..], |jobs: &Vec<Job>| jobs),
        };
        let rungs = rule.rungs(&race);
        assert!(rungs.windows(2).all(|pair| pair[0] < pair[1]) && rungs.last() == Some(&budget), "{rungs:?}");
        let decision = rule.decide(&race);
        assert_eq!(decision, rule.decide(&race));
        if decision.jobs.is_empty() {
            assert!(rounds.len() as u64 <= rule.most_rounds(&race));
            return (rounds, decision.stopped);
        }
        for &job in &decision.jobs {
            assert_eq!(outcomes.loss(job), None, "{job:?} ran before");
            outcomes.note(job, vec![loss(job, rungs[job.rung])]);
        }
        rounds.push(decision.jobs);
        stopped = decision.stopped;
        assert!(rounds.len() < 10_000);
    }
}

/// Checks that every configuration is either stopped, or has run all its replicates with the whole budget.
fn check_ends(rounds: &[Vec<Job>], stopped: &[Stopped], configurations: u64, replicates: u64) -> Vec<u64> {
    let last = rounds.iter().flatten().map(|job| job.rung).max().unwrap();
    let whole = |config_id: u64| {
        let ran = |replicate| rounds.iter().flatten().any(|job| *job == Job { config_id, replicate, rung: last });
        (0..replicates).all(ran)
    };
    for config_id in 0..configurations {
        let times = stopped.iter().filter(|one| one.config_id == config_id).count();
        assert_eq!(times, usize::from(!whole(config_id)), "configuration {config_id}");
    }
    (0..configurations).filter(|config_id| whole(*config_id)).collect()
}

#[test]
fn halving_keeps_the_best_third() {
    let rule = successive_halving::SuccessiveHalving;
    // The best at every budget is the configuration with the largest number; 7 and 8 are as good as each other.
    let loss = |job: Job, _: u64| Some(-(job.config_id.min(7) as f64));
    let (rounds, stopped) = run(&rule, 9, 2, 20, &[("factor", 3.0), ("rungs", 3.0)], loss);
    let sizes: Vec<usize> = rounds.iter().map(Vec::len).collect();
    assert_eq!(sizes, [18, 6, 2]);
    assert_eq!(check_ends(&rounds, &stopped, 9, 2), [7]);
    assert_eq!(stopped.last().unwrap().reason, "stopped at 7 of 20: rank 3 of 3, of which 1 went on");
    // Replicate by replicate.
    assert_eq!(
        rounds[1].iter().map(|job| (job.replicate, job.config_id)).collect::<Vec<_>>()[..4],
        [(0, 6), (0, 7), (0, 8), (1, 6)]
    );
}

#[test]
fn one_look_keeps_the_best_third() {
    let rule = one_look::OneLook;
    let budgets = std::cell::RefCell::new(Vec::new());
    let loss = |job: Job, budget: u64| {
        budgets.borrow_mut().push(budget);
        (job.config_id != 3).then_some(-(job.config_id.min(38) as f64)) // 38 and 39 are as good as each other
    };
    let (rounds, stopped) = run(&rule, 40, 2, 20, &[], loss);
    assert_eq!(rounds.iter().map(Vec::len).collect::<Vec<_>>(), [80, 26]);
    assert_eq!(check_ends(&rounds, &stopped, 40, 2), (27..40).collect::<Vec<_>>());
    assert_eq!(budgets.borrow().iter().collect::<std::collections::BTreeSet<_>>(), [2, 20].iter().collect());
    assert_eq!(stopped.last().unwrap().reason, "stopped at 2 of 20: rank 40 of 40, of which 13 went on");
    let number_kept = |configurations, keep| {
        let (rounds, stopped) = run(&rule, configurations, 1, 2, &[("keep", keep)], |_, _| None);
        check_ends(&rounds, &stopped, configurations, 1).len()
    };
    assert_eq!([number_kept(39, 1.0 / 3.0), number_kept(5, 1e-6), number_kept(5, 1.0)], [13, 1, 5]);
}

#[test]
fn trials_that_diverge_are_the_worst() {
    let rule = successive_halving::SuccessiveHalving;
    let loss = |job: Job, _: u64| (job.config_id != 0 || job.replicate != 1).then_some(job.config_id as f64);
    let (rounds, stopped) = run(&rule, 6, 2, 9, &[("factor", 3.0), ("rungs", 2.0)], loss);
    assert_eq!(check_ends(&rounds, &stopped, 6, 2), [1, 2]);
}

#[test]
fn brackets_of_hyperband_go_on_side_by_side() {
    let rule = hyperband::Hyperband;
    let (rounds, stopped) = run(&rule, 17, 1, 27, &[], |job, _| Some(job.config_id as f64));
    // 9 start at the first rung, 5 at the second, 3 at the whole budget.
    let by_rung = |round: &[Job]| [0, 1, 2].map(|rung| round.iter().filter(|job| job.rung == rung).count());
    assert_eq!(rounds.iter().map(|round| by_rung(round)).collect::<Vec<_>>(), [[9, 5, 3], [0, 3, 1], [0, 0, 1]]);
    assert_eq!(check_ends(&rounds, &stopped, 17, 1), [0, 9, 14, 15, 16]);
    let (rounds, stopped) = run(&rule, 40, 2, 27, &[], |job, _| Some(job.config_id as f64));
    check_ends(&rounds, &stopped, 40, 2);
}

#[test]
fn the_median_of_earlier_rounds_stops() {
    let rule = median::Median;
    let loss =
        |job: Job, budget: u64| Some(if job.config_id < 4 { 10.0 } else { job.config_id as f64 } / budget as f64);
    let (rounds, stopped) = run(&rule, 14, 1, 8, &[], loss);
    let kept = check_ends(&rounds, &stopped, 14, 1);
    assert_eq!(kept, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    assert!(rounds.iter().all(|round| round.len() <= 4));
}

#[test]
fn a_race_stops_what_is_worse_on_the_same_seeds() {
    let rule = paired_racing::PairedRacing;
    // Replicates differ much, configurations little: only pairs show it.
    let loss = |job: Job, _: u64| {
        let noise = [0.0, 0.03, -0.02, 0.01, -0.01, 0.02, 0.0, -0.03, 0.01, 0.0][job.replicate as usize];
        let own = [0.0, 0.5, 0.01][job.config_id as usize];
        Some(100.0 * job.replicate as f64 + own + if job.config_id == 0 { 0.0 } else { noise })
    };
    let (rounds, stopped) = run(&rule, 3, 10, 1, &[], loss);
    assert_eq!(check_ends(&rounds, &stopped, 3, 10), [0, 2]);
    assert!(
        stopped[0].reason.starts_with("stopped after 3 of 10 replicates: worse than configuration 0"),
        "{stopped:?}"
    );
    let (rounds, stopped) = run(&rule, 3, 10, 1, &[], |job, _| (job.config_id != 1).then_some(1.0));
    assert_eq!(check_ends(&rounds, &stopped, 3, 10), [0, 2]);
    assert_eq!(stopped[0].reason, "stopped after 3 of 10 replicates: a trial failed or diverged");
}

#[test]
fn a_race_among_equals_stops_nobody_but_by_chance() {
    use crate::streams::SweepPurpose;
    use burstnet_core::streams::Stream;
    let rule = paired_racing::PairedRacing;
    let mut wrong = 0;
    for seed in 0..200 {
        let loss = |job: Job, _: u64| {
            let mut stream = Stream::part(seed, SweepPurpose::Bootstrap, job.config_id * 100 + job.replicate);
            Some((0..12).map(|_| stream.unit()).sum::<f64>())
        };
        let (_, stopped) = run(&rule, 2, 12, 1, &[], loss);
        wrong += u32::from(!stopped.is_empty());
    }
    assert!(wrong <= 20, "{wrong} of 200 races stopped an equal"); // 5 % are allowed; 20 of 200 has p < 0.003
}

#[test]
fn rungs_are_distinct_whatever_the_budget() {
    assert_eq!(falling(20, 3, 3), [3, 7, 20]);
    assert_eq!(falling(1, 3, 5), [1]);
    assert_eq!(falling(2, 3, 5), [1, 2]);
    assert_eq!(falling(u64::MAX, 1000, 50).last(), Some(&u64::MAX));
}
