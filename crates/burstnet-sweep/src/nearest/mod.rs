//! Guesses the name that was meant from one that does not exist: by the words that other tools have for the same thing,
//! by the words in the name in any order, and by its spelling.

mod synonyms;

use std::collections::BTreeSet;

use crate::limits::SWEEP_KEYS;
use synonyms::{SYNONYMS, WORDS};

/// The longest name for which a nearest one is sought, in bytes.
const LONGEST: usize = 200;
/// The least similarity of two names of which one can be meant by the other.
const LEAST: f64 = 0.6;

/// Returns the candidate nearest to `name`, if it is near enough to be meant, or up to three that are equally near.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    if name.len() > LONGEST {
        return None;
    }
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let name = normal(name);
    let same_words = |candidate: &&&str| words(candidate) == words(&name);
    if let Some(meant) = candidates.iter().find(same_words).copied().or_else(|| synonym(&name, &candidates)) {
        return Some(meant.to_owned());
    }
    let similar: Vec<(f64, &str)> =
        candidates.into_iter().map(|candidate| (similarity(&name, &candidate.to_lowercase()), candidate)).collect();
    let best = similar.iter().map(|(similarity, _)| *similarity).filter(|best| *best >= LEAST).reduce(f64::max)?;
    let mut nearest: Vec<&str> = Vec::new();
    for (_, candidate) in similar.iter().filter(|(similarity, _)| *similarity == best) {
        if !nearest.contains(candidate) {
            nearest.push(candidate);
        }
    }
    Some(nearest[..nearest.len().min(3)].join("' or '"))
}

/// Returns the candidate that the table of synonyms gives for a name, or for its last part.
fn synonym<'a>(name: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let last = name.rsplit('.').next().unwrap_or(name);
    let own = |target: &str, candidate: &str| {
        target == candidate || target.strip_suffix(candidate).is_some_and(|section| section.ends_with('.'))
    };
    let named = || SYNONYMS.iter().filter(|(_, words)| words.contains(&last)).map(|(target, _)| *target);
    let among = |target: &str| candidates.iter().copied().find(|candidate| own(target, candidate));
    // Names in the same section come first: `network.hidden` is not the same as `hidden` alone.
    let section = name.strip_suffix(last).unwrap_or_default();
    let of_run = |path: &str| path.split_once('.').is_some_and(|(section, _)| !SWEEP_KEYS.contains(&section));
    let mut in_section = named().filter(|target| target.starts_with(section));
    let mut elsewhere = named().filter(|target| !of_run(name) || of_run(target));
    in_section.find_map(among).or_else(|| elsewhere.find_map(among))
}

/// Returns a name in the spelling of sweep files: in lower case, with words separated by `_`.
fn normal(name: &str) -> String {
    let mut normal = String::new();
    let mut small_before = false;
    for c in name.trim().chars() {
        if c.is_uppercase() && small_before {
            normal.push('_');
        }
        small_before = c.is_lowercase();
        match c {
            '-' | ' ' => normal.push('_'),
            c => normal.extend(c.to_lowercase()),
        }
    }
    normal
}

/// Returns the similarity of two names, from 0 to 1: by the spelling of the whole or of the last parts, or by the
/// words.
fn similarity(name: &str, candidate: &str) -> f64 {
    let last = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
    let whole = strsim::normalized_damerau_levenshtein(name, candidate);
    let end = strsim::normalized_damerau_levenshtein(&last(name), &last(candidate));
    whole.max(0.95 * end).max(0.94 * in_common(&words(name), &words(candidate)))
}

/// Returns the words of a name.
fn words(name: &str) -> BTreeSet<&str> {
    let spelled = |word: &'_ str| WORDS.iter().find(|(short, _)| *short == word).map(|(_, words)| *words);
    let mut all = BTreeSet::new();
    for word in name.split(['.', '_']).filter(|word| !word.is_empty()) {
        match spelled(word) {
            Some(words) => all.extend(words),
            None => {
                all.insert(word);
            }
        }
    }
    all
}

