//! The evidence that keys matter: tests, intervals, and what more would tell.

use burstnet_core::math::ln;
use burstnet_core::streams::Stream;

use super::candidate::{Candidate, FOLDS, Folds};
use super::parts::Parts;
use super::table::{Look, Table};
use crate::statistics::Interval;
use crate::statistics::distributions::{normal_quantile, t_above};
use crate::statistics::variance::{Evidence, Needed};

/// The level of the test that no key matters.
const LEVEL: f64 = 0.01;
/// A p value without permutations below this is small whatever they say, and one above [`UNCLEAR`] is not.
const CLEAR: f64 = 1e-9;
const UNCLEAR: f64 = 0.1;
/// The permutations.
const PERMUTATIONS: usize = 29;
/// The standard errors by which the first share must be larger than another one to be certain.
const CERTAIN: f64 = 1.64;
/// The probability with which the number of configurations that is named would tell.
const POWER: f64 = 0.9;
/// The shares of a key, of which the first is named that could not be found with the configurations that there are.
const SHARES: [f64; 6] = [0.5, 0.25, 0.1, 0.05, 0.02, 0.01];
/// No more configurations are named than so many times those that there are.
const MOST_TIMES: f64 = 100.0;

/// Returns the verdict on shares. `whole` are the shares of the fit to all rows, `parts` of those without a fold.
pub(super) fn of(
    (table, chosen): (&Table, &Candidate),
    (table_of_other, other): (&Table, &Candidate),
    p: f64,
    whole: &Parts,
    parts: &[Parts],
    random: &mut Stream,
) -> Evidence {
    let n = table.rows as f64;
    let order = by_share(&whole.keys);
    if p > LEVEL || whole.total <= 0.0 {
        return Evidence { p: Some(p), first: Vec::new(), needed: needed_to_find(table.keys(), n) };
    }
    let mut first = vec![order[0]];
    let mut needed = n;
    for &key in &order[1..] {
        let difference = whole.keys[order[0]] - whole.keys[key];
        let error = standard_error(parts.iter().map(|one| one.keys[order[0]] - one.keys[key]));
        if difference <= CERTAIN * error {
            first.push(key);
            let ratio = 2.0 * CERTAIN * error / difference.max(1e-300);
            needed = f64::max(needed, n * ratio * ratio);
        }
    }
    // Another kind of regression that predicts about as well must agree.
    if other.explained > 0.5 * chosen.explained {
        let others = other.whole(table_of_other, random).shares();
        let own = by_share(&others.keys)[0];
        if !first.contains(&own) {
            first.push(own);
        }
    }
    let is_open = first.len() > 1;
    let needed = (is_open && needed > n && needed <= MOST_TIMES * n).then(|| Needed::Configurations(rounded(needed)));
    Evidence { p: Some(p), first, needed }
}

/// Returns the verdict on so few configurations that nothing can be told.
pub(super) fn of_too_few(keys: usize) -> Evidence {
    Evidence { p: None, first: Vec::new(), needed: needed_to_find(keys, 1.0) }
}

fn by_share(shares: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|&a, &b| shares[b].total_cmp(&shares[a])); // stable
    order
}

/// Returns the p value of the test that no key matters, from the correlation of predictions with values.
///
/// Where that is neither small nor certain, the values are dealt to other rows by chance, and the best regression is
/// chosen again in the same way. The correlation is compared with those by Student's t, as one more draw of theirs.
pub(super) fn p_value(table: &Table, values: &[f64], correlation: f64, random: &mut Stream) -> f64 {
    let p = p_of_correlation(correlation, table.rows as f64);
    if !(CLEAR..=UNCLEAR).contains(&p) {
        return p;
    }
    let mut dealt = values.to_vec();
    let of = |values: &[f64], random: &mut Stream| {
        let folds = Folds::once(table.rows, random);
        super::chosen(table, values, &folds, random).map_or(0.0, |(chosen, _)| chosen.correlation())
    };
    let own = of(values, random);
    let by_chance: Vec<f64> = (0..PERMUTATIONS)
        .map(|_| {
            random.shuffle(&mut dealt);
            of(&dealt, random)
        })
        .collect();
    let n = by_chance.len() as f64;
    let mean = by_chance.iter().sum::<f64>() / n;
    let squares: f64 = by_chance.iter().map(|r| (r - mean) * (r - mean)).sum();
    let error = (squares / (n - 1.0) * (1.0 + 1.0 / n)).sqrt();
    if error > 0.0 { t_above(n - 1.0, (own - mean) / error).unwrap_or(1.0) } else { 1.0 }
}

