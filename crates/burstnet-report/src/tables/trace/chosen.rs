//! The steps and quantities that a trace records.

use std::ops::{Range, RangeInclusive};

use burstnet_core::observer::{Phase, StepView};
use burstnet_sweep::nearest::nearest;

use super::{QUANTITIES, TracedUnits};
use crate::UnitsError;

/// The parts of a run, in their order.
const PHASES: [Phase; 3] = [Phase::Training, Phase::Test, Phase::Generation];

/// A choice of steps and quantities as it was typed; empty texts and lists for everything.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Hidden units, such as `0,3,10-19` or `1:0,3`.
    pub units: Vec<String>,
    /// Parts of the run.
    pub phases: Vec<String>,
    /// A window of steps: `A:B`.
    pub steps: Option<String>,
    /// The distance of two steps.
    pub every: Option<u64>,
    /// Epochs, such as `0,9` or `10-19`.
    pub epochs: Vec<String>,
    /// Names of quantities.
    pub quantities: Vec<String>,
}

/// The sizes of a run of which steps are chosen.
#[derive(Clone, Debug)]
pub struct Sizes {
    /// Units of each layer, the inputs first.
    pub layers: Vec<usize>,
    /// Epochs of the training.
    pub epochs: u64,
    /// Steps of the training, of the test pass and of the generation pass.
    pub steps: [u64; 3],
}

/// A choice that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChosenError {
    /// Units that do not exist.
    #[error("--trace-units {0}")]
    Units(#[from] UnitsError),
    /// No part of a run.
    #[error("--trace-phase {0}: expected training, test or generation")]
    Phase(String),
    /// The run has no generation pass.
    #[error("--trace-phase generation: the run has no generation pass, expected evaluation.generation: true")]
    NoGeneration,
    /// No window of steps.
    #[error("--trace-steps {0}: expected A:B, the steps from A to before B, such as 0:100, 5000: or :100")]
    Steps(String),
    /// Steps beyond the end of the run.
    #[error("--trace-steps {text}: the run has {steps} steps, numbered from 0")]
    Beyond {
        /// The window.
        text: String,
        /// The steps of the run.
        steps: u64,
    },
    /// No list of epochs.
    #[error("--trace-epochs {0}: expected epochs like 0,9 or 10-19")]
    Epochs(String),
    /// Epochs beyond the end of the training.
    #[error("--trace-epochs {text}: the training has {epochs} epochs, numbered from 0")]
    EpochsBeyond {
        /// The list.
        text: String,
        /// The epochs of the training.
        epochs: u64,
    },
    /// Epochs without the training.
    #[error("--trace-epochs: epochs are those of the training, expected --trace-phase training too")]
    NoTraining,
    /// No quantity of the run.
    #[error("--trace-quantities {name}: expected one of {known}{meant}")]
    Quantity {
        /// The name.
        name: String,
        /// All names.
        known: String,
        /// The nearest name, as the end of the message.
        meant: String,
    },
    /// Options that have no step in common.
    #[error("--trace-steps {text}: no step of {part} is among them, expected steps from {first} to before {end}", first = .steps.start, end = .steps.end)]
    Nothing {
        /// The window.
        text: String,
        /// The part of the run.
        part: &'static str,
        /// Its steps.
        steps: Range<u64>,
    },
}

/// A choice of steps and quantities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Hidden units of each layer.
    pub units: TracedUnits,
    phases: [bool; 3],
    steps: Range<u64>,
    every: u64,
    /// Epochs; empty for all.
    epochs: Vec<RangeInclusive<u64>>,
    /// Columns; `None` for all.
    quantities: Option<Vec<String>>,
}

impl Chosen {
    /// Returns everything of a network with these layers.
    pub fn all(layers: &[usize]) -> Self {
        let (units, every) = (TracedUnits::all(layers), 1);
        Self { units, phases: [true; 3], steps: 0..u64::MAX, every, epochs: Vec::new(), quantities: None }
    }

