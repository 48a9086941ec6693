//! The finding of a sweep, in sentences: the page, the terminal and JSON say the same.

use burstnet_core::config::Value;
use burstnet_core::text::{count, cut};
use burstnet_sweep::objective::Direction;
use serde::Serialize;

use super::words::{like, list, percent, significant, telling_line, with_interval};
use super::{
    Analysis, ConfirmedConfiguration, Progress, RankedConfiguration, Reference, ReferenceRole, Told, labeller, labels,
};
use crate::statistics::variance::Method;
use crate::statistics::{Interval, SIGNIFICANT};

/// The share, alone or in a pair, from which on a key is named beside the best configuration.
const NAMED: f64 = 0.05;
/// The keys that are named.
const MOST_NAMED: usize = 3;
/// The characters of a message.
const MESSAGE: usize = 160;

/// The finding of a sweep, in words.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The finding in one sentence.
    pub headline: String,
    /// Sentences with what a reader needs next: the keys that decide, the differences, the trials that did not run.
    pub sentences: Vec<String>,
    /// The configuration with which the best one is compared; `None` if there is no other.
    pub reference: Option<Reference>,
}

impl Analysis {
    /// Writes down what was found; the reference stays.
    pub(super) fn find(&mut self) {
        let reference = self.finding.reference.take();
        let headline = Words(self).headline(reference.as_ref());
        let sentences = Words(self).sentences();
        self.finding = Finding { headline, sentences, reference };
    }

    /// Returns the best configuration that has a value.
    pub fn best(&self) -> Option<&RankedConfiguration> {
        self.ranked.iter().find(|one| one.summary.mean.is_some())
    }

    /// Returns the values of the keys that matter in a configuration that is ranked: `hidden = 3.16 and density = 0.5`.
    pub(crate) fn settings_of(&self, config_id: u64) -> Option<String> {
        let one = self.ranked.iter().find(|one| one.config_id == config_id)?;
        Words(self).named(&one.values)
    }

    /// Returns the places of the keys that matter, the first one first: of those the sentence about the best one speaks.
    pub fn deciding(&self) -> Vec<usize> {
        let place = |key: &str| self.keys.iter().position(|own| own == key);
        if self.keys.len() == 1 {
            return vec![0];
        }
        let Some(shares) = self.variance.as_ref().filter(|shares| shares.is_told()) else { return Vec::new() };
        let deciding = |counts: &dyn Fn(Option<f64>) -> bool| -> Vec<usize> {
            let weight = |one: &super::KeyShare| {
                let of_key = |pair: &&super::KeyPairShare| pair.key == one.key || pair.key_2 == one.key;
                let pairs = shares.pairs.iter().filter(of_key).filter(|pair| counts(pair.p));
                let alone = if counts(one.p) { one.share } else { 0.0 };
                alone + pairs.map(|pair| pair.share).sum::<f64>()
            };
            let mut weights: Vec<(f64, usize)> =
                shares.keys.iter().filter_map(|one| Some((weight(one), place(&one.key)?))).collect();
            weights.sort_by(|a, b| b.0.total_cmp(&a.0));
            weights.into_iter().filter(|(weight, _)| *weight >= NAMED).map(|(_, at)| at).take(MOST_NAMED).collect()
        };
        let known = deciding(&is_known);
        // Keys matter together, though of none it is known by itself.
        if known.is_empty() { deciding(&|_| true) } else { known }
    }
}

/// Returns whether an effect is known to be there, or not tested.
fn is_known(p: Option<f64>) -> bool {
    p.is_none_or(|p| p <= SIGNIFICANT)
}

/// An analysis in words.
struct Words<'a>(&'a Analysis);

