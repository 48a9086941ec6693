//! The rules of earlier results from which a strategy learns.

use crate::limits::{MOST_EARLIER, MOST_EARLIER_SOURCES};
use crate::plan::Plan;
use crate::plan::earlier::EarlierResult;
use crate::search::samplers;
use crate::space::plan_error::{About, PlanError};

/// Checks that the strategy learns from earlier results, and that these fit the plan.
pub(super) fn earlier(plan: &Plan) -> Result<(), PlanError> {
    let wrong = |at, problem: String, expected: &str| Err(PlanError::new(About::LearnFrom(at), problem, expected));
    if plan.learn_from.is_empty() {
        return Ok(());
    }
    if plan.strategy.sampler().is_none_or(|sampler| !sampler.info().learns_earlier) {
        let infos = samplers::ALL.iter().map(|sampler| sampler.info());
        let others: Vec<&str> = infos.filter(|info| info.learns_earlier).map(|info| info.name).collect();
        let problem = format!("search.learn_from with strategy {}, which takes no earlier results", plan.strategy.name);
        return wrong(0, problem, &format!("strategy {}", others.join(" or ")));
    }
    if plan.stopping.is_some() {
        let problem = "search.learn_from with search.stopping: results of whole trials tell nothing of parts".into();
        return wrong(0, problem, "one of them");
    }
    if plan.learn_from.len() > MOST_EARLIER_SOURCES {
        let problem = format!("search.learn_from has {} sources", plan.learn_from.len());
        return wrong(MOST_EARLIER_SOURCES, problem, &format!("at most {MOST_EARLIER_SOURCES}"));
    }
    let measures = plan.objectives().count() + plan.subject_to.len();
    let fits = |one: &EarlierResult| {
        let is_finite = |values: &[Option<f64>]| values.iter().flatten().all(|x| x.is_finite());
        one.values.len() == plan.space.len()
            && one.means.len() == measures
            && one.errors.len() == measures
            && is_finite(&one.means)
            && is_finite(&one.errors)
            && one.replicates > 0
    };
    for (at, source) in plan.learn_from.iter().enumerate() {
        if source.results.len() > MOST_EARLIER || !source.results.iter().all(fits) {
            let problem = format!("the results of {:?} do not fit this plan", source.given);
            return wrong(at, problem, "a value of each key, and a mean of each measure");
        }
    }
    Ok(())
}
