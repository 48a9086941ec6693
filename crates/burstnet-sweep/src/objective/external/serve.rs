//! One trial by a worker: the request, the answer, and another try where a worker was lost.

use std::io;
use std::os::unix::process::ExitStatusExt as _;

use super::CommandModel;
use super::process::{Conversation, Ending, Input, Start};
use super::protocol::request_of_worker;
use super::seats::Taken;
use super::start::{begun, is_lack_of_room};
use super::trial::{Job, Output, Own, failed, timed_out};
use super::worker::{self, THREADS, Worker};
use crate::objective::{Deadline, EnvironmentError, Evaluation, EvaluationError};

/// A try at a trial.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Try {
    /// The first one, by any worker.
    First,
    /// The second one, by a fresh worker.
    Second,
}

impl CommandModel {
    /// Lets a worker evaluate a trial. If that worker is lost, lets a fresh one evaluate it once more.
    pub(super) fn serve(
        &self,
        job: Job<'_>,
        seat: &mut Taken<'_>,
        own: &mut Own,
        deadline: &Deadline<'_>,
    ) -> Result<Evaluation, EvaluationError> {
        let (worker, its_deadline) = self.worker(job, seat, deadline, Try::First)?;
        if let Some(outcome) = self.ask(job, seat, worker, own, &its_deadline, Try::First)? {
            return outcome;
        }
        *own = self.own_folders(job.configuration, job.attempt)?; // empty again
        let (worker, its_deadline) = self.worker(job, seat, &deadline.from_now(), Try::Second)?;
        let outcome = self.ask(job, seat, worker, own, &its_deadline, Try::Second)?;
        outcome.unwrap_or_else(|| Err(failed("no worker could evaluate it".into(), "")))
    }

    /// Returns the worker that waits at the seat, or else a fresh one. Where the machine has no room for another one, waits
    /// as for any program, or takes one that waits at another seat.
    fn worker<'d>(
        &self,
        job: Job<'_>,
        seat: &mut Taken<'_>,
        deadline: &Deadline<'d>,
        which: Try,
    ) -> Result<(Worker, Deadline<'d>), EnvironmentError> {
        match waiting(seat) {
            Some(worker) => Ok((worker, *deadline)),
            None => begun(&job.launch.executable, || self.worker_with_room(job, seat, which), deadline),
        }
    }

    fn worker_with_room(&self, job: Job<'_>, seat: &mut Taken<'_>, which: Try) -> io::Result<Worker> {
        loop {
            let error = match self.fresh_worker(job, seat.slot()) {
                Err(error) if is_lack_of_room(&error) => error,
                started_or_not => return started_or_not,
            };
            let found = match which {
                Try::First => seat.moves().then(|| waiting(seat)),
                Try::Second => seat.other_worker().map(|other| {
                    drop(other); // which makes room
                    None
                }),
            };
            match found {
                Some(Some(worker)) => return Ok(worker),
                Some(None) => {}
                None => return Err(error),
            }
        }
    }

    /// Starts a worker.
    fn fresh_worker(&self, job: Job<'_>, slot: u64) -> io::Result<Worker> {
        let Job { launch, configuration, attempt } = job;
        let filled = self.filled(configuration, attempt, &Own::default(), slot);
        let (arguments, mut environment) = filled.map_err(io::Error::other)?;
        let is_given = |name: &str| self.program.environment.contains_key(name) || std::env::var_os(name).is_some();
        let single = THREADS.iter().filter(|name| !is_given(name));
        environment.extend(single.map(|name| ((*name).to_owned(), "1".to_owned())));
        let start = Start {
            program: &launch.executable,
            arguments: &arguments,
            environment: &environment,
            folder: &launch.folder,
            input: Input::Stays,
        };
        Conversation::start(start).map(Worker::new)
    }

    /// Asks a worker to evaluate the trial. Returns `None` if the worker was lost in a way that need not be the fault of the
    /// trial: it was ended by a signal, or it ended or broke the protocol after it had served other trials. So the result of
    /// a trial does not depend on those before it.
    fn ask(
        &self,
        job: Job<'_>,
        seat: &mut Taken<'_>,
        mut worker: Worker,
        own: &Own,
        deadline: &Deadline<'_>,
        which: Try,
    ) -> Result<Option<Result<Evaluation, EvaluationError>>, EnvironmentError> {
        let id = job.attempt.trial_id;
        let folders = (own.dir.as_deref(), own.state.as_ref().map(|state| state.path.as_path()));
        let request = request_of_worker(job.configuration, job.attempt, self.program.budget.as_deref(), folders);
        let is_fresh = worker.served() == 0;
        let mut output = Output::of(self, Some(id));
        let mut take = |bytes: &[u8]| {
            self.heard.take(bytes);
            output.take(bytes)
        };
        let asked = worker.ask(&request, deadline, &mut take);
        let (ending, tail) = asked.map_err(|error| job.launch.cannot_be_watched(&error))?;
        job.launch.unchanged()?; // a program may read its file while it runs
        let is_lost = match &ending {
            Ending::Exited(status) => !is_fresh || status.signal().is_some(),
            Ending::Refused(_) => !is_fresh,
            Ending::Answered | Ending::TimedOut => false,
        };
        if is_lost && which == Try::First {
            return Ok(None);
        }
        Ok(Some(match ending {
            Ending::Answered => {
                self.keep(seat, worker);
                match output.failed() {
                    Some(reason) => Err(EvaluationError::Failed(reason)),
                    None => output.finish(self, own.dir.as_deref()).map_err(|problem| failed(problem, &tail)),
                }
            }
            Ending::Exited(status) => {
                let problem = format!(r#"the worker ended with {status}, expected the line {{"id": {id}}} before"#);
                Err(failed(problem, &tail))
            }
            Ending::Refused(problem) => Err(failed(problem, &tail)),
            Ending::TimedOut => Err(timed_out(tail)),
        }))
    }

    /// Lets a worker wait at its seat for the next trial, unless it has served as many as it may.
    fn keep(&self, seat: &mut Taken<'_>, worker: Worker) {
        if self.restart_after.is_some_and(|most| worker.served() >= most) {
            worker::end(vec![worker]);
        } else {
            seat.worker = Some(worker);
        }
    }
}

/// Takes the worker that waits at a seat, if it still can be asked.
fn waiting(seat: &mut Taken<'_>) -> Option<Worker> {
    let mut worker = seat.worker.take()?;
    worker.is_ready().is_ok_and(|ready| ready).then_some(worker)
}

#[cfg(test)]
mod tests;