/// Returns the share of words that two names have in common, with the same spelling or nearly so.
fn in_common(a: &BTreeSet<&str>, b: &BTreeSet<&str>) -> f64 {
    let alike = |one: &&str| {
        b.iter()
            .map(|other| strsim::normalized_damerau_levenshtein(one, other))
            .filter(|x| *x >= 0.8)
            .fold(0.0, f64::max)
    };
    let all = a.len() + b.len();
    if all == 0 { 0.0 } else { 2.0 * a.iter().map(alike).sum::<f64>() / all as f64 }
}

#[cfg(test)]
mod tests {
    use burstnet_core::config::keys;

    use super::*;

    /// Returns the key of a run nearest to a name.
    fn key(name: &str) -> String {
        let schema = keys::schema();
        nearest(name, schema.keys().iter().map(|key| &*key.path)).unwrap_or_default()
    }

    #[test]
    fn words_in_any_order() {
        for (name, meant) in [
            ("hidden_learning_rate", "learning_rate.hidden"),
            ("rate_learning", "learning_rate.hidden' or 'learning_rate.output' or 'learning_rate.feedback"),
            ("density_feedback", "feedback.density"),
            ("feedback_density", "feedback.density"),
            ("epochs", "training.epochs"),
            ("n_epochs", "training.epochs"),
            ("maxEpochs", "training.epochs"),
            ("layers", "network.layers"),
            ("Layers", "network.layers"),
            ("lr_output", "learning_rate.output"),
            ("hidden_lr", "learning_rate.hidden"),
            ("feedback-learning-rate", "learning_rate.feedback"),
            ("learningRate.hidden", "learning_rate.hidden"),
            ("init_weights", "network.initial_weights"),
            ("weight_range", "network.weight_range' or 'feedback.weight_range"),
            ("fraction_target", "teaching.target_fraction"),
        ] {
            assert_eq!(key(name), meant, "{name}");
        }
    }

    #[test]
    fn words_of_other_tools() {
        for (name, meant) in [
            ("lr", "learning_rate.hidden"),
            ("learning_rate", "learning_rate.hidden"),
            ("training.learning_rate", "learning_rate.hidden"),
            ("network.hidden", "network.layers"),
            ("network.hidden_layer_sizes", "network.layers"),
            ("seq_len", "signals.length"),
            ("training.iterations", "training.epochs"),
            ("signals.x", "signals.inputs"),
            ("sparsity", "feedback.density"),
        ] {
            assert_eq!(key(name), meant, "{name}");
        }
        let top = ["name", "seed", "replicates", "base", "search", "search.trials", "search.space"];
        for (name, meant) in
            [("seeds", "replicates"), ("n_trials", "search.trials"), ("params", "search.space"), ("seeed", "seed")]
        {
            assert_eq!(nearest(name, top).as_deref(), Some(meant), "{name}");
        }
        assert_eq!(nearest("bayes", ["grid", "tpe"]).as_deref(), Some("tpe"));
        assert_eq!(nearest("banana", ["grid", "tpe"]), None);
    }

    #[test]
    fn spelling() {
        for (name, meant) in [
            ("feedback.densty", "feedback.density"),
            ("fedback.density", "feedback.density"),
            ("densty", "feedback.density"),
            ("network.epoch", "training.epochs"),
            ("learning_rat.output", "learning_rate.output"),
            ("xyzzy", ""),
        ] {
            assert_eq!(key(name), meant, "{name}");
        }
    }

    #[test]
    fn synonyms_name_what_there_is() {
        let schema = keys::schema();
        let known = |target: &str| {
            schema.key(target).is_some() || crate::spec::paths(&schema).iter().any(|path| path == target)
        };
        let values: Vec<&str> = crate::search::strategy::names()
            .into_iter()
            .chain(crate::search::strategy::rule_names())
            .chain(crate::spec::domain::Form::WORDS.iter().copied())
            .chain(["num", "step", "ratio_of", "when", "minimize", "maximize", "train_loss", "test_mae", "test_mse"])
            .collect();
        for (target, words) in SYNONYMS {
            assert!(known(target) || values.contains(target), "{target}");
            assert!(!words.contains(target), "{target} is its own synonym");
        }
    }
}
