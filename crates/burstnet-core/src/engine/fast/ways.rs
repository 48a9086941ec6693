//! The choice of the engine's way, made once per network or sequence, and only here.
//!
//! | way | requirements | where |
//! | --- | --- | --- |
//! | in a basis | few directions that span x̃ of a sequence | `in_basis` |
//! | in a block's directions | the same; the fewer steps are taught, the less it gives | `in_block` |
//! | in the space of steps | one repeated sequence, and too few updates to outnumber the inputs | `repeated` |
//! | original form | nothing | `direct` |
//! | by nodes | a basis, hidden layers, and no need for every step | `by_nodes` |
//!
//! The first four determine the computation of W x̃, the last one the steps at which it is computed. Each choice counts
//! products: of one number with a vector of sixteen units, for each step. The counts follow from sizes, ranks and the
//! fraction of taught steps. They never depend on times, threads or the processor, as each way has bits of its own.
//! Decisions by the signals' roughness, segment by segment, are in `nodes`.

use crate::config::LearningRate;

/// The number of steps of a block of a sequence, which has directions of its own.
pub(super) const FRAME: usize = 128;

/// The lengths of sequences for which the inner products of the steps are kept. The carry into a sequence must be
/// forgotten at its end, and 64 MiB must hold the products.
const LENGTHS: std::ops::RangeInclusive<usize> = 128..=4096;

/// The relation between W U and its form in the directions of a block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Blocks {
    /// Few steps are taught: nodes are computed from W U itself, and blocks without any are skipped.
    Skipped,
    /// Each update goes to both.
    Both,
    /// Many steps are taught: the block's form takes all updates, and W U takes them at once when the block ends.
    Ahead,
}

impl Blocks {
    /// Chooses for bases of at most `rank` directions, blocks of at most `few`, and a fraction `taught` of the steps.
    pub(super) fn new((rank, few): (usize, usize), taught: f64, decays: bool) -> Self {
        let (rank, few) = (rank as f64, few as f64);
        let taught_in_block = taught * FRAME as f64;
        // For each taught step: four nodes in U; or in the block's directions, with a share of what brings W U into these.
        if 4.0 * rank < 5.0 * few + rank * few / taught_in_block {
            Self::Skipped
        } else if taught_in_block > few && !decays {
            Self::Ahead // with decay, W U · lift alone does not tell how often the rest of W U decayed
        } else {
            Self::Both
        }
    }
}

/// Returns the most directions of a basis with which a sequence is cheaper than in its original form; `None` if there
/// is no such number. `few` is the mean number that a block of the sequence needs. `alone` tells whether it is the only
/// sequence, so that its basis is entered once.
pub(super) fn most_directions(inputs: usize, steps: usize, few: f64, alone: bool) -> Option<usize> {
    let cost = |rank: f64| {
        let change = if alone { 0.0 } else { 2.0 * inputs as f64 * (rank + 1.0) / steps as f64 };
        few + few * rank * steps.div_ceil(FRAME) as f64 / steps as f64 + change
    };
    (0..inputs).take_while(|rank| cost(*rank as f64) < inputs as f64).last()
}

/// Returns whether inner products of the steps of a sequence of full rank are kept, if it is the only one.
pub(super) fn keeps_inner_products(steps: usize) -> bool {
    LENGTHS.contains(&steps)
}

/// Returns whether such a sequence is learned in the space of its steps. With `taught` steps in a showing, a step costs
/// that many products, in place of as many as there are inputs. Weights must not decay between updates.
pub(super) fn in_space_of_steps(taught: f64, inputs: usize, decays: bool) -> bool {
    !decays && taught < 0.9 * inputs as f64
}

/// Returns whether segments are computed by their nodes where the signals are smooth. Feedback weights that learn need
/// every step.
pub(super) fn by_nodes(hidden_layers: usize, rates: &LearningRate) -> bool {
    hidden_layers > 0 && rates.feedback.iter().all(|rate| *rate == 0.0)
}
