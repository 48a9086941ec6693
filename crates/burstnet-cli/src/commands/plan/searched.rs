//! The lines about how a sweep is searched.

use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::search::adaptive::in_words;

use super::cost::Cost;
use super::outlook::Outlook;
use crate::text::{clean, count};

/// Returns titles and texts about how the sweep is searched.
pub(super) fn searched(
    plan: &Configurations,
    outlook: &Outlook,
    cost: &Cost,
    threads: usize,
) -> Vec<(&'static str, String)> {
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
