//! A sampler on a test function, for comparisons with other programs. One line of JSON: the value after each point, which
//! is that of the point that looks best so far, without noise.
//!
//! ```sh
//! cargo run --release -p burstnet-sweep --example search -- tpe branin 200 lag:16 1
//! ```
//!
//! The arguments are a sampler, a function, the number of points, the pace and the seed; then, for a function with noise,
//! its standard deviation and the number of replicates. The pace is the size of a round, or `lag:L`, with which point k
//! depends on the values of points 0 to k − L.
#![allow(clippy::print_stdout)]

mod functions;

use std::collections::{BTreeMap, VecDeque};
use std::error::Error;

use burstnet_core::math::{cos, ln};
use burstnet_core::streams::Stream;
use burstnet_sweep::search::samplers::{Axis, AxisKind, Problem, Told, named};
use burstnet_sweep::streams::SweepPurpose;

use functions::function;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [sampler, function, points, pace, seed, noise @ ..] = arguments.as_slice() else {
        return Err("expected a sampler, a function, the number of points, the pace and the seed".into());
    };
    let (count, f) = self::function(function).ok_or("expected branin, hartmann6 or rosenbrock10")?;
    let axes: Vec<Axis> = (0..count).map(|at| Axis { name: format!("x{at}"), kind: AxisKind::Range }).collect();
    let sampler = named(sampler).ok_or("no such sampler")?;
    let lag: Option<usize> = pace.strip_prefix("lag:").map(str::parse).transpose()?;
    let round: u64 = lag.map_or_else(|| pace.parse(), |_| Ok(1))?;
    let (points, seed, settings): (u64, u64, _) = (points.parse()?, seed.parse()?, BTreeMap::new());
    let noise = match noise {
        [] => Noise { deviation: 0.0, replicates: 1, seed },
        [deviation, replicates] => Noise { deviation: deviation.parse()?, replicates: replicates.parse()?, seed },
        _ => return Err("expected a standard deviation and a number of replicates".into()),
    };
    let round = if round == 0 { sampler.usual_round(count) } else { round };
    let problem = Problem { axes: &axes, seed, points: Some(points), round, objectives: 1, settings: &settings };
    let mut search = sampler.start(&problem);
    let (mut bests, mut best): (Vec<f64>, (f64, f64)) = (Vec::new(), (f64::INFINITY, f64::INFINITY));
    let mut waiting: VecDeque<Told> = VecDeque::new();
    while (bests.len() as u64) < points {
        let size = round.min(points - bests.len() as u64);
        // With a lag, the last ones of those before are not told yet.
        let hidden = lag.map_or(0, |lag| lag.saturating_sub(1));
        let told: Vec<Told> = waiting.drain(..waiting.len().saturating_sub(hidden)).collect();
        if !told.is_empty() {
            search.tell(&told);
        }
        let proposed = search.ask(size, &|_| Some(vec![true; count]));
        if proposed.is_empty() {
            break;
        }
        for point in proposed {
            let value = f(&point);
            let (loss, error) = noise.measured(value, bests.len() as u64);
            if loss < best.0 {
                best = (loss, value);
            }
            bests.push(best.1);
            let point = point.into_iter().map(Some).collect();
            let (losses, errors, replicates) = (vec![Some(loss)], vec![error], noise.replicates);
            waiting.push_back(Told { point, losses, errors, replicates, ..Told::default() });
        }
    }
    println!("{}", serde_json::to_string(&bests)?);
    Ok(())
}

/// Normal noise of each replicate.
struct Noise {
    deviation: f64,
    replicates: u64,
    seed: u64,
}

impl Noise {
    /// Returns the mean over the replicates of point `number`, and its standard error.
    fn measured(&self, value: f64, number: u64) -> (f64, Option<f64>) {
        let mut stream = Stream::part(self.seed, SweepPurpose::Bootstrap, number);
        let n = self.replicates as f64;
        let mut normal = || (-2.0 * ln(1.0 - stream.unit())).sqrt() * cos(std::f64::consts::TAU * stream.unit());
        let drawn: Vec<f64> = (0..self.replicates).map(|_| value + self.deviation * normal()).collect();
        let mean = drawn.iter().sum::<f64>() / n;
        let variance = drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
        (mean, (self.replicates > 1).then(|| (variance / n).sqrt()))
    }
}
