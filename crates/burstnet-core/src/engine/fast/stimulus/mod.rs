//! The stimulus of the network, prepared for the fast engine: once per seed, shared by all trials.
//!
//! Weights read the input only through its smoothed form x̃. If a few directions span x̃ over a whole sequence (a basis
//! U), and still fewer span the 128 steps of a block (a lift of those into U), the engine trains W U in place of W, and
//! in each block W U · lift. Every update of W is an outer product with x̃, so nothing else of W can change.

mod carried;
mod gram_schmidt;
mod sampled;
mod smoothing;

use std::sync::OnceLock;

use super::kernels::{Isa, WIDTH};
use super::nodes::Rule;
use super::panel::Panel;
use super::ways::{self, FRAME};
use crate::config::Dynamics;
use crate::engine::BLOCK;
use crate::signals::{Sequence, Set, Signals};
pub(super) use carried::Carried;
use gram_schmidt::{Spanned, span};
use sampled::{levels, span_smooth, weighted_sums};
use smoothing::Smoothed;

/// The rest of x̃ that a basis may leave, relative to its norm: below the rounding of f32, which is 3 · 10⁻⁸.
const TOLERANCE: f64 = 1e-8;

/// All sequences of one seed.
#[derive(Debug)]
pub struct Stimulus {
    training: Vec<Shown>,
    /// The test sequences; empty if the training sequences are the test sequences.
    test: Vec<Shown>,
    classes: bool,
    steps: usize,
}

/// One sequence.
#[derive(Debug)]
pub(super) struct Shown {
    /// The number of the sequence among all sequences.
    pub id: usize,
    /// The number of steps.
    pub steps: usize,
    /// The targets, all outputs of a step together.
    pub targets: Vec<f32>,
    /// The first input.
    pub first: Vec<f32>,
    /// The last input.
    pub last: Vec<f32>,
    /// The vector own(T − 1), without the carry of earlier sequences.
    pub end: Vec<f32>,
    /// The largest absolute value of an input.
    pub largest: f32,
    pub input: Input,
}

/// The smoothed input of a sequence, without the carry of earlier sequences.
#[derive(Debug)]
pub(super) enum Input {
    /// The input step by step.
    Direct {
        /// The panels of the blocks, inputs × steps.
        blocks: Vec<Panel>,
        /// The inner products of all steps, including the carry, made when they are first needed.
        gram: OnceLock<Panel>,
    },
    /// The input in a basis.
    InBasis {
        basis: Basis,
        frames: Vec<Frame>,
        /// For each step, the lowest level of nodes for a segment that ends there.
        levels: Vec<u8>,
    },
}

/// The orthonormal directions U that span x̃ of a sequence.
#[derive(Debug)]
pub(super) struct Basis {
    /// The number of directions.
    pub rank: usize,
    /// U, inputs × rank.
    pub directions: Panel,
    /// Uᵀ, rank × inputs.
    pub transposed: Panel,
}

/// The factors of x̃ of a block: U · lift · steps.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// The number of directions of this block.
    pub rank: usize,
    /// These directions in the basis, rank of the basis × rank.
    pub lift: Panel,
    /// The coefficients, rank × steps.
    pub steps: Panel,
    /// The lift with the directions along the lanes: rank × rank of the basis.
    pub back: Panel,
}

impl Stimulus {
    /// Prepares `signals` for networks of these dynamics.
    pub fn prepare(signals: &Signals, dynamics: Dynamics, isa: Isa) -> Self {
        let mut buffer = None;
        let mut id = 0;
        let mut all = |set| -> Vec<Shown> {
            let count = signals.count(set);
            let one = |index| {
                id += 1;
                shown(id - 1, signals.sequence(set, index, &mut buffer), dynamics, count == 1, isa)
            };
            (0..count).map(one).collect()
        };
        Rule::prepare(); // all trials share these too
        let training = all(Set::Training);
        let test = if signals.has_test_set() { all(Set::Test) } else { Vec::new() };
        Self { training, test, classes: signals.shuffles(), steps: signals.steps() }
    }

    /// Returns the number of sequences in a set.
    pub fn count(&self, set: Set) -> usize {
        self.set(set).len()
    }

