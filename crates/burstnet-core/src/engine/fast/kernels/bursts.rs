//! The apical compartments: burst probabilities, and learning from them.

use std::ops::Range;

use super::super::panel::Panel;
use super::super::vector::Vector;
use super::lanes::Lanes;
use super::sigmoid::{sigmoid, sigmoids};
use crate::config::{FeedbackRule, HiddenRule};

/// The bursts of one hidden layer, one row per step.
#[derive(Clone)]
pub(crate) struct Bursts {
    /// ρ, the burst probability.
    pub probability: Panel,
    /// ψ = ρ λ, the burst rate.
    pub rate: Panel,
}

/// Computes g = Y ṽ, ρ = σ(g) and ψ = ρ λ at `rows`. `averages` holds ṽ of the output layer's event rates, all outputs
/// of a row together, and `voltage` receives g.
///
/// # Panics
/// If the panels do not fit each other.
#[inline(always)]
pub(super) fn compute<L: Lanes>(
    l: L,
    weights: &Panel,
    averages: &[f32],
    rates: &Panel,
    rows: Range<usize>,
    bursts: &mut Bursts,
    mut voltage: Option<&mut Panel>,
) {
    let (outputs, stride) = (weights.rows(), rates.rows());
    assert!(rates.vectors() == weights.vectors() && rows.start <= rows.end && rows.end <= stride);
    assert!(bursts.probability.rows() == stride && bursts.rate.rows() == stride);
    let averages = &averages[rows.start * outputs..rows.end * outputs];
    if outputs == 0 || rows.is_empty() {
        return;
    }
    if let Some(voltage) = &mut voltage {
        for (v, weights) in weights.data().chunks_exact(outputs).enumerate() {
            for (slot, averages) in voltage.span_mut(v, rows.clone()).iter_mut().zip(averages.chunks_exact(outputs)) {
                l.store(apicals(l, weights, [averages])[0], slot);
            }
        }
    }
    let rates = rates.data().chunks_exact(stride);
    let probabilities = bursts.probability.data_mut().chunks_exact_mut(stride);
    let burst_rates = bursts.rate.data_mut().chunks_exact_mut(stride);
    let units = weights.data().chunks_exact(outputs).zip(rates).zip(probabilities.zip(burst_rates));
    for ((weights, rates), (probabilities, burst_rates)) in units {
        // Mostly two rows, the taught step and the next: side by side.
        let (rates, last_rate) = rates[rows.clone()].as_chunks::<2>();
        let (probabilities, last_probability) = probabilities[rows.clone()].as_chunks_mut::<2>();
        let (burst_rates, last_burst_rate) = burst_rates[rows.clone()].as_chunks_mut::<2>();
        let mut pairs = averages.chunks_exact(2 * outputs);
        let slots = rates.iter().zip(probabilities).zip(burst_rates);
        for (averages, ((rates, probabilities), burst_rates)) in (&mut pairs).zip(slots) {
            let (first, second) = averages.split_at(outputs);
            let p = sigmoids(l, apicals(l, weights, [first, second]));
            for i in 0..2 {
                l.store(p[i], &mut probabilities[i]);
                l.store(l.mul(p[i], l.load(&rates[i])), &mut burst_rates[i]);
            }
        }
        if let ([rate], [probability], [burst_rate]) = (last_rate, last_probability, last_burst_rate) {
            let [p] = sigmoids(l, apicals(l, weights, [pairs.remainder()]));
            l.store(p, probability);
            l.store(l.mul(p, l.load(rate)), burst_rate);
        }
    }
}

/// Returns Y ṽ of sixteen units, for several ṽ.
#[inline(always)]
fn apicals<L: Lanes, const N: usize>(l: L, weights: &[Vector], averages: [&[f32]; N]) -> [L::V; N] {
    let mut g = [l.splat(0.0); N];
    let mut read = averages;
    for n in 0..N {
        read[n] = &averages[n][..weights.len()];
    }
    for k in 0..weights.len() {
        let y = l.load(&weights[k]);
        for n in 0..N {
            g[n] = l.fma(y, l.splat(read[n][k]), g[n]);
        }
    }
    g
}

