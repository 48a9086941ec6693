//! Records of a run what its page shows, in bounded memory.

use std::ops::ControlFlow;

use burstnet_core::observer::{HiddenState, Observer, Phase, StepView};
use burstnet_core::run::RunResult;
use burstnet_core::weights::{WeightRows, alignment_deg};
use serde::Serialize;

use super::numbers::{Floats, Fractions};
use super::scope::{Scope, Shown};
use super::thinning::{Line, Means};
use super::weights::{Album, Connections};

/// The most taught steps of a sequence that are kept one by one.
const MOST_TAUGHT: usize = 2000;

/// The recording of a run. All numbers are float32, or coarser where the docs say so.
#[derive(Clone, Debug, Serialize)]
pub struct Recording {
    /// The scope of the recording.
    pub(in crate::page) scope: Scope,
    /// The first epoch: an element per shown sequence, `None` where the run did not come to it.
    pub(super) first: Vec<Option<Showing>>,
    /// The last epoch that began, if it is another one. If the run ended early, a sequence that the last epoch did not
    /// come to is that of the epoch before.
    pub(super) last: Vec<Option<Showing>>,
    /// The test pass.
    pub(super) test: Vec<Option<Showing>>,
    /// The generation pass.
    pub(super) generation: Vec<Option<Showing>>,
    /// Feedback alignment during the training.
    pub(super) alignment: Alignment,
    /// The weights.
    pub(super) weights: Vec<Connections>,
    /// The step at which the run diverged, if it did: the first one that was not recorded.
    pub(super) diverged_at: Option<u64>,
}

/// One sequence as it was shown once.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Showing {
    /// The epoch, from 0; `None` outside training.
    pub(super) epoch: Option<u64>,
    /// The run's step at which it began.
    pub(super) first_step: u64,
    /// Number of its steps.
    pub(super) steps: u64,
    /// Number of its steps that were taught.
    pub(super) taught_steps: u64,
    /// The first 2000 of these.
    pub(super) taught: Vec<u64>,
    /// Mean absolute difference of target and output of each shown output unit, over these steps.
    pub(super) mean_abs_error: Vec<f64>,
    /// Target of each shown output unit.
    pub(super) target: Vec<Floats>,
    /// Event rate of each shown output unit.
    pub(super) output: Vec<Floats>,
    /// The hidden layers; empty in the generation pass.
    pub(super) hidden: Vec<Activity>,
}

/// The shown units of a hidden layer, unit after unit.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Activity {
    /// λ
    pub(super) event_rate: Fractions,
    /// ρ
    pub(super) burst_probability: Fractions,
    /// ψ
    pub(super) burst_rate: Fractions,
}

/// Feedback alignment over time.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Alignment {
    /// After how many epochs.
    pub(super) epochs: Vec<u64>,
    /// Per hidden layer the angle, in degrees; `None` where it is not defined.
    pub(super) degrees: Vec<Vec<Option<f64>>>,
}

/// Watches a run.
pub struct Recorder {
    scope: Scope,
    passes: [Vec<Option<Tape>>; 4],
    alignment: Alignment,
    initial: Option<Album>,
}

/// The places of the passes in [`Recorder::passes`].
const FIRST: usize = 0;
const LAST: usize = 1;
const TEST: usize = 2;
const GENERATION: usize = 3;

/// A sequence while it is shown.
struct Tape {
    epoch: Option<u64>,
    first_step: u64,
    steps: u64,
    taught_steps: u64,
    taught: Vec<u64>,
    /// Sums of absolute differences.
    errors: Vec<f64>,
    target: Vec<Line>,
    output: Vec<Line>,
    hidden: Vec<[Means; 3]>,
}

impl Recorder {
    /// Returns a recorder of this much.
    pub fn new(scope: Scope) -> Self {
        let passes = [FIRST, LAST, TEST, GENERATION].map(|_| scope.shown.iter().map(|_| None).collect());
        let alignment = Alignment { epochs: Vec::new(), degrees: vec![Vec::new(); scope.hidden_layers()] };
        Self { scope, passes, alignment, initial: None }
    }

    /// Returns the recording of the run that left `result`.
    pub fn finish(self, result: &RunResult) -> Recording {
        let last = Album::of(result.weight_rows());
        let weights = self.initial.map(|initial| initial.until(last)).unwrap_or_default();
        let [first, last, test, generation] =
            self.passes.map(|pass| pass.into_iter().map(|tape| tape.map(Tape::finish)).collect());
        Recording {
            scope: self.scope,
            first,
            last,
            test,
            generation,
            alignment: self.alignment,
            weights,
            diverged_at: result.divergence.map(|divergence| divergence.step),
        }
    }
}

