//! A search for programs that run their own trials: they ask for configurations and tell the outcomes.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use burstnet_core::config::Value;
use burstnet_core::text::{listed, quoted};

use crate::nearest::nearest;
use crate::plan::ResolvedPlan;
use crate::plan::configurations::Configurations;
use crate::results::course::{Course, loss};
use crate::search::bounds::violation;
use crate::search::samplers::fronts::undominated;

/// A search whose trials somebody else runs. It proposes what a sweep with the same plan and the same results does.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::path::Path;
/// use burstnet_sweep::ask_tell::AskTell;
/// use burstnet_sweep::results::models::NamedModel;
/// use burstnet_sweep::spec::{Source, SweepSpec};
///
/// let text = "
/// model: {command: [python3], measures: [loss]}
/// search: {strategy: tpe, trials: 100, space: {x: {uniform: [-5.0, 5.0]}}}
/// ";
/// let source = Source::parse(Path::new("search"), text.into())?;
/// let model = NamedModel::of_file(&source, &[], burstnet_core::engine::Isa::detect())?;
/// let plan = SweepSpec::new(&source, vec![], model.objective().schema())?.plan(model.objective())?;
/// let mut search = AskTell::new(plan);
/// for _ in 0..16 {
///     let Some(asked) = search.ask()? else { break };
///     let x = asked.values[0].1.as_f64().unwrap_or_default();
///     search.tell(asked.number, &[Some((x - 2.0) * (x - 2.0))], &[])?;
/// }
/// assert!(search.best().is_some());
/// # Ok(())
/// # }
/// ```
pub struct AskTell {
    /// The configurations before a sampler has proposed any.
    configurations: Arc<Configurations>,
    /// The course of a sampler that learns.
    course: Option<Course>,
    /// The position of the next configuration: in its round, if there are rounds.
    next: u64,
    /// The configurations that were asked for and not told, each with its position.
    waiting: HashMap<u64, usize>,
    /// The results of the trials that gave a value of every objective, in the order in which they were told.
    told: Vec<Told>,
}

/// A result that was told.
struct Told {
    number: u64,
    /// The values to be minimised, of which there is at least one.
    losses: Vec<f64>,
    /// The distance beyond the bounds on measures; 0 if it keeps all.
    violation: f64,
}

/// A configuration to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Its number.
    pub number: u64,
    /// The swept keys with their values; null for keys that do not exist in it.
    pub values: Vec<(String, Value)>,
}

/// A reason why a search cannot be asked or told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskTellError {
    /// The next round depends on results that are missing.
    #[error(
        "the next round depends on all results of this one, of which {missing} are missing; expected tell() for each trial that \
         was asked for"
    )]
    Missing {
        /// The number of results that are missing.
        missing: usize,
    },
    /// The next configuration depends on a result that is missing.
    #[error(
        "the next configuration depends on the result of trial {number}, which is missing; expected tell() for it first"
    )]
    Behind {
        /// The number of the trial.
        number: u64,
    },
    /// The number belongs to no trial that waits for a result.
    #[error("trial {number} waits for no result, expected the number of a trial that was asked for and not told yet")]
    NotWaiting {
        /// The number.
        number: u64,
    },
    /// There are more or fewer values than objectives.
    #[error("{given} values for {objectives} objectives, expected one for each")]
    Values {
        /// The number of values.
        given: usize,
        /// The number of objectives.
        objectives: usize,
    },
    /// No bound is on a measure that was told.
    #[error("no bound is on the measure {}, expected {expected}{}", quoted(.measure), meant(.nearest))]
    UnknownMeasure {
        /// The measure.
        measure: String,
        /// The measures with bounds, in words.
        expected: String,
        /// The nearest of them.
        nearest: Option<String>,
    },
    /// A measure with a bound was not told.
    #[error("{} is missing, on which there is a bound; expected its value, or none where it is not defined", quoted(.measure))]
    MissingMeasure {
        /// The measure.
        measure: String,
    },
}

impl AskTell {
    /// Starts the search of a plan. Rules that stop trials early do not act on it.
    pub fn new(plan: ResolvedPlan) -> Self {
        let learns = plan.strategy.learns();
        let plan = Arc::new(plan.without_stopping());
        let course = learns.then(|| Course::start(&plan));
        Self {
            configurations: Arc::new(Configurations::new(plan)),
            course,
            next: 0,
            waiting: HashMap::new(),
            told: Vec::new(),
        }
    }

