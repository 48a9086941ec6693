//! The verdict of shares of variance on the keys, in words.

use serde::Serialize;

use super::KeyShare;
use super::words::p_value;
use crate::statistics::SIGNIFICANT;
use crate::statistics::variance::{Method, Needed, Variance};

/// The verdict on which keys matter.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// The part that is told.
    pub told: Told,
    /// The p value of the test that no key matters; `None` if there is too little to test it.
    pub p: Option<f64>,
    /// The keys that may be the first, that with the largest share first; one if that is certain, none if nothing can be
    /// told. One is left over as well if no key has a test of its own that says that it matters.
    pub first: Vec<String>,
    /// The amount of data that would be likely to tell; `None` if all is told, or nothing helps.
    pub needed: Option<Needed>,
    /// The same in a sentence or two.
    pub sentence: String,
}

/// The part of the question which keys matter that is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Told {
    /// The key that matters most. Its own test says that it does.
    First,
    /// Keys matter, but it is open which one matters most.
    Some,
    /// Nothing: chance alone explains what is seen.
    Nothing,
}

impl Verdict {
    pub(super) fn new(found: &Variance, keys: &[KeyShare], measure: &str, key: impl Fn(usize) -> String) -> Self {
        let evidence = &found.evidence;
        let mut first: Vec<String> = evidence.first.iter().map(|&at| key(at)).collect();
        let matters = |one: &&KeyShare| one.p.is_none_or(|p| p <= SIGNIFICANT);
        let doubtful = keys.iter().find(|one| first == [&*one.key]).filter(|one| !matters(one));
        if doubtful.is_some() {
            // The largest share may be chance; the keys that are known to matter may be the first as well.
            first.extend(keys.iter().filter(matters).map(|one| one.key.clone()));
        }
        let told = match first.len() {
            0 => Told::Nothing,
            1 if doubtful.is_none() => Told::First,
            _open => Told::Some,
        };
        let sentence = sentence(found, keys, measure, &first, told);
        Self { told, p: evidence.p, first, needed: evidence.needed, sentence }
    }
}

/// Returns what can be told, in a sentence or two.
fn sentence(found: &Variance, keys: &[KeyShare], measure: &str, first: &[String], told: Told) -> String {
    let of = found.scale.of(measure);
    let shown = |key: &String| {
        let held = keys.iter().find(|one| one.key == *key);
        held.map_or(key.clone(), |one| format!("{key} ({})", with_interval(one, ", ", "")))
    };
    let needed = match found.evidence.needed {
        Some(Needed::Configurations(n)) => format!(" It would take about {n} configurations to tell."),
        Some(Needed::Replicates(n)) => format!(" It would take about {n} replicates to tell."),
        None => String::new(),
    };
    match first {
        [] => {
            let what = match keys {
                [only] => format!("Whether {} matters", only.key),
                _ => "Which keys matter".into(),
            };
            let n = found.configurations;
            let explained = match (found.method, keys.len()) {
                (Method::Grid, _) => format!("the differences in {of} between {n} configurations"),
                (Method::Polynomials | Method::Forest, 1) => format!("how well it predicts {of} in {n} configurations"),
                (Method::Polynomials | Method::Forest, _) => {
                    format!("how well they predict {of} in {n} configurations")
                }
            };
            format!("{what} cannot be told: chance alone can explain {explained}{}.{needed}", smallest(keys))
        }
        [one] if told != Told::First => {
            let held = keys.iter().find(|held| held.key == *one);
            let p = p_value(held.and_then(|held| held.p).unwrap_or(1.0));
            match keys {
                [_] => format!("{one} may matter: {of} differs between its values, but its test has {p}.{needed}"),
                _ => format!(
                    "Keys matter, but which ones cannot be told: the largest share of the variance of {of} is that of {}, \
                     whose own test has {p}.{needed}",
                    shown(one)
                ),
            }
        }
        [only] if keys.len() == 1 => format!("{only} matters: {of} differs between its values by more than chance."),
        [one] => {
            let held = keys.iter().find(|held| held.key == *one);
            let share = held.map_or(String::new(), |one| with_interval(one, " (", ")"));
            let whole = match found.method {
                Method::Grid => "between configurations",
                Method::Polynomials | Method::Forest => "that can be predicted",
            };
            let p = held.and_then(|one| one.p).map_or(String::new(), |p| format!(" ({})", p_value(p)));
            format!("{one} matters most{p}: alone it makes up {share} of the variance of {of} {whole}.")
        }
        [one, other, more @ ..] => {
            let more = match more.len() {
                0 => String::new(),
                count => format!(" or {count} more"),
            };
            format!(
                "Keys matter, but which one matters most for {of} cannot be told: {} or {}{more}.{needed}",
                shown(one),
                shown(other)
            )
        }
    }
}

/// Returns a clause that says why the smallest p of a key does not count, where it is significant by itself.
pub(super) fn smallest(keys: &[KeyShare]) -> String {
    let least = keys.iter().filter_map(|one| Some((one.p?, one))).min_by(|a, b| a.0.total_cmp(&b.0));
    match least {
        Some((p, one)) if p <= SIGNIFICANT && keys.len() > 1 => {
            format!(", even the smallest p of {} keys ({}: {})", keys.len(), one.key, p_value(p))
        }
        _ => String::new(),
    }
}

/// Returns a share with its interval between two texts: `82 % (71 to 90 %)`.
fn with_interval(one: &KeyShare, before: &str, behind: &str) -> String {
    let percent = |share: f64| format!("{:.0}", 100.0 * share);
    match one.interval {
        Some(ends) => {
            let [share, low, high] = [one.share, ends.low, ends.high].map(percent);
            format!("{share} %{before}{low} to {high} %{behind}")
        }
        None => format!("{} %", percent(one.share)),
    }
}
