//! The words among which keys choose: models, rules and engines.

use crate::words;

words! {
    /// The timing of a step; see [`crate::timing`].
    pub enum Dynamics {
        /// Every connection takes one step.
        Pipelined = "pipelined",
        /// The timing of the program published in 2017.
        Original2017 = "original_2017",
    }
}

words! {
    /// The change of the burst signal that teaches a hidden layer; see [`crate::plasticity`].
    pub enum HiddenRule {
        /// The burst probability's.
        BurstProbability = "burst_probability",
        /// The burst rate's.
        BurstRate = "burst_rate",
        /// The burst rate's, times the event rate (the 2017 program's).
        GatedBurstRate = "gated_burst_rate",
    }
}

words! {
    /// The rule by which feedback weights learn; see [`crate::plasticity`].
    pub enum FeedbackRule {
        /// Down the gradient of ½‖λ − ψ‖².
        Gradient = "gradient",
        /// `Gradient` without the factor λ.
        Ungated = "ungated",
        /// `Gradient` with the average before this step's (the 2017 program's).
        GatedPrevious = "gated_previous",
    }
}

words! {
    /// The engine that computes.
    pub enum Engine {
        /// Float32, many steps at a time.
        Fast = "fast",
        /// The plain program in float64.
        Reference = "reference",
    }
}

words! {
    /// The signals that the network is shown.
    pub enum SignalKind {
        /// Sums of a sine and a cosine.
        Sinusoids = "sinusoids",
        /// Classes of sequences with targets that are an exclusive or of two inputs.
        XorClasses = "xor_classes",
        /// Sequences from files.
        Files = "files",
    }
}

/// Steps per point of the loss curves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CurveWindow {
    /// All steps of an epoch.
    Epoch,
    /// This many steps.
    Steps(u64),
    /// No curves.
    None,
}

words! {
    /// A word in place of the steps per point of the loss curves.
    pub enum CurveWord {
        /// All steps of an epoch.
        Epoch = "epoch",
        /// No curves.
        None = "none",
    }
}