/// Returns the pass and the place in it where a step is recorded, if it is.
fn place(scope: &Scope, view: &StepView<'_>) -> Option<(usize, usize)> {
    let number = |shown: &Shown| if view.phase == Phase::Training { shown.training } else { shown.test };
    let place = scope.shown.iter().position(|shown| number(shown) == view.sequence)?;
    let pass = match (view.phase, view.epoch) {
        (Phase::Training, Some(0) | None) => FIRST,
        (Phase::Training, Some(_)) => LAST,
        (Phase::Test, _) => TEST,
        (Phase::Generation, _) => GENERATION,
    };
    Some((pass, place))
}

impl Tape {
    fn start(scope: &Scope, view: &StepView<'_>) -> Self {
        let lines = || scope.outputs.iter().map(|_| Line::new(scope.line_stretch)).collect();
        let pictures = |units: &Vec<usize>| [(); 3].map(|()| Means::new(units.len(), scope.picture_stretch));
        let hidden =
            if view.phase == Phase::Generation { Vec::new() } else { scope.units.iter().map(pictures).collect() };
        Self {
            epoch: view.epoch,
            first_step: view.step,
            steps: 0,
            taught_steps: 0,
            taught: Vec::new(),
            errors: vec![0.0; scope.outputs.len()],
            target: lines(),
            output: lines(),
            hidden,
        }
    }

    fn add(&mut self, scope: &Scope, view: &StepView<'_>) {
        self.steps += 1;
        if view.taught {
            self.taught_steps += 1;
            if self.taught.len() < MOST_TAUGHT {
                self.taught.push(view.t);
            }
        }
        for (k, &unit) in scope.outputs.iter().enumerate() {
            self.errors[k] += (view.target[unit] - view.output[unit]).abs();
            self.target[k].push(view.target[unit] as f32);
            self.output[k].push(view.output[unit] as f32);
        }
        for (m, (units, pictures)) in scope.units.iter().zip(&mut self.hidden).enumerate() {
            let HiddenState { event_rate, burst_probability, burst_rate, .. } = view.states.hidden(m);
            for (picture, all) in pictures.iter_mut().zip([event_rate, burst_probability, burst_rate]) {
                picture.push(units.iter().map(|&unit| all[unit]));
            }
        }
    }

    fn finish(self) -> Showing {
        let lines = |lines: Vec<Line>| lines.into_iter().map(|line| Floats(line.into_points())).collect();
        let fractions = |means: Means| Fractions(means.into_rows().into_iter().map(Fractions::of).collect());
        let activity = |[event_rate, burst_probability, burst_rate]: [Means; 3]| Activity {
            event_rate: fractions(event_rate),
            burst_probability: fractions(burst_probability),
            burst_rate: fractions(burst_rate),
        };
        Showing {
            epoch: self.epoch,
            first_step: self.first_step,
            steps: self.steps,
            taught_steps: self.taught_steps,
            taught: self.taught,
            mean_abs_error: self.errors.iter().map(|sum| sum / self.steps as f64).collect(),
            target: lines(self.target),
            output: lines(self.output),
            hidden: self.hidden.into_iter().map(activity).collect(),
        }
    }
}

impl Observer for Recorder {
    fn step(&mut self, view: &StepView<'_>) -> ControlFlow<()> {
        if let Some((pass, place)) = place(&self.scope, view) {
            let tape = &mut self.passes[pass][place];
            if view.t == 0 {
                *tape = Some(Tape::start(&self.scope, view));
            }
            if let Some(tape) = tape {
                tape.add(&self.scope, view);
            }
        }
        ControlFlow::Continue(())
    }

