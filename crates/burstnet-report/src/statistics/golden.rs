//! The statistics against what scipy, statsmodels and NumPy make of the same fixed data: `tests/golden/statistics.json`,
//! which `tests/python/statistics_cases.py` wrote and `tests/python/test_statistics.py` checks.

use ndarray::{Array2, ArrayD};
use serde_json::Value;

use super::bootstrap::bootstrap_interval;
use super::comparisons::largest::Largest;
use super::distributions::{chi_squared_above, f_above, normal_above, t_quantile};
use super::noise::noise;
use super::ranks::concordance;
use super::repeated::{Blocks, Test};
use super::resamples::Resamples;
use super::t_interval::t_interval;
use super::t_test::TTest;
use super::variance::grid;

fn cases(name: &str) -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/statistics.json");
    let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = all[name].as_array().unwrap().clone();
    assert!(!cases.is_empty(), "{name}");
    cases
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn table(rows: &Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = rows.as_array().unwrap().iter().map(numbers).collect();
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

fn close(got: f64, expected: f64, what: &dyn std::fmt::Debug) {
    let error = (got - expected).abs();
    assert!(error <= 1e-9 * expected.abs() || error <= 1e-12, "{what:?}: {got}, expected {expected}");
}

#[test]
fn distributions() {
    for case in cases("t_quantile") {
        close(t_quantile(number(&case[0]), 0.975).unwrap(), number(&case[1]), &case);
    }
    for case in cases("normal_above") {
        close(normal_above(number(&case[0])), number(&case[1]), &case);
    }
    for case in cases("chi_squared_above") {
        close(chi_squared_above(number(&case[0]), number(&case[1])).unwrap(), number(&case[2]), &case);
    }
    for case in cases("f_above") {
        let [freedom, freedom_2, f] = [0, 1, 2].map(|at| number(&case[at]));
        close(f_above(freedom, freedom_2, f).unwrap(), number(&case[3]), &case);
    }
}

#[test]
fn intervals() {
    for case in cases("t_interval") {
        let got = t_interval(&numbers(&case["values"])).unwrap();
        close(got.low, number(&case["interval"][0]), &case);
        close(got.high, number(&case["interval"][1]), &case);
    }
    for case in cases("bootstrap") {
        let got = bootstrap_interval(&numbers(&case["values"]), &Resamples::new(2017)).unwrap();
        for (at, end) in [got.low, got.high].into_iter().enumerate() {
            // Its Monte Carlo error: the standard deviation of the end from seed to seed.
            let off = (end - number(&case["mean"][at])).abs() / number(&case["sd"][at]);
            assert!(off < 5.0, "{got:?} is {off} standard deviations off: {case}");
        }
    }
}

#[test]
fn t_tests() {
    let check = |got: TTest, case: &Value| {
        let interval = got.interval.unwrap();
        let all = [got.difference, got.t, got.freedom, got.p, Some(interval.low), Some(interval.high)];
        for (got, expected) in all.into_iter().zip(numbers(&case["test"])) {
            close(got.unwrap(), expected, case);
        }
    };
    for case in cases("t_paired") {
        let differences = numbers(&case["differences"]);
        check(TTest::paired(&differences, 0.0), &case);
    }
    for case in cases("t_welch") {
        check(TTest::welch(&numbers(&case["values"]), &numbers(&case["others"])), &case);
    }
}

#[test]
fn largest_differences() {
    for case in cases("largest_difference") {
        let (count, z) = (number(&case[0]) as usize, number(&case[1]));
        // scipy computes the range to an absolute error.
        let all = (Largest::of_all(count).above(z) - number(&case[2])).abs();
        assert!(all < 1e-9, "{case}: {all:e}");
        close(Largest::from_one(count).above(z), number(&case[3]), &case);
    }
}

#[test]
fn ranks_and_noise() {
    for case in cases("concordance") {
        let got = concordance(table(&case["rows"]).view()).unwrap();
        let pairs = [got.kendall_w, got.chi_squared, got.p, got.mean_spearman];
        for (got, name) in pairs.into_iter().zip(["kendall_w", "chi_squared", "p", "mean_spearman"]) {
            close(got, number(&case[name]), &(name, &case));
        }
    }
    for case in cases("noise") {
        let got = noise(table(&case["rows"]).view()).unwrap();
        for (got, expected) in
            [got.configuration, got.replicate, got.residual].into_iter().zip(numbers(&case["shares"]))
        {
            close(got, expected, &case);
        }
    }
}

#[test]
fn shares_of_grids() {
    for case in cases("grid") {
        let levels: Vec<usize> = numbers(&case["levels"]).into_iter().map(|n| n as usize).collect();
        let means = ArrayD::from_shape_vec(levels.clone(), numbers(&case["means"])).unwrap();
        let got = grid(means.view()).unwrap();
        let keys = numbers(&case["keys"]);
        assert_eq!(got.keys.len(), keys.len());
        got.keys.iter().zip(keys).for_each(|(got, expected)| close(got.share, expected, &levels));
        let pairs = numbers(&case["pairs"]);
        assert_eq!(got.pairs.len(), pairs.len());
        got.pairs.iter().zip(pairs).for_each(|(got, expected)| close(got.share.share, expected, &(&levels, got)));
    }
}

#[test]
fn repeated_measures() {
    for case in cases("repeated_measures") {
        let levels: Vec<usize> = numbers(&case["levels"]).into_iter().map(|n| n as usize).collect();
        let rows = table(&case["rows"]);
        let blocks = Blocks::new(&levels, rows.view());
        for effect in case["effects"].as_array().unwrap() {
            let keys: Vec<usize> = numbers(&effect["keys"]).into_iter().map(|n| n as usize).collect();
            let test: Test = match keys[..] {
                [key] => blocks.of_key(key).unwrap(),
                _ => blocks.of_pair(keys[0], keys[1]).unwrap(),
            };
            let (d, n) = (test.freedom as f64, rows.ncols() as f64);
            let uncorrected = f_above(d, d * (n - 1.0), test.f).unwrap();
            let got = [test.f, uncorrected, test.epsilon, test.p];
            for (got, name) in got.into_iter().zip(["f", "uncorrected", "epsilon", "p"]) {
                close(got, number(&effect[name]), &(name, &levels, effect));
            }
        }
    }
}
