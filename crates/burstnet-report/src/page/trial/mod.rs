//! One trial as a page: what it was shown and answered, what its hidden units did, and how its weights changed.

mod body;
pub mod curves;
pub mod numbers;
pub mod recorder;
pub mod scope;
pub mod thinning;
pub mod weights;

use std::io::{self, Write};

use burstnet_core::curves::CurvePoint;
use burstnet_core::measures::MeasureInfo;
use burstnet_sweep::comparison::Comparison;
use burstnet_sweep::plan::{Plan, Trial};

use crate::page::frame::{Data, Document};
use recorder::Recording;

/// What a trial's page shows.
pub struct TrialPage<'a> {
    /// The results directory, as it was named.
    pub results: &'a str,
    /// Its plan.
    pub plan: &'a Plan,
    /// The trial.
    pub trial: Trial,
    /// What its record holds, and what running it again gave.
    pub comparison: &'a Comparison,
    /// What is known of the measures.
    pub measures: &'a [MeasureInfo],
    /// The points of its loss curves.
    pub curves: &'a [CurvePoint],
    /// What was recorded of it; nothing if it failed.
    pub recording: Option<&'a Recording>,
}

/// Styles of this page.
const STYLE: &str = include_str!("style.css");
/// Scripts of this page, in this order. They share the object `trial`.
const SCRIPTS: [&str; 6] = [
    include_str!("script/data.js"),
    include_str!("script/sequences.js"),
    include_str!("script/activity.js"),
    include_str!("script/units.js"),
    include_str!("script/learning.js"),
    include_str!("script/weights.js"),
];

impl TrialPage<'_> {
    /// Writes the page: the same bytes for the same trial.
    ///
    /// # Errors
    /// If `out` cannot be written.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut data = Vec::new();
        if let Some(recording) = self.recording {
            data.push(Data::new("recording", recording)?);
            data.push(Data::new("curves", &curves::thinned(self.curves, recording.scope.layers.len() - 1))?);
        }
        let title = format!("Trial {} of {}", self.trial.id, self.plan.name);
        let scripts: &[&str] = if self.recording.is_some() { &SCRIPTS } else { &[] };
        Document { title: &title, body: body::body(self, &title), data, styles: &[STYLE], scripts }.write(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_and_styles_can_stand_in_a_page() {
        for text in SCRIPTS.into_iter().chain([STYLE]) {
            let lower = text.to_lowercase();
            assert!(!lower.contains("</script") && !lower.contains("</style") && !lower.contains("<!--"));
            assert!(!text.contains('\r') && text.ends_with('\n'));
        }
    }
}
