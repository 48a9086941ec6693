//! A sampler that learns, which is started only once it has to propose a point that no record holds.
//!
//! A hash of the search and of all that the sampler had been told identifies the basis of a proposal. A record holds the
//! point with that hash. So a point is taken from the records only if the sampler would propose it
//! again: results that changed since, such as those of trials that failed and ran again, give another basis.

use std::collections::HashMap;
use std::sync::Arc;

use crate::plan::{Plan, ResolvedPlan};
use crate::results::record::Proposal;
use crate::search::samplers::{Point, Proposer, Sampler, Told};

/// A sampler with what it has been told.
pub(super) struct Learner {
    plan: Arc<ResolvedPlan>,
    sampler: &'static dyn Sampler,
    /// The search; `None` until it has to propose.
    search: Option<Box<dyn Proposer>>,
    /// The events that the search has not received yet.
    waiting: Vec<Event>,
    /// The hash of the search and of what it was told.
    told: blake3::Hasher,
    /// The points that records hold, by basis.
    known: HashMap<u64, Point>,
    /// The number of times that the sampler was asked.
    asked: u64,
}

/// An event of a search.
enum Event {
    Learn(Vec<Told>),
    Include(Vec<Vec<Option<f64>>>),
    Take(Point, Vec<Option<f64>>),
    Tell(Vec<Told>),
    Forget,
    TellOf(usize, Told),
}

impl Learner {
    pub(super) fn new(plan: &Arc<ResolvedPlan>, sampler: &'static dyn Sampler) -> Self {
        let mut told = blake3::Hasher::new();
        told.update(&identity(plan, sampler));
        let (plan, waiting, known) = (Arc::clone(plan), Vec::new(), HashMap::new());
        Self { plan, sampler, search: None, waiting, told, known, asked: 0 }
    }

    /// Adds points that records hold.
    pub(super) fn know(&mut self, points: HashMap<u64, Point>) {
        self.known.extend(points);
    }

    /// Returns the number of times that the sampler was asked.
    pub(super) fn asked(&self) -> u64 {
        self.asked
    }

    /// Does the same as [`Proposer::learn`].
    pub(super) fn learn(&mut self, earlier: Vec<Told>) {
        self.happen(Event::Learn(earlier)); // they are in the plan
    }

    /// Does the same as [`Proposer::include`].
    pub(super) fn include(&mut self, points: Vec<Vec<Option<f64>>>) {
        self.happen(Event::Include(points)); // they are in the plan
    }

    /// Does the same as [`Proposer::tell`].
    pub(super) fn tell(&mut self, told: Vec<Told>) {
        for one in &told {
            self.hash(1, 0, one);
        }
        self.happen(Event::Tell(told));
    }

    /// Does the same as [`Proposer::forget`].
    pub(super) fn forget(&mut self) {
        self.told.update(&[2]);
        self.happen(Event::Forget);
    }

    /// Does the same as [`Proposer::tell_of`].
    pub(super) fn tell_of(&mut self, number: usize, told: Told) {
        self.hash(3, number, &told);
        self.happen(Event::TellOf(number, told));
    }

    /// Returns up to `size` proposals, from configuration `first` on; fewer, or none, if there is nothing left to propose.
    /// `look` returns the values along the axes that exist at a point; `None` if the constraints exclude it.
    pub(super) fn propose(
        &mut self,
        first: u64,
        size: u64,
        look: &dyn Fn(&[f64]) -> Option<Vec<bool>>,
    ) -> Vec<Proposal> {
        let bases: Vec<u64> = (first..first + size).map(|config_id| self.basis(config_id)).collect();
        let axes = self.plan.resolved_space().axes().len();
        let fits = |point: &&Point| point.len() == axes && point.iter().all(|unit| (0.0..1.0).contains(unit));
        let known = |basis: &u64| {
            let point = self.known.get(basis).filter(fits)?;
            let held = point.iter().zip(look(point)?).map(|(unit, active)| active.then_some(*unit)).collect();
            Some((point.clone(), held))
        };
        let points = match bases.iter().map(known).collect::<Option<Vec<_>>>() {
            Some(known) => {
                let points = known.iter().map(|(point, _)| point.clone()).collect();
                known.into_iter().for_each(|(point, held)| self.happen(Event::Take(point, held)));
                points
            }
            None => self.ask(size, look),
        };
        bases.into_iter().zip(points).map(|(basis, point)| Proposal { basis, point }).collect()
    }

    fn ask(&mut self, size: u64, look: &dyn Fn(&[f64]) -> Option<Vec<bool>>) -> Vec<Point> {
        let mut search = self.search.take().unwrap_or_else(|| self.sampler.start(&self.plan.problem()));
        self.waiting.drain(..).for_each(|event| event.reach(search.as_mut()));
        self.asked += 1;
        let mut points = search.ask(size, look);
        points.truncate(size as usize);
        self.search = Some(search);
        points
    }

    fn happen(&mut self, event: Event) {
        match &mut self.search {
            Some(search) => event.reach(search.as_mut()),
            None => self.waiting.push(event),
        }
    }

    /// Returns the basis of the proposal for a configuration.
    fn basis(&self, config_id: u64) -> u64 {
        let mut hasher = self.told.clone();
        hasher.update(&[0]).update(&config_id.to_le_bytes());
        let mut basis = [0; 8];
        basis.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        u64::from_le_bytes(basis)
    }

    fn hash(&mut self, kind: u8, number: usize, told: &Told) {
        let mut bytes = vec![kind];
        bytes.extend((number as u64).to_le_bytes());
        bytes.extend(told.replicates.to_le_bytes());
        for part in [&told.losses, &told.errors] {
            bytes.extend((part.len() as u64).to_le_bytes());
            for value in part {
                bytes.push(u8::from(value.is_some()));
                bytes.extend(value.unwrap_or_default().to_bits().to_le_bytes());
            }
        }
        if !told.beyond.is_empty() {
            bytes.extend(told.violation.to_bits().to_le_bytes());
            for (beyond, error) in &told.beyond {
                for value in [beyond, error] {
                    bytes.push(u8::from(value.is_some()));
                    bytes.extend(value.unwrap_or_default().to_bits().to_le_bytes());
                }
            }
        }
        self.told.update(&bytes);
    }
}

impl Event {
    fn reach(self, search: &mut dyn Proposer) {
        match self {
            Self::Learn(earlier) => search.learn(&earlier),
            Self::Include(points) => search.include(&points),
            Self::Take(point, held) => search.take(&point, &held),
            Self::Tell(told) => search.tell(&told),
            Self::Forget => search.forget(),
            Self::TellOf(number, told) => search.tell_of(number, &told),
        }
    }
}

/// Returns what a search is, in bytes: the parts of the plan on which its proposals depend besides results.
fn identity(plan: &ResolvedPlan, sampler: &dyn Sampler) -> Vec<u8> {
    let mut plan =
        Plan { name: String::new(), replicates: 1, measures: Vec::new(), inputs: Vec::new(), ..Plan::clone(plan) };
    plan.model = None;
    if sampler.info().extends {
        plan.strategy.trials = None;
    }
    serde_json::to_vec(&plan).unwrap_or_default()
}
