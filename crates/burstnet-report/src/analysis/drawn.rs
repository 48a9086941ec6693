//! The keys that are drawn for each replicate: how much of the differences between replicates each of them explains.

use burstnet_core::config::Value;
use burstnet_core::text::count;
use burstnet_sweep::plan::Dimension;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::space::domain::Domain;
use ndarray::ArrayView2;
use serde::Serialize;

use super::words::{percent, significant};
use crate::statistics::between::{Values, share};

/// A key that is drawn for each replicate.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DrawnKey {
    /// The key.
    pub key: String,
    /// Its share of the variance between the replicates' means; `None` if it cannot be told.
    pub share: Option<f64>,
    /// The probability of so large a share by chance.
    pub p: Option<f64>,
    /// The number of replicates.
    pub replicates: usize,
}

impl DrawnKey {
    /// Returns the keys of a plan, by the means of the replicates in `block`, shape (configurations, replicates), which
    /// has the first replicates.
    pub(super) fn all(plan: &Configurations, block: ArrayView2<'_, f64>) -> Vec<Self> {
        if plan.per_replicate.is_empty() {
            return Vec::new();
        }
        let replicates = block.ncols();
        let means: Vec<f64> =
            block.columns().into_iter().map(|column| column.iter().sum::<f64>() / column.len().max(1) as f64).collect();
        let drawn: Vec<Vec<Value>> = (0..replicates as u64).map(|replicate| plan.drawn(replicate)).collect();
        let key = |(at, dimension): (usize, &Dimension)| {
            let own: Vec<&Value> = drawn.iter().map(|values| &values[at]).collect();
            let found = share(&means, &values(&dimension.domain, &own));
            let (share, p) = (found.map(|found| found.share), found.and_then(|found| found.p));
            Self { key: dimension.key.clone(), share, p, replicates }
        };
        plan.per_replicate.iter().enumerate().map(key).collect()
    }
}

/// Returns a key's values: numbers of a range, on its scale, and levels of a list.
fn values(domain: &Domain, own: &[&Value]) -> Values {
    if !matches!(domain, Domain::Values(_)) {
        let units: Option<Vec<f64>> = own.iter().map(|value| domain.unit_of(value)).collect();
        if let Some(units) = units {
            return Values::Numbers(units);
        }
    }
    let mut seen: Vec<&Value> = Vec::new();
    let mut levels = Vec::with_capacity(own.len());
    for &value in own {
        let known = seen.iter().position(|held| *held == value);
        levels.push(known.unwrap_or(seen.len()));
        if known.is_none() {
            seen.push(value);
        }
    }
    Values::Levels(levels)
}

/// Returns the sentence about these keys; `None` if nothing can be told.
pub(super) fn sentence(keys: &[DrawnKey]) -> Option<String> {
    let told: Vec<String> = keys
        .iter()
        .filter_map(|one| {
            let p = one.p.map_or(String::new(), |p| format!(" (p = {})", significant(p, 2)));
            Some(format!("{} explains {}{p}", one.key, percent(one.share?)))
        })
        .collect();
    let replicates = keys.first()?.replicates as u64;
    (!told.is_empty()).then(|| {
        format!(
            "Of the differences between the means of {}, {}, each by itself.",
            count(replicates, "replicate", "replicates"),
            told.join(", ")
        )
    })
}
