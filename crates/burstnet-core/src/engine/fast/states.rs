//! The state after one step, as observers of a run see it.

use super::hidden::Hidden;
use super::output::Output;
use super::panel::Panel;
use super::stimulus::Shown;
use crate::observer::{HiddenState, HiddenStates};

/// The numbers of one step, in float64.
#[derive(Clone)]
pub(super) struct States {
    pub(super) target: Vec<f64>,
    pub(super) output: Vec<f64>,
    hidden: Vec<Units>,
}

#[derive(Clone, Default)]
struct Units {
    event_rate: Vec<f64>,
    burst_probability: Vec<f64>,
    burst_rate: Vec<f64>,
    apical_voltage: Vec<f64>,
    somatic_voltage: Vec<f64>,
}

impl States {
    pub(super) fn new(layers: &[usize]) -> Self {
        let outputs = layers[layers.len() - 1];
        let hidden = layers[1..layers.len() - 1].iter().map(|_| Units::default()).collect();
        Self { target: vec![0.0; outputs], output: vec![0.0; outputs], hidden }
    }

    /// Returns the bytes that they take from the heap.
    pub(super) fn bytes(&self) -> usize {
        let units = |units: &Units| {
            let Units { event_rate, burst_probability, burst_rate, apical_voltage, somatic_voltage } = units;
            [event_rate, burst_probability, burst_rate, apical_voltage, somatic_voltage]
                .map(|all| size_of_val(&all[..]))
        };
        let hidden = self.hidden.iter().flat_map(units).sum::<usize>();
        size_of_val(&self.target[..]) + size_of_val(&self.output[..]) + size_of_val(&self.hidden[..]) + hidden
    }

    /// Reads step `t` of a sequence, which is `row` of the block; hidden units only if `all`.
    pub(super) fn read(&mut self, hidden: &[Hidden], output: &Output, shown: &Shown, t: usize, row: usize, all: bool) {
        let outputs = self.output.len();
        widen(shown.target(t), &mut self.target);
        widen(&output.rates[row * outputs..(row + 1) * outputs], &mut self.output);
        if !all {
            return;
        }
        for (layer, units) in hidden.iter().zip(&mut self.hidden) {
            let read = |panel: &Panel, to: &mut Vec<f64>| {
                to.clear();
                to.extend((0..layer.units).map(|j| f64::from(panel.at(j, row))));
            };
            read(&layer.rates, &mut units.event_rate);
            read(&layer.bursts.probability, &mut units.burst_probability);
            read(&layer.bursts.rate, &mut units.burst_rate);
            if let Some((somatic, apical)) = &layer.voltages {
                read(apical, &mut units.apical_voltage);
                read(somatic, &mut units.somatic_voltage);
            }
        }
    }
}

impl HiddenStates for States {
    fn hidden(&self, m: usize) -> HiddenState<'_> {
        let units = &self.hidden[m];
        HiddenState {
            event_rate: &units.event_rate,
            burst_probability: &units.burst_probability,
            burst_rate: &units.burst_rate,
            apical_voltage: &units.apical_voltage,
            somatic_voltage: &units.somatic_voltage,
        }
    }
}

fn widen(from: &[f32], to: &mut [f64]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = f64::from(*from));
}
