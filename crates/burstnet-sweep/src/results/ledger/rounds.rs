//! The records of a search in rounds. They determine its current round and its configurations.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::files::JournalFiles;
use super::place::RecordPlace;
use super::{Ledger, RecordedTrial};
use crate::plan::ResolvedPlan;
use crate::plan::configurations::Configurations;
use crate::plan::content::{ContentKey, ContentKeys};
use crate::plan::shard::Shard;
use crate::results::course::{Course, Job};
use crate::results::journal::{Damage, JournalError, Reader};
use crate::results::record::{Status, TrialRecord};

/// The records of all journals, by content key.
pub(crate) struct Records {
    /// The starts of the keys, and the places of the records.
    places: Vec<(u64, RecordPlace)>,
    files: JournalFiles,
}

/// A function that receives the outcomes that are known.
type Noted<'a> = dyn FnMut(Job, RecordedTrial, &TrialRecord, &[RecordedTrial]) + 'a;

impl Records {
    /// Reads the journals.
    fn read(
        fingerprints: &[String],
        journals: Vec<(Shard, PathBuf)>,
        damage: &mut Vec<Damage>,
    ) -> Result<Self, JournalError> {
        let mut places = Vec::new();
        for (number, (_, path)) in journals.iter().enumerate() {
            let mut reader = Reader::open(path, fingerprints)?;
            while let Some(frame) = reader.next_frame()? {
                let place = RecordPlace::new(number, frame.start, frame.stub.status);
                places.push((frame.stub.key.prefix(), place));
            }
            damage.extend_from_slice(reader.damage());
        }
        places.sort_unstable();
        Ok(Self { places, files: JournalFiles::new(journals) })
    }

    /// Returns the records of a key, in the order in which they were written.
    fn of(&mut self, key: ContentKey) -> Result<Vec<(RecordPlace, TrialRecord)>, JournalError> {
        let first = self.places.partition_point(|(prefix, _)| *prefix < key.prefix());
        let mut found = Vec::new();
        for &(_, place) in self.places[first..].iter().take_while(|(prefix, _)| *prefix == key.prefix()) {
            let record = self.files.record(place)?;
            if record.key == key {
                found.push((place, record));
            }
        }
        Ok(found)
    }

    /// Notes all outcomes that are known, round by round, until one is missing. With `retry_failed`, the outcomes of
    /// failed trials count as missing.
    ///
    /// `noted` receives each job, its record and the entry of that, and all entries for its records that did not fail.
    ///
    /// # Errors
    /// If a journal cannot be read.
    pub(crate) fn follow(
        &mut self,
        course: &mut Course,
        retry_failed: bool,
        noted: &mut Noted<'_>,
    ) -> Result<(), JournalError> {
        loop {
            let configurations = Arc::clone(course.configurations());
            let keys = ContentKeys::new(&configurations);
            for at in 0..course.jobs().len() {
                let job = course.jobs()[at];
                if course.is_known(at) {
                    continue;
                }
                let trial = configurations.trial(job.config_id * configurations.replicates + job.replicate);
                let values = configurations.values(job.config_id);
                let key = match course.budget(job) {
                    Some(budget) => keys.with_budget(&values, Some(budget)).with_seed(trial.seed),
                    None => keys.configuration(&values).with_seed(trial.seed),
                };
                let found = self.of(key)?;
                // Configurations that are equal share a key, and each has a record of its own.
                let own = |record: &TrialRecord| (record.config_id, record.replicate) == (job.config_id, job.replicate);
                let good: Vec<RecordedTrial> = (found.iter().filter(|(place, record)| !place.failed() && own(record)))
                    .map(|(place, _)| RecordedTrial { trial_id: trial.id, place: *place })
                    .collect();
                let best = found.iter().rev().find(|(place, _)| !place.failed());
                let best = best.or(found.last().filter(|_| !retry_failed));
                if let Some((place, record)) = best {
                    course.note(at, record);
                    noted(job, RecordedTrial { trial_id: trial.id, place: *place }, record, &good);
                }
            }
            if course.missing() > 0 || course.is_finished() {
                return Ok(());
            }
            drop(configurations); // so that the next round is added where they lie
            course.advance();
        }
    }
}

/// The progress of a search, and the places of its trials' records.
pub(super) struct Rounds {
    pub(super) course: Course,
    /// The furthest rung of each trial that has a record, and the total seconds of its parts.
    rungs: BTreeMap<u64, (usize, f64)>,
}

impl Rounds {
    /// Returns the part of its budget that a trial has received.
    pub(super) fn budget(&self, trial_id: u64) -> Option<u64> {
        self.configurations().budget()?;
        let rung = self.rungs.get(&self.configurations().first(trial_id));
        Some(rung.and_then(|(rung, _)| self.course.rungs().get(*rung)).copied().unwrap_or(0))
    }

