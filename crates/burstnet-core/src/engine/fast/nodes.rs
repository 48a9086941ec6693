//! The steps at which a hidden layer is computed between two updates, and the values that follow from these.
//!
//! Between updates the weights are constant and x̃ is smooth, so each rate λ of the first hidden layer is a smooth
//! function of the step. Learning reads only a few values of a segment of steps 0 … e, of which t = e − 1 is taught:
//! λ(t) and λ(e), the average of λ at t, and the average of the outputs at t. All averages forget by halves,
//!
//! ṽ(j) = 2⁻ʲ ṽ(0) + Σ_{i<j} 2^{−(j−i)} λ(i),
//!
//! so the further back a step lies, the less its λ matters, and beyond [`WINDOW`] steps nothing is left. λ is therefore
//! computed at a few steps, dense at the end and sparse before, and the polynomial through these replaces the rest.
//! ṽ(j) is then linear in ṽ(0) and the values λ at the nodes, with weights that depend on the number of steps alone.

use std::sync::LazyLock;

use super::panel::Panel;
use super::vector::{LANES, Vector};

/// The number of steps after which an average has forgotten its past: 2⁻³² is left.
pub(super) const WINDOW: usize = 32;
/// The most nodes of a segment.
pub(super) const MOST_NODES: usize = 10;
/// The number of sets of nodes.
pub(super) const LEVELS: usize = LAGS.len();
/// The nodes of each level, in steps before the last. They were found by search: they minimise the largest error for
/// oscillations of λ at 0.05, 0.1, 0.15, 0.2 and 0.3 radians a step.
const LAGS: [&[usize]; 5] = [
    &[0, 1, 3, 9],
    &[0, 1, 3, 7, 14],
    &[0, 1, 3, 6, 10, 16],
    &[0, 1, 2, 3, 6, 7, 12, 20],
    &[0, 1, 2, 3, 5, 6, 10, 14, 16, 24],
];

/// The permitted roughness of x̃ at each level, as oscillations of this many radians a step.
pub(super) const ROUGHEST: [f64; LEVELS] = [0.12, 0.15, 0.2, 0.35, 0.6];

/// The nodes of a segment of a given number of steps, and the weights of the values that are computed from λ there.
///
/// Weights apply to ṽ(0), then to λ at the nodes.
pub(super) struct Rule {
    /// The number of steps of the segment, or of its end: at most [`WINDOW`].
    pub(super) steps: usize,
    /// The nodes in steps before the last. The last step comes first.
    pub(super) lags: Vec<usize>,
    /// The weights of ṽ(t).
    pub(super) average: Vec<f32>,
    /// The weights of ṽ(j), with steps along the lanes: first all vectors for ṽ(0).
    pub(super) by_step: Vec<Vector>,
    /// The same with the values that they apply to along the lanes.
    pub(super) columns: Panel,
    /// The weights of λ in the contribution of the node that matters least: about the error of the nodes without it.
    /// Empty if every step is a node.
    pub(super) doubt: Vec<f32>,
    /// The weights of the outputs at each step in their average at the step before t: for an average that reads the
    /// step before, and for one that reads the same step.
    delayed: Recent,
    prompt: Recent,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let of_level = |lags: &&[usize]| -> Vec<Rule> {
        // The polynomials of all segments that are long enough for every node of the level.
        let whole = polynomials(lags, WINDOW);
        let rule = |steps: usize| {
            let clipped = clipped(lags, steps);
            if clipped == *lags {
                Rule::new(clipped, &whole, steps)
            } else {
                let polynomials = polynomials(&clipped, steps);
                Rule::new(clipped, &polynomials, steps)
            }
        };
        (2..=WINDOW).map(rule).collect()
    };
    LAGS.iter().flat_map(of_level).collect()
});

/// The weights of an average of the outputs.
pub(super) struct Recent {
    /// The weight of the average at the start of the segment.
    pub(super) start: f32,
    /// The weights of the outputs, with steps along the lanes.
    pub(super) steps: Vec<Vector>,
}

impl Rule {
    /// Makes all rules, so that none is made later.
    pub(super) fn prepare() {
        LazyLock::force(&RULES);
    }

