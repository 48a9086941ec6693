//! A bar that tells how far something is, in one line that never reaches the end of the terminal's.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use console::{Term, measure_text_width, truncate_str};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle, TermLike};

use crate::process::host;
use crate::text::{duration, short};

/// The columns that stay empty behind the line. A terminal puts `^C` there, and not into a line of its own, below which
/// the bar could not be removed.
const FREE: u16 = 3;
/// The longest and the shortest bar.
const BAR: (usize, usize) = (30, 8);
/// The most times that the line is drawn in a second.
const DRAWN_PER_SECOND: u8 = 20;
/// The time after which it is drawn again although nothing happened.
const TICK: Duration = Duration::from_millis(200);

/// A bar on the terminal of standard error; nothing where that is none.
pub(crate) struct Bar {
    bar: ProgressBar,
    told: Arc<Mutex<Told>>,
}

/// A terminal without its last columns, which `indicatif` would fill with blanks.
#[derive(Debug)]
struct Narrow(Term);

impl TermLike for Narrow {
    fn width(&self) -> u16 {
        self.0.size().1.saturating_sub(FREE)
    }

    fn height(&self) -> u16 {
        self.0.size().0
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_up(n)
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_down(n)
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_right(n)
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_left(n)
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.0.write_line(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.write_str(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The texts beside the bar.
#[derive(Clone, Debug, Default)]
struct Told {
    /// The text before the bar.
    before: String,
    /// Further notes behind the count, the most important first.
    extras: Vec<String>,
}

/// The unit of a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    /// Trials, by their number.
    Trials,
    /// Runs of trials to one of their rungs, by their number.
    Rungs,
    /// Trials that another process runs: how fast is not known.
    OthersTrials,
    /// Training steps, in per cent.
    Steps,
}

impl Bar {
    /// Returns a bar that is not shown.
    pub(crate) fn hidden() -> Self {
        Self { bar: ProgressBar::hidden(), told: Arc::default() }
    }

    /// Returns whether a bar is shown: standard error is a terminal, and no host wants silence.
    pub(crate) fn is_shown() -> bool {
        io::stderr().is_terminal() && !host::is_quiet()
    }

    /// Returns a bar of which `done` of `total` is done; it is not shown where there is no terminal.
    pub(crate) fn new(counted: Counted, done: u64, total: u64) -> Self {
        if !Self::is_shown() {
            return Self::hidden();
        }
        let told: Arc<Mutex<Told>> = Arc::default();
        let shared = Arc::clone(&told);
        let write = move |state: &ProgressState, to: &mut dyn std::fmt::Write| {
            let told = shared.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let width = usize::from(Narrow(Term::stderr()).width());
            let state =
                State { done: state.pos(), total: state.len().unwrap_or(0), rate: state.per_sec(), left: state.eta() };
            // Writing into a text never fails.
            to.write_str(&line(&told, counted, &state, width)).unwrap_or_default();
        };
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(Narrow(Term::stderr())), DRAWN_PER_SECOND);
        let bar = ProgressBar::with_draw_target(Some(total), target).with_position(done);
        if let Ok(style) = ProgressStyle::with_template("{line}") {
            bar.set_style(style.with_key("line", write));
        }
        bar.reset_eta();
        Self { bar, told }
    }

    /// Draws it anew all the time: a rate and the time that is left change although nothing happens.
    pub(crate) fn ticking(self) -> Self {
        if !self.bar.is_hidden() {
            self.bar.enable_steady_tick(TICK);
        }
        self
    }

    /// Starts to count anew.
    pub(crate) fn restart(&self, before: String, done: u64, total: u64) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).before = before;
        self.bar.set_length(total);
        self.bar.set_position(done);
        self.bar.reset_eta();
    }

    /// Says what else there is to say, the most important first.
    pub(crate) fn tell(&self, extras: Vec<String>) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).extras = extras;
    }

    pub(crate) fn set(&self, done: u64) {
        self.bar.set_position(done);
    }

    pub(crate) fn set_total(&self, total: u64) {
        self.bar.set_length(total);
    }

    pub(crate) fn draw(&self) {
        self.bar.tick();
    }

    /// Does something that writes to the terminal, without the bar.
    pub(crate) fn suspend(&self, act: impl FnOnce()) {
        self.bar.suspend(act);
    }

    /// Removes it.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// The progress.
