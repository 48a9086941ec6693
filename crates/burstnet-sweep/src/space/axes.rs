//! The axes of a space: a key each, or several that move together.

use std::collections::HashMap;

use burstnet_core::config::Value;

use super::Dimension;
use crate::search::samplers::{Axis, AxisKind};
use crate::space::domain::Domain;
use crate::space::plan_error::{About, PlanError};

/// Returns the axes, and the axis of each dimension.
pub(super) fn axes(dimensions: &[Dimension], zip: &[Vec<String>]) -> Result<(Vec<Axis>, Vec<usize>), PlanError> {
    let mut group_of: HashMap<&str, usize> = HashMap::new();
    for (group, keys) in zip.iter().enumerate() {
        let about = || About::Zip(group);
        if keys.len() < 2 {
            return Err(PlanError::new(about(), format!("{} key to move together", keys.len()), "at least two keys"));
        }
        for key in keys {
            let Some(dimension) = dimensions.iter().find(|dimension| dimension.key == *key) else {
                return Err(PlanError::new(
                    about(),
                    format!("zip names {key}, which is not swept"),
                    "keys of the space",
                ));
            };
            if group_of.insert(key, group).is_some() {
                return Err(PlanError::new(about(), format!("zip names {key} twice"), "each key once"));
            }
            let first = dimensions.iter().find(|dimension| dimension.key == keys[0]).map(|one| one.domain.count());
            if first != Some(dimension.domain.count()) {
                let told = |count: Option<u64>| count.map_or("a range".into(), |count| format!("{count} values"));
                return Err(PlanError::new(
                    about(),
                    format!(
                        "zip of {} ({}) and {key} ({})",
                        keys[0],
                        told(first.flatten()),
                        told(dimension.domain.count())
                    ),
                    "equally many values of each",
                ));
            }
        }
    }
    let mut axes: Vec<Axis> = Vec::new();
    let mut of_group: HashMap<usize, usize> = HashMap::new();
    let axis_of = dimensions.iter().map(|dimension| {
        let group = group_of.get(dimension.key.as_str());
        if let Some(&axis) = group.and_then(|group| of_group.get(group)) {
            return axis;
        }
        axes.push(Axis { name: dimension.key.clone(), kind: kind_of(&dimension.domain) });
        if let Some(&group) = group {
            of_group.insert(group, axes.len() - 1);
        }
        axes.len() - 1
    });
    let axis_of = axis_of.collect();
    Ok((axes, axis_of))
}

fn kind_of(domain: &Domain) -> AxisKind {
    let count = domain.count();
    match (domain, count) {
        (Domain::Values(values), Some(count)) => {
            let numbers: Vec<f64> = values.iter().filter_map(Value::as_f64).collect();
            let rising = numbers.len() == values.len() && numbers.windows(2).all(|pair| pair[0] < pair[1]);
            if rising && count > 1 { AxisKind::Ordered(count) } else { AxisKind::Unordered(count) }
        }
        (_, Some(count)) => AxisKind::Ordered(count),
        (_, None) => AxisKind::Range,
    }
}
