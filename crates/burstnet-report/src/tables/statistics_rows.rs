//! The tables of statistics: `effects.parquet` and `contrasts.parquet`. The same results give the same bytes on one
//! machine; across processors that is not promised.

use burstnet_core::measures::MeasureInfo;
use burstnet_sweep::objective::threads;
use burstnet_sweep::plan::configurations::Configurations;

use super::TableName;
use super::all::Tables;
use super::writer::{Cell, TableWriter};
use crate::ReportError;
use crate::analysis::{
    Analysis, Baseline, Design, Options, RankedConfiguration, Sample, Told, is_of_beyond, ranked_places,
};
use crate::statistics::Interval;

/// The measures that are analysed side by side; memory holds the comparisons of all configurations in each of them.
const AT_ONCE: usize = 2;

/// Fills both tables, and returns the analysis of the objective's measure.
pub(super) fn fill(
    tables: &mut Tables,
    plan: &Configurations,
    measures: &[MeasureInfo],
    sample: &Sample,
    options: &Options,
) -> Result<Analysis, ReportError> {
    let design = Design::new(plan, sample);
    let mut objective = Analysis::with(&design, plan, measures, sample, options)?;
    let others = Options {
        baseline: objective.baseline.map(|baseline| baseline.config_id),
        top: 0,
        also: objective.ranked.iter().map(|one| one.config_id).collect(),
        measure: None,
        results: None,
        defaults: None,
        shuffled: false,
    };
    let order =
        sample.measure(&objective.measure).map(|measure| ranked_places(plan, sample, measure)).unwrap_or_default();
    let having: Vec<&str> = sample
        .measures()
        .iter()
        .enumerate()
        .filter(|(at, _)| sample.has_values(*at))
        .map(|(_, name)| &**name)
        .collect();
    let mut told = Vec::new();
    for some in having.chunks(AT_ONCE) {
        // None of the objective's measure, which is analysed already.
        let analyses = threads::map(some, |name| {
            let options = Options { measure: Some((*name).to_owned()), ..others.clone() };
            (**name != objective.measure).then(|| Analysis::with(&design, plan, measures, sample, &options)).transpose()
        });
        for other in analyses {
            let other = other?;
            let analysis = other.as_ref().unwrap_or(&objective);
            let of_other = other.iter().flat_map(|other| &other.warnings);
            told.extend(of_other.filter(|warning| is_of_beyond(warning)).cloned());
            write_effects(tables.of(TableName::Effects), analysis)?;
            let contrasts = tables.of(TableName::Contrasts);
            analysis.all(plan, sample, &order, |one| write_contrast(contrasts, analysis, &one))?;
        }
    }
    objective.warnings.extend(told);
    Ok(objective)
}

/// A row of `effects.parquet`, without its measure.
#[derive(Default)]
struct Effect<'a> {
    kind: &'a str,
    key: Option<&'a str>,
    key_2: Option<&'a str>,
    level: Option<&'a str>,
    /// Number, lower and upper end.
    places: [Option<f64>; 3],
    /// Estimate, lower and upper end of its interval, and of the one within replicates.
    estimates: [Option<f64>; 5],
    p: Option<f64>,
    n: Option<u64>,
}

