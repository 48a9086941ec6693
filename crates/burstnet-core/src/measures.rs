//! The measures of a run. Each is defined in `docs/model.md`.

/// A measure's name, unit and meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasureInfo {
    /// The column's name.
    pub name: String,
    /// Its unit; empty for a pure number.
    pub unit: &'static str,
    /// One sentence for users.
    pub doc: &'static str,
    /// True if it is never negative.
    pub nonnegative: bool,
}

impl MeasureInfo {
    /// Returns a measure with this name, unit and meaning.
    pub fn new(name: impl Into<String>, unit: &'static str, doc: &'static str) -> Self {
        Self { name: name.into(), unit, doc, nonnegative: false }
    }

    /// Sets that the measure is never negative, so that no interval is drawn below 0.
    #[must_use]
    pub fn nonnegative(mut self) -> Self {
        self.nonnegative = true;
        self
    }
}

/// The measures of networks with up to `hidden_layers` hidden layers and signals of up to `classes` classes, in the
/// order of the columns. A run that has no such layer or class leaves the measure empty.
pub fn all(hidden_layers: usize, classes: usize) -> Vec<MeasureInfo> {
    let info = |name: &str, unit, doc| MeasureInfo::new(name, unit, doc).nonnegative();
    let mut measures = vec![
        info("train_loss", "events²/step²", "Mean training loss of the output layer over the last epoch."),
        info("epochs_to_threshold", "epochs", "Epochs until the training loss first falls under the threshold."),
        info("test_mae", "events/step", "Mean absolute difference of target and output in the test pass."),
        info("test_mse", "events²/step²", "Mean squared difference of target and output in the test pass."),
        info("generation_mae", "events/step", "Mean absolute difference in the second half of the generation pass."),
    ];
    for m in 0..hidden_layers {
        let doc = "Angle between feedback weights and the feedforward path to the output.";
        measures.push(info(&alignment(m), "degrees", doc));
    }
    for class in 0..classes {
        measures.push(info(&class_error(class), "events/step", "test_mae over this class's test example."));
    }
    measures
}

pub(crate) fn alignment(m: usize) -> String {
    format!("alignment_deg_{m}")
}

pub(crate) fn class_error(class: usize) -> String {
    format!("test_mae_class_{class}")
}
