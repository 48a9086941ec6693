//! The swept keys and their values, as the page's script reads them.

use std::collections::BTreeMap;

use burstnet_core::config::Value;
use burstnet_sweep::plan::configurations::Configurations;
use serde::Serialize;

use crate::analysis::factors::{Factor, Level, Spacing};
use crate::analysis::words::bounded;
use crate::analysis::{Analysis, Design, MainEffect, labels};
use crate::page::figure::{Figure, shortened};
use crate::statistics::Interval;
use crate::statistics::effects::Marginal;
use crate::statistics::surrogate::basis::Position;

/// The characters of labels that the page holds for one key.
const MOST_CHARACTERS: usize = 200_000;
/// The fewest characters to which a label is shortened.
const SHORTEST: usize = 60;
/// The most levels of a key without an order that are compared one by one.
pub(super) const MOST_LEVELS: usize = 64;

/// The level of configurations in which a key does not exist, or has a value outside its domain.
const ABSENT: &str = "–";

/// A swept key.
#[derive(Debug, Serialize)]
pub(super) struct KeyData {
    key: String,
    /// Its shortest ending that no other key has.
    label: String,
    /// The key to whose value the levels are ratios, if it is tied to one.
    ratio_of: Option<String>,
    scale: Spacing,
    /// True if the levels are bins of a range.
    binned: bool,
    /// True if it has too many levels without an order to compare them one by one: only its shown values are levels.
    many: bool,
    /// Its levels or bins.
    levels: Vec<LevelData>,
    /// The level of each of the shown configurations.
    level: Vec<usize>,
    /// The values of the shown configurations, if they are single numbers.
    values: Option<Vec<Figure>>,
    /// Their places among the levels: the values, or the ratios of a tied key.
    at: Option<Vec<Figure>>,
    /// The main effect, level by level.
    effect: Option<Vec<Option<EffectData>>>,
}

/// Mean, ends of its interval, number of configurations, and ends of the interval within replicates.
type EffectData = [Option<Figure>; 6];

/// A level or bin.
#[derive(Debug, Serialize)]
struct LevelData {
    label: String,
    number: Option<Figure>,
    low: Option<Figure>,
    high: Option<Figure>,
}

/// Returns the swept keys with the values that the configurations at `places` of the sample, of these numbers, have.
pub(super) fn keys(
    plan: &Configurations,
    design: &Design,
    analysis: &Analysis,
    shown: &[(usize, u64)],
) -> Vec<KeyData> {
    let labels = labels(&analysis.keys);
    let rows: Vec<Vec<_>> = shown.iter().map(|&(_, config_id)| plan.swept_values(config_id)).collect();
    let tied = design.factors.iter().any(|factor| factor.ratio_of.is_some());
    let coordinates: Vec<Vec<_>> =
        shown.iter().filter(|_| tied).map(|&(_, config_id)| plan.coordinates(config_id)).collect();
    let key = |(at, factor): (usize, &Factor)| {
        let absent = plan.space.get(at).is_some_and(|dimension| !dimension.when.is_empty());
        let label = |value: &Value| if absent && *value == Value::Null { ABSENT.into() } else { value.to_string() };
        let many = factor.scale == Spacing::Category && factor.levels.len() > MOST_LEVELS;
        let mut data = KeyData {
            key: factor.key.clone(),
            label: labels.get(at).cloned().unwrap_or_else(|| factor.key.clone()),
            ratio_of: factor.ratio_of.clone(),
            scale: factor.scale,
            binned: factor.binned(),
            many,
            levels: levels(&factor.levels),
            level: shown.iter().map(|&(place, _)| design.shown(place, at).unwrap_or(factor.levels.len())).collect(),
            values: None,
            at: None,
            effect: None,
        };
        if factor.scale != Spacing::Category {
            let number = |value: Option<&Value>| Figure(value.and_then(Value::as_f64).unwrap_or(f64::NAN));
            data.values = Some(rows.iter().map(|row| number(row.get(at))).collect());
            data.at =
                factor.ratio_of.as_ref().map(|_| coordinates.iter().map(|row| number(row[at].as_ref())).collect());
        }
        if data.level.contains(&factor.levels.len()) {
            data.levels.extend(levels(&[plain(ABSENT.into())]));
        }
        if many {
            // Only the values of the shown configurations are held.
            let level = |position| match position {
                Position::Level(level) => level,
                Position::Part(_) => 0,
                Position::Absent => u64::MAX,
            };
            let own: Vec<u64> = rows.iter().map(|row| level(factor.position(Some(&row[at])))).collect();
            let used: BTreeMap<u64, Level> =
                own.iter().zip(&rows).map(|(&level, row)| (level, plain(label(&row[at])))).collect();
            let places: BTreeMap<u64, usize> = used.keys().enumerate().map(|(place, level)| (*level, place)).collect();
            data.level = own.iter().map(|level| places[level]).collect();
            data.levels = levels(&used.into_values().collect::<Vec<_>>());
        } else {
            data.effect = {
                let own = analysis.main_effects.iter().find(|effect| effect.key == factor.key);
                own.map(|effect| effect_data(effect, analysis.nonnegative))
            };
        }
        data
    };
    design.factors.iter().enumerate().map(key).collect()
}

fn plain(label: String) -> Level {
    Level { label, number: None, low: None, high: None }
}

fn levels(levels: &[Level]) -> Vec<LevelData> {
    let most = (MOST_CHARACTERS / levels.len().max(1)).max(SHORTEST);
    let level = |level: &Level| LevelData {
        label: shortened(&level.label, most),
        number: level.number.map(Figure),
        low: level.low.map(Figure),
        high: level.high.map(Figure),
    };
    levels.iter().map(level).collect()
}

fn effect_data(effect: &MainEffect, nonnegative: bool) -> Vec<Option<EffectData>> {
    let figures = |(_, marginal): &(Level, Option<Marginal>)| {
        let Marginal { mean, configurations, interval, within, .. } = marginal.as_ref()?;
        let ends = |interval: &Option<Interval>| interval.map(|interval| bounded(interval, nonnegative));
        let low = |interval: &Option<Interval>| ends(interval).map(|interval| Figure(interval.low));
        let high = |interval: &Option<Interval>| ends(interval).map(|interval| Figure(interval.high));
        let n = Figure(*configurations as f64);
        Some([Some(Figure(*mean)), low(interval), high(interval), Some(n), low(within), high(within)])
    };
    effect.levels.iter().map(figures).collect()
}
