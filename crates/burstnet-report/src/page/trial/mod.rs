//! One trial as a page: what it was shown and answered, what its hidden units did, and how its weights changed.

mod body;
pub(super) mod curves;
mod numbers;
mod recorder;
mod scope;
mod thinning;
mod weights;

pub use recorder::{Recorder, Recording};
pub use scope::Scope;

use std::io::{self, Write};

use burstnet_core::curves::CurvePoint;
use burstnet_core::measures::MeasureInfo;
use burstnet_sweep::plan::Trial;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::results::comparison::Comparison;

use crate::page::frame::{Data, Document};

/// The contents of a trial's page.
pub struct TrialPage<'a> {
    /// The results directory, as it was named.
    pub results: &'a str,
    /// Its plan.
    pub plan: &'a Configurations,
    /// The trial.
    pub trial: Trial,
    /// Its record compared with its rerun.
    pub comparison: &'a Comparison,
    /// Units and meanings of the measures.
    pub measures: &'a [MeasureInfo],
    /// The points of its loss curves.
    pub curves: &'a [CurvePoint],
    /// Its recording; `None` if it failed.
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
    /// Returns an error if `out` cannot be written.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut data = Vec::new();
        if let Some(recording) = self.recording {
            data.push(Data::new("recording", recording)?);
            data.push(Data::new("curves", &curves::thinned(self.curves, recording.scope.layers.len() - 1))?);
        }
        let title = format!("Trial {} of {}", self.trial.id, self.plan.name);
        let scripts: &[&str] = if self.recording.is_some() { &SCRIPTS } else { &[] };
        Document { title: &title, header: None, body: body::body(self, &title), data, styles: &[STYLE], scripts }
            .write(out)
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
