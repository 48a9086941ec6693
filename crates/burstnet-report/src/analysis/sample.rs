//! The data of statistics: the measures of every trial in compact columns, collected while the tables are written.
//! Trials of configurations that are copies of others are only counted.

use std::sync::Arc;

use burstnet_sweep::plan::Trial;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::plan::copies::Copies;
use burstnet_sweep::results::journal::JournalError;
use burstnet_sweep::results::ledger::Ledger;
use burstnet_sweep::results::record::{Status, TrialRecord};
use serde::Serialize;

use super::errors::Errors;
use super::shared::shared_by_most;

/// Trials of one configuration, or of all, by how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Ended as they should.
    pub ok: u64,
    /// Diverged.
    pub diverged: u64,
    /// Failed.
    pub failed: u64,
    /// Stopped early by the search.
    pub pruned: u64,
}

impl Counts {
    fn add(&mut self, status: Status) {
        match status {
            Status::Ok => self.ok += 1,
            Status::Diverged => self.diverged += 1,
            Status::Failed => self.failed += 1,
            Status::Pruned => self.pruned += 1,
        }
    }

    /// Returns the number of all trials.
    pub fn all(&self) -> u64 {
        self.ok + self.diverged + self.failed + self.pruned
    }

    /// Returns the number of trials that failed or diverged.
    pub fn not_ok(&self) -> u64 {
        self.diverged + self.failed
    }
}

/// The measures of the trials that there are: about 8 bytes per trial and measure that has any value, 4 bytes per trial
/// and 32 bytes per configuration.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    measures: Vec<String>,
    replicates: u64,
    /// The number of replicates that all configurations have.
    least: u64,
    config_ids: Vec<u64>,
    /// The first row of each configuration and, last, the number of rows.
    starts: Vec<usize>,
    counts: Vec<[u32; 4]>,
    /// The replicate of each row.
    rows: Vec<u32>,
    /// The values of each measure by row, NaN where there is none; empty for a measure without any value.
    columns: Vec<Vec<f64>>,
    /// Values of each measure that are infinite or no number, which count as missing.
    not_finite: Vec<u64>,
    copies: Arc<Copies>,
    /// Numbers of all trials by how they ended.
    total: Counts,
    /// Numbers of trials of configurations that are no copies.
    distinct: Counts,
    errors: Errors,
    expected: usize,
}

impl Sample {
    /// Returns an empty sample of `plan`, which will get `trials` trials.
    pub(crate) fn new(plan: &Configurations, trials: usize) -> Self {
        let trials = usize::try_from(plan.runs()).unwrap_or(usize::MAX).min(trials);
        let configurations = usize::try_from(plan.distinct()).unwrap_or(usize::MAX).min(trials);
        let mut starts = Vec::with_capacity(configurations + 1);
        starts.push(0);
        Self {
            measures: plan.measures.clone(),
            replicates: plan.replicates,
            least: plan.least_replicates(),
            config_ids: Vec::with_capacity(configurations),
            starts,
            counts: Vec::with_capacity(configurations),
            rows: Vec::with_capacity(trials),
            columns: vec![Vec::new(); plan.measures.len()],
            not_finite: vec![0; plan.measures.len()],
            expected: trials,
            copies: Arc::new(plan.copies().clone()),
            ..Self::default()
        }
    }

    /// Returns the trials of a ledger.
    ///
    /// # Errors
    /// Returns an error if a journal cannot be read.
    pub fn read(mut ledger: Ledger) -> Result<Self, JournalError> {
        let plan = Arc::clone(ledger.configurations());
        let entries = std::mem::take(&mut ledger.entries);
        let mut sample = Self::new(&plan, entries.len());
        for entry in entries {
            let record = ledger.record(entry)?;
            let measures: Vec<Option<f64>> = plan.measures.iter().map(|name| record.measure(name)).collect();
            sample.add(plan.trial(entry.trial_id), &record, &measures);
        }
        Ok(sample)
    }

