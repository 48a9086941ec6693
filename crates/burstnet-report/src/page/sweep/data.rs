//! Data for the page's script, bounded whatever the size of the sweep.

use burstnet_core::numbers::mean;
use burstnet_sweep::objective::Direction;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::results::ledger::Ledger;
use serde::Serialize;

use super::curves::{DrawnCurves, most_detailed, read_all, read_stopped};
use super::front::{FrontData, front};
use super::history::HistoryData;
use super::keys::{KeyData, keys};
use super::pairs::{PairData, pairs};
use super::shown::{BEST, SAMPLED, places};
use super::{PageSource, curves};
use crate::ReportError;
use crate::analysis::Sample;
use crate::analysis::words::bounded;
use crate::analysis::{Analysis, Front, Standing};
use crate::page::figure::Figure;
use crate::statistics::Interval;
use crate::statistics::summary::Summary;
use crate::statistics::t_interval::t_interval;

/// The configurations that were stopped early of which curves are drawn.
const MOST_STOPPED: usize = 100;
/// The replicates whose values are shown one by one.
pub(super) const MOST_REPLICATES: usize = 100;

/// The data of the page.
#[derive(Debug, Serialize)]
pub(super) struct PageData {
    measure: String,
    unit: String,
    smaller_is_better: bool,
    keys: Vec<KeyData>,
    configurations: ShownConfigurations,
    /// The means of the shown configurations in each measure that has values.
    measures: Vec<MeasureData>,
    /// Configurations with a value, shown or not.
    pub(super) ranked: usize,
    /// The numbers of the best and of the median configuration.
    pub(super) best: Option<u64>,
    pub(super) median: Option<u64>,
    /// Number and share of each key, and of each pair of keys, largest first.
    shares: Vec<ShareData>,
    pairs: Vec<PairData>,
    pub(super) pairs_in_all: usize,
    pub(super) curves: Vec<DrawnCurves>,
    /// The curves of configurations that were stopped early.
    pub(super) stopped: Vec<DrawnCurves>,
    /// The search, configuration by configuration; `None` of a grid.
    pub(super) history: Option<HistoryData>,
    /// The values of configurations that are shown in detail, by replicate.
    pub(super) replicates: Vec<Replicates>,
    contrasts: Vec<ContrastData>,
    /// The best compromises; `None` with a single objective.
    pub(super) front: Option<FrontData>,
}

/// The shown configurations, a column per property, the best first.
#[derive(Debug, Default, Serialize)]
pub(super) struct ShownConfigurations {
    pub(super) id: Vec<u64>,
    rank: Vec<u64>,
    /// Replicates with a value, and trials that failed or diverged.
    n: Vec<u64>,
    not_ok: Vec<u64>,
    /// The names of their sub-spaces; empty if the space is a whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subspace: Vec<String>,
    mean: Vec<Option<Figure>>,
    sd: Vec<Option<Figure>>,
    median: Vec<Option<Figure>>,
    low: Vec<Option<Figure>>,
    high: Vec<Option<Figure>>,
}

/// The mean of a configuration that is shown.
pub(super) struct ShownMean {
    pub(super) config_id: u64,
    pub(super) mean: f64,
    pub(super) interval: Option<Interval>,
}

/// The means of the shown configurations in a measure.
#[derive(Debug, Serialize)]
struct MeasureData {
    name: String,
    unit: &'static str,
    mean: Vec<Option<Figure>>,
}

/// The values of a configuration by replicate.
#[derive(Debug, Serialize)]
pub(super) struct Replicates {
    config_id: u64,
    values: Vec<Option<Figure>>,
}

/// A configuration against the baseline.
#[derive(Debug, Serialize)]
struct ContrastData {
    config_id: u64,
    baseline: u64,
    difference: Figure,
    low: Option<Figure>,
    high: Option<Figure>,
    p: Option<Figure>,
}

