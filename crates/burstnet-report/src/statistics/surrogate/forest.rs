//! A random forest, read by functional analysis of variance.
//!
//! Trees are grown on bootstrap samples and cut the cells into which every key is divided (Breiman, Machine Learning 45,
//! 2001). The mean of all trees is constant on boxes, so that its mean over the space with one key or two held is exact
//! (Hutter, Hoos & Leyton-Brown, ICML 2014). Here these means are of the whole forest rather than of each tree.

use burstnet_core::streams::Stream;
use burstnet_sweep::search::samplers::AxisKind;

use super::parts::Parts;
use super::table::{Look, Table};

/// The part of the keys that a split chooses from.
const TRIED: f64 = 0.7;
/// The points at which the whole variance is estimated.
const POINTS: usize = 2048;
/// The rows per leaf at most, beyond one.
const LEAVES: usize = 200;

/// A node of a tree: a split, or a leaf.
#[derive(Clone, Copy, Debug)]
enum Node {
    /// Rows whose cell of `key` is below `cut` go to the next node, the others to node `right`.
    Split { key: usize, cut: usize, right: usize },
    /// The mean of the values.
    Leaf(f64),
}

/// A forest.
#[derive(Clone, Debug)]
pub(super) struct Forest {
    trees: Vec<Vec<Node>>,
    /// The number of cells of each key.
    cells: Vec<usize>,
    /// The number of each cell of a key among its cells by rising mean; `None` for keys that have an order.
    orders: Vec<Option<Vec<usize>>>,
}

impl Forest {
    /// Grows `trees` trees on the values of some rows.
    pub(super) fn fit(table: &Table, values: &[f64], rows: &[usize], trees: usize, random: &mut Stream) -> Self {
        let orders = (0..table.keys()).map(|key| order(table, key, values, rows)).collect();
        let mut forest = Self { trees: Vec::with_capacity(trees), cells: table.cells.clone(), orders };
        let mut drawn = vec![0; rows.len()];
        for _ in 0..trees {
            drawn.iter_mut().for_each(|row| *row = rows[random.below(rows.len() as u64) as usize]);
            let tree = forest.grow(table, values, &drawn, random);
            forest.trees.push(tree);
        }
        forest
    }

    /// Grows a tree on some rows. A key that does not exist in a row gets a value by chance, as it does nothing there.
    fn grow(&self, table: &Table, values: &[f64], rows: &[usize], random: &mut Stream) -> Vec<Node> {
        let keys = table.keys();
        let mut samples: Vec<Growing> = Vec::with_capacity(rows.len());
        for &row in rows {
            let cell = |key: usize| {
                let cell = table.cell(row, key).unwrap_or_else(|| random.below(self.cells[key] as u64) as usize);
                self.ordered(key, cell) as u8
            };
            samples.push(Growing { cells: (0..keys).map(cell).collect(), value: values[row] });
        }
        let mut open: Vec<usize> = (0..keys).filter(|&key| self.cells[key] > 1).collect();
        let tried = ((TRIED * open.len() as f64).ceil() as usize).clamp(1, open.len().max(1));
        let least = 1 + rows.len() / LEAVES;
        let mut grower = Grower { forest: self, tried, least, open: &mut open, nodes: Vec::new(), random };
        grower.node(&mut samples);
        grower.nodes
    }

    /// Returns the number of a cell of `key` among its cells in the order in which trees cut them.
    fn ordered(&self, key: usize, cell: usize) -> usize {
        self.orders[key].as_ref().map_or(cell, |order| order[cell])
    }

    /// Returns the prediction for a row; over a key that does not exist, the mean.
    pub(super) fn predict(&self, table: &Table, look: Look) -> f64 {
        let cells: Vec<Option<usize>> =
            (0..table.keys()).map(|key| table.cell(look.of(key), key).map(|cell| self.ordered(key, cell))).collect();
        self.at(&cells)
    }

    fn at(&self, cells: &[Option<usize>]) -> f64 {
        let sum: f64 = self.trees.iter().map(|tree| self.descend(tree, 0, cells, &mut Vec::new())).sum();
        sum / self.trees.len().max(1) as f64
    }

    /// Returns the value of a tree from node `at` on. `bounds` holds the parts of absent keys that are left.
    fn descend(&self, tree: &[Node], mut at: usize, cells: &[Option<usize>], bounds: &mut Vec<[usize; 3]>) -> f64 {
        loop {
            match tree[at] {
                Node::Leaf(value) => return value,
                Node::Split { key, cut, right } => match cells[key] {
                    Some(cell) => at = if cell < cut { at + 1 } else { right },
                    None => {
                        let held = bounds.iter().rev().find(|[own, ..]| *own == key);
                        let [_, low, high] = held.copied().unwrap_or([key, 0, self.cells[key]]);
                        let part = (cut - low) as f64 / (high - low) as f64;
                        bounds.push([key, low, cut]);
                        let left = self.descend(tree, at + 1, cells, bounds);
                        bounds.pop();
                        bounds.push([key, cut, high]);
                        let other = self.descend(tree, right, cells, bounds);
                        bounds.pop();
                        return part * left + (1.0 - part) * other;
                    }
                },
            }
        }
    }

