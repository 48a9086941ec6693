//! The rules of a search: its strategy, and the rule that stops configurations.

use std::collections::BTreeMap;

use burstnet_core::text::quoted;

use crate::limits::{MOST_IN_ROUNDS, MOST_OBJECTIVES};
use crate::objective::Objective;
use crate::plan::Plan;
use crate::search::samplers::SearchSetting;
use crate::search::stopping::{self, RuleInfo};
use crate::search::strategy::{self, Strategy};
use crate::space::plan_error::{About, PlanError};

/// Checks the strategy, with its settings and its numbers of trials and objectives.
pub(super) fn strategy(plan: &Plan) -> Result<(), PlanError> {
    let Strategy { name, trials, round, lag, settings } = &plan.strategy;
    let wrong = |about, problem: String, expected: &str| Err(PlanError::new(about, problem, expected));
    let Some(info) = plan.strategy.sampler().map(|sampler| sampler.info()) else {
        let problem = format!("strategy {}", quoted(name));
        return wrong(About::Strategy, problem, &format!("one of {}", strategy::names().join(", ")));
    };
    if let (false, Some(_)) = (info.needs_trials, trials) {
        let problem = format!("search.trials with strategy {name}, which runs every combination");
        return wrong(About::Trials, problem, "no trials, or strategy random");
    }
    if info.needs_trials && trials.is_none() {
        return wrong(
            About::Strategy,
            format!("strategy {name} has no search.trials"),
            "trials: how many configurations",
        );
    }
    if round.is_some() && !plan.strategy.learns() && plan.stopping.is_none() {
        let problem = format!("search.round with strategy {name}, which learns nothing");
        return wrong(About::Round, problem, "no round, or a strategy that proposes by rounds, such as tpe");
    }
    if lag.is_some() && !plan.strategy.learns() && plan.stopping.is_none() {
        let problem = format!("search.lag with strategy {name}, which learns nothing");
        return wrong(
            About::Lag,
            problem,
            "no lag, since nothing waits for results; or a strategy that learns, such as tpe",
        );
    }
    if let (Some(round), Some(lag)) = (round, lag) {
        let problem = format!("search.lag: {lag} and search.round: {round}");
        return wrong(About::Lag, problem, "one of them: a lag, or a round at whose end all trials are awaited");
    }
    if let Some(lag) = lag.filter(|lag| !(1..=MOST_IN_ROUNDS).contains(lag)) {
        return wrong(About::Lag, format!("a lag of {lag} configurations"), &format!("1 to {MOST_IN_ROUNDS}"));
    }
    if let Some(round) = round.filter(|round| !(1..=MOST_IN_ROUNDS).contains(round)) {
        let expected = format!("1 to {}", MOST_IN_ROUNDS);
        return wrong(About::Round, format!("rounds of {round} configurations"), &expected);
    }
    fit(settings, info.settings, &About::Strategy)?;
    let (objectives, most) = (plan.objectives().count(), info.most_objectives);
    if objectives > most {
        let problem = format!("{objectives} objectives with strategy {name}");
        let expected = format!("{most} objective, or a strategy such as gp or tpe");
        return wrong(About::Objective(most), problem, &expected);
    }
    if objectives > MOST_OBJECTIVES {
        let problem = format!("{objectives} objectives");
        return wrong(About::Objective(MOST_OBJECTIVES), problem, &format!("at most {MOST_OBJECTIVES}"));
    }
    Ok(())
}

/// Checks the settings of a sampler or a rule.
fn fit(held: &BTreeMap<String, f64>, known: &[SearchSetting], about: &About) -> Result<(), PlanError> {
    for (name, value) in held {
        let Some(setting) = known.iter().find(|setting| setting.name == name) else {
            let names: Vec<&str> = known.iter().map(|setting| setting.name).collect();
            return Err(PlanError::new(
                about.clone(),
                format!("unknown setting {}", quoted(name)),
                format!("one of {}", names.join(", ")),
            ));
        };
        if !setting.fits(*value) {
            return Err(PlanError::new(about.clone(), format!("{name} is {value}"), setting.expected()));
        }
    }
    Ok(())
}

