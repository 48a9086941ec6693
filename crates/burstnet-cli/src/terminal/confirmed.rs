//! The best configurations on fresh seeds.

use burstnet_report::analysis::{Analysis, ConfirmedConfiguration};

use super::columns::{TextColumn, fitting};
use super::figures::Figures;
use super::ranked::{differences, half};
use super::{Look, Paint};
use crate::text::count;

/// Returns the table of the confirmation; `None` if there was none.
pub(super) fn confirmed(analysis: &Analysis, look: Look) -> Option<String> {
    let confirmed = analysis.confirmed.as_ref().filter(|confirmed| !confirmed.stale)?;
    let rows = &confirmed.configurations;
    let means = rows.iter().filter_map(|one| one.summary.mean).chain(rows.iter().filter_map(|one| one.search_mean));
    let figures = Figures::of(means, rows.iter().filter_map(|one| half(one.t_interval)));
    let mean = |one: &ConfirmedConfiguration| figures.with_half(one.summary.mean, half(one.t_interval));
    let mut columns = vec![
        TextColumn::new("config", rows.iter().map(|one| one.config_id.to_string())),
        TextColumn::new("n", rows.iter().map(|one| one.n.to_string())),
        TextColumn::new("mean ± 95 %", rows.iter().map(mean)),
        TextColumn::new(
            "in the search",
            rows.iter().map(|one| one.search_mean.map_or("–".into(), |x| figures.show(x))),
        ),
    ];
    let contrasts = rows.iter().map(|one| (one.config_id, one.contrast.as_ref()));
    columns.extend(differences(contrasts.collect(), confirmed.baseline).into_iter().flatten());
    let title = look.paint(Paint::Title, "Confirmed on fresh seeds");
    let note = look.note(&format!(
        "{}{} on {} that the search has not seen; {} of {} done. The means in the search are biased, because the best were \
         chosen by them.",
        analysis.measure,
        figures.unit(&analysis.unit),
        count(confirmed.replicates, "seed", "seeds"),
        confirmed.done,
        count(confirmed.planned, "trial", "trials"),
    ));
    Some(format!("{title}\n{note}\n\n{}", fitting(&columns, look)))
}