impl Words<'_> {
    fn unit(&self) -> String {
        if self.0.unit.is_empty() { String::new() } else { format!(" {}", self.0.unit) }
    }

    fn mean(&self, mean: f64, interval: Option<Interval>) -> String {
        format!("{}{}", with_interval(mean, interval, self.0.nonnegative), self.unit())
    }

    fn headline(&self, reference: Option<&Reference>) -> String {
        let analysis = self.0;
        let so_far = if analysis.progress.missing > 0 { "So far, " } else { "" };
        let Some(best) = analysis.best() else { return self.without_values() };
        if let Some(front) = analysis.pareto.as_ref().filter(|front| analysis.is_objective && front.size > 0) {
            return self.compromises(front, so_far);
        }
        let fresh =
            analysis.confirmed.as_ref().filter(|confirmed| !confirmed.stale && confirmed.done == confirmed.planned);
        let fresh = fresh.and_then(|confirmed| confirmed.configurations.iter().find(|one| one.summary.mean.is_some()));
        if let Some(one) = fresh {
            return self.confirmed(one);
        }
        let mean = best.summary.mean.unwrap_or_default();
        let value = self.mean(mean, best.t_interval);
        let seeds = if best.n == 1 { " on a single seed" } else { "" };
        if let Some(nothing) = analysis.subject_to.as_ref().and_then(|kept| kept.nothing(best.config_id)) {
            let and = format!("and {} = {value}{seeds}.", analysis.measure);
            return if so_far.is_empty() {
                format!("N{} {and}", &nothing[1..])
            } else {
                format!("{so_far}{nothing} {and}")
            };
        }
        let at = self.settings(&best.values, best.config_id);
        let Some(reference) = reference else {
            let over =
                if best.n > 1 { format!(" over {}", count(best.n as u64, "seed", "seeds")) } else { seeds.to_owned() };
            return format!("{so_far}{} is {value}{over}.", analysis.measure);
        };
        let verb = match analysis.direction {
            Direction::Minimize => "falls to",
            Direction::Maximize => "rises to",
        };
        let from = self.from(reference);
        if reference.tied || reference.mean == mean {
            return format!("{so_far}{} is {value}{at}{seeds}, which cannot be told from {from}.", analysis.measure);
        }
        format!("{so_far}{} {verb} {value}{at}{seeds}, from {from}.", analysis.measure)
    }

    /// Returns the reference at the end of a sentence.
    fn from(&self, reference: &Reference) -> String {
        let mean = like(reference.mean, reference.interval);
        match reference.role {
            ReferenceRole::Baseline => format!("{mean} in configuration {}, the baseline", reference.config_id),
            ReferenceRole::Defaults => format!("{mean} with the defaults"),
            ReferenceRole::Median => format!("{mean} in the median configuration"),
            ReferenceRole::Worst => {
                let held = self.0.ranked.iter().find(|one| one.config_id == reference.config_id);
                let at = held.map_or(String::new(), |one| self.settings(&one.values, one.config_id));
                if at.is_empty() { format!("{mean} in the worst configuration") } else { format!("{mean}{at}") }
            }
        }
    }

    /// Returns where a configuration lies: ` at hidden = 3.16`, or its number where no key is known to matter.
    fn settings(&self, values: &[Value], config_id: u64) -> String {
        self.named(values).map_or_else(|| format!(" in configuration {config_id}"), |named| format!(" at {named}"))
    }

    /// Returns the values of the keys that matter; `None` where no key is known to.
    fn named(&self, values: &[Value]) -> Option<String> {
        let labels = labels(&self.0.keys);
        let shown = |at: &usize| {
            let value = values.get(*at)?;
            let text = value.as_f64().map_or_else(|| cut(&value.to_string(), 40).to_string(), |x| significant(x, 3));
            Some(format!("{} = {text}", labels.get(*at)?))
        };
        let named: Vec<String> = self.0.deciding().iter().filter_map(shown).collect();
        (!named.is_empty()).then(|| list(&named, "and"))
    }

    fn confirmed(&self, one: &ConfirmedConfiguration) -> String {
        let value = self.mean(one.summary.mean.unwrap_or_default(), one.t_interval);
        let searched = one
            .search_mean
            .map_or(String::new(), |mean| format!("; in the search it was {}", like(mean, one.t_interval)));
        format!(
            "{} is {value}{} on {} fresh seeds{searched}.",
            self.0.measure,
            self.settings(&one.values, one.config_id),
            one.n
        )
    }

    fn compromises(&self, front: &super::Front, so_far: &str) -> String {
        let range = |(at, one): (usize, &super::FrontObjective)| {
            let means = || front.configurations.iter().filter_map(|held| held.means.get(at).copied());
            let (low, high) = (means().fold(f64::INFINITY, f64::min), means().fold(f64::NEG_INFINITY, f64::max));
            let unit = if one.unit.is_empty() { String::new() } else { format!(" {}", one.unit) };
            format!("{} from {} to {}{unit}", one.measure, significant(low, 3), significant(high, 3))
        };
        let ranges: Vec<String> = front.objectives.iter().enumerate().map(range).collect();
        format!(
            "{so_far}{} of {} {} the best compromises: {}.",
            front.size,
            count(self.0.progress.distinct, "configuration", "configurations"),
            if front.size == 1 { "is" } else { "are" },
            list(&ranges, "and")
        )
    }

    fn without_values(&self) -> String {
        let (progress, measure) = (&self.0.progress, &self.0.measure);
        let counts = progress.counts;
        if progress.done == 0 {
            return "No trial has ended yet.".into();
        }
        if counts.ok > 0 {
            return format!("No trial has a value of {measure}.");
        }
        let what = match (counts.failed, counts.diverged) {
            (_, 0) => "failed",
            (0, _) => "diverged",
            _both => "failed or diverged",
        };
        let first = self
            .0
            .errors
            .first()
            .map_or(String::new(), |group| format!(" The first message: {}", sentence(&group.message)));
        let all = if progress.missing == 0 { "All" } else { "So far, all" };
        format!("{all} {} {what}.{first}", count(counts.not_ok(), "trial", "trials"))
    }

    fn sentences(&self) -> Vec<String> {
        let analysis = self.0;
        let progress = &analysis.progress;
        let mut all: Vec<String> = Vec::new();
        if analysis.best().is_some() {
            all.extend(analysis.subject_to.as_ref().filter(|kept| kept.keeping > 0).map(|kept| kept.sentence.clone()));
            all.extend(self.keys());
            all.extend(analysis.confidence_set.as_ref().map(|set| set.sentence.clone()));
        }
        let counts = progress.counts;
        if counts.ok > 0 {
            all.extend(analysis.outcome.as_ref().map(|outcome| outcome.sentence.clone()));
        }
        if let Some(stopping) = analysis.search.stopping.as_ref().filter(|stopping| stopping.configurations > 0) {
            all.push(format!(
                "{} stopped {} of {} early.",
                stopping.rule,
                stopping.configurations,
                count(progress.distinct, "configuration", "configurations")
            ));
        }
        if progress.missing > 0 && progress.done > 0 {
            all.push(format!(
                "{} of {} are missing, so every figure may still change.{}",
                progress.missing,
                count(progress.planned, "trial", "trials"),
                if progress.shuffled { format!(" {}.", Progress::SPREAD) } else { String::new() }
            ));
        }
        if analysis.best().is_some_and(|best| best.n == 1) && progress.replicates == 1 {
            all.push(
                "With one seed, differences cannot be told from chance; it takes two at least, and eight are good."
                    .into(),
            );
        }
        all
    }

    /// Returns which keys decide.
    fn keys(&self) -> Option<String> {
        let shares = self.0.variance.as_ref()?;
        let [first, others @ ..] = &shares.keys[..] else { return None };
        if shares.verdict.told != Told::First || others.is_empty() {
            return Some(shares.verdict.sentence.clone());
        }
        let label = labeller(self.0.keys.clone());
        let of = match shares.method {
            Method::Grid => "of the variance",
            _regression => "of the variance that can be predicted",
        };
        let verb = if first.share >= 0.5 { "decides" } else { "matters most" };
        let mut text = format!("{} {verb}: alone it makes up {} {of}", label(&first.key), percent(first.share));
        let second = others.iter().find(|one| is_known(one.p)).filter(|one| one.share >= NAMED);
        let pair = shares.first_pair().filter(|pair| pair.share >= NAMED);
        match (second, pair) {
            (Some(one), pair) if pair.is_none_or(|pair| pair.share <= one.share) => {
                text += &format!("; {} {}", label(&one.key), percent(one.share));
            }
            (_, Some(pair)) => {
                text +=
                    &format!("; {} and {} together {} more", label(&pair.key), label(&pair.key_2), percent(pair.share));
            }
            (_, None) => {}
        }
        Some(text + ".")
    }
}

/// Returns the line of a message that says most, as a sentence.
fn sentence(message: &str) -> String {
    let shown = cut(&telling_line(message), MESSAGE).to_string();
    if shown.ends_with(['.', '!', '?', '…']) { shown } else { format!("{shown}.") }
}