    fn epochs_over(&mut self, epochs: u64, weights: &dyn WeightRows) {
        if self.initial.is_none() {
            self.initial = Some(Album::of(weights));
        }
        if epochs.is_multiple_of(self.scope.alignment_every) || epochs == self.scope.epochs {
            self.alignment.epochs.push(epochs);
            for (m, degrees) in self.alignment.degrees.iter_mut().enumerate() {
                degrees.push(alignment_deg(weights, m));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burstnet_core::config::{Configuration, RunConfig, Value, keys};
    use burstnet_core::engine::{Isa, Prepared};
    use burstnet_core::inputs::Inputs;
    use burstnet_core::run::run;

    fn values(changes: &[(&str, Value)]) -> Configuration {
        let mut values = keys::schema().defaults();
        values.set("network.layers", Value::from(vec![12_i64, 40, 3]));
        values.set("signals.length", Value::Int(150));
        values.set("training.epochs", Value::Int(3));
        values.set("teaching.target_fraction", 0.2.into());
        values.set("evaluation.generation", Value::Bool(true));
        changes.iter().for_each(|(key, value)| values.set(key, value.clone()));
        values
    }

    fn recorded(changes: &[(&str, Value)]) -> (Recording, RunResult) {
        let config = RunConfig::from_values(&values(changes)).unwrap();
        let inputs = Inputs::default();
        let prepared = Prepared::new(&config, &inputs, 4, Isa::detect());
        let mut recorder = Recorder::new(Scope::new(&config, &inputs, 4, None).unwrap());
        let result = run(&config, &inputs, &prepared, 4, Isa::detect(), &mut recorder).unwrap();
        (recorder.finish(&result), result)
    }

    fn steps(pass: &[Option<Showing>]) -> Vec<Option<u64>> {
        pass.iter().map(|one| one.as_ref().map(|one| one.steps)).collect()
    }

    #[test]
    fn a_run_is_recorded_from_its_first_epoch_to_its_generation_pass() {
        let (recording, result) = recorded(&[]);
        for (pass, epoch, first) in [(&recording.first, Some(0), 0), (&recording.last, Some(2), 300)] {
            let showing = pass[0].as_ref().unwrap();
            assert_eq!((showing.epoch, showing.first_step, showing.steps), (epoch, first, 150));
            assert_eq!((showing.output.len(), showing.output[0].0.len()), (3, 150));
            assert_eq!(showing.hidden[0].burst_rate.0.len(), 32 * 150);
            assert!(showing.taught_steps > 10 && showing.taught.len() as u64 == showing.taught_steps);
        }
        let (test, generation) = (recording.test[0].as_ref().unwrap(), recording.generation[0].as_ref().unwrap());
        assert_eq!((test.first_step, generation.first_step, test.taught_steps), (450, 600, 0));
        assert!(generation.hidden.is_empty());
        assert_eq!(recording.alignment.epochs, [0, 1, 2, 3]);
        let last = recording.alignment.degrees[0][3].unwrap();
        assert!((last - result.measure("alignment_deg_0").unwrap()).abs() < 1e-3);
        // The mean absolute error of the shown lines is the measure: all units and steps are shown.
        let pairs = test.target.iter().zip(&test.output).flat_map(|(target, output)| target.0.iter().zip(&output.0));
        let mae = pairs.map(|(target, output)| f64::from((target - output).abs())).sum::<f64>() / 450.0;
        assert!((mae - result.measure("test_mae").unwrap()).abs() < 1e-6);
    }

    #[test]
    fn a_diverged_run_is_recorded_up_to_its_end() {
        let (recording, result) = recorded(&[("learning_rate.output", 1e9.into())]);
        let end = result.divergence.unwrap().step;
        let last = recording.last[0].as_ref().or(recording.first[0].as_ref()).unwrap();
        assert_eq!(last.first_step + last.steps, end, "up to the step before");
        assert_eq!((steps(&recording.test), steps(&recording.generation)), (vec![None], vec![None]));
        assert_eq!(recording.weights.len(), 3);
    }

    #[test]
    fn of_shuffled_examples_every_shown_one_is_found() {
        let xor = [
            ("signals.kind", "xor_classes".into()),
            ("signals.classes", Value::Int(3)),
            ("signals.examples_per_class", Value::Int(2)),
        ];
        let (recording, _) = recorded(&xor);
        for pass in [&recording.first, &recording.last, &recording.test, &recording.generation] {
            assert_eq!(steps(pass), [Some(150); 3]);
        }
        let targets = |pass: &[Option<Showing>]| pass[1].as_ref().unwrap().target.clone();
        assert_eq!(targets(&recording.first), targets(&recording.last), "the same example in both epochs");
        assert_ne!(targets(&recording.first), targets(&recording.test), "an example of its own");
    }

    #[test]
    fn what_is_recorded_of_long_runs_is_bounded() {
        let long = [
            ("signals.length", Value::Int(100_000)),
            ("training.epochs", Value::Int(1)),
            ("network.layers", Value::from(vec![3_i64, 2, 1])),
            ("teaching.target_fraction", 0.9.into()),
        ];
        let (recording, _) = recorded(&long);
        let first = recording.first[0].as_ref().unwrap();
        assert_eq!((first.output[0].0.len(), first.hidden[0].event_rate.0.len()), (2000, 2 * 2000));
        assert_eq!((first.taught.len(), first.steps), (2000, 100_000));
        assert!(first.taught_steps > 89_000);
        assert_eq!(steps(&recording.last), [None]);
    }
}
