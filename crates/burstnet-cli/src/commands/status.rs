//! `burstnet status`: how far each shard of a sweep is.

use std::collections::VecDeque;

use burstnet_core::engine::Isa;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::plan::shard::Shard;
use burstnet_sweep::results::course::Course;
use burstnet_sweep::results::journal::{JournalError, Reader, check_idle};
use burstnet_sweep::results::ledger::Ledger;
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::results::provenance;
use burstnet_sweep::results::study::Study;
use burstnet_sweep::run::executor::now_ms;
use serde_json::{Value as Json, json};

use crate::arguments::StatusArguments;
use crate::failure::Failure;
use crate::shared::shards::shards_of;
use crate::terminal::damage::report_damage;
use crate::terminal::say::{say, say_json};
use crate::terminal::table;
use crate::text::{count, duration, short};

/// Over how many trials the rate is taken at most.
const RECENT: usize = 1000;
/// A longer time without a trial, before a trial began, is one in which nothing ran.
const PAUSE_MS: u64 = 60_000;

/// Shows done, missing, failed and diverged trials, rate and time left.
pub(crate) fn status(arguments: &StatusArguments) -> Result<(), Failure> {
    let model = NamedModel::of_results(&arguments.results, Isa::detect())?;
    let study = Study::open(&arguments.results, model.objective())?;
    let ledger = study.ledger(&|_| true)?;
    let plan = ledger.configurations();
    if let Some(course) = ledger.course() {
        return rounds(&study, &ledger, course, arguments.json);
    }
    let count_of_shards = shards_of(&ledger);
    let mut rows: Vec<Row> = (0..count_of_shards)
        .filter_map(|index| Shard::new(index, count_of_shards))
        .map(|shard| Row {
            shard,
            total: shard.size(plan.runs()),
            done: 0,
            failed: 0,
            diverged: 0,
            state: State::NotStarted,
            rate: None,
        })
        .collect();
    let copies = plan.copies();
    for entry in ledger.entries.iter().filter(|entry| !copies.contains(entry.trial_id / plan.replicates)) {
        let row = &mut rows[(plan.position(entry.trial_id) % u64::from(count_of_shards)) as usize];
        row.done += 1;
        row.failed += u64::from(entry.failed());
        row.diverged += u64::from(entry.diverged());
    }
    for (shard, path) in ledger.journals() {
        if let Some(row) = rows.iter_mut().find(|row| row.shard == *shard) {
            let running = matches!(check_idle(path), Err(JournalError::Locked { .. }));
            row.state = if running { State::Running } else { State::Stopped };
            row.rate = if running { recent_rate(Reader::open(path, study.fingerprints())?)? } else { None };
        }
    }
    let not_ok = NotOk::of(&ledger);
    let shuffled = provenance::is_shuffled(&study.results);
    report_damage(&ledger.damage, plan.trials() - ledger.entries.len() as u64, "trials lost there are missing");
    if arguments.json {
        let more = json!({ "shuffled": shuffled, "shards": rows.iter().map(Row::json).collect::<Vec<_>>() });
        return say_progress(&ledger, &not_ok, more);
    }
    let header = ["shard", "state", "done", "missing", "failed", "diverged", "per second", "left"];
    say(&format!(
        "{}: {} of {} done{}{}{}\n\n{}",
        study.results.display(),
        ledger.entries.len(),
        count(plan.trials(), "trial", "trials"),
        repeated(plan),
        not_ok.for_people(),
        if shuffled { "\nin shuffled order" } else { "" },
        table(&header, &rows.iter().map(Row::for_people).collect::<Vec<_>>(), 2)
    ))
}

/// Trials that are done and did not end well.
struct NotOk {
    failed: usize,
    diverged: usize,
}

impl NotOk {
    fn of(ledger: &Ledger) -> Self {
        Self {
            failed: ledger.entries.iter().filter(|entry| entry.failed()).count(),
            diverged: ledger.entries.iter().filter(|entry| entry.diverged()).count(),
        }
    }

    /// Returns the end of a sentence.
    fn for_people(&self) -> String {
        let counts = [(self.failed, "failed"), (self.diverged, "diverged")];
        let told: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) }
    }
}

/// Prints as one JSON object how far a sweep is, and `more`.
fn say_progress(ledger: &Ledger, not_ok: &NotOk, mut more: Json) -> Result<(), Failure> {
    let plan = ledger.configurations();
    let mut all = json!({
        "name": plan.name,
        "trials": plan.trials(),
        "runs": plan.runs(),
        "done": ledger.entries.len(),
        "failed": not_ok.failed,
        "diverged": not_ok.diverged,
    });
    if let (Some(all), Some(more)) = (all.as_object_mut(), more.as_object_mut()) {
        all.append(more);
    }
    say_json(&all.to_string())
}

