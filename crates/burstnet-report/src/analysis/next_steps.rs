//! Commands that are worth running next.

use burstnet_sweep::plan::Plan;

use super::Analysis;

/// A command that is worth running next.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NextStep {
    /// Its purpose, without a full stop.
    pub why: String,
    /// The command, ready to be run.
    pub command: String,
}

/// Returns what can be done next with the results in directory `results`, a word of a shell.
pub fn next_steps(analysis: &Analysis, plan: &Plan, results: &str) -> Vec<NextStep> {
    let step = |why: String, command: String| NextStep { why, command: format!("burstnet {command}") };
    let allowed = if plan.model.is_some() { " --allow-command" } else { "" };
    let mut steps = Vec::new();
    if analysis.progress.missing > 0 {
        steps.push(step("See how far each shard is".into(), format!("status {results}")));
        steps.push(step(
            "Write this report again, until no trial is missing".into(),
            format!("report {results} --watch"),
        ));
    }
    let bad = analysis.errors.first().and_then(|group| Some((group.status, *group.trial_ids.first()?)));
    if let Some((status, trial)) = bad {
        let why = format!("Run a trial that {status} again");
        steps.push(match plan.model {
            None => step(why + ", and look at every step", format!("report {results} --trial {trial}")),
            Some(_) => step(why, format!("rerun {results} --trial {trial}{allowed}")),
        });
    }
    if let Some(best) = analysis.best() {
        if plan.model.is_none() {
            let trial = best.config_id * plan.replicates;
            let why = "Look at the best on its first seed, unit by unit".into();
            steps.push(step(why, format!("report {results} --trial {trial}")));
        }
        if let Some(other) = analysis.ranked.iter().find(|one| one.config_id != best.config_id && one.n > 0)
            && plan.model.is_none()
        {
            let [first, second] = [best, other].map(|one| one.config_id * plan.replicates);
            let why = "See the first step at which the best and the next one part, on the same seed".into();
            steps.push(step(why, format!("diff {results}:{first} {results}:{second}")));
        }
        let why = if plan.model.is_none() { "Run the best again, bit by bit" } else { "Run the best again" };
        steps.push(step(why.into(), format!("rerun {results} --config {} --replicate 0{allowed}", best.config_id)));
    }
    if analysis.confirmable
        && analysis.progress.distinct > 1
        && analysis.best().is_some()
        && analysis.progress.missing == 0
    {
        let (best, replicates) = analysis.confirming;
        let done = analysis.confirmed.as_ref().is_some_and(|one| !one.stale && one.done == one.planned);
        if !done {
            steps.push(step(
                format!(
                    "Run the best {best} on fresh seeds: the best of {} looks better than it is",
                    analysis.progress.distinct
                ),
                format!("confirm {results} --best {best} --replicates {replicates}{allowed}"),
            ));
        }
    }
    steps
}