/// Computes the factor of each unit in hidden learning at step `row`, into `factor[:, to]`: rate × burst change × slope
/// of the event rate of the row before. Returns the sum over units of (ρ(s) − ρ(s−1))²; `units` is 1 for each unit, 0
/// for padding.
///
/// # Panics
/// If the panels do not fit each other, or `row` is 0.
#[inline(always)]
pub(super) fn hidden_factor<L: Lanes>(
    l: L,
    rule: HiddenRule,
    learning_rate: f32,
    rates: &Panel,
    bursts: &Bursts,
    row: usize,
    units: &Panel,
    factor: &mut Panel,
    to: usize,
) -> f32 {
    let one = l.splat(1.0);
    let (stride, factors) = (rates.rows(), factor.rows());
    assert!(row > 0 && row < stride && to < factors && units.rows() == 1);
    assert!(bursts.probability.rows() == stride && bursts.rate.rows() == stride);
    let rates = rates.data().chunks_exact(stride);
    let probabilities = bursts.probability.data().chunks_exact(stride);
    let burst_rates = bursts.rate.data().chunks_exact(stride);
    let slots = factor.data_mut().chunks_exact_mut(factors).zip(units.data());
    let mut loss = l.splat(0.0);
    for (((rates, probabilities), burst_rates), (slots, unit)) in rates.zip(probabilities).zip(burst_rates).zip(slots) {
        let rate_before = l.load(&rates[row - 1]);
        let probability = l.sub(l.load(&probabilities[row]), l.load(&probabilities[row - 1]));
        let burst_rate = l.sub(l.load(&burst_rates[row]), l.load(&burst_rates[row - 1]));
        let change = match rule {
            HiddenRule::BurstProbability => probability,
            HiddenRule::BurstRate => burst_rate,
            HiddenRule::GatedBurstRate => l.mul(l.load(&rates[row]), burst_rate),
        };
        let slope = l.mul(rate_before, l.sub(one, rate_before));
        l.store(l.mul(l.splat(learning_rate), l.mul(change, slope)), &mut slots[to]);
        let difference = l.mul(probability, l.load(unit));
        loss = l.fma(difference, difference, loss);
    }
    l.sum(loss)
}

/// Feedback learning, step after step, together with the bursts. The bursts at each row use the weights before the
/// row's update.
pub(crate) struct FeedbackLearning<'a> {
    /// The rule.
    pub rule: FeedbackRule,
    /// The learning rate.
    pub learning_rate: f32,
    /// The factor 1 − decay.
    pub keep: f32,
    /// Y, units × outputs.
    pub weights: &'a mut Panel,
    /// A mask: 1 if a connection exists, else 0.
    pub exists: &'a Panel,
    /// The averages ṽ of the output layer's event rates, all outputs of a row together.
    pub averages: &'a [f32],
}

/// Computes bursts at `rows` while the feedback weights learn at each row; `voltage` receives g.
///
/// # Panics
/// If the panels do not fit each other, or `rows` starts at 0.
#[inline(always)]
pub(super) fn learn_feedback<L: Lanes>(
    l: L,
    learning: FeedbackLearning<'_>,
    rates: &Panel,
    rows: Range<usize>,
    bursts: &mut Bursts,
    mut voltage: Option<&mut Panel>,
) {
    let FeedbackLearning { rule, learning_rate, keep, weights, exists, averages } = learning;
    let outputs = weights.rows();
    let stride = rates.rows();
    assert!(rows.start > 0 && rows.end <= stride && averages.len() >= rows.end * outputs);
    assert!(exists.rows() == outputs && exists.vectors() == weights.vectors());
    assert!(bursts.probability.rows() == stride && bursts.rate.rows() == stride);
    let (one, keep) = (l.splat(1.0), l.splat(keep));
    for v in 0..weights.vectors() {
        let exists = exists.span(v, 0..outputs);
        let weights = &mut weights.data_mut()[v * outputs..(v + 1) * outputs];
        for row in rows.clone() {
            let average = &averages[row * outputs..(row + 1) * outputs];
            let mut g = l.splat(0.0);
            for (y, average) in weights.iter().zip(average) {
                g = l.fma(l.load(y), l.splat(*average), g);
            }
            let at = v * stride + row;
            if let Some(voltage) = &mut voltage {
                l.store(g, &mut voltage.data_mut()[at]);
            }
            let probability = sigmoid(l, g);
            let rate = l.load(&rates.data()[at]);
            let burst_rate = l.mul(probability, rate);
            l.store(probability, &mut bursts.probability.data_mut()[at]);
            l.store(burst_rate, &mut bursts.rate.data_mut()[at]);
            let slope = l.mul(probability, l.sub(one, probability));
            let mismatch = l.mul(l.sub(rate, burst_rate), slope);
            let (error, read) = match rule {
                FeedbackRule::Gradient => (l.mul(rate, mismatch), row),
                FeedbackRule::Ungated => (mismatch, row),
                FeedbackRule::GatedPrevious => (l.mul(rate, mismatch), row - 1),
            };
            let factor = l.mul(l.splat(learning_rate), error);
            let read = &averages[read * outputs..(read + 1) * outputs];
            for ((y, exists), average) in weights.iter_mut().zip(exists).zip(read) {
                let learned = l.mul(keep, l.fma(factor, l.splat(*average), l.load(y)));
                l.store(l.mul(l.load(exists), learned), y);
            }
        }
    }
}
