//! The steps of a race without rounds, and the jobs that they consist of.

use crate::search::stopping::open::{OpenRace, Step};
use crate::search::stopping::{Job, Outcomes, Stopped};

/// A race, with its steps so far.
pub(super) struct Steps {
    race: Box<dyn OpenRace>,
    /// The steps, each with the number of outcomes that it lacks.
    steps: Vec<(Step, u64)>,
    /// The step of each job.
    of: Vec<usize>,
    /// The number of steps that lack outcomes.
    incomplete: usize,
}

impl Steps {
    pub(super) fn new(race: Box<dyn OpenRace>) -> Self {
        Self { race, steps: Vec::new(), of: Vec::new(), incomplete: 0 }
    }

    /// Lets a configuration enter the race.
    pub(super) fn enter(&mut self, config_id: u64) {
        self.race.enter(config_id);
    }

    /// Notes that no other configuration enters.
    pub(super) fn end(&mut self) {
        self.race.end();
    }

    /// Returns the jobs that are due and the configurations that were stopped since the last call.
    pub(super) fn decide(&mut self) -> (Vec<Job>, Vec<Stopped>) {
        let decided = self.race.decide();
        let mut jobs = Vec::new();
        for step in decided.due {
            let (config_id, rung) = (step.config_id, step.rung);
            jobs.extend(step.replicates.clone().map(|replicate| Job { config_id, replicate, rung }));
            self.of.resize(self.of.len() + (step.replicates.end - step.replicates.start) as usize, self.steps.len());
            let lacking = step.replicates.end - step.replicates.start;
            self.steps.push((step, lacking));
            self.incomplete += 1;
        }
        (jobs, decided.stopped)
    }

    /// Notes that the outcome of job `at` is known.
    pub(super) fn note(&mut self, at: usize, outcomes: &Outcomes) {
        let Some((step, lacking)) = self.of.get(at).and_then(|step| self.steps.get_mut(*step)) else { return };
        *lacking = lacking.saturating_sub(1);
        if *lacking == 0 {
            self.incomplete -= 1;
            self.race.note(step, outcomes);
        }
    }

    /// Returns whether all steps so far are complete.
    pub(super) fn is_complete(&self) -> bool {
        self.incomplete == 0
    }

    /// Returns the first configuration that lacks an outcome.
    pub(super) fn first_incomplete(&self) -> Option<u64> {
        self.steps.iter().filter(|(_, lacking)| *lacking > 0).map(|(step, _)| step.config_id).min()
    }
}
