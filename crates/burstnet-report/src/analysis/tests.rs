use burstnet_core::streams::Stream;
use burstnet_sweep::objective::Objective as _;
use burstnet_sweep::objective::burst::BurstNetwork;
use burstnet_sweep::plan::Trial;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::plan::content::ContentKey;
use burstnet_sweep::results::record::{Status, TrialRecord};
use burstnet_sweep::spec::{Source, SweepSpec};
use burstnet_sweep::streams::SweepPurpose;

use super::{Analysis, AnalysisError, Options, Told};
use crate::analysis::Sample;
use crate::statistics::Method;

pub(super) fn plan(text: &str) -> Configurations {
    let network = BurstNetwork::default();
    let source = Source::parse("s.yaml".as_ref(), text.into()).unwrap();
    SweepSpec::new(&source, Vec::new(), network.schema()).unwrap().plan(&network).unwrap().into()
}

/// Returns a sample in which `outcome` tells how each trial ended, and its test_mae.
pub(super) fn sample(plan: &Configurations, outcome: impl Fn(Trial) -> Option<(Status, Option<f64>)>) -> Sample {
    let mut sample = Sample::new(plan, plan.trials() as usize);
    let key = ContentKey::NONE;
    let goal = sample.measure("test_mae").unwrap();
    for trial in (0..plan.trials()).map(|id| plan.trial(id)) {
        let Some((status, value)) = outcome(trial) else { continue };
        let mut measures = vec![None; plan.measures.len()];
        measures[goal] = value;
        let record = TrialRecord {
            config_id: trial.config_id,
            replicate: trial.replicate,
            status,
            error: (status != Status::Ok).then(|| format!("step {}, layer 0, weight: not finite", trial.id)),
            ..TrialRecord::new(key)
        };
        sample.add(trial, &record, &measures);
    }
    sample
}

pub(super) fn analyse(plan: &Configurations, sample: &Sample, options: &Options) -> Analysis {
    let infos = BurstNetwork::default().measures(&|key| plan.values_of(key));
    let analysis = Analysis::of(plan, &infos, sample, options).unwrap();
    // serde_json would write infinities and NaN as nulls: they must not be there at all.
    let debug = format!("{analysis:?}");
    assert!(!debug.contains("NaN") && !debug.contains("inf,") && !debug.contains("inf "), "{debug}");
    serde_json::to_string(&analysis).unwrap();
    analysis
}

const TWO: &str = "replicates: 6\nsearch: {space: {feedback.density: [0.5, 1.0]}}\n";

/// Returns the same plan with something more in its file.
fn plan_of(plan: &Configurations, more: &str) -> Configurations {
    let replicates = plan.replicates;
    self::plan(&format!(
        "{more}replicates: {replicates}\nsearch: {{space: {{feedback.density: {{linear: [0.1, 1.0], num: 10}}}}}}\n"
    ))
}

pub(super) fn ok(x: f64) -> Option<(Status, Option<f64>)> {
    Some((Status::Ok, Some(x)))
}

fn says(analysis: &Analysis, part: &str) -> bool {
    analysis.warnings.iter().any(|warning| warning.contains(part))
}

#[test]
fn two_configurations_on_the_same_replicates() {
    let plan = plan(TWO);
    let analysis = analyse(
        &plan,
        &sample(&plan, |t| ok(1.0 - 0.25 * t.config_id as f64 + t.replicate as f64)),
        &Options::default(),
    );
    assert_eq!(analysis.ranked.iter().map(|one| one.config_id).collect::<Vec<_>>(), [1, 0]);
    let contrast = analysis.ranked[1].contrast.unwrap();
    assert_eq!((contrast.n, contrast.difference), (6, Some(0.25)));
    assert!((contrast.p.unwrap() * 512.0 - 1.0).abs() < 1e-9, "ten values are equal, of one sign: {contrast:?}");
    let set = analysis.confidence_set.as_ref().unwrap();
    assert_eq!((set.best, set.members, set.worse, set.replicates_to_halve), (1, 1, 1, None));
    assert_eq!(analysis.ranked.iter().map(|one| one.in_confidence_set).collect::<Vec<_>>(), [Some(true), Some(false)]);
    assert_eq!(analysis.ranked[0].contrast, None);
    assert_eq!((analysis.ranked[0].wins, analysis.ranked[0].best_probability), (Some(1.0), Some(1.0)));
    let shares = analysis.variance.as_ref().unwrap();
    assert_eq!((shares.method, shares.keys[0].share, shares.explained), (Method::Grid, 1.0, None));
    assert_eq!(analysis.concordance.unwrap().kendall_w, 1.0);
    assert!(says(&analysis, "The best of 2 configurations looks better than it is"));
}

