//! From voltages to event rates and to the averages that the layer above reads.

use std::ops::Range;

use super::super::panel::Panel;
use super::super::vector::Vector;
use super::lanes::Lanes;
use super::sigmoid::{sigmoid, sigmoids};

/// The average ṽ that the layer above reads, and whether it advances.
pub(crate) struct Above<'a> {
    /// The averages ṽ of the layer's event rates, one row per step.
    pub average: &'a mut Panel,
    /// True if ṽ advances; otherwise it is unchanged.
    pub advances: bool,
}

/// Turns products W ṽ in `rates` at `rows` into event rates λ = σ(W ṽ + b), in place. Advances the average of them that
/// the layer above keeps: at each row by the rate of the row before. `voltage` receives W ṽ + b.
///
/// # Panics
/// If the panels do not fit each other, or `rows` starts at 0.
#[inline(always)]
pub(super) fn body<L: Lanes>(
    l: L,
    rates: &mut Panel,
    rows: Range<usize>,
    bias: &Panel,
    above: Option<Above<'_>>,
    voltage: Option<&mut Panel>,
) {
    let stride = rates.rows();
    assert!(rows.start > 0 && rows.end <= stride && bias.vectors() == rates.vectors());
    let half = l.splat(0.5);
    if let Some(voltage) = voltage {
        assert!(voltage.rows() == stride && voltage.vectors() == rates.vectors());
        for v in 0..rates.vectors() {
            let b = l.load(&bias.data()[v]);
            for row in v * stride + rows.start..v * stride + rows.end {
                l.store(l.add(l.load(&rates.data()[row]), b), &mut voltage.data_mut()[row]);
            }
        }
    }
    match above {
        Some(Above { average, advances: true }) => {
            assert!(average.rows() == stride && average.vectors() == rates.vectors());
            for v in 0..rates.vectors() {
                let b = l.load(&bias.data()[v]);
                let rates = &mut rates.data_mut()[v * stride..(v + 1) * stride][rows.start - 1..rows.end];
                let averages = &mut average.data_mut()[v * stride..(v + 1) * stride][rows.start - 1..rows.end];
                let mut rate = l.load(&rates[0]);
                let mut average = l.load(&averages[0]);
                for (slot, averages) in rates[1..].iter_mut().zip(&mut averages[1..]) {
                    average = l.mul(half, l.add(average, rate));
                    l.store(average, averages);
                    rate = sigmoid(l, l.add(l.load(slot), b));
                    l.store(rate, slot);
                }
            }
        }
        other => {
            for v in 0..rates.vectors() {
                let b = l.load(&bias.data()[v]);
                let slots = rates.span_mut(v, rows.clone());
                // Side by side, which hides the time that each takes.
                match slots.len() {
                    3 => several::<L, 3>(l, slots, b),
                    4 => several::<L, 4>(l, slots, b),
                    _ => {
                        let (pairs, last) = slots.as_chunks_mut::<2>();
                        pairs.iter_mut().for_each(|pair| several::<L, 2>(l, pair, b));
                        last.chunks_mut(1).for_each(|one| several::<L, 1>(l, one, b));
                    }
                }
            }
            if let Some(Above { average, .. }) = other {
                for row in rows {
                    average.copy_row(row - 1, row);
                }
            }
        }
    }
}

/// Turns the products of `N` steps into rates.
#[inline(always)]
fn several<L: Lanes, const N: usize>(l: L, slots: &mut [Vector], bias: L::V) {
    let Some(slots) = slots.first_chunk_mut::<N>() else { return };
    let mut x = [bias; N];
    for i in 0..N {
        x[i] = l.add(l.load(&slots[i]), bias);
    }
    let x = sigmoids(l, x);
    for i in 0..N {
        l.store(x[i], &mut slots[i]);
    }
}
