//! A search for programs that run their own trials: they ask for configurations and tell the outcomes.

use std::collections::HashMap;
use std::sync::Arc;

use burstnet_core::config::Value;

use crate::plan::ResolvedPlan;
use crate::plan::configurations::Configurations;
use crate::results::course::{Course, loss};

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
///     search.tell(asked.number, &[Some((x - 2.0) * (x - 2.0))])?;
/// }
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
    /// There are more or fewer values than objectives, and measures with bounds.
    #[error("{given} values for {objectives} objectives, expected one for each")]
    Values {
        /// The number of values.
        given: usize,
        /// The number of objectives, and of measures with bounds.
        objectives: usize,
    },
}

impl AskTell {
    /// Starts the search of a plan. Rules that stop trials early do not act on it.
    pub fn new(plan: ResolvedPlan) -> Self {
        let learns = plan.strategy.learns();
        let plan = Arc::new(plan.without_stopping());
        let course = learns.then(|| Course::start(&plan));
        Self { configurations: Arc::new(Configurations::new(plan)), course, next: 0, waiting: HashMap::new() }
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

    /// Notes the values of the objectives that a trial gave, in their order, and then those of the measures with bounds;
    /// `None`, or a value that is not finite, counts as a failure.
    ///
    /// # Errors
    /// If the trial does not wait for a result, or there is not one value for each.
    pub fn tell(&mut self, number: u64, values: &[Option<f64>]) -> Result<(), AskTellError> {
        let bounds = &self.configurations.subject_to;
        let objectives = self.configurations.objectives().count() + bounds.len();
        if values.len() != objectives {
            return Err(AskTellError::Values { given: values.len(), objectives });
        }
        let at = self.waiting.remove(&number).ok_or(AskTellError::NotWaiting { number })?;
        if let Some(course) = &mut self.course {
            let losses = self.configurations.objectives().zip(values).map(|(goal, value)| loss(goal, *value));
            let bounded = values[objectives - bounds.len()..].iter().map(|value| value.filter(|x| x.is_finite()));
            course.note_losses(at, losses.chain(bounded).collect());
        }
        Ok(())
    }
}