    /// Reads a choice for a run of these sizes.
    ///
    /// # Errors
    /// Returns an error if something cannot be read, or names what the run does not have.
    pub fn read(wanted: &Wanted, sizes: &Sizes) -> Result<Self, ChosenError> {
        let mut chosen = Self::all(&sizes.layers);
        if !wanted.units.is_empty() {
            chosen.units = TracedUnits::parse(&wanted.units, &sizes.layers)?;
        }
        if !wanted.epochs.is_empty() {
            chosen.epochs = epochs(&wanted.epochs, sizes.epochs)?;
            chosen.phases = [true, false, false];
        }
        if !wanted.phases.is_empty() {
            chosen.phases = phases(&wanted.phases, sizes)?;
            if !chosen.epochs.is_empty() && !chosen.phases[0] {
                return Err(ChosenError::NoTraining);
            }
        }
        if let Some(text) = &wanted.steps {
            chosen.steps = window(text, sizes.steps.iter().sum())?;
            chosen.check_window(text, sizes)?;
        }
        chosen.every = wanted.every.unwrap_or(1).max(1);
        chosen.quantities = quantities(&wanted.quantities, &chosen.units)?;
        Ok(chosen)
    }

    /// Refuses a window without a step of the chosen parts.
    fn check_window(&self, text: &str, sizes: &Sizes) -> Result<(), ChosenError> {
        let mut start = 0;
        let mut chosen = None;
        for ((phase, steps), wanted) in PHASES.into_iter().zip(sizes.steps).zip(self.phases) {
            let own = start..start + steps;
            start = own.end;
            if wanted && steps > 0 {
                if own.start < self.steps.end && self.steps.start < own.end {
                    return Ok(());
                }
                chosen = chosen.or(Some((phase.name(), own)));
            }
        }
        match chosen {
            Some((part, steps)) => Err(ChosenError::Nothing { text: text.to_owned(), part, steps }),
            None => Ok(()),
        }
    }

    /// Returns whether a step is recorded.
    pub(super) fn takes(&self, view: &StepView<'_>) -> bool {
        let part = match view.phase {
            Phase::Training => 0,
            Phase::Test => 1,
            Phase::Generation => 2,
        };
        self.phases[part]
            && self.steps.contains(&view.step)
            && (view.step - self.steps.start).is_multiple_of(self.every)
            && view
                .epoch
                .is_none_or(|epoch| self.epochs.is_empty() || self.epochs.iter().any(|one| one.contains(&epoch)))
    }

    /// Returns whether a column of lists is recorded.
    pub(super) fn has(&self, column: &str) -> bool {
        self.quantities.as_ref().is_none_or(|chosen| chosen.iter().any(|name| name == column))
    }
}

fn phases(named: &[String], sizes: &Sizes) -> Result<[bool; 3], ChosenError> {
    let mut chosen = [false; 3];
    for name in named.iter().flat_map(|text| text.split(',')).map(str::trim) {
        let at = PHASES.iter().position(|phase| phase.name() == name);
        let at = at.ok_or_else(|| ChosenError::Phase(name.to_owned()))?;
        if sizes.steps[at] == 0 && PHASES[at] == Phase::Generation {
            return Err(ChosenError::NoGeneration);
        }
        chosen[at] = true;
    }
    Ok(chosen)
}

fn window(text: &str, steps: u64) -> Result<Range<u64>, ChosenError> {
    let no_window = || ChosenError::Steps(text.to_owned());
    let (from, to) = text.split_once(':').ok_or_else(no_window)?;
    let number = |text: &str, default: u64| match text.trim() {
        "" => Ok(default),
        digits => digits.parse::<u64>().map_err(|_| no_window()),
    };
    let window = number(from, 0)?..number(to, steps)?;
    if window.start >= steps || window.end > steps {
        return Err(ChosenError::Beyond { text: text.to_owned(), steps });
    }
    if window.is_empty() { Err(no_window()) } else { Ok(window) }
}

fn epochs(named: &[String], epochs: u64) -> Result<Vec<RangeInclusive<u64>>, ChosenError> {
    let one = |text: &str| {
        let no_epochs = || ChosenError::Epochs(text.to_owned());
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let number = |text: &str| text.trim().parse::<u64>().map_err(|_| no_epochs());
        let (first, last) = (number(first)?, number(last)?);
        if last >= epochs {
            return Err(ChosenError::EpochsBeyond { text: text.to_owned(), epochs });
        }
        if first > last { Err(no_epochs()) } else { Ok(first..=last) }
    };
    named.iter().flat_map(|text| text.split(',')).map(one).collect()
}