#[test]
fn configurations_that_cannot_be_told_from_the_best() {
    let plan = plan("replicates: 8\nsearch: {space: {feedback.density: {linear: [0.1, 1.0], num: 10}}}\n");
    let noise = |t: Trial| Stream::part(3, SweepPurpose::Search, t.id).unit() - 0.5;
    // The last four are worse by five standard deviations of the noise.
    let value = |t: Trial| ok(noise(t) + t.replicate as f64 + if t.config_id < 6 { 0.0 } else { 1.5 });
    let analysis = analyse(&plan, &sample(&plan, value), &Options::default());
    let set = analysis.confidence_set.as_ref().unwrap();
    assert_eq!((set.members, set.worse, set.not_compared, set.replicates), (6, 4, 0, 8));
    assert!(set.replicates_to_halve.is_some_and(|replicates| replicates > 8), "{set:?}");
    assert!(set.sentence.starts_with("5 of 9 other configurations cannot be told from the best; 4 are worse."));
    let maximised = plan_of(&plan, "objective: {direction: maximize}\n");
    let upside_down = |t: Trial| value(t).map(|(status, x)| (status, x.map(|x| -x)));
    let other = analyse(&maximised, &sample(&maximised, upside_down), &Options::default());
    assert_eq!(other.confidence_set, analysis.confidence_set);
    let worst = |analysis: &Analysis| analysis.ranked[9].contrast.unwrap();
    let (minimised, maximised) = (worst(&analysis), worst(&other));
    assert_eq!(maximised.difference.map(|x| -x), minimised.difference);
    assert_eq!(
        maximised.interval.map(|ends| (-ends.high, -ends.low)),
        minimised.interval.map(|ends| (ends.low, ends.high))
    );
    assert_eq!(maximised.p, minimised.p);
}

#[test]
fn those_with_failures_are_not_compared_with_the_best() {
    let plan = plan("replicates: 3\nsearch: {space: {feedback.density: [0.1, 0.2, 0.3, 0.4, 0.5]}}\n");
    let value = |t: Trial| if t.id == 4 { Some((Status::Diverged, None)) } else { ok(t.id as f64 % 7.0) };
    let analysis = analyse(&plan, &sample(&plan, value), &Options::default());
    let set = analysis.confidence_set.as_ref().unwrap();
    assert_eq!((set.members + set.worse, set.not_compared), (4, 1));
    let last = analysis.ranked.last().unwrap();
    assert_eq!((last.config_id, last.in_confidence_set, last.contrast.unwrap().n), (1, None, 2));
}

#[test]
fn one_configuration_or_one_replicate() {
    let one = plan("replicates: 3\nsearch: {space: {feedback.density: [0.5]}}\n");
    let analysis = analyse(&one, &sample(&one, |t| ok(t.id as f64)), &Options::default());
    assert_eq!((analysis.ranked.len(), &analysis.variance, analysis.concordance), (1, &None, None));
    assert!(!says(&analysis, "The best of"));
    let single = plan(&TWO.replace('6', "1"));
    let analysis = analyse(&single, &sample(&single, |t| ok(t.id as f64)), &Options::default());
    assert_eq!((analysis.ranked[0].t_interval, analysis.noise, analysis.concordance), (None, None, None));
    assert_eq!(analysis.ranked[1].contrast.unwrap().interval, None);
    assert_eq!((analysis.ranked[1].contrast.unwrap().p, &analysis.confidence_set), (None, &None));
    let told = |sentence: &String| sentence.starts_with("With one seed, differences cannot be told from chance");
    assert!(analysis.finding.sentences.iter().any(told), "{:?}", analysis.finding);
}

