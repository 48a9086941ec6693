//! The best configurations, one below the other.

use std::collections::BTreeMap;

use burstnet_core::config::Value;
use burstnet_core::math::ln;
use burstnet_report::analysis::learning_curves::Curve;
use burstnet_report::analysis::{Analysis, RankedConfiguration, labels};
use burstnet_report::statistics::{Contrast, Interval};
use burstnet_sweep::plan::{Dimension, Plan};
use burstnet_sweep::results::study::Study;

use super::columns::{TextColumn, fitting, width};
use super::figures::Figures;
use super::plots::SharedRange;
use super::{Look, Paint, SHOWN};
use crate::text::{count, fitted, fitted_apart, value};

/// The widths to which columns of keys are cut, one after the other.
const KEY_WIDTHS: [usize; 3] = [20, 12, 8];

/// Returns the configurations that are shown: the best, and the one that was named as baseline.
pub(super) fn rows(analysis: &Analysis) -> impl Iterator<Item = &RankedConfiguration> {
    let named = analysis.baseline.filter(|baseline| baseline.named).map(|baseline| baseline.config_id);
    analysis.ranked.iter().filter(move |one| one.rank <= SHOWN || Some(one.config_id) == named)
}

/// Returns the ranked table; `None` without trials.
pub(super) fn best(study: &Study, analysis: &Analysis, curves: &BTreeMap<u64, Curve>, look: Look) -> Option<String> {
    let shown = Shown {
        plan: &study.plan,
        analysis,
        rows: rows(analysis).collect(),
        curves,
        plot: if look.width >= 120 { 20 } else { 8 },
    };
    if shown.rows.is_empty() {
        return None;
    }
    let stopped = analysis.search.stopped();
    let keys: Vec<&str> = study.plan.space.iter().map(|dimension| dimension.key.as_str()).collect();
    let laid_out = shown.lay_out(&keys, look);
    let mut text = look.paint(Paint::Title, "Best configurations");
    text += &format!("\n{}\n\n{}", look.note(&shown.explanation(study, &laid_out)), fitting(&laid_out.columns, look));
    let more = analysis.progress.distinct.saturating_sub(shown.rows.len() as u64 + stopped);
    if more > 0 {
        text += &format!("\n{}", look.paint(Paint::Dim, &format!("… and {more} more")));
    }
    if stopped > 0 {
        let told =
            format!("… and {} stopped early", count(stopped, "configuration that was", "configurations that were"));
        text += &format!("\n{}", look.paint(Paint::Dim, &told));
    }
    if let Some(differences) = laid_out.differences {
        text += &format!("\n\n{}", fitting(&differences, look));
    }
    Some(text)
}

/// Columns that fit.
struct LaidOut {
    columns: Vec<TextColumn>,
    /// The columns that compare with the baseline, if they stand by themselves.
    differences: Option<Vec<TextColumn>>,
    /// Columns that were left out.
    without: Vec<String>,
    /// True if the learning curves are among the columns.
    with_curve: bool,
}

struct Shown<'a> {
    plan: &'a Plan,
    analysis: &'a Analysis,
    rows: Vec<&'a RankedConfiguration>,
    curves: &'a BTreeMap<u64, Curve>,
    plot: usize,
}

