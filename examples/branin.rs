//! A model of your own in Rust: the Branin function. `cargo run --release -p burstnet-report --example branin`
#![allow(clippy::print_stdout)]

use std::f64::consts::PI;

use burstnet_report::publish;
use burstnet_sweep::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The keys of the sweep file, with their meaning and defaults.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
struct Point {
    /// First coordinate.
    x: f64,
    /// Second coordinate.
    y: f64,
    /// Largest noise on the value.
    noise: f64,
}

struct Branin;

impl Model for Branin {
    type Parameters = Point;

    fn measures(&self) -> Vec<MeasureInfo> {
        vec![MeasureInfo::new("value", "", "Value of the function, with noise.")]
    }

    fn evaluate(&self, at: &Point, seed: u64, _: &Deadline<'_>) -> Result<Evaluation, EvaluationError> {
        let noise = Stream::named(seed, "noise").uniform(-at.noise, at.noise); // the same for all points
        let distance = at.y - 1.275 * (at.x / PI) * (at.x / PI) + 5.0 * at.x / PI - 6.0;
        Ok(Evaluation::of([("value", distance * distance + (10.0 - 1.25 / PI) * math::cos(at.x) + 10.0 + noise)]))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let space = "{x: {uniform: [-5, 10]}, y: {uniform: [0, 15]}}";
    let sweep = format!("name: branin\nbase: {{noise: 0.5}}\nsearch: {{strategy: sobol, trials: 256, space: {space}}}");
    let finished = Sweep::from_yaml(&sweep)?.model(Branin)?.out("results/branin").run()?;
    publish(&finished.study, finished.objective())?; // the tables, and a page that shows them
    println!("{} new trials; see results/branin/report.html", finished.tally.new);
    Ok(())
}
