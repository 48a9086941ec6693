//! The progress of a sweep or a run, on standard error: a bar on a terminal, else a line every few seconds.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use burstnet_core::observer::{Observer, StepView};
use burstnet_core::weights::WeightRows;
use burstnet_sweep::objective::{EnvironmentError, Goal};
use burstnet_sweep::plan::ResolvedPlan;
use burstnet_sweep::results::journal::Damage;
use burstnet_sweep::results::record::{Status, TrialRecord};
use burstnet_sweep::run::session::Follower;

use super::damage::report_damage;
use crate::process::host;
use crate::terminal::bar::{Bar, Counted};
use crate::terminal::say::complain;
use crate::text::{count, duration, short};

/// The time between two lines where there is no terminal, if trials ended since the last one.
const LINE_INTERVAL: Duration = Duration::from_secs(5);
/// The same for a host, which shows one line alone.
const HOSTED_INTERVAL: Duration = Duration::from_millis(500);
/// The time between two lines if none ended.
const STILL_INTERVAL: Duration = Duration::from_secs(60);

/// Shows how far a sweep is.
pub(crate) struct SweepProgress {
    bar: Bar,
    on_terminal: bool,
    goal: Goal,
    best: Option<(f64, u64)>,
    failed: u64,
    diverged: u64,
    /// The round that a search is in, if it goes by rounds; done and total are of this one.
    round: Option<u64>,
    /// The name of what `done` and `total` count.
    unit: &'static str,
    total: u64,
    done: u64,
    new: u64,
    start: Instant,
    last_line: Instant,
    /// The value of `done` in the last line.
    done_in_line: u64,
}

impl SweepProgress {
    pub(crate) fn new(plan: &ResolvedPlan) -> Self {
        Self {
            bar: Bar::hidden(),
            on_terminal: Bar::is_shown(),
            goal: plan.objective.clone(),
            best: None,
            failed: 0,
            diverged: 0,
            round: None,
            unit: "trials",
            total: plan.most_runs(),
            done: 0,
            new: 0,
            start: Instant::now(),
            last_line: Instant::now(),
            done_in_line: 0,
        }
    }

    /// Removes the bar.
    pub(crate) fn clear(&self) {
        self.bar.clear();
    }

    /// Returns notes on the trials, the most important first.
    fn extras(&self) -> Vec<String> {
        let counts = [(self.failed, "failed"), (self.diverged, "diverged")];
        let counts = counts.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}"));
        let best =
            self.best.map(|(best, config)| format!("best {} {} (config {config})", self.goal.measure, short(best)));
        counts.chain(best).collect()
    }

    fn line(&mut self) {
        let often = if host::is_there() { HOSTED_INTERVAL } else { LINE_INTERVAL };
        let interval = if self.done > self.done_in_line { often } else { STILL_INTERVAL };
        if self.on_terminal || host::is_quiet() || self.last_line.elapsed() < interval {
            return;
        }
        (self.last_line, self.done_in_line) = (Instant::now(), self.done);
        let rate = self.new as f64 / self.start.elapsed().as_secs_f64();
        let left = if self.new == 0 { "?".into() } else { duration((self.total - self.done) as f64 / rate) };
        let round = self.round.map_or(String::new(), |round| format!("round {round}: "));
        let extras: String = self.extras().iter().map(|extra| format!(" · {extra}")).collect();
        let (done, total, unit, rate) = (self.done, self.total, self.unit, short(rate));
        complain(&format!("{round}{done}/{total} {unit} · {rate} per second · {left} left{extras}"));
    }
}

impl Follower for SweepProgress {
    fn started(&mut self, done: u64, total: u64, damage: &[Damage]) {
        (self.done, self.total, self.start) = (done, total, Instant::now());
        self.done_in_line = done;
        report_damage(damage, total - done, "trials lost there run again");
        if done > 0 && !host::is_quiet() {
            complain(&format!("continuing: {} of {} done before", count(done, "trial", "trials"), total));
        }
        self.bar = Bar::new(Counted::Trials, done, total).ticking();
    }

