//! The time, memory and disk that a sweep takes, from timing a few of its configurations.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use burstnet_core::config::{Configuration, RunConfig};
use burstnet_core::inputs::OpenedFiles;
use burstnet_core::observer::Observer;
use burstnet_sweep::objective::burst::BurstNetwork;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::plan::input_files;
use burstnet_sweep::results::models::NamedModel;

use super::outlook::Outlook;
use crate::shared::outputs::layers;
use crate::shared::training::total_steps;
use crate::text::{count, duration};

/// Configurations that are timed, spread evenly over the plan.
const TIMED: u64 = 5;
/// The time for which each of them trains.
const TIMING: Duration = Duration::from_millis(150);

/// The cost of a sweep.
pub(super) struct Cost {
    /// `None` of an external program, which is not run for this.
    pub(super) seconds_per_trial: Option<f64>,
    pub(super) seconds: Option<f64>,
    /// Training steps of the whole sweep; `None` of an external program.
    pub(super) steps: Option<f64>,
    pub(super) memory: f64,
    pub(super) disk: f64,
}

impl Cost {
    pub(super) fn estimate(plan: &Configurations, outlook: &Outlook, model: &NamedModel, threads: usize) -> Self {
        let (trials, workers) = (plan.trials() as f64, (threads as u64).min(plan.runs()) as f64);
        let timed = match model {
            NamedModel::Burst(network) => Timed::of(plan, outlook, network),
            NamedModel::Command(_) => Timed { seconds_per_trial: None, steps: None, weights: 0.0, points: 0.0 },
        };
        let values = (plan.measures.len() + plan.space.len() + plan.per_replicate.len()) as f64;
        let names: usize = plan.measures.iter().map(String::len).sum();
        Self {
            seconds_per_trial: timed.seconds_per_trial,
            seconds: timed.seconds_per_trial.map(|seconds| seconds * outlook.waves(workers)),
            steps: timed.steps.map(|steps| steps * outlook.whole_trials),
            // Per trial, its place in the journal and the measures that statistics read.
            memory: 40e6
                + workers * 3.0 * 8.0 * timed.weights
                + (21.0 + 8.0 * plan.measures.len() as f64) * trials.min(1e9),
            // A record in the journal, with the measures' names, and a row in the tables, uncompressed; curves twice as
            // well.
            disk: trials * (2.0 * (140.0 + 10.0 * values) + names as f64 + 30.0 * timed.points),
        }
    }

    pub(super) fn time(&self, threads: usize) -> String {
        match (self.seconds, self.seconds_per_trial) {
            (Some(seconds), Some(per_trial)) => format!(
                "about {} on {} ({} per trial, from timing a short training)",
                duration(seconds),
                count(threads as u64, "thread", "threads"),
                duration(per_trial)
            ),
            _not_timed => "not estimated: for that the external program would have to run".into(),
        }
    }
}

/// Results of timing a few configurations: seconds and training steps of a trial, the most weights of a network, and
/// points of the curves of a trial.
struct Timed {
    seconds_per_trial: Option<f64>,
    steps: Option<f64>,
    weights: f64,
    points: f64,
}

impl Timed {
    fn of(plan: &Configurations, outlook: &Outlook, network: &BurstNetwork) -> Self {
        let n = outlook.known.max(1);
        let mut ids: Vec<u64> = (0..TIMED).map(|i| (n - 1) * i / (TIMED - 1)).collect(); // n is below 2⁴⁸
        ids.dedup();
        let (mut seconds, mut weights, mut points, mut steps) = (0.0, 0.0_f64, 0.0, 0.0);
        for &config_id in &ids {
            let mut configuration = plan.trial_configuration(plan.trial(config_id * plan.replicates));
            input_files::resolve(&mut configuration, &plan.inputs, |input| input.source.clone());
            seconds += trial_seconds(network, &configuration, plan.trial(0).seed);
            let layers = layers(&configuration);
            weights = weights.max(layers.windows(2).map(|pair| (pair[0] * pair[1]) as f64).sum());
            steps += total_steps(&configuration).unwrap_or(0) as f64;
            points += curve_points(&configuration, layers.len() - 1);
        }
        let timed = ids.len() as f64;
        let seconds_per_trial = Some(seconds / timed);
        Self { seconds_per_trial, steps: Some(steps / timed), weights, points: points / timed }
    }
}

fn curve_points(configuration: &Configuration, layers: usize) -> f64 {
    let points = || {
        let config = RunConfig::from_values(configuration).ok()?;
        let epoch = OpenedFiles::new(&config).ok()?.epoch_steps();
        let window = config.curve_steps(epoch).ok()??;
        Some((config.training.epochs * epoch).div_ceil(window) as f64 * layers as f64)
    };
    points().unwrap_or(0.0)
}

/// Returns the seconds of a whole trial: its set-up, and the time per step of a short training times its steps.
fn trial_seconds(network: &BurstNetwork, configuration: &Configuration, seed: u64) -> f64 {
    let mut stopwatch = Stopwatch { start: Instant::now(), first: None, per_step: 0.0 };
    // Ends by the stopwatch, or after a whole run if that is shorter.
    drop(network.run(configuration, seed, &mut stopwatch));
    let setup = stopwatch.first.map_or(0.0, |(first, _)| (first - stopwatch.start).as_secs_f64());
    setup + stopwatch.per_step * total_steps(configuration).unwrap_or(0) as f64
}

/// Times the steps of a run, and ends it.
struct Stopwatch {
    start: Instant,
    /// The time of the first look, and the number of steps before it.
    first: Option<(Instant, u64)>,
    per_step: f64,
}

impl Observer for Stopwatch {
    fn watches_steps(&self) -> bool {
        false
    }

    fn advanced(&mut self, steps: u64) -> ControlFlow<()> {
        let (first, steps_before) = *self.first.get_or_insert_with(|| (Instant::now(), steps));
        let elapsed = first.elapsed();
        self.per_step = elapsed.as_secs_f64() / (steps - steps_before).max(1) as f64;
        if elapsed > TIMING { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