    /// Returns the next configuration; `None` if there is no other.
    ///
    /// # Errors
    /// If the next one depends on results that were not told.
    pub fn ask(&mut self) -> Result<Option<Asked>, AskTellError> {
        let number = match &mut self.course {
            None => (self.next < self.configurations.distinct())
                .then(|| self.configurations.trial_at(self.next) / self.configurations.replicates),
            Some(course) => loop {
                if course.is_finished() {
                    break None;
                }
                if let Some(job) = course.jobs().get(self.next as usize) {
                    break Some(job.config_id);
                }
                let ahead = course.first_missing();
                if !course.advance() && !course.is_finished() {
                    return Err(match ahead {
                        Some(number) => AskTellError::Behind { number },
                        None => AskTellError::Missing { missing: course.missing() },
                    });
                }
                if course.lag().is_none() {
                    self.next = 0;
                }
            },
        };
        let Some(number) = number else { return Ok(None) };
        self.waiting.insert(number, self.next as usize);
        self.next += 1;
        // Those of the course are not kept here, since they are added to where they lie.
        let configurations = self.course.as_ref().map_or(&self.configurations, Course::configurations);
        let keys = configurations.space.iter().map(|dimension| dimension.key.clone());
        Ok(Some(Asked { number, values: keys.zip(configurations.swept_values(number)).collect() }))
    }

    /// Notes the values of the objectives that a trial gave, in their order, and of the measures with bounds, by name. `None`,
    /// or a value that is not finite, counts as a failure, and of a measure as one that keeps no bound. A trial without any
    /// value of an objective needs no measures.
    ///
    /// # Errors
    /// If the trial does not wait for a result, or there is not one value for each. Nothing is noted then.
    pub fn tell(
        &mut self,
        number: u64,
        values: &[Option<f64>],
        measures: &[(&str, Option<f64>)],
    ) -> Result<(), AskTellError> {
        let objectives = self.configurations.objectives().count();
        if values.len() != objectives {
            return Err(AskTellError::Values { given: values.len(), objectives });
        }
        let has_failed = values.iter().all(Option::is_none);
        let bounded = self.bounded(measures, has_failed)?;
        let at = self.waiting.remove(&number).ok_or(AskTellError::NotWaiting { number })?;
        let losses: Vec<Option<f64>> =
            self.configurations.objectives().zip(values).map(|(goal, value)| loss(goal, *value)).collect();
        if let Some(losses) = losses.iter().copied().collect() {
            let violation = violation(&self.configurations.subject_to, bounded.iter().copied());
            self.told.push(Told { number, losses, violation });
        }
        if let Some(course) = &mut self.course {
            course.note_losses(at, losses.into_iter().chain(bounded).collect());
        }
        Ok(())
    }

    /// Returns the finite values of the measures with bounds, in the order of the bounds.
    fn bounded(
        &self,
        measures: &[(&str, Option<f64>)],
        may_be_missing: bool,
    ) -> Result<Vec<Option<f64>>, AskTellError> {
        let bounds = &self.configurations.subject_to;
        let names = || bounds.iter().map(|bound| bound.measure.as_str());
        let each: BTreeSet<&str> = names().collect();
        if let Some((unknown, _)) = measures.iter().find(|(name, _)| !each.contains(name)) {
            let expected = match each.len() {
                0 => "no measures, since there are no bounds".into(),
                _ => listed(each.iter().copied()),
            };
            let nearest = nearest(unknown, each);
            return Err(AskTellError::UnknownMeasure { measure: (*unknown).to_owned(), expected, nearest });
        }
        let value = |name: &str| match measures.iter().find(|(given, _)| *given == name) {
            Some((_, value)) => Ok(value.filter(|x| x.is_finite())),
            None if may_be_missing => Ok(None),
            None => Err(AskTellError::MissingMeasure { measure: name.to_owned() }),
        };
        names().map(value).collect()
    }

    /// Returns the number of the trial with the best value so far, of a search with one objective, among those that keep all
    /// bounds on measures; `None` if there is none. The one that was asked for first wins ties.
    pub fn best(&self) -> Option<u64> {
        let kept = self.told.iter().filter(|told| told.violation == 0.0 && told.losses.len() == 1);
        kept.min_by(|a, b| a.losses[0].total_cmp(&b.losses[0]).then(a.number.cmp(&b.number))).map(|told| told.number)
    }

