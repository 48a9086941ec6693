//! Weights as pictures of bounded size, with what they leave out as statistics.

use burstnet_core::weights::WeightRows;
use serde::Serialize;

use super::numbers::Shades;

/// The most rows and columns of a picture.
const MOST_SIDES: [usize; 2] = [256, 512];
/// The most cells of all pictures of one moment together.
const MOST_CELLS: usize = 110_000;

/// The weights between two layers, at the start of a run and at its end.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Connections {
    /// `W_m` or `Y_m`, as in the files of saved weights.
    pub(super) name: String,
    /// Rows and columns of the matrix, which are those of the file.
    pub(super) shape: [usize; 2],
    /// Rows and columns of the weights whose mean is one cell.
    pub(super) block: [usize; 2],
    /// At the start.
    pub(super) initial: Moment,
    /// At the end.
    pub(super) last: Moment,
    /// The change of each cell.
    pub(super) change: Picture,
}

/// A matrix at one moment.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Moment {
    /// Its cells.
    pub(super) picture: Picture,
    /// Statistics of the whole matrix.
    pub(super) statistics: Statistics,
}

/// The cells of a matrix, row after row: the means of its blocks over the connections that exist.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Picture {
    /// The largest absolute value of a cell.
    pub(super) scale: f32,
    /// The cells; `None` where no connection exists or a weight is not finite.
    pub(super) cells: Shades,
}

/// Statistics of the weights of a matrix, over the connections that exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Statistics {
    /// Number of connections that exist.
    pub(super) existing: u64,
    /// Number of weights that are not finite; the rest is over those that are.
    pub(super) not_finite: u64,
    /// The smallest; `None` of no weights, likewise below.
    pub(super) min: Option<f64>,
    /// The mean.
    pub(super) mean: Option<f64>,
    /// The standard deviation, over all of them.
    pub(super) sd: Option<f64>,
    /// The largest.
    pub(super) max: Option<f64>,
}

/// All matrices of a network at one moment, reduced.
pub(super) struct Album(Vec<Reduced>);

/// A matrix, reduced to blocks.
struct Reduced {
    name: String,
    shape: [usize; 2],
    block: [usize; 2],
    cells: Vec<f32>,
    statistics: Statistics,
}

impl Album {
    /// Returns the matrices of a network: W of each weight layer, then Y of each hidden layer.
    pub(super) fn of(weights: &dyn WeightRows) -> Self {
        let layers = weights.layers();
        let outputs = layers[layers.len() - 1];
        let forward = layers.windows(2).map(|pair| [pair[1], pair[0]]);
        let feedback = layers[1..layers.len() - 1].iter().map(|&units| [units, outputs]);
        let shapes: Vec<[usize; 2]> = forward.chain(feedback).collect();
        let blocks = blocks(&shapes);
        let depth = layers.len() - 1;
        let matrix = |(at, (&shape, &block)): (usize, (&[usize; 2], &[usize; 2]))| {
            // A feedback weight of 0 is no connection; a feedforward weight of 0 is a weight.
            if at < depth {
                Reduced::of(format!("W_{at}"), shape, block, false, |row| weights.forward(at, row))
            } else {
                Reduced::of(format!("Y_{}", at - depth), shape, block, true, |row| weights.feedback(at - depth, row))
            }
        };
        Self(shapes.iter().zip(&blocks).enumerate().map(matrix).collect())
    }

    /// Returns this as the start, and another one as the end.
    pub(super) fn until(self, last: Self) -> Vec<Connections> {
        let pair = |(initial, last): (Reduced, Reduced)| {
            let change: Vec<f32> = last.cells.iter().zip(&initial.cells).map(|(last, first)| last - first).collect();
            Connections {
                name: last.name,
                shape: last.shape,
                block: last.block,
                initial: Moment { picture: Picture::of(&initial.cells), statistics: initial.statistics },
                last: Moment { picture: Picture::of(&last.cells), statistics: last.statistics },
                change: Picture::of(&change),
            }
        };
        self.0.into_iter().zip(last.0).map(pair).collect()
    }
}