impl Shown<'_> {
    fn figures(&self) -> Figures {
        let means = self.rows.iter().filter_map(|one| one.summary.mean);
        Figures::of(means, self.rows.iter().filter_map(|one| half(one.t_interval)))
    }

    /// Returns the columns that fit: first all in one table; else the comparison stands by itself, and then keys are
    /// cut to 12 and 8 characters, those that matter least are left out down to three, then the curve, then the plot,
    /// then keys.
    fn lay_out(&self, keys: &[&str], look: Look) -> LaidOut {
        let by_share = self.by_share(keys);
        let (curve, plot, difference) = (self.curve(), Some(self.plot()), self.difference());
        let tail = || difference.iter().flatten().cloned();
        for most in &KEY_WIDTHS[..2] {
            let head = self.head(keys, &by_share, keys.len(), *most);
            let columns: Vec<TextColumn> =
                head.into_iter().chain(plot.clone()).chain(tail()).chain(curve.clone()).collect();
            if width(&columns) <= look.width {
                return LaidOut { columns, differences: None, without: Vec::new(), with_curve: curve.is_some() };
            }
        }
        let differences = difference.clone().map(|columns| self.ids().into_iter().chain(columns).collect());
        let fewest = keys.len().min(3);
        let steps = (KEY_WIDTHS.iter().map(|most| (keys.len(), *most, true, true)))
            .chain((fewest..keys.len()).rev().map(|n| (n, 8, true, true)))
            .chain([(fewest, 8, false, true), (fewest, 8, false, false)])
            .chain((0..fewest).rev().map(|n| (n, 8, false, false)));
        let mut last = None;
        for (n, most, with_curve, with_plot) in steps {
            let head = self.head(keys, &by_share, n, most);
            let plot = plot.clone().filter(|_| with_plot);
            let columns: Vec<TextColumn> =
                head.into_iter().chain(plot).chain(curve.clone().filter(|_| with_curve)).collect();
            let fits = width(&columns) <= look.width;
            let mut without = Vec::new();
            if n < keys.len() {
                without.push(format!("{} of {} keys, those that matter least", keys.len() - n, keys.len()));
            }
            without.extend((!with_curve && curve.is_some()).then(|| "the learning curve".to_owned()));
            without.extend((!with_plot).then(|| "the plot of the intervals".to_owned()));
            let with_curve = with_curve && curve.is_some();
            last = Some(LaidOut { columns, differences: differences.clone(), without, with_curve });
            if fits {
                break;
            }
        }
        last.unwrap_or(LaidOut { columns: self.ids(), differences: None, without: Vec::new(), with_curve: false })
    }

    /// Returns the keys' places, those first that matter most; in the order of the plan where that is not known.
    fn by_share(&self, keys: &[&str]) -> Vec<usize> {
        let mut places: Vec<usize> = (0..keys.len()).collect();
        if let Some(shares) = &self.analysis.variance {
            places.sort_by_key(|&at| shares.keys.iter().position(|one| one.key == keys[at]));
        }
        places
    }

    fn ids(&self) -> Vec<TextColumn> {
        vec![
            TextColumn::new("#", self.rows.iter().map(|one| one.rank.to_string())),
            TextColumn::new("config", self.rows.iter().map(|one| one.config_id.to_string())),
        ]
    }

    /// Returns rank, number, the `n` keys that matter most, mean and interval.
    fn head(&self, keys: &[&str], by_share: &[usize], n: usize, most: usize) -> Vec<TextColumn> {
        let mut columns = self.ids();
        let mut places = by_share[..n].to_vec();
        places.sort_unstable();
        if self.rows.iter().any(|one| one.subspace.is_some()) {
            let names: Vec<String> = self.rows.iter().map(|one| one.subspace.clone().unwrap_or_default()).collect();
            columns.push(TextColumn::new("subspace", fitted_apart(&names, most)));
        }
        for at in places {
            let shown = |one: &&RankedConfiguration| {
                one.values.get(at).zip(self.plan.space.get(at)).map(|(held, dimension)| shown_value(dimension, held))
            };
            let cells: Vec<String> = self.rows.iter().map(|one| shown(one).unwrap_or_default()).collect();
            columns.push(TextColumn::new(fitted(&short_name(keys, at), most), fitted_apart(&cells, most)));
        }
        if self.rows.iter().any(|one| one.n as u64 != self.analysis.progress.replicates) {
            columns.push(TextColumn::new("n", self.rows.iter().map(|one| one.n.to_string())));
        }
        if self.analysis.subject_to.is_some() {
            let kept = |one: &&RankedConfiguration| if one.keeps_bounds() { "kept" } else { "broken" }.to_owned();
            columns.push(TextColumn::new("bounds", self.rows.iter().map(kept)).left());
        }
        let figures = self.figures();
        let mean = |one: &&RankedConfiguration| figures.with_half(one.summary.mean, half(one.t_interval));
        columns.push(TextColumn::new("mean ± 95 %", self.rows.iter().map(mean)));
        columns
    }

    /// Returns the intervals on a common axis.
    fn plot(&self) -> TextColumn {
        let ends = |one: &&RankedConfiguration| one.t_interval.map(|t| (t.low, t.high));
        let numbers = self.rows.iter().flat_map(|one| {
            one.summary.mean.into_iter().chain(ends(one).into_iter().flat_map(|(low, high)| [low, high]))
        });
        let axis = SharedRange::of(numbers);
        let plot = |one: &&RankedConfiguration| match (axis, one.summary.mean) {
            (Some(axis), Some(mean)) => axis.interval(mean, ends(one), None, self.plot),
            (Some(_), None) | (None, _) => String::new(),
        };
        TextColumn::new("interval", self.rows.iter().map(plot)).left().painted(Paint::Plot)
    }

    /// Returns the difference from the baseline and its p; `None` if there is nothing to compare.
    fn difference(&self) -> Option<Vec<TextColumn>> {
        let rows = self.rows.iter().map(|one| (one.config_id, one.contrast.as_ref()));
        differences(rows.collect(), self.analysis.baseline.map(|baseline| baseline.config_id))
    }

    /// Returns the learning curves by their logarithms, on a common axis; `None` without curves.
    fn curve(&self) -> Option<TextColumn> {
        let logs =
            |curve: &Curve| -> Curve { curve.iter().map(|loss| loss.filter(|loss| *loss > 0.0).map(ln)).collect() };
        let curves: Vec<Option<Curve>> =
            self.rows.iter().map(|one| self.curves.get(&one.config_id).map(logs)).collect();
        let axis = SharedRange::of(curves.iter().flatten().flatten().flatten().copied())?;
        let spark = |curve: &Option<Curve>| {
            curve.as_ref().map_or(String::new(), |curve| axis.sparkline(merged(curve, self.plot)))
        };
        Some(TextColumn::new("curve", curves.iter().map(spark)).left().painted(Paint::Plot))
    }

    fn explanation(&self, study: &Study, laid_out: &LaidOut) -> String {
        let analysis = self.analysis;
        let mut text = format!(
            "{}{}, {}: mean and half of its 95 % interval (Student's t) over {}.",
            analysis.measure,
            self.figures().unit(&analysis.unit),
            analysis.direction.better(),
            study.plan.replicates_in_words("replicate", "replicates"),
        );
        if let Some(kept) = &analysis.subject_to {
            text += &format!(" bounds: {}.", kept.bounds.join(", "));
        }
        let contrasts = analysis.comparisons();
        let compared = self.rows.iter().any(|one| one.contrast.is_some());
        if let Some(baseline) = analysis.baseline.filter(|_| compared) {
            let best = if baseline.named { "" } else { ", the best" };
            text += &format!(" Δ: difference from configuration {}{best}", baseline.config_id);
            text += &match contrasts {
                0 => ".".to_owned(),
                _ => format!(
                    ", seed by seed, and half of its interval; both and p are corrected for {}.",
                    count(contrasts, "comparison", "comparisons")
                ),
            };
        }
        if laid_out.with_curve {
            text += " curve: loss of the output layer over the training, on a log scale.";
        }
        if !laid_out.without.is_empty() {
            text += &format!(" Left out to fit: {}.", laid_out.without.join("; "));
        }
        text
    }
}

