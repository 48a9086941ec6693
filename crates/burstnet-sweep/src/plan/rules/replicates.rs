//! The rules of adaptive replicates.

use crate::limits::MOST_REPLICATES;
use crate::plan::Plan;
use crate::space::plan_error::{About, PlanError};

/// Checks adaptive replicates: their numbers, and what cannot be together with them.
pub(super) fn adaptive(plan: &Plan) -> Result<(), PlanError> {
    let Some(adaptive) = plan.adaptive else { return Ok(()) };
    let wrong = |about, problem: String, expected: &str| Err(PlanError::new(about, problem, expected));
    let (from, to) = (adaptive.from, plan.replicates);
    if !(2..=MOST_REPLICATES).contains(&from) {
        let expected = format!("an integer from 2 to {MOST_REPLICATES}");
        return wrong(About::Replicates("from"), format!("replicates.from is {from}"), &expected);
    }
    if to <= from {
        let problem = format!("replicates.to is {to}, and replicates.from {from}");
        return wrong(About::Replicates("to"), problem, &format!("at least {}", 2 * from + 1));
    }
    if from >= to.div_ceil(2) {
        let problem = format!("replicates.from is {from}, and replicates.to {to}");
        let most = (to - 1) / 2;
        let expected = match most {
            0 | 1 => "a larger to: at most half of the trials of as many replicates for all run".to_owned(),
            most => format!("at most {most}: at most half of the trials of {to} replicates for all run"),
        };
        return wrong(About::Replicates("from"), problem, &expected);
    }
    if let Some(stopping) = &plan.stopping {
        let problem = format!("search.stopping {} with adaptive replicates", stopping.rule);
        return wrong(About::Stopping, problem, "one of them: both decide which configurations go on");
    }
    for (about, pace, name) in
        [(About::Lag, plan.strategy.lag, "search.lag"), (About::Round, plan.strategy.round, "search.round")]
    {
        if pace.is_some() && !plan.strategy.learns() {
            let problem = format!("{name} with adaptive replicates");
            return wrong(about, problem, "neither lag nor round: all trials of a level are awaited");
        }
    }
    if plan.strategy.learns() {
        let problem = format!("adaptive replicates with strategy {}, which learns from results", plan.strategy.name);
        return wrong(
            About::Replicates(""),
            problem,
            "a number of replicates, or a strategy that learns nothing, such as sobol",
        );
    }
    if plan.objectives().count() > 1 {
        let problem = format!("adaptive replicates with {} objectives", plan.objectives().count());
        return wrong(
            About::Replicates(""),
            problem,
            "a number of replicates, or one objective, whose best is looked for",
        );
    }
    if plan.confirmation.is_some() {
        let problem = "adaptive replicates of a confirmation";
        return wrong(About::Replicates(""), problem.into(), "as many for all");
    }
    Ok(())
}