/// Does the same as [`status`], of a search that adapts.
fn rounds(study: &Study, ledger: &Ledger, course: &Course, json: bool) -> Result<(), Failure> {
    let plan = ledger.configurations();
    let running =
        ledger.journals().iter().filter(|(_, path)| matches!(check_idle(path), Err(JournalError::Locked { .. })));
    let running: Vec<String> = running.map(|(shard, _)| shard.to_string()).collect();
    let (all, missing) = (course.jobs().len(), course.missing());
    report_damage(&ledger.damage, missing as u64, "trials lost there are missing");
    let not_ok = NotOk::of(ledger);
    if json {
        let more = json!({
            "finished": course.is_finished(),
            "round": plan.lag().is_none().then(|| course.round()),
            "round_trials": plan.lag().is_none().then_some(all),
            "round_missing": plan.lag().is_none().then_some(missing),
            "lag": plan.lag(),
            "due": plan.lag().is_some().then_some(missing),
            "running_shards": running,
        });
        return say_progress(ledger, &not_ok, more);
    }
    let results = study.results.display();
    let trials = count(plan.trials(), "trial", "trials");
    let done = format!("{} of {trials} done{}{}", ledger.entries.len(), repeated(plan), not_ok.for_people());
    if course.is_finished() {
        let rounds = format!(" in {}", count(course.round(), "round", "rounds"));
        let rounds = if plan.lag().is_some() { "" } else { &rounds };
        return say(&format!("{results}: {done}{rounds}{}", ended(plan)));
    }
    let who =
        if running.is_empty() { "no process runs it".into() } else { format!("running: shard {}", running.join(", ")) };
    if let (Some(lag), Some(first)) = (plan.lag(), course.first_missing()) {
        let due = count(missing as u64, "trial is", "trials are");
        return say(&format!("{results}: {done}\n\nlag {lag}: {due} due, from configuration {first} on; {who}"));
    }
    say(&format!(
        "{results}: {done}\n\nround {}: {} of {all} done, {missing} missing; {who}",
        course.round(),
        all - missing
    ))
}

/// Returns how many trials are copies, as the end of a sentence; empty if none are.
fn repeated(plan: &Configurations) -> String {
    match plan.trials() - plan.runs() {
        0 => String::new(),
        copies => format!(" ({copies} of them copies of equal configurations, which run once)"),
    }
}

/// Returns why a search ended before it had as many configurations as were asked for; nothing if it had.
fn ended(plan: &Configurations) -> String {
    plan.ended().map_or(String::new(), |ended| format!("; {ended}"))
}

/// The state of a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    NotStarted,
    Running,
    Stopped,
}

/// One shard.
struct Row {
    shard: Shard,
    total: u64,
    done: u64,
    failed: u64,
    diverged: u64,
    state: State,
    /// Trials per second, where it runs and that is known.
    rate: Option<f64>,
}

impl Row {
    fn missing(&self) -> u64 {
        self.total - self.done
    }

    fn seconds_left(&self) -> Option<f64> {
        self.rate.map(|rate| self.missing() as f64 / rate)
    }

    fn state(&self) -> &'static str {
        match (self.missing(), self.state) {
            (0, State::NotStarted | State::Stopped) => "done",
            (_, State::Running) => "running",
            (_, State::Stopped) => "stopped",
            (_, State::NotStarted) => "not started",
        }
    }

    fn for_people(&self) -> Vec<String> {
        let mut cells = vec![self.shard.to_string(), self.state().to_owned()];
        cells.extend([self.done, self.missing(), self.failed, self.diverged].map(|n| n.to_string()));
        cells.push(self.rate.map_or("–".into(), short));
        cells.push(self.seconds_left().map_or("–".into(), duration));
        cells
    }

    fn json(&self) -> Json {
        json!({
            "shard": self.shard.to_string(),
            "state": self.state(),
            "done": self.done,
            "missing": self.missing(),
            "failed": self.failed,
            "diverged": self.diverged,
            "trials_per_second": self.rate,
            "seconds_left": self.seconds_left(),
        })
    }
}

/// Returns the trials per second since the last pause, over the last trials.
fn recent_rate(mut journal: Reader) -> Result<Option<f64>, Failure> {
    let mut ends: VecDeque<u64> = VecDeque::with_capacity(RECENT + 1);
    while let Some(frame) = journal.next_frame()? {
        let (end, start) = (frame.stub.ended_ms, frame.stub.started_ms());
        if ends.back().is_some_and(|last| start > last + PAUSE_MS) {
            ends.clear();
        }
        ends.push_back(end);
        if ends.len() > RECENT {
            ends.pop_front();
        }
    }
    let Some(first) = ends.front().filter(|_| ends.len() > 1) else { return Ok(None) };
    let seconds = now_ms().saturating_sub(*first) as f64 / 1000.0;
    Ok((seconds > 0.0).then(|| (ends.len() - 1) as f64 / seconds))
}
