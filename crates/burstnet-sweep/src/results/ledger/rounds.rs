//! The records of a search that adapts. They determine how far it is, and its configurations.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::JournalFiles;
use super::place::RecordPlace;
use super::{Ledger, RecordedTrial};
use crate::plan::ResolvedPlan;
use crate::plan::configurations::Configurations;
use crate::plan::content::{ContentKey, ContentKeys};
use crate::plan::shard::Shard;
use crate::results::course::{Course, Job};
use crate::results::journal::{self, Damage, JournalError, Reader};
use crate::results::record::{Status, TrialRecord};
use crate::search::samplers::Point;

/// The records of all journals, by content key.
pub(crate) struct Records {
    /// The starts of the keys, and the places of the records.
    places: Vec<(u64, RecordPlace)>,
    /// The same of records that other processes have added since.
    later: BTreeMap<u64, Vec<RecordPlace>>,
    files: JournalFiles,
    /// The ends of what has been read, by journal.
    ends: Vec<u64>,
    /// The proposed points that have been found, by basis, and that the course does not know yet.
    points: HashMap<u64, Point>,
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
        let (mut places, mut ends, mut points) = (Vec::new(), vec![0; journals.len()], HashMap::new());
        for (number, (_, path)) in journals.iter().enumerate() {
            let mut reader = Reader::open(path, fingerprints)?;
            while let Some(frame) = reader.next_frame()? {
                ends[number] = frame.end;
                let place = RecordPlace::new(number, frame.start, frame.stub.status);
                places.push((frame.stub.key.prefix(), place));
                points.extend(frame.proposals.into_iter().map(|one| (one.basis, one.point)));
            }
            damage.extend_from_slice(reader.damage());
        }
        places.sort_unstable();
        Ok(Self { places, later: BTreeMap::new(), files: JournalFiles::new(journals), ends, points })
    }

    /// Reads what other processes than that of shard `own` have added to the journals since. Returns the starts of the
    /// keys of these records.
    ///
    /// # Errors
    /// If a journal cannot be read.
    pub(crate) fn look(
        &mut self,
        results: &Path,
        fingerprints: &[String],
        own: Shard,
    ) -> Result<Vec<u64>, JournalError> {
        let mut new = Vec::new();
        for (shard, path) in journal::list(results)?.into_iter().filter(|(shard, _)| *shard != own) {
            let number = self.files.number(shard, &path);
            self.ends.resize(self.ends.len().max(number + 1), 0);
            // Bytes that are no record yet may become one: damage counts when the journals are read from the start.
            let mut reader = Reader::open_at(&path, fingerprints, self.ends[number])?;
            while let Some(frame) = reader.next_frame()? {
                self.ends[number] = frame.end;
                let (prefix, place) =
                    (frame.stub.key.prefix(), RecordPlace::new(number, frame.start, frame.stub.status));
                self.later.entry(prefix).or_default().push(place);
                new.push(prefix);
                self.points.extend(frame.proposals.into_iter().map(|one| (one.basis, one.point)));
            }
        }
        Ok(new)
    }

    /// Returns the key of a job.
    pub(crate) fn key(&self, course: &Course, at: usize) -> ContentKey {
        let configurations = course.configurations();
        key_of(&ContentKeys::new(configurations), course, course.jobs()[at])
    }

    /// Notes the outcome of a job that another shard has run, and returns whether there is one. It was made while this
    /// process waited, so it counts even if the trial failed.
    ///
    /// # Errors
    /// If a journal cannot be read.
    pub(crate) fn note(&mut self, course: &mut Course, at: usize) -> Result<bool, JournalError> {
        let key = self.key(course, at);
        let found = self.of(key)?;
        let best = found.iter().rev().find(|(place, _)| !place.failed()).or(found.last());
        if let Some((_, record)) = best {
            course.note(at, record);
        }
        Ok(best.is_some())
    }

    /// Returns the records of a key, in the order in which they were written.
    fn of(&mut self, key: ContentKey) -> Result<Vec<(RecordPlace, TrialRecord)>, JournalError> {
        let first = self.places.partition_point(|(prefix, _)| *prefix < key.prefix());
        let mut found = Vec::new();
        let before = self.places[first..].iter().take_while(|(prefix, _)| *prefix == key.prefix());
        let later = self.later.get(&key.prefix()).into_iter().flatten().copied();
        for place in before.map(|(_, place)| *place).chain(later) {
            let record = self.files.record(place)?;
            if record.key == key {
                found.push((place, record));
            }
        }
        Ok(found)
    }

    /// Notes all outcomes that are known, as far as the search goes with them, and returns the jobs that are due and have
    /// none. With `retry_failed`, the outcomes of failed trials count as missing.
    ///
    /// Each job is looked up once, when it comes up. `noted` receives each job, its record and the entry of that, and all entries for its records that did not fail.
    ///
    /// # Errors
    /// If a journal cannot be read.
    pub(crate) fn follow(
        &mut self,
        course: &mut Course,
        retry_failed: bool,
        noted: &mut Noted<'_>,
    ) -> Result<Vec<usize>, JournalError> {
        course.know(std::mem::take(&mut self.points));
        let plan = Arc::clone(course.configurations().plan());
        let keys = ContentKeys::new(&plan);
        let mut due = Vec::new();
        loop {
            let configurations = Arc::clone(course.configurations());
            for at in course.take_new() {
                let job = course.jobs()[at];
                let trial = configurations.trial(job.config_id * configurations.replicates + job.replicate);
                let found = self.of(key_of(&keys, course, job))?;
                // Configurations that are equal share a key, and each has a record of its own.
                let own = |record: &TrialRecord| (record.config_id, record.replicate) == (job.config_id, job.replicate);
                let good: Vec<RecordedTrial> = (found.iter().filter(|(place, record)| !place.failed() && own(record)))
                    .map(|(place, _)| RecordedTrial { trial_id: trial.id, place: *place })
                    .collect();
                let best = found.iter().rev().find(|(place, _)| !place.failed());
                let best = best.or(found.last().filter(|_| !retry_failed));
                match best {
                    Some((place, record)) => {
                        course.note(at, record);
                        noted(job, RecordedTrial { trial_id: trial.id, place: *place }, record, &good);
                    }
                    None => due.push(at),
                }
            }
            drop(configurations); // so that the next ones are added where they lie
            if !course.advance() {
                return Ok(due);
            }
        }
    }
}

/// Returns the key of a job.
fn key_of(keys: &ContentKeys<'_>, course: &Course, job: Job) -> ContentKey {
    let configurations = course.configurations();
    keys.trial(&configurations.values(job.config_id), job.replicate, course.budget(job))
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
    /// Does the same as [`Ledger::read`] for a search that adapts. Trials have entries once they go no further.
    pub(super) fn read_rounds(
        plan: &Arc<ResolvedPlan>,
        fingerprints: &[String],
        journals: Vec<(Shard, PathBuf)>,
        keep: &dyn Fn(u64) -> bool,
    ) -> Result<Self, JournalError> {
        let mut damage = Vec::new();
        let mut records = Records::read(fingerprints, journals, &mut damage)?;
        let mut course = Course::resume(plan, std::mem::take(&mut records.points));
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
    /// The jobs that are due and have no record.
    pub(crate) due: Vec<usize>,
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
        let mut course = Course::resume(plan, std::mem::take(&mut records.points));
        let due = records.follow(&mut course, retry_failed, &mut |_, _, _, _| {})?;
        Ok(Self { records, course, due, damage })
    }
}
