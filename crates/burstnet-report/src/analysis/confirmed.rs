//! The best configurations on fresh seeds, as `burstnet confirm` left them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use burstnet_core::config::Value;
use burstnet_sweep::files::refuse_links;
use burstnet_sweep::objective::Objective;
use burstnet_sweep::plan::Plan;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::plan::copies::Copies;
use burstnet_sweep::results::study::{Study, StudyError};
use serde::Serialize;

use super::compared::Compared;
use super::measured::Measured;
pub use super::standing::best;
use super::standing::ranking;
use super::warnings::command_of;
use super::{Analysis, Baseline, Counts, warnings};
use crate::ReportError;
use crate::analysis::Sample;
use crate::statistics::resamples::Resamples;
use crate::statistics::summary::Summary;
use crate::statistics::{Contrast, Interval};

/// The folder of a results directory that holds its confirmation, a results directory as well.
pub const FOLDER: &str = "confirmation";

/// Returns the confirmation of a study, if there is one.
///
/// # Errors
/// Returns an error if there is one that cannot be opened.
pub fn open(study: &Study, objective: &dyn Objective) -> Result<Option<Study>, StudyError> {
    let path = study.results.join(FOLDER);
    refuse_links(&study.results, Path::new(FOLDER)).map_err(|source| StudyError::Io { path: path.clone(), source })?;
    match Study::open_any(&path, objective) {
        Ok(inner) => Ok(Some(inner)),
        Err(StudyError::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns whether `inner` confirms the plan that `outer` is now.
pub fn is_of(inner: &Plan, outer: &Configurations) -> bool {
    let Some(confirmation) = &inner.confirmation else { return false };
    outer.confirming(confirmation.config_ids.clone(), inner.replicates).fingerprint() == inner.fingerprint()
}

/// The best configurations on fresh seeds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Confirmed {
    /// True if it is of another plan than the one that the directory holds now; nothing of it is shown then.
    pub stale: bool,
    /// Fresh seeds per configuration.
    pub replicates: u64,
    /// Trials of the confirmation.
    pub planned: u64,
    /// Trials that there are.
    pub done: u64,
    /// The configurations, best first on the fresh seeds.
    pub configurations: Vec<ConfirmedConfiguration>,
    /// The baseline of the contrasts: the named one if it was confirmed, else the best of the search.
    pub baseline: Option<u64>,
    /// The command that goes on with it.
    #[serde(skip)]
    pub command: String,
}

/// A configuration on fresh seeds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ConfirmedConfiguration {
    /// Its number in the sweep.
    pub config_id: u64,
    /// The swept keys' values.
    pub values: Vec<Value>,
    /// Its rank in the search.
    pub search_rank: Option<u64>,
    /// Its mean in the search, biased if it was chosen for it.
    pub search_mean: Option<f64>,
    /// Numbers of its trials on fresh seeds by how they ended.
    pub counts: Counts,
    /// Fresh replicates that have a value.
    pub n: usize,
    /// Statistics over the fresh replicates.
    pub summary: Summary,
    /// Student's t interval of the mean.
    pub t_interval: Option<Interval>,
    /// Bootstrap interval of the mean.
    pub bootstrap_interval: Option<Interval>,
    /// Compared on the same fresh replicates.
    pub contrast: Option<Contrast>,
}

impl Confirmed {
    /// Adds the confirmation of a study, if there is one, to the analysis of one of its measures, which is of `searched`.
    /// One that cannot be read is told among the warnings.
    pub fn add_to(
        analysis: &mut Analysis,
        (outer, searched): (&Configurations, &Sample),
        study: &Study,
        objective: &dyn Objective,
    ) {
        match Self::read(analysis, (outer, searched), study, objective) {
            Ok(confirmed) => analysis.set_confirmed(confirmed),
            Err(error) => analysis.warnings.push(format!("The confirmation cannot be read: {error}.")),
        }
    }

    fn read(
        analysis: &Analysis,
        (outer, searched): (&Configurations, &Sample),
        study: &Study,
        objective: &dyn Objective,
    ) -> Result<Option<Self>, ReportError> {
        let Some(inner) = open(study, objective)? else { return Ok(None) };
        let plan = &inner.plan;
        let mut confirmed = Self {
            stale: !is_of(plan, outer),
            replicates: plan.replicates,
            planned: plan.most_trials(),
            done: 0,
            configurations: Vec::new(),
            baseline: None,
            command: command_of(&study.results, outer, plan.most_configurations(), plan.replicates),
        };
        if confirmed.stale {
            return Ok(Some(confirmed));
        }
        let ledger = inner.ledger(&|_| true)?;
        let plan = &*Arc::clone(ledger.configurations());
        let sample = Sample::read(ledger)?;
        confirmed.done = sample.total().all();
        let Some(measure) = sample.measure(&analysis.measure) else { return Ok(Some(confirmed)) };
        let measured = Measured::new(plan, &sample, measure);
        let copies = outer.copies();
        let baseline = confirmed.choose_baseline(analysis, plan, copies, &sample, measure);
        confirmed.baseline = baseline.map(|baseline| plan.searched_id(baseline.config_id));
        let resamples = Resamples::new(plan.seed);
        let in_search = in_search(outer, searched, &analysis.measure);
        let ranking = measured.ranking();
        let named = baseline.map(|baseline| Baseline { named: true, ..baseline }); // not chosen by the fresh values
        let compared = Compared::new(&measured, &ranking, named, false);
        for place in ranking {
            let one = measured.configuration(0, place, compared.at(place), Some(&resamples));
            let config_id = plan.searched_id(one.config_id);
            let found = in_search.get(&copies.first(config_id));
            confirmed.configurations.push(ConfirmedConfiguration {
                config_id,
                values: one.values,
                search_rank: found.map(|(rank, _)| *rank),
                search_mean: found.and_then(|(_, mean)| *mean),
                counts: one.counts,
                n: one.n,
                summary: one.summary,
                t_interval: one.t_interval,
                bootstrap_interval: one.bootstrap_interval,
                contrast: one.contrast,
            });
        }
        Ok(Some(confirmed))
    }

    /// Returns the configuration of the confirmation that the others are compared with: that of the search if it has
    /// fresh values, else the first one that was confirmed.
    fn choose_baseline(
        &self,
        analysis: &Analysis,
        plan: &Configurations,
        copies: &Copies,
        sample: &Sample,
        measure: usize,
    ) -> Option<Baseline> {
        let has_values = |config_id: &u64| {
            sample.place(*config_id).is_some_and(|place| sample.values(place, measure).next().is_some())
        };
        let all = || (0..plan.configurations()).filter(has_values);
        let wanted = analysis.baseline?;
        let same = all().find(|&config_id| copies.first(plan.searched_id(config_id)) == wanted.config_id);
        let config_id = same.or_else(|| all().next())?;
        Some(Baseline { config_id, named: same.is_some() && wanted.named })
    }

    /// Returns whether every trial is done, and some have a value.
    fn is_complete(&self) -> bool {
        !self.stale && self.done == self.planned && self.configurations.iter().any(|one| one.n > 0)
    }

    /// Returns the warnings about it, as sentences.
    pub fn warnings(&self) -> Vec<String> {
        if self.stale {
            return vec![format!(
                "The confirmation is of another plan than the one that the directory holds now, and is not shown; `{}` \
                 brings it up to date.",
                self.command
            )];
        }
        let missing = (self.done < self.planned).then(|| {
            format!(
                "{} of {} trials of the confirmation are missing; `{}` goes on with them.",
                self.planned - self.done,
                self.planned,
                self.command
            )
        });
        missing.into_iter().collect()
    }
}

/// Returns rank and mean of all configurations of the search by their numbers, including those that are not shown.
fn in_search(plan: &Configurations, sample: &Sample, measure: &str) -> HashMap<u64, (u64, Option<f64>)> {
    let Some(measure) = sample.measure(measure) else { return HashMap::new() };
    let numbered = (1..).zip(ranking(plan, sample, measure));
    numbered.map(|(rank, one)| (sample.config_ids()[one.place], (rank, one.mean))).collect()
}

impl Analysis {
    /// Sets what was confirmed, and says what that means.
    fn set_confirmed(&mut self, confirmed: Option<Confirmed>) {
        let Some(confirmed) = confirmed else { return };
        if confirmed.is_complete() {
            self.warnings.retain(|warning| !warnings::is_of_best(warning));
        }
        self.warnings.extend(confirmed.warnings());
        self.confirmed = Some(confirmed);
        self.find();
    }
}
