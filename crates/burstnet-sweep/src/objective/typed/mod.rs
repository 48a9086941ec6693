//! User-defined models in Rust: a struct of parameters, and one function of these and a seed.

mod keys;

use std::marker::PhantomData;

use burstnet_core::config::{ConfigError, Configuration, Schema, Value};
use burstnet_core::digest::of_results;
use burstnet_core::measures::MeasureInfo;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use keys::KeyError;
pub(crate) use keys::kind;

use crate::files::json::nested;
use crate::objective::{Deadline, Evaluated, Evaluation, EvaluationError, Objective};

/// A user-defined model, for [`Sweep::model`](crate::sweep::Sweep::model).
///
/// Data that all trials share belong in the type that implements this trait. Trials run on many threads, so they only
/// have read access to them.
pub trait Model: Sync {
    /// The parameters. Each field is a key of the sweep file, and each field that is a struct is a section of keys.
    ///
    /// Comments on the fields become the descriptions of the keys, and the values of `Default` become their defaults.
    /// `#[schemars(range(min = 0.0, max = 1.0))]` sets bounds. Fields may be numbers, integers, `bool`, `String`, enums
    /// of plain words, a `Vec` of numbers, integers or texts, and an `Option` of any of these.
    type Parameters: DeserializeOwned + Serialize + JsonSchema + Default;

    /// Returns its measures, in the order of the columns.
    fn measures(&self) -> Vec<MeasureInfo>;

    /// Evaluates parameters with a seed.
    ///
    /// The result must depend on these two alone, so that a trial can be run again: draw random numbers from
    /// [`Stream::named`](burstnet_core::streams::Stream::named) with this seed. A model that runs for long should call
    /// [`Deadline::check`] regularly.
    ///
    /// # Errors
    /// If this trial failed; others go on. [`EvaluationError::Failed`] has the message that the tables show.
    fn evaluate(&self, parameters: &Self::Parameters, seed: u64, deadline: &Deadline<'_>) -> Evaluated;

    /// Returns the version of its results, 1 by default. Raise it when the results of the model change: results of two
    /// versions are never mixed.
    fn version(&self) -> u32 {
        1
    }

    /// Returns groups of keys whose values must fit together, none by default. [`Model::check`] is called for each
    /// combination of their values in a sweep before anything runs.
    fn coupled_keys(&self) -> &[&[&str]] {
        &[]
    }

    /// Checks that parameters fit together.
    ///
    /// # Errors
    /// If they do not; the error names the responsible key.
    fn check(&self, _parameters: &Self::Parameters) -> Result<(), ConfigError> {
        Ok(())
    }

    /// Returns the integer key that determines the length of an evaluation, if there is one. Stopping rules such as
    /// Hyperband divide it.
    fn budget(&self) -> Option<&'static str> {
        None
    }
}

/// A [`Model`] as an [`Objective`]: with a schema of keys, checked measures and digests.
pub struct Typed<M: Model> {
    model: M,
    schema: Schema,
    /// The names of the measures, in the order of the columns.
    names: Vec<String>,
    parameters: PhantomData<fn() -> M::Parameters>,
}

impl<M: Model> Typed<M> {
    /// Derives the keys of a model.
    ///
    /// # Errors
    /// If a field of its parameters cannot be a key, or a default does not fit the field's bounds.
    pub fn new(model: M) -> Result<Self, KeyError> {
        let schema = keys::of::<M::Parameters>()?;
        let names = model.measures().into_iter().map(|info| info.name).collect();
        Ok(Self { model, schema, names, parameters: PhantomData })
    }

    fn parameters(&self, configuration: &Configuration) -> Result<M::Parameters, ConfigError> {
        serde_json::from_value(nested(configuration).into()).map_err(|error| {
            let key = self.schema.keys().first().map_or("", |key| key.path.as_ref());
            let problem = format!("the parameters cannot be read: {error}");
            ConfigError { problem, expected: None, ..ConfigError::new(key, "", "") }
        })
    }