/// Returns rows and columns of the blocks of matrices of these shapes: one each while all fit, then as square as sides
/// allow.
fn blocks(shapes: &[[usize; 2]]) -> Vec<[usize; 2]> {
    let sides = |shape: &[usize; 2], coarser: usize| {
        [0, 1].map(|side| shape[side].div_ceil(MOST_SIDES[side]).saturating_mul(coarser).min(shape[side]).max(1))
    };
    let cells = |shape: &[usize; 2], block: &[usize; 2]| shape[0].div_ceil(block[0]) * shape[1].div_ceil(block[1]);
    let most = MOST_CELLS / shapes.len().max(1);
    let all_fit = |coarser| -> usize { shapes.iter().map(|shape| cells(shape, &sides(shape, coarser))).sum() };
    if all_fit(1) <= MOST_CELLS {
        return shapes.iter().map(|shape| sides(shape, 1)).collect();
    }
    let own = |shape: &[usize; 2]| {
        let mut coarser = 1;
        while cells(shape, &sides(shape, coarser)) > most.max(1) {
            coarser += 1;
        }
        sides(shape, coarser)
    };
    shapes.iter().map(own).collect()
}

impl Picture {
    fn of(cells: &[f32]) -> Self {
        let scale = cells.iter().filter(|x| x.is_finite()).fold(0.0_f32, |most, x| most.max(x.abs()));
        Self { scale, cells: Shades::of(cells, scale) }
    }
}

impl Reduced {
    /// Returns a matrix, of which `each_row` shows the rows. `sparse`: a weight of 0 is no connection.
    fn of(
        name: String,
        shape: [usize; 2],
        block: [usize; 2],
        sparse: bool,
        each_row: impl FnOnce(&mut dyn FnMut(&[f64])),
    ) -> Self {
        let columns = shape[1].div_ceil(block[1]);
        let mut cells = Vec::with_capacity(shape[0].div_ceil(block[0]) * columns);
        let mut sums = vec![(0.0_f64, 0_u32); columns];
        let mut gathered = Gathered::default();
        let mut row = 0;
        each_row(&mut |weights| {
            for (blocked, (sum, n)) in weights.chunks(block[1]).zip(&mut sums) {
                for w in blocked.iter().filter(|w| !sparse || **w != 0.0) {
                    gathered.add(*w);
                    (*sum, *n) = (*sum + w, *n + 1);
                }
            }
            row += 1;
            if row % block[0] == 0 || row == shape[0] {
                cells.extend(sums.iter_mut().map(|sum| {
                    let (sum, n) = std::mem::take(sum);
                    (sum / f64::from(n)) as f32 // no number without connections
                }));
            }
        });
        Self { name, shape, block, cells, statistics: gathered.statistics() }
    }
}

/// Sums over weights.
#[derive(Default)]
struct Gathered {
    n: u64,
    not_finite: u64,
    mean: f64,
    /// Sum of squared differences from the mean (Welford 1962).
    squares: f64,
    ends: Option<(f64, f64)>,
}

impl Gathered {
    fn add(&mut self, w: f64) {
        if !w.is_finite() {
            self.not_finite += 1;
            return;
        }
        self.n += 1;
        let before = w - self.mean;
        self.mean += before / self.n as f64;
        self.squares += before * (w - self.mean);
        self.ends = Some(self.ends.map_or((w, w), |(min, max)| (min.min(w), max.max(w))));
    }

