//! `burstnet plan`: what a sweep would run.

mod outlook;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use burstnet_core::config::{Configuration, Value};
use burstnet_core::observer::{Observer, StepView};
use burstnet_sweep::objective::burst::BurstNetwork;
use burstnet_sweep::objective::threads::cores;
use burstnet_sweep::plan::columns::column_of;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::plan::input_files;
use burstnet_sweep::plan::{Dimension, Trial};
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::search::adaptive::in_words;
use burstnet_sweep::spec::execution::Order;
use serde_json::{Map, Value as Json, json};

use crate::arguments::PlanArguments;
use crate::failure::Failure;
use crate::shared::outputs::layers;
use crate::shared::planned::{Planned, earlier_since};
use crate::shared::training::total_steps;
use crate::terminal::say::{say, say_json};
use crate::terminal::{Look, TextColumn, beside, short_name, shown_value, width};
use crate::text::{bytes, clean, count, duration};
use crate::text::{fitted, fitted_apart, wrapped};
use outlook::Outlook;

/// Configurations that are timed, spread evenly over the plan.
const TIMED: u64 = 5;
/// The time for which each of them trains.
const TIMING: Duration = Duration::from_millis(150);

/// Shows count, first and last trials, and what they would cost.
pub(crate) fn plan(arguments: &PlanArguments) -> Result<(), Failure> {
    let planned = Planned::read(&arguments.sweep, &arguments.sets, arguments.isa.isa()?, None)?;
    let Planned { spec, plan, model, out, .. } = planned;
    let threads = arguments.threads.map_or_else(cores, usize::from);
    let outlook = Outlook::of(&Arc::new(plan));
    let plan = &*outlook.configurations;
    let cost = Cost::estimate(plan, &outlook, &model, threads);
    if arguments.json {
        return say_json(&json_object(plan, &outlook, &cost, threads, spec.execution.order).to_string());
    }
    let look = Look { colour: false, ..Look::of_output() };
    let head = format!(
        "{}: {} of {} × {}, numbered 0 to {}",
        plan.name,
        count(plan.trials(), "trial", "trials"),
        count(plan.configurations(), "configuration", "configurations"),
        plan.replicates_in_words("replicate", "replicates"),
        plan.configurations() * plan.replicates - 1,
    );
    let mut told: Vec<(&str, String)> = searched(plan, &outlook, &cost, threads);
    told.extend(earlier_since(&spec, plan).into_iter().map(|told| ("", told)));
    if spec.execution.order == Order::Shuffled {
        told.push(("order", "shuffled: the trials that ran are spread over the whole space at any time".into()));
    }
    told.push(("time", cost.time(threads)));
    told.push(("memory", format!("about {}", bytes(cost.memory))));
    told.push(("disk", format!("about {}", bytes(cost.disk))));
    let told: Vec<String> = told.iter().map(|(name, text)| wrapped(text, &format!("{name:<8}"), look.width)).collect();
    let mut parts = vec![
        format!("{}\nresults would go to {}", wrapped(&head, "", look.width), out.display()),
        trials(plan, &outlook, look),
    ];
    if outlook.known < plan.configurations() {
        let text = format!("Configurations from {} on depend on the results of those before.", outlook.known);
        parts.push(wrapped(&text, "", look.width));
    }
    parts.push(told.join("\n"));
    say(&parts.join("\n\n"))
}

