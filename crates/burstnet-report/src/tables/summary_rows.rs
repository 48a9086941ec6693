//! The rows of `summary.parquet`, one per configuration.

use burstnet_core::config::Value;
use burstnet_sweep::plan::configurations::Configurations;

use super::all::Collected;
use super::writer::{Cell, TableWriter};
use crate::ReportError;
use crate::analysis::Front;
use crate::analysis::compared::Compared;
use crate::analysis::feasible;
use crate::statistics::summary::Summary;

/// Writes a row per configuration that has trials; `compared` tells which are in the confidence set of the best.
pub(super) fn fill(
    table: &mut TableWriter,
    plan: &Configurations,
    collected: &Collected,
    compared: &Compared,
) -> Result<(), ReportError> {
    let sample = &collected.sample;
    let front = Front::of(plan, sample).map(|front| front.standings);
    let feasible = feasible(plan, sample);
    let mut last = None;
    for entry in &collected.ledger.entries {
        let config_id = plan.trial(entry.trial_id).config_id;
        let Some(place) = sample.place(config_id).filter(|_| last.replace(config_id) != Some(config_id)) else {
            continue;
        };
        let swept = plan.swept_values(config_id);
        let counts = sample.counts(place);
        let keeps = feasible.as_ref().map(|all| Cell::flag(all.get(place).copied().unwrap_or_default()));
        let on_front =
            front.as_ref().map(|front| Value::Bool(front.get(place).is_some_and(|standing| standing.on_front)));
        let in_set = compared.in_set(place).map(Value::Bool);
        let summaries = (0..plan.measures.len()).map(|measure| Summary::of(&sample.plain_values(place, measure)));
        let cells = [Cell::Int(config_id)]
            .into_iter()
            .chain(swept.iter().map(Cell::Value))
            .chain([counts.ok, counts.diverged, counts.failed].map(Cell::Int))
            .chain(plan.subspace_of(config_id).map(Cell::Text))
            .chain(plan.stopping.as_ref().map(|_| Cell::Int(counts.pruned)))
            .chain(keeps)
            .chain(on_front.iter().map(Cell::Value))
            .chain([in_set.as_ref().map_or(Cell::Null, Cell::Value)])
            .chain(summaries.flat_map(Summary::in_order).map(Cell::from));
        table.row(cells)?;
    }
    Ok(())
}