    fn configurations(&self) -> &Configurations {
        self.course.configurations()
    }

    /// Returns the record of a trial in the form for tables: a stopped trial is marked as stopped.
    pub(super) fn record(&self, entry: RecordedTrial, files: &mut JournalFiles) -> Result<TrialRecord, JournalError> {
        let replicates = self.configurations().replicates;
        let first = self.configurations().first(entry.trial_id);
        let reason = self.course.stopped(first / replicates);
        let mut record =
            if entry.place == RecordPlace::NOWHERE { self.never_run() } else { files.record(entry.place)? };
        let ran = self.rungs.get(&first);
        record.timing.seconds = ran.map_or(0.0, |(_, seconds)| *seconds);
        let whole = ran.is_some_and(|(rung, _)| rung + 1 == self.course.rungs().len());
        if let Some(reason) = reason.filter(|_| record.status == Status::Ok && !whole) {
            record.status = Status::Pruned;
            record.error = Some(reason.to_owned());
        }
        (record.config_id, record.replicate) = (entry.trial_id / replicates, entry.trial_id % replicates);
        Ok(record)
    }

    /// Returns the record of a trial that was stopped before it ran.
    fn never_run(&self) -> TrialRecord {
        let measures = self.configurations().measures.iter().map(|name| (name.clone(), None)).collect();
        TrialRecord { measures, ..TrialRecord::new(ContentKey::NONE) }
    }
}

impl Ledger {
    /// Does the same as [`Ledger::read`] for a plan that goes in rounds. Trials have entries once they go no further.
    pub(super) fn read_rounds(
        plan: &Arc<ResolvedPlan>,
        fingerprints: &[String],
        journals: Vec<(Shard, PathBuf)>,
        keep: &dyn Fn(u64) -> bool,
    ) -> Result<Self, JournalError> {
        let mut damage = Vec::new();
        let mut records = Records::read(fingerprints, journals, &mut damage)?;
        let mut course = Course::start(plan);
        let mut furthest: BTreeMap<u64, (usize, f64, RecordedTrial)> = BTreeMap::new();
        let mut several: Vec<(u64, Vec<RecordPlace>)> = Vec::new();
        records.follow(&mut course, false, &mut |job, entry, record, good| {
            let before = furthest.get(&entry.trial_id).map_or(0.0, |(_, seconds, _)| *seconds);
            furthest.insert(entry.trial_id, (job.rung, before + record.timing.seconds, entry));
            if good.len() > 1 {
                several.push((entry.trial_id, good.iter().map(|one| one.place).collect()));
            }
        })?;
        let over = |(trial_id, (rung, _, entry)): (&u64, &(usize, f64, RecordedTrial))| {
            course.is_over(trial_id / plan.replicates, *rung).then_some(*entry)
        };
        let mut entries: Vec<RecordedTrial> = furthest.iter().filter_map(over).collect();
        for (config_id, _) in course.all_stopped() {
            for trial_id in config_id * plan.replicates..(config_id + 1) * plan.replicates {
                if !furthest.contains_key(&trial_id) {
                    entries.push(RecordedTrial { trial_id, place: RecordPlace::NOWHERE });
                }
            }
        }
        entries.sort_unstable();
        let configurations = Arc::clone(course.configurations());
        let rungs = furthest.into_iter().map(|(trial_id, (rung, seconds, _))| (trial_id, (rung, seconds))).collect();
        let rounds = Some(Rounds { course, rungs });
        let (doubled, doubles, files) = (0, Vec::new(), records.files);
        let mut ledger = Self { entries, doubled, doubles, damage, configurations, files, rounds };
        several.sort();
        for (trial_id, good) in several {
            ledger.note_double(trial_id, &good)?;
        }
        ledger.add_copies(keep);
        Ok(ledger)
    }
}

/// The records of a plan's journals and the course that follows from them, for callers that continue the search.
pub(crate) struct Going {
    pub(crate) records: Records,
    pub(crate) course: Course,
    pub(crate) damage: Vec<Damage>,
}

impl Going {
    pub(crate) fn read(
        plan: &Arc<ResolvedPlan>,
        fingerprints: &[String],
        journals: Vec<(Shard, PathBuf)>,
        retry_failed: bool,
    ) -> Result<Self, JournalError> {
        let mut damage = Vec::new();
        let mut records = Records::read(fingerprints, journals, &mut damage)?;
        let mut course = Course::start(plan);
        records.follow(&mut course, retry_failed, &mut |_, _, _, _| {})?;
        Ok(Self { records, course, damage })
    }
}