#[test]
fn only_failures_and_only_equal_values() {
    let plan = plan(TWO);
    let analysis = analyse(&plan, &sample(&plan, |_| Some((Status::Failed, None))), &Options::default());
    assert_eq!((analysis.baseline, &analysis.variance), (None, &None));
    assert_eq!((analysis.ranked.len(), analysis.ranked[0].n), (2, 0));
    assert_eq!(analysis.errors.len(), 1, "messages that differ in their numbers are one kind");
    assert_eq!((analysis.errors[0].count, analysis.errors[0].trial_ids.len()), (12, 5));
    let equal = analyse(&plan, &sample(&plan, |_| ok(0.1)), &Options::default());
    assert_eq!((&equal.variance, equal.noise, equal.concordance), (&None, None, None));
    let contrast = equal.ranked[1].contrast.unwrap();
    assert_eq!((contrast.difference, contrast.p), (Some(0.0), Some(1.0)));
    let nothing = analyse(&plan, &sample(&plan, |_| None), &Options::default());
    assert_eq!((nothing.ranked.len(), nothing.progress.missing), (0, 12));
}

#[test]
fn infinities_count_as_missing() {
    let plan = plan(TWO);
    let value = |t: Trial| {
        ok(if t.id == 2 {
            f64::INFINITY
        } else if t.id == 7 {
            f64::NAN
        } else {
            t.id as f64
        })
    };
    let analysis = analyse(&plan, &sample(&plan, value), &Options::default());
    assert_eq!(analysis.ranked.iter().map(|one| one.n).collect::<Vec<_>>(), [5, 5]);
    assert_eq!(analysis.ranked[1].contrast.unwrap().n, 4);
    assert!(says(&analysis, "2 values of test_mae are infinite or no numbers"));
}

#[test]
fn a_sweep_that_is_running() {
    let plan = plan(TWO);
    // Replicate 0 of both, replicate 1 of the first, nothing else.
    let value = |t: Trial| if t.replicate == 0 || t.id == 1 { ok(t.id as f64) } else { None };
    let analysis = analyse(&plan, &sample(&plan, value), &Options::default());
    assert_eq!(analysis.ranked[1].contrast.unwrap().n, 1);
    assert!(says(&analysis, "9 of 12 trials are missing"));
}

#[test]
fn while_a_sweep_runs_configurations_are_ranked_by_the_replicates_they_share() {
    let plan = plan("replicates: 4\nsearch: {space: {feedback.density: [0.1, 0.2, 0.3, 0.4, 0.5]}}\n");
    // Three have replicates 0 to 2, one of these replicate 3 as well, and two have a single good one.
    let value = |t: Trial| match (t.config_id, t.replicate) {
        (0..=2, 0..=2) => ok(10.0 + t.config_id as f64),
        (1, 3) => ok(-1000.0),
        (3 | 4, 0) => ok(0.0),
        _ => None,
    };
    let analysis = analyse(&plan, &sample(&plan, value), &Options::default());
    let order: Vec<(u64, usize)> = analysis.ranked.iter().map(|one| (one.config_id, one.n)).collect();
    assert_eq!(order, [(0, 3), (1, 3), (2, 3), (3, 1), (4, 1)]);
    assert_eq!(analysis.ranked[1].summary.mean, Some(11.0));
    // In shards, configurations can have other replicates than the first ones.
    let shard = |t: Trial| if t.replicate == 0 { None } else { value(t).or(ok(1.0)) };
    let analysis = analyse(&plan, &sample(&plan, shard), &Options::default());
    assert!(analysis.ranked.iter().all(|one| one.n == 3), "{:?}", analysis.ranked);
}

