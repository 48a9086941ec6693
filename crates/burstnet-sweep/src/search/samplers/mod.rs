//! Samplers, which choose the configurations of a sweep.
//!
//! A sampler gives points of the unit cube, one coordinate per [`Axis`]. An indexed sampler has a [`PointSequence`], which
//! finds every point from its number alone. Any other sampler learns: its [`Proposer`] takes in the outcomes of
//! its points, each once and in order. The state of a proposer cannot be lost, since another one that
//! receives the same reports gives the same bits. It does not depend on interruptions, or on the thread that finished
//! first.
//!
//! A new sampler is a file here and a line in [`ALL`], and has to pass the suite in `conformance.rs`.

use std::collections::BTreeMap;
use std::fmt;

use crate::streams::SweepPurpose;
use burstnet_core::streams::Stream;

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod testing;

mod cmaes;
mod direction_numbers;
mod eigen;
mod evolution;
pub(crate) mod fronts;
mod gp;
mod grid;
mod halton;
mod kernel;
mod latin_hypercube;
mod normal;
mod observations;
mod parzen;
mod permutation;
mod random;
mod seen;
mod sobol;
mod table;
mod tpe;

/// The name of the sampler that gives all combinations of values.
pub(crate) const GRID: &str = "grid";
/// The name of the sampler that gives the rows of a table.
pub(crate) const TABLE: &str = "table";

/// All samplers.
pub const ALL: [&dyn Sampler; 9] = [
    &grid::Grid,
    &random::Random,
    &table::Table,
    &sobol::Sobol,
    &halton::Halton,
    &latin_hypercube::LatinHypercube,
    &tpe::Tpe,
    &gp::GaussianProcess,
    &cmaes::CmaEs,
];

/// Returns the sampler of this name.
pub fn named(name: &str) -> Option<&'static dyn Sampler> {
    ALL.into_iter().find(|sampler| sampler.info().name == name)
}

/// A point: one coordinate per axis, each in [0, 1).
pub type Point = Vec<f64>;

/// A direction in which configurations differ: a swept key, or several that move together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The key, or the first of those that move together.
    pub name: String,
    /// The kind of its values.
    pub kind: AxisKind,
}

/// The kind of the values along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AxisKind {
    /// A range of numbers, with the same probability in every part of [0, 1).
    Range,
    /// This number of values in an order; the coordinate u stands for number ⌊u · count⌋.
    Ordered(u64),
    /// This number of values without an order, found in the same way.
    Unordered(u64),
}

impl AxisKind {
    /// Returns the number of values; `None` for a range.
    pub fn count(self) -> Option<u64> {
        match self {
            Self::Range => None,
            Self::Ordered(count) | Self::Unordered(count) => Some(count),
        }
    }

    /// Returns the number of the value at coordinate `unit`; `None` for a range.
    pub fn index(self, unit: f64) -> Option<u64> {
        self.count().map(|count| ((unit * count as f64) as u64).min(count.saturating_sub(1)))
    }

    /// Returns the coordinate in the middle of value `index`.
    pub fn middle(self, index: u64) -> f64 {
        self.count().map_or(0.0, |count| ((index as f64 + 0.5) / count as f64).min(1.0 - f64::EPSILON / 2.0))
    }
}

/// A search problem: the space, the extent of the search, and its seed.
#[derive(Clone, Copy, Debug)]
pub struct Problem<'a> {
    /// The axes.
    pub axes: &'a [Axis],
    /// The sweep's seed.
    pub seed: u64,
    /// The number of points of the whole search; `None` if the axes determine it.
    pub points: Option<u64>,
    /// The number of points of a round, which are proposed together.
    pub round: u64,
    /// The number of measures to minimise.
    pub objectives: usize,
    /// The sampler's settings; [`Problem::setting`] reads them.
    pub settings: &'a BTreeMap<String, f64>,
}

impl Problem<'_> {
    /// Returns the value of a setting in the sweep file, else its default.
    pub fn setting(&self, setting: &SearchSetting) -> f64 {
        self.settings.get(setting.name).copied().unwrap_or(setting.default)
    }

    /// Returns the random streams of `label` (a sampler or an axis).
    pub fn streams(&self, label: &str) -> Streams {
        let mut key = [0; 16];
        key.copy_from_slice(&blake3::hash(label.as_bytes()).as_bytes()[..16]);
        Streams { seed: self.seed, key }
    }
}