#[derive(Clone, Copy, Debug)]
struct State {
    done: u64,
    total: u64,
    /// Per second.
    rate: f64,
    left: Duration,
}

/// Returns the line, in at most `width` columns: what is done, and of the rest what fits, the most important first.
fn line(told: &Told, counted: Counted, state: &State, width: usize) -> String {
    let State { done, total, .. } = *state;
    let share = if total == 0 { 1.0 } else { (done as f64 / total as f64).clamp(0.0, 1.0) };
    let count = match counted {
        Counted::Trials | Counted::OthersTrials => format!("{done}/{total} trials"),
        Counted::Rungs => format!("{done}/{total} rungs"),
        Counted::Steps => format!("{:.0} %", (100.0 * share).floor()),
    };
    let rate = (state.rate > 0.0).then(|| match counted {
        Counted::Trials | Counted::Rungs => Some(format!("{} per second", short(state.rate))),
        Counted::Steps => Some(format!("{} steps per second", short(state.rate))),
        Counted::OthersTrials => None,
    });
    let left = match counted {
        Counted::Trials | Counted::Rungs | Counted::Steps if state.rate > 0.0 => {
            Some(format!("{} left", duration(state.left.as_secs_f64())))
        }
        Counted::Trials | Counted::Rungs | Counted::Steps | Counted::OthersTrials => None,
    };
    // In the order in which they stand; in that in which they are taken, the rate comes last.
    let rate = rate.flatten();
    let parts: Vec<&String> = rate.iter().chain(&left).chain(&told.extras).collect();
    let first = usize::from(rate.is_some());
    let mut room = width.saturating_sub(measure_text_width(&told.before) + measure_text_width(&count) + BAR.1 + 1);
    let mut kept = vec![false; parts.len()];
    for at in (first..parts.len()).chain(0..first) {
        let needed = measure_text_width(parts[at]) + 3;
        if needed <= room {
            (kept[at], room) = (true, room - needed);
        }
    }
    let bar = bar(share, (BAR.1 + room).min(BAR.0));
    let mut line = format!("{}{bar} {count}", told.before);
    for (part, _) in parts.iter().zip(&kept).filter(|(_, kept)| **kept) {
        write!(line, " · {part}").unwrap_or_default(); // which never fails
    }
    truncate_str(&line, width, "").into_owned()
}

fn bar(share: f64, width: usize) -> String {
    let full = (share * width as f64).floor() as usize;
    let tip = if full < width { "╸" } else { "" };
    format!("{}{tip}{}", "━".repeat(full), " ".repeat(width - full - tip.chars().count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: &str) -> Told {
        let extras = ["2 failed", "1 diverged", "best test_mae 0.01234 (config 17)"];
        Told { before: before.into(), extras: extras.map(str::to_owned).into() }
    }

    const STATE: State = State { done: 12, total: 64, rate: 3.2, left: Duration::from_secs(16) };

    #[test]
    fn what_fits() {
        let shown = [117, 77, 37].map(|width| line(&told(""), Counted::Trials, &STATE, width));
        let extras = "2 failed · 1 diverged";
        let best = "best test_mae 0.01234 (config 17)";
        assert_eq!(
            shown,
            [
                format!("━━╸           12/64 trials · 3.200 per second · 16 s left · {extras} · {best}"),
                format!("━╸        12/64 trials · 3.200 per second · 16 s left · {extras}"),
                "━━╸          12/64 trials · 16 s left".to_owned(),
            ]
        );
    }

    #[test]
    fn never_wider_than_the_terminal() {
        for width in 0..150 {
            for (before, counted) in [("round 12 ", Counted::Trials), ("", Counted::Steps), ("", Counted::OthersTrials)]
            {
                for state in [STATE, State { done: 0, total: 0, rate: 0.0, left: Duration::MAX }] {
                    let shown = line(&told(before), counted, &state, width);
                    assert!(measure_text_width(&shown) <= width, "{width}: {shown}");
                }
            }
        }
    }
}