    fn fewer_threads(&mut self, threads: usize, why: &str) {
        self.bar.suspend(|| complain(&format!("only {} started: {why}", count(threads as u64, "thread", "threads"))));
    }

    fn ending(&mut self, why: &EnvironmentError) {
        self.bar.suspend(|| complain(&format!("{why}; ending once the running trials have ended")));
    }

    fn round(&mut self, number: u64, done: u64, total: u64) {
        if self.round.is_none() && (number > 0 || done > 0) {
            self.bar.suspend(|| {
                complain(&format!("continuing in round {number}: {done} of its {total} trials done before"))
            });
        }
        (self.done, self.total, self.new, self.start) = (done, total, 0, Instant::now());
        self.done_in_line = done;
        self.bar.restart(format!("round {number} "), done, total);
        self.round = Some(number);
    }

    fn rungs(&mut self, done: u64, total: u64) {
        (self.unit, self.done, self.total, self.done_in_line) = ("rungs", done, total, done);
        self.bar.clear();
        self.bar = Bar::new(Counted::Rungs, done, total).ticking();
    }

    fn total(&mut self, total: u64) {
        self.total = total;
        self.bar.set_total(total);
    }

    fn finished(&mut self, record: &TrialRecord) {
        (self.done, self.new) = (self.done + 1, self.new + 1);
        match record.status {
            Status::Ok => {
                let value = record.measure(&self.goal.measure);
                let better = self.goal.direction.compare(value, self.best.map(|(best, _)| best)).is_lt();
                if let Some(value) = value.filter(|_| better) {
                    self.best = Some((value, record.config_id));
                }
            }
            Status::Diverged => self.diverged += 1,
            Status::Failed => self.failed += 1,
            Status::Pruned => {}
        }
        self.bar.tell(self.extras());
        self.bar.set(self.done);
        self.line();
    }

    fn idle(&mut self) {
        self.line();
    }
}

/// Follows one run: feeds its recorder, shows how far it is, and ends it when asked.
pub(crate) struct RunProgress<'a> {
    recorder: Option<&'a mut dyn Observer>,
    stop: &'a AtomicBool,
    bar: Bar,
    next_look: u64,
}

/// Steps between two updates of the progress bar.
const LOOK: u64 = 16_384;

impl<'a> RunProgress<'a> {
    pub(crate) fn new(recorder: Option<&'a mut dyn Observer>, stop: &'a AtomicBool, steps: u64) -> Self {
        Self { recorder, stop, bar: Bar::new(Counted::Steps, 0, steps), next_look: 0 }
    }
}

impl Observer for RunProgress<'_> {
    fn step(&mut self, view: &StepView<'_>) -> ControlFlow<()> {
        match &mut self.recorder {
            Some(recorder) => recorder.step(view),
            None => ControlFlow::Continue(()),
        }
    }

    fn watches_steps(&self) -> bool {
        self.recorder.as_ref().is_some_and(|recorder| recorder.watches_steps())
    }

    fn learned(&mut self, step: u64, layer: usize, loss: f64) {
        if let Some(recorder) = &mut self.recorder {
            recorder.learned(step, layer, loss);
        }
    }

    fn wants_weights(&self, steps: u64) -> bool {
        self.recorder.as_ref().is_some_and(|recorder| recorder.wants_weights(steps))
    }

    fn weights(&mut self, steps: u64, weights: &dyn WeightRows) {
        if let Some(recorder) = &mut self.recorder {
            recorder.weights(steps, weights);
        }
    }

    fn epochs_over(&mut self, epochs: u64, weights: &dyn WeightRows) {
        if let Some(recorder) = &mut self.recorder {
            recorder.epochs_over(epochs, weights);
        }
    }

    fn advanced(&mut self, steps: u64) -> ControlFlow<()> {
        if steps >= self.next_look {
            self.next_look = steps + LOOK;
            self.bar.set(steps);
        }
        if self.stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Drop for RunProgress<'_> {
    fn drop(&mut self) {
        self.bar.clear();
    }
}