    /// Returns the rule of a level for a segment's last `steps` steps, at least two.
    pub(super) fn of(level: usize, steps: usize) -> &'static Self {
        &RULES[level * (WINDOW - 1) + steps - 2]
    }

    /// Returns the weights of the outputs' average at the step before t, whether it reads the step before (`delayed`)
    /// or not.
    pub(super) fn recent(&self, delayed: bool) -> &Recent {
        if delayed { &self.delayed } else { &self.prompt }
    }

    /// Returns the rule of some nodes and the [`polynomials`] of these.
    fn new(lags: Vec<usize>, polynomials: &[Vec<f64>], steps: usize) -> Self {
        let nodes: Vec<f64> = lags.iter().map(|lag| (steps - 1 - lag) as f64).collect();
        let lagrange = |m: usize, j: usize| polynomials[m][steps - 1 - j];
        // ṽ(j) as weights of ṽ(0) and the nodes; one step more than there are, for the average to come.
        let mut averages = vec![vec![1.0]];
        averages[0].resize(1 + nodes.len(), 0.0);
        for j in 0..steps {
            let before = &averages[j];
            let mut next = vec![0.5 * before[0]];
            next.extend((0..nodes.len()).map(|m| 0.5 * (before[1 + m] + lagrange(m, j))));
            averages.push(next);
        }
        let vectors = steps.div_ceil(LANES);
        let by_step = (0..=nodes.len()).flat_map(|i| {
            let averages = &averages;
            (0..vectors).map(move |v| lanes(|lane| averages.get(v * LANES + lane).map_or(0.0, |a| a[i])))
        });
        Self {
            steps,
            average: averages[steps - 2].iter().map(|weight| *weight as f32).collect(),
            by_step: by_step.collect(),
            columns: Panel::from_fn(1 + nodes.len(), steps, |i, j| averages[j][i] as f32),
            doubt: if nodes.len() == steps { Vec::new() } else { doubt(&nodes, &averages, lagrange) },
            delayed: Recent::new(steps, steps.saturating_sub(3)),
            prompt: Recent::new(steps, steps - 2),
            lags,
        }
    }
}

impl Recent {
    /// Returns the weights of an average that `reads` outputs of a segment of `steps` steps.
    fn new(steps: usize, reads: usize) -> Self {
        let half = |n: usize| 1.0 / (1_u64 << n) as f64;
        let weight = |j: usize| if j < reads { half(reads - j) as f32 } else { 0.0 };
        let vectors = steps.div_ceil(LANES);
        Self {
            start: half(reads) as f32,
            steps: (0..vectors).map(|v| lanes(|lane| weight(v * LANES + lane) as f64)).collect(),
        }
    }
}

fn lanes(number: impl Fn(usize) -> f64) -> Vector {
    Vector(std::array::from_fn(|lane| number(lane) as f32))
}

/// Returns the nodes for a segment that may be too short for all of them.
fn clipped(lags: &[usize], steps: usize) -> Vec<usize> {
    let n = lags.len().min(steps);
    (0..n).map(|i| lags[i].min(steps - (n - i))).collect()
}

/// Returns for each node the polynomial that is 1 there and 0 at the others, at each of the last `steps` steps, the last
/// step first (Lagrange).
fn polynomials(lags: &[usize], steps: usize) -> Vec<Vec<f64>> {
    let at = |node: usize, lag: usize| -> f64 {
        let others = lags.iter().filter(|other| **other != node);
        others.map(|other| (*other as f64 - lag as f64) / (*other as f64 - node as f64)).product()
    };
    lags.iter().map(|node| (0..steps).map(|lag| at(*node, lag)).collect()).collect()
}

/// Oscillations up to this many radians a step count as smooth, where the order of the error matters.
const SMOOTH: f64 = 0.2;
/// The ratio of the doubt to the error that it represents, with oscillations at [`SMOOTH`].
const MARGIN: f64 = 6.0;

/// Returns the weights of λ at the nodes in their doubt: the change of the values that are read when the node is left
/// out whose removal changes them least. That is about the error of all nodes but one. If all nodes are hardly better,
/// the doubt is the error that they leave at the next order, times [`MARGIN`].
fn doubt(nodes: &[f64], averages: &[Vec<f64>], lagrange: impl Fn(usize, usize) -> f64) -> Vec<f32> {
    let n = nodes.len();
    let steps = averages.len() - 1;
    let divided = |m: usize| -> f64 {
        let others = nodes.iter().enumerate().filter(|(other, _)| *other != m);
        others.map(|(_, other)| 1.0 / (nodes[m] - other)).product()
    };
    let change = |m: usize| {
        let average: Vec<f64> = averages.iter().map(|average| average[1 + m]).collect();
        read(&average).max(lagrange(m, steps - 2).abs()).max(0.5 * lagrange(m, steps - 1).abs()) / divided(m).abs()
    };
    let least = (0..n).map(change).fold(f64::INFINITY, f64::min);
    // The polynomial that is 0 at all nodes.
    let mut average = vec![0.0];
    for j in 0..steps {
        let missed: f64 = nodes.iter().map(|node| j as f64 - node).product();
        average.push(0.5 * (average[j] + missed));
    }
    let scale = least.max(MARGIN * SMOOTH / n as f64 * read(&average));
    (0..n).map(|m| (scale * divided(m)) as f32).collect()
}

