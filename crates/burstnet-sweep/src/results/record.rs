//! What a trial leaves.

use std::fmt;
use std::marker::PhantomData;

use burstnet_core::curves::CurvePoint;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::plan::content::ContentKey;

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

/// One trial's outcome. It begins with the fields of [`Stub`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialRecord {
    /// What the result belongs to.
    pub key: ContentKey,
    /// The plan under which it ran, by [`crate::plan::Plan::tag`].
    pub plan: u64,
    /// The configuration's number in that plan.
    pub config_id: u64,
    /// The replicate's number in that plan.
    pub replicate: u64,
    /// How it ended.
    pub status: Status,
    /// When it ended, in milliseconds since 1970.
    pub ended_ms: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// Why, if not ok.
    pub error: Option<String>,
    /// The measures by name; none where one is not defined.
    pub measures: Vec<(String, Option<f64>)>,
    /// The points of the loss curves, by layer and step.
    #[serde(with = "curve_points")]
    pub curves: Vec<CurvePoint>,
    /// BLAKE3 over everything that the evaluation left.
    pub digest: Option<[u8; 32]>,
    /// What differs from run to run.
    pub timing: Timing,
}

/// What a record begins with, and all that an index needs: enough to know what it belongs to.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Stub {
    /// What the result belongs to.
    pub key: ContentKey,
    /// The plan under which it ran, by [`crate::plan::Plan::tag`].
    pub plan: u64,
    /// The configuration's number in that plan.
    pub config_id: u64,
    /// The replicate's number in that plan.
    pub replicate: u64,
    /// How it ended.
    pub status: Status,
    /// When it ended, in milliseconds since 1970.
    pub ended_ms: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// A record that is read to its end without being kept.
#[derive(Debug, Deserialize)]
pub(crate) struct Outline<'a> {
    pub(crate) stub: Stub,
    #[serde(borrow)]
    _error: Option<&'a str>,
    #[serde(borrow)]
    _measures: Passed<(&'a str, Option<f64>)>,
    _curves: Passed<curve_points::Row>,
    _digest: Option<[u8; 32]>,
    #[serde(borrow)]
    _timing: (f64, u32, &'a str),
}

/// Elements that are read one after the other and forgotten.
#[derive(Debug)]
struct Passed<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Passed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Self(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Passed<T> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Self, A::Error> {
        while all.next_element::<T>()?.is_some() {}
        Ok(self)
    }
}

impl Stub {
    /// When it started, in milliseconds since 1970.
    pub fn started_ms(&self) -> u64 {
        self.ended_ms.saturating_sub(self.took_ms)
    }
}

impl TrialRecord {
    /// A trial that is ok and of which nothing else is known.
    pub fn new(key: ContentKey) -> Self {
        Self {
            key,
            plan: 0,
            config_id: 0,
            replicate: 0,
            status: Status::Ok,
            ended_ms: 0,
            took_ms: 0,
            error: None,
            measures: Vec::new(),
            curves: Vec::new(),
            digest: None,
            timing: Timing { seconds: 0.0, thread: 0, host: String::new() },
        }
    }

    /// The value of a measure; none if it is not defined or there is none of this name.
    pub fn measure(&self, name: &str) -> Option<f64> {
        self.measures.iter().find(|(own, _)| own == name).and_then(|(_, value)| *value)
    }
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

    pub(super) type Row = (u32, u64, u64, Option<f64>);

    pub(super) fn serialize<S: Serializer>(points: &[CurvePoint], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(points.iter().map(|p| -> Row { (p.layer, p.step, p.learning_steps, p.loss) }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<CurvePoint>, D::Error> {
        let rows = Vec::<Row>::deserialize(deserializer)?;
        let point = |(layer, step, learning_steps, loss)| CurvePoint { layer, step, learning_steps, loss };
        Ok(rows.into_iter().map(point).collect())
    }
}
