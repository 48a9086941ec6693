//! The test of a configuration against the best one, on the same seeds.

use burstnet_core::numbers::{Scale, difference};

use super::student::upper_tail;

/// Returns why a configuration with these losses is worse than configuration `number`, which has the losses `best` on the
/// same seeds; `None` if it is not, or the other has failed too.
pub(super) fn worse(losses: &[f64], best: &[f64], number: u64, level: f64) -> Option<String> {
    if best.iter().any(|loss| !loss.is_finite()) {
        return None;
    }
    if losses.iter().any(|loss| !loss.is_finite()) {
        return Some("a trial failed or diverged".to_owned());
    }
    let scale = Scale::of(losses.iter().chain(best).copied());
    let pairs = scale.all_down(losses).into_iter().zip(scale.all_down(best));
    let differences: Vec<f64> = pairs.map(|(a, b)| difference(a, b)).collect();
    let p = one_sided(&differences);
    (p < level).then(|| format!("worse than configuration {number} on the same seeds, p = {p:.2e}"))
}

/// Returns the p value of the t test that differences are above 0. A difference that is only rounding does not count.
fn one_sided(differences: &[f64]) -> f64 {
    let n = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / n;
    let variance = differences.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / (n - 1.0);
    if n < 2.0 || mean <= 0.0 {
        return 1.0;
    }
    if variance == 0.0 {
        return 0.0;
    }
    upper_tail(mean / (variance / n).sqrt(), n - 1.0)
}