    fn statistics(&self) -> Statistics {
        Statistics {
            existing: self.n + self.not_finite,
            not_finite: self.not_finite,
            min: self.ends.map(|(min, _)| min),
            mean: self.ends.map(|_| self.mean),
            sd: self.ends.map(|_| (self.squares / self.n as f64).sqrt()),
            max: self.ends.map(|(_, max)| max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burstnet_core::weights::Weights;
    use ndarray::array;

    fn reduced(shape: [usize; 2], block: [usize; 2], sparse: bool, data: &[f64]) -> Reduced {
        Reduced::of("W_0".into(), shape, block, sparse, |row| data.chunks(shape[1]).for_each(row))
    }

    #[test]
    fn a_cell_is_the_mean_of_its_block() {
        let data: Vec<f64> = (0..15).map(f64::from).collect();
        let three_by_five = reduced([3, 5], [2, 2], false, &data);
        assert_eq!(three_by_five.cells, [3.0, 5.0, 6.5, 10.5, 12.5, 14.0]);
        let statistics = three_by_five.statistics;
        assert_eq!((statistics.min, statistics.mean, statistics.max), (Some(0.0), Some(7.0), Some(14.0)));
        assert!((statistics.sd.unwrap() - (56.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!(reduced([3, 5], [1, 1], false, &data).cells.len(), 15);
    }

    #[test]
    fn what_does_not_exist_is_no_zero() {
        let sparse = reduced([2, 2], [1, 2], true, &[0.0, 0.5, 0.0, 0.0]);
        assert_eq!(sparse.cells[0], 0.5);
        assert!(sparse.cells[1].is_nan());
        assert_eq!((sparse.statistics.existing, sparse.statistics.mean), (1, Some(0.5)));
        assert_eq!(reduced([1, 2], [1, 1], false, &[0.0, 0.5]).cells, [0.0, 0.5]);
        let diverged = reduced([1, 2], [1, 2], false, &[f64::INFINITY, 1.0]).statistics;
        assert_eq!((diverged.existing, diverged.not_finite, diverged.max), (2, 1, Some(1.0)));
        assert_eq!(reduced([1, 1], [1, 1], true, &[0.0]).statistics, Statistics::default());
    }

    #[test]
    fn pictures_are_bounded() {
        assert_eq!(blocks(&[[200, 500], [3, 200], [200, 3]]), [[1, 1]; 3]);
        for shapes in [
            vec![[5000, 5000], [3, 5000], [5000, 3]],
            vec![[1, 10_000_000], [10_000_000, 1]],
            vec![[300, 300]; 200],
            vec![[1, 1]],
        ] {
            let cells = |(shape, block): (&[usize; 2], [usize; 2])| {
                let sides = [0, 1].map(|side| shape[side].div_ceil(block[side]));
                assert!(sides[0] <= MOST_SIDES[0] && sides[1] <= MOST_SIDES[1], "{shape:?}: {sides:?}");
                sides[0] * sides[1]
            };
            let all: usize = shapes.iter().zip(blocks(&shapes)).map(cells).sum();
            assert!(all <= MOST_CELLS, "{shapes:?}: {all} cells");
        }
    }

    #[test]
    fn an_album_has_every_matrix_and_its_change() {
        let weights = |x: f64| {
            Weights::new(
                vec![array![[x], [-1.0]], array![[1.0, 0.0]]],
                vec![array![0.1, 0.2], array![0.3]],
                vec![array![[0.0], [2.0]]],
            )
        };
        let all = Album::of(&weights(0.5)).until(Album::of(&weights(1.5)));
        let names: Vec<(&str, [usize; 2])> = all.iter().map(|one| (&*one.name, one.shape)).collect();
        assert_eq!(names, [("W_0", [2, 1]), ("W_1", [1, 2]), ("Y_0", [2, 1])]);
        assert_eq!((all[0].change.scale, &all[0].change.cells.0[..]), (1.0, &[127, 0][..]));
        assert_eq!((all[0].last.picture.scale, all[0].initial.picture.scale), (1.5, 1.0));
        assert_eq!(all[2].last.picture.cells.0, [Shades::NONE, 127]);
    }
}
