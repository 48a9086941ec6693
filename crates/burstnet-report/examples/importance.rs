//! The keys that matter in sweeps of test functions, for comparisons with other programs. One line of JSON per sweep: the
//! configurations, their values and the analysis.
//!
//! ```sh
//! cargo run --release -p burstnet-report --example importance -- ishigami random60 1 50
//! ```
//!
//! The arguments are a function, a design, the first seed and the number of seeds.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::f64::consts::PI;

use burstnet_core::math::{exp, sin};
use burstnet_report::analysis::{Analysis, Options, Sample};
use burstnet_sweep::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The keys, of which each function uses the first few.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
struct Point {
    /// The function.
    f: String,
    /// One of a hundred parts of the configurations, chosen by chance, that fail.
    gaps: f64,
    x0: f64,
    x1: f64,
    x2: f64,
    x3: f64,
    x4: f64,
    x5: f64,
    x6: f64,
    x7: f64,
    x8: f64,
    x9: f64,
    x10: f64,
    x11: f64,
    /// One of four words.
    word: String,
}

impl Point {
    fn x(&self) -> [f64; 12] {
        [self.x0, self.x1, self.x2, self.x3, self.x4, self.x5, self.x6, self.x7, self.x8, self.x9, self.x10, self.x11]
    }

    fn value(&self, noise: f64) -> f64 {
        let x = self.x();
        let angle = |at: usize| PI * (2.0 * x[at] - 1.0);
        match &*self.f {
            "additive" => additive(&x),
            "exponential" => exp(3.0 * additive(&x)),
            "ishigami" | "ishigami12" => {
                let (a, b, c) = (angle(0), angle(1), angle(2));
                sin(a) + 7.0 * sin(b) * sin(b) + 0.1 * c * c * c * c * sin(a)
            }
            "g" => {
                [0.0, 1.0, 4.5, 9.0].into_iter().zip(x).map(|(a, x)| ((4.0 * x - 2.0).abs() + a) / (1.0 + a)).product()
            }
            "words" => {
                let of_word = match &*self.word {
                    "one" => 0.0,
                    "two" => 2.0,
                    "three" => 0.5,
                    _ => 1.0,
                };
                // x1 exists for the word `two` only.
                of_word + 0.8 * x[0] + if self.word == "two" { x[1] - 0.5 } else { 0.0 }
            }
            _ => noise,
        }
    }
}

/// A sum of which each key has half the variance of the one before, or less; the fifth does nothing.
fn additive(x: &[f64; 12]) -> f64 {
    3.2 * x[0] + 2.0 * (x[1] - 0.5) * (x[1] - 0.5) * 3.0 + 1.0 * x[2] + 0.5 * sin(PI * x[3])
}

struct Functions;

impl Model for Functions {
    type Parameters = Point;

    fn measures(&self) -> Vec<MeasureInfo> {
        vec![MeasureInfo::new("value", "", "Value of the function.")]
    }

    fn evaluate(&self, at: &Point, seed: u64, _: &Deadline<'_>) -> Result<Evaluation, EvaluationError> {
        let place = format!("{:?} {}", at.x(), at.word);
        if Stream::named(seed, &format!("gap {place}")).unit() < at.gaps / 100.0 {
            return Err(EvaluationError::Failed("a gap".to_owned()));
        }
        let noise = Stream::named(seed, &place).unit();
        Ok(Evaluation::of([("value", at.value(noise))]))
    }
}

/// Returns the keys that a function has in a sweep, and the number of levels of each in a grid.
fn keys(f: &str) -> Option<(usize, usize)> {
    Some(match f {
        "additive" | "exponential" => (5, 3),
        "ishigami" => (3, 6),
        "g" => (4, 4),
        "ishigami12" | "noise" => (12, 0),
        "words" => (4, 3),
        "noise3" => (3, 6),
        _ => return None,
    })
}

fn sweep_file(f: &str, design: &str, seed: u64) -> Option<String> {
    let (count, levels) = keys(f)?;
    let is_grid = design.starts_with("grid");
    let domain = || if is_grid { format!("linear: [0, 1], num: {levels}") } else { "uniform: [0, 1]".to_owned() };
    let when = |at: usize| if f == "words" && at == 1 { ", when: {word: two}" } else { "" };
    let mut space: Vec<String> = (0..count).map(|at| format!("x{at}: {{{}{}}}", domain(), when(at))).collect();
    if f == "words" {
        space.insert(0, "word: [one, two, three, four]".to_owned());
    }
    let digits = design.trim_start_matches(char::is_alphabetic);
    let (strategy, trials) = match design.trim_end_matches(char::is_numeric) {
        "grid" | "gridgaps" => ("grid", String::new()),
        strategy @ ("random" | "tpe" | "cmaes" | "sobol") => (strategy, format!(", trials: {digits}")),
        _ => return None,
    };
    let gaps = if design == "gridgaps" { 100.0 / 3.0 } else { 0.0 };
    Some(format!(
        "name: importance\nseed: {seed}\nbase: {{f: {f}, gaps: {gaps}, word: one}}\nobjective: {{measure: value, direction: \
         minimize}}\nsearch: {{strategy: {strategy}{trials}, space: {{{}}}}}\n",
        space.join(", ")
    ))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [f, design, first, count] = arguments.as_slice() else {
        return Err("expected a function, a design, the first seed and the number of seeds".into());
    };
    let (first, count): (u64, u64) = (first.parse()?, count.parse()?);
    let folder = tempfile::tempdir()?;
    for seed in first..first + count {
        let file = sweep_file(f, design, seed).ok_or("no such function or design")?;
        let out = folder.path().join(seed.to_string());
        let finished = Sweep::from_yaml(&file)?.model(Functions)?.out(&out).threads(1).run()?;
        let ledger = finished.study.ledger(&|_| true)?;
        let plan = std::sync::Arc::clone(ledger.configurations());
        let infos = finished.objective().measures(&|key| plan.values_of(key));
        let sample = Sample::read(ledger)?;
        let start = std::time::Instant::now();
        let mut options = Options::default();
        options.top = plan.configurations() as usize;
        let analysis = Analysis::of(&plan, &infos, &sample, &options)?;
        let seconds = start.elapsed().as_secs_f64();
        let rows: Vec<_> = (analysis.ranked.iter()).filter_map(|one| Some((&one.values, one.summary.mean?))).collect();
        let line = serde_json::json!({
            "seed": seed,
            "keys": analysis.keys,
            "rows": rows,
            "variance": analysis.variance,
            "seconds": seconds,
        });
        println!("{line}");
    }
    Ok(())
}
