//! `burstnet plan`: what a sweep would run.

mod cost;
mod outlook;
mod searched;
mod table;

use std::sync::Arc;

use burstnet_sweep::objective::threads::cores;
use burstnet_sweep::plan::columns::column_of;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::spec::execution::Order;
use serde_json::{Map, Value as Json, json};

use crate::arguments::PlanArguments;
use crate::failure::Failure;
use crate::shared::planned::{Planned, earlier_since};
use crate::terminal::Look;
use crate::terminal::say::{say, say_json};
use crate::text::{bytes, count, wrapped};
use cost::Cost;
use outlook::Outlook;
use searched::searched;
use table::trials;

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

/// Returns the first and the last trials whose configurations are known; `None` where some are left out.
fn shown(plan: &Configurations, outlook: &Outlook) -> Vec<Option<u64>> {
    let (least, replicates) = (plan.least_replicates(), plan.replicates);
    // With adaptive replicates those that all configurations have.
    let id = |at: u64| Some(at / least * replicates + at % least);
    let n = outlook.known * least;
    if n <= 10 { (0..n).map(id).collect() } else { (0..5).map(id).chain([None]).chain((n - 3..n).map(id)).collect() }
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