    /// Returns the parts of its variance, every cell of a key being as likely as the others.
    pub(super) fn parts(&self, random: &mut Stream) -> Parts {
        let keys = self.cells.len();
        let mut sums = Marginals::new(&self.cells);
        let mut boxed = Box { low: vec![0; keys], high: self.cells.clone() };
        for tree in &self.trees {
            collect(tree, 0, &self.cells, &mut boxed, &mut sums);
        }
        let mut parts = sums.parts(self.trees.len() as f64);
        let mut values = Vec::with_capacity(POINTS);
        for _ in 0..POINTS {
            let cells: Vec<Option<usize>> =
                self.cells.iter().map(|&count| Some(random.below(count as u64) as usize)).collect();
            values.push(self.at(&cells));
        }
        let mean = values.iter().sum::<f64>() / POINTS as f64;
        parts.total = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (POINTS - 1) as f64;
        parts
    }
}

/// Returns the places of a key's cells by rising mean of the values; `None` of a key with an order. A cell without rows
/// counts as the mean of all.
fn order(table: &Table, key: usize, values: &[f64], rows: &[usize]) -> Option<Vec<usize>> {
    let AxisKind::Unordered(_) = table.axes[key] else { return None };
    let count = table.cells[key];
    let mean = rows.iter().map(|&row| values[row]).sum::<f64>() / rows.len().max(1) as f64;
    let mut sums = vec![(mean, 1.0); count]; // as if one row more had the mean
    for &row in rows {
        if let Some(cell) = table.cell(row, key) {
            sums[cell].0 += values[row];
            sums[cell].1 += 1.0;
        }
    }
    let mut rising: Vec<usize> = (0..count).collect();
    rising.sort_by(|&a, &b| (sums[a].0 / sums[a].1).total_cmp(&(sums[b].0 / sums[b].1)));
    let mut places = vec![0; count];
    rising.into_iter().enumerate().for_each(|(place, cell)| places[cell] = place);
    Some(places)
}

/// A row while a tree grows.
#[derive(Clone, Debug)]
struct Growing {
    cells: Vec<u8>,
    value: f64,
}

/// A tree while it grows.
struct Grower<'a> {
    forest: &'a Forest,
    tried: usize,
    least: usize,
    open: &'a mut Vec<usize>,
    nodes: Vec<Node>,
    random: &'a mut Stream,
}

impl Grower<'_> {
    /// Adds the node of some rows, and those below it.
    fn node(&mut self, rows: &mut [Growing]) {
        let at = self.nodes.len();
        let mean = rows.iter().map(|row| row.value).sum::<f64>() / rows.len().max(1) as f64;
        self.nodes.push(Node::Leaf(mean));
        if rows.len() < 2 * self.least {
            return;
        }
        let Some((key, cut)) = self.split(rows, mean) else { return };
        let middle = divide(rows, |row| usize::from(row.cells[key]) < cut);
        let (left, right) = rows.split_at_mut(middle);
        self.node(left);
        self.nodes[at] = Node::Split { key, cut, right: self.nodes.len() };
        self.node(right);
    }

    /// Returns the key and cell at which rows are best divided; `None` if nothing is gained.
    fn split(&mut self, rows: &[Growing], mean: f64) -> Option<(usize, usize)> {
        let mut best: Option<(f64, usize, usize, usize)> = None;
        let mut tried = 0;
        let mut sums = [(0_u32, 0.0_f64); 64];
        for place in 0..self.open.len() {
            let other = place + self.random.below((self.open.len() - place) as u64) as usize;
            self.open.swap(place, other);
            let key = self.open[place];
            let sums = &mut sums[..self.forest.cells[key]];
            sums.fill((0, 0.0));
            for row in rows {
                let sum = &mut sums[usize::from(row.cells[key])];
                sum.0 += 1;
                sum.1 += row.value - mean;
            }
            let (mut below, mut sum, mut last) = (0, 0.0, None);
            let mut varies = false;
            for (cell, &(n, of_cell)) in sums.iter().enumerate().filter(|(_, (n, _))| *n > 0) {
                if let Some(last) = last {
                    varies = true;
                    let above = rows.len() - below;
                    // The sum of all differences from the mean is 0.
                    let gain = sum * sum * (1.0 / below as f64 + 1.0 / above as f64);
                    let fits = below >= self.least && above >= self.least;
                    if fits && gain > 0.0 && best.is_none_or(|(most, ..)| gain > most) {
                        best = Some((gain, key, last + 1, cell));
                    }
                }
                below += n as usize;
                sum += of_cell;
                last = Some(cell);
            }
            tried += usize::from(varies);
            if tried == self.tried {
                break;
            }
        }
        // Anywhere between the two cells that have rows.
        best.map(|(_, key, low, high)| (key, low + self.random.below((high - low + 1) as u64) as usize))
    }
}

