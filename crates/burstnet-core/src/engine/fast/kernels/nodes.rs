//! The values that follow from event rates at the nodes of a segment, as sums with tabulated weights.

use super::super::nodes::Rule;
use super::super::panel::Panel;
use super::super::vector::Vector;
use super::lanes::Lanes;
use super::sigmoid::sigmoid;

/// Computes nodes[:, 0] = ½ (average[:, row] + rates[:, row]), the average at the segment's first step.
///
/// # Panics
/// If the panels do not fit each other.
#[inline(always)]
pub(super) fn start<L: Lanes>(l: L, average: &Panel, rates: &Panel, row: usize, nodes: &mut Panel) {
    assert!(average.vectors() == nodes.vectors() && rates.vectors() == nodes.vectors());
    let half = l.splat(0.5);
    let units = average.data().chunks_exact(average.rows()).zip(rates.data().chunks_exact(rates.rows()));
    let rows = nodes.rows();
    for ((average, rates), nodes) in units.zip(nodes.data_mut().chunks_exact_mut(rows)) {
        l.store(l.mul(half, l.add(l.load(&average[row]), l.load(&rates[row]))), &mut nodes[0]);
    }
}

/// Returns the sum over units of the squared doubt of their nodes.
///
/// # Panics
/// If `doubt` has more nodes than `nodes`.
#[inline(always)]
pub(super) fn roughness<L: Lanes>(l: L, nodes: &Panel, doubt: &[f32]) -> f32 {
    let mut squares = l.splat(0.0);
    for nodes in nodes.data().chunks_exact(nodes.rows()) {
        let mut rest = l.splat(0.0);
        for (rate, weight) in nodes[1..=doubt.len()].iter().zip(doubt) {
            rest = l.fma(l.load(rate), l.splat(*weight), rest);
        }
        squares = l.fma(rest, rest, squares);
    }
    l.sum(squares)
}

/// Computes the rates and averages at a segment's last two steps, into the row before `row` and into `row`.
///
/// # Panics
/// If the panels do not fit each other.
#[inline(always)]
pub(super) fn finish<L: Lanes>(
    l: L,
    nodes: &Panel,
    weights: &[f32],
    row: usize,
    rates: &mut Panel,
    average: &mut Panel,
) {
    assert!(average.vectors() == nodes.vectors() && rates.vectors() == nodes.vectors());
    let half = l.splat(0.5);
    let (before, stride, averages) = (row - 1, rates.rows(), average.rows());
    let units = rates.data_mut().chunks_exact_mut(stride).zip(average.data_mut().chunks_exact_mut(averages));
    for (nodes, (rates, average)) in nodes.data().chunks_exact(nodes.rows()).zip(units) {
        let nodes = &nodes[..weights.len()];
        let mut sum = l.splat(0.0);
        for (node, weight) in nodes.iter().zip(weights) {
            sum = l.fma(l.load(node), l.splat(*weight), sum);
        }
        let (last, taught) = (l.load(&nodes[1]), l.load(&nodes[2]));
        let average = &mut average[before..before + 2];
        l.store(sum, &mut average[0]);
        l.store(l.mul(half, l.add(sum, taught)), &mut average[1]);
        let rates = &mut rates[before..before + 2];
        l.store(taught, &mut rates[0]);
        l.store(last, &mut rates[1]);
    }
}

/// Computes the output rates at all steps but the last, with steps along the lanes. `sums` holds W₂ times ṽ(0) and the
/// nodes, all outputs of each value together. `averages` holds the initial averages of the outputs, and receives the
/// new ones.
///
/// # Panics
/// If the slices do not fit each other.
#[inline(always)]
pub(super) fn outputs<L: Lanes>(
    l: L,
    rule: &Rule,
    delayed: bool,
    sums: &[f32],
    bias: &[f32],
    rates: &mut [Vector],
    averages: &mut [f32],
) {
    let (outputs, inner) = (bias.len(), 1 + rule.lags.len());
    let recent = rule.recent(delayed);
    let vectors = recent.steps.len();
    assert!(sums.len() == inner * outputs && averages.len() == outputs && rates.len() >= vectors * outputs);
    assert!(rule.by_step.len() == inner * vectors);
    for k in 0..outputs {
        let mut forgets = l.splat(0.0);
        for v in 0..vectors {
            let mut sum = l.splat(bias[k]);
            for i in 0..inner {
                sum = l.fma(l.load(&rule.by_step[i * vectors + v]), l.splat(sums[i * outputs + k]), sum);
            }
            let rate = sigmoid(l, sum);
            l.store(rate, &mut rates[k * vectors + v]);
            forgets = l.fma(rate, l.load(&recent.steps[v]), forgets);
        }
        averages[k] = recent.start * averages[k] + l.sum(forgets);
    }
}