fn write_effects(table: &mut TableWriter, analysis: &Analysis) -> Result<(), ReportError> {
    let mut row = |effect: Effect<'_>| {
        let names = [Some(&*analysis.measure), Some(effect.kind), effect.key, effect.key_2, effect.level];
        let numbers = effect.places.into_iter().chain(effect.estimates).chain([effect.p]).map(finite);
        let cells: Vec<Cell<'_>> =
            names.into_iter().map(Cell::from).chain(numbers).chain([effect.n.map_or(Cell::Null, Cell::Int)]).collect();
        table.row(cells)
    };
    let estimate = |kind, estimate: f64, n: usize| Effect {
        kind,
        estimates: [Some(estimate), None, None, None, None],
        n: Some(n as u64),
        ..Effect::default()
    };
    if let Some(shares) = &analysis.variance {
        let n = shares.configurations;
        let with = |kind, share: f64, interval: Option<Interval>| Effect {
            estimates: [Some(share), interval.map(|ends| ends.low), interval.map(|ends| ends.high), None, None],
            ..estimate(kind, share, n)
        };
        for one in &shares.keys {
            row(Effect { key: Some(&one.key), p: one.p, ..with("share_of_key", one.share, one.interval) })?;
        }
        for one in &shares.pairs {
            let (key, key_2) = (Some(&*one.key), Some(&*one.key_2));
            row(Effect { key, key_2, p: one.p, ..with("share_of_pair", one.share, one.interval) })?;
        }
        row(estimate("share_of_rest", shares.rest, n))?;
        if let Some(explained) = shares.explained {
            row(estimate("explained", explained, n))?;
        }
        let told = match shares.verdict.told {
            Told::First => "first",
            Told::Some => "some",
            Told::Nothing => "nothing",
        };
        let first = shares.verdict.first.first().map(String::as_str);
        row(Effect {
            kind: "told",
            key: first,
            level: Some(told),
            p: shares.verdict.p,
            n: Some(n as u64),
            ..Effect::default()
        })?;
        if let Some(best) = &shares.best_tenth {
            for (key, share) in &best.keys {
                row(Effect { key: Some(key), ..estimate("share_in_best_tenth", *share, best.configurations) })?;
            }
        }
    }
    for effect in &analysis.main_effects {
        for (level, marginal) in &effect.levels {
            let marginal = marginal.as_ref();
            let interval = marginal.and_then(|marginal| marginal.interval);
            let within = marginal.and_then(|marginal| marginal.within);
            row(Effect {
                kind: "level",
                key: Some(&effect.key),
                key_2: None,
                level: Some(&level.label),
                places: [level.number, level.low, level.high],
                estimates: [
                    marginal.map(|marginal| marginal.mean),
                    interval.map(|interval| interval.low),
                    interval.map(|interval| interval.high),
                    within.map(|within| within.low),
                    within.map(|within| within.high),
                ],
                p: None,
                n: marginal.map(|marginal| marginal.n as u64),
            })?;
        }
    }
    // It is the same for all measures.
    if let Some(outcome) = analysis.outcome.as_ref().filter(|_| analysis.is_objective) {
        for one in &outcome.keys {
            let n = one.levels.iter().map(|level| level.trials).sum();
            row(Effect { key: Some(&one.key), p: Some(one.p), n: Some(n), ..estimate("not_ok_by_key", one.share, 0) })?;
            for held in one.levels.iter().filter(|held| held.trials > 0) {
                let level = &held.level;
                row(Effect {
                    key: Some(&one.key),
                    level: Some(&level.label),
                    places: [level.number, level.low, level.high],
                    n: Some(held.trials),
                    ..estimate("not_ok_at_level", held.not_ok as f64 / held.trials as f64, 0)
                })?;
            }
        }
    }
    if let Some(noise) = &analysis.noise {
        row(estimate("between_configurations", noise.configuration, noise.configurations))?;
        row(estimate("between_replicates", noise.replicate, noise.configurations))?;
        row(estimate("residual", noise.residual, noise.configurations))?;
    }
    for one in &analysis.drawn {
        if let Some(share) = one.share {
            row(Effect {
                key: Some(&one.key),
                p: one.p,
                ..estimate("share_between_replicates", share, one.replicates)
            })?;
        }
    }
    if let Some(concordance) = &analysis.concordance {
        let n = concordance.configurations;
        row(estimate("kendall_w", concordance.kendall_w, n))?;
        row(estimate("kendall_p", concordance.p, n))?;
        row(estimate("mean_spearman", concordance.mean_spearman, n))?;
    }
    Ok(())
}

/// Returns a finite number.
fn finite<'a>(x: Option<f64>) -> Cell<'a> {
    x.filter(|x| x.is_finite()).into()
}

fn write_contrast(table: &mut TableWriter, analysis: &Analysis, one: &RankedConfiguration) -> Result<(), ReportError> {
    let contrast = one.contrast.as_ref();
    let baseline: Option<Baseline> = analysis.baseline.filter(|_| contrast.is_some());
    let int = |count: Option<u64>| count.map_or(Cell::Null, Cell::Int);
    let interval = contrast.and_then(|contrast| contrast.interval);
    let cells = [Cell::Text(&analysis.measure), Cell::Int(one.rank), Cell::Int(one.config_id)]
        .into_iter()
        .chain(one.values.iter().map(Cell::Value))
        .chain([Cell::Int(one.n as u64)])
        .chain(one.subspace.as_deref().map(Cell::Text))
        .chain(
            [
                one.summary.mean,
                one.summary.sd,
                one.summary.median,
                one.t_interval.map(|interval| interval.low),
                one.t_interval.map(|interval| interval.high),
                one.bootstrap_interval.map(|interval| interval.low),
                one.bootstrap_interval.map(|interval| interval.high),
                one.wins,
                one.best_probability,
            ]
            .map(finite),
        )
        .chain([
            int(baseline.map(|baseline| baseline.config_id)),
            int(contrast.map(|contrast| contrast.n as u64)),
            finite(contrast.and_then(|contrast| contrast.difference)),
            finite(interval.map(|interval| interval.low)),
            finite(interval.map(|interval| interval.high)),
            finite(contrast.and_then(|contrast| contrast.p)),
        ]);
    table.row(cells)
}
