//! The table of the first and the last trials.

use burstnet_core::config::Value;
use burstnet_sweep::plan::columns::column_of;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::plan::{Dimension, Trial};

use super::outlook::Outlook;
use super::shown;
use crate::terminal::{Look, TextColumn, beside, short_name, shown_value, width};
use crate::text::{count, fitted, fitted_apart, wrapped};

/// Returns the table of the first and the last trials, with what fits of it: names and values of keys are cut first,
/// then the seeds are left out, then the last keys.
pub(super) fn trials(plan: &Configurations, outlook: &Outlook, look: Look) -> String {
    let shown: Vec<_> = shown(plan, outlook).into_iter().map(|id| id.map(|id| plan.trial(id))).collect();
    let all = |trial: Trial| [plan.swept_values(trial.config_id), plan.drawn(trial.replicate)].concat();
    let values: Vec<_> = shown.iter().map(|trial| trial.map(all)).collect();
    let dimensions: Vec<&Dimension> = plan.space.iter().chain(&plan.per_replicate).collect();
    let number = |title: &str, of: fn(&Trial) -> u64, without: &str| {
        let cell = |trial: &Option<Trial>| trial.as_ref().map_or(without.to_owned(), |trial| of(trial).to_string());
        TextColumn::new(title, shown.iter().map(cell))
    };
    let ids = |with_seed: bool| {
        let seed = with_seed.then(|| number("seed", |trial| trial.seed, ""));
        let mut all = vec![
            number("trial_id", |trial| trial.id, "…"),
            number("config_id", |trial| trial.config_id, ""),
            number("replicate", |trial| trial.replicate, ""),
        ];
        all.extend(seed);
        all
    };
    let subspaces: Vec<String> = shown
        .iter()
        .map(|trial| trial.and_then(|trial| plan.subspace_of(trial.config_id)).unwrap_or_default().to_owned())
        .collect();
    let subspace = |most: Option<usize>| {
        let cells = most.map_or_else(|| subspaces.clone(), |most| fitted_apart(&subspaces, most));
        (!plan.subspaces.is_empty()).then(|| TextColumn::new("subspace", cells))
    };
    let names: Vec<&str> = dimensions.iter().map(|dimension| dimension.key.as_str()).collect();
    let key = |at: usize, most: Option<usize>| {
        let cell = |held: &Option<Vec<Value>>| {
            held.as_ref().and_then(|held| held.get(at)).map_or(String::new(), |held| shown_value(dimensions[at], held))
        };
        let cells: Vec<String> = values.iter().map(cell).collect();
        match most {
            None => TextColumn::new(column_of(names[at]), cells),
            Some(most) => TextColumn::new(fitted(&short_name(&names, at), most), fitted_apart(&cells, most)),
        }
    };
    let n = names.len();
    let steps = [None, Some(20), Some(12), Some(8)];
    let layouts = (steps.iter().map(|most| (true, *most, n)))
        .chain(steps[1..].iter().map(|most| (false, *most, n)))
        .chain((0..n).rev().map(|n| (false, Some(8), n)));
    let mut last = String::new();
    for (with_seed, most, kept) in layouts {
        let columns: Vec<TextColumn> =
            ids(with_seed).into_iter().chain(subspace(most)).chain((0..kept).map(|at| key(at, most))).collect();
        let seeds = (!with_seed).then(|| "the seeds".to_owned());
        let keys = (kept < n).then(|| format!("{} of {}", n - kept, count(n as u64, "key", "keys")));
        let without: Vec<String> = seeds.into_iter().chain(keys).collect();
        let note = match without.as_slice() {
            [] => String::new(),
            without => format!("\n{}", wrapped(&format!("Left out to fit: {}.", without.join("; ")), "", look.width)),
        };
        last = format!("{}{note}", beside(&columns, look));
        if width(&columns) <= look.width {
            break;
        }
    }
    last
}