    /// Takes a trial; they come in the order of their numbers. `measures` are its values in the order of the plan.
    pub(crate) fn add(&mut self, trial: Trial, record: &TrialRecord, measures: &[Option<f64>]) {
        self.total.add(record.status);
        // One that was stopped early is no error.
        if let Some(message) = record.error.as_ref().filter(|_| record.status != Status::Pruned) {
            self.errors.add(record.status, message, trial.id);
        }
        if self.copies.contains(trial.config_id) {
            return;
        }
        self.distinct.add(record.status);
        let row = self.rows.len();
        if self.config_ids.last() != Some(&trial.config_id) {
            self.config_ids.push(trial.config_id);
            self.counts.push([0; 4]);
            self.starts.push(row);
        }
        self.rows.push(trial.replicate as u32); // replicates are at most 10⁹
        if let Some(end) = self.starts.last_mut() {
            *end = row + 1;
        }
        if let Some(counts) = self.counts.last_mut() {
            counts[place(record.status)] += 1;
        }
        for (at, value) in measures.iter().enumerate() {
            let held = value.filter(|_| record.status == Status::Ok);
            self.not_finite[at] += u64::from(held.is_some_and(|x| !x.is_finite()));
            let column = &mut self.columns[at];
            match held.filter(|x| x.is_finite()) {
                Some(x) => {
                    if column.capacity() == 0 {
                        column.reserve_exact(self.expected.max(row + 1));
                    }
                    column.resize(row, f64::NAN);
                    column.push(x);
                }
                None if column.is_empty() => {}
                None => column.push(f64::NAN),
            }
        }
    }

    /// Returns the names of the measures, in the order of the plan.
    pub(crate) fn measures(&self) -> &[String] {
        &self.measures
    }

    /// Returns the number of the measure of this name.
    pub(crate) fn measure(&self, name: &str) -> Option<usize> {
        self.measures.iter().position(|own| own == name)
    }

    /// Returns the replicates per configuration in the plan.
    pub(crate) fn replicates(&self) -> u64 {
        self.replicates
    }

    /// Returns the number of distinct configurations that have trials. Below, `place` is the place of a configuration
    /// among these, not its number.
    pub(crate) fn configurations(&self) -> usize {
        self.config_ids.len()
    }

    /// Returns the numbers of the distinct configurations that have trials, sorted.
    pub(crate) fn config_ids(&self) -> &[u64] {
        &self.config_ids
    }

    /// Returns the place of configuration `config_id`, or of the one that it is a copy of, if that has trials.
    pub(crate) fn place(&self, config_id: u64) -> Option<usize> {
        self.config_ids.binary_search(&self.copies.first(config_id)).ok()
    }

    /// Returns the numbers of trials of the configuration at `place` by how they ended.
    pub(crate) fn counts(&self, place: usize) -> Counts {
        let [ok, diverged, failed, pruned] = self.counts[place].map(u64::from);
        Counts { ok, diverged, failed, pruned }
    }

    /// Returns whether the search stopped the configuration at `place` early.
    pub(crate) fn is_stopped(&self, place: usize) -> bool {
        self.counts(place).pruned > 0
    }

    /// Returns the numbers of all trials by how they ended.
    pub fn total(&self) -> Counts {
        self.total
    }

    /// Returns the numbers of trials, by how they ended, of configurations that are no copies.
    pub(crate) fn distinct(&self) -> Counts {
        self.distinct
    }

    /// Returns the values of a measure in the configuration at `place`, by replicate; trials that are not ok, or have
    /// no finite value, are left out.
    pub(crate) fn values(&self, place: usize, measure: usize) -> impl Iterator<Item = (u32, f64)> + '_ {
        let rows = self.starts[place]..self.starts[place + 1];
        let column = self.columns[measure].get(rows.clone()).unwrap_or_default(); // of a measure without values
        self.rows[rows].iter().copied().zip(column.iter().copied()).filter(|(_, x)| !x.is_nan())
    }

    /// Does the same as [`Sample::values`] for the replicates that all configurations have, where adaptive ones gave some
    /// of them more.
    pub(crate) fn values_of_all(&self, place: usize, measure: usize) -> impl Iterator<Item = (u32, f64)> + '_ {
        self.values(place, measure).filter(|(replicate, _)| self.is_of_all(*replicate))
    }

    /// Returns whether all configurations have this replicate.
    pub(crate) fn is_of_all(&self, replicate: u32) -> bool {
        u64::from(replicate) < self.least
    }

    /// Does the same as [`Sample::values`], without the replicates.
    pub(crate) fn plain_values(&self, place: usize, measure: usize) -> Vec<f64> {
        self.values(place, measure).map(|(_, x)| x).collect()
    }

    /// Returns which replicates all compared configurations share; `None` if no trial is missing.
    ///
    /// These are the replicates that most configurations have, as many of them as leave the most trials to be compared.
    pub(crate) fn shared(&self) -> Option<Vec<u32>> {
        let going_on: Vec<&[u32]> = (0..self.configurations())
            .filter(|&place| !self.is_stopped(place))
            .map(|place| self.replicates_at(place))
            .collect();
        let whole = going_on.iter().all(|held| held.len() as u64 == self.replicates);
        (!whole).then(|| shared_by_most(&going_on))
    }

    /// Returns the replicates of which the configuration at `place` has a trial.
    pub(super) fn replicates_at(&self, place: usize) -> &[u32] {
        &self.rows[self.starts[place]..self.starts[place + 1]]
    }

    /// Returns whether the configuration at `place` has a trial of each of these replicates, which are sorted.
    pub(crate) fn has_all(&self, place: usize, shared: &[u32]) -> bool {
        let own = self.replicates_at(place).iter();
        own.filter(|replicate| shared.binary_search(replicate).is_ok()).count() == shared.len()
    }

    /// Returns whether any trial has a finite value of this measure.
    pub(crate) fn has_values(&self, measure: usize) -> bool {
        self.columns.get(measure).is_some_and(|column| !column.is_empty())
    }

    /// Returns how many values of a measure are infinite or no number. They count as missing.
    pub(crate) fn not_finite(&self, measure: usize) -> u64 {
        self.not_finite[measure]
    }

    /// Returns the errors of failed and diverged trials.
    pub(crate) fn errors(&self) -> &Errors {
        &self.errors
    }
}