/// Returns the table of the first and the last trials, with what fits of it: names and values of keys are cut first,
/// then the seeds are left out, then the last keys.
fn trials(plan: &Configurations, outlook: &Outlook, look: Look) -> String {
    let shown: Vec<_> = shown(plan, outlook).into_iter().map(|id| id.map(|id| plan.trial(id))).collect();
    let all = |trial: Trial| [plan.swept_values(trial.config_id), plan.drawn(trial.replicate)].concat();
    let values: Vec<_> = shown.iter().map(|trial| trial.map(all)).collect();
    let dimensions: Vec<&Dimension> = plan.space.iter().chain(&plan.per_replicate).collect();
    let number = |title: &str, of: fn(&Trial) -> u64, without: &str| {
        let cell = |trial: &Option<Trial>| trial.as_ref().map_or(without.to_owned(), |trial| of(trial).to_string());
        TextColumn::new(title, shown.iter().map(cell))
    };
    let ids = |with_seed: bool| {
        let seed = with_seed.then(|| number("seed", |trial| trial.seed, ""));
        let mut all = vec![
            number("trial_id", |trial| trial.id, "…"),
            number("config_id", |trial| trial.config_id, ""),
            number("replicate", |trial| trial.replicate, ""),
        ];
        all.extend(seed);
        all
    };
    let subspaces: Vec<String> = shown
        .iter()
        .map(|trial| trial.and_then(|trial| plan.subspace_of(trial.config_id)).unwrap_or_default().to_owned())
        .collect();
    let subspace = |most: Option<usize>| {
        let cells = most.map_or_else(|| subspaces.clone(), |most| fitted_apart(&subspaces, most));
        (!plan.subspaces.is_empty()).then(|| TextColumn::new("subspace", cells))
    };
    let names: Vec<&str> = dimensions.iter().map(|dimension| dimension.key.as_str()).collect();
    let key = |at: usize, most: Option<usize>| {
        let cell = |held: &Option<Vec<Value>>| {
            held.as_ref().and_then(|held| held.get(at)).map_or(String::new(), |held| shown_value(dimensions[at], held))
        };
        let cells: Vec<String> = values.iter().map(cell).collect();
        match most {
            None => TextColumn::new(column_of(names[at]), cells),
            Some(most) => TextColumn::new(fitted(&short_name(&names, at), most), fitted_apart(&cells, most)),
        }
    };
    let n = names.len();
    let steps = [None, Some(20), Some(12), Some(8)];
    let layouts = (steps.iter().map(|most| (true, *most, n)))
        .chain(steps[1..].iter().map(|most| (false, *most, n)))
        .chain((0..n).rev().map(|n| (false, Some(8), n)));
    let mut last = String::new();
    for (with_seed, most, kept) in layouts {
        let columns: Vec<TextColumn> =
            ids(with_seed).into_iter().chain(subspace(most)).chain((0..kept).map(|at| key(at, most))).collect();
        let seeds = (!with_seed).then(|| "the seeds".to_owned());
        let keys = (kept < n).then(|| format!("{} of {}", n - kept, count(n as u64, "key", "keys")));
        let without: Vec<String> = seeds.into_iter().chain(keys).collect();
        let note = match without.as_slice() {
            [] => String::new(),
            without => format!("\n{}", wrapped(&format!("Left out to fit: {}.", without.join("; ")), "", look.width)),
        };
        last = format!("{}{note}", beside(&columns, look));
        if width(&columns) <= look.width {
            break;
        }
    }
    last
}

/// Returns the first and the last trials whose configurations are known; `None` where some are left out.
fn shown(plan: &Configurations, outlook: &Outlook) -> Vec<Option<u64>> {
    let (least, replicates) = (plan.least_replicates(), plan.replicates);
    // With adaptive replicates those that all configurations have.
    let id = |at: u64| Some(at / least * replicates + at % least);
    let n = outlook.known * least;
    if n <= 10 { (0..n).map(id).collect() } else { (0..5).map(id).chain([None]).chain((n - 3..n).map(id)).collect() }
}