    /// Puts measures in the order of the columns. A value that is not a finite number means that the model diverged.
    fn ordered(&self, mut evaluation: Evaluation) -> Evaluated {
        if let Some((name, _)) = evaluation.measures.iter().find(|(name, _)| !self.names.contains(name)) {
            let expected = self.names.join(", ");
            return Err(EvaluationError::Failed(format!("gave a measure {name:?}, expected {expected}")));
        }
        let mut measures = Vec::with_capacity(self.names.len());
        for name in self.names.iter().cloned() {
            let mut given = evaluation.measures.iter().filter(|(other, _)| *other == name).map(|(_, value)| *value);
            match (given.next(), given.next()) {
                (Some(value), None) => measures.push((name, value)),
                (Some(_), Some(_)) => return Err(EvaluationError::Failed(format!("gave the measure {name:?} twice"))),
                (None, _) if evaluation.diverged.is_some() => measures.push((name, None)),
                (None, _) => return Err(EvaluationError::Failed(format!("gave no measure {name:?}"))),
            }
        }
        let wild = measures.iter().find(|(_, value)| value.is_some_and(|value| !value.is_finite()));
        if let (None, Some((name, Some(value)))) = (&evaluation.diverged, wild) {
            evaluation.diverged = Some(format!("the measure {name} is {value}"));
        }
        if evaluation.diverged.is_some() {
            measures.iter_mut().for_each(|(_, value)| *value = None); // what diverged has none
        }
        let curves = &mut evaluation.curves;
        curves.sort_by_key(|point| (point.layer, point.step));
        curves.iter_mut().for_each(|point| point.loss = point.loss.filter(|loss| loss.is_finite()));
        if let Some(twice) =
            curves.windows(2).find(|pair| (pair[0].layer, pair[0].step) == (pair[1].layer, pair[1].step))
        {
            let message = format!("gave two points of layer {} at step {}", twice[0].layer, twice[0].step);
            return Err(EvaluationError::Failed(message));
        }
        let digest = evaluation.digest.or_else(|| Some(of_results(&evaluation.curves, &measures)));
        Ok(Evaluation { measures, digest, ..evaluation })
    }
}

impl<M: Model> Objective for Typed<M> {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn bits_version(&self) -> u32 {
        self.model.version()
    }

    fn measures(&self, _values_of: &dyn Fn(&str) -> Vec<Value>) -> Vec<MeasureInfo> {
        self.model.measures()
    }

    fn coupled_keys(&self) -> &[&[&str]] {
        self.model.coupled_keys()
    }

    fn check(&self, configuration: &Configuration) -> Result<(), ConfigError> {
        self.model.check(&self.parameters(configuration)?)
    }

    fn evaluate(&self, configuration: &Configuration, seed: u64, deadline: &Deadline<'_>) -> Evaluated {
        let parameters = self.parameters(configuration)?;
        self.model.evaluate(&parameters, seed, deadline).and_then(|evaluation| self.ordered(evaluation))
    }

    fn budget_key(&self) -> Option<&str> {
        self.model.budget()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;
    use std::time::Instant;

    use burstnet_core::curves::CurvePoint;
    use burstnet_core::streams::Stream;
    use serde::Deserialize;

    use super::*;
    use crate::objective::EnvironmentError;
    use crate::results::record::TrialRecord;
    use crate::run::session::Follower;
    use crate::sweep::{Sweep, SweepError};

    #[derive(Serialize, Deserialize, JsonSchema, Default)]
    struct Parameters {
        section: Section,
        case: i64,
    }

    #[derive(Serialize, Deserialize, JsonSchema, Default)]
    struct Section {
        #[schemars(range(min = 0.0))]
        rate: f64,
    }

    struct Cases;

    impl Model for Cases {
        type Parameters = Parameters;

        fn measures(&self) -> Vec<MeasureInfo> {
            vec![MeasureInfo::new("first", "", "First."), MeasureInfo::new("second", "m", "Second.")]
        }

        fn coupled_keys(&self) -> &[&[&str]] {
            &[&["section.rate", "case"]]
        }

        fn check(&self, parameters: &Parameters) -> Result<(), ConfigError> {
            if parameters.case == 9 { Err(ConfigError::new("case", 9, "less than 9")) } else { Ok(()) }
        }

        fn evaluate(&self, at: &Parameters, seed: u64, deadline: &Deadline<'_>) -> Evaluated {
            deadline.check()?;
            let value = at.section.rate + Stream::named(seed, "noise").unit();
            let point = |step, loss| CurvePoint { layer: 0, step, learning_steps: 1, loss: Some(loss) };
            match at.case {
                0 => Ok(Evaluation::of([("second", 2.0), ("first", value)])),
                1 => Ok(Evaluation::of([("first", value)])),
                2 => Ok(Evaluation::of([("first", value), ("third", 1.0)])),
                3 => Ok(Evaluation::of([("first", value), ("second", 1.0), ("first", value)])),
                4 => Ok(Evaluation::of([("first", value), ("second", f64::NAN)])),
                5 => Ok(Evaluation::diverged("weights")),
                6 => Ok(Evaluation::of([("first", 1.0), ("second", 1.0)])
                    .with_curves(vec![point(7, 1.0), point(3, f64::INFINITY)])),
                7 => {
                    Ok(Evaluation::of([("first", 1.0), ("second", 1.0)])
                        .with_curves(vec![point(3, 1.0), point(3, 2.0)]))
                }
                _ => Err(EvaluationError::Environment(EnvironmentError("no such case".into()))),
            }
        }
    }

    fn case(case: i64) -> Evaluated {
        let model = Typed::new(Cases).unwrap();
        let mut configuration = model.schema().defaults();
        configuration.set("case", Value::Int(case));
        configuration.set("section.rate", Value::Float(0.5));
        let abandoned = AtomicBool::new(false);
        model.evaluate(&configuration, 1, &Deadline::new(Instant::now(), None, &abandoned))
    }

    #[test]
    fn measures_are_those_of_the_model_in_their_order() {
        let good = case(0).unwrap();
        assert_eq!(good.measures[0].0, "first");
        assert_eq!(good.measures[1], ("second".into(), Some(2.0)));
        assert_eq!(good.digest, Some(of_results(&[], &good.measures)));
        for (number, expected) in [
            (1, "gave no measure \"second\""),
            (2, "gave a measure \"third\", expected first, second"),
            (3, "gave the measure \"first\" twice"),
            (7, "gave two points of layer 0 at step 3"),
        ] {
            assert_eq!(case(number), Err(EvaluationError::Failed(expected.into())));
        }
        assert!(matches!(case(8), Err(EvaluationError::Environment(_))));
    }

    #[test]
    fn what_is_not_finite_has_diverged() {
        let nan = case(4).unwrap();
        assert_eq!(nan.diverged.as_deref(), Some("the measure second is NaN"));
        assert_eq!(nan.measures, [("first".into(), None), ("second".into(), None)]);
        let said = case(5).unwrap();
        assert_eq!((said.diverged.as_deref(), said.measures), (Some("weights"), nan.measures));
        let curves = case(6).unwrap().curves;
        assert_eq!(
            curves.iter().map(|point| (point.step, point.loss)).collect::<Vec<_>>(),
            [(3, None), (7, Some(1.0))]
        );
    }

    const SWEEP: &str = "
replicates: 2
base: {section: {rate: 0.25}}
search: {space: {case: [0, 4, 2]}}
";

    #[test]
    fn a_sweep_runs_goes_on_and_is_refused_where_another_is() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("results");
        let sweep = |text: &str| Sweep::from_yaml(text).unwrap().model(Cases).unwrap().out(&out);
        let first = sweep(SWEEP).threads(2).run().unwrap();
        assert_eq!((first.tally.total, first.tally.new), (6, 6));
        let ledger = first.study.ledger(&|_| true).unwrap();
        assert_eq!(ledger.entries.iter().filter(|entry| entry.failed()).count(), 2);
        let again = sweep(SWEEP).run().unwrap();
        assert_eq!((again.tally.done, again.tally.new), (6, 0));
        let other = SWEEP.replace("4, 2", "4, 6");
        let refused = sweep(&other).run().err().unwrap();
        assert!(
            matches!(refused, SweepError::Study(crate::results::study::StudyError::AnotherSweep { .. })),
            "{refused}"
        );
        let extended = sweep(&other).extend().run().unwrap();
        assert_eq!((extended.tally.total, extended.tally.new), (6, 2));
        assert_eq!(extended.objective().schema().keys().len(), 2);
    }

