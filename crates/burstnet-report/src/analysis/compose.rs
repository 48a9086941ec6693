//! The analysis, composed of the statistics.

use std::collections::HashSet;

use burstnet_core::measures::MeasureInfo;
use burstnet_sweep::objective::threads;
use burstnet_sweep::plan::configurations::Configurations;

use super::compared::Compared;
use super::drawn::DrawnKey;
use super::finding::Finding;
use super::kept::Kept;
use super::measured::Measured;
use super::{
    Analysis, AnalysisError, Design, Options, Outcome, Progress, RankedConfiguration, Reference, SearchSummary,
    SubspaceBest, VarianceShares, warnings,
};
use crate::analysis::Sample;
use crate::statistics::noise::noise;
use crate::statistics::ranks::concordance;

impl Analysis {
    /// Does the same as [`Analysis::of`], with the design of the sweep, which is the same for all its measures.
    ///
    /// # Errors
    /// The same as [`Analysis::of`].
    pub(crate) fn with(
        design: &Design,
        plan: &Configurations,
        infos: &[MeasureInfo],
        sample: &Sample,
        options: &Options,
    ) -> Result<Self, AnalysisError> {
        options.check(plan, plan.configurations())?;
        let name = options.measure.as_ref().unwrap_or(&plan.objective.measure);
        let unknown = || AnalysisError::Measure { name: name.clone(), known: plan.measures.clone() };
        let measure = sample.measure(name).ok_or_else(unknown)?;
        let info = infos.iter().find(|info| info.name == *name);
        let direction = plan.objective.direction;
        let one = Measured::new(plan, sample, measure);
        let ranking = one.ranking();
        let baseline = one.baseline(&ranking, options.baseline);
        let places = shown(&ranking, sample, options);
        let is_objective = *name == plan.objective.measure;
        let compared = Compared::new(&one, &ranking, baseline, is_objective);
        let configuration =
            |&(rank, place): &_| one.configuration(rank, place, compared.at(place), Some(&design.resamples));
        let mut ranked: Vec<RankedConfiguration> = threads::map(&places, configuration);
        one.mark_best(&mut ranked, direction, &design.resamples);
        let of_all = one.of_all();
        let over = of_all.as_ref().unwrap_or(&one);
        let varies = plan.distinct() > 1 && plan.confirmation.is_none();
        let variance = if varies { over.variance(design) } else { None };
        let shares = variance.map(|found| VarianceShares::new(found, design, over, name, plan.strategy.learns()));
        let main_effects = if varies { over.main_effects(design) } else { Vec::new() };
        let pairs = shares.iter().flat_map(|shares| &shares.pairs);
        let pairs: Vec<(&str, &str, f64)> = pairs.map(|pair| (&*pair.key, &*pair.key_2, pair.share)).collect();
        let pair_effects = over.pair_effects(design, &pairs);
        let block = over.block();
        let counts = sample.total();
        let done = counts.all();
        let having = ranking.iter().filter(|&&place| one.mean(place).is_some());
        let valued: Vec<(usize, f64)> = having.map(|&place| (place, one.violation(place))).collect();
        let mut analysis = Self {
            measure: name.clone(),
            unit: info.map_or("", |info| info.unit).to_owned(),
            doc: info.map_or("", |info| info.doc).to_owned(),
            nonnegative: info.is_some_and(|info| info.nonnegative),
            finding: Finding::default(),
            keys: plan.space.iter().map(|dimension| dimension.key.clone()).collect(),
            direction,
            is_objective,
            confirmable: plan.confirmation.is_none(),
            progress: Progress {
                planned: plan.trials(),
                done,
                missing: plan.trials() - done,
                configurations: plan.configurations(),
                distinct: plan.distinct(),
                replicates: plan.replicates,
                counts,
                shuffled: options.shuffled && done < plan.trials(),
            },
            search: SearchSummary::of(plan, sample),
            baseline,
            subspaces: SubspaceBest::all(plan, sample, (&one, &ranking), &compared, design),
            ranked,
            confidence_set: compared.set.clone(),
            compared,
            subject_to: Kept::of(plan, sample, &valued),
            pareto: design.front.clone().map(|front| front.with_units(infos)),
            variance: shares,
            outcome: if varies { Outcome::of(plan, sample, design) } else { None },
            main_effects,
            pair_effects,
            noise: noise(block.view()),
            drawn: DrawnKey::all(plan, block.view()),
            concordance: concordance(block.view()),
            confirmed: None,
            errors: sample.errors().groups.clone(),
            other_errors: sample.errors().others,
            warnings: Vec::new(),
            confirming: warnings::confirming(plan, sample),
        };
        analysis.warnings = warnings::of(&analysis, plan, sample, measure, options);
        analysis.warnings.extend(plan.ended().map(|why| warnings::sentence(&why)));
        analysis.warnings.extend(plan.model.as_ref().map(|_| warnings::NOT_PROMISED.to_owned()));
        // One that breaks bounds is not what the best one is an improvement on.
        let keeps = valued.first().is_some_and(|(_, violation)| *violation == 0.0);
        let of_its_kind = valued.iter().filter(|(_, violation)| (*violation == 0.0) == keeps);
        let valued: Vec<(usize, f64)> =
            of_its_kind.filter_map(|(place, _)| Some((*place, one.mean(*place)?))).collect();
        analysis.finding.reference = Reference::choose((plan, sample), measure, &valued, options);
        if let Some(reference) = &mut analysis.finding.reference {
            let places = [valued.first().map(|one| one.0), one.place(reference.config_id)];
            let baseline = baseline.and_then(|baseline| one.place(baseline.config_id));
            reference.tied = places[0].zip(places[1]).is_some_and(|pair| analysis.compared.are_tied(pair, baseline));
        }
        analysis.find();
        Ok(analysis)
    }
}

/// Returns the ranks and places of the configurations that are shown: the best, and those that were asked for.
fn shown(ranking: &[usize], sample: &Sample, options: &Options) -> Vec<(u64, usize)> {
    let asked = options.baseline.iter().chain(&options.also);
    let asked: HashSet<usize> = asked.filter_map(|&config_id| sample.place(config_id)).collect();
    let numbered = (1..).zip(ranking.iter().copied());
    let best = |rank: u64, place: usize| rank <= options.top as u64 && !sample.is_stopped(place);
    numbered.filter(|&(rank, place)| best(rank, place) || asked.contains(&place)).collect()
}