/// Returns titles and texts about how the sweep is searched.
fn searched(plan: &Configurations, outlook: &Outlook, cost: &Cost, threads: usize) -> Vec<(&'static str, String)> {
    let what = plan.strategy.sampler().map_or(plan.strategy.name.as_str(), |sampler| sampler.info().what);
    let rule = plan.stopping.as_ref().map(|stopping| format!(", stopped early by {}", stopping.rule));
    let included = match plan.include.len() as u64 {
        0 => String::new(),
        n => format!(", after {} of the file", count(n, "configuration", "configurations")),
    };
    let mut told = Vec::new();
    if plan.is_compared() && plan.distinct() < plan.configurations() {
        let (distinct, runs) = (plan.distinct(), count(plan.runs(), "trial", "trials"));
        let all = count(plan.configurations(), "configuration", "configurations");
        told.push(("runs", format!("{runs}: {distinct} of {all} differ, and equal ones run once")));
    }
    told.push(("search", format!("{what}{included}{}", rule.unwrap_or_default())));
    if !plan.subspaces.is_empty() {
        told.push(("spaces", spaces(plan)));
    }
    if !plan.per_replicate.is_empty() {
        let keys: Vec<&str> = plan.per_replicate.iter().map(|dimension| dimension.key.as_str()).collect();
        told.push(("drawn", format!("{}, once per replicate, the same for all configurations", keys.join(", "))));
    }
    if let Some(levels) = plan.levels_of(plan.distinct()) {
        let (all, best) = (in_words(&levels), plan.objective.measure.as_str());
        told.push(("seeds", format!("{all}: further ones go to the best so far by {best}")));
    }
    if plan.in_rounds() {
        let size = plan
            .round()
            .map_or(String::new(), |round| format!(", of {}", count(round, "configuration", "configurations")));
        let most = if plan.adaptive.is_some() { "" } else { "at most " };
        told.push(("rounds", format!("{most}{}{size}", outlook.rounds)));
    }
    told.extend(plan.lag().map(|lag| ("lag", lagging(lag, plan.replicates, threads as u64))));
    let all = plan.configurations();
    if plan.lag().is_some_and(|lag| lag >= all) && plan.strategy.learns() {
        let less = (all / 4).max(1);
        told.push((
            "",
            format!("! none of {all} configurations depends on a result; a lag of {less} lets the search learn"),
        ));
    }
    if let Some(key) = plan.stopping.as_ref().and_then(|stopping| stopping.budget.as_ref()) {
        let rungs =
            outlook.rungs.iter().map(|rung| format!("{} ({})", rung.budget, count(rung.trials, "trial", "trials")));
        let rungs: Vec<String> = rungs.collect();
        told.push((
            "rungs",
            format!("{key} {}, {}", rungs.join(", "), if plan.lag().is_some() { "about" } else { "at most" }),
        ));
    }
    if let Some(most) = plan.exhausts() {
        let most = count(most, "configuration", "configurations");
        told.push(("limits", format!("the space has at most {most}, and {} proposes each once", plan.strategy.name)));
    }
    if !plan.constraints.is_empty() && !plan.strategy.learns() {
        let constraints = count(plan.constraints.len() as u64, "constraint excludes", "constraints exclude");
        told.push(("limits", format!("{constraints} {}", count(plan.excluded(), "combination", "combinations"))));
    }
    if !plan.subject_to.is_empty() {
        let bounds: Vec<String> = plan.subject_to.iter().map(ToString::to_string).collect();
        told.push(("bounds", format!("the best configuration keeps {}", bounds.join(" and "))));
    }
    for source in &plan.learn_from {
        let results = count(source.results.len() as u64, "earlier result", "earlier results");
        let left_out = match source.left_out {
            0 => String::new(),
            n => format!("; {} left out", count(n, "row is", "rows are")),
        };
        let given = clean(&source.given);
        let differs = match source.differs.as_slice() {
            [] => String::new(),
            differs => format!("; made with {}", clean(&differs.join(" and "))),
        };
        told.push(("learns", format!("from {results} of {given}{left_out}{differs}")));
    }
    let most = match (&plan.stopping, plan.lag()) {
        (None, _) => "",
        (Some(_), None) => "at most ",
        (Some(_), Some(_)) => "about ",
    };
    told.extend(cost.steps.map(|steps| ("work", format!("{most}{} training steps in all", approximate(steps)))));
    told
}

/// Returns the sub-spaces with the number of configurations of each.
fn spaces(plan: &Configurations) -> String {
    const MOST: usize = 12;
    let sizes = plan.subspace_sizes();
    let shown = sizes.iter().take(MOST).map(|(subspace, size)| format!("{} ({size})", clean(&subspace.name)));
    let shown: Vec<String> = shown.collect();
    let more = sizes.len().saturating_sub(MOST);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let of = count(sizes.len() as u64, "sub-space", "sub-spaces");
    format!("{of}, with the number of configurations of each: {}{more}", shown.join(", "))
}

