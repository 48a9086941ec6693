//! The apical compartments: burst probabilities, and learning from them.

use std::ops::Range;

use super::super::panel::Panel;
use super::lanes::{Lanes, Vector};
use super::sigmoid::sigmoid;
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
    let outputs = weights.rows();
    let averages = &averages[rows.start * outputs..];
    for v in 0..weights.vectors() {
        let y = weights.span(v, 0..outputs);
        if let Some(voltage) = &mut voltage {
            for (row, slot) in voltage.span_mut(v, rows.clone()).iter_mut().enumerate() {
                l.store(apical(l, y, &averages[row * outputs..]), slot);
            }
        }
        let rates = rates.span(v, rows.clone());
        let slots = bursts.probability.span_mut(v, rows.clone()).iter_mut().zip(bursts.rate.span_mut(v, rows.clone()));
        for (row, ((probability, burst_rate), rate)) in slots.zip(rates).enumerate() {
            let p = sigmoid(l, apical(l, y, &averages[row * outputs..]));
            l.store(p, probability);
            l.store(l.mul(p, l.load(rate)), burst_rate);
        }
    }
}

/// Returns Y ṽ of sixteen units.
#[inline(always)]
fn apical<L: Lanes>(l: L, weights: &[Vector], average: &[f32]) -> L::V {
    let mut g = l.splat(0.0);
    for (y, average) in weights.iter().zip(average) {
        g = l.fma(l.load(y), l.splat(*average), g);
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
    let stride = rates.rows();
    let mut loss = l.splat(0.0);
    let factor_rows = factor.rows();
    for v in 0..rates.vectors() {
        let (now, before) = (v * stride + row, v * stride + row - 1);
        let rate_before = l.load(&rates.data()[before]);
        let probability = l.sub(l.load(&bursts.probability.data()[now]), l.load(&bursts.probability.data()[before]));
        let burst_rate = l.sub(l.load(&bursts.rate.data()[now]), l.load(&bursts.rate.data()[before]));
        let change = match rule {
            HiddenRule::BurstProbability => probability,
            HiddenRule::BurstRate => burst_rate,
            HiddenRule::GatedBurstRate => l.mul(l.load(&rates.data()[now]), burst_rate),
        };
        let slope = l.mul(rate_before, l.sub(one, rate_before));
        let f = l.mul(l.splat(learning_rate), l.mul(change, slope));
        l.store(f, &mut factor.data_mut()[v * factor_rows + to]);
        let difference = l.mul(probability, l.load(&units.data()[v]));
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
