//! The swept keys that matter.

use burstnet_report::analysis::{Analysis, Level, MainEffect, NamedShare};
use burstnet_report::statistics::Interval;

use super::columns::{TextColumn, fitting, width};
use super::plots::{SharedRange, bar};
use super::ranked::p_value;
use super::{Look, Paint};
use crate::text::{fitted, fitted_apart, value};

/// The keys and pairs that are shown.
const SHOWN: usize = 12;
/// Columns from the widest to the narrowest, of which the first ones are taken that fit.
const LAYOUTS: [Layout; 8] = [
    Layout { name: 48, interval: true, bar: 24, ends: 14, apart: true, shape: true },
    Layout { name: 32, interval: true, bar: 16, ends: 10, apart: true, shape: true },
    Layout { name: 24, interval: true, bar: 10, ends: 6, apart: true, shape: true },
    Layout { name: 24, interval: true, bar: 10, ends: 6, apart: false, shape: true },
    Layout { name: 24, interval: true, bar: 6, ends: 6, apart: false, shape: true },
    Layout { name: 24, interval: true, bar: 6, ends: 0, apart: false, shape: false },
    Layout { name: 24, interval: false, bar: 10, ends: 0, apart: false, shape: false },
    Layout { name: 20, interval: false, bar: 6, ends: 0, apart: false, shape: false },
];

/// Widths of columns.
struct Layout {
    name: usize,
    /// True if the intervals of the shares are shown.
    interval: bool,
    bar: usize,
    /// The first and the last value of a key.
    ends: usize,
    /// True if these may be wider where they would look the same.
    apart: bool,
    /// True if it is shown how the mean changes with each key.
    shape: bool,
}

/// A smaller share is not shown for a pair.
const SMALLEST_PAIR: f64 = 0.005;
/// The values of a key that are shown; of more, as many that are spread over them.
const MOST_HEIGHTS: usize = 16;

/// Returns the share of each key in the variance of the configurations' means, and how the mean changes with it.
pub(super) fn which_matter(analysis: &Analysis, look: Look) -> Option<String> {
    let shares = analysis.variance.as_ref()?;
    let title = look.paint(Paint::Title, "Which keys matter");
    let stability = stability(analysis).map(|text| format!("\n\n{}", look.note(&text))).unwrap_or_default();
    if !shares.is_told() {
        return self::stability(analysis).map(|text| look.note(&text));
    }
    let mut rows = shares.named(SMALLEST_PAIR);
    let more = rows.len().saturating_sub(SHOWN);
    rows.truncate(SHOWN);
    let effect_of = |row: &NamedShare<'_>| analysis.main_effects.iter().find(|effect| Some(&*effect.key) == row.key);
    let effects: Vec<Option<&MainEffect>> = rows.iter().map(effect_of).collect();
    let layouts = LAYOUTS.iter().map(|layout| lay_out(&rows, &effects, layout)).collect::<Vec<_>>();
    let fits = layouts.iter().find(|columns| width(columns) <= look.width);
    let columns = fits.or(layouts.last())?;
    let note = look.note(&format!(
        "Shares of the variance between configurations, by {}. × is what two keys do together beyond what each does alone; \
         {} is left for more than two{}{}.",
        shares.how(),
        percent(shares.rest),
        if rows.iter().any(|row| row.p.is_some()) { "; p: that it does nothing, not corrected" } else { "" },
        if more > 0 { format!("; {more} smaller shares are not shown") } else { String::new() },
    ));
    let told = [shares.interactions(), shares.among_the_best()];
    let told: String = told.into_iter().flatten().map(|text| format!("\n\n{}", look.note(&text))).collect();
    Some(format!("{title}\n{note}\n\n{}{told}{stability}", fitting(columns, look)))
}

/// Returns how much of single trials is chance, and whether replicates agree on the order.
fn stability(analysis: &Analysis) -> Option<String> {
    let noise = analysis.noise?;
    let agreement = analysis.concordance.map_or(String::new(), |agreement| {
        format!(" Agreement of replicates on the order: Kendall's W = {:.2}.", agreement.kendall_w)
    });
    let drawn = analysis.between_replicates().map_or(String::new(), |sentence| format!(" {sentence}"));
    Some(format!(
        "Shares of the variance of single trials: configurations {}, replicates {}, noise {}.{agreement}{drawn}",
        percent(noise.configuration),
        percent(noise.replicate),
        percent(noise.residual),
    ))
}

/// Lays out the shares. `effects` are how the mean changes with each, if it is of a single key.
fn lay_out(rows: &[NamedShare<'_>], effects: &[Option<&MainEffect>], layout: &Layout) -> Vec<TextColumn> {
    let mut columns = vec![
        TextColumn::new("key", rows.iter().map(|row| fitted(&row.name, layout.name))).left(),
        TextColumn::new("share", rows.iter().map(|row| percent(row.share))),
        TextColumn::new("", rows.iter().map(|row| bar(row.share, layout.bar))).left().painted(Paint::Plot),
    ];
    if layout.interval && rows.iter().any(|row| row.interval.is_some()) {
        columns.insert(2, TextColumn::new("95 %", rows.iter().map(|row| ends(row.interval))));
    }
    if rows.iter().any(|row| row.p.is_some()) {
        columns.push(TextColumn::new("p", rows.iter().map(|row| p_value(row.p))));
    }
    let shapes: Vec<String> =
        effects.iter().map(|effect| effect.map_or(String::new(), |one| shape(one, layout))).collect();
    if layout.shape && shapes.iter().any(|shape| !shape.is_empty()) {
        columns.push(TextColumn::new("mean by value", shapes).left());
    }
    columns
}

/// Returns the ends of a share's interval in percent.
fn ends(interval: Option<Interval>) -> String {
    interval.map_or(String::new(), |ends| format!("{:.0} to {:.0}", 100.0 * ends.low, 100.0 * ends.high))
}

fn percent(share: f64) -> String {
    match share {
        _ if share > 0.0 && share < 0.0005 => "<0.1 %".into(),
        _ if (0.9995..1.0).contains(&share) => ">99.9 %".into(),
        _ => format!("{:.1} %", share * 100.0),
    }
}

/// Returns the means at a key's values as heights between its first and its last value.
fn shape(effect: &MainEffect, layout: &Layout) -> String {
    let means: Vec<Option<f64>> =
        effect.levels.iter().map(|(_, marginal)| marginal.as_ref().map(|one| one.mean)).collect();
    let (Some((first, _)), Some((last, _))) = (effect.levels.first(), effect.levels.last()) else {
        return String::new();
    };
    let Some(axis) = SharedRange::of(means.iter().flatten().copied()) else { return String::new() };
    let end = |level: &Level| level.number.map_or_else(|| level.label.clone(), |x| value(&x.into()));
    let (first, last) = if effect.binned {
        let number = |x: Option<f64>| x.map_or(String::new(), |x| value(&x.into()));
        (number(first.low), number(last.high))
    } else {
        (end(first), end(last))
    };
    let ratio = if effect.ratio_of.is_some() { "×" } else { "" };
    let ends = [first, last].map(|end| format!("{ratio}{end}"));
    let shown =
        if layout.apart { fitted_apart(&ends, layout.ends) } else { ends.map(|end| fitted(&end, layout.ends)).into() };
    let columns = means.len().min(MOST_HEIGHTS);
    let spread = (0..columns).map(|at| means[at * (means.len() - 1) / (columns - 1).max(1)]);
    format!("{} {} {}", shown[0], axis.sparkline(spread), shown[1])
}
