//! What a trial leaves.

use burstnet_core::curves::CurvePoint;
use serde::{Deserialize, Serialize};

/// How a trial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// As it should.
    Ok,
    /// A number left its bounds.
    Diverged,
    /// The evaluation failed.
    Failed,
    /// The search stopped it early.
    Pruned,
}

impl Status {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Diverged => "diverged",
            Self::Failed => "failed",
            Self::Pruned => "pruned",
        }
    }
}

/// One trial's outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialRecord {
    /// The trial.
    pub trial_id: u64,
    /// How it ended.
    pub status: Status,
    /// Why, if not ok.
    pub error: Option<String>,
    /// The measures, in the order of the plan.
    pub measures: Vec<Option<f64>>,
    /// The points of the loss curves, by layer and step.
    #[serde(with = "curve_points")]
    pub curves: Vec<CurvePoint>,
    /// BLAKE3 over everything that the evaluation left.
    pub digest: Option<[u8; 32]>,
    /// What differs from run to run.
    pub timing: Timing,
}

/// What differs from run to run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// Wall seconds of the evaluation.
    pub seconds: f64,
    /// The worker thread, from 0.
    pub thread: u32,
    /// The host's name.
    pub host: String,
}

/// `CurvePoint` belongs to a crate that knows no files; here is how it is written.
mod curve_points {
    use burstnet_core::curves::CurvePoint;
    use serde::{Deserialize, Deserializer, Serializer};

    type Row = (u32, u64, u64, Option<f64>);

    pub(super) fn serialize<S: Serializer>(points: &[CurvePoint], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(points.iter().map(|p| -> Row { (p.layer, p.step, p.learning_steps, p.loss) }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<CurvePoint>, D::Error> {
        let rows = Vec::<Row>::deserialize(deserializer)?;
        let point = |(layer, step, learning_steps, loss)| CurvePoint { layer, step, learning_steps, loss };
        Ok(rows.into_iter().map(point).collect())
    }
}