    /// Returns the number of steps of each sequence.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Returns whether the sequences are examples of classes, which are shown in a new random order in every epoch and
    /// tested one by one.
    pub fn has_classes(&self) -> bool {
        self.classes
    }

    pub(super) fn shown(&self, set: Set, index: usize) -> &Shown {
        &self.set(set)[index]
    }

    pub(super) fn by_id(&self, id: usize) -> &Shown {
        self.training.get(id).unwrap_or_else(|| &self.test[id - self.training.len()])
    }

    fn set(&self, set: Set) -> &[Shown] {
        if set == Set::Test && !self.test.is_empty() { &self.test } else { &self.training }
    }

    /// Returns the bytes that are kept in memory.
    pub fn bytes(&self) -> usize {
        // With room for the inner products, which the first trial that needs them makes.
        let gram = if self.repeats() { 4 * self.steps * self.steps } else { 0 };
        gram + self.training.iter().chain(&self.test).map(Shown::bytes).sum::<usize>()
    }

    /// Returns whether any sequence is taken step by step.
    pub(super) fn is_direct(&self) -> bool {
        self.training.iter().chain(&self.test).any(|shown| matches!(shown.input, Input::Direct { .. }))
    }

    /// Returns whether a single sequence is repeated, step by step, with a length at which inner products pay.
    pub(super) fn repeats(&self) -> bool {
        let alone = self.training.len() == 1 && self.test.is_empty();
        alone && self.is_direct() && ways::keeps_inner_products(self.steps)
    }

    /// Returns the largest absolute value of an input.
    pub(super) fn largest(&self) -> f32 {
        self.training.iter().chain(&self.test).fold(0.0, |largest, shown| largest.max(shown.largest))
    }

    /// Returns the most directions that any basis and any block has, including those of the carry.
    pub(super) fn most_directions(&self) -> (usize, usize) {
        let ranks = self.training.iter().chain(&self.test).map(|shown| match &shown.input {
            Input::Direct { .. } => (0, 0),
            Input::InBasis { basis, frames, .. } => {
                (basis.rank + 1, 1 + frames.iter().map(|frame| frame.rank).max().unwrap_or(0))
            }
        });
        ranks.fold((0, 0), |most, ranks| (most.0.max(ranks.0), most.1.max(ranks.1)))
    }
}

impl Frame {
    /// Returns the bytes that it takes from the heap.
    pub(super) fn bytes(&self) -> usize {
        self.lift.bytes() + self.steps.bytes() + self.back.bytes()
    }
}

impl Shown {
    /// Returns the target at step `t`, one number per output.
    pub(super) fn target(&self, t: usize) -> &[f32] {
        let outputs = self.targets.len() / self.steps;
        &self.targets[t * outputs..(t + 1) * outputs]
    }

    /// Returns the lowest level of nodes for a segment that ends at step `t`; `None` if no few directions span x̃.
    pub(super) fn level(&self, t: usize) -> Option<usize> {
        match &self.input {
            Input::Direct { .. } => None,
            Input::InBasis { levels, .. } => Some(usize::from(levels[t])),
        }
    }

    fn bytes(&self) -> usize {
        4 * (self.targets.len() + 3 * self.end.len())
            + match &self.input {
                Input::Direct { blocks, .. } => blocks.iter().map(Panel::bytes).sum(),
                Input::InBasis { basis, frames, levels } => {
                    let frames = frames.iter().map(Frame::bytes).sum::<usize>();
                    basis.directions.bytes() + basis.transposed.bytes() + frames + levels.len()
                }
            }
    }
}

fn single(values: &[f64]) -> Vec<f32> {
    values.iter().map(|x| *x as f32).collect()
}

fn shown(id: usize, sequence: &Sequence, dynamics: Dynamics, alone: bool, isa: Isa) -> Shown {
    let steps = sequence.steps();
    let largest = sequence.largest_input();
    let (input, end) = in_basis(sequence, dynamics, largest, alone, isa).unwrap_or_else(|| direct(sequence, dynamics));
    Shown {
        id,
        steps,
        targets: (0..steps).flat_map(|t| single(sequence.target(t))).collect(),
        first: single(sequence.input(0)),
        last: single(sequence.input(steps - 1)),
        end: single(&end),
        largest: largest as f32,
        input,
    }
}

