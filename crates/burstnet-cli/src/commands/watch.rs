//! `burstnet report --watch`: writes anew what is derived from the journals as trials come in.
//!
//! It looks at the lengths of the journals and reads them only if these have changed. It takes no lock for longer than
//! new names take, and none on a journal, so a sweep neither waits nor fails because somebody watches.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use burstnet_core::engine::Isa;
use burstnet_report::analysis::{Analysis, Options};
use burstnet_report::publish_aside;
use burstnet_report::tables::Overview;
use burstnet_sweep::results::journal;
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::results::provenance::utc;
use burstnet_sweep::results::study::{PLAN_FILE, Study};

use crate::failure::Failure;
use crate::process::interrupt::Interrupt;
use crate::shared::outcome::{print, verdict};
use crate::terminal::bar::{Bar, Counted};
use crate::terminal::damage::{SEE_MISSING, report_damage};
use crate::terminal::say::complain;
use crate::text::{count, duration, short};

/// The time between two checks whether a wait is to end.
const TICK: Duration = Duration::from_millis(50);
/// Writing takes at most one part of so many of the time.
const PARTS: u32 = 10;

/// Writes anew every `interval` at most, if trials have come in, until all are there.
pub(crate) fn watch(results: &Path, options: &Options, interval: Duration) -> Result<(), Failure> {
    let interrupt = Interrupt::listen()?;
    let mut status = StatusLine::new();
    let mut seen = None;
    let mut last = None;
    loop {
        let now = Lengths::of(results)?;
        if seen.as_ref() != Some(&now) {
            let start = Instant::now();
            let model = NamedModel::of_results(results, Isa::detect())?; // it may have been extended
            let study = Study::open(results, model.objective())?;
            let mut published = publish_aside(&study, model.objective(), options)?;
            seen = Some(now);
            if last.is_none() {
                let Overview { damage, planned, trials, .. } = &published.overview;
                report_damage(damage, planned - trials, SEE_MISSING);
            }
            if published.overview.trials == published.overview.planned {
                status.clear();
                print(&study, &mut published)?;
                return verdict(&study, published);
            }
            status.written(&published.analysis, start.elapsed());
            last = Some((published.overview.trials, published.overview.planned, start.elapsed()));
        }
        let took = last.map_or(Duration::ZERO, |(.., took)| took);
        let end = Instant::now() + interval.max(took * (PARTS - 1));
        while Instant::now() < end {
            if let Some(signal) = interrupt.signal() {
                status.clear();
                return Err(Failure::Interrupted(
                    signal,
                    ended(results, last.map(|(trials, planned, _)| (trials, planned))),
                ));
            }
            std::thread::sleep(TICK);
        }
    }
}

fn ended(results: &Path, last: Option<(u64, u64)>) -> String {
    let (trials, planned) = last.unwrap_or_default();
    format!(
        "{}: no longer watched; the tables have {trials} of {}",
        results.display(),
        count(planned, "trial", "trials")
    )
}

/// A state of the files that shows whether something changed: the length of each journal, and when the plan was
/// written.
#[derive(Debug, PartialEq, Eq)]
struct Lengths(Vec<(std::path::PathBuf, u64)>, Option<std::time::SystemTime>);

impl Lengths {
    fn of(results: &Path) -> Result<Self, Failure> {
        let length = |path: &Path| path.metadata().map_or(0, |held| held.len());
        let journals = journal::list(results)?.into_iter().map(|(_, path)| (length(&path), path));
        let plan = results.join(PLAN_FILE).metadata().and_then(|held| held.modified()).ok();
        Ok(Self(journals.map(|(length, path)| (path, length)).collect(), plan))
    }
}

/// The progress of the sweep on standard error: a bar on a terminal, else a line whenever something was written.
struct StatusLine {
    bar: Option<Bar>,
}

impl StatusLine {
    fn new() -> Self {
        Self { bar: Bar::is_shown().then(|| Bar::new(Counted::OthersTrials, 0, 0)) }
    }

    fn written(&self, analysis: &Analysis, took: Duration) {
        let progress = &analysis.progress;
        let counts = [(progress.counts.failed, "failed"), (progress.counts.diverged, "diverged")];
        let mut extras: Vec<String> =
            counts.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        if let Some((best, mean)) = analysis.ranked.first().and_then(|best| Some((best, best.summary.mean?))) {
            extras.push(format!("best {} {} (config {})", analysis.measure, short(mean), best.config_id));
        }
        let time = utc(SystemTime::now()).format("%H:%M:%S UTC");
        extras.push(format!("written {time} in {}", duration(took.as_secs_f64())));
        match &self.bar {
            Some(bar) => {
                bar.set_total(progress.planned);
                bar.set(progress.done);
                bar.tell(extras);
                bar.draw();
            }
            None => complain(&format!("{}/{} trials · {}", progress.done, progress.planned, extras.join(" · "))),
        }
    }

    fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.clear();
        }
    }
}