/// Returns the same p value of many configurations, without permutations: ten times that of the correlation, as the
/// regression is the best of several.
pub(super) fn p_of_many(correlation: f64, n: usize) -> f64 {
    (10.0 * p_of_correlation(correlation, n as f64)).min(1.0)
}

/// Returns the p value of the test that predictions have nothing to do with values, one-sided: t = r √((n − 2)/(1 − r²))
/// with n − 2 degrees of freedom.
fn p_of_correlation(r: f64, n: f64) -> f64 {
    let t = r * ((n - 2.0) / (1.0 - r * r).max(1e-12)).sqrt();
    t_above(n - 2.0, t).unwrap_or(1.0)
}

/// Returns the number of configurations with which a key would be found in nine of ten sweeps that makes up a share of
/// the variance: the largest of [`SHARES`] for which it is more than there are. A correlation of √share is found by
/// Fisher's transformation, at the level divided by the number of keys.
fn needed_to_find(keys: usize, n: f64) -> Option<Needed> {
    let z = normal_quantile(1.0 - LEVEL / keys.max(1) as f64) + normal_quantile(POWER);
    let count = |share: f64| {
        let r = share.sqrt();
        let fisher = 0.5 * ln((1.0 + r) / (1.0 - r));
        (z / fisher) * (z / fisher) + 3.0
    };
    SHARES.into_iter().map(count).find(|&count| count > 1.5 * n).map(|count| Needed::Configurations(rounded(count)))
}

/// Returns a number of configurations with two digits, rounded up.
fn rounded(count: f64) -> u64 {
    let mut unit = 1.0;
    while count / unit >= 100.0 && unit < 1e18 {
        unit *= 10.0;
    }
    ((count / unit).ceil() * unit) as u64
}

/// Returns the standard error of a figure from its values in fits without a fold each (delete-d jackknife: Shao & Wu,
/// Ann. Stat. 17, 1989).
fn standard_error(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let n = values.clone().count().max(1) as f64;
    let mean = values.clone().sum::<f64>() / n;
    let squares: f64 = values.map(|x| (x - mean) * (x - mean)).sum();
    ((FOLDS - 1) as f64 * squares / n).sqrt()
}

/// Returns the 95 % interval of a share.
pub(super) fn interval(share: f64, values: impl Iterator<Item = f64> + Clone) -> Interval {
    let half = normal_quantile(0.975) * standard_error(values);
    Interval { low: (share - half).max(0.0), high: (share + half).min(1.0) }
}

/// Returns per key the p value of the test that it does nothing: that predictions of rows that were left out are no
/// worse if each has the value of the key of another row (Breiman, Machine Learning 45, 2001). One-sided t test of the
/// mean increase of the squared error, row by row.
pub(super) fn p_values(table: &Table, chosen: &Candidate, random: &mut Stream) -> Vec<f64> {
    let n = table.rows;
    let times = if n > 500 { 1 } else { 3 };
    let mut of_key = |key: usize| {
        let mut increases = vec![0.0; n];
        for held in &chosen.held {
            let count = held.predictions.len() as u64;
            for &(row, y) in &held.predictions {
                let error = (chosen.values[row] - y) * (chosen.values[row] - y);
                for _ in 0..times {
                    let (other, _) = held.predictions[random.below(count) as usize];
                    let y = held.model.predict(table, Look { row, swapped: Some((key, other)) });
                    increases[row] += (chosen.values[row] - y) * (chosen.values[row] - y) - error;
                }
            }
        }
        let mean = increases.iter().sum::<f64>() / n as f64;
        let squares: f64 = increases.iter().map(|d| (d - mean) * (d - mean)).sum();
        let error = (squares / ((n - 1) * n) as f64).sqrt();
        if error > 0.0 { t_above((n - 1) as f64, mean / error).unwrap_or(1.0) } else { 1.0 }
    };
    (0..table.keys()).map(&mut of_key).collect()
}