#[test]
fn a_gap_in_a_grid_makes_it_a_regression() {
    let plan =
        plan("search: {space: {feedback.density: {linear: [0.1, 1], num: 10}, learning_rate.hidden: [0, 1, 2]}}\n");
    let value = |t: Trial| match t.config_id {
        4 => Some((Status::Diverged, None)),
        id => ok((id / 3) as f64 + if id % 3 == 2 { 4.0 } else { 0.0 }),
    };
    let analysis = analyse(&plan, &sample(&plan, value), &Options::default());
    let shares = analysis.variance.as_ref().unwrap();
    assert_eq!((shares.method, shares.configurations), (Method::Polynomials, 29));
    // Variances 8.25 and 32/9.
    let expected = 8.25 / (8.25 + 32.0 / 9.0);
    assert!((shares.keys[0].share - expected).abs() < 1e-6, "{shares:?}");
    assert_eq!(analysis.ranked.last().unwrap().config_id, 4);
    assert!(says(&analysis, "1 diverged and 0 failed trials"));
}

#[test]
fn twelve_keys_of_every_kind() {
    let text = "replicates: 2\nsearch: {strategy: random, trials: 300, space: {feedback.density: {uniform: [0.1, 1]}, \
                learning_rate.output: {log_uniform: [0.001, 1]}, learning_rate.hidden: [[0], [1]], \
                network.layers: [[4, 3, 2], [4, 5, 2]], evaluation.generation: [true, false], \
                evaluation.curve_window: [epoch, none, 10], evaluation.loss_threshold: [null, 0.1], \
                training.epochs: {int: [1, 200]}, teaching.target_fraction: {linear: [0.1, 0.9], num: 9}, \
                plasticity.hidden_rule: [burst_probability, burst_rate], plasticity.weight_decay: [0], \
                network.weight_range: {log: [0.01, 1], num: 3}}}\n";
    let plan = plan(text);
    let value = |t: Trial| {
        let values = plan.swept_values(t.config_id);
        ok(3.0 * values[0].as_f64().unwrap() + Stream::part(1, SweepPurpose::Search, t.id).unit())
    };
    let analysis = analyse(&plan, &sample(&plan, value), &Options::default());
    let shares = analysis.variance.unwrap();
    assert_eq!((shares.keys.len(), shares.pairs.len()), (12, 66));
    assert_eq!(shares.keys[0].key, "feedback.density");
    assert!(shares.keys[0].share > 0.8 && shares.keys[1].share < 0.05, "{shares:?}");
    assert_eq!(analysis.main_effects.len(), 12);
    assert_eq!(analysis.main_effects[10].levels.len(), 1);
    assert_eq!(analysis.ranked.len(), 50);
}