/// Checks that a strategy that learns can propose what a stopping rule compares.
fn learns_early(plan: &Plan, rule: &RuleInfo) -> Result<(), PlanError> {
    let Strategy { name, round, .. } = &plan.strategy;
    if plan.strategy.sampler().is_some_and(|sampler| sampler.info().enough.is_none()) {
        let problem = format!("search.stopping with strategy {name}, which needs complete trials");
        return Err(PlanError::new(About::Stopping, problem, "no stopping, or another strategy, such as tpe or sobol"));
    }
    if !rule.lags {
        let lagging: Vec<&str> =
            stopping::ALL.iter().map(|one| one.info()).filter(|one| one.lags).map(|one| one.name).collect();
        let problem = format!(
            "stopping rule {} with strategy {name}: it compares all configurations at once, so that none is proposed from \
             the results of others",
            rule.name
        );
        return Err(PlanError::new(About::Stopping, problem, format!("one of {}", lagging.join(", "))));
    }
    if let Some(round) = round {
        let problem = format!(
            "search.round: {round} with search.stopping and strategy {name}, which learns from what ends early"
        );
        return Err(PlanError::new(About::Round, problem, "search.lag in its place"));
    }
    Ok(())
}

/// Refuses a round that nothing goes by. Plans of earlier versions may have one.
pub(super) fn round(plan: &Plan) -> Result<(), PlanError> {
    let rule = plan.stopping.as_ref().and_then(|held| held.rule()).map(|rule| rule.info());
    let Some(rule) = rule.filter(|rule| !rule.sizes_rounds) else { return Ok(()) };
    if plan.strategy.round.is_none() || plan.strategy.learns() {
        return Ok(());
    }
    let problem = format!("search.round with stopping rule {}, which says itself what a round is", rule.name);
    let instead = if rule.lags { ", or a lag, which needs no rounds" } else { "" };
    Err(PlanError::new(About::Round, problem, format!("no round{instead}")))
}

/// Checks what every plan of a directory has: a lag, where configurations that are proposed stop early.
pub(super) fn pace(plan: &Plan) -> Result<(), PlanError> {
    if plan.stopping.is_some() && plan.strategy.learns() && plan.strategy.lag.is_none() {
        let problem = format!("search.stopping with strategy {} and no lag", plan.strategy.name);
        return Err(PlanError::new(About::Lag, problem, format!("1 to {MOST_IN_ROUNDS}")));
    }
    Ok(())
}

/// Checks the rule by which configurations are stopped.
pub(super) fn stopping(plan: &Plan, objective: &dyn Objective) -> Result<(), PlanError> {
    let Some(held) = &plan.stopping else { return Ok(()) };
    let wrong = |problem: String, expected: &str| Err(PlanError::new(About::Stopping, problem, expected));
    let name = &held.rule;
    let Some(info) = held.rule().map(|rule| rule.info()) else {
        let problem = format!("stopping rule {}", quoted(name));
        return wrong(problem, &format!("one of {}", strategy::rule_names().join(", ")));
    };
    fit(&held.settings, info.settings, &About::Stopping)?;
    if plan.strategy.lag.is_some() && !info.lags {
        let problem = format!("search.lag with stopping rule {name}, which goes by rounds");
        return Err(PlanError::new(About::Lag, problem, "no lag, or another rule"));
    }
    if plan.strategy.learns() {
        learns_early(plan, info)?;
    }
    if info.needs_replicates && plan.replicates < 3 && plan.confirmation.is_none() {
        let problem = format!("stopping rule {name} with {} replicates", plan.replicates);
        return wrong(problem, "at least 3 replicates, between which it stops");
    }
    let own = objective.budget_key().filter(|_| info.needs_budget);
    let Some(key) = held.budget.as_deref() else {
        return match info.needs_budget {
            true => wrong(
                format!("stopping rule {name} of a model that has no budget"),
                "a model with a key that says how long a trial lasts",
            ),
            false => Ok(()),
        };
    };
    if own != Some(key) {
        return wrong(
            format!("stopping rule {name} divides {}, which is not a budget", quoted(key)),
            "the model's budget",
        );
    }
    if plan.space.iter().any(|dimension| dimension.key == key) {
        return wrong(format!("stopping rule {name} divides {key}, which is swept"), "one budget for all");
    }
    match plan.budget() {
        Some(budget) if budget >= 2 => Ok(()),
        _ => wrong(format!("{key} is {}, which cannot be divided", plan.base.get(key)), "an integer of at least 2"),
    }
}