/// Puts the rows that `is_first` tells before the others, in the same order, and returns their number.
fn divide(rows: &mut [Growing], is_first: impl Fn(&Growing) -> bool) -> usize {
    rows.sort_by_key(|row| !is_first(row));
    rows.partition_point(is_first)
}

/// A part of the space: cells from `low` to below `high` of each key.
struct Box {
    low: Vec<usize>,
    high: Vec<usize>,
}

/// Adds the leaves below a node.
fn collect(tree: &[Node], at: usize, cells: &[usize], boxed: &mut Box, sums: &mut Marginals) {
    match tree[at] {
        Node::Leaf(value) => sums.add(boxed, cells, value),
        Node::Split { key, cut, right } => {
            let (low, high) = (boxed.low[key], boxed.high[key]);
            boxed.high[key] = cut;
            collect(tree, at + 1, cells, boxed, sums);
            boxed.high[key] = high;
            boxed.low[key] = cut;
            collect(tree, right, cells, boxed, sums);
            boxed.low[key] = low;
        }
    }
}

/// Sums over leaves of their means with one key or two held, as differences between neighbouring cells.
struct Marginals {
    cells: Vec<usize>,
    mean: f64,
    keys: Vec<Vec<f64>>,
    /// Row by row, with one row and column more than cells.
    pairs: Vec<Vec<f64>>,
}

impl Marginals {
    fn new(cells: &[usize]) -> Self {
        let size = |(a, b): (usize, usize)| vec![0.0; (cells[a] + 1) * (cells[b] + 1)];
        Self {
            cells: cells.to_vec(),
            mean: 0.0,
            keys: cells.iter().map(|&count| vec![0.0; count + 1]).collect(),
            pairs: Parts::all_pairs(cells.len()).map(size).collect(),
        }
    }

    fn add(&mut self, boxed: &Box, cells: &[usize], value: f64) {
        let keys = cells.len();
        let parts: Vec<f64> =
            (0..keys).map(|key| (boxed.high[key] - boxed.low[key]) as f64 / cells[key] as f64).collect();
        let whole = value * parts.iter().product::<f64>();
        self.mean += whole;
        for (key, part) in parts.iter().enumerate() {
            self.keys[key][boxed.low[key]] += whole / part;
            self.keys[key][boxed.high[key]] -= whole / part;
        }
        for (at, (a, b)) in Parts::all_pairs(keys).enumerate() {
            let held = whole / (parts[a] * parts[b]);
            let width = cells[b] + 1;
            let sums = &mut self.pairs[at];
            sums[boxed.low[a] * width + boxed.low[b]] += held;
            sums[boxed.low[a] * width + boxed.high[b]] -= held;
            sums[boxed.high[a] * width + boxed.low[b]] -= held;
            sums[boxed.high[a] * width + boxed.high[b]] += held;
        }
    }

    /// Returns the parts of keys and pairs in the variance of the mean of so many trees; the whole is not known.
    fn parts(mut self, trees: f64) -> Parts {
        let keys = self.cells.len();
        let mean = self.mean / trees;
        let mut parts = Parts::zero(keys);
        for (key, sums) in self.keys.iter_mut().enumerate() {
            running(sums);
            let count = self.cells[key];
            sums.iter_mut().for_each(|x| *x = *x / trees - mean); // now the effect of each cell
            parts.keys[key] = sums[..count].iter().map(|f| f * f).sum::<f64>() / count as f64;
        }
        for (at, (a, b)) in Parts::all_pairs(keys).enumerate() {
            let width = self.cells[b] + 1;
            let sums = &mut self.pairs[at];
            sums.chunks_exact_mut(width).for_each(running);
            let mut squares = 0.0;
            for row in 0..self.cells[a] {
                for column in 0..self.cells[b] {
                    if row > 0 {
                        sums[row * width + column] += sums[(row - 1) * width + column];
                    }
                    let effect = sums[row * width + column] / trees - mean;
                    let alone = self.keys[a][row] + self.keys[b][column];
                    squares += (effect - alone) * (effect - alone);
                }
            }
            parts.pairs[at] = squares / (self.cells[a] * self.cells[b]) as f64;
        }
        parts
    }
}

/// Replaces each number by the sum of all up to it.
fn running(sums: &mut [f64]) {
    let mut sum = 0.0;
    for x in sums {
        sum += *x;
        *x = sum;
    }
}