/// Returns the sequence step by step, and own(T − 1).
fn direct(sequence: &Sequence, dynamics: Dynamics) -> (Input, Vec<f64>) {
    let n = sequence.input(0).len();
    let mut smoothed = Smoothed::new(sequence, dynamics, n);
    let mut end = Vec::new();
    let blocks = std::iter::from_fn(|| Some(smoothed.block(BLOCK)).filter(|block| !block.is_empty()));
    let blocks = blocks.map(|block| {
        end = block[block.len() - n..].to_vec();
        Panel::from_fn(n, block.len() / n, |i, t| block[t * n + i] as f32)
    });
    let blocks = blocks.collect();
    (Input::Direct { blocks, gram: OnceLock::new() }, end)
}

/// Returns the sequence in a basis and own(T − 1), if that is cheaper than without a basis.
fn in_basis(sequence: &Sequence, dynamics: Dynamics, largest: f64, alone: bool, isa: Isa) -> Option<(Input, Vec<f64>)> {
    let (n, steps) = (sequence.input(0).len(), sequence.steps());
    // What is left of a step may be this small: TOLERANCE of the norm that the largest input on all channels has.
    let tolerance = TOLERANCE * largest * (n as f64).sqrt();
    let width = n.next_multiple_of(WIDTH);
    let mut smoothed = Smoothed::new(sequence, dynamics, width);
    let mut blocks = Vec::new();
    let mut scaled = Vec::new(); // every block's directions, each as long as its largest coefficient
    let mut scales = Vec::new();
    let (mut sums, mut end) = (Vec::new(), Vec::new());
    loop {
        let mut block = smoothed.block(FRAME);
        if block.is_empty() {
            break;
        }
        let length = block.len() / width;
        end = block[block.len() - width..][..n].to_vec();
        let limit = n.min(length).div_ceil(2);
        let first = sums.len();
        sums.extend(weighted_sums(&block, width));
        let smooth = span_smooth(isa, (&block, &sums[first..]), width, tolerance, limit);
        let spanned = smooth.or_else(|| span(isa, &mut block, width, tolerance, limit))?;
        for (direction, coefficients) in
            spanned.directions.chunks_exact(width).zip(spanned.coefficients.chunks_exact(length))
        {
            let scale = coefficients.iter().fold(0.0, |scale: f64, c| scale.max(c.abs()));
            scaled.extend(direction.iter().map(|x| x * scale));
            scales.push(scale);
        }
        blocks.push((spanned.rank, length, spanned.coefficients));
    }
    let few = scales.len() as f64 / blocks.len() as f64;
    let limit = ways::most_directions(n, steps, few, alone)?;
    if alone {
        // What such a sequence carries into itself, and the first value into the first epoch.
        let (first, last) = (sequence.input(0), sequence.input(steps - 1));
        let padding = || std::iter::repeat_n(0.0, width - n);
        scaled.extend(first.iter().copied().chain(padding()));
        scaled.extend(end.iter().zip(last).map(|(end, last)| end + last).chain(padding()));
    }
    let vectors = scaled.len() / width;
    let Spanned { directions, coefficients, rank } = span(isa, &mut scaled, width, tolerance, limit)?;
    let mut column = 0;
    let frames = blocks.into_iter().map(|(block_rank, length, block)| {
        let start = column;
        column += block_rank;
        let lift = |i: usize, c: usize| (coefficients[i * vectors + start + c] / scales[start + c]) as f32;
        Frame {
            rank: block_rank,
            lift: Panel::from_fn(rank, block_rank, lift),
            back: Panel::from_fn(block_rank, rank, |c, i| lift(i, c)),
            steps: Panel::from_fn(block_rank, length, |c, t| block[c * length + t] as f32),
        }
    });
    let frames = frames.collect();
    let basis = Basis {
        rank,
        directions: Panel::from_fn(n, rank, |i, c| directions[c * width + i] as f32),
        transposed: Panel::from_fn(rank, n, |c, i| directions[c * width + i] as f32),
    };
    let levels = levels(&sums, largest * (n as f64).sqrt());
    Some((Input::InBasis { basis, frames, levels }, end))
}
