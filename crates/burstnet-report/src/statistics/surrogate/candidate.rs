//! A kind of regression on a scale, and how well it predicts.

use burstnet_core::streams::Stream;

use super::forest::Forest;
use super::parts::Parts;
use super::polynomials::{Library, MOST_TERMS, Path, Polynomials};
use super::scales::{Scaled, ranks};
use super::table::{Look, Table};
use crate::statistics::{Method, ValueScale};

/// The parts into which rows are dealt, of which each is left out once.
pub(super) const FOLDS: usize = 5;

/// The rows in folds, dealt several times.
#[derive(Clone, Debug)]
pub(super) struct Folds {
    /// The fold of each row, deal by deal.
    deals: Vec<Vec<usize>>,
}

impl Folds {
    /// Deals `n` rows: four times if they are few.
    pub(super) fn new(n: usize, random: &mut Stream) -> Self {
        let times = match n {
            0..=200 => 4,
            201..=500 => 2,
            _ => 1,
        };
        let mut order: Vec<usize> = (0..n).collect();
        let deal = |_| {
            random.shuffle(&mut order);
            let mut folds = vec![0; n];
            order.iter().enumerate().for_each(|(at, &row)| folds[row] = at % FOLDS);
            folds
        };
        Self { deals: (0..times).map(deal).collect() }
    }

    /// Deals `n` rows once.
    pub(super) fn once(n: usize, random: &mut Stream) -> Self {
        let mut all = Self::new(n, random);
        all.deals.truncate(1);
        all
    }

    /// Returns the rows that are left out and the others, fold by fold and deal by deal.
    fn splits(&self) -> impl Iterator<Item = (Vec<usize>, Vec<usize>)> + '_ {
        let split = |deal: &[usize], fold: usize| (0..deal.len()).partition(|&row| deal[row] == fold);
        self.deals.iter().flat_map(move |deal| (0..FOLDS).map(move |fold| split(deal, fold)))
    }
}

/// A fitted regression.
#[derive(Clone, Debug)]
pub(super) enum Model {
    Polynomials(Polynomials),
    Forest(Forest),
}

impl Model {
    /// Returns the prediction for a row.
    pub(super) fn predict(&self, table: &Table, look: Look) -> f64 {
        match self {
            Self::Polynomials(one) => one.predict(table, look),
            Self::Forest(one) => one.predict(table, look),
        }
    }

    /// Returns the parts of its variance over the space.
    pub(super) fn parts(&self, table: &Table, random: &mut Stream) -> Parts {
        match self {
            Self::Polynomials(one) => one.parts(table.keys()),
            Self::Forest(one) => one.parts(random),
        }
    }
}

/// A fit without some rows.
#[derive(Clone, Debug)]
pub(super) struct Held {
    /// The fit.
    pub(super) model: Model,
    /// The rows that were left out, and their predictions.
    pub(super) predictions: Vec<(usize, f64)>,
}

/// A kind of regression on a scale, fitted without each of the folds.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) method: Method,
    pub(super) scale: ValueScale,
    /// The values on the scale.
    pub(super) values: Vec<f64>,
    /// The fits, fold by fold.
    pub(super) held: Vec<Held>,
    /// The share of the variance that is explained of rows that were left out (R²); below 0 if their mean is better.
    pub(super) explained: f64,
    /// The fit to all rows.
    whole: Model,
}

impl Candidate {
    /// Fits polynomials. There are as many terms as predict the rows that are left out best.
    pub(super) fn polynomials(table: &Table, library: &Library, scaled: &Scaled, folds: &Folds) -> Self {
        let values = &scaled.values;
        let splits: Vec<(Vec<usize>, Vec<usize>)> = folds.splits().collect();
        let paths: Vec<Path> =
            splits.iter().map(|(_, training)| Path::fit(library, values, training, MOST_TERMS)).collect();
        let mut errors = vec![0.0; MOST_TERMS + 1];
        for ((left_out, _), path) in splits.iter().zip(&paths) {
            for (error, predictions) in errors.iter_mut().zip(path.all_predictions(library, left_out)) {
                let squares = left_out.iter().zip(predictions).map(|(&row, y)| (values[row] - y) * (values[row] - y));
                *error += squares.sum::<f64>();
            }
        }
        let count = (0..errors.len()).min_by(|&a, &b| errors[a].total_cmp(&errors[b])).unwrap_or(0);
        let models: Vec<Polynomials> = paths.iter().map(|path| path.first(library, count)).collect();
        let rows: Vec<usize> = (0..table.rows).collect();
        let whole = Path::fit(library, values, &rows, count).first(library, count);
        let all: Vec<&Polynomials> = models.iter().chain([&whole]).collect();
        let whole = Model::Polynomials(Polynomials::mean(&all));
        let models = models.into_iter().map(Model::Polynomials);
        Self::new(Method::Polynomials, table, scaled, splits.into_iter().zip(models), whole)
    }