/// The random streams of a label, one per number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    seed: u64,
    key: [u8; 16],
}

impl Streams {
    /// Returns the stream for number `number` (a point, or the first one of a round).
    pub fn at(&self, number: u64) -> Stream {
        Stream::keyed(self.seed, SweepPurpose::Search, number, &self.key)
    }
}

/// A mean over replicates, and its standard error; `None` where there is none.
pub type MeanAndError = (Option<f64>, Option<f64>);

/// A point whose trials are complete.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// The coordinates; `None` along an axis whose key does not exist there.
    pub point: Vec<Option<f64>>,
    /// The losses to minimise, by objective: means over replicates; `None` (the worst) if a trial failed or diverged.
    pub losses: Vec<Option<f64>>,
    /// The standard errors of these means over replicates; `None` with one replicate, or without a mean.
    pub errors: Vec<Option<f64>>,
    /// The violation of bounds on measures; 0 if all are kept.
    pub violation: f64,
    /// The distances of means of measures beyond their bounds, negative inside, with their standard errors; `None` without a
    /// mean.
    pub beyond: Vec<MeanAndError>,
    /// The number of replicates.
    pub replicates: u64,
    /// True if the sweep file named it, rather than the sampler.
    pub included: bool,
}

/// A function that returns the axes along which a point has a coordinate that counts; `None` if the constraints exclude
/// the point.
pub type ActiveAxes<'a> = dyn Fn(&[f64]) -> Option<Vec<bool>> + 'a;

/// A setting of a sampler, a key under `search`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SearchSetting {
    /// The key.
    pub name: &'static str,
    /// The value if the sweep file sets none.
    pub default: f64,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// True if the value is an integer.
    pub integer: bool,
    /// A description in one sentence, for users.
    pub doc: &'static str,
}

/// Returns the values of settings that a sweep file does not set.
pub(crate) fn defaults(settings: &[SearchSetting]) -> BTreeMap<String, f64> {
    settings.iter().map(|setting| (setting.name.to_owned(), setting.default)).collect()
}

impl SearchSetting {
    /// Returns a setting that is a number from `min` to `max`.
    pub(crate) const fn number(name: &'static str, default: f64, (min, max): (f64, f64), doc: &'static str) -> Self {
        Self { name, default, min, max, integer: false, doc }
    }

    /// Returns a setting that is an integer from `min` to `max`.
    pub(crate) const fn integer(name: &'static str, default: f64, ends: (f64, f64), doc: &'static str) -> Self {
        Self { integer: true, ..Self::number(name, default, ends, doc) }
    }

    /// Returns whether the setting can have this value.
    pub fn fits(&self, value: f64) -> bool {
        (self.min..=self.max).contains(&value) && (!self.integer || value.fract() == 0.0)
    }

    /// Describes the expected values, for messages.
    pub fn expected(&self) -> String {
        let kind = if self.integer { "an integer" } else { "a number" };
        format!("{kind} from {} to {}", self.min, self.max)
    }
}

/// The properties of a sampler.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SamplerInfo {
    /// The name in sweep files.
    pub name: &'static str,
    /// A description in a few words, for the report: "a grid".
    pub what: &'static str,
    /// The paper that the sampler comes from; `None` if it needs no reference.
    pub source: Option<&'static str>,
    /// True if the sweep file, rather than the axes, determines the number of points.
    pub needs_trials: bool,
    /// True if every point is found from its number alone; else the sampler learns from earlier rounds.
    pub indexed: bool,
    /// True if axes can be ranges.
    pub ranges: bool,
    /// The most axes that are supported.
    pub most_axes: usize,
    /// The most objectives that are supported.
    pub most_objectives: usize,
    /// True if no configuration is proposed twice where the active axes have no range.
    pub distinct: bool,
    /// True if the points of a longer search begin with those of a shorter one.
    pub extends: bool,
    /// The setting that says how many results of a part of the points are enough to learn from; `None` if it learns from
    /// complete trials alone.
    pub enough: Option<SearchSetting>,
    /// True if it learns from results of an earlier search too.
    pub learns_earlier: bool,
    /// The settings.
    pub settings: &'static [SearchSetting],
}