    #[test]
    fn a_sweep_is_followed_and_ends_when_it_is_stopped() {
        #[derive(Default)]
        struct Count(u64);
        impl Follower for Count {
            fn finished(&mut self, _record: &TrialRecord) {
                self.0 += 1;
            }
        }
        fn sweep<'f>(folder: &tempfile::TempDir) -> Sweep<'static, 'f> {
            Sweep::from_yaml(SWEEP).unwrap().model(Cases).unwrap().out(folder.path().join("results"))
        }
        let folder = tempfile::tempdir().unwrap();
        let (stop, mut count) = (AtomicBool::new(true), Count::default());
        let stopped = sweep(&folder).stop_on(&stop).follow(&mut count).run().unwrap();
        assert_eq!((stopped.tally.total, stopped.tally.done, count.0), (6, 0, 0));
        let finished = sweep(&folder).follow(&mut count).run().unwrap();
        assert_eq!((finished.tally.new, count.0), (6, 6));
        let retried = sweep(&folder).retry_failed().follow(&mut count).run().unwrap();
        assert_eq!((retried.tally.new, count.0), (2, 8), "the trials that gave a measure too many");
    }

    #[test]
    fn what_is_wrong_is_told_before_anything_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("results");
        let run = |text: &str, set: &str| {
            let sweep = Sweep::from_yaml(text)?.set(set)?.model(Cases)?;
            sweep.out(&out).run().map(|finished| finished.tally.total)
        };
        let message = |text: &str, set: &str| run(text, set).unwrap_err().to_string();
        assert_eq!(
            message(SWEEP, "base.section.rate=-1"),
            "--set base.section.rate=-1: section.rate is '-1', expected a number of at least 0"
        );
        assert_eq!(
            message(&SWEEP.replace("4, 2", "4, 9"), "seed=2"),
            "sweep.yaml:4:24: case is '9', expected less than 9"
        );
        assert!(message(SWEEP, "seed").contains("no '=' in it"));
        assert!(message("a: [", "seed=2").starts_with("sweep.yaml:"));
        assert!(!out.exists());
        let program = "model: {command: [true], measures: [x]}\nsearch: {space: {a: [1]}}\n";
        assert!(matches!(Sweep::from_yaml(program).unwrap().out(&out).run(), Err(SweepError::Program)));
        assert_eq!(run(SWEEP, "replicates=3").unwrap(), 9);
    }
}
