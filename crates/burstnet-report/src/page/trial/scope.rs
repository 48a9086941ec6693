//! The part of a run that its page shows, bounded whatever the run's size.

use burstnet_core::config::{RunConfig, SignalKind};
use burstnet_core::inputs::Inputs;
use serde::Serialize;

use super::thinning::Line;
use crate::UnitsError;
use crate::tables::trace::TracedUnits;

/// The most units of a hidden layer that can be chosen.
pub(super) const MOST_UNITS: usize = 64;
/// Units of a hidden layer that are chosen by default, and of all hidden layers together.
const DEFAULT_UNITS: (usize, usize) = (32, 96);
/// The most output units that are shown.
const MOST_OUTPUTS: usize = 8;
/// The most sequences of a set that are shown.
const MOST_SEQUENCES: usize = 4;
/// The most points of a line, and of all lines together.
const LINE_POINTS: (usize, usize) = (2000, 120_000);
/// The most columns of a picture of units, and the cells of all such pictures together.
const PICTURE_CELLS: (usize, usize) = (2000, 600_000);
/// The most moments at which alignment is looked at, and of all hidden layers together.
const MOMENTS: (usize, usize) = (200, 5000);

/// A sequence that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Shown {
    /// The class that it is an example of, where there are classes.
    pub(super) class: Option<usize>,
    /// Its number among the training sequences.
    pub(super) training: u64,
    /// Its number among the test sequences.
    pub(super) test: u64,
}

/// The part of a run that is recorded.
#[derive(Clone, Debug, Serialize)]
pub struct Scope {
    /// Units of each layer, the inputs first.
    pub(in crate::page) layers: Vec<usize>,
    /// Epochs of the whole training.
    pub(super) epochs: u64,
    /// Steps of a sequence.
    pub(super) steps: usize,
    /// Training sequences and test sequences that there are.
    pub(super) sequences: [usize; 2],
    /// Sequences that are shown.
    pub(super) shown: Vec<Shown>,
    /// The output units that are shown.
    pub(super) outputs: Vec<usize>,
    /// Per hidden layer the units that are shown.
    pub(super) units: Vec<Vec<usize>>,
    /// The step from which on bursts replace events in the generation pass, if there is one.
    pub(super) generate_from: Option<usize>,
    /// Steps that a stretch of a line has; two points each, if more than one step.
    pub(super) line_stretch: usize,
    /// Steps of which a column of a picture is the mean.
    pub(super) picture_stretch: usize,
    /// Epochs between two moments at which alignment is looked at.
    pub(super) alignment_every: u64,
    /// The seed of the run.
    pub(super) seed: u64,
}

impl Scope {
    /// Chooses what to record of a run of this configuration, with these hidden units, or with some that are spread
    /// evenly over each layer.
    ///
    /// # Errors
    /// Returns an error if more than 64 units of a layer are chosen.
    pub fn new(config: &RunConfig, inputs: &Inputs, seed: u64, units: Option<TracedUnits>) -> Result<Self, UnitsError> {
        let layers = config.network.layers.clone();
        let hidden = &layers[1..layers.len() - 1];
        let units = match units {
            Some(TracedUnits(units)) => units,
            None => {
                let most = (DEFAULT_UNITS.1 / hidden.len().max(1)).clamp(2, DEFAULT_UNITS.0);
                hidden.iter().map(|&units| spread(units, most)).collect()
            }
        };
        if let Some((m, many)) = units.iter().enumerate().find(|(_, units)| units.len() > MOST_UNITS) {
            return Err(UnitsError::TooMany { units: many.len(), layer: m, most: MOST_UNITS });
        }
        let (steps, sequences, shown) = sequences(config, inputs);
        let outputs = spread(config.outputs(), MOST_OUTPUTS);
        let passes = 3 + usize::from(config.evaluation.generation);
        let lines = (2 * outputs.len() * shown.len() * passes).max(1);
        let rows = (3 * 3 * shown.len() * units.iter().map(Vec::len).sum::<usize>()).max(1);
        let moments = (MOMENTS.1 / hidden.len().max(1)).clamp(2, MOMENTS.0);
        Ok(Self {
            epochs: config.training.epochs,
            outputs,
            units,
            generate_from: config.evaluation.generation.then(|| steps.div_ceil(2)),
            line_stretch: Line::stretch(steps, (LINE_POINTS.1 / lines).clamp(2, LINE_POINTS.0)),
            picture_stretch: steps.div_ceil((PICTURE_CELLS.1 / rows).clamp(1, PICTURE_CELLS.0)),
            alignment_every: config.training.epochs.div_ceil(moments as u64).max(1),
            layers,
            steps,
            sequences,
            shown,
            seed,
        })
    }

    /// Returns the number of hidden layers.
    pub(super) fn hidden_layers(&self) -> usize {
        self.layers.len() - 2
    }
}

