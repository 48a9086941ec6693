//! The index of the trials of a plan that have a record, over all journals of a results directory.
//!
//! It takes 16 bytes per trial, and 32 for results of an earlier plan that this plan numbers differently.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::limits::{MOST_DOUBLES_LISTED, MOST_JOURNALS};
use crate::plan::ResolvedPlan;
use crate::plan::configurations::Configurations;
use crate::plan::content::ContentKeys;
use crate::plan::copies::Copies;
use crate::plan::shard::Shard;
use crate::results::course::Course;
use crate::results::journal::{self, Damage, Frame, JournalError, Reader};
use crate::results::record::{Stub, TrialRecord};

mod files;
mod place;
mod rounds;
mod strays;

use files::JournalFiles;
use place::RecordPlace;
use rounds::Rounds;
pub(crate) use rounds::{Going, Records};

/// A trial that has a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordedTrial {
    /// The trial.
    pub trial_id: u64,
    place: RecordPlace,
}

impl RecordedTrial {
    /// Returns whether the trial failed.
    pub fn failed(self) -> bool {
        self.place.failed()
    }

    /// Returns whether the trial diverged.
    pub fn diverged(self) -> bool {
        self.place.diverged()
    }
}

/// A trial that ran in more than one shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Double {
    /// The trial.
    pub trial_id: u64,
    /// The journals that contain it.
    pub journals: Vec<PathBuf>,
    /// True if all records have the same bits.
    pub same: bool,
}

/// The trials of a plan that have records.
pub struct Ledger {
    /// The entries, sorted by trial. Each trial occurs once.
    pub entries: Vec<RecordedTrial>,
    /// The number of trials that ran in more than one shard.
    pub doubled: u64,
    /// The first of them. More are listed if their records differ.
    pub doubles: Vec<Double>,
    /// The damage in the journals.
    pub damage: Vec<Damage>,
    configurations: Arc<Configurations>,
    files: JournalFiles,
    /// For a search in rounds, its progress and the places of its records.
    rounds: Option<Rounds>,
}

impl Ledger {
    /// Reads the journals of `results`, which belong to `plan` or to one of the earlier plans with these fingerprints.
    /// Indexes only the trials that `keep` accepts.
    ///
    /// # Errors
    /// If a journal cannot be read, or belongs to another sweep.
    pub fn read(
        results: &Path,
        plan: &Arc<ResolvedPlan>,
        fingerprints: &[String],
        keep: &dyn Fn(u64) -> bool,
    ) -> Result<Self, JournalError> {
        let journals = journal::list(results)?;
        if journals.len() > MOST_JOURNALS {
            let source = std::io::Error::other(format!("{} journals, expected fewer", journals.len()));
            return Err(JournalError::Io { path: results.join(journal::FOLDER), source });
        }
        if plan.adapts() {
            return Self::read_rounds(plan, fingerprints, journals, keep);
        }
        let configurations = Arc::new(Configurations::new(Arc::clone(plan)));
        let copies = configurations.copies();
        // A record of any of several equal configurations is one of the first.
        let wanted = |trial_id: u64| !copies.is_empty() || keep(trial_id);
        let mut index = Index::new(&configurations, &wanted);
        for (number, (_, path)) in journals.iter().enumerate() {
            let mut reader = Reader::open(path, fingerprints)?;
            while let Some(frame) = reader.next_frame()? {
                index.take(number, &frame);
            }
            index.damage.extend_from_slice(reader.damage());
        }
        let Index { mut entries, mut strays, damage, .. } = index;
        // What they grew in advance for is more than they need.
        strays.shrink_to_fit();
        entries.shrink_to_fit();
        let mut files = JournalFiles::new(journals);
        strays::find_strays(&configurations, strays, &wanted, &mut files, &mut entries)?;
        entries.sort_unstable();
        let mut ledger = Self {
            entries,
            doubled: 0,
            doubles: Vec::new(),
            damage,
            configurations: Arc::clone(&configurations),
            files,
            rounds: None,
        };
        ledger.keep_one_of_each(copies)?;
        ledger.add_copies(keep);
        Ok(ledger)
    }

