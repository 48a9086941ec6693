//! Configurations that represent all others in checks that values fit together.

use burstnet_core::config::Value;

use crate::limits::MOST_CHECKS;
use crate::plan::ResolvedPlan;
use crate::search::samplers::Point;
use crate::space::domain::Domain;

/// Returns the values of configurations that represent all others. For each group of `coupled` keys these are all
/// combinations of listed values and ends of ranges, or the configurations themselves if these are listed.
pub(crate) fn representatives<'a>(
    plan: &'a ResolvedPlan,
    coupled: &'a [&'a [&'a str]],
) -> Box<dyn Iterator<Item = Vec<Option<Value>>> + 'a> {
    let included = plan.included().iter().cloned();
    if let Some(listed) = plan.listed() {
        let first = plan.included().len() as u64;
        let kept = (listed.kept.len() as u64).min(MOST_CHECKS);
        return Box::new(included.chain((first..first + kept).filter_map(|config_id| plan.own_values(config_id))));
    }
    let is_swept = |key: &str| plan.space.iter().any(|dimension| dimension.key == key);
    // A group whose swept keys are all in an earlier one adds nothing.
    let adds = move |at: &usize| {
        let known = |key: &str| coupled[..*at].iter().any(|group| group.contains(&key));
        coupled[*at].iter().any(|key| is_swept(key) && !known(key))
    };
    let first = coupled.first().copied().unwrap_or_default();
    let groups = [first].into_iter().chain((1..coupled.len()).filter(adds).map(|at| coupled[at]));
    Box::new(included.chain(groups.flat_map(move |group| combinations(plan, group))))
}

/// Returns all combinations of the values of a group's keys, except those that the constraints exclude.
fn combinations<'a>(plan: &'a ResolvedPlan, group: &'a [&'a str]) -> impl Iterator<Item = Vec<Option<Value>>> + 'a {
    let space = plan.resolved_space();
    let units: Vec<Vec<f64>> = (0..space.axes().len()).map(|axis| units_of(plan, axis, group)).collect();
    let all = units.iter().try_fold(1_u64, |all, units| all.checked_mul(units.len() as u64)).unwrap_or(u64::MAX);
    let combination = move |number: u64| {
        let mut rest = number;
        let point: Point = units
            .iter()
            .map(|units| {
                let unit = units[(rest % units.len() as u64) as usize];
                rest /= units.len() as u64;
                unit
            })
            .collect();
        let values = plan.values_at(&point);
        space.allows(&values).unwrap_or(false).then_some(values)
    };
    (0..all.min(MOST_CHECKS)).filter_map(combination)
}

/// Returns the coordinates along an axis that represent all others if any key along it is coupled to others, and a
/// single one otherwise.
fn units_of(plan: &ResolvedPlan, axis: usize, coupled: &[&str]) -> Vec<f64> {
    let space = plan.resolved_space();
    let own = || plan.space.iter().enumerate().filter(|(at, _)| space.axis_of(*at) == axis).map(|(_, one)| one);
    let decides = |key: &str| plan.space.iter().any(|other| other.when.iter().any(|when| when.key == key));
    let matters = own().any(|one| coupled.contains(&one.key.as_str()) || decides(&one.key));
    let kind = space.axes()[axis].kind;
    match kind.count() {
        _ if !matters => vec![kind.middle(0)],
        Some(count) if own().any(|one| matches!(one.domain, Domain::Values(_))) => {
            (0..count).map(|index| kind.middle(index)).collect()
        }
        Some(count) => vec![kind.middle(0), kind.middle(count.saturating_sub(1))],
        None => vec![0.0, 1.0 - f64::EPSILON / 2.0],
    }
}