    /// Grows forests.
    pub(super) fn forest(table: &Table, scaled: &Scaled, folds: &Folds, random: &mut Stream) -> Self {
        let trees = if table.rows > 500 { 25 } else { 40 };
        let fit = |rows: &[usize], trees: usize, random: &mut Stream| {
            Model::Forest(Forest::fit(table, &scaled.values, rows, trees, random))
        };
        let splits: Vec<(Vec<usize>, Vec<usize>)> = folds.splits().collect();
        let models: Vec<Model> = splits.iter().map(|(_, training)| fit(training, trees, random)).collect();
        let rows: Vec<usize> = (0..table.rows).collect();
        let whole = fit(&rows, 2 * trees, random);
        Self::new(Method::Forest, table, scaled, splits.into_iter().zip(models), whole)
    }

    fn new(
        method: Method,
        table: &Table,
        scaled: &Scaled,
        fits: impl Iterator<Item = ((Vec<usize>, Vec<usize>), Model)>,
        whole: Model,
    ) -> Self {
        let values = &scaled.values;
        let (mut errors, mut total) = (0.0, 0.0);
        let mut held = Vec::new();
        for ((left_out, training), model) in fits {
            let mean = training.iter().map(|&row| values[row]).sum::<f64>() / training.len().max(1) as f64;
            let predictions: Vec<(usize, f64)> =
                left_out.iter().map(|&row| (row, model.predict(table, Look::at(row)))).collect();
            for &(row, y) in &predictions {
                errors += (values[row] - y) * (values[row] - y);
                // Against the mean of the other rows, so that knowing nothing explains nothing.
                total += (values[row] - mean) * (values[row] - mean);
            }
            held.push(Held { model, predictions });
        }
        let explained = if total > 0.0 { 1.0 - errors / total } else { 0.0 };
        Self { method, scale: scaled.scale, values: values.clone(), held, explained, whole }
    }

    /// Returns the fits without each of the folds.
    pub(super) fn models(&self) -> impl Iterator<Item = &Model> {
        self.held.iter().map(|held| &held.model)
    }

    /// Returns the parts of the variance of the fit to all rows.
    pub(super) fn whole(&self, table: &Table, random: &mut Stream) -> Parts {
        self.whole.parts(table, random)
    }

    /// Returns Spearman's correlation of the predictions with the values, of the rows that were left out of each deal:
    /// its mean over the deals. It is 0 if a deal predicts the same everywhere.
    pub(super) fn correlation(&self) -> f64 {
        let own = ranks(&self.values);
        let deals = self.held.chunks(FOLDS);
        let count = deals.len().max(1) as f64;
        let of_deal = |deal: &[Held]| {
            let mut predicted = vec![0.0; self.values.len()];
            deal.iter().flat_map(|held| &held.predictions).for_each(|&(row, y)| predicted[row] = y);
            pearson(&ranks(&predicted), &own)
        };
        deals.map(of_deal).sum::<f64>() / count
    }

    /// Returns the squared rank correlation, by which scales are compared; 0 if it is negative.
    pub(super) fn agreement(&self) -> f64 {
        let r = self.correlation().max(0.0);
        r * r
    }
}

fn pearson(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().max(1) as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let products: f64 = a.iter().zip(b).map(|(x, y)| (x - mean_a) * (y - mean_b)).sum();
    let squares = |of: &[f64], mean: f64| of.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
    let size = (squares(a, mean_a) * squares(b, mean_b)).sqrt();
    if size > 0.0 { products / size } else { 0.0 }
}