    /// Reads the record of an entry.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn record(&mut self, entry: RecordedTrial) -> Result<TrialRecord, JournalError> {
        match &self.rounds {
            Some(rounds) => rounds.record(entry, &mut self.files),
            None => self.files.record(entry.place),
        }
    }

    /// Returns the configurations of the plan. With a sampler that learns, these are the configurations that it has
    /// proposed on the basis of the records.
    pub fn configurations(&self) -> &Arc<Configurations> {
        &self.configurations
    }

    /// Returns the progress of a search in rounds; `None` for any other search.
    pub fn course(&self) -> Option<&Course> {
        self.rounds.as_ref().map(|rounds| &rounds.course)
    }

    /// Returns the part of its budget that a trial has received, where budgets are divided.
    pub fn budget(&self, trial_id: u64) -> Option<u64> {
        match &self.rounds {
            Some(rounds) => rounds.budget(trial_id),
            None => self.configurations.budget(), // a confirmation, whose trials all run to the end
        }
    }

    /// Returns the journals that were read.
    pub fn journals(&self) -> &[(Shard, PathBuf)] {
        self.files.journals()
    }

    /// Keeps one of several records of a trial: the last one that did not fail, else the last one. Records that did not
    /// fail are noted as doubles if they are in more than one journal.
    fn keep_one_of_each(&mut self, copies: &Copies) -> Result<(), JournalError> {
        let entries = std::mem::take(&mut self.entries);
        let mut kept: Vec<RecordedTrial> = entries;
        let (mut from, mut to) = (0, 0);
        while from < kept.len() {
            let trial_id = kept[from].trial_id;
            let group = kept[from..].iter().take_while(|entry| entry.trial_id == trial_id).count();
            let all = &kept[from..from + group];
            if group > 1 {
                let good: Vec<RecordPlace> =
                    all.iter().filter(|entry| !entry.failed()).map(|entry| entry.place).collect();
                let good = self.of_one_number(good, copies)?;
                self.note_double(trial_id, &good)?;
            }
            let best = all.iter().rev().find(|entry| !entry.failed()).copied().unwrap_or(all[group - 1]);
            kept[to] = best;
            (from, to) = (from + group, to + 1);
        }
        kept.truncate(to);
        self.entries = kept;
        Ok(())
    }

    /// Returns the places of a trial's records that have the same number. In journals of earlier versions, equal
    /// configurations have one number each.
    fn of_one_number(&mut self, places: Vec<RecordPlace>, copies: &Copies) -> Result<Vec<RecordPlace>, JournalError> {
        if copies.is_empty() || places.iter().all(|place| place.journal() == places[0].journal()) {
            return Ok(places);
        }
        let mut by_number: BTreeMap<(u64, u64, u64), Vec<RecordPlace>> = BTreeMap::new();
        for place in places {
            let record = self.files.record(place)?;
            by_number.entry((record.plan, record.config_id, record.replicate)).or_default().push(place);
        }
        let journals =
            |places: &Vec<RecordPlace>| places.iter().filter(|one| one.journal() != places[0].journal()).count();
        Ok(by_number.into_values().max_by_key(journals).unwrap_or_default())
    }

    /// Adds the trials of copies. Each has the record of the configuration that it equals. Of adaptive replicates they are
    /// those that all configurations have.
    fn add_copies(&mut self, keep: &dyn Fn(u64) -> bool) {
        let copies = self.configurations.copies();
        let (own, replicates) = (self.entries.len(), self.configurations.replicates);
        let shared = self.configurations.least_replicates();
        for (copy, first) in copies.iter() {
            let from = self.entries[..own].partition_point(|entry| entry.trial_id < first * replicates);
            let to = self.entries[..own].partition_point(|entry| entry.trial_id < first * replicates + shared);
            self.entries.extend_from_within(from..to);
            let added = self.entries.len() - (to - from);
            self.entries[added..].iter_mut().for_each(|entry| entry.trial_id += (copy - first) * replicates);
        }
        self.entries.retain(|entry| keep(entry.trial_id));
        if !copies.is_empty() {
            self.entries.sort_unstable();
        }
    }

    fn note_double(&mut self, trial_id: u64, good: &[RecordPlace]) -> Result<(), JournalError> {
        let mut numbers: Vec<usize> = good.iter().map(|place| place.journal()).collect();
        numbers.dedup();
        if numbers.len() < 2 {
            return Ok(());
        }
        self.doubled += 1;
        let records = good.iter().map(|place| self.files.record(*place)).collect::<Result<Vec<_>, _>>()?;
        let same = records.windows(2).all(|pair| same_bits(&pair[0], &pair[1]));
        if self.doubles.len() < MOST_DOUBLES_LISTED || !same && self.doubles.len() < 2 * MOST_DOUBLES_LISTED {
            let journals = numbers.iter().map(|&number| self.journals()[number].1.clone()).collect();
            self.doubles.push(Double { trial_id, journals, same });
        }
        Ok(())
    }
}

/// Returns whether two records of a trial agree in everything that the tables contain.
fn same_bits(a: &TrialRecord, b: &TrialRecord) -> bool {
    let bits = |record: &TrialRecord| {
        let measures = record.measures.iter().map(|(name, value)| (name.clone(), value.map(f64::to_bits)));
        let loss = |point: &burstnet_core::curves::CurvePoint| point.loss.map(f64::to_bits);
        let curves = record.curves.iter().map(|point| (point.layer, point.step, point.learning_steps, loss(point)));
        (record.status, record.error.clone(), record.digest, measures.collect::<Vec<_>>(), curves.collect::<Vec<_>>())
    };
    bits(a) == bits(b)
}

/// The index during its construction.
struct Index<'a> {
    configurations: &'a Configurations,
    keys: ContentKeys<'a>,
    tag: u64,
    keep: &'a dyn Fn(u64) -> bool,
    entries: Vec<RecordedTrial>,
    /// The records of earlier plans that this plan numbers differently or does not have, with the start of their keys.
    strays: Vec<(u64, RecordPlace)>,
    damage: Vec<Damage>,
}

impl<'a> Index<'a> {
    fn new(configurations: &'a Configurations, keep: &'a dyn Fn(u64) -> bool) -> Self {
        let (keys, tag) = (ContentKeys::new(configurations), configurations.tag());
        let (entries, strays, damage) = (Vec::new(), Vec::new(), Vec::new());
        Self { configurations, keys, tag, keep, entries, strays, damage }
    }

    fn take(&mut self, journal: usize, frame: &Frame) {
        let stub = &frame.stub;
        let place = RecordPlace::new(journal, frame.start, stub.status);
        match self.trial_of(stub) {
            Some(trial_id) if (self.keep)(trial_id) => self.entries.push(RecordedTrial { trial_id, place }),
            Some(_) => {}
            None => self.strays.push((stub.key.prefix(), place)),
        }
    }

    /// Returns the trial with the number of the record, if it is the same trial; of equal trials, the first.
    fn trial_of(&self, stub: &Stub) -> Option<u64> {
        let all = self.configurations;
        if stub.config_id >= all.configurations() || stub.replicate >= all.replicates {
            return None;
        }
        let trial = all.trial(stub.config_id * all.replicates + stub.replicate);
        let key = || self.keys.trial(&all.values(trial.config_id), trial.replicate, None);
        (stub.plan == self.tag || key() == stub.key).then(|| all.first(trial.id))
    }
}