    /// Returns the numbers of the trials that no other one beats in every objective, of those that keep all bounds on
    /// measures: the best compromises, in the order of their numbers.
    pub fn front(&self) -> Vec<u64> {
        let kept: Vec<&Told> = self.told.iter().filter(|told| told.violation == 0.0).collect();
        let losses: Vec<&[f64]> = kept.iter().map(|told| told.losses.as_slice()).collect();
        let mut front: Vec<u64> = undominated(&losses).into_iter().map(|at| kept[at].number).collect();
        front.sort_unstable();
        front
    }
}

/// Returns the name that was meant, as the end of a message.
fn meant(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or(String::new(), |nearest| format!(" (did you mean '{nearest}'?)"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::results::models::NamedModel;
    use crate::spec::{Source, SweepSpec};

    fn search(objective: &str, search: &str) -> AskTell {
        let text = format!(
            "model: {{command: [python3], measures: [loss, cost, size]}}\nobjective: {objective}\n\
             search: {{{search}, space: {{x: {{uniform: [0.0, 1.0]}}}}}}\n"
        );
        let source = Source::parse(Path::new("search"), text).unwrap();
        let model = NamedModel::of_file(&source, &[], burstnet_core::engine::Isa::detect()).unwrap();
        let spec = SweepSpec::new(&source, Vec::new(), model.objective().schema()).unwrap();
        AskTell::new(spec.plan(model.objective()).unwrap())
    }

    #[test]
    fn measures_with_bounds_are_told_by_name() {
        let bounds = "strategy: tpe, trials: 20, lag: 1, subject_to: [cost < 3, 1 < cost, size >= 0]";
        let mut search = search("loss", bounds);
        let first = search.ask().unwrap().unwrap().number;
        let told = |search: &mut AskTell, measures: &[(&str, Option<f64>)]| {
            search.tell(first, &[Some(0.5)], measures).unwrap_err().to_string()
        };
        assert_eq!(
            told(&mut search, &[("cots", Some(2.0)), ("size", Some(1.0))]),
            "no bound is on the measure 'cots', expected cost, size (did you mean 'cost'?)"
        );
        assert_eq!(
            told(&mut search, &[("cost", Some(2.0))]),
            "'size' is missing, on which there is a bound; expected its value, or none where it is not defined"
        );
        assert_eq!(search.best(), None);
        search.tell(first, &[Some(0.5)], &[("size", Some(1.0)), ("cost", Some(2.0))]).unwrap();
        assert_eq!(search.best(), Some(0));
        // Better, but beyond a bound, or without a measure, or failed.
        for (value, cost) in [(Some(0.1), Some(3.0)), (Some(0.1), Some(f64::NAN)), (Some(0.1), None), (None, None)] {
            let number = search.ask().unwrap().unwrap().number;
            let measures: &[(&str, Option<f64>)] =
                if value.is_none() { &[] } else { &[("cost", cost), ("size", Some(0.0))] };
            search.tell(number, &[value], measures).unwrap();
            assert_eq!(search.best(), Some(0), "{value:?} {cost:?}");
        }
        let last = search.ask().unwrap().unwrap().number;
        search.tell(last, &[Some(0.4)], &[("size", Some(0.0)), ("cost", Some(1.5))]).unwrap();
        assert_eq!((search.best(), search.front()), (Some(last), vec![last]));
    }

    #[test]
    fn several_objectives_have_a_front() {
        let mut search = search(
            "[{measure: loss, direction: minimize}, {measure: size, direction: maximize}]",
            "strategy: random, trials: 6, subject_to: cost < 1",
        );
        let results = [(1.0, 1.0, 0.0), (2.0, 2.0, 0.0), (2.0, 1.5, 0.0), (0.5, 9.0, 1.0), (1.0, 1.0, 0.0)];
        for (loss, size, cost) in results {
            let number = search.ask().unwrap().unwrap().number;
            search.tell(number, &[Some(loss), Some(size)], &[("cost", Some(cost))]).unwrap();
        }
        let number = search.ask().unwrap().unwrap().number;
        search.tell(number, &[Some(0.0), None], &[("cost", Some(0.0))]).unwrap();
        assert_eq!((search.front(), search.best()), (vec![0, 1, 4], None));
    }
}