/// Returns the columns that names stand for: `event_rate` for those of all hidden layers, `hidden0_event_rate` for one.
fn quantities(named: &[String], units: &TracedUnits) -> Result<Option<Vec<String>>, ChosenError> {
    if named.is_empty() {
        return Ok(None);
    }
    let layers = || (0..units.0.len()).filter(|&m| !units.0[m].is_empty());
    let mut columns = Vec::new();
    for name in named.iter().flat_map(|text| text.split(',')).map(str::trim) {
        let of_layers =
            QUANTITIES.iter().flat_map(|one| layers().map(move |m| (one.name, format!("hidden{m}_{}", one.name))));
        let before = columns.len();
        if matches!(name, "target" | "output") {
            columns.push(name.to_owned());
        }
        columns.extend(of_layers.filter(|(short, full)| name == *short || name == full).map(|(_, full)| full));
        if columns.len() == before {
            let known: Vec<&str> =
                ["target", "output"].into_iter().chain(QUANTITIES.iter().map(|one| one.name)).collect();
            let meant = nearest(name, known.iter().copied());
            return Err(ChosenError::Quantity {
                name: name.to_owned(),
                meant: meant.map_or(String::new(), |meant| format!(" (did you mean '{meant}'?)")),
                known: known.join(", "),
            });
        }
    }
    Ok(Some(columns))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes() -> Sizes {
        Sizes { layers: vec![5, 20, 10, 3], epochs: 4, steps: [400, 100, 0] }
    }

    fn message(change: impl FnOnce(&mut Wanted)) -> String {
        let mut wanted = Wanted::default();
        change(&mut wanted);
        Chosen::read(&wanted, &sizes()).map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn everything_without_a_choice() {
        assert_eq!(Chosen::read(&Wanted::default(), &sizes()).unwrap(), Chosen::all(&sizes().layers));
    }

    #[test]
    fn what_the_run_does_not_have() {
        let steps = |text: &str| message(|wanted| wanted.steps = Some(text.to_owned()));
        assert_eq!(steps("500:510"), "--trace-steps 500:510: the run has 500 steps, numbered from 0");
        assert_eq!(steps("490:501"), "--trace-steps 490:501: the run has 500 steps, numbered from 0");
        assert_eq!([":", "7:", ":7", "0:500"].map(steps), ["", "", "", ""]);
        for text in ["7", "x:9", "7:7", "9:7", "-1:7", "1:2:3"] {
            assert!(steps(text).contains("expected A:B"), "{text}: {}", steps(text));
        }
        let epochs = |text: &str| message(|wanted| wanted.epochs = vec![text.to_owned()]);
        assert_eq!(epochs("4"), "--trace-epochs 4: the training has 4 epochs, numbered from 0");
        assert_eq!([epochs("0,3"), epochs("1-3")], ["", ""]);
        assert!(epochs("3-1").contains("expected epochs like") && epochs("first").contains("expected epochs like"));
        let phase = |text: &str| message(|wanted| wanted.phases = vec![text.to_owned()]);
        assert_eq!(phase("testing"), "--trace-phase testing: expected training, test or generation");
        assert!(phase("generation").contains("expected evaluation.generation: true"));
        let quantities = |text: &str| message(|wanted| wanted.quantities = vec![text.to_owned()]);
        assert_eq!([quantities("event_rate,output"), quantities("hidden1_burst_rate")], ["", ""]);
        assert!(quantities("burst_rates").ends_with("(did you mean 'burst_rate'?)"), "{}", quantities("burst_rates"));
        assert!(quantities("hidden2_burst_rate").starts_with("--trace-quantities hidden2_burst_rate: expected one of"));
    }

    #[test]
    fn choices_that_contradict_each_other() {
        let message = message(|wanted| {
            wanted.phases = vec!["test".into()];
            wanted.steps = Some("0:400".into());
        });
        assert_eq!(
            message,
            "--trace-steps 0:400: no step of test is among them, expected steps from 400 to before 500"
        );
        let message = self::message(|wanted| {
            wanted.phases = vec!["test".into()];
            wanted.epochs = vec!["1".into()];
        });
        assert!(message.contains("expected --trace-phase training too"), "{message}");
    }
}
