//! The arguments of `burstnet refine`.

use std::path::PathBuf;

use clap::Args;

#[derive(Args)]
pub(crate) struct RefineArguments {
    /// The results directory
    pub(crate) results: PathBuf,
    /// The configurations around which it looks: best:K, the best K
    #[arg(long, value_name = "BEST", default_value = "best:3")]
    pub(crate) around: String,
    /// The width of each range, as a part of what it was
    #[arg(long, value_name = "FACTOR", default_value_t = 0.5, allow_negative_numbers = true, value_parser = factor)]
    pub(crate) factor: f64,
}

/// Reads a factor above 0 and at most 1.
fn factor(text: &str) -> Result<f64, String> {
    let factor = text.parse::<f64>().ok().filter(|factor| *factor > 0.0 && *factor <= 1.0);
    factor.ok_or_else(|| "expected a number above 0 and at most 1".to_owned())
}