impl PageData {
    /// Gathers it; curves are read from the journals.
    pub(super) fn gather(source: &PageSource<'_>, ledger: &mut Ledger) -> Result<Self, ReportError> {
        let PageSource { plan, sample, design, analysis, .. } = *source;
        let measure = sample.measure(&analysis.measure).unwrap_or_default();
        // Those that were stopped early are only counted, unless one was asked for.
        let asked = |place: usize| analysis.ranked.iter().any(|one| one.config_id == sample.config_ids()[place]);
        let mut ranking = crate::analysis::ranking(plan, sample, measure);
        ranking.retain(|one| !one.stopped || asked(one.place));
        let with_value = ranking.iter().filter(|one| one.mean.is_some()).count();
        let id = |one: &Standing| sample.config_ids()[one.place];
        let of_values: Vec<&Standing> = ranking.iter().filter(|one| one.mean.is_some()).collect();
        let best = of_values.first().map(|one| id(one));
        let median = of_values.get(of_values.len().saturating_sub(1) / 2).map(|one| id(one));
        let reference = analysis.finding.reference.as_ref().map(|one| one.config_id);
        let chosen = with_asked(places(ranking.len(), BEST, SAMPLED), &ranking, &|one| {
            let id = id(one);
            let on_front = |front: &Front| front.configurations.iter().any(|other| other.config_id == id);
            let ranked = analysis.ranked.iter().any(|ranked| ranked.config_id == id);
            Some(id) == median || Some(id) == reference || ranked || analysis.pareto.as_ref().is_some_and(on_front)
        });
        let shown: Vec<(usize, u64)> = chosen.iter().map(|&at| (ranking[at].place, id(&ranking[at]))).collect();
        let example = best.map(|best| DrawnCurves::read(ledger, plan, best)).transpose()?.flatten();
        let detailed = detailed(&chosen, &ranking, sample, [best, reference, median], most_detailed(example.as_ref()));
        let (pairs, pairs_in_all) = pairs(design, analysis, &ranking);
        Ok(Self {
            measure: analysis.measure.clone(),
            unit: analysis.unit.clone(),
            smaller_is_better: analysis.direction == Direction::Minimize,
            keys: keys(plan, design, analysis, &shown),
            configurations: configurations(plan, (sample, measure), analysis.nonnegative, &ranking, &chosen),
            measures: measures(source, &shown),
            ranked: with_value,
            best,
            median,
            shares: shares(analysis),
            pairs,
            pairs_in_all,
            curves: read_all(ledger, plan, &detailed)?,
            stopped: read_stopped(ledger, plan, &stopped_ids(sample))?,
            history: HistoryData::of(source, measure),
            replicates: detailed.iter().map(|&config_id| replicates(sample, measure, config_id)).collect(),
            contrasts: contrasts(analysis),
            front: analysis.pareto.as_ref().map(|found| front(found, &shown)),
        })
    }

    /// Returns the number of configurations that have a value.
    pub(super) fn with_values(&self) -> usize {
        self.ranked
    }

    /// Returns the means of the shown configurations that have one, the best first.
    pub(super) fn means(&self) -> Vec<ShownMean> {
        let held = &self.configurations;
        let ends = |at: usize| Some(Interval { low: held.low[at]?.0, high: held.high[at]?.0 });
        let of = |at: usize| Some(ShownMean { config_id: held.id[at], mean: held.mean[at]?.0, interval: ends(at) });
        (0..held.id.len()).filter_map(of).collect()
    }

    /// Returns the number of configurations that are shown.
    pub(super) fn shown(&self) -> usize {
        self.configurations.id.len()
    }

    /// Returns the number of pairs of keys that have a heat map.
    pub(super) fn held_pairs(&self) -> usize {
        self.pairs.len()
    }

    /// Returns the most replicates over which curves are averaged.
    pub(super) fn curve_replicates() -> u64 {
        curves::MOST_REPLICATES
    }
}

/// Returns the configurations that were stopped early, as many as may be drawn, evenly spaced.
fn stopped_ids(sample: &Sample) -> Vec<u64> {
    let stopped: Vec<usize> = (0..sample.configurations()).filter(|&place| sample.is_stopped(place)).collect();
    places(stopped.len(), 0, MOST_STOPPED).into_iter().map(|at| sample.config_ids()[stopped[at]]).collect()
}

/// Adds the places that `asked` names.
fn with_asked(mut places: Vec<usize>, ranking: &[Standing], asked: &dyn Fn(&Standing) -> bool) -> Vec<usize> {
    if places.len() < ranking.len() {
        places.extend((0..ranking.len()).filter(|&at| asked(&ranking[at])));
        places.sort_unstable();
        places.dedup();
    }
    places
}