#[test]
fn options_are_checked() {
    let plan = plan(TWO);
    let all = sample(&plan, |t| ok(t.id as f64));
    let of = |options: Options| Analysis::of(&plan, &[], &all, &options);
    let measure = of(Options { measure: Some("loss".into()), ..Options::default() }).unwrap_err();
    assert!(measure.to_string().starts_with("measure 'loss' is not one of this sweep, expected one of train_loss, "));
    let baseline = of(Options { baseline: Some(2), ..Options::default() }).unwrap_err();
    assert!(matches!(baseline, AnalysisError::Configuration { config_id: 2, configurations: 2 }));
    let named = of(Options { baseline: Some(1), ..Options::default() }).unwrap();
    assert_eq!(named.baseline.map(|baseline| (baseline.config_id, baseline.named)), Some((1, true)));
    assert_eq!(named.ranked[0].contrast.unwrap().difference, Some(-6.0));
    let small = of(Options { top: 1, also: vec![1], ..Options::default() }).unwrap();
    assert_eq!(small.ranked.iter().map(|one| one.rank).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_hundred_thousand_configurations_take_little() {
    let text = "replicates: 2\nsearch: {strategy: random, trials: 100000, space: {feedback.density: {uniform: [0.1, 1]}, \
                learning_rate.output: {log_uniform: [0.001, 1]}}}\n";
    let plan = plan(text);
    let all = sample(&plan, |t| ok(Stream::part(1, SweepPurpose::Search, t.id).unit()));
    let start = std::time::Instant::now();
    let analysis = analyse(&plan, &all, &Options::default());
    assert_eq!(analysis.ranked.len(), 50);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

/// A grid over two keys, one of which acts, on replicates that differ in their level.
const ACTING: &str =
    "replicates: 6\nsearch: {space: {learning_rate.hidden: [0.1, 1.0, 10.0], feedback.density: [0.5, 1.0]}}\n";

fn acting(trial: Trial) -> Option<(Status, Option<f64>)> {
    let wiggle = 0.001 * ((trial.id * 7) % 5) as f64;
    ok([0.3, 0.2, 0.1][trial.config_id as usize / 2] + 0.01 * trial.replicate as f64 + wiggle)
}

#[test]
fn the_finding_names_what_matters_and_compares_with_the_defaults() {
    let plan = plan(ACTING);
    let values = sample(&plan, acting);
    let defaults = Some(BurstNetwork::default().schema().defaults());
    let found = |options: &Options| analyse(&plan, &values, options).finding;
    let finding = found(&Options { defaults, ..Options::default() });
    let [start, end] = ["test_mae falls to 0.127 ± 0.020 events/step at hidden = 10, from ", " with the defaults."];
    assert!(finding.headline.starts_with(start) && finding.headline.ends_with(end), "{}", finding.headline);
    let reference = finding.reference.unwrap();
    assert_eq!((reference.config_id, reference.title()), (3, "defaults"));
    assert!(finding.sentences[0].starts_with("hidden decides: alone it makes up "), "{:?}", finding.sentences);
    let median = found(&Options::default());
    assert!(median.headline.ends_with(" in the median configuration."), "{}", median.headline);
    let named = found(&Options { baseline: Some(0), ..Options::default() });
    assert!(named.headline.ends_with(" in configuration 0, the baseline."), "{}", named.headline);
}

#[test]
fn a_finding_says_only_what_is_told() {
    let plan = plan(ACTING);
    let noise = |t: Trial| ok(0.5 + 0.1 * ((t.id * 7919) % 13) as f64);
    let analysis = analyse(&plan, &sample(&plan, noise), &Options::default());
    let finding = &analysis.finding;
    assert!(
        finding.headline.contains(" in configuration ") && !finding.headline.contains(" = "),
        "{}",
        finding.headline
    );
    assert!(analysis.deciding().is_empty() && finding.sentences[0].contains("cannot be told"), "{finding:?}");
}

#[test]
fn a_finding_without_values_says_why() {
    let plan = plan(TWO);
    let headline = |outcome: &dyn Fn(Trial) -> Option<(Status, Option<f64>)>| {
        analyse(&plan, &sample(&plan, outcome), &Options::default()).finding.headline
    };
    assert_eq!(headline(&|_| None), "No trial has ended yet.");
    let failed = headline(&|_| Some((Status::Failed, None)));
    assert_eq!(failed, "All 12 trials failed. The first message: step 0, layer 0, weight: not finite.");
    assert_eq!(headline(&|_| ok(f64::INFINITY)), "No trial has a value of test_mae.");
    let half = headline(&|t| (t.config_id == 0).then_some((Status::Ok, Some(t.replicate as f64 * 1e-3 + 1.0))));
    assert_eq!(half, "So far, test_mae is 1.0025 ± 0.0020 events/step over 6 seeds.");
}

#[test]
fn next_steps_are_commands_with_everything_filled_in() {
    let plan = plan(ACTING);
    let analysis = analyse(&plan, &sample(&plan, acting), &Options::default());
    let steps = super::next_steps(&analysis, &plan, "'r x'");
    let commands: Vec<&str> = steps.iter().map(|step| step.command.as_str()).collect();
    let best = analysis.best().unwrap().config_id;
    assert_eq!(commands[0], format!("burstnet report 'r x' --trial {}", 6 * best));
    assert!(commands[1].starts_with(&format!("burstnet diff 'r x':{} 'r x':", 6 * best)), "{commands:?}");
    assert_eq!(commands[2], format!("burstnet rerun 'r x' --config {best} --replicate 0"));
    assert!(commands[3].starts_with("burstnet confirm 'r x' --best 3 --replicates "), "{commands:?}");
}

/// Of 28 cells 12 diverged; the learning rate takes the others from 0.085 to 0.438.
#[test]
fn a_grid_of_which_a_large_part_diverged() {
    let plan = plan(
        "replicates: 3\nsearch: {space: {feedback.density: [0.1, 0.3, 0.5, 1.0], learning_rate.output: {log: [0.001, 1], \
         num: 7}}}\n",
    );
    let value = |t: Trial| {
        let rate = t.config_id % 7;
        let noise = 0.01 * Stream::part(3, SweepPurpose::Search, t.id).unit();
        if rate > 3 { Some((Status::Diverged, None)) } else { ok(0.085 + 0.353 * rate as f64 / 3.0 + noise) }
    };
    let analysis = analyse(&plan, &sample(&plan, value), &Options::default());
    let shares = analysis.variance.as_ref().unwrap();
    assert_eq!((shares.configurations, shares.verdict.told), (16, Told::First), "{shares:?}");
    assert_eq!(shares.verdict.first, ["learning_rate.output"]);
    let outcome = analysis.outcome.as_ref().unwrap();
    assert!(outcome.told && outcome.keys[0].key == "learning_rate.output", "{outcome:?}");
    assert_eq!((outcome.not_ok, outcome.trials), (36, 84));
    assert!(outcome.sentence.contains("12 of 12 at 1 do, and 0 of 12 at 0.001"), "{}", outcome.sentence);
}

/// The median one of 120 configurations is not among the 50 best, which are all that is ranked.
#[test]
fn the_headline_knows_what_cannot_be_told_from_the_best() {
    let plan = plan(
        "replicates: 4\nsearch: {strategy: random, trials: 120, space: {learning_rate.output: {uniform: [0, 1]}}}\n",
    );
    let noise = |t: &Trial| Stream::part(5, SweepPurpose::Search, t.id).unit();
    let tied = analyse(&plan, &sample(&plan, |t| ok(1.0 + noise(&t))), &Options::default());
    assert!(tied.finding.headline.contains("which cannot be told from"), "{}", tied.finding.headline);
    let value = |t: Trial| ok(1.0 + t.config_id as f64 + 0.01 * noise(&t));
    let told = analyse(&plan, &sample(&plan, value), &Options::default());
    assert!(told.finding.headline.contains(" falls to "), "{}", told.finding.headline);
}

#[test]
fn one_seed_and_one_key_tell_nothing() {
    let plan = plan("search: {space: {feedback.density: [0.1, 0.5, 1.0]}}\n");
    let analysis = analyse(&plan, &sample(&plan, |t| ok(t.id as f64)), &Options::default());
    let verdict = &analysis.variance.as_ref().unwrap().verdict;
    assert_eq!((verdict.told, verdict.first.len()), (Told::Nothing, 0), "{verdict:?}");
    assert!(verdict.sentence.starts_with("Whether feedback.density matters cannot be told"), "{verdict:?}");
}

/// Noise alone, in 25 random designs of four keys and on 25 grids with replicates.
#[test]
fn noise_alone_tells_nothing() {
    let designs = [
        "search: {strategy: random, trials: 40, space: {feedback.density: {uniform: [0.1, 1]}, learning_rate.output: \
         {log_uniform: [0.001, 1]}, learning_rate.hidden: {uniform: [0, 1]}, evaluation.generation: [true, false]}}\n",
        "replicates: 3\nsearch: {space: {feedback.density: [0.1, 0.5, 1.0], learning_rate.output: [0.01, 0.1, 1.0]}}\n",
    ];
    for design in designs {
        let told = |seed: &u64| {
            let plan = plan(&format!("seed: {seed}\n{design}"));
            let noise = |t: Trial| ok(Stream::part(*seed, SweepPurpose::Search, 1 << 20 | t.id).unit());
            analyse(&plan, &sample(&plan, noise), &Options::default()).variance.unwrap().is_told()
        };
        let count = (0..25).filter(told).count();
        assert!(count <= 3, "{count} of 25: {design}");
    }
}