/// Returns the largest of the values that are read, for a given average of λ at each step: the average at t, the
/// average after the last step, and its own average at t.
fn read(average: &[f64]) -> f64 {
    let steps = average.len() - 1;
    let outputs = average[..steps - 2].iter().fold(0.0, |outputs, average| 0.5 * (outputs + average));
    outputs.abs().max(average[steps - 2].abs()).max(average[steps].abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::cos;

    /// Returns the averages of a rate over `steps` steps, from `start` on: at each step the average of the rates, and
    /// at the step before the last but one the average of these averages.
    fn by_steps(rates: &[f64], start: f64) -> (Vec<f64>, f64) {
        let mut averages = vec![start];
        for rate in rates {
            averages.push(0.5 * (averages[averages.len() - 1] + rate));
        }
        let mut outputs = 0.3;
        for average in &averages[..rates.len() - 2] {
            outputs = 0.5 * (outputs + average);
        }
        (averages, outputs)
    }

    /// Returns the largest difference between the values of a rule and those of computing every step, and the doubt of
    /// the rule.
    fn off(rule: &Rule, rate: impl Fn(f64) -> f64) -> (f64, f64) {
        let rates: Vec<f64> = (0..rule.steps).map(|j| rate((rule.steps - 1 - j) as f64)).collect();
        let (averages, outputs) = by_steps(&rates, 0.7);
        let known: Vec<f64> =
            [0.7].into_iter().chain(rule.lags.iter().map(|lag| rates[rule.steps - 1 - lag])).collect();
        let sum = |weight: &dyn Fn(usize) -> f32| -> f64 {
            known.iter().enumerate().map(|(i, x)| f64::from(weight(i)) * x).sum()
        };
        let vectors = rule.steps.div_ceil(LANES);
        let by_step = |j: usize| sum(&|i| rule.by_step[i * vectors + j / LANES].0[j % LANES]);
        let mut largest = (sum(&|i| rule.average[i]) - averages[rule.steps - 2]).abs();
        for j in 0..rule.steps {
            // An error fades by halves, too.
            let fades = 1.0 / (1_u64 << (rule.steps - 1 - j)) as f64;
            largest = largest.max((by_step(j) - averages[j]).abs() * fades);
            largest = largest.max((sum(&|i| rule.columns.at(i, j)) - averages[j]).abs() * fades);
        }
        let recent = rule.recent(false);
        let weights = (0..rule.steps).map(|j| f64::from(recent.steps[j / LANES].0[j % LANES]));
        let read: f64 = weights.enumerate().map(|(j, weight)| weight * by_step(j)).sum();
        largest = largest.max((f64::from(recent.start) * 0.3 + read - outputs).abs());
        let doubt: f64 = rule.doubt.iter().zip(&known[1..]).map(|(weight, x)| f64::from(*weight) * x).sum();
        (largest, doubt.abs())
    }

    fn rules() -> impl Iterator<Item = (usize, &'static Rule)> {
        (0..LEVELS).flat_map(|level| (2..=WINDOW).map(move |steps| (level, Rule::of(level, steps))))
    }

    #[test]
    fn polynomials_are_exact() {
        for (level, rule) in rules() {
            assert!(rule.lags[..2] == [0, 1], "the last two steps are nodes");
            assert!(rule.lags.is_sorted_by(|a, b| a < b) && rule.lags[rule.lags.len() - 1] < rule.steps);
            for degree in 0..rule.lags.len().min(5) {
                let (off, _) = off(rule, |lag| (0..degree).map(|_| lag / 40.0 - 0.3).product());
                assert!(off < 1e-6, "level {level}, {} steps, degree {degree}: {off:e}", rule.steps);
            }
        }
    }

    #[test]
    fn slow_oscillations_are_within_rounding() {
        for (level, fastest) in [0.012, 0.04, 0.05, 0.12, 0.25].into_iter().enumerate() {
            for rule in (2..=WINDOW).map(|steps| Rule::of(level, steps)) {
                for phase in [0.0, 0.7, 1.5, 2.3] {
                    let (off, _) = off(rule, |lag| 0.5 + 0.5 * cos(fastest * lag + phase));
                    assert!(off < 3e-6, "level {level}, {} steps, phase {phase}: {off:e}", rule.steps);
                }
            }
        }
    }

    #[test]
    fn the_doubt_is_larger_than_the_error() {
        for (level, rule) in rules().filter(|(_, rule)| !rule.doubt.is_empty()) {
            // Over units of all phases, as smooth as a level takes them, the doubt is larger than what is off.
            let fastest = [0.05, 0.1, 0.1, 0.3, 0.5][level];
            let of_phase = |phase: usize| off(rule, |lag| 0.5 + 0.5 * cos(fastest * lag + 0.4 * phase as f64));
            let (off, doubt) = (0..16).map(of_phase).fold((0.0_f64, 0.0_f64), |a, b| (a.0.max(b.0), a.1.max(b.1)));
            assert!(doubt > off || off < 1e-6, "level {level}, {} steps: {off:e}, {doubt:e}", rule.steps);
        }
    }
}