fn place(status: Status) -> usize {
    match status {
        Status::Ok => 0,
        Status::Diverged => 1,
        Status::Failed => 2,
        Status::Pruned => 3,
    }
}

#[cfg(test)]
mod tests {
    use burstnet_sweep::plan::content::ContentKey;

    use super::*;
    use crate::analysis::tests::plan;

    fn record() -> TrialRecord {
        TrialRecord::new(ContentKey::NONE)
    }

    #[test]
    fn replicates_keep_their_numbers_whatever_is_missing() {
        let plan = plan("replicates: 4\nsearch: {space: {feedback.density: [0.1, 0.2, 0.3]}}\n");
        let mut sample = Sample::new(&plan, 7);
        let mut record = record();
        // Configuration 0 has replicates 0, 1 and 3; configuration 2 has 1, 2 and 3, of which 2 diverged.
        for id in [0, 1, 3, 9, 10, 11] {
            record.status = if id == 10 { Status::Diverged } else { Status::Ok };
            record.error = (id == 10).then(|| "step 7, layer 0".to_owned());
            let mut measures = vec![None; plan.measures.len()];
            measures[2] = Some(id as f64);
            sample.add(plan.trial(id), &record, &measures);
        }
        assert_eq!(sample.config_ids(), [0, 2]);
        assert_eq!((sample.place(1), sample.place(2)), (None, Some(1)));
        assert_eq!(sample.values(1, 2).collect::<Vec<_>>(), [(1, 9.0), (3, 11.0)]);
        assert_eq!(sample.values(1, 0).count(), 0);
        assert_eq!((sample.has_values(2), sample.has_values(0)), (true, false));
        assert_eq!(sample.counts(1), Counts { ok: 2, diverged: 1, failed: 0, pruned: 0 });
        assert_eq!(sample.errors().groups[0].trial_ids, [10]);
    }

    #[test]
    fn many_kinds_of_errors_are_counted() {
        let plan = plan("replicates: 300\nsearch: {space: {feedback.density: [0.1]}}\n");
        let mut sample = Sample::new(&plan, 300);
        let mut record = record();
        record.status = Status::Failed;
        let long = "é".repeat(20_000);
        for id in 0..300_u64 {
            let letters: String = [id / 26, id % 26].map(|i| char::from(b'a' + i as u8)).iter().collect();
            record.error = Some(if id == 0 { long.clone() } else { letters });
            sample.add(plan.trial(id), &record, &vec![None; plan.measures.len()]);
        }
        assert_eq!((sample.errors().groups.len(), sample.errors().others), (100, 200));
        assert_eq!(sample.errors().groups[0].message.chars().count(), 10_001);
    }

    #[test]
    fn a_million_trials_of_seven_measures_take_less_than_100_megabytes() {
        let plan =
            plan("search: {strategy: random, trials: 1000000, space: {feedback.density: {uniform: [0.1, 1]}}}\n");
        let mut sample = Sample::new(&plan, 1_000_000);
        let record = record();
        let measures: Vec<Option<f64>> = (0..plan.measures.len()).map(|at| (at < 7).then_some(1.0)).collect();
        for id in 0..1_000_000 {
            sample.add(plan.trial(id), &record, &measures);
        }
        let columns: usize = sample.columns.iter().map(|column| 8 * column.capacity()).sum();
        let rows = 4 * sample.rows.capacity();
        let configurations =
            8 * sample.config_ids.capacity() + 8 * sample.starts.capacity() + 16 * sample.counts.capacity();
        let total = columns + rows + configurations;
        assert!(total < 100_000_000, "{columns} + {rows} + {configurations} bytes");
    }
}
