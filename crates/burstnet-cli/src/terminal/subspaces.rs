//! The best configuration of each sub-space.

use burstnet_report::analysis::{Analysis, RankedConfiguration, SubspaceBest};

use super::columns::{TextColumn, fitting};
use super::figures::Figures;
use super::ranked::{differences, half};
use super::{Look, Paint};
use crate::text::fitted_apart;

/// The width to which names are cut.
const NAME: usize = 24;

/// Returns the table of the sub-spaces; `None` if the space is a whole, or nothing has a value yet.
pub(super) fn subspaces(analysis: &Analysis, look: Look) -> Option<String> {
    let rows = &analysis.subspaces;
    let best: Vec<Option<&RankedConfiguration>> = rows.iter().map(|row| row.best.as_ref()).collect();
    best.iter().flatten().next()?;
    let means = best.iter().flatten().filter_map(|one| one.summary.mean);
    let figures = Figures::of(means, best.iter().flatten().filter_map(|one| half(one.t_interval)));
    let names: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
    let of = |cell: &dyn Fn(&RankedConfiguration) -> String| -> Vec<String> {
        best.iter().map(|one| one.map_or("–".into(), cell)).collect()
    };
    let mut columns = vec![
        TextColumn::new("sub-space", fitted_apart(&names, NAME)).left(),
        TextColumn::new("configs", rows.iter().map(|row: &SubspaceBest| row.configurations.to_string())),
        TextColumn::new("best", of(&|one| one.config_id.to_string())),
        TextColumn::new("#", of(&|one| one.rank.to_string())),
        TextColumn::new("mean ± 95 %", of(&|one| figures.with_half(one.summary.mean, half(one.t_interval)))),
    ];
    let contrasts = best.iter().flatten().map(|one| (one.config_id, one.contrast.as_ref())).collect();
    let baseline = analysis.baseline.map(|baseline| baseline.config_id);
    if best.iter().all(Option::is_some) {
        columns.extend(differences(contrasts, baseline).into_iter().flatten());
    }
    let title = look.paint(Paint::Title, "Sub-spaces");
    let told = baseline.map_or(String::new(), |id| format!(" Δ: difference from configuration {id}, as above."));
    let note = look.note(&format!("The best configuration of each.{told} {}", SubspaceBest::BASE));
    Some(format!("{title}\n{note}\n\n{}", fitting(&columns, Look { colour: false, ..look })))
}
