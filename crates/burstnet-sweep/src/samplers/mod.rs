//! How the configurations of a sweep are chosen.
//!
//! A sampler is a pure function: from a [`Problem`] and, if it learns, from what completed rounds have shown, to points of
//! the unit cube, one coordinate per [`Axis`]. It keeps no state. Which thread finished first, and what was interrupted,
//! cannot reach it. A new sampler is a file here and a line in [`ALL`], and has to pass the suite in `conformance.rs`.

use std::collections::BTreeMap;

use burstnet_core::streams::{Purpose, Stream};

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
mod fronts;
mod grid;
mod halton;
mod kernel;
mod latin_hypercube;
mod normal;
mod parzen;
mod permutation;
mod random;
mod seen;
mod sobol;
mod table;
mod tpe;

/// All samplers.
pub const ALL: [&dyn Sampler; 8] = [
    &grid::Grid,
    &random::Random,
    &table::Table,
    &sobol::Sobol,
    &halton::Halton,
    &latin_hypercube::LatinHypercube,
    &tpe::Tpe,
    &cmaes::CmaEs,
];

/// The sampler of this name.
pub fn named(name: &str) -> Option<&'static dyn Sampler> {
    ALL.into_iter().find(|sampler| sampler.info().name == name)
}

/// One coordinate per axis, each in [0, 1).
pub type Point = Vec<f64>;

/// A direction in which configurations differ: a swept key, or several that move together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The key, or the first of those that move together.
    pub name: String,
    /// What lies along it.
    pub kind: AxisKind,
}

/// What lies along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AxisKind {
    /// A range of numbers, as likely in every part of [0, 1).
    Range,
    /// So many values in an order; the coordinate u stands for number ⌊u · count⌋.
    Ordered(u64),
    /// So many values without an order, found likewise.
    Unordered(u64),
}

impl AxisKind {
    /// How many values there are; none of a range.
    pub fn count(self) -> Option<u64> {
        match self {
            Self::Range => None,
            Self::Ordered(count) | Self::Unordered(count) => Some(count),
        }
    }

    /// The number of the value at coordinate `unit`; none of a range.
    pub fn index(self, unit: f64) -> Option<u64> {
        self.count().map(|count| ((unit * count as f64) as u64).min(count.saturating_sub(1)))
    }

    /// The coordinate in the middle of value `index`.
    pub fn middle(self, index: u64) -> f64 {
        self.count().map_or(0.0, |count| ((index as f64 + 0.5) / count as f64).min(1.0 - f64::EPSILON / 2.0))
    }
}

/// What is searched, for how long, and with which seed.
#[derive(Clone, Copy, Debug)]
pub struct Problem<'a> {
    /// The axes.
    pub axes: &'a [Axis],
    /// The sweep's seed.
    pub seed: u64,
    /// How many points the search has in all; none where the axes decide.
    pub points: Option<u64>,
    /// How many points of a round are proposed together.
    pub round: u64,
    /// How many measures are to be as small as possible.
    pub objectives: usize,
    /// The sampler's settings; [`Problem::setting`] reads them.
    pub settings: &'a BTreeMap<String, f64>,
}

impl Problem<'_> {
    /// A setting of this sampler as the sweep file has it, else its default.
    pub fn setting(&self, setting: &Setting) -> f64 {
        self.settings.get(setting.name).copied().unwrap_or(setting.default)
    }

    /// The random stream of `label` (a sampler or an axis) for number `number` (a point, or the first one of a round).
    pub fn stream(&self, label: &str, number: u64) -> Stream {
        let mut key = [0; 16];
        key.copy_from_slice(&blake3::hash(label.as_bytes()).as_bytes()[..16]);
        Stream::keyed(self.seed, Purpose::Search, number, &key)
    }
}

/// A point whose trials are complete.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Its coordinates; none along an axis whose key does not exist there.
    pub point: Vec<Option<f64>>,
    /// What is to be as small as possible, by objective: means over replicates; none (the worst) where a trial failed or
    /// diverged.
    pub losses: Vec<Option<f64>>,
    /// Whether the sweep file named it, rather than the sampler.
    pub included: bool,
}

/// What a sampler is asked for.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// All points of completed rounds, by their numbers.
    pub history: &'a [Told],
    /// How many points the sampler has proposed before.
    pub first: u64,
    /// How many it is to propose.
    pub size: u64,
    /// Along which axes a point has a coordinate that counts; none if the constraints exclude the point.
    pub look: &'a dyn Fn(&[f64]) -> Option<Vec<bool>>,
}

/// A setting of a sampler, a key under `search`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// The key.
    pub name: &'static str,
    /// What holds where the sweep file says nothing.
    pub default: f64,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// Whether it is an integer.
    pub integer: bool,
    /// One sentence for users.
    pub doc: &'static str,
}

/// Settings as they are where a sweep file says nothing.
pub(crate) fn defaults(settings: &[Setting]) -> BTreeMap<String, f64> {
    settings.iter().map(|setting| (setting.name.to_owned(), setting.default)).collect()
}

impl Setting {
    /// Whether it can have this value.
    pub fn fits(&self, value: f64) -> bool {
        (self.min..=self.max).contains(&value) && (!self.integer || value.fract() == 0.0)
    }

    /// What is expected, for messages.
    pub fn expected(&self) -> String {
        let kind = if self.integer { "an integer" } else { "a number" };
        format!("{kind} from {} to {}", self.min, self.max)
    }
}

/// What there is to know about a sampler.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Info {
    /// Its name in sweep files.
    pub name: &'static str,
    /// In a few words, for the report: "a grid".
    pub what: &'static str,
    /// The paper that it comes from; none for what needs none.
    pub source: Option<&'static str>,
    /// Whether the sweep file says how many points there are, rather than the axes.
    pub needs_trials: bool,
    /// Whether every point is found from its number alone; else it learns from the rounds before.
    pub indexed: bool,
    /// Whether it can have axes that are ranges.
    pub ranges: bool,
    /// How many axes it can have.
    pub most_axes: usize,
    /// How many objectives it can have.
    pub most_objectives: usize,
    /// Whether it proposes no configuration twice where the active axes have no range.
    pub distinct: bool,
    /// Whether the points of a longer search begin with those of a shorter one.
    pub extends: bool,
    /// Its settings.
    pub settings: &'static [Setting],
}

/// A way to choose configurations.
pub trait Sampler: Sync {
    /// What there is to know about it.
    fn info(&self) -> &'static Info;

    /// How many points there are where the axes decide; none where there is no such number.
    fn count(&self, _problem: &Problem<'_>) -> Option<u64> {
        None
    }

    /// Point `index` (below the problem's number of points, or any with constraints), if it is found from its number
    /// alone.
    fn point(&self, _problem: &Problem<'_>, _index: u64) -> Option<Point> {
        None
    }

    /// The points of the next round; fewer than asked for, or none, if there is nothing left to propose.
    fn propose(&self, problem: &Problem<'_>, ask: &Ask<'_>) -> Vec<Point> {
        (ask.first..ask.first + ask.size).map_while(|index| self.point(problem, index)).collect()
    }

    /// How many points a round has where the sweep file does not say.
    fn usual_round(&self, _axes: usize) -> u64 {
        8
    }
}
