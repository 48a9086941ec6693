//! The order in which the values of keys are found: each one after those on which it depends.

use std::collections::HashMap;

use super::Dimension;
use crate::space::plan_error::{About, PlanError};

/// Returns the dimensions, each one after those on which it depends, and otherwise in the order of the space.
pub(super) fn in_order(dimensions: &[Dimension]) -> Result<Vec<usize>, PlanError> {
    let number: HashMap<&str, usize> =
        dimensions.iter().enumerate().map(|(at, dimension)| (dimension.key.as_str(), at)).collect();
    let mut order = Vec::with_capacity(dimensions.len());
    let mut placed = vec![false; dimensions.len()];
    while order.len() < dimensions.len() {
        let ready = |at: usize| {
            let mut needs = dimensions[at].depends_on().filter_map(|key| number.get(key));
            needs.all(|&other| placed[other])
        };
        let Some(next) = (0..dimensions.len()).find(|&at| !placed[at] && ready(at)) else {
            return Err(circle(dimensions, &number, &placed));
        };
        placed[next] = true;
        order.push(next);
    }
    Ok(order)
}

/// Returns the error for keys that depend on each other, with one circle of them.
fn circle(dimensions: &[Dimension], number: &HashMap<&str, usize>, placed: &[bool]) -> PlanError {
    let mut path: Vec<usize> = (0..dimensions.len()).find(|&at| !placed[at]).into_iter().collect();
    while let Some(&last) = path.last() {
        let open = dimensions[last].depends_on().filter_map(|key| number.get(key)).find(|&&other| !placed[other]);
        let Some(&next) = open else { break };
        if let Some(start) = path.iter().position(|&at| at == next) {
            path.drain(..start);
            path.push(next);
            break;
        }
        path.push(next);
    }
    let keys: Vec<&str> = path.iter().map(|&at| dimensions[at].key.as_str()).collect();
    PlanError::new(
        About::Key(keys.first().copied().unwrap_or_default().to_owned()),
        format!("keys depend on each other in a circle: {}", keys.join(" on ")),
        "conditions and ratios that end at a key which depends on no other",
    )
}