/// Returns at most `most` of `n` units, evenly spaced, the first one among them.
fn spread(n: usize, most: usize) -> Vec<usize> {
    let shown = n.min(most);
    (0..shown).map(|i| i * n / shown).collect()
}

/// Returns the steps of a sequence, how many training and test sequences there are, and which are shown: the first
/// ones, or the first example of the first classes.
fn sequences(config: &RunConfig, inputs: &Inputs) -> (usize, [usize; 2], Vec<Shown>) {
    let signals = &config.signals;
    let same =
        |n: usize| (0..n.min(MOST_SEQUENCES) as u64).map(|i| Shown { class: None, training: i, test: i }).collect();
    match (&inputs.sequences, signals.kind) {
        (Some(sequences), _) => {
            let steps = sequences.first().map_or(0, |sequence| sequence.steps());
            (steps, [sequences.len(); 2], same(sequences.len()))
        }
        (None, SignalKind::XorClasses) => {
            let example = |class: usize| Shown {
                class: Some(class),
                training: (class * signals.examples_per_class) as u64,
                test: class as u64,
            };
            let shown = (0..signals.classes.min(MOST_SEQUENCES)).map(example).collect();
            (signals.length, [signals.training_sequences(), signals.classes], shown)
        }
        (None, SignalKind::Sinusoids | SignalKind::Files) => (signals.length, [1; 2], same(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burstnet_core::config::{Value, keys};

    fn scope(changes: &[(&str, Value)]) -> Scope {
        let mut values = keys::schema().defaults();
        changes.iter().for_each(|(key, value)| values.set(key, value.clone()));
        Scope::new(&RunConfig::from_values(&values).unwrap(), &Inputs::default(), 1, None).unwrap()
    }

    fn layers(sizes: &[i64]) -> (&'static str, Value) {
        ("network.layers", Value::from(sizes.to_vec()))
    }

    #[test]
    fn two_thousand_steps_are_shown_in_full() {
        let scope = scope(&[]);
        assert_eq!((scope.steps, scope.line_stretch, scope.picture_stretch), (2000, 1, 1));
        assert_eq!((scope.units[0].len(), scope.outputs.len()), (32, 3));
        assert_eq!(scope.units[0][..3], [0, 6, 12], "evenly spaced over {} units", scope.layers[1]);
    }

    #[test]
    fn whatever_the_run_its_page_is_bounded() {
        let generation = ("evaluation.generation", Value::Bool(true));
        let xor = ("signals.kind", Value::from("xor_classes"));
        let deep: Vec<i64> = [20; 60].to_vec();
        for changes in [
            vec![("signals.length", Value::Int(1_000_000)), layers(&[20, 10, 3]), generation.clone()],
            vec![xor, generation.clone(), ("training.epochs", Value::Int(1_000_000))],
            vec![layers(&deep), generation.clone()],
            vec![layers(&[5000, 5000, 1000]), generation, ("signals.length", Value::Int(300))],
        ] {
            let scope = scope(&changes);
            let passes = 4;
            let points =
                if scope.line_stretch == 1 { scope.steps } else { 2 * scope.steps.div_ceil(scope.line_stretch) };
            let lines = 2 * scope.outputs.len() * scope.shown.len() * passes * points;
            let units: usize = scope.units.iter().map(Vec::len).sum();
            let cells = 9 * units * scope.shown.len() * scope.steps.div_ceil(scope.picture_stretch);
            let moments = scope.epochs.div_ceil(scope.alignment_every) as usize * scope.hidden_layers();
            assert!(lines <= LINE_POINTS.1 + 8 * 4 * 8, "{changes:?}: {lines} points");
            assert!(cells <= PICTURE_CELLS.1, "{changes:?}: {cells} cells");
            assert!(moments <= MOMENTS.1 + scope.hidden_layers(), "{changes:?}: {moments} moments");
        }
    }

    #[test]
    fn of_classes_the_first_examples_are_shown() {
        let xor = [("signals.kind", "xor_classes".into()), ("signals.examples_per_class", Value::Int(7))];
        let scope = scope(&xor);
        assert_eq!(scope.sequences, [70, 10]);
        let second = Shown { class: Some(1), training: 7, test: 1 };
        assert_eq!((scope.shown.len(), scope.shown[1]), (4, second));
    }

    #[test]
    fn units_are_spread_evenly_and_never_too_many() {
        assert_eq!(spread(200, 4), [0, 50, 100, 150]);
        assert_eq!(spread(3, 8), [0, 1, 2]);
        assert_eq!(spread(10, 4), [0, 2, 5, 7]);
        let config = RunConfig::from_values(&keys::schema().defaults()).unwrap();
        let all = TracedUnits::all(&config.network.layers);
        let message = Scope::new(&config, &Inputs::default(), 1, Some(all)).unwrap_err().to_string();
        assert!(message.ends_with("units of hidden layer 0, expected at most 64 of a layer"), "{message}");
    }
}