/// Returns the configurations that are shown in detail: the best and the median one, then half of the others from the
/// best on and half evenly spaced over the rest of what is shown.
fn detailed(chosen: &[usize], ranking: &[Standing], sample: &Sample, first: [Option<u64>; 3], most: usize) -> Vec<u64> {
    let mut ids: Vec<u64> = Vec::new();
    for id in first.into_iter().flatten() {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let half = most / 2;
    for at in places(chosen.len(), half, most - half) {
        let one = &ranking[chosen[at]];
        let id = sample.config_ids()[one.place];
        if one.mean.is_some() && !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

fn configurations(
    plan: &Configurations,
    (sample, measure): (&Sample, usize),
    nonnegative: bool,
    ranking: &[Standing],
    chosen: &[usize],
) -> ShownConfigurations {
    let mut data = ShownConfigurations::default();
    for &at in chosen {
        let one = &ranking[at];
        let values = sample.plain_values(one.place, measure);
        let interval = t_interval(&values).map(|interval| bounded(interval, nonnegative));
        let summary = Summary::of(&values);
        data.id.push(sample.config_ids()[one.place]);
        data.rank.push(at as u64 + 1);
        data.n.push(values.len() as u64);
        data.not_ok.push(one.not_ok);
        data.subspace.extend(plan.subspace_of(sample.config_ids()[one.place]).map(str::to_owned));
        data.mean.push(summary.mean.map(Figure));
        data.sd.push(summary.sd.map(Figure));
        data.median.push(summary.median.map(Figure));
        data.low.push(interval.map(|interval| Figure(interval.low)));
        data.high.push(interval.map(|interval| Figure(interval.high)));
    }
    data
}

/// Returns the means in each measure that has values, of the configurations at these places of the sample.
fn measures(source: &PageSource<'_>, shown: &[(usize, u64)]) -> Vec<MeasureData> {
    let PageSource { sample, infos, .. } = *source;
    let mean_of = |measure: usize, place: usize| {
        if sample.is_stopped(place) {
            None
        } else {
            mean(sample.values_of_all(place, measure).map(|(_, x)| x)).map(Figure)
        }
    };
    let having = sample.measures().iter().enumerate().filter(|(at, _)| sample.has_values(*at));
    let of = |(at, name): (usize, &String)| MeasureData {
        name: name.clone(),
        unit: infos.iter().find(|info| info.name == *name).map_or("", |info| info.unit),
        mean: shown.iter().map(|&(place, _)| mean_of(at, place)).collect(),
    };
    having.map(of).collect()
}

fn replicates(sample: &Sample, measure: usize, config_id: u64) -> Replicates {
    let most = MOST_REPLICATES.min(sample.replicates() as usize);
    let mut values = vec![None; most];
    if let Some(place) = sample.place(config_id) {
        for (replicate, value) in sample.values(place, measure) {
            if let Some(slot) = values.get_mut(replicate as usize) {
                *slot = Some(Figure(value));
            }
        }
    }
    Replicates { config_id, values }
}

/// The name of a key or pair, its share, and the p value of its test.
type ShareData = (String, Figure, Option<Figure>);

fn shares(analysis: &Analysis) -> Vec<ShareData> {
    let Some(variance) = analysis.variance.as_ref().filter(|shares| shares.is_told()) else { return Vec::new() };
    let keys = variance.keys.iter().map(|one| (one.key.clone(), one.share, one.p));
    let pairs = variance.pairs.iter().map(|one| (format!("{} × {}", one.key, one.key_2), one.share, one.p));
    let mut all: Vec<(String, f64, Option<f64>)> = keys.chain(pairs).collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1)); // stable
    all.into_iter().map(|(name, share, p)| (name, Figure(share), p.map(Figure))).collect()
}

fn contrasts(analysis: &Analysis) -> Vec<ContrastData> {
    let Some(baseline) = analysis.baseline else { return Vec::new() };
    let data = |one: &crate::analysis::RankedConfiguration| {
        let contrast = one.contrast?;
        Some(ContrastData {
            config_id: one.config_id,
            baseline: baseline.config_id,
            difference: Figure(contrast.difference?),
            low: contrast.interval.map(|interval| Figure(interval.low)),
            high: contrast.interval.map(|interval| Figure(interval.high)),
            p: contrast.p.map(Figure),
        })
    };
    analysis.ranked.iter().filter_map(data).collect()
}