/// Returns the columns Δ and p of configurations, with what compares each with the baseline; `None` if there is nothing
/// to compare.
pub(super) fn differences(rows: Vec<(u64, Option<&Contrast>)>, baseline: Option<u64>) -> Option<Vec<TextColumn>> {
    let contrasts = || rows.iter().filter_map(|(_, contrast)| *contrast);
    contrasts().next()?;
    let figures =
        Figures::of(contrasts().filter_map(|one| one.difference), contrasts().filter_map(|one| half(one.interval)));
    let difference = |(config_id, contrast): &(u64, Option<&Contrast>)| match contrast {
        Some(contrast) => match (contrast.difference, half(contrast.interval)) {
            (Some(difference), Some(half)) => format!("{} ± {}", figures.signed(difference), figures.show(half)),
            (Some(difference), None) => figures.signed(difference),
            (None, _) => "–".into(),
        },
        None if Some(*config_id) == baseline => "baseline".into(),
        None => "–".into(),
    };
    let p = |(_, contrast): &(u64, Option<&Contrast>)| contrast.map_or(String::new(), |one| p_value(one.p));
    Some(vec![
        TextColumn::new(format!("Δ{}", figures.unit("")), rows.iter().map(difference)),
        TextColumn::new("p", rows.iter().map(p)),
    ])
}

/// Returns half the width of an interval.
pub(super) fn half(interval: Option<Interval>) -> Option<f64> {
    interval.map(|interval| 0.5 * interval.high - 0.5 * interval.low)
}

/// Returns a p value, of small ones only that they are.
pub(super) fn p_value(p: Option<f64>) -> String {
    match p {
        Some(p) if p < 0.001 => "<0.001".into(),
        Some(p) => format!("{p:.3}"),
        None => String::new(),
    }
}

/// Returns a value of a swept key; an en dash where the key does not exist.
pub(crate) fn shown_value(dimension: &Dimension, held: &Value) -> String {
    if *held == Value::Null && !dimension.when.is_empty() { "–".into() } else { value(held) }
}

/// Returns the shortest ending of a key that no other one of these has.
pub(crate) fn short_name(keys: &[&str], at: usize) -> String {
    let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
    labels(&keys).get(at).cloned().unwrap_or_default()
}

/// Returns a curve in at most `points` points, each the mean of those that fall into it.
fn merged(curve: &[Option<f64>], points: usize) -> Vec<Option<f64>> {
    let points = points.min(curve.len());
    let part = |at: usize| &curve[at * curve.len() / points..(at + 1) * curve.len() / points];
    let mean = |part: &[Option<f64>]| {
        let held: Vec<f64> = part.iter().flatten().copied().collect();
        (!held.is_empty()).then(|| held.iter().sum::<f64>() / held.len() as f64)
    };
    (0..points).map(|at| mean(part(at))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_merged() {
        let curve = [Some(1.0), Some(3.0), None, Some(5.0), None, None];
        assert_eq!(merged(&curve, 3), [Some(2.0), Some(5.0), None]);
        assert_eq!(merged(&curve, 10), curve);
        assert_eq!(merged(&[], 10), []);
    }

    #[test]
    fn small_p_values() {
        assert_eq!([Some(0.0), Some(0.0312), Some(1.0), None].map(p_value), ["<0.001", "0.031", "1.000", ""]);
    }
}