/// Returns how many trials can run at once with a lag, and which lag keeps so many threads busy: where trials take
/// unequal times, two trials per thread keep all of them busy most of the time, and three hardly ever wait.
fn lagging(lag: u64, replicates: u64, threads: u64) -> String {
    let needed = |trials_per_thread: u64| (trials_per_thread * threads).div_ceil(replicates.max(1)).max(1);
    let configurations = count(lag, "configuration", "configurations");
    let at_once = count(lag.saturating_mul(replicates), "trial", "trials");
    let (enough, plenty) = (needed(2), needed(3));
    let threads = count(threads, "thread", "threads");
    let verdict = if lag >= plenty {
        format!("which keeps {threads} busy")
    } else if lag >= enough {
        format!("which keeps {threads} busy for most of the time; {plenty} does where trials are uneven")
    } else {
        format!("too few for {threads}, which {enough} keeps busy, and {plenty} where trials are uneven")
    };
    format!("{configurations}, so at most {at_once} at once, {verdict}")
}

/// Returns a large number for people.
fn approximate(n: f64) -> String {
    if n < 1e6 { format!("{n:.0}") } else { format!("{n:.2e}") }
}

/// The cost of a sweep.
struct Cost {
    /// `None` of an external program, which is not run for this.
    seconds_per_trial: Option<f64>,
    seconds: Option<f64>,
    /// Training steps of the whole sweep; `None` of an external program.
    steps: Option<f64>,
    memory: f64,
    disk: f64,
}

impl Cost {
    fn estimate(plan: &Configurations, outlook: &Outlook, model: &NamedModel, threads: usize) -> Self {
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

    fn time(&self, threads: usize) -> String {
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
    use burstnet_core::config::RunConfig;
    use burstnet_core::inputs::OpenedFiles;
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
    fn step(&mut self, _view: &StepView<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

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

fn json_object(plan: &Configurations, outlook: &Outlook, cost: &Cost, threads: usize, order: Order) -> Json {
    let trial = |id: u64| {
        let trial = plan.trial(id);
        let mut object = Map::new();
        for (name, id) in [("trial_id", trial.id), ("config_id", trial.config_id), ("replicate", trial.replicate)] {
            object.insert(name.into(), json!(id));
        }
        object.insert("seed".into(), json!(trial.seed));
        if let Some(name) = plan.subspace_of(trial.config_id) {
            object.insert("subspace".into(), json!(name));
        }
        for (dimension, value) in plan.space.iter().zip(plan.swept_values(trial.config_id)) {
            object.insert(column_of(&dimension.key), json!(value));
        }
        for (key, value) in plan.drawn_of(trial) {
            object.insert(column_of(key), json!(value));
        }
        Json::Object(object)
    };
    let rungs: Vec<Json> =
        outlook.rungs.iter().map(|rung| json!({ "budget": rung.budget, "trials": rung.trials })).collect();
    let subspaces: Vec<Json> = plan
        .subspace_sizes()
        .into_iter()
        .map(|(subspace, size)| json!({ "name": subspace.name, "configurations": size }))
        .collect();
    json!({
        "name": plan.name,
        "fingerprint": plan.fingerprint(),
        "configurations": plan.configurations(),
        "distinct": plan.is_compared().then(|| plan.distinct()),
        "replicates": plan.replicates,
        "trials": plan.trials(),
        "runs": plan.is_compared().then(|| plan.runs()),
        "strategy": plan.strategy.name,
        "levels": plan.levels_of(plan.distinct()),
        "stopping": plan.stopping.as_ref().map(|stopping| &stopping.rule),
        "included": plan.include.len(),
        "subject_to": plan.subject_to.iter().map(ToString::to_string).collect::<Vec<String>>(),
        "learn_from": plan.learn_from.iter().map(|source| json!({
            "given": source.given, "results": source.results.len(), "left_out": source.left_out,
            "differs": source.differs
        })).collect::<Vec<_>>(),
        "excluded": (!plan.strategy.learns()).then(|| plan.excluded()),
        "round": plan.round(),
        "lag": plan.lag(),
        "rounds": outlook.rounds,
        "rungs": rungs,
        "order": order,
        "subspaces": subspaces,
        "per_replicate": plan.per_replicate.iter().map(|dimension| &dimension.key).collect::<Vec<_>>(),
        "steps": cost.steps,
        "threads": threads,
        "seconds_per_trial": cost.seconds_per_trial,
        "seconds": cost.seconds,
        "memory_bytes": cost.memory,
        "disk_bytes": cost.disk,
        "shown": shown(plan, outlook).into_iter().flatten().map(trial).collect::<Vec<_>>(),
    })
}