impl SamplerInfo {
    /// The properties of a sampler of as many points as are asked for, along any axes; its name is missing.
    const USUAL: Self = Self {
        name: "",
        what: "",
        source: None,
        needs_trials: true,
        indexed: true,
        ranges: true,
        most_axes: usize::MAX,
        most_objectives: usize::MAX,
        distinct: false,
        extends: true,
        enough: None,
        learns_earlier: false,
        settings: &[],
    };
}

/// A way to choose configurations.
pub trait Sampler: Sync {
    /// Returns its properties.
    fn info(&self) -> &'static SamplerInfo;

    /// Returns the number of points where the axes determine it; `None` if there is no such number.
    fn count(&self, _problem: &Problem<'_>) -> Option<u64> {
        None
    }

    /// Returns the sequence of its points, if each is found from its number alone.
    fn sequence(&self, _problem: &Problem<'_>) -> Option<Box<dyn PointSequence>> {
        None
    }

    /// Starts a search.
    fn start(&self, problem: &Problem<'_>) -> Box<dyn Proposer> {
        Box::new(InOrder { sequence: self.sequence(problem), next: 0 })
    }

    /// Returns the number of points of a round if the sweep file does not set it.
    fn usual_round(&self, _axes: usize) -> u64 {
        8
    }
}

/// Points that are found from their numbers alone. The data for each axis is computed once, when the sequence is made.
pub trait PointSequence: fmt::Debug + Send + Sync {
    /// Returns point `index` (below the problem's number of points, or any with constraints); `None` past the end.
    fn point(&self, index: u64) -> Option<Point>;
}

/// A search in progress. It is asked for points, and told the outcomes of points in the order in which they were
/// proposed: all those of a round before the next one, or each once it is a fixed number of points behind. The points
/// that the sweep file named come first, if there are any, and are not asked for.
pub trait Proposer: Send {
    /// Learns from results of an earlier search, before anything else. Their points are none of this search, and may be
    /// proposed. Does nothing if the sampler learns from its own alone, as [`SamplerInfo::learns_earlier`] says.
    fn learn(&mut self, _earlier: &[Told]) {}

    /// Takes in the points that the sweep file named, before anything is asked or told. They have a coordinate along
    /// the axes that exist there. Their outcomes are told like those of all others.
    fn include(&mut self, points: &[Vec<Option<f64>>]);

    /// Learns from the outcomes of the next points, in the order in which they were proposed.
    fn tell(&mut self, told: &[Told]);

    /// Forgets the outcomes of all points, but not the points. Does nothing if the sampler learns from complete trials
    /// alone, as [`SamplerInfo::enough`] says.
    fn forget(&mut self) {}

    /// Learns from the outcome of one point, by its number among all that were named or proposed. These calls come in any
    /// order, and in place of those of [`Proposer::tell`]. Does nothing if the sampler learns from complete trials alone.
    fn tell_of(&mut self, _number: usize, _told: &Told) {}

    /// Takes a point that this search proposed when it was last asked with the same reports, in place of asking again.
    /// `held` is the point with the coordinates that exist there.
    fn take(&mut self, point: &Point, held: &[Option<f64>]);

    /// Returns the next `size` points; fewer, or none, if there is nothing left to propose.
    fn ask(&mut self, size: u64, look: &ActiveAxes<'_>) -> Vec<Point>;
}

/// The points of a sequence, one after the other.
struct InOrder {
    sequence: Option<Box<dyn PointSequence>>,
    next: u64,
}

impl Proposer for InOrder {
    fn include(&mut self, _points: &[Vec<Option<f64>>]) {}

    fn tell(&mut self, _told: &[Told]) {}

    fn take(&mut self, _point: &Point, _held: &[Option<f64>]) {
        self.next += 1;
    }

    fn ask(&mut self, size: u64, _look: &ActiveAxes<'_>) -> Vec<Point> {
        let Some(sequence) = &self.sequence else { return Vec::new() };
        let points: Vec<Point> = (self.next..self.next + size).map_while(|index| sequence.point(index)).collect();
        self.next += points.len() as u64;
        points
    }
}
