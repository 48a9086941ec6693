//! How the configurations of a sweep are chosen.
//!
//! A sampler gives points of the unit cube, one coordinate per [`Axis`]. One that is indexed has a [`Sequence`], which finds
//! every point from its number alone. Any other learns: its [`Proposer`] folds what completed rounds have shown, each round
//! once and in order. What a proposer has folded is nothing that could be lost, for another one that is told the same gives
//! the same bits. Which thread finished first, and what was interrupted, cannot reach it.
//!
//! A new sampler is a file here and a line in [`ALL`], and has to pass the suite in `conformance.rs`.

use std::collections::BTreeMap;
use std::fmt;

use crate::streams::Purpose;
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
mod fronts;
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
    /// Returns how many values there are; none of a range.
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

    /// The random streams of `label` (a sampler or an axis).
    pub fn streams(&self, label: &str) -> Streams {
        let mut key = [0; 16];
        key.copy_from_slice(&blake3::hash(label.as_bytes()).as_bytes()[..16]);
        Streams { seed: self.seed, key }
    }
}

/// The random streams of a label, one for each number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    seed: u64,
    key: [u8; 16],
}

impl Streams {
    /// The stream for number `number` (a point, or the first one of a round).
    pub fn at(&self, number: u64) -> Stream {
        Stream::keyed(self.seed, Purpose::Search, number, &self.key)
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
    /// True if the sweep file named it, rather than the sampler.
    pub included: bool,
}

/// Says along which axes a point has a coordinate that counts; `None` if the constraints exclude the point.
pub type Look<'a> = dyn Fn(&[f64]) -> Option<Vec<bool>> + 'a;

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
    /// True if it is an integer.
    pub integer: bool,
    /// One sentence for users.
    pub doc: &'static str,
}

/// Settings as they are where a sweep file says nothing.
pub(crate) fn defaults(settings: &[Setting]) -> BTreeMap<String, f64> {
    settings.iter().map(|setting| (setting.name.to_owned(), setting.default)).collect()
}

impl Setting {
    /// Returns whether it can have this value.
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
    /// True if the sweep file says how many points there are, rather than the axes.
    pub needs_trials: bool,
    /// True if every point is found from its number alone; else it learns from the rounds before.
    pub indexed: bool,
    /// True if it can have axes that are ranges.
    pub ranges: bool,
    /// How many axes it can have.
    pub most_axes: usize,
    /// How many objectives it can have.
    pub most_objectives: usize,
    /// True if it proposes no configuration twice where the active axes have no range.
    pub distinct: bool,
    /// True if the points of a longer search begin with those of a shorter one.
    pub extends: bool,
    /// Its settings.
    pub settings: &'static [Setting],
}

/// A way to choose configurations.
pub trait Sampler: Sync {
    /// What there is to know about it.
    fn info(&self) -> &'static Info;

    /// Returns how many points there are where the axes decide; `None` where there is no such number.
    fn count(&self, _problem: &Problem<'_>) -> Option<u64> {
        None
    }

    /// The sequence of its points, if each is found from its number alone.
    fn sequence(&self, _problem: &Problem<'_>) -> Option<Box<dyn Sequence>> {
        None
    }

    /// Starts a search.
    fn start(&self, problem: &Problem<'_>) -> Box<dyn Proposer> {
        Box::new(InOrder { sequence: self.sequence(problem), next: 0 })
    }

    /// Returns how many points a round has where the sweep file does not say.
    fn usual_round(&self, _axes: usize) -> u64 {
        8
    }
}

/// Points that are found from their numbers alone. What each axis needs is computed once, when the sequence is made.
pub trait Sequence: fmt::Debug + Send + Sync {
    /// Point `index` (below the problem's number of points, or any with constraints); `None` past the end.
    fn point(&self, index: u64) -> Option<Point>;
}

/// A search under way. It is told what every round has shown and asked for the next one, by turns: the points that the
/// sweep file named come first, if there are any, as a round that nobody asked for.
pub trait Proposer: Send {
    /// Learns what the points of a round have shown, in the order in which they were proposed.
    fn tell(&mut self, round: &[Told]);

    /// Returns the next `size` points; fewer, or none, if there is nothing left to propose.
    fn ask(&mut self, size: u64, look: &Look<'_>) -> Vec<Point>;
}

/// The points of a sequence, one after the other.
struct InOrder {
    sequence: Option<Box<dyn Sequence>>,
    next: u64,
}

impl Proposer for InOrder {
    fn tell(&mut self, _round: &[Told]) {}

    fn ask(&mut self, size: u64, _look: &Look<'_>) -> Vec<Point> {
        let Some(sequence) = &self.sequence else { return Vec::new() };
        let points: Vec<Point> = (self.next..self.next + size).map_while(|index| sequence.point(index)).collect();
        self.next += points.len() as u64;
        points
    }
}
